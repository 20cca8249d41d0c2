//! Tags of recorders, which are all that is tagged here.

use std::collections::BTreeMap;

use super::config::{Recorder, refused};
use super::{iam, paging};
use crate::fault::Fault;
use crate::front::Call;
use serde_json::{Value, json};

/// As many as one call answers.
const AT_ONCE: usize = 50;
/// As many as a recorder has.
const MOST: usize = 50;

/// The recorder of an ARN: the account's own, or one that is linked to a service.
fn tagged<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Recorder, Fault> {
    let arn = call.need("ResourceArn")?.to_owned();
    let config = &mut call.here().config;
    let mut all = config.recorder.iter_mut().chain(config.linked.values_mut());
    let found = all.find(|one| one.put["arn"] == *arn);
    found.ok_or_else(|| refused("ResourceNotFoundException", "You have specified a resource that does not exist."))
}

/// Tags as Config takes them.
pub(super) fn sent(call: &Call<'_>) -> Result<BTreeMap<String, String>, Fault> {
    let tags = iam::tags(call.list("Tags"));
    if tags.keys().any(|key| key.starts_with("aws:")) {
        return Err(refused("ValidationException", "The key of a tag cannot begin with aws:"));
    }
    Ok(tags)
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    let tags = tagged(call)?.tags.clone();
    let all = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    let limit = call.number("Limit").and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    let page = paging::page(all, limit.unwrap_or(AT_ONCE), call.text("NextToken"));
    let (items, next) = page.ok_or_else(|| refused("InvalidNextTokenException", "The nextToken is not valid."))?;
    let mut answer = json!({ "Tags": items });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

pub(super) fn tag(call: &mut Call<'_>) -> Result<Value, Fault> {
    let sent = sent(call)?;
    let recorder = tagged(call)?;
    let mut tags = recorder.tags.clone();
    tags.extend(sent);
    if tags.len() > MOST {
        return Err(refused("TooManyTagsException", "You have reached the limit of the number of tags you can use."));
    }
    recorder.tags = tags;
    Ok(json!({}))
}

pub(super) fn untag(call: &mut Call<'_>) -> Result<Value, Fault> {
    let keys = call.texts("TagKeys");
    tagged(call)?.tags.retain(|key, _| !keys.contains(key));
    Ok(json!({}))
}
