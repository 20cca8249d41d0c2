//! The alarms of one account, seen by hand.

use std::collections::BTreeMap;

use super::*;
use crate::assessment::Verdict;
use crate::controls::Yes;
use crate::controls::made::{HERE, MANAGEMENT, account, denied, drift, exempt, id, judged_at, region, steps};
use crate::observe::cloudwatch::{Filter, Group, Metric};
use crate::observe::sns::{Subscription, Topic};

const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:security-alarms";

fn group(owner: &str) -> Group {
    Group { name: "acme".to_owned(), account: id(owner), region: region("us-east-1"), trail: "acme".to_owned() }
}

fn filter(name: &str, pattern: &str, metric: &str) -> Filter {
    let made = Metric { namespace: "Own".to_owned(), name: metric.to_owned(), split: false };
    Filter { name: name.to_owned(), pattern: pattern.to_owned(), metrics: vec![made] }
}

fn alarm(name: &str, metric: &str, actions: &[&str]) -> Seen {
    Seen {
        name: name.to_owned(),
        namespace: Some("Own".to_owned()),
        metric: Some(metric.to_owned()),
        at_once: true,
        enabled: true,
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
        ..Seen::default()
    }
}

fn told(confirmed: bool) -> Readable<Option<Topic>> {
    let one = Subscription { protocol: "email".to_owned(), endpoint: "a@acme.example".to_owned(), confirmed };
    Readable::Read(Some(Topic { subscriptions: vec![one], ..Topic::default() }))
}

/// A chain for the root user that is whole, made by somebody else.
fn whole() -> There {
    let pattern =
        "{ $.eventType != AwsServiceEvent && $.userIdentity.type = Root && ($.userIdentity.invokedBy NOT EXISTS) }";
    There {
        filters: Readable::Read(Some(vec![filter("root", pattern, "roots")])),
        alarms: Readable::Read(vec![alarm("root", "roots", &[TOPIC])]),
        topics: [(TOPIC.to_owned(), told(true))].into(),
    }
}

fn nothing() -> There {
    There {
        filters: Readable::Read(Some(vec![])),
        alarms: Readable::Read(vec![]),
        topics: [(TOPIC.to_owned(), told(true))].into(),
    }
}

fn here(there: There) -> Watch {
    Watch { ground: Ground::Here(group(HERE)), there: Some(there) }
}

fn root() -> Settings {
    Settings { root_usage: Some(Yes), actions: Some(Yes), ..Settings::default() }
}

fn judged(seen: &Watch, wanted: &Settings) -> Judged {
    judged_at::<Alarm>(account(HERE), seen, wanted, &[]).remove(0)
}

fn verdict(judged: &Judged, number: usize) -> &Verdict {
    &judged.findings[number].verdict
}

fn says(judged: &Judged) -> Vec<String> {
    steps(judged).iter().map(Step::says).collect()
}

fn needs(judged: &Judged) -> Vec<String> {
    match &drift(judged).fix {
        Fix::Steps { needs, .. } => needs.iter().map(Object::address).collect(),
        other => panic!("no steps: {other:?}"),
    }
}

#[test]
fn a_chain_that_somebody_else_made_counts_whatever_it_is_called() {
    let judged = judged(&here(whole()), &root());
    assert_eq!((verdict(&judged, 0), verdict(&judged, 1)), (&Verdict::Compliant, &Verdict::Compliant));
    assert_eq!(judged.drift, None);
    assert_eq!(judged.object.address(), "111122223333/us-east-1/cloudwatch.alarm/root_usage");
}

#[test]
fn without_anything_a_filter_and_an_alarm_are_made() {
    let judged = judged(&here(nothing()), &root());
    let [Step::PutMetricFilter(filter), Step::PutMetricAlarm(alarm)] = steps(&judged) else { panic!("two steps") };
    assert_eq!((filter.group.as_str(), filter.filter.as_str()), ("acme", "trueup-root_usage"));
    assert_eq!((filter.namespace.as_str(), filter.metric.as_str()), ("CISBenchmark", "root_usage"));
    assert_eq!((alarm.alarm.as_str(), alarm.topic.as_str()), ("trueup-root_usage", "security-alarms"));
    assert!(drift(&judged).absent && needs(&judged).is_empty());
    assert!(steps(&judged).iter().all(|step| step.cost().is_some()));
}

#[test]
fn where_cis_and_security_hub_differ_two_filters_make_one_metric() {
    let wanted = Settings { security_group_changes: Some(Yes), ..Settings::default() };
    let judged = judged(&here(nothing()), &wanted);
    let filters: Vec<&PutMetricFilter> = steps(&judged)
        .iter()
        .filter_map(|step| match step {
            Step::PutMetricFilter(filter) => Some(filter),
            _ => None,
        })
        .collect();
    let names: Vec<&str> = filters.iter().map(|filter| filter.filter.as_str()).collect();
    assert_eq!(names, ["trueup-security_group_changes", "trueup-security_group_changes-cis"]);
    assert!(filters.iter().all(|filter| filter.metric == "security_group_changes"));
    let knows = |filter: &PutMetricFilter| filter.pattern.contains("ModifySecurityGroupRules");
    assert_eq!(filters.iter().map(|filter| knows(filter)).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_metric_that_is_fed_already_gets_an_alarm_alone() {
    let judged = judged(&here(There { alarms: Readable::Read(vec![]), ..whole() }), &root());
    let [Step::PutMetricAlarm(made)] = steps(&judged) else { panic!("one step") };
    assert_eq!((made.namespace.as_str(), made.metric.as_str()), ("Own", "roots"));
}

/// What breaks a chain that is whole.
type Breaks = Box<dyn Fn(&mut There)>;

#[test]
fn what_breaks_the_chain_does_not_count() {
    let split = |there: &mut There| {
        let Readable::Read(Some(filters)) = &mut there.filters else { panic!("read") };
        filters[0].metrics[0].split = true;
    };
    let everything =
        |there: &mut There| there.filters = Readable::Read(Some(vec![filter("root", "{ $.eventName = * }", "roots")]));
    let other = |act: fn(&mut Seen)| {
        move |there: &mut There| {
            let mut changed = alarm("root", "roots", &[TOPIC]);
            act(&mut changed);
            there.alarms = Readable::Read(vec![changed]);
        }
    };
    let breaks: [(&str, Breaks); 7] = [
        ("dimensions", Box::new(split)),
        ("another pattern", Box::new(everything)),
        ("another metric", Box::new(other(|alarm| alarm.metric = Some("users".to_owned())))),
        ("late", Box::new(other(|alarm| alarm.at_once = false))),
        ("one dimension", Box::new(other(|alarm| alarm.split = true))),
        ("off", Box::new(other(|alarm| alarm.enabled = false))),
        (
            "nobody",
            Box::new(other(|alarm| alarm.actions = vec!["arn:aws:sns:us-east-1:999900001111:other".to_owned()])),
        ),
    ];
    for (what, act) in breaks {
        let mut there = whole();
        act(&mut there);
        let judged = judged(&here(there), &root());
        assert_eq!(verdict(&judged, 0), &Verdict::Drifted, "{what}");
        assert!(says(&judged).last().unwrap().starts_with("PutMetricAlarm trueup-root_usage"), "{what}");
    }
}

#[test]
fn an_alarm_of_ours_that_is_off_is_switched_on() {
    let mut off = alarm("trueup-root_usage", "roots", &[TOPIC]);
    off.enabled = false;
    let judged = judged(&here(There { alarms: Readable::Read(vec![off]), ..whole() }), &root());
    assert_eq!((verdict(&judged, 0), verdict(&judged, 1)), (&Verdict::Drifted, &Verdict::Drifted));
    assert_eq!(says(&judged), ["EnableAlarmActions of trueup-root_usage"]);
    assert!(!drift(&judged).absent);
}

#[test]
fn an_alarm_of_that_name_on_several_metrics_is_left_to_a_person() {
    let mut other = alarm("trueup-root_usage", "roots", &[TOPIC]);
    (other.namespace, other.metric) = (None, None);
    let judged = judged(&here(There { alarms: Readable::Read(vec![other]), ..whole() }), &root());
    assert!(matches!(&drift(&judged).fix, Fix::Manual(words) if words.contains("several metrics")));
}

#[test]
fn who_has_not_confirmed_makes_it_pending() {
    for topic in [told(false), Readable::Read(Some(Topic::default()))] {
        let judged = judged(&here(There { topics: [(TOPIC.to_owned(), topic)].into(), ..whole() }), &root());
        let Verdict::Pending(why) = verdict(&judged, 0) else { panic!("pending") };
        assert_eq!(why, "nobody has confirmed a subscription to topic security-alarms");
        assert_eq!((verdict(&judged, 1), &judged.drift), (&Verdict::Compliant, &None));
    }
}

#[test]
fn what_is_not_there_yet_is_needed_first() {
    let absent = There { topics: [(TOPIC.to_owned(), Readable::Read(None))].into(), ..nothing() };
    assert_eq!(needs(&judged(&here(absent.clone()), &root())), ["111122223333/us-east-1/sns.topic/security-alarms"]);
    let topics = [(TOPIC.replace("us-east-1", "eu-west-1"), Readable::Read(None))].into();
    let none = There { filters: Readable::Read(None), topics, ..absent };
    let judged = judged(&Watch { ground: Ground::Missing, there: Some(none) }, &root());
    let expected = [
        "111122223333/global/cloudtrail.trail/trueup",
        "111122223333/eu-west-1/logs.log_group//aws/cloudtrail/trueup",
        "111122223333/eu-west-1/sns.topic/security-alarms",
    ];
    assert_eq!(needs(&judged), expected);
    let Step::PutMetricFilter(filter) = &steps(&judged)[0] else { panic!("a filter") };
    assert_eq!(filter.group, "/aws/cloudtrail/trueup");
}

#[test]
fn a_member_is_judged_by_the_account_that_has_the_log_group() {
    let topic = TOPIC.replace(HERE, MANAGEMENT);
    let mut there = whole();
    there.alarms = Readable::Read(vec![alarm("root", "roots", &[&topic])]);
    there.topics = [(topic, told(true))].into();
    let owned = |seen: Watch| {
        let judged = judged(&seen, &root());
        assert_eq!(judged.drift, None);
        match verdict(&judged, 0) {
            Verdict::OwnedElsewhere { owner, in_force, .. } => (owner.contains(MANAGEMENT), *in_force),
            other => panic!("{other:?}"),
        }
    };
    let ground = Ground::Elsewhere(group(MANAGEMENT));
    assert_eq!(owned(Watch { ground: ground.clone(), there: Some(there) }), (true, true));
    let none = There { alarms: Readable::Read(vec![]), filters: Readable::Read(Some(vec![])), topics: BTreeMap::new() };
    assert_eq!(owned(Watch { ground, there: Some(none) }), (true, false));
    assert_eq!(owned(Watch { ground: Ground::Organizations(id(MANAGEMENT)), there: None }), (true, false));
}

#[test]
fn a_log_group_of_an_account_that_is_not_known_is_judged_there() {
    let seen = Watch { ground: Ground::Elsewhere(group("444455556666")), there: None };
    let judged = judged(&seen, &root());
    assert!(matches!(verdict(&judged, 0), Verdict::NotApplicable(why) if why.contains("444455556666")));
}

#[test]
fn what_could_not_be_read_is_unreadable_and_an_exemption_stands_beside_a_drift() {
    let error = denied("logs:DescribeMetricFilters", account(HERE));
    let judged = judged(&here(There { filters: Readable::Unreadable(error.clone()), ..whole() }), &root());
    assert!(judged.findings.iter().all(|one| one.verdict == Verdict::Unreadable(error.clone())));
    let topics = [(TOPIC.to_owned(), Readable::Unreadable(error.clone()))].into();
    let unread = judged_at::<Alarm>(account(HERE), &here(There { topics, ..whole() }), &root(), &[]);
    assert_eq!(verdict(&unread[0], 0), &Verdict::Unreadable(error));
    let wanted = Settings { vpc_changes: Some(Yes), ..root() };
    let accepted = [exempt("cloudwatch.alarm.vpc_changes")];
    let both = judged_at::<Alarm>(account(HERE), &here(nothing()), &wanted, &accepted);
    assert_eq!(verdict(&both[0], 0), &Verdict::Drifted);
    assert!(matches!(verdict(&both[1], 0), Verdict::Exempt(_)));
}

#[test]
fn actions_are_about_alarms_that_are_asked_for() {
    let alone = Settings { actions: Some(Yes), ..Settings::default() };
    assert_eq!(Alarm::contradiction(&alone).map(|found| found.setting), Some("actions"));
    assert_eq!(Alarm::contradiction(&root()), None);
    assert_eq!(judged_at::<Alarm>(account(HERE), &here(nothing()), &Settings::default(), &[]), []);
}

#[test]
fn a_topic_of_another_account_tells_as_well_as_one_of_its_own() {
    const CENTRAL: &str = "arn:aws:sns:us-east-1:444455556666:central";
    let seen = |topic: Readable<Option<Topic>>| {
        let alarms = Readable::Read(vec![alarm("root", "roots", &[CENTRAL])]);
        let topics = [(CENTRAL.to_owned(), topic), (TOPIC.to_owned(), Readable::Read(None))].into();
        judged(&here(There { alarms, topics, ..whole() }), &root())
    };
    let fine = seen(told(true));
    assert_eq!((verdict(&fine, 0), &fine.drift), (&Verdict::Compliant, &None));
    let Verdict::Pending(why) = verdict(&seen(told(false)), 0).clone() else { panic!("it waits") };
    assert!(why.ends_with(&format!("to topic {CENTRAL}")), "{why}");
    let error = denied("sns:GetTopicAttributes", account(HERE));
    let closed = seen(Readable::Unreadable(error.clone()));
    assert_eq!((verdict(&closed, 0), &closed.drift), (&Verdict::Unreadable(error), &None), "nothing is made beside it");
    let gone = seen(Readable::Read(None));
    assert_eq!(drift(&gone).differences[0].observed, "an alarm that tells nobody");
}

#[test]
fn an_alarm_that_would_be_written_is_asked_for_its_tags_and_none_of_somebody_else() {
    let ours = |on: &str| There { alarms: Readable::Read(vec![alarm("trueup-root_usage", on, &[])]), ..whole() };
    let arn = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:trueup-root_usage";
    for on in ["roots", "others"] {
        assert_eq!(judged(&here(ours(on)), &root()).bears, Some((Tagged::Alarm, arn.to_owned())), "{on}");
    }
    let theirs = There { alarms: Readable::Read(vec![alarm("root", "roots", &[])]), ..whole() };
    for left in [theirs, whole(), nothing()] {
        assert_eq!(judged(&here(left), &root()).bears, None);
    }
}

fn towers(there: There) -> Watch {
    let group = Group { name: "aws-controltower/CloudTrailLogs".to_owned(), ..group(HERE) };
    Watch { ground: Ground::Here(group), there: Some(there) }
}

#[test]
fn no_metric_filter_is_put_on_a_log_group_of_control_tower() {
    let judged = judged(&towers(nothing()), &root());
    for number in [0, 1] {
        let Verdict::OwnedElsewhere { owner, in_force, .. } = verdict(&judged, number) else { panic!("{judged:#?}") };
        assert_eq!(owner, "Control Tower (by the name aws-controltower/CloudTrailLogs)");
        assert!(!in_force);
    }
    assert_eq!(judged.drift, None);
}

#[test]
fn nor_is_one_planned_for_such_a_log_group_that_a_trail_shall_deliver_to() {
    let wanted = Settings { log_group: Some("aws-controltower/CloudTrailLogs".to_owned()), ..root() };
    let there = There { filters: Readable::Read(None), ..nothing() };
    let judged = judged(&Watch { ground: Ground::Missing, there: Some(there) }, &wanted);
    assert!(matches!(verdict(&judged, 0), Verdict::OwnedElsewhere { .. }), "{judged:#?}");
    assert_eq!(judged.drift, None);
}

#[test]
fn what_a_filter_there_feeds_already_gets_its_alarm() {
    let there = There { alarms: Readable::Read(vec![]), ..whole() };
    let judged = judged(&towers(there), &root());
    let [Step::PutMetricAlarm(alarm)] = steps(&judged) else { panic!("one step") };
    assert_eq!(alarm.metric, "roots");
}
