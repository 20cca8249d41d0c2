//! What is read of SNS.

use aws_sdk_sns::types as sdk;
use serde::{Deserialize, Serialize};

use super::cloudtrail::home;
use super::tags::{Bears, Page};
use super::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::{Region, Target};
use crate::{Absent, Session};

/// A topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// Who may do what with it, JSON.
    pub policy: String,
    /// The key that it encrypts with, as it was named.
    pub key: Option<String>,
    /// Who is told, or would be.
    pub subscriptions: Vec<Subscription>,
}

/// Somebody who is told, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Such as `email`.
    pub protocol: String,
    /// The address, or the ARN of a queue or a function.
    pub endpoint: String,
    /// Whoever it is for has agreed.
    pub confirmed: bool,
}

impl Topic {
    /// The key of its account's own that it encrypts with; none: it encrypts with none, or with the one that AWS keeps for
    /// SNS, as far as its name says it.
    #[must_use]
    pub fn own_key(&self) -> Option<&str> {
        self.key.as_deref().filter(|key| *key != "alias/aws/sns" && !key.ends_with(":alias/aws/sns"))
    }

    /// Whether anybody is told.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.subscriptions.iter().any(|one| one.confirmed)
    }
}

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "SNS", operation, action }
}

/// The call that reads what is set on a topic.
pub(crate) const GET_TOPIC: Call = call("GetTopicAttributes", "sns:GetTopicAttributes");
/// The call that lists who is told.
pub(crate) const LIST_SUBSCRIPTIONS: Call = call("ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic");

/// A topic by its ARN, read in the account that is judged or in the management account; none: it is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicOf<const MANAGEMENT: bool>(pub Option<Topic>);

impl<const MANAGEMENT: bool> Observe for TopicOf<MANAGEMENT> {
    const NAME: &'static str = if MANAGEMENT { "sns.management.topic" } else { "sns.topic" };
    const HOME: Home = home(MANAGEMENT);
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_TOPIC, LIST_SUBSCRIPTIONS];
    type Key = String;

    async fn observe(reader: &Reader, arn: &String) -> Result<Self, ReadError> {
        let region = Region::of_arn(arn).unwrap_or_else(|| reader.home_region().clone());
        let at = Target { account: reader.at().account.clone(), region: Some(region.clone()) };
        let session = reader.session()?;
        let Some((policy, key)) = attributes(session, &at, &region, arn).await? else { return Ok(Self(None)) };
        let found = subscriptions(session, &at, &region, arn).await?;
        let subscriptions = found.iter().filter_map(subscription).collect();
        Ok(Self(Some(Topic { policy, key, subscriptions })))
    }
}

/// The policy and the key of a topic; none: it is not there.
pub(crate) async fn attributes(
    session: &Session,
    at: &Target,
    region: &Region,
    arn: &str,
) -> Result<Option<(String, Option<String>)>, ReadError> {
    let asked = session.sns(region).get_topic_attributes().topic_arn(arn);
    let sending = async { asked.send().await.absent_on(&["NotFound", "NotFoundException"]) };
    let answer = session.ask(at, &GET_TOPIC, sending).await?;
    Ok(answer.map(|answer| {
        let text = |name: &str| answer.attributes().and_then(|all| all.get(name)).filter(|text| !text.is_empty());
        (text("Policy").cloned().unwrap_or_default(), text("KmsMasterKeyId").cloned())
    }))
}

/// Who subscribed to a topic.
pub(crate) async fn subscriptions(
    session: &Session,
    at: &Target,
    region: &Region,
    arn: &str,
) -> Result<Vec<sdk::Subscription>, ReadError> {
    let mut found = vec![];
    let mut next: Option<String> = None;
    loop {
        let asked = session.sns(region).list_subscriptions_by_topic().topic_arn(arn).set_next_token(next);
        let page = session.ask(at, &LIST_SUBSCRIPTIONS, asked.send()).await?;
        found.extend(page.subscriptions().iter().cloned());
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// What was ended goes on to be listed for a while, as `Deleted`.
fn subscription(listed: &sdk::Subscription) -> Option<Subscription> {
    let arn = listed.subscription_arn()?;
    Some(Subscription {
        protocol: listed.protocol()?.to_owned(),
        endpoint: listed.endpoint()?.to_owned(),
        confirmed: arn.starts_with("arn:"),
    })
    .filter(|_| arn != "Deleted")
}

/// The tags of topics.
pub(super) struct TopicTags;

impl Bears for TopicTags {
    const NAME: &'static str = "sns.tags";
    const SCOPE: Scope = Scope::Region;
    const CALL: Call = call("ListTagsForResource", "sns:ListTagsForResource");

    async fn page(reader: &Reader, arn: &str, _: Option<String>) -> Result<Page, ReadError> {
        let session = reader.session()?;
        let asked = session.sns(reader.region()).list_tags_for_resource().resource_arn(arn);
        let sending = async { asked.send().await.absent_on(&["ResourceNotFound", "ResourceNotFoundException"]) };
        let Some(answer) = session.ask(reader.at(), &Self::CALL, sending).await? else { return Ok(Page::default()) };
        let tags = answer.tags().iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        Ok((tags, None))
    }
}
