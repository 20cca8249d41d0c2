//! Becoming the root user of a member, for one task.

use super::iam_central_root as central;
use crate::fault::Fault;
use crate::front::Call;
use crate::iam::{self, Check};
use crate::world::{Caller, Principal};
use serde_json::{Value, json};

/// Seconds that a session lasts, unless less is asked for; the model refuses more.
const LASTS: i64 = 900;

pub(super) fn assume(call: &mut Call<'_>) -> Result<Value, Fault> {
    let target = call.need("TargetPrincipal")?.to_owned();
    let policy = call.input["TaskPolicyArn"]["arn"].as_str().unwrap_or_default().to_owned();
    let seconds = call.number("DurationSeconds").unwrap_or(LASTS);
    if matches!(call.caller.principal, Principal::Root | Principal::RootTask(_)) {
        return Err(Fault::denied("Root user credentials may not be used to call AssumeRoot."));
    }
    let partition = call.world.partition.clone();
    let account = member(&target, &partition)
        .ok_or_else(|| Fault::new(400, "ValidationError", format!("{target} is no principal of a member account")))?;
    let check = Check {
        action: "sts:AssumeRoot".to_owned(),
        resource: format!("arn:{partition}:iam::{account}:root"),
        policy: None,
        decides: false,
        // Only the side that asks is weighed: the member has no say.
        owner: call.account.to_owned(),
    };
    let mut context = iam::caller_context(call.world, call.caller, call.region);
    context.set("sts:TaskPolicyArn", policy.clone());
    call.world.ledger.weigh(&check.action);
    iam::weigh(call.world, call.caller, &check, &context).map_err(|refusal| refusal.fault(call.caller, &check))?;
    if !iam::is_root_task(&policy) {
        let message = format!("{policy} is not a task policy of AssumeRoot");
        return Err(Fault::new(400, "ValidationError", message));
    }
    let management = call.world.organization.as_ref().map(|organization| organization.management.clone());
    let may = central::is_on(call.world) && central::manages(call.world, call.account);
    let active = call.world.account(&account).is_some_and(|account| account.state == "ACTIVE");
    if !may || !active || management.as_ref() == Some(&account) {
        let (who, action, resource) = (&call.caller.arn, &check.action, &check.resource);
        return Err(Fault::denied(format!(
            "User: {who} is not authorized to perform: {action} on resource: {resource}"
        )));
    }
    let caller = Caller { principal: Principal::RootTask(policy), ..call.world.root_of(&account) };
    let credential = call.world.issue(caller, Some(seconds));
    Ok(json!({ "Credentials": {
        "AccessKeyId": credential.access_key_id,
        "SecretAccessKey": credential.secret_access_key,
        "SessionToken": credential.session_token,
        "Expiration": credential.expires,
    } }))
}

/// The account that is meant by its id, or by the ARN of its root user.
fn member(target: &str, partition: &str) -> Option<String> {
    let named = target.strip_prefix(&format!("arn:{partition}:iam::")).and_then(|rest| rest.strip_suffix(":root"));
    let id = named.unwrap_or(target);
    (id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())).then(|| id.to_owned())
}
