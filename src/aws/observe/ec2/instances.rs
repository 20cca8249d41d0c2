//! What holds for the instances of a region where nobody says otherwise, and who gets at their consoles.

use serde::{Deserialize, Serialize};

use super::{ask, call, declared, known, policies};
use crate::Session;
use crate::observe::organizations::Governing;
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::Target;

/// Whether the metadata of an instance are answered only to who holds a session token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tokens {
    /// Also to who holds none: `IMDSv1`.
    Optional,
    /// Only then: `IMDSv2`.
    Required,
}

impl Tokens {
    /// The word of the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}

/// What instances are launched with. None: no preference, so the image decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataDefaults {
    /// Whether tokens are required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_tokens: Option<Tokens>,
    /// How many network hops an answer may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hop_limit: Option<u32>,
    /// Whether an instance that does not require tokens is refused at its launch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforced: Option<bool>,
}

/// The defaults of a region, and who sets them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceMetadata {
    /// The defaults.
    pub defaults: MetadataDefaults,
    /// A declarative policy of the organization says so.
    pub declared: bool,
    /// The policies that may be it, by name and id; none: not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Readable<Vec<String>>>,
}

pub(crate) const GET_METADATA: Call = call("GetInstanceMetadataDefaults", "ec2:GetInstanceMetadataDefaults");

impl Observe for InstanceMetadata {
    const NAME: &'static str = "ec2.instance_metadata";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[GET_METADATA];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let seen = metadata(reader.session()?, reader.at()).await?;
        let policies = policies(reader, seen.declared).await;
        Ok(Self { policies, ..seen })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Governing>()]
    }
}

/// The defaults of a region. What an answer leaves out is no preference.
pub(crate) async fn metadata(session: &Session, at: &Target) -> Result<InstanceMetadata, ReadError> {
    let answer = ask(session, at, &GET_METADATA).await?;
    let unknown =
        |what: &str, word: &str| ReadError::senseless(at, &GET_METADATA, format!("{what} {word} is not known"));
    let Some(level) = answer.child("accountLevel") else {
        return Err(ReadError::senseless(at, &GET_METADATA, "the answer has no accountLevel"));
    };
    let http_tokens = match level.text("httpTokens") {
        None | Some("no-preference") => None,
        Some("optional") => Some(Tokens::Optional),
        Some("required") => Some(Tokens::Required),
        Some(other) => return Err(unknown("httpTokens", other)),
    };
    let hop_limit = match level.text("httpPutResponseHopLimit").map(|text| (text, text.parse::<i64>())) {
        None | Some((_, Ok(-1))) => None,
        Some((text, limit)) => {
            let limit = limit.ok().and_then(|limit| u32::try_from(limit).ok());
            Some(limit.ok_or_else(|| unknown("httpPutResponseHopLimit", text))?)
        }
    };
    let enforced = match level.text("httpTokensEnforced") {
        None | Some("no-preference") => None,
        Some("enabled") => Some(true),
        Some("disabled") => Some(false),
        Some(other) => return Err(unknown("httpTokensEnforced", other)),
    };
    let defaults = MetadataDefaults { http_tokens, hop_limit, enforced };
    Ok(InstanceMetadata { defaults, declared: declared(level), policies: None })
}

/// The serial consoles of a region's instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SerialConsole {
    /// Who may can get at them.
    pub enabled: bool,
    /// A declarative policy of the organization says so.
    pub declared: bool,
    /// The policies that may be it, by name and id; none: not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Readable<Vec<String>>>,
}

pub(crate) const GET_CONSOLE: Call = call("GetSerialConsoleAccessStatus", "ec2:GetSerialConsoleAccessStatus");

impl Observe for SerialConsole {
    const NAME: &'static str = "ec2.serial_console";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[GET_CONSOLE];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let seen = console(reader.session()?, reader.at()).await?;
        let policies = policies(reader, seen.declared).await;
        Ok(Self { policies, ..seen })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Governing>()]
    }
}

/// Whether the serial consoles of a region can be reached.
pub(crate) async fn console(session: &Session, at: &Target) -> Result<SerialConsole, ReadError> {
    let answer = ask(session, at, &GET_CONSOLE).await?;
    let enabled = known(at, &GET_CONSOLE, answer.flag("serialConsoleAccessEnabled"))?;
    Ok(SerialConsole { enabled, declared: declared(&answer), policies: None })
}
