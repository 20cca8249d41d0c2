//! IAM's policy simulator: what the policies of a user or a role say of actions. It knows nothing of sessions, nor of
//! the policies of resources that it is not given.

use super::iam;
use crate::fault::Fault;
use crate::front::Call;
use crate::iam::{Check, Denial, Layer, Refusal, caller_context, weigh};
use crate::world::{Caller, Principal, Session};
use serde_json::{Value, json};

pub(super) fn simulate(call: &mut Call<'_>) -> Result<Value, Fault> {
    let source = call.need("PolicySourceArn")?.to_owned();
    let caller = identity(call, &source)?;
    let mut resources = call.texts("ResourceArns");
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let context = caller_context(call.world, &caller, call.region);
    let mut results = vec![];
    for action in call.texts("ActionNames") {
        for resource in &resources {
            let (action, resource) = (action.clone(), resource.clone());
            let check = Check { action, resource, policy: None, decides: false, owner: caller.account.clone() };
            let (decision, by_organization) = match weigh(call.world, &caller, &check, &context) {
                Ok(()) => ("allowed", true),
                Err(Refusal::Denied(denial)) => (decision(denial), !of_organization(denial)),
                Err(broken @ Refusal::Broken(_)) => return Err(broken.fault(&caller, &check)),
            };
            results.push(json!({
                "EvalActionName": check.action, "EvalResourceName": check.resource, "EvalDecision": decision,
                "OrganizationsDecisionDetail": {"AllowedByOrganizations": by_organization},
                "MatchedStatements": [], "MissingContextValues": [],
            }));
        }
    }
    iam::listed(call, "EvaluationResults", results)
}

fn decision(denial: Denial) -> &'static str {
    match denial {
        Denial::Explicit(_) => "explicitDeny",
        Denial::Silent(_) => "implicitDeny",
    }
}

fn of_organization(denial: Denial) -> bool {
    matches!(denial, Denial::Explicit(Layer::Guardrail) | Denial::Silent(Layer::Guardrail))
}

/// The user or role of the account whose policies are weighed.
fn identity(call: &mut Call<'_>, source: &str) -> Result<Caller, Fault> {
    let account = call.account.to_owned();
    let malformed = || Fault::new(400, "InvalidInput", format!("Invalid Entity Arn: {source}"));
    let parts: Vec<&str> = source.splitn(6, ':').collect();
    let ["arn", _, "iam", "", owner, entity] = parts[..] else { return Err(malformed()) };
    let name = entity.rsplit('/').next().unwrap_or_default().to_owned();
    let state = &call.mine().iam;
    let (there, principal) = match entity.split('/').next() {
        Some("role") => {
            let session = Session { role: name.clone(), name: String::new(), policy: None, policy_arns: vec![] };
            (state.roles.contains_key(&name), Principal::Role(session))
        }
        Some("user") => (state.users.contains_key(&name), Principal::User(name.clone())),
        _ => return Err(malformed()),
    };
    if !there || owner != account {
        return Err(iam::missing(format!("The entity {source} cannot be found.")));
    }
    Ok(Caller { account, arn: source.to_owned(), id: String::new(), principal })
}
