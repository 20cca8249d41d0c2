//! `trueup doctor`: what stands in the way of a plan or an apply, and what mends it.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::output::Output;
use super::reach::{self, Reached, Reads, Writes};
use super::scene::{Moment, Scene};
use super::{exit, state};
use crate::aws::{OBJECT_READS, Objects, Place, Session};
use crate::cli::{self, Format, LockAt};
use crate::controls;
use crate::doctor::{self, Diagnosis, Kind, Mend, Setting, Ways};
use crate::engine::lock::{self, Holder};
use crate::engine::{Besides, WriteEntry};
use crate::failure::Failure;
use crate::observe::account::Regions;
use crate::observe::{Home, Observe as _};
use crate::organization;
use crate::permissions::reference;
use crate::plan::Access;
use crate::report::doctor::{self as report, Around, LockLine};
use crate::target::AccountId;

/// Seconds by which a clock may be off before it is told. AWS refuses at five minutes.
const OFF: i64 = 60;

pub(super) async fn run(typed: &cli::Doctor, output: &Output) -> Result<ExitCode, Failure> {
    let moment = Moment::now();
    let scene = Scene::live(&typed.scoped, reach::options(&typed.scoped.reach, &moment.run), &moment, None).await?;
    let reached = scene.reached.clone().expect("a live scene reached AWS");
    let management = scene.survey.organization.management_account.clone();
    let reads = Arc::new(Reads::new(&reached, &scene.access, management.as_ref(), &[]));
    let writes = Arc::new(Writes::new(&reached, &scene.access, management.as_ref(), &[], &[]));
    let ways = |account: &AccountId| ways(account, &scene.access, &reads, &writes);
    let management_roles = management.as_ref().map(|account| reads.roles(account)).unwrap_or_default();
    let mut found = Diagnosis { management_roles, ..Diagnosis::default() };
    let setting = Setting {
        caller: reached.caller.arn.clone(),
        account: reached.caller.account.clone(),
        partition: reached.caller.partition.clone(),
        home_region: scene.survey.home_region.clone(),
        today: moment.today(),
    };
    note_organization(&scene, &mut found);
    let ahead = clock(&reached, &mut found).await?;
    let folder = folder(typed, &mut found);
    let lock = match &typed.lock {
        Some(LockAt::Object(place)) => Some(look(&reached, place, &mut found).await),
        Some(LockAt::Local) | None => None,
    };
    let besides = Besides {
        write: write_entry(scene.access.clone(), Arc::clone(&writes)),
        simulate: simulate(&reads),
        weighed: weighed(&setting),
    };
    let progress = output.progress(scene.traffic());
    let at_once = (usize::from(typed.scoped.reach.concurrency) / 4).clamp(1, 256);
    let each = |examined: doctor::Examined| {
        let ways = ways(&examined.account);
        found.add(examined, &ways);
    };
    scene.survey.examine_all(&scene.accounts, at_once, &besides, &progress, each).await?;
    drop(progress);
    let around = Around {
        created: moment.now,
        organization: scene.organization(),
        baseline: (scene.baseline.name.clone(), scene.baseline.digest.clone()),
        ahead,
        folder,
        lock,
        warnings: scene.warnings.clone(),
        reads: all_reads(&scene),
    };
    output.result(|out| match output.format {
        Format::Text | Format::Markdown => report::text(&around, &found, &setting, typed.detail, out),
        Format::Json => report::json(&around, &found, &setting, out),
    })?;
    output.say_traffic(&(scene.traffic())());
    Ok(exit::of_doctor(found.complete()))
}

/// A statement that allows all that the baseline reads with, also in the management account.
fn all_reads(scene: &Scene) -> String {
    let named: Vec<_> = scene.baseline.control_ids().into_iter().filter_map(controls::find).collect();
    let of = |home| controls::calls(named.iter().copied(), home);
    let calls = of(Home::Member).into_iter().chain(of(Home::Management)).chain(Regions::CALLS.iter().copied());
    let actions: BTreeSet<&str> = calls.map(|call| call.action).collect();
    doctor::statement(actions.into_iter(), &json!("*"))
}

fn ways(account: &AccountId, access: &Access, reads: &Reads, writes: &Writes) -> Ways {
    Ways { read: reads.roles(account), write: writes.role(account), external_id: reach::external_id(access, account) }
}

/// Enters accounts to write where a role is named for it, and with a session that may do nothing.
fn write_entry(access: Access, writes: Arc<Writes>) -> WriteEntry {
    Box::new(move |account| {
        let own = access.accounts.get(account).and_then(|own| own.write_role.as_ref());
        (access.write_role.is_some() || own.is_some()).then(|| writes.passing(account))
    })
}

fn simulate(reads: &Arc<Reads>) -> Box<dyn Fn(&AccountId) -> Option<Session> + Send + Sync> {
    let reads = Arc::clone(reads);
    Box::new(move |account| reads.simulating(account))
}

fn weighed(setting: &Setting) -> Box<dyn Fn(&str, &AccountId) -> Vec<String> + Send + Sync> {
    let (partition, region) = (setting.partition.as_str().to_owned(), setting.home_region.as_str().to_owned());
    Box::new(move |action, account| reference::examples(action, &partition, account.as_str(), &region))
}

fn note_organization(scene: &Scene, found: &mut Diagnosis) {
    let unknown = &scene.survey.organization.unknown;
    if !unknown.is_empty() {
        let allow = Mend::new(
            "allow the caller to ask Organizations, in the management account or in a delegated administrator",
            doctor::statement(organization::CALLS.iter().map(|call| call.action), &json!("*")),
        );
        let subject = "the organization is not known in full";
        found.note(Kind::Organization, subject, false, Some(unknown.join("; ")), vec![allow]);
    }
    let of_baseline = scene.pinned();
    if let (None, Some(id)) = (of_baseline, &scene.survey.organization.id) {
        let say = Mend::new("say in the baseline which organization it is for", format!("organization: {id}"));
        let subject = "apply would refuse: the baseline names no organization";
        found.note(Kind::Organization, subject, false, None, vec![say]);
    }
}

async fn clock(reached: &Reached, found: &mut Diagnosis) -> Result<Option<i64>, Failure> {
    let ahead = reached.base.ahead(&reached.caller).await.map_err(|error| Failure::failed(error.in_full()))?;
    if let Some(seconds) = ahead.filter(|seconds| seconds.abs() >= OFF) {
        let subject = format!("the clock of this machine is {}: AWS refuses from five minutes on", off(seconds));
        let set = Mend::new("set it by the network", "sudo timedatectl set-ntp true");
        found.note(Kind::Clock, &subject, false, None, vec![set]);
    }
    Ok(ahead)
}

fn off(seconds: i64) -> String {
    format!("{} s {}", seconds.abs(), if seconds > 0 { "ahead of AWS" } else { "behind AWS" })
}

fn folder(typed: &cli::Doctor, found: &mut Diagnosis) -> String {
    let (folder, written) = state::check(typed.state.as_deref());
    if let Err(why) = written {
        let subject = format!("{folder} cannot be written: an apply keeps its journal and its lock there");
        let another = Mend::new("name another folder", "--state ./trueup-state");
        found.note(Kind::State, &subject, true, Some(why), vec![another]);
    }
    folder
}

/// Looks at a lock. Whether it can be written shows only when it is taken.
async fn look(reached: &Reached, place: &Place, found: &mut Diagnosis) -> LockLine {
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
            found.note(Kind::Lock, &subject, true, Some(why), ways_to_lock(place, reached));
            line("unreadable", None)
        }
    }
}

fn note_holder(place: &Place, holder: &Holder, silent: Option<Duration>, dead: bool, found: &mut Diagnosis) {
    let heard = silent.map(|silent| format!(", last heard {} s ago", silent.as_secs())).unwrap_or_default();
    let Holder { id, caller, host, since } = holder;
    let then = if dead { "the next apply takes it over" } else { "an apply would not begin" };
    let subject = format!("the lock {place} is held by run {id}: {then}");
    let words = format!("by {caller} on {host}, since {since}{heard}");
    // Whoever may write the object may put anything there, and this is copied into a shell.
    let plain = id.chars().all(|one| one.is_ascii_alphanumeric() || one == '-');
    let free = Mend::new("if that run is dead for certain", format!("trueup unlock {id} --lock {place}"));
    let mends = if plain && !dead { vec![free] } else { vec![] };
    found.note(Kind::Lock, &subject, false, Some(words), mends);
}

fn ways_to_lock(place: &Place, reached: &Reached) -> Vec<Mend> {
    let bucket = format!("arn:{}:s3:::{}", reached.caller.partition, place.bucket());
    let object = format!("{bucket}/{}", place.key());
    let actions = OBJECT_READS.iter().map(|call| call.action).chain(["s3:PutObject"]);
    let allow = doctor::statement(actions, &json!([bucket, object]));
    let region = reached.base.home_region();
    let made = format!("aws s3 mb s3://{} --region {region}", place.bucket());
    vec![Mend::new("allow it to the caller", allow), Mend::new("or make the bucket, if there is none", made)]
}
