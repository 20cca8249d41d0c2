//! How volumes are encrypted where nobody says otherwise.

use serde::{Deserialize, Serialize};

use super::{ask, call, known};
use crate::Session;
use crate::observe::kms::KeyState;
use crate::observe::kms::named::{KeyName, KeyPolicy, NamedKey};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::Target;

/// What a region does with new volumes and copies of snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EbsEncryption {
    /// They are encrypted, whether asked for or not.
    pub enabled: bool,
    /// The key they are encrypted with; none where no key is asked for.
    pub key: Option<DefaultKey>,
}

/// The key that is used where none is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultKey {
    /// The key that is: an ARN, or the alias of the key that AWS has for EBS.
    pub now: String,
    /// The key that is wanted, or why it could not be looked for; none: there is no such key.
    pub wanted: Readable<Option<KeyState>>,
    /// Who may use the wanted key, JSON, where it is one of the account's own that would take the place of another.
    #[serde(default)]
    pub policy: Option<Readable<String>>,
}

/// The alias of the key that AWS has for EBS in each account.
pub const KEY_OF_AWS: &str = "alias/aws/ebs";

pub(crate) const GET_ENCRYPTION: Call = call("GetEbsEncryptionByDefault", "ec2:GetEbsEncryptionByDefault");
pub(crate) const GET_KEY: Call = call("GetEbsDefaultKmsKeyId", "ec2:GetEbsDefaultKmsKeyId");

impl Observe for EbsEncryption {
    const NAME: &'static str = "ec2.ebs_encryption";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[GET_ENCRYPTION];
    /// The name of the key that is wanted.
    type Key = Option<String>;

    async fn observe(reader: &Reader, wanted: &Option<String>) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let enabled = encrypts(session, reader.at()).await?;
        let Some(name) = wanted else { return Ok(Self { enabled, key: None }) };
        let now = reader.of::<DefaultKeyId>(&()).await?.0.clone();
        let name = KeyName { region: reader.region().clone(), name: name.clone() };
        let wanted = reader.of::<NamedKey<false>>(&name).await.map(|key| key.0.clone());
        let own = format!(":{}:key/", reader.at().account);
        let taken =
            |key: &&KeyState| key.fit && key.enabled && key.arn.contains(&own) && now != key.arn && now != name.name;
        let policy = match wanted.as_ref().ok().and_then(Option::as_ref).filter(taken) {
            Some(key) => {
                let name = KeyName { name: key.arn.clone(), ..name };
                Some(reader.of::<KeyPolicy>(&name).await.map(|policy| policy.0.clone()).into())
            }
            None => None,
        };
        Ok(Self { enabled, key: Some(DefaultKey { now, wanted: wanted.into(), policy }) })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<DefaultKeyId>(), Reads::of::<NamedKey<false>>(), Reads::of::<KeyPolicy>()]
    }
}

/// The key that a region encrypts by where none is named, as AWS names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultKeyId(pub String);

impl Observe for DefaultKeyId {
    const NAME: &'static str = "ec2.ebs_default_key";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[GET_KEY];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        default_key(reader.session()?, reader.at()).await.map(Self)
    }
}

/// Whether new volumes of a region are encrypted.
pub(crate) async fn encrypts(session: &Session, at: &Target) -> Result<bool, ReadError> {
    let answer = ask(session, at, &GET_ENCRYPTION).await?;
    known(at, &GET_ENCRYPTION, answer.flag("ebsEncryptionByDefault"))
}

/// The key of a region.
pub(crate) async fn default_key(session: &Session, at: &Target) -> Result<String, ReadError> {
    let answer = ask(session, at, &GET_KEY).await?;
    known(at, &GET_KEY, answer.need("kmsKeyId").map(str::to_owned))
}
