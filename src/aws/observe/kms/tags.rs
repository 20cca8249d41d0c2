//! The tags of keys that drift, by which it is known what looks after them. No other key is asked for its own, which would
//! be a call for each.

use serde::{Deserialize, Serialize};

use super::{DescribedKey, DescribedKeys};
use crate::Absent;
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::ownership::Signs;

pub(super) const TAGS: Call = Call { service: "KMS", operation: "ListResourceTags", action: "kms:ListResourceTags" };

/// The customer managed keys of a region, and the tags of those that are about to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DyingKeys(pub Vec<SignedKey>);

/// A key, and its tags where they were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedKey {
    /// What it is.
    #[serde(flatten)]
    pub key: DescribedKey,
    /// Which of its tags say whose it is, or why they could not be read; none: it is not about to be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signs: Option<Readable<Signs>>,
}

impl Observe for DyingKeys {
    const NAME: &'static str = "kms.dying_keys";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[TAGS];
    const TOLD: &'static [Call] = &[TAGS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let described = reader.get::<DescribedKeys>().await?;
        let read = futures::future::join_all(described.0.iter().map(|key| async move {
            let dying = key.is.as_result().is_ok_and(super::keys::KeyFacts::is_dying);
            let signs = if dying { signs(reader, &key.id).await } else { None };
            SignedKey { key: key.clone(), signs }
        }));
        Ok(Self(read.await))
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<DescribedKeys>()]
    }
}

/// Those of one key, where somebody is told. That they could not be read is no reason not to judge it.
pub(super) async fn signs(reader: &Reader, id: &str) -> Option<Readable<Signs>> {
    if !reader.tells() {
        return None;
    }
    Some(tags(reader, id).await.map(Signs::of).into())
}

async fn tags(reader: &Reader, id: &str) -> Result<Vec<(String, String)>, ReadError> {
    let session = reader.session()?;
    let mut tags = vec![];
    let mut next: Option<String> = None;
    loop {
        let asked = session.kms(reader.region()).list_resource_tags().key_id(id).set_marker(next);
        let sending = async { asked.send().await.absent_on(&["NotFoundException"]) };
        // It may have gone since it was listed.
        let Some(page) = session.ask(reader.at(), &TAGS, sending).await? else { return Ok(tags) };
        tags.extend(page.tags().iter().map(|tag| (tag.tag_key.clone(), tag.tag_value.clone())));
        next = page.next_marker.filter(|marker| page.truncated && !marker.is_empty());
        if next.is_none() {
            return Ok(tags);
        }
    }
}
