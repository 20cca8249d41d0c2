//! The keys of a region that can rotate, and whether they do.

use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeySpec, KeyState, MultiRegionKeyType, OriginType};
use serde::{Deserialize, Serialize};

use crate::aws::{Absent, Session};
use crate::observe::{Call, Class, Home, Observe, ReadError, Readable, Reader, Scope};
use crate::target::Target;

/// The keys of a region for which rotation can be switched on, and those that do not let themselves be read.
///
/// Keys of AWS, and keys that have no automatic rotation of their own (asymmetric and HMAC keys, imported material,
/// custom key stores, replicas, and what is not enabled) are left out: there is nothing to judge about them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Keys(pub Vec<Key>);

/// One key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// Whether its material is rotated, or why the key did not say.
    pub rotates: Readable<bool>,
}

const LIST: Call = Call { service: "KMS", operation: "ListKeys", action: "kms:ListKeys" };
const DESCRIBE: Call = Call { service: "KMS", operation: "DescribeKey", action: "kms:DescribeKey" };
const STATUS: Call = Call { service: "KMS", operation: "GetKeyRotationStatus", action: "kms:GetKeyRotationStatus" };

impl Observe for Keys {
    const NAME: &'static str = "kms.keys";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST, DESCRIBE, STATUS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let ids = list(session, reader).await?;
        // The session limits how many of these are in flight.
        let read = futures::future::join_all(ids.into_iter().map(|id| async move {
            let rotates = rotates(session, reader, &id).await.transpose()?;
            Some(Key { id, rotates: rotates.into() })
        }));
        let mut keys: Vec<Key> = read.await.into_iter().flatten().collect();
        keys.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self(keys))
    }
}

async fn list(session: &Session, reader: &Reader) -> Result<Vec<String>, ReadError> {
    let mut ids = vec![];
    let mut next: Option<String> = None;
    loop {
        let asked = session.kms(reader.region()).list_keys().set_marker(next);
        let page = session.ask(reader.at(), &LIST, asked.send()).await?;
        ids.extend(page.keys().iter().filter_map(|listed| listed.key_id().map(str::to_owned)));
        next = page.next_marker.filter(|marker| page.truncated && !marker.is_empty());
        if next.is_none() {
            return Ok(ids);
        }
    }
}

/// Whether one key is rotated; none where that cannot be asked of it, or it is not there any more.
///
/// A key's own policy may refuse what the role may do everywhere else: that is the matter of this key alone.
async fn rotates(session: &Session, reader: &Reader, id: &str) -> Result<Option<bool>, ReadError> {
    let client = session.kms(reader.region());
    let asked = client.describe_key().key_id(id);
    let described = async { asked.send().await.absent_on(&["NotFoundException"]) };
    let described = session.ask(reader.at(), &DESCRIBE, described).await?;
    let Some(described) = described else { return Ok(None) };
    if !can_rotate(described.key_metadata.as_ref().ok_or_else(|| senseless(reader.at()))?) {
        return Ok(None);
    }
    let asked = client.get_key_rotation_status().key_id(id);
    // Between the two reads the key may have gone, or have left the states in which it can rotate.
    let gone = ["NotFoundException", "KMSInvalidStateException", "UnsupportedOperationException"];
    let status = async { asked.send().await.absent_on(&gone) };
    let status = session.ask(reader.at(), &STATUS, status).await?;
    Ok(status.map(|status| status.key_rotation_enabled))
}

/// Whether [automatic rotation](https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-enable.html)
/// can be switched on for a key. A symmetric key has no other use than encryption; a replica follows its primary
/// key, which lives in another region.
fn can_rotate(key: &KeyMetadata) -> bool {
    let replica = key.multi_region_configuration().and_then(|regions| regions.multi_region_key_type())
        == Some(&MultiRegionKeyType::Replica);
    key.key_manager() == Some(&KeyManagerType::Customer)
        && key.key_spec() == Some(&KeySpec::SymmetricDefault)
        && key.origin() == Some(&OriginType::AwsKms)
        && key.key_state() == Some(&KeyState::Enabled)
        && key.custom_key_store_id().is_none()
        && !replica
}

fn senseless(at: &Target) -> ReadError {
    ReadError {
        at: at.clone(),
        action: DESCRIBE.action.to_owned(),
        class: Class::Failed,
        code: None,
        message: "the answer describes no key".to_owned(),
        request_id: None,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::types::MultiRegionConfiguration;
    use aws_sdk_kms::types::builders::KeyMetadataBuilder;

    use super::*;

    fn key() -> KeyMetadataBuilder {
        KeyMetadata::builder()
            .key_id("1234abcd-12ab-34cd-56ef-1234567890ab")
            .key_manager(KeyManagerType::Customer)
            .key_spec(KeySpec::SymmetricDefault)
            .origin(OriginType::AwsKms)
            .key_state(KeyState::Enabled)
    }

    fn of_kind(kind: MultiRegionKeyType) -> MultiRegionConfiguration {
        MultiRegionConfiguration::builder().multi_region_key_type(kind).build()
    }

    #[test]
    fn a_customer_managed_symmetric_key_of_kms_can_rotate() {
        let primary = key().multi_region_configuration(of_kind(MultiRegionKeyType::Primary));
        for good in [key(), primary] {
            assert!(can_rotate(&good.build().expect("a key")));
        }
    }

    #[test]
    fn a_key_that_does_not_say_what_it_is_used_for_is_not_passed_over() {
        let key = key().build().expect("a key");
        assert_eq!(key.key_usage(), None);
        assert!(can_rotate(&key));
    }

    #[test]
    fn no_other_key_can_rotate() {
        for other in [
            key().key_manager(KeyManagerType::Aws),
            key().key_spec(KeySpec::Rsa2048),
            key().key_spec(KeySpec::Hmac256),
            key().origin(OriginType::External),
            key().origin(OriginType::AwsCloudhsm),
            key().key_state(KeyState::Disabled),
            key().key_state(KeyState::PendingDeletion),
            key().custom_key_store_id("cks-1234"),
            key().multi_region_configuration(of_kind(MultiRegionKeyType::Replica)),
        ] {
            let other = other.build().expect("a key");
            assert!(!can_rotate(&other), "{other:?}");
        }
    }
}
