//! `securityhub.hub`: Security Hub CSPM is on in a region.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::control::{Context, Contradiction, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::frameworks::{cis, nist};
use crate::observe::securityhub::{Association, Central, GovernedHub, OwnedHub};
use crate::observe::{Home, Observe, ReadError, Readable, Reads};
use crate::ownership::{Owner, PolicyType, Service};
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
/// What besides may be so where the administrator lets nobody in.
const WRONG: &str = ", and whether `admin_account` names the account that administers Security Hub for the organization: \
    `aws securityhub list-organization-admin-accounts`, in the management account, says which it is";

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
            "Where a Security Hub CSPM policy of the organization has it on or off in a region, the account cannot change \
             that: the verdict is `owned_elsewhere`. A policy of the type `SECURITYHUB_POLICY` sets the newer Security \
             Hub, which is another product, and is not asked for.",
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
        match owner(seen, wanted.admin_account.as_ref()) {
            Ok(owner) => object = object.owned_by(owner),
            Err((what, error)) => {
                object.unreadable(ENABLED, error, json!(true));
                let wrong = if error.refuses_entry() { WRONG } else { "" };
                object.because(format!("it is not known whether {what}: {}{wrong}", error.explained()));
                return vec![object.mend(|| unreachable!("nothing that is unreadable drifts"))];
            }
        }
        object.at_least(ENABLED, &mut seen.hub.is_some(), Yes::flag(wanted.enabled));
        if governed(seen).is_some_and(|governed| governed.on) {
            object
                .owned_last_because("the policy has it on here, and AWS has not switched it on yet: plan again later");
        }
        vec![object.mend(|| {
            let address = Object { at: context.at.clone(), kind: Self::META.id.to_owned(), name: NAME.to_owned() };
            let step = EnableSecurityHub { address: address.address() };
            Fix::Steps { steps: vec![Step::EnableSecurityHub(step)], needs: vec![] }
        })]
    }

    fn needs(wanted: &Settings, home: Home) -> Needs {
        let mut reads = Reads::of::<OwnedHub>().closure();
        // The administrator is a member.
        if wanted.admin_account.is_none() || home != Home::Member {
            reads.retain(|reads| ![Central::NAME, Association::NAME].contains(&reads.name));
        }
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

/// What policies of the organization set for the region, where they say something of it.
fn governed(seen: &OwnedHub) -> Option<&GovernedHub> {
    seen.governed.as_ref()?.as_result().ok()?.as_ref()
}

/// Who sets whether it is on, if not the account itself; or what is not known of that, and why.
fn owner<'a>(seen: &'a OwnedHub, administrator: Option<&AccountId>) -> Result<Option<Owner>, (String, &'a ReadError)> {
    if let Some(Err(error)) = seen.governed.as_ref().map(Readable::as_result) {
        return Err(("a policy of the organization sets it".to_owned(), error));
    }
    if let Some(governed) = governed(seen) {
        let (kind, policies) = (PolicyType::SecurityHubCspm, governed.policies.clone());
        return Ok(Some(Owner::Policy { kind, policies }));
    }
    match (seen.policy.as_ref().map(Readable::as_result), administrator) {
        (Some(Err(error)), Some(account)) => Err((format!("account {account} configures Security Hub here"), error)),
        (Some(Ok(Some(_))), Some(account)) => {
            let (service, account) = (Service::SecurityHub, account.clone());
            Ok(Some(Owner::Administrator { service, account, region: None }))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, denied, drift, exempt, id, judged_at, steps};
    use crate::observe::securityhub::Hub as Seen;
    use crate::steps::Risk;

    const ADMIN: &str = "444455556666";

    fn judged(seen: &OwnedHub, administrator: Option<&str>, accepted: &[Accepted]) -> Judged {
        let wanted = Settings { enabled: Some(Yes), admin_account: administrator.map(id) };
        judged_at::<Hub>(account_in_region(HERE), seen, &wanted, accepted).remove(0)
    }

    fn off(policy: Option<Readable<Option<String>>>) -> OwnedHub {
        OwnedHub { hub: None, governed: Some(Readable::Read(None)), policy }
    }

    fn governed_to(on: bool) -> OwnedHub {
        let said = GovernedHub { on, policies: vec!["acme (p-1)".to_owned()] };
        OwnedHub { hub: None, governed: Some(Readable::Read(Some(said))), policy: None }
    }

    #[test]
    fn a_region_without_a_hub_gets_one_without_standards_and_one_with_a_hub_complies() {
        let open = judged(&off(None), None, &[]);
        assert!(drift(&open).absent);
        let [step @ Step::EnableSecurityHub(made)] = steps(&open) else { panic!("one step") };
        assert!(made.address.ends_with("eu-west-1/securityhub.hub/hub"));
        assert!(step.cost().is_some() && step.risk() == Risk::Safe && step.says().contains("without standards"));
        let on = OwnedHub { hub: Some(Seen { arn: "arn".to_owned() }), governed: None, policy: None };
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
    fn what_a_policy_of_the_organization_sets_is_owned_elsewhere_and_never_written() {
        for (on, reason) in [(false, "change the SECURITYHUB_CSPM_POLICY"), (true, "not switched it on yet")] {
            let judged = judged(&governed_to(on), Some(ADMIN), &[]);
            let finding = &judged.findings[0];
            let Verdict::OwnedElsewhere { owner, in_force, mend } = &finding.verdict else { panic!("owned") };
            let named = "the policy acme (p-1) of the organization (SECURITYHUB_CSPM_POLICY)";
            assert_eq!((owner.as_str(), in_force, &judged.drift), (named, &false, &None));
            assert!(finding.reason.as_ref().unwrap_or(mend).contains(reason), "{finding:?}");
        }
    }

    #[test]
    fn policies_that_cannot_be_read_make_a_missing_hub_unreadable() {
        let error = denied("organizations:ListPolicies", account_in_region(HERE));
        let seen = OwnedHub { governed: Some(Readable::Unreadable(error.clone())), ..off(None) };
        let judged = judged(&seen, None, &[]);
        assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Unreadable(error), &None));
        let reason = judged.findings[0].reason.as_deref().unwrap_or_default();
        assert!(reason.contains("whether a policy of the organization sets it"), "{reason}");
    }

    #[test]
    fn an_administrator_who_does_not_answer_makes_it_unreadable() {
        let error = denied("securityhub:DescribeOrganizationConfiguration", account_in_region(ADMIN));
        let judged = judged(&off(Some(Readable::Unreadable(error.clone()))), Some(ADMIN), &[]);
        assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Unreadable(error), &None));
    }

    #[test]
    fn an_administrator_who_lets_nobody_in_may_be_the_wrong_one() {
        let reason = |error: ReadError| {
            let judged = judged(&off(Some(Readable::Unreadable(error))), Some(ADMIN), &[]);
            judged.findings[0].reason.clone().unwrap_or_default()
        };
        let refused = reason(denied("sts:AssumeRole", account_in_region(ADMIN)));
        assert!(refused.contains("and whether `admin_account` names the account"), "{refused}");
        let asked = reason(denied("securityhub:DescribeOrganizationConfiguration", account_in_region(ADMIN)));
        assert!(!asked.contains("and whether"), "{asked}");
    }

    #[test]
    fn what_is_exempt_or_not_asked_is_left_alone() {
        let exempt = judged(&off(None), None, &[exempt("securityhub.hub.enabled")]);
        assert!(matches!(exempt.findings[0].verdict, Verdict::Exempt(_)) && exempt.drift.is_none());
        assert_eq!(Hub::required(&Settings::default()), [""; 0]);
        assert!(Hub::contradiction(&Settings { enabled: None, admin_account: Some(id(ADMIN)) }).is_some());
    }

    #[test]
    fn who_names_no_administrator_asks_one_call_a_region_and_three_of_the_organization() {
        let needs = |administrator: Option<&str>, home| {
            let wanted = Settings { enabled: Some(Yes), admin_account: administrator.map(id) };
            let reads = Hub::needs(&wanted, home).reads;
            let of =
                |home| reads.iter().filter(|reads| reads.home == home).map(|reads| reads.calls.len()).sum::<usize>();
            (of(Home::Member), of(Home::Management))
        };
        assert_eq!(needs(None, Home::Member), (1, 3));
        assert_eq!(needs(Some(ADMIN), Home::Member), (3, 3));
        assert_eq!(needs(Some(ADMIN), Home::Management), (1, 3));
    }
}
