//! AWS Config in each region: planned, applied, read back, undone; and whose a recorder is.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, list, organization, outcomes, rows, strike, text, write};

const ABROAD: &str = "eu-west-1";
const ASKED: &str = "\
regions: all
controls:
  config.recorder:
    recording: true
    all_types: true
    global_types: true
    role: true
    delivered: true
    retention: 400
";

fn service_role(account: &str) -> String {
    format!("arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")
}

/// The policy by which a bucket lets AWS Config in, whoever sends it.
pub(crate) fn open(bucket: &str) -> Value {
    let arn = format!("arn:aws:s3:::{bucket}");
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "config.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:ListBucket", "s3:PutObject"], "Resource": [arn, format!("{arn}/*")]}]})
}

/// A bucket that lets AWS Config in.
pub(crate) fn bucket(world: &mut World, account: &str, name: &str) {
    world.build(account, HOME, "s3", "CreateBucket", json!({ "Bucket": name }));
    let policy = json!({"Bucket": name, "Policy": open(name).to_string()});
    world.build(account, HOME, "s3", "PutBucketPolicy", policy);
}

/// A recorder that is off, of two types, with a channel into this bucket.
pub(crate) fn recorder(world: &mut World, account: &str, region: &str, name: &str, bucket: &str) {
    let service = json!({"AWSServiceName": "config.amazonaws.com"});
    let _ = world.perform(account, HOME, "iam", "CreateServiceLinkedRole", service);
    let group = json!({"allSupported": false, "resourceTypes": ["AWS::EC2::Instance", "AWS::S3::Bucket"]});
    let recorder = json!({"name": name, "roleARN": service_role(account), "recordingGroup": group});
    world.build(account, region, "config", "PutConfigurationRecorder", json!({ "ConfigurationRecorder": recorder }));
    let channel = json!({"name": name, "s3BucketName": bucket});
    world.build(account, region, "config", "PutDeliveryChannel", json!({ "DeliveryChannel": channel }));
}

/// What Control Tower calls its own.
pub(crate) const TOWERS: &str = "aws-controltower-BaselineConfigRecorder";

/// A recorder that is on and records everything, what is of no region at home, with a channel into this bucket.
pub(crate) fn whole(world: &mut World, account: &str, region: &str, bucket: &str) {
    whole_by_name(world, account, region, "default", bucket);
}

/// The same under a name.
pub(crate) fn whole_by_name(world: &mut World, account: &str, region: &str, name: &str, bucket: &str) {
    recorder(world, account, region, name, bucket);
    let group = json!({"allSupported": true, "includeGlobalResourceTypes": region == HOME});
    let recorder = json!({"name": name, "roleARN": service_role(account), "recordingGroup": group});
    world.build(account, region, "config", "PutConfigurationRecorder", json!({ "ConfigurationRecorder": recorder }));
    start(world, account, region, name);
}

fn start(world: &mut World, account: &str, region: &str, name: &str) {
    let named = json!({ "ConfigurationRecorderName": name });
    world.build(account, region, "config", "StartConfigurationRecorder", named);
}

fn writes(stage: &Stage, account: &str) -> Vec<String> {
    let own = stage.writes().into_iter().filter(|(id, ..)| id == account);
    own.map(|(_, service, operation)| format!("{service} {operation}")).collect()
}

/// Undoes a run; 2, where something stays that only a person takes away.
fn revert(stage: &Stage, run: &str, code: i32) {
    let done = stage.run(&["revert", run, "--auto-approve", "--allow", "irreversible", "--allow", "weakening"]);
    assert_eq!(done.code, Some(code), "{}{}", done.stdout, done.stderr);
}

#[test]
fn an_account_without_config_gets_it_in_each_region_with_one_bucket_and_one_role() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, ASKED);
    let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!(code, Some(2), "{plan:#}");
    assert_eq!(list(&plan["changes"]).len(), 4, "a role and a bucket for both regions: {plan:#}");
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    let mut wanted: Vec<String> =
        ["config PutConfigurationRecorder", "config PutDeliveryChannel", "config StartConfigurationRecorder"]
            .iter()
            .flat_map(|write| [(*write).to_owned(), (*write).to_owned()])
            .collect();
    wanted.push("iam CreateServiceLinkedRole".to_owned());
    let of_bucket = [
        "CreateBucket",
        "PutBucketEncryption",
        "PutBucketPolicy",
        "PutBucketTagging",
        "PutBucketVersioning",
        "PutPublicAccessBlock",
    ];
    wanted.extend(of_bucket.iter().map(|write| format!("s3 {write}")));
    assert_eq!(writes(&stage, &ids[0]), wanted);
    for (region, global) in [(HOME, true), (ABROAD, false)] {
        let found = stage.recorder(&ids[0], region);
        assert_eq!(found["recorder"]["roleARN"], service_role(&ids[0]));
        assert_eq!(found["recorder"]["recordingGroup"]["includeGlobalResourceTypes"], global);
        assert_eq!((&found["status"]["recording"], &found["status"]["lastStatus"]), (&json!(true), &json!("SUCCESS")));
        assert_eq!(found["channel"]["s3BucketName"], format!("trueup-config-{}-{HOME}", ids[0]));
    }
    assert_eq!(stage.plan(&["--account", &ids[0]]).1, Some(0));
    let run = text(&applied["run"]);
    let held = stage.run(&["revert", run, "--auto-approve", "--allow", "weakening"]);
    assert!(held.code == Some(2) && held.stdout.contains("needs --allow irreversible"), "{}", held.stdout);
    let recording = |region: &str| stage.recorder(&ids[0], region)["status"]["recording"].clone();
    assert_eq!([HOME, ABROAD].map(recording), [true, true], "what was made is held as a whole");
    // The role stays: it is the service's.
    revert(&stage, text(&applied["run"]), 2);
    for region in [HOME, ABROAD] {
        let found = stage.recorder(&ids[0], region);
        assert_eq!((&found["recorder"], &found["channel"]), (&Value::Null, &Value::Null), "{found:#}");
    }
}

#[test]
fn a_recorder_that_is_there_keeps_its_name_and_its_bucket_and_is_set_back_by_a_revert() {
    let (mut world, ids) = organization(&["one"]);
    bucket(&mut world, &ids[0], "theirs");
    for region in [HOME, ABROAD] {
        recorder(&mut world, &ids[0], region, "theirs", "theirs");
        let days = json!({"RetentionPeriodInDays": 30});
        world.build(&ids[0], region, "config", "PutRetentionConfiguration", days);
    }
    let stage = Stage::held_to(world, ASKED);
    let before = stage.recorder(&ids[0], HOME);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    let mut written = writes(&stage, &ids[0]);
    written.dedup();
    let mut wanted = ["PutConfigurationRecorder", "PutRetentionConfiguration", "StartConfigurationRecorder"];
    wanted.sort_unstable();
    assert_eq!(written, wanted.map(|operation| format!("config {operation}")));
    let after = stage.recorder(&ids[0], HOME);
    assert_eq!((&after["recorder"]["name"], &after["channel"]), (&json!("theirs"), &before["channel"]));
    assert_eq!(after["retention"]["RetentionPeriodInDays"], 400);
    revert(&stage, text(&applied["run"]), 0);
    let again = stage.recorder(&ids[0], HOME);
    assert_eq!(again["recorder"]["recordingGroup"], before["recorder"]["recordingGroup"]);
    assert_eq!((&again["status"]["recording"], &again["retention"]), (&json!(false), &before["retention"]));
}

#[test]
fn what_is_of_no_region_is_left_out_abroad_by_a_person() {
    let (mut world, ids) = organization(&["one"]);
    bucket(&mut world, &ids[0], "theirs");
    for region in [HOME, ABROAD] {
        whole(&mut world, &ids[0], region, "theirs");
        let group = json!({"allSupported": true, "includeGlobalResourceTypes": true});
        let both = json!({"name": "default", "roleARN": service_role(&ids[0]), "recordingGroup": group});
        world.build(&ids[0], region, "config", "PutConfigurationRecorder", json!({ "ConfigurationRecorder": both }));
    }
    let stage = Stage::held_to(world, ASKED);
    let (_, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!(code, Some(2), "the recorders have just been started");
    let (plan, _) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let drifted = rows(&plan, &ids[0]).filter(|row| row["verdict"] == "drifted");
    let drifted: Vec<(&str, &str)> = drifted.map(|row| (text(&row["region"]), text(&row["requirement"]))).collect();
    assert_eq!(drifted, [(ABROAD, "config.recorder.global_types")]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*ids[0], "manual")], Some(2)));
    assert_eq!(stage.writes(), []);
    let group = stage.recorder(&ids[0], ABROAD)["recorder"]["recordingGroup"].clone();
    assert_eq!(group["includeGlobalResourceTypes"], true, "nothing is lost before a person has looked");
}

#[test]
fn a_bucket_that_only_another_region_needs_is_made() {
    let (mut world, ids) = organization(&["one"]);
    bucket(&mut world, &ids[0], "theirs");
    whole(&mut world, &ids[0], HOME, "theirs");
    let stage = Stage::held_to(world, ASKED);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    let buckets = [(HOME, "theirs".to_owned()), (ABROAD, format!("trueup-config-{}-{HOME}", ids[0]))];
    for (region, bucket) in buckets {
        assert_eq!(stage.recorder(&ids[0], region)["channel"]["s3BucketName"], bucket);
    }
    assert_eq!(stage.plan(&["--account", &ids[0]]).1, Some(0));
}

#[test]
fn one_account_may_keep_the_bucket_of_all_and_makes_it_before_they_deliver() {
    let (world, ids) = organization(&["archive", "one"]);
    let stage = Stage::new(world);
    let more = format!("    delivery:\n      snapshots: Six_Hours\n    log_account: \"{}\"\n", ids[0]);
    stage.baseline("", &format!("{ASKED}{more}").replace("all\n", "[us-east-1]\n"));
    let selected = ids.join(",");
    stage.plan(&["--account", &selected, "--out", "plan.json"]);
    let (applied, code) = stage.apply(&["--allow", "cost"]);
    assert_eq!(code, Some(0), "{applied:#}");
    let name = format!("trueup-config-{}-{HOME}", ids[0]);
    assert!(writes(&stage, &ids[1]).iter().all(|write| !write.starts_with("s3")));
    for id in &ids {
        assert_eq!(stage.recorder(id, HOME)["channel"]["s3BucketName"], name);
    }
    assert_eq!(stage.plan(&["--account", &selected]).1, Some(0));

    let (world, ids) = organization(&["archive", "one"]);
    let stage = Stage::new(world);
    stage.baseline("", &format!("{ASKED}{more}"));
    let alone = stage.plan(&["--account", &ids[1]]).0;
    let blocked = list(&alone["changes"]).iter().filter_map(|change| change["blocked"].as_str()).collect::<Vec<_>>();
    assert!(blocked.iter().any(|why| why.contains("that account is not in scope")), "{alone:#}");
}

#[test]
fn deliveries_that_fail_are_mended_by_the_bucket() {
    let (mut world, ids) = organization(&["one"]);
    let name = format!("trueup-config-{}-{HOME}", ids[0]);
    bucket(&mut world, &ids[0], &name);
    recorder(&mut world, &ids[0], HOME, "default", &name);
    start(&mut world, &ids[0], HOME, "default");
    world.build(&ids[0], HOME, "s3", "DeleteBucketPolicy", json!({ "Bucket": name }));
    let regions = &mut world.account(&ids[0]).expect("it is there").regions;
    regions.get_mut(HOME).expect("it is there").config.failure = Some("AccessDenied".to_owned());
    let delivered = "regions: [us-east-1]\ncontrols:\n  config.recorder:\n    delivered: true\n";
    let stage = Stage::held_to(world, delivered);
    let plan = stage.plan(&["--account", &ids[0], "--out", "plan.json"]).0;
    let row = rows(&plan, &ids[0]).next().expect("it is judged");
    assert!(text(&row["through"]).ends_with(&format!("s3.bucket/{name}")), "{row:#}");
    // Once the bucket lets it in, the next delivery arrives.
    assert_eq!(outcomes(&stage.apply(&[]).0).len(), 1);
    assert!(writes(&stage, &ids[0]).contains(&"s3 PutBucketPolicy".to_owned()));
}

#[test]
fn a_region_whose_recorder_is_denied_is_unreadable_and_the_other_is_judged() {
    let (world, ids) = organization(&["half"]);
    let stage = Stage::held_to(world, ASKED);
    let denied = strike(&ids[0], "DescribeConfigurationRecorders", error(403, "AccessDeniedException"));
    stage.inject(trueup::simulator::fault::Injection { region: Some(ABROAD.to_owned()), ..denied });
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]).contains(&"unreadable".to_owned()), code), (true, Some(3)));
}

/// Whose a recorder is that is linked to a service: the service's, and the account's own only looks like it.
mod linked {
    use super::*;

    const SERVICE: &str = "securityhub.amazonaws.com";
    const LINKED: &str = "\
regions: [us-east-1]
controls:
  config.recorder:
    recording: true
    linked_to: securityhub.amazonaws.com
";

    fn link(world: &mut World, account: &str) {
        let service = json!({ "ServicePrincipal": SERVICE });
        world.build(account, HOME, "config", "PutServiceLinkedConfigurationRecorder", service);
    }

    fn verdict<'a>(plan: &'a Value, account: &'a str) -> (&'a str, &'a Value, &'a str) {
        let row = rows(plan, account).next().expect("it is judged");
        (text(&row["verdict"]), &row["in_force"], row["owner"].as_str().unwrap_or_default())
    }

    #[test]
    fn what_the_service_records_is_in_force() {
        let (mut world, ids) = organization(&["one"]);
        link(&mut world, &ids[0]);
        let stage = Stage::held_to(world, LINKED);
        let (plan, code) = stage.plan(&["--account", &ids[0]]);
        assert_eq!(verdict(&plan, &ids[0]), ("owned_elsewhere", &json!(true), &*format!("the service {SERVICE}")));
        assert_eq!(code, Some(0));
    }

    #[test]
    fn what_the_service_does_not_record_is_its_own_to_mend_and_gets_no_write() {
        let (mut world, ids) = organization(&["one"]);
        link(&mut world, &ids[0]);
        let regions = &mut world.account(&ids[0]).expect("it is there").regions;
        let linked = &mut regions.get_mut(HOME).expect("it is there").config.linked;
        linked.get_mut(SERVICE).expect("it is there").recording = false;
        let stage = Stage::held_to(world, LINKED);
        let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        assert_eq!(
            (verdict(&plan, &ids[0]).0, verdict(&plan, &ids[0]).1, code),
            ("owned_elsewhere", &json!(false), Some(2))
        );
        assert_eq!((stage.apply(&["--allow", "cost"]).1, stage.writes()), (Some(0), vec![]));
    }

    #[test]
    fn where_the_service_has_none_nobody_makes_one_in_its_place() {
        let (world, ids) = organization(&["one"]);
        let stage = Stage::held_to(world, LINKED);
        let plan = stage.plan(&["--account", &ids[0], "--out", "plan.json"]).0;
        let row = rows(&plan, &ids[0]).next().expect("it is judged");
        assert!(text(&row["reason"]).starts_with(&format!("in {SERVICE}: let it record what is wanted")), "{row:#}");
        assert_eq!((stage.apply(&["--allow", "cost"]).1, stage.writes()), (Some(0), vec![]));
    }

    #[test]
    fn a_recorder_of_the_account_that_is_only_called_like_one_is_mended_itself() {
        let (mut world, ids) = organization(&["one"]);
        bucket(&mut world, &ids[0], "theirs");
        recorder(&mut world, &ids[0], HOME, "AWSConfigurationRecorderForSecurityHub", "theirs");
        link(&mut world, &ids[0]);
        let stage = Stage::held_to(world, "regions: [us-east-1]\ncontrols:\n  config.recorder:\n    recording: true\n");
        stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
        assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
        assert_eq!(stage.writes(), [write(&ids[0], "config", "StartConfigurationRecorder")]);
    }
}

/// Whose a recorder is that Control Tower made.
mod control_tower {
    use super::*;

    const RECORDING: &str = "regions: [us-east-1]\ncontrols:\n  config.recorder:\n    recording: true\n";

    #[test]
    fn it_is_left_alone_whether_it_records_or_not_and_one_that_is_called_nearly_so_is_mended() {
        let (mut world, ids) = organization(&["on", "off", "like"]);
        for (id, name) in ids.iter().zip([TOWERS, TOWERS, "controltower-recorder"]) {
            let bucket_name = format!("logs-{id}");
            bucket(&mut world, id, &bucket_name);
            recorder(&mut world, id, HOME, name, &bucket_name);
        }
        start(&mut world, &ids[0], HOME, TOWERS);
        let stage = Stage::held_to(world, RECORDING);
        let selected = ids.join(",");
        let plan = stage.plan(&["--account", &selected, "--out", "plan.json"]).0;
        for (id, in_force) in [(&ids[0], true), (&ids[1], false)] {
            let row = rows(&plan, id).next().expect("it is judged");
            assert_eq!((text(&row["verdict"]), &row["in_force"]), ("owned_elsewhere", &json!(in_force)), "{row:#}");
        }
        assert_eq!(stage.apply(&["--allow", "cost"]).1, Some(0));
        assert_eq!(stage.writes(), [write(&ids[2], "config", "StartConfigurationRecorder")]);
    }
}

#[test]
fn a_recorder_that_falls_short_says_which_tool_looks_after_it_and_control_tower_s_is_left_to_it() {
    let (mut world, ids) = organization(&["one"]);
    let id = ids[0].as_str();
    bucket(&mut world, id, "somebodys");
    recorder(&mut world, id, HOME, "default", "somebodys");
    whole(&mut world, id, ABROAD, "somebodys");
    let bearing = |world: &mut World, key: &str, value: &str| {
        let region = world.account(id).expect("it is there").regions.get_mut(HOME).expect("it is read");
        let recorder = region.config.recorder.as_mut().expect("it was made");
        recorder.tags = [(key.to_owned(), value.to_owned())].into();
    };
    bearing(&mut world, "aws:cloudformation:stack-name", "config");
    let stage = Stage::held_to(world, "regions: all\ncontrols:\n  config.recorder:\n    recording: true\n");
    let only = ["--account", id, "--out", "plan.json"];
    let asked = || stage.count(id, "ListTagsForResource");
    // A recorder that was started says so once it was looked at.
    stage.plan(&only);
    let (plan, code) = stage.plan(&only);
    assert_eq!((list(&plan["changes"]).len(), code, asked()), (1, Some(2), 2), "one region is as wanted: {plan:#}");
    assert_eq!(plan["changes"][0]["managed_by"], "CloudFormation stack config", "{plan:#}");

    stage.world(|world| bearing(world, "aws-control-tower", "managed-by-control-tower"));
    let (plan, _) = stage.plan(&only);
    assert_eq!(
        (kinds(&plan, id).contains(&"owned_elsewhere".into()), &plan["changes"]),
        (true, &json!([])),
        "{plan:#}"
    );

    stage.inject(strike(id, "ListTagsForResource", error(400, "AccessDeniedException")));
    let (plan, code) = stage.plan(&only);
    let row = rows(&plan, id).find(|row| row["verdict"] == "drifted").expect("it is off");
    assert!(text(&row["reason"]).contains("config:ListTagsForResource") && code == Some(2), "{row}");
    let before = asked();
    assert_eq!((stage.apply(&["--allow", "cost"]).1, asked()), (Some(0), before), "an apply does not ask");
}
