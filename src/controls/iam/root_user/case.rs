//! One root user under judgement.

use serde_json::{Value, json};

use super::{RootUser, Settings};
use crate::control::{Context, Control as _};
use crate::drift::{Bench, Fix, Judged, Why};
use crate::observe::iam::{CentralRoot, RootUser as Observed, Summary, Use};
use crate::observe::{ReadError, Readable};
use crate::steps::Step;
use crate::steps::iam::DeleteRootAccessKeys;

/// The root user under judgement. What drifts is mended by a person who signs in as the root user, but for the keys of
/// a member whose root user the management account may become.
pub(super) struct Case<'a> {
    pub(super) bench: Bench<'a>,
    pub(super) steps: Vec<Step>,
    /// What a person has to do, by the short name of the requirement.
    pub(super) by_hand: Vec<(&'static str, String)>,
}

impl Case<'_> {
    fn judge(&mut self, name: &'static str, met: bool, observed: Value, wanted: Value, mend: &str) {
        if self.bench.judge(name, met, observed, wanted) {
            self.by_hand.push((name, mend.to_owned()));
        }
    }

    pub(super) fn judged(self) -> Judged {
        let Self { bench, steps, by_hand } = self;
        if steps.is_empty() {
            let words: Vec<String> = by_hand.into_iter().map(|(_, words)| words).collect();
            return bench.mend(|| Fix::Manual(words.join("; ")));
        }
        let mut judged = bench.mend(|| Fix::Steps { steps, needs: vec![] });
        if let Some(drift) = &mut judged.drift {
            for (name, words) in by_hand {
                drift.leave(RootUser::META.requirement(name).id, Why::Manual(words));
            }
        }
        judged
    }

    /// Whether there is no key, and how one goes away.
    fn keys(&mut self, key: bool, seen: &Observed) {
        if !self.bench.judge("no_access_key", !key, json!(!key), json!(true)) {
            return;
        }
        let by_hand = "sign in as the root user, see who still uses its access key, deactivate it and delete it";
        let words = match seen.central.as_ref().map(Readable::as_result) {
            None => format!("{by_hand}: nobody else can in the management account"),
            Some(Ok(central)) if central.is_on() => {
                self.steps.push(Step::DeleteRootAccessKeys(DeleteRootAccessKeys {}));
                if let Some(used) = &seen.keys_used {
                    self.bench.because(hit(used));
                }
                return;
            }
            Some(Ok(central)) => format!(
                "{by_hand}; or have it deleted from the management account, once central root access is on there: {}",
                switches(*central)
            ),
            Some(Err(error)) => format!(
                "{by_hand}; whether it can be deleted from the management account is not known: {}",
                error.explained()
            ),
        };
        self.by_hand.push(("no_access_key", words));
    }

    pub(super) fn credentials(&mut self, summary: &Summary, seen: &Observed, wanted: &Settings) {
        let is = |name: &str| summary.count(name).is_some_and(|count| count > 0);
        let (key, mfa) = (is("AccountAccessKeysPresent"), is("AccountMFAEnabled"));
        // An answer that does not speak of the password is older than accounts whose root user has none.
        let password = summary.count("AccountPasswordPresent") != Some(0);
        let bare = !key && !password && !is("AccountSigningCertificatesPresent");
        if wanted.no_access_key.is_some() {
            self.keys(key, seen);
        }
        if wanted.mfa.is_some() {
            let mend = "sign in as the root user and give it an MFA device, or take the root credentials of this member \
                        away by centralized root access";
            self.judge("mfa", mfa || bare, json!(mfa), json!(true), mend);
            if bare && !mfa {
                self.bench.because("the root user has no credentials to sign in with");
            }
        }
        if wanted.hardware_mfa.is_some() {
            self.hardware(mfa, bare, seen);
        }
    }

    fn hardware(&mut self, mfa: bool, bare: bool, seen: &Observed) {
        let hardware = json!("hardware");
        if bare && !mfa {
            self.bench.not_applicable("hardware_mfa", "the root user has no credentials to sign in with", hardware);
            return;
        }
        let virtual_mfa = seen.virtual_mfa.as_ref().map(|seen| seen.as_result());
        let mend = "sign in as the root user, give it a hardware MFA device or a passkey, and remove its virtual one";
        match (mfa, virtual_mfa) {
            (false, _) | (_, None) => self.judge("hardware_mfa", false, json!("none"), hardware, mend),
            (true, Some(Ok(true))) => self.judge("hardware_mfa", false, json!("virtual"), hardware, mend),
            (true, Some(Ok(false))) => self.judge("hardware_mfa", true, hardware.clone(), hardware, mend),
            (true, Some(Err(error))) => self.bench.unreadable("hardware_mfa", error, hardware),
        }
    }

    pub(super) fn unread(&mut self, error: &ReadError, wanted: &Settings) {
        for (name, asked, value) in [
            ("no_access_key", wanted.no_access_key, json!(true)),
            ("mfa", wanted.mfa, json!(true)),
            ("hardware_mfa", wanted.hardware_mfa, json!("hardware")),
        ] {
            if asked.is_some() {
                self.bench.unreadable(name, error, value);
            }
        }
    }

    pub(super) fn used(&mut self, context: &Context<'_>, used: Use, days: u32) {
        let mend = "find out who used the root user and for what, and give that to a role";
        match used {
            Use::Never => self.judge("unused_days", true, json!("never used"), unused_for(days), mend),
            Use::Last(day) => {
                let unused = (context.today - day).get_days();
                let met = unused > i32::try_from(days).unwrap_or(i32::MAX);
                self.judge("unused_days", met, json!(format!("used on {day}")), unused_for(days), mend);
            }
        }
    }
}

/// Who would be hit by the deletion of the keys, as far as the report knows.
fn hit(used: &Readable<Use>) -> String {
    match used.as_result() {
        Ok(Use::Never) => "its access key was never used".to_owned(),
        Ok(Use::Last(day)) => format!("its access key was used last on {day}: what used it stops once it is deleted"),
        Err(error) => format!("when its access key was used last could not be read: {}", error.explained()),
    }
}

/// What switches central root access on, as far as it is off.
fn switches(central: CentralRoot) -> String {
    let both = [
        (central.credentials, "iam:EnableOrganizationsRootCredentialsManagement"),
        (central.sessions, "iam:EnableOrganizationsRootSessions"),
    ];
    let lacking: Vec<&str> = both.into_iter().filter(|(on, _)| !on).map(|(_, call)| call).collect();
    format!("{}, in an organization that trusts iam.amazonaws.com", lacking.join(" and "))
}

pub(super) fn unused_for(days: u32) -> Value {
    json!(format!("not used for more than {days} days"))
}
