//! What can be typed about approvals.

use std::path::PathBuf;

use clap::Args;

use super::age;
use crate::approval::KeyArn;

/// `trueup approve`
#[derive(Args, Debug)]
pub struct Approve {
    /// Plan file
    pub plan: PathBuf,
    /// KMS key to sign with
    #[arg(long, value_name = "KEY_ARN")]
    pub kms_key: KeyArn,
    /// How long the approval counts
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = ahead)]
    pub expires: jiff::SignedDuration,
    /// File to write [default: PLAN.approval]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Refuse a plan file whose content has another digest
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    pub expect_digest: Option<String>,
    /// Sign without asking
    #[arg(long)]
    pub auto_approve: bool,
    /// Profile of the AWS configuration; wins over keys in the environment
    #[arg(long, help_heading = "Reach")]
    pub profile: Option<String>,
    /// Endpoint for all services
    #[arg(long, value_name = "URL", help_heading = "Reach")]
    pub endpoint_url: Option<String>,
}

/// What a plan file has to show before it is applied.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Approval")]
pub struct Gate {
    /// Refuse a plan file whose content has another digest
    #[arg(long, value_name = "DIGEST", value_parser = digest, requires = "plan")]
    pub expect_digest: Option<String>,
    /// Refuse a plan file that was not approved with each of these KMS keys
    #[arg(long, value_delimiter = ',', value_name = "KEY_ARN", requires = "plan")]
    pub require_approval: Vec<KeyArn>,
    /// Approval of the plan file; one for each key [default: PLAN.approval]
    #[arg(long, value_name = "FILE", requires = "require_approval")]
    pub approval: Vec<PathBuf>,
    /// Public key (PEM) to verify with, in place of KMS
    #[arg(long, value_name = "[KEY_ARN=]FILE", requires = "require_approval", value_parser = key_file)]
    pub approval_public_key: Vec<KeyFile>,
    /// Refuse if the caller could have signed itself, as a dry run of KMS shows
    #[arg(long, requires = "require_approval")]
    pub require_other: bool,
}

/// A public key in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// The key that it is of; none: the only one.
    pub key: Option<KeyArn>,
    /// The file.
    pub path: PathBuf,
}

fn key_file(text: &str) -> Result<KeyFile, String> {
    match text.split_once('=').filter(|(key, _)| key.starts_with("arn:")) {
        Some((_, "")) => Err("the file is missing, as in KEY_ARN=key.pem".to_owned()),
        Some((key, path)) => Ok(KeyFile { key: Some(key.parse()?), path: PathBuf::from(path) }),
        None => Ok(KeyFile { key: None, path: PathBuf::from(text) }),
    }
}

fn digest(text: &str) -> Result<String, String> {
    let hex = text.strip_prefix("sha256:").unwrap_or_default().to_ascii_lowercase();
    let whole = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if whole { Ok(format!("sha256:{hex}")) } else { Err("write it as sha256: and 64 hexadecimal digits".to_owned()) }
}

fn ahead(text: &str) -> Result<jiff::SignedDuration, String> {
    let time = age(text)?;
    if time.as_secs() > 0 { Ok(time) } else { Err("it has to be at least a second".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";

    #[test]
    fn a_public_key_may_say_of_which_key_it_is() {
        let of = |key: Option<&str>, path: &str| KeyFile {
            key: key.map(|key| key.parse().expect("an ARN")),
            path: PathBuf::from(path),
        };
        assert_eq!(key_file("key.pem"), Ok(of(None, "key.pem")));
        assert_eq!(key_file("a=b.pem"), Ok(of(None, "a=b.pem")));
        assert_eq!(key_file(&format!("{KEY}=a=b.pem")), Ok(of(Some(KEY), "a=b.pem")));
        assert!(key_file(&format!("{KEY}=")).is_err());
        assert!(key_file("arn:aws:kms:eu-west-1:111122223333:alias/a=b.pem").is_err());
    }

    #[test]
    fn a_digest_is_typed_as_the_plan_has_it() {
        let hex = "0123456789abcdef".repeat(4);
        assert_eq!(digest(&format!("sha256:{}", hex.to_uppercase())), Ok(format!("sha256:{hex}")));
        for text in [&hex, "sha256:", "sha256:12", &format!("sha256:{}g", &hex[1..])] {
            assert!(digest(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_approval_counts_for_a_while() {
        assert_eq!(ahead("90m"), Ok(jiff::SignedDuration::from_mins(90)));
        for text in ["0s", "-1h", "soon"] {
            assert!(ahead(text).is_err(), "{text}");
        }
    }
}
