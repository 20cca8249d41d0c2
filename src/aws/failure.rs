//! Why a run could not be done: a kind, which decides the exit code, an error, and hints.

use std::fmt;
use std::process::ExitCode;

/// What sort of failure ended the run. Exit codes are a contract, see `docs/exit-codes.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The run could not be done: credentials, discovery, something internal. Exit code 1.
    Failed,
    /// Wrong usage, wrong baseline, refused plan, nothing in scope. Exit code 64.
    Usage,
    /// A person interrupted the run. Exit code 130.
    Interrupted,
}

/// A failure at the door: what went wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Decides the exit code.
    pub kind: Kind,
    /// What went wrong, in whole words: on one line, unless it was made by [`Failure::lines`].
    pub message: String,
    /// What to do about it, one line each.
    pub hints: Vec<String>,
}

impl Failure {
    /// The run could not be done.
    pub fn failed(message: impl fmt::Display) -> Self {
        Self { kind: Kind::Failed, message: one_line(&message.to_string()), hints: vec![] }
    }

    /// The same, or what the user asked for, in lines of our own: whatever of others is in them is on one line.
    pub fn lines(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: vec![] }
    }

    /// What the user asked for is wrong.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self { kind: Kind::Usage, message: one_line(&message.to_string()), hints: vec![] }
    }

    /// A person interrupted the run.
    #[must_use]
    pub fn interrupted() -> Self {
        Self { kind: Kind::Interrupted, message: "interrupted".to_owned(), hints: vec![] }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(one_line(&hint.into()));
        self
    }

    /// The code that the process ends with.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            Kind::Failed => 1,
            Kind::Usage => 64,
            Kind::Interrupted => 130,
        })
    }
}

/// A name, a file or an answer that is quoted may have lines of its own, and those must not look like ours.
fn one_line(text: &str) -> String {
    text.trim_end().replace('\n', "\\n")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        for hint in &self.hints {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_makes_no_line_of_its_own() {
        let failure = Failure::usage("there is no control `a\nerror: b`").hint("there is `c\n  hint: d`");
        assert_eq!(failure.to_string(), "there is no control `a\\nerror: b`\n  hint: there is `c\\n  hint: d`");
        assert_eq!(Failure::lines(Kind::Usage, "a\nb").to_string(), "a\nb");
    }
}
