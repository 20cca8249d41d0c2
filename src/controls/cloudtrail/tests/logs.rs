//! Delivery to a log group: what counts, and what makes it.

use serde_json::json;

use super::*;
use crate::observe::iam::RoleState;
use crate::observe::logs::GroupState;
use crate::steps::Risk;

const GROUP: &str = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/cloudtrail/trueup";
const ROLE: &str = "arn:aws:iam::111122223333:role/trueup-trail-logs";
const PART: &str = "cloudtrail.trail.cloudwatch_logs";

/// Nothing but delivery, and what `more` says besides.
fn delivery(more: &Value) -> Settings {
    let mut settings = json!({ "cloudwatch_logs": true });
    for (name, value) in more.as_object().expect("settings") {
        settings[name] = value.clone();
    }
    serde_json::from_value(settings).expect("settings")
}

/// A trail that delivers to a log group of somebody's.
fn delivering() -> Trail {
    let mut trail = trail("trueup");
    facts(&mut trail).log_group = Some("arn:aws:logs:eu-west-1:111122223333:log-group:theirs:*".to_owned());
    trail
}

/// The same with another status.
fn with(change: impl FnOnce(&mut Status)) -> Trail {
    let mut trail = delivering();
    let Some(Readable::Read(status)) = &mut trail.status else { panic!("it was read") };
    change(status);
    trail
}

fn verdict(trail: Trail) -> Verdict {
    let judged = judged(&own(vec![trail]), &delivery(&json!({})));
    judged[0].findings[0].verdict.clone()
}

fn group(retention_days: Option<i32>, empty: bool, ours: bool) -> Readable<Option<GroupState>> {
    let tags = if ours { vec![(MANAGED.to_owned(), "an address".to_owned())] } else { vec![] };
    Readable::Read(Some(GroupState { arn: GROUP.to_owned(), retention_days, empty, tags }))
}

fn role(trust: &Value, policy: Option<&Value>) -> Readable<Option<RoleState>> {
    let (trust, policy) = (trust.to_string(), policy.map(Value::to_string));
    Readable::Read(Some(RoleState { arn: ROLE.to_owned(), trust, policy, tags: vec![] }))
}

fn trust(principal: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}]})
}

fn policy() -> Value {
    let stream = format!("{GROUP}:log-stream:{HERE}_CloudTrail_eu-west-1*");
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["logs:PutLogEvents", "logs:CreateLogStream"], "Resource": stream}]})
}

/// A trail without a log group, where that and the role are found like this.
fn found(group: Readable<Option<GroupState>>, role: Readable<Option<RoleState>>) -> Vec<Judged> {
    let mut seen = own(vec![trail("trueup")]);
    (seen.making.log_group, seen.making.log_role) = (Some(group), Some(role));
    judged(&seen, &delivery(&json!({})))
}

/// What each object of what was judged gets.
fn planned(judged: &[Judged]) -> Vec<(String, Vec<String>)> {
    changes(judged).into_iter().map(|change| (change.kind.clone(), kinds(&change.steps))).collect()
}

#[test]
fn what_arrived_within_a_day_of_the_answer_is_compliant_and_what_is_older_is_not() {
    assert_eq!(verdict(delivering()), Verdict::Compliant);
    let day = 86_400;
    assert_eq!(verdict(with(|status| status.logs_delivered = Some(NOW - day))), Verdict::Compliant);
    assert_eq!(verdict(with(|status| status.logs_delivered = Some(NOW - day - 1))), Verdict::Drifted);
    let late = with(|status| (status.said, status.logs_delivered) = (NOW + 400 * day, Some(NOW + 400 * day)));
    assert_eq!(verdict(late), Verdict::Compliant, "whenever it is judged");
    assert_eq!(verdict(with(|status| status.logs_error = Some("AccessDenied".to_owned()))), Verdict::Drifted);
    assert_eq!(verdict(trail("trueup")), Verdict::Drifted, "it has no log group");
}

#[test]
fn a_trail_that_logs_and_has_not_delivered_yet_is_pending() {
    let Verdict::Pending(why) = verdict(with(|status| status.logs_delivered = None)) else { panic!("pending") };
    assert_eq!(
        why,
        "nothing has arrived in arn:aws:logs:eu-west-1:111122223333:log-group:theirs yet; the first delivery takes minutes"
    );
    let on = |ago: i64| with(|status| (status.started, status.logs_delivered) = (Some(NOW - ago), Some(NOW - 90_000)));
    assert!(matches!(verdict(on(60)), Verdict::Pending(_)), "it was switched on a minute ago");
    assert_eq!(verdict(on(7200)), Verdict::Drifted);
    let off = with(|status| (status.logging, status.logs_delivered) = (false, None));
    assert_eq!(verdict(off.clone()), Verdict::Drifted);
    let judged = judged(&own(vec![off]), &delivery(&json!({})));
    assert_eq!(kinds(steps(&judged[0])), ["start_logging"]);
}

#[test]
fn a_log_group_that_a_trail_has_is_left_to_a_person_where_nothing_arrives() {
    let broken = with(|status| status.logs_error = Some("AccessDenied".to_owned()));
    let judged = judged(&own(vec![broken]), &delivery(&json!({})));
    assert!(
        manual(&judged[0]).contains("log-group:theirs: AccessDenied; mend that log group"),
        "{}",
        manual(&judged[0])
    );
    assert_eq!(judged.len(), 1, "nothing else is planned");
}

#[test]
fn a_trail_without_a_log_group_gets_ours_with_a_role_and_keeps_it_for_a_year() {
    let judged = found(Readable::Read(None), Readable::Read(None));
    let [Step::UpdateTrail(update)] = steps(&judged[0]) else { panic!("one update") };
    let logs = update.logs.as_ref().expect("a log group");
    assert_eq!((logs.group.as_str(), logs.role.as_str()), (format!("{GROUP}:*").as_str(), ROLE));
    assert_eq!(steps(&judged[0])[0].risk(), Risk::Safe);
    assert_eq!(steps(&judged[0])[0].cost(), Some("CloudWatch Logs bills for what it takes in and keeps"));
    let Fix::Steps { needs, .. } = &drift(&judged[0]).fix else { panic!("steps") };
    let needs: Vec<_> =
        needs.iter().map(|need| (need.kind.as_str(), need.name.as_str(), need.at.region.is_some())).collect();
    assert_eq!(needs, [("logs.log_group", "/aws/cloudtrail/trueup", true), ("iam.role", "trueup-trail-logs", false)]);
    let [Step::CreateLogGroup(create), Step::PutRetentionPolicy(keep)] = steps(&judged[1]) else { panic!("two steps") };
    assert_eq!((create.group.as_str(), keep.days, keep.young), ("/aws/cloudtrail/trueup", 365, true));
    let [Step::CreateRole(make), Step::PutRolePolicy(put)] = steps(&judged[2]) else { panic!("two steps") };
    assert_eq!(make.trust, trust("cloudtrail.amazonaws.com"));
    let resources = json!([format!("{GROUP}:log-stream:{HERE}_CloudTrail_eu-west-1*")]);
    assert_eq!(put.document["Statement"][0]["Resource"], resources);
}

#[test]
fn names_and_days_are_those_of_the_settings() {
    let named =
        delivery(&json!({ "log_group": "trails-{account}", "log_role": "t-{region}", "log_retention_days": 30 }));
    let judged = judged(&own(vec![trail("trueup")]), &named);
    let [Step::CreateLogGroup(create), Step::PutRetentionPolicy(keep)] = steps(&judged[1]) else { panic!("two steps") };
    assert_eq!((create.group.as_str(), keep.days), ("trails-111122223333", 30));
    let [Step::CreateRole(make), _] = steps(&judged[2]) else { panic!("two steps") };
    assert_eq!(make.role, "t-eu-west-1");
}

#[test]
fn validation_a_key_and_a_log_group_go_as_one_call() {
    let mut poor = without_validation("trueup");
    facts(&mut poor).kms_key = None;
    let mut seen = own(vec![poor]);
    seen.making.key = Some(Readable::Read(Some(key())));
    let judged = judged(&seen, &wanted(&json!({ "cloudwatch_logs": true })));
    assert_eq!(kinds(steps(&judged[0])), ["update_trail", "update_trail", "update_trail"]);
    let [Step::UpdateTrail(all)] = &Step::joined(steps(&judged[0]))[..] else { panic!("one call") };
    assert!(all.log_file_validation && all.kms_key.is_some() && all.logs.is_some());
}

#[test]
fn a_trail_that_is_made_delivers_from_the_start() {
    let judged = judged(&own(vec![]), &wanted(&json!({ "cloudwatch_logs": true })));
    let [Step::CreateTrail(create), Step::StartLogging(_)] = steps(&judged[0]) else { panic!("two steps") };
    assert_eq!(create.logs.as_ref().map(|logs| logs.role.as_str()), Some(ROLE));
    let kinds: Vec<_> = planned(&judged).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["kms.key", "s3.bucket", "logs.log_group", "iam.role", "cloudtrail.trail"]);
}

#[test]
fn a_log_group_that_is_there_is_only_ever_let_keep_for_longer() {
    let ready = || role(&trust("cloudtrail.amazonaws.com"), Some(&policy()));
    let trail = |more: &[(&str, &[&str])]| {
        let all = more.iter().copied().chain([("cloudtrail.trail", &["update_trail"][..])]);
        let owned = |(kind, steps): (&str, &[&str])| {
            (kind.to_owned(), steps.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>())
        };
        all.map(owned).collect::<Vec<_>>()
    };
    assert_eq!(planned(&found(group(Some(400), false, true), ready())), trail(&[]), "it keeps for longer");
    assert_eq!(planned(&found(group(None, false, true), ready())), trail(&[]), "for ever");
    assert_eq!(planned(&found(group(None, true, false), ready())), trail(&[]), "somebody else's, for ever");
    let longer = trail(&[("logs.log_group", &["put_retention_policy"])]);
    assert_eq!(planned(&found(group(Some(30), false, false), ready())), longer);
    assert_eq!(planned(&found(group(None, true, true), ready())), longer, "made by us, and nobody has said how long");
}

#[test]
fn a_role_that_is_there_gets_the_policy_and_never_another_trust() {
    let ready = || group(Some(365), false, false);
    let narrowed = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trueup"}}}});
    for good in [trust("cloudtrail.amazonaws.com"), narrowed] {
        assert_eq!(planned(&found(ready(), role(&good, Some(&policy())))).len(), 1, "{good}");
        let bare = planned(&found(ready(), role(&good, None)));
        assert_eq!(bare[0], ("iam.role".to_owned(), vec!["put_role_policy".to_owned()]));
    }
    let strange = found(ready(), role(&trust("ec2.amazonaws.com"), None));
    assert_eq!(
        manual(&strange[0]),
        "there is a role trueup-trail-logs that does not trust cloudtrail.amazonaws.com: change its trust policy, or \
         name another role by the setting `log_role`"
    );
    assert_eq!(strange.len(), 1, "and no log group is made in vain");
}

#[test]
fn what_could_not_be_read_blocks_delivery_and_nothing_else() {
    let refused = Readable::Unreadable(denied("logs:DescribeLogGroups", HERE));
    let judged = found(refused.clone(), Readable::Read(None));
    assert_eq!(unread(&judged), [("/aws/cloudtrail/trueup", PART, "logs:DescribeLogGroups")]);
    let [change] = &changes(&judged)[..] else { panic!("one change: {:?}", changes(&judged)) };
    assert!(change.blocked.as_ref().is_some_and(|why| why.contains("logs:DescribeLogGroups")), "{change:?}");

    let mut seen = own(vec![without_validation("trueup")]);
    seen.making.log_group = Some(refused);
    let both = super::judged(&seen, &wanted(&json!({ "cloudwatch_logs": true })));
    let change = changes(&both).into_iter().find(|change| change.kind == "cloudtrail.trail").expect("the trail");
    assert_eq!((kinds(&change.steps), change.blocked.is_none()), (vec!["update_trail".to_owned()], true));
}

#[test]
fn control_towers_names_are_not_taken() {
    for (setting, name) in
        [("log_group", "aws-controltower/CloudTrailLogs"), ("log_role", "aws-controltower-CloudTrailRole")]
    {
        let judged = judged(&own(vec![trail("trueup")]), &delivery(&json!({ setting: name })));
        assert!(
            manual(&judged[0]).ends_with(&format!("give another by the setting `{setting}`")),
            "{}",
            manual(&judged[0])
        );
    }
}

#[test]
fn the_organizations_trail_delivers_in_its_own_account_and_for_every_member() {
    let settings = delivery(&json!({ "scope": "organization", "log_account": "999900002222" }));
    let judged = judged_in(MANAGEMENT, &own(vec![]), &settings, &[]);
    let objects: Vec<_> = judged.iter().map(|one| (one.object.kind.as_str(), one.object.at.account.as_str())).collect();
    assert!(
        objects.contains(&("logs.log_group", MANAGEMENT)) && objects.contains(&("iam.role", MANAGEMENT)),
        "{objects:?}"
    );
    let put = judged.iter().filter_map(|one| one.drift.as_ref()).find_map(|drift| match &drift.fix {
        Fix::Steps { steps, .. } => steps.iter().find_map(|step| match step {
            Step::PutRolePolicy(put) => Some(put.document.to_string()),
            _ => None,
        }),
        _ => None,
    });
    assert!(put.expect("a policy").contains(":log-stream:o-abc1234567_*"));
}

#[test]
fn an_exemption_leaves_the_trail_without_a_log_group() {
    let seen = own(vec![trail("trueup")]);
    let judged = judged_in(HERE, &seen, &delivery(&json!({})), &[accepted("cloudwatch_logs")]);
    assert_eq!((judged.len(), &judged[0].drift), (1, &None));
}

#[test]
fn its_own_severity_and_references_stand_at_the_requirement() {
    let requirement = super::super::trail::PAGE.requirement("cloudwatch_logs");
    assert!(requirement.names().any(|name| name == "CIS AWS 2.0 3.4"), "{:?}", requirement.names().collect::<Vec<_>>());
}
