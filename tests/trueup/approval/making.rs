//! Making an approval, showing what is approved, and the options of both.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};
use trueup::simulator::world::World;

use super::Scene;
use crate::harness::{Done, HOME, offline, policy_write, text};

#[test]
fn an_approved_plan_is_applied_and_who_approved_is_shown_as_claimed() {
    let scene = Scene::new();
    let done = scene.approve(&scene.ada, &scene.security, &[]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stderr.contains("\nPlan: 0 to add, 1 to change"), "who approves sees what: {}", done.stderr);
    let plan = scene.stage.read_json("plan.json");
    let said = format!("Approved {} as {} until ", text(&plan["digest"]), scene.ada.caller.arn);
    assert!(done.stdout.starts_with(&said) && done.stdout.ends_with(": plan.json.approval\n"), "{}", done.stdout);
    let mode = std::fs::metadata(scene.stage.path("plan.json.approval")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let approval = scene.stage.read_json("plan.json.approval");
    assert_eq!(approval["statement"]["plan"], scene.stage.read_json("plan.json")["digest"]);
    assert_eq!(approval["statement"]["organization"], scene.stage.organization());

    let done = scene.apply(&[]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    let said = format!("Approved with {} until ", scene.security);
    let by = format!("; as claimed, by {}", scene.ada.caller.arn);
    assert!(done.stderr.contains(&said) && done.stderr.contains(&by), "{}", done.stderr);
    assert_eq!(scene.stage.writes(), [policy_write(&scene.weak)]);
}

#[test]
fn who_approves_asks_kms_for_a_key_and_a_signature_and_nobody_for_anything_else() {
    let scene = Scene::new();
    let before = scene.stage.calls().len();
    let done = scene.approve(&scene.ada, &scene.security, &["--expires", "2h", "--format", "json"]);
    let calls: Vec<String> = scene.stage.calls()[before..].iter().map(|call| call.operation.clone()).collect();
    assert_eq!(calls, ["GetCallerIdentity", "GetPublicKey", "Sign"]);
    assert_eq!(done.json(), scene.stage.read_json("plan.json.approval"));
    let expires: jiff::Timestamp = text(&done.json()["statement"]["expires"]).parse().expect("a time");
    let left = expires.duration_since(jiff::Timestamp::now()).as_mins();
    assert!((110..=120).contains(&left), "{expires}");
}

#[test]
fn the_key_alone_says_where_so_no_region_has_to_be_known() {
    let scene = Scene::new();
    let arguments = ["approve", "plan.json", "--kms-key", &scene.security, "--auto-approve"];
    let mut command = scene.stage.command(&arguments);
    command.env_remove("AWS_REGION").env("AWS_ACCESS_KEY_ID", &scene.ada.access_key_id);
    let done = Done::from(command.env("AWS_SECRET_ACCESS_KEY", &scene.ada.secret_access_key).output().expect("runs"));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
}

#[test]
fn a_digest_that_is_expected_has_to_be_the_one() {
    let scene = Scene::new();
    let plan = scene.stage.read_json("plan.json");
    let right = text(&plan["digest"]);
    let shown = scene.stage.run(&["show", "plan.json"]);
    assert!(shown.stderr.contains(&format!("The plan has the digest {right}")), "{}", shown.stderr);
    let wrong = format!("sha256:{:064}", 7);
    let words = format!("plan.json has the digest {right}, and --expect-digest says {wrong}");
    scene.stage.run(&["apply", "plan.json", "--expect-digest", &wrong]).refused(64, &words);
    scene.approve(&scene.ada, &scene.security, &["--expect-digest", &wrong]).refused(64, &words);
    assert!(!scene.stage.path("plan.json.approval").exists());
    scene.nothing_was_done();
    assert_eq!(scene.stage.apply(&["--expect-digest", right]).1, Some(0));
}

#[test]
fn what_cannot_approve_is_refused() {
    let scene = Scene::new();
    let make = |wish: Value| {
        let made = scene.stage.world(|world| world.build(&scene.management, HOME, "kms", "CreateKey", wish));
        text(&made["KeyMetadata"]["Arn"]).to_owned()
    };
    let administrator = scene.stage.world(World::administrator);
    for wish in [
        json!({}),
        json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}),
        json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}),
        json!({"KeySpec": "ECC_NIST_P384", "KeyUsage": "SIGN_VERIFY"}),
        json!({"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "SIGN_VERIFY"}),
    ] {
        let key = make(wish);
        scene.approve(&administrator, &key, &[]).refused(64, &format!("{key} is not a key that approves"));
    }
    scene.approve(&scene.bob, &scene.security, &[]).refused(1, "could not read the public key: kms:GetPublicKey in");
    scene.approve(&administrator, &scene.security, &[]).refused(1, "who may approve is who the key policy allows");
    let absent = format!("arn:aws:kms:{HOME}:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab", scene.management);
    scene.approve(&administrator, &absent, &[]).refused(1, "NotFoundException");
    assert!(!scene.stage.path("plan.json.approval").exists());
}

#[test]
fn a_plan_that_was_changed_is_not_approved() {
    let scene = Scene::new();
    let mut plan = scene.stage.read_json("plan.json");
    plan["changes"][0]["steps"][0]["policy"]["minimum_length"] = json!(6);
    scene.stage.write("plan.json", &plan.to_string());
    scene.approve(&scene.ada, &scene.security, &[]).refused(64, "plan.json was changed after it was made");
}

#[test]
fn without_a_terminal_nobody_approves_by_accident() {
    let scene = Scene::new();
    let before = scene.stage.calls().len();
    let arguments = ["approve", "plan.json", "--kms-key", &scene.security];
    scene.run_as(&scene.ada, &arguments).refused(64, "without a terminal approve takes --auto-approve");
    assert_eq!(scene.stage.calls().len(), before);
}

#[test]
fn options_of_approvals_stand_with_what_they_are_about() {
    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let alias = KEY.replace("key/", "alias/");
    for arguments in [
        &["apply", "--require-approval", KEY][..],
        &["apply", "--expect-digest", "sha256:00"],
        &["apply", "plan.json", "--expect-digest", "abc"],
        &["apply", "plan.json", "--approval", "a.approval"],
        &["apply", "plan.json", "--approval-public-key", "a.pem"],
        &["apply", "plan.json", "--require-other"],
        &["apply", "plan.json", "--require-approval", "alias/security"],
        &["apply", "plan.json", "--require-approval", &alias],
        &["apply", "plan.json", "--require-approval", ""],
        &["approve", "plan.json"],
        &["approve", "plan.json", "--kms-key", &alias],
        &["approve", "plan.json", "--kms-key", KEY, "--expires", "0s"],
        &["approve", "plan.json", "--kms-key", KEY, "--expires=-1h"],
        &["approve", "plan.json", "--kms-key", KEY, "--read-role", "audit"],
    ] {
        let done = offline(arguments);
        assert_eq!((done.code, &*done.stdout), (Some(64), ""), "{arguments:?}: {}", done.stderr);
        assert!(!done.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn markdown_is_of_plans_and_says_the_digest() {
    let scene = Scene::new();
    let plan = scene.stage.read_json("plan.json");
    let shown = scene.stage.run(&["show", "plan.json", "--format", "markdown"]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(shown.stdout.contains("### Plan: 0 to add, 1 to change, 0 to remove in 1 account.\n"), "{}", shown.stdout);
    assert!(shown.stdout.contains(&format!("Digest `{}`", text(&plan["digest"]))), "{}", shown.stdout);
    let arguments = ["plan", "-b", "baseline.yaml", "--out", "plan.json", "--report", "markdown=plan.md"];
    let planned = scene.stage.run(&[&arguments[..], &["--format", "markdown"]].concat());
    let shown = scene.stage.run(&["show", "plan.json", "--format", "markdown"]);
    assert_eq!((&planned.stdout, &scene.stage.read("plan.md")), (&shown.stdout, &shown.stdout));
    let other = "--format markdown is for `plan` and `show`";
    for arguments in [&["apply", "plan.json"][..], &["accounts"], &["controls"], &["baseline", "check"]] {
        scene.stage.run(&[arguments, &["--format", "markdown"]].concat()).refused(64, other);
    }
    let report = ["apply", "plan.json", "--report", "markdown=applied.md"];
    scene.stage.run(&report).refused(64, "there is no Markdown report of an apply");
    assert_eq!(scene.stage.writes(), []);
}
