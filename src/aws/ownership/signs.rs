//! The names and tags by which an object's owner is known, and the tool that would set it back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Owner;

/// The key of the tag that everything made by trueup bears.
pub const MANAGED: &str = "trueup:managed";

const STACK: &str = "aws:cloudformation:stack-name";

/// How the names begin of what Control Tower makes: trails, buckets, log groups, topics, aliases and roles, by
/// [AWS's lists](https://docs.aws.amazon.com/controltower/latest/userguide/shared-account-resources.html).
const CONTROL_TOWER: [&str; 2] = ["aws-controltower", "AWSControlTower"];

/// How the stacks begin that Control Tower's `StackSets` deploy into accounts, by
/// [AWS's list](https://docs.aws.amazon.com/controltower/latest/userguide/account-factory-considerations.html).
const CONTROL_TOWER_STACKS: &str = "StackSet-AWSControlTower";

/// The tag of what Control Tower provisions, by
/// [AWS's documentation](https://docs.aws.amazon.com/controltower/latest/userguide/integrated-services.html).
const CONTROL_TOWER_TAG: (&str, &str) = ("aws-control-tower", "managed-by-control-tower");

/// Whether something of this name is Control Tower's, and nobody else's to make or to change.
#[must_use]
pub fn is_control_towers(name: &str) -> bool {
    let name = name.trim_start_matches("alias/");
    CONTROL_TOWER.iter().any(|begins| name.starts_with(begins))
}

/// Control Tower, where it owns an object of this name with these tags.
#[must_use]
pub fn control_tower(name: &str, signs: Option<&Signs>) -> Option<Owner> {
    if is_control_towers(name) {
        return Some(Owner::ControlTower(format!("by the name {name}")));
    }
    let signs = signs?;
    if let Some(stack) = signs.0.get(STACK).filter(|stack| stack.starts_with(CONTROL_TOWER_STACKS)) {
        return Some(Owner::ControlTower(format!("by its stack {stack}")));
    }
    let (key, value) = CONTROL_TOWER_TAG;
    let tagged = signs.0.get(key).is_some_and(|found| found == value);
    tagged.then(|| Owner::ControlTower(format!("by the tag {key}")))
}

/// The tags of an object that say who made it and who would set it back; the others are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signs(BTreeMap<String, String>);

impl Signs {
    /// Those of an object with these tags.
    pub fn of<K: AsRef<str>, V: AsRef<str>>(tags: impl IntoIterator<Item = (K, V)>) -> Self {
        let tells = |key: &str, value: &str| {
            [MANAGED, STACK, CONTROL_TOWER_TAG.0].contains(&key) || tool_of(key, value).is_some()
        };
        let kept = tags.into_iter().filter(|(key, value)| tells(key.as_ref(), value.as_ref()));
        Self(kept.map(|(key, value)| (key.as_ref().to_owned(), value.as_ref().to_owned())).collect())
    }

    /// Whether trueup made it.
    #[must_use]
    pub fn are_ours(&self) -> bool {
        self.0.contains_key(MANAGED)
    }

    /// The address that trueup gave it, if trueup made it.
    #[must_use]
    pub fn address(&self) -> Option<&String> {
        self.0.get(MANAGED)
    }

    /// What else looks after the object, in words: a value that is changed elsewhere will come back.
    #[must_use]
    pub fn tool(&self) -> Option<String> {
        if let Some(stack) = self.0.get(STACK) {
            return Some(format!("CloudFormation stack {stack}"));
        }
        self.0.iter().find_map(|(key, value)| Some(format!("{}, says its tag {key}", tool_of(key, value)?)))
    }
}

/// Tools that keep objects as their code says, as people write them into tags.
const TOOLS: [(&str, &str); 3] = [("terraform", "Terraform"), ("opentofu", "OpenTofu"), ("pulumi", "Pulumi")];

/// Keys under which people write the tool, without case and what stands between words. No tool sets such a tag by itself.
const TOOL_KEYS: [&str; 9] = [
    "managedby",
    "createdby",
    "deployedby",
    "provisionedby",
    "provisioner",
    "managementtool",
    "deploymenttool",
    "iac",
    "iactool",
];

/// The tool that a tag names: `ManagedBy=terraform`, `Terraform=true`, and their like.
fn tool_of(key: &str, value: &str) -> Option<&'static str> {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let (key, value) = (plain(key), plain(value));
    let named = |text: &str| TOOLS.iter().find(|(word, _)| *word == text).map(|(_, name)| *name);
    let by_value = named(&value).filter(|_| TOOL_KEYS.contains(&key.as_str()));
    let denies = ["false", "no", "0", "none"].contains(&value.as_str());
    by_value.or_else(|| named(&key).filter(|_| !denies))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_tower_is_known_by_name_by_stack_and_by_tag_and_by_nothing_that_is_only_like_it() {
        let tower = |name: &str, tags: &[(&str, &str)]| {
            control_tower(name, Some(&Signs::of(tags.iter().copied()))).map(|owner| owner.to_string())
        };
        let some = |text: &str| Some(text.to_owned());
        let named = "aws-controltower-BaselineCloudTrail";
        assert_eq!(tower(named, &[]), some("Control Tower (by the name aws-controltower-BaselineCloudTrail)"));
        for name in ["alias/aws-controltower/logs", "aws-controltower/CloudTrailLogs", "AWSControlTowerExecution"] {
            assert!(control_tower(name, None).is_some(), "{name}");
        }
        let stack = "StackSet-AWSControlTowerBP-BASELINE-CLOUDTRAIL-1234";
        let by_stack = format!("Control Tower (by its stack {stack})");
        assert_eq!(tower("baseline", &[("aws:cloudformation:stack-name", stack)]), Some(by_stack));
        let tag = [("aws-control-tower", "managed-by-control-tower")];
        assert_eq!(tower("baseline", &tag), some("Control Tower (by the tag aws-control-tower)"));
        for (name, tags) in [
            ("controltower-audit", vec![]),
            ("my-aws-controltower", vec![]),
            ("MyAWSControlTower", vec![]),
            ("baseline", vec![("aws:cloudformation:stack-name", "StackSet-Acme-AWSControlTower")]),
            ("baseline", vec![("aws-control-tower", "is not ours")]),
            ("baseline", vec![("Name", "aws-controltower-logs")]),
        ] {
            assert_eq!(tower(name, &tags), None, "{name} {tags:?}");
        }
    }

    #[test]
    fn the_tool_that_would_set_a_value_back_is_read_off_the_tags() {
        let tool = |key: &str, value: &str| Signs::of([("team", "payments"), (key, value)]).tool();
        for (key, value, words) in [
            ("aws:cloudformation:stack-name", "logging", "CloudFormation stack logging"),
            ("ManagedBy", "terraform", "Terraform, says its tag ManagedBy"),
            ("managed-by", "Terraform", "Terraform, says its tag managed-by"),
            ("created_by", "OpenTofu", "OpenTofu, says its tag created_by"),
            ("terraform", "true", "Terraform, says its tag terraform"),
            ("Terraform", "modules/trail", "Terraform, says its tag Terraform"),
            ("IaC", "pulumi", "Pulumi, says its tag IaC"),
        ] {
            assert_eq!(tool(key, value), Some(words.to_owned()), "{key}={value}");
        }
        for (key, value) in [("terraform", "false"), ("ManagedBy", "ada"), ("Name", "terraform"), ("purpose", "iac")] {
            assert_eq!(tool(key, value), None, "{key}={value}");
        }
    }

    #[test]
    fn tags_that_say_nothing_of_an_owner_are_not_kept() {
        let signs = Signs::of([("cost-center", "4711"), (MANAGED, "an address"), ("owner", "ada")]);
        assert!(signs.are_ours());
        assert_eq!(serde_json::to_value(&signs).expect("JSON"), serde_json::json!({ MANAGED: "an address" }));
        assert!(!Signs::of([("owner", "ada")]).are_ours());
    }
}
