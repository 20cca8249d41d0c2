//! Every requirement of every control that has steps: drifted, mended, seen to hold, and undone, on the simulator. The
//! table says which of them moto can do as well, where `tests/emulators/mendable.rs` does the same.

pub(crate) mod cases;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trueup::controls::CONTROLS;
use trueup::simulator::world::World;

use crate::harness::{Stage, list, text};
use cases::{CASES, Case};
use table::{Mended, Turn};

const UNDO: &[&str] = &["--auto-approve", "--delete-keys", "--allow", "weakening,irreversible", "--format", "json"];

/// What came of a control in all of its worlds.
#[derive(Default)]
struct Came {
    drifted: BTreeSet<String>,
    mended: BTreeSet<String>,
    turns: BTreeSet<Turn>,
    wrong: Vec<String>,
}

/// Drifts, plans, applies, plans, undoes and plans.
fn run(case: &Case, build: fn() -> World, found: &mut Came) {
    let stage = Stage::new(build());
    let more = "management_account: include\nregions: [us-east-1]\n";
    stage.baseline(more, &format!("controls:\n  {}: {}\n", case.control, case.settings));
    let before = stage.planned(2);
    let promised = table::mended(&before);
    let (applied, _) = stage.apply(&["--allow", "cost,disruptive,irreversible"]);
    let came_of = |change: &Value| list(&applied["outcomes"]).iter().find(|one| one["id"] == change["id"]);
    for change in table::by_calls(&before) {
        // What waits for AWS is seen to hold by the next plan.
        if !came_of(change).is_some_and(|one| ["verified", "pending"].contains(&text(&one["outcome"]))) {
            found.wrong.push(format!("{} is not done: {:#?}", case.control, came_of(change)));
        }
    }
    stage.world(|world| world.advance(600));
    let (after, _) = stage.plan(&[]);
    found.wrong.extend(table::unmended(&promised, &after));

    let reverted = stage.run(&[&["revert", text(&applied["run"])], UNDO].concat()).json();
    let undone = |one: &&Value| ["verified", "manual"].contains(&text(&one["outcome"]));
    let others = list(&reverted["outcomes"]).iter().filter(|one| !undone(one));
    found.wrong.extend(others.map(|one| format!("{} is not undone: {one:#}", case.control)));
    let (again, _) = stage.plan(&[]);
    found.drifted.extend(table::drifted(&before));
    found.turns.extend(table::turns(&before, &again, &promised));
    found.mended.extend(promised.into_iter().map(table::requirement));
}

/// What no call mends, of controls that have steps, each with the reason.
pub(crate) fn of_persons() -> BTreeMap<&'static str, &'static str> {
    table::cells("").filter(|cells| cells[1] == "person").map(|cells| (cells[0], cells[2])).collect()
}

/// The requirements of a control that the table has mended so.
fn of_table(control: &str, meant: impl Fn(Mended) -> bool) -> BTreeSet<String> {
    let own = table::lines().into_iter().filter(|line| is_of(line.requirement, control) && meant(line.mended));
    own.map(|line| line.requirement.to_owned()).collect()
}

fn is_of(requirement: &str, control: &str) -> bool {
    requirement.strip_prefix(control).is_some_and(|rest| rest.starts_with('.'))
}

/// Holds the table of all controls of a service against what comes of them.
fn holds(service: &str) {
    let mut wrong = vec![];
    for case in CASES.iter().filter(|case| is_of(case.control, service)) {
        let mut found = Came::default();
        for build in case.worlds {
            run(case, *build, &mut found);
        }
        wrong.append(&mut found.wrong);
        let by_calls = of_table(case.control, |mended| mended != Mended::ByPerson);
        let stays: BTreeSet<Turn> =
            table::stays("simulator").into_iter().filter(|(id, _)| is_of(id, case.control)).collect();
        let all = of_table(case.control, |_| true);
        if found.mended != by_calls {
            wrong.push(format!("{} mends {:?}, and the table has {by_calls:?}", case.control, found.mended));
        }
        if found.drifted != all {
            wrong.push(format!("of {} drifted {:?}, and it has {all:?}", case.control, found.drifted));
        }
        if found.turns != stays {
            wrong.push(format!("undone, {} says {:?}, and the table has {stays:?}", case.control, found.turns));
        }
    }
    assert!(wrong.is_empty(), "this, or tests/mendable.txt, is not as it should be:\n{}", wrong.join("\n"));
}

macro_rules! services {
    ($($test:ident: $service:literal),* $(,)?) => {
        const SERVICES: &[&str] = &[$($service),*];
        $(
            #[test]
            fn $test() {
                holds($service);
            }
        )*
    };
}

services! {
    keys_are_mended_and_undone_as_the_table_says: "kms",
    trails_are_mended_and_undone_as_the_table_says: "cloudtrail",
    alarms_are_mended_and_undone_as_the_table_says: "cloudwatch",
    detectors_are_mended_and_undone_as_the_table_says: "guardduty",
    identities_are_mended_and_undone_as_the_table_says: "iam",
    contacts_are_mended_and_undone_as_the_table_says: "account",
    buckets_are_mended_and_undone_as_the_table_says: "s3",
    networks_are_mended_and_undone_as_the_table_says: "ec2",
    analyzers_are_mended_and_undone_as_the_table_says: "accessanalyzer",
    recorders_are_mended_and_undone_as_the_table_says: "config",
    hubs_are_mended_and_undone_as_the_table_says: "securityhub",
}

#[test]
fn every_requirement_of_a_control_with_steps_has_a_line_and_nothing_else_has() {
    let metas = CONTROLS.iter().map(|control| control.meta()).filter(|meta| !meta.steps.is_empty());
    let wanted: Vec<&str> = metas.flat_map(|meta| meta.requirements).map(|requirement| requirement.id).collect();
    let lines = table::lines();
    let found: Vec<&str> = lines.iter().map(|line| line.requirement).collect();
    assert_eq!(found, wanted, "tests/mendable.txt has each once, in the order of the registry");
}

#[test]
fn every_control_with_steps_is_drifted_here() {
    let of_registry = CONTROLS.iter().map(|control| control.meta()).filter(|meta| !meta.steps.is_empty());
    let wanted: Vec<&str> = of_registry.map(|meta| meta.id).collect();
    let found: Vec<&str> = CASES.iter().map(|case| case.control).collect();
    assert_eq!(found, wanted, "tests/trueup/mendable/cases.rs has each once, in the order of the registry");
    for control in wanted {
        assert!(SERVICES.iter().any(|service| is_of(control, service)), "no test here is of {control}");
    }
}
