//! The topic of one account, seen by hand.

use serde_json::{Value, json};

use super::settings::{Endpoint, Protocol};
use super::*;
use crate::assessment::Verdict;
use crate::controls::Yes;
use crate::controls::made::{HERE, MANAGEMENT, account, denied, drift, exempt, id, judged_at, region, steps};
use crate::observe::Readable;
use crate::observe::cloudwatch::{Ground, Group, TopicKey};
use crate::observe::kms::KeyState;

const ARN: &str = "arn:aws:sns:us-east-1:111122223333:security-alarms";

fn group(owner: &str) -> Group {
    Group { name: "trail".to_owned(), account: id(owner), region: region("us-east-1"), trail: "acme".to_owned() }
}

fn wanted() -> Settings {
    Settings { publish: Some(Yes), usable_key: Some(Yes), subscribed: Some(Yes), ..Settings::default() }
}

fn with(endpoints: &[&str]) -> Settings {
    let mail = |endpoint: &&str| Endpoint { protocol: Protocol::Email, endpoint: (*endpoint).to_owned() };
    Settings { subscriptions: Some(endpoints.iter().map(mail).collect()), ..wanted() }
}

fn mail(endpoint: &str, confirmed: bool) -> Subscription {
    Subscription { protocol: "email".to_owned(), endpoint: endpoint.to_owned(), confirmed }
}

fn policy(statements: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// As SNS gives it to a topic that is made.
fn first_policy() -> Value {
    json!([{ "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": { "AWS": "*" },
        "Action": ["SNS:GetTopicAttributes", "SNS:Publish"], "Resource": ARN,
        "Condition": { "StringEquals": { "AWS:SourceOwner": HERE } } }])
}

fn topic() -> Seen {
    Seen { policy: policy(&first_policy()), key: None, subscriptions: vec![mail("a@acme.example", true)] }
}

fn told(topic: Option<Seen>) -> Told {
    Told { ground: Ground::Here(group(HERE)), topic: Readable::Read(topic), key: None }
}

fn judged(seen: &Told, wanted: &Settings) -> Vec<Judged> {
    judged_at::<Topic>(account(HERE), seen, wanted, &[])
}

fn verdicts(judged: &[Judged]) -> Vec<(&str, &Verdict)> {
    let findings = judged.iter().flat_map(|one| &one.findings);
    findings.map(|one| (one.requirement.rsplit('.').next().unwrap(), &one.verdict)).collect()
}

fn manual(judged: &Judged) -> &str {
    match &drift(judged).fix {
        Fix::Manual(words) => words,
        other => panic!("no words: {other:?}"),
    }
}

#[test]
fn a_topic_with_the_policy_of_sns_and_somebody_who_confirmed_is_compliant() {
    let judged = judged(&told(Some(topic())), &with(&["a@acme.example"]));
    assert!(verdicts(&judged).iter().all(|(_, verdict)| **verdict == Verdict::Compliant), "{judged:#?}");
    assert!(judged.iter().all(|one| one.object.kind.starts_with("sns.") && one.drift.is_none()));
    assert_eq!(judged[0].object.address(), "111122223333/us-east-1/sns.topic/security-alarms");
}

#[test]
fn a_topic_that_is_missing_is_made_before_somebody_subscribes_to_it() {
    let judged = judged(&told(None), &with(&["a@acme.example", "b@acme.example"]));
    assert_eq!(steps(&judged[0]).iter().map(Step::says).collect::<Vec<_>>(), ["CreateTopic security-alarms"]);
    assert!(drift(&judged[0]).absent);
    let Fix::Steps { steps, needs } = &drift(&judged[2]).fix else { panic!("steps") };
    assert_eq!(steps.len(), 2);
    assert_eq!(needs, &[judged[0].object.clone()]);
}

#[test]
fn a_topic_is_made_also_where_only_a_subscription_is_asked_for() {
    let wanted = Settings { publish: None, usable_key: None, ..with(&["a@acme.example"]) };
    let judged = judged(&told(None), &wanted);
    assert_eq!(steps(&judged[0]).len(), 1);
    assert_eq!(judged.iter().map(|one| one.findings.len()).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn a_policy_that_lets_nobody_in_gets_a_statement_for_alarms_of_this_account() {
    let only = json!([{ "Effect": "Allow", "Principal": { "AWS": HERE }, "Action": "sns:*", "Resource": ARN }]);
    let seen = told(Some(Seen { policy: policy(&only), ..topic() }));
    let judged = judged(&seen, &wanted());
    let [Step::SetTopicPolicy(set)] = steps(&judged[0]) else { panic!("one step") };
    assert_eq!(set.statements[0]["Condition"]["StringEquals"]["aws:SourceAccount"], HERE);
    assert_eq!(verdicts(&judged)[1].1, &Verdict::Compliant);
}

#[test]
fn a_policy_for_alarms_of_another_account_does_not_count_and_one_for_all_of_them_does() {
    let allows = |condition: Value| {
        let statement = json!({ "Effect": "Allow", "Principal": { "Service": "cloudwatch.amazonaws.com" },
            "Action": "SNS:Publish", "Resource": "*", "Condition": condition });
        let seen = told(Some(Seen { policy: policy(&json!([statement])), ..topic() }));
        verdicts(&judged(&seen, &wanted()))[0].1 == &Verdict::Compliant
    };
    assert!(allows(json!({})));
    assert!(allows(json!({ "ArnLike": { "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:*" } })));
    assert!(!allows(json!({ "StringEquals": { "aws:SourceAccount": MANAGEMENT } })));
    assert!(!allows(json!({ "ArnLike": { "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:one" } })));
}

#[test]
fn a_policy_that_denies_cloudwatch_is_left_to_a_person() {
    let mut statements = first_policy();
    let deny = json!({ "Sid": "Shut", "Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "*" });
    statements.as_array_mut().unwrap().push(deny);
    let judged = judged(&told(Some(Seen { policy: policy(&statements), ..topic() })), &wanted());
    assert!(manual(&judged[0]).contains("statement Shut"), "{}", manual(&judged[0]));
}

#[test]
fn a_key_of_aws_is_left_to_a_person() {
    for key in ["alias/aws/sns", "arn:aws:kms:us-east-1:111122223333:alias/aws/sns"] {
        let judged = judged(&told(Some(Seen { key: Some(key.to_owned()), ..topic() })), &wanted());
        assert!(manual(&judged[1]).contains("kms:GenerateDataKey*"));
    }
}

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/k1";

fn key_state() -> KeyState {
    KeyState { arn: KEY.to_owned(), enabled: true, state: "Enabled".to_owned(), fit: true }
}

/// The verdict of a topic with a key of its account's own, and what a person does.
fn keyed(is: Readable<Option<KeyState>>, policy: Option<Readable<String>>) -> (Verdict, Option<String>) {
    let mut seen = told(Some(Seen { key: Some("alias/own".to_owned()), ..topic() }));
    seen.key = Some(TopicKey { is, policy });
    let judged = judged(&seen, &wanted());
    let words = judged[1].drift.as_ref().map(|_| manual(&judged[1]).to_owned());
    (verdicts(&judged)[1].1.clone(), words)
}

fn with_statements(statements: &Value) -> (Verdict, Option<String>) {
    keyed(Readable::Read(Some(key_state())), Some(Readable::Read(policy(statements))))
}

/// A statement that lets CloudWatch use a key, changed.
fn lets_in(change: impl Fn(&mut Value)) -> Value {
    let mut statement = json!({ "Effect": "Allow", "Principal": { "Service": "cloudwatch.amazonaws.com" },
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*" });
    change(&mut statement);
    statement
}

#[test]
fn a_key_whose_policy_lets_cloudwatch_in_is_kept() {
    let conditions = json!({ "StringEquals": { "aws:SourceAccount": HERE },
        "ArnLike": { "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:*" } });
    for fine in [
        json!([lets_in(|_| {})]),
        json!([lets_in(|one| one["Resource"] = json!(KEY))]),
        json!([lets_in(|one| one["Condition"] = conditions.clone())]),
        json!([lets_in(|one| one["Action"] = json!("kms:*"))]),
        json!([lets_in(|one| one["Action"] = json!("kms:Decrypt")), lets_in(|one| one["Action"] = json!("kms:Gen*"))]),
    ] {
        assert_eq!(with_statements(&fine), (Verdict::Compliant, None), "{fine}");
    }
}

#[test]
fn a_key_whose_policy_keeps_cloudwatch_out_is_left_to_a_person_who_is_told_what_it_lacks() {
    let root = json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
        "Action": "kms:*", "Resource": "*" });
    for lacking in [
        json!([root]),
        json!([lets_in(|one| one["Action"] = json!("kms:Decrypt"))]),
        json!([lets_in(|one| one["Condition"] = json!({ "StringEquals": { "aws:SourceAccount": MANAGEMENT } }))]),
    ] {
        let (verdict, words) = with_statements(&lacking);
        assert_eq!(verdict, Verdict::Drifted, "{lacking}");
        let words = words.expect("it drifts");
        assert!(words.contains("allows cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*"), "{words}");
    }
    let deny = lets_in(|one| (one["Effect"], one["Sid"]) = (json!("Deny"), json!("Shut")));
    let words = with_statements(&json!([lets_in(|_| {}), deny])).1.expect("it drifts");
    assert!(words.contains("statement Shut"), "{words}");
}

#[test]
fn a_key_that_is_gone_or_off_or_of_aws_lets_nothing_through() {
    let of = |change: fn(&mut KeyState)| {
        let mut key = key_state();
        change(&mut key);
        keyed(Readable::Read(Some(key)), None)
    };
    for (found, words) in [
        (keyed(Readable::Read(None), None), "does not exist"),
        (of(|key| (key.enabled, key.state) = (false, "Disabled".to_owned())), "which is Disabled: enable it"),
        (of(|key| key.fit = false), "it encrypts with AWS's"),
    ] {
        assert_eq!(found.0, Verdict::Drifted);
        assert!(found.1.as_deref().is_some_and(|said| said.contains(words)), "{found:?}");
    }
}

#[test]
fn a_key_that_may_not_be_read_is_unreadable_and_one_of_another_account_is_not_judged() {
    let error = denied("kms:GetKeyPolicy", account(HERE));
    let unread = || Readable::Unreadable(error.clone());
    let verdict = Verdict::Unreadable(error.clone());
    assert_eq!(keyed(Readable::Read(Some(key_state())), Some(unread())), (verdict.clone(), None));
    assert_eq!(keyed(Readable::Unreadable(error.clone()), None), (verdict, None));
    let other = KEY.replace(HERE, MANAGEMENT);
    let judged = judged(&told(Some(Seen { key: Some(other), ..topic() })), &wanted());
    assert!(matches!(verdicts(&judged)[1].1, Verdict::NotApplicable(why) if why.contains(MANAGEMENT)));
    assert_eq!(judged[1].drift, None);
}

#[test]
fn mail_that_nobody_confirmed_waits_for_a_person() {
    let seen = told(Some(Seen { subscriptions: vec![mail("a@acme.example", false)], ..topic() }));
    for wanted in [wanted(), with(&["a@acme.example"])] {
        let judged = judged(&seen, &wanted);
        let Verdict::Pending(why) = verdicts(&judged)[2].1 else { panic!("pending") };
        assert_eq!(why, "email a@acme.example has to confirm the subscription, by the link in the mail");
        assert!(judged[2].drift.is_none());
    }
    let accepted = [exempt("cloudwatch.topic.subscribed")];
    let judged = judged_at::<Topic>(account(HERE), &seen, &wanted(), &accepted);
    assert!(matches!(verdicts(&judged)[2].1, Verdict::Exempt(_)));
}

#[test]
fn who_is_missing_is_asked_and_who_is_there_stays() {
    let judged = judged(&told(Some(topic())), &with(&["a@acme.example", "b@acme.example"]));
    let says: Vec<String> = steps(&judged[2]).iter().map(Step::says).collect();
    assert_eq!(says, ["Subscribe email b@acme.example to security-alarms"]);
    assert!(!drift(&judged[2]).absent);
}

#[test]
fn where_nobody_is_named_and_nobody_is_told_a_person_says_who() {
    let seen = told(Some(Seen { subscriptions: vec![], ..topic() }));
    let judged = judged(&seen, &wanted());
    assert!(manual(&judged[2]).contains("`subscriptions`"));
}

#[test]
fn an_account_whose_log_group_is_elsewhere_has_no_topic_to_have() {
    for ground in [Ground::Elsewhere(group(MANAGEMENT)), Ground::Organizations(id(MANAGEMENT))] {
        let judged = judged(&Told { ground, topic: Readable::Read(None), key: None }, &wanted());
        for (_, verdict) in verdicts(&judged) {
            assert!(matches!(verdict, Verdict::NotApplicable(why) if why.contains(MANAGEMENT)), "{verdict:?}");
        }
    }
}

#[test]
fn a_topic_that_could_not_be_read_is_unreadable_on_everything() {
    let error = denied("sns:GetTopicAttributes", account(HERE));
    let seen = Told { ground: Ground::Missing, topic: Readable::Unreadable(error), key: None };
    let judged = judged(&seen, &wanted());
    assert_eq!(verdicts(&judged).len(), 3);
    assert!(verdicts(&judged).iter().all(|(_, verdict)| matches!(verdict, Verdict::Unreadable(_))));
    assert_eq!(judged[0].object.at.region, Some(region("eu-west-1")));
}

#[test]
fn what_is_not_asked_is_not_judged() {
    assert_eq!(judged(&told(None), &Settings::default()), []);
}

#[test]
fn a_topic_whose_policy_or_key_falls_short_is_asked_for_its_tags_and_nothing_else_is() {
    let bears = |topic: Option<Seen>, wanted: &Settings| -> Vec<Option<(Tagged, String)>> {
        judged(&told(topic), wanted).into_iter().map(|one| one.bears).collect()
    };
    let asked = || Some((Tagged::Topic, ARN.to_owned()));
    let closed = Seen { policy: policy(&json!([])), ..topic() };
    assert_eq!(bears(Some(closed), &with(&["b@acme.example"])), [asked(), None, None]);
    let encrypted = Seen { key: Some("alias/aws/sns".to_owned()), ..topic() };
    assert_eq!(bears(Some(encrypted), &wanted()), [None, asked(), None]);
    assert_eq!(bears(None, &wanted()), [None, None, None], "what is not there has no tags");
}

const TOWERS: &str = "aws-controltower-SecurityNotifications";

fn of_control_tower(judged: &[Judged]) -> Vec<bool> {
    let owned = |(_, verdict): (&str, &Verdict)| matches!(verdict, Verdict::OwnedElsewhere { owner, in_force: false, .. } if owner.starts_with("Control Tower"));
    assert!(judged.iter().all(|one| one.drift.is_none()), "{judged:#?}");
    verdicts(judged).into_iter().map(owned).collect()
}

#[test]
fn a_topic_of_control_tower_is_judged_and_never_written() {
    let wanted = Settings { name: Some(TOWERS.to_owned()), ..with(&["b@acme.example"]) };
    let shut =
        policy(&json!([{ "Effect": "Allow", "Principal": { "AWS": HERE }, "Action": "sns:*", "Resource": ARN }]));
    let there = Seen { policy: shut, ..topic() };
    assert_eq!(of_control_tower(&judged(&told(Some(there)), &wanted)), [true, false, true]);
    assert_eq!(of_control_tower(&judged(&told(None), &wanted)), [true, true, true]);
}

#[test]
fn none_is_made_under_a_name_of_control_tower_for_somebody_to_subscribe_to() {
    let wanted =
        Settings { name: Some(TOWERS.to_owned()), publish: None, usable_key: None, ..with(&["b@acme.example"]) };
    assert_eq!(of_control_tower(&judged(&told(None), &wanted)), [true]);
}
