//! The templates that the binary prints, under the eyes of cfn-lint and of a parser of Terraform's language.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use trueup::baseline::SHIPPED;

use crate::python::script;
use crate::server::lines;

const PRINCIPAL: &str = "arn:aws:iam::111122223333:role/trueup";

/// A shipped baseline with everything that may be asked of its roles at once.
fn baseline(extends: &str) -> String {
    format!(
        "version: 1\norganization: o-abc1234567\nextends: [{extends}]\nmanagement_account: include\naccess:\n  \
         read_role: trueup-read\n  write_role: security/trueup-write\n  external_id: trueup@acme.example\n"
    )
}

/// The longest template, in bytes, that CloudFormation takes as it is, and not from a bucket.
const LONGEST: usize = 51_200;

fn print(folder: &Path, file: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_trueup"))
        .args(arguments)
        .args(["-b", "baseline.yaml"])
        .current_dir(folder)
        .env_clear()
        .output()
        .expect("the binary can be started");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    std::fs::write(folder.join("printed").join(file), &output.stdout).expect("a file");
    String::from_utf8(output.stdout).expect("text")
}

/// A folder with every template that there is for a shipped baseline.
fn printed(extends: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("baseline.yaml"), baseline(extends)).expect("a file");
    std::fs::create_dir(folder.path().join("printed")).expect("a folder");
    for (format, suffix) in [("cloudformation", "json"), ("terraform", "tf")] {
        for of in ["organization", "member", "management", "log-archive"] {
            let arguments = ["roles", "--of", of, "--principal", PRINCIPAL, "--format", format];
            print(folder.path(), &format!("{of}.{suffix}"), &arguments);
        }
        print(folder.path(), &format!("permissions.{suffix}"), &["permissions", "--apply", "--format", format]);
    }
    folder
}

fn looked_at(folder: &TempDir) -> Value {
    let mut command = script("templates.py");
    lines(command.arg(folder.path().join("printed"))).remove(0)
}

#[test]
fn cfn_lint_accepts_every_template_of_the_shipped_baselines_and_what_a_stack_set_makes_of_it() {
    // Those of level 1 are parts of the others.
    for (extends, _) in SHIPPED.iter().filter(|(name, _)| !name.ends_with("-level-1")) {
        let found = looked_at(&printed(extends));
        let linted = found["linted"].as_object().expect("files");
        let names: Vec<&str> = linted.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "log-archive.json",
                "management.json",
                "member.json",
                "organization.json",
                "organization.json MemberRoles",
                "permissions.json"
            ]
        );
        for (file, complaints) in linted {
            assert_eq!(complaints.as_array().map(Vec::len), Some(0), "{extends} {file}: {complaints:#}");
        }
    }
}

#[test]
fn cfn_lint_would_complain_of_a_template_that_is_wrong() {
    let folder = printed("foundation");
    let path = folder.path().join("printed/member.json");
    let broken = std::fs::read_to_string(&path).expect("a file").replace("AssumeRolePolicyDocument", "Trust");
    std::fs::write(&path, broken).expect("a file");
    assert!(!looked_at(&folder)["linted"]["member.json"].as_array().expect("a list").is_empty());
}

#[test]
fn cloudformation_takes_every_template_of_every_shipped_baseline_without_a_bucket() {
    for (extends, _) in SHIPPED {
        let folder = printed(extends);
        for of in ["organization", "member", "management", "log-archive"] {
            let file = folder.path().join(format!("printed/{of}.json"));
            let length = std::fs::metadata(file).expect("a file").len();
            assert!(usize::try_from(length).is_ok_and(|length| length <= LONGEST), "{extends} {of}: {length} bytes");
        }
    }
}

#[test]
fn terraform_is_parsed_and_has_the_same_things() {
    let found = looked_at(&printed("foundation"));
    let kinds = |file: &str| -> Vec<String> {
        let kinds = found["parsed"][file].as_array().expect("kinds").iter();
        kinds.filter_map(|kind| kind.as_str().map(str::to_owned)).collect()
    };
    assert_eq!(
        kinds("organization.tf"),
        [
            "aws_cloudformation_stack_set",
            "aws_cloudformation_stack_set_instance",
            "aws_cloudwatch_event_rule",
            "aws_cloudwatch_event_target",
            "aws_cloudwatch_log_metric_filter",
            "aws_cloudwatch_metric_alarm",
            "aws_guardduty_filter",
            "aws_iam_policy",
            "aws_iam_role",
            "aws_iam_role_policy_attachment",
            "aws_organizations_policy",
            "aws_organizations_policy_attachment",
        ]
    );
    for file in ["member.tf", "management.tf", "log-archive.tf"] {
        assert_eq!(kinds(file), ["aws_iam_policy", "aws_iam_role", "aws_iam_role_policy_attachment"], "{file}");
    }
    assert_eq!(kinds("permissions.tf"), ["aws_iam_policy"]);
}
