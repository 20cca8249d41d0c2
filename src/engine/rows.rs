//! From what controls say to the rows of a report.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::assessment::{Finding, References, Row, Verdict, VerdictKind};
use crate::control::{Meta, Requirement};
use crate::drift::{Fix, Judged};
use crate::observe::ReadError;
use crate::target::{AccountId, Target};

/// The accounts that a plan is made for.
pub(super) type Scope<'a> = BTreeSet<&'a AccountId>;

/// The rows of one judged object. What is mended at an owner whose account is not in scope is that owner's: no change of
/// this plan mends it.
pub(super) fn of_judged(at: &Target, meta: &'static Meta, judged: &Judged, scope: &Scope<'_>) -> Vec<Row> {
    let through = judged.drift.as_ref().and_then(|drift| match &drift.fix {
        Fix::Through { object, owner } => Some((object, owner)),
        Fix::Steps { .. } | Fix::Manual(_) => None,
    });
    let row = |finding: &Finding| {
        let mut row = empty(at, meta, requirement(meta, finding.requirement));
        row.object = Some(judged.object.name.clone());
        row.observed = finding.observed.clone();
        row.wanted = finding.wanted.clone();
        match through.filter(|_| finding.verdict == Verdict::Drifted) {
            Some((object, owner)) if !scope.contains(&object.at.account) => {
                fill(&mut row, &Verdict::owned_elsewhere(owner, false));
            }
            mended => {
                fill(&mut row, &finding.verdict);
                row.reason = finding.reason.clone().or(row.reason);
                row.through = mended.map(|(object, _)| object.address());
            }
        }
        row
    };
    judged.findings.iter().map(row).collect()
}

/// A row for each requirement where nothing could be judged, all with this verdict.
pub(super) fn of_all(
    at: &Target,
    meta: &'static Meta,
    required: &[&'static Requirement],
    verdict: &Verdict,
) -> Vec<Row> {
    let row = |requirement: &&'static Requirement| {
        let mut row = empty(at, meta, requirement);
        fill(&mut row, verdict);
        row
    };
    required.iter().map(row).collect()
}

fn requirement(meta: &'static Meta, id: &str) -> &'static Requirement {
    meta.requirements
        .iter()
        .find(|requirement| requirement.id == id)
        .expect("a finding names a requirement of its control")
}

fn empty(at: &Target, meta: &'static Meta, requirement: &'static Requirement) -> Row {
    Row {
        account: at.account.clone(),
        region: at.region.clone(),
        control: meta.id.to_owned(),
        requirement: requirement.id.to_owned(),
        object: None,
        verdict: VerdictKind::NotApplicable,
        in_force: None,
        severity: requirement.severity,
        observed: Value::Null,
        wanted: Value::Null,
        reason: None,
        owner: None,
        exemption: None,
        through: None,
        references: References::of(requirement.id),
    }
}

fn fill(row: &mut Row, verdict: &Verdict) {
    match verdict {
        Verdict::Compliant => row.verdict = VerdictKind::Compliant,
        Verdict::Drifted => row.verdict = VerdictKind::Drifted,
        Verdict::Exempt(accepted) => {
            row.verdict = VerdictKind::Exempt;
            row.reason = Some(accepted.reason.clone());
            row.exemption = Some(accepted.index);
        }
        Verdict::OwnedElsewhere { owner, mend, in_force } => {
            row.verdict = VerdictKind::OwnedElsewhere;
            row.owner = Some(owner.clone());
            row.in_force = Some(*in_force);
            row.reason = (!in_force).then(|| mend.clone());
        }
        Verdict::NotApplicable(reason) => {
            row.verdict = VerdictKind::NotApplicable;
            row.reason = Some(reason.clone());
        }
        Verdict::Pending(reason) => {
            row.verdict = VerdictKind::Pending;
            row.reason = Some(reason.clone());
        }
        Verdict::Unreadable(error) => {
            row.verdict = VerdictKind::Unreadable;
            row.reason = Some(reason(error));
        }
    }
}

/// Why something could not be read, without what changes from run to run.
pub(super) fn reason(error: &ReadError) -> String {
    error.explained()
}
