//! Analyzers of external access: one a region, of the account or of the organization; planned, applied, read back, undone.

use serde_json::{Value, json};
use trueup::simulator::fault::Injection;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, list, organization, outcomes, rows, strike, text, write};

const ABROAD: &str = "eu-west-1";
const ASKED: &str = "regions: all\ncontrols:\n  accessanalyzer.external:\n    active: true\n";
const SERVICE: &str = "access-analyzer.amazonaws.com";

fn analyzer(world: &mut World, account: &str, region: &str, name: &str, kind: &str) {
    world.build(account, region, "access-analyzer", "CreateAnalyzer", json!({"analyzerName": name, "type": kind}));
}

/// Lets the organization trust the service and an account administer it.
fn delegate(world: &mut World, account: &str) {
    let management = world.management();
    let service = json!({ "ServicePrincipal": SERVICE });
    world.build(&management, HOME, "organizations", "EnableAWSServiceAccess", service);
    let delegated = json!({"AccountId": account, "ServicePrincipal": SERVICE});
    world.build(&management, HOME, "organizations", "RegisterDelegatedAdministrator", delegated);
}

/// The one requirement of an account in a region.
fn row<'a>(plan: &'a Value, account: &'a str, region: &str) -> &'a Value {
    rows(plan, account).find(|row| row["region"] == region).expect("it is judged")
}

/// Name, type and state of each analyzer, as boto3 reads them.
fn found(stage: &Stage, account: &str, region: &str) -> Vec<Value> {
    let all = stage.analyzers(account, region);
    all.iter().map(|one| json!([one["name"], one["type"], one["status"]])).collect()
}

#[test]
fn a_region_without_an_analyzer_gets_one_and_one_that_is_there_stays_alone() {
    let (mut world, ids) = organization(&["none", "own"]);
    analyzer(&mut world, &ids[1], HOME, "theirs", "ACCOUNT");
    analyzer(&mut world, &ids[1], ABROAD, "unused", "ACCOUNT_UNUSED_ACCESS");
    let stage = Stage::held_to(world, ASKED);
    let selected = ids.join(",");
    let (plan, code) = stage.plan(&["--account", &selected, "--out", "plan.json"]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".into()], Some(2)), "{plan:#}");
    assert_eq!(row(&plan, &ids[1], HOME)["verdict"], "compliant");
    assert_eq!(row(&plan, &ids[1], ABROAD)["verdict"], "drifted", "what analyses unused access is something else");
    for id in &ids {
        assert_eq!(stage.count(id, "ListAnalyzers"), 2, "one call a region");
    }
    assert_eq!(stage.apply(&[]).1, Some(0), "nothing bills and nobody is shut out");
    let made = |account: &str| write(account, "access-analyzer", "CreateAnalyzer");
    let mut wanted = [made(&ids[0]), made(&ids[0]), made(&ids[1])];
    wanted.sort();
    assert_eq!(stage.writes(), wanted);
    let ours = json!(["trueup-external", "ACCOUNT", "ACTIVE"]);
    assert_eq!(found(&stage, &ids[0], HOME), std::slice::from_ref(&ours));
    assert_eq!(found(&stage, &ids[1], HOME), [json!(["theirs", "ACCOUNT", "ACTIVE"])]);
    assert_eq!(found(&stage, &ids[1], ABROAD), [ours, json!(["unused", "ACCOUNT_UNUSED_ACCESS", "ACTIVE"])]);
    assert_eq!(stage.plan(&["--account", &selected]).1, Some(0));
}

#[test]
fn what_was_made_is_deleted_by_a_revert_and_what_somebody_made_since_is_not() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, ASKED);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let run = text(&stage.apply(&[]).0["run"]).to_owned();
    stage.world(|world| {
        let name = json!({"analyzerName": "trueup-external"});
        world.build(&ids[0], ABROAD, "access-analyzer", "DeleteAnalyzer", name);
        analyzer(world, &ids[0], ABROAD, "trueup-external", "ACCOUNT");
    });
    let done = stage.run(&["revert", &run, "--auto-approve", "--allow", "irreversible", "--allow", "weakening"]);
    assert!(done.stdout.contains("is not the one that was made"), "{}{}", done.stdout, done.stderr);
    assert_eq!((found(&stage, &ids[0], HOME), found(&stage, &ids[0], ABROAD).len()), (vec![], 1));
}

#[test]
fn one_account_covers_the_others_only_where_the_baseline_says_so_and_is_mended_there() {
    let (mut world, ids) = organization(&["security", "member", "own"]);
    delegate(&mut world, &ids[0]);
    analyzer(&mut world, &ids[2], HOME, "theirs", "ACCOUNT");
    let stage = Stage::held_to(world, &format!("{ASKED}    organization_account: \"{}\"\n", ids[0]));
    let selected = ids.join(",");
    let (plan, code) = stage.plan(&["--account", &selected, "--out", "plan.json"]);
    assert_eq!(code, Some(2));
    let there = |region: &str| format!("{}/{region}/accessanalyzer.external/analyzer of external access", ids[0]);
    assert_eq!(text(&row(&plan, &ids[1], ABROAD)["through"]), there(ABROAD));
    assert_eq!(row(&plan, &ids[2], HOME)["verdict"], "compliant", "its own is as good");
    assert_eq!(list(&plan["changes"]).len(), 2, "both in the account that covers the others: {plan:#}");
    assert_eq!(stage.apply(&[]).1, Some(0));
    let made = write(&ids[0], "access-analyzer", "CreateAnalyzer");
    assert_eq!(stage.writes(), [made.clone(), made]);
    assert_eq!(found(&stage, &ids[0], HOME), [json!(["trueup-external", "ORGANIZATION", "ACTIVE"])]);
    let (plan, code) = stage.plan(&["--account", &selected]);
    assert_eq!((kinds(&plan, &ids[1]), code), (vec!["compliant".into()], Some(0)));
    let reason = format!("by the organization's analyzer in account {}", ids[0]);
    assert_eq!(text(&row(&plan, &ids[1], HOME)["reason"]), reason);

    stage.baseline("", ASKED);
    let alone = stage.plan(&["--account", &ids[1]]).0;
    assert_eq!(kinds(&alone, &ids[1]), ["drifted"], "without the setting each account needs its own");
}

#[test]
fn where_the_account_that_covers_is_not_selected_it_is_its_owner() {
    let (mut world, ids) = organization(&["security", "member"]);
    delegate(&mut world, &ids[0]);
    let stage = Stage::held_to(world, &format!("{ASKED}    organization_account: \"{}\"\n", ids[0]));
    let (plan, code) = stage.plan(&["--account", &ids[1], "--out", "plan.json"]);
    let row = row(&plan, &ids[1], HOME);
    assert_eq!((text(&row["verdict"]), &row["in_force"], code), ("owned_elsewhere", &json!(false), Some(2)));
    assert_eq!(text(&row["owner"]), format!("the IAM Access Analyzer administrator account {}", ids[0]));
    assert_eq!((stage.apply(&[]).1, stage.writes()), (Some(0), vec![]));

    stage.inject(strike(&ids[0], "ListAnalyzers", error(403, "AccessDeniedException")));
    let (plan, code) = stage.plan(&["--account", &ids[1]]);
    assert_eq!((kinds(&plan, &ids[1]), code), (vec!["unreadable".into()], Some(3)));
}

#[test]
fn an_organization_that_does_not_trust_the_service_lets_none_be_made_and_disables_what_is_there() {
    let (mut world, ids) = organization(&["security"]);
    let stage_of = |world: World, account: &str| {
        Stage::held_to(
            world,
            &format!("regions: [us-east-1]\n{}    organization_account: \"{account}\"\n", &ASKED[13..]),
        )
    };
    delegate(&mut world, &ids[0]);
    analyzer(&mut world, &ids[0], HOME, "theirs", "ORGANIZATION");
    let management = world.management();
    let service = json!({"AccountId": ids[0], "ServicePrincipal": SERVICE});
    world.build(&management, HOME, "organizations", "DeregisterDelegatedAdministrator", service);
    let stage = stage_of(world, &ids[0]);
    let plan = stage.plan(&["--account", &ids[0], "--out", "plan.json"]).0;
    let manual = text(&plan["changes"][0]["manual"]);
    assert!(manual.contains("theirs is DISABLED (AWS_SERVICE_ACCESS_DISABLED): let Organizations trust"), "{manual}");
    assert_eq!(stage.writes(), vec![]);

    let (world, ids) = organization(&["security"]);
    let stage = stage_of(world, &ids[0]);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied)[0].1, code), ("failed", Some(3)));
    assert!(applied.to_string().contains("Service not enabled for AWS Organizations"), "{applied:#}");
}

#[test]
fn an_account_that_is_to_cover_others_is_one_of_the_organization() {
    let (world, _) = organization(&["one"]);
    let stage = Stage::held_to(world, &format!("{ASKED}    organization_account: \"123412341234\"\n"));
    let done = stage.run(&["plan", "-b", "baseline.yaml"]);
    done.refused(
        64,
        "`organization_account` of accessanalyzer.external names 123412341234, which the organization does not have",
    );
}

#[test]
fn a_region_whose_analyzers_are_denied_is_unreadable_and_the_other_is_judged() {
    let (world, ids) = organization(&["half"]);
    let stage = Stage::held_to(world, ASKED);
    let denied = strike(&ids[0], "ListAnalyzers", error(403, "AccessDeniedException"));
    stage.inject(Injection { region: Some(ABROAD.to_owned()), ..denied });
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".into(), "unreadable".into()], Some(3)));
}
