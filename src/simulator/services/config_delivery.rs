//! Where AWS Config delivers, and for how long it keeps.

use super::config::SERVICE;
use super::organizations;
use crate::fault::Fault;
use crate::front::Call;
use crate::iam::{Context, Document, Sort, service_may};
use serde_json::{Value, json};

fn refused(code: &str, message: impl Into<String>) -> Fault {
    Fault::new(400, code, message)
}

/// AWS Config tries to write into the bucket before it takes a channel.
pub(super) fn put_channel(call: &mut Call<'_>) -> Result<Value, Fault> {
    let mut put = call.input["DeliveryChannel"].clone();
    let name = put["name"].as_str().unwrap_or("default").to_owned();
    if call.here().config.recorder.is_none() {
        let message = "Configuration recorder is not available to put delivery channel.";
        return Err(refused("NoAvailableConfigurationRecorderException", message));
    }
    if call.here().config.channel.as_ref().is_some_and(|there| there["name"] != name) {
        let message = format!(
            "Failed to put delivery channel '{name}' because the maximum number of delivery channels: 1 is reached."
        );
        return Err(refused("MaxNumberOfDeliveryChannelsExceededException", message));
    }
    let bucket = put["s3BucketName"].as_str().unwrap_or_default().to_owned();
    if !call.world.buckets.contains_key(&bucket) {
        let message = format!("Cannot find a S3 bucket with an empty bucket name or the name {bucket}.");
        return Err(refused("NoSuchBucketException", message));
    }
    let prefix = put["s3KeyPrefix"].as_str().map(|prefix| format!("{prefix}/")).unwrap_or_default();
    if !lets_in(call, &bucket, &prefix) {
        let message = format!("Insufficient delivery policy to s3 bucket: {bucket}, unable to write to bucket.");
        return Err(refused("InsufficientDeliveryPolicyException", message));
    }
    put["name"] = json!(name);
    call.here().config.channel = Some(put);
    Ok(json!({}))
}

/// Whether the policy of a bucket lets AWS Config do all that it does there, for the caller's account.
fn lets_in(call: &Call<'_>, bucket: &str, prefix: &str) -> bool {
    let policy = call.world.buckets.get(bucket).and_then(|bucket| bucket.policy.as_deref());
    let Some(policy) = policy.and_then(|text| Document::parse(text, Sort::Resource).ok()) else { return false };
    let mut context = Context::default()
        .with("aws:SourceAccount", call.account)
        .with("aws:SecureTransport", "true")
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:PrincipalServiceName", SERVICE)
        .with("s3:x-amz-acl", "bucket-owner-full-control");
    if let Some(organization) = organizations::of(call.world, call.account) {
        context.set("aws:SourceOrgID", organization.id.clone());
    }
    let arn = format!("arn:{}:s3:::{bucket}", call.world.partition);
    let file = format!("{arn}/{prefix}AWSLogs/{}/Config/ConfigWritabilityCheckFile", call.account);
    let asked = [("s3:GetBucketAcl", &arn), ("s3:ListBucket", &arn), ("s3:PutObject", &file)];
    asked.iter().all(|(action, resource)| service_may(&policy, SERVICE, action, resource, &context))
}

pub(super) fn describe_channels(call: &mut Call<'_>) -> Result<Value, Fault> {
    let names = call.texts("DeliveryChannelNames");
    let there = call.here().config.channel.clone();
    let unknown = |name: &&String| there.as_ref().is_none_or(|there| there["name"] != **name);
    if let Some(name) = names.iter().find(unknown) {
        let message = format!("Cannot find delivery channel with specified name '{name}'.");
        return Err(refused("NoSuchDeliveryChannelException", message));
    }
    let shown: Vec<Value> = there.into_iter().collect();
    Ok(json!({ "DeliveryChannels": shown }))
}

/// Nothing is said of a delivery before there was one.
pub(super) fn describe_status(call: &mut Call<'_>) -> Result<Value, Fault> {
    let config = &call.here().config;
    let records = config.recorder.as_ref().is_some_and(|recorder| recorder.recording);
    let history = match &config.failure {
        Some(code) => json!({"lastStatus": "FAILURE", "lastErrorCode": code}),
        None if records => json!({"lastStatus": "SUCCESS"}),
        None => json!({}),
    };
    let shown: Vec<Value> = config
        .channel
        .iter()
        .map(|channel| json!({"name": channel["name"], "configHistoryDeliveryInfo": history}))
        .collect();
    Ok(json!({ "DeliveryChannelsStatus": shown }))
}

pub(super) fn delete_channel(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("DeliveryChannelName")?.to_owned();
    if call.here().config.channel.as_ref().is_none_or(|there| there["name"] != name) {
        let message = format!("Cannot find delivery channel with specified name '{name}'.");
        return Err(refused("NoSuchDeliveryChannelException", message));
    }
    if call.here().config.recorder.as_ref().is_some_and(|recorder| recorder.recording) {
        let message = format!(
            "Failed to delete last specified delivery channel with name '{name}', because there is a running configuration recorder."
        );
        return Err(refused("LastDeliveryChannelDeleteFailedException", message));
    }
    call.here().config.channel = None;
    Ok(json!({}))
}

pub(super) fn describe_retention(call: &mut Call<'_>) -> Result<Value, Fault> {
    let shown: Vec<Value> = call.here().config.retention.iter().map(|days| retained(*days)).collect();
    Ok(json!({ "RetentionConfigurations": shown }))
}

fn retained(days: i64) -> Value {
    json!({"Name": "default", "RetentionPeriodInDays": days})
}

pub(super) fn put_retention(call: &mut Call<'_>) -> Result<Value, Fault> {
    let days = call.number("RetentionPeriodInDays").unwrap_or_default();
    call.here().config.retention = Some(days);
    Ok(json!({ "RetentionConfiguration": retained(days) }))
}

pub(super) fn delete_retention(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("RetentionConfigurationName")?.to_owned();
    if call.here().config.retention.take().is_none() || name != "default" {
        let message = format!("Cannot find retention configuration with the specified name '{name}'.");
        return Err(refused("NoSuchRetentionConfigurationException", message));
    }
    Ok(json!({}))
}
