//! The lock that an apply would take, and where it would keep its run. Both are looked at, and nothing is taken.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::reach::Reached;
use super::super::state;
use crate::aws::statement;
use crate::aws::{Caller, OBJECT_READS, Objects, Place};
use crate::cli::StateAt;
use crate::doctor::{Diagnosis, Kind, Mends};
use crate::engine::lock::{self, FileLock, Holder};
use crate::history::History;
use crate::observe::iam::simulated;
use crate::report::doctor::{LockLine, StateLine};
use crate::target::{AccountId, Target};

/// What an apply does there besides reading.
const WRITE: &str = "s3:PutObject";

/// Where an apply would keep its run. Whether S3 lets it be written shows only with an apply; what IAM's policy simulator
/// says of it is indicative.
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
        found.note(Kind::State, &subject, true, Some(why), another_folder());
    }
    StateLine { place, status }
}

fn another_folder() -> Mends {
    Mends::new("name another folder", "--state ./trueup-state")
}

async fn shared_state(place: &Place, reached: &Reached, found: &mut Diagnosis) -> StateLine {
    let looked = async {
        let objects = Objects::open(reached.objects_to_read(), place).await.map_err(|error| error.to_string())?;
        History::shared(objects).runs().await.map_err(|problem| problem.to_string())
    };
    let line = |status| StateLine { place: place.to_string(), status };
    let Err(why) = looked.await else {
        let then = "an apply keeps its journal there";
        note_unwritable(Kind::State, place, "/example", then, reached, found).await;
        return line("can be read");
    };
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
            found.note(Kind::Lock, &subject, true, Some(why.to_string()), another_folder());
            line("unreadable", None)
        }
    })
}

fn note_local_holder(path: &Path, holder: &Holder, found: &mut Diagnosis) {
    let Holder { id, .. } = holder;
    let shown = path.display();
    let subject =
        format!("the lock {shown} is held by run {id}: an apply would not begin, and it is gone with its process");
    found.note(Kind::Lock, &subject, false, Some(who(holder)), ways_to_wait(path, holder));
}

/// What is done about a lock that another process of this machine holds. Whoever may write its file may put anything
/// there, and this is copied into a shell.
fn ways_to_wait(path: &Path, holder: &Holder) -> Mends {
    let process = holder.host.rsplit_once("process ").map(|(_, process)| process);
    match process.filter(|process| !process.is_empty() && process.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(process) => Mends::new("see what holds it", format!("ps -o pid,user,lstart,args -p {process}"))
            .or("wait until it has ended", format!("while ps -p {process} > /dev/null; do sleep 5; done")),
        None => Mends::new("see what holds it", format!("lsof -- {}", quoted(&path.display().to_string()))),
    }
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a lock in S3 can be written shows only when it is taken; what IAM's policy simulator says of it is indicative.
pub(super) async fn shared_lock(reached: &Reached, place: &Place, found: &mut Diagnosis) -> LockLine {
    let line = |status, holder| LockLine { place: place.to_string(), status, holder };
    let looked = async {
        let objects = Objects::open(reached.objects_to_read(), place).await.map_err(|error| error.to_string())?;
        lock::look(&objects).await.map_err(|error| error.to_string())
    };
    let looked = looked.await;
    if looked.is_ok() {
        note_unwritable(Kind::Lock, place, "", "an apply would not begin", reached, found).await;
    }
    match looked {
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
    let address = quoted(&format!("s3://{}/{}", place.bucket(), place.key()));
    let mends = if plain {
        Mends::new("if that run is dead for certain", format!("trueup unlock {id} --lock {place}"))
    } else {
        Mends::new("see what is there", format!("aws s3 cp {address} -"))
    };
    found.note(Kind::Lock, &subject, false, Some(who(holder) + &heard), mends);
}

fn who(Holder { caller, host, since, .. }: &Holder) -> String {
    format!("by {caller} on {host}, since {since}")
}

/// Says so where IAM's policy simulator has it that the caller may not write there; that it may not be asked says nothing.
async fn note_unwritable(kind: Kind, place: &Place, below: &str, then: &str, reached: &Reached, found: &mut Diagnosis) {
    let Caller { arn, account, partition } = &reached.caller;
    let Some(source) = source(arn, partition.as_str(), account) else { return };
    let object = format!("arn:{partition}:s3:::{}/{}{below}", place.bucket(), place.key());
    let at = Target { account: account.clone(), region: None };
    let asked = simulated(&reached.simulating(), &at, &source, &[WRITE], &object).await;
    if asked.is_ok_and(|denied| denied.contains_key(WRITE)) {
        let subject =
            format!("{place} may not be written by the caller, says IAM's policy simulator (indicative): {then}");
        let below = if below.is_empty() { "" } else { "/*" };
        found.note(kind, &subject, false, None, ways_to_reach(place, below, reached));
    }
}

/// Whose policies the caller has: its user, or the role of its session, whose path nobody says.
fn source(caller: &str, partition: &str, account: &AccountId) -> Option<String> {
    let (_, rest) = caller.split_once(&format!("::{account}:"))?;
    match rest.split_once('/')? {
        ("user", _) => Some(caller.to_owned()),
        ("assumed-role", rest) => Some(format!("arn:{partition}:iam::{account}:role/{}", rest.split('/').next()?)),
        _ => None,
    }
}

/// What lets the caller use the objects that are called so.
fn ways_to_reach(place: &Place, below: &str, reached: &Reached) -> Mends {
    let bucket = format!("arn:{}:s3:::{}", reached.caller.partition, place.bucket());
    let objects = format!("{bucket}/{}{below}", place.key());
    let actions = OBJECT_READS.iter().map(|call| call.action).chain([WRITE]);
    let allow = statement(actions, &json!([bucket, objects]));
    let Some(owner) = place.owner() else {
        let region = reached.base.home_region();
        let made = format!("aws s3 mb s3://{} --region {region}", place.bucket());
        let elsewhere = format!("s3://ACCOUNT@{}/{}", place.bucket(), place.key());
        return Mends::new("allow it to the caller", allow)
            .or("or make the bucket, if there is none", made)
            .or("or say whose the bucket is, if it is another account's", elsewhere);
    };
    let Caller { account, partition, .. } = &reached.caller;
    let mut there: Value = serde_json::from_str(&allow).unwrap_or_default();
    there["Principal"] = json!({"AWS": format!("arn:{partition}:iam::{account}:root")});
    let how = format!("and to its account in the policy of the bucket, in account {owner}");
    Mends::new("allow it to the caller", allow).or(&how, there.to_string())
}
