//! The keys that approve: by their ARN, by what they sign with, and by their public half.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey, RSA_PSS_2048_8192_SHA256};
use aws_smithy_types::base64;
use serde::{Deserialize, Serialize};

use crate::target::{AccountId, Region, Target};

/// The ARN of a KMS key. Never an alias: who may point an alias at another key would decide whose word counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyArn {
    text: String,
    region: Region,
    account: AccountId,
}

impl KeyArn {
    /// The ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The region of the key.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// Where it is asked for.
    #[must_use]
    pub fn target(&self) -> Target {
        Target { account: self.account.clone(), region: Some(self.region.clone()) }
    }
}

impl FromStr for KeyArn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const WANTED: &str = "write the ARN of a key, such as \
                              arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "kms", region, account, name] = parts[..] else { return Err(WANTED.to_owned()) };
        if name.starts_with("alias/") {
            return Err(format!("an alias can be pointed at another key; {WANTED}"));
        }
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let id = name.strip_prefix("key/").filter(|id| plain(id) && id.len() <= 64);
        let (Ok(region), Ok(account), Some(_), true) = (region.parse(), account.parse(), id, plain(partition)) else {
            return Err(WANTED.to_owned());
        };
        Ok(Self { text: text.to_owned(), region, account })
    }
}

impl TryFrom<String> for KeyArn {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<KeyArn> for String {
    fn from(key: KeyArn) -> Self {
        key.text
    }
}

impl fmt::Display for KeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What an approval is signed with: one way for each kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// Keys on the curve P-256.
    #[serde(rename = "ECDSA_SHA_256")]
    EcdsaSha256,
    /// RSA keys.
    #[serde(rename = "RSASSA_PSS_SHA_256")]
    RsassaPssSha256,
}

/// The public half of a key.
#[derive(Clone, Debug)]
pub struct PublicKey {
    algorithm: Algorithm,
    parsed: ParsedPublicKey,
}

impl PublicKey {
    /// Reads the `SubjectPublicKeyInfo` that KMS answers. None: it is no key on P-256 and no RSA key.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let curve = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, der);
        if let Ok(parsed) = curve {
            return Some(Self { algorithm: Algorithm::EcdsaSha256, parsed });
        }
        let parsed = ParsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, der).ok()?;
        Some(Self { algorithm: Algorithm::RsassaPssSha256, parsed })
    }

    /// Reads the first `PUBLIC KEY` of a PEM file.
    #[must_use]
    pub fn from_pem(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once("-----BEGIN PUBLIC KEY-----")?;
        let (body, _) = rest.split_once("-----END PUBLIC KEY-----")?;
        let body: String = body.split_ascii_whitespace().collect();
        Self::from_der(&base64::decode(body).ok()?)
    }

    /// What it verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether a message was signed by the other half.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        algorithm == self.algorithm && self.parsed.verify_sig(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn the_arn_of_a_key_says_where_it_is() {
        let key: KeyArn = ARN.parse().expect("an ARN");
        assert_eq!((key.as_str(), key.target().to_string().as_str()), (ARN, "111122223333 eu-west-1"));
        let many: KeyArn = ARN.replace("1234abcd-", "mrk-1234abcd").parse().expect("a multi-region key");
        assert_eq!(many.region().as_str(), "eu-west-1");
    }

    #[test]
    fn an_alias_is_no_key_that_approves() {
        let alias = ARN.replace("key/", "alias/").parse::<KeyArn>().expect_err("an alias");
        assert!(alias.starts_with("an alias can be pointed at another key"), "{alias}");
    }

    #[test]
    fn what_is_no_arn_of_a_key_is_refused_and_not_repeated() {
        let hostile = [
            "",
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            &ARN.replace("kms", "s3"),
            &ARN.replace("111122223333", "1111"),
            &ARN.replace("eu-west-1", "europe"),
            &ARN.replace("1234abcd", "\u{1b}[2J"),
            &format!("{ARN}\n"),
            &format!("{ARN}:more"),
            &ARN.replace("aws", ""),
            &ARN.replace("1234abcd-12ab-34cd-56ef-1234567890ab", ""),
        ];
        for text in hostile {
            let error = text.parse::<KeyArn>().expect_err(text);
            assert!(error.starts_with("write the ARN of a key"), "{error}");
        }
    }

    #[test]
    fn what_is_no_public_key_is_none() {
        let pem = |body: &str| format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
        for text in ["", "no key", &pem(""), &pem("????"), &pem("AAAA")] {
            assert!(PublicKey::from_pem(text).is_none(), "{text}");
        }
    }
}
