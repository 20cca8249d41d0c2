//! The caller lives in a delegated administrator: members and the management account are entered by roles that trust it.

use serde_json::{Value, json};
use trueup::simulator::world::{Caller, Credential, Principal, Session, World};
use trueup::simulator::{ACCESS_ROLE, ledger::Entry};

use crate::harness::{
    HOME, STRONG, Stage, all_strong, kinds, line, organization, outcomes, policy_write, set_policy, strong, text,
};

/// A role that the delegated administrator may assume.
const ROLE: &str = "trueup";

/// An organization whose account `security` administers it, and the keys of a pipeline there.
struct Company {
    stage: Stage,
    management: String,
    security: String,
    shop: String,
}

fn role(world: &mut World, account: &str, trusted: &str) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": format!("arn:aws:iam::{trusted}:root")}}]});
    let made = json!({"RoleName": ROLE, "AssumeRolePolicyDocument": trust.to_string()});
    world.build(account, HOME, "iam", "CreateRole", made);
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    world.build(account, HOME, "iam", "AttachRolePolicy", json!({"RoleName": ROLE, "PolicyArn": policy}));
}

/// The keys of a session in an account, as an instance or a pipeline there has them.
fn keys(world: &mut World, account: &str) -> Credential {
    let session = Session { role: ACCESS_ROLE.to_owned(), name: "ci".to_owned(), policy: None, policy_arns: vec![] };
    let arn = format!("arn:aws:sts::{account}:assumed-role/{ACCESS_ROLE}/ci");
    let principal = Principal::Role(session);
    world.issue(Caller { account: account.to_owned(), arn, id: "AROAPIPELINE:ci".to_owned(), principal }, Some(3600))
}

impl Company {
    /// `delegated`: whether the account is registered; `into`: the accounts with a role for it.
    fn new(delegated: bool, into: &[&str]) -> Self {
        let (mut world, ids) = organization(&["security", "shop"]);
        let [security, shop] = <[String; 2]>::try_from(ids).expect("two members");
        let management = world.management();
        all_strong(&mut world);
        for account in [&management, &security, &shop] {
            let name = world.account(account).expect("it is there").name.clone();
            if into.contains(&name.as_str()) {
                role(&mut world, account, &security);
            }
        }
        if delegated {
            let service = "config.amazonaws.com";
            let manage = |world: &mut World, operation, input: Value| {
                world.build(&management, HOME, "organizations", operation, input);
            };
            manage(&mut world, "EnableAWSServiceAccess", json!({"ServicePrincipal": service}));
            let registration = json!({"AccountId": security, "ServicePrincipal": service});
            manage(&mut world, "RegisterDelegatedAdministrator", registration);
        }
        let keys = keys(&mut world, &security);
        Self { stage: Stage::new(world).with_keys(keys), management, security, shop }
    }

    fn baseline(&self, management_role: &str, more: &str, controls: &str) {
        let organization = self.stage.organization();
        let text = format!(
            "version: 1\nname: test\norganization: {organization}\naccess:\n  read_role: {ROLE}\n  write_role: {ROLE}\n\
             {management_role}{more}{controls}"
        );
        self.stage.write("baseline.yaml", &text);
    }

    fn weaken(&self, account: &str) {
        self.stage.world(|world| set_policy(world, account, json!({"MinimumPasswordLength": 8})));
    }

    /// Who made the calls in an account.
    fn callers(&self, account: &str) -> Vec<String> {
        let calls = self.stage.calls().into_iter().filter(|call: &Entry| call.account == account);
        let mut callers: Vec<String> = calls.map(|call| call.principal).collect();
        callers.sort();
        callers.dedup();
        callers
    }
}

const EVERYWHERE: &[&str] = &["management", "security", "shop"];

/// The password policy, and what is known in the management account alone.
fn controls() -> String {
    format!("{STRONG}  guardduty.detector:\n    enabled: true\n")
}

#[test]
fn a_delegated_administrator_plans_and_applies_and_enters_the_management_account_by_its_role() {
    let company = Company::new(true, EVERYWHERE);
    company.baseline(
        &format!("  management_role: {ROLE}\n"),
        "management_account: include\nregions: [us-east-1]\n",
        &controls(),
    );
    let Company { stage, management, security, shop } = &company;
    company.weaken(management);
    company.weaken(security);
    company.weaken(shop);
    let plan = stage.planned(2);
    assert_eq!(plan["organization"]["management_account"], management.as_str());
    assert_eq!(plan["complete"], true, "{plan:#}");
    let asked = company.callers(management);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].starts_with(&format!("arn:aws:sts::{management}:assumed-role/{ROLE}/trueup-")), "{asked:?}");
    assert_eq!(stage.count(management, "ListOrganizationAdminAccounts"), 1, "the management account is a home");
    assert_eq!(stage.count(security, "AssumeRole"), 3, "each account once, its own among them");
    // What only the management account can answer was answered by it.
    let detectors = crate::harness::rows(&plan, shop).filter(|row| row["control"] == "guardduty.detector");
    assert!(detectors.into_iter().all(|row| row["verdict"] != "unreadable"), "{plan:#}");
}

#[test]
fn what_a_delegated_administrator_applies_is_written_by_the_roles_and_verified() {
    let company = Company::new(true, EVERYWHERE);
    company.baseline(&format!("  management_role: {ROLE}\n"), "management_account: include\n", STRONG);
    let Company { stage, management, security, shop } = &company;
    for account in [management, security, shop] {
        company.weaken(account);
    }
    stage.planned(2);
    let (applied, code) = stage.apply(&[]);
    let verified = [management, security, shop].map(|account| (account.as_str(), "verified"));
    assert_eq!((outcomes(&applied), code), (verified.to_vec(), Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [management, security, shop].map(|account| policy_write(account)));
    for account in [management, security, shop] {
        assert_eq!(stage.policy(account)["MinimumPasswordLength"], strong()["MinimumPasswordLength"]);
    }
    assert_eq!(stage.plan(&[]).1, Some(0));
}

#[test]
fn without_a_way_into_the_management_account_it_is_unreadable_and_the_others_go_on() {
    let company = Company::new(true, &["security", "shop"]);
    company.baseline("", "regions: [us-east-1]\n", &controls());
    let Company { stage, management, shop, .. } = &company;
    let (plan, code) = stage.plan(&[]);
    assert_eq!((code, &line(&plan, management)["status"]), (Some(3), &json!("unreadable")), "{plan:#}");
    let reason = text(&line(&plan, management)["reason"]);
    assert!(reason.contains("sts:AssumeRole") && reason.contains("trusts the caller"), "{reason}");
    assert!(kinds(&plan, shop).contains(&"compliant".to_owned()), "the password policy needs no home");
    let of_detector = crate::harness::verdicts(&plan, shop);
    let detector = of_detector.iter().find(|(requirement, _)| requirement.starts_with("guardduty")).expect("a verdict");
    assert_eq!(detector.1, "unreadable", "who administers GuardDuty is not known, and so not guessed");
}

#[test]
fn a_member_that_is_no_delegated_administrator_is_told_what_to_do() {
    let company = Company::new(false, EVERYWHERE);
    company.baseline("", "", STRONG);
    let Company { stage, shop, .. } = &company;
    stage.run(&["plan", "-b", "baseline.yaml"]).refused(1, "a delegated administrator");
    let (plan, code) = stage.plan(&["--account", shop]);
    assert_eq!((kinds(&plan, shop), code), (vec!["compliant".to_owned()], Some(0)), "{plan:#}");
    let organization = stage.organization();
    assert_eq!(plan["organization"]["id"], organization.as_str(), "every member may ask which organization it is in");
    assert!(plan["warnings"].to_string().contains("whether these accounts are all there are"), "{}", plan["warnings"]);
}
