//! What people read.

mod ends;
mod hits;
mod sections;

use serde_json::json;
use snapbox::{IntoData as _, assert_data_eq, str};

use super::*;
use crate::assessment::{AccountLine, Assessment, Status, VerdictKind};
use crate::engine::Spool;
use crate::engine::apply::{Outcome, OutcomeKind};
use crate::plan::{Action, Change, Header, OrganizationLine, PlanFile};
use crate::report::made;
use crate::steps::Risk;
use crate::target::Region;

fn region(text: &str) -> Region {
    text.parse().expect("a region")
}

fn shown(found: &[Assessment], detail: bool) -> String {
    let spool = made::spool(found);
    shown_with(&made::header(&spool), spool, detail)
}

fn shown_with(header: &Header, mut spool: Spool, detail: bool) -> String {
    let mut out = vec![];
    plan(header, &mut spool, detail, &mut out).expect("written");
    plain(&out)
}

/// What follows the head of a plan.
fn body(found: &[Assessment], detail: bool) -> String {
    let text = shown(found, detail);
    text.split_once("\n\n").map(|(_, body)| body.to_owned()).expect("a head and a body")
}

fn plain(out: &[u8]) -> String {
    let text = anstream::adapter::strip_str(std::str::from_utf8(out).expect("text")).to_string();
    assert!(text.lines().all(|line| line == line.trim_end()), "no line ends with a space:\n{text}");
    text
}

fn every_section() -> Vec<Assessment> {
    let mut own = made::drifted(1);
    own.account.status = Status::Partial;
    let mut unreadable = made::row(1, "kms.key_rotation.enabled", VerdictKind::Unreadable);
    unreadable.region = Some(region("eu-west-1"));
    unreadable.object = Some("alias/app".to_owned());
    unreadable.reason = Some("kms:GetKeyRotationStatus in 111122220001 eu-west-1: denied".to_owned());
    own.account.reason.clone_from(&unreadable.reason);
    own.verdicts.push(unreadable);
    let twin = |id: &str| Change { id: id.to_owned(), ..made::change(1) };
    let mut manual = Change { manual: Some("sign in as root and set it".to_owned()), ..twin("manual") };
    manual.differences.truncate(1);
    own.changes.push(manual);
    own.changes
        .push(Change { blocked: Some("it needs s3.bucket logs, which nobody makes".to_owned()), ..twin("blocked") });

    let mut other = made::compliant(2, 3);
    for place in ["ap-east-1", "me-south-1"] {
        let mut closed = made::row(2, "guardduty.detector.enabled", VerdictKind::NotApplicable);
        closed.region = Some(region(place));
        closed.reason = Some(format!("{place} is closed by SCP"));
        other.verdicts.push(closed);
    }
    for in_force in [true, false] {
        let mut owned = made::row(2, "guardduty.detector.enabled", VerdictKind::OwnedElsewhere);
        owned.region = Some(region("eu-west-1"));
        owned.in_force = Some(in_force);
        owned.owner = Some("the GuardDuty administrator 999988887777".to_owned());
        owned.reason = (!in_force).then(|| "enable it there for this member".to_owned());
        (owned.observed, owned.wanted) = (json!(in_force), json!(true));
        other.verdicts.push(owned);
    }
    let mut exempt = made::row(2, "iam.password_policy.max_age_days", VerdictKind::Exempt);
    exempt.reason = Some("only federated users, until 2027-01-01".to_owned());
    let mut pending = made::row(2, "cloudtrail.trail.logging", VerdictKind::Pending);
    pending.reason = Some("the first delivery is awaited".to_owned());
    let mut through = made::row(2, "cloudtrail.trail.kms", VerdictKind::Drifted);
    through.through = Some("111122220000/eu-west-1/cloudtrail.trail/main".to_owned());
    (through.observed, through.wanted) = (json!(null), json!("alias/trail"));
    other.verdicts.extend([exempt, pending, through]);

    let denied = "sts:AssumeRole in 111122220003: denied (AccessDenied: no trust)";
    let mut closed = made::account(3, Status::Unreadable, Some(denied));
    closed.verdicts.push(made::row(3, "iam.password_policy.minimum_length", VerdictKind::Unreadable));
    let skipped = made::account(4, Status::Skipped, Some("the account is SUSPENDED"));
    let partial = made::account(5, Status::Partial, Some("only eu-west-1 was read"));
    vec![own, other, closed, skipped, partial]
}
