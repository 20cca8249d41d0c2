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
    assert_eq!(scope(&stage, &["--tag", "tier"]), [&*shop]);
    assert_eq!(scope(&stage, &["--tag", "tier=1"]), [&*shop]);
    assert_eq!(scope(&stage, &["--exclude-tag", "tier=1"]), [management.clone(), europe.clone(), tools.clone()]);
    assert_eq!(scope(&stage, &["--ou", "/Production", "--exclude-account", &europe]), [&*shop]);
    let units = stage.world(|world| world.organization.as_ref().expect("an organization").units.clone());
    let unit = |name: &str| units.values().find(|unit| unit.name == name).expect("it is there").id.clone();
    assert_eq!(scope(&stage, &["--ou", &unit("Production")]), [europe.clone(), shop.clone()], "with all below");
    assert_eq!(scope(&stage, &["--ou", "/Production", "--exclude-ou", &unit("Europe")]), [&*shop]);
    let root = stage.world(|world| world.organization.as_ref().expect("an organization").root.clone());
    assert_eq!(scope(&stage, &["--ou", &root]).len(), 4);
}

#[test]
fn tags_are_asked_for_only_where_a_selector_or_the_baseline_names_one() {
    let (stage, _, management) = stage();
    let asked = || stage.count(&management, "ListTagsForResource");
    scope(&stage, &["--account", "shop*"]);
    assert_eq!(asked(), 0);
    scope(&stage, &["--tag", "tier"]);
    assert_eq!(asked(), 4, "once an account");
    let lenient = "overrides:\n  - match: { tag: tier=1 }\n    controls: { iam.password_policy: off }\n";
    stage.baseline(lenient, STRONG);
    scope(&stage, &[]);
    assert_eq!(asked(), 8);
}

#[test]
fn accounts_that_are_not_active_are_listed_with_their_state_and_not_entered() {
    let (stage, [europe, shop, tools], management) = stage();
    let states = [(&europe, "SUSPENDED"), (&shop, "PENDING_CLOSURE"), (&tools, "QUARANTINED")];
    for (id, state) in states {
        stage.world(|world| world.account(id).expect("it is there").state = state.to_owned());
    }
    let (plan, code) = stage.plan(&[]);
    assert_eq!(code, Some(0), "{plan:#}");
    for (id, state) in states {
        let line = crate::harness::line(&plan, id);
        assert_eq!((&line["status"], &line["state"]), (&json!("skipped"), &json!(state)));
        assert!(text(&line["reason"]).contains(state), "a state that is not known is reported as it is: {line}");
        assert_eq!(kinds(&plan, id), Vec::<String>::new());
    }
    assert_eq!(plan["summary"]["accounts"]["skipped"], 3);
    assert_eq!(stage.count(&management, "AssumeRole"), 0);
}

#[test]
fn older_and_newer_descriptions_of_accounts_are_understood_alike() {
    let (stage, [europe, ..], management) = stage();
    stage.world(|world| world.account(&europe).expect("it is there").state = "SUSPENDED".to_owned());
    let mut seen = vec![];
    for (status, state, paths) in [(false, false, false), (true, false, false), (false, true, true)] {
        stage.world(|world| {
            let hidden = &mut world.organization.as_mut().expect("an organization").state.hidden;
            (hidden.status, hidden.state, hidden.paths) = (status, state, paths);
        });
        seen.push(stage.plan(&["--ou", "/Production"]).0["accounts"].clone());
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:#?}");
    assert!(stage.count(&management, "ListAccountsForParent") > 0, "only where no paths were sent");
}

#[test]
fn paths_that_are_sent_save_a_call_for_each_unit() {
    let (stage, _, management) = stage();
    scope(&stage, &[]);
    assert_eq!(stage.count(&management, "ListAccountsForParent"), 0);
    assert_eq!(stage.count(&management, "ListOrganizationalUnitsForParent"), 3, "the root and two units");
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
fn an_account_outside_of_any_organization_can_be_named() {
    let (stage, _, management) = stage();
    stage.world(|world| world.account(&management).expect("it is there").parent.clear());
    stage.run(&["plan", "-b", "baseline.yaml"]).refused(1, "--account and their ids");
    let (plan, code) = stage.plan(&["--account", &management]);
    assert_eq!((kinds(&plan, &management), code), (vec!["compliant".to_owned()], Some(0)), "{plan:#}");
    assert_eq!(plan["organization"], json!({"id": null, "management_account": null}));
    assert!(plan["warnings"].to_string().contains("which organization this is"), "{}", plan["warnings"]);
    let (_, code) = stage.plan(&["--account", &management, "--out", "plan.json"]);
    assert_eq!(code, Some(0));
    stage.run(&["apply", "plan.json"]).refused(1, "AWSOrganizationsNotInUseException");
}

#[test]
fn who_may_ask_organizations_nothing_at_all_can_name_accounts_by_id_and_not_by_name() {
    let (stage, [europe, ..], management) = stage();
    for operation in ["DescribeOrganization", "ListAccounts"] {
        stage.inject(strike(&management, operation, crate::harness::error(403, "AccessDeniedException")));
    }
    let named = format!("{europe},{management}");
    let (plan, code) = stage.plan(&["--account", &named, "--exclude-account", &management]);
    assert_eq!((kinds(&plan, &europe), code), (vec!["compliant".to_owned()], Some(0)), "{plan:#}");
    let done = stage.run(&["plan", "-b", "baseline.yaml", "--account", &named, "--exclude-account", &named]);
    done.refused(64, "no account is in scope");
    for selectors in [["--account", "shop*"], ["--ou", "/Production"], ["--tag", "tier"]] {
        let done = stage.run(&[&["plan", "-b", "baseline.yaml"], &selectors[..]].concat());
        done.refused(1, "--account and their ids");
    }
}

#[test]
fn an_exemption_for_a_unit_is_not_passed_over_where_units_are_not_known() {
    let (stage, [europe, ..], management) = stage();
    stage.world(|world| crate::harness::set_policy(world, &europe, json!({"MinimumPasswordLength": 8})));
    for scope in ["ou: /Production", "tag: tier=1"] {
        let (key, value) = scope.split_once(": ").expect("a key and a value");
        let exemptions = format!(
            "exemptions:\n  - requirement: iam.password_policy.minimum_length\n    {key}s: [\"{value}\"]\n    \
             reason: a migration\n    expires: 2099-01-01\n"
        );
        stage.baseline(&exemptions, STRONG);
        stage.world(|world| world.faults.clear());
        assert!(matches!(stage.plan(&["--account", &europe]).1, Some(0 | 2)), "it is known");
        stage.inject(strike(&management, "ListAccounts", crate::harness::error(403, "AccessDeniedException")));
        let done = stage.run(&["plan", "-b", "baseline.yaml", "--account", &europe]);
        done.refused(1, &format!("could not tell what the baseline asks of {europe}"));
        assert!(done.stderr.contains("not known: "), "{}", done.stderr);
    }
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
