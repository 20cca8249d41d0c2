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
            Ok(stands) => Outcome::because(OutcomeKind::Stale, gone(&stands, change.reverts.is_some())),
            Err(unknown) => {
                let unknown = unknown.explained();
                let words =
                    format!("{said}; whether the account is suspended or has left could not be asked: {unknown}");
                Outcome::because(OutcomeKind::Failed, words)
            }
        }
    }

    /// What comes of a change that something is to be written for, where its account is not known to be in the
    /// organization: it may have left, and still trust the role.
    pub(super) async fn outside(&self, change: &Change) -> Option<Outcome> {
        match self.of(&change.account).await {
            Ok(Standing::Within(_)) => None,
            Ok(Standing::Outside) => {
                Some(Outcome::because(OutcomeKind::Stale, gone(&Standing::Outside, change.reverts.is_some())))
            }
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

/// That nothing can be done in an account, and what to do.
fn gone(stands: &Standing, reverts: bool) -> String {
    let (why, mend) = match (stands, reverts) {
        (Standing::Within(state), false) => (
            format!("the account is {state}, and lets nobody in"),
            "a new plan leaves it out, until it is active again",
        ),
        (Standing::Within(state), true) => (
            format!("the account is {state}, and lets nobody in"),
            "what the run did there stays; revert the run again with --account once the account is active",
        ),
        (Standing::Outside, false) => (
            "the account is not in the organization any more".to_owned(),
            "a new plan leaves it out; take it out of the baseline where that names it",
        ),
        (Standing::Outside, true) => (
            "the account is not in the organization any more".to_owned(),
            "whoever has it now has to undo what the run did there",
        ),
    };
    format!("{why}: {mend}")
}
