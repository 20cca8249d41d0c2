//! `securityhub.hub`: Security Hub CSPM is on in a region.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::control::{Context, Contradiction, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::frameworks::{cis, nist};
use crate::observe::securityhub::{Hub as Seen, OwnedHub};
use crate::observe::{Home, Reads};
use crate::ownership::{Owner, Service};
use crate::steps::Step;
use crate::steps::securityhub::EnableSecurityHub;
use crate::target::{AccountId, Object};

/// See the module.
pub struct Hub;

/// Whether findings are gathered in each region.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that Security Hub CSPM is on. It is switched on without standards; those that are on stay on.
    enabled: Option<Yes>,
    /// The member that administers Security Hub for the organization, twelve digits in quotes. Where there is no hub it
    /// is asked, in the home region, whether it configures the account by a configuration policy. Left out: that is not
    /// asked.
    #[schemars(with = "Option<String>", regex(pattern = r"^[0-9]{12}$"))]
    admin_account: Option<AccountId>,
}

const ENABLED: &str = "enabled";
const NAME: &str = "hub";

impl Control for Hub {
    const META: Meta = Meta {
        id: "securityhub.hub",
        title: "Security Hub gathers what is found in the region",
        why: "GuardDuty, Access Analyzer, Inspector and others each find things in a place of their own. Security Hub \
              gathers them in one form and one list, so that somebody sees the one that matters.",
        runs: Runs::EveryRegion,
        requirements: &[Requirement {
            id: "securityhub.hub.enabled",
            title: "Security Hub CSPM is on",
            severity: Severity::High,
            references: &[
                cis("1.5-5.0", "4.16"),
                cis("6.0-7.0", "5.16"),
                nist("AU-6(1) AU-6(5) AU-12(3) AU-14 CA-2 CA-7 PM-14 PM-31"),
            ],
        }],
        steps: &["EnableSecurityHub"],
    };
    const NOTES: Notes = Notes {
        costs: &["Security Hub CSPM bills by check and by finding, once a trial of 30 days is over."],
        disturbs: &[],
        undo: &["Security Hub is switched off again where it was switched on, and its findings are deleted."],
        traps: &[
            "It is switched on without standards: until one is chosen it gathers, and checks nothing by itself.",
            "Most checks of its standards need AWS Config to record.",
            "Where an administrator configures an account centrally, the account cannot switch it on itself: name it by \
             `admin_account`, so that this is known before apply is refused.",
            "Whether a policy of the organization (`SECURITYHUB_CSPM_POLICY`) sets where it is on is not asked: where one \
             keeps it off, exempt those regions, or it is set back.",
        ],
    };
    type Settings = Settings;
    type Observed = OwnedHub;

    fn key(_: &Context<'_>, wanted: &Settings) -> Option<AccountId> {
        wanted.admin_account.clone()
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.enabled.map(|Yes| ENABLED).into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &OwnedHub, wanted: &Settings) -> Vec<Judged> {
        if wanted.enabled.is_none() {
            return vec![];
        }
        let mut object = context.object(const { &Self::META }, NAME).absent(seen.hub.is_none());
        match (seen.policy.as_ref().map(crate::observe::Readable::as_result), &wanted.admin_account) {
            (Some(Err(error)), Some(administrator)) => {
                object.unreadable(ENABLED, error, json!(true));
                object.because(format!(
                    "it is not known whether account {administrator} configures Security Hub here: {}",
                    error.explained()
                ));
                return vec![object.mend(|| unreachable!("nothing that is unreadable drifts"))];
            }
            (Some(Ok(Some(_))), Some(administrator)) => {
                let (service, account) = (Service::SecurityHub, administrator.clone());
                object = object.owned_by(Some(Owner::Administrator { service, account, region: None }));
            }
            _ => {}
        }
        object.at_least(ENABLED, &mut seen.hub.is_some(), Yes::flag(wanted.enabled));
        vec![object.mend(|| {
            let address = Object { at: context.at.clone(), kind: Self::META.id.to_owned(), name: NAME.to_owned() };
            let step = EnableSecurityHub { address: address.address() };
            Fix::Steps { steps: vec![Step::EnableSecurityHub(step)], needs: vec![] }
        })]
    }

    fn needs(wanted: &Settings, home: Home) -> Needs {
        let reads = match &wanted.admin_account {
            // The administrator is a member.
            Some(_) if home == Home::Member => Reads::of::<OwnedHub>().closure(),
            _ => vec![Reads::of::<Option<Seen>>()],
        };
        Needs { reads, steps: Self::META.steps.to_vec(), ..Needs::default() }
    }

    fn administrator(wanted: &Settings) -> Option<&AccountId> {
        wanted.admin_account.as_ref()
    }

    fn contradiction(wanted: &Settings) -> Option<Contradiction> {
        let alone = wanted.enabled.is_none() && wanted.admin_account.is_some();
        alone.then_some(Contradiction {
            setting: "admin_account",
            words: "`admin_account` asks for nothing by itself",
            mend: "add `enabled: true`, or leave `admin_account` out",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, denied, drift, exempt, id, judged_at, steps};
    use crate::observe::Readable;
    use crate::steps::Risk;

    const ADMIN: &str = "444455556666";

    fn judged(seen: &OwnedHub, administrator: Option<&str>, accepted: &[Accepted]) -> Judged {
        let wanted = Settings { enabled: Some(Yes), admin_account: administrator.map(id) };
        judged_at::<Hub>(account_in_region(HERE), seen, &wanted, accepted).remove(0)
    }

    fn off(policy: Option<Readable<Option<String>>>) -> OwnedHub {
        OwnedHub { hub: None, policy }
    }

    #[test]
    fn a_region_without_a_hub_gets_one_without_standards_and_one_with_a_hub_complies() {
        let open = judged(&off(None), None, &[]);
        assert!(drift(&open).absent);
        let [step @ Step::EnableSecurityHub(made)] = steps(&open) else { panic!("one step") };
        assert!(made.address.ends_with("eu-west-1/securityhub.hub/hub"));
        assert!(step.cost().is_some() && step.risk() == Risk::Safe && step.says().contains("without standards"));
        let on = OwnedHub { hub: Some(Seen { arn: "arn".to_owned() }), policy: None };
        assert_eq!(judged(&on, Some(ADMIN), &[]).findings[0].verdict, Verdict::Compliant);
    }

    #[test]
    fn what_a_configuration_policy_sets_is_owned_elsewhere_and_never_written() {
        let central = judged(&off(Some(Readable::Read(Some("policy".to_owned())))), Some(ADMIN), &[]);
        let Verdict::OwnedElsewhere { owner, in_force, .. } = &central.findings[0].verdict else { panic!("owned") };
        assert_eq!((owner.as_str(), in_force), ("the Security Hub administrator account 444455556666", &false));
        assert_eq!(central.drift, None);
        let own = judged(&off(Some(Readable::Read(None))), Some(ADMIN), &[]);
        assert_eq!(steps(&own).len(), 1, "who configures itself is mended itself");
    }

    #[test]
    fn an_administrator_who_does_not_answer_makes_it_unreadable() {
        let error = denied("securityhub:DescribeOrganizationConfiguration", account_in_region(ADMIN));
        let judged = judged(&off(Some(Readable::Unreadable(error.clone()))), Some(ADMIN), &[]);
        assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Unreadable(error), &None));
    }

    #[test]
    fn what_is_exempt_or_not_asked_is_left_alone() {
        let exempt = judged(&off(None), None, &[exempt("securityhub.hub.enabled")]);
        assert!(matches!(exempt.findings[0].verdict, Verdict::Exempt(_)) && exempt.drift.is_none());
        assert_eq!(Hub::required(&Settings::default()), [""; 0]);
        assert!(Hub::contradiction(&Settings { enabled: None, admin_account: Some(id(ADMIN)) }).is_some());
    }

    #[test]
    fn who_names_no_administrator_asks_one_call_a_region() {
        let needs = |administrator: Option<&str>, home| {
            let wanted = Settings { enabled: Some(Yes), admin_account: administrator.map(id) };
            Hub::needs(&wanted, home).reads.iter().map(|reads| reads.calls.len()).sum::<usize>()
        };
        assert_eq!(needs(None, Home::Member), 1);
        assert_eq!(needs(Some(ADMIN), Home::Member), 3);
        assert_eq!(needs(Some(ADMIN), Home::Management), 1);
    }
}
