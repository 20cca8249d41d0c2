//! `tests/mendable.txt`: where each requirement is drifted, mended and undone; and what three plans say of that: before
//! it is mended, afterwards, and once it is undone. Both test binaries share it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Where a requirement is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mended {
    /// On moto, and on the simulator.
    OnMoto,
    /// On the simulator alone.
    OnSimulator,
    /// Nowhere: a person is told how.
    ByPerson,
}

/// A requirement of a control that has steps.
pub(crate) struct Line {
    /// The full id.
    pub(crate) requirement: &'static str,
    pub(crate) mended: Mended,
}

/// What a verdict was and what it is, of a requirement: `drifted -> compliant`.
pub(crate) type Turn = (String, String);

/// Account, region, object and requirement.
type Place = [String; 4];

/// The cells of each line that begins like this.
pub(super) fn cells(begin: &str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = include_str!("../../mendable.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let meant = lines.filter(move |line| line.starts_with(begin) && (!begin.is_empty() || !line.starts_with('>')));
    meant.map(move |line| line.trim_start_matches(begin).split('|').map(str::trim).collect())
}

/// The table, in which whatever moto does not mend has its reason.
pub(crate) fn lines() -> Vec<Line> {
    let line = |cells: Vec<&'static str>| {
        let mended = match cells[1] {
            "moto" => Mended::OnMoto,
            "simulator" => Mended::OnSimulator,
            "person" => Mended::ByPerson,
            other => panic!("{}: {other} is no place", cells[0]),
        };
        let says_why = cells.get(2).is_some_and(|why| !why.is_empty());
        assert_eq!(says_why, mended != Mended::OnMoto, "{}: why not on moto, or nothing where it is", cells[0]);
        Line { requirement: cells[0], mended }
    };
    cells("").map(line).collect()
}

/// What a revert does not put back there, `moto` or `simulator`.
pub(crate) fn stays(there: &str) -> BTreeSet<Turn> {
    let rows =
        cells("> ").inspect(|cells| assert_eq!(cells.len(), 4, "{cells:?}: requirement, where, turn and reason"));
    let here = rows.filter(|cells| cells[1].split(", ").any(|place| place == there));
    here.map(|cells| (cells[0].to_owned(), cells[2].to_owned())).collect()
}

fn place(of: &Value, requirement: &Value) -> Place {
    [&of["account"], &of["region"], &of["object"], requirement].map(|cell| cell.as_str().unwrap_or("").to_owned())
}

fn verdicts(plan: &Value) -> BTreeMap<Place, &Value> {
    let rows = plan["verdicts"].as_array().expect("a plan has verdicts");
    rows.iter().map(|row| (place(row, &row["requirement"]), row)).collect()
}

/// The changes of a plan that calls make.
pub(crate) fn by_calls(plan: &Value) -> impl Iterator<Item = &Value> {
    let changes = plan["changes"].as_array().expect("a plan has changes");
    changes.iter().filter(|change| change["steps"].as_array().is_some_and(|steps| !steps.is_empty()))
}

/// What drifted and is mended by calls. What is judged once an account may be mended in a region of it.
pub(crate) fn mended(plan: &Value) -> BTreeSet<Place> {
    let rows = verdicts(plan);
    let promised = by_calls(plan).flat_map(|change| {
        let differences = change["differences"].as_array().expect("a change has differences");
        differences.iter().map(|difference| place(change, &difference["requirement"]))
    });
    let drifted = |place: &Place| rows.get(place).is_some_and(|row| row["verdict"] == "drifted");
    let judged = |[account, region, object, requirement]: Place| {
        let of_account = [account.clone(), String::new(), object.clone(), requirement.clone()];
        [[account, region, object, requirement], of_account].into_iter().find(drifted)
    };
    promised.filter_map(judged).collect()
}

/// The requirements that drifted somewhere.
pub(crate) fn drifted(plan: &Value) -> BTreeSet<String> {
    verdicts(plan)
        .into_iter()
        .filter(|(_, row)| row["verdict"] == "drifted")
        .map(|(place, _)| requirement(place))
        .collect()
}

/// The requirement of a place.
pub(crate) fn requirement([.., requirement]: Place) -> String {
    requirement
}

/// Of what was to be mended, what is not in line afterwards.
pub(crate) fn unmended(promised: &BTreeSet<Place>, after: &Value) -> Vec<String> {
    let rows = verdicts(after);
    // What is not there any more is in line.
    let out_of_line = |place: &&Place| rows.get(*place).is_some_and(|row| row["verdict"] != "compliant");
    promised.iter().filter(out_of_line).map(|place| format!("{place:?}: {}", rows[place])).collect()
}

/// What a plan says otherwise than the plan before everything was mended and undone. What was put back in one place and
/// not in another is said to turn from drifted to drifted.
pub(crate) fn turns(before: &Value, after: &Value, promised: &BTreeSet<Place>) -> BTreeSet<Turn> {
    let (was, is) = (verdicts(before), verdicts(after));
    let said =
        |row: Option<&&Value>| row.map(|row| [&row["verdict"], &row["observed"], &row["wanted"]].map(Value::clone));
    let verdict = |row: Option<&&Value>| row.map_or("none", |row| row["verdict"].as_str().unwrap_or("none")).to_owned();
    let places: BTreeSet<&Place> = was.keys().chain(is.keys()).collect();
    let (same, turned): (BTreeSet<&Place>, BTreeSet<&Place>) =
        places.into_iter().partition(|place| said(was.get(*place)) == said(is.get(*place)));
    let stays: BTreeSet<&String> =
        turned.iter().filter(|place| promised.contains(**place)).map(|[.., requirement]| requirement).collect();
    let back = same.iter().filter(|place| promised.contains(**place) && stays.contains(&place[3]));
    let turn =
        |place: &&Place| (place[3].clone(), format!("{} -> {}", verdict(was.get(*place)), verdict(is.get(*place))));
    turned.iter().chain(back).map(turn).collect()
}
