//! The password policy of an account.

use super::iam::missing;
use crate::fault::Fault;
use crate::front::Call;
use serde::Serialize;
use serde_json::{Value, json};

#[expect(clippy::struct_excessive_bools, reason = "they are the switches of the policy, as IAM has them")]
/// The account's password policy. What is `None` is unset and not answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PasswordPolicy {
    minimum_length: i64,
    symbols: bool,
    numbers: bool,
    uppercase: bool,
    lowercase: bool,
    users_may_change: bool,
    max_age: Option<i64>,
    reuse: Option<i64>,
    hard_expiry: Option<bool>,
}

fn no_password_policy(call: &Call<'_>) -> Fault {
    missing(format!("The Password Policy with domain name {} cannot be found.", call.account))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Value, Fault> {
    let Some(policy) = call.mine().iam.password_policy.clone() else { return Err(no_password_policy(call)) };
    let mut shown = json!({
        "MinimumPasswordLength": policy.minimum_length,
        "RequireSymbols": policy.symbols,
        "RequireNumbers": policy.numbers,
        "RequireUppercaseCharacters": policy.uppercase,
        "RequireLowercaseCharacters": policy.lowercase,
        "AllowUsersToChangePassword": policy.users_may_change,
        "ExpirePasswords": policy.max_age.is_some(),
    });
    let unset = [
        ("MaxPasswordAge", policy.max_age.map(Value::from)),
        ("PasswordReusePrevention", policy.reuse.map(Value::from)),
        ("HardExpiry", policy.hard_expiry.map(Value::from)),
    ];
    for (member, value) in unset {
        if let Some(value) = value {
            shown[member] = value;
        }
    }
    Ok(json!({ "PasswordPolicy": shown }))
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Value, Fault> {
    // The whole policy is replaced: what is left out falls back to its default, not to what it was.
    let flag = |member| call.flag(member).unwrap_or(false);
    let policy = PasswordPolicy {
        minimum_length: call.number("MinimumPasswordLength").unwrap_or(6),
        symbols: flag("RequireSymbols"),
        numbers: flag("RequireNumbers"),
        uppercase: flag("RequireUppercaseCharacters"),
        lowercase: flag("RequireLowercaseCharacters"),
        users_may_change: flag("AllowUsersToChangePassword"),
        max_age: call.number("MaxPasswordAge"),
        reuse: call.number("PasswordReusePrevention"),
        hard_expiry: call.flag("HardExpiry"),
    };
    let ranges = [
        ("minimumPasswordLength", Some(policy.minimum_length), 6, 128),
        ("maxPasswordAge", policy.max_age, 1, 1095),
        ("passwordReusePrevention", policy.reuse, 1, 24),
    ];
    for (member, value, least, most) in ranges {
        if let Some(value) = value.filter(|value| !(least..=most).contains(value)) {
            let (bound, limit) = if value < least { ("greater", least) } else { ("less", most) };
            return Err(Fault::new(
                400,
                "ValidationError",
                format!(
                    "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
                     Member must have value {bound} than or equal to {limit}"
                ),
            ));
        }
    }
    call.mine().iam.password_policy = Some(policy);
    Ok(json!({}))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    let Some(_) = call.mine().iam.password_policy.take() else { return Err(no_password_policy(call)) };
    Ok(json!({}))
}
