//! `ec2.imds_defaults`: what the instances of a region are launched with, as to their metadata.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{by, owner, unnamed};
use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::Judged;
use crate::frameworks::nist;
use crate::observe::ec2::instances::{InstanceMetadata, MetadataDefaults, Tokens};
use crate::steps::Step;
use crate::steps::ec2::ModifyInstanceMetadataDefaults;

/// See the module.
pub struct ImdsDefaults;

/// What instances are launched with where nobody says otherwise. Instances that run stay as they are.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
#[expect(clippy::struct_field_names, reason = "the API has these names")]
pub struct Settings {
    /// Require a session token of who asks for metadata (`IMDSv2`).
    http_tokens_required: Option<Yes>,
    /// How many network hops an answer may take, 1 to 64. A lower limit is kept. With 1 containers get no answer.
    #[schemars(range(min = 1, max = 64))]
    http_put_response_hop_limit: Option<u32>,
    /// Refuse to launch what does not require tokens, whoever says otherwise.
    http_tokens_enforced: Option<Yes>,
}

const NAME: &str = "instance metadata defaults";

impl Control for ImdsDefaults {
    const META: Meta = Meta {
        id: "ec2.imds_defaults",
        title: "Instances are launched with IMDSv2",
        why: "The metadata of an instance hold the credentials of its role. Without session tokens, whoever makes a \
              program on it fetch an address of theirs gets hold of them. What new instances are launched with by \
              default is one setting for the region.",
        runs: Runs::EveryRegion,
        requirements: &[
            Requirement {
                id: "ec2.imds_defaults.http_tokens_required",
                title: "New instances require session tokens, unless their launch says otherwise",
                severity: Severity::High,
                references: &[nist(
                    "AC-2(6) AC-3 AC-3(3) AC-3(4) AC-3(7) AC-3(8) AC-3(12) AC-3(13) AC-3(15) AC-4(28) \
                     AC-6 AC-24 CM-5(1) MP-2 SC-23(3)",
                )],
            },
            Requirement {
                id: "ec2.imds_defaults.http_put_response_hop_limit",
                title: "Answers of the metadata service go no further than wanted",
                severity: Severity::Low,
                references: &[],
            },
            Requirement {
                id: "ec2.imds_defaults.http_tokens_enforced",
                title: "Instances that do not require session tokens cannot be launched",
                severity: Severity::Low,
                references: &[],
            },
        ],
        steps: &["ModifyInstanceMetadataDefaults"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &["Where tokens are enforced, launches that ask for IMDSv1 are refused."],
        undo: &["The former defaults are set again."],
        traps: &[
            "Defaults count for new instances alone: those that run stay as they are.",
            "What a launch, a template or an image says of its own goes before the default.",
        ],
    };
    type Settings = Settings;
    type Observed = InstanceMetadata;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        let named = [
            ("http_tokens_required", wanted.http_tokens_required.is_some()),
            ("http_put_response_hop_limit", wanted.http_put_response_hop_limit.is_some()),
            ("http_tokens_enforced", wanted.http_tokens_enforced.is_some()),
        ];
        named.into_iter().filter_map(|(name, named)| named.then_some(name)).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &InstanceMetadata, wanted: &Settings) -> Vec<Judged> {
        if Self::required(wanted).is_empty() {
            return vec![];
        }
        let before = seen.defaults;
        let mut object = context.object(const { &Self::META }, NAME).owned_by(owner(seen.declared, &seen.policies));
        let mut required = before.http_tokens == Some(Tokens::Required);
        object.at_least("http_tokens_required", &mut required, Yes::flag(wanted.http_tokens_required));
        let mut limit = before.hop_limit;
        object.at_most("http_put_response_hop_limit", &mut limit, wanted.http_put_response_hop_limit);
        let mut enforced = before.enforced == Some(true);
        object.at_least("http_tokens_enforced", &mut enforced, Yes::flag(wanted.http_tokens_enforced));
        unnamed(&mut object, &seen.policies);
        // What is as it was is no part of the call.
        let set = MetadataDefaults {
            http_tokens: required.then_some(Tokens::Required).filter(|tokens| before.http_tokens != Some(*tokens)),
            hop_limit: limit.filter(|_| limit != before.hop_limit),
            enforced: enforced.then_some(true).filter(|_| before.enforced != Some(true)),
        };
        vec![object.mend(|| by(Step::ModifyInstanceMetadataDefaults(ModifyInstanceMetadataDefaults { set })))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, exempt, judged_at, named, steps};
    use crate::steps::Risk;

    const GOOD: MetadataDefaults =
        MetadataDefaults { http_tokens: Some(Tokens::Required), hop_limit: Some(2), enforced: Some(true) };
    const ALL: [&str; 3] = ["http_tokens_required", "http_put_response_hop_limit", "http_tokens_enforced"];

    fn wanted() -> Settings {
        Settings {
            http_tokens_required: Some(Yes),
            http_put_response_hop_limit: Some(2),
            http_tokens_enforced: Some(Yes),
        }
    }

    fn judged_with(accepted: &[Accepted], defaults: MetadataDefaults, declared: bool) -> Judged {
        let seen = InstanceMetadata { defaults, declared, policies: None };
        judged_at::<ImdsDefaults>(account_in_region(HERE), &seen, &wanted(), accepted).remove(0)
    }

    fn judged(defaults: MetadataDefaults) -> Judged {
        judged_with(&[], defaults, false)
    }

    fn step(set: MetadataDefaults) -> Step {
        Step::ModifyInstanceMetadataDefaults(ModifyInstanceMetadataDefaults { set })
    }

    #[test]
    fn as_wanted_is_compliant_and_a_lower_limit_is_kept() {
        for limit in [1, 2] {
            let judged = judged(MetadataDefaults { hop_limit: Some(limit), ..GOOD });
            assert_eq!(named::<ImdsDefaults>(&judged, |verdict| *verdict == Verdict::Compliant), ALL);
            assert_eq!(judged.drift, None);
        }
    }

    #[test]
    fn each_difference_alone_is_one_drift_and_one_value_of_the_call() {
        let nothing = MetadataDefaults::default();
        let tokens = MetadataDefaults { http_tokens: Some(Tokens::Required), ..nothing };
        let limit = MetadataDefaults { hop_limit: Some(2), ..nothing };
        let enforced = MetadataDefaults { enforced: Some(true), ..nothing };
        for (seen, requirement, set, risk) in [
            (MetadataDefaults { http_tokens: Some(Tokens::Optional), ..GOOD }, ALL[0], tokens, Risk::Safe),
            (MetadataDefaults { http_tokens: None, ..GOOD }, ALL[0], tokens, Risk::Safe),
            (MetadataDefaults { hop_limit: Some(3), ..GOOD }, ALL[1], limit, Risk::Safe),
            (MetadataDefaults { hop_limit: None, ..GOOD }, ALL[1], limit, Risk::Safe),
            (MetadataDefaults { enforced: Some(false), ..GOOD }, ALL[2], enforced, Risk::Disruptive),
            (MetadataDefaults { enforced: None, ..GOOD }, ALL[2], enforced, Risk::Disruptive),
        ] {
            let judged = judged(seen);
            assert_eq!(named::<ImdsDefaults>(&judged, |verdict| *verdict == Verdict::Drifted), [requirement]);
            assert_eq!(steps(&judged), [step(set)]);
            assert_eq!(step(set).risk(), risk);
        }
    }

    #[test]
    fn several_differences_are_one_call_without_what_is_exempt() {
        assert_eq!(steps(&judged(MetadataDefaults::default())), [step(GOOD)]);
        let accepted = [exempt("ec2.imds_defaults.http_tokens_enforced")];
        let judged = judged_with(&accepted, MetadataDefaults::default(), false);
        assert_eq!(steps(&judged), [step(MetadataDefaults { enforced: None, ..GOOD })]);
        assert_eq!(
            steps(&judged)[0].says(),
            "ModifyInstanceMetadataDefaults with HttpTokens required, HttpPutResponseHopLimit 2"
        );
    }

    #[test]
    fn what_a_declarative_policy_sets_is_owned_elsewhere_and_never_written() {
        let judged = judged_with(&[], MetadataDefaults { enforced: None, ..GOOD }, true);
        assert_eq!(judged.drift, None);
        let owned = |force: bool| {
            named::<ImdsDefaults>(
                &judged,
                |verdict| matches!(verdict, Verdict::OwnedElsewhere { in_force, .. } if *in_force == force),
            )
        };
        assert_eq!((owned(true), owned(false)), (ALL[..2].to_vec(), ALL[2..].to_vec()));
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        assert_eq!(ImdsDefaults::required(&wanted()), ALL);
        assert_eq!(ImdsDefaults::required(&Settings::default()), [""; 0]);
    }
}
