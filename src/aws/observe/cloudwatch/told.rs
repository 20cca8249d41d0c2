//! Who is told of alarms: the topic, where it belongs.

use serde::{Deserialize, Serialize};

use super::ground::Ground;
use crate::observe::cloudtrail::{MANAGEMENT, MEMBER, Whose};
use crate::observe::sns::{Topic, TopicOf};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::{Partition, Region};

/// Which topic is meant, and whose trail the alarms are on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Whose trails count.
    pub whose: Whose,
    /// The partition of its ARN.
    pub partition: Partition,
    /// The name of the topic.
    pub topic: String,
}

/// The topic of the alarms of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// Where the alarms belong.
    pub ground: Ground,
    /// The topic in the account, in their region; none: it is not there, or the alarms belong elsewhere.
    pub topic: Readable<Option<Topic>>,
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
                return Ok(Self { ground, topic: Readable::Read(None) });
            }
        };
        let topic = topic(reader, &asked.arn(reader, &region)).await;
        Ok(Self { ground, topic })
    }

    fn builds_on() -> Vec<Reads> {
        let mut all = Ground::builds_on();
        all.extend([Reads::of::<TopicOf<MEMBER>>(), Reads::of::<TopicOf<MANAGEMENT>>()]);
        all
    }
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
