//! EC2: whose word counts for what is set in a region.

use super::{AWAY, Stage, ask, code};
use serde_json::json;

#[test]
fn what_is_set_is_of_one_account_and_region() {
    let mut stage = Stage::new();
    stage.one("ec2", "EnableEbsEncryptionByDefault", json!({})).unwrap();
    stage.one("ec2", "EnableSerialConsoleAccess", json!({})).unwrap();
    let (one, two) = (stage.one.clone(), stage.two.clone());
    for (caller, region, on) in [(&one, super::HOME, true), (&one, AWAY, false), (&two, super::HOME, false)] {
        let mut asked = |operation: &str| ask(&mut stage.world, caller, region, "ec2", operation, json!({})).unwrap();
        assert_eq!(asked("GetEbsEncryptionByDefault")["EbsEncryptionByDefault"], on);
        assert_eq!(asked("GetSerialConsoleAccessStatus")["SerialConsoleAccessEnabled"], on);
    }
}

#[test]
fn a_dry_run_changes_nothing_and_a_bad_word_is_refused_before() {
    let mut stage = Stage::new();
    let dry = json!({"State": "block-all-sharing", "DryRun": true});
    assert_eq!(code(stage.one("ec2", "EnableSnapshotBlockPublicAccess", dry)), "DryRunOperation");
    assert_eq!(stage.one("ec2", "GetSnapshotBlockPublicAccessState", json!({})).unwrap()["State"], "unblocked");
    let bad = json!({"State": "block-some-sharing"});
    assert_eq!(code(stage.one("ec2", "EnableSnapshotBlockPublicAccess", bad)), "InvalidParameterValue");
    assert_eq!(code(stage.one("ec2", "EnableSnapshotBlockPublicAccess", json!({}))), "MissingParameter");
}

#[test]
fn a_declarative_policy_holds_below_where_it_is_attached_and_what_it_leaves_out_is_the_accounts() {
    let mut stage = Stage::new();
    let root = stage.manage("organizations", "ListRoots", json!({})).unwrap()["Roots"][0]["Id"].clone();
    let enabled = json!({"RootId": root, "PolicyType": "DECLARATIVE_POLICY_EC2"});
    stage.manage("organizations", "EnablePolicyType", enabled).unwrap();
    let content = json!({"ec2_attributes": {"serial_console_access": {"status": {"@@assign": "disabled"}}}});
    let policy = json!({"Name": "console", "Description": "console", "Type": "DECLARATIVE_POLICY_EC2",
        "Content": content.to_string()});
    let made = stage.manage("organizations", "CreatePolicy", policy).unwrap();
    stage.one("ec2", "EnableSerialConsoleAccess", json!({})).unwrap();
    let attached = json!({"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": root});
    stage.manage("organizations", "AttachPolicy", attached).unwrap();
    let console = stage.one("ec2", "GetSerialConsoleAccessStatus", json!({})).unwrap();
    let declared = json!({"SerialConsoleAccessEnabled": false, "ManagedBy": "declarative-policy"});
    assert_eq!(console, declared);
    assert!(stage.one("ec2", "EnableSerialConsoleAccess", json!({})).is_err());
    stage.one("ec2", "EnableSnapshotBlockPublicAccess", json!({"State": "block-new-sharing"})).unwrap();
    let snapshots = stage.one("ec2", "GetSnapshotBlockPublicAccessState", json!({})).unwrap();
    assert_eq!(snapshots, json!({"State": "block-new-sharing", "ManagedBy": "account"}));
}
