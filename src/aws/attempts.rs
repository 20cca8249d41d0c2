//! How often one call was sent, and whether it writes: what decides if it is sent again, and what an error says when
//! that did not help.

use std::cell::Cell;
use std::pin::Pin;

use aws_smithy_runtime_api::client::result::SdkError;

use super::errors::{Fault, Refusal, Sending, Unanswered, read_error};
use crate::observe::{Call, Class, ReadError};
use crate::target::Target;

tokio::task_local! {
    /// The requests of the call that this task waits for.
    static SENT: Cell<Sent>;
}

#[derive(Clone, Copy, Default)]
struct Sent {
    times: u32,
    reads: bool,
}

/// A request of the call at hand leaves, as the SDK names it and not as it was declared.
pub(super) fn note(call: Call) {
    // Calls without a session, such as who the caller is, are not counted.
    let _ = SENT.try_with(|sent| sent.set(Sent { times: sent.get().times + 1, reads: call.reads() }));
}

/// Whether the call at hand is known to leave everything as it is.
pub(super) fn reads() -> bool {
    SENT.try_with(|sent| sent.get().reads).unwrap_or_default()
}

/// A call on its way, whose answer is kept by who asked.
pub(super) type OnItsWay<'a> = Pin<&'a mut (dyn Future<Output = Result<(), Unanswered>> + Send + 'a)>;

/// Sends a call, and keeps its answer.
pub(super) async fn keeping<T: Send, E: Fault>(
    answer: &mut Option<T>,
    sending: impl Sending<T, E>,
) -> Result<(), Unanswered> {
    *answer = Some(sending.await.map_err(Refusal::erased)?);
    Ok(())
}

/// Sends one call, at most `allowed` times; an error that may pass says how often that was.
pub(super) async fn counted(at: &Target, call: &Call, allowed: u32, sending: OnItsWay<'_>) -> Result<(), ReadError> {
    let counting = async { (sending.await, SENT.with(Cell::get)) };
    let (answer, Sent { times, .. }) = SENT.scope(Cell::default(), counting).await;
    answer.map_err(|error| {
        let mut read = read_error(at, call, &error);
        if read.class == Class::Throttled || may_pass(&error) {
            read.message.push_str(&words(times, allowed));
        }
        read
    })
}

/// Whether the SDK sends a call again that ended so.
fn may_pass(error: &Unanswered) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        SdkError::DispatchFailure(failure) => failure.is_io() || failure.is_timeout(),
        SdkError::ServiceError(refused) => matches!(refused.raw().status().as_u16(), 500 | 502 | 503 | 504),
        _ => false,
    }
}

/// Fewer times than it may be sent: the retries that the calls of an account share were used up.
fn words(sent: u32, allowed: u32) -> String {
    let times = if sent == 1 { "once".to_owned() } else { format!("{sent} times") };
    match sent {
        0 => String::new(),
        _ if sent < allowed => format!("; sent {times}, and the retries that its account has at once are used up"),
        1 => String::new(),
        _ => format!("; sent {times}"),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn who_was_sent_once_and_may_not_be_sent_again_says_nothing() {
        assert_eq!([words(0, 6), words(1, 1)], ["", ""]);
        assert_eq!(words(6, 6), "; sent 6 times");
        assert_eq!(words(1, 6), "; sent once, and the retries that its account has at once are used up");
    }
}
