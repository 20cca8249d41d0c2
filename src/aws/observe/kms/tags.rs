//! The tags of keys.

use crate::Absent;
use crate::observe::tags::{Bears, Page};
use crate::observe::{Call, ReadError, Reader, Scope};

pub(in crate::observe) struct KeyTags;

impl Bears for KeyTags {
    const NAME: &'static str = "kms.tags";
    const SCOPE: Scope = Scope::Region;
    const CALL: Call = Call { service: "KMS", operation: "ListResourceTags", action: "kms:ListResourceTags" };

    async fn page(reader: &Reader, id: &str, after: Option<String>) -> Result<Page, ReadError> {
        let session = reader.session()?;
        let asked = session.kms(reader.region()).list_resource_tags().key_id(id).set_marker(after);
        let sending = async { asked.send().await.absent_on(&["NotFoundException"]) };
        let Some(page) = session.ask(reader.at(), &Self::CALL, sending).await? else { return Ok(Page::default()) };
        let tags = page.tags().iter().map(|tag| (tag.tag_key.clone(), tag.tag_value.clone())).collect();
        Ok((tags, page.next_marker.filter(|_| page.truncated)))
    }
}
