//! Where accounts stand: that one has left, or that one that lets nobody in is suspended, Organizations alone says.

use std::collections::BTreeMap;

use tokio::sync::Mutex;

use super::outcome::{Outcome, OutcomeKind};
use crate::aws::Session;
use crate::observe::ReadError;
use crate::organization::{Standing, standing};
use crate::plan::Change;
use crate::target::AccountId;

/// Where accounts stand that are about to be written, or that let nobody in. Each is asked about once a run, one after
/// another.
pub struct Standings {
    session: Session,
    known: Mutex<BTreeMap<AccountId, Result<Standing, ReadError>>>,
}

impl Standings {
    /// Asks by this session, which may ask [`crate::organization::STANDING_CALLS`].
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self { session, known: Mutex::default() }
    }

    /// What comes of a change that nothing was written for, because of this error.
    pub(super) async fn outcome(&self, change: &Change, error: &ReadError) -> Outcome {
        let said = error.in_full();
        if !(error.refuses_entry() && error.at.account == change.account) {
            return Outcome::because(OutcomeKind::Failed, said);
        }
        match self.of(&change.account).await {
            Ok(Standing::Within(state)) if state.is_active() => Outcome::because(OutcomeKind::Failed, said),
            Ok(stands) => gone(&stands, change.reverts.is_some(), ", and lets nobody in"),
            Err(unknown) => {
                let unknown = unknown.explained();
                let words =
                    format!("{said}; whether the account is suspended or has left could not be asked: {unknown}");
                Outcome::because(OutcomeKind::Failed, words)
            }
        }
    }

    /// What comes of a change that something is to be written for, where its account is not known to be in the
    /// organization and active: it may have left, or be about to be closed, and still trust the role.
    pub(super) async fn outside(&self, change: &Change) -> Option<Outcome> {
        match self.of(&change.account).await {
            Ok(stands) => barred(&stands, change.reverts.is_some()),
            Err(unknown) => {
                let unknown = unknown.explained();
                let words = format!(
                    "whether the account is still in the organization could not be asked, and \
                                     nothing was written: {unknown}"
                );
                Some(Outcome::because(OutcomeKind::Failed, words))
            }
        }
    }

    async fn of(&self, account: &AccountId) -> Result<Standing, ReadError> {
        let mut known = self.known.lock().await;
        if let Some(stands) = known.get(account) {
            return stands.clone();
        }
        let stands = standing(&self.session, account).await;
        known.insert(account.clone(), stands.clone());
        stands
    }
}

/// What comes of a change, or of one that puts back, in an account that lets us in, where that is nothing.
fn barred(stands: &Standing, reverts: bool) -> Option<Outcome> {
    match stands {
        Standing::Within(state) if state.is_active() => None,
        _ => Some(gone(stands, reverts, "")),
    }
}

/// What comes of a change in an account that is not active, or is somebody else's: what to do, and what is known besides of
/// one that is not active.
fn gone(stands: &Standing, reverts: bool, besides: &str) -> Outcome {
    let why = match stands {
        Standing::Within(state) => format!("the account is {state}{besides}"),
        Standing::Outside => "the account is not in the organization any more".to_owned(),
    };
    let mend = match (stands, reverts) {
        (Standing::Within(_), false) => "a new plan leaves it out, until it is active again",
        (Standing::Within(_), true) => {
            "what the run did there stays; revert the run again with --account once the account is active"
        }
        (Standing::Outside, false) => "a new plan leaves it out; take it out of the baseline where that names it",
        (Standing::Outside, true) => "whoever has it now has to undo what the run did there",
    };
    Outcome::because(OutcomeKind::Stale, format!("{why}: {mend}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::State;

    #[test]
    fn only_an_active_account_of_the_organization_is_written_though_others_may_let_us_in() {
        let said = |stands: Standing, reverts| barred(&stands, reverts).map(|outcome| (outcome.kind, outcome.reason));
        let stale = |words: &str| Some((OutcomeKind::Stale, Some(words.to_owned())));
        for state in [State::Active, State::Unreported] {
            assert_eq!(said(Standing::Within(state), false), None);
        }
        assert_eq!(
            said(Standing::Within(State::PendingClosure), false),
            stale("the account is PENDING_CLOSURE: a new plan leaves it out, until it is active again")
        );
        let stays = "the account is CLOSED: what the run did there stays; revert the run again with --account once the \
                     account is active";
        assert_eq!(said(Standing::Within(State::Closed), true), stale(stays));
        for (reverts, words) in [(false, "take it out of the baseline"), (true, "whoever has it now has to undo")] {
            let (kind, reason) = said(Standing::Outside, reverts).expect("it is not written");
            assert!(kind == OutcomeKind::Stale && reason.is_some_and(|reason| reason.contains(words)));
        }
    }
}
