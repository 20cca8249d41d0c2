//! What is read of Security Hub CSPM: whether it is on in a region, and who configures it where it is not.

use aws_sdk_securityhub::types::{OrganizationConfigurationConfigurationType, Target as Of};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::observe::organizations::{DESCRIBE_EFFECTIVE, Governing};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::ownership::PolicyType;
use crate::target::{AccountId, Region, Target};
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

/// What policies of the organization set for a region of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GovernedHub {
    /// Whether Security Hub CSPM is to be on there.
    pub on: bool,
    /// The policies that reach the account, each by its name and id.
    pub policies: Vec<String>,
}

/// The hub of a region, with what there is to know of its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedHub {
    /// The hub.
    pub hub: Option<Hub>,
    /// What the organization's policies say of the region; asked only where there is no hub.
    pub governed: Option<Readable<Option<GovernedHub>>>,
    /// The configuration policy by which the administrator configures the account; asked only where there is no hub, the
    /// organization's policies leave the region alone, and the baseline names the administrator.
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
        if hub.is_some() {
            return Ok(Self { hub, governed: None, policy: None });
        }
        let governed = governed(reader).await;
        let policy = match administrator.as_ref().filter(|_| governed == Ok(None)) {
            None => None,
            Some(administrator) => Some(policy_of(reader, administrator).await.into()),
        };
        Ok(Self { hub, governed: Some(governed.into()), policy })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Option<Hub>>(), Reads::of::<Governing>(), Reads::of::<Central>(), Reads::of::<Association>()]
    }
}

/// What policies of the organization set for the region.
async fn governed(reader: &Reader) -> Result<Option<GovernedHub>, ReadError> {
    const KIND: PolicyType = PolicyType::SecurityHubCspm;
    let governing = reader.of::<Governing>(&KIND).await?;
    let Some(governed) = &governing.0 else { return Ok(None) };
    let said = said_of(&governed.content, reader.region()).map_err(|why| {
        let (kind, account) = (KIND.name(), &reader.at().account);
        let words = format!("the effective {kind} of {account} makes no sense: {why}");
        ReadError::senseless(reader.at(), &DESCRIBE_EFFECTIVE, words)
    })?;
    Ok(said.map(|on| GovernedHub { on, policies: governed.policies.clone() }))
}

/// Whether the policies in effect have Security Hub CSPM on or off in a region; none: they leave it alone. By
/// [AWS's documentation](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_security_hub_cspm_syntax.html)
/// both lists of regions stand under one key, and off goes before on. That key is looked for also one level down, so that
/// nothing depends on what the container around it is called.
fn said_of(content: &Map<String, Value>, region: &Region) -> Result<Option<bool>, String> {
    const KEY: &str = "cspm_enablement";
    let lists = content.get(KEY).or_else(|| content.values().find_map(|inner| inner.get(KEY)));
    let lists = lists.and_then(Value::as_object).ok_or_else(|| format!("it has no `{KEY}`"))?;
    let names_it = |list: &str| match lists.get(list) {
        None => Ok(false),
        Some(Value::Array(regions)) => {
            Ok(regions.iter().filter_map(Value::as_str).any(|name| name == "ALL_SUPPORTED" || name == region.as_str()))
        }
        Some(_) => Err(format!("`{list}` is no list")),
    };
    let (off, on) = (names_it("disable_in_regions")?, names_it("enable_in_regions")?);
    Ok((off || on).then_some(!off))
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

    fn said(content: &Value, region: &str) -> Result<Option<bool>, String> {
        said_of(content.as_object().expect("a policy"), &region.parse().expect("a region"))
    }

    #[test]
    fn a_policy_says_of_a_region_that_it_is_on_or_off_or_nothing_and_off_goes_first() {
        let lists = |on: &[&str], off: &[&str]| serde_json::json!({"cspm": {"cspm_enablement": {"enable_in_regions": on, "disable_in_regions": off}}});
        for (on, off, wanted) in [
            (&["eu-west-1"][..], &[][..], Some(true)),
            (&["ALL_SUPPORTED"], &["us-east-1"], Some(true)),
            (&["ALL_SUPPORTED"], &["eu-west-1"], Some(false)),
            (&["eu-west-1"], &["ALL_SUPPORTED"], Some(false)),
            (&["us-east-1"], &["eu-west-2"], None),
            (&[], &[], None),
        ] {
            assert_eq!(said(&lists(on, off), "eu-west-1"), Ok(wanted), "{on:?} {off:?}");
        }
    }

    #[test]
    fn the_lists_are_found_whatever_holds_them_and_a_policy_without_them_makes_no_sense() {
        let lists = serde_json::json!({"enable_in_regions": ["eu-west-1"]});
        for content in [
            serde_json::json!({"cspm_enablement": lists}),
            serde_json::json!({"other": "words", "hub": {"cspm_enablement": lists, "standards": {}}}),
        ] {
            assert_eq!(said(&content, "eu-west-1"), Ok(Some(true)), "a list that is left out names no region");
        }
        for (content, why) in [
            (serde_json::json!({"hub": {"enable_in_regions": ["eu-west-1"]}}), "it has no `cspm_enablement`"),
            (serde_json::json!({"hub": {"cspm_enablement": ["eu-west-1"]}}), "it has no `cspm_enablement`"),
            (
                serde_json::json!({"hub": {"cspm_enablement": {"disable_in_regions": "eu-west-1"}}}),
                "`disable_in_regions` is no list",
            ),
        ] {
            assert_eq!(said(&content, "eu-west-1"), Err(why.to_owned()));
        }
    }
}
