//! What is read of STS.

use serde::{Deserialize, Serialize};

use super::{Call, Home, Observe, ReadError, Reader, Scope};

/// The session of an account is accepted in the home region.
///
/// A region that is not enabled and an account that was suspended a moment ago refuse in the same words, so this is
/// asked after a region has refused. [GetCallerIdentity](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html)
/// needs no permission, so no policy has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The ARN of the session.
    pub arn: Option<String>,
}

impl Observe for Accepted {
    const NAME: &'static str = "sts.accepted";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] =
        &[Call { service: "STS", operation: "GetCallerIdentity", action: "sts:GetCallerIdentity" }];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let answer = session.ask(reader.at(), &Self::CALLS[0], session.sts().get_caller_identity().send()).await?;
        Ok(Self { arn: answer.arn })
    }
}
