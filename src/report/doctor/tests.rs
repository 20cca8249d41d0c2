use snapbox::IntoData as _;

use super::*;
use crate::doctor::{Closed, Examined, Met, Ways};
use crate::observe::{Class, DeniedBy, ReadError};
use crate::target::{Partition, Target};

fn id(number: u64) -> AccountId {
    format!("{:012}", 111_122_223_333 + number).parse().expect("an id")
}

fn region(code: &str) -> Region {
    code.parse().expect("a region")
}

fn setting() -> Setting {
    let caller = "arn:aws:iam::111122223333:user/ada".to_owned();
    Setting {
        partition: Partition::of_arn(&caller).expect("an ARN"),
        caller,
        account: id(0),
        home_region: region("us-east-1"),
        today: "2026-11-27".parse().expect("a date"),
    }
}

fn around() -> Around {
    Around {
        created: "2026-11-27T10:00:00Z".parse().expect("a time"),
        organization: OrganizationLine { id: Some("o-1".to_owned()), management_account: Some(id(0)) },
        baseline: ("acme".to_owned(), "sha256:1".to_owned()),
        ahead: Some(-70),
        state: StateLine { place: "/state".to_owned(), status: "can be written" },
        lock: Some(LockLine { place: "s3://locks/lock".to_owned(), status: "free", holder: None }),
        warnings: vec![],
        reads: format!("{{{}}}", "x".repeat(1200)),
    }
}

/// Accounts whose role lacks a permission in one region, whose other region is closed, and whose detector is
/// somebody else's; and one that was not asked.
fn found(many: u64) -> Diagnosis {
    let mut found = Diagnosis::default();
    let ways = Ways { read: vec!["audit".to_owned()], ..Ways::default() };
    for number in 0..many {
        let error = ReadError {
            at: Target { account: id(number), region: Some(region("us-east-1")) },
            action: "kms:ListKeys".to_owned(),
            class: Class::Denied(DeniedBy::Identity),
            code: Some("AccessDenied".to_owned()),
            message: "no\u{1b}[2J policy".to_owned(),
            status: None,
            request_id: None,
        };
        let examined = Examined {
            role: Some(format!("arn:aws:iam::{}:role/audit", id(number))),
            regions: vec![region("us-east-1")],
            off: vec![region("af-south-1")],
            closed: vec![(region("eu-west-1"), Closed::NotEnabled)],
            met: vec![Met { error, needed: true }],
            owners: vec![("guardduty.detector".to_owned(), "444455556666".to_owned())],
            ..Examined::new(id(number), Some(format!("n\u{202e}{number}")))
        };
        found.add(examined, &ways);
    }
    let skipped = Some("the account is SUSPENDED".to_owned());
    found.add(Examined { skipped, ..Examined::new(id(99), None) }, &ways);
    found
}

fn plain(found: &Diagnosis, detail: bool) -> String {
    let mut out = vec![];
    text(&around(), found, &setting(), detail, &mut out).expect("written");
    anstream::adapter::strip_str(std::str::from_utf8(&out).expect("text")).to_string()
}

#[test]
fn the_same_in_many_accounts_is_one_block_and_names_cannot_steer_the_terminal() {
    let shown = plain(&found(2), false).replace(&around().reads, "{…}");
    snapbox::assert_data_eq!(
        shown,
        snapbox::str![[r#"
Caller        arn:aws:iam::111122223333:user/ada, by STS in us-east-1
Organization  o-1, managed by 111122223333
Baseline      acme
Clock         70 s behind AWS
State         /state can be written
Lock          s3://locks/lock is free

3 accounts: 0 ready, 2 with problems, 1 not asked
  entered as audit: 2 accounts
  read in us-east-1: 2 accounts
  not enabled are af-south-1: 2 accounts
  guardduty.detector is set by 444455556666: 2 accounts
  not asked: the account is SUSPENDED: 1 account

Problems
  kms:ListKeys: denied: no policy of the role allows it
    2 accounts, 1 region
      111122223333 n\u{202e}0: us-east-1
      111122223334 n\u{202e}1: us-east-1
    it says: AccessDenied: no\u{1b}[2J policy
    allow it to the role:
      {"Action":["kms:ListKeys"],"Effect":"Allow","Resource":"*"}

Worth knowing
  eu-west-1 is not enabled
    2 accounts, 1 region
      111122223333 n\u{202e}0: eu-west-1
      111122223334 n\u{202e}1: eu-west-1
    leave it out of the regions of the baseline:
      regions: [us-east-1]
    or enable it, from the management account:
      aws account enable-region --account-id 111122223333 --region-name eu-west-1
      aws account enable-region --account-id 111122223334 --region-name eu-west-1

All that this baseline reads with, as one statement for the read role
  {…}

1 problem: a plan or an apply would be incomplete.

"#]]
        .raw()
    );
}

#[test]
fn many_accounts_are_counted_and_listed_only_where_that_is_asked_for() {
    let (short, long) = (plain(&found(1200), false), plain(&found(1200), true));
    assert!(short.contains("    1,200 accounts, 1 region\n") && short.lines().count() < 40, "{short}");
    assert!(long.lines().count() > 2400 && long.contains(&format!("      {} n", id(1199))));
}

#[test]
fn a_statement_to_copy_is_never_cut() {
    assert!(plain(&found(1), false).contains(&around().reads));
}

#[test]
fn where_nothing_is_in_the_way_there_is_nothing_to_mend() {
    let shown = plain(&found(0), false);
    assert!(shown.ends_with("Nothing is in the way: a plan would be complete.\n"), "{shown}");
    assert!(!shown.contains("Problems") && !shown.contains("statement"), "{shown}");
}

#[test]
fn the_document_has_each_problem_with_its_places_and_its_mends() {
    let mut out = vec![];
    json(&around(), &found(2), &setting(), &mut out).expect("written");
    let document: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!((&document["format"], &document["complete"]), (&FORMAT.into(), &false.into()));
    let problem = &document["problems"][0];
    assert_eq!((&problem["kind"], &problem["severity"]), (&"read".into(), &"problem".into()));
    assert_eq!(problem["accounts"][1]["id"], "111122223334");
    assert_eq!(problem["accounts"][1]["regions"], serde_json::json!(["us-east-1"]));
    assert!(problem["mends"][0]["copy"].as_str().is_some_and(|copy| copy.contains("kms:ListKeys")), "{problem}");
    assert_eq!(document["problems"][1]["severity"], "notice");
    assert_eq!(document["owners"][0]["accounts"], 2);
    assert!(!String::from_utf8_lossy(&out).contains('\u{202e}'));
}
