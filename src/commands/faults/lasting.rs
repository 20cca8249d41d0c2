//! What does not pass: it is named, and what did not meet it is as in a calm run.

use super::*;

/// The account with the most changes that is not the management account.
fn busiest(file: &PlanFile) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let management = file.header.organization.management_account.as_ref();
    for change in file.changes.iter().filter(|change| Some(&change.account) != management) {
        *counts.entry(change.account.to_string()).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).expect("a change").0
}

fn of<'a>(file: &'a PlanFile, account: &'a str) -> impl Iterator<Item = &'a Row> {
    file.verdicts.iter().filter(move |row| row.account.as_str() == account)
}

/// However many calls an account had answered before, what it did not answer any more is unreadable and never a
/// region that is not enabled; the others are as in a calm run.
#[test]
fn an_account_that_is_suspended_in_the_middle_of_a_plan_is_named_and_never_clean() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let calm = &CALM.file;
    let id = busiest(calm);
    for after in 0..8 {
        let stage = Stage::new();
        let suspension = Injection { account: Some(id.clone()), after, ..Injection::new(Effect::Suspension) };
        stage.inject(&[suspension]);
        let file = runtime.block_on(async {
            let scene = stage.scene().await;
            stage.plan(&scene).await
        });
        let line = file.accounts.iter().find(|line| line.id.as_str() == id).expect("it is named");
        assert!(matches!(line.status, Status::Partial | Status::Unreadable), "{after}: {line:?}");
        assert!(line.reason.as_ref().is_some_and(|why| why.contains("suspended")), "{after}: {line:?}");
        assert!(!file.header.complete, "the exit code says so");
        assert!(of(&file, &id).any(|row| row.verdict == VerdictKind::Unreadable), "{after}");
        let closed = |row: &&Row| row.reason.as_ref().is_some_and(|why| why.contains("is not enabled in this account"));
        let before = of(calm, &id).filter(closed).count();
        assert_eq!(of(&file, &id).filter(closed).count(), before, "{after}");
        let others = |file: &PlanFile| {
            let others: Vec<Row> = file.verdicts.iter().filter(|row| row.account.as_str() != id).cloned().collect();
            rows(&others)
        };
        same("the other accounts", &others(&file), &others(calm));
    }
}

#[test]
fn an_account_that_is_suspended_in_the_middle_of_an_apply_fails_by_name_and_the_others_go_on() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for after in [0, 4, 9] {
        let stage = Stage::new();
        let (file, outcomes) = runtime.block_on(async {
            let scene = stage.scene().await;
            let file = stage.plan(&scene).await;
            let account = Some(busiest(&file));
            stage.inject(&[Injection { account, after, ..Injection::new(Effect::Suspension) }]);
            let outcomes = stage.apply(&scene, &file).await;
            (file, outcomes)
        });
        let id = busiest(&file);
        for (change, outcome) in file.changes.iter().zip(&outcomes) {
            let done = matches!(outcome.kind, OutcomeKind::Verified | OutcomeKind::Already);
            if change.account.as_str() != id {
                assert!(done || !change.can_be_applied(), "{}: {outcome:?}", change.target().address());
            }
        }
        let of_it = file.changes.iter().zip(&outcomes).filter(|(change, _)| change.account.as_str() == id);
        let kinds: Vec<OutcomeKind> = of_it.clone().map(|(_, outcome)| outcome.kind).collect();
        let lost = |kind: &OutcomeKind| matches!(kind, OutcomeKind::Failed | OutcomeKind::Unknown);
        assert!(lost(kinds.last().expect("it has changes")), "{after}: {kinds:?}");
        for (_, outcome) in of_it.filter(|(_, outcome)| lost(&outcome.kind)) {
            assert!(outcome.reason.as_ref().is_some_and(|why| why.contains("suspended")), "{after}: {outcome:?}");
        }
    }
}

#[test]
fn a_region_that_is_disabled_in_the_middle_is_not_applicable_or_unreadable_as_far_as_it_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let calm = &CALM.file;
    let id = busiest(calm);
    let abroad = |row: &&Row| row.region.as_ref().is_some_and(|region| region.as_str() == REGIONS[1]);
    let asked = |after| {
        let stage = Stage::new();
        let (account, region) = (Some(id.clone()), Some(REGIONS[1].to_owned()));
        stage.inject(&[Injection { account, region, after, ..Injection::new(Effect::RegionDisabled) }]);
        runtime.block_on(async {
            let scene = stage.scene().await;
            stage.plan(&scene).await
        })
    };
    let at_once = asked(0);
    assert!(of(&at_once, &id).filter(abroad).all(|row| row.verdict == VerdictKind::NotApplicable));
    assert!(of(&at_once, &id).filter(abroad).all(|row| {
        row.reason.as_ref().is_some_and(|why| why.contains("eu-west-1 is not enabled in this account"))
    }));
    assert_eq!(at_once.header.complete, calm.header.complete, "what is not applicable is not missing");
    let later = asked(2);
    assert!(of(&later, &id).filter(abroad).any(|row| row.verdict == VerdictKind::Unreadable));
    assert!(!later.header.complete);
    let home = |row: &&Row| !abroad(row);
    for file in [&at_once, &later] {
        let at_home = |file: &PlanFile| rows(&of(file, &id).filter(home).cloned().collect::<Vec<_>>());
        same("the rest of the account", &at_home(file), &at_home(calm));
    }
}
