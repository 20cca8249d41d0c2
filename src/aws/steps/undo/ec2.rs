//! What undoes a write to EC2.

use serde::{Deserialize, Serialize};

use super::{Extent, Stands, Undo, Undoing, found, gone};
use crate::observe::ec2::call;
use crate::observe::ec2::ebs::{GET_ENCRYPTION, GET_KEY, KEY_OF_AWS, default_key, encrypts};
use crate::observe::ec2::instances::{GET_CONSOLE, GET_METADATA, MetadataDefaults, Tokens, console, metadata};
use crate::observe::ec2::launched::{LIST_INSTANCES, instance};
use crate::observe::ec2::sharing::{GET_IMAGES, GET_SNAPSHOTS, Sharing, images, snapshots};
use crate::observe::{Call, ReadError};
use crate::steps::Writer;
use crate::steps::ec2::{
    ENABLE_SNAPSHOTS, MODIFY_KEY, MODIFY_METADATA, MODIFY_OPTIONS, MOVES, instance_arn, set_key, set_metadata,
    set_snapshots, set_tokens, write,
};
use crate::target::{Partition, Target};

const DISABLE_ENCRYPTION: Call = call("DisableEbsEncryptionByDefault", "ec2:DisableEbsEncryptionByDefault");
const RESET_KEY: Call = call("ResetEbsDefaultKmsKeyId", "ec2:ResetEbsDefaultKmsKeyId");
const DISABLE_SNAPSHOTS: Call = call("DisableSnapshotBlockPublicAccess", "ec2:DisableSnapshotBlockPublicAccess");
const DISABLE_IMAGES: Call = call("DisableImageBlockPublicAccess", "ec2:DisableImageBlockPublicAccess");
const ENABLE_CONSOLE: Call = call("EnableSerialConsoleAccess", "ec2:EnableSerialConsoleAccess");

/// Encrypts new volumes only where asked for again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisableEbsEncryptionByDefault {}

impl Undoing for DisableEbsEncryptionByDefault {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_ENCRYPTION, DISABLE_ENCRYPTION];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        write(writer, &DISABLE_ENCRYPTION, Undo::again(), |request| request).await
    }

    fn says(&self) -> String {
        "DisableEbsEncryptionByDefault".to_owned()
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(earlier.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = encrypts(&writer.session, &writer.at).await?;
        Ok(found(&now, &true, &false, "encryption by default"))
    }
}

/// Names the former key, or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreEbsDefaultKmsKey {
    /// The key that was named.
    pub set: String,
    /// The key before: an ARN, or the alias of the key that AWS has.
    pub before: String,
}

impl Undoing for RestoreEbsDefaultKmsKey {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_KEY, MODIFY_KEY, RESET_KEY];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if self.before == KEY_OF_AWS {
            return write(writer, &RESET_KEY, Undo::again(), |request| request).await;
        }
        set_key(writer, &self.before, Undo::again()).await
    }

    fn says(&self) -> String {
        match self.before.as_str() {
            KEY_OF_AWS => "ResetEbsDefaultKmsKeyId: no key was named".to_owned(),
            before => format!("ModifyEbsDefaultKmsKeyId to {before}"),
        }
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(Self { set: self.set.clone(), before: earlier.before.clone() })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = default_key(&writer.session, &writer.at).await?;
        Ok(found(&now, &self.set, &self.before, "the default key"))
    }
}

/// Keeps snapshots from everybody as far as before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreSnapshotSharing {
    /// How far they were kept.
    pub set: Sharing,
    /// How far before.
    pub before: Sharing,
}

impl Undoing for RestoreSnapshotSharing {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_SNAPSHOTS, ENABLE_SNAPSHOTS, DISABLE_SNAPSHOTS];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if self.before == Sharing::Unblocked {
            return write(writer, &DISABLE_SNAPSHOTS, Undo::again(), |request| request).await;
        }
        set_snapshots(writer, self.before, Undo::again()).await
    }

    fn says(&self) -> String {
        match self.before {
            Sharing::Unblocked => "DisableSnapshotBlockPublicAccess".to_owned(),
            before => format!("EnableSnapshotBlockPublicAccess with {}", before.word()),
        }
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(Self { set: self.set, before: earlier.before })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let (now, _) = snapshots(&writer.session, &writer.at).await?;
        Ok(found(&now, &self.set, &self.before, "the public sharing of snapshots"))
    }
}

/// Lets images be made public again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisableImageBlockPublicAccess {}

impl Undoing for DisableImageBlockPublicAccess {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_IMAGES, DISABLE_IMAGES];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        write(writer, &DISABLE_IMAGES, Undo::again(), |request| request).await
    }

    fn says(&self) -> String {
        "DisableImageBlockPublicAccess".to_owned()
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(earlier.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = images(&writer.session, &writer.at).await?.blocked;
        Ok(found(&now, &true, &false, "the public sharing of images"))
    }
}

/// Sets the former defaults of instance metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreInstanceMetadataDefaults {
    /// The defaults as they were set.
    pub set: MetadataDefaults,
    /// The defaults before.
    pub before: MetadataDefaults,
}

impl Undoing for RestoreInstanceMetadataDefaults {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_METADATA, MODIFY_METADATA];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        set_metadata(writer, &self.set, &self.before, Undo::again()).await
    }

    fn says(&self) -> String {
        "ModifyInstanceMetadataDefaults with the former values".to_owned()
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(Self { set: self.set, before: earlier.before })
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = metadata(&writer.session, &writer.at).await?.defaults;
        Ok(found(&now, &self.set, &self.before, "what instances are launched with"))
    }
}

/// Opens the serial consoles again to who may.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableSerialConsoleAccess {}

impl Undoing for EnableSerialConsoleAccess {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[GET_CONSOLE, ENABLE_CONSOLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        write(writer, &ENABLE_CONSOLE, Undo::again(), |request| request).await
    }

    fn says(&self) -> String {
        "EnableSerialConsoleAccess".to_owned()
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        Some(earlier.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        let now = console(&writer.session, &writer.at).await?.enabled;
        Ok(found(&now, &false, &true, "access to serial consoles"))
    }
}

/// Answers who asks an instance for its metadata without a token again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestoreInstanceMetadataOptions {
    /// The instance.
    pub instance: String,
}

impl Undoing for RestoreInstanceMetadataOptions {
    const EXTENT: Extent = Extent::Part;
    const CALLS: &'static [Call] = &[LIST_INSTANCES, MODIFY_OPTIONS];
    const RETRIED: &'static [&'static str] = MOVES;

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        set_tokens(writer, &self.instance, Tokens::Optional, Undo::again()).await
    }

    fn says(&self) -> String {
        format!("ModifyInstanceMetadataOptions of {} with HttpTokens optional", self.instance)
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        instance_arn(&self.instance, at, partition)
    }

    fn with(&self, earlier: &Self) -> Option<Self> {
        (self == earlier).then(|| self.clone())
    }

    async fn stands(&self, writer: &Writer) -> Result<Stands, ReadError> {
        Ok(match instance(&writer.session, &writer.at, &self.instance).await? {
            None => gone("the instance"),
            Some(now) if now.tokens == Tokens::Required => Stands::Open,
            Some(_) => Stands::Undone,
        })
    }
}
