//! What an approver signs, and the file that it is kept in.

use std::fmt;
use std::io::Read as _;
use std::path::Path;

use aws_smithy_types::base64;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Refused;
use crate::aws::{Algorithm, KeyArn};
use crate::plan::canonical;

/// The format that is written and read. It is part of what is signed, so that no other use of a key makes an approval.
pub const FORMAT: &str = "trueup.approval/1";

/// A file larger than this is no approval.
const LARGEST: u64 = 64 << 10;

/// A text of a statement that may be shown anywhere: printable ASCII without spaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Word(String);

impl Word {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Word {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // No ARN is longer than 2,048 characters.
        let plain = (1..=2048).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if plain { Ok(Self(text)) } else { Err("a text is not printable ASCII of at most 2048 characters") }
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        word.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// [`FORMAT`].
    pub format: Word,
    /// The digest of the plan.
    pub plan: Word,
    /// The organization of the plan.
    pub organization: Word,
    /// The key that signs. It stands for a group of approvers: those whom its policy lets sign.
    pub key: KeyArn,
    /// Who says to have approved. Nothing proves it but the word of whoever could use the key.
    pub approved_by: Word,
    /// From then on it does not count.
    pub expires: Timestamp,
}

impl Statement {
    /// The bytes that are signed: canonical JSON, so that how a file is written does not matter.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        canonical(self).into_bytes()
    }
}

/// A statement with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// What was signed.
    pub statement: Statement,
    /// What it was signed with.
    pub algorithm: Algorithm,
    /// The signature, in base64.
    signature: String,
}

impl Approval {
    /// A statement that was signed.
    #[must_use]
    pub fn new(statement: Statement, algorithm: Algorithm, signature: &[u8]) -> Self {
        Self { statement, algorithm, signature: base64::encode(signature) }
    }

    /// The signature; empty where the text is no base64, which no key verifies.
    #[must_use]
    pub fn signature(&self) -> Vec<u8> {
        base64::decode(&self.signature).unwrap_or_default()
    }

    /// Reads an approval, and says nothing yet of whether it counts.
    ///
    /// # Errors
    /// It cannot be read, or is no approval of this format.
    pub fn read(path: &Path) -> Result<Self, Refused> {
        let name = path.display().to_string();
        let unreadable = |error| Refused::Unreadable { path: name.clone(), error };
        let mut text = String::new();
        std::fs::File::open(path).map_err(unreadable)?.take(LARGEST).read_to_string(&mut text).map_err(unreadable)?;
        let no_approval = |error: serde_json::Error| Refused::NoApproval { path: name.clone(), why: plain(&error) };
        let value: Value = serde_json::from_str(&text).map_err(no_approval)?;
        match value["statement"]["format"].as_str() {
            Some(FORMAT) | None => {}
            Some(found) => return Err(Refused::Format { path: name, found: plain(found) }),
        }
        // From the text, not from the value: a field that is there twice has to be seen.
        serde_json::from_str(&text).map_err(no_approval)
    }

    /// As the file has it.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:#}\n", serde_json::to_value(self).expect("plain data serializes"))
    }
}

/// Words about a file of anybody's, as they may go to a terminal.
fn plain(text: &(impl ToString + ?Sized)) -> String {
    const LONGEST: usize = 200;
    let shown = |one: char| if one.is_ascii_graphic() || one == ' ' { one } else { '?' };
    text.to_string().chars().take(LONGEST).map(shown).collect()
}
