//! The permissions as a CloudFormation template of managed policies.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Shown, holder, place};
use crate::permissions::documents;
use crate::permissions::never::OWN_PATH;
use crate::report::template::{self, IN_CLOUDFORMATION, logical, substituted};

/// Writes a template of managed policies; which of them are made is decided by its parameter `AccountKind`.
///
/// # Errors
/// `out` cannot be written.
pub fn write(shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut resources = Map::new();
    let mut places: Vec<&str> = vec![];
    for policy in shown.policies {
        let documents = documents(policy);
        if !documents.is_empty() && !places.contains(&place(policy.holder)) {
            places.push(place(policy.holder));
        }
        for document in documents {
            let properties = json!({
                "ManagedPolicyName": format!("trueup-{}", document.name),
                "Path": OWN_PATH,
                "Description": format!("What trueup needs of {}", holder(policy.holder)),
                "PolicyDocument": substituted(document.json(IN_CLOUDFORMATION)),
            });
            let condition = logical(place(policy.holder));
            let resource =
                json!({ "Type": "AWS::IAM::ManagedPolicy", "Condition": condition, "Properties": properties });
            resources.insert(logical(&document.name), resource);
        }
    }
    let conditions =
        places.iter().map(|place| (logical(place), json!({ "Fn::Equals": [{ "Ref": "AccountKind" }, place] })));
    let conditions: Map<String, Value> = conditions.collect();
    let (name, digest) = shown.baseline;
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("Permissions of trueup with {name} ({digest})"),
        "Parameters": {
            "AccountKind": {
                "Type": "String",
                "AllowedValues": places,
                "Description": "Whose policies are made: those of the account that the stack is in",
            },
        },
        "Conditions": conditions,
        "Resources": resources,
    });
    template::write(&template, out)
}
