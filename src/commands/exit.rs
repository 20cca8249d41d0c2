//! Exit codes: a contract that scripts rely on.

use std::process::ExitCode;

use crate::assessment::{Summary, VerdictKind};
use crate::engine::apply::{Outcome, OutcomeKind};

const IN_LINE: u8 = 0;
const DRIFT: u8 = 2;
const INCOMPLETE: u8 = 3;

/// The code of a plan: incomplete beats drift.
pub(super) fn of_plan(summary: &Summary) -> ExitCode {
    ExitCode::from(if !summary.complete() {
        INCOMPLETE
    } else if summary.of(VerdictKind::Drifted) + summary.of(VerdictKind::Pending) + summary.not_in_force > 0 {
        DRIFT
    } else {
        IN_LINE
    })
}

/// The code of an apply: what failed, or was never seen, beats what is left to do.
pub(super) fn of_apply(complete: bool, outcomes: &[Outcome]) -> ExitCode {
    let worst = outcomes.iter().map(|outcome| of_outcome(outcome.kind)).max().unwrap_or(IN_LINE);
    ExitCode::from(if complete { worst } else { INCOMPLETE })
}

/// The code of a doctor: whether a plan and an apply would be complete.
pub(super) fn of_doctor(complete: bool) -> ExitCode {
    ExitCode::from(if complete { IN_LINE } else { INCOMPLETE })
}

fn of_outcome(kind: OutcomeKind) -> u8 {
    match kind {
        OutcomeKind::Verified | OutcomeKind::Already | OutcomeKind::Pending => IN_LINE,
        OutcomeKind::Stale
        | OutcomeKind::Held
        | OutcomeKind::Blocked
        | OutcomeKind::Manual
        | OutcomeKind::Contested => DRIFT,
        OutcomeKind::Failed | OutcomeKind::Unknown => INCOMPLETE,
    }
}
