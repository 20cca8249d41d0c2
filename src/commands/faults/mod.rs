//! Whole runs while AWS misbehaves: plan, apply and plan again in the process, where nobody waits for a network.
//!
//! What can pass has to pass: verdicts, outcomes and everything that there is afterwards are those of a calm run.

mod on_disk;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use stage::{Meanwhile, REGIONS, Ran, Stage, lines, rows, same};

use crate::assessment::{Row, Status, VerdictKind};
use crate::aws::{self, Tally};
use crate::controls;
use crate::engine::apply::{Outcome, OutcomeKind};
use crate::plan::{Action, PlanFile};
use crate::simulator::fault::{BREAKDOWNS, Effect, Injection, Moment as When, Only, THROTTLES};

/// How often each account made something, as far as that was carried out and accepted.
fn made(ran: &Ran) -> BTreeMap<(&str, &str, &str), usize> {
    let mut made = BTreeMap::new();
    let done = ran.calls.iter().filter(|call| call.carried_out && call.operation.starts_with("Create"));
    for call in done.filter(|call| call.code.is_none() || call.code.as_deref() == Some("fault")) {
        *made.entry((&*call.account, &*call.region, &*call.operation)).or_default() += 1;
    }
    made
}

/// The run that nothing disturbs.
static CALM: LazyLock<Ran> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(Stage::new().run())
});

/// A run with these faults ends as a calm one does.
#[track_caller]
fn ends_alike(faults: &[Injection]) -> Ran {
    ends_alike_on(Stage::new(), faults)
}

#[track_caller]
fn ends_alike_on(stage: Stage, faults: &[Injection]) -> Ran {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let calm = &*CALM;
    stage.inject(faults);
    let ran = runtime.block_on(stage.run());
    let controls: Vec<&str> = calm.file.changes.iter().map(|change| &*change.control).collect();
    assert!(controls::CONTROLS.iter().all(|control| controls.contains(&control.meta().id)), "{controls:?}");
    same("the verdicts of the plan", &rows(&ran.file.verdicts), &rows(&calm.file.verdicts));
    assert_eq!(lines(&ran.file), lines(&calm.file), "the accounts");
    assert_eq!(ran.file.header.summary, calm.file.header.summary, "the figures");
    let outcomes = |ran: &Ran| -> Vec<(String, Outcome)> {
        let changes = ran.file.changes.iter().map(|change| change.target().address());
        changes.zip(ran.outcomes.iter().cloned()).collect()
    };
    let pairs = outcomes(&ran).into_iter().zip(outcomes(calm));
    let others: Vec<_> = pairs.filter(|((_, outcome), (_, calm))| came(outcome) != came(calm)).collect();
    assert!(others.is_empty(), "{others:#?}");
    same("the verdicts afterwards", &rows(&ran.after.1), &rows(&calm.after.1));
    assert_eq!(ran.after.0, calm.after.0, "the figures afterwards");
    same("the accounts afterwards", &ran.state, &calm.state);
    ran
}

/// What came of a change. What AWS takes minutes for may be in force already when somebody looks who was held up.
fn came(outcome: &Outcome) -> OutcomeKind {
    if outcome.kind == OutcomeKind::Pending { OutcomeKind::Verified } else { outcome.kind }
}

fn sum(ran: &Ran, count: fn(&Tally) -> u64) -> u64 {
    ran.traffic.values().map(count).sum()
}

fn share(percent: u8, effect: Effect) -> Injection {
    Injection { percent: Some(percent), seed: 11, ..Injection::new(effect) }
}

fn late(percent: u8, effect: Effect) -> Injection {
    Injection { moment: When::After, ..share(percent, effect) }
}

fn refusal(code: &str, status: u16) -> Effect {
    Effect::Error { code: code.to_owned(), status, message: format!("the simulator says {code}") }
}

#[test]
fn a_fifth_of_all_calls_throttled_on_every_service_changes_nothing() {
    let faults = THROTTLES.map(|(service, code, status)| Injection {
        service: Some(service.to_owned()),
        ..share(20, refusal(code, status))
    });
    let ran = ends_alike(&faults);
    let struck = ran.calls.iter().filter(|call| !call.carried_out).count() as u64;
    assert!(struck * 10 > ran.calls.len() as u64, "{struck} of {}", ran.calls.len());
    assert_eq!(sum(&ran, |tally| tally.throttles), struck, "each is counted");
    assert!(sum(&ran, |tally| tally.retries) >= struck, "and what was sent again");
    assert_eq!(sum(&ran, |tally| tally.calls), ran.calls.len() as u64);
}

#[test]
fn server_errors_before_and_after_the_effect_change_nothing() {
    let breakdown = |(service, code, status): (&str, &str, u16)| (Some(service.to_owned()), refusal(code, status));
    let of_each = |share: fn(u8, Effect) -> Injection| {
        BREAKDOWNS.map(breakdown).map(|(service, effect)| Injection { service, ..share(5, effect) })
    };
    ends_alike(&of_each(share));
    ends_alike(&of_each(late));
    ends_alike(&[late(5, refusal("ServiceUnavailable", 503))]);
    ends_alike(&[share(5, Effect::Empty { status: 500 }), late(5, Effect::Empty { status: 502 })]);
}

/// The operations that change something in the calm run, with their services.
fn writes() -> BTreeSet<(&'static str, &'static str)> {
    CALM.calls.iter().filter(|call| call.write).map(|call| (&*call.service, &*call.operation)).collect()
}

#[test]
fn each_kind_of_write_that_breaks_down_before_and_after_its_effect_is_done_once() {
    let broken = |(service, operation): (&str, &str)| {
        let signed = if service == "s3control" { "s3" } else { service };
        let (_, code, status) = BREAKDOWNS.into_iter().find(|(of, ..)| *of == signed).expect("it has words for it");
        let (service, operation) = (Some(service.to_owned()), Some(operation.to_owned()));
        let once = |effect| Injection {
            service: service.clone(),
            operation: operation.clone(),
            times: Some(1),
            ..Injection::new(effect)
        };
        [once(refusal(code, status)), Injection { moment: When::After, after: 1, ..once(Effect::Reset) }]
    };
    let faults: Vec<Injection> = writes().into_iter().flat_map(broken).collect();
    let ran = ends_alike_on(Stage::with(Meanwhile::ClockMoves), &faults);
    assert_eq!(made(&ran), made(&CALM), "nothing is made twice");
    let not_done = ran.calls.iter().filter(|call| call.write && !call.carried_out).count();
    assert_eq!(not_done * 2, faults.len(), "each broke down before it had an effect");
    let sent = |ran: &Ran| ran.calls.iter().filter(|call| call.write).count();
    let again = (sent(&ran) - sent(&CALM)) as u64;
    // What a lost making has done is not asked for again, and neither is what goes with it by itself.
    assert!(again > 0, "something was sent again");
    assert!(sum(&ran, |tally| tally.retries) >= again, "what was sent again is counted: {again}");
}

#[test]
fn connections_that_break_before_and_after_the_effect_change_nothing() {
    ends_alike(&[share(2, Effect::Reset), late(2, Effect::Reset)]);
}

#[test]
fn an_endpoint_that_hangs_now_and_then_changes_nothing() {
    let faults = [share(1, Effect::Hang), late(1, Effect::Hang)];
    let ran = ends_alike(&faults);
    assert!(sum(&ran, |tally| tally.retries) > 0, "something did hang");
}

#[test]
fn slow_answers_change_nothing() {
    ends_alike(&[share(10, Effect::Latency { milliseconds: 40 })]);
}

#[test]
fn half_bodies_change_nothing() {
    let ran = ends_alike(&[late(5, Effect::Truncated)]);
    assert!(sum(&ran, |tally| tally.retries) > 0);
}

#[test]
fn pages_of_a_proxy_change_nothing() {
    ends_alike(&[share(5, Effect::Html { status: 503 }), late(3, Effect::Html { status: 502 })]);
    ends_alike(&[Injection { only: Only::Reads, ..share(5, Effect::Html { status: 200 }) }]);
}

#[test]
fn sessions_that_end_early_are_followed_by_others() {
    let ran = ends_alike(&[share(5, Effect::Expiry)]);
    let run_out = ran.calls.iter().filter(|call| call.code.as_deref().is_some_and(aws::ran_out)).count();
    assert!(run_out > 5, "{run_out}");
}

#[test]
fn what_is_made_is_not_made_again_while_it_is_not_seen_yet() {
    let creates = ["CreateKey", "CreateAlias", "CreateBucket", "CreateTrail", "CreateDetector"];
    for calls in [1, 3] {
        let faults = creates.map(|operation| Injection {
            operation: Some(operation.to_owned()),
            ..Injection::new(Effect::Lag { calls })
        });
        let ran = ends_alike(&faults);
        assert_eq!(made(&ran), made(&CALM));
    }
}

/// What strikes the making of the organization's key once.
fn key_once(effect: Effect) -> Injection {
    Injection { operation: Some("CreateKey".to_owned()), times: Some(1), ..Injection::new(effect) }
}

#[test]
fn a_key_whose_answer_is_lost_and_that_is_not_seen_yet_is_waited_for_and_not_made_again() {
    for effect in [Effect::Reset, refusal("KMSInternalException", 500)] {
        let lost = Injection { moment: When::After, ..key_once(effect) };
        let ran = ends_alike(&[lost, key_once(Effect::Lag { calls: 12 })]);
        let keys = ran.calls.iter().filter(|call| call.operation == "CreateKey").count();
        assert_eq!(keys, 1, "it is not even asked for again");
    }
}

/// What came of the organization's key.
fn of_key(file: &PlanFile, outcomes: &[Outcome]) -> Outcome {
    let mut pairs = file.changes.iter().zip(outcomes);
    let key = pairs.find(|(change, _)| change.kind == "kms.key" && change.action == Action::Add);
    key.expect("there is a key to make").1.clone()
}

#[test]
fn a_key_that_was_not_made_is_made_by_the_same_run_once_it_would_be_seen() {
    for effect in [Effect::Reset, refusal("KMSInternalException", 500)] {
        let before = Stage::waited().len();
        let ran = ends_alike_on(Stage::with(Meanwhile::ClockMoves), &[key_once(effect)]);
        let [told] = &Stage::waited()[before..] else { panic!("it says once that it waits: {:?}", Stage::waited()) };
        for words in ["/kms.key/", " until ", "it was sent at", "is made where it is still not there"] {
            assert!(told.contains(words), "{told}");
        }
        let asked = ran.calls.iter().filter(|call| call.operation == "CreateKey").count();
        assert_eq!((asked, of_key(&ran.file, &ran.outcomes).kind), (2, OutcomeKind::Verified));
    }
}

#[test]
fn whoever_is_interrupted_while_a_key_is_waited_for_leaves_the_doubt_to_the_next_run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut stage = Stage::with(Meanwhile::Interrupted);
    stage.inject(&[key_once(Effect::Reset)]);
    runtime.block_on(async {
        let scene = stage.scene().await;
        let file = stage.plan(&scene).await;
        for _ in 0..2 {
            let unknown = of_key(&file, &stage.apply(&scene, &file).await);
            assert_eq!(unknown.kind, OutcomeKind::Unknown, "{unknown:?}");
            let why = unknown.reason.as_deref().unwrap_or_default();
            assert!(
                ["kms:CreateKey", "not sent again", "it was sent at"].iter().all(|words| why.contains(words)),
                "{why}"
            );
            assert_eq!(stage.asked_for_keys(), 1);
        }
        stage.meanwhile = Meanwhile::ClockMoves;
        let made = of_key(&file, &stage.apply(&scene, &file).await);
        assert_eq!((made.kind, stage.asked_for_keys()), (OutcomeKind::Verified, 2), "{made:?}");
    });
}

#[test]
fn an_instance_that_stays_between_two_states_fails_by_name_and_says_what_to_do() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut stage = Stage::new();
    stage.propagation = std::time::Duration::from_millis(600);
    let operation = Some("ModifyInstanceMetadataOptions".to_owned());
    stage.inject(&[Injection { operation, ..Injection::new(refusal("IncorrectInstanceState", 400)) }]);
    runtime.block_on(async {
        let scene = stage.scene().await;
        let file = stage.plan(&scene).await;
        let outcomes = stage.apply(&scene, &file).await;
        let of_instances = file.changes.iter().zip(&outcomes).filter(|(change, _)| change.control == "ec2.instance");
        let mut written = of_instances.filter(|(change, _)| change.manual.is_none()).peekable();
        assert!(written.peek().is_some(), "the organization has instances to mend");
        for (change, Outcome { kind, reason, .. }) in written {
            let why = reason.as_deref().unwrap_or_default();
            assert_eq!(*kind, OutcomeKind::Failed, "{why}");
            let account = change.account.to_string();
            for words in ["ec2:ModifyInstanceMetadataOptions", &account, "once the instance runs or is stopped"] {
                assert!(why.contains(words), "{why}");
            }
        }
    });
}

#[test]
fn every_write_that_is_seen_late_is_waited_for() {
    ends_alike(&[Injection { only: Only::Writes, ..Injection::new(Effect::Lag { calls: 2 }) }]);
}

#[test]
fn answers_of_writes_that_are_lost_change_nothing() {
    for effect in [Effect::Reset, Effect::Truncated, Effect::Html { status: 502 }, refusal("SomethingNew", 500)] {
        let ran = ends_alike(&[Injection { only: Only::Writes, ..late(30, effect) }]);
        assert!(ran.calls.iter().any(|call| call.write && call.carried_out));
    }
}

#[test]
fn everything_at_once_changes_nothing() {
    ends_alike(&[
        share(10, refusal("ThrottlingException", 400)),
        Injection { seed: 12, ..late(2, refusal("InternalFailure", 500)) },
        Injection { seed: 13, ..share(2, Effect::Reset) },
        Injection { seed: 14, ..late(2, Effect::Truncated) },
        Injection { seed: 15, ..share(2, Effect::Expiry) },
        Injection { seed: 16, ..share(10, Effect::Latency { milliseconds: 5 }) },
    ]);
}

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
        // What nobody allowed is held in every account.
        let asked = || file.changes.iter().zip(&outcomes).filter(|(_, outcome)| outcome.kind != OutcomeKind::Held);
        for (change, outcome) in asked() {
            let done = matches!(outcome.kind, OutcomeKind::Verified | OutcomeKind::Already | OutcomeKind::Pending);
            if change.account.as_str() != id {
                assert!(done || !change.can_be_applied(), "{}: {outcome:?}", change.target().address());
            }
        }
        let of_it = asked().filter(|(change, _)| change.account.as_str() == id);
        let tried = of_it.clone().filter(|(change, _)| change.can_be_applied());
        let kinds: Vec<OutcomeKind> = tried.map(|(_, outcome)| outcome.kind).collect();
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
