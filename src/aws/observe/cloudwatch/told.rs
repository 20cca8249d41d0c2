//! Who is told of alarms: the topic, where it belongs.

use serde::{Deserialize, Serialize};

use super::ground::Ground;
use crate::observe::cloudtrail::{MANAGEMENT, MEMBER, Whose};
use crate::observe::kms::KeyState;
use crate::observe::kms::named::{KeyName, KeyPolicy, NamedKey};
use crate::observe::sns::{Topic, TopicOf};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::{AccountId, Partition, Region};

/// Which topic is meant, and whose trail the alarms are on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Whose trails count.
    pub whose: Whose,
    /// The partition of its ARN.
    pub partition: Partition,
    /// The name of the topic.
    pub topic: String,
    /// Whether it is asked who may use its key.
    #[serde(default)]
    pub key: bool,
}

/// The topic of the alarms of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// Where the alarms belong.
    pub ground: Ground,
    /// The topic in the account, in their region; none: it is not there, or the alarms belong elsewhere.
    pub topic: Readable<Option<Topic>>,
    /// The key that it encrypts with, where that is one of the account's own and is asked for. It is only told: who looks
    /// again before a write does not ask.
    #[serde(default)]
    pub key: Option<TopicKey>,
}

/// The key of a topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopicKey {
    /// What it is; none: it is not there.
    pub is: Readable<Option<KeyState>>,
    /// Who may do what with it, JSON; none: it is not there, or what it is could not be read.
    pub policy: Option<Readable<String>>,
}

impl Asked {
    /// The ARN of the topic in an account's region.
    pub(super) fn arn(&self, reader: &Reader, region: &Region) -> String {
        format!("arn:{}:sns:{region}:{}:{}", self.partition, reader.at().account, self.topic)
    }
}

impl Observe for Told {
    const NAME: &'static str = "cloudwatch.told";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    type Key = Asked;

    async fn observe(reader: &Reader, asked: &Asked) -> Result<Self, ReadError> {
        let ground = Ground::of(reader, asked.whose).await?;
        let region = match &ground {
            Ground::Here(group) => group.region.clone(),
            Ground::Missing => reader.home_region().clone(),
            Ground::Elsewhere(_) | Ground::Organizations(_) => {
                return Ok(Self { ground, topic: Readable::Read(None), key: None });
            }
        };
        let topic = topic(reader, &asked.arn(reader, &region)).await;
        let asks = asked.key && reader.tells();
        let named = topic.as_result().ok().and_then(|topic| topic.as_ref()?.own_key()).filter(|_| asks);
        let key = match named.filter(|name| is_of(name, &reader.at().account)) {
            Some(name) => Some(key(reader, region, name).await),
            None => None,
        };
        Ok(Self { ground, topic, key })
    }

    fn builds_on() -> Vec<Reads> {
        let mut all = Ground::builds_on();
        all.extend([Reads::of::<TopicOf<MEMBER>>(), Reads::of::<TopicOf<MANAGEMENT>>()]);
        all.extend([Reads::of::<NamedKey<MEMBER>>(), Reads::of::<KeyPolicy>()]);
        all
    }
}

/// Whether a key is one of this account, as far as its name says it. That of another says only there who may use it.
fn is_of(name: &str, account: &AccountId) -> bool {
    !name.starts_with("arn:") || name.split(':').nth(4) == Some(account.as_str())
}

/// A key of the account, by what a topic of this region calls it: its policy is to be had only by its ARN.
async fn key(reader: &Reader, region: Region, name: &str) -> TopicKey {
    let is = reader.of::<NamedKey<MEMBER>>(&KeyName { region: region.clone(), name: name.to_owned() }).await;
    let is: Readable<Option<KeyState>> = is.map(|key| key.0.clone()).into();
    let policy = match is.as_result() {
        Ok(Some(key)) if key.fit => {
            let name = KeyName { region, name: key.arn.clone() };
            Some(reader.of::<KeyPolicy>(&name).await.map(|policy| policy.0.clone()).into())
        }
        _ => None,
    };
    TopicKey { is, policy }
}

/// A topic of the account, read where its trails are: the management account's are kept for its members.
pub(super) async fn topic(reader: &Reader, arn: &String) -> Readable<Option<Topic>> {
    let management = reader.home(Home::Management);
    let found = if management.is_some_and(|home| home.at().account == reader.at().account) {
        reader.of::<TopicOf<MANAGEMENT>>(arn).await.map(|found| found.0.clone())
    } else {
        reader.of::<TopicOf<MEMBER>>(arn).await.map(|found| found.0.clone())
    };
    found.into()
}
