//! Asking work to stop: nothing new is begun, and what is in flight is finished.

use std::sync::OnceLock;

use tokio::sync::Notify;

/// Shared by all who may ask work to stop, and all who have to look.
#[derive(Debug, Default)]
pub struct Stop {
    why: OnceLock<String>,
    asked: Notify,
}

impl Stop {
    /// Asks; only the first reason counts.
    pub fn ask(&self, why: impl Into<String>) {
        // Whoever asks second is told nothing new.
        let _ = self.why.set(why.into());
        self.asked.notify_waiters();
    }

    /// Why work has to stop; none: it goes on.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        self.why.get().map(String::as_str)
    }

    /// Waits until somebody asks.
    pub async fn asked(&self) {
        let told = self.asked.notified();
        tokio::pin!(told);
        // Registered before looking, so that what is asked in between is not missed.
        told.as_mut().enable();
        if self.why().is_none() {
            told.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_reason_counts_and_whoever_waits_is_told() {
        let stop = Stop::default();
        assert_eq!(stop.why(), None);
        let (told, ()) = tokio::join!(stop.asked(), async { stop.ask("interrupted") });
        stop.ask("too many failures");
        assert_eq!((told, stop.why()), ((), Some("interrupted")));
        stop.asked().await;
    }
}
