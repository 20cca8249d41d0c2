//! Networks on moto: security groups are judged, mended, read back by boto3, and put back.

use serde_json::{Value, json};

use crate::server::text;
use crate::stand::{Stand, list};

const GROUPS: &str = "\
controls:
  ec2.default_security_group:
    no_rules: true
  ec2.security_group:
    admin_ports_ipv4: true
    admin_ports_ipv6: true
    cifs: true
    mend: true
";
const HOME: &str = "eu-west-1";

/// The name of the group, or of the group of the VPC, that drifted in a requirement of the home region.
fn drifted(plan: &Value, seen: &Value) -> Vec<(String, String)> {
    let groups = seen[HOME].as_object().expect("groups");
    let named = |object: &str| {
        let group = groups.iter().find(|(id, group)| *id == object || group["vpc"] == object);
        text(&group.expect("it is there").1["name"])
    };
    let rows = list(plan, "verdicts").iter().filter(|row| row["verdict"] == "drifted" && row["region"] == HOME);
    let of_default = |row: &Value| row["control"] == "ec2.default_security_group";
    let mut found: Vec<_> = rows
        .map(|row| {
            let name = if of_default(row) { "default".to_owned() } else { named(&text(&row["object"])) };
            (name, text(&row["requirement"]))
        })
        .collect();
    found.sort();
    found
}

fn pairs(wanted: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut wanted: Vec<_> = wanted.iter().map(|(name, of)| ((*name).to_owned(), format!("ec2.{of}"))).collect();
    wanted.sort();
    wanted
}

fn group<'a>(seen: &'a Value, name: &str) -> &'a Value {
    seen[HOME].as_object().expect("groups").values().find(|group| group["name"] == name).expect("it is there")
}

#[test]
fn groups_that_let_everybody_in_are_judged_mended_read_back_and_put_back() {
    let stand = Stand::cast(&json!([{ "name": "one" }]));
    stand.baseline(GROUPS, "");
    let id = stand.id("one");
    let before = stand.moto.run("networks.py", &["--account", &id, "--make"]);
    let only = ["--account", id.as_str()];
    let plan = stand.plan(&only).json(2);
    let left = [("wide", "security_group.admin_ports_ipv4"), ("files", "security_group.cifs")];
    let mended = [
        ("default", "default_security_group.no_rules"),
        ("ssh", "security_group.admin_ports_ipv4"),
        ("rdp", "security_group.admin_ports_ipv6"),
    ];
    assert_eq!(drifted(&plan, &before), pairs(&[&left[..], &mended[..]].concat()));

    let applied = stand.apply().json(2);
    let ends = |outcome: &Value| ["verified", "manual"].contains(&text(&outcome["outcome"]).as_str());
    let others: Vec<&Value> = list(&applied, "outcomes").iter().filter(|outcome| !ends(outcome)).collect();
    assert!(others.is_empty(), "{others:#?}");
    let after = stand.moto.run("networks.py", &["--account", &id]);
    assert_eq!((&group(&after, "default")["in"], &group(&after, "default")["out"]), (&json!([]), &json!([])));
    assert_eq!(group(&after, "ssh")["in"], json!([["tcp", 22, 22, { "CidrIp": "10.0.0.0/8" }]]));
    assert_eq!(group(&after, "rdp")["in"], json!([]));
    for name in ["wide", "files", "good"] {
        assert_eq!(group(&after, name), group(&before, name));
    }
    assert_eq!(drifted(&stand.plan(&only).json(2), &after), pairs(&left));

    stand.revert(&text(&applied["run"]), &[]).json(0);
    assert_eq!(stand.moto.run("networks.py", &["--account", &id]), before);
}

#[test]
fn acls_are_judged_and_vpcs_are_recorded_and_no_more() {
    let stand = Stand::cast(&json!([{ "name": "one" }]));
    stand.baseline(
        "controls:\n  ec2.network_acl:\n    admin_ports: true\n  ec2.flow_logs:\n    recorded: true\n    \
         traffic: ALL\n    destination: { log_group: flows, role: flows }\n",
        "",
    );
    let id = stand.id("one");
    let seen = || stand.moto.run("flows.py", &["--account", &id]);
    let before = stand.moto.run("flows.py", &["--account", &id, "--make"]);
    let only = ["--account", id.as_str()];
    let plan = stand.plan(&only).json(2);
    let drifted = list(&plan, "verdicts").iter().filter(|row| row["verdict"] == "drifted");
    let mut drifted: Vec<String> = drifted.map(|row| text(&row["requirement"])).collect();
    drifted.sort();
    let each = ["ec2.flow_logs.recorded", "ec2.network_acl.admin_ports"];
    assert_eq!(drifted, [[each[0]; 2], [each[1]; 2]].concat(), "the default VPC of each region");
    let applied = stand.apply().json(2);
    let verified = list(&applied, "outcomes").iter().filter(|outcome| outcome["outcome"] == "verified").count();
    assert_eq!(verified, 2, "{applied:#}");
    let vpcs: Vec<Value> = seen().as_object().expect("regions").values().cloned().collect();
    let traffic: Vec<&Value> = vpcs.iter().flat_map(|vpcs| vpcs.as_object().expect("VPCs").values()).collect();
    assert_eq!(traffic, [&json!(["ALL"]), &json!(["ALL"])]);
    let left = stand.plan(&only).json(2);
    assert!(list(&left, "changes").iter().all(|change| change["control"] == "ec2.network_acl"), "{left:#}");
    stand.revert(&text(&applied["run"]), &[]).json(0);
    assert_eq!(seen(), before);
}

#[test]
fn tokens_are_required_of_instances_and_are_optional_again() {
    let stand = Stand::cast(&json!([{ "name": "one" }]));
    stand.baseline("controls:\n  ec2.instance:\n    imdsv2: true\n    mend: true\n", "");
    let id = stand.id("one");
    let seen = || stand.moto.run("instances.py", &["--account", &id]);
    let before = stand.moto.run("instances.py", &["--account", &id, "--make"]);
    let tokens =
        |open: &str| json!({"open": open, "idle": open, "good": "required", "silent": "optional", "ended": "optional"});
    assert_eq!(before, tokens("optional"));
    let only = ["--account", id.as_str()];
    let plan = stand.plan(&only).json(2);
    assert_eq!(list(&plan, "changes").len(), 2, "{plan:#}");
    let verdicts = list(&plan, "verdicts").iter().filter(|row| row.get("object").is_some());
    assert_eq!(verdicts.count(), 4, "what is terminated is not judged: {plan:#}");
    let applied = stand.apply().json(0);
    assert_eq!(seen(), tokens("required"));
    stand.plan(&only).json(0);
    stand.revert(&text(&applied["run"]), &[]).json(0);
    assert_eq!(seen(), before);
}
