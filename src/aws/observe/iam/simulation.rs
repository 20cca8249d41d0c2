//! What IAM's own simulator says of a role's permissions.

use std::collections::BTreeMap;

use crate::Session;
use crate::observe::{Call, DeniedBy, ReadError};
use crate::target::Target;

/// The call that asks IAM's policy simulator. No plan makes it: it is the doctor's.
pub const SIMULATE: Call =
    Call { service: "IAM", operation: "SimulatePrincipalPolicy", action: "iam:SimulatePrincipalPolicy" };

/// Which of these actions a role may not do on a resource, as
/// [IAM's policy simulator](https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html) has
/// it, and who does not allow it.
///
/// # Errors
/// IAM refused, or could not be reached.
pub async fn simulated(
    session: &Session,
    at: &Target,
    role: &str,
    actions: &[&str],
    resource: &str,
) -> Result<BTreeMap<String, DeniedBy>, ReadError> {
    let actions: Vec<String> = actions.iter().map(|action| (*action).to_owned()).collect();
    let mut denied = BTreeMap::new();
    let mut marker = None;
    loop {
        let asked = session.iam().simulate_principal_policy().policy_source_arn(role).resource_arns(resource);
        let asked = asked.set_action_names(Some(actions.clone())).set_marker(marker);
        let answer = session.ask(at, &SIMULATE, asked.send()).await?;
        for result in answer.evaluation_results.unwrap_or_default() {
            if result.eval_decision.as_str() == "allowed" {
                continue;
            }
            let closed = result.organizations_decision_detail.is_some_and(|detail| !detail.allowed_by_organizations);
            denied.insert(result.eval_action_name, if closed { DeniedBy::Scp } else { DeniedBy::Identity });
        }
        marker = answer.marker.filter(|_| answer.is_truncated);
        if marker.is_none() {
            return Ok(denied);
        }
    }
}
