//! Which trail is mended, and by what.

use serde_json::json;

use super::*;
use crate::drift::Difference;
use crate::observe::cloudtrail::{BasicSelector, DataResource, Selectors};
use crate::steps::Risk;
use crate::steps::cloudtrail::UpdateTrail;

#[test]
fn asking_for_multi_region_touches_neither_validation_nor_key() {
    let mut poor = trail("trueup");
    facts(&mut poor).multi_region = false;
    let judged = judged(&own(vec![poor]), &wanted(&json!({})));
    let [Step::UpdateTrail(update)] = steps(&judged[0]) else { panic!("one update") };
    let arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trueup";
    assert_eq!(*update, UpdateTrail { multi_region: true, ..UpdateTrail::of(arn, &region("eu-west-1")) });
}

#[test]
fn a_trail_is_mended_in_its_home_region() {
    let mut poor = without_validation("trueup");
    poor.listed.home_region = region("us-east-1");
    poor.status = Some(status(false, None));
    let judged = judged(&own(vec![poor]), &wanted(&json!({})));
    let [Step::UpdateTrail(update), Step::StartLogging(start)] = steps(&judged[0]) else { panic!("two steps") };
    assert_eq!((&update.region, &start.region), (&region("us-east-1"), &region("us-east-1")));
}

#[test]
fn fields_are_steps_of_their_own_that_go_as_one_call() {
    let mut poor = without_validation("trueup");
    facts(&mut poor).multi_region = false;
    facts(&mut poor).kms_key = Some(OTHER_KEY.to_owned());
    let mut seen = own(vec![poor]);
    seen.making.key = Some(Readable::Read(Some(key())));
    let judged = judged(&seen, &wanted(&json!({})));
    let [multi, validation, key] = steps(&judged[0]) else { panic!("three steps") };
    let parts: Vec<_> = [multi, validation, key].iter().map(|step| step.part()).collect();
    assert_eq!(parts, [Some("multi_region"), Some("log_file_validation"), Some("kms_key")]);
    assert_eq!([multi, validation, key].map(Step::risk), [Risk::Safe, Risk::Safe, Risk::Disruptive]);
    let all = multi.with(validation).and_then(|both| both.with(key)).expect("one call");
    let Step::UpdateTrail(all) = all else { panic!("one update") };
    assert!(all.multi_region && all.log_file_validation);
    assert_eq!(all.kms_key.expect("a key").before.as_deref(), Some(OTHER_KEY));
}

/// What mending a trail that is switched off and logs one region costs, beside these.
fn cost_beside(others: Vec<Trail>, organization: bool) -> Vec<Option<&'static str>> {
    let mut poor = trail("trueup");
    (facts(&mut poor).multi_region, poor.status) = (false, Some(status(false, None)));
    facts(&mut poor).organization = organization;
    let mut seen = own(others);
    seen.own.push(poor);
    let judged = judged(&seen, &wanted(&json!({})));
    steps(&judged[0]).iter().map(Step::cost).collect()
}

#[test]
fn a_trail_that_logs_more_beside_another_costs_and_the_first_copy_does_not() {
    assert_eq!(cost_beside(vec![], false), [None, None], "the first copy is free");
    let second = Some("a second copy of management events bills by event");
    assert_eq!(cost_beside(vec![without_validation("theirs")], false), [second, second]);
    let mut off = without_validation("theirs");
    off.status = Some(status(false, None));
    assert_eq!(cost_beside(vec![off], false), [None, None], "one that is switched off gets no copy");
    let members = Some("members with trails of their own pay for a second copy of management events");
    assert_eq!(cost_beside(vec![], true), [members, members]);
}

#[test]
fn data_events_are_kept_when_management_events_are_added() {
    let data = DataResource { kind: "AWS::S3::Object".to_owned(), values: vec!["arn:aws:s3:::payroll/".to_owned()] };
    let selector = BasicSelector {
        read_write: "All".to_owned(),
        management: false,
        excluded: vec![],
        resources: vec![data.clone()],
    };
    let mut poor = trail("trueup");
    poor.selectors = Some(Readable::Read(Selectors::Basic(vec![selector.clone()])));
    let judged = judged(&own(vec![poor]), &wanted(&json!({})));
    let [step @ Step::PutEventSelectors(put)] = steps(&judged[0]) else { panic!("one step") };
    assert_eq!(put.selectors, Selectors::Basic(vec![BasicSelector { management: true, ..selector }]));
    assert!(step.cost().is_some());
}

#[test]
fn a_trail_of_somebody_else_is_left_alone_and_one_of_ours_is_made_beside_it() {
    let judged = judged(&own(vec![without_validation("theirs")]), &wanted(&json!({})));
    assert_eq!(judged[0].object.name, "theirs");
    assert_eq!(drifted(&judged[0]), ["log_file_validation"]);
    let finding = judged[0].findings.iter().find(|one| one.verdict == Verdict::Drifted).expect("it drifted");
    assert_eq!(finding.reason.as_deref(), Some("this trail is left alone; trueup is to cover the account"));
    assert_eq!(drift(&judged[0]).object.name, "trueup");
    assert!(drift(&judged[0]).absent);
    let [create @ Step::CreateTrail(_), Step::StartLogging(_)] = steps(&judged[0]) else { panic!("two steps") };
    assert!(create.cost().is_some(), "a second copy of management events bills");
}

#[test]
fn a_trail_of_somebody_else_is_mended_where_the_baseline_says_so() {
    let seen = own(vec![without_validation("theirs")]);
    let judged = judged(&seen, &wanted(&json!({ "existing": "mend" })));
    assert_eq!(drift(&judged[0]).object.name, "theirs");
    assert_eq!(kinds(steps(&judged[0])), ["update_trail"]);
    assert!(judged[0].findings.iter().all(|finding| finding.reason.is_none()));
}

#[test]
fn a_trail_of_data_events_alone_is_left_even_where_others_are_mended() {
    let mut data = trail("data");
    data.selectors = Some(Readable::Read(Selectors::Advanced(vec![])));
    let judged = judged(&own(vec![data]), &wanted(&json!({ "existing": "mend" })));
    assert_eq!(drift(&judged[0]).object.name, "trueup");
}

#[test]
fn a_trail_that_bears_our_tag_is_mended_whatever_its_name() {
    let mut ours = without_validation("former-name");
    ours.signs = Some(our_signs());
    let judged = judged(&own(vec![without_validation("theirs"), ours]), &wanted(&json!({})));
    assert_eq!(drift(&judged[0]).object.name, "former-name");
}

#[test]
fn tags_that_could_not_be_read_do_not_make_a_second_trail() {
    let mut unknown = without_validation("theirs");
    unknown.signs = Some(Readable::Unreadable(denied("cloudtrail:ListTags", HERE)));
    let judged = judged(&own(vec![unknown]), &wanted(&json!({})));
    let tags = [("tags of trails", "cloudtrail.trail.log_file_validation", "cloudtrail:ListTags")];
    assert_eq!(unread(&judged), tags);
    let [trail] = &changes(&judged)[..] else { panic!("one change: {:?}", changes(&judged)) };
    assert!(trail.blocked.as_ref().is_some_and(|why| why.contains("cloudtrail:ListTags")), "{trail:?}");
    assert_eq!(trail.steps, []);
}

#[test]
fn events_that_could_not_be_read_do_not_make_a_second_trail_where_others_are_mended() {
    let mut unknown = without_validation("theirs");
    unknown.selectors = Some(Readable::Unreadable(denied("cloudtrail:GetEventSelectors", HERE)));
    let seen = own(vec![unknown]);
    let only = |existing: &str| {
        let asked = json!({ "existing": existing, "log_file_validation": true });
        judged(&seen, &serde_json::from_value(asked).expect("settings"))
    };
    let mended = only("mend");
    let events = [("events of trails", "cloudtrail.trail.log_file_validation", "cloudtrail:GetEventSelectors")];
    assert_eq!(unread(&mended), events);
    let [trail] = &changes(&mended)[..] else { panic!("one change: {:?}", changes(&mended)) };
    assert!(trail.blocked.as_ref().is_some_and(|why| why.contains("cloudtrail:GetEventSelectors")), "{trail:?}");
    assert_eq!(trail.steps, []);
    assert_eq!(drift(&only("leave")[0]).object.name, "trueup", "one of ours is made whatever theirs logs");
}

/// A trail of one region without a key, where the wanted key could not be read.
fn without_a_key() -> Coverage {
    let mut poor = trail("trueup");
    (facts(&mut poor).multi_region, facts(&mut poor).kms_key) = (false, None);
    let mut seen = own(vec![poor]);
    seen.making.key = Some(Readable::Unreadable(denied("kms:DescribeKey", HERE)));
    seen
}

#[test]
fn a_key_that_could_not_be_read_keeps_back_what_depends_on_it_and_nothing_else() {
    let judged = judged(&without_a_key(), &wanted(&json!({})));
    assert_eq!(drifted(&judged[0]), ["multi_region", "kms"]);
    assert_eq!(unread(&judged), [("alias/trueup-trail", "cloudtrail.trail.kms", "kms:DescribeKey")]);
    let [trail] = &changes(&judged)[..] else { panic!("one change: {:?}", changes(&judged)) };
    assert!(trail.can_be_applied(), "{trail:?}");
    assert_eq!(
        (differences(drift(&judged[0])), kinds(&trail.steps)),
        (vec!["multi_region"], vec!["update_trail".into()])
    );
}

#[test]
fn a_trail_that_lacks_only_a_key_that_could_not_be_read_is_blocked() {
    let mut seen = without_a_key();
    facts(&mut seen.own[0]).multi_region = true;
    let judged = judged(&seen, &wanted(&json!({})));
    let [trail] = &changes(&judged)[..] else { panic!("one change: {:?}", changes(&judged)) };
    let why = trail.blocked.as_ref().expect("blocked");
    assert!(why.contains("kms.key alias/trueup-trail, which could not be read: kms:DescribeKey"), "{why}");
    assert_eq!((&trail.steps[..], &trail.manual), (&[][..], &None));
}

#[test]
fn what_was_planned_and_is_left_now_names_the_person_or_the_key() {
    let left = |seen: &Coverage, planned: &str| {
        let judged = judged(seen, &wanted(&json!({})));
        let requirement = format!("cloudtrail.trail.{planned}");
        let planned = [Difference { requirement, observed: json!(null), wanted: json!(true) }];
        let drift = drift(&judged[0]);
        let needs: Vec<_> = drift.needs(&planned).map(|object| object.name.clone()).collect();
        (needs, drift.left_to_a_person(&planned).map(str::to_owned))
    };
    assert_eq!(left(&without_a_key(), "kms"), (vec!["alias/trueup-trail".to_owned()], None));
    assert_eq!(left(&without_a_key(), "multi_region"), (vec![], None));
    let mut disabled = without_a_key();
    let off = KeyState { enabled: false, state: "Disabled".to_owned(), ..key() };
    disabled.making.key = Some(Readable::Read(Some(off)));
    let (needs, words) = left(&disabled, "kms");
    assert!(needs.is_empty() && words.is_some_and(|words| words.contains("enable it")));
    assert_eq!(left(&disabled, "multi_region"), (vec![], None));
}

#[test]
fn a_trail_of_control_tower_is_never_touched() {
    let mut towers = without_validation("aws-controltower-BaselineCloudTrail");
    towers.signs = Some(our_signs());
    let judged = judged(&own(vec![towers.clone()]), &wanted(&json!({ "existing": "mend" })));
    assert!(steps(&judged[0]).iter().all(|step| !step.says().contains("aws-controltower")));
    let by_name = wanted(&json!({ "name": "aws-controltower-BaselineCloudTrail" }));
    assert_eq!(owned_by_control_tower(&towers, &by_name), ["log_file_validation"]);
}

/// What is not in force of a trail of Control Tower's that the baseline names; nothing is to be done about it here.
fn owned_by_control_tower(trail: &Trail, wanted: &Settings) -> Vec<&'static str> {
    let judged = judged(&own(vec![trail.clone()]), wanted);
    assert_eq!((judged.len(), &judged[0].drift, &judged[0].object.name), (1, &None, &trail.listed.name));
    let owned = |verdict: &Verdict, force: bool| match verdict {
        Verdict::OwnedElsewhere { owner, mend, in_force } => {
            assert!(owner.starts_with("Control Tower (by ") && mend.contains("landing zone"), "{owner}: {mend}");
            *in_force == force
        }
        _ => false,
    };
    let in_force = crate::controls::made::named::<Control>(&judged[0], |verdict| owned(verdict, true));
    assert_eq!(in_force.len(), 4);
    crate::controls::made::named::<Control>(&judged[0], |verdict| owned(verdict, false))
}

#[test]
fn a_trail_of_a_stack_set_of_control_tower_is_its_own_whatever_its_name() {
    let mut stacked = without_validation("baseline");
    let stack = |name: &str| Some(Readable::Read(Signs::of([("aws:cloudformation:stack-name", name)])));
    stacked.signs = stack("StackSet-AWSControlTowerBP-BASELINE-CLOUDTRAIL-1a2b");
    let by_name = wanted(&json!({ "name": "baseline" }));
    assert_eq!(owned_by_control_tower(&stacked, &by_name), ["log_file_validation"]);
    let mend = wanted(&json!({ "existing": "mend" }));
    assert_eq!(kinds(steps(&judged(&own(vec![stacked.clone()]), &mend)[0])), ["create_trail", "start_logging"]);
    // Another stack is somebody's like any other.
    stacked.signs = stack("StackSet-acme-logging-1a2b");
    for settings in [by_name, mend] {
        assert_eq!(kinds(steps(&judged(&own(vec![stacked.clone()]), &settings)[0])), ["update_trail"]);
    }
}

#[test]
fn a_trail_of_somebody_whose_tags_could_not_be_read_may_be_control_towers_and_is_left_alone() {
    let mut unknown = without_validation("theirs");
    unknown.signs = Some(Readable::Unreadable(denied("cloudtrail:ListTags", HERE)));
    let seen = judged(&own(vec![unknown.clone()]), &wanted(&json!({ "existing": "mend" })));
    assert!(unread(&seen).iter().any(|(_, _, action)| *action == "cloudtrail:ListTags"), "{:?}", unread(&seen));
    assert!(steps(&seen[0]).is_empty(), "{:?}", seen[0].drift);
    let named = judged(&own(vec![unknown]), &wanted(&json!({ "name": "theirs" })));
    assert_eq!(kinds(steps(&named[0])), ["update_trail"], "the baseline means this one");
}

#[test]
fn files_that_do_not_arrive_are_not_promised_by_a_change_of_something_else() {
    let mut poor = without_validation("trueup");
    poor.status = Some(status(true, Some("AccessDenied")));
    let judged = judged(&own(vec![poor]), &wanted(&json!({})));
    assert_eq!(drifted(&judged[0]), ["logging", "log_file_validation"]);
    assert_eq!(differences(drift(&judged[0])), ["log_file_validation"]);
    assert_eq!(kinds(steps(&judged[0])), ["update_trail"]);
}

#[test]
fn a_key_that_keeps_cloudtrail_out_gets_statements_and_the_trail_waits_for_it() {
    let mut poor = trail("trueup");
    facts(&mut poor).kms_key = None;
    let mut seen = own(vec![poor]);
    seen.making.key = Some(Readable::Read(Some(key())));
    let root = r#"{"Statement":[{"Sid":"root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}"#;
    seen.making.key_policy = Some(Readable::Read(root.to_owned()));
    let judged_now = judged(&seen, &wanted(&json!({})));
    let changes = changes(&judged_now);
    assert_eq!(changes.iter().map(|change| change.kind.as_str()).collect::<Vec<_>>(), ["kms.key", "cloudtrail.trail"]);
    assert_eq!(changes[1].depends_on, [changes[0].id.clone()]);
    let [Step::PutKeyPolicy(put)] = changes[0].steps.as_slice() else { panic!("one step") };
    let document = crate::steps::document::Document::parse(Some(root)).expect("a document");
    let merged = document.clone().with(&put.statements);
    assert!(merged.to_string().contains(r#""Sid":"root""#));
    seen.making.key_policy = Some(Readable::Read(merged.to_string()));
    assert_eq!(judged(&seen, &wanted(&json!({}))).len(), 1, "the key is as it has to be");
}

#[test]
fn a_bucket_that_encrypts_by_a_key_of_its_own_makes_the_key_allow_decryption() {
    let mut poor = trail("trueup");
    facts(&mut poor).kms_key = None;
    let mut seen = own(vec![poor]);
    seen.making.key = Some(Readable::Read(Some(key())));
    seen.making.key_policy = Some(Readable::Read(r#"{"Statement":[]}"#.to_owned()));
    for (bucket_key, actions) in [
        (false, vec!["kms:GenerateDataKey*", "kms:DescribeKey"]),
        (true, vec!["kms:GenerateDataKey*", "kms:DescribeKey", "kms:Decrypt"]),
    ] {
        seen.making.bucket = Some(Readable::Read(Bucket::Own(BucketSettings { bucket_key, ..young_bucket() })));
        let changes = changes(&judged(&seen, &wanted(&json!({}))));
        let [Step::PutKeyPolicy(put)] = changes[0].steps.as_slice() else { panic!("one step") };
        let asked: Vec<_> = put.statements.iter().map(|one| one["Action"].as_str().expect("one action")).collect();
        assert_eq!(asked, actions);
    }
}

#[test]
fn a_key_that_cannot_be_made_is_left_to_a_person() {
    let mut poor = trail("trueup");
    facts(&mut poor).kms_key = None;
    let judged = judged(&own(vec![poor]), &wanted(&json!({ "kms_key": OTHER_KEY })));
    assert!(manual(&judged[0]).contains("name an alias"), "{}", manual(&judged[0]));
}

#[test]
fn the_key_of_a_trail_lives_where_its_bucket_does() {
    let mut poor = trail("trueup");
    facts(&mut poor).kms_key = None;
    let mut seen = own(vec![poor]);
    seen.making.key_region = Some(region("us-east-1"));
    let judged = judged(&seen, &wanted(&json!({})));
    let [Step::UpdateTrail(update)] = steps(&judged[0]) else { panic!("one update") };
    assert_eq!(update.region, region("eu-west-1"));
    assert_eq!(update.kms_key.as_ref().expect("a key").region, region("us-east-1"));
    let made = &judged[1];
    assert_eq!((made.object.kind.as_str(), made.object.at.region.clone()), ("kms.key", Some(region("us-east-1"))));
    let Step::CreateKey(create) = &steps(made)[0] else { panic!("the key") };
    assert_eq!(create.region, region("us-east-1"));
    let source = &create.policy["Statement"][1]["Condition"]["StringEquals"]["aws:SourceArn"];
    assert_eq!(source, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trueup", "the trail stays where it is");
}

#[test]
fn a_key_that_is_about_to_be_deleted_is_brought_back_by_a_person() {
    let mut poor = trail("trueup");
    poor.wanted_key =
        Some(Readable::Read(Some(KeyState { enabled: false, state: "PendingDeletion".to_owned(), ..key() })));
    let judged = judged(&own(vec![poor]), &wanted(&json!({})));
    assert_eq!(drifted(&judged[0]), ["kms"]);
    assert!(manual(&judged[0]).contains("cancel its deletion and enable it"), "{}", manual(&judged[0]));
}

#[test]
fn a_trail_does_not_become_one_of_every_region_where_one_of_them_is_full() {
    let single = |name: &str, home: &str| {
        let mut trail = trail(name);
        trail.listed.home_region = region(home);
        facts(&mut trail).multi_region = false;
        trail
    };
    let abroad: Vec<Trail> = (0..5).map(|n| single(&format!("t{n}"), "us-east-1")).collect();
    let mut poor = single("trueup", "eu-west-1");
    facts(&mut poor).validation = false;
    let judged = judged(&own([vec![poor], abroad].concat()), &wanted(&json!({ "existing": "leave" })));
    let named = judged.iter().find(|judged| drift(judged).object.name == "trueup").expect("the named one");
    assert_eq!(differences(drift(named)), ["log_file_validation"], "the rest is mended all the same");
    assert_eq!(kinds(steps(named)), ["update_trail"]);
}
