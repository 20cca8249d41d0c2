//! One apply after another, each of which is killed at a kind of write that none was killed at before, until one goes
//! through.

use std::collections::BTreeSet;

use trueup::engine::doubt::SEEN;
use trueup::simulator::fault::{Effect, Injection, Moment};

use super::{ALLOWED, Calm, Kind, OF_ACCOUNTS, OF_ORGANIZATION};
use crate::earlier;
use crate::harness::Stage;
use crate::killed::started;

/// Writes of these kinds are never answered.
fn hang(stage: &Stage, kinds: &BTreeSet<Kind>, moment: Moment) {
    for (service, operation) in kinds.clone() {
        let (service, operation) = (Some(service), Some(operation));
        stage.inject(Injection { service, operation, moment, ..Injection::new(Effect::Hang) });
    }
}

/// The kind of the first write of these kinds after so many calls.
fn met(stage: &Stage, calls: usize, kinds: &BTreeSet<Kind>) -> Option<Kind> {
    stage.world(|world| {
        let writes = world.ledger.entries()[calls..].iter().filter(|entry| entry.write);
        let kind = writes.map(|entry| (entry.service.clone(), entry.operation.clone()));
        kind.into_iter().find(|kind| kinds.contains(kind))
    })
}

/// An apply that is killed at its first write of these kinds, and that write's kind; none: it had none of them, and ended.
fn killed_at_one_of(stage: &Stage, kinds: &BTreeSet<Kind>, moment: Moment) -> Option<Kind> {
    hang(stage, kinds, moment);
    let calls = stage.calls().len();
    // One change after another, so that nothing goes on beside the write that hangs.
    let arguments = [&["apply", "plan.json", "--concurrency", "1"], ALLOWED].concat();
    let mut running = started(stage, &arguments);
    let mut struck = None;
    while struck.is_none() && running.try_wait().expect("it is ours").is_none() {
        std::thread::yield_now();
        struck = met(stage, calls, kinds);
    }
    // Who has ended by itself cannot be killed.
    let _ = running.kill();
    running.wait().expect("it ends");
    stage.world(|world| world.faults.clear());
    struck.or_else(|| met(stage, calls, kinds))
}

/// Kills one apply after another at kinds of writes that none was killed at before, until one has none of these kinds
/// any more, and so has ended. Answers the kinds that no run had.
fn one_after_another(calm: &Calm, mut left: BTreeSet<Kind>, moment: Moment) -> BTreeSet<Kind> {
    let stage = calm.again();
    while let Some(kind) = killed_at_one_of(&stage, &left, moment) {
        left.remove(&kind);
        // What a run left in doubt takes minutes to end.
        earlier::in_folder(&stage, SEEN);
    }
    let (applied, _) = stage.apply(ALLOWED);
    calm.ended_alike(&stage, &applied, &format!("killed at all kinds of writes but {left:?}, {moment:?}"));
    left
}

/// Kills at each kind of write once. Some make others needless for the run that goes on, such as a bucket that was made:
/// S3 encrypts it by itself, and whoever finds it has no need to. Those are met in the same accounts as they were.
fn at_each_kind(calm: &Calm, moment: Moment, least: usize) {
    assert!(calm.kinds.len() >= least, "{} kinds of writes", calm.kinds.len());
    let mut left = calm.kinds.clone();
    while !left.is_empty() {
        let still = one_after_another(calm, left.clone(), moment);
        assert!(still.len() < left.len(), "{moment:?}: no run had {left:?}");
        left = still;
    }
}

#[test]
fn killed_before_each_kind_of_write_to_accounts_it_goes_on_and_ends_the_same() {
    at_each_kind(&OF_ACCOUNTS, Moment::Before, 50);
}

#[test]
fn killed_after_each_kind_of_write_to_accounts_it_goes_on_and_ends_the_same() {
    at_each_kind(&OF_ACCOUNTS, Moment::After, 50);
}

#[test]
fn killed_before_each_kind_of_write_for_the_organization_it_goes_on_and_ends_the_same() {
    at_each_kind(&OF_ORGANIZATION, Moment::Before, 20);
}

#[test]
fn killed_after_each_kind_of_write_for_the_organization_it_goes_on_and_ends_the_same() {
    at_each_kind(&OF_ORGANIZATION, Moment::After, 20);
}
