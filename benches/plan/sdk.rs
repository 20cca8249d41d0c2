//! From recorded inputs to calls of the typed SDK.
//!
//! What an answer says is nobody's business here: that the requests were the right ones, the simulator's ledger shows.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_sts::types::PolicyDescriptorType;
use serde_json::Value;

use super::Outcome;
use super::calls::Entry;

/// A client of one of the services that a plan asks.
#[derive(Clone)]
pub(crate) enum Client {
    Account(aws_sdk_account::Client),
    CloudTrail(aws_sdk_cloudtrail::Client),
    GuardDuty(aws_sdk_guardduty::Client),
    Iam(aws_sdk_iam::Client),
    Kms(aws_sdk_kms::Client),
    Organizations(aws_sdk_organizations::Client),
    S3(aws_sdk_s3::Client),
    Sts(aws_sdk_sts::Client),
}

/// Sends a call with these members of its input, which are texts unless said otherwise, and drops the answer.
macro_rules! ask {
    ($client:ident, $input:ident, $call:ident $(, $set:ident = $member:literal $(as $kind:ident)?)*) => {{
        let asked = $client.$call()$(.$set(ask!(@ $input, $member $(, $kind)?)))*;
        // A refusal is part of what is replayed.
        drop(asked.send().await);
    }};
    (@ $input:ident, $member:literal) => { text($input, $member) };
    (@ $input:ident, $member:literal, $kind:ident) => { $kind($input, $member) };
}

impl Client {
    /// A client of the service with this signing name.
    pub(crate) fn new(service: &str, config: &SdkConfig) -> Outcome<Self> {
        Ok(match service {
            "account" => Self::Account(aws_sdk_account::Client::new(config)),
            "cloudtrail" => Self::CloudTrail(aws_sdk_cloudtrail::Client::new(config)),
            "guardduty" => Self::GuardDuty(aws_sdk_guardduty::Client::new(config)),
            "iam" => Self::Iam(aws_sdk_iam::Client::new(config)),
            "kms" => Self::Kms(aws_sdk_kms::Client::new(config)),
            "organizations" => Self::Organizations(aws_sdk_organizations::Client::new(config)),
            "s3" => {
                let config = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
                Self::S3(aws_sdk_s3::Client::from_conf(config))
            }
            "sts" => Self::Sts(aws_sdk_sts::Client::new(config)),
            other => return Err(format!("the replay has no client of {other}: add it").into()),
        })
    }

    /// Assumes a role; none where that was refused.
    pub(crate) async fn enter(&self, call: &Entry) -> Outcome<Option<Credentials>> {
        let Self::Sts(client) = self else { return Err("only STS lets anyone enter".into()) };
        let input = &call.input;
        let arns = input.get("PolicyArns").and_then(Value::as_array).map(|all| {
            all.iter().map(|one| PolicyDescriptorType::builder().set_arn(text(one, "arn")).build()).collect()
        });
        let asked = client
            .assume_role()
            .set_role_arn(text(input, "RoleArn"))
            .set_role_session_name(text(input, "RoleSessionName"))
            .set_external_id(text(input, "ExternalId"))
            .set_policy(text(input, "Policy"))
            .set_policy_arns(arns);
        let given = Box::pin(asked.send()).await.ok().and_then(|answer| answer.credentials);
        Ok(given.map(|given| {
            let token = Some(given.session_token);
            Credentials::new(given.access_key_id, given.secret_access_key, token, None, "replay")
        }))
    }

    /// Sends a recorded call and waits for the answer.
    pub(crate) async fn send(&self, call: &Entry) -> Outcome<()> {
        // The futures of the SDK are large.
        Box::pin(async {
            match self {
                Self::Account(client) => account(client, call).await,
                Self::CloudTrail(client) => cloudtrail(client, call).await,
                Self::GuardDuty(client) => guardduty(client, call).await,
                Self::Iam(client) => iam(client, call).await,
                Self::Kms(client) => kms(client, call).await,
                Self::Organizations(client) => organizations(client, call).await,
                Self::S3(client) => s3(client, call).await,
                Self::Sts(client) => sts(client, call).await,
            }
        })
        .await
    }
}

async fn account(client: &aws_sdk_account::Client, Entry { operation, input, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "ListRegions" => ask!(client, input, list_regions, set_next_token = "NextToken"),
        other => return unknown(other),
    }
    Ok(())
}

async fn cloudtrail(client: &aws_sdk_cloudtrail::Client, Entry { operation, input, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "ListTrails" => ask!(client, input, list_trails, set_next_token = "NextToken"),
        "DescribeTrails" => ask!(
            client,
            input,
            describe_trails,
            set_trail_name_list = "trailNameList" as texts,
            set_include_shadow_trails = "includeShadowTrails" as flag
        ),
        "GetTrailStatus" => ask!(client, input, get_trail_status, set_name = "Name"),
        "GetEventSelectors" => ask!(client, input, get_event_selectors, set_trail_name = "TrailName"),
        "ListTags" => ask!(
            client,
            input,
            list_tags,
            set_resource_id_list = "ResourceIdList" as texts,
            set_next_token = "NextToken"
        ),
        other => return unknown(other),
    }
    Ok(())
}

async fn guardduty(client: &aws_sdk_guardduty::Client, Entry { operation, input, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "ListDetectors" => ask!(client, input, list_detectors, set_next_token = "NextToken"),
        "GetDetector" => ask!(client, input, get_detector, set_detector_id = "DetectorId"),
        "GetAdministratorAccount" => {
            ask!(client, input, get_administrator_account, set_detector_id = "DetectorId");
        }
        "ListOrganizationAdminAccounts" => {
            ask!(client, input, list_organization_admin_accounts, set_next_token = "NextToken");
        }
        other => return unknown(other),
    }
    Ok(())
}

async fn iam(client: &aws_sdk_iam::Client, Entry { operation, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "GetAccountPasswordPolicy" => drop(client.get_account_password_policy().send().await),
        other => return unknown(other),
    }
    Ok(())
}

async fn kms(client: &aws_sdk_kms::Client, Entry { operation, input, .. }: &Entry) -> Outcome<()> {
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

async fn organizations(client: &aws_sdk_organizations::Client, Entry { operation, input, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "DescribeOrganization" => ask!(client, input, describe_organization),
        "ListRoots" => ask!(client, input, list_roots, set_next_token = "NextToken"),
        "ListAccounts" => ask!(client, input, list_accounts, set_next_token = "NextToken"),
        "ListOrganizationalUnitsForParent" => ask!(
            client,
            input,
            list_organizational_units_for_parent,
            set_parent_id = "ParentId",
            set_next_token = "NextToken"
        ),
        "ListAccountsForParent" => {
            ask!(client, input, list_accounts_for_parent, set_parent_id = "ParentId", set_next_token = "NextToken");
        }
        "ListPolicies" => {
            ask!(client, input, list_policies, set_filter = "Filter" as policies, set_next_token = "NextToken");
        }
        "ListAWSServiceAccessForOrganization" => {
            ask!(client, input, list_aws_service_access_for_organization, set_next_token = "NextToken");
        }
        other => return unknown(other),
    }
    Ok(())
}

async fn s3(client: &aws_sdk_s3::Client, Entry { operation, input, .. }: &Entry) -> Outcome<()> {
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
        other => return unknown(other),
    }
    Ok(())
}

async fn sts(client: &aws_sdk_sts::Client, Entry { operation, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "GetCallerIdentity" => drop(client.get_caller_identity().send().await),
        other => return unknown(other),
    }
    Ok(())
}

fn unknown(operation: &str) -> Outcome<()> {
    Err(format!("the replay does not know how to send {operation}: add it").into())
}

/// A type of policies, by its name.
fn policies(input: &Value, member: &str) -> Option<aws_sdk_organizations::types::PolicyType> {
    text(input, member).map(|name| name.as_str().into())
}

fn text(input: &Value, member: &str) -> Option<String> {
    input.get(member)?.as_str().map(str::to_owned)
}

fn texts(input: &Value, member: &str) -> Option<Vec<String>> {
    let all = input.get(member)?.as_array()?;
    Some(all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
}

fn flag(input: &Value, member: &str) -> Option<bool> {
    input.get(member)?.as_bool()
}
