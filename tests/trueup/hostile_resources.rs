//! What other people call things in an account, or write into them, steers neither a terminal nor a file: names of
//! recorders, contacts, tags, metrics and statements of policies, which AWS takes as they come.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::alarms::grouped;
use crate::harness::{HOME, Stage, list, organization, text};
use crate::hostile::{HOSTILE, both_harmless, harmless, short};
use crate::recorders;

const CONTROLS: &str = "\
regions: [us-east-1]
controls:
  config.recorder:
    recording: true
    all_types: true
  account.contact:
    security: { name: Ada, title: CISO, email: security@acme.example, phone: \"+1 555 0100\" }
  account.primary_contact:
    details: { full_name: Acme Inc. }
    mend: true
  ec2.security_group:
    admin_ports_ipv4: true
    mend: true
  cloudwatch.alarm:
    root_usage: true
  cloudwatch.topic:
    publish: true
";

/// What stands around a tag's key that names a tool: it names it all the same.
const AROUND: [(&str, &str); 6] = [
    ("\u{1b}", "\u{7}"),
    ("\u{202e}", "\u{2066}"),
    ("\r\n", "\n"),
    ("<", ">"),
    ("=", "|"),
    ("\u{200b}\u{feff}", "\u{e0041}"),
];

/// A text as long as AWS takes it there.
fn cut(theirs: &str, longest: usize) -> String {
    theirs.chars().chain(std::iter::repeat('a')).take(longest).collect()
}

/// What AWS takes as the name of a metric, or of a recorder.
fn name(theirs: &str, longest: usize) -> String {
    cut(&theirs.replace([':', '*', '$'], ";"), longest)
}

/// An account with something of theirs wherever it may be.
fn furnished(world: &mut World, id: &str, theirs: &str, around: (&str, &str)) {
    let bucket = format!("theirs-{id}");
    recorders::bucket(world, id, &bucket);
    recorders::recorder(world, id, HOME, &name(theirs, 256), &bucket);
    let mut build = |service: &str, operation: &str, input: Value| world.build(id, HOME, service, operation, input);
    let contact = json!({"AlternateContactType": "SECURITY", "Name": cut(theirs, 64), "Title": cut(theirs, 50),
        "EmailAddress": "bob@acme.example", "PhoneNumber": "2"});
    build("account", "PutAlternateContact", contact);
    let primary = json!({"FullName": cut(theirs, 50), "AddressLine1": cut(theirs, 60), "City": cut(theirs, 50),
        "PostalCode": "12345", "CountryCode": "US", "PhoneNumber": "+15550100"});
    build("account", "PutContactInformation", json!({ "ContactInformation": primary }));
    let key = format!("{}Terraform{}", around.0, around.1);
    let tags = json!([{"ResourceType": "security-group", "Tags": [{"Key": key, "Value": theirs}]}]);
    // All that EC2 takes there.
    let named = "=cmd() [x](#{owned}) @team & $1;*!+/:";
    let group = json!({"GroupName": named, "Description": named, "TagSpecifications": tags});
    let group = build("ec2", "CreateSecurityGroup", group)["GroupId"].clone();
    let open = json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": named}]});
    build("ec2", "AuthorizeSecurityGroupIngress", json!({"GroupId": group, "IpPermissions": [open]}));
    let topic = build("sns", "CreateTopic", json!({ "Name": "security-alarms" }));
    let deny = json!({"Version": "2012-10-17", "Statement": [{"Sid": theirs, "Effect": "Deny", "Principal": "*",
        "Action": "sns:Publish", "Resource": topic["TopicArn"]}]});
    let policy = json!({"TopicArn": topic["TopicArn"], "AttributeName": "Policy", "AttributeValue": deny.to_string()});
    build("sns", "SetTopicAttributes", policy);
    let made = json!([{"metricName": name(theirs, 255), "metricNamespace": name(theirs, 255), "metricValue": "1"}]);
    let pattern =
        "{ ($.userIdentity.type = Root) && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != AwsServiceEvent) }";
    build(
        "logs",
        "PutMetricFilter",
        json!({"logGroupName": "acme", "filterName": name(theirs, 512),
        "filterPattern": pattern, "metricTransformations": made}),
    );
}

fn hostile() -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(&["x"; HOSTILE.len()]);
    for (id, (theirs, around)) in ids.iter().zip(HOSTILE.into_iter().zip(AROUND.into_iter().cycle())) {
        grouped(&mut world, id, false);
        furnished(&mut world, id, theirs, around);
    }
    (Stage::held_to(world, CONTROLS), ids)
}

/// What is theirs is in the plan, whole: without it nothing is shown by the rest.
fn has_theirs(plan: &Value, id: &str, theirs: &str) {
    let changes: Vec<&Value> = list(&plan["changes"]).iter().filter(|change| change["account"] == id).collect();
    let of = |control: &str| *changes.iter().find(|change| change["control"] == control).expect(control);
    assert_eq!(text(&of("config.recorder")["object"]), name(theirs, 256));
    assert!(text(&of("ec2.security_group")["managed_by"]).starts_with("Terraform, says its tag "));
    let held = |change: &Value, theirs: &str| {
        let inside = json!(theirs).to_string();
        assert!(change.to_string().contains(inside.trim_matches('"')), "{change:#}");
    };
    held(of("account.contact"), &cut(theirs, 64));
    held(of("account.primary_contact"), &cut(theirs, 50));
    held(of("cloudwatch.alarm"), &name(theirs, 255));
    held(of("cloudwatch.topic"), theirs);
}

#[test]
fn what_people_call_things_in_an_account_steers_neither_terminal_nor_file() {
    let (stage, ids) = hostile();
    let members = ids.join(",");
    let plan = ["plan", "-b", "baseline.yaml", "--account", &members, "--out", "plan.json"];
    let reports = ["--report", "text=plan.txt", "--report", "json=again.json", "--report", "markdown=plan.md"];
    for more in [&["--detail"][..], &["--format", "json"], &["--format", "markdown"], &["-vv"]] {
        let done = stage.run(&[&plan[..], &reports, more].concat());
        assert_eq!(done.code, Some(2), "{}", done.stderr);
        both_harmless(&done);
        for file in ["plan.json", "plan.txt", "again.json", "plan.md"] {
            harmless(&stage.read(file));
        }
        short(&stage.read("plan.txt"));
    }
    let planned = stage.read_json("plan.json");
    for (id, theirs) in ids.iter().zip(HOSTILE) {
        has_theirs(&planned, id, theirs);
    }
    let allow = ["--allow", "cost,disruptive"];
    let reports = ["--report", "text=applied.txt", "--report", "json=applied.json"];
    let done = stage.run(&[&["apply", "plan.json", "-vv"][..], &allow, &reports].concat());
    assert_eq!(done.code, Some(2), "topics wait for a person: {}{}", done.stdout, done.stderr);
    both_harmless(&done);
    harmless(&stage.read("applied.txt"));
    harmless(&stage.read("applied.json"));
    let applied = stage.read_json("applied.json");
    // A recorder takes some minutes until it has recorded.
    let written = |outcome: &&Value| ["verified", "pending"].contains(&text(&outcome["outcome"]));
    let written = list(&applied["outcomes"]).iter().filter(written).count();
    assert_eq!(written, 5 * ids.len(), "all but the topics: {applied:#}");
    let run = text(&applied["run"]).to_owned();
    harmless(&stage.read(&format!("state/trueup/runs/{run}/journal.jsonl")));
    for arguments in [
        &["history", &run][..],
        &["history", &run, "--format", "json"],
        &["history", "verify"],
        &["revert", &run, "--out", "undo.json"],
        &["revert", &run, "--auto-approve", "--allow", "weakening,irreversible,disruptive", "--delete-keys"],
    ] {
        both_harmless(&stage.run(arguments));
    }
    harmless(&stage.read("undo.json"));
}
