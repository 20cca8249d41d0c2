//! What other tools of this kind get wrong, once each.

use serde_json::{Value, json};

use crate::harness::{
    HOME, STRONG, Stage, all_strong, error, kinds, line, list, organization, outcomes, policy_write, rows, set_policy,
    strike, text, write,
};

#[test]
fn seven_password_settings_are_mended_in_one_write_and_all_are_in_force() {
    let (mut world, ids) = organization(&["weak"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 6}));
    let settings = format!("{STRONG}    max_age_days: 90\n");
    let stage = Stage::held_to(world, &settings);
    stage.world(|world| {
        let management = world.management();
        let mut policy = crate::harness::strong();
        policy["MaxPasswordAge"] = json!(90);
        set_policy(world, &management, policy);
    });
    let plan = stage.planned(2);
    assert_eq!(list(&plan["changes"][0]["differences"]).len(), 7);
    let (applied, code) = stage.apply(&["--allow", "disruptive"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "verified")], Some(0)));
    assert_eq!(stage.writes(), [policy_write(&ids[0])], "one setting after another would undo each other");
    let policy = stage.policy(&ids[0]);
    let set: Vec<&Value> = [
        "MinimumPasswordLength",
        "RequireSymbols",
        "RequireNumbers",
        "RequireUppercaseCharacters",
        "RequireLowercaseCharacters",
        "PasswordReusePrevention",
        "MaxPasswordAge",
    ]
    .iter()
    .map(|name| &policy[name])
    .collect();
    assert_eq!(json!(set), json!([14, true, true, true, true, 24, 90]));
}

#[test]
fn mending_from_no_policy_at_all_gets_no_weaker_than_aws_without_one() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::new(world);
    let settings = "controls:\n  iam.password_policy:\n    require_symbols: true\n";
    stage.baseline("", settings);
    let (plan, _) = stage.plan(&["--out", "plan.json", "--account", &ids[0]]);
    assert_eq!(kinds(&plan, &ids[0]), ["drifted"]);
    assert_eq!(stage.apply(&[]).1, Some(0));
    assert_eq!(stage.writes(), [policy_write(&ids[0])]);
    let policy = stage.policy(&ids[0]);
    assert!(policy["MinimumPasswordLength"].as_u64() >= Some(8), "{policy}");
    assert_eq!(policy["RequireSymbols"], true);
    assert!(policy["MaxPasswordAge"].is_null() && policy["ExpirePasswords"] != json!(true), "{policy}");
}

#[test]
fn reads_denied_is_incomplete_and_3_never_clean() {
    let (mut world, ids) = organization(&["one", "two"]);
    all_strong(&mut world);
    let stage = Stage::held_to(world, STRONG);
    for id in &ids {
        stage.inject(strike(id, "GetAccountPasswordPolicy", error(403, "AccessDenied")));
    }
    let (plan, code) = stage.plan(&[]);
    assert_eq!((&plan["complete"], code), (&json!(false), Some(3)));
    assert_eq!(plan["summary"]["requirements"]["unreadable"], 12);
    assert!(plan["summary"]["score"].as_f64().is_some_and(|score| score < 50.0), "{}", plan["summary"]);
    let told = stage.run(&["plan", "-b", "baseline.yaml"]).stdout;
    assert!(ids.iter().all(|id| told.contains(id)), "what could not be read is named: {told}");
}

#[test]
fn an_exempted_finding_is_not_mended() {
    let (mut world, ids) = organization(&["exempt"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    let stage = Stage::new(world);
    let named = [
        "minimum_length",
        "reuse_prevention",
        "require_symbols",
        "require_numbers",
        "require_uppercase",
        "require_lowercase",
    ];
    let exempt = |name: &str| {
        format!(
            "  - requirement: iam.password_policy.{name}\n    reason: nobody signs in here\n    expires: 2099-01-01\n"
        )
    };
    stage.baseline(&format!("exemptions:\n{}", named.map(exempt).concat()), STRONG);
    let plan = stage.planned(0);
    assert_eq!((kinds(&plan, &ids[0]), &plan["changes"]), (vec!["exempt".to_owned()], &json!([])));
    assert_eq!(stage.apply(&[]).1, Some(0));
    assert_eq!(stage.writes(), []);
    assert_eq!(stage.policy(&ids[0])["MinimumPasswordLength"], 8);
}

#[test]
fn a_bad_account_never_stops_the_others_and_never_vanishes() {
    let names: Vec<String> = (0..6).map(|n| format!("account-{n}")).collect();
    let (mut world, ids) = organization(&names.iter().map(String::as_str).collect::<Vec<_>>());
    all_strong(&mut world);
    set_policy(&mut world, &ids[5], json!({"MinimumPasswordLength": 8}));
    world.account(&ids[0]).expect("it is there").iam.roles.clear();
    world.account(&ids[2]).expect("it is there").state = "SUSPENDED".to_owned();
    let stage = Stage::held_to(world, STRONG);
    stage.inject(strike(&ids[1], "GetAccountPasswordPolicy", error(403, "AccessDenied")));
    let plan = stage.planned(3);
    let states: Vec<&str> = ids.iter().map(|id| text(&line(&plan, id)["status"])).collect();
    assert_eq!(states, ["unreadable", "partial", "skipped", "read", "read", "read"]);
    assert_eq!(
        plan["summary"]["accounts"],
        json!({"in_scope": 7, "read": 4, "partial": 1, "unreadable": 1, "skipped": 1})
    );
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[5], "verified")], Some(3)));
    assert_eq!(stage.writes(), [policy_write(&ids[5])]);
    assert_eq!(stage.policy(&ids[5])["MinimumPasswordLength"], 14);
}

#[test]
fn an_account_that_cannot_be_entered_by_any_of_several_roles_never_vanishes_where_all_regions_are_asked_for() {
    let (mut world, ids) = organization(&["locked", "open"]);
    world.account(&ids[0]).expect("it is there").iam.roles.clear();
    let stage = Stage::new(world);
    let roles = "  read_role: [nobody-has-this, OrganizationAccountAccessRole]\nregions: all\n";
    stage.baseline(roles, "controls:\n  kms.key_rotation:\n    enabled: true\n");
    let plan = stage.planned(3);
    assert_eq!((text(&line(&plan, &ids[0])["status"]), &plan["complete"]), ("unreadable", &json!(false)));
    assert_eq!(kinds(&plan, &ids[0]), ["unreadable"], "it has verdicts, although nobody knows its regions");
    let reason = text(&line(&plan, &ids[0])["reason"]);
    assert!(reason.contains("nobody-has-this") && reason.contains("OrganizationAccountAccessRole"), "{reason}");
    assert_eq!(text(&line(&plan, &ids[1])["status"]), "read");
}

/// The oldest region takes no location and all others take nothing else; and a trail logs nothing before it is told to.
#[test]
fn a_trail_is_made_with_its_bucket_whatever_the_region_and_logs() {
    let settings = "controls:\n  cloudtrail.trail:\n    scope: account\n    name: ours\n    bucket: new-logs\n    \
                    multi_region: true\n    logging: true\n";
    for region in [HOME, "eu-west-1"] {
        let (world, ids) = organization(&["bare"]);
        let stage = Stage::held_to(world, settings).at(region);
        assert_eq!(stage.plan(&["--account", &ids[0], "--out", "plan.json"]).1, Some(2));
        let (applied, code) = stage.apply(&[]);
        assert_eq!(code, Some(0), "{region}: {applied:#}");
        let bucket = json!({"Bucket": "new-logs"});
        let found = stage.world(|world| {
            let status = world.build(&ids[0], region, "cloudtrail", "GetTrailStatus", json!({"Name": "ours"}));
            (status["IsLogging"].clone(), world.build(&ids[0], region, "s3", "GetBucketLocation", bucket))
        });
        let location = if region == HOME { Value::Null } else { json!(region) };
        assert_eq!((&found.0, &found.1["LocationConstraint"]), (&json!(true), &location), "{region}");
    }
}

#[test]
fn what_has_no_region_is_read_and_counted_once_however_many_regions_there_are() {
    let (mut world, ids) = organization(&["one"]);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    let stage = Stage::new(world);
    stage.baseline("regions: all\n", &format!("{STRONG}  kms.key_rotation:\n    enabled: true\n"));
    let (plan, _) = stage.plan(&["--account", &ids[0]]);
    let global: Vec<_> = rows(&plan, &ids[0]).filter(|row| row["control"] == "iam.password_policy").collect();
    assert_eq!(global.len(), 6);
    assert!(global.iter().all(|row| row["region"].is_null()), "{global:#?}");
    assert_eq!(list(&plan["changes"]).len(), 1);
    assert_eq!(stage.count(&ids[0], "GetAccountPasswordPolicy"), 1);
    assert_eq!(rows(&plan, &ids[0]).count(), 8, "and what has one, once in each of the two");
}

#[test]
fn what_the_baseline_does_not_name_is_neither_read_nor_stripped() {
    let own = json!({"MinimumPasswordLength": 20, "MaxPasswordAge": 30, "HardExpiry": true, "RequireNumbers": true,
        "PasswordReusePrevention": 5, "AllowUsersToChangePassword": true});
    let (mut world, ids) = organization(&["own"]);
    set_policy(&mut world, &ids[0], own);
    world.build(&ids[0], HOME, "kms", "CreateKey", json!({}));
    let stage = Stage::held_to(world, "regions: [us-east-1]\ncontrols:\n  kms.key_rotation:\n    enabled: true\n");
    let before = stage.policy(&ids[0]);
    let since = stage.count(&ids[0], "GetAccountPasswordPolicy");
    stage.planned(2);
    assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
    assert_eq!(stage.writes(), [write(&ids[0], "kms", "EnableKeyRotation")]);
    assert_eq!(stage.count(&ids[0], "GetAccountPasswordPolicy"), since);
    assert_eq!(stage.policy(&ids[0]), before);

    stage.baseline("", "controls:\n  iam.password_policy:\n    require_symbols: true\n");
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!(stage.apply(&[]).1, Some(0));
    let mut wanted = before;
    wanted["RequireSymbols"] = json!(true);
    assert_eq!(stage.policy(&ids[0]), wanted, "the fields beside the one that is named stay");
}
