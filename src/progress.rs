//! How far long work is, on stderr, for whoever waits at a terminal.

use std::fmt;
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::aws::Traffic;
use crate::engine::{Event, Listener};

/// What was sent to AWS so far.
type Sent = Arc<dyn Fn() -> Traffic + Send + Sync>;

/// A bar that follows the engine. It is gone when the work is done, or when this is dropped.
pub struct Progress {
    bar: Mutex<ProgressBar>,
    sent: Sent,
    target: fn() -> ProgressDrawTarget,
}

/// How often the bar is drawn while nothing happens, so that the calls are seen to go on.
const TICK: Duration = Duration::from_millis(200);

const TEMPLATE: &str = "{prefix} [{bar:28}] {pos}/{len} {msg}  {calls}{left}";

impl Progress {
    /// A bar on stderr, where `watched`: a person looks at it, so not in CI and not with `-q`; and in any case
    /// only where stderr is a terminal. `traffic` says what was sent to AWS so far.
    pub fn new(watched: bool, traffic: impl Fn() -> Traffic + Send + Sync + 'static) -> Self {
        let shown = watched && std::io::stderr().is_terminal();
        Self::on(if shown { ProgressDrawTarget::stderr } else { ProgressDrawTarget::hidden }, traffic)
    }

    /// Nothing to be seen.
    #[must_use]
    pub fn hidden() -> Self {
        Self::on(ProgressDrawTarget::hidden, Traffic::default)
    }

    fn on(target: fn() -> ProgressDrawTarget, traffic: impl Fn() -> Traffic + Send + Sync + 'static) -> Self {
        Self { bar: Mutex::new(ProgressBar::hidden()), sent: Arc::new(traffic), target }
    }

    fn begin(&self, prefix: &'static str, noun: &'static str, length: usize) {
        let bar = ProgressBar::with_draw_target(Some(length as u64), (self.target)());
        bar.set_style(self.style());
        bar.set_prefix(prefix);
        bar.set_message(noun);
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        let mut current = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        current.finish_and_clear();
        *current = bar;
    }

    fn style(&self) -> ProgressStyle {
        let sent = Arc::clone(&self.sent);
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        style
            .progress_chars("=> ")
            .with_key("calls", move |_: &ProgressState, out: &mut dyn fmt::Write| {
                // A bar that cannot be written is no reason to stop.
                out.write_str(&calls(&sent())).unwrap_or_default();
            })
            .with_key("left", |state: &ProgressState, out: &mut dyn fmt::Write| {
                if state.pos() > 0 && !state.is_finished() {
                    write!(out, ", {:#} left", HumanDuration(state.eta())).unwrap_or_default();
                }
            })
    }

    /// Says something beside the bar, which is drawn again below it.
    pub fn aside(&self, say: impl FnOnce()) {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner).suspend(say);
    }

    fn advance(&self) {
        let bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        bar.inc(1);
        if bar.length().is_some_and(|length| bar.position() >= length) {
            bar.finish_and_clear();
        }
    }
}

fn calls(traffic: &Traffic) -> String {
    let total: u64 = traffic.values().map(|tally| tally.calls).sum();
    let throttles: u64 = traffic.values().map(|tally| tally.throttles).sum();
    let calls = format!("{} call{}", HumanCount(total), if total == 1 { "" } else { "s" });
    if throttles == 0 { calls } else { format!("{calls}, {} throttled", HumanCount(throttles)) }
}

impl Listener for Progress {
    fn on(&self, event: &Event<'_>) {
        match event {
            Event::Surveying { accounts } => self.begin("Reading", "accounts", *accounts),
            Event::Applying { changes } => self.begin("Applying", "changes", *changes),
            Event::Judged { .. } | Event::Applied { .. } => self.advance(),
            Event::Waiting { .. } => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.get_mut().unwrap_or_else(PoisonError::into_inner).finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use indicatif::TermLike;

    use super::*;
    use crate::assessment::Status;
    use crate::aws::Tally;

    static SCREEN: Mutex<String> = Mutex::new(String::new());

    /// A terminal that remembers all that was ever written to it.
    #[derive(Debug)]
    struct Screen;

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            120
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(&format!("{text}\n"))
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            SCREEN.lock().expect("one writer").push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.write_str("<cleared>")
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn judged(progress: &Progress) {
        let account = "111122223333".parse().expect("an id");
        progress.on(&Event::Judged { account: &account, status: Status::Read });
    }

    #[test]
    fn the_bar_shows_accounts_calls_and_throttles_and_is_gone_at_the_end() {
        let traffic = || Traffic::from([("IAM", Tally { calls: 1204, throttles: 3, retries: 3 })]);
        let progress = Progress::on(|| ProgressDrawTarget::term_like(Box::new(Screen)), traffic);
        progress.on(&Event::Surveying { accounts: 2 });
        judged(&progress);
        progress.bar.lock().expect("one holder").tick();
        let seen = SCREEN.lock().expect("one writer").clone();
        assert!(seen.contains("Reading ["), "{seen}");
        assert!(seen.contains("accounts  1,204 calls, 3 throttled"), "{seen}");
        judged(&progress);
        assert!(progress.bar.lock().expect("one holder").is_finished());
        drop(progress);
        assert!(SCREEN.lock().expect("one writer").trim_end().ends_with("<cleared>"));
    }

    #[test]
    fn what_is_hidden_still_counts() {
        let progress = Progress::hidden();
        progress.on(&Event::Surveying { accounts: 2 });
        judged(&progress);
        assert_eq!(progress.bar.lock().expect("one holder").position(), 1);
        assert!(progress.bar.lock().expect("one holder").is_hidden());
    }

    #[test]
    fn calls_have_their_noun_and_throttles_are_named_only_where_there_are_some() {
        assert_eq!(calls(&Traffic::default()), "0 calls");
        assert_eq!(calls(&Traffic::from([("IAM", Tally { calls: 1, throttles: 0, retries: 0 })])), "1 call");
    }
}
