//! `ec2.image_block_public_access`: no more images of a region can be made public.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{by, owner, unnamed};
use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::Judged;
use crate::observe::ec2::sharing::ImageSharing;
use crate::steps::Step;
use crate::steps::ec2::EnableImageBlockPublicAccess;

/// See the module.
pub struct ImageBlockPublicAccess;

/// Whether the images of a region may be made public.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Let no more images be made public. Those that are stay so.
    enabled: Option<Yes>,
}

const NAME: &str = "sharing of images";

impl Control for ImageBlockPublicAccess {
    const META: Meta = Meta {
        id: "ec2.image_block_public_access",
        title: "Machine images cannot be made public",
        why: "An image holds what was on the disks of the machine it was made of: code, configuration, and often \
              credentials. Who wants to share one with everybody can be made to say so first.",
        runs: Runs::EveryRegion,
        requirements: &[Requirement {
            id: "ec2.image_block_public_access.enabled",
            title: "The public sharing of images is blocked",
            severity: Severity::Medium,
            references: &[],
        }],
        steps: &["EnableImageBlockPublicAccess"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &["Images may be made public again."],
        traps: &["Images that are public already stay so.", "AWS takes up to ten minutes until it counts."],
    };
    type Settings = Settings;
    type Observed = ImageSharing;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.enabled.map(|Yes| "enabled").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &ImageSharing, wanted: &Settings) -> Vec<Judged> {
        if wanted.enabled.is_none() {
            return vec![];
        }
        let mut object = context.object(const { &Self::META }, NAME).owned_by(owner(seen.declared, &seen.policies));
        object.at_least("enabled", &mut seen.blocked.clone(), Yes::flag(wanted.enabled));
        unnamed(&mut object, &seen.policies);
        vec![object.mend(|| by(Step::EnableImageBlockPublicAccess(EnableImageBlockPublicAccess {})))]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, exempt, judged_at, steps};
    use crate::steps::Risk;

    fn judged(blocked: bool, declared: bool, accepted: &[Accepted]) -> Judged {
        let (seen, wanted) = (ImageSharing { blocked, declared, policies: None }, Settings { enabled: Some(Yes) });
        judged_at::<ImageBlockPublicAccess>(account_in_region(HERE), &seen, &wanted, accepted).remove(0)
    }

    #[test]
    fn what_is_not_blocked_is_drifted_and_safely_mended() {
        let judged = judged(false, false, &[]);
        let step = Step::EnableImageBlockPublicAccess(EnableImageBlockPublicAccess {});
        assert_eq!(step.risk(), Risk::Safe);
        assert_eq!(step.settles(), Duration::from_mins(10), "AWS says the former state for so long");
        assert_eq!(steps(&judged), [step]);
    }

    #[test]
    fn what_is_blocked_is_compliant() {
        let judged = judged(true, false, &[]);
        assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None));
    }

    #[test]
    fn what_a_declarative_policy_sets_is_owned_elsewhere_and_never_written() {
        for blocked in [true, false] {
            let judged = judged(blocked, true, &[]);
            assert_eq!(judged.drift, None);
            let Verdict::OwnedElsewhere { in_force, .. } = judged.findings[0].verdict else { panic!("not owned") };
            assert_eq!(in_force, blocked);
        }
    }

    #[test]
    fn what_is_exempt_or_not_asked_is_left_alone() {
        let judged = judged(false, false, &[exempt("ec2.image_block_public_access.enabled")]);
        assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)) && judged.drift.is_none());
        assert_eq!(ImageBlockPublicAccess::required(&Settings::default()), [""; 0]);
    }
}
