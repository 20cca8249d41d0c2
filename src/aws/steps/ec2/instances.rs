//! What instances are launched with, and their serial consoles.

use serde::{Deserialize, Serialize};

use super::write;
use crate::ec2::Request;
use crate::observe::ec2::call;
use crate::observe::ec2::instances::{GET_CONSOLE, GET_METADATA, MetadataDefaults, Tokens, console, metadata};
use crate::observe::ec2::launched::{LIST_INSTANCES, instance};
use crate::observe::{Call, ReadError};
use crate::steps::undo::ec2::{
    EnableSerialConsoleAccess, RestoreInstanceMetadataDefaults, RestoreInstanceMetadataOptions,
};
use crate::steps::{Atom, Risk, Step, Undo, Writer};
use crate::target::{Partition, Target};

pub(in crate::steps) const MODIFY_METADATA: Call =
    call("ModifyInstanceMetadataDefaults", "ec2:ModifyInstanceMetadataDefaults");
const DISABLE_CONSOLE: Call = call("DisableSerialConsoleAccess", "ec2:DisableSerialConsoleAccess");

const NO_PREFERENCE: &str = "no-preference";

/// Sends those defaults in which `to` is not as `from`.
pub(in crate::steps) async fn set_metadata(
    writer: &Writer,
    from: &MetadataDefaults,
    to: &MetadataDefaults,
    undo: Undo,
) -> Result<(), ReadError> {
    let switch = |enforced: bool| if enforced { "enabled" } else { "disabled" };
    let told = |request: Request| {
        let tokens = to.http_tokens.map_or(NO_PREFERENCE, Tokens::word);
        let limit = to.hop_limit.map_or("-1".to_owned(), |limit| limit.to_string());
        let enforced = to.enforced.map_or(NO_PREFERENCE, switch);
        request
            .with_some("HttpTokens", (from.http_tokens != to.http_tokens).then_some(tokens))
            .with_some("HttpPutResponseHopLimit", (from.hop_limit != to.hop_limit).then_some(limit))
            .with_some("HttpTokensEnforced", (from.enforced != to.enforced).then_some(enforced))
    };
    write(writer, &MODIFY_METADATA, undo, told).await
}

/// Says with which metadata options instances are launched where nobody says otherwise. Instances that run stay as they
/// are, and what is not named stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModifyInstanceMetadataDefaults {
    /// The defaults that are set.
    pub set: MetadataDefaults,
}

impl ModifyInstanceMetadataDefaults {
    /// The defaults as they will be.
    fn over(&self, before: &MetadataDefaults) -> MetadataDefaults {
        MetadataDefaults {
            http_tokens: self.set.http_tokens.or(before.http_tokens),
            hop_limit: self.set.hop_limit.or(before.hop_limit),
            enforced: self.set.enforced.or(before.enforced),
        }
    }
}

impl Atom for ModifyInstanceMetadataDefaults {
    const CALLS: &'static [Call] = &[GET_METADATA, MODIFY_METADATA];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let before = metadata(&writer.session, &writer.at).await?.defaults;
        let set = self.over(&before);
        if set == before {
            return Ok(());
        }
        let back = Step::RestoreInstanceMetadataDefaults(RestoreInstanceMetadataDefaults { set, before });
        set_metadata(writer, &before, &set, Undo::by(back)).await
    }

    fn says(&self) -> String {
        let MetadataDefaults { http_tokens, hop_limit, enforced } = self.set;
        let said = [
            http_tokens.map(|tokens| format!("HttpTokens {}", tokens.word())),
            hop_limit.map(|limit| format!("HttpPutResponseHopLimit {limit}")),
            enforced.map(|enforced| format!("HttpTokensEnforced {}", if enforced { "enabled" } else { "disabled" })),
        ];
        let said = said.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let refuses = if enforced == Some(true) { ": launches that allow IMDSv1 fail" } else { "" };
        format!("ModifyInstanceMetadataDefaults with {said}{refuses}")
    }

    fn risk(&self) -> Risk {
        if self.set.enforced == Some(true) { Risk::Disruptive } else { Risk::Safe }
    }

    fn undo(&self) -> String {
        "ModifyInstanceMetadataDefaults with the former values".to_owned()
    }
}

/// Closes the serial consoles of a region's instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisableSerialConsoleAccess {}

impl Atom for DisableSerialConsoleAccess {
    const CALLS: &'static [Call] = &[GET_CONSOLE, DISABLE_CONSOLE];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        if !console(&writer.session, &writer.at).await?.enabled {
            return Ok(());
        }
        let back = Step::EnableSerialConsoleAccess(EnableSerialConsoleAccess {});
        write(writer, &DISABLE_CONSOLE, Undo::by(back), |request| request).await
    }

    fn says(&self) -> String {
        "DisableSerialConsoleAccess".to_owned()
    }

    fn undo(&self) -> String {
        "EnableSerialConsoleAccess".to_owned()
    }
}

pub(in crate::steps) const MODIFY_OPTIONS: Call =
    call("ModifyInstanceMetadataOptions", "ec2:ModifyInstanceMetadataOptions");

/// An instance that starts or stops takes no options of its metadata until it runs or is stopped.
pub(in crate::steps) const MOVES: &[&str] = &["IncorrectInstanceState"];

/// The ARN of an instance.
pub(in crate::steps) fn instance_arn(instance: &str, at: &Target, partition: &Partition) -> Vec<String> {
    let region = at.region.as_ref().map_or("*", |region| region.as_str());
    vec![format!("arn:{partition}:ec2:{region}:{}:instance/{instance}", at.account)]
}

/// Sends whether an instance requires tokens. What is not named stays as it is.
pub(in crate::steps) async fn set_tokens(
    writer: &Writer,
    instance: &str,
    tokens: Tokens,
    undo: Undo,
) -> Result<(), ReadError> {
    let told = |request: Request| request.with("InstanceId", instance).with("HttpTokens", tokens.word());
    write(writer, &MODIFY_OPTIONS, undo, told).await
}

/// Requires session tokens of who asks an instance for its metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModifyInstanceMetadataOptions {
    /// The instance.
    pub instance: String,
}

impl Atom for ModifyInstanceMetadataOptions {
    const CALLS: &'static [Call] = &[LIST_INSTANCES, MODIFY_OPTIONS];

    async fn run(&self, writer: &Writer) -> Result<(), ReadError> {
        let now = instance(&writer.session, &writer.at, &self.instance).await?;
        // One that is gone answers nobody.
        if now.is_none_or(|now| now.tokens == Tokens::Required) {
            return Ok(());
        }
        let back = RestoreInstanceMetadataOptions { instance: self.instance.clone() };
        let undo = Undo::by(Step::RestoreInstanceMetadataOptions(back));
        set_tokens(writer, &self.instance, Tokens::Required, undo).await
    }

    fn says(&self) -> String {
        format!(
            "ModifyInstanceMetadataOptions of {} with HttpTokens required: what asks without a token gets no answer",
            self.instance
        )
    }

    fn resources(&self, _: &str, at: &Target, partition: &Partition) -> Vec<String> {
        instance_arn(&self.instance, at, partition)
    }

    fn risk(&self) -> Risk {
        Risk::Disruptive
    }

    fn retried(&self) -> &'static [&'static str] {
        MOVES
    }

    fn undo(&self) -> String {
        "ModifyInstanceMetadataOptions with HttpTokens optional".to_owned()
    }
}
