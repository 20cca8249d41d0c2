//! What an apply says while it works: how far it is, and what it waits for.

use super::output::Output;
use crate::engine::{Event, Listener};
use crate::progress::Progress;

/// A bar where a person watches, and a line for everybody where a change waits for minutes.
pub(super) struct Told<'a> {
    pub(super) progress: Progress,
    pub(super) output: &'a Output,
}

impl Listener for Told<'_> {
    fn on(&self, event: &Event<'_>) {
        if let Event::Waiting { change, until, why } = event {
            let address = change.target().address();
            let line = format!("waiting until {} for {address}: {why}", until.strftime("%H:%M:%SZ"));
            self.progress.aside(|| self.output.say(&line));
        }
        self.progress.on(event);
    }
}
