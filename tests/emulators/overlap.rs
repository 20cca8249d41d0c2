//! The simulator beside moto: where they differ is written down, with the page of AWS that says who is right.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::python::script;
use crate::server::{Moto, lines, text};
use crate::simulated::Simulated;

/// A step of `overlap.py` that the two answer unlike.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    step: String,
    /// The code of a refusal, `answers`, or, where both answer, the values that differ by their paths.
    moto: Value,
    simulator: Value,
    because: String,
    /// Where AWS documents what the simulator does.
    source: String,
    /// A public report of it, where AWS's page names the subject and is silent on the answer.
    #[serde(default)]
    seen: Option<String>,
}

#[test]
fn the_simulator_differs_from_moto_where_aws_does_and_nowhere_else() {
    let simulated = Simulated::start();
    let mut command = script("overlap.py");
    command.args(["--endpoint", &simulated.endpoint()]);
    command.args(["--access-key", &simulated.access_key(), "--secret", &simulated.secret()]);
    let ours = lines(&mut command);
    let moto = Moto::empty();
    let mut command = script("overlap.py");
    let theirs = lines(command.args(["--endpoint", moto.endpoint()]));
    let steps = |of: &[Value]| of.iter().map(|line| text(&line["step"])).collect::<Vec<_>>();
    assert_eq!(steps(&ours), steps(&theirs), "both do the same steps");
    assert_eq!(steps(&ours).iter().collect::<BTreeSet<_>>().len(), ours.len(), "each step has a name of its own");

    let listed: Vec<Difference> = serde_json::from_str(include_str!("differences.json")).expect("the list can be read");
    let mut listed: BTreeMap<String, Difference> = listed.into_iter().map(|one| (one.step.clone(), one)).collect();
    let mut wrong = vec![];
    for (theirs, ours) in theirs.iter().zip(&ours) {
        let step = text(&ours["step"]);
        let found = (theirs != ours).then(|| difference(theirs, ours));
        match (found, listed.remove(&step)) {
            (None, None) => {}
            (None, Some(_)) => wrong.push(format!("{step}: is listed, and they no longer differ")),
            (Some((moto, simulator)), None) => {
                wrong.push(format!("{step}: is not listed: moto {moto}, simulator {simulator}"));
            }
            (Some((moto, simulator)), Some(listed)) => {
                if (&moto, &simulator) != (&listed.moto, &listed.simulator) {
                    wrong.push(format!("{step}: is listed otherwise: moto {moto}, simulator {simulator}"));
                }
                let reported = listed.seen.is_none_or(|report| report.starts_with("https://"));
                if listed.because.is_empty() || !listed.source.starts_with("https://docs.aws.amazon.com/") || !reported
                {
                    wrong.push(format!("{step}: does not say why, or where AWS says so"));
                }
            }
        }
    }
    wrong.extend(listed.keys().map(|step| format!("{step}: is listed, and there is no such step")));
    assert!(wrong.is_empty(), "{} differences are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What each of the two says that the other does not.
fn difference(theirs: &Value, ours: &Value) -> (Value, Value) {
    if theirs.get("answer").is_none() || ours.get("answer").is_none() {
        let said = |of: &Value| of.get("code").cloned().unwrap_or_else(|| json!("answers"));
        return (said(theirs), said(ours));
    }
    let mut values = (BTreeMap::new(), BTreeMap::new());
    spread("", &theirs["answer"], &mut values.0);
    spread("", &ours["answer"], &mut values.1);
    let only = |of: &BTreeMap<String, Value>, other: &BTreeMap<String, Value>| {
        of.iter().filter(|(path, value)| other.get(*path) != Some(value)).map(|(p, v)| (p.clone(), v.clone())).collect()
    };
    (Value::Object(only(&values.0, &values.1)), Value::Object(only(&values.1, &values.0)))
}

/// Every value by its path; what has a name stands under it rather than at its place in the list.
fn spread(path: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
    let below = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| spread(&below(name), value, into)),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                let name = item["Name"].as_str().map_or_else(|| place.to_string(), str::to_owned);
                spread(&below(&name), item, into);
            }
        }
        _ => {
            into.insert(path.to_owned(), value.clone());
        }
    }
}
