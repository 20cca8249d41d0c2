//! Which accounts are meant: what matches nothing is a mistake, and what is not meant is not asked.

use serde_json::json;

use crate::harness::{Done, STRONG, Stage, all_strong, kinds, list, organization, strike, text};

/// Two accounts in units, one at the root, all in line.
fn stage() -> (Stage, [String; 3], String) {
    let (mut world, _) = organization(&[]);
    let production = world.add_unit(None, "Production");
    let europe = world.add_unit(Some(&production), "Europe");
    let ids = [
        world.add_member(Some(&europe), "shop-eu"),
        world.add_member(Some(&production), "shop"),
        world.add_member(None, "tools"),
    ];
    all_strong(&mut world);
    world.account(&ids[1]).expect("it is there").tags.insert("tier".to_owned(), "1".to_owned());
    let management = world.management();
    (Stage::held_to(world, STRONG), ids, management)
}

fn scope(stage: &Stage, more: &[&str]) -> Vec<String> {
    let (plan, code) = stage.plan(more);
    assert_eq!(code, Some(0), "{plan:#}");
    list(&plan["accounts"]).iter().map(|line| text(&line["id"]).to_owned()).collect()
}

#[test]
fn accounts_are_chosen_by_id_name_unit_and_tag_and_left_out_so() {
    let (stage, [europe, shop, tools], management) = stage();
    assert_eq!(scope(&stage, &["--account", &shop]), [&*shop]);
    assert_eq!(scope(&stage, &["--account", "shop*"]), [europe.clone(), shop.clone()]);
    assert_eq!(scope(&stage, &["--ou", "/Production"]), [europe.clone(), shop.clone()]);
    assert_eq!(scope(&stage, &["--ou", "/Production/Europe"]), [&*europe]);
    assert_eq!(scope(&stage, &["--exclude-ou", "/Production"]), [management.clone(), tools.clone()]);
    assert_eq!(scope(&stage, &["--exclude-account", "shop*,management"]), [&*tools]);
}

#[test]
fn what_is_not_selected_is_not_entered() {
    let (stage, [europe, shop, tools], _) = stage();
    scope(&stage, &["--account", &shop]);
    assert_eq!(stage.count(&shop, "GetAccountPasswordPolicy"), 1);
    assert!(stage.calls().iter().all(|call| call.account != europe && call.account != tools));
}

#[test]
fn a_selector_that_matches_nothing_is_refused() {
    let (stage, ..) = stage();
    for (option, value) in [
        ("--account", "999999999999"),
        ("--account", "shopping*"),
        ("--ou", "/Production/Asia"),
        ("--ou", "ou-none-12345678"),
        ("--tag", "tier=9"),
        ("--exclude-account", "999999999999"),
        ("--exclude-ou", "/Nowhere"),
    ] {
        let done = stage.run(&["plan", "-b", "baseline.yaml", option, value]);
        done.refused(64, value.trim_start_matches("tier="));
    }
    assert_eq!(stage.writes(), []);
}

#[test]
fn nothing_in_scope_is_refused() {
    let (stage, ..) = stage();
    let done = stage.run(&["plan", "-b", "baseline.yaml", "--exclude-account", "*"]);
    done.refused(64, "no account is in scope");
}

#[test]
fn only_inactive_accounts_in_scope_is_refused_and_says_their_state() {
    let (stage, [europe, ..], _) = stage();
    stage.world(|world| world.account(&europe).expect("it is there").state = "SUSPENDED".to_owned());
    let done = stage.run(&["plan", "-b", "baseline.yaml", "--account", &europe]);
    done.refused(64, &format!("{europe} is SUSPENDED"));
}

#[test]
fn a_control_that_is_unknown_or_not_in_the_baseline_is_refused() {
    let (stage, ..) = stage();
    let plan = |more: [&str; 2]| stage.run(&[&["plan", "-b", "baseline.yaml"][..], &more].concat());
    plan(["--control", "iam.password_polcy"]).refused(64, "did you mean `iam.password_policy`?");
    plan(["--control", "kms.key_rotation"]).refused(64, "the baseline does not name the control `kms.key_rotation`");
    plan(["--exclude-control", "iam.password_policy"]).refused(64, "no control is left to judge");
    assert!(stage.calls().is_empty(), "AWS is not asked");
}

#[test]
fn a_unit_or_an_account_of_the_baseline_that_does_not_exist_is_refused_with_its_line() {
    let (stage, ..) = stage();
    let overrides = "overrides:\n  - match: { ou: /Prodcution }\n    controls: { iam.password_policy: off }\n";
    stage.baseline(overrides, STRONG);
    let done = stage.run(&["plan", "-b", "baseline.yaml"]);
    done.refused(64, "/Prodcution");
    assert!(done.stderr.contains("baseline.yaml:7") && done.stderr.contains("/Production"), "{}", done.stderr);
}

#[test]
fn without_organizations_named_accounts_are_planned_and_what_is_not_known_is_said() {
    let (stage, [europe, ..], management) = stage();
    stage.inject(strike(&management, "ListAccounts", crate::harness::error(403, "AccessDeniedException")));
    let (plan, code) = stage.plan(&["--account", &europe]);
    assert_eq!((kinds(&plan, &europe), code), (vec!["compliant".to_owned()], Some(0)), "{plan:#}");
    assert!(plan["warnings"].to_string().contains("not known"), "{}", plan["warnings"]);
}

#[test]
fn what_is_listed_as_unreachable_is_skipped_with_its_reason() {
    let (stage, [europe, ..], _) = stage();
    stage.world(|world| world.account(&europe).expect("it is there").iam.roles.clear());
    let listed =
        format!("unreachable:\n  - {{ accounts: [\"{europe}\"], reason: quarantined, expires: 2099-01-01 }}\n");
    stage.baseline(&listed, STRONG);
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(0));
    let line = crate::harness::line(&plan, &europe);
    assert_eq!(line["status"], "skipped");
    assert!(text(&line["reason"]).contains("quarantined"), "{line}");
}

#[test]
fn accounts_lists_them_with_their_state_and_how_they_are_reached() {
    let (stage, [europe, shop, tools], management) = stage();
    stage.world(|world| world.account(&tools).expect("it is there").state = "SUSPENDED".to_owned());
    let done: Done = stage.run(&["accounts", "-b", "baseline.yaml", "--format", "json"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let said = done.json();
    let lines = if said.is_array() { list(&said) } else { list(&said["accounts"]) };
    let ids: Vec<&str> = lines.iter().map(|line| text(&line["id"])).collect();
    assert_eq!(ids, [&*management, &*europe, &*shop, &*tools]);
    let of = |id: &str| lines.iter().find(|line| line["id"] == id).expect("it is listed");
    assert_eq!(of(&europe)["ou_path"], "/Production/Europe");
    assert_eq!(of(&tools)["state"], "SUSPENDED");
    assert_ne!(of(&shop).to_string(), json!(null).to_string());
    let text = stage.run(&["accounts", "-b", "baseline.yaml"]).stdout;
    assert!(text.contains(&shop) && text.contains("OrganizationAccountAccessRole"), "{text}");
}
