//! The policy of a key: what is accepted, and who gets it.

use super::kms::{fault, found};
use crate::fault::Fault;
use crate::front::Call;
use crate::iam::{self, Context, Document, Named, Sort};
use serde_json::{Value, json};

/// The policy that was sent, or the one that trusts the account. A policy must not lock out who sends it, and must
/// name only identities that exist.
pub(super) fn checked(call: &mut Call<'_>, id: &str) -> Result<String, Fault> {
    let Some(text) = call.text("Policy").map(str::to_owned) else {
        return Ok(json!({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{}:iam::{}:root", call.world.partition, call.account)},
            "Action": "kms:*",
            "Resource": "*",
        }]})
        .to_string());
    };
    let malformed = |why: &str| fault("MalformedPolicyDocumentException", why);
    let document = Document::parse(&text, Sort::Key).map_err(|why| malformed(&why))?;
    let named: Vec<Named> =
        document.statements().iter().filter_map(|one| one.principals()).flatten().cloned().collect();
    for principal in named {
        if let Named::Aws(arn) = principal
            && !super::iam::exists(call.world, &arn)
        {
            return Err(malformed("Policy contains a statement with one or more invalid principals."));
        }
    }
    let who = iam::identity(call.world, call.caller);
    let arn = call.arn(&format!("key/{id}"));
    let kept = document.grants(&who, "kms:PutKeyPolicy", &arn, &Context::default()).is_some();
    if !kept && !call.flag("BypassPolicyLockoutSafetyCheck").unwrap_or(false) {
        return Err(malformed("The new key policy will not allow you to update the key policy in the future."));
    }
    Ok(text)
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Fault> {
    Ok(json!({"Policy": found(call, "KeyId", false)?.policy, "PolicyName": "default"}))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    found(call, "KeyId", false)?;
    Ok(json!({"PolicyNames": ["default"], "Truncated": false}))
}

pub(super) fn put(call: &mut Call<'_>) -> Result<Value, Fault> {
    let found = found(call, "KeyId", false)?;
    let policy = checked(call, &found.id)?;
    found.key(call.world).policy = policy;
    Ok(json!({}))
}
