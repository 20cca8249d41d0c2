//! Security Hub in each region: planned, applied, read back, undone; and left alone where an administrator configures it.

use serde_json::{Value, json};
use trueup::simulator::fault::Injection;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, organization, outcomes, rows, strike, text, write};

const ABROAD: &str = "eu-west-1";
const ASKED: &str = "regions: all\ncontrols:\n  securityhub.hub:\n    enabled: true\n";

/// An account that administers Security Hub at home, and configures this target by a policy.
pub(crate) fn central(world: &mut World, admin: &str, target: &Value) {
    let management = world.management();
    let named = json!({ "AdminAccountId": admin });
    world.build(&management, HOME, "securityhub", "EnableOrganizationAdminAccount", named);
    let kind = json!({"AutoEnable": false, "OrganizationConfiguration": {"ConfigurationType": "CENTRAL"}});
    world.build(admin, HOME, "securityhub", "UpdateOrganizationConfiguration", kind);
    let policy = json!({"Name": "off", "ConfigurationPolicy": {"SecurityHub": {"ServiceEnabled": false}}});
    let made = world.build(admin, HOME, "securityhub", "CreateConfigurationPolicy", policy);
    let association = json!({"ConfigurationPolicyIdentifier": made["Id"], "Target": target});
    world.build(admin, HOME, "securityhub", "StartConfigurationPolicyAssociation", association);
}

#[test]
fn a_region_without_a_hub_gets_one_without_standards_where_what_bills_is_allowed() {
    let (mut world, ids) = organization(&["none", "half"]);
    world.build(&ids[1], HOME, "securityhub", "EnableSecurityHub", json!({}));
    let stage = Stage::held_to(world, ASKED);
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
    let stage = Stage::held_to(world, &ASKED.replace("all", "[us-east-1]"));
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
    central(&mut world, &ids[0], &json!({ "AccountId": ids[1] }));
    let stage = Stage::held_to(world, &format!("{ASKED}    admin_account: \"{}\"\n", ids[0]));
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
    central(&mut world, &ids[0], &json!({ "AccountId": ids[1] }));
    let stage = Stage::held_to(world, &ASKED.replace("all", "[us-east-1]"));
    stage.plan(&["--account", &ids[1], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied)[0].1, code), ("failed", Some(3)));
    assert!(applied.to_string().contains("Account is centrally managed"), "{applied:#}");
}

#[test]
fn a_hub_that_may_not_be_looked_at_is_unreadable_and_never_switched_on() {
    let (world, ids) = organization(&["half", "other"]);
    let stage = Stage::held_to(world, ASKED);
    let denied = strike(&ids[0], "DescribeHub", error(403, "AccessDeniedException"));
    stage.inject(Injection { region: Some(ABROAD.to_owned()), ..denied });
    // Any other reason than that there is no subscription.
    stage.inject(strike(&ids[1], "DescribeHub", error(401, "InvalidAccessException")));
    let (plan, code) = stage.plan(&["--account", &ids.join(",")]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".into(), "unreadable".into()], Some(3)));
    assert_eq!(kinds(&plan, &ids[1]), ["unreadable"]);
}
