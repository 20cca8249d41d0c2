//! Buckets and keys.

use aws_sdk_s3control::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};

use super::{ask, unknown};
use crate::Outcome;
use crate::calls::Entry;

pub(super) async fn kms(client: &aws_sdk_kms::Client, Entry { operation, input, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "ListKeys" => ask!(client, input, list_keys, set_marker = "Marker"),
        "DescribeKey" => ask!(client, input, describe_key, set_key_id = "KeyId"),
        "GetKeyRotationStatus" => ask!(client, input, get_key_rotation_status, set_key_id = "KeyId"),
        "GetKeyPolicy" => {
            ask!(client, input, get_key_policy, set_key_id = "KeyId", set_policy_name = "PolicyName");
        }
        "ListAliases" => ask!(client, input, list_aliases, set_key_id = "KeyId", set_marker = "Marker"),
        "ListResourceTags" => ask!(client, input, list_resource_tags, set_key_id = "KeyId", set_marker = "Marker"),
        other => return unknown(other),
    }
    Ok(())
}

pub(super) async fn s3(client: &aws_sdk_s3::Client, Entry { operation, input, .. }: &Entry) -> Outcome<()> {
    macro_rules! bucket {
        ($call:ident) => {
            ask!(client, input, $call, set_bucket = "Bucket", set_expected_bucket_owner = "ExpectedBucketOwner")
        };
    }
    match operation.as_str() {
        "HeadBucket" => bucket!(head_bucket),
        "GetPublicAccessBlock" => bucket!(get_public_access_block),
        "GetBucketEncryption" => bucket!(get_bucket_encryption),
        "GetBucketVersioning" => bucket!(get_bucket_versioning),
        "GetBucketPolicy" => bucket!(get_bucket_policy),
        "GetBucketTagging" => bucket!(get_bucket_tagging),
        "GetBucketAcl" => bucket!(get_bucket_acl),
        "GetBucketLifecycleConfiguration" => bucket!(get_bucket_lifecycle_configuration),
        "GetBucketLogging" => bucket!(get_bucket_logging),
        "GetBucketPolicyStatus" => bucket!(get_bucket_policy_status),
        "ListBuckets" => ask!(
            client,
            input,
            list_buckets,
            set_max_buckets = "MaxBuckets" as number,
            set_prefix = "Prefix",
            set_continuation_token = "ContinuationToken"
        ),
        other => return unknown(other),
    }
    Ok(())
}

/// The endpoint that was given, as it is.
#[derive(Debug)]
pub(super) struct AsGiven;

impl ResolveEndpoint for AsGiven {
    fn resolve_endpoint<'a>(&'a self, params: &'a Params) -> EndpointFuture<'a> {
        let given = params.endpoint().ok_or_else(|| "no endpoint was given".into());
        EndpointFuture::ready(given.map(|url| Endpoint::builder().url(url.to_owned()).build()))
    }
}

pub(super) async fn s3_control(
    client: &aws_sdk_s3control::Client,
    Entry { operation, input, .. }: &Entry,
) -> Outcome<()> {
    match operation.as_str() {
        "GetPublicAccessBlock" => ask!(client, input, get_public_access_block, set_account_id = "AccountId"),
        other => return unknown(other),
    }
    Ok(())
}
