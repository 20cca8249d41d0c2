//! What is read of Security Hub CSPM: whether it is on in a region, and who configures it where it is not.

use aws_sdk_securityhub::types::{OrganizationConfigurationConfigurationType, Target as Of};
use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::{AccountId, Target};
use crate::{Absent as _, Session};

const fn call(operation: &'static str, action: &'static str) -> Call {
    Call { service: "SecurityHub", operation, action }
}

pub(crate) const DESCRIBE: Call = call("DescribeHub", "securityhub:DescribeHub");
const CONFIGURATION: Call = call("DescribeOrganizationConfiguration", "securityhub:DescribeOrganizationConfiguration");
const ASSOCIATION: Call = call("GetConfigurationPolicyAssociation", "securityhub:GetConfigurationPolicyAssociation");

/// The hub of a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hub {
    /// Its ARN.
    pub arn: String,
}

impl Observe for Option<Hub> {
    const NAME: &'static str = "securityhub.hub";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[DESCRIBE];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        hub(reader.session()?, reader.at()).await
    }
}

/// The words by which a region without a hub is told from one that may not be looked at: both refuse.
const NOT_SUBSCRIBED: &str = "not subscribed";

/// The hub of a region. Where there is none AWS answers 401 `InvalidAccessException`, and says so in words; a caller
/// who may not ask is told `AccessDeniedException`.
pub(crate) async fn hub(session: &Session, at: &Target) -> Result<Option<Hub>, ReadError> {
    let client = session.security_hub(at.region.as_ref().unwrap_or(session.home_region()));
    match session.ask(at, &DESCRIBE, client.describe_hub().send()).await {
        Ok(answer) => match answer.hub_arn() {
            Some(arn) => Ok(Some(Hub { arn: arn.to_owned() })),
            None => Err(ReadError::senseless(at, &DESCRIBE, "the answer has no hub")),
        },
        Err(error)
            if error.code.as_deref() == Some("InvalidAccessException") && error.message.contains(NOT_SUBSCRIBED) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Whether an administrator configures accounts centrally. It is asked in the administrator's account, in the region
/// from which it does so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Central(pub bool);

impl Observe for Central {
    const NAME: &'static str = "securityhub.central";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[CONFIGURATION];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let asked = session.security_hub(reader.region()).describe_organization_configuration();
        let answer = session.ask(reader.at(), &CONFIGURATION, asked.send()).await?;
        let kind = answer.organization_configuration().and_then(|configuration| configuration.configuration_type());
        Ok(Self(kind == Some(&OrganizationConfigurationConfigurationType::Central)))
    }
}

/// What an account is called that configures itself under a central configuration.
const SELF_MANAGED: &str = "SELF_MANAGED_SECURITY_HUB";

/// The configuration policy that an administrator has for an account, if there is one, own or inherited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Association(pub Option<String>);

impl Observe for Association {
    const NAME: &'static str = "securityhub.association";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[ASSOCIATION];
    /// The account that is configured.
    type Key = AccountId;

    async fn observe(reader: &Reader, account: &AccountId) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let of = Of::AccountId(account.to_string());
        let asked = session.security_hub(reader.region()).get_configuration_policy_association().target(of);
        let sending = async { asked.send().await.absent_on(&["ResourceNotFoundException"]) };
        let answer = session.ask(reader.at(), &ASSOCIATION, sending).await?;
        let policy = answer.as_ref().and_then(|answer| answer.configuration_policy_id());
        Ok(Self(policy.filter(|policy| *policy != SELF_MANAGED).map(str::to_owned)))
    }
}

/// The hub of a region, with what there is to know of its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedHub {
    /// The hub.
    pub hub: Option<Hub>,
    /// The configuration policy by which the administrator configures the account; asked only where there is no hub and
    /// the baseline names the administrator.
    pub policy: Option<Readable<Option<String>>>,
}

impl Observe for OwnedHub {
    const NAME: &'static str = "securityhub.owned_hub";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[];
    /// The account that administers Security Hub for the organization.
    type Key = Option<AccountId>;

    async fn observe(reader: &Reader, administrator: &Option<AccountId>) -> Result<Self, ReadError> {
        let hub = Option::clone(&*reader.get::<Option<Hub>>().await?);
        let policy = match administrator.as_ref().filter(|_| hub.is_none()) {
            None => None,
            Some(administrator) => Some(policy_of(reader, administrator).await.into()),
        };
        Ok(Self { hub, policy })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Option<Hub>>(), Reads::of::<Central>(), Reads::of::<Association>()]
    }
}

/// The policy that configures the account, as its administrator says in the home region.
async fn policy_of(reader: &Reader, administrator: &AccountId) -> Result<Option<String>, ReadError> {
    let there = reader.named(administrator)?.in_region(reader.home_region());
    if !there.get::<Central>().await?.0 {
        return Ok(None);
    }
    Ok(there.of::<Association>(&reader.at().account).await?.0.clone())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observe::{Class, DeniedBy, Homes};
    use crate::stub::{Stub, caller, json};
    use crate::{Entry, Guard};

    async fn seen(status: u16, code: &'static str, message: &'static str) -> Result<Option<Hub>, ReadError> {
        let stub = Stub::new(move |_| json(status, &format!(r#"{{"__type":"{code}","Message":"{message}"}}"#)));
        let guard = Arc::new(Guard::new([DESCRIBE]));
        let session = stub.base().await.enter(&caller(), &caller().account, Entry::Own, &guard);
        let homes = Arc::new(Homes::live(None, session.home_region().clone(), None));
        let region = "eu-west-1".parse().expect("a region");
        let reader = Reader::live(session, &homes).in_region(&region);
        reader.get::<Option<Hub>>().await.map(|hub| Option::clone(&*hub))
    }

    #[tokio::test]
    async fn who_is_not_subscribed_has_no_hub_and_who_is_refused_says_nothing_of_it() {
        let off = seen(401, "InvalidAccessException", "Account 111122223333 is not subscribed to AWS Security Hub");
        assert_eq!(off.await, Ok(None));
        let other = seen(401, "InvalidAccessException", "Account 111122223333 is suspended").await;
        assert_eq!(other.expect_err("no answer").class, Class::Failed);
        let denied = seen(403, "AccessDeniedException", "not subscribed").await.expect_err("no answer");
        assert_eq!(denied.class, Class::Denied(DeniedBy::Unknown));
    }
}
