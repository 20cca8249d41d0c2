//! The server certificates that IAM keeps.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};

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
            let asked = session.iam().list_server_certificates().set_marker(marker);
            let page = session.ask(reader.at(), &CALL, asked.send()).await?;
            found.extend(page.server_certificate_metadata_list.into_iter().map(|one| Certificate {
                name: one.server_certificate_name,
                path: one.path,
                expires: one.expiration.and_then(|time| Timestamp::from_second(time.secs()).ok()),
            }));
            marker = page.marker.filter(|marker| page.is_truncated && !marker.is_empty());
            if marker.is_none() {
                found.sort_by(|a: &Certificate, b| a.name.cmp(&b.name));
                return Ok(Self(found));
            }
        }
    }
}
