//! What can be asked of a revert, and what it says.

use super::*;

#[test]
fn a_part_of_a_run_is_undone_by_account_or_by_control() {
    let (mut world, ids) = weak(&["one", "two"]);
    let key = world.build(&ids[0], HOME, "kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    let stage = Stage::held_to(world, &format!("{STRONG}  kms.key_rotation: {{ enabled: true }}\n"));
    let run = applied(&stage, &["--exclude-account", "management"]);
    let done = reverted(&stage, &run, &["--allow", "weakening", "--account", "tw*"]);
    assert_eq!(outcomes(&done.json()), [(&*ids[1], "verified")]);
    assert_eq!(
        (stage.policy(&ids[0])["MinimumPasswordLength"].clone(), stage.count(&ids[0], "DisableKeyRotation")),
        (json!(14), 0)
    );
    let done = reverted(&stage, &run, &["--allow", "weakening", "--account", &ids[0], "--control", "kms.key_rotation"]);
    assert_eq!(outcomes(&done.json()), [(&*ids[0], "verified")]);
    let status = stage.world(|world| world.build(&ids[0], HOME, "kms", "GetKeyRotationStatus", json!({"KeyId": key})));
    assert_eq!(
        (&status["KeyRotationEnabled"], stage.policy(&ids[0])["MinimumPasswordLength"].clone()),
        (&json!(false), json!(14))
    );
    stage.run(&["revert", &run, "--out", "x", "--account", "nobody"]).refused(64, "no account of run");
    stage
        .run(&["revert", &run, "--out", "x", "--control", "iam.passwords"])
        .refused(64, "there is no control `iam.passwords`");
    stage
        .run(&["revert", &run, "--out", "x", "--control", "guardduty.detector"])
        .refused(64, "changed nothing for the control");
}

#[test]
fn the_plan_of_a_revert_is_a_plan_file_that_is_shown_and_applied() {
    let (world, ids) = weak(&["one", "two"]);
    let stage = Stage::held_to(world, STRONG);
    let before = dump(&stage);
    let run = applied(&stage, &[]);
    let calls = stage.calls().len();
    let made = stage.run(&["revert", &run, "--out", "revert.json", "--format", "json"]);
    assert_eq!((made.code, stage.calls().len()), (Some(0), calls), "AWS is not reached: {}", made.stderr);
    let plan = stage.read_json("revert.json");
    assert_eq!(plan, made.json());
    let [first, second] = list(&plan["changes"]) else { panic!("{plan:#}") };
    assert_eq!((&first["account"], &second["account"]), (&json!(ids[0]), &json!(ids[1])));
    assert_eq!((&first["risk"], &first["reverts"]["run"]), (&json!("weakening"), &json!(run)));
    let length = &first["differences"][0];
    assert_eq!((&length["observed"], &length["wanted"]), (&json!(14), &json!(8)));
    let shown = stage.run(&["show", "revert.json"]);
    for words in ["To undo", "~ iam.password_policy password policy", "14 -> 8", "apply needs --allow weakening", &run]
    {
        assert!(shown.stdout.contains(words), "{words}: {}", shown.stdout);
    }
    assert!(!shown.stdout.contains("Drift"), "{}", shown.stdout);
    let done = stage.run(&["apply", "revert.json", "--format", "json"]);
    all_came(&done, 2, "held");
    assert_ne!(dump(&stage), before);
    all_came(&stage.run(&["apply", "revert.json", "--format", "json", "--allow", "weakening"]), 0, "verified");
    unchanged(&stage, &before);
}

#[test]
fn sessions_of_a_revert_may_do_what_undoes_it_and_nothing_else() {
    let (world, ids) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    let run = applied(&stage, &[]);
    let calls = stage.calls().len();
    all_came(&reverted(&stage, &run, &["--allow", "weakening"]), 0, "verified");
    let since = stage.calls().split_off(calls);
    let assumed = since.iter().find(|entry| entry.operation == "AssumeRole").expect("the write role is entered");
    let policy: Value = serde_json::from_str(text(&assumed.input["Policy"])).expect("a session policy");
    let mut actions: Vec<&Value> = list(&policy["Statement"]).iter().flat_map(|one| list(&one["Action"])).collect();
    actions.sort_by_key(|action| text(action));
    assert_eq!(actions, ["iam:GetAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy"]);
    assert!(text(&assumed.input["RoleArn"]).contains(&ids[0]));
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let (world, _) = weak(&["one"]);
    let stage = Stage::held_to(world, STRONG);
    stage.run(&["revert", "20200101T000000Z-0000", "--out", "x"]).refused(64, "there is no kept run");
    let run = applied(&stage, &[]);
    stage.run(&["revert", &run]).refused(64, "there is nobody to ask");
    stage.run(&["revert", &run, "--out", "x", "--read-role", "reader"]).refused(64, "--read-role is refused");
    stage.run(&["revert", &run, "--out", "x", "--auto-approve"]).refused(64, "--auto-approve");
    let writes = stage.writes();
    let path = journal(&stage, &run);
    let whole = std::fs::read_to_string(&path).expect("a journal");
    std::fs::write(&path, whole.replace("\"done\"", "\"lost\"")).expect("a file");
    stage.run(&["revert", &run, "--auto-approve"]).refused(1, "was changed after it was written");
    std::fs::write(&path, whole).expect("a file");
    let plan = path.with_file_name("plan.json");
    let changed = std::fs::read_to_string(&plan).expect("a plan").replace("password policy", "password rules");
    std::fs::write(&plan, changed).expect("a file");
    stage.run(&["revert", &run, "--auto-approve"]).refused(1, "was changed after it was made");
    assert_eq!(stage.writes(), writes);
}

#[test]
fn a_run_that_wrote_nothing_has_nothing_to_undo() {
    let (world, _) = weak(&["one"]);
    let stage = Stage::held_to(world, "controls:\n  iam.password_policy:\n    max_age_days: 30\n");
    stage.planned(2);
    assert_eq!(stage.apply(&[]).1, Some(2), "it is held back");
    let run = last(&stage);
    let shown = stage.run(&["history", &run]);
    assert!(shown.stdout.contains("Undo: nothing of it can be undone."), "{}", shown.stdout);
    let done = reverted(&stage, &run, &UNDO);
    assert_eq!((done.code, &done.json()["outcomes"]), (Some(0), &json!([])));
}

#[test]
fn history_says_what_of_a_run_can_be_undone() {
    let (world, ids) = organization(&["bare"]);
    let stage = Stage::held_to(world, TRAIL);
    let run = applied(&stage, &["--account", &ids[0]]);
    let shown = stage.run(&["history", &run]);
    assert!(
        shown.stdout.contains(&format!("Undo: 0 to change, 2 to remove, by trueup revert {run}")),
        "{}",
        shown.stdout
    );
    assert!(shown.stdout.contains("alias/trueup-trail stays: the key for alias/trueup-trail"), "{}", shown.stdout);
    assert!(stage.writes().contains(&write(&ids[0], "cloudtrail", "CreateTrail")));
}
