//! EC2 by the client of our own, on an emulator that others wrote: encryption by default, and the regions there are.

use serde_json::{Value, json};

use crate::enforcement::all_verified;
use crate::server::text;
use crate::stand::{Stand, list};

const ENCRYPTED: &str = "controls:\n  ec2.ebs_encryption_default:\n    enabled: true\n";

/// Whether new volumes are encrypted, by account and region, as boto3 reads it.
fn encrypted(stand: &Stand) -> Value {
    stand.moto.run("encryption.py", &[])
}

fn both(on: bool) -> Value {
    json!({"eu-west-1": on, "us-east-1": on})
}

#[test]
fn encryption_by_default_is_planned_applied_and_undone() {
    let stand = Stand::cast(&json!([{ "name": "first" }, { "name": "second" }]));
    stand.baseline(ENCRYPTED, "");
    let plan = stand.plan(&["--account", "first,second"]).json(2);
    assert_eq!(list(&plan, "changes").len(), 4);
    let run = text(&all_verified(&stand.apply(), &plan)["run"]);
    let of = |name: &str| encrypted(&stand)[stand.id(name)].clone();
    assert_eq!((of("first"), of("second")), (both(true), both(true)));
    stand.plan(&["--account", "first,second"]).json(0);
    stand.moto.forget_calls();
    stand.apply().ended(0);
    assert_eq!(stand.moto.writes(), Vec::<Value>::new(), "a second apply writes nothing");
    stand.revert(&run, &[]).json(0);
    assert_eq!((of("first"), of("second")), (both(false), both(false)));
}

#[test]
fn what_the_emulator_does_not_know_of_ec2_is_unreadable_and_never_drifted() {
    let stand = Stand::cast(&json!([{ "name": "one" }]));
    let unknown =
        "controls:\n  ec2.serial_console:\n    disabled: true\n  ec2.imds_defaults:\n    http_tokens_required: true\n";
    stand.baseline(unknown, "");
    let plan = stand.plan(&["--account", "one"]).json(3);
    let verdicts = list(&plan, "verdicts");
    assert!(verdicts.len() == 4 && verdicts.iter().all(|row| row["verdict"] == "unreadable"), "{verdicts:#?}");
}

#[test]
fn without_a_list_of_regions_they_are_those_that_ec2_describes() {
    let stand = Stand::cast(&json!([{ "name": "one" }]));
    stand.baseline(ENCRYPTED, "");
    let listed = "regions: [eu-west-1, us-east-1]";
    let all = stand.read("baseline.yaml").replace(listed, "regions: all");
    assert!(all.contains("regions: all"), "{all}");
    stand.write("baseline.yaml", &all);
    let plan = stand.plan(&["--account", "one"]).json(2);
    let line = list(&plan, "accounts").iter().find(|line| line["name"] == "one").expect("it is listed");
    assert_eq!(line["status"], "read", "{line:#}");
    let regions = list(&plan, "verdicts").iter().map(|row| text(&row["region"])).collect::<Vec<_>>();
    for region in ["eu-west-1", "us-east-1", "ap-southeast-2"] {
        assert!(regions.contains(&region.to_owned()), "{regions:?}");
    }
}
