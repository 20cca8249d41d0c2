//! The topic of alarms: planned, applied, read back by boto3, confirmed by whoever gets mail, and undone.

use serde_json::{Value, json};
use trueup::simulator::services::cloudtrail::Trail;
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, list, organization, outcomes, rows, strike, text, verdicts};

const MAIL: &str = "\
controls:
  cloudwatch.topic:
    publish: true
    usable_key: true
    subscriptions:
      - { protocol: email, endpoint: security@acme.example }
";
const QUEUE: &str = "\
controls:
  cloudwatch.topic:
    name: alarms
    publish: true
    subscriptions:
      - { protocol: sqs, endpoint: 'arn:aws:sqs:{region}:{account}:alarms' }
";

/// A trail of every region that delivers into a log group of its account.
pub(crate) fn watched(world: &mut World, id: &str, organization: bool) {
    let selectors = vec![json!({ "ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [],
        "ExcludeManagementEventSources": [] })];
    let group = format!("arn:aws:logs:{HOME}:{id}:log-group:acme:*");
    let trail = Trail {
        bucket: "logs".to_owned(),
        global: true,
        multi_region: true,
        organization,
        validation: true,
        group: Some((group, format!("arn:aws:iam::{id}:role/logs"))),
        selectors,
        logging: true,
        ..Trail::default()
    };
    let region = world.account(id).expect("it is there").regions.entry(HOME.to_owned()).or_default();
    region.cloudtrail.trails.insert("acme".to_owned(), trail);
}

fn sns(stage: &Stage, account: &str) -> Vec<String> {
    let written = stage.writes().into_iter().filter(|(id, service, _)| id == account && service == "sns");
    written.map(|(_, _, operation)| operation).collect()
}

#[test]
fn a_topic_is_made_and_a_queue_is_told_and_nothing_is_left_after_a_revert() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, QUEUE);
    let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!((code, list(&plan["changes"]).len()), (Some(2), 2), "{plan:#}");
    let change = |kind: &str| list(&plan["changes"]).iter().find(|change| change["kind"] == kind).expect("it is there");
    assert_eq!(change("sns.subscriptions")["depends_on"], json!([change("sns.topic")["id"]]), "{plan:#}");
    let (applied, code) = stage.apply(&[]);
    assert_eq!(code, Some(0), "{applied:#}");
    assert_eq!(sns(&stage, &ids[0]), ["CreateTopic", "Subscribe"]);
    let queue = format!("sqs arn:aws:sqs:{HOME}:{}:alarms", ids[0]);
    let address = format!("{}/{HOME}/sns.topic/alarms", ids[0]);
    let made = &stage.topics(&ids[0])["alarms"];
    assert_eq!((&made["Told"], &made["Tags"]), (&json!([queue]), &json!({ "trueup:managed": address })));
    assert_eq!(stage.plan(&["--account", &ids[0]]).1, Some(0));
    stage.revert_all();
    assert_eq!(sns(&stage, &ids[0]), ["CreateTopic", "DeleteTopic", "Subscribe", "Unsubscribe"]);
    assert_eq!(stage.topics(&ids[0]), json!({}));
}

#[test]
fn mail_is_pending_until_it_is_confirmed() {
    let (mut world, ids) = organization(&["one"]);
    watched(&mut world, &ids[0], false);
    let stage = Stage::held_to(world, MAIL);
    let only = ["--account", ids[0].as_str()];
    stage.plan(&[&only[..], &["--out", "plan.json"]].concat());
    assert_eq!(stage.apply(&[]).1, Some(0));
    let (plan, code) = stage.plan(&only);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["compliant".into(), "pending".into()], Some(2)), "{plan:#}");
    let row = rows(&plan, &ids[0]).find(|row| row["verdict"] == "pending").expect("it waits");
    assert_eq!(row["reason"], "email security@acme.example has to confirm the subscription, by the link in the mail");
    stage.world(|world| {
        let topics = &world.account(&ids[0]).expect("it is there").regions[HOME].sns.topics;
        let token = topics["security-alarms"].subscriptions[0].token.clone();
        let arn = format!("arn:aws:sns:{HOME}:{}:security-alarms", ids[0]);
        world.build(&ids[0], HOME, "sns", "ConfirmSubscription", json!({ "TopicArn": arn, "Token": token }));
    });
    assert_eq!(stage.plan(&only).1, Some(0));
    // What somebody agreed to is ended, and the topic with it.
    stage.revert_all();
    assert_eq!(stage.topics(&ids[0]), json!({}));
}

/// A topic with a queue, whose policy lets the account alone publish. Answers that policy.
fn own_policy(world: &mut World, id: &str) -> Value {
    let made = world.build(id, HOME, "sns", "CreateTopic", json!({ "Name": "alarms" }));
    let own = json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "Own", "Effect": "Allow",
        "Principal": { "AWS": id }, "Action": "sns:Publish", "Resource": made["TopicArn"] }] });
    let policy = json!({ "TopicArn": made["TopicArn"], "AttributeName": "Policy", "AttributeValue": own.to_string() });
    world.build(id, HOME, "sns", "SetTopicAttributes", policy);
    let queue = json!({ "TopicArn": made["TopicArn"], "Protocol": "sqs",
        "Endpoint": format!("arn:aws:sqs:{HOME}:{id}:alarms") });
    world.build(id, HOME, "sns", "Subscribe", queue);
    own
}

#[test]
fn a_policy_is_added_to_and_put_back() {
    let (mut world, ids) = organization(&["one"]);
    let own = own_policy(&mut world, &ids[0]);
    let stage = Stage::held_to(world, QUEUE);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!(stage.apply(&[]).1, Some(0));
    assert_eq!(sns(&stage, &ids[0]), ["SetTopicAttributes"]);
    let policy = |stage: &Stage| -> Value {
        serde_json::from_str(text(&stage.topics(&ids[0])["alarms"]["Policy"])).expect("JSON")
    };
    let sids: Vec<Value> = list(&policy(&stage)["Statement"]).iter().map(|one| one["Sid"].clone()).collect();
    assert_eq!(sids, ["Own", "CloudWatchAlarms"]);
    stage.revert_all();
    assert_eq!(policy(&stage), own);
}

#[test]
fn where_one_trail_records_for_all_only_its_account_has_a_topic() {
    let (mut world, ids) = organization(&["one"]);
    let management = world.management();
    watched(&mut world, &management, true);
    let stage = Stage::new(world);
    stage.baseline("management_account: include\n", QUEUE);
    let plan = stage.planned(2);
    for (_, verdict) in verdicts(&plan, &ids[0]) {
        assert_eq!(verdict, "not_applicable", "{plan:#}");
    }
    let row = rows(&plan, &ids[0]).next().expect("it is judged");
    assert!(text(&row["reason"]).contains(&management), "{row:#}");
    let (applied, _) = stage.apply(&[]);
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "verified"), "{applied:#}");
    assert_eq!((sns(&stage, &management).len(), sns(&stage, &ids[0]).len()), (2, 0));
}

#[test]
fn where_the_trail_for_all_has_no_log_group_yet_no_member_gets_a_topic_of_its_own() {
    let (mut world, ids) = organization(&["one"]);
    let management = world.management();
    watched(&mut world, &management, true);
    let region = world.account(&management).expect("it is there").regions.get_mut(HOME).expect("home");
    region.cloudtrail.trails.get_mut("acme").expect("the trail").group = None;
    let stage = Stage::held_to(world, QUEUE);
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((code, list(&plan["changes"]).len()), (Some(0), 0), "{plan:#}");
    let row = rows(&plan, &ids[0]).next().expect("it is judged");
    assert!(row["verdict"] == "not_applicable" && text(&row["reason"]).contains(&management), "{row:#}");
}

#[test]
fn a_topic_that_is_denied_is_unreadable_and_never_absent() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, QUEUE);
    stage.inject(strike(&ids[0], "GetTopicAttributes", error(403, "AuthorizationError")));
    let (plan, code) = stage.plan(&["--account", &ids[0]]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["unreadable".into()], Some(3)), "{plan:#}");
    assert_eq!(plan["changes"], json!([]));
}

#[test]
fn a_topic_that_drifts_is_asked_for_its_tags_and_one_that_is_as_wanted_or_missing_is_not() {
    let (mut world, ids) = organization(&["one"]);
    let id = ids[0].as_str();
    own_policy(&mut world, id);
    // CloudFormation alone sets such a tag.
    let region = world.account(id).expect("it is there").regions.get_mut(HOME).expect("something is in it");
    let topic = region.sns.topics.get_mut("alarms").expect("it was just made");
    topic.tags.insert("aws:cloudformation:stack-name".to_owned(), "alarms".to_owned());
    let stage = Stage::held_to(world, QUEUE);
    let only = ["--account", id, "--out", "plan.json"];
    let asked = || stage.count(id, "ListTagsForResource");
    let (plan, _) = stage.plan(&only);
    assert_eq!((&plan["changes"][0]["managed_by"], asked()), (&json!("CloudFormation stack alarms"), 1), "{plan:#}");
    let shown = stage.run(&["plan", "-b", "baseline.yaml", "--account", id]).stdout;
    assert!(shown.contains("managed by CloudFormation stack alarms: change it there, or it will come back"), "{shown}");

    let before = asked();
    stage.inject(strike(id, "ListTagsForResource", error(403, "AuthorizationError")));
    let (plan, code) = stage.plan(&only);
    let row = rows(&plan, id).next().expect("it is judged");
    assert_eq!((&row["verdict"], code), (&json!("drifted"), Some(2)), "{row}");
    assert!(
        text(&row["reason"]).contains("its tags could not be read") && text(&row["reason"]).contains("sns:"),
        "{row}"
    );
    assert_eq!(plan["changes"][0]["tags_unread"], true);

    let (applied, code) = stage.apply(&[]);
    assert_eq!((code, asked()), (Some(0), before + 1), "an apply does not ask: {applied:#}");
    stage.plan(&only);
    assert_eq!(asked(), before + 1, "the topic is as wanted");
}

/// Lets an account's topic encrypt with `alias/topics`, a key that is made, whose policy has these statements besides.
pub(crate) fn encrypt(world: &mut World, id: &str, topic: &Value, more: &[Value]) {
    let input = json!({ "Policy": key_policy(id, more) });
    let key = world.build(id, HOME, "kms", "CreateKey", input)["KeyMetadata"]["KeyId"].clone();
    world.build(id, HOME, "kms", "CreateAlias", json!({ "AliasName": "alias/topics", "TargetKeyId": key }));
    let set = json!({ "TopicArn": topic, "AttributeName": "KmsMasterKeyId", "AttributeValue": "alias/topics" });
    world.build(id, HOME, "sns", "SetTopicAttributes", set);
}

fn key_policy(id: &str, more: &[Value]) -> String {
    let root = json!({ "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{id}:root") },
        "Action": "kms:*", "Resource": "*" });
    let statements: Vec<Value> = std::iter::once(root).chain(more.iter().cloned()).collect();
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

const KEYED: &str = "controls:\n  cloudwatch.topic:\n    publish: true\n    usable_key: true\n";

#[test]
fn a_key_that_cloudwatch_may_not_use_is_told_to_a_person_until_its_policy_lets_it_in() {
    let (mut world, ids) = organization(&["one"]);
    let id = ids[0].clone();
    watched(&mut world, &id, false);
    let topic = world.build(&id, HOME, "sns", "CreateTopic", json!({ "Name": "security-alarms" }))["TopicArn"].clone();
    encrypt(&mut world, &id, &topic, &[]);
    let stage = Stage::held_to(world, KEYED);
    let only = ["--account", id.as_str()];
    let (plan, code) = stage.plan(&only);
    assert_eq!(code, Some(2), "{plan:#}");
    let change = &list(&plan["changes"])[0];
    let words = text(&change["manual"]);
    assert!(words.contains("the policy of the key alias/topics of topic security-alarms"), "{change:#}");
    assert_eq!(stage.count(&id, "GetKeyPolicy"), 1);
    let put = |policy: String| {
        stage.world(|world| {
            let named = json!({ "KeyId": "alias/topics" });
            let key = world.build(&id, HOME, "kms", "DescribeKey", named)["KeyMetadata"]["KeyId"].clone();
            let input = json!({ "KeyId": key, "PolicyName": "default", "Policy": policy });
            world.build(&id, HOME, "kms", "PutKeyPolicy", input);
        });
    };
    put(key_policy(
        &id,
        &[json!({ "Effect": "Allow", "Principal": { "Service": "cloudwatch.amazonaws.com" },
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*" })],
    ));
    let (plan, code) = stage.plan(&only);
    assert_eq!((kinds(&plan, &id), code), (vec!["compliant".into()], Some(0)), "{plan:#}");
    stage.inject(strike(&id, "GetKeyPolicy", error(400, "AccessDeniedException")));
    let (plan, code) = stage.plan(&only);
    assert_eq!(code, Some(3), "{plan:#}");
    assert!(verdicts(&plan, &id).iter().any(|(_, verdict)| verdict == "unreadable"), "{plan:#}");
}
