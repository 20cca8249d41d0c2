//! What is sent again besides what the SDK sends again by itself: a call whose session has run out, and one whose
//! answer is none of AWS.
//!
//! A role session is renewed five minutes before its end, so the first is for sessions that end early: the clocks
//! differ, or the session was issued for less than it says. The refusal is AWS's first look at a request, so nothing
//! was done. The second is a page of a proxy, or an answer that was cut off where nobody notices before it is read.
//! A page that says 429 (too many requests) is sent again as a throttle of AWS is; one with another status of 4xx, such
//! as 403 or 407, is a decision of the proxy that stays the same: it is not sent again.
//! Sessions in which each write is sent once send none again for any reason.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::config_bag::{Storable, StoreReplace};

use super::attempts;
use super::complete::{is_cut_off, is_half_a_refusal, is_nobodys};
use super::errors::{RAN_OUT, is_html};

/// Says to the SDK what else may be sent again.
#[derive(Debug)]
pub(super) struct SentAgain {
    /// Whether the session is one of a role; the caller's own credentials are not ours to renew.
    pub(super) renews: bool,
    /// Whether each write is sent once.
    pub(super) once: bool,
}

impl ClassifyRetry for SentAgain {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        if self.once && !attempts::reads() {
            return RetryAction::RetryForbidden;
        }
        let Some(answer) = context.response() else { return RetryAction::NoActionIndicated };
        if answer.status().as_u16() == 429 && is_html(answer) {
            return RetryAction::throttling_error();
        }
        let run_out = self.renews && says_run_out(answer);
        // What else makes no sense will not make more the next time.
        let head = context.request().is_some_and(|request| request.method() == "HEAD");
        let lost = is_cut_off(answer, head || !attempts::reads())
            || (head && is_nobodys(answer))
            || (attempts::reads() && is_half_a_refusal(answer))
            || (answer.status().is_success() && is_html(answer));
        if run_out || (lost && context.output_or_error().is_some_and(|read| read.is_err())) {
            RetryAction::transient_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "trueup retries"
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

/// Whether a session has run out, told from the bytes of an answer: neither interceptors nor classifiers see a typed
/// error.
pub(super) fn says_run_out(answer: &HttpResponse) -> bool {
    if answer.status().is_success() {
        return false;
    }
    let names = |text: &str| RAN_OUT.iter().any(|code| text.contains(code));
    let said = answer.body().bytes().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
    answer.headers().get("x-amzn-errortype").is_some_and(names) || names(said) || may_have_run_out(answer)
}

/// S3 refuses a HEAD without a word. A plain 400 may be a session that has run out, unless it names the region in which
/// the bucket is.
fn may_have_run_out(answer: &HttpResponse) -> bool {
    let silent = answer.body().bytes().is_some_and(<[u8]>::is_empty);
    answer.status().as_u16() == 400 && silent && answer.headers().get("x-amz-bucket-region").is_none()
}
