//! Security groups: what everybody may reach, and those that come with a VPC. Planned, applied, read back by boto3, and
//! undone.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, error, kinds, list, organization, outcomes, rows, strike, text, write};

const ABROAD: &str = "eu-west-1";
const DEFAULTS: &str = "controls:\n  ec2.default_security_group:\n    no_rules: true\n";
const PORTS: &str = "\
regions: [us-east-1]
controls:
  ec2.security_group:
    admin_ports_ipv4: true
    admin_ports_ipv6: true
    cifs: true
";

fn groups(world: &mut World, account: &str, region: &str) -> Vec<Value> {
    let all = world.build(account, region, "ec2", "DescribeSecurityGroups", json!({}));
    list(&all["SecurityGroups"]).to_vec()
}

/// The default group of the default VPC.
fn default_group(world: &mut World, account: &str, region: &str) -> Value {
    groups(world, account, region).into_iter().find(|group| group["GroupName"] == "default").expect("there is one")
}

/// A group that lets this in, each by its protocol, ports and source.
pub(crate) fn group(world: &mut World, account: &str, name: &str, rules: &[(&str, i64, i64, &str)]) -> String {
    let made = json!({"GroupName": name, "Description": name});
    let made = world.build(account, HOME, "ec2", "CreateSecurityGroup", made)["GroupId"].clone();
    for (protocol, from, to, source) in rules {
        let mut permission = json!({"IpProtocol": protocol, "FromPort": from, "ToPort": to});
        if source.contains(':') {
            permission["Ipv6Ranges"] = json!([{ "CidrIpv6": source }]);
        } else {
            permission["IpRanges"] = json!([{"CidrIp": source, "Description": "for now"}]);
        }
        let rules = json!({"GroupId": made, "IpPermissions": [permission]});
        world.build(account, HOME, "ec2", "AuthorizeSecurityGroupIngress", rules);
    }
    text(&made).to_owned()
}

/// A group that lets whom a list of these addresses holds reach the port of SSH.
pub(crate) fn listed_group(world: &mut World, account: &str, cidr: &str) -> String {
    let entries = json!({"PrefixListName": "listed", "MaxEntries": 1, "AddressFamily": "IPv4",
        "Entries": [{ "Cidr": cidr }]});
    let made = world.build(account, HOME, "ec2", "CreateManagedPrefixList", entries);
    let listed = group(world, account, "listed", &[]);
    let named = json!([{"PrefixListId": made["PrefixList"]["PrefixListId"]}]);
    let rule = json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": named});
    let rule = json!({"GroupId": listed, "IpPermissions": [rule]});
    world.build(account, HOME, "ec2", "AuthorizeSecurityGroupIngress", rule);
    listed
}

fn interface(world: &mut World, account: &str, groups: &[&str]) -> String {
    let subnets = world.build(account, HOME, "ec2", "DescribeSubnets", json!({}));
    let asked = json!({"SubnetId": subnets["Subnets"][0]["SubnetId"], "Groups": groups});
    let made = world.build(account, HOME, "ec2", "CreateNetworkInterface", asked);
    text(&made["NetworkInterface"]["NetworkInterfaceId"]).to_owned()
}

/// Undoes the kept runs, the last first.
pub(crate) fn undo(stage: &Stage) {
    let listed = stage.run(&["history", "--format", "json"]).json();
    let mut runs: Vec<String> = list(&listed["runs"]).iter().map(|run| text(&run["run"]).to_owned()).collect();
    runs.sort();
    for run in runs.iter().rev() {
        let done =
            stage.run(&["revert", run, "--auto-approve", "--allow", "weakening,irreversible", "--format", "json"]);
        assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    }
}

#[test]
fn default_groups_lose_their_rules_in_each_region_and_get_them_back() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, &format!("regions: all\n{DEFAULTS}"));
    let only = ["--account", ids[0].as_str()];
    let before = [HOME, ABROAD].map(|region| stage.security_groups(&ids[0], region));
    let (plan, code) = stage.plan(&[only[0], only[1], "--out", "plan.json"]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["drifted".into()], Some(2)), "{plan:#}");
    let vpc = stage.world(|world| default_group(world, &ids[0], HOME))["VpcId"].clone();
    assert_eq!(rows(&plan, &ids[0]).find(|row| row["region"] == HOME).expect("it is judged")["object"], vpc);
    assert_eq!(outcomes(&stage.apply(&[]).0)[0].1, "held", "who launches something without a group is cut off");
    assert_eq!(stage.writes(), vec![]);
    assert_eq!(stage.apply(&["--allow", "disruptive"]).1, Some(0));
    let revoked = ["RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"].map(|one| write(&ids[0], "ec2", one));
    let mut written = stage.writes();
    written.sort();
    let mut wanted = [revoked.clone(), revoked].concat();
    wanted.sort();
    assert_eq!(written, wanted);
    for region in [HOME, ABROAD] {
        let after = stage.security_groups(&ids[0], region);
        let sides = after.as_object().expect("groups").values().all(|group| *group == json!({"in": [], "out": []}));
        assert!(sides, "{after:#}");
    }
    assert_eq!(stage.plan(&only).1, Some(0));
    undo(&stage);
    assert_eq!([HOME, ABROAD].map(|region| stage.security_groups(&ids[0], region)), before);
}

#[test]
fn a_default_group_in_use_is_left_to_a_person_unless_the_baseline_says_otherwise() {
    let (mut world, ids) = organization(&["one"]);
    let user = interface(&mut world, &ids[0], &[]);
    let stage = Stage::held_to(world, &format!("regions: [us-east-1]\n{DEFAULTS}"));
    let only = ["--account", ids[0].as_str(), "--out", "plan.json"];
    let plan = stage.plan(&only).0;
    let words = text(&plan["changes"][0]["manual"]);
    assert!(words.contains(&format!("is the group of {user}")), "{words}");
    stage.apply(&["--allow", "disruptive"]);
    assert_eq!(stage.writes(), vec![]);
    stage.baseline("regions: [us-east-1]\n", &format!("{DEFAULTS}    skip_if_in_use: false\n"));
    let plan = stage.plan(&only).0;
    assert_eq!(plan["changes"][0]["steps"][0]["users"], json!([user]));
    let said = stage.run(&["show", "plan.json"]).stdout;
    let (_, hit) = said.split_once("who would be hit\n").expect("it is said");
    for words in [format!(": it is the group of {user}"), format!("; in use by {user}")] {
        assert!(hit.contains(&words), "{said}");
    }
    let shown = stage.run(&["show", "plan.json", "--detail"]).stdout;
    assert!(shown.contains(&format!("it is the group of {user}")), "{shown}");
    assert_eq!(stage.apply(&["--allow", "disruptive"]).1, Some(0));
    assert_eq!(stage.writes().len(), 2);
}

#[test]
fn an_interface_that_came_since_the_plan_is_not_cut_off_unseen() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::held_to(world, &format!("regions: [us-east-1]\n{DEFAULTS}    skip_if_in_use: false\n"));
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    stage.world(|world| interface(world, &ids[0], &[]));
    assert_eq!(outcomes(&stage.apply(&["--allow", "disruptive"]).0)[0].1, "stale");
    assert_eq!(stage.writes(), vec![]);
}

#[test]
fn what_everybody_may_reach_is_a_persons_matter_and_is_closed_only_where_the_baseline_lets_it() {
    let (mut world, ids) = organization(&["one"]);
    let ssh = group(&mut world, &ids[0], "ssh", &[("tcp", 22, 22, "0.0.0.0/0"), ("tcp", 22, 22, "10.0.0.0/8")]);
    let wide = group(&mut world, &ids[0], "wide", &[("udp", 3000, 4000, "::/0")]);
    let files = group(&mut world, &ids[0], "files", &[("tcp", 445, 445, "::/0"), ("tcp", 3389, 3389, "::/0")]);
    let user = interface(&mut world, &ids[0], &[&ssh]);
    let stage = Stage::held_to(world, PORTS);
    let only = ["--account", ids[0].as_str(), "--out", "plan.json"];
    let drifted = |plan: &Value| -> Vec<(String, String)> {
        let drifted = rows(plan, &ids[0]).filter(|row| row["verdict"] == "drifted");
        let short = |row: &Value| text(&row["requirement"]).trim_start_matches("ec2.security_group.").to_owned();
        let mut found: Vec<_> = drifted.map(|row| (text(&row["object"]).to_owned(), short(row))).collect();
        found.sort();
        found
    };
    let sorted = |rows: &[(&String, &str)]| {
        let mut rows: Vec<_> = rows.iter().map(|(id, name)| ((*id).clone(), (*name).to_owned())).collect();
        rows.sort();
        rows
    };
    let (plan, code) = stage.plan(&only);
    let all = [(&ssh, "admin_ports_ipv4"), (&wide, "admin_ports_ipv6"), (&files, "admin_ports_ipv6"), (&files, "cifs")];
    assert_eq!((drifted(&plan), code), (sorted(&all), Some(2)));
    assert!(list(&plan["changes"]).iter().all(|change| list(&change["steps"]).is_empty()), "{plan:#}");
    stage.apply(&["--allow", "disruptive"]);
    assert_eq!(stage.writes(), vec![]);

    stage.baseline("", &format!("{PORTS}    mend: true\n"));
    let before = stage.security_groups(&ids[0], HOME);
    let plan = stage.plan(&only).0;
    let change = list(&plan["changes"]).iter().find(|change| change["object"] == *ssh).expect("it is planned");
    assert_eq!((&change["risk"], &change["steps"][0]["users"]), (&json!("disruptive"), &json!([user])));
    let (applied, _) = stage.apply(&["--allow", "disruptive"]);
    let verified = outcomes(&applied).into_iter().filter(|(_, outcome)| *outcome == "verified").count();
    assert_eq!(verified, 2, "{applied:#}");
    assert_eq!(stage.writes(), vec![write(&ids[0], "ec2", "RevokeSecurityGroupIngress"); 2]);
    let after = stage.security_groups(&ids[0], HOME);
    assert_eq!(list(&after[&ssh]["in"])[0]["IpRanges"], json!([{"CidrIp": "10.0.0.0/8", "Description": "for now"}]));
    assert_eq!(after[&wide], before[&wide], "a wide rule lets in more than was asked about");
    assert_eq!(drifted(&stage.plan(&only).0), sorted(&[(&wide, "admin_ports_ipv6"), (&files, "cifs")]));
    undo(&stage);
    let ranges = |groups: &Value| {
        let mut ranges: Vec<String> =
            list(&groups[&ssh]["in"][0]["IpRanges"]).iter().map(ToString::to_string).collect();
        ranges.sort();
        ranges
    };
    let undone = stage.security_groups(&ids[0], HOME);
    assert_eq!(ranges(&undone), ranges(&before), "with what was written beside them");
    assert_eq!(list(&undone[&files]["in"]).len(), 2);
}

#[test]
fn a_rule_that_somebody_else_took_away_is_no_failure() {
    let (mut world, ids) = organization(&["one"]);
    let ssh = group(&mut world, &ids[0], "ssh", &[("tcp", 22, 22, "0.0.0.0/0"), ("tcp", 22, 22, "::/0")]);
    let stage = Stage::held_to(world, &format!("{PORTS}    mend: true\n"));
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    let all = json!({"GroupId": ssh, "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]});
    stage.world(|world| world.build(&ids[0], HOME, "ec2", "RevokeSecurityGroupIngress", all));
    assert_eq!(outcomes(&stage.apply(&["--allow", "disruptive"]).0)[0].1, "already");
    assert_eq!(stage.writes(), vec![]);
}

#[test]
fn groups_that_may_not_be_read_are_unreadable_and_so_is_one_whose_list_may_not() {
    let (mut world, ids) = organization(&["shut", "listed"]);
    let listed = listed_group(&mut world, &ids[1], "0.0.0.0/0");
    let stage = Stage::held_to(world, PORTS);
    stage.inject(strike(&ids[0], "DescribeSecurityGroups", error(403, "UnauthorizedOperation")));
    let selected = ids.join(",");
    let plan = stage.plan(&["--account", &selected]).0;
    assert_eq!(kinds(&plan, &ids[0]), ["unreadable"]);
    let row = |plan: &Value| {
        let of_group =
            |row: &&Value| row["object"] == *listed && row["requirement"] == "ec2.security_group.admin_ports_ipv4";
        rows(plan, &ids[1]).find(of_group).expect("it is judged")["verdict"].clone()
    };
    assert_eq!(row(&plan), "drifted", "the list holds everybody");
    stage.inject(strike(&ids[1], "GetManagedPrefixListEntries", error(403, "UnauthorizedOperation")));
    let (plan, code) = stage.plan(&["--account", &selected]);
    assert_eq!((row(&plan), code), (json!("unreadable"), Some(3)));
}

#[test]
fn groups_of_a_region_are_read_once_for_both_controls() {
    let (world, ids) = organization(&["one"]);
    let both = format!("{PORTS}{}", DEFAULTS.trim_start_matches("controls:\n"));
    let stage = Stage::held_to(world, &both);
    stage.plan(&["--account", &ids[0]]);
    let calls = stage.calls();
    let reads = |operation: &str| calls.iter().filter(|call| call.operation == operation).count();
    assert_eq!((reads("DescribeSecurityGroups"), reads("DescribeNetworkInterfaces")), (1, 1));
}
