//! What an account sets for all of a region in EC2: planned, applied, read back by boto3, and undone.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{
    HOME, Stage, error, guardrail, kinds, line, list, organization, outcomes, rows, strike, text, write,
};

const ABROAD: &str = "eu-west-1";
const ALL: &str = "\
regions: all
controls:
  ec2.ebs_encryption_default:
    enabled: true
    kms_key: alias/volumes
  ec2.snapshot_block_public_access:
    state: block-all-sharing
  ec2.image_block_public_access:
    enabled: true
  ec2.imds_defaults:
    http_tokens_required: true
    http_put_response_hop_limit: 2
  ec2.serial_console:
    disabled: true
";
const SHUT: &str = "controls:\n  ec2.snapshot_block_public_access:\n    state: block-all-sharing\n";

fn key(world: &mut World, account: &str, region: &str) -> Value {
    let made = world.build(account, region, "kms", "CreateKey", json!({}));
    let alias = json!({"AliasName": "alias/volumes", "TargetKeyId": made["KeyMetadata"]["KeyId"]});
    world.build(account, region, "kms", "CreateAlias", alias);
    made["KeyMetadata"]["Arn"].clone()
}

/// Everything is open, in each region.
fn open(world: &mut World, account: &str) -> Vec<Value> {
    let keys = [HOME, ABROAD].map(|region| {
        world.build(account, region, "ec2", "DisableImageBlockPublicAccess", json!({}));
        world.build(account, region, "ec2", "EnableSerialConsoleAccess", json!({}));
        let kept = json!({"HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 5});
        world.build(account, region, "ec2", "ModifyInstanceMetadataDefaults", kept);
        key(world, account, region)
    });
    keys.to_vec()
}

/// Everything is as wanted, or stricter.
fn strict(world: &mut World, account: &str) {
    for region in [HOME, ABROAD] {
        let arn = key(world, account, region);
        world.build(account, region, "ec2", "EnableEbsEncryptionByDefault", json!({}));
        world.build(account, region, "ec2", "ModifyEbsDefaultKmsKeyId", json!({"KmsKeyId": arn}));
        let state = json!({"State": "block-all-sharing"});
        world.build(account, region, "ec2", "EnableSnapshotBlockPublicAccess", state);
        let defaults = json!({"HttpTokens": "required", "HttpPutResponseHopLimit": 1});
        world.build(account, region, "ec2", "ModifyInstanceMetadataDefaults", defaults);
    }
}

fn ec2(stage: &Stage, account: &str) -> Vec<String> {
    let of_account = stage.writes().into_iter().filter(|(id, service, _)| id == account && service == "ec2");
    of_account.map(|(_, _, operation)| operation).collect()
}

#[test]
fn what_is_open_is_closed_in_each_region_and_what_is_stricter_stays() {
    let (mut world, ids) = organization(&["open", "strict"]);
    let keys = open(&mut world, &ids[0]);
    strict(&mut world, &ids[1]);
    let stage = Stage::held_to(world, ALL);
    let selected = ids.join(",");
    let (plan, code) = stage.plan(&["--account", &selected, "--out", "plan.json"]);
    assert_eq!(code, Some(2), "{plan:#}");
    assert_eq!((kinds(&plan, &ids[0]), kinds(&plan, &ids[1])), (vec!["drifted".into()], vec!["compliant".into()]));
    assert_eq!(rows(&plan, &ids[0]).count(), 2 * 7);

    let before: Vec<Value> = [HOME, ABROAD].map(|region| stage.ec2_defaults(&ids[0], region)).to_vec();
    let (applied, code) = stage.apply(&[]);
    let held = outcomes(&applied).into_iter().filter(|(_, outcome)| *outcome == "held").count();
    assert_eq!((held, code), (2, Some(2)), "another key may keep launches from working: {applied:#}");
    let mut wanted: Vec<String> = [
        "DisableSerialConsoleAccess",
        "EnableEbsEncryptionByDefault",
        "EnableImageBlockPublicAccess",
        "EnableSnapshotBlockPublicAccess",
        "ModifyInstanceMetadataDefaults",
    ]
    .iter()
    .flat_map(|operation| [(*operation).to_owned(), (*operation).to_owned()])
    .collect();
    let mut written = ec2(&stage, &ids[0]);
    written.sort();
    assert_eq!(written, wanted);
    assert_eq!(stage.apply(&["--allow", "disruptive"]).1, Some(0));
    wanted.extend(["ModifyEbsDefaultKmsKeyId".to_owned(), "ModifyEbsDefaultKmsKeyId".to_owned()]);
    written = ec2(&stage, &ids[0]);
    written.sort();
    wanted.sort();
    assert_eq!((written, ec2(&stage, &ids[1])), (wanted, vec![]));
    for (region, key) in [HOME, ABROAD].iter().zip(&keys) {
        let metadata = json!({"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled",
            "ManagedBy": "account"});
        let closed = json!({"Encryption": true, "Key": key, "Snapshots": "block-all-sharing",
            "Images": "block-new-sharing", "Metadata": metadata, "Console": false});
        assert_eq!(stage.ec2_defaults(&ids[0], region), closed);
    }
    assert_eq!(stage.ec2_defaults(&ids[1], HOME)["Metadata"]["HttpPutResponseHopLimit"], 1, "what is stricter stays");
    assert_eq!(stage.plan(&["--account", &selected]).1, Some(0));
    undone(&stage, &ids[0], &before);
}

/// Each of the kept runs is undone, the last first.
fn undone(stage: &Stage, account: &str, before: &[Value]) {
    let listed = stage.run(&["history", "--format", "json"]).json();
    let runs: Vec<String> = list(&listed["runs"]).iter().map(|run| text(&run["run"]).to_owned()).collect();
    for run in runs.iter().rev() {
        let done = stage.run(&["revert", run, "--auto-approve", "--allow", "weakening", "--format", "json"]);
        assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    }
    for (region, before) in [HOME, ABROAD].iter().zip(before) {
        assert_eq!(stage.ec2_defaults(account, region), *before);
    }
}

#[test]
fn public_snapshots_are_named_and_shut_off_only_where_that_is_allowed() {
    let (mut world, ids) = organization(&["shared"]);
    let volume = json!({"AvailabilityZone": "us-east-1a", "Size": 8});
    let volume = world.build(&ids[0], HOME, "ec2", "CreateVolume", volume)["VolumeId"].clone();
    let made = world.build(&ids[0], HOME, "ec2", "CreateSnapshot", json!({"VolumeId": volume}));
    let everybody = json!({"SnapshotId": made["SnapshotId"], "OperationType": "add", "GroupNames": ["all"]});
    world.build(&ids[0], HOME, "ec2", "ModifySnapshotAttribute", everybody);
    let stage = Stage::held_to(world, &format!("regions: [us-east-1]\n{SHUT}"));
    let plan = stage.plan(&["--account", &ids[0], "--out", "plan.json"]).0;
    let change = &plan["changes"][0];
    assert_eq!(change["risk"], "disruptive");
    assert_eq!(change["steps"][0]["public"], json!([made["SnapshotId"]]));
    let shown = stage.run(&["show", "plan.json", "--detail"]).stdout;
    let id = text(&made["SnapshotId"]);
    assert!(shown.contains("shuts 1 public snapshot off") && shown.contains(id), "{shown}");
    assert_eq!(outcomes(&stage.apply(&[]).0)[0].1, "held");
    assert_eq!(stage.writes(), vec![]);
    assert_eq!(stage.apply(&["--allow", "disruptive"]).1, Some(0));
    assert_eq!(stage.writes(), [write(&ids[0], "ec2", "EnableSnapshotBlockPublicAccess")]);
}

#[test]
fn a_snapshot_that_was_made_public_since_the_plan_is_not_shut_off_unseen() {
    let (mut world, ids) = organization(&["shared"]);
    let volume = json!({"AvailabilityZone": "us-east-1a", "Size": 8});
    let volume = world.build(&ids[0], HOME, "ec2", "CreateVolume", volume)["VolumeId"].clone();
    let made = world.build(&ids[0], HOME, "ec2", "CreateSnapshot", json!({"VolumeId": volume}));
    let stage = Stage::held_to(world, &format!("regions: [us-east-1]\n{SHUT}"));
    let plan = stage.plan(&["--account", &ids[0], "--out", "plan.json"]).0;
    assert_eq!(plan["changes"][0]["risk"], "safe");
    let everybody = json!({"SnapshotId": made["SnapshotId"], "OperationType": "add", "GroupNames": ["all"]});
    stage.world(|world| world.build(&ids[0], HOME, "ec2", "ModifySnapshotAttribute", everybody));
    assert_eq!(outcomes(&stage.apply(&[]).0)[0].1, "stale");
    assert_eq!(stage.writes(), vec![]);
}

fn declare(world: &mut World, account: &str, attributes: &Value) {
    let (management, sort) = (world.management(), "DECLARATIVE_POLICY_EC2");
    let root = world.organization.as_ref().expect("an organization").root.clone();
    let enabled = json!({"RootId": root, "PolicyType": sort});
    world.build(&management, HOME, "organizations", "EnablePolicyType", enabled);
    let content = json!({ "ec2_attributes": attributes }).to_string();
    let policy = json!({"Name": "defaults", "Description": "", "Type": sort, "Content": content});
    let made = world.build(&management, HOME, "organizations", "CreatePolicy", policy);
    let attached = json!({"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": account});
    world.build(&management, HOME, "organizations", "AttachPolicy", attached);
}

#[test]
fn what_a_declarative_policy_sets_is_owned_elsewhere_and_gets_no_write() {
    let (mut world, ids) = organization(&["declared"]);
    open(&mut world, &ids[0]);
    let attributes = json!({
        "snapshot_block_public_access": {"state": {"@@assign": "block_all_sharing"}},
        "image_block_public_access": {"state": {"@@assign": "unblocked"}},
        "serial_console_access": {"status": {"@@assign": "disabled"}},
        "instance_metadata_defaults": {"http_tokens": {"@@assign": "required"}},
    });
    declare(&mut world, &ids[0], &attributes);
    let stage = Stage::held_to(world, ALL);
    let plan = stage.plan(&["--account", &ids[0], "--out", "plan.json"]).0;
    let owned = |requirement: &str| {
        let row = rows(&plan, &ids[0]).find(|row| row["requirement"] == requirement).expect("it is judged");
        assert_eq!(row["verdict"], "owned_elsewhere", "{row:#}");
        assert!(text(&row["owner"]).contains("DECLARATIVE_POLICY_EC2"), "{row:#}");
        row["in_force"].as_bool().expect("it is said")
    };
    assert!(owned("ec2.snapshot_block_public_access.state"));
    assert!(!owned("ec2.image_block_public_access.enabled"));
    assert!(owned("ec2.serial_console.disabled"));
    assert!(owned("ec2.imds_defaults.http_tokens_required"));
    assert!(!owned("ec2.imds_defaults.http_put_response_hop_limit"));
    stage.apply(&["--allow", "disruptive"]);
    let mut written = ec2(&stage, &ids[0]);
    written.dedup();
    written.sort();
    written.dedup();
    assert_eq!(written, ["EnableEbsEncryptionByDefault", "ModifyEbsDefaultKmsKeyId"]);
}

#[test]
fn a_region_of_ec2_that_is_denied_is_unreadable_and_the_other_is_judged() {
    let (world, ids) = organization(&["half"]);
    let stage = Stage::held_to(world, &format!("regions: all\n{SHUT}"));
    let denied = strike(&ids[0], "GetSnapshotBlockPublicAccessState", error(403, "UnauthorizedOperation"));
    stage.inject(trueup::simulator::fault::Injection { region: Some(ABROAD.to_owned()), ..denied });
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".into(), "unreadable".into()], Some(3)));
    assert_eq!(line(&plan, &ids[0])["status"], "partial");
}

#[test]
fn a_region_that_is_off_or_closed_by_scp_is_not_applicable_for_ec2_too() {
    let (mut world, ids) = organization(&["off", "closed"]);
    let states = &mut world.account(&ids[0]).expect("it is there").opt_status;
    states.insert(ABROAD.to_owned(), "DISABLED".to_owned());
    let closed = json!({"Effect": "Deny", "Action": "ec2:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": ABROAD}}});
    guardrail(&mut world, &ids[1], &closed);
    let stage = Stage::held_to(world, &format!("regions: [us-east-1, {ABROAD}]\n{SHUT}"));
    let plan = stage.plan(&["--account", &ids.join(",")]).0;
    for (id, words) in [(&ids[0], "is not enabled in this account"), (&ids[1], "closed by SCP")] {
        let row = rows(&plan, id).find(|row| row["region"] == ABROAD).expect("the region is named");
        assert_eq!(row["verdict"], "not_applicable", "{row:#}");
        assert!(text(&row["reason"]).contains(words), "{row:#}");
        assert_eq!(rows(&plan, id).find(|row| row["region"] == HOME).expect("it is judged")["verdict"], "drifted");
    }
}

#[test]
fn a_key_that_is_not_there_is_left_to_a_person_and_encryption_is_switched_on_all_the_same() {
    let (world, ids) = organization(&["keyless"]);
    let wanted = "regions: [us-east-1]\ncontrols:\n  ec2.ebs_encryption_default:\n    enabled: true\n    kms_key: alias/volumes\n";
    let stage = Stage::held_to(world, wanted);
    let plan = stage.plan(&["--account", &ids[0], "--out", "plan.json"]).0;
    assert_eq!(kinds(&plan, &ids[0]), ["drifted"]);
    stage.apply(&["--allow", "disruptive"]);
    assert_eq!(ec2(&stage, &ids[0]), ["EnableEbsEncryptionByDefault"]);
    assert_eq!(stage.ec2_defaults(&ids[0], HOME)["Key"], "alias/aws/ebs");
}

#[test]
fn a_key_that_nobody_could_launch_by_is_left_to_a_person_and_one_without_auto_scaling_is_said() {
    let (mut world, ids) = organization(&["closed", "open"]);
    let [closed, open] = &*ids else { panic!("two") };
    let alone = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Principal": { "AWS": format!("arn:aws:iam::{closed}:role/OrganizationAccountAccessRole") } }] });
    for (id, input) in
        [(closed, json!({ "Policy": alone.to_string(), "BypassPolicyLockoutSafetyCheck": true })), (open, json!({}))]
    {
        let key = world.build(id, HOME, "kms", "CreateKey", input)["KeyMetadata"]["KeyId"].clone();
        let alias = json!({ "AliasName": "alias/volumes", "TargetKeyId": key });
        world.build(id, HOME, "kms", "CreateAlias", alias);
    }
    let wanted = "regions: [us-east-1]\ncontrols:\n  ec2.ebs_encryption_default:\n    kms_key: alias/volumes\n";
    let stage = Stage::held_to(world, wanted);
    let plan = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]).0;
    let of = |id: &str| list(&plan["changes"]).iter().find(|change| change["account"] == id).expect("it drifts");
    assert!(text(&of(closed)["manual"]).contains("and launches would fail"), "{:#}", of(closed));
    let row = rows(&plan, open).next().expect("it is judged");
    assert!(text(&row["reason"]).contains("does not name Auto Scaling's service-linked role"), "{row:#}");
    stage.apply(&["--allow", "disruptive"]);
    assert_eq!((ec2(&stage, closed).len(), ec2(&stage, open)), (0, vec!["ModifyEbsDefaultKmsKeyId".to_owned()]));
    let asked = [closed, open].map(|id| stage.count(id, "GetKeyPolicy"));
    assert!(asked.iter().all(|times| *times > 0), "{asked:?}");
    let before = stage.count(open, "GetKeyPolicy");
    stage.plan(&["--account", open]);
    assert_eq!(stage.count(open, "GetKeyPolicy"), before, "a key that is set already needs no look at its policy");
}
