//! Who has which policies, of all identities of an account at once.

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput as Page;
use aws_sdk_iam::operation::get_account_authorization_details::builders::GetAccountAuthorizationDetailsFluentBuilder as Asking;
use aws_sdk_iam::types::{AttachedPolicy, EntityType, PolicyDetail, UserDetail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::ownership::Signs;

/// What is kept of
/// [GetAccountAuthorizationDetails](https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html):
/// the policies of users, and every policy that allows everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Every user, by name.
    pub users: Vec<UserPolicies>,
    /// Customer managed policies, with the identities that have each.
    pub managed: Vec<Managed>,
    /// Inline policies that allow everything.
    pub inline: Vec<InlineAdmin>,
}

/// The policies of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPolicies {
    /// The name.
    pub name: String,
    /// The path, such as `/`.
    pub path: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Its inline policies.
    pub inline: Vec<Inline>,
    /// ARNs of its managed policies.
    pub attached: Vec<String>,
    /// The tags that say who looks after it.
    #[serde(default)]
    pub signs: Signs,
}

/// An inline policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inline {
    /// Its name.
    pub name: String,
    /// Its document, JSON.
    pub document: String,
}

/// A managed policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Managed {
    /// Its ARN.
    pub arn: String,
    /// Whether its default version allows everything.
    pub full_admin: bool,
    /// Who has it: `user/NAME`, `group/NAME`, `role/NAME`.
    pub holders: Vec<String>,
}

/// An inline policy that allows everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineAdmin {
    /// Whose it is: `user/NAME`, `group/NAME`, `role/NAME`.
    pub holder: String,
    /// Its name.
    pub name: String,
}

const CALL: Call =
    Call { service: "IAM", operation: "GetAccountAuthorizationDetails", action: "iam:GetAccountAuthorizationDetails" };

/// The most that a page may hold.
const PAGE: i32 = 1000;

impl Observe for Details {
    const NAME: &'static str = "iam.authorization_details";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[CALL];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let mut found = Found::default();
        let mut marker: Option<String> = None;
        loop {
            // The policies of AWS that nobody has are a thousand, and none of them is this account's matter.
            let asked = session.iam().get_account_authorization_details().max_items(PAGE).set_marker(marker);
            let asked = [EntityType::User, EntityType::Group, EntityType::Role, EntityType::LocalManagedPolicy]
                .into_iter()
                .fold(asked, Asking::filter);
            let page = session.ask(reader.at(), &CALL, asked.send()).await?;
            marker = page.marker.clone().filter(|marker| page.is_truncated && !marker.is_empty());
            found.take(page).map_err(|why| ReadError::senseless(reader.at(), &CALL, why))?;
            if marker.is_none() {
                return Ok(found.details());
            }
        }
    }
}

/// What the pages had so far.
#[derive(Default)]
struct Found {
    details: Details,
    /// Holder and ARN of each attachment.
    attached: Vec<(String, String)>,
}

impl Found {
    fn take(&mut self, page: Page) -> Result<(), String> {
        for user in page.user_detail_list.unwrap_or_default() {
            let UserDetail { user_name, path, create_date, user_policy_list, attached_managed_policies, tags, .. } =
                user;
            let name = user_name.unwrap_or_default();
            let inline = self.inline(&format!("user/{name}"), user_policy_list)?;
            let attached = self.attached(&format!("user/{name}"), attached_managed_policies);
            let created = create_date.and_then(|time| Timestamp::from_second(time.secs()).ok());
            let path = path.unwrap_or_else(|| "/".to_owned());
            let signs = Signs::of(tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
            self.details.users.push(UserPolicies { name, path, created, inline, attached, signs });
        }
        for group in page.group_detail_list.unwrap_or_default() {
            let holder = format!("group/{}", group.group_name.unwrap_or_default());
            self.inline(&holder, group.group_policy_list)?;
            self.attached(&holder, group.attached_managed_policies);
        }
        for role in page.role_detail_list.unwrap_or_default() {
            let holder = format!("role/{}", role.role_name.unwrap_or_default());
            self.inline(&holder, role.role_policy_list)?;
            self.attached(&holder, role.attached_managed_policies);
        }
        for policy in page.policies.unwrap_or_default() {
            let arn = policy.arn.unwrap_or_default();
            let versions = policy.policy_version_list.unwrap_or_default();
            let document = versions.into_iter().find(|version| version.is_default_version).and_then(|one| one.document);
            let full_admin = allows_everything(&decoded(&document.unwrap_or_default())?)
                .map_err(|why| format!("policy {arn}: {why}"))?;
            self.details.managed.push(Managed { arn, full_admin, holders: vec![] });
        }
        Ok(())
    }

    fn inline(&mut self, holder: &str, policies: Option<Vec<PolicyDetail>>) -> Result<Vec<Inline>, String> {
        let mut all = vec![];
        for policy in policies.unwrap_or_default() {
            let name = policy.policy_name.unwrap_or_default();
            let document = decoded(&policy.policy_document.unwrap_or_default())?;
            if allows_everything(&document).map_err(|why| format!("policy {name} of {holder}: {why}"))? {
                self.details.inline.push(InlineAdmin { holder: holder.to_owned(), name: name.clone() });
            }
            all.push(Inline { name, document });
        }
        Ok(all)
    }

    fn attached(&mut self, holder: &str, policies: Option<Vec<AttachedPolicy>>) -> Vec<String> {
        let arns: Vec<String> =
            policies.unwrap_or_default().into_iter().filter_map(|policy| policy.policy_arn).collect();
        self.attached.extend(arns.iter().map(|arn| (holder.to_owned(), arn.clone())));
        arns
    }

    /// All of it in a fixed order.
    fn details(mut self) -> Details {
        for (holder, arn) in self.attached {
            let known = self.details.managed.iter_mut().find(|policy| policy.arn == arn);
            if let Some(policy) = known {
                policy.holders.push(holder);
            } else {
                // What is not the account's own is one of AWS's, of which one allows everything by its name.
                let full_admin = arn.ends_with(":policy/AdministratorAccess");
                self.details.managed.push(Managed { arn, full_admin, holders: vec![holder] });
            }
        }
        let Details { users, managed, inline } = &mut self.details;
        users.sort_by(|a, b| a.name.cmp(&b.name));
        managed.sort_by(|a, b| a.arn.cmp(&b.arn));
        for policy in managed.iter_mut() {
            policy.holders.sort();
        }
        inline.sort_by(|a, b| (&a.holder, &a.name).cmp(&(&b.holder, &b.name)));
        self.details
    }
}

/// A document as AWS sends it, percent-encoded.
pub(crate) fn decoded(text: &str) -> Result<String, String> {
    let mut bytes = vec![];
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let value = digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        bytes.push(value.ok_or("a document is not percent-encoded")?);
    }
    String::from_utf8(bytes).map_err(|_| "a document is not UTF-8".to_owned())
}

/// Whether a policy has a statement that allows every action on every resource, whatever its conditions.
fn allows_everything(document: &str) -> Result<bool, String> {
    let document: serde_json::Value =
        serde_json::from_str(document).map_err(|_| "its document is no JSON".to_owned())?;
    let statements = &document["Statement"];
    let one = std::slice::from_ref(statements);
    let all = statements.as_array().map_or(one, Vec::as_slice);
    let holds = |value: &serde_json::Value, stars: &[&str]| match value {
        serde_json::Value::String(text) => stars.contains(&text.as_str()),
        serde_json::Value::Array(items) => {
            items.iter().any(|item| item.as_str().is_some_and(|text| stars.contains(&text)))
        }
        _ => false,
    };
    Ok(all.iter().any(|statement| {
        statement["Effect"] == "Allow"
            && holds(&statement["Action"], &["*", "*:*"])
            && holds(&statement["Resource"], &["*"])
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_allows_every_action_on_every_resource_allows_everything() {
        let everything = |text: &str| allows_everything(text).expect("JSON");
        for text in [
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":["s3:*","*:*"],"Resource":["arn:aws:s3:::a","*"]}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":"b"}}}]}"#,
        ] {
            assert!(everything(text), "{text}");
        }
        for text in [
            r#"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::a"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"*:*x","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}"#,
            r#"{"Statement":[]}"#,
        ] {
            assert!(!everything(text), "{text}");
        }
        assert!(allows_everything("{").is_err());
    }

    #[test]
    fn a_document_is_decoded_and_one_that_is_cut_off_is_refused() {
        assert_eq!(decoded("%7B%22a%22%3A%20%22%C3%A4%22%7D").as_deref(), Ok("{\"a\": \"ä\"}"));
        assert_eq!(decoded("{\"a\": 1}").as_deref(), Ok("{\"a\": 1}"), "some emulators do not encode it");
        for wrong in ["%7", "%zz", "%", "%ff"] {
            assert!(decoded(wrong).is_err(), "{wrong}");
        }
    }
}
