//! Security Hub in each region: planned, applied, read back, undone; and left alone where an administrator configures it.

use serde_json::{Value, json};
use trueup::simulator::fault::{Effect, Injection};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, organization, outcomes, rows, strike, text, write};
use crate::owners::policy_of;

const ABROAD: &str = "eu-west-1";
const WANTED: &str = "regions: all\ncontrols:\n  securityhub.hub:\n    enabled: true\n";

/// The same of the home region alone.
fn at_home() -> String {
    WANTED.replace("all", "[us-east-1]")
}

/// An account that administers Security Hub at home, and by a policy switches it on or off in this target.
pub(crate) fn central(world: &mut World, admin: &str, target: &Value, on: bool) {
    let management = world.management();
    let named = json!({ "AdminAccountId": admin });
    world.build(&management, HOME, "securityhub", "EnableOrganizationAdminAccount", named);
    let kind = json!({"AutoEnable": false, "OrganizationConfiguration": {"ConfigurationType": "CENTRAL"}});
    world.build(admin, HOME, "securityhub", "UpdateOrganizationConfiguration", kind);
    let policy = json!({"Name": "hubs", "ConfigurationPolicy": {"SecurityHub": {"ServiceEnabled": on}}});
    let made = world.build(admin, HOME, "securityhub", "CreateConfigurationPolicy", policy);
    let association = json!({"ConfigurationPolicyIdentifier": made["Id"], "Target": target});
    world.build(admin, HOME, "securityhub", "StartConfigurationPolicyAssociation", association);
}

#[test]
fn a_region_without_a_hub_gets_one_without_standards_where_what_bills_is_allowed() {
    let (mut world, ids) = organization(&["none", "half"]);
    world.build(&ids[1], HOME, "securityhub", "EnableSecurityHub", json!({}));
    let stage = Stage::held_to(world, WANTED);
    let selected = ids.join(",");
    let (plan, code) = stage.plan(&["--account", &selected, "--out", "plan.json"]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".into()], Some(2)), "{plan:#}");
    assert_eq!(kinds(&plan, &ids[1]), ["compliant", "drifted"]);
    for id in &ids {
        assert_eq!(stage.count(id, "DescribeHub"), 2, "one call a region");
    }
    assert!(outcomes(&stage.apply(&[]).0).iter().all(|(_, outcome)| *outcome == "held"));
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    let on = |account: &str| write(account, "securityhub", "EnableSecurityHub");
    let mut wanted = [on(&ids[0]), on(&ids[0]), on(&ids[1])];
    wanted.sort();
    assert_eq!(stage.writes(), wanted);
    let hub = stage.hub(&ids[0], HOME);
    assert_eq!((&hub["ControlFindingGenerator"], hub["HubArn"].is_string()), (&json!("SECURITY_CONTROL"), true));
    let standards = |stage: &Stage, account: &str, region: &str| {
        stage.world(|world| {
            let hub = world.account(account).expect("it is there").regions[region].securityhub.hub.clone();
            hub.map(|hub| hub.standards.len())
        })
    };
    assert_eq!(standards(&stage, &ids[0], ABROAD), Some(0));
    assert_eq!(standards(&stage, &ids[1], HOME), Some(2), "what is on stays on");
    assert_eq!(stage.plan(&["--account", &selected]).1, Some(0));

    let run = text(&applied["run"]);
    let done = stage.run(&["revert", run, "--auto-approve", "--allow", "irreversible", "--allow", "weakening"]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    assert_eq!((stage.hub(&ids[0], HOME), stage.hub(&ids[1], ABROAD)), (Value::Null, Value::Null));
    assert!(stage.hub(&ids[1], HOME).is_object(), "it was on before");
}

#[test]
fn what_somebody_switched_on_since_is_not_switched_off_by_a_revert() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, &at_home());
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let run = text(&stage.apply(&["--allow", "cost"]).0["run"]).to_owned();
    stage.world(|world| {
        world.build(&ids[0], HOME, "securityhub", "DisableSecurityHub", json!({}));
        world.build(&ids[0], HOME, "securityhub", "EnableSecurityHub", json!({}));
    });
    let done = stage.run(&["revert", &run, "--auto-approve", "--allow", "irreversible", "--allow", "weakening"]);
    assert!(done.stdout.contains("is not the one that was switched on"), "{}{}", done.stdout, done.stderr);
    assert!(stage.hub(&ids[0], HOME).is_object());
}

#[test]
fn what_a_configuration_policy_sets_is_its_administrators_and_gets_no_write() {
    let (mut world, ids) = organization(&["security", "central", "own"]);
    central(&mut world, &ids[0], &json!({ "AccountId": ids[1] }), false);
    let stage = Stage::held_to(world, &format!("{WANTED}    admin_account: \"{}\"\n", ids[0]));
    let selected = ids[1..].join(",");
    let (plan, code) = stage.plan(&["--account", &selected, "--out", "plan.json"]);
    assert_eq!((kinds(&plan, &ids[1]), code), (vec!["owned_elsewhere".into()], Some(2)), "{plan:#}");
    let row = rows(&plan, &ids[1]).next().expect("it is judged");
    assert_eq!(text(&row["owner"]), format!("the Security Hub administrator account {}", ids[0]));
    assert_eq!(stage.count(&ids[0], "GetConfigurationPolicyAssociation"), 2, "once an account, for all its regions");
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    let on = write(&ids[2], "securityhub", "EnableSecurityHub");
    assert_eq!(stage.writes(), [on.clone(), on], "who configures itself is mended itself");
}

#[test]
fn without_its_administrator_a_refusal_fails_and_says_so() {
    let (mut world, ids) = organization(&["security", "central"]);
    central(&mut world, &ids[0], &json!({ "AccountId": ids[1] }), false);
    let stage = Stage::held_to(world, &at_home());
    stage.plan(&["--account", &ids[1], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied)[0].1, code), ("failed", Some(3)));
    assert!(applied.to_string().contains("Account is centrally managed"), "{applied:#}");
}

/// What is said of an account without a hub, where the baseline names this administrator: in JSON and as a text.
fn said(world: World, account: &str, admin: &str) -> (String, Stage) {
    let stage = Stage::held_to(world, &format!("{}    admin_account: \"{admin}\"\n", at_home()));
    let (plan, code) = stage.plan(&["--account", account, "--out", "plan.json"]);
    assert_eq!((kinds(&plan, account), code), (vec!["unreadable".into()], Some(3)), "{plan:#}");
    let reason = text(&rows(&plan, account).next().expect("it is judged")["reason"]).to_owned();
    let shown = stage.run(&["plan", "-b", "baseline.yaml", "--account", account]).stdout;
    let flat = |words: &str| words.split_whitespace().collect::<String>();
    assert!(flat(&shown).contains(&flat(&reason)), "{reason}\n{shown}");
    (reason, stage)
}

const WHICH: &str = "`aws securityhub list-organization-admin-accounts`, in the management account, says which it is";

#[test]
fn an_account_that_does_not_administer_security_hub_is_no_administrator_and_it_is_said_what_to_set() {
    for which in 0..3 {
        let (mut world, ids) = organization(&["security", "one", "wrong"]);
        central(&mut world, &ids[0], &json!({ "AccountId": ids[1] }), false);
        // A member that asks itself, another, and who manages the organization and has left this to somebody else.
        let wrong = [ids[1].clone(), ids[2].clone(), world.management()][which].clone();
        let (reason, stage) = said(world, &ids[1], &wrong);
        let says = format!("(InvalidAccessException: Account {wrong} is not an administrator for this organization); ");
        assert!(reason.starts_with(&format!("it is not known whether account {wrong} configures")), "{reason}");
        assert!(reason.contains(&format!("{says}name by `admin_account` the account that administers")), "{reason}");
        assert!(reason.contains(WHICH), "{reason}");
        assert_eq!((stage.apply(&["--allow", "cost"]).0["outcomes"].clone(), stage.writes()), (json!([]), vec![]));
    }
}

#[test]
fn an_administrator_who_is_none_any_more_keeps_apply_from_writing_and_it_is_said_what_to_set() {
    let (mut world, ids) = organization(&["security", "one"]);
    central(&mut world, &ids[0], &json!({ "RootId": "none" }), false);
    let stage = Stage::held_to(world, &format!("{}    admin_account: \"{}\"\n", at_home(), ids[0]));
    stage.plan(&["--account", &ids[1], "--out", "plan.json"]);
    stage.world(|world| {
        let region = world.account(&ids[0]).expect("it is there").regions.get_mut(HOME).expect("it was used");
        region.securityhub.organization = None;
    });
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(
        (outcomes(&applied), code, stage.writes()),
        (vec![(&*ids[1], "failed")], Some(3), vec![]),
        "{applied:#}"
    );
    assert!(text(&applied["outcomes"][0]["reason"]).contains(WHICH), "{applied:#}");
}

#[test]
fn an_administrator_outside_the_organization_is_a_mistake_that_names_the_setting() {
    let (world, _) = organization(&["one"]);
    let stage = Stage::held_to(world, &format!("{WANTED}    admin_account: \"123412341234\"\n"));
    for command in [&["plan"][..], &["apply", "--auto-approve"], &["doctor"]] {
        let done = stage.run(&[command, &["-b", "baseline.yaml"]].concat());
        done.refused(64, "`admin_account` of securityhub.hub names 123412341234, which the organization does not have");
    }
}

/// Who may not list accounts is believed, so that an account of somebody else is only told from its refusal.
#[test]
fn where_the_accounts_are_not_known_an_administrator_that_lets_nobody_in_may_be_the_wrong_one() {
    let (mut world, ids) = organization(&["one"]);
    let management = world.management();
    world.faults.inject(strike(&management, "ListAccounts", error(403, "AccessDeniedException")));
    let (reason, _) = said(world, &ids[0], "123412341234");
    assert!(reason.contains("sts:AssumeRole in 123412341234"), "{reason}");
    assert!(reason.contains("and whether `admin_account` names the account") && reason.contains(WHICH), "{reason}");
}

#[test]
fn a_hub_that_may_not_be_looked_at_is_unreadable_and_never_switched_on() {
    let (world, ids) = organization(&["half", "other"]);
    let stage = Stage::held_to(world, WANTED);
    let denied = strike(&ids[0], "DescribeHub", error(403, "AccessDeniedException"));
    stage.inject(Injection { region: Some(ABROAD.to_owned()), ..denied });
    // Any other reason than that there is no subscription.
    stage.inject(strike(&ids[1], "DescribeHub", error(401, "InvalidAccessException")));
    let (plan, code) = stage.plan(&["--account", &ids.join(",")]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".into(), "unreadable".into()], Some(3)));
    assert_eq!(kinds(&plan, &ids[1]), ["unreadable"]);
}

/// What policies are asked of Organizations.
const ASKED: [&str; 3] = ["ListPolicies", "ListTargetsForPolicy", "DescribeEffectivePolicy"];

/// A policy of the organization that has hubs on and off in these regions; answers its id.
pub(crate) fn govern(world: &mut World, target: &str, on: &[&str], off: &[&str]) -> String {
    let lists = json!({ "enable_in_regions": { "@@assign": on }, "disable_in_regions": { "@@assign": off } });
    // What holds the lists' key is called here as it may be called: nothing depends on that.
    let content = json!({ "securityhub_cspm": { "cspm_enablement": lists } });
    policy_of(world, "SECURITYHUB_CSPM_POLICY", target, "hubs", &content)
}

#[test]
fn where_a_policy_of_the_organization_has_it_on_it_is_compliant_and_nobody_is_asked_who_sets_it() {
    let (mut world, ids) = organization(&["one"]);
    let management = world.management();
    govern(&mut world, &ids[0], &["ALL_SUPPORTED"], &[]);
    let stage = Stage::held_to(world, WANTED);
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["compliant".into()], Some(0)), "{plan:#}");
    assert_eq!(ASKED.map(|operation| stage.count(&management, operation)), [0; 3]);
}

#[test]
fn where_a_policy_of_the_organization_has_it_off_it_is_the_policys_whoever_is_selected() {
    let (mut world, ids) = organization(&["security", "one"]);
    central(&mut world, &ids[0], &json!({ "AccountId": ids[1] }), false);
    let (root, management) = (world.organization.as_ref().expect("an organization").root.clone(), world.management());
    let id = govern(&mut world, &root, &["ALL_SUPPORTED"], &[HOME]);
    let named = format!("{WANTED}    admin_account: \"{}\"\n", ids[0]);
    let stage = Stage::held_to(world, &format!("management_account: include\n{named}"));
    for selected in [ids[1].clone(), format!("{},{management}", ids[1])] {
        let (plan, code) = stage.plan(&["--account", &selected, "--out", "plan.json"]);
        assert_eq!(kinds(&plan, &ids[1]), ["compliant", "owned_elsewhere"], "{plan:#}");
        let row = rows(&plan, &ids[1]).find(|row| row["region"] == HOME).expect("it is judged");
        let owner = format!("the policy hubs ({id}) of the organization (SECURITYHUB_CSPM_POLICY)");
        assert_eq!((text(&row["owner"]), &row["in_force"]), (owner.as_str(), &json!(false)));
        assert!(text(&row["reason"]).contains("change the SECURITYHUB_CSPM_POLICY that holds"), "{row:#}");
        assert_eq!(code, Some(2));
        assert_eq!((stage.apply(&["--allow", "cost"]).1, stage.writes()), (Some(0), vec![]));
    }
    assert_eq!(
        stage.count(&ids[0], "DescribeOrganizationConfiguration"),
        0,
        "the policy goes before its administrator"
    );
}

#[test]
fn a_hub_that_a_policy_of_the_organization_is_about_to_make_is_not_made_by_anybody_else() {
    let (mut world, ids) = organization(&["one"]);
    govern(&mut world, &ids[0], &[HOME], &[]);
    let stage = Stage::held_to(world, &at_home());
    let message = "Account is not subscribed to AWS Security Hub".to_owned();
    let not_yet = Effect::Error { code: "InvalidAccessException".to_owned(), status: 401, message };
    stage.inject(Injection { region: Some(HOME.to_owned()), ..strike(&ids[0], "DescribeHub", not_yet) });
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["owned_elsewhere".into()], Some(2)), "{plan:#}");
    let row = rows(&plan, &ids[0]).next().expect("it is judged");
    assert!(text(&row["reason"]).contains("AWS has not switched it on yet"), "{row:#}");
}

#[test]
fn what_only_looks_like_a_policys_is_mended_in_the_account() {
    let (mut world, ids) = organization(&["abroad", "newer", "free"]);
    govern(&mut world, &ids[0], &[], &[ABROAD]);
    let lists = json!({ "enable_in_regions": [], "disable_in_regions": ["ALL_SUPPORTED"] });
    policy_of(&mut world, "SECURITYHUB_POLICY", &ids[1], "newer", &json!({ "securityhub": lists }));
    let stage = Stage::held_to(world, &at_home());
    stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "verified") && code == Some(0), "{applied:#}");
    let mut wanted = ids.clone();
    wanted.sort();
    assert_eq!(
        stage.writes(),
        wanted.iter().map(|id| write(id, "securityhub", "EnableSecurityHub")).collect::<Vec<_>>()
    );
}

#[test]
fn without_its_policies_a_missing_hub_is_unreadable_and_not_made() {
    let (mut world, ids) = organization(&["one"]);
    let management = world.management();
    govern(&mut world, &ids[0], &[], &[ABROAD]);
    let stage = Stage::held_to(world, &at_home());
    for operation in ASKED {
        stage.world(|world| world.faults.clear());
        stage.inject(strike(&management, operation, error(403, "AccessDeniedException")));
        let (plan, code) = stage.plan(&["--account", &ids[0]]);
        assert_eq!((kinds(&plan, &ids[0]), code), (vec!["unreadable".to_owned()], Some(3)));
        assert!(rows(&plan, &ids[0]).all(|row| text(&row["reason"]).contains(operation)), "{plan:#}");
        assert_eq!(plan["changes"], json!([]));
    }
}

#[test]
fn a_policy_that_was_attached_since_the_plan_keeps_apply_from_writing() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, &at_home());
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    stage.world(|world| govern(world, &ids[0], &[], &["ALL_SUPPORTED"]));
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "stale")], Some(2)), "{applied:#}");
    let reason = text(&applied["outcomes"][0]["reason"]);
    assert!(
        reason.starts_with("the policy hubs (p-") && reason.contains("sets it now: in the management account"),
        "{reason}"
    );
    assert_eq!(stage.writes(), vec![]);
}
