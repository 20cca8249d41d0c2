//! Every behaviour that the simulator promises, asked for by an AWS client that others wrote.

use std::collections::BTreeMap;

use trueup::simulator::behaviours;

use crate::python::script;
use crate::server::{lines, text};
use crate::simulated::Simulated;

#[test]
fn every_behaviour_of_the_list_is_tested_and_holds() {
    let simulated = Simulated::start();
    let mut command = script("behaviours/run.py");
    command.args(["--endpoint", &simulated.endpoint()]);
    command.args(["--access-key", &simulated.access_key(), "--secret", &simulated.secret()]);
    let mut results = BTreeMap::new();
    let mut wrong = vec![];
    for result in lines(&mut command) {
        let id = text(&result["id"]);
        if behaviours::all().all(|behaviour| behaviour.id != id) {
            wrong.push(format!("{id}: the list has no such behaviour"));
        }
        if results.insert(id.clone(), result).is_some() {
            wrong.push(format!("{id}: tested twice"));
        }
    }
    for behaviour in behaviours::all() {
        let (id, says) = (behaviour.id, behaviour.says);
        match results.get(id) {
            None => wrong.push(format!("{id}: no test asks whether {says:?}")),
            Some(result) if result["ok"] != true => wrong.push(format!("{id}: {says:?}: {}", result["error"])),
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{} behaviours fail:\n{}", wrong.len(), wrong.join("\n"));
}
