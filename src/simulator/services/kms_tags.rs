//! Tags of keys.

use super::kms::{fault, found, listed};
use super::kms_states::{dying, invalid_state};
use crate::fault::Fault;
use crate::front::Call;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tags as KMS sends them.
pub(super) fn parsed(list: &[Value]) -> Result<BTreeMap<String, String>, Fault> {
    let text = |tag: &Value, member| tag.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    let tags: BTreeMap<String, String> = list.iter().map(|tag| (text(tag, "TagKey"), text(tag, "TagValue"))).collect();
    if tags.len() != list.len() || tags.keys().any(|key| key.starts_with("aws:")) {
        return Err(fault("TagException", "Duplicate tag keys, or a key that starts with aws:"));
    }
    Ok(tags)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    let found = found(call, "KeyId", false)?;
    let tags = found.key(call.world).tags.clone();
    let all = tags.iter().map(|(key, value)| json!({"TagKey": key, "TagValue": value})).collect();
    listed(call, "Tags", all, 50)
}

pub(super) fn tag(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (found, sent) = (found(call, "KeyId", false)?, parsed(call.list("Tags"))?);
    let key = found.key(call.world);
    if dying(key) {
        return Err(invalid_state(&found.arn, &key.state));
    }
    key.tags.extend(sent);
    Ok(json!({}))
}

pub(super) fn untag(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (found, keys) = (found(call, "KeyId", false)?, call.texts("TagKeys"));
    found.key(call.world).tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}
