//! `trueup doctor`: what stands in the way of a plan or an apply, and what mends it.

mod places;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use super::exit;
use super::output::Output;
use super::permissions;
use super::reach::{self, Reached, Reads};
use super::scene::{Moment, Scene};
use super::writes::Writes;
use crate::aws::statement;
use crate::cli::{self, Format, LockAt};
use crate::controls;
use crate::doctor::{self, Diagnosis, Kind, Mends, Setting, Ways};
use crate::engine::{Besides, Entry, Examples, Written};
use crate::failure::Failure;
use crate::observe::account::Regions;
use crate::observe::{Home, Observe as _};
use crate::organization;
use crate::permissions::{Asked, Holder, log_archives, reference};
use crate::plan::Access;
use crate::report::doctor::{self as report, Around};
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
    let state = places::state(typed.state.as_ref(), &reached, &mut found).await;
    let lock = match (&typed.lock, &scene.survey.organization.id) {
        (Some(LockAt::Object(place)), _) => Some(places::shared_lock(&reached, place, &mut found).await),
        (Some(LockAt::Local) | None, Some(id)) => places::local_lock(typed.state.as_ref(), id, &mut found),
        (Some(LockAt::Local) | None, None) => None,
    };
    let besides = Besides {
        write: write_entry(scene.access.clone(), Arc::clone(&writes)),
        simulate: simulate(&reads),
        weighed: weighed(&setting),
        written: written(&scene, &setting)?,
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
        state,
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
    statement(actions.into_iter(), &json!("*"))
}

fn ways(account: &AccountId, access: &Access, reads: &Reads, writes: &Writes) -> Ways {
    Ways { read: reads.roles(account), write: writes.role(account), external_id: reach::external_id(access, account) }
}

/// Enters accounts to write where a role is named for it, and with a session that may do nothing.
fn write_entry(access: Access, writes: Arc<Writes>) -> Entry {
    Box::new(move |account| {
        let own = access.accounts.get(account).and_then(|own| own.write_role.as_ref());
        (access.write_role.is_some() || own.is_some()).then(|| writes.only_entered(account))
    })
}

fn simulate(reads: &Arc<Reads>) -> Entry {
    let reads = Arc::clone(reads);
    Box::new(move |account| reads.simulating(account))
}

fn weighed(setting: &Setting) -> Examples {
    let (partition, region) = (setting.partition.as_str().to_owned(), setting.home_region.as_str().to_owned());
    Box::new(move |action, account| reference::examples(action, &partition, account.as_str(), &region))
}

/// What the printed policies of the write roles allow.
fn written(scene: &Scene, setting: &Setting) -> Result<Written, Failure> {
    let named: Vec<_> = scene.baseline.control_ids().into_iter().filter_map(controls::find).collect();
    let (baseline, access) = (&scene.baseline, &scene.access);
    let asked = Asked { baseline, controls: &named, access, apply: true, reverts: &[], shared: &[] };
    let policies = permissions::policies(&asked)?;
    let of = |home: Home| -> BTreeMap<String, BTreeSet<String>> {
        let holder = Holder::Writer(home);
        let allowed = policies.iter().filter(|policy| policy.holder == holder).flat_map(|policy| &policy.allowed);
        allowed.map(|(action, allowed)| (action.clone(), allowed.resources.clone())).collect()
    };
    let [member, home, archive] = [Home::Member, Home::Management, Home::LogArchive].map(of);
    let archives = log_archives(baseline, &named);
    let management = scene.survey.organization.management_account.clone();
    let (partition, region) = (setting.partition.as_str().to_owned(), setting.home_region.as_str().to_owned());
    Ok(Box::new(move |account| {
        let mut needed = if management.as_ref() == Some(account) { home.clone() } else { member.clone() };
        for (action, resources) in archive.iter().filter(|_| archives.contains(account)) {
            needed.entry(action.clone()).or_default().extend(resources.iter().cloned());
        }
        let example = |pattern: &String| reference::example(pattern, &partition, account.as_str(), &region);
        needed.into_iter().map(|(action, on)| (action, on.iter().map(example).collect())).collect()
    }))
}

fn note_organization(scene: &Scene, found: &mut Diagnosis) {
    let unknown = &scene.survey.organization.unknown;
    if !unknown.is_empty() {
        let allow = Mends::new(
            "allow the caller to ask Organizations, in the management account or in a delegated administrator",
            statement(organization::CALLS.iter().map(|call| call.action), &json!("*")),
        );
        let subject = "the organization is not known in full";
        found.note(Kind::Organization, subject, false, Some(unknown.join("; ")), allow);
    }
    let of_baseline = scene.pinned();
    if let (None, Some(id)) = (of_baseline, &scene.survey.organization.id) {
        let say = Mends::new("say in the baseline which organization it is for", format!("organization: {id}"));
        let subject = "apply would refuse: the baseline names no organization";
        found.note(Kind::Organization, subject, false, None, say);
    }
}

async fn clock(reached: &Reached, found: &mut Diagnosis) -> Result<Option<i64>, Failure> {
    let ahead = reached.base.ahead(&reached.caller).await.map_err(|error| Failure::failed(error.in_full()))?;
    if let Some(seconds) = ahead.filter(|seconds| seconds.abs() >= OFF) {
        let subject = format!("the clock of this machine is {}: AWS refuses from five minutes on", off(seconds));
        let set = Mends::new("set it by the network", "sudo timedatectl set-ntp true");
        found.note(Kind::Clock, &subject, false, None, set);
    }
    Ok(ahead)
}

fn off(seconds: i64) -> String {
    format!("{} s {}", seconds.abs(), if seconds > 0 { "ahead of AWS" } else { "behind AWS" })
}
