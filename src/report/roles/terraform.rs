//! The roles as Terraform.

use std::io::{self, Write};

use serde_json::Value;

use super::{Parameter, Part, Role, Roles, path, watch};
use crate::observe::Home;
use crate::permissions::never::OWN_PATH;
use crate::report::hcl::{Hcl, IN_TERRAFORM, encoded, expression, quoted, value};
use crate::report::roles::cloudformation;
use crate::report::template::logical;

/// Writes a configuration.
///
/// # Errors
/// `out` cannot be written.
pub fn write(roles: &Roles<'_>, part: Part, out: &mut dyn Write) -> io::Result<()> {
    let mut hcl = Hcl::default();
    hcl.comment(match part {
        Part::Organization => "Roles of trueup in the management account and, by a StackSet, in every member account.",
        Part::Member => "Roles of trueup in a member account.",
        Part::Management => "Roles of trueup in the management account.",
        Part::LogArchive => "Roles of trueup in the log archive account.",
    });
    if part == Part::Organization {
        // The region of `aws_region` has this name from version 6 of the provider on.
        hcl.provider("~> 6.0");
    }
    hcl.identity();
    for Parameter { name, value, words, .. } in roles.parameters() {
        hcl.variable(&named(name), "string", words, Some(&quoted(value)));
    }
    let home = match part {
        Part::Organization | Part::Management => Home::Management,
        Part::Member => Home::Member,
        Part::LogArchive => roles.archive(),
    };
    for role in roles.of(home) {
        resources(&role, &roles.trust(role.kind, variable), &mut hcl);
    }
    if part == Part::Organization {
        stack_set(roles, &mut hcl)?;
        alarm(roles, &mut hcl);
        findings(roles, &mut hcl);
        guardrail(roles, &mut hcl);
    }
    out.write_all(hcl.text().as_bytes())
}

/// The name of a parameter, as Terraform writes names.
fn named(parameter: &str) -> String {
    parameter.replace('-', "_")
}

/// What a parameter holds.
fn variable(parameter: &str) -> Value {
    expression(&format!("var.{}", named(parameter)))
}

fn resources(role: &Role<'_>, trust: &Value, hcl: &mut Hcl) {
    hcl.block(&format!("resource \"aws_iam_role\" \"{}\"", role.kind), |hcl| {
        hcl.set("name", &quoted(role.name));
        hcl.set("path", &quoted(&path(role.path)));
        hcl.set("description", &quoted(&role.description));
        hcl.set("max_session_duration", "3600");
        hcl.set("assume_role_policy", &encoded(trust, 1));
    });
    for (number, document) in role.documents.iter().enumerate() {
        let id = format!("{}_{}", role.kind, number + 1);
        hcl.block(&format!("resource \"aws_iam_policy\" \"{id}\""), |hcl| {
            hcl.set("name_prefix", &quoted(&format!("{}-", role.name)));
            hcl.set("path", &quoted(OWN_PATH));
            hcl.set("description", &quoted(&role.description));
            hcl.set("policy", &encoded(&document.json(IN_TERRAFORM), 1));
        });
        hcl.block(&format!("resource \"aws_iam_role_policy_attachment\" \"{id}\""), |hcl| {
            hcl.set("role", &format!("aws_iam_role.{}.name", role.kind));
            hcl.set("policy_arn", &format!("aws_iam_policy.{id}.arn"));
        });
    }
}

/// A StackSet of the organization's own, which makes the roles in accounts that join as well.
fn stack_set(roles: &Roles<'_>, hcl: &mut Hcl) -> io::Result<()> {
    let mut template = vec![];
    cloudformation(roles, Part::Member, &mut template)?;
    let template: Value = serde_json::from_slice(&template)?;
    hcl.variable(
        "organizational_units",
        "list(string)",
        "Ids of the root or of units whose accounts get the roles",
        None,
    );
    hcl.variable(
        "log_archive_account",
        "string",
        "Account that gets its roles by a configuration of its own, if any",
        Some(&quoted(roles.log_archive.unwrap_or_default())),
    );
    hcl.block("data \"aws_region\" \"current\"", |_| {});
    hcl.block("resource \"aws_cloudformation_stack_set\" \"members\"", |hcl| {
        hcl.set("name", &quoted("trueup-roles"));
        hcl.set("description", &quoted("Roles of trueup in every member account"));
        hcl.set("permission_model", &quoted("SERVICE_MANAGED"));
        hcl.set("capabilities", "[\"CAPABILITY_NAMED_IAM\"]");
        hcl.set("template_body", &encoded(&template, 1));
        let given = roles.parameters().into_iter().map(|told| (logical(told.name), variable(told.name)));
        hcl.set("parameters", &value(&Value::Object(given.collect()), 1));
        hcl.block("auto_deployment", |hcl| {
            hcl.set("enabled", "true");
            hcl.set("retain_stacks_on_account_removal", "false");
        });
        hcl.block("managed_execution", |hcl| hcl.set("active", "true"));
        hcl.block("operation_preferences", |hcl| {
            hcl.set("failure_tolerance_percentage", "10");
            hcl.set("max_concurrent_percentage", "25");
        });
    });
    hcl.block("resource \"aws_cloudformation_stack_set_instance\" \"members\"", |hcl| {
        hcl.set("stack_set_name", "aws_cloudformation_stack_set.members.name");
        hcl.set("stack_set_instance_region", "data.aws_region.current.region");
        hcl.block("deployment_targets", |hcl| {
            hcl.set("organizational_unit_ids", "var.organizational_units");
            hcl.set("account_filter_type", "var.log_archive_account == \"\" ? \"NONE\" : \"DIFFERENCE\"");
            hcl.set("accounts", "var.log_archive_account == \"\" ? [] : [var.log_archive_account]");
        });
    });
    Ok(())
}

fn optional(hcl: &mut Hcl, name: &str, words: &str) {
    hcl.variable(name, "string", words, Some("\"\""));
}

fn where_given(hcl: &mut Hcl, variable: &str) {
    hcl.set("count", &format!("var.{variable} == \"\" ? 0 : 1"));
}

fn alarm(roles: &Roles<'_>, hcl: &mut Hcl) {
    let words = quoted("The write role of trueup is used in a session that is not trueup's");
    optional(hcl, "trail_log_group", "Log group of the organization's trail in this account, if it has one");
    optional(hcl, "alarm_topic", "ARN of the SNS topic that is told, if any");
    hcl.block("resource \"aws_cloudwatch_log_metric_filter\" \"write_role\"", |hcl| {
        where_given(hcl, "trail_log_group");
        hcl.set("name", &quoted("trueup-write-role"));
        hcl.set("log_group_name", "var.trail_log_group");
        hcl.set("pattern", &quoted(&watch::log_pattern(roles)));
        hcl.block("metric_transformation", |hcl| {
            hcl.set("name", &quoted("WriteRoleUsedByOthers"));
            hcl.set("namespace", &quoted("trueup"));
            hcl.set("value", &quoted("1"));
        });
    });
    hcl.block("resource \"aws_cloudwatch_metric_alarm\" \"write_role\"", |hcl| {
        where_given(hcl, "trail_log_group");
        hcl.set("alarm_name", &quoted("trueup-write-role"));
        hcl.set("alarm_description", &words);
        hcl.set("namespace", &quoted("trueup"));
        hcl.set("metric_name", &quoted("WriteRoleUsedByOthers"));
        hcl.set("statistic", &quoted("Sum"));
        hcl.set("period", "60");
        hcl.set("evaluation_periods", "1");
        hcl.set("threshold", "1");
        hcl.set("comparison_operator", &quoted("GreaterThanOrEqualToThreshold"));
        hcl.set("treat_missing_data", &quoted("notBreaching"));
        hcl.set("alarm_actions", "var.alarm_topic == \"\" ? [] : [var.alarm_topic]");
    });
    hcl.block("resource \"aws_cloudwatch_event_rule\" \"write_role\"", |hcl| {
        where_given(hcl, "alarm_topic");
        hcl.set("name", &quoted("trueup-write-role"));
        hcl.set("description", &words);
        hcl.set("event_pattern", &encoded(&watch::event_pattern(roles), 1));
    });
    hcl.block("resource \"aws_cloudwatch_event_target\" \"write_role\"", |hcl| {
        where_given(hcl, "alarm_topic");
        hcl.set("rule", "aws_cloudwatch_event_rule.write_role[0].name");
        hcl.set("arn", "var.alarm_topic");
    });
}

fn findings(roles: &Roles<'_>, hcl: &mut Hcl) {
    optional(hcl, "detector_id", "GuardDuty detector of this region that files findings, if any");
    hcl.block("resource \"aws_guardduty_filter\" \"own\"", |hcl| {
        where_given(hcl, "detector_id");
        hcl.set("detector_id", "var.detector_id");
        hcl.set("name", &quoted("trueup-roles"));
        hcl.set("description", &quoted("What trueup itself causes when it reads all accounts"));
        hcl.set("action", &quoted("ARCHIVE"));
        hcl.set("rank", "1");
        hcl.block("finding_criteria", |hcl| {
            for (field, values) in watch::findings(roles) {
                hcl.block("criterion", |hcl| {
                    hcl.set("field", &quoted(field));
                    hcl.set("equals", &value(&serde_json::json!(values), 3));
                });
            }
        });
    });
}

fn guardrail(roles: &Roles<'_>, hcl: &mut Hcl) {
    optional(hcl, "protected_target", "Root, unit or account that the service control policy is attached to");
    hcl.block("resource \"aws_organizations_policy\" \"guardrail\"", |hcl| {
        where_given(hcl, "protected_target");
        hcl.set("name", &quoted("trueup"));
        hcl.set("description", &quoted("Nobody but trueup undoes what its baseline holds"));
        hcl.set("type", &quoted("SERVICE_CONTROL_POLICY"));
        hcl.set("content", &encoded(&watch::guardrail(roles), 1));
    });
    hcl.block("resource \"aws_organizations_policy_attachment\" \"guardrail\"", |hcl| {
        where_given(hcl, "protected_target");
        hcl.set("policy_id", "aws_organizations_policy.guardrail[0].id");
        hcl.set("target_id", "var.protected_target");
    });
}
