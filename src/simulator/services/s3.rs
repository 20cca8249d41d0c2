//! S3: buckets, whose names are global, as they are made and found. Policies are in `s3_policies`, objects in
//! `s3_objects`, other settings in `s3_settings`.

use super::s3_objects::Stored;
use super::{s3_control as control, s3_objects as objects, s3_policies as policies, s3_settings as settings};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("CreateBucket", create_bucket),
    ("DeleteBucket", delete_bucket),
    ("DeleteBucketPolicy", policies::delete),
    ("DeleteBucketTagging", settings::delete_tagging),
    ("DeleteObject", objects::delete_object),
    ("DeletePublicAccessBlock", settings::delete_public_access_block),
    ("GetBucketAcl", settings::get_acl),
    ("GetBucketEncryption", settings::get_encryption),
    ("GetBucketLifecycleConfiguration", settings::get_lifecycle),
    ("GetBucketLocation", get_location),
    ("GetBucketLogging", settings::get_logging),
    ("GetBucketOwnershipControls", settings::get_ownership),
    ("GetBucketPolicy", policies::get),
    ("GetBucketPolicyStatus", policies::get_status),
    ("GetBucketTagging", settings::get_tagging),
    ("GetBucketVersioning", settings::get_versioning),
    ("GetObject", objects::get_object),
    ("GetObjectLockConfiguration", settings::get_object_lock),
    ("GetPublicAccessBlock", settings::get_public_access_block),
    ("HeadBucket", head_bucket),
    ("HeadObject", objects::head_object),
    ("ListBuckets", list_buckets),
    ("ListObjectsV2", objects::list_objects),
    ("PutBucketEncryption", settings::put_encryption),
    ("PutBucketLifecycleConfiguration", settings::put_lifecycle),
    ("PutBucketLogging", settings::put_logging),
    ("PutBucketOwnershipControls", settings::put_ownership),
    ("PutBucketPolicy", policies::put),
    ("PutBucketTagging", settings::put_tagging),
    ("PutBucketVersioning", settings::put_versioning),
    ("PutObject", objects::put_object),
    ("PutPublicAccessBlock", settings::put_public_access_block),
];

/// A bucket. Settings are kept as they were sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Bucket {
    /// The account it belongs to.
    pub owner: String,
    /// The region it is in.
    pub region: String,
    /// Seconds since the epoch.
    pub created: i64,
    /// The bucket policy.
    pub policy: Option<String>,
    /// The rules of default encryption.
    pub encryption: Value,
    /// The four switches; none once they were deleted.
    pub public_access_block: Option<Value>,
    /// The rules of object ownership; none once they were deleted.
    pub ownership: Option<Value>,
    /// The canned ACL.
    pub acl: String,
    /// Empty until it is first set.
    pub versioning: Value,
    /// Empty without logging.
    pub logging: Value,
    /// The lifecycle rules.
    pub lifecycle: Option<Value>,
    /// The tag set.
    pub tagging: Option<Value>,
    /// Objects can be locked: decided when the bucket is made.
    pub object_lock: bool,
    /// What is in it, by key.
    pub objects: BTreeMap<String, Stored>,
}

pub(super) fn fault(status: u16, code: &str, message: impl Into<String>) -> Fault {
    Fault::new(status, code, message)
}

/// The regions of the aws partition that were there on March 20, 2019: they redirect to each other. Where a younger
/// one is concerned, S3 refuses.
const REDIRECTING: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

fn illegal_location(what: &str) -> Fault {
    let message = format!(
        "The {what} location constraint is incompatible for the region specific endpoint this request was sent to."
    );
    fault(400, "IllegalLocationConstraintException", message)
}

/// What S3 checks before permissions: the owner that the client expects, and the region it speaks to.
pub(crate) fn locate(call: &mut Call<'_>) -> Result<(), Fault> {
    let Some(bucket) = call.text("Bucket").filter(|_| call.operation != "CreateBucket") else { return Ok(()) };
    let Some(known) = call.world.buckets.get(bucket) else { return Ok(()) };
    if known.region != call.region && !(call.operation == "GetBucketLocation" && call.region == "us-east-1") {
        if [known.region.as_str(), call.region].iter().any(|region| !REDIRECTING.contains(region)) {
            return Err(illegal_location(&known.region).with("BucketRegion", known.region.clone()));
        }
        let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send \
                       all future requests to this endpoint.";
        return Err(fault(301, "PermanentRedirect", message)
            .with("Endpoint", format!("{bucket}.s3.{}.amazonaws.com", known.region))
            .with("Bucket", bucket)
            .with("BucketRegion", known.region.clone()));
    }
    if call.text("ExpectedBucketOwner").is_some_and(|expected| expected != known.owner) {
        return Err(fault(403, "AccessDenied", "Access Denied"));
    }
    Ok(())
}

/// The bucket a call names.
pub(super) fn bucket<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Bucket, Fault> {
    let name = call.need("Bucket")?.to_owned();
    let missing = || fault(404, "NoSuchBucket", "The specified bucket does not exist").with("BucketName", name.clone());
    call.world.buckets.get_mut(&name).ok_or_else(missing)
}

/// An account as S3 names it to others.
pub(super) fn canonical(account: &str) -> String {
    hex::encode(Sha256::digest(format!("canonical user of {account}")))
}

/// The region a new bucket is made in. us-east-1 is asked for by saying nothing.
fn placed(call: &Call<'_>) -> Result<String, Fault> {
    let wanted = call.input.pointer("/CreateBucketConfiguration/LocationConstraint").and_then(Value::as_str);
    let wanted = wanted.filter(|wanted| !wanted.is_empty());
    match (call.region, wanted) {
        ("us-east-1", None) => Ok("us-east-1".to_owned()),
        (_, Some(wanted)) if wanted == "us-east-1" || !call.world.regions.iter().any(|region| region == wanted) => {
            Err(fault(400, "InvalidLocationConstraint", "The specified location-constraint is not valid"))
        }
        ("us-east-1", Some(wanted)) => Ok(wanted.to_owned()),
        (region, Some(wanted)) if region == wanted => Ok(region.to_owned()),
        (_, Some(wanted)) => Err(illegal_location(wanted)),
        (_, None) => Err(illegal_location("unspecified")),
    }
}

fn create_bucket(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("Bucket")?.to_owned();
    if !named_well(&name) {
        return Err(fault(400, "InvalidBucketName", "The specified bucket is not valid."));
    }
    let region = placed(call)?;
    let location = if region == "us-east-1" { format!("/{name}") } else { format!("http://{name}.s3.amazonaws.com/") };
    let acl = call.text("ACL").unwrap_or("private").to_owned();
    if let Some(known) = call.world.buckets.get_mut(&name) {
        if known.owner != call.account {
            let message = "The requested bucket name is not available. The bucket namespace is shared by all users of the \
                           system. Please select a different name and try again.";
            return Err(fault(409, "BucketAlreadyExists", message));
        }
        // The oldest region answers a second creation by the owner as a success, and sets its ACL anew.
        if known.region == "us-east-1" && region == "us-east-1" {
            known.acl = acl;
            return Ok(json!({ "Location": location }));
        }
        let message = "Your previous request to create the named bucket succeeded and you already own it.";
        return Err(fault(409, "BucketAlreadyOwnedByYou", message));
    }
    let ownership = call.text("ObjectOwnership").unwrap_or("BucketOwnerEnforced").to_owned();
    if acl != "private" && ownership == "BucketOwnerEnforced" {
        let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
        return Err(fault(400, "InvalidBucketAclWithObjectOwnership", message));
    }
    if acl.starts_with("public-") && control::blocks(call.world, call.account, "BlockPublicAcls") {
        return Err(Fault::denied("Access Denied"));
    }
    let object_lock = call.flag("ObjectLockEnabledForBucket").unwrap_or(false);
    let bucket = Bucket {
        owner: call.account.to_owned(),
        region,
        created: call.now(),
        encryption: settings::first_encryption(),
        public_access_block: Some(settings::everything_blocked()),
        ownership: Some(json!([{ "ObjectOwnership": ownership }])),
        acl,
        versioning: if object_lock { json!({"Status": "Enabled"}) } else { json!({}) },
        object_lock,
        logging: json!({}),
        ..Bucket::default()
    };
    call.world.buckets.insert(name, bucket);
    Ok(json!({ "Location": location }))
}

fn named_well(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    (3..=63).contains(&name.len())
        && name.bytes().all(allowed)
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && name.bytes().last().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

fn delete_bucket(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("Bucket")?.to_owned();
    if !bucket(call)?.objects.is_empty() {
        let message = "The bucket you tried to delete is not empty";
        return Err(fault(409, "BucketNotEmpty", message).with("BucketName", name));
    }
    call.world.buckets.remove(&name);
    Ok(json!({}))
}

fn head_bucket(call: &mut Call<'_>) -> Result<Value, Fault> {
    let region = bucket(call)?.region.clone();
    Ok(json!({ "BucketRegion": region }))
}

fn get_location(call: &mut Call<'_>) -> Result<Value, Fault> {
    match bucket(call)?.region.as_str() {
        "us-east-1" => Ok(json!({})),
        region => Ok(json!({ "LocationConstraint": region })),
    }
}

fn list_buckets(call: &mut Call<'_>) -> Result<Value, Fault> {
    let prefix = call.text("Prefix").unwrap_or_default();
    let region = call.text("BucketRegion");
    let own = call.world.buckets.iter().filter(|(name, bucket)| {
        bucket.owner == call.account && name.starts_with(prefix) && region.is_none_or(|region| region == bucket.region)
    });
    let all =
        own.map(|(name, bucket)| json!({"Name": name, "CreationDate": bucket.created, "BucketRegion": bucket.region}));
    let size = call.number("MaxBuckets").and_then(|size| usize::try_from(size).ok()).unwrap_or(10_000);
    let (page, next) = super::paging::page(all.collect(), size, call.text("ContinuationToken"))
        .ok_or_else(|| fault(400, "InvalidArgument", "The continuation token provided is incorrect"))?;
    let mut answer = json!({"Buckets": page, "Owner": {"ID": canonical(call.account)}});
    if let Some(next) = next {
        answer["ContinuationToken"] = json!(next);
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_follow_the_rules() {
        for good in ["abc", "a-b.c", "trail-111122223333-eu-west-1"] {
            assert!(named_well(good), "{good}");
        }
        for bad in ["ab", "Abc", "a..b", "192.168.0.1", "-abc", "a_b"] {
            assert!(!named_well(bad), "{bad}");
        }
    }
}
