//! Whose signature it is: by KMS, by a public key, and that it is not the caller's own.

use aws_smithy_types::base64;
use serde_json::{Value, json};
use trueup::simulator::world::Credential;

use super::Scene;
use crate::harness::{HOME, error, strike, text};

#[test]
fn one_key_cannot_stand_in_for_another() {
    let scene = Scene::new();
    // Signed by the security team's key, but claimed to be the platform team's.
    scene.signed(&scene.statement(&scene.platform));
    let wanted = ["apply", "plan.json", "--require-approval", &scene.platform];
    scene.stage.run(&wanted).refused(64, "InvalidKeyUsageException");
    scene.pem(&scene.platform, "platform.pem");
    scene.pem(&scene.security, "security.pem");
    let offline = [&wanted[..], &["--approval-public-key", "platform.pem"]].concat();
    scene.stage.run(&offline).refused(64, "does not bear a signature of");
    let both = format!("{},{}", scene.security, scene.platform);
    let wanted = ["apply", "plan.json", "--require-approval", &both, "--approval-public-key", "security.pem"];
    scene.stage.run(&wanted).refused(64, "no approval by the key");
    scene.nothing_was_done();
}

#[test]
fn every_group_that_is_named_has_to_approve() {
    let scene = Scene::new();
    scene.both_approve();
    let both = format!("{},{}", scene.security, scene.platform);
    let apply = |more: &[&str]| {
        let approvals = more.iter().flat_map(|file| ["--approval", file]);
        let arguments: Vec<&str> =
            ["apply", "plan.json", "--require-approval", &both].into_iter().chain(approvals).collect();
        scene.stage.run(&arguments)
    };
    apply(&["ada.approval"]).refused(64, &format!("no approval by the key {}", scene.platform));
    apply(&["ada.approval", "ada.approval"]).refused(64, "no approval by the key");
    apply(&["bob.approval"]).refused(64, &format!("no approval by the key {}", scene.security));
    scene.nothing_was_done();
    assert_eq!(apply(&["bob.approval", "ada.approval"]).code, Some(0));
    assert_eq!(scene.times("Verify"), 2);
}

#[test]
fn who_approved_is_in_the_result_and_in_the_journal_with_the_signature() {
    let scene = Scene::new();
    scene.both_approve();
    let both = format!("{},{}", scene.security, scene.platform);
    let arguments =
        ["apply", "plan.json", "--require-approval", &both, "--format", "json", "--approval", "ada.approval"];
    let done = scene.stage.run(&[&arguments[..], &["--approval", "bob.approval"]].concat());
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let applied = done.json();
    let of = |key: &str, who: &Credential, file: &str| {
        let expires = scene.stage.read_json(file)["statement"]["expires"].clone();
        json!({"key": key, "claimed_by": who.caller.arn, "expires": expires})
    };
    let both = [of(&scene.security, &scene.ada, "ada.approval"), of(&scene.platform, &scene.bob, "bob.approval")];
    assert_eq!(applied["approvals"], json!(both));
    let run = text(&applied["run"]);
    let shown = scene.stage.run(&["history", run, "--format", "json"]).json();
    assert_eq!(shown["approvals"], applied["approvals"]);
    let told = scene.stage.run(&["history", run]).stdout;
    for (key, who) in [(&scene.security, &scene.ada), (&scene.platform, &scene.bob)] {
        let by = format!("as claimed, by {}", who.caller.arn);
        assert!(told.lines().any(|line| line.contains(&format!("with {key} until ")) && line.ends_with(&by)), "{told}");
    }
    let journal = scene.stage.read(&format!("state/trueup/runs/{run}/journal.jsonl"));
    let first: Value = serde_json::from_str(journal.lines().next().expect("a line")).expect("JSON");
    let files = ["ada.approval", "bob.approval"].map(|file| scene.stage.read_json(file));
    assert_eq!(first["approvals"], json!(files), "whole, so that anybody can verify them again");
}

#[test]
fn an_apply_that_nobody_had_to_approve_says_nothing_of_approvals() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    let done = scene.stage.run(&["apply", "plan.json", "--format", "json"]);
    assert_eq!((done.code, done.json().get("approvals")), (Some(0), None), "{}", done.stderr);
}

#[test]
fn with_public_keys_kms_is_not_asked() {
    let scene = Scene::new();
    scene.both_approve();
    scene.pem(&scene.security, "security.pem");
    scene.pem(&scene.platform, "platform.pem");
    let both = format!("{},{}", scene.security, scene.platform);
    let (security, platform) = (format!("{}=security.pem", scene.security), format!("{}=platform.pem", scene.platform));
    let known = ["apply", "plan.json", "--require-approval", &both, "--approval", "ada.approval", "--approval"];
    let apply = |more: &[&str]| scene.stage.run(&[&known[..], &["bob.approval"], more].concat());
    let keys = |one, other| apply(&["--approval-public-key", one, "--approval-public-key", other]);
    apply(&["--approval-public-key", "security.pem"]).refused(64, "it is not clear of which key security.pem is");
    keys(&security, &security).refused(64, "has two files of --approval-public-key");
    let swapped = (format!("{}=platform.pem", scene.security), format!("{}=security.pem", scene.platform));
    keys(&swapped.0, &swapped.1).refused(64, "does not bear a signature of");
    scene.nothing_was_done();
    assert_eq!(keys(&security, &platform).code, Some(0));
    assert_eq!(scene.times("Verify"), 0);
}

#[test]
fn a_public_key_that_is_none_or_of_another_key_is_refused() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    scene.stage.write("none.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    scene.refused(64, &["--approval-public-key", "none.pem"], "none.pem is not a public key on P-256 or of RSA");
    scene.refused(64, &["--approval-public-key", "gone.pem"], "could not read the public key gone.pem");
    let other = format!("{}=none.pem", scene.platform);
    scene.refused(64, &["--approval-public-key", &other], "which --require-approval does not name");
    scene.pem(&scene.platform, "platform.pem");
    scene.refused(64, &["--approval-public-key", "platform.pem"], "does not bear a signature of");
}

#[test]
fn a_key_that_is_disabled_takes_its_approvals_with_it() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    let key = json!({"KeyId": scene.security.rsplit('/').next()});
    scene.stage.world(|world| world.build(&scene.management, HOME, "kms", "DisableKey", key));
    scene.refused(64, &[], "could not verify the approval: kms:Verify in");
}

#[test]
fn an_approval_that_cannot_be_verified_ends_the_run() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    scene.stage.inject(strike(&scene.management, "Verify", error(400, "AccessDeniedException")));
    scene.refused(1, &[], "could not verify the approval: kms:Verify in");
    let done = scene.apply(&[]);
    assert!(done.stderr.contains("hint: the caller needs kms:Verify on the key"), "{}", done.stderr);
    scene.stage.world(|world| world.faults.clear());
    scene.stage.inject(strike(&scene.management, "Verify", error(500, "KMSInternalException")));
    scene.refused(1, &[], "KMSInternalException");
}

#[test]
fn a_caller_that_could_have_signed_is_no_other() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    let policy = |action: &str| {
        let root = format!("arn:aws:iam::{}:root", scene.management);
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": root}, "Action": action, "Resource": "*"}]});
        let wish = json!({"KeyId": scene.security, "Policy": policy.to_string(), "PolicyName": "default",
            "BypassPolicyLockoutSafetyCheck": true});
        scene.stage.world(|world| world.build(&scene.management, HOME, "kms", "PutKeyPolicy", wish));
    };
    policy("kms:*");
    let could = format!("user/administrator could have signed with {} itself", scene.security);
    scene.refused(64, &["--require-other"], &could);
    scene.pem(&scene.security, "security.pem");
    scene.refused(64, &["--require-other", "--approval-public-key", "security.pem"], &could);
    policy("kms:Verify");
    assert_eq!(scene.apply(&["--require-other"]).code, Some(0));
    let signs: Vec<_> = scene.stage.calls().into_iter().filter(|call| call.operation == "Sign").collect();
    let dry: Vec<_> = signs.iter().filter(|call| call.input["DryRun"] == true).collect();
    assert_eq!((signs.len(), dry.len()), (4, 3), "apply never asks for a signature: {signs:#?}");
    let message = |call: &Value| base64::decode(text(&call["Message"])).expect("base64");
    assert!(dry.iter().all(|call| !message(&call.input).starts_with(b"{")), "nor over anything that could approve");
}

#[test]
fn a_proof_that_fails_is_no_proof() {
    let scene = Scene::new();
    assert_eq!(scene.approve(&scene.ada, &scene.security, &[]).code, Some(0));
    let unknown = "could not find out whether the caller could have signed itself";
    for code in ["KMSInternalException", "ExpiredTokenException", "UnrecognizedClientException", "NotFoundException"] {
        scene.stage.inject(strike(&scene.management, "Sign", error(400, code)));
        scene.refused(1, &["--require-other"], unknown);
        scene.stage.world(|world| world.faults.clear());
    }
}
