//! `ec2.serial_console`: the serial consoles of a region's instances are closed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{by, owner, unnamed};
use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::Judged;
use crate::observe::ec2::instances::SerialConsole as Observed;
use crate::steps::Step;
use crate::steps::ec2::DisableSerialConsoleAccess;

/// See the module.
pub struct SerialConsole;

/// Whether the serial consoles of a region can be reached.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Close the serial consoles of instances to everybody.
    disabled: Option<Yes>,
}

const NAME: &str = "access to serial consoles";

impl Control for SerialConsole {
    const META: Meta = Meta {
        id: "ec2.serial_console",
        title: "Serial consoles cannot be reached",
        why: "The serial console is a way into an instance past its network: no security group and no log of \
              connections sees it. It is for machines that do not boot, and can be opened when one does not.",
        runs: Runs::EveryRegion,
        requirements: &[Requirement {
            id: "ec2.serial_console.disabled",
            title: "Access to serial consoles is switched off",
            severity: Severity::Low,
            references: &[],
        }],
        steps: &["DisableSerialConsoleAccess"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &["Access is switched on again."],
        traps: &["Who mends instances by the serial console has to switch it on for as long as that takes."],
    };
    type Settings = Settings;
    type Observed = Observed;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.disabled.map(|Yes| "disabled").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Observed, wanted: &Settings) -> Vec<Judged> {
        if wanted.disabled.is_none() {
            return vec![];
        }
        let mut object = context.object(const { &Self::META }, NAME).owned_by(owner(seen.declared, &seen.policies));
        object.at_least("disabled", &mut !seen.enabled, Yes::flag(wanted.disabled));
        unnamed(&mut object, &seen.policies);
        vec![object.mend(|| by(Step::DisableSerialConsoleAccess(DisableSerialConsoleAccess {})))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, exempt, judged_at, steps};
    use crate::steps::Risk;

    fn judged(enabled: bool, declared: bool, accepted: &[Accepted]) -> Judged {
        let (seen, wanted) = (Observed { enabled, declared, policies: None }, Settings { disabled: Some(Yes) });
        judged_at::<SerialConsole>(account_in_region(HERE), &seen, &wanted, accepted).remove(0)
    }

    #[test]
    fn a_console_that_is_open_is_drifted_and_one_that_is_closed_complies() {
        let open = judged(true, false, &[]);
        let step = Step::DisableSerialConsoleAccess(DisableSerialConsoleAccess {});
        assert_eq!(step.risk(), Risk::Safe);
        assert_eq!(steps(&open), [step]);
        let closed = judged(false, false, &[]);
        assert_eq!((&closed.findings[0].verdict, &closed.drift), (&Verdict::Compliant, &None));
    }

    #[test]
    fn what_a_declarative_policy_sets_is_owned_elsewhere_and_never_written() {
        for enabled in [true, false] {
            let judged = judged(enabled, true, &[]);
            assert_eq!(judged.drift, None);
            let Verdict::OwnedElsewhere { in_force, .. } = judged.findings[0].verdict else { panic!("not owned") };
            assert_eq!(in_force, !enabled);
        }
    }

    #[test]
    fn what_is_exempt_or_not_asked_is_left_alone() {
        let judged = judged(true, false, &[exempt("ec2.serial_console.disabled")]);
        assert!(matches!(judged.findings[0].verdict, Verdict::Exempt(_)) && judged.drift.is_none());
        assert_eq!(SerialConsole::required(&Settings::default()), [""; 0]);
    }

    #[test]
    fn a_policy_is_named_as_far_as_it_could_be_read() {
        use crate::controls::made::denied;
        use crate::observe::Readable;
        let judged = |policies: Readable<Vec<String>>| {
            let seen = Observed { enabled: true, declared: true, policies: Some(policies) };
            let wanted = Settings { disabled: Some(Yes) };
            let finding =
                judged_at::<SerialConsole>(account_in_region(HERE), &seen, &wanted, &[]).remove(0).findings.remove(0);
            let Verdict::OwnedElsewhere { owner, .. } = finding.verdict else { panic!("not owned") };
            (owner, finding.reason.unwrap_or_default())
        };
        let (owner, _) = judged(Readable::Read(vec!["defaults (p-1)".to_owned()]));
        assert_eq!(owner, "the policy defaults (p-1) of the organization (DECLARATIVE_POLICY_EC2)");
        let refused = denied("organizations:ListPolicies", account_in_region(HERE));
        let (owner, why) = judged(Readable::Unreadable(refused));
        assert_eq!(owner, "a policy of the organization (DECLARATIVE_POLICY_EC2)");
        assert!(
            why.contains("which policy it is could not be read") && why.contains("organizations:ListPolicies"),
            "{why}"
        );
    }
}
