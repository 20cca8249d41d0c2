//! The tags of customer managed policies and server certificates. Those of users and roles come with what is read of them.

use aws_sdk_iam::types::Tag;

use crate::Absent;
use crate::observe::tags::{Bears, Page};
use crate::observe::{Call, ReadError, Reader, Scope};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "IAM", operation, action }
}

const GONE: &[&str] = &["NoSuchEntity"];

fn page(tags: &[Tag], truncated: bool, marker: Option<String>) -> Page {
    (tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect(), marker.filter(|_| truncated))
}

/// Those of a customer managed policy.
pub(in crate::observe) struct PolicyTags;

impl Bears for PolicyTags {
    const NAME: &'static str = "iam.policy_tags";
    const SCOPE: Scope = Scope::Account;
    const CALL: Call = call("ListPolicyTags", "iam:ListPolicyTags");

    async fn page(reader: &Reader, arn: &str, after: Option<String>) -> Result<Page, ReadError> {
        let session = reader.session()?;
        let asked = session.iam().list_policy_tags().policy_arn(arn).set_marker(after);
        let answer = session.ask(reader.at(), &Self::CALL, async { asked.send().await.absent_on(GONE) }).await?;
        Ok(answer.map(|one| page(&one.tags, one.is_truncated, one.marker)).unwrap_or_default())
    }
}

/// Those of a server certificate.
pub(in crate::observe) struct CertificateTags;

impl Bears for CertificateTags {
    const NAME: &'static str = "iam.server_certificate_tags";
    const SCOPE: Scope = Scope::Account;
    const CALL: Call = call("ListServerCertificateTags", "iam:ListServerCertificateTags");

    async fn page(reader: &Reader, name: &str, after: Option<String>) -> Result<Page, ReadError> {
        let session = reader.session()?;
        let asked = session.iam().list_server_certificate_tags().server_certificate_name(name).set_marker(after);
        let answer = session.ask(reader.at(), &Self::CALL, async { asked.send().await.absent_on(GONE) }).await?;
        Ok(answer.map(|one| page(&one.tags, one.is_truncated, one.marker)).unwrap_or_default())
    }
}
