//! STS: who one is, and becoming a role.

use super::sts_root;
use crate::fault::Fault;
use crate::front::{Call, Handler};
use crate::iam::{self, Check, Context, Document, Sort};
use crate::world::{Caller, Principal, Session};
use serde_json::{Value, json};

pub(crate) const HANDLERS: &[(&str, Handler)] =
    &[("AssumeRole", assume_role), ("AssumeRoot", sts_root::assume), ("GetCallerIdentity", get_caller_identity)];

/// The plain text of the inline policy and the ARNs of managed ones together.
const PLAIN_LIMIT: usize = 2048;

fn get_caller_identity(call: &mut Call<'_>) -> Result<Value, Fault> {
    Ok(json!({"UserId": call.caller.id, "Account": call.caller.account, "Arn": call.caller.arn}))
}

fn assume_role(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.need("RoleArn")?.to_owned();
    let name = call.need("RoleSessionName")?.to_owned();
    let policies = session_policy(call)?;
    let refused = || {
        let who = &call.caller.arn;
        Fault::denied(format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"))
    };
    if matches!(call.caller.principal, Principal::Root | Principal::RootTask(_)) {
        return Err(Fault::denied("Roles may not be assumed by root accounts."));
    }
    let (partition, account, role_name) =
        parts(&arn).ok_or_else(|| Fault::new(400, "ValidationError", format!("{arn} is invalid")))?;
    // A role that is not there, an account that is closed and a trust that refuses are one answer.
    let account_state = call.world.account(&account).filter(|account| account.state == "ACTIVE");
    let role = account_state.and_then(|account| account.iam.roles.get(&role_name)).cloned().ok_or_else(refused)?;
    let expected = format!("arn:{partition}:iam::{account}:role{}{role_name}", role.path);
    if partition != call.world.partition || expected != arn {
        return Err(refused());
    }
    let check = Check {
        action: "sts:AssumeRole".to_owned(),
        resource: arn.clone(),
        policy: Some((role.trust.clone(), Sort::Trust)),
        decides: true,
        owner: account.clone(),
    };
    let context = context(call, &name);
    call.world.ledger.weigh(&check.action);
    iam::weigh(call.world, call.caller, &check, &context).map_err(|refusal| match refusal {
        iam::Refusal::Denied(denial @ iam::Denial::Explicit(_)) => {
            iam::Refusal::Denied(denial).fault(call.caller, &check)
        }
        iam::Refusal::Denied(_) => refused(),
        broken @ iam::Refusal::Broken(_) => broken.fault(call.caller, &check),
    })?;
    let seconds = duration(call, role.max_session)?;
    let session = format!("arn:{partition}:sts::{account}:assumed-role/{role_name}/{name}");
    let caller = Caller {
        account,
        arn: session.clone(),
        id: format!("{}:{name}", role.id),
        principal: Principal::Role(Session {
            role: role_name,
            name: name.clone(),
            policy: policies.text,
            policy_arns: policies.arns,
        }),
    };
    let id = caller.id.clone();
    let credential = call.world.issue(caller, Some(seconds));
    let mut answer = json!({
        "Credentials": {
            "AccessKeyId": credential.access_key_id,
            "SecretAccessKey": credential.secret_access_key,
            "SessionToken": credential.session_token,
            "Expiration": credential.expires,
        },
        "AssumedRoleUser": {"AssumedRoleId": id, "Arn": session},
    });
    if policies.packed > 0 {
        answer["PackedPolicySize"] = json!(policies.packed);
    }
    if let Some(identity) = call.text("SourceIdentity") {
        answer["SourceIdentity"] = json!(identity);
    }
    Ok(answer)
}

/// Partition, account and name without path of a role's ARN.
fn parts(arn: &str) -> Option<(String, String, String)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, "iam", "", account, resource] = parts[..] else { return None };
    let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
    Some((partition.to_owned(), account.to_owned(), name.to_owned()))
}

fn context(call: &mut Call<'_>, session: &str) -> Context {
    let mut context = iam::caller_context(call.world, call.caller, call.region);
    context.set("sts:RoleSessionName", session);
    for (member, key) in [("ExternalId", "sts:ExternalId"), ("SourceIdentity", "sts:SourceIdentity")] {
        if let Some(value) = call.text(member) {
            context.set(key, value);
        }
    }
    context
}

/// How long the session lasts: within the role's own limit, and an hour at most from role to role.
fn duration(call: &Call<'_>, most: i64) -> Result<i64, Fault> {
    let asked = call.number("DurationSeconds");
    let chained = matches!(call.caller.principal, Principal::Role(_));
    match asked {
        None => Ok(3600),
        Some(seconds) if !(900..=43200).contains(&seconds) => Err(Fault::new(
            400,
            "ValidationError",
            format!(
                "1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: \
                 Member must have value {}",
                if seconds < 900 { "greater than or equal to 900" } else { "less than or equal to 43200" }
            ),
        )),
        Some(seconds) if chained && seconds > 3600 => Err(Fault::new(
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        )),
        Some(seconds) if seconds > most => Err(Fault::new(
            400,
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )),
        Some(seconds) => Ok(seconds),
    }
}

struct SessionPolicy {
    text: Option<String>,
    arns: Vec<String>,
    /// Percent of the packed limit that is used.
    packed: usize,
}

fn session_policy(call: &Call<'_>) -> Result<SessionPolicy, Fault> {
    let text = call.text("Policy").map(str::to_owned);
    let arns: Vec<String> =
        call.list("PolicyArns").iter().filter_map(|arn| arn.get("arn")?.as_str().map(str::to_owned)).collect();
    let malformed = |why: String| Fault::new(400, "MalformedPolicyDocument", why);
    if let Some(text) = &text {
        Document::parse(text, Sort::Identity).map_err(malformed)?;
    }
    if let Some(arn) = arns.iter().find(|arn| iam::managed_document(arn).is_none()) {
        return Err(malformed(format!("Policy {arn} does not exist or is not attachable.")));
    }
    let plain = text.as_ref().map_or(0, String::len) + arns.iter().map(String::len).sum::<usize>();
    if plain > PLAIN_LIMIT {
        let message = format!(
            "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less \
             than or equal to {PLAIN_LIMIT}"
        );
        return Err(Fault::new(400, "ValidationError", message));
    }
    let packed = packed(text.as_deref().unwrap_or_default(), &arns);
    if packed > 100 {
        let message = format!("Packed policy consumes {packed}% of allotted space, please use smaller policy.");
        return Err(Fault::new(400, "PackedPolicyTooLarge", message));
    }
    Ok(SessionPolicy { text, arns, packed })
}

/// How full the packed form is, in percent. AWS does not say how it packs. This is a model of what is seen: letters
/// weigh more than what repeats, each action and ARN has a price, and a policy near the plain limit may not fit.
fn packed(text: &str, arns: &[String]) -> usize {
    let dense: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    let packed = dense.len() / 2 + dense.matches("\",\"").count() * 3 + arns.len() * 40;
    if packed == 0 { 0 } else { (packed * 100).div_ceil(1300) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roles_arn_is_taken_apart_with_its_path() {
        let parts = parts("arn:aws-us-gov:iam::111122223333:role/a/b/audit").unwrap();
        assert_eq!(parts, ("aws-us-gov".into(), "111122223333".into(), "audit".into()));
        assert_eq!(super::parts("arn:aws:iam::111122223333:user/audit"), None);
    }

    #[test]
    fn a_short_session_policy_fits_and_many_actions_do_not() {
        let policy = |count: usize| {
            let actions: Vec<String> = (0..count).map(|n| format!("\"service{n}:DoSomething{n}\"")).collect();
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{}],"Resource":"*"}}]}}"#,
                actions.join(",")
            )
        };
        assert!(packed(&policy(20), &[]) < 100);
        assert!(packed(&policy(120), &[]) > 100);
        assert_eq!(packed(&policy(20).replace(',', " ,\n"), &[]), packed(&policy(20), &[]), "space packs to nothing");
        assert_eq!(packed("", &[]), 0);
    }
}
