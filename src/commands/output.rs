//! Where output goes: the result to stdout, the talk to stderr.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};

use crate::aws::{Tally, Traffic};
use crate::cli::{AnyFormat, Color, Format, Show};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::escape::safe_lines;

/// Formats of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Template {
    Terraform,
    CloudFormation,
}

/// How and where this process speaks.
pub(super) struct Output {
    pub(super) format: Format,
    /// A template is asked for, and none of the formats that every verb has.
    pub(super) template: Option<Template>,
    pub(super) quiet: bool,
    pub(super) verbose: u8,
    color: Color,
    ci: Option<String>,
}

impl Output {
    pub(super) fn new(show: &Show) -> Self {
        let (format, template) = match show.format {
            AnyFormat::Text => (Format::Text, None),
            AnyFormat::Json => (Format::Json, None),
            AnyFormat::Markdown => (Format::Markdown, None),
            AnyFormat::Terraform => (Format::Text, Some(Template::Terraform)),
            AnyFormat::Cloudformation => (Format::Text, Some(Template::CloudFormation)),
        };
        let Show { quiet, verbose, color, .. } = *show;
        Self { format, template, quiet, verbose, color, ci: show.ci.clone() }
    }

    fn choice(&self) -> ColorChoice {
        match self.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
    }

    /// Whether no person watches.
    pub(super) fn in_ci(&self) -> bool {
        self.ci.is_some()
    }

    /// Writes the result.
    pub(super) fn result(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        let mut out = AutoStream::new(io::stdout(), self.choice()).lock();
        let written = write(&mut out).and_then(|()| out.flush());
        match written {
            // Who reads our output may stop reading it: `trueup plan | head`.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(|error| Failure::failed(format!("could not write the result: {error}"))),
        }
    }

    /// Says something on stderr, unless `-q`.
    pub(super) fn say(&self, text: &str) {
        if !self.quiet {
            self.must_say(text);
        }
    }

    /// Says what was sent to AWS: with `-v` all of it by service, else only that something had to be sent again.
    pub(super) fn say_traffic(&self, traffic: &Traffic) {
        if self.verbose > 0 {
            for (service, Tally { calls, throttles, retries }) in traffic {
                let said =
                    |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
                let [calls, throttles, retries] = [
                    said(*calls, "call", "calls"),
                    said(*throttles, "throttle", "throttles"),
                    said(*retries, "retry", "retries"),
                ];
                self.say(&format!("{service}: {calls}, {throttles}, {retries}"));
            }
        } else if let Some(line) = sent_again(traffic) {
            self.say(&line);
        }
    }

    /// Says something on stderr.
    pub(super) fn must_say(&self, text: &str) {
        let mut err = AutoStream::new(io::stderr(), self.choice()).lock();
        for line in safe_lines(text) {
            // There is nowhere left to say that stderr cannot be written.
            let _ = writeln!(err, "{line}");
        }
    }

    /// Asks on stderr, on one line.
    pub(super) fn ask(&self, question: &str) {
        let mut err = AutoStream::new(io::stderr(), self.choice()).lock();
        let _ = write!(err, "{question}").and_then(|()| err.flush());
    }

    /// Progress of work, where a person watches.
    pub(super) fn progress(&self, traffic: impl Fn() -> Traffic + Send + Sync + 'static) -> Progress {
        Progress::new(!self.quiet && !self.in_ci(), traffic)
    }
}

/// One line, where AWS asked to slow down or a request was sent again.
fn sent_again(traffic: &Traffic) -> Option<String> {
    let sum = |count: fn(&Tally) -> u64| traffic.values().map(count).sum::<u64>();
    let (calls, throttles, retries) =
        (sum(|tally| tally.calls), sum(|tally| tally.throttles), sum(|tally| tally.retries));
    if throttles == 0 && retries == 0 {
        return None;
    }
    let times = |count: u64| if count == 1 { "once".to_owned() } else { format!("{count} times") };
    let verb = if retries == 1 { "was" } else { "were" };
    Some(format!(
        "Of {calls} calls {retries} {verb} sent again; AWS asked {} to slow down (-v says where)",
        times(throttles)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sent_again_is_worth_a_line() {
        let tally = |calls, throttles, retries| Tally { calls, throttles, retries };
        assert_eq!(sent_again(&Traffic::from([("IAM", tally(9, 0, 0))])), None);
        let line = sent_again(&Traffic::from([("IAM", tally(9, 1, 1)), ("STS", tally(5, 2, 3))]));
        let words = "Of 14 calls 4 were sent again; AWS asked 3 times to slow down (-v says where)";
        assert_eq!(line.as_deref(), Some(words));
    }
}
