//! `iam.root_user`: the root user of an account, whom no policy limits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::references;
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Bench, Fix, Judged, Why};
use crate::observe::iam::{CentralRoot, Report, RootAsked, RootUser as Observed, Summary, Use, VirtualDevices};
use crate::observe::{Home, ReadError, Readable, Reads};
use crate::steps::Step;
use crate::steps::iam::DeleteRootAccessKeys;

/// See the module.
pub struct RootUser;

/// What the root user has to have, and must not have.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that the root user has no access key. A member's is deleted, where central root access is on.
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
            keys: self.no_access_key.is_some(),
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
        steps: &["DeleteRootAccessKeys"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &["What still works with an access key of the root user stops when the key is deleted."],
        undo: &[
            "A deleted access key cannot be restored: who needs one makes another, as the root user.",
            "What else drifts is changed by the root user alone, by a person.",
        ],
        traps: &[
            "The credential report may be four hours old, so the root user's last use is known as of then.",
            "Access keys are deleted in member accounts alone, and only where central root access is on: \
             EnableOrganizationsRootCredentialsManagement and EnableOrganizationsRootSessions of IAM, in the management \
             account. Nobody but a person becomes the root user of the management account itself.",
            "AWS lets a session of the root user delete its keys, and not make them inactive. To see first what breaks, \
             sign in as the root user, make the key inactive, and delete it when nothing broke.",
            "The reason of the drift says when a key was used last, and `--allow irreversible:iam.root_user` deletes it.",
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
        let mut case = Case { bench: context.object(const { &Self::META }, NAME), steps: vec![], by_hand: vec![] };
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
        vec![case.judged()]
    }

    fn needs(wanted: &Settings, home: Home) -> Needs {
        let asked = wanted.asked();
        // The keys of the management account's own root user are for a person.
        let keys = asked.keys && home != Home::Management;
        let parts = [
            (asked.summary, Reads::of::<Summary>()),
            (asked.devices, Reads::of::<VirtualDevices>()),
            (asked.used, Reads::of::<Report>()),
            (keys, Reads::of::<CentralRoot>()),
            // When a key was used last is only told.
            (keys && !asked.used, Reads::of::<Report>().only_told()),
        ];
        let reads = parts.into_iter().filter(|(asked, _)| *asked).map(|(_, reads)| reads);
        let steps = if keys { Self::META.steps.to_vec() } else { vec![] };
        Needs { reads: reads.collect(), steps, ..Needs::default() }
    }
}

/// The root user under judgement. What drifts is mended by a person who signs in as the root user, but for the keys of
/// a member whose root user the management account may become.
struct Case<'a> {
    bench: Bench<'a>,
    steps: Vec<Step>,
    /// What a person has to do, by the short name of the requirement.
    by_hand: Vec<(&'static str, String)>,
}

impl Case<'_> {
    fn judge(&mut self, name: &'static str, met: bool, observed: Value, wanted: Value, mend: &str) {
        if self.bench.judge(name, met, observed, wanted) {
            self.by_hand.push((name, mend.to_owned()));
        }
    }

    fn judged(self) -> Judged {
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

    fn credentials(&mut self, summary: &Summary, seen: &Observed, wanted: &Settings) {
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
            central: None,
            keys_used: None,
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

    fn keyed(central: Readable<CentralRoot>, keys_used: Option<Readable<Use>>) -> Observed {
        Observed { central: Some(central), keys_used, ..seen(summary(1, 0, Some(1)), false, Use::Never) }
    }

    #[test]
    fn keys_are_deleted_only_where_both_features_are_on_and_the_rest_stays_a_persons() {
        let on = CentralRoot { credentials: true, sessions: true };
        let judged = judged(&keyed(Readable::Read(on), Some(Readable::Read(Use::Last(date(2026, 11, 2))))), &[]);
        let drift = drift(&judged);
        let Fix::Steps { steps, .. } = &drift.fix else { panic!("{:?}", drift.fix) };
        assert_eq!(steps, &[Step::DeleteRootAccessKeys(DeleteRootAccessKeys {})]);
        assert_eq!(drift.differences.len(), 1, "{:?}", drift.differences);
        let left: Vec<&str> = drift.left.iter().map(|left| left.difference.requirement.as_str()).collect();
        assert_eq!(left, ["iam.root_user.mfa", "iam.root_user.hardware_mfa"]);
        assert!(judged.findings[0].reason.as_ref().is_some_and(|reason| reason.contains("2026-11-02")));
        for half in [CentralRoot { sessions: false, ..on }, CentralRoot { credentials: false, ..on }] {
            let judged = self::judged(&keyed(Readable::Read(half), None), &[]);
            let Fix::Manual(words) = &self::drift(&judged).fix else { panic!("a person mends it") };
            let named = ["RootCredentialsManagement", "RootSessions"].map(|name| words.contains(name));
            assert_eq!(named, [!half.credentials, !half.sessions], "{words}");
        }
    }

    #[test]
    fn what_is_not_known_of_central_root_access_is_not_taken_for_off() {
        let error = denied("iam:ListOrganizationsFeatures", account(HERE));
        let judged = judged(&keyed(Readable::Unreadable(error), None), &[]);
        let Fix::Manual(words) = &drift(&judged).fix else { panic!("a person mends it") };
        assert!(words.contains("is not known: iam:ListOrganizationsFeatures") && !words.contains("Enable"), "{words}");
    }

    #[test]
    fn the_management_account_needs_nothing_for_keys_that_a_person_deletes() {
        let wanted = Settings { no_access_key: Some(Yes), ..Settings::default() };
        let needs = RootUser::needs(&wanted, Home::Management);
        assert_eq!((needs.reads.len(), needs.steps.len()), (1, 0));
        let needs = RootUser::needs(&wanted, Home::Member);
        assert_eq!((needs.reads.len(), needs.steps), (3, vec!["DeleteRootAccessKeys"]));
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
        assert_eq!(one.asked(), RootAsked { summary: false, devices: false, used: true, keys: false });
        let used = Some(Readable::Read(Use::Never));
        let seen = Observed { summary: None, virtual_mfa: None, used, central: None, keys_used: None };
        assert_eq!(judged_at::<RootUser>(account(HERE), &seen, &one, &[])[0].findings.len(), 1);
        let reads = |wanted: &Settings| {
            RootUser::needs(wanted, Home::Member).reads.iter().map(|reads| reads.name).collect::<Vec<_>>()
        };
        assert_eq!(reads(&one), ["iam.credential_report"]);
        assert_eq!(reads(&Settings { mfa: Some(Yes), ..Settings::default() }), ["iam.summary"]);
    }
}
