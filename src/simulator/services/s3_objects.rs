//! S3: objects, with the conditions under which they are written. Texts only: what is no UTF-8 is a gap, and said.

use super::paging;
use super::s3::bucket;
use crate::fault::Fault;
use crate::front::Call;
use crate::iam;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// An object.
#[derive(Clone, Debug, Serialize)]
pub struct Stored {
    /// What is in it.
    pub body: String,
    /// Changes with every write: opaque to clients.
    pub etag: String,
    /// Seconds since the epoch when it was last written.
    pub modified: i64,
}

fn precondition_failed(condition: &str) -> Fault {
    let message = "At least one of the pre-conditions you specified did not hold";
    Fault::new(412, "PreconditionFailed", message).with("Condition", condition)
}

fn no_such_key(key: &str) -> Fault {
    Fault::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
}

fn key(call: &Call<'_>) -> Result<String, Fault> {
    call.need("Key").map(str::to_owned)
}

fn same(etag: &str, wanted: &str) -> bool {
    etag.trim_matches('"') == wanted.trim_matches('"')
}

pub(super) fn put_object(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (key, now) = (key(call)?, call.now());
    let body = call.text("Body").unwrap_or_default().to_owned();
    let (if_match, if_none_match) =
        (call.text("IfMatch").map(str::to_owned), call.text("IfNoneMatch").map(str::to_owned));
    let objects = &mut bucket(call)?.objects;
    let there = objects.get(&key);
    match (&if_none_match, there) {
        (Some(wish), _) if wish != "*" => {
            let message = "A header you provided implies functionality that is not implemented";
            return Err(Fault::new(501, "NotImplemented", message).with("Header", "If-None-Match"));
        }
        (Some(_), Some(_)) => return Err(precondition_failed("If-None-Match")),
        _ => {}
    }
    match (&if_match, there) {
        (Some(_), None) => return Err(no_such_key(&key)),
        (Some(wanted), Some(found)) if !same(&found.etag, wanted) => return Err(precondition_failed("If-Match")),
        _ => {}
    }
    let digest = hex::encode(&Sha256::digest(format!("{now} {body}"))[..16]);
    let etag = format!("\"{digest}\"");
    objects.insert(key, Stored { body, etag: etag.clone(), modified: now });
    Ok(json!({ "ETag": etag }))
}

/// An object; who may not list its bucket is not told that it is absent.
fn found(call: &mut Call<'_>, absent: fn(&str) -> Fault) -> Result<Stored, Fault> {
    let key = key(call)?;
    match bucket(call)?.objects.get(&key) {
        Some(found) => Ok(found.clone()),
        None => Err(iam::may_list(call).err().unwrap_or_else(|| absent(&key))),
    }
}

pub(super) fn get_object(call: &mut Call<'_>) -> Result<Value, Fault> {
    let Stored { body, etag, modified } = found(call, no_such_key)?;
    Ok(json!({"Body": body, "ETag": etag, "LastModified": modified, "ContentType": "binary/octet-stream"}))
}

pub(super) fn head_object(call: &mut Call<'_>) -> Result<Value, Fault> {
    let Stored { body, etag, modified } = found(call, |_| Fault::new(404, "NotFound", "Not Found"))?;
    Ok(json!({"ContentLength": body.len(), "ETag": etag, "LastModified": modified}))
}

pub(super) fn delete_object(call: &mut Call<'_>) -> Result<Value, Fault> {
    let key = key(call)?;
    let wanted = call.text("IfMatch").map(str::to_owned);
    let objects = &mut bucket(call)?.objects;
    if let (Some(wanted), Some(found)) = (wanted, objects.get(&key))
        && !same(&found.etag, &wanted)
    {
        return Err(precondition_failed("If-Match"));
    }
    // What is not there is deleted as well.
    objects.remove(&key);
    Ok(json!({}))
}

pub(super) fn list_objects(call: &mut Call<'_>) -> Result<Value, Fault> {
    let prefix = call.text("Prefix").unwrap_or_default().to_owned();
    let delimiter = call.text("Delimiter").filter(|delimiter| !delimiter.is_empty()).map(str::to_owned);
    let size = call.number("MaxKeys").and_then(|size| usize::try_from(size).ok()).unwrap_or(1000).min(1000);
    let token = call.text("ContinuationToken").map(str::to_owned);
    let name = call.need("Bucket")?.to_owned();
    let mut all: Vec<Value> = vec![];
    for (key, stored) in bucket(call)?.objects.iter().filter(|(key, _)| key.starts_with(&prefix)) {
        if let Some(front) = delimiter.as_deref().and_then(|delimiter| front(key, &prefix, delimiter)) {
            let front = json!({"Prefix": front});
            // The keys are in order, so those with one front stand together.
            if all.last() != Some(&front) {
                all.push(front);
            }
            continue;
        }
        let Stored { body, etag, modified } = stored;
        all.push(json!({
            "Key": key, "ETag": etag, "LastModified": modified, "Size": body.len(), "StorageClass": "STANDARD",
        }));
    }
    let (page, next) = paging::page(all, size, token.as_deref())
        .ok_or_else(|| Fault::new(400, "InvalidArgument", "The continuation token provided is incorrect"))?;
    let count = page.len();
    let (objects, fronts): (Vec<Value>, Vec<Value>) = page.into_iter().partition(|item| item["Key"].is_string());
    let mut answer = json!({
        "Name": name, "Prefix": prefix, "MaxKeys": size, "KeyCount": count, "IsTruncated": next.is_some(),
        "Contents": objects, "CommonPrefixes": fronts,
    });
    if let Some(delimiter) = delimiter {
        answer["Delimiter"] = json!(delimiter);
    }
    if let Some(next) = next {
        answer["NextContinuationToken"] = json!(next);
    }
    Ok(answer)
}

/// What a key begins with up to the delimiter that follows the prefix; none where none follows.
fn front(key: &str, prefix: &str, delimiter: &str) -> Option<String> {
    let end = key.get(prefix.len()..)?.find(delimiter)?;
    Some(key[..prefix.len() + end + delimiter.len()].to_owned())
}
