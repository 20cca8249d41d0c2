//! The settings of a bucket, each with what S3 answers while it is not set.

use super::s3::{bucket, canonical};
use crate::fault::Fault;
use crate::front::Call;
use serde_json::{Value, json};

fn absent(call: &Call<'_>, code: &str, message: &str) -> Fault {
    Fault::new(404, code, message).with("BucketName", call.text("Bucket").unwrap_or_default())
}

/// A member of the input, as it was sent.
fn sent(call: &Call<'_>, pointer: &str) -> Value {
    call.input.pointer(pointer).cloned().unwrap_or_default()
}

/// What every bucket is encrypted with from its first moment.
pub(super) fn first_encryption() -> Value {
    json!([{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": false}])
}

/// What every bucket's public access is from its first moment.
pub(super) fn everything_blocked() -> Value {
    json!({"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true})
}

pub(super) fn get_encryption(call: &mut Call<'_>) -> Result<Value, Fault> {
    let rules = bucket(call)?.encryption.clone();
    Ok(json!({"ServerSideEncryptionConfiguration": {"Rules": rules}}))
}

pub(super) fn put_encryption(call: &mut Call<'_>) -> Result<Value, Fault> {
    let mut rules = sent(call, "/ServerSideEncryptionConfiguration/Rules");
    let Some(rule) = rules.get_mut(0).and_then(Value::as_object_mut) else {
        return Err(Fault::new(
            400,
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
        ));
    };
    rule.entry("BucketKeyEnabled").or_insert(json!(false));
    bucket(call)?.encryption = rules;
    Ok(json!({}))
}

pub(super) fn get_public_access_block(call: &mut Call<'_>) -> Result<Value, Fault> {
    match bucket(call)?.public_access_block.clone() {
        Some(block) => Ok(json!({ "PublicAccessBlockConfiguration": block })),
        None => Err(absent(
            call,
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )),
    }
}

/// The block that was sent: a switch that is left out is off.
pub(super) fn switched(sent: &Value) -> Value {
    let mut block = everything_blocked();
    for (switch, on) in block.as_object_mut().into_iter().flatten() {
        *on = json!(sent.get(switch) == Some(&json!(true)));
    }
    block
}

/// The whole block is replaced.
pub(super) fn put_public_access_block(call: &mut Call<'_>) -> Result<Value, Fault> {
    let block = switched(&sent(call, "/PublicAccessBlockConfiguration"));
    bucket(call)?.public_access_block = Some(block);
    Ok(json!({}))
}

pub(super) fn delete_public_access_block(call: &mut Call<'_>) -> Result<Value, Fault> {
    bucket(call)?.public_access_block = None;
    Ok(json!({}))
}

pub(super) fn get_ownership(call: &mut Call<'_>) -> Result<Value, Fault> {
    match bucket(call)?.ownership.clone() {
        Some(rules) => Ok(json!({"OwnershipControls": {"Rules": rules}})),
        None => Err(absent(call, "OwnershipControlsNotFoundError", "The bucket ownership controls were not found")),
    }
}

pub(super) fn put_ownership(call: &mut Call<'_>) -> Result<Value, Fault> {
    let rules = sent(call, "/OwnershipControls/Rules");
    bucket(call)?.ownership = Some(rules);
    Ok(json!({}))
}

pub(super) fn get_acl(call: &mut Call<'_>) -> Result<Value, Fault> {
    let bucket = bucket(call)?;
    let owner = canonical(&bucket.owner);
    let mut grants = vec![json!({"Grantee": {"ID": owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"})];
    let everyone = |permission| json!({"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers", "Type": "Group"}, "Permission": permission});
    if bucket.acl.starts_with("public-read") {
        grants.push(everyone("READ"));
    }
    if bucket.acl == "public-read-write" {
        grants.push(everyone("WRITE"));
    }
    Ok(json!({"Owner": {"ID": owner}, "Grants": grants}))
}

pub(super) fn get_versioning(call: &mut Call<'_>) -> Result<Value, Fault> {
    Ok(bucket(call)?.versioning.clone())
}

pub(super) fn put_versioning(call: &mut Call<'_>) -> Result<Value, Fault> {
    let sent = sent(call, "/VersioningConfiguration");
    if sent.get("MFADelete").is_some_and(|wanted| wanted == "Enabled") {
        // Only the root user with a device may, and no device is simulated.
        return Err(Fault::denied("Access Denied"));
    }
    if sent.get("Status").is_none() {
        let message = "The Versioning element must be specified";
        return Err(Fault::new(400, "IllegalVersioningConfigurationException", message));
    }
    bucket(call)?.versioning = json!({"Status": sent["Status"]});
    Ok(json!({}))
}

pub(super) fn get_logging(call: &mut Call<'_>) -> Result<Value, Fault> {
    Ok(bucket(call)?.logging.clone())
}

pub(super) fn put_logging(call: &mut Call<'_>) -> Result<Value, Fault> {
    let wanted = sent(call, "/BucketLoggingStatus");
    let own = bucket(call)?.clone();
    if let Some(target) = wanted.pointer("/LoggingEnabled/TargetBucket").and_then(Value::as_str) {
        let target = call.world.buckets.get(target);
        if target.is_none_or(|target| target.owner != own.owner || target.region != own.region) {
            let message = "The target bucket for logging does not exist, or is in another account or region";
            return Err(Fault::new(400, "InvalidTargetBucketForLogging", message));
        }
    }
    bucket(call)?.logging = if wanted.is_object() { wanted } else { json!({}) };
    Ok(json!({}))
}

pub(super) fn get_lifecycle(call: &mut Call<'_>) -> Result<Value, Fault> {
    match bucket(call)?.lifecycle.clone() {
        Some(rules) => Ok(json!({ "Rules": rules })),
        None => Err(absent(call, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")),
    }
}

/// The whole configuration is replaced. A rule without a name gets one.
pub(super) fn put_lifecycle(call: &mut Call<'_>) -> Result<Value, Fault> {
    let mut rules = sent(call, "/LifecycleConfiguration/Rules");
    for rule in rules.as_array_mut().into_iter().flatten() {
        if rule["ID"].as_str().is_none_or(str::is_empty) {
            rule["ID"] = json!(call.world.token(48));
        }
    }
    bucket(call)?.lifecycle = Some(rules);
    Ok(json!({}))
}

pub(super) fn get_tagging(call: &mut Call<'_>) -> Result<Value, Fault> {
    match bucket(call)?.tagging.clone() {
        Some(tags) => Ok(json!({ "TagSet": tags })),
        None => Err(absent(call, "NoSuchTagSet", "The TagSet does not exist")),
    }
}

/// The whole set is replaced.
pub(super) fn put_tagging(call: &mut Call<'_>) -> Result<Value, Fault> {
    let tags = sent(call, "/Tagging/TagSet");
    bucket(call)?.tagging = tags.as_array().is_some_and(|tags| !tags.is_empty()).then_some(tags);
    Ok(json!({}))
}

pub(super) fn delete_tagging(call: &mut Call<'_>) -> Result<Value, Fault> {
    bucket(call)?.tagging = None;
    Ok(json!({}))
}

pub(super) fn get_object_lock(call: &mut Call<'_>) -> Result<Value, Fault> {
    if bucket(call)?.object_lock {
        return Ok(json!({"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}));
    }
    let message = "Object Lock configuration does not exist for this bucket";
    Err(absent(call, "ObjectLockConfigurationNotFoundError", message))
}
