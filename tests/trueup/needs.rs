//! What a trail needs of buckets and keys that others made, and of accounts that are not the caller's.

use serde_json::{Value, json};
use trueup::simulator::ACCESS_ROLE;
use trueup::simulator::world::{Caller, Credential, Principal, Session, World};

use crate::harness::{HOME, Stage, error, kinds, list, organization, outcomes, rows, strike, text, verdicts, write};
use crate::trails::{ORGANIZATION, bucket, trail};

const ABROAD: &str = "eu-west-1";

/// One trail `ours` of each account, into a bucket that is there.
fn into(bucket: &str) -> String {
    format!(
        "controls:\n  cloudtrail.trail:\n    scope: account\n    name: ours\n    bucket: {bucket}\n    \
         multi_region: true\n    logging: true\n"
    )
}

/// Adds a statement to the policy of a bucket, as its owner would.
fn denies(world: &mut World, account: &str, name: &str, condition: &Value) {
    let found = world.build(account, HOME, "s3", "GetBucketPolicy", json!({"Bucket": name}));
    let mut policy: Value = serde_json::from_str(text(&found["Policy"])).expect("a policy");
    let statement = json!({"Sid": "OnlyUs", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")], "Condition": condition});
    policy["Statement"].as_array_mut().expect("statements").push(statement);
    world.build(account, HOME, "s3", "PutBucketPolicy", json!({"Bucket": name, "Policy": policy.to_string()}));
}

fn policy(stage: &Stage, account: &str, region: &str, name: &str) -> Value {
    let found = stage.world(|world| world.build(account, region, "s3", "GetBucketPolicy", json!({"Bucket": name})));
    serde_json::from_str(text(&found["Policy"])).expect("a policy")
}

/// The change to this kind of object.
fn change<'a>(plan: &'a Value, kind: &str) -> &'a Value {
    list(&plan["changes"]).iter().find(|change| change["kind"] == kind).unwrap_or_else(|| panic!("{kind}: {plan:#}"))
}

#[test]
fn a_deny_that_meets_cloudtrail_blocks_the_trail_and_is_named() {
    let others = json!({"StringNotEquals": {"aws:PrincipalOrgID": "OURS"}});
    let mut people = others.clone();
    people["BoolIfExists"] = json!({"aws:PrincipalIsAWSService": "false"});
    let conditions = [(others, true), (json!({"Bool": {"aws:SecureTransport": "false"}}), false), (people, false)];
    for (condition, meets) in conditions {
        let (mut world, ids) = organization(&["own"]);
        let ours = &world.organization.as_ref().expect("an organization").id;
        let condition = condition.to_string().replace("OURS", ours).parse().expect("JSON");
        bucket(&mut world, &ids[0], "logs");
        denies(&mut world, &ids[0], "logs", &condition);
        // AWS, as the simulator has it, is of the same mind.
        let asked = json!({"Name": "probe", "S3BucketName": "logs"});
        let made = world.perform(&ids[0], HOME, "cloudtrail", "CreateTrail", asked);
        assert_eq!(made.is_err_and(|fault| fault.code == "InsufficientS3BucketPolicyException"), meets, "{condition}");
        let stage = Stage::held_to(world, &into("logs"));
        let before = policy(&stage, &ids[0], HOME, "logs");
        let (plan, _) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        let (applied, code) = stage.apply(&["--allow", "cost"]);
        if meets {
            let words = text(&change(&plan, "s3.bucket")["manual"]);
            assert!(words.contains("statement OnlyUs in the policy of the bucket logs denies CloudTrail"), "{words}");
            assert!(change(&plan, "cloudtrail.trail")["blocked"].is_string(), "{plan:#}");
            assert_eq!((stage.writes(), code), (vec![], Some(2)));
            assert_eq!(policy(&stage, &ids[0], HOME, "logs"), before);
        } else {
            assert_eq!(code, Some(0), "{condition}: {applied:#}");
            let statements = policy(&stage, &ids[0], HOME, "logs");
            for statement in list(&before["Statement"]) {
                assert!(list(&statements["Statement"]).contains(statement), "{statement} stays: {statements:#}");
            }
        }
    }
}

#[test]
fn a_bucket_in_the_log_archive_is_left_to_a_person_and_not_made() {
    let (mut world, ids) = organization(&["own", "archive"]);
    bucket(&mut world, &ids[1], "central-logs");
    let stage = Stage::held_to(world, &into("central-logs"));
    let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".to_owned()], Some(2)), "{plan:#}");
    let bucket = change(&plan, "s3.bucket");
    assert_eq!(bucket["action"], "change", "it is there");
    assert!(text(&bucket["manual"]).contains("central-logs belongs to another account"), "{bucket:#}");
    assert_eq!((&plan["summary"]["changes"]["manual"], &plan["summary"]["changes"]["blocked"]), (&json!(1), &json!(1)));
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    let mut came: Vec<&str> = outcomes(&applied).into_iter().map(|(_, outcome)| outcome).collect();
    came.sort_unstable();
    assert_eq!((came, code, stage.writes()), (vec!["blocked", "manual"], Some(2), vec![]));
}

#[test]
fn a_bucket_name_that_somebody_takes_meanwhile_is_a_clear_error() {
    let (mut world, ids) = organization(&["own", "other"]);
    bucket(&mut world, &ids[1], "taken");
    let stage = Stage::held_to(world, &into("taken"));
    // As if it were taken between the look and the write.
    stage.inject(strike(&ids[0], "HeadBucket", error(404, "NotFound")));
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(3), "{applied:#}");
    let failed = list(&applied["outcomes"]).iter().find(|one| one["outcome"] == "failed").expect("one failed");
    let words = text(&failed["reason"]);
    assert!(words.contains("the name taken is taken by another account"), "{words}");
    assert_eq!(stage.writes(), [write(&ids[0], "s3", "CreateBucket")], "and nothing after it");
}

#[test]
fn every_call_to_a_bucket_names_its_owner_and_every_region_its_location() {
    for region in [HOME, ABROAD] {
        let (world, ids) = organization(&["own"]);
        let stage = Stage::held_to(world, &into("new-logs"));
        let (_, code) = stage.plan(&["--account", &ids[0], "--region", region, "--out", "plan.json"]);
        assert_eq!(code, Some(2));
        let (applied, code) = stage.apply(&[]);
        assert_eq!(code, Some(0), "{region}: {applied:#}");
        let of_buckets: Vec<_> = stage.calls().into_iter().filter(|call| call.service == "s3").collect();
        for call in of_buckets.iter().filter(|call| call.operation != "CreateBucket") {
            assert_eq!(call.input["ExpectedBucketOwner"], json!(ids[0]), "{}", call.operation);
        }
        let made = of_buckets.iter().find(|call| call.operation == "CreateBucket").expect("it was made");
        let location = &made.input["CreateBucketConfiguration"]["LocationConstraint"];
        assert_eq!(location.as_str(), (region != HOME).then_some(region), "{}", made.input);
        let sids: Vec<String> = list(&policy(&stage, &ids[0], region, "new-logs")["Statement"])
            .iter()
            .map(|statement| text(&statement["Sid"]).to_owned())
            .collect();
        assert_eq!(sids, ["AWSCloudTrailAclCheck", "AWSCloudTrailWrite", "DenyInsecureTransport"]);
    }
}

#[test]
fn the_policies_of_the_organizations_bucket_and_key_are_those_of_aws() {
    let (world, _) = organization(&["one"]);
    let management = world.management();
    let stage = Stage::new(world);
    stage.baseline("management_account: include\n", ORGANIZATION);
    stage.planned(2);
    assert_eq!(stage.apply(&["--allow", "cost,disruptive"]).1, Some(0));
    let trail = format!("arn:aws:cloudtrail:{HOME}:{management}:trail/trueup");
    let (name, service) = (format!("trueup-trail-{management}-{HOME}"), json!({"Service": "cloudtrail.amazonaws.com"}));
    let files = |sid: &str, owner: &str| {
        json!({"Sid": sid, "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{name}/AWSLogs/{owner}/*"),
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail}}})
    };
    let of_bucket = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AWSCloudTrailAclCheck", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
         "Resource": format!("arn:aws:s3:::{name}"), "Condition": {"StringEquals": {"aws:SourceArn": trail}}},
        files("AWSCloudTrailWrite", &management),
        files("AWSCloudTrailOrganizationWrite", &stage.organization()),
        {"Sid": "DenyInsecureTransport", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
         "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]});
    assert_eq!(policy(&stage, &management, HOME, &name), of_bucket);

    let key = stage.trail(&management, "trueup")["KmsKeyId"].clone();
    let found = stage.world(|world| world.build(&management, HOME, "kms", "GetKeyPolicy", json!({"KeyId": key})));
    let of_key: Value = serde_json::from_str(text(&found["Policy"])).expect("a policy");
    let trails = format!("arn:aws:cloudtrail:*:{management}:trail/*");
    let context = json!({"kms:EncryptionContext:aws:cloudtrail:arn": trails});
    assert_eq!(
        of_key["Statement"][1],
        json!({"Sid": "Let CloudTrail encrypt log files", "Effect": "Allow", "Principal": service,
            "Action": "kms:GenerateDataKey*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceArn": trail}, "StringLike": context}})
    );
    let own = json!({"AWS": format!("arn:aws:iam::{management}:root")});
    assert_eq!((&of_key["Statement"][0]["Principal"], &of_key["Statement"][0]["Action"]), (&own, &json!("kms:*")));
    let rotation =
        stage.world(|world| world.build(&management, HOME, "kms", "GetKeyRotationStatus", json!({"KeyId": key})));
    assert_eq!(rotation["KeyRotationEnabled"], true);
}

#[test]
fn the_key_of_a_trail_is_made_where_its_bucket_is() {
    let (mut world, ids) = organization(&["own"]);
    let location = json!({"Bucket": "abroad", "CreateBucketConfiguration": {"LocationConstraint": ABROAD}});
    world.build(&ids[0], ABROAD, "s3", "CreateBucket", location);
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let opened = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": ["s3:GetBucketAcl", "s3:PutObject"],
         "Resource": ["arn:aws:s3:::abroad", "arn:aws:s3:::abroad/*"]}]});
    world.build(&ids[0], ABROAD, "s3", "PutBucketPolicy", json!({"Bucket": "abroad", "Policy": opened.to_string()}));
    world.build(&ids[0], HOME, "cloudtrail", "CreateTrail", json!({"Name": "audit", "S3BucketName": "abroad"}));
    world.build(&ids[0], HOME, "cloudtrail", "StartLogging", json!({"Name": "audit"}));
    let settings = "controls:\n  cloudtrail.trail:\n    scope: account\n    name: audit\n    kms_key: alias/audit\n";
    let stage = Stage::held_to(world, settings);
    let (plan, _) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!(change(&plan, "kms.key")["region"], ABROAD);
    let (applied, code) = stage.apply(&["--allow", "cost,disruptive"]);
    assert_eq!(code, Some(0), "{applied:#}");
    let key = stage.trail(&ids[0], "audit")["KmsKeyId"].clone();
    assert!(text(&key).starts_with(&format!("arn:aws:kms:{ABROAD}:")), "{key}");
    assert_eq!(stage.plan(&["--account", &ids[0]]).1, Some(0));
}

#[test]
fn a_trail_is_mended_in_the_region_where_it_lives() {
    let (mut world, ids) = organization(&["own"]);
    bucket(&mut world, &ids[0], "logs");
    let homed = json!({"Name": "audit", "S3BucketName": "logs", "IsMultiRegionTrail": true});
    world.build(&ids[0], ABROAD, "cloudtrail", "CreateTrail", homed);
    world.build(&ids[0], ABROAD, "cloudtrail", "StartLogging", json!({"Name": "audit"}));
    let settings = "controls:\n  cloudtrail.trail:\n    name: audit\n    multi_region: true\n    logging: true\n    \
                    log_file_validation: true\n";
    let stage = Stage::held_to(world, settings);
    let (plan, _) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let drifted: Vec<&str> =
        rows(&plan, &ids[0]).filter(|row| row["verdict"] == "drifted").map(|row| text(&row["requirement"])).collect();
    assert_eq!(drifted, ["cloudtrail.trail.log_file_validation"], "its shadow at home is not a second trail");
    assert_eq!(stage.apply(&[]).1, Some(0));
    let writes: Vec<_> = stage.world(|world| world.ledger.writes().cloned().collect());
    assert_eq!(
        writes.iter().map(|call| (&*call.operation, &*call.region)).collect::<Vec<_>>(),
        [("UpdateTrail", ABROAD)]
    );
}

/// A trail of the organization with this name, which lacks validation and a key.
pub(crate) fn poor_organization_trail(world: &mut World, name: &str) {
    let (management, organization) = (world.management(), world.organization.as_ref().expect("one").id.clone());
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let trust = json!({"ServicePrincipal": "cloudtrail.amazonaws.com"});
    world.build(&management, HOME, "organizations", "EnableAWSServiceAccess", trust);
    world.build(&management, HOME, "s3", "CreateBucket", json!({"Bucket": "central"}));
    let files = |owner: &str| format!("arn:aws:s3:::central/AWSLogs/{owner}/*");
    let opened = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::central"},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": [files(&management), files(&organization)]}]});
    world.build(&management, HOME, "s3", "PutBucketPolicy", json!({"Bucket": "central", "Policy": opened.to_string()}));
    let poor =
        json!({"Name": name, "S3BucketName": "central", "IsOrganizationTrail": true, "IsMultiRegionTrail": true});
    world.build(&management, HOME, "cloudtrail", "CreateTrail", poor);
    world.build(&management, HOME, "cloudtrail", "StartLogging", json!({"Name": name}));
}

#[test]
fn a_drifted_trail_of_the_organization_is_not_mended_where_its_owner_may_only_be_read() {
    let (mut world, ids) = organization(&["one", "two"]);
    let management = world.management();
    poor_organization_trail(&mut world, "trueup");
    let stage = Stage::held_to(world, ORGANIZATION);
    let plan = stage.planned(2);
    let drifted = ["cloudtrail.trail.kms", "cloudtrail.trail.log_file_validation"];
    for id in ids.iter().chain([&management]) {
        let mut found: Vec<&str> =
            rows(&plan, id).filter(|row| row["verdict"] == "drifted").map(|row| text(&row["requirement"])).collect();
        found.sort_unstable();
        assert_eq!(found, drifted, "{id}");
    }
    for change in list(&plan["changes"]) {
        assert_eq!(change["account"], json!(management));
        assert!(text(&change["manual"]).contains("management_account: include"), "{change:#}");
    }
    assert_eq!(stage.apply(&["--allow", "cost,disruptive"]).1, Some(2));
    assert_eq!(stage.writes(), []);
}

#[test]
fn a_trail_of_control_tower_is_left_as_it_is_and_ours_is_made_beside_it() {
    let (mut world, ids) = organization(&["one"]);
    let (management, towers) = (world.management(), "aws-controltower-BaselineCloudTrail");
    poor_organization_trail(&mut world, towers);
    let stage = Stage::new(world);
    let mend = ORGANIZATION.replace("    scope: organization\n", "    scope: organization\n    existing: mend\n");
    stage.baseline("management_account: include\n", &mend);
    let before = stage.trail(&management, towers);
    stage.planned(2);
    assert_eq!(stage.apply(&["--allow", "cost,disruptive"]).1, Some(0));
    assert_eq!(stage.trail(&management, towers), before);
    assert_eq!(stage.trail(&management, "trueup")["IsOrganizationTrail"], true);
    assert!(stage.writes().iter().all(|(.., operation)| operation != "UpdateTrail"));
    assert_eq!(kinds(&stage.plan(&[]).0, &ids[0]), ["compliant"]);
}

/// A role session of an account that the organization made a delegate of CloudTrail, and that its members let in.
fn delegate(world: &mut World, account: &str) -> Credential {
    let management = world.management();
    let trust = json!({"ServicePrincipal": "cloudtrail.amazonaws.com"});
    world.build(&management, HOME, "organizations", "EnableAWSServiceAccess", trust.clone());
    let registered = json!({"AccountId": account, "ServicePrincipal": "cloudtrail.amazonaws.com"});
    world.build(&management, HOME, "organizations", "RegisterDelegatedAdministrator", registered);
    let members: Vec<String> = world.accounts().map(|one| one.id.clone()).filter(|id| *id != management).collect();
    for member in members {
        let root = |id: &str| format!("arn:aws:iam::{id}:root");
        let trusted = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": [root(&management), root(account)]}}]});
        let change = json!({"RoleName": ACCESS_ROLE, "PolicyDocument": trusted.to_string()});
        world.build(&member, HOME, "iam", "UpdateAssumeRolePolicy", change);
    }
    let session = Session { role: ACCESS_ROLE.to_owned(), name: "ci".to_owned(), policy: None, policy_arns: vec![] };
    let caller = Caller {
        account: account.to_owned(),
        arn: format!("arn:aws:sts::{account}:assumed-role/{ACCESS_ROLE}/ci"),
        id: "AROAEXAMPLE:ci".to_owned(),
        principal: Principal::Role(session),
    };
    world.issue(caller, Some(3600))
}

#[test]
fn a_delegated_administrator_judges_members_by_what_they_see() {
    let (mut world, ids) = organization(&["security", "one"]);
    let (management, keys) = (world.management(), delegate(&mut world, &ids[0]));
    poor_organization_trail(&mut world, "acme");
    let stage = Stage::new(world).with_keys(keys);
    stage.baseline("", ORGANIZATION);
    let plan = stage.planned(3);
    let of = |part: &str, verdict: &str| (format!("cloudtrail.trail.{part}"), verdict.to_owned());
    let wanted = [
        of("kms", "drifted"),
        of("log_file_validation", "drifted"),
        of("logging", "compliant"),
        of("management_events", "compliant"),
        of("multi_region", "compliant"),
    ];
    assert_eq!((verdicts(&plan, &ids[1]), verdicts(&plan, &ids[0])), (wanted.to_vec(), wanted.to_vec()));
    assert_eq!(kinds(&plan, &management), ["unreadable"]);
    assert_eq!(plan["changes"], json!([]), "nothing is planned where the owner cannot be read");
}

#[test]
fn two_trails_that_only_together_meet_everything_do_not_cover_an_account() {
    let (mut world, ids) = organization(&["own"]);
    trail(&mut world, &ids[0], json!({"IsMultiRegionTrail": true}));
    bucket(&mut world, &ids[0], "logs");
    let single = json!({"Name": "single", "S3BucketName": "logs", "EnableLogFileValidation": true});
    world.build(&ids[0], HOME, "cloudtrail", "CreateTrail", single);
    world.build(&ids[0], HOME, "cloudtrail", "StartLogging", json!({"Name": "single"}));
    let settings = "controls:\n  cloudtrail.trail:\n    multi_region: true\n    logging: true\n    \
                    log_file_validation: true\n";
    let stage = Stage::held_to(world, settings);
    let (plan, _) = stage.plan(&["--account", &ids[0]]);
    let drifted: Vec<_> = rows(&plan, &ids[0]).filter(|row| row["verdict"] == "drifted").collect();
    assert_eq!(drifted.len(), 1, "{drifted:#?}");
    assert_eq!(
        (text(&drifted[0]["object"]), text(&drifted[0]["requirement"])),
        ("audit", "cloudtrail.trail.log_file_validation")
    );
}
