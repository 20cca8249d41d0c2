//! The organization's trail with its bucket and its key in a log archive account: a change that needs others of another
//! account.

use serde_json::{Value, json};
use trueup::simulator::ACCESS_ROLE;

use crate::harness::{HOME, Stage, error, kinds, list, organization, outcomes, rows, strike, text, verdicts, write};
use crate::readback::document;

const EVERYTHING: [&str; 2] = ["--allow", "cost,disruptive"];

/// An organization with one member and a log archive, which keeps bucket and key.
struct Setting {
    stage: Stage,
    management: String,
    one: String,
    archive: String,
}

fn settings(archive: &str) -> String {
    format!(
        "controls:\n  cloudtrail.trail:\n    scope: organization\n    log_account: \"{archive}\"\n    \
         multi_region: true\n    logging: true\n    management_events: true\n    log_file_validation: true\n    \
         kms_key: alias/trueup-trail\n"
    )
}

impl Setting {
    fn new(more: impl FnOnce(&str, &str) -> String) -> Self {
        let (world, ids) = organization(&["one", "archive"]);
        let management = world.management();
        let stage = Stage::new(world);
        let more = more(&management, &ids[1]);
        stage.baseline(&more, &settings(&ids[1]));
        Self { stage, management, one: ids[0].clone(), archive: ids[1].clone() }
    }

    fn included() -> Self {
        Self::new(|_, _| "management_account: include\n".to_owned())
    }

    fn bucket(&self) -> String {
        format!("trueup-trail-{}-{HOME}", self.archive)
    }

    /// Every write that makes the trail, its bucket and its key.
    fn made(&self) -> Vec<(String, String, String)> {
        let archive = [
            ("kms", "CreateAlias"),
            ("kms", "CreateKey"),
            ("kms", "EnableKeyRotation"),
            ("s3", "CreateBucket"),
            ("s3", "PutBucketEncryption"),
            ("s3", "PutBucketPolicy"),
            ("s3", "PutBucketTagging"),
            ("s3", "PutBucketVersioning"),
            ("s3", "PutPublicAccessBlock"),
        ];
        let management = [
            ("cloudtrail", "CreateTrail"),
            ("cloudtrail", "StartLogging"),
            ("organizations", "EnableAWSServiceAccess"),
        ];
        let mut all: Vec<_> =
            archive.iter().map(|(service, operation)| write(&self.archive, service, operation)).collect();
        all.extend(management.iter().map(|(service, operation)| write(&self.management, service, operation)));
        all.sort();
        all
    }

    /// The operations that were sent to change something, in their order.
    fn order(&self) -> Vec<String> {
        self.stage.world(|world| world.ledger.writes().map(|call| call.operation.clone()).collect())
    }

    /// Makes trail, bucket and key, and forgets the calls.
    fn applied(&self) {
        self.stage.planned(2);
        let (applied, code) = self.stage.apply(&EVERYTHING);
        assert_eq!(code, Some(0), "{applied:#}");
    }
}

/// The change of this kind.
fn change<'a>(plan: &'a Value, kind: &str) -> &'a Value {
    list(&plan["changes"]).iter().find(|change| change["kind"] == kind).unwrap_or_else(|| panic!("no {kind}: {plan:#}"))
}

/// What came of the change of this kind, and why.
fn came(applied: &Value, kind: &str) -> (String, String) {
    let named = |object: &str| match kind {
        "kms.key" => object.starts_with("alias/"),
        "s3.bucket" => object.starts_with("trueup-trail-"),
        _ => object == "trueup",
    };
    let of = |one: &&Value| named(text(&one["object"]));
    let outcome = list(&applied["outcomes"]).iter().find(of).unwrap_or_else(|| panic!("no {kind}: {applied:#}"));
    (text(&outcome["outcome"]).to_owned(), text(&outcome["reason"]).to_owned())
}

#[test]
fn bucket_and_key_are_made_in_the_log_archive_before_the_trail_in_the_management_account() {
    let set = Setting::included();
    let Setting { stage, management, one, archive } = &set;
    let plan = stage.planned(2);
    let of = |kind: &str| text(&change(&plan, kind)["account"]).to_owned();
    assert_eq!(
        (of("kms.key"), of("s3.bucket"), of("cloudtrail.trail")),
        (archive.clone(), archive.clone(), management.clone())
    );
    let mut needs: Vec<&str> = list(&change(&plan, "cloudtrail.trail")["depends_on"]).iter().map(text).collect();
    let mut ids = [text(&change(&plan, "kms.key")["id"]), text(&change(&plan, "s3.bucket")["id"])];
    needs.sort_unstable();
    ids.sort_unstable();
    assert_eq!(needs, ids, "edges across accounts");
    for id in [one, archive] {
        assert_eq!(kinds(&plan, id), ["drifted"]);
        assert!(rows(&plan, id).all(|row| text(&row["through"]).contains(management.as_str())), "{id}");
    }
    assert_eq!(stage.writes(), []);

    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!(code, Some(0), "{applied:#}");
    assert!(outcomes(&applied).iter().all(|(_, came)| *came == "verified"), "{applied:#}");
    assert_eq!(stage.writes(), set.made());
    let order = set.order();
    let at = |operation: &str| order.iter().position(|one| one == operation).expect("it was sent");
    assert!(at("CreateAlias") < at("CreateTrail") && at("PutBucketPolicy") < at("CreateTrail"), "{order:?}");
    let of_buckets: Vec<_> = stage.calls().into_iter().filter(|call| call.service == "s3").collect();
    for call in of_buckets.iter().filter(|call| call.operation != "CreateBucket") {
        assert_eq!(call.input["ExpectedBucketOwner"], json!(archive), "{}", call.operation);
        assert_eq!(call.account, *archive, "{}: nobody else asks for the bucket", call.operation);
    }
    let (after, code) = stage.plan(&[]);
    assert_eq!((code, &after["changes"]), (Some(0), &json!([])), "{after:#}");
    assert_eq!(kinds(&after, one), ["compliant"]);
}

#[test]
fn the_policies_of_a_log_archive_let_in_the_trail_of_the_management_account_and_nothing_else() {
    let set = Setting::included();
    set.applied();
    let Setting { stage, management, archive, .. } = &set;
    let trail = stage.trail(management, "trueup");
    assert_eq!((&trail["IsOrganizationTrail"], &trail["S3BucketName"]), (&json!(true), &json!(set.bucket())));
    assert_eq!((&trail["Status"]["IsLogging"], &trail["Status"]["LatestDeliveryError"]), (&json!(true), &json!(null)));
    let arn = text(&trail["TrailARN"]);
    let name = set.bucket();
    let (service, source) = (json!({"Service": "cloudtrail.amazonaws.com"}), json!({"aws:SourceArn": arn}));
    let files = |sid: &str, owner: &str| {
        json!({"Sid": sid, "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{name}/AWSLogs/{owner}/*"),
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": arn}}})
    };
    let of_bucket = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AWSCloudTrailAclCheck", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
         "Resource": format!("arn:aws:s3:::{name}"), "Condition": {"StringEquals": source}},
        files("AWSCloudTrailWrite", management),
        files("AWSCloudTrailOrganizationWrite", &stage.organization()),
        {"Sid": "DenyInsecureTransport", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
         "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]});
    assert_eq!(document(&stage.bucket(archive, &name)["policy"]["Policy"]), of_bucket);

    let keys = stage.keys(archive, HOME);
    let key = keys.iter().find(|key| key["Arn"] == trail["KmsKeyId"]).expect("the key is the archive's");
    assert_eq!(
        (&key["Aliases"], &key["Rotation"]["KeyRotationEnabled"]),
        (&json!(["alias/trueup-trail"]), &json!(true))
    );
    let context =
        json!({"kms:EncryptionContext:aws:cloudtrail:arn": format!("arn:aws:cloudtrail:*:{management}:trail/*")});
    let root = |account: &str| json!({"AWS": format!("arn:aws:iam::{account}:root")});
    let policy = stage.key_policy(archive, text(&key["KeyId"]));
    let of_key = json!([
        {"Sid": "Enable IAM policies of the account", "Effect": "Allow", "Principal": root(archive), "Action": "kms:*",
         "Resource": "*"},
        {"Sid": "Let CloudTrail encrypt log files", "Effect": "Allow", "Principal": service,
         "Action": "kms:GenerateDataKey*", "Resource": "*",
         "Condition": {"StringEquals": source, "StringLike": context}},
        {"Sid": "Let CloudTrail describe the key", "Effect": "Allow", "Principal": service, "Action": "kms:DescribeKey",
         "Resource": "*"},
        {"Sid": "Let the account of the trail describe the key", "Effect": "Allow", "Principal": root(management),
         "Action": "kms:DescribeKey", "Resource": "*"},
        {"Sid": "Let the account's principals decrypt log files", "Effect": "Allow", "Principal": {"AWS": "*"},
         "Action": ["kms:Decrypt", "kms:ReEncryptFrom"], "Resource": "*",
         "Condition": {"StringEquals": {"kms:CallerAccount": archive}, "StringLike": context}},
    ]);
    assert_eq!(policy["Statement"], of_key);
    assert!(stage.keys(management, HOME).is_empty(), "the management account has none of its own");
}

#[test]
fn a_log_archive_that_is_out_of_scope_blocks_the_trail_and_is_named() {
    let set = Setting::included();
    let Setting { stage, management, archive, .. } = &set;
    let (plan, code) = stage.plan(&["--exclude-account", archive, "--out", "plan.json"]);
    assert_eq!(code, Some(2), "{plan:#}");
    assert_eq!(plan["summary"]["changes"]["blocked"], 1);
    let why = text(&change(&plan, "cloudtrail.trail")["blocked"]);
    assert!(
        why.contains(archive) && why.contains("cloudtrail.trail makes there") && why.contains("not in scope"),
        "{why}"
    );
    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!((outcomes(&applied), code), (vec![(management.as_str(), "blocked")], Some(2)));
    assert_eq!(stage.writes(), []);

    let (plan, code) = stage.plan(&["--account", archive, "--out", "plan.json"]);
    assert_eq!((code, list(&plan["changes"]).len()), (Some(2), 2), "it is made ready by itself: {plan:#}");
    assert_eq!(stage.apply(&EVERYTHING).1, Some(0));
    let (plan, code) = stage.plan(&["--exclude-account", archive, "--out", "plan.json"]);
    assert_eq!((code, list(&plan["changes"]).len()), (Some(2), 1), "and is then needed no more: {plan:#}");
    assert_eq!(stage.apply(&EVERYTHING).1, Some(0));
    assert_eq!(stage.writes(), set.made());
}

#[test]
fn a_prerequisite_that_fails_leaves_the_trail_blocked_and_the_next_run_goes_on() {
    let set = Setting::included();
    let Setting { stage, archive, .. } = &set;
    stage.planned(2);
    stage.inject(strike(archive, "PutBucketPolicy", error(403, "AccessDenied")));
    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!(code, Some(3), "{applied:#}");
    assert_eq!(
        (came(&applied, "kms.key").0, came(&applied, "s3.bucket").0),
        ("verified".to_owned(), "failed".to_owned())
    );
    let (outcome, why) = came(&applied, "cloudtrail.trail");
    assert_eq!(outcome, "blocked");
    assert!(why.contains(&set.bucket()) && why.contains("failed"), "{why}");
    assert!(!set.order().iter().any(|operation| operation.contains("Trail") || operation.contains("ServiceAccess")));

    stage.world(|world| world.faults.clear());
    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!(code, Some(0), "the same plan goes on: {applied:#}");
    assert_eq!(came(&applied, "kms.key").0, "already");
    assert_eq!(stage.plan(&[]).1, Some(0));
}

#[test]
fn a_prerequisite_that_is_held_or_stale_leaves_the_trail_blocked() {
    let set = Setting::included();
    let Setting { stage, archive, .. } = &set;
    stage.planned(2);
    let (applied, code) = stage.apply(&[]);
    assert_eq!(code, Some(2), "{applied:#}");
    assert_eq!((came(&applied, "kms.key").0, came(&applied, "s3.bucket").0), ("held".to_owned(), "held".to_owned()));
    assert_eq!(came(&applied, "cloudtrail.trail").0, "blocked");
    assert_eq!(stage.writes(), []);

    // Somebody makes a key of that name meanwhile, which knows nothing of trails.
    stage.world(|world| {
        let made = world.build(archive, HOME, "kms", "CreateKey", json!({}));
        let alias = json!({"AliasName": "alias/trueup-trail", "TargetKeyId": made["KeyMetadata"]["KeyId"]});
        world.build(archive, HOME, "kms", "CreateAlias", alias);
    });
    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!(code, Some(2), "{applied:#}");
    assert_eq!(came(&applied, "kms.key").0, "stale");
    assert_eq!(came(&applied, "cloudtrail.trail").0, "blocked");
    assert!(!set.order().iter().any(|operation| operation == "CreateTrail" || operation == "PutKeyPolicy"));
}

#[test]
fn where_the_management_account_is_only_read_nothing_is_made_for_a_trail_that_will_not_be() {
    let set = Setting::new(|_, _| String::new());
    let Setting { stage, .. } = &set;
    let plan = stage.planned(2);
    assert!(text(&change(&plan, "cloudtrail.trail")["manual"]).contains("management_account: include"));
    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!((came(&applied, "s3.bucket").0.as_str(), code), ("held", Some(2)), "{applied:#}");
    assert_eq!(stage.writes(), []);
}

#[test]
fn a_log_archive_that_cannot_be_read_makes_the_key_unreadable_everywhere_and_names_it() {
    let set = Setting::included();
    set.applied();
    let Setting { stage, management, one, archive } = &set;
    stage.world(|world| world.account(archive).expect("it is there").iam.roles.remove(ACCESS_ROLE));
    let (plan, code) = stage.plan(&[]);
    assert_eq!((code, &plan["changes"]), (Some(3), &json!([])), "{plan:#}");
    for id in [management, one] {
        let unreadable: Vec<_> =
            verdicts(&plan, id).into_iter().filter(|(_, verdict)| verdict == "unreadable").collect();
        assert_eq!(unreadable, [("cloudtrail.trail.kms".to_owned(), "unreadable".to_owned())]);
        let row = rows(&plan, id).find(|row| row["verdict"] == "unreadable").expect("there is one");
        assert!(text(&row["reason"]).contains(archive.as_str()), "{row:#}");
    }
    assert_eq!(kinds(&plan, archive), ["unreadable"]);
}

#[test]
fn a_log_archive_that_cannot_be_read_blocks_a_trail_that_is_to_be_made() {
    let set = Setting::included();
    let Setting { stage, archive, .. } = &set;
    stage.world(|world| world.account(archive).expect("it is there").iam.roles.remove(ACCESS_ROLE));
    let (plan, code) = stage.plan(&["--out", "plan.json"]);
    assert_eq!(code, Some(3), "{plan:#}");
    let why = text(&change(&plan, "cloudtrail.trail")["blocked"]);
    assert!(why.contains(archive.as_str()) && why.contains("could not be read"), "{why}");
    assert_eq!(stage.apply(&EVERYTHING).1, Some(3));
    assert_eq!(stage.writes(), []);
}

#[test]
fn a_canary_waits_for_what_it_needs_of_a_later_wave() {
    let set = Setting::new(|management, _| {
        format!("management_account: include\nrollout:\n  canary: {{ account: [\"{management}\"] }}\n")
    });
    let Setting { stage, .. } = &set;
    stage.planned(2);
    let (applied, code) = stage.apply(&EVERYTHING);
    assert_eq!(code, Some(0), "{applied:#}");
    assert_eq!(stage.writes(), set.made());
    let order = set.order();
    let at = |operation: &str| order.iter().position(|one| one == operation).expect("it was sent");
    assert!(at("PutBucketPolicy") < at("CreateTrail") && at("CreateAlias") < at("CreateTrail"), "{order:?}");
}

#[test]
fn evidence_of_all_three_accounts_is_judged_alike() {
    let set = Setting::included();
    let (live, code) = set.stage.plan(&["--save-evidence", "evidence.jsonl"]);
    assert_eq!(code, Some(2));
    let (kept, code) = set.stage.plan(&["--from-evidence", "evidence.jsonl"]);
    assert_eq!(code, Some(2));
    assert_eq!((&kept["verdicts"], &kept["changes"]), (&live["verdicts"], &live["changes"]));
}

#[test]
fn an_account_that_the_organization_does_not_have_is_a_mistake() {
    let (world, _) = organization(&["one"]);
    let stage = Stage::held_to(world, &settings("000000000001"));
    let done = stage.run(&["plan", "-b", "baseline.yaml"]);
    done.refused(64, "`log_account` of cloudtrail.trail names 000000000001, which the organization does not have");
}

#[test]
fn a_log_archive_of_trails_of_each_account_is_a_mistake() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, &settings(&ids[0]).replace("scope: organization", "scope: account"));
    let done = stage.run(&["plan", "-b", "baseline.yaml"]);
    done.refused(64, "`log_account` is for the trail of the organization");
    assert!(done.stderr.contains("add `scope: organization`"), "{}", done.stderr);

    // What an override does not say itself is idle there.
    let more = "overrides:\n  - match: { ou: /Sandbox }\n    controls: { cloudtrail.trail: { scope: account } }\n";
    stage.world(|world| world.add_unit(None, "Sandbox"));
    stage.baseline(more, &settings(&ids[0]));
    assert_eq!(stage.run(&["baseline", "check", "baseline.yaml"]).code, Some(0));
    let said = more.replace("scope: account", &format!("scope: account, log_account: \"{}\"", ids[0]));
    stage.baseline(&said, &settings(&ids[0]));
    let done = stage.run(&["baseline", "check", "baseline.yaml"]);
    assert_eq!(done.code, Some(64), "{}{}", done.stdout, done.stderr);
}

#[test]
fn the_log_archive_has_roles_of_its_own_and_the_stack_set_leaves_it_out() {
    let set = Setting::included();
    let Setting { stage, archive, .. } = &set;
    let principal = "arn:aws:iam::999900001111:role/ci";
    let roles = |of: &str, format: &str| {
        stage.run(&["roles", "-b", "baseline.yaml", "--principal", principal, "--of", of, "--format", format])
    };
    let actions = |of: &str| {
        let template = roles(of, "cloudformation").json();
        let resources = template["Resources"].as_object().expect("resources").clone();
        let write: Vec<String> = resources
            .iter()
            .filter(|(name, _)| name.starts_with("WritePolicy"))
            .map(|(_, resource)| resource["Properties"]["PolicyDocument"].to_string())
            .collect();
        write.join("")
    };
    let (member, management, kept) = (actions("member"), actions("management"), actions("log-archive"));
    assert_eq!(member, "", "a member is not written");
    assert!(management.contains("cloudtrail:CreateTrail") && !management.contains("s3:CreateBucket"), "{management}");
    assert!(
        kept.contains("s3:CreateBucket") && kept.contains("kms:CreateKey") && !kept.contains("CreateTrail"),
        "{kept}"
    );
    let whole = roles("organization", "cloudformation");
    assert_eq!(whole.json()["Parameters"]["LogArchiveAccount"]["Default"], json!(archive));
    assert!(whole.stderr.contains("--of log-archive"), "{}", whole.stderr);
    let terraform = roles("organization", "terraform").stdout;
    assert!(terraform.contains(&format!("\"{archive}\"")), "{terraform}");

    let printed = stage.run(&["permissions", "-b", "baseline.yaml", "--apply", "--format", "json"]).json();
    let holders: Vec<&str> = list(&printed["policies"]).iter().map(|policy| text(&policy["holder"])).collect();
    assert!(holders.contains(&"read-log-archive") && holders.contains(&"write-log-archive"), "{holders:?}");
}
