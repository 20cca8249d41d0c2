//! How a step reaches AWS: it reads as observations do, and each write is witnessed before and after it is sent.

use std::sync::Arc;

use aws_types::request_id::RequestId;
use futures::future::BoxFuture;

use super::Undo;
use crate::observe::{Call, Class, ReadError};
use crate::target::Target;
use crate::{Fault, Sending, Session};

/// A session that may write, bound to the target of one object.
#[derive(Clone)]
pub struct Writer {
    /// The target of the object.
    pub at: Target,
    /// The session in its account.
    pub session: Session,
    /// A session in the management account by which a step becomes the root user of its account; none where no step
    /// of the plan does.
    pub assuming: Option<Session>,
    /// Who is told of every write.
    pub witness: Arc<dyn Witness>,
}

/// What came of a write: its request id where AWS did it, or why not.
pub type Answer<'a> = Result<Option<&'a str>, &'a ReadError>;

/// Calls that AWS cannot tell from their repetition, and which call takes away what each of them made. What they make
/// bears a tag, and is looked for by it first.
pub const UNREPEATABLE: &[(&str, &str)] = &[("kms:CreateKey", "kms:ScheduleKeyDeletion")];

/// Who is told of every write.
pub trait Witness: Send + Sync {
    /// Why a call is not sent for now: nobody knows whether it was done before.
    fn doubts(&self, _call: &Call) -> Option<String> {
        None
    }

    /// Is told what is about to be sent, and how it is undone.
    ///
    /// # Errors
    /// It must not be sent; why.
    fn before<'a>(&'a self, at: &'a Target, call: &'a Call, undo: &'a Undo) -> BoxFuture<'a, Result<(), String>>;

    /// Is told what came of it.
    fn after<'a>(&'a self, at: &'a Target, call: &'a Call, answer: Answer<'a>) -> BoxFuture<'a, ()>;
}

/// Nobody.
impl Witness for () {
    fn before<'a>(&'a self, _: &'a Target, _: &'a Call, _: &'a Undo) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }

    fn after<'a>(&'a self, _: &'a Target, _: &'a Call, _: Answer<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }
}

impl Writer {
    /// Sends one call that changes something. All steps write by this, so there is no write that is not witnessed, and
    /// none of which it is not known beforehand how it is undone.
    ///
    /// # Errors
    /// It was not sent, because a witness forbade it or doubts; or AWS refused or failed.
    pub async fn write<T: RequestId + Send, E: Fault>(
        &self,
        at: &Target,
        call: &Call,
        undo: Undo,
        sending: impl Sending<T, E>,
    ) -> Result<(), ReadError> {
        Box::pin(self.answered(at, call, undo, sending)).await.map(drop)
    }

    /// The same where AWS's answer says more than that it was done, such as whom it left out.
    ///
    /// # Errors
    /// It was not sent, because a witness forbade it or doubts; or AWS refused or failed.
    pub async fn answered<T: RequestId + Send, E: Fault>(
        &self,
        at: &Target,
        call: &Call,
        undo: Undo,
        sending: impl Sending<T, E>,
    ) -> Result<T, ReadError> {
        self.announce(at, call, &undo).await?;
        let answer = self.session.ask(at, call, sending).await;
        self.witness.after(at, call, answer.as_ref().map(RequestId::request_id)).await;
        answer
    }

    async fn announce(&self, at: &Target, call: &Call, undo: &Undo) -> Result<(), ReadError> {
        if let Some(why) = self.witness.doubts(call) {
            return Err(not_sent(at, call, Class::InDoubt, why));
        }
        self.witness.before(at, call, undo).await.map_err(|why| not_sent(at, call, Class::NotSent, why))
    }
}

/// A refusal with one of these codes means that an earlier attempt has done it.
pub(super) fn done_on(written: Result<(), ReadError>, codes: &[&str]) -> Result<(), ReadError> {
    match written {
        Err(ReadError { code: Some(code), .. }) if codes.contains(&code.as_str()) => Ok(()),
        other => other,
    }
}

fn not_sent(at: &Target, call: &Call, class: Class, message: String) -> ReadError {
    ReadError {
        at: at.clone(),
        action: call.action.to_owned(),
        class,
        code: None,
        message,
        status: None,
        request_id: None,
    }
}

/// Whether an error leaves open if the write was done: no answer, or one by which AWS says that it broke down over it.
///
/// [A status from 500 on](https://docs.aws.amazon.com/general/latest/gr/api-retries.html) says that, and not the code: each
/// service has its own. A throttle that bears one was refused before anything was done, and is classed as that.
#[must_use]
pub fn is_lost(error: &ReadError) -> bool {
    let broke_down = error.status.is_some_and(|status| status >= 500);
    error.class == Class::Failed && (error.code.is_none() || broke_down)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::DeniedBy;

    fn error(class: Class, code: Option<&str>, status: Option<u16>) -> ReadError {
        let at = Target { account: "111122223333".parse().expect("an id"), region: None };
        let (action, code) = ("kms:CreateKey".to_owned(), code.map(str::to_owned));
        ReadError { at, action, class, code, message: String::new(), status, request_id: None }
    }

    #[test]
    fn a_write_is_lost_without_an_answer_and_where_aws_broke_down_over_it_whatever_the_code() {
        let failed = |code, status| is_lost(&error(Class::Failed, code, status));
        assert!(failed(None, None), "no answer");
        assert!(failed(None, Some(502)), "a page of a proxy");
        for (code, status) in [("KMSInternalException", 500), ("SomethingNew", 503), ("GatewayTimeout", 504)] {
            assert!(failed(Some(code), Some(status)), "{code} {status}");
        }
        assert!(!failed(Some("LimitExceededException"), Some(400)));
        assert!(!failed(Some("UnprocessedAccounts"), None), "AWS did answer");
        assert!(!is_lost(&error(Class::Throttled, Some("SlowDown"), Some(503))), "it was not begun");
        assert!(!is_lost(&error(Class::Denied(DeniedBy::Unknown), Some("AccessDenied"), Some(403))));
    }
}
