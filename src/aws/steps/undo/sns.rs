//! What undoes a write to SNS.

use aws_sdk_sns::types::Subscription;
use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found_policy, gone};
use crate::Absent;
use crate::observe::sns::{GET_TOPIC, LIST_SUBSCRIPTIONS, attributes, subscriptions};
use crate::observe::{Call, ReadError};
use crate::ownership::MANAGED;
use crate::steps::sns::{arn, arn_of, region};
use crate::steps::writer::done_on;
use crate::steps::{Step, Writer};
use crate::target::{Partition, Target};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "SNS", operation, action }
}

const ABSENT: &[&str] = &["NotFound", "NotFoundException"];

/// Takes a topic away that was made, and to which nobody else subscribed since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeleteTopic {
    /// Its name.
    pub topic: String,
    /// The value of its tag.
    pub address: String,
}

impl Undoing for DeleteTopic {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[
        call("ListTagsForResource", "sns:ListTagsForResource"),
        LIST_SUBSCRIPTIONS,
        call("DeleteTopic", "sns:DeleteTopic"),
    ];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.sns(region(writer)).delete_topic().topic_arn(arn(writer, &self.topic));
        let written = writer.write(&writer.at, &Self::CALLS[2], Undo::again(), request.send()).await;
        done_on(written, ABSENT)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.topic, at, partition)]
    }

    fn says(&self) -> String {
        format!("DeleteTopic {}", self.topic)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let arn = arn(writer, &self.topic);
        let asked = writer.session.sns(region(writer)).list_tags_for_resource().resource_arn(&arn);
        let absent = ["ResourceNotFound", "ResourceNotFoundException", "NotFound"];
        let sending = async { asked.send().await.absent_on(&absent) };
        let Some(answer) = writer.session.ask(&writer.at, &Self::CALLS[0], sending).await? else {
            return Ok(Stands::Undone);
        };
        if !answer.tags().iter().any(|tag| tag.key() == MANAGED && tag.value() == self.address) {
            return Ok(Stands::Changed(format!("topic {} is another one now", self.topic)));
        }
        let told = subscriptions(&writer.session, &writer.at, region(writer), &arn).await?;
        let told = told.iter().find(|one| one.subscription_arn().is_some_and(|arn| arn.starts_with("arn:")));
        Ok(told.map_or(Stands::Open, |one| {
            Stands::Used(format!("{} {} is told by it", kind(one), one.endpoint().unwrap_or_default()))
        }))
    }
}

fn kind(one: &Subscription) -> &str {
    one.protocol().unwrap_or_default()
}

/// Puts the former policy of a topic back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreTopicPolicy {
    /// The name of the topic.
    pub topic: String,
    /// The policy that was set.
    pub set: String,
    /// The former policy.
    pub before: String,
}

impl Undoing for RestoreTopicPolicy {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_TOPIC, call("SetTopicAttributes", "sns:SetTopicAttributes")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let request = writer.session.sns(region(writer)).set_topic_attributes();
        let request =
            request.topic_arn(arn(writer, &self.topic)).attribute_name("Policy").attribute_value(&self.before);
        let back = Self { set: self.before.clone(), before: self.set.clone(), ..self.clone() };
        let undo = Undo::by(Step::RestoreTopicPolicy(back));
        writer.write(&writer.at, &Self::CALLS[1], undo, request.send()).await
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        vec![arn_of(&self.topic, at, partition)]
    }

    fn says(&self) -> String {
        format!("SetTopicAttributes of {} with the former policy", self.topic)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self.topic == earlier.topic).then(|| Self { before: earlier.before.clone(), ..self.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = attributes(&writer.session, &writer.at, region(writer), &arn(writer, &self.topic)).await?;
        let what = format!("the policy of topic {}", self.topic);
        Ok(now.map_or_else(|| gone(&what), |(now, _)| found_policy(&now, &self.set, &self.before, &what)))
    }
}

/// Ends a subscription that was asked for. What nobody confirmed cannot be ended: SNS forgets it after two days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unsubscribe {
    /// The name of the topic.
    pub topic: String,
    /// Such as `email`.
    pub protocol: String,
    /// The address, or an ARN.
    pub endpoint: String,
}

impl Unsubscribe {
    /// The ARN of the subscription; none: nobody is told there.
    async fn found(&self, writer: &Writer) -> Result<Option<String>, ReadError> {
        let topic = arn(writer, &self.topic);
        if attributes(&writer.session, &writer.at, region(writer), &topic).await?.is_none() {
            return Ok(None);
        }
        let all = subscriptions(&writer.session, &writer.at, region(writer), &topic).await?;
        let ours = all.iter().filter(|one| kind(one) == self.protocol && one.endpoint() == Some(&self.endpoint));
        let mut arns = ours.filter_map(Subscription::subscription_arn).filter(|arn| arn.starts_with("arn:"));
        Ok(arns.next().map(str::to_owned))
    }
}

impl Undoing for Unsubscribe {
    const EXTENT: Extent = Extent::Whole;
    const CALLS: &'static [Call] = &[GET_TOPIC, LIST_SUBSCRIPTIONS, call("Unsubscribe", "sns:Unsubscribe")];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let Some(arn) = self.found(writer).await? else { return Ok(()) };
        let request = writer.session.sns(region(writer)).unsubscribe().subscription_arn(arn);
        let written = writer.write(&writer.at, &Self::CALLS[2], Undo::again(), request.send()).await;
        done_on(written, ABSENT)
    }

    fn says(&self) -> String {
        format!("Unsubscribe {} {} from {}", self.protocol, self.endpoint, self.topic)
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        Ok(if self.found(writer).await?.is_some() { Stands::Open } else { Stands::Undone })
    }
}
