//! What CloudFormation would make of the printed templates, and what IAM would be told by hand.

use serde_json::{Map, Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, list, text};

/// The roles of a pipeline in the management account, each with what is printed for the caller. The administrator of the
/// page may assume them, who stands for the pipeline.
pub(super) fn jobs(stage: &Stage, jobs: &[(&str, &[&str])]) {
    for (name, asked) in jobs {
        let printed = stage.run(&[&["permissions", "-b", "baseline.yaml", "--format", "json"], *asked].concat()).json();
        let caller =
            list(&printed["policies"]).iter().find(|policy| policy["holder"] == "caller").expect("it is there");
        let documents: Vec<Value> = list(&caller["documents"]).iter().map(|one| one["policy"].clone()).collect();
        stage.world(|world| {
            let management = world.management();
            let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": { "AWS": format!("arn:aws:iam::{management}:root") } }] });
            make(world, &management, name, &trust, &documents);
        });
    }
}

/// The roles of the template `roles.json`, in the management account and in every member.
pub(super) fn roles(stage: &Stage) {
    let whole: Value = serde_json::from_str(&stage.read("roles.json")).expect("a template");
    let body = text(&whole["Resources"]["MemberRoles"]["Properties"]["TemplateBody"]);
    let member: Value = serde_json::from_str(body).expect("a template");
    stage.world(|world| {
        let management = world.management();
        let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
        for id in ids {
            deploy(world, &id, if id == management { &whole } else { &member });
        }
    });
}

/// The roles of a template in an account, with the managed policies that they consist of as their own.
fn deploy(world: &mut World, account: &str, template: &Value) {
    let resources = template["Resources"].as_object().expect("resources");
    for role in resources.values().filter(|resource| resource["Type"] == "AWS::IAM::Role") {
        let role = &role["Properties"];
        let attached = list(&role["ManagedPolicyArns"]).iter().map(|policy| text(&policy["Ref"]));
        let documents: Vec<Value> = attached
            .map(|policy| filled(&resources[policy]["Properties"]["PolicyDocument"], template, account))
            .collect();
        let trust = filled(&role["AssumeRolePolicyDocument"], template, account);
        make(world, account, text(&role["RoleName"]), &trust, &documents);
    }
}

fn make(world: &mut World, account: &str, name: &str, trust: &Value, documents: &[Value]) {
    let role = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() });
    world.build(account, HOME, "iam", "CreateRole", role);
    for (number, document) in documents.iter().enumerate() {
        let policy = json!({ "RoleName": name, "PolicyName": format!("printed-{number}"),
            "PolicyDocument": document.to_string() });
        world.build(account, HOME, "iam", "PutRolePolicy", policy);
    }
}

/// A value with the parameters of the template and the account put in.
fn filled(value: &Value, template: &Value, account: &str) -> Value {
    if let Some(name) = value["Ref"].as_str() {
        return template["Parameters"][name]["Default"].clone();
    }
    if let Some(pattern) = value["Fn::Sub"].as_str() {
        return json!(pattern.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", account));
    }
    match value {
        Value::Array(values) => values.iter().map(|one| filled(one, template, account)).collect(),
        Value::Object(entries) => {
            let filled = entries.iter().map(|(name, one)| (name.clone(), filled(one, template, account)));
            Value::Object(filled.collect::<Map<String, Value>>())
        }
        plain => plain.clone(),
    }
}
