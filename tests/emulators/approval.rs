//! Approvals with the keys of an emulator. moto knows no dry runs and no key policies, and its PSS salts are longer
//! than those of AWS, so an RSA key is verified there and not outside.

use serde_json::{Value, json};

use crate::server::text;
use crate::stand::{Stand, list, written};

fn stand() -> Stand {
    Stand::cast(&json!([{ "name": "weak", "password": "minimum_length" }]))
}

#[test]
fn a_plan_that_was_approved_with_a_key_of_moto_is_applied() {
    for spec in ["ECC_NIST_P256", "RSA_2048"] {
        let stand = stand();
        let key = stand.key(spec);
        stand.plan(&[]).ended(2);
        stand.moto.forget_calls();
        stand.apply_with(&["--require-approval", &text(&key["arn"])]).ended(64);
        stand.approve(&text(&key["arn"])).ended(0);
        stand.apply_with(&["--require-approval", &text(&key["arn"])]).ended(0);
        let changed: Vec<Value> = stand.moto.writes().into_iter().filter(|call| call["service"] != "kms").collect();
        assert_eq!(written(&changed), stand.ids(&["weak"]));
    }
}

#[test]
fn the_public_key_of_moto_verifies_outside() {
    let stand = stand();
    let key = stand.key("ECC_NIST_P256");
    stand.plan(&[]).ended(2);
    stand.approve(&text(&key["arn"])).ended(0);
    stand.write("key.pem", &text(&key["pem"]));
    stand.moto.forget_calls();
    let wanted = ["--require-approval", &text(&key["arn"]), "--approval-public-key", "key.pem"];
    let applied = stand.apply_with(&wanted).json(0);
    assert_eq!(list(&applied, "outcomes").len(), 1);
    assert!(stand.moto.writes().iter().all(|call| call["service"] != "kms"), "neither Sign nor Verify was sent");
}

#[test]
fn what_moto_does_not_verify_is_refused_before_anything_is_written() {
    let stand = stand();
    let (key, other) = (stand.key("ECC_NIST_P256"), stand.key("ECC_NIST_P256"));
    stand.plan(&[]).ended(2);
    stand.approve(&text(&key["arn"])).ended(0);
    let approval = stand.read("plan.json.approval");
    stand.write("plan.json.approval", &approval.replace(&text(&key["arn"]), &text(&other["arn"])));
    stand.moto.forget_calls();
    let refused = stand.apply_with(&["--require-approval", &text(&other["arn"])]);
    refused.ended(64);
    assert!(
        refused.stderr.contains("does not bear a signature of"),
        "moto answers SignatureValid false: {}",
        refused.stderr
    );
    assert!(stand.moto.writes().iter().all(|call| call["operation"] == "Verify"), "{:?}", stand.moto.writes());
}

#[test]
fn at_a_terminal_only_yes_approves() {
    let stand = stand();
    let key = text(&stand.key("ECC_NIST_P256")["arn"]);
    stand.plan(&[]).ended(2);
    stand.moto.forget_calls();
    for word in ["no", "y", "", "YES"] {
        let refused = stand.approve_by_typing(&key, word);
        assert_eq!((&refused["code"], &refused["asked"]), (&json!(1), &json!(true)), "{refused}");
        assert!(text(&refused["said"]).contains("not approved: nothing was signed"), "{refused}");
    }
    assert_eq!(stand.moto.writes(), Vec::<Value>::new(), "Sign was not sent");
    let approved = stand.approve_by_typing(&key, "yes");
    let said = text(&approved["said"]);
    assert_eq!(approved["code"], 0, "{said}");
    assert!(said.contains("Plan: 0 to add, 1 to change") && said.contains(&format!("with {key}")), "{said}");
    stand.apply_with(&["--require-approval", &key]).ended(0);
}
