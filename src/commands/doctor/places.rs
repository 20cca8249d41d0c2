//! The lock that an apply would take, and where it would keep its run. Both are looked at, and nothing is taken.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::super::reach::Reached;
use super::super::state;
use crate::aws::statement;
use crate::aws::{OBJECT_READS, Objects, Place};
use crate::cli::StateAt;
use crate::doctor::{Diagnosis, Kind, Mend};
use crate::engine::lock::{self, FileLock, Holder};
use crate::history::History;
use crate::report::doctor::{LockLine, StateLine};

/// Where an apply would keep its run. Whether S3 lets it be written shows only with an apply.
pub(super) async fn state(named: Option<&StateAt>, reached: &Reached, found: &mut Diagnosis) -> StateLine {
    match named {
        Some(StateAt::Objects(place)) => shared_state(place, reached, found).await,
        Some(StateAt::Folder(_)) | None => folder(named, found),
    }
}

fn folder(named: Option<&StateAt>, found: &mut Diagnosis) -> StateLine {
    let (place, written) = state::check(named);
    let status = if written.is_ok() { "can be written" } else { "cannot be written" };
    if let Err(why) = written {
        let subject = format!("{place} cannot be written: an apply keeps its journal and its lock there");
        let another = Mend::new("name another folder", "--state ./trueup-state");
        found.note(Kind::State, &subject, true, Some(why), vec![another]);
    }
    StateLine { place, status }
}

async fn shared_state(place: &Place, reached: &Reached, found: &mut Diagnosis) -> StateLine {
    let looked = async {
        let objects = Objects::open(reached.objects_to_read(), place).await.map_err(|error| error.to_string())?;
        History::shared(objects).runs().await.map_err(|problem| problem.to_string())
    };
    let line = |status| StateLine { place: place.to_string(), status };
    let Err(why) = looked.await else { return line("can be read") };
    let subject = format!("{place} cannot be read: an apply keeps its journal there");
    found.note(Kind::State, &subject, true, Some(why), ways_to_reach(place, "/*", reached));
    line("cannot be read")
}

/// The lock of this machine; none where there is no folder for it.
pub(super) fn local_lock(named: Option<&StateAt>, organization: &str, found: &mut Diagnosis) -> Option<LockLine> {
    let path = state::lock(named, organization).ok()?;
    let line = |status, holder| LockLine { place: path.display().to_string(), status, holder };
    Some(match FileLock::look(&path) {
        Ok(None) => line("free", None),
        Ok(Some(holder)) => {
            note_local_holder(&path, &holder, found);
            line("held", Some(holder))
        }
        Err(why) => {
            let subject = format!("the lock {} cannot be read: an apply would not begin", path.display());
            let another = Mend::new("name another folder", "--state ./trueup-state");
            found.note(Kind::Lock, &subject, true, Some(why.to_string()), vec![another]);
            line("unreadable", None)
        }
    })
}

fn note_local_holder(path: &Path, holder: &Holder, found: &mut Diagnosis) {
    let Holder { id, .. } = holder;
    let path = path.display();
    let subject =
        format!("the lock {path} is held by run {id}: an apply would not begin, and it is gone with its process");
    found.note(Kind::Lock, &subject, false, Some(who(holder)), vec![]);
}

/// Whether a lock in S3 can be written shows only when it is taken.
pub(super) async fn shared_lock(reached: &Reached, place: &Place, found: &mut Diagnosis) -> LockLine {
    let line = |status, holder| LockLine { place: place.to_string(), status, holder };
    let looked = async {
        let objects = Objects::open(reached.objects_to_read(), place).await.map_err(|error| error.to_string())?;
        lock::look(&objects).await.map_err(|error| error.to_string())
    };
    match looked.await {
        Ok(None) => line("free", None),
        Ok(Some((holder, silent))) => {
            let dead = silent.is_some_and(|silent| silent > lock::LEASE);
            note_holder(place, &holder, silent, dead, found);
            line(if dead { "expired" } else { "held" }, Some(holder))
        }
        Err(why) => {
            let subject = format!("the lock {place} cannot be read: an apply would not begin");
            found.note(Kind::Lock, &subject, true, Some(why), ways_to_reach(place, "", reached));
            line("unreadable", None)
        }
    }
}

fn note_holder(place: &Place, holder: &Holder, silent: Option<Duration>, dead: bool, found: &mut Diagnosis) {
    let heard = silent.map(|silent| format!(", last heard {} s ago", silent.as_secs())).unwrap_or_default();
    let id = &holder.id;
    let then = if dead { "the next apply takes it over" } else { "an apply would not begin" };
    let subject = format!("the lock {place} is held by run {id}: {then}");
    // Whoever may write the object may put anything there, and this is copied into a shell.
    let plain = id.chars().all(|one| one.is_ascii_alphanumeric() || one == '-');
    let free = Mend::new("if that run is dead for certain", format!("trueup unlock {id} --lock {place}"));
    let mends = if plain && !dead { vec![free] } else { vec![] };
    found.note(Kind::Lock, &subject, false, Some(who(holder) + &heard), mends);
}

fn who(Holder { caller, host, since, .. }: &Holder) -> String {
    format!("by {caller} on {host}, since {since}")
}

/// What lets the caller use the objects that are called so.
fn ways_to_reach(place: &Place, below: &str, reached: &Reached) -> Vec<Mend> {
    let bucket = format!("arn:{}:s3:::{}", reached.caller.partition, place.bucket());
    let objects = format!("{bucket}/{}{below}", place.key());
    let actions = OBJECT_READS.iter().map(|call| call.action).chain(["s3:PutObject"]);
    let allow = statement(actions, &json!([bucket, objects]));
    let region = reached.base.home_region();
    let made = format!("aws s3 mb s3://{} --region {region}", place.bucket());
    vec![Mend::new("allow it to the caller", allow), Mend::new("or make the bucket, if there is none", made)]
}
