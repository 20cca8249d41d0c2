//! Which approvals count, and which files are none. The signatures are made here with keys of the test's own.

use std::path::PathBuf;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PSS_SHA256,
    RsaKeyPair,
};
use aws_smithy_types::base64;
use serde_json::{Value, json};

use super::*;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const PLAN: &str = "sha256:00";
const NOW: &str = "2026-11-22T10:00:00Z";

fn word(text: &str) -> Word {
    Word::try_from(text.to_owned()).expect("plain")
}

fn statement() -> Statement {
    Statement {
        format: word(FORMAT),
        plan: word(PLAN),
        organization: word("o-abc1234567"),
        key: KEY.parse().expect("an ARN"),
        approved_by: word("arn:aws:iam::111122223333:user/ada"),
        expires: "2026-11-23T10:00:00Z".parse().expect("a time"),
    }
}

fn other_key() -> KeyArn {
    KEY.replace("1234abcd", "5678efab").parse().expect("an ARN")
}

/// What is said of this statement, where approvals with these keys are wanted.
fn said(statement: Statement, keys: &[KeyArn]) -> Result<(), String> {
    let approval = Approval::new(statement, Algorithm::EcdsaSha256, b"signature");
    let now = NOW.parse().expect("a time");
    let wanted = Wanted { plan: PLAN, organization: "o-abc1234567", keys, now };
    wanted.check(&[(PathBuf::from("a.approval"), approval)]).map_err(|refused| refused.to_string())
}

#[test]
fn an_approval_counts_for_one_plan_of_one_organization_with_one_key_for_a_while() {
    let keys = [statement().key];
    assert_eq!(said(statement(), &keys), Ok(()));
    let changed = |change: fn(&mut Statement)| {
        let mut changed = statement();
        change(&mut changed);
        said(changed, &keys).expect_err("refused")
    };
    assert_eq!(
        changed(|one| one.plan = word("sha256:01")),
        "a.approval approves the plan sha256:01, and this one has the digest sha256:00"
    );
    assert_eq!(
        changed(|one| one.organization = word("o-zzzzzzzzzz")),
        "a.approval approves a plan of o-zzzzzzzzzz, and this one is of o-abc1234567"
    );
    assert!(changed(|one| one.key = other_key()).contains("which --require-approval does not name"));
    assert!(changed(|one| one.format = word("trueup.approval/2")).contains("has the format trueup.approval/2"));
    let moment = |expires: &str| Statement { expires: expires.parse().expect("a time"), ..statement() };
    assert_eq!(said(moment("2026-11-22T10:00:01Z"), &keys), Ok(()));
    let expired = said(moment(NOW), &keys).expect_err("expired to the second");
    assert_eq!(expired, "a.approval expired at 2026-11-22T10:00:00Z: approve the plan again");
}

#[test]
fn every_key_that_is_named_has_to_have_approved() {
    let both = [statement().key, other_key()];
    assert_eq!(said(statement(), &both), Err(format!("no approval by the key {}", other_key())));
}

#[test]
fn what_is_signed_depends_on_the_content_and_not_on_how_it_is_written() {
    let text = String::from_utf8(statement().bytes()).expect("text");
    let expected = format!(
        r#"{{"approved_by":"arn:aws:iam::111122223333:user/ada","expires":"2026-11-23T10:00:00Z","format":"trueup.approval/1","key":"{KEY}","organization":"o-abc1234567","plan":"sha256:00"}}"#
    );
    assert_eq!(text, expected);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.json.approval");
    let approval = Approval::new(statement(), Algorithm::EcdsaSha256, b"signature");
    std::fs::write(&path, approval.text()).expect("written");
    let read = Approval::read(&path).expect("an approval");
    assert_eq!((&read, read.signature()), (&approval, b"signature".to_vec()));
    let dense: Value = serde_json::from_str(&approval.text()).expect("JSON");
    std::fs::write(&path, dense.to_string()).expect("written");
    assert_eq!(Approval::read(&path).expect("an approval").statement.bytes(), statement().bytes());
}

/// What is said of a file with this text.
fn read(text: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hostile");
    std::fs::write(&path, text).expect("written");
    let refused = Approval::read(&path).expect_err(text).to_string();
    assert!(refused.chars().all(|one| one.is_ascii_graphic() || one == ' '), "{refused:?}");
    refused
}

#[test]
fn a_file_that_is_no_approval_is_refused_and_cannot_steer_a_terminal() {
    let good = Approval::new(statement(), Algorithm::EcdsaSha256, b"signature").text();
    for text in ["", "null", "[]", "{}", "not json", "\u{1b}[2J", &good[..good.len() / 2], &"[".repeat(100_000)] {
        assert!(read(text).contains("is not an approval of trueup"), "{text:.20}");
    }
    let with = |pointer: &str, value: Value| {
        let mut changed: Value = serde_json::from_str(&good).expect("JSON");
        *changed.pointer_mut(pointer).expect("it is there") = value;
        read(&changed.to_string())
    };
    let no_approval = "is not an approval of trueup";
    for hostile in ["\u{1b}[2J", "a b", "é", "\u{202e}x", "", &"x".repeat(3_000)] {
        for field in ["plan", "organization", "approved_by", "key"] {
            assert!(
                with(&format!("/statement/{field}"), json!(hostile)).contains(no_approval),
                "{field} {hostile:.20}"
            );
        }
    }
    assert!(with("/statement/key", json!(KEY.replace("key/", "alias/"))).contains("an alias can be pointed"));
    assert!(with("/statement/expires", json!("never")).contains(no_approval));
    assert!(with("/statement/expires", json!(9e99)).contains(no_approval));
    assert!(with("/algorithm", json!("NONE")).contains(no_approval));
    assert!(with("/algorithm", json!("RSASSA_PKCS1_V1_5_SHA_256")).contains(no_approval));
    assert!(with("/signature", json!(null)).contains(no_approval));
    assert!(with("/statement/format", json!("trueup.approval/\u{1b}2")).contains("has the format trueup.approval/?2"));
}

#[test]
fn a_field_that_is_unknown_or_there_twice_is_refused() {
    let good = Approval::new(statement(), Algorithm::EcdsaSha256, b"signature").text();
    let twice = good.replacen("\"plan\"", "\"plan\": \"sha256:01\", \"plan\"", 1);
    assert!(read(&twice).contains("duplicate field"), "{}", read(&twice));
    let more = good.replacen("\"plan\"", "\"note\": \"\\u001b[2J\", \"plan\"", 1);
    assert!(read(&more).contains("unknown field"), "{}", read(&more));
    let beside = good.replacen("\"algorithm\"", "\"note\": 1, \"algorithm\"", 1);
    assert!(read(&beside).contains("unknown field"), "{}", read(&beside));
}

#[test]
fn a_signature_that_is_no_base64_is_none() {
    let good = Approval::new(statement(), Algorithm::EcdsaSha256, b"signature").text();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.json.approval");
    std::fs::write(&path, good.replace(&base64::encode(b"signature"), "%%%")).expect("written");
    assert_eq!(Approval::read(&path).expect("a file in form").signature(), b"");
}

fn pem(der: &[u8]) -> PublicKey {
    let body = base64::encode(der);
    let text = format!("first some words\n-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
    PublicKey::from_pem(&text).expect("a public key")
}

fn curve() -> (EcdsaKeyPair, PublicKey) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("its public half");
    let public = pem(der.as_ref());
    (pair, public)
}

#[test]
fn a_public_key_verifies_what_its_other_half_signed_and_nothing_else() {
    let random = SystemRandom::new();
    let message = statement().bytes();
    let (pair, public) = curve();
    let (other, _) = curve();
    let signature = pair.sign(&random, &message).expect("signed");
    let curve = Algorithm::EcdsaSha256;
    assert_eq!(public.algorithm(), curve);
    assert!(public.verifies(curve, &message, signature.as_ref()));
    assert!(!public.verifies(Algorithm::RsassaPssSha256, &message, signature.as_ref()));
    assert!(!public.verifies(curve, &message[1..], signature.as_ref()));
    assert!(!public.verifies(curve, &message, &signature.as_ref()[1..]));
    assert!(!public.verifies(curve, &message, b""));
    assert!(!public.verifies(curve, &message, other.sign(&random, &message).expect("signed").as_ref()));

    let pair = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).expect("a key");
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("its public half");
    let public = pem(der.as_ref());
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PSS_SHA256, &random, &message, &mut signature).expect("signed");
    assert_eq!(public.algorithm(), Algorithm::RsassaPssSha256);
    assert!(public.verifies(Algorithm::RsassaPssSha256, &message, &signature));
    assert!(!public.verifies(Algorithm::RsassaPssSha256, &message[1..], &signature));
}

#[test]
fn a_key_on_another_curve_approves_nothing() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).expect("a key");
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("its public half");
    assert!(PublicKey::from_der(der.as_ref()).is_none());
}
