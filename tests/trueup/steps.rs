//! Every step: run twice it is as run once, and an answer that was lost is made up for by running it again.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use trueup::aws::{Entry, Guard};
use trueup::simulator::Simulator;
use trueup::simulator::fault::{Effect, Injection, Moment};
use trueup::simulator::world::World;
use trueup::steps::{DECLARED, Step, Writer};
use trueup::target::Target;

use crate::harness::{base, block_on, text};
use crate::least::identities::{central_root_access, root_key};

const REGION: &str = "eu-west-1";

/// The name of the account whose root user is become, where there is one.
const MEMBER: &str = "keyed";

fn world() -> World {
    World::bare(&["us-east-1", REGION], 7)
}

fn step(what: &str, more: Value) -> Step {
    let mut step = json!({ "do": what });
    if let (Some(step), Value::Object(more)) = (step.as_object_mut(), more) {
        step.extend(more);
    }
    serde_json::from_value(step.clone()).unwrap_or_else(|error| panic!("{error}: {step}"))
}

/// What an account does that administers GuardDuty for another: it has a detector before it begins.
fn administering(world: &mut World) -> Vec<Step> {
    let (management, member) = (world.management(), world.add_member(None, "one"));
    let admin = json!({ "AdminAccountId": management });
    world.build(&management, REGION, "guardduty", "EnableOrganizationAdminAccount", admin);
    let found = world.build(&management, REGION, "guardduty", "ListDetectors", json!({}));
    let details = json!([{"AccountId": member, "Email": "one@example.com"}]);
    let members = json!({"DetectorId": found["DetectorIds"][0], "AccountDetails": details});
    world.build(&management, REGION, "guardduty", "CreateMembers", members);
    let features = json!({"features": ["S3_DATA_EVENTS"], "accounts": [member]});
    vec![step("update_member_detectors", features)]
}

/// Organizations, and in each what is done there.
fn stories() -> Vec<(World, Vec<Step>)> {
    let (mut one, mut other, mut third) = (world(), world(), world());
    let (whole, more, keys) = (story(&mut one), administering(&mut other), as_root(&mut third));
    vec![(one, whole), (other, more), (third, keys)]
}

/// What is done as the root user of a member, whom the management account becomes.
fn as_root(world: &mut World) -> Vec<Step> {
    let member = world.add_member(None, MEMBER);
    central_root_access(world);
    for _ in 0..2 {
        root_key(world, &member);
    }
    let second = &mut world.account(&member).expect("it is there").iam.root.keys[1];
    "AKIAROOTKEY000000002".clone_into(&mut second.id);
    vec![step("delete_root_access_keys", json!({}))]
}

/// Each kind of step but two, in an order in which they work.
fn story(world: &mut World) -> Vec<Step> {
    let management = world.management();
    let organization = world.organization.as_ref().expect("an organization").id.clone();
    let old_key = world.build(&management, REGION, "kms", "CreateKey", json!({}));
    let (id, arn) = (old_key["KeyMetadata"]["KeyId"].clone(), old_key["KeyMetadata"]["Arn"].clone());
    let trail = format!("arn:aws:cloudtrail:{REGION}:{management}:trail/audit");
    let (root, service) = (format!("arn:aws:iam::{management}:root"), json!({"Service": "cloudtrail.amazonaws.com"}));
    let files = |owner: &str| format!("arn:aws:s3:::audit/AWSLogs/{owner}/*");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "own", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"},
        {"Sid": "trail", "Effect": "Allow", "Principal": service, "Resource": "*",
         "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"]}]});
    let more = json!({"Sid": "config", "Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"},
        "Action": "kms:Decrypt", "Resource": "*"});
    let opened = json!([
        {"Sid": "config", "Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"},
         "Action": ["s3:GetBucketAcl", "s3:ListBucket", "s3:PutObject"],
         "Resource": ["arn:aws:s3:::audit", "arn:aws:s3:::audit/*"]},
        {"Sid": "acl", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
         "Resource": "arn:aws:s3:::audit"},
        {"Sid": "write", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": [files(&management), files(&organization)]}]);
    let passwords = json!({"minimum_length": 14, "require_symbols": true, "require_numbers": true,
        "require_uppercase": true, "require_lowercase": true, "allow_users_to_change": true, "max_age_days": null,
        "reuse_prevention": 24, "hard_expiry": false});
    let key = json!({"alias": "alias/audit", "region": REGION, "address": "key"});
    let made = json!({"alias": "alias/audit", "region": REGION, "address": "key", "description": "", "policy": policy});
    let bucket = json!({"bucket": "audit", "region": REGION});
    let of_trail = |more: Value| {
        let mut of_trail = json!({"trail": trail, "region": REGION});
        of_trail.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        of_trail
    };
    let data = json!({"read_write": "All", "management": true, "excluded": [],
        "resources": [{"kind": "AWS::S3::Object", "values": ["arn:aws:s3:::payroll/"]}]});
    for operation in ["CreateUser", "CreateLoginProfile", "AttachUserPolicy", "PutUserPolicy"] {
        let statement = json!({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"});
        let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let whole = json!({"UserName": "ada", "Password": "correct horse", "PolicyName": "own", "PolicyDocument": document,
            "PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"});
        let named: &[&str] = match operation {
            "CreateUser" => &["UserName"],
            "CreateLoginProfile" => &["UserName", "Password"],
            "AttachUserPolicy" => &["UserName", "PolicyArn"],
            _ => &["UserName", "PolicyName", "PolicyDocument"],
        };
        let input: serde_json::Map<String, Value> =
            named.iter().map(|name| ((*name).to_owned(), whole[*name].clone())).collect();
        world.build(&management, REGION, "iam", operation, Value::Object(input));
    }
    let access_key = world.build(&management, REGION, "iam", "CreateAccessKey", json!({"UserName": "ada"}));
    let (access_key, ada) = (access_key["AccessKey"]["AccessKeyId"].clone(), json!({"name": "ada", "path": "/"}));
    let audit = "arn:aws:iam::aws:policy/SecurityAudit";
    let service = json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"});
    let nobody = json!({"Version": "2012-10-17", "Statement": [service]});
    let cloudshell = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess";
    let role = json!({"RoleName": "dev", "AssumeRolePolicyDocument": nobody.to_string()});
    world.build(&management, REGION, "iam", "CreateRole", role);
    world.build(&management, REGION, "iam", "CreateGroup", json!({"GroupName": "ops"}));
    for (operation, holder, name) in
        [("AttachRolePolicy", "RoleName", "dev"), ("AttachGroupPolicy", "GroupName", "ops")]
    {
        world.build(&management, REGION, "iam", operation, json!({holder: name, "PolicyArn": cloudshell}));
    }
    let certificate = trueup::simulator::services::iam_account::Certificate::default();
    world.account(&management).expect("it is there").iam.certificates.insert("old".to_owned(), certificate);
    let contact = json!({"name": "Ada", "title": "CISO", "email": "sec@acme.example", "phone": "1"});
    let primary = json!({"full_name": "Acme", "address_line_1": "1 Main Street", "city": "Springfield",
        "postal_code": "12345", "country_code": "US", "phone_number": "1"});
    // What is closed or blocked from the start is opened, so that there is something to do.
    world.build(&management, REGION, "ec2", "EnableSerialConsoleAccess", json!({}));
    world.build(&management, REGION, "ec2", "DisableImageBlockPublicAccess", json!({}));
    let snapshots = json!({"state": "block-all-sharing", "public": []});
    let days = json!({"RetentionPeriodInDays": 30});
    world.build(&management, REGION, "config", "PutRetentionConfiguration", days);
    let by = format!("arn:aws:iam::{management}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig");
    let recorder =
        json!({"name": "default", "role": by, "types": {"all": {"global": true}}, "frequency": "CONTINUOUS"});
    let groups = world.build(&management, REGION, "ec2", "DescribeSecurityGroups", json!({}));
    let group = groups["SecurityGroups"][0]["GroupId"].clone();
    let run = json!({"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1});
    let instance = world.build(&management, REGION, "ec2", "RunInstances", run)["Instances"][0]["InstanceId"].clone();
    let vpc = groups["SecurityGroups"][0]["VpcId"].clone();
    world.build(&management, "us-east-1", "s3", "CreateBucket", json!({"Bucket": "flows"}));
    let deliverer = format!("arn:aws:iam::{management}:role/flows");
    let recording = |traffic: &str| json!({"vpc": vpc, "traffic": traffic, "interval": 600, "address": format!("recorded {traffic}")});
    let all = |peer: Value| json!({"group": group, "rules": [{"protocol": "-1", "peer": peer}]});
    let dying = world.build(&management, REGION, "kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    world.build(&management, REGION, "kms", "ScheduleKeyDeletion", json!({ "KeyId": dying }));
    for name in ["kept", "access"] {
        let placed = json!({"Bucket": name, "CreateBucketConfiguration": {"LocationConstraint": REGION}});
        world.build(&management, REGION, "s3", "CreateBucket", placed);
    }
    let trails = json!({"Service": "cloudtrail.amazonaws.com"});
    let any = json!({"Version": "2012-10-17", "Statement": [{"Sid": "any", "Effect": "Allow", "Principal": trails,
        "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::kept"}]});
    let any = json!({"Bucket": "kept", "Policy": any.to_string()});
    world.build(&management, REGION, "s3", "PutBucketPolicy", any);
    let short = json!({"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}});
    let lifecycle = json!({"Bucket": "kept", "LifecycleConfiguration": {"Rules": [short]}});
    world.build(&management, REGION, "s3", "PutBucketLifecycleConfiguration", lifecycle);
    let only_for_trail = json!({"service": "cloudtrail.amazonaws.com", "sources": [trail]});
    let kept = |more: Value| {
        let mut kept = json!({"bucket": "kept", "region": REGION});
        kept.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
        kept
    };
    let switches = json!({"block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true,
        "restrict_public_buckets": true});
    let written = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents",
        "Resource": format!("arn:aws:logs:{REGION}:{management}:log-group:trail:*")}]});
    let publish = json!({"Sid": "CloudWatchAlarms", "Effect": "Allow", "Action": "sns:Publish",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Resource": format!("arn:aws:sns:{REGION}:{management}:alarms")});
    let queue = format!("arn:aws:sqs:{REGION}:{management}:alarms");
    let silent = json!({"AlarmName": "silent", "ActionsEnabled": false, "Namespace": "Security", "MetricName": "Root",
        "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold"});
    world.build(&management, REGION, "monitoring", "PutMetricAlarm", silent);
    let analyzer = json!({"name": "outside", "zone": "ACCOUNT", "address": "analyzer"});
    vec![
        step("create_analyzer", analyzer),
        step("enable_security_hub", json!({"address": "hub"})),
        step("put_alternate_contact", json!({"kind": "security", "contact": contact, "before": null})),
        step("put_contact_information", json!({"contact": primary, "before": null})),
        step("create_role", json!({"role": "helpdesk", "trust": nobody, "address": "role"})),
        step("attach_role_policy", json!({"role": "helpdesk", "policy": "arn:aws:iam::aws:policy/AWSSupportAccess"})),
        step("take_role_policy", json!({"role": "dev", "policy": cloudshell})),
        step("detach_group_policy", json!({"group": "ops", "policy": cloudshell})),
        step("delete_server_certificate", json!({"certificate": "old", "path": "/"})),
        step("create_account_alias", json!({"alias": "acme", "before": null})),
        step("deactivate_access_key", json!({"user": ada, "key": access_key})),
        step("delete_login_profile", json!({ "user": ada })),
        step("detach_user_policy", json!({"user": ada, "policy": audit})),
        step("delete_user_policy", json!({"user": ada, "policy": "own", "document": "{}"})),
        step("enable_ebs_encryption_by_default", json!({})),
        step("modify_ebs_default_kms_key_id", json!({"key": arn})),
        step("enable_snapshot_block_public_access", snapshots),
        step("enable_image_block_public_access", json!({})),
        step("modify_instance_metadata_defaults", json!({"set": {"http_tokens": "required", "hop_limit": 2}})),
        step("disable_serial_console_access", json!({})),
        step("modify_instance_metadata_options", json!({ "instance": instance })),
        step("record_into_bucket", json!({"recording": recording("ALL"), "destination": "arn:aws:s3:::flows"})),
        step(
            "record_into_log_group",
            json!({"recording": recording("REJECT"), "log_group": "flows", "role": deliverer}),
        ),
        step("revoke_security_group_ingress", all(json!({"group": {"id": group}}))),
        step("revoke_security_group_egress", all(json!({"ipv4": "0.0.0.0/0"}))),
        step("update_account_password_policy", json!({"policy": passwords, "before": null})),
        step("create_key", made),
        step("rotate_made_key", key.clone()),
        step("create_alias", key),
        step("put_key_policy", json!({"key": id, "arn": arn, "region": REGION, "statements": [more]})),
        step("create_bucket", bucket.clone()),
        step("put_bucket_tagging", json!({"bucket": "audit", "region": REGION, "address": "bucket"})),
        step("put_public_access_block", bucket.clone()),
        step("put_bucket_encryption", bucket.clone()),
        step("put_bucket_versioning", bucket),
        step("put_bucket_policy", json!({"bucket": "audit", "region": REGION, "statements": opened})),
        step(
            "create_service_linked_role",
            json!({"service": "config.amazonaws.com", "role": "AWSServiceRoleForConfig"}),
        ),
        step("put_configuration_recorder", json!({"recorder": recorder, "more": true})),
        step("put_delivery_channel", json!({"channel": {"name": "default", "bucket": "audit"}})),
        step("start_configuration_recorder", json!({"recorder": "default"})),
        step("put_retention_configuration", json!({"days": 400})),
        step("enable_service_access", json!({"principal": "cloudtrail.amazonaws.com"})),
        step(
            "create_trail",
            json!({"name": "audit", "region": REGION, "bucket": "audit", "organization": true, "multi_region": false,
                "log_file_validation": false, "kms_key": "alias/audit", "address": "trail", "beside": false}),
        ),
        step("start_logging", of_trail(json!({}))),
        step("update_trail", of_trail(json!({"multi_region": true, "log_file_validation": true}))),
        step("put_event_selectors", of_trail(json!({"selectors": {"basic": [data]}}))),
        step("put_insight_selectors", of_trail(json!({"insights": {"ApiErrorRateInsight": ["Management"]}}))),
        step("create_detector", json!({"publishing_frequency": null, "features": ["S3_DATA_EVENTS"], "address": "d"})),
        step("update_detector", json!({"set": [{"feature": "RDS_LOGIN_EVENTS"}, "enabled"]})),
        step("enable_key_rotation", json!({"key_id": id})),
        step("cancel_key_deletion", json!({ "key_id": dying })),
        step("enable_key", json!({ "key_id": dying })),
        step("lengthen_bucket_lifecycle", kept(json!({"prefixes": ["AWSLogs/"], "days": 365}))),
        step("put_bucket_policy", kept(json!({"statements": [], "narrowed": [only_for_trail]}))),
        step("put_bucket_logging", kept(json!({"to": {"bucket": "access", "prefix": "kept/"}}))),
        step("put_account_public_access_block", json!({ "switches": switches, "shuts": [], "unread": [] })),
        step("create_log_group", json!({"group": "trail", "region": REGION, "address": "group"})),
        step("put_retention_policy", json!({"group": "trail", "region": REGION, "days": 365, "young": true})),
        step("put_role_policy", json!({"role": "helpdesk", "policy": "logs", "document": written})),
        step(
            "put_metric_filter",
            json!({"group": "trail", "filter": "root", "pattern": "{ $.a = 1 }",
            "namespace": "Security", "metric": "Root"}),
        ),
        step("create_topic", json!({"topic": "alarms", "address": "topic"})),
        step("set_topic_policy", json!({"topic": "alarms", "statements": [publish]})),
        step("subscribe", json!({"topic": "alarms", "protocol": "sqs", "endpoint": queue})),
        step(
            "put_metric_alarm",
            json!({"alarm": "root", "namespace": "Security", "metric": "Root",
            "topic": "alarms", "address": "alarm"}),
        ),
        step("enable_alarm_actions", json!({"alarm": "silent"})),
    ]
}

/// What writes in the management account of a world, or as the root user of its member.
fn writer(simulator: &Arc<Simulator>) -> Writer {
    let keys = simulator.world(World::administrator);
    let member = simulator.world(|world| {
        let member = world.accounts().find(|account| account.name == MEMBER);
        member.map(|account| account.id.parse().expect("an id"))
    });
    block_on(async {
        let (base, caller) = base(simulator, &keys, REGION).await;
        let guard = Arc::new(Guard::new(DECLARED.iter().flat_map(|(_, calls, _)| calls.iter().copied())));
        let account = member.unwrap_or_else(|| caller.account.clone());
        let at = Target { account, region: Some(REGION.parse().expect("a region")) };
        let session = base.enter(&caller, &caller.account, Entry::Own, &guard).once();
        Writer { at, assuming: Some(session.clone()), session, witness: Arc::new(()) }
    })
}

fn state(simulator: &Simulator) -> Value {
    simulator.world(World::state)
}

/// A state without the ids that are drawn: each request draws some.
fn without_ids(state: Value) -> Value {
    match state {
        Value::Object(fields) => {
            // A subscription has an id at the end of its ARN.
            let drawn = |(field, value): &(String, Value)| {
                field == "id" || field == "arn" && text(value).starts_with("arn:aws:sns:")
            };
            let kept = fields.into_iter().filter(|one| !drawn(one));
            kept.map(|(field, value)| (field, without_ids(value))).collect()
        }
        Value::Array(values) => values.into_iter().map(without_ids).collect(),
        other => other,
    }
}

fn name(step: &Step) -> String {
    text(&serde_json::to_value(step).expect("plain data")["do"]).to_owned()
}

#[test]
fn a_step_that_is_run_twice_is_as_one_that_is_run_once() {
    let stories = stories();
    let named: BTreeSet<String> =
        stories.iter().flat_map(|(_, story)| story).map(|step| name(step).replace('_', "")).collect();
    let declared: BTreeSet<String> = DECLARED.iter().map(|(name, ..)| name.to_ascii_lowercase()).collect();
    assert_eq!(named, declared, "each step is in a story");
    for (world, story) in stories {
        run_twice(world, &story);
    }
}

fn run_twice(world: World, story: &[Step]) {
    let simulator = Arc::new(Simulator::new(world));
    let writer = writer(&simulator);
    for step in story {
        let before = state(&simulator);
        block_on(step.run(&writer)).unwrap_or_else(|error| panic!("{}: {error}", name(step)));
        let once = state(&simulator);
        let is_so_from_the_start = ["put_public_access_block", "put_bucket_encryption"].contains(&name(step).as_str());
        assert_eq!(once == before, is_so_from_the_start, "{} changes something", name(step));
        block_on(step.run(&writer)).unwrap_or_else(|error| panic!("{} again: {error}", name(step)));
        assert_eq!(state(&simulator), once, "{}", name(step));
    }
}

#[test]
fn a_step_whose_answer_was_lost_is_made_up_for_by_running_it_again() {
    for ((calm, story), (rough, same)) in stories().into_iter().zip(stories()) {
        assert_eq!(story, same);
        run_roughly(calm, rough, &story);
    }
}

fn run_roughly(calm: World, rough: World, story: &[Step]) {
    let (calm, rough) = (Arc::new(Simulator::new(calm)), Arc::new(Simulator::new(rough)));
    let (on_calm, on_rough) = (writer(&calm), writer(&rough));
    for step in story {
        block_on(step.run(&on_calm)).unwrap_or_else(|error| panic!("{}: {error}", name(step)));
        let write = step.calls().iter().find(|call| !call.reads()).expect("it writes").operation.to_owned();
        let lost = Injection {
            moment: Moment::After,
            times: Some(1),
            operation: Some(write),
            ..Injection::new(Effect::Reset)
        };
        rough.world(|world| world.faults.inject(lost));
        // CreateDetector looks whether it came about after all.
        let answered = block_on(step.run(&on_rough)).is_ok();
        assert_eq!(answered, name(step) == "create_detector", "{}", name(step));
        block_on(step.run(&on_rough)).unwrap_or_else(|error| panic!("{} again: {error}", name(step)));
        assert_eq!(without_ids(state(&rough)), without_ids(state(&calm)), "{}", name(step));
    }
}

#[test]
fn a_key_that_somebody_lets_rotate_more_often_keeps_its_period() {
    let mut world = world();
    let (management, story) = (world.management(), story(&mut world));
    let simulator = Arc::new(Simulator::new(world));
    let writer = writer(&simulator);
    let first = ["update_account_password_policy", "create_key"];
    for step in story.iter().filter(|step| first.contains(&name(step).as_str())) {
        block_on(step.run(&writer)).expect("it works");
    }
    let keys = simulator.world(|world| world.build(&management, REGION, "kms", "ListKeys", json!({})));
    let often = |id: &Value| json!({"KeyId": id, "RotationPeriodInDays": 90});
    let saved = story.iter().find(|step| name(step) == "enable_key").expect("it is in the story");
    let saved = serde_json::to_value(saved).expect("plain data")["key_id"].clone();
    let ids = keys["Keys"].as_array().expect("keys").iter().map(|key| key["KeyId"].clone());
    let ids: Vec<Value> = ids.filter(|id| *id != saved).collect();
    for id in &ids {
        simulator.world(|world| world.build(&management, REGION, "kms", "EnableKeyRotation", often(id)));
    }
    for step in story.iter().filter(|step| ["rotate_made_key", "enable_key_rotation"].contains(&name(step).as_str())) {
        block_on(step.run(&writer)).expect("it works");
    }
    for id in &ids {
        let status = simulator
            .world(|world| world.build(&management, REGION, "kms", "GetKeyRotationStatus", json!({"KeyId": id})));
        assert_eq!(status["RotationPeriodInDays"], 90, "{status}");
    }
}
