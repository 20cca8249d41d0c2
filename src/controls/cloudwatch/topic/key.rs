//! The key that a topic encrypts with: whether `CloudWatch` may use it.

use serde_json::{Value, json};

use super::{Case, PRINCIPAL, Seen};
use crate::drift::{Fix, Judged};
use crate::observe::ReadError;
use crate::observe::cloudwatch::TopicKey;
use crate::observe::kms::KeyState;
use crate::steps::document::Document;
use crate::steps::refusal::Request;

/// What SNS asks of a key for whoever publishes to a topic that encrypts with it.
const ACTIONS: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

/// Whether `CloudWatch` can use a key.
enum Usable {
    Yes,
    /// No; what a person does.
    No(String),
    /// Only the account that has it can tell.
    Elsewhere(String),
    Unknown(ReadError),
}

impl Case<'_> {
    /// Whether `CloudWatch` can use its key. A topic that is made has none.
    pub(super) fn judge_key(&self, topic: Option<&Seen>, key: Option<&TopicKey>) -> Option<Judged> {
        self.wanted.usable_key?;
        let mut bench = self.topic(topic);
        let wanted = json!("none, or one that CloudWatch may use");
        let Some(topic) = topic else {
            bench.judge("usable_key", false, Value::Null, wanted);
            return Some(bench.mend(|| self.steps(None)));
        };
        let mut words = String::new();
        match self.usable(topic, key) {
            Usable::Yes => drop(bench.judge("usable_key", true, json!(topic.key), wanted)),
            Usable::No(what) => {
                bench.judge("usable_key", false, json!(topic.key), wanted);
                words = what;
            }
            Usable::Elsewhere(why) => bench.not_applicable("usable_key", why, wanted),
            Usable::Unknown(error) => bench.unreadable("usable_key", &error, wanted),
        }
        Some(bench.mend(|| Fix::Manual(words)))
    }

    fn usable(&self, topic: &Seen, key: Option<&TopicKey>) -> Usable {
        if topic.key.is_none() {
            return Usable::Yes;
        }
        let Some(name) = topic.own_key() else { return Usable::No(self.another_key()) };
        let Some(key) = key else {
            let account = name.split(':').nth(4).unwrap_or("another");
            return Usable::Elsewhere(format!(
                "only account {account}, which has the key {name}, knows who may use it"
            ));
        };
        let found = match key.is.as_result() {
            Ok(found) => found.as_ref(),
            Err(error) => return Usable::Unknown(error.clone()),
        };
        let topic = self.wanted.name();
        match found {
            None => Usable::No(format!("topic {topic} encrypts with {name}, which does not exist: name another key")),
            Some(key) if !key.fit => Usable::No(self.another_key()),
            Some(key) if !key.enabled => {
                Usable::No(format!("topic {topic} encrypts with {name}, which is {}: enable it", key.state))
            }
            Some(found) => match &key.policy {
                None => Usable::Yes,
                Some(policy) => match policy.as_result() {
                    Ok(policy) => self.lets_in(name, found, policy).map_or(Usable::Yes, Usable::No),
                    Err(error) => Usable::Unknown(error.clone()),
                },
            },
        }
    }

    fn another_key(&self) -> String {
        format!(
            "give topic {} a key of your own whose policy lets {PRINCIPAL} kms:Decrypt and kms:GenerateDataKey*: it \
             encrypts with AWS's, and no alarm gets through",
            self.wanted.name()
        )
    }

    /// Why the policy of a key keeps `CloudWatch` from
    /// [using it](https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services), in
    /// words that say what to do.
    fn lets_in(&self, name: &str, key: &KeyState, policy: &str) -> Option<String> {
        let whose = format!("the policy of the key {name} of topic {}", self.wanted.name());
        let document = match Document::parse(Some(policy)) {
            Ok(document) => document,
            Err(error) => return Some(format!("{whose} makes no sense: {error}")),
        };
        let account = self.at.account.to_string();
        let context = vec![("aws:sourceaccount", account.clone()), ("aws:sourcearn", self.alarms())];
        let refused = ACTIONS.iter().find_map(|action| {
            let (resource, context) = (key.arn.clone(), context.clone());
            let statement = document.refuses(&Request { service: PRINCIPAL, action, resource, context })?;
            Some(format!("{statement} in {whose} denies CloudWatch {action}: leave it out of it"))
        });
        let allows = ACTIONS.map(|action| {
            json!({
                "Effect": "Allow", "Principal": { "Service": PRINCIPAL }, "Action": action, "Resource": key.arn,
                "Condition": {
                    "StringEquals": { "aws:SourceAccount": account }, "ArnLike": { "aws:SourceArn": self.alarms() },
                },
            })
        });
        refused.or_else(|| {
            (!document.covers(&allows)).then(|| {
                format!(
                    "add a statement to {whose} that allows {PRINCIPAL} kms:Decrypt and kms:GenerateDataKey* on resource \
                     *: it has none, and no alarm gets through"
                )
            })
        })
    }
}
