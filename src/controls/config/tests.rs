//! What the control says of hand-made regions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Recorder;
use super::settings::Settings;
use crate::assessment::Verdict;
use crate::control::{Accepted, Control as _};
use crate::controls::made::{HERE, account_in_region, denied, drift, exempt, id, judged_at, named, region};
use crate::drift::{Fix, Judged, Why};
use crate::observe::config::{
    Channel, Frequency, GLOBAL_TYPES, Override, Recorder as Seen, Recording, Snapshots, Status, Types,
};
use crate::observe::s3::{Bucket, BucketSettings};
use crate::observe::{Home, Readable, Tagged};
use crate::steps::Step;
use crate::target::Target;

const ROLE: &str = "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
const ARN: &str = "arn:aws:config:eu-west-1:111122223333:configuration-recorder/main/abc";
const BUCKET: &str = "trueup-config-111122223333-eu-west-1";
const ALL: &str = r#"{"recording": true, "all_types": true, "global_types": true, "role": true, "frequency": "DAILY",
    "delivery": {"snapshots": "Six_Hours"}, "delivered": true, "retention": 400}"#;

fn settings(asked: &str) -> Settings {
    serde_json::from_str(asked).expect("settings")
}

fn set(types: &[&str]) -> BTreeSet<String> {
    types.iter().map(|kind| (*kind).to_owned()).collect()
}

fn recorder() -> Seen {
    let (name, role) = ("main".to_owned(), ROLE.to_owned());
    Seen { name, role, types: Types::All { global: true }, frequency: Frequency::Continuous, overrides: vec![] }
}

fn channel() -> Channel {
    Channel {
        name: "main".to_owned(),
        bucket: "somebodys".to_owned(),
        prefix: None,
        kms_key: None,
        sns_topic: None,
        snapshots: Some(Snapshots::Hourly),
    }
}

fn status(recording: bool, last: Option<&str>) -> Status {
    Status { recording, last: last.map(str::to_owned), error: None }
}

/// A region in which everything is as wanted.
fn whole() -> Recording {
    Recording {
        recorder: Some(recorder()),
        arn: Some(ARN.to_owned()),
        status: Some(status(true, Some("SUCCESS"))),
        channel: Some(channel()),
        failure: Some(Readable::Read(None)),
        retention: Some(Readable::Read(None)),
        role: None,
        bucket: None,
    }
}

/// A region in which there is nothing at all.
fn nothing() -> Recording {
    Recording {
        retention: Some(Readable::Read(None)),
        role: Some(Readable::Read(false)),
        bucket: Some(Readable::Read(Bucket::Absent)),
        ..Recording::default()
    }
}

fn all(seen: &Recording, asked: &str, accepted: &[Accepted], at: Target) -> Vec<Judged> {
    judged_at::<Recorder>(at, seen, &settings(asked), accepted)
}

fn judged(seen: &Recording, asked: &str) -> Judged {
    all(seen, asked, &[], account_in_region(HERE)).remove(0)
}

fn drifted(judged: &Judged) -> Vec<&'static str> {
    named::<Recorder>(judged, |verdict| *verdict == Verdict::Drifted)
}

fn steps(judged: &Judged) -> Vec<String> {
    let Fix::Steps { steps, .. } = &drift(judged).fix else { panic!("no steps: {:?}", drift(judged).fix) };
    steps.iter().map(Step::says).collect()
}

/// The recorder that is put.
fn put(judged: &Judged) -> Seen {
    let Fix::Steps { steps, .. } = &drift(judged).fix else { panic!("no steps") };
    let put = steps.iter().find_map(|step| match step {
        Step::PutConfigurationRecorder(put) => Some(put.recorder.clone()),
        _ => None,
    });
    put.expect("a recorder is put")
}

fn with_types(types: Types) -> Recording {
    Recording { recorder: Some(Seen { types, ..recorder() }), ..whole() }
}

#[test]
fn a_region_that_has_everything_complies_and_what_is_stricter_is_no_drift() {
    let judged = judged(&whole(), ALL);
    assert_eq!(named::<Recorder>(&judged, |verdict| *verdict == Verdict::Compliant).len(), 8);
    assert_eq!(judged.drift, None);
}

#[test]
fn a_region_without_a_recorder_gets_role_bucket_recorder_channel_and_start_in_this_order() {
    let all = all(&nothing(), ALL, &[], account_in_region(HERE));
    assert_eq!(all.len(), 3);
    assert_eq!(
        steps(&all[0]),
        [
            "PutConfigurationRecorder default: all types, those of IAM too, DAILY",
            &*format!("PutDeliveryChannel default into {BUCKET}, snapshots Six_Hours"),
            "StartConfigurationRecorder default",
        ]
    );
    let Fix::Steps { needs, steps } = &drift(&all[0]).fix else { panic!("steps") };
    let addresses: Vec<String> = needs.iter().map(crate::target::Object::address).collect();
    let bucket = format!("111122223333/eu-west-1/s3.bucket/{BUCKET}");
    assert_eq!(addresses, ["111122223333/global/iam.role/AWSServiceRoleForConfig".to_owned(), bucket]);
    assert!(steps[0].cost().is_some() && steps[1].cost().is_none() && steps[2].cost().is_some());
    assert!(!steps[2].settles().is_zero());
    assert_eq!(self::steps(&all[1]), ["CreateServiceLinkedRole AWSServiceRoleForConfig for config.amazonaws.com"]);
    assert!(self::steps(&all[2])[0].starts_with("CreateBucket"));
}

#[test]
fn outside_the_home_region_a_new_recorder_leaves_out_what_is_of_no_region() {
    let abroad = Target { account: id(HERE), region: Some(region("us-west-2")) };
    let judged = all(&nothing(), ALL, &[], abroad).remove(0);
    assert_eq!(put(&judged).types, Types::All { global: false });
    assert_eq!(named::<Recorder>(&judged, |verdict| matches!(verdict, Verdict::NotApplicable(_))), ["global_types"]);
}

#[test]
fn a_recorder_that_is_off_is_started_and_one_that_is_pending_is_waited_for() {
    let off = Recording { status: Some(status(false, None)), ..whole() };
    let judged_off = judged(&off, ALL);
    assert_eq!(
        (drifted(&judged_off), steps(&judged_off)),
        (vec!["recording"], vec!["StartConfigurationRecorder main".to_owned()])
    );
    let pending = Recording { status: Some(status(true, Some("PENDING"))), ..whole() };
    let judged = judged(&pending, ALL);
    assert_eq!(named::<Recorder>(&judged, |verdict| matches!(verdict, Verdict::Pending(_))), ["recording"]);
    assert_eq!(judged.drift, None);
}

#[test]
fn a_recorder_that_fails_is_left_to_a_person_with_what_aws_says() {
    let status =
        Status { recording: true, last: Some("FAILURE".to_owned()), error: Some("AccessDenied: no".to_owned()) };
    let judged = judged(&Recording { status: Some(status), ..whole() }, ALL);
    let left = &drift(&judged).left;
    assert!(matches!(&left[0].why, Why::Manual(words) if words.contains("AccessDenied: no")), "{left:?}");
    assert!(steps(&judged).is_empty());
}

#[test]
fn a_recorder_that_is_on_records_only_where_aws_says_so() {
    for last in [None, Some("NOTAPPLICABLE"), Some("STALLED")] {
        let judged = judged(&Recording { status: Some(status(true, last)), ..whole() }, ALL);
        assert_eq!(drifted(&judged), ["recording"], "{last:?}");
        let left = &drift(&judged).left;
        assert!(matches!(&left[0].why, Why::Manual(words) if words.contains("AWS ")), "{left:?}");
        assert!(steps(&judged).is_empty());
    }
    let linked = r#"{"recording": true, "linked_to": "securityhub.amazonaws.com"}"#;
    for (last, in_force) in [("SUCCESS", true), ("NOTAPPLICABLE", true), ("PENDING", true), ("FAILURE", false)] {
        let judged = judged(&Recording { status: Some(status(true, Some(last))), ..whole() }, linked);
        let verdict = &judged.findings[0].verdict;
        let found = matches!(verdict, Verdict::OwnedElsewhere { in_force: found, .. } if *found == in_force);
        assert!(found, "{last}: {verdict:?}");
    }
}

#[test]
fn types_that_may_be_left_out_stay_so_and_others_are_recorded_again() {
    let asked = r#"{"all_types": true, "excluded_types": ["AWS::EC2::Subnet"]}"#;
    let may = with_types(Types::AllBut(set(&["AWS::EC2::Subnet"])));
    assert_eq!(judged(&may, asked).drift, None);
    let more = with_types(Types::AllBut(set(&["AWS::EC2::Subnet", "AWS::S3::Bucket"])));
    assert_eq!(put(&judged(&more, asked)).types, Types::AllBut(set(&["AWS::EC2::Subnet"])));
    assert_eq!(put(&judged(&more, r#"{"all_types": true}"#)).types, Types::All { global: true });
    let some = with_types(Types::Only(set(&["AWS::S3::Bucket"])));
    assert_eq!(put(&judged(&some, asked)).types, Types::All { global: false });
}

#[test]
fn the_types_of_iam_are_recorded_at_home_by_whatever_strategy_and_are_kept_elsewhere() {
    let asked = r#"{"global_types": true}"#;
    assert_eq!(put(&judged(&with_types(Types::All { global: false }), asked)).types, Types::All { global: true });
    let excluded: Vec<&str> = GLOBAL_TYPES.into_iter().chain(["AWS::EC2::Subnet"]).collect();
    let without = with_types(Types::AllBut(set(&excluded)));
    assert_eq!(put(&judged(&without, asked)).types, Types::AllBut(set(&["AWS::EC2::Subnet"])));
    let only = put(&judged(&with_types(Types::Only(set(&["AWS::S3::Bucket"]))), asked)).types;
    assert!(matches!(only, Types::Only(types) if types.len() == 5));
    let abroad = || Target { account: id(HERE), region: Some(region("us-west-2")) };
    // A change of something else keeps them.
    let off = with_types(Types::All { global: true });
    let role = all(&off, r#"{"frequency": "CONTINUOUS"}"#, &[], abroad()).remove(0);
    assert_eq!(role.drift, None);
}

#[test]
fn the_types_of_iam_are_left_out_by_a_person_where_they_are_recorded_outside_the_home_region() {
    let asked = r#"{"recording": true, "global_types": true}"#;
    let at = |place: &str| Target { account: id(HERE), region: Some(region(place)) };
    let all_but = |types: &[&str]| Types::AllBut(set(types));
    let of = |types: Types, place: &str| all(&with_types(types), asked, &[], at(place)).remove(0);
    let some = [Types::All { global: true }, all_but(&GLOBAL_TYPES[..3]), Types::Only(set(&GLOBAL_TYPES[..1]))];
    for (types, recorded) in some.into_iter().zip([&GLOBAL_TYPES[..], &GLOBAL_TYPES[3..], &GLOBAL_TYPES[..1]]) {
        let judged = of(types, "us-west-2");
        assert_eq!(drifted(&judged), ["global_types"]);
        assert_eq!(judged.findings[1].observed, json!(recorded));
        let left = &drift(&judged).left;
        assert!(matches!(&left[0].why, Why::Manual(words) if words.contains(recorded[0])), "{left:?}");
        assert!(steps(&judged).is_empty());
    }
    for types in [Types::All { global: false }, all_but(&GLOBAL_TYPES), Types::Only(set(&["AWS::S3::Bucket"]))] {
        assert_eq!(of(types, "us-west-2").drift, None);
    }
    // AWS Config records nothing of IAM there, though a recorder that leaves out nothing seems to.
    for types in [Types::All { global: true }, all_but(&["AWS::S3::Bucket"])] {
        assert_eq!(of(types, "eu-south-2").drift, None);
    }
}

#[test]
fn another_role_and_a_lower_frequency_are_mended_and_the_rest_of_the_recorder_stays() {
    let role = "arn:aws:iam::111122223333:role/config".to_owned();
    let often = |frequency| Override { description: None, types: set(&["AWS::S3::Bucket"]), frequency };
    let seen = Seen {
        role,
        frequency: Frequency::Daily,
        overrides: vec![often(Frequency::Daily), often(Frequency::Continuous)],
        ..recorder()
    };
    let region = Recording { recorder: Some(seen.clone()), role: Some(Readable::Read(true)), ..whole() };
    let asked = r#"{"role": true, "frequency": "CONTINUOUS"}"#;
    let judged = judged(&region, asked);
    assert_eq!(drifted(&judged), ["role", "frequency"]);
    let wanted = Seen {
        role: ROLE.to_owned(),
        frequency: Frequency::Continuous,
        overrides: vec![often(Frequency::Continuous)],
        ..seen
    };
    assert_eq!(put(&judged), wanted);
    let cheap = self::judged(
        &Recording {
            recorder: Some(Seen { role: "arn".to_owned(), ..recorder() }),
            role: Some(Readable::Read(true)),
            ..whole()
        },
        r#"{"role": true}"#,
    );
    let Fix::Steps { steps, .. } = &drift(&cheap).fix else { panic!("steps") };
    assert_eq!(steps[0].cost(), None, "another role records nothing more");
}

#[test]
fn what_is_not_named_of_a_channel_stays_and_its_name_too() {
    let asked = r#"{"delivery": {"bucket": "central", "prefix": "config"}}"#;
    let seen = Recording { bucket: Some(Readable::Read(Bucket::Closed)), ..whole() };
    let judged = judged(&seen, asked);
    let Fix::Steps { steps, needs } = &drift(&judged).fix else { panic!("steps") };
    let [Step::PutDeliveryChannel(put)] = steps.as_slice() else { panic!("one step: {steps:?}") };
    assert_eq!(put.channel, Channel { bucket: "central".to_owned(), prefix: Some("config".to_owned()), ..channel() });
    assert_eq!(needs, &[], "what another account's bucket lets in is for AWS to say");
}

fn own_bucket(policy: Option<Value>) -> Readable<Bucket> {
    Readable::Read(Bucket::Own(BucketSettings {
        blocks_public_access: true,
        encrypts: true,
        bucket_key: false,
        keeps_versions: Readable::Read(true),
        mfa_delete: false,
        policy: policy.map(|policy| policy.to_string()),
        tags: vec![],
    }))
}

#[test]
fn deliveries_that_fail_are_mended_by_the_bucket_where_that_is_what_is_wrong() {
    let failing = |bucket| Recording {
        channel: Some(Channel { bucket: BUCKET.to_owned(), ..channel() }),
        failure: Some(Readable::Read(Some("AccessDenied".to_owned()))),
        bucket: Some(bucket),
        ..whole()
    };
    let shut = all(&failing(own_bucket(None)), ALL, &[], account_in_region(HERE));
    assert!(matches!(&drift(&shut[0]).fix, Fix::Through { object, .. } if object.name == BUCKET));
    let said = &steps(&shut[1])[1];
    assert!(said.contains("AWSConfigBucketDelivery, DenyInsecureTransport"), "{said}");
    let elsewhere = judged(&failing(Readable::Read(Bucket::Closed)), ALL);
    assert!(matches!(&drift(&elsewhere).left[0].why, Why::Manual(words) if words.contains("AccessDenied")));
}

#[test]
fn the_bucket_lets_in_config_of_this_account_alone_and_a_refusal_is_left_to_a_person() {
    let deny = json!({"Statement": [{"Sid": "no", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "*"}]});
    let seen = Recording { bucket: Some(own_bucket(Some(deny))), ..nothing() };
    let stuck = all(&seen, ALL, &[], account_in_region(HERE));
    let words =
        "statement no in the policy of the bucket trueup-config-111122223333-eu-west-1 denies AWS Config s3:PutObject";
    assert!(matches!(&drift(&stuck[2]).fix, Fix::Manual(said) if said.starts_with(words)), "{:?}", stuck[2]);
    let made = all(&nothing(), ALL, &[], account_in_region(HERE));
    let Fix::Steps { steps, .. } = &drift(&made[2]).fix else { panic!("steps") };
    let statements = steps.iter().find_map(|step| match step {
        Step::PutBucketPolicy(put) => Some(json!(put.statements)),
        _ => None,
    });
    let statements = statements.expect("a policy is put");
    assert_eq!(statements[2]["Resource"], json!(format!("arn:aws:s3:::{BUCKET}/AWSLogs/111122223333/Config/*")));
    assert_eq!(statements[2]["Condition"]["StringEquals"]["aws:SourceAccount"], HERE);
    let kept = r#"{"recording": true, "delivery": {}, "log_account": "111122223333"}"#;
    let archive = all(&nothing(), kept, &[], account_in_region(HERE));
    let Fix::Steps { steps, .. } = &drift(&archive[2]).fix else { panic!("steps") };
    let policy = json!(steps).to_string();
    assert!(policy.contains("aws:SourceOrgID") && policy.contains("AWSLogs/*/Config/*"), "{policy}");
}

#[test]
fn a_shorter_retention_is_drift_and_none_is_the_longest() {
    let asked = r#"{"retention": 400}"#;
    for days in [None, Some(400), Some(2557)] {
        let seen = Recording { retention: Some(Readable::Read(days)), ..whole() };
        assert_eq!(judged(&seen, asked).drift, None);
    }
    let short = Recording { retention: Some(Readable::Read(Some(90))), ..whole() };
    assert_eq!(steps(&judged(&short, asked)), ["PutRetentionConfiguration: 400 days"]);
}

#[test]
fn a_recorder_of_control_tower_is_owned_elsewhere_and_never_written() {
    let name = "aws-controltower-BaselineConfigRecorder".to_owned();
    let off = Recording { recorder: Some(Seen { name, ..recorder() }), status: Some(status(false, None)), ..whole() };
    let judged = judged(&off, ALL);
    assert_eq!(judged.drift, None);
    let Verdict::OwnedElsewhere { owner, in_force, .. } = &judged.findings[0].verdict else { panic!("owned") };
    assert!(owner.starts_with("Control Tower (by the name aws-controltower") && !in_force, "{owner}");
}

#[test]
fn without_being_asked_for_no_recorder_is_made() {
    let judged = judged(&nothing(), r#"{"all_types": true, "delivery": {}}"#);
    assert!(steps(&judged).is_empty());
    assert_eq!(drift(&judged).left.len(), 2);
}

#[test]
fn what_is_exempt_stays_as_it_is_beside_what_drifted() {
    let seen = Recording { status: Some(status(false, None)), ..with_types(Types::AllBut(set(&["AWS::S3::Bucket"]))) };
    let accepted = [exempt("config.recorder.all_types")];
    let judged = all(&seen, ALL, &accepted, account_in_region(HERE)).remove(0);
    assert_eq!((drifted(&judged), steps(&judged).len()), (vec!["recording"], 1));
}

#[test]
fn what_could_not_be_read_is_unreadable_beside_what_could() {
    let error = denied("config:DescribeRetentionConfigurations", account_in_region(HERE));
    let seen = Recording {
        retention: Some(Readable::Unreadable(error.clone())),
        failure: Some(Readable::Unreadable(error)),
        ..whole()
    };
    let judged = judged(&seen, ALL);
    assert_eq!(
        named::<Recorder>(&judged, |verdict| matches!(verdict, Verdict::Unreadable(_))),
        ["delivered", "retention"]
    );
    assert_eq!(judged.drift, None);
}

#[test]
fn settings_that_make_no_sense_together_are_refused() {
    for (asked, setting) in [
        (r#"{"excluded_types": ["AWS::EC2::Subnet"]}"#, "excluded_types"),
        (r#"{"recording": true, "log_account": "111122223333"}"#, "log_account"),
        (r#"{"linked_to": "securityhub.amazonaws.com", "recording": true, "retention": 30}"#, "linked_to"),
    ] {
        assert_eq!(Recorder::contradiction(&settings(asked)).map(|wrong| wrong.setting), Some(setting), "{asked}");
    }
    assert!(Recorder::contradiction(&settings(ALL)).is_none());
}

#[test]
fn who_asks_for_less_needs_less() {
    let needs = |asked: &str, home| Recorder::needs(&settings(asked), home);
    assert_eq!(needs(r#"{"retention": 30}"#, Home::Member).steps, ["PutRetentionConfiguration"]);
    assert_eq!(needs(r#"{"linked_to": "a.amazonaws.com", "recording": true}"#, Home::Member).steps, [""; 0]);
    let kept = r#"{"recording": true, "delivery": {}, "log_account": "111122223333"}"#;
    assert!(!needs(kept, Home::Member).steps.contains(&"CreateBucket"));
    assert!(needs(kept, Home::LogArchive).steps.contains(&"CreateBucket"));
}

#[test]
fn a_recorder_of_the_account_is_asked_for_its_tags_where_it_falls_short() {
    let off = Recording { status: Some(status(false, None)), ..whole() };
    assert_eq!(judged(&off, ALL).bears, Some((Tagged::Recorder, ARN.to_owned())));
    for fine in [whole(), nothing(), Recording { arn: None, ..off }] {
        assert_eq!(judged(&fine, ALL).bears, None);
    }
}
