//! The binary is killed at each write of an apply over several accounts, before moto hears of it and before its answer
//! comes back, and run again with the same plan: nothing is lost, nothing is made twice.

use std::process::Child;

use serde_json::{Value, json};

use crate::server::{Moto, text};
use crate::stand::{Stand, list};

/// No key is asked for: whether one was made is not known before minutes have passed. And no bucket is made: whether it has
/// versions cannot be read on moto, so that a later run leaves that alone.
const CONTROLS: &str = "\
controls:
  iam.password_policy: { minimum_length: 14, require_symbols: true }
  cloudtrail.trail: { scope: account, multi_region: true, logging: true, log_file_validation: true }
  guardduty.detector: { enabled: true, features: [S3_DATA_EVENTS] }
  account.contact:
    security: { name: Ada, title: CISO, email: ada@acme.example, phone: '+1 555 0100' }
";
const ONLY: [&str; 2] = ["--account", "bare,weak,last"];

fn planned() -> Stand {
    let stand = Stand::cast(&json!([
        { "name": "bare", "trail": "abroad_without_validation", "detector": "absent" },
        { "name": "weak", "password": "absent" },
        { "name": "last", "password": "only_length", "detector_abroad": "absent" },
    ]));
    stand.baseline(CONTROLS, "");
    stand.plan(&ONLY).ended(2);
    stand.moto.forget_calls();
    stand
}

/// Everything that was written, in an order that says nothing.
fn written(stand: &Stand) -> Vec<String> {
    let name = |id: &Value| {
        let account = stand.accounts().iter().find(|account| account["id"] == *id);
        text(&account.expect("it is one of them")["name"])
    };
    let bucket = |operation: &Value| {
        stand
            .accounts()
            .iter()
            .fold(text(operation), |said, account| said.replace(&text(&account["id"]), &text(&account["name"])))
    };
    let writes = stand.moto.writes();
    let mut said: Vec<String> = writes
        .iter()
        .map(|call| {
            format!("{} {} {} {}", name(&call["account"]), call["region"], call["service"], bucket(&call["operation"]))
        })
        .collect();
    said.sort();
    said
}

/// Whether a run was killed at its next write; not where it ended before.
fn killed(moto: &Moto, moment: &str, mut running: Child) -> bool {
    let ended = loop {
        if moto.holds() {
            break false;
        }
        if running.try_wait().expect("it is ours").is_some() {
            break true;
        }
        std::thread::yield_now();
    };
    // It may have ended already.
    let _ = running.kill();
    running.wait().expect("it is ours");
    assert!(!(ended && moto.holds()), "killed {moment} a write that nobody waits for");
    moto.hold("never");
    !ended
}

#[test]
fn killed_at_each_of_its_writes_an_apply_goes_on_and_ends_as_undisturbed() {
    let (undisturbed, end) = {
        let stand = planned();
        let applied = stand.apply().json(0);
        assert!(list(&applied, "outcomes").iter().all(|one| one["outcome"] == "verified"), "{applied:#}");
        (written(&stand), stand.settled())
    };
    assert!(undisturbed.len() >= 8, "{undisturbed:#?}");

    let stand = planned();
    let mut kills = 0;
    for moment in ["before", "after"].into_iter().cycle() {
        stand.moto.hold(moment);
        if !killed(&stand.moto, moment, stand.begin_to_apply()) {
            break;
        }
        kills += 1;
        assert!(kills <= 2 * undisturbed.len(), "it does not get further: {:#?}", written(&stand));
    }
    let mut all = written(&stand);
    let made = |all: &[String]| all.iter().filter(|call| call.contains("Create")).cloned().collect::<Vec<_>>();
    assert_eq!(made(&all), made(&undisturbed), "nothing is made twice");
    // What was in doubt may be sent once more.
    all.dedup();
    assert_eq!(all, undisturbed);
    assert_eq!(kills, 2 * undisturbed.len(), "each write was the one that it was killed at, twice");
    let applied = stand.apply().json(0);
    assert!(list(&applied, "outcomes").iter().all(|one| one["outcome"] == "already"), "{applied:#}");
    assert_eq!(stand.settled(), end);
    stand.verify().ended(0);
}
