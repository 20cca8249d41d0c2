//! Who is told of what is sent to a topic.

use super::sns::{Topic, found, invalid, listed};
use crate::fault::Fault;
use crate::front::Call;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// How long a subscription waits to be confirmed, in seconds.
pub(super) const PATIENCE: i64 = 48 * 60 * 60;

/// Somebody who is told, or would be.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Subscription {
    /// Its ARN, which is shown once it is confirmed.
    pub arn: String,
    /// Such as `email`.
    pub protocol: String,
    /// The address, or the ARN of a queue or a function.
    pub endpoint: String,
    /// The account that asked for it.
    pub owner: String,
    /// Whoever it is for has agreed.
    pub confirmed: bool,
    /// When it was asked for: seconds since the epoch.
    pub asked: i64,
    /// What the message that asks for agreement says; who has it can agree.
    pub token: String,
}

/// The protocols, and what their endpoints look like.
fn fits(protocol: &str, endpoint: &str) -> Result<bool, Fault> {
    let arn_of = |service: &str| endpoint.starts_with("arn:") && endpoint.split(':').nth(2) == Some(service);
    Ok(match protocol {
        "email" | "email-json" => endpoint.contains('@'),
        "http" => endpoint.starts_with("http://"),
        "https" => endpoint.starts_with("https://"),
        "sqs" | "lambda" | "firehose" => arn_of(protocol),
        "application" => arn_of("sns"),
        "sms" => endpoint.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit()),
        _ => return Err(invalid("Does not support this protocol string: ").with("Protocol", protocol)),
    })
}

/// Whether nobody has to agree: what is of the same account, and telephones.
fn agreed(protocol: &str, endpoint: &str, account: &str) -> bool {
    match protocol {
        "sqs" | "lambda" | "firehose" | "application" => endpoint.split(':').nth(4) == Some(account),
        "sms" => true,
        _ => false,
    }
}

pub(super) fn subscribe(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (protocol, endpoint) =
        (call.need("Protocol")?.to_owned(), call.text("Endpoint").unwrap_or_default().to_owned());
    if !fits(&protocol, &endpoint)? {
        return Err(invalid("Endpoint"));
    }
    let topic_arn = call.need("TopicArn")?.to_owned();
    let (account, now, show) =
        (call.account.to_owned(), call.now(), call.flag("ReturnSubscriptionArn").unwrap_or(false));
    // Nobody can guess it in AWS. Here it follows from what is asked for, so that worlds can be compared.
    let token = hex::encode(Sha256::digest(format!("{topic_arn} {protocol} {endpoint}")));
    let id = call.world.uuid();
    let topic = found(call, "TopicArn")?;
    let there = topic.subscriptions.iter().position(|one| one.protocol == protocol && one.endpoint == endpoint);
    let index = there.unwrap_or_else(|| {
        topic.subscriptions.push(Subscription {
            arn: format!("{topic_arn}:{id}"),
            confirmed: agreed(&protocol, &endpoint, &account),
            owner: account,
            protocol,
            endpoint,
            asked: now,
            token,
        });
        topic.subscriptions.len() - 1
    });
    let one = &topic.subscriptions[index];
    let shown = if one.confirmed || show { one.arn.as_str() } else { "pending confirmation" };
    Ok(json!({ "SubscriptionArn": shown }))
}

pub(super) fn confirm(call: &mut Call<'_>) -> Result<Value, Fault> {
    let token = call.need("Token")?.to_owned();
    let topic = found(call, "TopicArn")?;
    let one = topic.subscriptions.iter_mut().find(|one| one.token == token).ok_or_else(|| invalid("Token"))?;
    one.confirmed = true;
    Ok(json!({ "SubscriptionArn": one.arn }))
}

/// What waits to be confirmed cannot be ended: it has no ARN that would be shown, and SNS forgets it by itself.
pub(super) fn unsubscribe(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("SubscriptionArn")?.to_owned();
    if arn.split(':').count() < 6 {
        return Err(invalid("SubscriptionArn Reason: An ARN must have at least 6 elements"));
    }
    let topic = arn.rsplit_once(':').map_or("", |(topic, _)| topic).to_owned();
    let Some(topic) = super::sns::find(call.world, &topic) else { return Ok(json!({})) };
    let waiting = |topic: &Topic| topic.subscriptions.iter().any(|one| one.arn == arn && !one.confirmed);
    if waiting(topic) {
        return Err(invalid("This operation can not be performed on a pending subscription"));
    }
    topic.subscriptions.retain(|one| one.arn != arn);
    Ok(json!({}))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    let topic_arn = call.need("TopicArn")?.to_owned();
    let all = found(call, "TopicArn")?.subscriptions.iter().map(|one| {
        json!({
            "SubscriptionArn": if one.confirmed { one.arn.as_str() } else { "PendingConfirmation" },
            "Owner": one.owner,
            "Protocol": one.protocol,
            "Endpoint": one.endpoint,
            "TopicArn": topic_arn,
        })
    });
    let all = all.collect();
    listed(call, "Subscriptions", all)
}
