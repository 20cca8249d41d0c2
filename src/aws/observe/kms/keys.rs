//! The keys of a region: what each is, and of those that can rotate whether they do.

use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeySpec, KeyState, MultiRegionKeyType, OriginType};
use aws_smithy_types::date_time::Format;
use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::{Absent, Session};

const LIST: Call = Call { service: "KMS", operation: "ListKeys", action: "kms:ListKeys" };
const DESCRIBE: Call = Call { service: "KMS", operation: "DescribeKey", action: "kms:DescribeKey" };
const STATUS: Call = Call { service: "KMS", operation: "GetKeyRotationStatus", action: "kms:GetKeyRotationStatus" };

/// The customer managed keys of a region, and those that do not let themselves be read; by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedKeys(pub Vec<DescribedKey>);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedKey {
    /// Its id.
    pub id: String,
    /// What it is, or why it did not say.
    pub is: Readable<KeyFacts>,
}

/// What a customer managed key is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFacts {
    /// Its state in AWS's words.
    pub state: String,
    /// The day on which it is deleted, where that is known.
    pub deletion: Option<String>,
    /// Whether automatic rotation can be switched on for it.
    pub can_rotate: bool,
}

impl KeyFacts {
    /// Whether it is about to be deleted, or waits for that of its replicas before it.
    #[must_use]
    pub fn is_dying(&self) -> bool {
        [KeyState::PendingDeletion, KeyState::PendingReplicaDeletion].iter().any(|state| state.as_str() == self.state)
    }
}

impl Observe for DescribedKeys {
    const NAME: &'static str = "kms.described_keys";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST, DESCRIBE];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let ids = list(session, reader).await?;
        // The session limits how many of these are in flight.
        let read = futures::future::join_all(ids.into_iter().map(|id| async move {
            let is = describe(session, reader, &id).await.transpose()?;
            Some(DescribedKey { id, is: is.into() })
        }));
        let mut keys: Vec<DescribedKey> = read.await.into_iter().flatten().collect();
        keys.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self(keys))
    }
}

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
    /// After how many days it is, or why that is not known; none: it is not.
    pub period: Readable<Option<u32>>,
}

impl Observe for Keys {
    const NAME: &'static str = "kms.keys";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[STATUS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let described = reader.get::<DescribedKeys>().await?;
        let read = futures::future::join_all(described.0.iter().map(|key| async move {
            let found = match &key.is {
                Readable::Unreadable(error) => Err(error.clone()),
                Readable::Read(facts) if !facts.can_rotate => return None,
                Readable::Read(_) => rotation(reader, &key.id).await.transpose()?,
            };
            let id = key.id.clone();
            Some(match found {
                Ok((rotates, period)) => Key { id, rotates: Readable::Read(rotates), period },
                Err(error) => {
                    Key { id, rotates: Readable::Unreadable(error.clone()), period: Readable::Unreadable(error) }
                }
            })
        }));
        Ok(Self(read.await.into_iter().flatten().collect()))
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<DescribedKeys>()]
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

/// What one key is; none where it is one of AWS's own, or not there any more.
///
/// A key's own policy may refuse what the role may do everywhere else: that is the matter of this key alone.
async fn describe(session: &Session, reader: &Reader, id: &str) -> Result<Option<KeyFacts>, ReadError> {
    let asked = session.kms(reader.region()).describe_key().key_id(id);
    let sending = async { asked.send().await.absent_on(&["NotFoundException"]) };
    let described = session.ask(reader.at(), &DESCRIBE, sending).await?;
    let Some(described) = described else { return Ok(None) };
    let key = described
        .key_metadata
        .ok_or_else(|| ReadError::senseless(reader.at(), &DESCRIBE, "the answer describes no key"))?;
    if key.key_manager() != Some(&KeyManagerType::Customer) {
        return Ok(None);
    }
    let day = key.deletion_date().and_then(|date| date.fmt(Format::DateTime).ok());
    Ok(Some(KeyFacts {
        state: key.key_state().map_or_else(String::new, |state| state.as_str().to_owned()),
        deletion: day.and_then(|day| Some(day.split_once('T')?.0.to_owned())),
        can_rotate: can_rotate(&key),
    }))
}

/// Whether one key is rotated, and after how many days.
type Rotation = (bool, Readable<Option<u32>>);

/// How one key is rotated; none where that cannot be asked of it any more.
async fn rotation(reader: &Reader, id: &str) -> Result<Option<Rotation>, ReadError> {
    let session = reader.session()?;
    let asked = session.kms(reader.region()).get_key_rotation_status().key_id(id);
    // Between the two reads the key may have gone, or have left the states in which it can rotate.
    let gone = ["NotFoundException", "KMSInvalidStateException", "UnsupportedOperationException"];
    let status = async { asked.send().await.absent_on(&gone) };
    let status = session.ask(reader.at(), &STATUS, status).await?;
    Ok(status.map(|status| {
        let days = status.rotation_period_in_days().and_then(|days| u32::try_from(days).ok());
        let period = match (status.key_rotation_enabled, days) {
            (false, _) => Ok(None),
            (true, Some(days)) => Ok(Some(days)),
            // Some who speak the protocol of KMS know no period.
            (true, None) => Err(ReadError::senseless(reader.at(), &STATUS, "the answer does not say how often")),
        };
        (status.key_rotation_enabled, period.into())
    }))
}

/// Whether [automatic rotation](https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-enable.html)
/// can be switched on for a key. A symmetric key has no other use than encryption; a replica follows its primary
/// key, which lives in another region.
fn can_rotate(key: &KeyMetadata) -> bool {
    let replica = key.multi_region_configuration().and_then(|regions| regions.multi_region_key_type())
        == Some(&MultiRegionKeyType::Replica);
    key.key_spec() == Some(&KeySpec::SymmetricDefault)
        && key.origin() == Some(&OriginType::AwsKms)
        && key.key_state() == Some(&KeyState::Enabled)
        && key.custom_key_store_id().is_none()
        && !replica
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

    #[test]
    fn a_key_is_dying_while_its_deletion_can_still_be_cancelled() {
        for (state, dying) in [
            (KeyState::PendingDeletion, true),
            (KeyState::PendingReplicaDeletion, true),
            (KeyState::Disabled, false),
            (KeyState::PendingImport, false),
        ] {
            let facts = KeyFacts { state: state.as_str().to_owned(), deletion: None, can_rotate: false };
            assert_eq!(facts.is_dying(), dying, "{state}");
        }
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
