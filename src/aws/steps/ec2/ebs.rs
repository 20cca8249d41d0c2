//! Encryption of volumes by default.

use serde::{Deserialize, Serialize};

use super::write;
use crate::observe::ec2::call;
use crate::observe::ec2::ebs::{GET_ENCRYPTION, GET_KEY, default_key, encrypts};
use crate::observe::{Call, ReadError};
use crate::steps::undo::ec2::{DisableEbsEncryptionByDefault, RestoreEbsDefaultKmsKey};
use crate::steps::{Atom, Risk, Step, Undo, Writer};

const ENABLE: Call = call("EnableEbsEncryptionByDefault", "ec2:EnableEbsEncryptionByDefault");
pub(in crate::steps) const MODIFY_KEY: Call = call("ModifyEbsDefaultKmsKeyId", "ec2:ModifyEbsDefaultKmsKeyId");

/// Encrypts new volumes and copies of snapshots, whether asked for or not. What is there stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnableEbsEncryptionByDefault {}

impl Atom for EnableEbsEncryptionByDefault {
    const CALLS: &'static [Call] = &[GET_ENCRYPTION, ENABLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if encrypts(&writer.session, &writer.at).await? {
            return Ok(());
        }
        let back = Step::DisableEbsEncryptionByDefault(DisableEbsEncryptionByDefault {});
        write(writer, &ENABLE, Undo::by(back), |request| request).await
    }

    fn says(&self) -> String {
        "EnableEbsEncryptionByDefault".to_owned()
    }

    fn undo(&self) -> String {
        "DisableEbsEncryptionByDefault".to_owned()
    }
}

/// Sends the key.
pub(in crate::steps) async fn set_key(writer: &Writer, key: &str, undo: Undo) -> Result<(), ReadError> {
    write(writer, &MODIFY_KEY, undo, |request| request.with("KmsKeyId", key)).await
}

/// Names the key that volumes are encrypted with where none is named.
///
/// [ModifyEbsDefaultKmsKeyId](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyEbsDefaultKmsKeyId.html)
/// looks for the key only later, so it is sent the ARN of one that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModifyEbsDefaultKmsKeyId {
    /// The ARN of the key.
    pub key: String,
}

impl Atom for ModifyEbsDefaultKmsKeyId {
    const CALLS: &'static [Call] = &[GET_KEY, MODIFY_KEY];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let before = default_key(&writer.session, &writer.at).await?;
        if before == self.key {
            return Ok(());
        }
        let back = RestoreEbsDefaultKmsKey { set: self.key.clone(), before };
        set_key(writer, &self.key, Undo::by(Step::RestoreEbsDefaultKmsKey(back))).await
    }

    fn says(&self) -> String {
        format!("ModifyEbsDefaultKmsKeyId to {}: who launches instances has to be allowed to use it", self.key)
    }

    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    fn undo(&self) -> String {
        "ModifyEbsDefaultKmsKeyId with the former key, or ResetEbsDefaultKmsKeyId".to_owned()
    }
}
