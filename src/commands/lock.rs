//! One apply at a time: which lock an apply takes, and `trueup unlock`.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;

use super::output::Output;
use super::reach::{self, Reached};
use super::scene::Moment;
use super::state;
use crate::aws::{Objects, Place};
use crate::cli::{self, LockAt, StateAt};
use crate::engine::lock::{self, FileLock, Holder, Lock, NotTaken, ObjectLock, Rhythm};
use crate::engine::stop::Stop;
use crate::failure::Failure;
use crate::plan::{Change, PlanFile};
use crate::report::escape::safe;

/// More accounts than this are hardly one person's experiment: then somebody says which lock holds.
const UNASKED: usize = 20;

/// Refuses where nobody said which lock holds, and more than one machine is likely to apply.
pub(super) fn check(typed: Option<&LockAt>, file: &PlanFile, in_ci: bool) -> Result<(), Failure> {
    if typed.is_some() {
        return Ok(());
    }
    let written = file.changes.iter().filter(|change| change.can_be_applied());
    let accounts = written.map(|change: &Change| &change.account).collect::<BTreeSet<_>>().len();
    let why = match (in_ci, accounts > UNASKED) {
        (false, false) => return Ok(()),
        (true, _) => "in CI another job may apply at the same time".to_owned(),
        (false, true) => format!("{accounts} accounts are written, and somebody else may apply at the same time"),
    };
    Err(Failure::usage(format!("{why}: say which lock holds"))
        .hint("--lock s3://bucket/key holds for everyone")
        .hint("--lock local holds for this machine alone"))
}

/// Takes the lock. The one of this machine says that it is no more than that.
pub(super) async fn take(
    typed: Option<&LockAt>,
    state: Option<&StateAt>,
    organization: &str,
    reached: &Reached,
    moment: &Moment,
    stop: &Arc<Stop>,
    output: &Output,
) -> Result<Arc<dyn Lock>, Failure> {
    let holder = holder(reached, moment);
    let taken: Result<Arc<dyn Lock>, NotTaken> = match typed {
        Some(LockAt::Object(place)) => {
            let objects = objects(reached, place).await?;
            ObjectLock::take(objects, holder, stop, Rhythm::default()).await.map(|lock| Arc::new(lock) as Arc<dyn Lock>)
        }
        Some(LockAt::Local) | None => {
            if typed.is_none() {
                output.say("lock: this machine only; --lock s3://bucket/key holds for everyone");
            }
            let path = state::lock(state, organization)?;
            FileLock::take(&path, &holder).map(|lock| Arc::new(lock) as Arc<dyn Lock>)
        }
    };
    taken.map_err(|not_taken| refused(&not_taken, typed))
}

fn refused(not_taken: &NotTaken, typed: Option<&LockAt>) -> Failure {
    let failure = Failure::failed(not_taken);
    match (not_taken, typed) {
        (NotTaken::Held { holder, silent }, Some(LockAt::Object(place))) => {
            let heard =
                silent.map(|silent| format!("it was last heard {} s ago; ", silent.as_secs())).unwrap_or_default();
            failure
                .hint(format!("{heard}a dead holder loses the lock by itself after three minutes"))
                .hint(format!("if it is dead for certain: trueup unlock {} --lock {place}", holder.id))
        }
        (NotTaken::Held { .. }, _) => failure.hint("wait until it has ended; the lock is gone with its process"),
        (NotTaken::Failed { .. }, Some(LockAt::Object(place))) => {
            failure.hint(state::SHARED_NEEDS).hint(state::whose(place))
        }
        (NotTaken::Failed { .. }, _) => failure.hint("--state names another folder"),
    }
}

fn holder(reached: &Reached, moment: &Moment) -> Holder {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname");
    let name = name.map_or_else(|_| "this machine".to_owned(), |name| name.trim().to_owned());
    Holder {
        id: moment.run.clone(),
        caller: reached.caller.arn.clone(),
        host: format!("{name}, process {}", std::process::id()),
        since: moment.now.to_string(),
    }
}

async fn objects(reached: &Reached, place: &Place) -> Result<Objects, Failure> {
    Objects::open(reached.objects(), place).await.map_err(|error| {
        Failure::failed(format!("could not reach {place}: {error}"))
            .hint("is there such a bucket, and may you use it?")
            .hint(state::whose(place))
    })
}

/// `trueup unlock`
pub(super) async fn unlock(typed: &cli::Unlock, output: &Output) -> Result<ExitCode, Failure> {
    let moment = Moment::now();
    let reached = Reached::new(reach::options(&typed.reach, &moment.run)).await?;
    let objects = objects(&reached, &typed.lock).await?;
    match lock::unlock(&objects, &typed.id).await {
        Ok(holder) => {
            output.must_say(&safe(&format!("{} is free: run {} by {} held it", typed.lock, holder.id, holder.caller)));
            Ok(ExitCode::SUCCESS)
        }
        Err(NotTaken::Held { holder, .. }) => {
            Err(Failure::usage(format!("run {} by {} holds it, and not {}", holder.id, holder.caller, typed.id)))
        }
        Err(NotTaken::Failed { place, why }) => Err(Failure::failed(format!("could not free the lock {place}: {why}"))),
    }
}
