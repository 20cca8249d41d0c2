//! Hand-made findings for the tests of reports.

use serde_json::{Value, json};

use crate::assessment::{AccountLine, Assessment, References, Row, Status, VerdictKind};
use crate::control::Severity;
use crate::controls::made::strong_policy;
use crate::drift::Difference;
use crate::engine::{Collect as _, Spool, Terms};
use crate::observe::iam::PasswordPolicy;
use crate::plan::{Access, Action, Change, FORMAT, Header, OrganizationLine};
use crate::report::TOOL;
use crate::steps::iam::UpdateAccountPasswordPolicy;
use crate::steps::{Risk, Step};

pub(super) const CONTROL: &str = "iam.password_policy";

/// The account with this number.
pub(super) fn account(number: usize, status: Status, reason: Option<&str>) -> Assessment {
    Assessment {
        account: AccountLine {
            id: id(number),
            name: format!("team-{number}"),
            ou_path: Some("/Teams".to_owned()),
            state: "ACTIVE".to_owned(),
            status,
            reason: reason.map(str::to_owned),
        },
        regions: vec![],
        verdicts: vec![],
        changes: vec![],
        terms: None,
    }
}

pub(super) fn read(number: usize) -> Assessment {
    account(number, Status::Read, None)
}

pub(super) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(number: usize) -> T {
    format!("{:012}", 111_122_220_000 + number).parse().expect("an id")
}

/// A verdict of the account with this number.
pub(super) fn row(number: usize, requirement: &str, verdict: VerdictKind) -> Row {
    let control = requirement.rsplit_once('.').map_or(requirement, |(control, _)| control);
    let row = json!({
        "account": id::<String>(number),
        "control": control,
        "requirement": requirement,
        "object": "password policy",
        "verdict": verdict,
        "severity": "medium",
        "observed": 8,
        "wanted": 14,
        "references": References::of(requirement),
    });
    serde_json::from_value(row).expect("a row")
}

pub(super) fn difference(requirement: &str, observed: Value, wanted: Value) -> Difference {
    Difference { requirement: requirement.to_owned(), observed, wanted }
}

/// The usual change of the account with this number.
pub(crate) fn change(number: usize) -> Change {
    let policy = strong_policy();
    let before = PasswordPolicy { minimum_length: 8, ..policy.clone() };
    Change {
        id: format!("{number:064}"),
        account: id(number),
        region: None,
        control: CONTROL.to_owned(),
        kind: CONTROL.to_owned(),
        object: "password policy".to_owned(),
        action: Action::Change,
        severity: Severity::Medium,
        risk: Risk::Safe,
        cost: None,
        differences: vec![
            difference("iam.password_policy.minimum_length", json!(8), json!(14)),
            difference("iam.password_policy.reuse_prevention", Value::Null, json!(24)),
        ],
        steps: vec![Step::UpdateAccountPasswordPolicy(UpdateAccountPasswordPolicy {
            policy,
            before: Some(before),
            expires: vec![],
            locks_out: vec![],
        })],
        depends_on: vec![],
        undo: vec!["UpdateAccountPasswordPolicy with the former values".to_owned()],
        manual: None,
        blocked: None,
        managed_by: None,
        tags_unread: false,
        contested: None,
        reverts: None,
    }
}

/// An account that drifted in the usual way.
pub(super) fn drifted(number: usize) -> Assessment {
    let mut found = read(number);
    found.verdicts.push(row(number, "iam.password_policy.minimum_length", VerdictKind::Drifted));
    found.verdicts.push(row(number, "iam.password_policy.reuse_prevention", VerdictKind::Drifted));
    found.changes.push(change(number));
    found.terms = Some(Terms {
        account: id(number),
        settings: [(CONTROL.to_owned(), json!({"minimum_length": 14, "reuse_prevention": 24}))].into(),
        accepted: vec![],
        others: vec![],
        unreachable: None,
        read_only: None,
    });
    found
}

/// An account with so many compliant verdicts.
pub(super) fn compliant(number: usize, verdicts: usize) -> Assessment {
    let mut found = read(number);
    found.verdicts = vec![row(number, "iam.password_policy.minimum_length", VerdictKind::Compliant); verdicts];
    found
}

pub(super) fn spool(found: &[Assessment]) -> Spool {
    let mut spool = Spool::new(None).expect("a temporary file");
    for found in found {
        spool.add(found.clone()).expect("room for it");
    }
    spool
}

/// A header with the figures of this spool.
pub(super) fn header(spool: &Spool) -> Header {
    let region = |text: &str| text.parse().expect("a region");
    Header {
        format: FORMAT.to_owned(),
        tool: TOOL.to_owned(),
        created: "2026-11-22T10:00:00Z".parse().expect("a time"),
        created_by: Some("arn:aws:iam::111122220000:user/ada".to_owned()),
        organization: OrganizationLine { id: Some("o-abc1234567".to_owned()), management_account: Some(id(0)) },
        baseline: serde_json::from_value(json!({"name": "foundation", "digest": format!("sha256:{:064}", 7)}))
            .expect("a baseline"),
        complete: spool.summary().complete(),
        home_region: region("eu-west-1"),
        regions: vec![region("eu-west-1"), region("us-east-1")],
        warnings: vec![],
        summary: spool.summary().clone(),
        access: Access { read_role: vec!["trueup-read".to_owned()], ..Access::default() },
        rollout: None,
        framework: None,
    }
}
