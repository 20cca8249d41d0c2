//! Approvals that do not count, each with the words of its refusal.

use aws_smithy_types::base64;
use serde_json::json;
use trueup::approval::{Statement, Word};

use super::Scene;

#[test]
fn a_plan_that_nobody_approved_is_refused() {
    let scene = Scene::new();
    scene.refused(64, &[], "could not read the approval plan.json.approval");
    scene.refused(64, &["--approval", "elsewhere"], "could not read the approval elsewhere");
    let done = scene.apply(&[]);
    assert!(done.stderr.contains("hint: trueup approve PLAN --kms-key"), "{}", done.stderr);
}

#[test]
fn an_approval_of_another_plan_is_refused() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    scene.stage.planned(2);
    let words = "plan.json.approval approves the plan sha256:";
    scene.apply(&[]).refused(64, words);
    assert_eq!(scene.stage.writes(), []);
}

#[test]
fn an_approval_of_another_organization_is_refused_although_its_signature_is_right() {
    let scene = Scene::new();
    let mut statement = scene.statement(&scene.security);
    statement.organization = Word::try_from("o-zzzzzzzzzz".to_owned()).expect("plain");
    scene.signed(&statement);
    scene.refused(64, &[], "approves a plan of o-zzzzzzzzzz, and this one is of");
    let organization = scene.stage.organization();
    scene.refused(64, &["--organization", &organization], "approves a plan of o-zzzzzzzzzz");
    scene.signed(&scene.statement(&scene.security));
    scene.refused(64, &["--organization", "o-zzzzzzzzzz"], "and this one is of o-zzzzzzzzzz");
    assert_eq!(scene.apply(&[]).code, Some(0), "the same with the right one is applied");
}

#[test]
fn an_approval_that_expired_is_refused_although_its_signature_is_right() {
    let scene = Scene::new();
    let mut statement = scene.statement(&scene.security);
    statement.expires = "2026-01-01T00:00:00Z".parse().expect("a time");
    scene.signed(&statement);
    scene.refused(64, &[], "plan.json.approval expired at 2026-01-01T00:00:00Z: approve the plan again");
}

#[test]
fn an_approval_with_another_key_is_refused() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.bob, &scene.platform, &[]).code, Some(0));
    scene.refused(64, &[], "which --require-approval does not name");
}

#[test]
fn an_altered_statement_is_refused() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    let altered = "does not bear a signature of";
    scene.alter("/statement/expires", json!("2099-01-01T00:00:00Z"));
    scene.refused(64, &[], altered);
    scene.signed(&scene.statement(&scene.security));
    scene.alter("/statement/approved_by", json!("arn:aws:iam::111122223333:user/chief"));
    scene.refused(64, &[], altered);
    scene.pem(&scene.security, "security.pem");
    scene.refused(64, &["--approval-public-key", "security.pem"], altered);
}

#[test]
fn an_altered_signature_is_refused() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    scene.pem(&scene.security, "security.pem");
    let other = base64::encode([0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]);
    for signature in ["", "AAAA", "%%%", &other] {
        scene.alter("/signature", json!(signature));
        scene.refused(64, &[], "does not bear a signature of");
        scene.refused(64, &["--approval-public-key", "security.pem"], "does not bear a signature of");
    }
    scene.signed(&scene.statement(&scene.security));
    scene.alter("/algorithm", json!("RSASSA_PSS_SHA_256"));
    scene.refused(64, &[], "InvalidKeyUsageException");
    scene.refused(64, &["--approval-public-key", "security.pem"], "does not bear a signature of");
}

#[test]
fn one_bad_approval_among_good_ones_is_refused() {
    let scene = Scene::new();
    scene.both_approve();
    scene.refused(64, &["--approval", "ada.approval", "--approval", "bob.approval"], "which --require-approval does");
    let other = scene.statement(&scene.security);
    scene.signed(&Statement { expires: "2026-01-01T00:00:00Z".parse().expect("a time"), ..other });
    let files = ["--approval", "ada.approval", "--approval", "plan.json.approval"];
    scene.refused(64, &files, "plan.json.approval expired at");
}

#[test]
fn hostile_files_are_refused_and_cannot_steer_the_terminal() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    let good = scene.stage.read("plan.json.approval");
    let hostile = ["", "{}", "\u{1b}[2J", "[[[[", &good[..60], &good.replace("sha256:", "\u{1b}]0;x\u{7}")];
    for text in hostile.into_iter().chain([&*"x".repeat(200_000)]) {
        scene.stage.write("plan.json.approval", text);
        let done = scene.apply(&[]);
        done.refused(64, "plan.json.approval is not an approval of trueup");
        assert!(!done.stderr.contains(['\u{1b}', '\u{7}']), "{:?}", done.stderr);
    }
    scene.nothing_was_done();
}
