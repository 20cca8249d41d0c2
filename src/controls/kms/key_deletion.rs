//! `kms.key_deletion`: the keys of a region that are about to be deleted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity, reads};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::frameworks::security_hub;
use crate::observe::kms::{DescribedKey, DescribedKeys, KeyFacts};
use crate::observe::{Home, Tagged};
use crate::steps::Step;
use crate::steps::kms::{CancelKeyDeletion, EnableKey};

/// See the module.
pub struct KeyDeletion;

/// What may not be about to happen to the keys of a region.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that no customer managed key is about to be deleted. Exempt those that shall be.
    not_scheduled: Option<Yes>,
    /// Let apply cancel the deletion and enable the key. Left out, a person is told: somebody may have meant it.
    mend: Option<Yes>,
}

impl Control for KeyDeletion {
    const META: Meta = Meta {
        id: "kms.key_deletion",
        title: "No customer managed key is about to be deleted",
        why: "What a key encrypted is lost with it, for ever and wherever the copies are. Between the call and the \
              deletion are 7 to 30 days in which somebody has to notice: an error, or who wants to destroy what cannot \
              be stolen.",
        runs: Runs::EveryRegion,
        requirements: &[Requirement {
            id: "kms.key_deletion.not_scheduled",
            title: "The key is not scheduled for deletion",
            severity: Severity::Critical,
            references: &[security_hub("KMS.3")],
        }],
        steps: &["CancelKeyDeletion", "EnableKey"],
    };
    const NOTES: Notes = Notes {
        costs: &["A key that stays bills monthly, as it did before its deletion was scheduled."],
        disturbs: &["What was meant to become unreadable can be read again by who may use the key."],
        undo: &[
            "The deletion is scheduled again only with `--delete-keys`, because what the key has encrypted is lost with \
             it: for as many days, 7 to 30, as it is deleted no sooner than it was to be. A key that a trail encrypts by \
             stays.",
        ],
        traps: &[
            "A key whose deletion is cancelled is disabled, and is enabled by a second call, also where it was \
             disabled before. If an apply is cut short between the two, the same plan, applied again with the same \
             `--state`, enables it; a new plan sees a key that is not about to be deleted, and leaves it disabled.",
            "A key whose policy lets nobody of its own account in cannot be read: it is unreadable, and named.",
            "A primary key with replicas waits for their deletion first, and has no date until then.",
        ],
    };
    const TAGGED: &'static [Tagged] = &[Tagged::Key];
    type Settings = Settings;
    type Observed = DescribedKeys;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.not_scheduled.map(|Yes| "not_scheduled").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &DescribedKeys, wanted: &Settings) -> Vec<Judged> {
        match wanted.not_scheduled {
            None => vec![],
            Some(Yes) => seen.0.iter().map(|key| judge(context, key, wanted.mend)).collect(),
        }
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let steps = if wanted.mend.is_some() { Self::META.steps.to_vec() } else { vec![] };
        Needs { reads: reads::<Self>(), steps, ..Needs::default() }
    }
}

fn judge(context: &Context<'_>, key: &DescribedKey, mend: Option<Yes>) -> Judged {
    let mut object = context.object(const { &KeyDeletion::META }, &key.id).bears(Tagged::Key, Some(key.id.clone()));
    let wanted = json!("not scheduled for deletion");
    let facts = match key.is.as_result() {
        Ok(facts) => facts,
        Err(error) => {
            object.unreadable("not_scheduled", error, wanted);
            return object.mend(|| Fix::Manual(String::new()));
        }
    };
    let drifted = object.judge("not_scheduled", !facts.is_dying(), json!(facts.state), wanted);
    if let Some(day) = facts.deletion.as_ref().filter(|_| drifted) {
        object.because(format!("it is deleted on {day}"));
    }
    object.mend(|| {
        if mend.is_none() {
            return Fix::Manual(words(&key.id, facts));
        }
        let key_id = || key.id.clone();
        let cancel = Step::CancelKeyDeletion(CancelKeyDeletion { key_id: key_id() });
        let enable = Step::EnableKey(EnableKey { key_id: key_id() });
        Fix::Steps { steps: vec![cancel, enable], needs: vec![] }
    })
}

fn words(key: &str, facts: &KeyFacts) -> String {
    let until = facts.deletion.as_ref().map_or_else(
        || "before its replicas are deleted".to_owned(),
        |day| format!("before {day}, when what it encrypted is lost"),
    );
    format!(
        "find out in CloudTrail who scheduled the deletion of key {key} (ScheduleKeyDeletion), and cancel it {until}: \
         CancelKeyDeletion, then EnableKey; or exempt the key, or let apply do it by `mend: true`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, denied, drift, exempt, judged_at, steps};
    use crate::observe::Readable;
    use crate::steps::Risk;

    const ASKED: Settings = Settings { not_scheduled: Some(Yes), mend: None };
    const MENDING: Settings = Settings { mend: Some(Yes), ..ASKED };

    fn judged_with(accepted: &[Accepted], keys: Vec<DescribedKey>, wanted: &Settings) -> Vec<Judged> {
        judged_at::<KeyDeletion>(account_in_region(HERE), &DescribedKeys(keys), wanted, accepted)
    }

    fn key(id: &str, state: &str) -> DescribedKey {
        let deletion = (state == "PendingDeletion").then(|| "2026-12-20".to_owned());
        let facts = KeyFacts { state: state.to_owned(), deletion, can_rotate: false };
        DescribedKey { id: id.to_owned(), is: Readable::Read(facts) }
    }

    #[test]
    fn a_key_that_is_not_to_be_deleted_is_compliant_whatever_else_it_is() {
        for state in ["Enabled", "Disabled", "PendingImport", "Unavailable"] {
            let judged = judged_with(&[], vec![key("a", state)], &ASKED).remove(0);
            assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None), "{state}");
        }
    }

    #[test]
    fn a_key_that_is_to_be_deleted_is_left_to_a_person_with_the_day_until_which_that_can_be_cancelled() {
        let judged = judged_with(&[], vec![key("a", "PendingDeletion"), key("b", "PendingReplicaDeletion")], &ASKED);
        let Fix::Manual(words) = &drift(&judged[0]).fix else { panic!("a person is told") };
        assert!(words.contains("of key a") && words.contains("before 2026-12-20"), "{words}");
        assert_eq!(judged[0].findings[0].reason.as_deref(), Some("it is deleted on 2026-12-20"));
        let Fix::Manual(words) = &drift(&judged[1]).fix else { panic!("a person is told") };
        assert!(words.contains("before its replicas are deleted"), "{words}");
    }

    #[test]
    fn where_the_baseline_says_so_the_deletion_is_cancelled_and_the_key_enabled() {
        let judged = judged_with(&[], vec![key("a", "PendingDeletion"), key("b", "Enabled")], &MENDING);
        let key_id = "a".to_owned();
        let wanted = [
            Step::CancelKeyDeletion(CancelKeyDeletion { key_id: key_id.clone() }),
            Step::EnableKey(EnableKey { key_id }),
        ];
        assert_eq!(steps(&judged[0]), wanted);
        assert!(wanted.iter().all(|step| step.risk() == Risk::Disruptive) && wanted[0].cost().is_some());
        assert_eq!(judged[1].drift, None);
    }

    #[test]
    fn steps_are_needed_only_where_the_baseline_lets_them_be() {
        assert_eq!(KeyDeletion::needs(&ASKED, Home::Member).steps, [""; 0]);
        assert_eq!(KeyDeletion::needs(&MENDING, Home::Member).steps.len(), 2);
    }

    #[test]
    fn an_exempt_key_may_be_deleted_beside_one_that_may_not() {
        let accepted = Accepted { objects: vec!["a".to_owned()], ..exempt("kms.key_deletion.not_scheduled") };
        let keys = vec![key("a", "PendingDeletion"), key("b", "PendingDeletion")];
        let judged = judged_with(&[accepted], keys, &MENDING);
        assert!(matches!(judged[0].findings[0].verdict, Verdict::Exempt(_)));
        assert!(judged[0].drift.is_none() && judged[1].drift.is_some());
    }

    #[test]
    fn a_key_is_asked_for_its_tags_where_it_is_to_be_deleted() {
        let judged = judged_with(&[], vec![key("a", "PendingDeletion"), key("b", "Enabled")], &ASKED);
        assert_eq!(judged[0].bears, Some((Tagged::Key, "a".to_owned())));
        assert_eq!(judged[1].bears, None);
    }

    #[test]
    fn a_key_that_refuses_is_unreadable_and_the_rest_of_the_region_is_judged() {
        let error = denied("kms:DescribeKey", account_in_region(HERE));
        let refusing = DescribedKey { id: "a".to_owned(), is: Readable::Unreadable(error.clone()) };
        let judged = judged_with(&[], vec![refusing, key("b", "PendingDeletion")], &ASKED);
        assert_eq!((&judged[0].findings[0].verdict, &judged[0].drift), (&Verdict::Unreadable(error), &None));
        assert_eq!(judged[1].findings[0].verdict, Verdict::Drifted);
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        assert_eq!(KeyDeletion::required(&Settings::default()), Vec::<&str>::new());
        assert!(judged_with(&[], vec![key("a", "PendingDeletion")], &Settings::default()).is_empty());
    }
}
