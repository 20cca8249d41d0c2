//! What trueup does to SNS: a topic for alarms, who may send to it, and who is told.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::{document_of, united};
use super::undo::sns::{DeleteTopic, RestoreTopicPolicy, Unsubscribe};
use super::{Atom, Step, Undo, Writer};
use crate::observe::sns::{GET_TOPIC, LIST_SUBSCRIPTIONS, attributes, subscriptions};
use crate::observe::{Call, ReadError};
use crate::ownership::MANAGED;
use crate::target::{Partition, Region, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "SNS", operation, action }
}

/// What was made a moment ago may not be known everywhere.
const YOUNG: &[&str] = &["NotFound", "NotFoundException"];

/// The region of the topic that is written.
pub(super) fn region(writer: &Writer) -> &Region {
    writer.at.region.as_ref().unwrap_or(writer.session.home_region())
}

/// The ARN of a topic of the account.
pub(super) fn arn_of(topic: &str, at: &Target, partition: &Partition) -> String {
    let region = at.region.as_ref().map_or("*", Region::as_str);
    format!("arn:{partition}:sns:{region}:{}:{topic}", at.account)
}

pub(super) fn arn(writer: &Writer, topic: &str) -> String {
    format!("arn:{}:sns:{}:{}:{topic}", writer.session.partition(), region(writer), writer.at.account)
}

/// Makes a topic, tagged with its address. One of that name that is there stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CreateTopic {
    /// Its name.
    pub topic: String,
    /// The address of the object, by which it is tagged.
    pub address: String,
}

impl Atom for CreateTopic {
    const CALLS: &'static [Call] = &[GET_TOPIC, call("CreateTopic", "sns:CreateTopic")];
    const DEPENDENT: &'static [&'static str] = &["sns:TagResource"];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let region = region(writer);
        let there = attributes(&writer.session, &writer.at, region, &arn(writer, &self.topic)).await?;
        if there.is_some() {
            return Ok(());
        }
        let tag = aws_sdk_sns::types::Tag::builder().key(MANAGED).value(&self.address).build();
        let tag = tag.map_err(|error| refused(&writer.at, &Self::CALLS[1], &error.to_string()))?;
        let request = writer.session.sns(region).create_topic().name(&self.topic).tags(tag);
        let back = DeleteTopic { topic: self.topic.clone(), address: self.address.clone() };
        writer.write(&writer.at, &Self::CALLS[1], Undo::by(Step::DeleteTopic(back)), request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.topic, at, partition)]
    }

    fn says(&self) -> String {
        format!("CreateTopic {}", self.topic)
    }

    fn undo(&self) -> String {
        format!("DeleteTopic {}, if nobody else subscribed to it", self.topic)
    }
}

fn refused(at: &Target, call: &Call, message: &str) -> ReadError {
    ReadError {
        at: at.clone(),
        action: call.action.to_owned(),
        class: crate::observe::Class::NotSent,
        code: None,
        message: message.to_owned(),
        status: None,
        request_id: None,
    }
}

/// Adds statements to the policy of a topic that lacks them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetTopicPolicy {
    /// The name of the topic.
    pub topic: String,
    /// What the policy has to cover.
    pub statements: Vec<Value>,
}

impl Atom for SetTopicPolicy {
    const CALLS: &'static [Call] = &[GET_TOPIC, call("SetTopicAttributes", "sns:SetTopicAttributes")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (region, arn) = (region(writer), arn(writer, &self.topic));
        let there = attributes(&writer.session, &writer.at, region, &arn).await?;
        let before = there.map(|(policy, _)| policy).filter(|policy| !policy.is_empty());
        let document = document_of(&writer.at, &GET_TOPIC, before.as_deref())?;
        if document.covers(&self.statements) {
            return Ok(());
        }
        let set = document.with(&self.statements).to_string();
        let request = writer.session.sns(region).set_topic_attributes().topic_arn(&arn).attribute_name("Policy");
        let request = request.attribute_value(&set);
        // A topic is never without a policy: SNS gives it one when it is made.
        let back = RestoreTopicPolicy { topic: self.topic.clone(), set, before: before.unwrap_or_default() };
        writer.write(&writer.at, &Self::CALLS[1], Undo::by(Step::RestoreTopicPolicy(back)), request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.topic, at, partition)]
    }

    fn part(&self) -> Option<&str> {
        Some("policy")
    }

    fn beside(&self, other: &Self) -> Option<Self> {
        let statements = united(&self.statements, &other.statements);
        (self.topic == other.topic).then(|| Self { statements, ..self.clone() })
    }

    fn says(&self) -> String {
        let sids: Vec<&str> = self.statements.iter().filter_map(|one| one["Sid"].as_str()).collect();
        format!("SetTopicAttributes of {} with {} beside what its policy holds", self.topic, sids.join(", "))
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        "SetTopicAttributes with the former policy".to_owned()
    }
}

/// Asks for somebody to be told. Who gets mail has to agree to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subscribe {
    /// The name of the topic.
    pub topic: String,
    /// Such as `email`.
    pub protocol: String,
    /// The address, or an ARN.
    pub endpoint: String,
}

impl Atom for Subscribe {
    const CALLS: &'static [Call] = &[LIST_SUBSCRIPTIONS, call("Subscribe", "sns:Subscribe")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let (region, arn) = (region(writer), arn(writer, &self.topic));
        let there = subscriptions(&writer.session, &writer.at, region, &arn).await?;
        let is_it = |one: &aws_sdk_sns::types::Subscription| {
            one.protocol() == Some(self.protocol.as_str())
                && one.endpoint() == Some(self.endpoint.as_str())
                && one.subscription_arn() != Some("Deleted")
        };
        if there.iter().any(is_it) {
            return Ok(());
        }
        let request = writer.session.sns(region).subscribe().topic_arn(arn);
        let request = request.protocol(&self.protocol).endpoint(&self.endpoint);
        let (topic, protocol, endpoint) = (self.topic.clone(), self.protocol.clone(), self.endpoint.clone());
        let back = Unsubscribe { topic, protocol, endpoint };
        writer.write(&writer.at, &Self::CALLS[1], Undo::by(Step::Unsubscribe(back)), request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.topic, at, partition)]
    }

    fn part(&self) -> Option<&str> {
        Some(&self.endpoint)
    }

    fn says(&self) -> String {
        format!("Subscribe {} {} to {}", self.protocol, self.endpoint, self.topic)
    }

    fn retried(&self) -> &'static [&'static str] {
        YOUNG
    }

    fn undo(&self) -> String {
        format!("Unsubscribe {} {}; what nobody confirmed lapses by itself", self.protocol, self.endpoint)
    }
}
