//! A log group that somebody names.

use aws_sdk_cloudwatchlogs::types::LogGroup as Listed;
use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::{Region, Target};
use crate::{Absent, Session};

/// A log group by its name in a region; none: there is no such group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup(pub Option<GroupState>);

/// What is known of a log group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupState {
    /// Its ARN, without the `:*` at its end.
    pub arn: String,
    /// The days that it keeps what it gets; none: for ever.
    pub retention_days: Option<i32>,
    /// Nothing is in it.
    pub empty: bool,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// A log group's name in a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogGroupKey {
    /// The region that is asked.
    pub region: Region,
    /// The name, in full.
    pub name: String,
}

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "CloudWatch Logs", operation, action }
}

/// Finds log groups by the start of their names.
pub(crate) const DESCRIBE_LOG_GROUPS: Call = call("DescribeLogGroups", "logs:DescribeLogGroups");
const LIST_TAGS: Call = call("ListTagsForResource", "logs:ListTagsForResource");

impl Observe for LogGroup {
    const NAME: &'static str = "logs.log_group";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[DESCRIBE_LOG_GROUPS, LIST_TAGS];
    type Key = LogGroupKey;

    async fn observe(reader: &Reader, key: &LogGroupKey) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let at = Target { account: reader.at().account.clone(), region: Some(key.region.clone()) };
        let Some(listed) = find(session, &at, key).await? else { return Ok(Self(None)) };
        let arn = format!("arn:{}:logs:{}:{}:log-group:{}", session.partition(), key.region, at.account, key.name);
        let asked = session.logs(&key.region).list_tags_for_resource().resource_arn(&arn);
        // It may have gone since it was listed.
        let sending = async { asked.send().await.absent_on(&["ResourceNotFoundException"]) };
        let Some(answer) = session.ask(&at, &LIST_TAGS, sending).await? else { return Ok(Self(None)) };
        let mut tags: Vec<(String, String)> = answer.tags.unwrap_or_default().into_iter().collect();
        tags.sort();
        let empty = listed.stored_bytes == Some(0);
        Ok(Self(Some(GroupState { arn, retention_days: listed.retention_in_days, empty, tags })))
    }
}

/// The group of exactly this name: those with a longer one are answered as well.
pub(crate) async fn find(session: &Session, at: &Target, key: &LogGroupKey) -> Result<Option<Listed>, ReadError> {
    let mut next: Option<String> = None;
    loop {
        let asked = session.logs(&key.region).describe_log_groups().log_group_name_prefix(&key.name);
        let page = session.ask(at, &DESCRIBE_LOG_GROUPS, asked.set_next_token(next).send()).await?;
        let groups = page.log_groups.unwrap_or_default();
        if let Some(group) = groups.into_iter().find(|group| group.log_group_name() == Some(&key.name)) {
            return Ok(Some(group));
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observe::{Class, DeniedBy, Homes};
    use crate::stub::{Answer, Asked, Stub, caller, json};
    use crate::{Entry, Guard};

    const NAME: &str = "/aws/cloudtrail/trueup";

    async fn seen(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Result<LogGroup, ReadError> {
        let guard = Arc::new(Guard::new(LogGroup::CALLS.iter().copied()));
        let session = Stub::new(answer).base().await.enter(&caller(), &caller().account, Entry::Own, &guard);
        let homes = Arc::new(Homes::live(None, session.home_region().clone(), None));
        let key = LogGroupKey { region: "eu-west-1".parse().expect("a region"), name: NAME.to_owned() };
        LogGroup::observe(&Reader::live(session, &homes), &key).await
    }

    fn group(name: &str) -> serde_json::Value {
        serde_json::json!({ "logGroupName": name, "retentionInDays": 30, "storedBytes": 7 })
    }

    #[tokio::test]
    async fn a_group_is_found_behind_others_that_begin_alike() {
        let found = seen(|asked| match asked.operation.as_str() {
            "DescribeLogGroups" if asked.body.contains("nextToken") => {
                json(200, &serde_json::json!({ "logGroups": [group(NAME)] }).to_string())
            }
            "DescribeLogGroups" => {
                let page = serde_json::json!({"logGroups": [group("/aws/cloudtrail/trueup-old")], "nextToken": "n"});
                json(200, &page.to_string())
            }
            _ => json(200, r#"{"tags": {"b": "2", "a": "1"}}"#),
        });
        let state = found.await.expect("it is read").0.expect("it is there");
        assert_eq!((state.retention_days, state.empty), (Some(30), false));
        assert!(state.arn.ends_with(":log-group:/aws/cloudtrail/trueup"), "{}", state.arn);
        let tags = [("a", "1"), ("b", "2")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(state.tags, tags);
    }

    #[tokio::test]
    async fn what_begins_alike_is_another_group_and_a_refusal_is_no_absence() {
        let other = serde_json::json!({ "logGroups": [group("/aws/cloudtrail/trueup-old")] }).to_string();
        assert_eq!(seen(move |_| json(200, &other)).await.expect("it is read"), LogGroup(None));
        let refused = seen(|_| json(400, r#"{"__type": "AccessDeniedException", "message": "no"}"#)).await;
        let error = refused.expect_err("it is refused");
        assert_eq!((error.class, error.action.as_str()), (Class::Denied(DeniedBy::Unknown), "logs:DescribeLogGroups"));
    }
}
