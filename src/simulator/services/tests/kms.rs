//! Keys: whose word counts, and which can rotate.

use super::{AWAY, Stage, ask, code};
use serde_json::{Value, json};

fn made(stage: &mut Stage, input: Value) -> Value {
    let key = stage.one("kms", "CreateKey", input).unwrap()["KeyMetadata"]["KeyId"].clone();
    json!({ "KeyId": key })
}

#[test]
fn a_key_whose_policy_does_not_trust_the_account_is_closed_to_its_administrators() {
    let mut stage = Stage::new();
    let key = made(&mut stage, json!({}));
    assert!(stage.one("kms", "GetKeyRotationStatus", key.clone()).is_ok());
    stage.one("iam", "CreateRole", json!({"RoleName": "owner", "AssumeRolePolicyDocument":
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": stage.one.account}, "Action": "sts:AssumeRole"}}).to_string()})).unwrap();
    let policy = |principal: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Principal": {"AWS": principal}}]})
        .to_string()
    };
    let owner = policy(&format!("arn:aws:iam::{}:role/owner", stage.one.account));
    let change = json!({"KeyId": key["KeyId"], "Policy": owner});
    assert_eq!(code(stage.one("kms", "PutKeyPolicy", change.clone())), "MalformedPolicyDocumentException");
    let mut forced = change;
    forced["BypassPolicyLockoutSafetyCheck"] = json!(true);
    stage.one("kms", "PutKeyPolicy", forced).unwrap();
    let fault = stage.one("kms", "GetKeyRotationStatus", key).unwrap_err();
    assert_eq!(fault.code, "AccessDenied");
    assert!(
        fault.message.contains("because no resource-based policy allows the kms:GetKeyRotationStatus action"),
        "{}",
        fault.message
    );
    let nobody = json!({"Policy": policy(&format!("arn:aws:iam::{}:role/absent", stage.one.account))});
    let fault = stage.one("kms", "CreateKey", nobody).unwrap_err();
    assert_eq!(fault.message, "Policy contains a statement with one or more invalid principals.");
}

#[test]
fn only_keys_that_kms_made_itself_rotate_and_only_while_they_are_enabled() {
    let mut stage = Stage::new();
    for input in [
        json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
        json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}),
        json!({"Origin": "EXTERNAL"}),
    ] {
        let key = made(&mut stage, input);
        assert_eq!(code(stage.one("kms", "GetKeyRotationStatus", key.clone())), "UnsupportedOperationException");
        assert_eq!(code(stage.one("kms", "EnableKeyRotation", key)), "UnsupportedOperationException");
    }
    let key = made(&mut stage, json!({}));
    stage.one("kms", "EnableKeyRotation", key.clone()).unwrap();
    let status = stage.one("kms", "GetKeyRotationStatus", key.clone()).unwrap();
    assert_eq!((&status["KeyRotationEnabled"], &status["RotationPeriodInDays"]), (&json!(true), &json!(365)));
    stage.one("kms", "DisableKey", key.clone()).unwrap();
    assert_eq!(code(stage.one("kms", "EnableKeyRotation", key.clone())), "DisabledException");
    stage.one("kms", "ScheduleKeyDeletion", key.clone()).unwrap();
    assert_eq!(code(stage.one("kms", "EnableKeyRotation", key.clone())), "KMSInvalidStateException");
    assert_eq!(stage.one("kms", "GetKeyRotationStatus", key).unwrap()["KeyRotationEnabled"], false);
}

#[test]
fn a_replica_shares_the_rotation_of_its_primary_and_cannot_set_it() {
    let mut stage = Stage::new();
    let key = made(&mut stage, json!({"MultiRegion": true}));
    stage.one("kms", "ReplicateKey", json!({"KeyId": key["KeyId"], "ReplicaRegion": AWAY})).unwrap();
    let one = stage.one.clone();
    let replica = ask(&mut stage.world, &one, AWAY, "kms", "DescribeKey", key.clone()).unwrap();
    assert_eq!(replica["KeyMetadata"]["MultiRegionConfiguration"]["MultiRegionKeyType"], "REPLICA");
    assert_eq!(
        code(ask(&mut stage.world, &one, AWAY, "kms", "EnableKeyRotation", key.clone())),
        "UnsupportedOperationException"
    );
    stage.one("kms", "EnableKeyRotation", key.clone()).unwrap();
    assert_eq!(
        ask(&mut stage.world, &one, AWAY, "kms", "GetKeyRotationStatus", key).unwrap()["KeyRotationEnabled"],
        true
    );
}

#[test]
fn an_alias_is_taken_only_where_it_is_documented_and_reserved_ones_make_their_key() {
    let mut stage = Stage::new();
    let key = made(&mut stage, json!({}));
    stage.one("kms", "CreateAlias", json!({"AliasName": "alias/trail", "TargetKeyId": key["KeyId"]})).unwrap();
    let alias = json!({"KeyId": "alias/trail"});
    assert_eq!(stage.one("kms", "DescribeKey", alias.clone()).unwrap()["KeyMetadata"]["KeyId"], key["KeyId"]);
    assert_eq!(code(stage.one("kms", "GetKeyRotationStatus", alias)), "NotFoundException");
    let again = json!({"AliasName": "alias/trail", "TargetKeyId": key["KeyId"]});
    assert_eq!(code(stage.one("kms", "CreateAlias", again)), "AlreadyExistsException");
    let aliases = stage.one("kms", "ListAliases", json!({})).unwrap();
    let reserved = aliases["Aliases"]
        .as_array()
        .unwrap()
        .iter()
        .find(|alias| alias["AliasName"] == "alias/aws/s3")
        .unwrap()
        .clone();
    assert!(reserved.get("TargetKeyId").is_none());
    let managed = stage.one("kms", "DescribeKey", json!({"KeyId": "alias/aws/s3"})).unwrap();
    assert_eq!(managed["KeyMetadata"]["KeyManager"], "AWS");
    assert_eq!(stage.one("kms", "ListKeys", json!({})).unwrap()["Keys"].as_array().unwrap().len(), 2);
    let id = json!({"KeyId": managed["KeyMetadata"]["KeyId"]});
    assert_eq!(code(stage.one("kms", "DisableKeyRotation", id)), "AccessDenied");
}

#[test]
fn another_account_is_not_told_whether_a_key_is_there() {
    let mut stage = Stage::new();
    let arn = stage.one("kms", "CreateKey", json!({})).unwrap()["KeyMetadata"]["Arn"].clone();
    let two = stage.two.clone();
    let fault = ask(&mut stage.world, &two, super::HOME, "kms", "DescribeKey", json!({ "KeyId": arn })).unwrap_err();
    assert!(fault.message.contains("the resource does not exist in this Region"), "{}", fault.message);
}
