//! In which order changes are begun: wave by wave, the canary first.

use std::collections::HashMap;

use super::carried::Carried;
use super::order;
use super::outcome::OutcomeKind;
use crate::plan::{Change, Wave};
use crate::target::AccountId;

/// The changes of each wave, and last those of accounts that are in none. A change that needs one of a later wave goes
/// with that: what it needs would not be there before.
#[must_use]
pub fn by_wave<'a>(changes: &'a [Change], waves: &[Wave]) -> Vec<Vec<&'a Change>> {
    let mut wave_of: HashMap<&AccountId, usize> = HashMap::new();
    for (number, wave) in waves.iter().enumerate() {
        for account in &wave.accounts {
            wave_of.entry(account).or_insert(number);
        }
    }
    let mut number_of: HashMap<&str, usize> = HashMap::new();
    for change in order::in_order(&changes.iter().collect::<Vec<_>>()) {
        let own = wave_of.get(&change.account).copied().unwrap_or(waves.len());
        let needs = change.depends_on.iter().filter_map(|id| number_of.get(id.as_str()).copied());
        number_of.insert(&change.id, needs.fold(own, usize::max));
    }
    let mut lots = vec![vec![]; waves.len() + 1];
    for change in changes {
        lots[number_of[change.id.as_str()]].push(change);
    }
    lots
}

/// Why a canary is not verified; none: what was written of it is in force. What was not written, because it waits for a
/// flag, for a person, or for what it needs, says nothing of what the others would meet.
pub(super) fn unverified(canary: &[&Change], carried: &Carried) -> Option<String> {
    use OutcomeKind::{Already, Blocked, Contested, Failed, Held, Manual, Pending, Stale, Unknown, Verified};
    canary.iter().find_map(|change| {
        let said = match carried.outcome(&change.id).map(|outcome| outcome.kind) {
            Some(Verified | Already | Held | Manual | Blocked) => return None,
            Some(Pending) => "not yet in force",
            Some(Stale) => "not as the plan saw it",
            Some(Contested) => "set back by somebody else",
            Some(Failed) => "failed",
            Some(Unknown) | None => "not known",
        };
        Some(format!("the canary is not verified: {} is {said}", change.target().address()))
    })
}

/// Whether something was sent in this wave, so that there is something to wait for.
pub(super) fn wrote(lot: &[&Change], carried: &Carried) -> bool {
    let sent = |kind| {
        matches!(kind, OutcomeKind::Verified | OutcomeKind::Pending | OutcomeKind::Failed | OutcomeKind::Unknown)
    };
    lot.iter().any(|change| carried.outcome(&change.id).is_some_and(|outcome| sent(outcome.kind)))
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;
    use crate::report::made;

    fn wave(canary: bool, account: &AccountId) -> Wave {
        Wave { name: "a wave".to_owned(), canary, accounts: vec![account.clone()] }
    }

    /// Changes of three accounts.
    fn changes() -> [Change; 3] {
        [1, 2, 3].map(made::change)
    }

    fn places(changes: &[Change], waves: &[Wave]) -> Vec<Vec<AccountId>> {
        let lots = by_wave(changes, waves);
        lots.iter().map(|lot| lot.iter().map(|change| change.account.clone()).collect()).collect()
    }

    #[test]
    fn a_change_is_in_the_wave_of_its_account_and_last_without_one() {
        let changes = changes();
        let [one, two, three] = changes.each_ref().map(|change| change.account.clone());
        let waves = [wave(true, &two), wave(false, &one)];
        assert_eq!(places(&changes, &waves), [vec![two.clone()], vec![one.clone()], vec![three.clone()]]);
        assert_eq!(places(&changes, &[]), [vec![one, two, three]]);
    }

    #[test]
    fn a_change_never_comes_before_what_it_needs_however_far_that_is() {
        let mut changes = changes();
        let [one, two, three] = changes.each_ref().map(|change| change.account.clone());
        changes[0].depends_on = vec![changes[1].id.clone()];
        changes[1].depends_on = vec![changes[2].id.clone()];
        let waves = [&one, &two, &three].map(|account| wave(false, account));
        assert_eq!(places(&changes, &waves), [vec![], vec![], vec![one, two, three], vec![]]);
    }

    #[test]
    fn a_canary_is_verified_when_what_was_written_of_it_is_in_force() {
        use OutcomeKind::{Already, Blocked, Contested, Failed, Held, Manual, Pending, Stale, Unknown, Verified};
        let change = made::change(1);
        for (kind, verified) in [
            (Verified, true),
            (Already, true),
            (Held, true),
            (Blocked, true),
            (Manual, true),
            (Pending, false),
            (Stale, false),
            (Failed, false),
            (Unknown, false),
            (Contested, false),
        ] {
            let carried = Carried::default();
            carried.end(&change, &Outcome::because(kind, "a reason"));
            assert_eq!(unverified(&[&change], &carried).is_none(), verified, "{kind:?}");
        }
        assert!(unverified(&[&change], &Carried::default()).is_some(), "what is not known is not verified");
    }
}
