//! Instances and their metadata: planned, applied, read back by boto3, and undone.

use serde_json::{Value, json};
use trueup::simulator::fault::{Effect, Injection};
use trueup::simulator::world::World;

use crate::ec2_groups::undo;
use crate::harness::{HOME, Stage, kinds, list, organization, outcomes, rows, text, write};

const IMDSV2: &str = "regions: [us-east-1]\ncontrols:\n  ec2.instance:\n    imdsv2: true\n    exempt_tags: [legacy]\n";

/// An instance that is launched with these options of its metadata.
pub(crate) fn launch(world: &mut World, account: &str, options: &Value, tag: &str) -> String {
    launch_tagged(world, account, options, (tag, "yes"))
}

/// The same with this tag and its value.
pub(crate) fn launch_tagged(world: &mut World, account: &str, options: &Value, (key, value): (&str, &str)) -> String {
    let tags = json!([{"ResourceType": "instance", "Tags": [{"Key": key, "Value": value}]}]);
    let asked = json!({"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "MetadataOptions": options,
        "TagSpecifications": tags});
    let made = world.build(account, HOME, "ec2", "RunInstances", asked);
    text(&made["Instances"][0]["InstanceId"]).to_owned()
}

#[test]
fn tokens_are_a_persons_matter_and_are_required_only_where_the_baseline_lets_them_be() {
    let (mut world, ids) = organization(&["one"]);
    let open = launch(&mut world, &ids[0], &json!({"HttpPutResponseHopLimit": 2}), "web");
    let good = launch(&mut world, &ids[0], &json!({"HttpTokens": "required"}), "web");
    let silent = launch(&mut world, &ids[0], &json!({"HttpEndpoint": "disabled"}), "web");
    let legacy = launch(&mut world, &ids[0], &json!({}), "legacy");
    let ended = launch(&mut world, &ids[0], &json!({}), "web");
    world.build(&ids[0], HOME, "ec2", "TerminateInstances", json!({ "InstanceIds": [ended] }));
    let stage = Stage::held_to(world, IMDSV2);
    let only = ["--account", ids[0].as_str(), "--out", "plan.json"];
    let (plan, code) = stage.plan(&only);
    let verdict = |plan: &Value, id: &str| {
        rows(plan, &ids[0]).find(|row| row["object"] == id).map(|row| text(&row["verdict"]).to_owned())
    };
    let found = [&open, &good, &silent, &legacy, &ended].map(|id| verdict(&plan, id));
    let wanted = [Some("drifted"), Some("compliant"), Some("compliant"), Some("not_applicable"), None];
    assert_eq!((found, code), (wanted.map(|one| one.map(str::to_owned)), Some(2)));
    assert!(text(&plan["changes"][0]["manual"]).contains("MetadataNoToken"), "{plan:#}");
    stage.apply(&["--allow", "disruptive"]);
    assert_eq!(stage.writes(), vec![]);

    stage.baseline("", &format!("{IMDSV2}    mend: true\n"));
    let before = stage.instances(&ids[0], HOME);
    stage.plan(&only);
    assert_eq!(outcomes(&stage.apply(&[]).0)[0].1, "held");
    assert_eq!(stage.apply(&["--allow", "disruptive"]).1, Some(0));
    assert_eq!(stage.writes(), [write(&ids[0], "ec2", "ModifyInstanceMetadataOptions")]);
    let after = stage.instances(&ids[0], HOME);
    assert_eq!(
        (&after[&open]["HttpTokens"], &after[&open]["HttpPutResponseHopLimit"]),
        (&json!("required"), &json!(2))
    );
    assert_eq!(after[&legacy], before[&legacy]);
    assert_eq!(stage.plan(&only).1, Some(0));
    undo(&stage);
    assert_eq!(stage.instances(&ids[0], HOME), before);
}

#[test]
fn an_instance_that_a_service_of_aws_runs_is_owned_elsewhere_and_one_that_ended_since_the_plan_is_no_failure() {
    let (mut world, ids) = organization(&["one"]);
    let run = json!({"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "Operator": {"Principal": "eks.amazonaws.com"}});
    world.build(&ids[0], HOME, "ec2", "RunInstances", run);
    let stage = Stage::held_to(world, &format!("{IMDSV2}    mend: true\n"));
    let only = ["--account", ids[0].as_str(), "--out", "plan.json"];
    let plan = stage.plan(&only).0;
    assert_eq!((kinds(&plan, &ids[0]), list(&plan["changes"]).len()), (vec!["owned_elsewhere".into()], 0));
    let open = stage.world(|world| launch(world, &ids[0], &json!({}), "web"));
    stage.plan(&only);
    stage.world(|world| world.build(&ids[0], HOME, "ec2", "TerminateInstances", json!({ "InstanceIds": [open] })));
    assert_eq!(outcomes(&stage.apply(&["--allow", "disruptive"]).0)[0].1, "already");
    assert_eq!(stage.writes(), vec![]);
}

#[test]
fn an_instance_that_starts_or_stops_is_waited_for_and_revert_waits_as_well() {
    let (mut world, ids) = organization(&["one"]);
    let open = launch(&mut world, &ids[0], &json!({}), "web");
    let stage = Stage::held_to(world, &format!("{IMDSV2}    mend: true\n"));
    let only = ["--account", ids[0].as_str(), "--out", "plan.json"];
    let sent = |stage: &Stage| stage.count(&ids[0], "ModifyInstanceMetadataOptions");
    let begin = |stage: &Stage, operation: &str| {
        stage.world(|world| world.build(&ids[0], HOME, "ec2", operation, json!({ "InstanceIds": [open] })))
    };
    // Each attempt takes a while by the clock of the world, and the second finds the instance where it went.
    let passes = Effect::Elapse { seconds: 20 };
    stage.inject(Injection { operation: Some("ModifyInstanceMetadataOptions".to_owned()), ..Injection::new(passes) });
    let before = stage.instances(&ids[0], HOME);

    begin(&stage, "StopInstances");
    let (plan, _) = stage.plan(&only);
    assert!(rows(&plan, &ids[0]).any(|row| text(&row["reason"]).starts_with("stopping")), "{plan:#}");
    let (applied, code) = stage.apply(&["--allow", "disruptive"]);
    assert_eq!((outcomes(&applied)[0].1, code, sent(&stage)), ("verified", Some(0), 2));
    assert_eq!(stage.instances(&ids[0], HOME)[&open]["HttpTokens"], "required");

    begin(&stage, "StartInstances");
    undo(&stage);
    assert_eq!((stage.instances(&ids[0], HOME), sent(&stage)), (before, 4));
}

#[test]
fn an_instance_without_a_profile_is_named_to_a_person_beside_what_calls_mend() {
    let (mut world, ids) = organization(&["one"]);
    let run = json!({"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "IamInstanceProfile": {"Name": "web"}});
    let made = world.build(&ids[0], HOME, "ec2", "RunInstances", run);
    let good = text(&made["Instances"][0]["InstanceId"]).to_owned();
    let bare = launch(&mut world, &ids[0], &json!({}), "web");
    let still = launch(&mut world, &ids[0], &json!({}), "web");
    world.build(&ids[0], HOME, "ec2", "StopInstances", json!({ "InstanceIds": [still] }));
    world.advance(600);
    let quiet = launch(&mut world, &ids[0], &json!({}), "calls-nothing");
    let ended = launch(&mut world, &ids[0], &json!({}), "web");
    world.build(&ids[0], HOME, "ec2", "TerminateInstances", json!({ "InstanceIds": [ended] }));
    let asked = "regions: [us-east-1]\ncontrols:\n  ec2.instance:\n    imdsv2: true\n    mend: true\n    profile: true\n    \
                 profile_exempt_tags: [calls-nothing]\n";
    let stage = Stage::held_to(world, asked);
    let only = ["--account", ids[0].as_str(), "--out", "plan.json"];
    let found = |plan: &Value| {
        [&good, &bare, &still, &quiet, &ended].map(|id| {
            let mut rows = rows(plan, &ids[0]).filter(|row| row["requirement"] == "ec2.instance.profile");
            rows.find(|row| row["object"] == **id).map(|row| text(&row["verdict"]).to_owned())
        })
    };
    let wanted = [Some("compliant"), Some("drifted"), Some("drifted"), Some("not_applicable"), None];
    let wanted = wanted.map(|verdict| verdict.map(str::to_owned));
    assert_eq!(found(&stage.plan(&only).0), wanted);
    let before = stage.instances(&ids[0], HOME);
    let (applied, code) = stage.apply(&["--allow", "disruptive"]);
    assert_eq!(code, Some(2), "a person is left with something: {applied:#}");
    assert_eq!(stage.writes(), vec![write(&ids[0], "ec2", "ModifyInstanceMetadataOptions"); 4]);
    let (left, _) = stage.plan(&only);
    assert_eq!(found(&left), wanted);
    let told: Vec<&str> = list(&left["changes"]).iter().map(|change| text(&change["manual"])).collect();
    assert_eq!(told.len(), 2, "{left:#}");
    assert!(told.iter().all(|words| words.contains("AssociateIamInstanceProfile")), "{told:#?}");
    undo(&stage);
    assert_eq!(stage.instances(&ids[0], HOME), before);
}
