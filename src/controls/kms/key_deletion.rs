//! `kms.key_deletion`: the keys of a region that are about to be deleted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::frameworks::security_hub;
use crate::observe::kms::{DyingKeys, KeyFacts, SignedKey};
use crate::observe::{Home, Reads};
use crate::ownership::control_tower;
use crate::steps::Step;
use crate::steps::kms::{CancelKeyDeletion, EnableKey};

use super::{known, unknown};

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
    type Settings = Settings;
    type Observed = DyingKeys;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.not_scheduled.map(|Yes| "not_scheduled").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &DyingKeys, wanted: &Settings) -> Vec<Judged> {
        match wanted.not_scheduled {
            None => vec![],
            Some(Yes) => seen.0.iter().map(|key| judge(context, key, wanted.mend)).collect(),
        }
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let steps = if wanted.mend.is_some() { Self::META.steps.to_vec() } else { vec![] };
        Needs { reads: Reads::of::<DyingKeys>().closure(), steps, ..Needs::default() }
    }
}

fn judge(context: &Context<'_>, SignedKey { key, signs }: &SignedKey, mend: Option<Yes>) -> Judged {
    let (signs, object) = (signs.as_ref(), context.object(const { &KeyDeletion::META }, &key.id));
    let mut object = object.owned_by(control_tower(&key.id, known(signs))).signed(known(signs));
    let wanted = json!("not scheduled for deletion");
    let facts = match key.is.as_result() {
        Ok(facts) => facts,
        Err(error) => {
            object.unreadable("not_scheduled", error, wanted);
            return object.mend(|| Fix::Manual(String::new()));
        }
    };
    let drifted = object.judge("not_scheduled", !facts.is_dying(), json!(facts.state), wanted);
    let day = facts.deletion.as_ref().map(|day| format!("it is deleted on {day}"));
    let said: Vec<String> = day.into_iter().chain(unknown(signs)).collect();
    if drifted && !said.is_empty() {
        object.because(said.join("; "));
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
    use crate::observe::kms::DescribedKey;
    use crate::ownership::Signs;
    use crate::steps::Risk;

    const ASKED: Settings = Settings { not_scheduled: Some(Yes), mend: None };
    const MENDING: Settings = Settings { mend: Some(Yes), ..ASKED };

    fn judged_with(accepted: &[Accepted], keys: Vec<SignedKey>, wanted: &Settings) -> Vec<Judged> {
        judged_at::<KeyDeletion>(account_in_region(HERE), &DyingKeys(keys), wanted, accepted)
    }

    fn key(id: &str, state: &str) -> SignedKey {
        let deletion = (state == "PendingDeletion").then(|| "2026-12-20".to_owned());
        let facts = KeyFacts { state: state.to_owned(), deletion, can_rotate: false };
        SignedKey { key: DescribedKey { id: id.to_owned(), is: Readable::Read(facts) }, signs: None }
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
    fn what_looks_after_a_key_is_said_beside_the_day_and_so_is_that_it_is_not_known() {
        let signed = |signs| SignedKey { signs: Some(signs), ..key("a", "PendingDeletion") };
        let stack = Readable::Read(Signs::of([("terraform", "true")]));
        let judged = judged_with(&[], vec![signed(stack)], &ASKED).remove(0);
        assert_eq!(drift(&judged).managed_by.as_deref(), Some("Terraform, says its tag terraform"));
        let error = denied("kms:ListResourceTags", account_in_region(HERE));
        let judged = judged_with(&[], vec![signed(Readable::Unreadable(error))], &ASKED).remove(0);
        assert_eq!((&judged.findings[0].verdict, &drift(&judged).managed_by), (&Verdict::Drifted, &None));
        let reason = judged.findings[0].reason.as_deref().expect("it is said");
        assert!(reason.starts_with("it is deleted on 2026-12-20; its tags could not be read"), "{reason}");
        let tower = Readable::Read(Signs::of([("aws-control-tower", "managed-by-control-tower")]));
        let judged = judged_with(&[], vec![signed(tower)], &MENDING).remove(0);
        assert!(matches!(judged.findings[0].verdict, Verdict::OwnedElsewhere { .. }) && judged.drift.is_none());
    }

    #[test]
    fn a_key_that_refuses_is_unreadable_and_the_rest_of_the_region_is_judged() {
        let error = denied("kms:DescribeKey", account_in_region(HERE));
        let refusing = DescribedKey { id: "a".to_owned(), is: Readable::Unreadable(error.clone()) };
        let refusing = SignedKey { key: refusing, signs: None };
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
