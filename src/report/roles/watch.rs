//! What watches the roles: an alarm where somebody else uses the write role, a filter that files the findings which
//! trueup itself causes, and a service control policy that keeps everybody else from what it holds.

use serde_json::{Value, json};

use super::{Roles, split};
use crate::permissions::never::{OWN_PATH, OWN_POLICIES, OWN_ROLES};

/// Sessions of trueup are named so.
const SESSIONS: &str = "trueup-*";

/// Findings of `GuardDuty` that reading all accounts causes. What writes may look like is not among them: a finding on
/// the write role is worth a look.
const CAUSED: [&str; 2] = ["Discovery:IAMUser/AnomalousBehavior", "Recon:IAMUser/UserPermissions"];

/// In a log group of a trail: the write role is assumed, or used, in a session that is not named as trueup's are.
pub(super) fn log_pattern(roles: &Roles<'_>) -> String {
    let (_, name) = split(roles.write_role);
    format!(
        "{{ ($.eventName = \"AssumeRole\" && $.requestParameters.roleArn = \"*:role/{}\" && \
         $.requestParameters.roleSessionName != \"{SESSIONS}\") || \
         ($.userIdentity.sessionContext.sessionIssuer.userName = \"{name}\" && \
         $.userIdentity.principalId != \"*:{SESSIONS}\") }}",
        roles.write_role.trim_start_matches('/')
    )
}

/// The same for EventBridge, which is told at once; it hears of what is assumed from its own account and region.
pub(super) fn event_pattern(roles: &Roles<'_>) -> Value {
    let role = roles.write_role.trim_start_matches('/');
    json!({
        "source": ["aws.sts"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["sts.amazonaws.com"],
            "eventName": ["AssumeRole"],
            "requestParameters": {
                "roleArn": [{ "wildcard": format!("arn:*:iam::*:role/{role}") }],
                "roleSessionName": [{ "anything-but": { "prefix": SESSIONS.trim_end_matches('*') } }],
            },
        },
    })
}

/// Which findings are filed: the field and its values.
pub(super) fn findings(roles: &Roles<'_>) -> [(&'static str, Vec<String>); 2] {
    let names = [roles.read_role, roles.write_role].map(|role| split(role).1.to_owned());
    [("resource.accessKeyDetails.userName", names.to_vec()), ("type", CAUSED.map(str::to_owned).to_vec())]
}

/// The service control policy.
pub(super) fn guardrail(roles: &Roles<'_>) -> Value {
    let arn = |role: &str| format!("arn:*:iam::*:role/{}", role.trim_start_matches('/'));
    let mut own = [roles.read_role, roles.management_role, roles.write_role].map(arn).to_vec();
    own.sort();
    own.dedup();
    // StackSets changes the roles by a role of its own in each account.
    let but_stack_sets = json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:*:iam::*:role/stacksets-exec-*" } });
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "NobodyButTrueupUndoesTheBaseline",
                "Effect": "Deny",
                "Action": roles.protected,
                "Resource": "*",
                "Condition": { "ArnNotLike": { "aws:PrincipalArn": arn(roles.write_role) } },
            },
            {
                "Sid": "TheRolesOfTrueupStayAsTheyAre",
                "Effect": "Deny",
                "Action": OWN_ROLES,
                "Resource": own,
                "Condition": but_stack_sets,
            },
            {
                "Sid": "ThePoliciesOfTrueupStayAsTheyAre",
                "Effect": "Deny",
                "Action": OWN_POLICIES,
                "Resource": format!("arn:*:iam::*:policy{OWN_PATH}*"),
                "Condition": but_stack_sets,
            },
        ],
    })
}
