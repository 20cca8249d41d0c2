//! `ec2.snapshot_block_public_access`: how far the snapshots of a region are kept from everybody.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{by, owner, unnamed};
use crate::control::{Context, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::drift::Judged;
use crate::frameworks::security_hub;
use crate::observe::ec2::sharing::{Sharing, SnapshotSharing};
use crate::observe::{Home, Reads};
use crate::steps::Step;
use crate::steps::ec2::EnableSnapshotBlockPublicAccess;

/// See the module.
pub struct SnapshotBlockPublicAccess;

/// How far the snapshots of a region have to be kept from everybody.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// `block-new-sharing` lets no more snapshots be made public, `block-all-sharing` shuts those off as well that are.
    /// What is blocked further is kept so.
    state: Option<Block>,
}

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
enum Block {
    BlockNewSharing,
    BlockAllSharing,
}

impl Block {
    fn state(self) -> Sharing {
        match self {
            Self::BlockNewSharing => Sharing::BlockNewSharing,
            Self::BlockAllSharing => Sharing::BlockAllSharing,
        }
    }
}

const NAME: &str = "sharing of snapshots";

impl Control for SnapshotBlockPublicAccess {
    const META: Meta = Meta {
        id: "ec2.snapshot_block_public_access",
        title: "EBS snapshots cannot be made public",
        why: "A snapshot that is shared with everybody is found within minutes by people who copy all of them and \
              look for keys and customers' data. One setting for the region keeps a slip of a single person from \
              being a leak.",
        runs: Runs::EveryRegion,
        requirements: &[Requirement {
            id: "ec2.snapshot_block_public_access.state",
            title: "The public sharing of snapshots is blocked as far as wanted",
            severity: Severity::High,
            references: &[security_hub("EC2.182")],
        }],
        steps: &["EnableSnapshotBlockPublicAccess"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[
            "Where all sharing is blocked, snapshots that are public now can be reached by nobody outside any \
             more.",
        ],
        undo: &["The former state is set again, and snapshots that were public are so again."],
        traps: &["Snapshots that are shared with single accounts are not touched: what is blocked is sharing with \
             everybody."],
    };
    type Settings = Settings;
    type Observed = SnapshotSharing;

    fn key(_: &Context<'_>, wanted: &Settings) -> bool {
        wanted.state == Some(Block::BlockAllSharing)
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.state.map(|_| "state").into_iter().collect()
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let reads = Reads::of::<SnapshotSharing>();
        let shuts_off = wanted.state == Some(Block::BlockAllSharing);
        let reads = if shuts_off { reads.closure() } else { vec![reads] };
        Needs { reads, steps: Self::META.steps.to_vec(), ..Needs::default() }
    }

    fn evaluate(context: &Context<'_>, seen: &SnapshotSharing, wanted: &Settings) -> Vec<Judged> {
        let Some(wanted) = wanted.state else { return vec![] };
        let object = context.object(const { &Self::META }, NAME);
        let (mut object, mut state) = (object.owned_by(owner(seen.declared, &seen.policies)), seen.state);
        object.at_least("state", &mut state, Some(&wanted.state()));
        unnamed(&mut object, &seen.policies);
        let public = seen.public.clone();
        vec![
            object
                .mend(|| by(Step::EnableSnapshotBlockPublicAccess(EnableSnapshotBlockPublicAccess { state, public }))),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, exempt, judged_at, steps};
    use crate::steps::Risk;

    fn shared(state: Sharing, public: &[&str]) -> SnapshotSharing {
        let public = public.iter().map(|id| (*id).to_owned()).collect();
        SnapshotSharing { state, declared: false, policies: None, public }
    }

    fn judged_with(accepted: &[Accepted], seen: &SnapshotSharing, state: Block) -> Judged {
        let wanted = Settings { state: Some(state) };
        judged_at::<SnapshotBlockPublicAccess>(account_in_region(HERE), seen, &wanted, accepted).remove(0)
    }

    fn judged(seen: &SnapshotSharing, state: Block) -> Judged {
        judged_with(&[], seen, state)
    }

    #[test]
    fn what_is_blocked_as_far_or_further_is_compliant_and_kept() {
        for (seen, wanted) in [
            (Sharing::BlockNewSharing, Block::BlockNewSharing),
            (Sharing::BlockAllSharing, Block::BlockNewSharing),
            (Sharing::BlockAllSharing, Block::BlockAllSharing),
        ] {
            let judged = judged(&shared(seen, &[]), wanted);
            assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None), "{seen:?}");
        }
    }

    #[test]
    fn each_lesser_state_is_drifted_and_raised_to_the_wanted_one() {
        for (seen, wanted) in [
            (Sharing::Unblocked, Block::BlockNewSharing),
            (Sharing::Unblocked, Block::BlockAllSharing),
            (Sharing::BlockNewSharing, Block::BlockAllSharing),
        ] {
            let judged = judged(&shared(seen, &[]), wanted);
            let step = EnableSnapshotBlockPublicAccess { state: wanted.state(), public: vec![] };
            assert_eq!(steps(&judged), [Step::EnableSnapshotBlockPublicAccess(step)]);
            assert_eq!(steps(&judged)[0].risk(), Risk::Safe, "nobody is hit");
        }
    }

    #[test]
    fn who_would_be_shut_off_is_named_and_makes_it_a_disruption() {
        let ids = ["snap-1", "snap-2", "snap-3", "snap-4", "snap-5", "snap-6"];
        let step = steps(&judged(&shared(Sharing::Unblocked, &ids), Block::BlockAllSharing))[0].clone();
        assert_eq!(step.risk(), Risk::Disruptive);
        let said = "EnableSnapshotBlockPublicAccess with block-all-sharing: shuts 6 public snapshots off \
                    (snap-1, snap-2, snap-3, snap-4, snap-5, …)";
        assert_eq!(step.says(), said);
    }

    #[test]
    fn who_is_public_is_looked_for_only_where_everything_is_to_be_shut() {
        for (state, calls) in [(Block::BlockNewSharing, 1), (Block::BlockAllSharing, 2)] {
            let needs = SnapshotBlockPublicAccess::needs(&Settings { state: Some(state) }, Home::Member);
            let of_account = needs.reads.iter().filter(|reads| reads.home == Home::Member);
            assert_eq!(of_account.map(|reads| reads.calls.len()).sum::<usize>(), calls);
        }
    }

    #[test]
    fn what_a_declarative_policy_sets_is_owned_elsewhere_and_never_written() {
        for (state, in_force) in [(Sharing::BlockAllSharing, true), (Sharing::Unblocked, false)] {
            let declared = SnapshotSharing { declared: true, ..shared(state, &[]) };
            let judged = judged(&declared, Block::BlockAllSharing);
            assert_eq!(judged.drift, None);
            let Verdict::OwnedElsewhere { in_force: said, mend, .. } = &judged.findings[0].verdict else { panic!() };
            assert!(*said == in_force && mend.contains("DECLARATIVE_POLICY_EC2"), "{mend}");
        }
    }

    #[test]
    fn what_is_exempt_or_not_asked_is_left_alone() {
        let accepted = [exempt("ec2.snapshot_block_public_access.state")];
        let judged = judged_with(&accepted, &shared(Sharing::Unblocked, &[]), Block::BlockAllSharing);
        assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)) && judged.drift.is_none());
        assert_eq!(SnapshotBlockPublicAccess::required(&Settings::default()), [""; 0]);
    }
}
