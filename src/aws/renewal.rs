//! A session that AWS says has run out, before it was meant to: it is assumed anew, and the call is sent again.
//!
//! A role session is renewed five minutes before its end, so this is for sessions that end early: the clocks differ,
//! or the session was issued for less than it says. The refusal is AWS's first look at a request, so nothing was done.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::config_bag::{Storable, StoreReplace};

/// Lets the SDK send a call again that was refused because its session has run out, where there can be another.
#[derive(Debug)]
pub(super) struct Renewal {
    /// Whether the session is one of a role; the caller's own credentials are not ours to renew.
    pub(super) possible: bool,
}

impl ClassifyRetry for Renewal {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response() {
            Some(answer) if self.possible && says_run_out(answer) => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "trueup renewal"
    }
}

/// The key that a request was signed with.
#[derive(Clone, Debug)]
pub(super) struct SignedWith(pub(super) String);

impl Storable for SignedWith {
    type Storer = StoreReplace<Self>;
}

impl SignedWith {
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        let authorization = request.headers().get("authorization")?;
        let (_, scope) = authorization.split_once("Credential=")?;
        scope.split('/').next().map(|key| Self(key.to_owned()))
    }
}

/// Whether an error code means that a session has run out.
pub fn is_run_out(code: &str) -> bool {
    matches!(code, "ExpiredToken" | "ExpiredTokenException")
}

/// The same told from the bytes of an answer: neither interceptors nor classifiers see a typed error.
pub(super) fn says_run_out(answer: &HttpResponse) -> bool {
    if answer.status().is_success() {
        return false;
    }
    let names = |text: &str| text.contains("ExpiredToken");
    let said = answer.body().bytes().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
    answer.headers().get("x-amzn-errortype").is_some_and(names) || names(said)
}
