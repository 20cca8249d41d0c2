//! A key that somebody names: by alias, by id or by ARN.

use aws_sdk_kms::types::{KeyManagerType, KeySpec};
use serde::{Deserialize, Serialize};

use crate::Absent;
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::{Region, Target};

/// What a named key is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyState {
    /// Its ARN, whatever it was named by.
    pub arn: String,
    /// Whether it encrypts.
    pub enabled: bool,
    /// Its state in AWS's words.
    pub state: String,
    /// Whether it can encrypt the files of a service: symmetric, and not one that AWS made for itself.
    pub fit: bool,
}

/// A key by its name in a region, read in the account that is judged or in the management account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedKey<const MANAGEMENT: bool>(pub Option<KeyState>);

/// A key's name in a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyName {
    /// The region that is asked.
    pub region: Region,
    /// An alias, an id or an ARN.
    pub name: String,
}

fn at(reader: &Reader, region: &Region) -> Target {
    Target { account: reader.at().account.clone(), region: Some(region.clone()) }
}

impl<const MANAGEMENT: bool> Observe for NamedKey<MANAGEMENT> {
    const NAME: &'static str = if MANAGEMENT { "kms.management.named_key" } else { "kms.named_key" };
    const HOME: Home = if MANAGEMENT { Home::Management } else { Home::Member };
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[Call { service: "KMS", operation: "DescribeKey", action: "kms:DescribeKey" }];
    type Key = KeyName;

    async fn observe(reader: &Reader, key: &KeyName) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.kms(&key.region).describe_key().key_id(&key.name);
        let sending = async { asked.send().await.absent_on(&["NotFoundException"]) };
        let answer = session.ask(&at(reader, &key.region), &Self::CALLS[0], sending).await?;
        Ok(Self(answer.and_then(|answer| answer.key_metadata).map(|key| KeyState {
            state: key.key_state().map_or_else(String::new, |state| state.as_str().to_owned()),
            // What an answer does not say is not held against the key.
            fit: key.key_manager() != Some(&KeyManagerType::Aws)
                && key.key_spec().is_none_or(|spec| *spec == KeySpec::SymmetricDefault),
            enabled: key.enabled(),
            arn: key.arn.unwrap_or(key.key_id),
        })))
    }
}

/// The policy of a key, by the key's ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPolicy(pub String);

impl Observe for KeyPolicy {
    const NAME: &'static str = "kms.key_policy";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[Call { service: "KMS", operation: "GetKeyPolicy", action: "kms:GetKeyPolicy" }];
    type Key = KeyName;

    async fn observe(reader: &Reader, key: &KeyName) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.kms(&key.region).get_key_policy().key_id(&key.name).policy_name("default");
        let answer = session.ask(&at(reader, &key.region), &Self::CALLS[0], asked.send()).await?;
        Ok(Self(answer.policy.unwrap_or_default()))
    }
}
