//! What an error of the SDK means. Absent is an answer and has to be asked for by its code; everything else is a class.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_types::request_id::RequestId;

use super::complete::NoAnswer;
use super::guard::Undeclared;
use crate::observe::{Call, Class, DeniedBy, PAGE, ReadError};
use crate::target::Target;

/// Turns the codes that mean "there is none" into an answer.
pub trait Absent<T, E> {
    /// `None` where the answer of the service was an error with one of these codes.
    ///
    /// # Errors
    /// Any other error, as it was.
    fn absent_on(self, codes: &[&str]) -> Result<Option<T>, SdkError<E, HttpResponse>>;
}

impl<T, E: ProvideErrorMetadata> Absent<T, E> for Result<T, SdkError<E, HttpResponse>> {
    fn absent_on(self, codes: &[&str]) -> Result<Option<T>, SdkError<E, HttpResponse>> {
        match self {
            Ok(answer) => Ok(Some(answer)),
            Err(SdkError::ServiceError(refused)) if refused.err().code().is_some_and(|code| codes.contains(&code)) => {
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }
}

/// The codes by which AWS asks to slow down. `LimitExceededException` is not among them: most services mean a quota by it.
const THROTTLES: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// What an error code and its words mean.
///
/// `RegionDisabled` is what the code says; credentials that are no good anywhere have the same codes. It means that
/// the region is disabled only if the same session works in the home region, which the caller decides.
#[must_use]
pub fn class_of_code(code: &str, message: &str) -> Class {
    match code {
        _ if THROTTLES.contains(&code) => Class::Throttled,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "AuthFailure"
        | "OptInRequired"
        // S3's words for it, and STS's.
        | "InvalidAccessKeyId"
        | "InvalidToken"
        | "RegionDisabledException" => Class::RegionDisabled,
        "AccessDenied"
        | "AccessDeniedException"
        | "AccessDeniedFault"
        | "AuthorizationError"
        | "AuthorizationErrorException"
        | "Client.UnauthorizedOperation"
        | "Forbidden"
        | "ForbiddenException"
        | "NotAuthorized"
        | "UnauthorizedAccess"
        | "UnauthorizedException"
        | "UnauthorizedOperation" => Class::Denied(denied_by(message)),
        _ => Class::Failed,
    }
}

/// The codes of credentials that have run out.
pub(super) const RAN_OUT: [&str; 3] = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];

/// Whether a code says that the credentials have run out: asking again with them is of no use.
#[must_use]
pub fn ran_out(code: &str) -> bool {
    RAN_OUT.contains(&code)
}

/// The kinds of policies as AWS names them in a refusal, in lower case.
const KINDS: [(&str, DeniedBy); 8] = [
    ("service control policy", DeniedBy::Scp),
    ("resource control policy", DeniedBy::Rcp),
    ("vpc endpoint policy", DeniedBy::Endpoint),
    ("resource-based policy", DeniedBy::Resource),
    ("role trust policy", DeniedBy::Resource),
    ("identity-based policy", DeniedBy::Identity),
    ("session policy", DeniedBy::Identity),
    ("permissions boundary", DeniedBy::Identity),
];

/// AWS ends a refusal with its reason: "with an explicit deny in a service control policy", "because no
/// identity-based policy allows the iam:GetRole action". Where a service leaves it out, or encodes it, nobody is named:
/// [the page on it](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html) lists the forms.
///
/// What comes before the reason may hold names that people gave, so only the reason is read.
fn denied_by(message: &str) -> DeniedBy {
    let reasons = ["explicit deny in ", "because no "].map(|words| message.rfind(words));
    let Some(start) = reasons.into_iter().flatten().max() else { return DeniedBy::Unknown };
    let reason = message[start..].to_ascii_lowercase();
    KINDS.into_iter().find(|(words, _)| reason.contains(words)).map_or(DeniedBy::Unknown, |(_, by)| by)
}

/// Whether an answer asks to slow down, told from its bytes: the interceptor sees no typed error.
pub(super) fn asks_to_slow_down(answer: &HttpResponse) -> bool {
    let status = answer.status().as_u16();
    if answer.status().is_success() {
        return false;
    }
    let names = |text: &str| THROTTLES.iter().any(|code| text.contains(code));
    let said = answer.body().bytes().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
    // A body in CBOR is no text, and those services say their code in the second of these.
    let headers = ["x-amzn-errortype", "x-amzn-query-error"];
    status == 429 || headers.iter().any(|header| answer.headers().get(*header).is_some_and(names)) || names(said)
}

/// An error of a service, as the SDK has it.
pub trait Fault: ProvideErrorMetadata + Error + Send + Sync + 'static {}

impl<E: ProvideErrorMetadata + Error + Send + Sync + 'static> Fault for E {}

/// A call, as the SDK sends it.
pub trait Sending<T: Send, E: Fault>: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send {}

impl<T: Send, E: Fault, F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send> Sending<T, E> for F {}

/// An error of a service, whichever it is. Every operation has a type of its own for its errors: what is done with them
/// all is compiled once, and not hundreds of times.
#[derive(Debug)]
pub(super) struct Refusal(Box<dyn Fault>);

impl Refusal {
    /// The same error, of which it is no longer known what was asked.
    pub(super) fn erased<E: Fault>(error: SdkError<E, HttpResponse>) -> Unanswered {
        error.map_service_error(|refused| Self(Box::new(refused)))
    }
}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        self.0.meta()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Refusal {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Why there is no answer, as the SDK has it.
pub(super) type Unanswered = SdkError<Refusal, HttpResponse>;

/// What an error of the SDK means, with everything that helps to find it again.
pub(super) fn read_error(at: &Target, call: &Call, error: &Unanswered) -> ReadError {
    let Explained { class, code, message, status, request_id } = Explained::of(call, error);
    ReadError { at: at.clone(), action: call.action.to_owned(), class, code, message, status, request_id }
}

/// What an error of the SDK means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Explained {
    pub(super) class: Class,
    pub(super) code: Option<String>,
    pub(super) message: String,
    pub(super) status: Option<u16>,
    pub(super) request_id: Option<String>,
}

impl Explained {
    pub(super) fn of(call: &Call, error: &Unanswered) -> Self {
        // EC2 tells it in the body, and not always in a header.
        let id = error.request_id().or_else(|| error.meta().request_id());
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        Self { status, request_id: id.map(printable), ..Self::meaning(call, error) }
    }

    fn meaning(call: &Call, error: &Unanswered) -> Self {
        if let Some(undeclared) = causes(error).find_map(|cause| cause.downcast_ref::<Undeclared>()) {
            return Self { class: Class::NotSent, ..Self::failed(&undeclared.to_string()) };
        }
        if let Some(none) = causes(error).find_map(|cause| cause.downcast_ref::<NoAnswer>()) {
            return Self::failed(&none.to_string());
        }
        match error {
            SdkError::ServiceError(refused) => match refused.err().code() {
                Some(code) => Self::of_code(code, refused.err().message().unwrap_or_default()),
                None => Self::without_code(call, refused.raw()),
            },
            SdkError::ResponseError(answered) => Self::without_code(call, answered.raw()),
            SdkError::TimeoutError(_) => Self::failed("no answer in time"),
            SdkError::DispatchFailure(_) if no_such_host(error) => {
                Self { class: Class::ServiceUnavailable, ..Self::failed(&words(error)) }
            }
            _ => Self::failed(&words(error)),
        }
    }

    fn failed(message: &str) -> Self {
        Self { class: Class::Failed, code: None, message: printable(message), status: None, request_id: None }
    }

    fn of_code(code: &str, message: &str) -> Self {
        Self { class: class_of_code(code, message), code: Some(printable(code)), ..Self::failed(message) }
    }

    /// An answer without an error code is never an answer: a proxy's page, a cut-off body, a service that went wrong.
    /// Only HEAD has no body to carry a code, so there 403 says it all.
    fn without_code(call: &Call, answer: &HttpResponse) -> Self {
        let status = answer.status().as_u16();
        if call.operation.starts_with("Head") && status == 403 {
            let class = Class::Denied(DeniedBy::Unknown);
            return Self { class, ..Self::failed("refused without a reason (HTTP 403)") };
        }
        let body = answer.body().bytes().unwrap_or_default();
        let what = if is_html(answer) {
            PAGE
        } else if body.is_empty() {
            "the answer is empty"
        } else if answer.status().is_success() {
            "the answer makes no sense"
        } else {
            "the answer has no error code"
        };
        let class = if status == 429 { Class::Throttled } else { Class::Failed };
        Self { class, ..Self::failed(&format!("{what} (HTTP {status})")) }
    }
}

/// Whether an answer is a page for people, which none of AWS is.
pub(super) fn is_html(answer: &HttpResponse) -> bool {
    answer.headers().get("content-type").is_some_and(|kind| kind.starts_with("text/html")) || reads_as_html(answer)
}

/// The same told from what it says alone: emulators declare what is none.
pub(super) fn reads_as_html(answer: &HttpResponse) -> bool {
    let said = answer.body().bytes().unwrap_or_default().trim_ascii_start();
    let begins = |tag: &[u8]| said.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    begins(b"<html") || begins(b"<!doctype")
}

/// Only a name that does not resolve says that the service is not offered there: a refused or broken connection is
/// the network's doing. When nothing resolves at all, the home region fails alike.
fn no_such_host(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| {
        let words = cause.to_string();
        words.contains("dns error") || words.contains("failed to lookup address") || words.contains("resolve DNS")
    })
}

/// The error and what caused it, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let cause = next?;
        next = cause.source();
        Some(cause)
    })
}

/// What the causes say, each thing once.
pub(super) fn words(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = vec![];
    for cause in causes(error) {
        let words = cause.to_string();
        if !said.iter().any(|before| before.contains(&words)) {
            said.push(words);
        }
    }
    said.join(": ")
}

/// Words from outside end up on a terminal: no control characters, and not without end.
fn printable(text: &str) -> String {
    const LONGEST: usize = 600;
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.chars().take(LONGEST).map(clean).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_denied_is_told_from_the_words() {
        let user = "User: arn:aws:sts::111122223333:assumed-role/a/b is not authorized to perform: iam:GetRole";
        for (reason, by) in [
            ("with an explicit deny in a service control policy", DeniedBy::Scp),
            ("because no service control policy allows the iam:GetRole action", DeniedBy::Scp),
            ("because no identity-based policy allows the iam:GetRole action", DeniedBy::Identity),
            ("with an explicit deny in an identity-based policy", DeniedBy::Identity),
            ("because no session policy allows the iam:GetRole action", DeniedBy::Identity),
            ("because no permissions boundary allows the iam:GetRole action", DeniedBy::Identity),
            ("because no resource-based policy allows the kms:DescribeKey action", DeniedBy::Resource),
            ("with an explicit deny in a resource-based policy", DeniedBy::Resource),
            ("because no role trust policy allows the sts:AssumeRole action", DeniedBy::Resource),
            ("with an explicit deny in the role trust policy", DeniedBy::Resource),
            ("with an explicit deny in a resource control policy", DeniedBy::Rcp),
            ("because no VPC endpoint policy allows the iam:GetRole action", DeniedBy::Endpoint),
            ("with an explicit deny in a VPC endpoint policy", DeniedBy::Endpoint),
            (
                "with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/p-1",
                DeniedBy::Scp,
            ),
            ("with an explicit deny", DeniedBy::Unknown),
            ("", DeniedBy::Unknown),
        ] {
            let class = class_of_code("AccessDenied", &format!("{user} {reason}"));
            assert_eq!(class, Class::Denied(by), "{reason}");
        }
    }

    #[test]
    fn a_name_in_a_refusal_does_not_say_who_denied() {
        let named = "User: arn:aws:iam::1:user/service control policy is not authorized to perform: iam:GetRole";
        assert_eq!(class_of_code("AccessDenied", named), Class::Denied(DeniedBy::Unknown));
        let reason = format!("{named} because no identity-based policy allows the iam:GetRole action");
        assert_eq!(class_of_code("AccessDenied", &reason), Class::Denied(DeniedBy::Identity));
        let encoded = "You are not authorized to perform this operation. Encoded authorization failure message: 4GIO";
        assert_eq!(class_of_code("UnauthorizedOperation", encoded), Class::Denied(DeniedBy::Unknown));
    }

    #[test]
    fn a_quota_is_not_a_throttle() {
        assert_eq!(class_of_code("LimitExceededException", ""), Class::Failed);
        assert_eq!(class_of_code("TooManyRequestsException", ""), Class::Throttled);
    }

    #[test]
    fn codes_of_a_disabled_region_are_told_from_denied() {
        let codes = ["UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "OptInRequired"];
        for code in codes.into_iter().chain(["InvalidAccessKeyId", "InvalidToken", "RegionDisabledException"]) {
            assert_eq!(class_of_code(code, ""), Class::RegionDisabled, "{code}");
        }
    }

    #[test]
    fn words_from_outside_are_made_printable() {
        assert_eq!(printable("a\u{1b}[31m\nb"), "a [31m b");
        assert_eq!(printable(&"x".repeat(700)).chars().count(), 601);
    }
}
