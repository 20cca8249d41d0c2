//! SNS: topics, how they are made, and what is set on them. Who is told is in `sns_subscriptions`.

use super::paging;
use super::sns_subscriptions::{self as subscriptions, Subscription};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use crate::iam::{Document, Sort};
use crate::world::World;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("ConfirmSubscription", subscriptions::confirm),
    ("CreateTopic", create_topic),
    ("DeleteTopic", delete_topic),
    ("GetTopicAttributes", get_topic_attributes),
    ("ListSubscriptionsByTopic", subscriptions::list),
    ("ListTagsForResource", list_tags),
    ("ListTopics", list_topics),
    ("SetTopicAttributes", set_topic_attributes),
    ("Subscribe", subscriptions::subscribe),
    ("TagResource", tag),
    ("Unsubscribe", subscriptions::unsubscribe),
    ("UntagResource", untag),
];

/// The topics of an account in one region, by name.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// Topics by name.
    pub topics: BTreeMap<String, Topic>,
}

/// A topic.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Topic {
    /// Who may do what with it.
    pub policy: String,
    /// What else was set: the key, the name that is shown, and so on.
    pub attributes: BTreeMap<String, String>,
    /// Who is told.
    pub subscriptions: Vec<Subscription>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// What can be set besides the policy.
const ATTRIBUTES: &[&str] = &[
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DeliveryPolicy",
    "DisplayName",
    "FifoThroughputScope",
    "FifoTopic",
    "KmsMasterKeyId",
    "SignatureVersion",
    "TracingConfig",
];

pub(super) fn invalid(what: &str) -> Fault {
    Fault::new(400, "InvalidParameter", format!("Invalid parameter: {what}"))
}

/// A topic by its ARN: whoever's it is, if the call may see it.
pub(super) fn find<'a>(world: &'a mut World, arn: &str) -> Option<&'a mut Topic> {
    let parts: Vec<&str> = arn.split(':').collect();
    let [_, _, "sns", region, account, name] = parts[..] else { return None };
    world.account(account)?.regions.get_mut(region)?.sns.topics.get_mut(name)
}

/// The policy of a topic, if there is one.
pub(crate) fn policy(world: &mut World, arn: &str) -> Option<String> {
    find(world, arn).map(|topic| topic.policy.clone())
}

/// The topic that a call names.
pub(super) fn found<'a>(call: &'a mut Call<'_>, member: &str) -> Result<&'a mut Topic, Fault> {
    let arn = call.need(member)?.to_owned();
    if !arn.starts_with("arn:") || arn.split(':').count() < 6 {
        return Err(invalid(&format!("{member} Reason: An ARN must have at least 6 elements")));
    }
    if arn.split(':').nth(3) != Some(call.region) {
        return Err(invalid(member));
    }
    let now = call.now();
    let topic = find(call.world, &arn).ok_or_else(|| Fault::new(404, "NotFound", "Topic does not exist"))?;
    // Who has not confirmed for two days is forgotten.
    topic.subscriptions.retain(|one| one.confirmed || now < one.asked + subscriptions::PATIENCE);
    Ok(topic)
}

/// What a topic that is made without a policy has: everybody of its account may, if a policy of theirs says so, and the
/// services of AWS on the account's behalf.
fn first_policy(arn: &str, account: &str) -> String {
    let actions = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
    ];
    json!({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [{
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": actions.map(|action| format!("SNS:{action}")),
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
    }]})
    .to_string()
}

/// A policy that SNS takes: one of resources.
fn accepted(text: &str) -> Result<String, Fault> {
    Document::parse(text, Sort::Resource).map_err(|_| invalid("Policy Error: null"))?;
    Ok(text.to_owned())
}

fn tags(call: &Call<'_>) -> BTreeMap<String, String> {
    super::iam::tags(call.list("Tags"))
}

fn create_topic(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("Name")?.to_owned();
    let plain = name.strip_suffix(".fifo").unwrap_or(&name);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if plain.is_empty() || name.len() > 256 || !plain.bytes().all(allowed) {
        return Err(invalid("Topic Name"));
    }
    let arn = call.arn(&name);
    let (account, tags) = (call.account, tags(call));
    let sent = call.input.get("Attributes").and_then(Value::as_object).cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut topic = Topic { policy: first_policy(&arn, account), tags, ..Topic::default() };
    for (attribute, value) in &sent {
        set(&mut topic, attribute, text(value))?;
    }
    if let Some(there) = call.here().sns.topics.get(&name) {
        let differs = |attribute: &str, value: &Value| match attribute {
            "Policy" => there.policy != text(value),
            _ => there.attributes.get(attribute).map_or("", String::as_str) != text(value),
        };
        if sent.iter().any(|(attribute, value)| differs(attribute, value)) {
            return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
        }
        if !topic.tags.is_empty() && there.tags != topic.tags {
            return Err(invalid("Tags Reason: Topic already exists with different tags"));
        }
    } else {
        call.here().sns.topics.insert(name, topic);
    }
    Ok(json!({ "TopicArn": arn }))
}

fn delete_topic(call: &mut Call<'_>) -> Result<Value, Fault> {
    match found(call, "TopicArn") {
        Err(fault) if fault.code == "NotFound" => return Ok(json!({})),
        other => other.map(|_| ())?,
    }
    let arn = call.need("TopicArn")?.to_owned();
    let name = arn.rsplit(':').next().unwrap_or_default();
    call.here().sns.topics.remove(name);
    Ok(json!({}))
}

fn get_topic_attributes(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("TopicArn")?.to_owned();
    let topic = found(call, "TopicArn")?;
    let mut shown: Map<String, Value> =
        topic.attributes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let confirmed = topic.subscriptions.iter().filter(|one| one.confirmed).count();
    let pending = topic.subscriptions.len() - confirmed;
    shown.entry("DisplayName").or_insert_with(|| json!(""));
    for (name, value) in [
        ("Owner", arn.split(':').nth(4).unwrap_or_default().to_owned()),
        ("Policy", topic.policy.clone()),
        ("SubscriptionsConfirmed", confirmed.to_string()),
        ("SubscriptionsDeleted", "0".to_owned()),
        ("SubscriptionsPending", pending.to_string()),
        ("TopicArn", arn.clone()),
    ] {
        shown.insert(name.to_owned(), json!(value));
    }
    Ok(json!({ "Attributes": shown }))
}

fn set(topic: &mut Topic, attribute: &str, value: String) -> Result<(), Fault> {
    match attribute {
        "Policy" => topic.policy = accepted(&value)?,
        _ if !ATTRIBUTES.contains(&attribute) => return Err(invalid("AttributeName")),
        _ if value.is_empty() => {
            topic.attributes.remove(attribute);
        }
        _ => {
            topic.attributes.insert(attribute.to_owned(), value);
        }
    }
    Ok(())
}

fn set_topic_attributes(call: &mut Call<'_>) -> Result<Value, Fault> {
    let attribute = call.need("AttributeName")?.to_owned();
    let value = call.text("AttributeValue").unwrap_or_default().to_owned();
    set(found(call, "TopicArn")?, &attribute, value)?;
    Ok(json!({}))
}

fn list_topics(call: &mut Call<'_>) -> Result<Value, Fault> {
    let names: Vec<String> = call.here().sns.topics.keys().cloned().collect();
    let all = names.iter().map(|name| json!({ "TopicArn": call.arn(name) })).collect();
    listed(call, "Topics", all)
}

/// A page of a hundred.
pub(super) fn listed(call: &Call<'_>, member: &str, items: Vec<Value>) -> Result<Value, Fault> {
    let (items, next) = paging::page(items, 100, call.text("NextToken")).ok_or_else(|| invalid("NextToken"))?;
    let mut page = json!({ member: items });
    if let Some(next) = next {
        page["NextToken"] = json!(next);
    }
    Ok(page)
}

fn tagged<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Topic, Fault> {
    found(call, "ResourceArn").map_err(|fault| match fault.code.as_str() {
        "NotFound" => Fault::new(404, "ResourceNotFound", "Resource does not exist"),
        _ => fault,
    })
}

fn list_tags(call: &mut Call<'_>) -> Result<Value, Fault> {
    let tags = tagged(call)?.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
    Ok(json!({ "Tags": tags.collect::<Vec<_>>() }))
}

fn tag(call: &mut Call<'_>) -> Result<Value, Fault> {
    let sent = tags(call);
    tagged(call)?.tags.extend(sent);
    Ok(json!({}))
}

fn untag(call: &mut Call<'_>) -> Result<Value, Fault> {
    let keys = call.texts("TagKeys");
    tagged(call)?.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}
