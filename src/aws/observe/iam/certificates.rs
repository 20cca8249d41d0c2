//! The server certificates that IAM keeps.

use aws_sdk_iam::types::ServerCertificateMetadata;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Scope};

/// Server certificates, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificates(pub Vec<Certificate>);

/// A server certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The name.
    pub name: String,
    /// The path, such as `/` or `/cloudfront/`.
    pub path: String,
    /// When it runs out.
    pub expires: Option<Timestamp>,
    /// Whether it had run out when AWS was asked: certificates run out at a moment, not with a day.
    pub expired: Readable<bool>,
}

const CALL: Call = Call { service: "IAM", operation: "ListServerCertificates", action: "iam:ListServerCertificates" };

impl Observe for Certificates {
    const NAME: &'static str = "iam.server_certificates";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[CALL];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let mut found = vec![];
        let mut marker: Option<String> = None;
        loop {
            let clock = Clock::default();
            let asked = session.iam().list_server_certificates().set_marker(marker);
            let asked = asked.customize().interceptor(clock.clone());
            let page = session.ask(reader.at(), &CALL, asked.send()).await?;
            let now = clock.seconds().unwrap_or_else(|| session.now());
            let read = |one| certificate(reader, one, now);
            found.extend(page.server_certificate_metadata_list.into_iter().map(read));
            marker = page.marker.filter(|marker| page.is_truncated && !marker.is_empty());
            if marker.is_none() {
                found.sort_by(|a: &Certificate, b| a.name.cmp(&b.name));
                return Ok(Self(found));
            }
        }
    }
}

/// A certificate, and whether it has run out by this moment.
fn certificate(reader: &Reader, one: ServerCertificateMetadata, now: i64) -> Certificate {
    let name = one.server_certificate_name;
    let ends = one.expiration.and_then(|time| Timestamp::from_second(time.secs()).ok());
    let silent = || {
        let why = format!("the answer does not say when server certificate {} runs out", name.escape_debug());
        ReadError::senseless(reader.at(), &CALL, why)
    };
    let expired = ends.map(|ends| ends.as_second() <= now).ok_or_else(silent).into();
    Certificate { name, path: one.path, expires: ends, expired }
}
