//! The roles as CloudFormation templates.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Parameter, Part, Role, Roles, path, watch};
use crate::observe::Home;
use crate::permissions::never::OWN_PATH;
use crate::report::template::{self, IN_CLOUDFORMATION, logical, substituted};

/// Writes a template.
///
/// # Errors
/// `out` cannot be written.
pub fn write(roles: &Roles<'_>, part: Part, out: &mut dyn Write) -> io::Result<()> {
    let template = match part {
        Part::Organization => organization(roles),
        Part::Member => alone(roles, Home::Member, "Roles of trueup in a member account"),
        Part::Management => alone(roles, Home::Management, "Roles of trueup in the management account"),
        Part::LogArchive => alone(roles, roles.archive(), "Roles of trueup in the log archive account"),
    };
    template::write(&template, out)
}

/// A template of the roles of one kind of account.
fn alone(roles: &Roles<'_>, home: Home, description: &str) -> Value {
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": description,
        "Parameters": parameters(roles),
        "Resources": resources(roles, home),
    })
}

fn parameters(roles: &Roles<'_>) -> Map<String, Value> {
    let parameter = |Parameter { name, value, pattern, words }| {
        let told = json!({ "Type": "String", "Default": value, "AllowedPattern": pattern, "Description": words });
        (logical(name), told)
    };
    roles.parameters().into_iter().map(parameter).collect()
}

fn resources(roles: &Roles<'_>, home: Home) -> Map<String, Value> {
    let refer = |name: &str| json!({ "Ref": logical(name) });
    roles.of(home).iter().flat_map(|role| resources_of(role, &roles.trust(role.kind, refer))).collect()
}

fn resources_of(role: &Role<'_>, trust: &Value) -> Map<String, Value> {
    let mut all = Map::new();
    let mut attached = vec![];
    for (number, document) in role.documents.iter().enumerate() {
        let name = logical(&format!("{}-policy-{}", role.kind, number + 1));
        attached.push(json!({ "Ref": name }));
        let properties = json!({
            "Description": role.description,
            "Path": OWN_PATH,
            "PolicyDocument": substituted(document.json(IN_CLOUDFORMATION)),
        });
        all.insert(name, json!({ "Type": "AWS::IAM::ManagedPolicy", "Properties": properties }));
    }
    let properties = json!({
        "RoleName": role.name,
        "Path": path(role.path),
        "Description": role.description,
        "MaxSessionDuration": 3600,
        "AssumeRolePolicyDocument": trust,
        "ManagedPolicyArns": attached,
    });
    let id = logical(&format!("{}-role", role.kind));
    all.insert(id, json!({ "Type": "AWS::IAM::Role", "Properties": properties }));
    all
}

/// The template for the management account: its own roles, the StackSet, and what watches them all.
fn organization(roles: &Roles<'_>) -> Value {
    let mut parameters = parameters(roles);
    let mut add = |name: &str, kind: &str, default: Option<&str>, words: &str| {
        let mut parameter = json!({ "Type": kind, "Description": words });
        if let Some(default) = default {
            parameter["Default"] = json!(default);
        }
        parameters.insert(name.to_owned(), parameter);
    };
    let units = "CommaDelimitedList";
    add("OrganizationalUnits", units, None, "Ids of the root or of units whose accounts get the roles");
    let archive = roles.log_archive.unwrap_or_default();
    add("LogArchiveAccount", "String", Some(archive), "Account that gets its roles by a template of its own, if any");
    add("TrailLogGroup", "String", Some(""), "Log group of the organization's trail in this account, if it has one");
    add("AlarmTopic", "String", Some(""), "ARN of the SNS topic that is told, if any");
    add("DetectorId", "String", Some(""), "GuardDuty detector of this region that files findings, if any");
    add("ProtectedTarget", "String", Some(""), "Root, unit or account that the service control policy is attached to");
    let mut resources = resources(roles, Home::Management);
    resources.insert("MemberRoles".to_owned(), stack_set(roles));
    resources.extend(watching(roles));
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Roles of trueup in the management account and, by a StackSet, in every member account",
        "Parameters": parameters,
        "Conditions": {
            "Alarms": given("AlarmTopic"),
            "FilesFindings": given("DetectorId"),
            "LeavesOut": given("LogArchiveAccount"),
            "Protects": given("ProtectedTarget"),
            "WatchesTrail": given("TrailLogGroup"),
        },
        "Resources": resources,
    })
}

fn given(parameter: &str) -> Value {
    json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": parameter }, ""] }] })
}

fn either(condition: &str, value: &Value, other: &Value) -> Value {
    json!({ "Fn::If": [condition, value, other] })
}

/// A StackSet of the organization's own, which makes the roles in accounts that join as well.
fn stack_set(roles: &Roles<'_>) -> Value {
    let member = alone(roles, Home::Member, "Roles of trueup in a member account");
    let given = parameters(roles).into_iter().map(|(name, _)| {
        let value = json!({ "Ref": name });
        json!({ "ParameterKey": name, "ParameterValue": value })
    });
    let nothing = json!({ "Ref": "AWS::NoValue" });
    json!({
        "Type": "AWS::CloudFormation::StackSet",
        "Properties": {
            "StackSetName": "trueup-roles",
            "Description": "Roles of trueup in every member account",
            "PermissionModel": "SERVICE_MANAGED",
            "AutoDeployment": { "Enabled": true, "RetainStacksOnAccountRemoval": false },
            "ManagedExecution": { "Active": true },
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "OperationPreferences": { "FailureTolerancePercentage": 10, "MaxConcurrentPercentage": 25 },
            "Parameters": given.collect::<Vec<Value>>(),
            "StackInstancesGroup": [{
                "DeploymentTargets": {
                    "OrganizationalUnitIds": { "Ref": "OrganizationalUnits" },
                    "AccountFilterType": either("LeavesOut", &json!("DIFFERENCE"), &nothing),
                    "Accounts": either("LeavesOut", &json!([{ "Ref": "LogArchiveAccount" }]), &nothing),
                },
                // Roles are the same in every region: they are made from one.
                "Regions": [{ "Ref": "AWS::Region" }],
            }],
            "TemplateBody": member.to_string(),
        },
    })
}

fn watching(roles: &Roles<'_>) -> Map<String, Value> {
    let metric = json!({ "MetricName": "WriteRoleUsedByOthers", "MetricNamespace": "trueup" });
    let mut counted = metric.clone();
    counted["MetricValue"] = json!("1");
    let words = "The write role of trueup is used in a session that is not trueup's";
    let criterion: Map<String, Value> =
        watch::findings(roles).into_iter().map(|(field, values)| (field.to_owned(), json!({ "Eq": values }))).collect();
    let all = json!({
        "WriteRoleUse": {
            "Type": "AWS::Logs::MetricFilter",
            "Condition": "WatchesTrail",
            "Properties": {
                "LogGroupName": { "Ref": "TrailLogGroup" },
                "FilterPattern": watch::log_pattern(roles),
                "MetricTransformations": [counted],
            },
        },
        "WriteRoleAlarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Condition": "WatchesTrail",
            "Properties": {
                "AlarmName": "trueup-write-role",
                "AlarmDescription": words,
                "Namespace": metric["MetricNamespace"],
                "MetricName": metric["MetricName"],
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": either("Alarms", &json!([{ "Ref": "AlarmTopic" }]), &json!({ "Ref": "AWS::NoValue" })),
            },
        },
        "WriteRoleAssumed": {
            "Type": "AWS::Events::Rule",
            "Condition": "Alarms",
            "Properties": {
                "Name": "trueup-write-role",
                "Description": words,
                "State": "ENABLED",
                "EventPattern": watch::event_pattern(roles),
                "Targets": [{ "Id": "topic", "Arn": { "Ref": "AlarmTopic" } }],
            },
        },
        "OwnFindings": {
            "Type": "AWS::GuardDuty::Filter",
            "Condition": "FilesFindings",
            "Properties": {
                "DetectorId": { "Ref": "DetectorId" },
                "Name": "trueup-roles",
                "Description": "What trueup itself causes when it reads all accounts",
                "Action": "ARCHIVE",
                "Rank": 1,
                "FindingCriteria": { "Criterion": criterion },
            },
        },
        "Guardrail": {
            "Type": "AWS::Organizations::Policy",
            "Condition": "Protects",
            "Properties": {
                "Name": "trueup",
                "Description": "Nobody but trueup undoes what its baseline holds",
                "Type": "SERVICE_CONTROL_POLICY",
                "Content": watch::guardrail(roles),
                "TargetIds": [{ "Ref": "ProtectedTarget" }],
            },
        },
    });
    match all {
        Value::Object(all) => all,
        _ => Map::new(),
    }
}
