//! What `cloudtrail.trail` says of an account, without AWS.

mod archive;
mod events;
mod insights;
mod logs;
mod making;
mod mending;
mod organization;
mod verdicts;

use serde_json::{Value, json};

use super::Trail as Control;
use super::settings::Settings;
use crate::assessment::Verdict;
use crate::control::Accepted;
use crate::controls::made::{HERE, MANAGEMENT, account, drift, exempt, id, region, steps};
use crate::drift::{Drift, Fix, Judged};
use crate::observe::cloudtrail::{Coverage, Facts, Listed, Making, Status, Trail};
use crate::observe::kms::named::KeyState;
use crate::observe::s3::{Bucket, BucketSettings};
use crate::observe::{ReadError, Readable};
use crate::ownership::{MANAGED, Signs};
use crate::plan::{self, Change, Now};
use crate::steps::Step;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";
const OTHER_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/ffffffff-0a1b-0a1b-0a1b-0a1b2c3d4e5f";

/// When status was asked for, in seconds since 1970.
const NOW: i64 = 1_796_083_200;

fn denied(action: &str, of: &str) -> ReadError {
    crate::controls::made::denied(action, account(of))
}

/// Everything asked, with what `more` says besides.
fn wanted(more: &Value) -> Settings {
    let mut all = json!({
        "multi_region": true, "logging": true, "management_events": true,
        "log_file_validation": true, "kms_key": "alias/trueup-trail",
    });
    for (name, value) in more.as_object().expect("settings") {
        all[name] = value.clone();
    }
    serde_json::from_value(all).expect("settings")
}

fn key() -> KeyState {
    KeyState { arn: KEY.to_owned(), enabled: true, state: "Enabled".to_owned(), fit: true }
}

fn status(logging: bool, error: Option<&str>) -> Readable<Status> {
    let delivery_error = error.map(str::to_owned);
    Readable::Read(Status {
        logging,
        delivery_error,
        digest_error: None,
        said: NOW,
        started: Some(NOW - 90_000_000),
        logs_delivered: Some(NOW - 600),
        logs_error: None,
    })
}

/// A trail of this account that meets everything.
fn trail(name: &str) -> Trail {
    let facts = Facts {
        multi_region: true,
        organization: false,
        validation: true,
        custom_selectors: false,
        insights: false,
        kms_key: Some(KEY.to_owned()),
        bucket: "logs".to_owned(),
        prefix: None,
        log_group: None,
    };
    Trail {
        listed: Listed {
            arn: format!("arn:aws:cloudtrail:eu-west-1:{HERE}:trail/{name}"),
            name: name.to_owned(),
            home_region: region("eu-west-1"),
            facts: Ok(facts),
        },
        status: Some(status(true, None)),
        selectors: None,
        insights: None,
        wanted_key: Some(Readable::Read(Some(key()))),
        signs: Some(Readable::Read(Signs::default())),
    }
}

fn facts(trail: &mut Trail) -> &mut Facts {
    trail.listed.facts.as_mut().expect("it was read")
}

/// The tags of what trueup made.
fn our_signs() -> Readable<Signs> {
    Readable::Read(Signs::of([(MANAGED, "an address")]))
}

/// A trail that only this requirement keeps from meeting everything.
fn without_validation(name: &str) -> Trail {
    let mut trail = trail(name);
    facts(&mut trail).validation = false;
    trail
}

fn own(trails: Vec<Trail>) -> Coverage {
    Coverage { own: trails, making: nothing_made(), ..Coverage::default() }
}

fn nothing_made() -> Making {
    Making {
        key_region: None,
        key: Some(Readable::Read(None)),
        key_policy: None,
        bucket: Some(Readable::Read(Bucket::Absent)),
        trusted: Some(Readable::Read(false)),
        log_group: Some(Readable::Read(None)),
        log_role: Some(Readable::Read(None)),
    }
}

/// A bucket as AWS makes it.
fn young_bucket() -> BucketSettings {
    BucketSettings {
        blocks_public_access: true,
        encrypts: true,
        bucket_key: false,
        keeps_versions: Readable::Read(false),
        mfa_delete: false,
        policy: None,
        tags: vec![],
    }
}

fn judged_in(of: &str, seen: &Coverage, wanted: &Settings, accepted: &[Accepted]) -> Vec<Judged> {
    crate::controls::made::judged_at::<Control>(account(of), seen, wanted, accepted)
}

fn judged(seen: &Coverage, wanted: &Settings) -> Vec<Judged> {
    judged_in(HERE, seen, wanted, &[])
}

fn accepted(requirement: &str) -> Accepted {
    exempt(&format!("cloudtrail.trail.{requirement}"))
}

fn named(judged: &Judged, is: fn(&Verdict) -> bool) -> Vec<&'static str> {
    crate::controls::made::named::<Control>(judged, is)
}

fn drifted(judged: &Judged) -> Vec<&'static str> {
    named(judged, |verdict| *verdict == Verdict::Drifted)
}

fn differences(drift: &Drift) -> Vec<&str> {
    drift.differences.iter().map(|one| one.requirement.trim_start_matches("cloudtrail.trail.")).collect()
}

/// What could not be read: object, requirement, and what was asked.
fn unread(judged: &[Judged]) -> Vec<(&str, &str, &str)> {
    let unread = judged.iter().flat_map(|judged| judged.findings.iter().map(move |finding| (judged, finding)));
    let unread = unread.filter_map(|(judged, finding)| match &finding.verdict {
        Verdict::Unreadable(error) => Some((judged.object.name.as_str(), finding.requirement, error.action.as_str())),
        _ => None,
    });
    unread.collect()
}

fn manual(judged: &Judged) -> &str {
    match &drift(judged).fix {
        Fix::Manual(words) => words,
        other => panic!("not by hand: {other:?}"),
    }
}

/// The steps without what they say of their objects.
fn kinds(steps: &[Step]) -> Vec<String> {
    let kind = |step: &Step| serde_json::to_value(step).expect("plain data")["do"].as_str().expect("a kind").to_owned();
    steps.iter().map(kind).collect()
}

fn changes(judged: &[Judged]) -> Vec<Change> {
    let all: Vec<_> = judged.iter().map(|judged| (&super::trail::PAGE, judged.clone())).collect();
    plan::build(&all, None, &plan::Elsewhere::default()).expect("no conflict")
}

/// What apply does with the change to this kind of object when it sees `now`.
fn left(planned: &[Judged], now: &[Judged], kind: &str) -> Now {
    let change = changes(planned).into_iter().find(|change| change.kind == kind).expect("it is planned");
    let object = change.target();
    let drifts = now.iter().filter_map(|judged| judged.drift.as_ref());
    match drifts.into_iter().find(|drift| drift.object == object) {
        None => Now::Already,
        Some(Drift { differences, fix: Fix::Steps { steps, .. }, .. }) => change.against(differences, steps, false),
        Some(other) => panic!("no steps: {other:?}"),
    }
}
