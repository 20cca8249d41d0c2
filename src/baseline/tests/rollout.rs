//! The key `rollout`: what it means, how it is shown, and what is wrong with it.

use snapbox::{assert_data_eq, str};

use super::{accepted, beside, load, refusal};
use crate::Baseline;

const FULL: &str = "\
rollout:
  canary: { account: [\"111122223333\"], tag: canary }
  waves:
    - { ou: [/Sandbox, /Dev] }
    - { tag: tier=dev, size: 10 }
    - { size: 50 }
  pause: 10m
  max_failures: 2%
  max_changes: 500
  on_error: stop-account
";

/// The baseline as it is shown, with the names of its files alone.
fn shown(baseline: &Baseline) -> String {
    let short = |line: &str| match line.rsplit_once("# from ") {
        Some((before, path)) => format!("{before}# from {}\n", path.rsplit('/').next().unwrap_or_default()),
        None => format!("{line}\n"),
    };
    baseline.show().lines().map(short).collect()
}

#[test]
fn a_rollout_is_shown_as_a_file_that_means_the_same() {
    let (baseline, warnings) = accepted(&beside(FULL));
    assert_eq!(warnings, "");
    let shown = shown(&baseline);
    let rollout = &shown[shown.find("rollout:").expect("it is shown")..];
    assert_data_eq!(
        rollout,
        str![[r#"
rollout:
  canary:  # from acme.yaml
    account: ["111122223333"]
    tag: [canary]
  max_changes: 500  # from acme.yaml
  max_failures: "2%"  # from acme.yaml
  on_error: stop-account  # from acme.yaml
  pause: 10m  # from acme.yaml
  waves:
    -
      ou: [/Sandbox, /Dev]
    -
      tag: [tier=dev]
      size: 10
    -
      size: 50

"#]]
    );
    let (again, _) = accepted(&shown);
    assert_eq!((&again.rollout.content(), &again.digest), (&baseline.rollout.content(), &baseline.digest));
    let (without, _) = accepted(&beside(""));
    assert_ne!(without.digest, baseline.digest);
    assert!(baseline.needs_tags() && baseline.needs_units());
}

#[test]
fn one_wave_can_stand_alone_and_failures_can_be_counted() {
    let rollout = |text: &str| accepted(&beside(text)).0.rollout.content().to_string();
    assert_eq!(
        rollout("rollout: { waves: { size: 25 }, max_failures: 3 }"),
        r#"{"max_failures":3,"waves":[{"size":25}]}"#
    );
    assert_eq!(rollout("rollout: {}"), "{}");
}

#[test]
fn a_later_layer_wins_key_by_key() {
    let base = "version: 1\nextends: [foundation]\nrollout: { pause: 10m, max_changes: 5, waves: { size: 1 } }\n";
    let over = "version: 1\nextends: [base.yaml]\nrollout: { max_changes: 7, waves: [{ size: 2 }] }\n";
    let (baseline, _): (Baseline, String) = load(&[("acme.yaml", over), ("base.yaml", base)]).expect("accepted");
    assert_eq!(baseline.rollout.content().to_string(), r#"{"max_changes":7,"pause":"10m","waves":[{"size":2}]}"#);
    let shown = shown(&baseline);
    for line in ["pause: 10m  # from base.yaml", "max_changes: 7  # from acme.yaml"] {
        assert!(shown.contains(line), "{shown}");
    }
}

#[test]
fn every_mistake_of_a_rollout_is_shown_where_it_stands() {
    let said = refusal(&beside(
        "rollout:
  canary: {}
  waves:
    - { size: 50 }
    - { ou: Sandbox }
    - { size: 0 }
    - {}
    - { tags: tier }
  pause: soon
  max_failures: 101%
  max_changes: -1
  on_error: halt
  speed: fast",
    ));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has 11 mistakes

error: `canary` chooses no accounts
 --> acme.yaml:4:11
  |
4 |   canary: {}
  |           ^^ name `ou`, `account` or `tag`

error: a wave of a size alone takes all that are left, and this is not the last
 --> acme.yaml:6:7
  |
6 |     - { size: 50 }
  |       ^^^^^^^^^^^^ put it last, or name `ou`, `account` or `tag` as well

error: `ou` is malformed: `Sandbox` is not an OU: a path such as /Sandbox/Dev, or an id such as ou-ab12-cdefghij
 --> acme.yaml:7:13
  |
7 |     - { ou: Sandbox }
  |             ^^^^^^^

error: `size` is a whole number, 1 or more, and this is the number 0
 --> acme.yaml:8:15
  |
8 |     - { size: 0 }
  |               ^

error: a wave chooses no accounts
 --> acme.yaml:9:7
  |
9 |     - {}
  |       ^^ name `ou`, `account`, `tag` or `size`

error: `tags` is not a key of a wave
  --> acme.yaml:10:9
   |
10 |     - { tags: tier }
   |         ^^^^ did you mean `tag`?

error: `pause` is malformed: `soon` is not a time of at most a day, such as 90s, 10m or 1h30m
  --> acme.yaml:11:10
   |
11 |   pause: soon
   |          ^^^^

error: `max_failures` is malformed: `101%` is not a number of accounts such as 3, or a share from 0% to 100%
  --> acme.yaml:12:17
   |
12 |   max_failures: 101%
   |                 ^^^^

error: `max_changes` is a whole number, 0 or more, and this is the number -1
  --> acme.yaml:13:16
   |
13 |   max_changes: -1
   |                ^^

error: `on_error` is malformed: `halt` is not continue, stop-account or stop
  --> acme.yaml:14:13
   |
14 |   on_error: halt
   |             ^^^^

error: `speed` is not a key of `rollout`
  --> acme.yaml:15:3
   |
15 |   speed: fast
   |   ^^^^^
   |
   = note: known are `canary`, `waves`, `pause`, `max_failures`, `max_changes`, `on_error`, `freeze`
"#]]
    );
}

#[test]
fn a_freeze_of_days_has_its_last_day_and_one_of_times_has_not_its_last_moment() {
    let text = "rollout:
  freeze:
    - { from: 2026-12-20, until: 2027-01-02, reason: holidays }
    - { from: 2026-11-27T06:00:00+01:00, until: 2026-11-27T07:00:00+01:00, reason: sales }
";
    let (baseline, _) = accepted(&beside(text));
    let [days, times] = baseline.rollout.freeze.as_slice() else { panic!("two") };
    let holds = |freeze: &crate::Freeze, at: &str| freeze.holds(at.parse().expect("a time"));
    for (at, frozen) in [
        ("2026-12-19T23:59:59Z", false),
        ("2026-12-20T00:00:00Z", true),
        ("2027-01-02T23:59:59Z", true),
        ("2027-01-03T00:00:00Z", false),
    ] {
        assert_eq!(holds(days, at), frozen, "{at}");
    }
    for (at, frozen) in [
        ("2026-11-27T04:59:59Z", false),
        ("2026-11-27T05:00:00Z", true),
        ("2026-11-27T05:59:59Z", true),
        ("2026-11-27T06:00:00Z", false),
    ] {
        assert_eq!(holds(times, at), frozen, "{at}");
    }
    let (again, _) = accepted(&baseline.show());
    assert_eq!((&again.rollout.freeze, &again.digest), (&baseline.rollout.freeze, &baseline.digest));
}

#[test]
fn a_freeze_of_every_week_goes_by_the_clock_that_it_names() {
    let text = "rollout:
  freeze:
    - { from: fri 18:00, until: mon 08:00, time_zone: Europe/Berlin, reason: weekend }
    - { from: tue 12:00, until: tue 13:30, reason: lunch }
";
    let (baseline, _) = accepted(&beside(text));
    let [weekend, lunch] = baseline.rollout.freeze.as_slice() else { panic!("two") };
    let holds = |freeze: &crate::Freeze, at: &str| freeze.holds(at.parse().expect("a time"));
    // In Berlin it is one hour later than UTC in winter, and two in summer.
    for (at, frozen) in [
        ("2026-11-27T16:59:59Z", false),
        ("2026-11-27T17:00:00Z", true),
        ("2026-11-29T12:00:00Z", true),
        ("2026-11-30T06:59:59Z", true),
        ("2026-11-30T07:00:00Z", false),
        ("2026-07-03T15:59:59Z", false),
        ("2026-07-03T16:00:00Z", true),
        ("2026-07-06T05:59:59Z", true),
        ("2026-07-06T06:00:00Z", false),
    ] {
        assert_eq!(holds(weekend, at), frozen, "{at}");
    }
    for (at, frozen) in [
        ("2026-11-24T11:59:59Z", false),
        ("2026-11-24T12:00:00Z", true),
        ("2026-11-24T13:29:59Z", true),
        ("2026-11-24T13:30:00Z", false),
        ("2026-11-25T12:30:00Z", false),
    ] {
        assert_eq!(holds(lunch, at), frozen, "{at}");
    }
    assert_eq!(
        (weekend.to_string(), lunch.to_string()),
        (
            "frozen every week from fri 18:00 until mon 08:00 (Europe/Berlin): weekend".to_owned(),
            "frozen every week from tue 12:00 until tue 13:30 (UTC): lunch".to_owned()
        )
    );
    let (again, _) = accepted(&baseline.show());
    assert_eq!((&again.rollout.freeze, &again.digest), (&baseline.rollout.freeze, &baseline.digest));
    let plain = serde_json::to_string(weekend).expect("plain data");
    assert_eq!(serde_json::from_str::<crate::Freeze>(&plain).expect("a freeze"), *weekend);
    let unknown = plain.replace("Europe/Berlin", "Europe/Nowhere");
    let unknown: crate::Freeze = serde_json::from_str(&unknown).expect("a freeze");
    assert!(holds(&unknown, "2026-11-25T12:30:00Z"), "by a clock that nobody knows nothing is written");
}

#[test]
fn every_mistake_of_a_freeze_of_every_week_is_shown_where_it_stands() {
    let said = refusal(&beside(
        "rollout:
  freeze:
    - { from: fri 18:00, until: 2027-12-20, reason: mixed }
    - { from: sat 24:00, until: mon 08:00, reason: no time }
    - { from: mon 08:00, until: mon 08:00, time_zone: Europe/Nowhere, reason: nothing }
    - { from: 2027-12-20, until: 2028-01-02, time_zone: UTC, reason: once }",
    ));
    for words in [
        "the freeze begins every week and ends once",
        "`sat 24:00` is neither a day",
        "the freeze is over when it begins",
        "there is no time zone `Europe/Nowhere`",
        "`time_zone` is for a freeze of every week",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn the_freezes_of_all_layers_count() {
    let base = "version: 1\nextends: [foundation]\nrollout: { freeze: [{ from: 2026-12-20, until: 2027-01-02, reason: a }] }\n";
    let over =
        "version: 1\nextends: [base.yaml]\nrollout: { freeze: [{ from: 2027-12-20, until: 2028-01-02, reason: b }] }\n";
    let (baseline, _) = load(&[("acme.yaml", over), ("base.yaml", base)]).expect("accepted");
    let reasons: Vec<&str> = baseline.rollout.freeze.iter().map(|freeze| freeze.reason.as_str()).collect();
    assert_eq!(reasons, ["a", "b"]);
}

#[test]
fn every_mistake_of_a_freeze_is_shown_where_it_stands() {
    let said = refusal(&beside(
        "rollout:
  freeze:
    - { from: 2027-01-02, until: 2026-12-20, reason: holidays }
    - { from: noon, until: 2026-12-20 }",
    ));
    assert_data_eq!(
        said,
        str![[r#"
the baseline has 3 mistakes

error: the freeze is over before it begins
 --> acme.yaml:5:34
  |
5 |     - { from: 2027-01-02, until: 2026-12-20, reason: holidays }
  |               ----------         ^^^^^^^^^^
  |               |
  |               it begins here

error: the freeze has no `reason`
 --> acme.yaml:6:9
  |
6 |     - { from: noon, until: 2026-12-20 }
  |         ^^^^ add `reason`

error: `from` is malformed: `noon` is neither a day such as 2027-03-31, nor a time such as 2027-03-31T18:00:00Z, nor one of the week such as fri 18:00
 --> acme.yaml:6:15
  |
6 |     - { from: noon, until: 2026-12-20 }
  |               ^^^^
"#]]
    );
}
