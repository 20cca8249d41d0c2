//! Why something could not be read. Absent is an answer; what is here is not.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Call;
use crate::target::Target;

/// A read that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{action} in {at}: {class}{}", detail(.code.as_deref(), .message))]
pub struct ReadError {
    /// Where it was asked.
    pub at: Target,
    /// What was asked, as an IAM action.
    pub action: String,
    /// What kind of refusal or failure it was.
    pub class: Class,
    /// The error code of AWS, where the answer had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The words of AWS, or of the transport.
    pub message: String,
    /// The HTTP status of the answer, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The request id of AWS, where the answer had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

fn detail(code: Option<&str>, message: &str) -> String {
    match code {
        Some(code) if message.is_empty() => format!(" ({code})"),
        Some(code) => format!(" ({code}: {message})"),
        None if message.is_empty() => String::new(),
        None => format!(" ({message})"),
    }
}

/// What is said of a page for people, which none of AWS is.
pub(crate) const PAGE: &str = "the answer is an HTML page and not one of AWS; is a proxy between?";

impl ReadError {
    /// An answer that makes no sense, for this reason.
    pub(crate) fn senseless(at: &Target, call: &Call, why: impl fmt::Display) -> Self {
        Self {
            at: at.clone(),
            action: call.action.to_owned(),
            class: Class::Failed,
            code: None,
            message: why.to_string(),
            status: None,
            request_id: None,
        }
    }

    /// That of an answer in which what is named so is not known.
    pub(crate) fn senseless_field(at: &Target, call: &Call, what: &str, text: &str) -> Self {
        Self::senseless(at, call, format!("the answer has a {what} that makes no sense: {}", text.escape_debug()))
    }

    /// Whether it is the refusal of every role of an account.
    #[must_use]
    pub fn refuses_entry(&self) -> bool {
        self.action == "sts:AssumeRole" && matches!(self.class, Class::Denied(_))
    }

    /// What happened, and what to do about it: the words of a report, which are the same from run to run.
    #[must_use]
    pub fn explained(&self) -> String {
        self.told(None)
    }

    /// The same with the request id of AWS, for what happens once: who asks AWS about it needs that id.
    #[must_use]
    pub fn in_full(&self) -> String {
        self.told(self.request_id.as_deref())
    }

    fn told(&self, request_id: Option<&str>) -> String {
        let id = request_id.map(|id| format!(", request id {id}")).unwrap_or_default();
        let mend = self.mend().map(|mend| format!("; {mend}")).unwrap_or_default();
        format!("{self}{id}{mend}")
    }

    /// What to do about it, where that can be told.
    fn mend(&self) -> Option<&'static str> {
        if let Some(mend) = self.code.as_deref().and_then(|code| mend_of_code(code, &self.message)) {
            return Some(mend);
        }
        if self.message.starts_with(PAGE) {
            return Some(PROXY);
        }
        if self.code.as_deref() == Some("InvalidAccessException") && ADMINISTRATORS.contains(&self.action.as_str()) {
            return Some(ADMINISTRATOR);
        }
        Some(match self.class {
            _ if self.refuses_entry() => {
                "see whether the role is there and trusts the caller, with the external id that is sent"
            }
            Class::Denied(DeniedBy::Scp | DeniedBy::Rcp) => "let the role through in that policy",
            Class::Denied(DeniedBy::Identity) => "allow it to the role",
            Class::Denied(DeniedBy::Resource) => "add the role to that policy",
            Class::Denied(DeniedBy::Endpoint) => "allow it in that policy, or reach AWS another way",
            Class::Denied(DeniedBy::Unknown) => "allow it to the role, or find out who denies it",
            Class::RegionDisabled => "enable the region, or leave it out of `regions`",
            Class::ServiceUnavailable => "leave the region out of `regions`; if it is so everywhere, it is the DNS",
            Class::Throttled => "run again, with a lower --concurrency",
            Class::Failed if self.code.is_none() => "run again",
            Class::Failed | Class::NotRead | Class::NotSent | Class::InDoubt => return None,
        })
    }
}

/// What to do about an error whose code says more than its class.
pub(crate) fn mend_of_code(code: &str, message: &str) -> Option<&'static str> {
    let late = ["Signature expired", "Signature not yet current"].iter().any(|words| message.contains(words));
    let scoped = message.contains("Credential should be scoped to a valid region");
    match code {
        "SignatureDoesNotMatch" | "InvalidSignatureException" if scoped => {
            Some("the endpoint answers for another region: check --region and --endpoint-url")
        }
        "ExpiredToken" | "ExpiredTokenException" => {
            Some("the credentials have run out: sign in again, such as with `aws sso login`")
        }
        // EC2 and its kin say so of credentials as well.
        "RequestExpired" => Some("the credentials have run out, or the clock of this machine is wrong"),
        "IncorrectInstanceState" => Some("run again once the instance runs or is stopped"),
        "RequestTimeTooSkewed" | "RequestInTheFuture" => Some(CLOCK),
        "SignatureDoesNotMatch" | "InvalidSignatureException" if late => Some(CLOCK),
        "SignatureDoesNotMatch" | "InvalidSignatureException" => {
            Some("the secret key is not that of the access key, or something on the way changes requests")
        }
        _ => mend_of_organization(code),
    }
}

/// What an organization lacks for a trail of its own, by the codes of
/// [CreateTrail](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html).
fn mend_of_organization(code: &str) -> Option<&'static str> {
    Some(match code {
        "CloudTrailAccessNotEnabledException" => {
            "let the organization trust CloudTrail: `aws organizations enable-aws-service-access --service-principal \
             cloudtrail.amazonaws.com` in the management account"
        }
        "NoManagementAccountSLRExistsException" => {
            "the management account has no service-linked role of CloudTrail: `aws iam create-service-linked-role \
             --aws-service-name cloudtrail.amazonaws.com` there"
        }
        "NotOrganizationMasterAccountException" | "NotOrganizationManagementAccountException" => {
            "only the management account may, or the delegated administrator of CloudTrail"
        }
        "OrganizationNotInAllFeaturesModeException" => {
            "the organization has consolidated billing alone: enable all its features (EnableAllFeatures) first"
        }
        "OrganizationsNotInUseException" => "the account is in no organization: ask for `scope: account`",
        "InsufficientDependencyServiceAccessPermissionException" => {
            "allow to the role what CloudTrail asks IAM and Organizations for in its name: `trueup permissions --apply` \
             lists it"
        }
        _ => return None,
    })
}

const PROXY: &str = "something on the way answers in place of AWS: see to the proxy (HTTPS_PROXY with its user and \
    password, NO_PROXY), or let *.amazonaws.com through";

/// What Security Hub answers to its administrator alone, by
/// [its documentation](https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeOrganizationConfiguration.html);
/// it refuses anybody else by a code of its own, whatever the policies of the caller allow.
const ADMINISTRATORS: [&str; 2] =
    ["securityhub:DescribeOrganizationConfiguration", "securityhub:GetConfigurationPolicyAssociation"];

const ADMINISTRATOR: &str = "name by `admin_account` the account that administers Security Hub for the organization in that \
    region: `aws securityhub list-organization-admin-accounts`, in the management account, says which it is; where there \
    is none, leave `admin_account` out";

const CLOCK: &str = "the clock of this machine is wrong: set it";

/// What kind of refusal or failure a read met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// AWS refused: the caller may not.
    Denied(DeniedBy),
    /// The region is not enabled in the account.
    RegionDisabled,
    /// The service is not offered there.
    ServiceUnavailable,
    /// Throttled until the retries were spent.
    Throttled,
    /// Anything else: a timeout, a server error, an answer that makes no sense.
    Failed,
    /// Not read, because what it depends on was not in reach.
    NotRead,
    /// It was kept from being sent: a write that must not be, or a call that nothing declares.
    NotSent,
    /// A write that was not sent again, because nobody knows yet whether it was done before.
    InDoubt,
}

/// Who refused, as far as the answer says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeniedBy {
    /// A service control policy denies it, or none allows it.
    Scp,
    /// A resource control policy of the organization.
    Rcp,
    /// A policy of the identity: its own, a boundary or a session policy.
    Identity,
    /// The policy of the resource; that of a role is its trust policy.
    Resource,
    /// The policy of a VPC endpoint on the way.
    Endpoint,
    /// The answer does not say.
    Unknown,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Denied(DeniedBy::Scp) => "denied by a service control policy",
            Self::Denied(DeniedBy::Rcp) => "denied by a resource control policy",
            Self::Denied(DeniedBy::Endpoint) => "denied by the policy of a VPC endpoint",
            Self::Denied(DeniedBy::Identity) => "denied: no policy of the role allows it",
            Self::Denied(DeniedBy::Resource) => "denied by the policy of the resource",
            Self::Denied(DeniedBy::Unknown) => "denied",
            Self::RegionDisabled => "the region is not enabled",
            Self::ServiceUnavailable => "the service is not offered there",
            Self::Throttled => "throttled",
            Self::Failed => "failed",
            Self::NotRead => "not read",
            Self::NotSent => "not sent",
            Self::InDoubt => "not sent again",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(action: &str, class: Class, code: Option<&str>, message: &str) -> ReadError {
        let at = Target { account: "111122223333".parse().expect("an id"), region: "eu-west-1".parse().ok() };
        let (action, message, code) = (action.to_owned(), message.to_owned(), code.map(str::to_owned));
        ReadError { at, action, class, code, message, status: Some(400), request_id: Some("7f3c".to_owned()) }
    }

    #[test]
    fn an_error_says_where_what_who_refused_and_what_to_do() {
        let denied = Class::Denied(DeniedBy::Identity);
        let error = error("kms:ListKeys", denied, Some("AccessDeniedException"), "no policy allows it");
        assert_eq!(
            error.explained(),
            "kms:ListKeys in 111122223333 eu-west-1: denied: no policy of the role allows it (AccessDeniedException: no \
             policy allows it); allow it to the role"
        );
        assert!(error.in_full().ends_with("no policy allows it), request id 7f3c; allow it to the role"));
    }

    #[test]
    fn every_class_but_what_was_not_read_says_what_to_do() {
        let by = [
            DeniedBy::Scp,
            DeniedBy::Rcp,
            DeniedBy::Identity,
            DeniedBy::Resource,
            DeniedBy::Endpoint,
            DeniedBy::Unknown,
        ];
        let by = by.map(Class::Denied);
        let others = [Class::RegionDisabled, Class::ServiceUnavailable, Class::Throttled, Class::Failed];
        for class in by.into_iter().chain(others) {
            assert!(error("kms:ListKeys", class, None, "").explained().contains("; "), "{class}");
        }
        let assume = error("sts:AssumeRole", Class::Denied(DeniedBy::Unknown), Some("AccessDenied"), "");
        assert!(assume.explained().contains("trusts the caller"), "{}", assume.explained());
    }

    #[test]
    fn a_wrong_clock_a_wrong_secret_credentials_that_ran_out_and_an_instance_on_the_move_are_told_apart() {
        for (code, message, mend) in [
            ("RequestTimeTooSkewed", "The difference is too large", "clock"),
            ("SignatureDoesNotMatch", "Signature expired: 20180101T000000Z is now earlier than", "clock"),
            ("InvalidSignatureException", "Signature not yet current: 20380101T000000Z", "clock"),
            ("InvalidSignatureException", "Credential should be scoped to a valid region, not 'x'.", "--endpoint-url"),
            ("SignatureDoesNotMatch", "The request signature we calculated does not match", "secret key"),
            ("ExpiredToken", "The security token included in the request is expired", "sign in again"),
            ("ExpiredTokenException", "", "sign in again"),
            ("RequestExpired", "Request has expired.", "clock"),
            ("IncorrectInstanceState", "The instance is in an incorrect state", "once the instance runs or is stopped"),
        ] {
            let said = error("iam:GetRole", Class::Failed, Some(code), message).explained();
            assert!(said.split("; ").last().is_some_and(|last| last.contains(mend)), "{said}");
        }
    }

    #[test]
    fn who_does_not_administer_security_hub_is_told_from_who_may_not_ask() {
        let action = "securityhub:DescribeOrganizationConfiguration";
        let words = "Account 111122223333 is not an administrator for this organization";
        let wrong = error(action, Class::Failed, Some("InvalidAccessException"), words).explained();
        assert!(wrong.contains("; name by `admin_account` the account"), "{wrong}");
        let denied = error(action, Class::Denied(DeniedBy::Unknown), Some("AccessDeniedException"), "").explained();
        assert!(!denied.contains("admin_account") && denied.contains("allow it to the role"), "{denied}");
        let hub = error("securityhub:DescribeHub", Class::Failed, Some("InvalidAccessException"), "").explained();
        assert!(!hub.contains("admin_account"), "{hub}");
    }

    #[test]
    fn what_an_older_version_kept_of_an_error_is_read() {
        let error = error("kms:CreateKey", Class::Failed, Some("KMSInternalException"), "");
        let mut kept = serde_json::to_value(&error).expect("plain data");
        assert_eq!(serde_json::from_value::<ReadError>(kept.clone()).expect("what was written"), error);
        assert_eq!(kept.as_object_mut().and_then(|fields| fields.remove("status")), Some(400.into()));
        let older: ReadError = serde_json::from_value(kept).expect("what had no status yet");
        assert_eq!(older, ReadError { status: None, ..error });
    }

    #[test]
    fn what_an_organization_lacks_for_a_trail_says_how_it_gets_it() {
        for (code, mend) in [
            ("CloudTrailAccessNotEnabledException", "enable-aws-service-access"),
            ("NoManagementAccountSLRExistsException", "create-service-linked-role"),
            ("NotOrganizationMasterAccountException", "only the management account"),
            ("NotOrganizationManagementAccountException", "only the management account"),
            ("OrganizationNotInAllFeaturesModeException", "EnableAllFeatures"),
            ("OrganizationsNotInUseException", "scope: account"),
            ("InsufficientDependencyServiceAccessPermissionException", "trueup permissions --apply"),
        ] {
            let said = error("cloudtrail:CreateTrail", Class::Failed, Some(code), "").explained();
            assert!(said.split("; ").last().is_some_and(|last| last.contains(mend)), "{said}");
        }
    }
}
