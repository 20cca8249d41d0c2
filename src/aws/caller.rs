//! Whose credentials these are, and what to do where that cannot be found out: the first thing that goes wrong.

use super::base::Base;
use super::errors::{Explained, Refusal};
use crate::failure::Failure;
use crate::observe::{Call, Class, mend_of_code};
use crate::target::{AccountId, Partition};

pub(super) const GET_CALLER_IDENTITY: Call =
    Call { service: "STS", operation: "GetCallerIdentity", action: "sts:GetCallerIdentity" };

/// Who runs trueup, as STS says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account of the credentials.
    pub account: AccountId,
    /// The user or the role session.
    pub arn: String,
    /// The partition of that ARN.
    pub partition: Partition,
}

impl Caller {
    /// The name of the IAM user, where it is one and no role session.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        let resource = self.arn.splitn(6, ':').nth(5)?.strip_prefix("user/")?;
        resource.rsplit('/').next()
    }
}

/// Asks STS. `trouble` is what is wrong with the user's configuration.
pub(super) async fn ask(base: &Base, trouble: Option<&str>) -> Result<Caller, Failure> {
    let sent = base.sts().get_caller_identity().send().await;
    let answer =
        sent.map_err(|error| unknown(&Explained::of(&GET_CALLER_IDENTITY, &Refusal::erased(error)), trouble))?;
    let (Some(account), Some(arn)) = (answer.account(), answer.arn()) else {
        return Err(Failure::failed(format!("{UNKNOWN}: the answer of STS is empty")));
    };
    let odd = |malformed| Failure::failed(format!("{UNKNOWN}: {malformed}"));
    Ok(Caller {
        account: account.parse().map_err(odd)?,
        arn: arn.to_owned(),
        partition: Partition::of_arn(arn).map_err(odd)?,
    })
}

const UNKNOWN: &str = "could not find out whose credentials these are";
const CLI: &str = "`aws sts get-caller-identity` shows what the AWS CLI uses";

fn unknown(error: &Explained, trouble: Option<&str>) -> Failure {
    let Explained { class, code, message, request_id, .. } = error;
    let said = match code {
        Some(code) => format!("{code}: {message}"),
        None => message.clone(),
    };
    let id = request_id.as_ref().map(|id| format!(" (request id {id})")).unwrap_or_default();
    let failure = Failure::failed(format!("{UNKNOWN}: {said}{id}"));
    match code.as_deref() {
        Some(code) => match mend_of_code(code, message) {
            Some(mend) => failure.hint(mend),
            None if *class == Class::RegionDisabled => failure.hint(
                "the keys are not valid, or the home region is not enabled in their account: try another --region",
            ),
            None => failure.hint(CLI),
        },
        None => out_of_reach(failure, *class, message, trouble),
    }
}

/// There is no answer of AWS: something is missing on this side, or between.
fn out_of_reach(failure: Failure, class: Class, message: &str, trouble: Option<&str>) -> Failure {
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if class == Class::ServiceUnavailable {
        return failure
            .hint("the name of the STS endpoint does not resolve: check --region, --endpoint-url and the DNS");
    }
    if says(&["certificate"]) {
        return failure.hint(
            "something on the way shows a certificate that is not trusted: let AWS_CA_BUNDLE name a PEM file with the \
             CA of your proxy or endpoint",
        );
    }
    if says(&["proxy", "tunnel"]) {
        return failure.hint("the proxy refused: check HTTPS_PROXY, its user and password, and NO_PROXY");
    }
    if says(&["credential", "profile", "sso", "SSO", "token"]) {
        let failure = trouble.into_iter().fold(failure, Failure::hint);
        return failure
            .hint("is there a profile? Name it with --profile or AWS_PROFILE, or sign in with `aws sso login`")
            .hint(CLI);
    }
    failure.hint("STS could not be reached: check the network, the proxy, and --endpoint-url")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(class: Class, code: Option<&str>, message: &str) -> String {
        let error = Explained {
            class,
            code: code.map(str::to_owned),
            message: message.to_owned(),
            status: Some(403),
            request_id: Some("7f3c".to_owned()),
        };
        let failure = unknown(&error, Some("AWS_PROFILE names nothing"));
        assert!(failure.message.contains(message) && failure.message.contains("7f3c"), "{failure}");
        assert!(!failure.hints.is_empty(), "{failure}");
        failure.hints.join("\n")
    }

    #[test]
    fn every_way_to_fail_says_what_to_do() {
        for (class, code, message, mend) in [
            (Class::Failed, Some("ExpiredToken"), "it is expired", "sign in again"),
            (Class::RegionDisabled, Some("InvalidClientTokenId"), "The security token is invalid", "--region"),
            (Class::Failed, Some("SignatureDoesNotMatch"), "Signature expired: 2018 is now earlier", "clock"),
            (Class::Failed, Some("SignatureDoesNotMatch"), "The signature we calculated", "secret key"),
            (Class::Failed, Some("RequestTimeTooSkewed"), "too large", "clock"),
            (Class::Failed, Some("SomethingNew"), "new", "aws sts get-caller-identity"),
            (Class::ServiceUnavailable, None, "dns error", "does not resolve"),
            (Class::Failed, None, "invalid peer certificate: UnknownIssuer", "AWS_CA_BUNDLE"),
            (Class::Failed, None, "tunnel error: unsuccessful", "HTTPS_PROXY"),
            (Class::Failed, None, "no providers in chain provided credentials", "--profile"),
            (Class::Failed, None, "no providers in chain provided credentials", "AWS_PROFILE names nothing"),
            (Class::Failed, None, "Connection refused", "network"),
        ] {
            let said = hints(class, code, message);
            assert!(said.contains(mend), "{message}: {said}");
        }
    }
}
