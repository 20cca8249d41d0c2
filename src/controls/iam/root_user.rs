//! `iam.root_user`: the root user of an account, whom no policy limits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::references;
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Bench, Fix, Judged};
use crate::observe::iam::{Report, RootAsked, RootUser as Observed, Summary, Use, VirtualDevices};
use crate::observe::{Home, ReadError, Reads};

/// See the module.
pub struct RootUser;

/// What the root user has to have, and must not have.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that the root user has no access key.
    no_access_key: Option<Yes>,
    /// Require MFA of the root user. A root user without any credentials cannot sign in, and meets this.
    mfa: Option<Yes>,
    /// Require that every MFA device of the root user is hardware.
    hardware_mfa: Option<Yes>,
    /// Days that the root user's last use has to be older than, 1 to 3650.
    #[schemars(range(min = 1, max = 3650))]
    unused_days: Option<u32>,
}

const NAME: &str = "root user";

impl Settings {
    fn asked(&self) -> RootAsked {
        RootAsked {
            summary: self.no_access_key.is_some() || self.mfa.is_some() || self.hardware_mfa.is_some(),
            devices: self.hardware_mfa.is_some(),
            used: self.unused_days.is_some(),
        }
    }
}

impl Control for RootUser {
    const META: Meta = Meta {
        id: "iam.root_user",
        title: "The root user is locked away",
        why: "The root user may do everything in its account, and no policy of the account can stop it. Whoever has its \
              password or its access key has the account; daily work never needs it.",
        runs: Runs::EveryAccount,
        requirements: &[
            Requirement {
                id: "iam.root_user.no_access_key",
                title: "The root user has no access key",
                severity: Severity::Critical,
                references: references::ROOT_NO_ACCESS_KEY,
            },
            Requirement {
                id: "iam.root_user.mfa",
                title: "The root user has MFA, or no credentials at all",
                severity: Severity::Critical,
                references: references::ROOT_MFA,
            },
            Requirement {
                id: "iam.root_user.hardware_mfa",
                title: "The root user has hardware MFA, and no virtual one beside it",
                severity: Severity::Critical,
                references: references::ROOT_HARDWARE_MFA,
            },
            Requirement {
                id: "iam.root_user.unused_days",
                title: "The root user was never used, or longer ago than the wanted number of days",
                severity: Severity::Low,
                references: references::ROOT_RECENT_USE,
            },
        ],
        steps: &[],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &[
            "Nothing is written, so there is nothing to undo: what the root user has is changed by the root user alone, by a person.",
        ],
        traps: &[
            "The credential report may be four hours old, so the root user's last use is known as of then.",
            "An access key of the root user may still be at work somewhere: make it inactive first, and delete \
             it when nothing broke.",
        ],
    };

    type Settings = Settings;
    type Observed = Observed;

    fn key(_: &Context<'_>, wanted: &Settings) -> RootAsked {
        wanted.asked()
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        let named = [
            ("no_access_key", wanted.no_access_key.is_some()),
            ("mfa", wanted.mfa.is_some()),
            ("hardware_mfa", wanted.hardware_mfa.is_some()),
            ("unused_days", wanted.unused_days.is_some()),
        ];
        named.into_iter().filter_map(|(name, named)| named.then_some(name)).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Observed, wanted: &Settings) -> Vec<Judged> {
        let mut case = Case { bench: context.object(const { &Self::META }, NAME), by_hand: vec![] };
        if let Some(summary) = &seen.summary {
            match summary.as_result() {
                Ok(summary) => case.credentials(summary, seen, wanted),
                Err(error) => case.unread(error, wanted),
            }
        }
        if let (Some(days), Some(used)) = (wanted.unused_days, &seen.used) {
            match used.as_result() {
                Ok(used) => case.used(context, *used, days),
                Err(error) => case.bench.unreadable("unused_days", error, unused_for(days)),
            }
        }
        let Case { bench, by_hand } = case;
        vec![bench.mend(|| Fix::Manual(by_hand.join("; ")))]
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let asked = wanted.asked();
        let parts = [
            (asked.summary, Reads::of::<Summary>()),
            (asked.devices, Reads::of::<VirtualDevices>()),
            (asked.used, Reads::of::<Report>()),
        ];
        let reads = parts.into_iter().filter(|(asked, _)| *asked).map(|(_, reads)| reads);
        Needs { reads: reads.collect(), ..Needs::default() }
    }
}

/// The root user under judgement. All that drifts is mended by a person who signs in as the root user.
struct Case<'a> {
    bench: Bench<'a>,
    by_hand: Vec<&'static str>,
}

impl Case<'_> {
    fn judge(&mut self, name: &str, met: bool, observed: Value, wanted: Value, mend: &'static str) {
        if self.bench.judge(name, met, observed, wanted) {
            self.by_hand.push(mend);
        }
    }

    fn credentials(&mut self, summary: &Summary, seen: &Observed, wanted: &Settings) {
        let is = |name: &str| summary.count(name).is_some_and(|count| count > 0);
        let (key, mfa) = (is("AccountAccessKeysPresent"), is("AccountMFAEnabled"));
        // An answer that does not speak of the password is older than accounts whose root user has none.
        let password = summary.count("AccountPasswordPresent") != Some(0);
        let bare = !key && !password && !is("AccountSigningCertificatesPresent");
        if wanted.no_access_key.is_some() {
            let mend = "sign in as the root user, see who still uses its access key, deactivate it and delete it";
            self.judge("no_access_key", !key, json!(!key), json!(true), mend);
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

    fn unread(&mut self, error: &ReadError, wanted: &Settings) {
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

    fn used(&mut self, context: &Context<'_>, used: Use, days: u32) {
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

fn unused_for(days: u32) -> Value {
    json!(format!("not used for more than {days} days"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account, denied, drift, exempt, judged_at, named};
    use crate::observe::Readable;

    fn all() -> Settings {
        Settings { no_access_key: Some(Yes), mfa: Some(Yes), hardware_mfa: Some(Yes), unused_days: Some(90) }
    }

    fn summary(key: i64, mfa: i64, password: Option<i64>) -> Summary {
        let counts = [
            ("AccountAccessKeysPresent", Some(key)),
            ("AccountMFAEnabled", Some(mfa)),
            ("AccountPasswordPresent", password),
        ];
        Summary(counts.into_iter().filter_map(|(name, count)| Some((name.to_owned(), count?))).collect())
    }

    fn seen(summary: Summary, virtual_mfa: bool, used: Use) -> Observed {
        Observed {
            summary: Some(Readable::Read(summary)),
            virtual_mfa: Some(Readable::Read(virtual_mfa)),
            used: Some(Readable::Read(used)),
        }
    }

    fn judged(seen: &Observed, accepted: &[Accepted]) -> Judged {
        judged_at::<RootUser>(account(HERE), seen, &all(), accepted).remove(0)
    }

    fn drifted(seen: &Observed) -> Vec<&'static str> {
        named::<RootUser>(&judged(seen, &[]), |verdict| *verdict == Verdict::Drifted)
    }

    #[test]
    fn a_root_user_that_is_locked_away_is_compliant() {
        for used in [Use::Never, Use::Last(date(2026, 9, 1))] {
            let judged = judged(&seen(summary(0, 1, Some(1)), false, used), &[]);
            assert_eq!(named::<RootUser>(&judged, |verdict| *verdict == Verdict::Compliant).len(), 4);
            assert_eq!(judged.drift, None);
        }
    }

    #[test]
    fn each_difference_alone_is_drift_that_a_person_mends() {
        let good = || summary(0, 1, Some(1));
        for (seen, requirement) in [
            (seen(summary(1, 1, Some(1)), false, Use::Never), vec!["no_access_key"]),
            (seen(summary(0, 0, Some(1)), false, Use::Never), vec!["mfa", "hardware_mfa"]),
            (seen(summary(0, 0, None), false, Use::Never), vec!["mfa", "hardware_mfa"]),
            (seen(good(), true, Use::Never), vec!["hardware_mfa"]),
            (seen(good(), false, Use::Last(date(2026, 9, 2))), vec!["unused_days"]),
            (seen(good(), false, Use::Last(date(2026, 12, 1))), vec!["unused_days"]),
        ] {
            assert_eq!(drifted(&seen), requirement);
            let judged = judged(&seen, &[]);
            let Fix::Manual(words) = &drift(&judged).fix else { panic!("a person mends it") };
            assert_eq!(words.split("; ").count(), requirement.len(), "{words}");
        }
    }

    #[test]
    fn a_root_user_without_credentials_needs_no_mfa_and_can_have_no_hardware() {
        let judged = judged(&seen(summary(0, 0, Some(0)), false, Use::Never), &[]);
        assert_eq!(judged.drift, None);
        assert_eq!(judged.findings[1].verdict, Verdict::Compliant);
        assert!(matches!(judged.findings[2].verdict, Verdict::NotApplicable(_)), "{:?}", judged.findings[2]);
        // With an access key it has credentials, whatever becomes of the password.
        assert_eq!(drifted(&seen(summary(1, 0, Some(0)), false, Use::Never)), ["no_access_key", "mfa", "hardware_mfa"]);
    }

    #[test]
    fn a_part_that_could_not_be_read_is_unreadable_and_the_others_are_judged() {
        let error = |action: &str| denied(action, account(HERE));
        let mut parts = seen(summary(0, 1, Some(1)), false, Use::Never);
        parts.virtual_mfa = Some(Readable::Unreadable(error("iam:ListVirtualMFADevices")));
        parts.used = Some(Readable::Unreadable(error("iam:GetCredentialReport")));
        let unreadable =
            |judged: &Judged| named::<RootUser>(judged, |verdict| matches!(verdict, Verdict::Unreadable(_)));
        assert_eq!(unreadable(&judged(&parts, &[])), ["hardware_mfa", "unused_days"]);
        parts.summary = Some(Readable::Unreadable(error("iam:GetAccountSummary")));
        assert_eq!(unreadable(&judged(&parts, &[])), ["no_access_key", "mfa", "hardware_mfa", "unused_days"]);
    }

    #[test]
    fn an_exempt_requirement_beside_a_drifted_one_is_not_asked_of_a_person() {
        let exempt = exempt("iam.root_user.hardware_mfa");
        let judged = judged(&seen(summary(1, 1, Some(1)), true, Use::Never), &[exempt]);
        let differences = &drift(&judged).differences;
        assert_eq!(
            differences.iter().map(|one| one.requirement.as_str()).collect::<Vec<_>>(),
            ["iam.root_user.no_access_key"]
        );
    }

    #[test]
    fn only_what_is_asked_is_judged_and_read() {
        let one = Settings { unused_days: Some(30), ..Settings::default() };
        assert_eq!(RootUser::required(&one), ["unused_days"]);
        assert_eq!(one.asked(), RootAsked { summary: false, devices: false, used: true });
        let seen = Observed { summary: None, virtual_mfa: None, used: Some(Readable::Read(Use::Never)) };
        assert_eq!(judged_at::<RootUser>(account(HERE), &seen, &one, &[])[0].findings.len(), 1);
        let reads = |wanted: &Settings| {
            RootUser::needs(wanted, Home::Member).reads.iter().map(|reads| reads.name).collect::<Vec<_>>()
        };
        assert_eq!(reads(&one), ["iam.credential_report"]);
        assert_eq!(reads(&Settings { mfa: Some(Yes), ..Settings::default() }), ["iam.summary"]);
    }
}
