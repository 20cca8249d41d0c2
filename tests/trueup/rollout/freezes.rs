//! Times in which nothing is written.

use jiff::{SignedDuration, Timestamp};
use trueup::baseline::Edge;
use trueup::plan::PlanFile;
use trueup::simulator::fault::Effect;

use super::*;

/// A time that is so many seconds from now.
fn in_seconds(seconds: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(seconds)
}

fn freeze(from: i64, until: i64) -> String {
    let (from, until) = (in_seconds(from), in_seconds(until));
    format!("rollout:\n  freeze:\n    - {{ from: \"{from}\", until: \"{until}\", reason: the sales of the year }}\n")
}

#[test]
fn nothing_is_written_in_a_freeze_unless_somebody_says_why() {
    let (stage, _) = waved(&freeze(-3600, 3600), &["", ""]);
    stage.planned(2);
    let refused = stage.run(&["apply", "plan.json"]);
    refused.refused(64, "the sales of the year; nothing was written");
    assert!(refused.stderr.contains("frozen from 20"), "{}", refused.stderr);
    assert_eq!(written(&stage), Vec::<String>::new());
    stage.run(&["apply", "plan.json", "--ignore-freeze", " "]).refused(64, "say why");

    let (applied, code) = stage.apply(&["--ignore-freeze", "the leak of today, INC-7"]);
    assert_eq!((came(&applied), code), (vec!["verified"; 2], Some(0)));
    let begins = journal(&stage).lines().next().expect("a line").to_owned();
    let begins: Value = serde_json::from_str(&begins).expect("JSON");
    assert_eq!(
        (&begins["record"], &begins["freeze_ignored"]),
        (&json!("run_begins"), &json!("the leak of today, INC-7"))
    );
}

#[test]
fn before_a_freeze_and_after_it_work_goes_on() {
    for (from, until) in [(3600, 7200), (-7200, -3600)] {
        let (stage, _) = waved(&freeze(from, until), &[""]);
        let plan = stage.planned(2);
        assert_eq!(list(&plan["rollout"]["freeze"]).len(), 1);
        let shown = stage.run(&["show", "plan.json"]).stdout;
        assert!(shown.contains("the sales of the year"), "{shown}");
        assert_eq!(stage.apply(&[]).1, Some(0));
        assert!(!journal(&stage).contains("freeze_ignored"));
    }
}

#[test]
fn a_freeze_that_begins_in_the_middle_holds_the_waves_that_come() {
    begins_in_the_middle("  canary: { ou: /First }\n");
}

#[test]
fn a_freeze_that_begins_in_the_middle_holds_what_is_not_begun_where_there_are_no_waves() {
    begins_in_the_middle("");
}

/// The first of two accounts is at work when a freeze begins.
fn begins_in_the_middle(waves: &str) {
    let (stage, ids) = waved("", &["First", "Second"]);
    stage.baseline(&format!("{}{waves}", freeze(3600, 7200)), STRONG);
    stage.planned(2);
    let path = stage.path("plan.json");
    // A machine that takes longer to begin is refused, for it is in the freeze already, and gets more time.
    for begins in [2, 4, 8, 16_u32] {
        let mut file = PlanFile::read(&path).expect("a plan");
        file.header.rollout.as_mut().expect("a rollout").freeze[0].from = Edge::Once(in_seconds(begins.into()));
        file.digest = file.content_digest();
        std::fs::write(&path, serde_json::to_string(&file).expect("JSON")).expect("a file");
        // The first account is answered when the freeze has begun, however soon it was written.
        let late = Effect::Latency { milliseconds: u64::from(begins) * 1000 };
        stage.world(|world| world.faults.clear());
        stage.inject(strike(&ids[0], WRITE, late));
        let done = stage.run(&["apply", "plan.json", "--concurrency", "1", "--format", "json"]);
        if done.code == Some(64) {
            done.refused(64, "frozen from 20");
            assert_eq!(written(&stage), Vec::<String>::new());
            continue;
        }
        let applied = done.json();
        if came(&applied) == ["held", "held"] {
            // It began between the question and the first change.
            assert_eq!(written(&stage), Vec::<String>::new());
            continue;
        }
        assert_eq!((came(&applied), done.code), (vec!["verified", "held"], Some(2)));
        assert_eq!(written(&stage), ids[..1]);
        assert!(text(&applied["outcomes"][1]["reason"]).starts_with("frozen from 20"), "{applied:#}");
        return;
    }
    panic!("it never began in time");
}

#[test]
fn a_freeze_of_every_week_holds_by_the_clock_of_its_place() {
    let weekly = |from: &str, until: &str| {
        format!(
            "rollout:\n  freeze:\n    - {{ from: {from}, until: {until}, time_zone: Asia/Tokyo, reason: weekly }}\n"
        )
    };
    // Half a week from now is far from either end, whatever day this is.
    let now = Timestamp::now().to_zoned(jiff::tz::TimeZone::get("Asia/Tokyo").expect("a place"));
    let day = |days: i64| {
        let then = now.clone() + SignedDuration::from_hours(24 * days);
        format!("{} 12:00", then.strftime("%a").to_string().to_lowercase())
    };
    let (stage, _) = waved(&weekly(&day(-2), &day(2)), &["", ""]);
    let plan = stage.planned(2);
    assert_eq!(plan["rollout"]["freeze"][0]["time_zone"], "Asia/Tokyo");
    let refused = stage.run(&["apply", "plan.json"]);
    refused.refused(64, "(Asia/Tokyo): weekly; nothing was written");
    assert_eq!(written(&stage), Vec::<String>::new());

    let (stage, _) = waved(&weekly(&day(2), &day(-2)), &["", ""]);
    stage.planned(2);
    assert_eq!(stage.apply(&[]).1, Some(0), "the other half of the week is free");
}
