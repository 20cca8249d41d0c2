//! The password policy of an account, and how old its passwords are where another policy would shut somebody out.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Credentials, Fate, PasswordPolicy, Report};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};

/// What is asked of the policy by which passwords expire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Days after which passwords expire; what expires sooner stays so.
    pub max_age_days: Option<u32>,
    /// Whether an expired password locks its user out; none: as it is.
    pub hard_expiry: Option<bool>,
}

impl Asked {
    /// Whether a policy could hit somebody by it.
    #[must_use]
    pub fn may_hit(&self) -> bool {
        self.max_age_days.is_some() || self.hard_expiry == Some(true)
    }

    /// Whether passwords fare worse where this is added to a policy.
    fn hits(&self, before: Option<&PasswordPolicy>) -> bool {
        let (age, hard) = before.map_or((None, false), |before| (before.max_age_days, before.hard_expiry));
        let age = age.into_iter().chain(self.max_age_days).min();
        let hard_expiry = self.hard_expiry.unwrap_or(hard);
        let after = before.cloned().unwrap_or_else(PasswordPolicy::without);
        PasswordPolicy { max_age_days: age, hard_expiry, ..after }.hits(before)
    }
}

/// The password policy of an account, and whom another one would hit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passwords {
    /// The policy; none: there is none.
    pub policy: Option<PasswordPolicy>,
    /// Since when users have their passwords; asked only where what is wanted makes passwords fare worse.
    pub since: Option<Readable<Vec<Dated>>>,
}

/// A user with a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated {
    /// The name of the user.
    pub user: String,
    /// The day on which the password was set, in UTC.
    pub since: Date,
}

impl Dated {
    fn of(row: &Credentials) -> Option<Self> {
        let since = row.password_last_changed.or(row.created).filter(|_| row.password == Some(true))?;
        Some(Self { user: row.user.clone(), since: since.to_zoned(TimeZone::UTC).date() })
    }

    fn days(&self, today: Date) -> u32 {
        u32::try_from((today - self.since).get_days()).unwrap_or(0)
    }
}

impl Passwords {
    /// The users whose passwords meet this fate by another policy, and fare better by the one that is there.
    #[must_use]
    pub fn hit(&self, after: &PasswordPolicy, today: Date, fate: Fate) -> Vec<String> {
        let dated = self.since.as_ref().and_then(|since| since.as_result().ok()).map_or(&[][..], Vec::as_slice);
        let worse = |one: &&Dated| after.worsens(self.policy.as_ref(), one.days(today)) == Some(fate);
        dated.iter().filter(worse).map(|one| one.user.clone()).collect()
    }

    /// Why it is not known whom another policy would hit.
    #[must_use]
    pub fn unread(&self) -> Option<&ReadError> {
        self.since.as_ref().and_then(|since| since.as_result().err())
    }
}

impl Observe for Passwords {
    const NAME: &'static str = "iam.passwords";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    type Key = Asked;

    async fn observe(reader: &Reader, asked: &Asked) -> Result<Self, ReadError> {
        let policy = Option::clone(&*reader.get::<Option<PasswordPolicy>>().await?);
        if !asked.hits(policy.as_ref()) {
            return Ok(Self { policy, since: None });
        }
        // No other call says when a password was set: of a login profile AWS tells the day of the first one.
        let report = reader.get::<Report>().await;
        let since = report.map(|report| report.users.iter().filter_map(Dated::of).collect());
        Ok(Self { policy, since: Some(since.into()) })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Option<PasswordPolicy>>(), Reads::of::<Report>()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(max_age_days: Option<u32>, hard_expiry: bool) -> PasswordPolicy {
        PasswordPolicy { max_age_days, hard_expiry, ..PasswordPolicy::without() }
    }

    fn asked(max_age_days: Option<u32>, hard_expiry: Option<bool>) -> Asked {
        Asked { max_age_days, hard_expiry }
    }

    #[test]
    fn who_has_an_old_password_is_asked_only_where_some_password_would_fare_worse() {
        let (some, none) = (|days, hard| Some(policy(Some(days), hard)), |hard| Some(policy(None, hard)));
        for (before, wanted, hits) in [
            (None, asked(Some(90), None), true),
            (None, asked(None, Some(true)), false),
            (None, asked(None, None), false),
            (none(true), asked(Some(90), Some(false)), true),
            (some(180, false), asked(Some(90), None), true),
            (some(90, false), asked(Some(90), None), false),
            (some(60, false), asked(Some(90), None), false),
            (some(60, false), asked(Some(90), Some(true)), true),
            (some(60, true), asked(Some(90), Some(true)), false),
            (some(60, true), asked(Some(90), Some(false)), false),
            (none(false), asked(None, Some(true)), false),
        ] {
            assert_eq!(wanted.hits(before.as_ref()), hits, "{before:?} {wanted:?}");
            assert!(!hits || wanted.may_hit(), "what may hit somebody is declared: {wanted:?}");
        }
    }

    #[test]
    fn a_password_expires_on_the_day_on_which_it_has_the_age() {
        let policy = policy(Some(90), false);
        assert_eq!([89, 90, 400].map(|days| policy.fate(days)), [Fate::Valid, Fate::Expired, Fate::Expired]);
        assert_eq!(PasswordPolicy { hard_expiry: true, ..policy }.fate(90), Fate::LockedOut);
        assert_eq!(PasswordPolicy::without().fate(9_999), Fate::Valid);
    }

    #[test]
    fn who_is_hit_already_is_not_hit_by_it() {
        let day = |days: i8| jiff::civil::date(2026, 11, days);
        let dated = |user: &str, since: Date| Dated { user: user.to_owned(), since };
        let since = vec![dated("old", day(1)), dated("older", jiff::civil::date(2026, 1, 1)), dated("young", day(29))];
        let seen =
            |before: PasswordPolicy| Passwords { policy: Some(before), since: Some(Readable::Read(since.clone())) };
        let hit = |seen: &Passwords, after: &PasswordPolicy| {
            [Fate::Expired, Fate::LockedOut].map(|fate| seen.hit(after, day(30), fate))
        };
        let (sooner, harder) = (policy(Some(29), false), policy(Some(29), true));
        assert_eq!(hit(&seen(policy(Some(90), false)), &sooner), [vec!["old".to_owned()], vec![]]);
        assert_eq!(
            hit(&seen(policy(Some(90), false)), &harder),
            [vec![], vec!["old".to_owned(), "older".to_owned()]],
            "who could have set a new password cannot any more"
        );
        assert_eq!(hit(&seen(policy(Some(90), true)), &harder), [vec![], vec!["old".to_owned()]]);
        assert_eq!(hit(&seen(policy(Some(90), true)), &sooner), [vec!["old".to_owned()], vec![]]);
    }

    #[test]
    fn who_has_no_password_is_not_hit_and_one_whose_day_is_not_known_is_as_old_as_the_user() {
        let time = |text: &str| text.parse().ok();
        let row = |password: Option<bool>, changed: &str, created: &str| Credentials {
            user: "ada".to_owned(),
            password,
            password_last_changed: time(changed),
            created: time(created),
            ..Credentials::default()
        };
        let day = |row: Credentials| Dated::of(&row).map(|dated| dated.since);
        let (then, before) = ("2026-11-01T23:59:59Z", "2026-01-01T00:00:00Z");
        assert_eq!(day(row(Some(true), then, before)), Some(jiff::civil::date(2026, 11, 1)));
        assert_eq!(day(row(Some(true), "", before)), Some(jiff::civil::date(2026, 1, 1)));
        assert_eq!((day(row(Some(false), then, before)), day(row(None, then, before))), (None, None));
    }
}
