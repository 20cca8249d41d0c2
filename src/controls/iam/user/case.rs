//! One user under judgement: each requirement, and what mends it, by a call or by a person.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{Mend, Mfa, Settings, User};
use crate::control::{Context, Control as _};
use crate::drift::{Bench, Fix, Judged, Why};
use crate::observe::iam::{AccessKey, User as Seen, UsersAsked};
use crate::ownership::control_tower;
use crate::steps::Step;
use crate::steps::iam::{DeactivateAccessKey, DeleteLoginProfile, DeleteUserPolicy, DetachUserPolicy, Who};

/// A user under judgement.
pub(super) struct Case<'a> {
    bench: Bench<'a>,
    user: &'a Seen,
    asked: &'a UsersAsked,
    wanted: &'a Settings,
    /// Ids of keys that become inactive.
    keys: BTreeSet<String>,
    /// Whether the password goes.
    password: bool,
    /// Whether the policies go.
    policies: bool,
    /// The requirements that a person mends, and how.
    by_hand: Vec<(&'static str, String)>,
}

fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// How a key is called where the report is all that was read of it.
fn named(key: &AccessKey) -> String {
    if key.id.is_empty() { "an access key".to_owned() } else { format!("access key {}", key.id) }
}

impl<'a> Case<'a> {
    pub(super) fn new(context: &'a Context<'a>, user: &'a Seen, asked: &'a UsersAsked, wanted: &'a Settings) -> Self {
        let signs = user.signs.as_ref();
        let bench = context.object(const { &User::META }, &user.name).signed(signs);
        let bench = bench.owned_by(control_tower(&user.name, signs));
        let (keys, by_hand) = (BTreeSet::new(), vec![]);
        Self { bench, user, asked, wanted, keys, password: false, policies: false, by_hand }
    }

    pub(super) fn judged(mut self) -> Judged {
        if let Some(of) = self.wanted.mfa {
            self.mfa(of);
        }
        if let Some(days) = self.wanted.max_unused_days {
            self.unused(days);
        }
        if let Some(days) = self.wanted.max_key_age_days {
            self.old_keys(days);
        }
        if self.wanted.one_active_key.is_some() {
            self.one_active_key();
        }
        if self.wanted.no_initial_access_key.is_some() {
            self.initial_keys();
        }
        if self.wanted.no_policies.is_some() {
            self.own_policies();
        }
        self.mended()
    }

    fn mfa(&mut self, of: Mfa) {
        let console = || json!("MFA, or no password");
        let wanted = if of == Mfa::Console { console() } else { json!("MFA") };
        let (password, mfa) = match (self.user.password.as_result(), self.user.mfa.as_result()) {
            (Ok(password), Ok(mfa)) => (password, *mfa),
            (Err(error), _) | (_, Err(error)) => return self.bench.unreadable("mfa", error, wanted),
        };
        let observed = match (mfa, password) {
            (true, _) => json!("MFA"),
            (false, Some(_)) => json!("a password without MFA"),
            (false, None) => json!("no MFA"),
        };
        if !self.bench.judge("mfa", !self.asked.lacks_mfa(password.is_some(), mfa), observed, wanted) {
            return;
        }
        if self.wanted.mends(Mend::Mfa) && password.is_some() && of == Mfa::Console {
            self.password = true;
        } else {
            let name = &self.user.name;
            self.by_hand.push(("mfa", format!("have {name} register an MFA device, or take the user away")));
        }
    }

    fn unused(&mut self, days: u32) {
        let wanted = json!(format!("used within {days} days"));
        let (password, keys) = match (self.user.password.as_result(), self.user.keys.as_result()) {
            (Ok(password), Ok(keys)) => (password, keys),
            (Err(error), _) | (_, Err(error)) => return self.bench.unreadable("max_unused_days", error, wanted),
        };
        let use_of = |last: Option<Timestamp>, since: Option<Timestamp>| match (last, since) {
            (Some(last), _) => format!("last used on {}", day(last)),
            (None, Some(since)) => format!("never used since {}", day(since)),
            (None, None) => "never used".to_owned(),
        };
        let password = password.as_ref().filter(|password| self.asked.is_unused(password));
        let idle: Vec<&AccessKey> = keys.iter().filter(|key| self.asked.is_idle(key)).collect();
        let found = password.map(|password| format!("password {}", use_of(password.last_used, password.since)));
        let idles = idle.iter().map(|key| format!("{} {}", named(key), use_of(key.last_used, key.created)));
        let unused: Vec<String> = found.into_iter().chain(idles).collect();
        let drifted = self.list("max_unused_days", &unused, ["in use", "not in use"], wanted);
        if drifted {
            self.password |= password.is_some();
            self.keys.extend(idle.iter().map(|key| key.id.clone()));
        }
    }

    /// Judges a requirement by what falls short of it, which stands in the reason: the difference stays the same while
    /// one after another is mended.
    fn list(&mut self, name: &str, short: &[String], [good, bad]: [&str; 2], wanted: Value) -> bool {
        let observed = if short.is_empty() { good } else { bad };
        let drifted = self.bench.judge(name, short.is_empty(), json!(observed), wanted);
        if !short.is_empty() {
            self.bench.because(short.join("; "));
        }
        drifted
    }

    fn old_keys(&mut self, days: u32) {
        let wanted = json!(format!("no active key older than {days} days"));
        let keys = match self.user.keys.as_result() {
            Ok(keys) => keys,
            Err(error) => return self.bench.unreadable("max_key_age_days", error, wanted),
        };
        let old: Vec<&AccessKey> = keys.iter().filter(|key| self.asked.is_old(key)).collect();
        // Who works with a key that is old is shut out once it is inactive, so it is said who that would be.
        let short: Vec<String> = old.iter().map(|key| in_use(key)).collect();
        if !self.list("max_key_age_days", &short, ["no older key", "an older key"], wanted) {
            return;
        }
        if self.wanted.mends(Mend::MaxKeyAgeDays) {
            self.keys.extend(old.iter().map(|key| key.id.clone()));
        } else {
            let words = format!(
                "make a new access key for {}, put it where the old one is used, and delete that",
                self.user.name
            );
            self.by_hand.push(("max_key_age_days", words));
        }
    }

    fn one_active_key(&mut self) {
        let keys = match self.user.keys.as_result() {
            Ok(keys) => keys,
            Err(error) => return self.bench.unreadable("one_active_key", error, json!("one active key at most")),
        };
        let active = keys.iter().filter(|key| key.active).count();
        if self.bench.judge("one_active_key", active < 2, json!(active), json!("one active key at most")) {
            let words =
                format!("end the rotation of {}'s access keys: deactivate and delete the older one", self.user.name);
            self.by_hand.push(("one_active_key", words));
        }
    }

    fn initial_keys(&mut self) {
        let wanted = json!("no unused key from when the user was made");
        let (password, keys) = match (self.user.password.as_result(), self.user.keys.as_result()) {
            (Ok(password), Ok(keys)) => (password, keys),
            (Err(error), _) | (_, Err(error)) => return self.bench.unreadable("no_initial_access_key", error, wanted),
        };
        let initial = |key: &&AccessKey| password.is_some() && self.asked.is_initial(self.user.created, key);
        let observed: Vec<String> = keys.iter().filter(initial).map(named).collect();
        if self.list("no_initial_access_key", &observed, ["none", "one"], wanted) {
            let words = format!("delete the access key that {} got with the password and never used", self.user.name);
            self.by_hand.push(("no_initial_access_key", words));
        }
    }

    fn own_policies(&mut self) {
        let inline = self.user.inline.iter().map(|policy| policy.name.clone());
        let observed: Vec<String> = inline.chain(self.user.attached.iter().cloned()).collect();
        let wanted = json!("policies by groups alone");
        if !self.list("no_policies", &observed, ["policies by groups alone", "policies of its own"], wanted) {
            return;
        }
        if self.wanted.mends(Mend::NoPolicies) {
            self.policies = true;
        } else {
            let words =
                format!("give {} to a group of {}, and take it from the user", observed.join(", "), self.user.name);
            self.by_hand.push(("no_policies", words));
        }
    }

    fn mended(self) -> Judged {
        let steps = self.steps();
        let (self_inflicted, name) = (self.user.runs_this && !steps.is_empty(), &self.user.name);
        let Self { bench, by_hand, .. } = self;
        let mut judged = bench.mend(|| Fix::Manual(String::new()));
        if let Some(drift) = &mut judged.drift {
            if self_inflicted {
                // Whoever runs trueup by this user would be shut out in the middle of it.
                let words = format!("{name} is who runs this: change it as somebody else");
                drift.fix = Fix::Manual(words);
            } else if steps.is_empty() {
                let words: Vec<String> = by_hand.into_iter().map(|(_, words)| words).collect();
                drift.fix = Fix::Manual(words.join("; "));
            } else {
                for (name, words) in by_hand {
                    drift.leave(const { &User::META }.requirement(name).id, Why::Manual(words));
                }
                drift.fix = Fix::Steps { steps, needs: vec![] };
            }
        }
        judged
    }

    fn steps(&self) -> Vec<Step> {
        let user = || Who { name: self.user.name.clone(), path: self.user.path.clone() };
        let keys = self
            .keys
            .iter()
            .map(|key| Step::DeactivateAccessKey(DeactivateAccessKey { user: user(), key: key.clone() }));
        let password = self.password.then(|| Step::DeleteLoginProfile(DeleteLoginProfile { user: user() }));
        let mut steps: Vec<Step> = keys.chain(password).collect();
        if self.policies {
            steps.extend(
                self.user
                    .attached
                    .iter()
                    .map(|policy| Step::DetachUserPolicy(DetachUserPolicy { user: user(), policy: policy.clone() })),
            );
            steps.extend(self.user.inline.iter().map(|policy| {
                let (policy, document) = (policy.name.clone(), policy.document.clone());
                Step::DeleteUserPolicy(DeleteUserPolicy { user: user(), policy, document })
            }));
        }
        steps
    }
}

/// Who would be shut out with a key.
fn in_use(key: &AccessKey) -> String {
    let named = |key: &AccessKey| {
        let since = key.created.map(|created| format!(" of {}", day(created))).unwrap_or_default();
        format!("{}{since}", named(key))
    };
    match (key.last_used, &key.service) {
        (Some(last), Some(service)) => format!("{} was last used on {} with {service}", named(key), day(last)),
        (Some(last), None) => format!("{} was last used on {}", named(key), day(last)),
        (None, _) => format!("{} was never used", named(key)),
    }
}
