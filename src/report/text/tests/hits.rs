//! Who would be hit, and what was seen.

use super::*;
use crate::steps::Step;
use crate::steps::iam::{DeleteLoginProfile, Who};

const UNUSED: &str = "iam.user.max_unused_days";

/// An account whose users have passwords that nobody uses, which are taken away.
fn idle(number: usize, users: &[(&str, &str)]) -> Assessment {
    let mut found = made::read(number);
    for (user, reason) in users {
        let mut row = made::row(number, UNUSED, VerdictKind::Drifted);
        (row.object, row.reason) = (Some((*user).to_owned()), Some((*reason).to_owned()));
        found.verdicts.push(row);
        let who = Who { name: (*user).to_owned(), path: "/".to_owned() };
        found.changes.push(Change {
            object: (*user).to_owned(),
            control: "iam.user".to_owned(),
            kind: "iam.user".to_owned(),
            risk: Risk::Irreversible,
            differences: vec![made::difference(UNUSED, json!("not in use"), json!("in use"))],
            steps: vec![Step::DeleteLoginProfile(DeleteLoginProfile { user: who })],
            ..made::change(number)
        });
    }
    found
}

#[test]
fn who_would_be_hit_is_said_before_apply_asks_and_detail_does_not_say_the_steps_twice() {
    let found = [idle(1, &[("grace", "password never used since 2025-02-03")])];
    assert_data_eq!(
        body(&found, false),
        str![[r#"
Drift
  ~ iam.user grace
      111122220001 team-1
      iam.user.max_unused_days  "not in use" -> "in use"
      severity medium
      irreversible (apply needs --allow irreversible)
      who would be hit
        DeleteLoginProfile of grace, who cannot sign in to the console then
        password never used since 2025-02-03

Score: 0.0 (0 of 1 verdict compliant)
Plan: 0 to add, 1 to change, 0 to remove in 1 account.

"#]]
        .raw()
    );
    let detail = body(&found, true);
    assert!(detail.contains("      who would be hit\n        password never used since 2025-02-03\n"), "{detail}");
    assert_eq!(detail.matches("DeleteLoginProfile of grace").count(), 1, "{detail}");
}

#[test]
fn of_several_objects_each_is_named_with_what_was_seen_and_what_they_share_is_said_once() {
    let found = [
        idle(1, &[("grace", "password never used"), ("linus", "password last used on 2025-01-02")]),
        idle(2, &[("edsger", "password never used")]),
    ];
    let text = body(&found, false);
    let expected = "
      who would be hit
        DeleteLoginProfile of (each of them), who cannot sign in to the console then
        2 objects: password never used
        111122220001 team-1: linus: password last used on 2025-01-02\n";
    assert!(text.contains(expected), "{text}");
    let all_alike = [idle(1, &[("grace", "password never used")]), idle(2, &[("edsger", "password never used")])];
    let text = body(&all_alike, false);
    assert!(text.contains("console then\n        password never used\n"), "{text}");
}

#[test]
fn many_who_would_be_hit_are_counted_and_detail_names_them_all() {
    let users: Vec<(String, String)> =
        (0..40).map(|user| (format!("user-{user}"), format!("last used on day {user}"))).collect();
    let users: Vec<(&str, &str)> = users.iter().map(|(user, reason)| (user.as_str(), reason.as_str())).collect();
    let found = [idle(1, &users)];
    let text = body(&found, false);
    let expected = "
        111122220001 team-1: user-4: last used on day 4
        and 35 more: see --detail\n";
    assert!(text.contains(expected) && !text.contains("user-5"), "{text}");
    let detail = body(&found, true);
    assert!(detail.contains("user-39: last used on day 39\n") && !detail.contains("see --detail"), "{detail}");
}

#[test]
fn what_hits_nobody_is_told_without_its_steps_and_reasons_unless_a_person_has_to_mend_it() {
    let mut found = made::drifted(1);
    found.verdicts[0].reason = Some("it has 8 since last year".to_owned());
    let told = |found: &Assessment, detail: bool| body(std::slice::from_ref(found), detail);
    assert!(!told(&found, false).contains("since last year"));
    assert!(told(&found, true).contains("      seen\n        it has 8 since last year\n"));
    found.changes[0].manual = Some("set it by hand".to_owned());
    found.changes[0].steps.clear();
    let text = told(&found, false);
    assert!(text.contains("to do: set it by hand\n      seen\n        it has 8 since last year\n"), "{text}");
    // What is said already is not said again.
    found.verdicts[1].reason = Some("another".to_owned());
    found.verdicts[0].verdict = VerdictKind::Exempt;
    let text = told(&found, false);
    assert!(text.contains("      seen\n        another\n\n"), "{text}");
}

#[test]
fn why_nobody_is_known_to_look_after_an_object_is_told_also_where_a_change_hits_nobody() {
    let mut found = made::drifted(1);
    found.verdicts[0].reason = Some("its tags could not be read".to_owned());
    found.changes[0].tags_unread = true;
    let text = body(std::slice::from_ref(&found), false);
    assert!(text.contains("      seen\n        its tags could not be read\n"), "{text}");
}

#[test]
fn a_reason_is_that_of_the_object_in_its_region() {
    let mut found = idle(1, &[("grace", "here")]);
    found.changes[0].region = Some(region("eu-west-1"));
    for (place, object, reason) in [("us-east-1", "grace", "elsewhere"), ("eu-west-1", "hopper", "of another")] {
        let mut row = found.verdicts[0].clone();
        (row.region, row.object, row.reason) = (Some(region(place)), Some(object.to_owned()), Some(reason.to_owned()));
        found.verdicts.push(row);
    }
    let text = body(&[found], false);
    assert!(text.contains("\n        here\n"), "{text}");
    assert!(!text.contains("elsewhere") && !text.contains("of another"), "{text}");
}

#[test]
fn who_would_be_hit_steers_no_terminal() {
    let text = body(&[idle(1, &[("grace\u{1b}[2J", "used by \u{1b}[31mred\u{202e}\nPlan: 0 to change")])], false);
    assert!(text.contains("who would be hit"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{202e}']) && !text.contains("\nPlan: 0 to change"), "{text}");
}
