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
    /// A bar on stderr; nothing where that is no terminal, with `quiet`, or in CI.
    ///
    /// `ci` is the value of the environment variable `CI`; `traffic` says what was sent to AWS so far.
    pub fn new(quiet: bool, ci: Option<&str>, traffic: impl Fn() -> Traffic + Send + Sync + 'static) -> Self {
        let in_ci = ci.is_some_and(|value| !matches!(value, "" | "0" | "false"));
        let shown = !quiet && !in_ci && std::io::stderr().is_terminal();
        Self::on(if shown { ProgressDrawTarget::stderr } else { ProgressDrawTarget::hidden }, traffic)
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
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.get_mut().unwrap_or_else(PoisonError::into_inner).finish_and_clear();
    }
}
