//! After how long a bucket deletes what is in it.

use aws_sdk_s3::types as sdk;
use aws_smithy_types::date_time::Format;
use serde::{Deserialize, Serialize};

use super::{BucketKey, call};
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::Target;
use crate::{Absent, Session};

pub(crate) const GET_LIFECYCLE: Call = call("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration");

/// A rule by which a bucket deletes files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    /// Its name.
    pub id: String,
    /// What the names of the files begin with.
    pub prefix: String,
    /// After so many days.
    pub days: Option<i32>,
    /// All of them, on this day.
    pub date: Option<String>,
}

impl Expiry {
    /// Whether it may delete files whose names begin so.
    #[must_use]
    pub fn touches(&self, prefix: &str) -> bool {
        self.prefix.starts_with(prefix) || prefix.starts_with(&self.prefix)
    }
}

/// The rules by which a bucket deletes files that bear no tags, as those of services do not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiries(pub Vec<Expiry>);

impl Observe for Expiries {
    const NAME: &'static str = "s3.expiries";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_LIFECYCLE];
    type Key = BucketKey;

    async fn observe(reader: &Reader, key: &BucketKey) -> Result<Self, ReadError> {
        let at = Target { account: reader.at().account.clone(), region: Some(key.region.clone()) };
        let found = lifecycle(reader.session()?, &at, key).await?;
        Ok(Self(found.rules.iter().filter_map(expiry).collect()))
    }
}

/// The lifecycle of a bucket, as it has to be sent again.
pub(crate) struct Lifecycle {
    pub(crate) rules: Vec<sdk::LifecycleRule>,
    pub(crate) smallest: Option<sdk::TransitionDefaultMinimumObjectSize>,
}

/// The lifecycle of a bucket; without one, what is in it stays.
pub(crate) async fn lifecycle(session: &Session, at: &Target, key: &BucketKey) -> Result<Lifecycle, ReadError> {
    let asked = session.s3(&key.region).get_bucket_lifecycle_configuration().bucket(&key.name);
    let asked = asked.expected_bucket_owner(at.account.as_str());
    let sending = async { asked.send().await.absent_on(&["NoSuchLifecycleConfiguration"]) };
    let answer = session.ask(at, &GET_LIFECYCLE, sending).await?;
    let (rules, smallest) = answer
        .map(|answer| (answer.rules.unwrap_or_default(), answer.transition_default_minimum_object_size))
        .unwrap_or_default();
    Ok(Lifecycle { rules, smallest })
}

/// What a rule deletes, if it is in force and needs no tags.
fn expiry(rule: &sdk::LifecycleRule) -> Option<Expiry> {
    let expiration = rule.expiration().filter(|_| *rule.status() == sdk::ExpirationStatus::Enabled)?;
    let day = expiration.date().and_then(|date| date.fmt(Format::DateTime).ok());
    let (days, date) = (expiration.days(), day.and_then(|day| Some(day.split_once('T')?.0.to_owned())));
    if days.is_none() && date.is_none() {
        return None;
    }
    Some(Expiry { id: rule.id().unwrap_or_default().to_owned(), prefix: untagged(rule)?, days, date })
}

/// What the names of a rule's files begin with; none: it is about files with tags.
#[expect(deprecated, reason = "rules that were made so are answered so")]
fn untagged(rule: &sdk::LifecycleRule) -> Option<String> {
    let Some(filter) = rule.filter() else { return Some(rule.prefix().unwrap_or_default().to_owned()) };
    if filter.tag().is_some() || filter.and().is_some_and(|all| !all.tags().is_empty()) {
        return None;
    }
    let of_all = filter.and().and_then(sdk::LifecycleRuleAndOperator::prefix);
    Some(filter.prefix().or(of_all).unwrap_or_default().to_owned())
}

/// Whether a rule deletes files whose names begin so before they are so old.
pub(crate) fn is_short(rule: &sdk::LifecycleRule, prefixes: &[String], days: i32) -> bool {
    expiry(rule).is_some_and(|expiry| {
        expiry.days.is_some_and(|found| found < days) && prefixes.iter().any(|prefix| expiry.touches(prefix))
    })
}

/// After how many days a rule deletes files.
pub(crate) fn days_of(rule: &sdk::LifecycleRule) -> Option<i32> {
    rule.expiration().and_then(sdk::LifecycleExpiration::days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(filter: sdk::LifecycleRuleFilter, days: i32) -> sdk::LifecycleRule {
        let expiration = sdk::LifecycleExpiration::builder().days(days).build();
        let rule = sdk::LifecycleRule::builder().id("r").status(sdk::ExpirationStatus::Enabled).filter(filter);
        rule.expiration(expiration).build().expect("a rule")
    }

    fn of(prefix: &str) -> sdk::LifecycleRuleFilter {
        sdk::LifecycleRuleFilter::builder().prefix(prefix).build()
    }

    #[test]
    fn a_rule_is_short_where_it_may_delete_logs_before_their_time() {
        let logs = ["AWSLogs/".to_owned()];
        for (prefix, days, short) in [
            ("", 90, true),
            ("AWSLogs/111122223333/", 90, true),
            ("AWSLogs/", 365, false),
            ("AWSLogs/", 400, false),
            ("tmp/", 1, false),
        ] {
            assert_eq!(is_short(&rule(of(prefix), days), &logs, 365), short, "{prefix} {days}");
        }
    }

    #[test]
    fn a_rule_about_tags_or_that_is_switched_off_deletes_no_logs() {
        let logs = [String::new()];
        let tag = sdk::Tag::builder().key("temporary").value("yes").build().expect("a tag");
        let tagged = sdk::LifecycleRuleFilter::builder().tag(tag.clone()).build();
        let all = sdk::LifecycleRuleAndOperator::builder().prefix("AWSLogs/").tags(tag).build();
        let both = sdk::LifecycleRuleFilter::builder().and(all).build();
        let mut off = rule(of(""), 1);
        off.status = sdk::ExpirationStatus::Disabled;
        for rule in [rule(tagged, 1), rule(both, 1), off] {
            assert!(!is_short(&rule, &logs, 365), "{rule:?}");
        }
    }
}
