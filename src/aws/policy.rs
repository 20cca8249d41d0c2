//! Session policies: what a role session is narrowed to, whatever its role may do.
//!
//! There is never a wildcard in an action. What does not fit is not dropped: AWS refuses a policy that is too long,
//! and then the account is not entered.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::observe::Call;
use crate::target::Partition;

/// AWS counts the characters of the inline policy, with those of the ARNs beside it.
const LONGEST: usize = 2048;

/// What a role session is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// The inline policy, JSON; none where the managed ones say it all.
    pub inline: Option<String>,
    /// ARNs of managed policies beside it.
    pub managed: Vec<String>,
}

/// Actions on resources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// IAM actions, in full.
    pub actions: BTreeSet<String>,
    /// Resource ARNs, or `*`.
    pub resources: BTreeSet<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    effect: &'static str,
    action: BTreeSet<&'a str>,
    resource: BTreeSet<&'a str>,
}

impl<'a> Statement<'a> {
    fn anywhere(action: BTreeSet<&'a str>) -> Self {
        Self { effect: "Allow", action, resource: BTreeSet::from(["*"]) }
    }
}

fn document(statements: &[Statement<'_>]) -> String {
    serde_json::json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

impl SessionPolicy {
    /// Just these reads; where they do not fit, AWS's own `SecurityAudit` and what it lacks.
    #[must_use]
    pub fn reading(calls: &[Call], partition: &Partition) -> Self {
        let all: BTreeSet<&str> = calls.iter().map(|call| call.action).collect();
        let inline = document(&[Statement::anywhere(all.clone())]);
        if inline.len() <= LONGEST {
            return Self { inline: Some(inline), managed: vec![] };
        }
        let lacking: BTreeSet<&str> = all.into_iter().filter(|action| !in_security_audit(action)).collect();
        Self {
            inline: (!lacking.is_empty()).then(|| document(&[Statement::anywhere(lacking)])),
            managed: vec![format!("arn:{partition}:iam::aws:policy/SecurityAudit")],
        }
    }

    /// Just these grants; where they do not fit, their actions on every resource.
    #[must_use]
    pub fn granting(grants: &[Grant]) -> Self {
        let sorted: BTreeSet<&Grant> = grants.iter().collect();
        let statements: Vec<_> = sorted.iter().map(|grant| grant.statement()).collect();
        let mut inline = document(&statements);
        if inline.len() > LONGEST {
            let actions = grants.iter().flat_map(|grant| &grant.actions).map(String::as_str).collect();
            inline = document(&[Statement::anywhere(actions)]);
        }
        Self { inline: Some(inline), managed: vec![] }
    }
}

impl Grant {
    fn statement(&self) -> Statement<'_> {
        Statement {
            effect: "Allow",
            action: self.actions.iter().map(String::as_str).collect(),
            resource: self.resources.iter().map(String::as_str).collect(),
        }
    }
}

/// What `SecurityAudit` allows in the services that are read (its version 45, of October 2024). A service or an action
/// that is not here goes into the inline policy, so a gap costs room and nothing else.
fn in_security_audit(action: &str) -> bool {
    const WHOLE: &[&str] = &[
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
        "cloudtrail:GetTrail",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:ListTags",
        "cloudtrail:ListTrails",
        "s3:GetAccountPublicAccessBlock",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListAllMyBuckets",
    ];
    const BEGINNINGS: &[&str] = &[
        "guardduty:Get",
        "guardduty:List",
        "iam:Get",
        "iam:List",
        "kms:Describe",
        "kms:Get",
        "kms:List",
        "organizations:Describe",
        "organizations:List",
        "s3:GetBucket",
    ];
    WHOLE.contains(&action) || BEGINNINGS.iter().any(|beginning| action.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aws() -> Partition {
        Partition::of_arn("arn:aws-cn:iam::111122223333:root").expect("an ARN")
    }

    fn call(action: &'static str) -> Call {
        Call { service: "IAM", operation: "", action }
    }

    #[test]
    fn few_reads_are_named_one_by_one_sorted_and_once() {
        let calls = [call("kms:ListKeys"), call("iam:GetRole"), call("kms:ListKeys")];
        let policy = SessionPolicy::reading(&calls, &aws());
        assert_eq!(
            policy.inline.expect("inline"),
            r#"{"Statement":[{"Action":["iam:GetRole","kms:ListKeys"],"Effect":"Allow","Resource":["*"]}],"Version":"2012-10-17"}"#
        );
        assert!(policy.managed.is_empty());
    }

    #[test]
    fn what_does_not_fit_comes_from_security_audit_and_the_rest_is_named() {
        let long: Vec<&'static str> = (0..60)
            .map(|n| &*Box::leak(format!("iam:GetSomethingWithALongName{n:04}").into_boxed_str()))
            .chain(["account:ListRegions", "s3:GetObjectLockConfiguration"])
            .collect();
        let policy = SessionPolicy::reading(&long.into_iter().map(call).collect::<Vec<_>>(), &aws());
        assert_eq!(policy.managed, ["arn:aws-cn:iam::aws:policy/SecurityAudit"]);
        let inline = policy.inline.expect("inline");
        assert!(inline.contains(r#"["account:ListRegions","s3:GetObjectLockConfiguration"]"#), "{inline}");
    }

    #[test]
    fn grants_keep_their_resources_while_they_fit() {
        let granted = |grants: &[Grant]| SessionPolicy::granting(grants).inline.expect("inline");
        let grant = |action: &str, resource: String| Grant {
            actions: BTreeSet::from([action.to_owned()]),
            resources: BTreeSet::from([resource]),
        };
        let few = granted(&[grant("iam:UpdateAccountPasswordPolicy", "*".to_owned())]);
        assert!(few.contains(r#""Action":["iam:UpdateAccountPasswordPolicy"]"#));
        let arn = |n: u32| format!("arn:aws:kms:eu-west-1:111122223333:key/{n:036}");
        let some: Vec<Grant> = (0..10).map(|n| grant("kms:EnableKeyRotation", arn(n))).collect();
        assert!(granted(&some).contains(&arn(3)));
        let many: Vec<Grant> = (0..40).map(|n| grant("kms:EnableKeyRotation", arn(n))).collect();
        let many = granted(&many);
        assert!(many.len() <= LONGEST && many.contains(r#"["kms:EnableKeyRotation"]"#) && many.contains(r#"["*"]"#));
    }
}
