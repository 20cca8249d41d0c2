//! The page of one control.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::settings::settings;
use super::{ControlLine, judged};
use crate::control::{AnyControl, Meta, Notes, Requirement};
use crate::observe::{Call, Home};
use crate::report::TOOL;
use crate::report::page::{BOLD, DIM, Page, paint, wrapped};
use crate::steps::DECLARED;

/// The format of the JSON document of one control.
pub const PAGE_FORMAT: &str = "trueup.control/1";

/// Stands for a space where a line may not be broken.
const HOLD: &str = "\u{0}";

/// Lines of prose are at most this long.
pub(super) const WIDTH: usize = 92;

/// Writes the page of one control, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn page_text(control: &dyn AnyControl, out: &mut dyn Write) -> io::Result<()> {
    let meta = control.meta();
    let mut page = Page::new(out);
    page.line(0, paint(BOLD, meta.id))?;
    page.line(0, meta.title)?;
    page.gap()?;
    wrapped(meta.why, WIDTH).into_iter().try_for_each(|line| page.line(0, line))?;
    page.gap()?;
    page.line(0, format_args!("Judged {}.", judged(meta.runs)))?;
    page.heading("Requirements")?;
    meta.requirements.iter().try_for_each(|requirement| write_requirement(&mut page, requirement))?;
    page.heading("Settings")?;
    settings(meta, &control.schema()).iter().try_for_each(|setting| setting.write(&mut page, 2))?;
    page.heading("What is read")?;
    let calls = reads(control).into_iter().map(|(call, home)| (call.action.to_owned(), paint(DIM, home)));
    page.columns(2, &calls.collect::<Vec<_>>())?;
    page.heading("What apply may write")?;
    if meta.steps.is_empty() {
        page.line(2, "nothing: what drifts is left to a person")?;
    }
    written(meta).into_iter().try_for_each(|action| page.line(2, action))?;
    for (title, sentences) in notes(control.notes()) {
        page.heading(title)?;
        for sentence in sentences {
            // What goes on is indented, so that each is seen to be one.
            let mut lines = wrapped(sentence, WIDTH - 4).into_iter();
            lines.next().map_or(Ok(()), |line| page.line(2, format_args!("- {line}")))?;
            lines.try_for_each(|line| page.line(4, line))?;
        }
    }
    Ok(())
}

/// What somebody should know, by its headings; those with nothing under them are left out.
pub(in crate::report) fn notes(notes: Notes) -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    let Notes { costs, disturbs, undo, traps } = notes;
    let all = [("Cost", costs), ("Risk", disturbs), ("Undo", undo), ("What can go wrong", traps)];
    all.into_iter().filter(|(_, sentences)| !sentences.is_empty())
}

/// The actions of the steps that a control may plan, those that AWS checks besides among them.
fn written(meta: &Meta) -> BTreeSet<&'static str> {
    let steps = DECLARED.iter().filter(|(step, ..)| meta.steps.contains(step));
    let writes = |calls: &'static [Call]| calls.iter().filter(|call| !call.reads()).map(|call| call.action);
    steps.flat_map(|(_, calls, besides)| writes(calls).chain(besides.iter().copied())).collect()
}

/// What a control reads and where, each call once, though several observations may make it.
pub(in crate::report) fn reads(control: &dyn AnyControl) -> Vec<(Call, &'static str)> {
    let mut all = vec![];
    for reads in control.reads() {
        for call in reads.calls {
            let read = (*call, home(reads.home));
            if !all.contains(&read) {
                all.push(read);
            }
        }
    }
    // As somebody reads a policy: by action.
    all.sort_by_key(|(call, home)| (call.action, *home));
    all
}

fn home(home: Home) -> &'static str {
    match home {
        Home::Member => "in the account",
        Home::Management => "in the management account",
        Home::LogArchive => "in the log archive account",
    }
}

fn write_requirement(page: &mut Page<'_>, requirement: &Requirement) -> io::Result<()> {
    page.line(2, format_args!("{}  {}", requirement.id, paint(DIM, requirement.severity)))?;
    page.line(4, requirement.title)?;
    // The words of one reference stay on one line.
    let held: Vec<String> = requirement.names().map(|name| name.replace(' ', HOLD)).collect();
    let lines = wrapped(&held.join(", "), WIDTH - 4);
    lines.into_iter().try_for_each(|line| page.line(4, paint(DIM, line.replace(HOLD, " "))))
}

/// Writes the page of one control as a JSON document.
///
/// # Errors
/// `out` cannot be written.
pub fn page_json(control: &dyn AnyControl, out: &mut dyn Write) -> io::Result<()> {
    let meta = control.meta();
    let document = PageDocument {
        format: PAGE_FORMAT,
        tool: TOOL,
        control: ControlLine::of(meta),
        why: meta.why,
        judged: judged(meta.runs),
        settings: control.schema(),
        reads: reads(control).into_iter().map(|(call, home)| ReadLine { action: call.action, home }).collect(),
        writes: written(meta),
        notes: control.notes(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct PageDocument {
    format: &'static str,
    tool: &'static str,
    #[serde(flatten)]
    control: ControlLine,
    why: &'static str,
    judged: &'static str,
    settings: Value,
    reads: Vec<ReadLine>,
    writes: BTreeSet<&'static str>,
    #[serde(flatten)]
    notes: Notes,
}

#[derive(Serialize)]
struct ReadLine {
    action: &'static str,
    home: &'static str,
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::super::tests::plain;
    use super::*;
    use crate::controls;

    #[test]
    fn the_page_says_what_can_be_set_and_what_is_read() {
        let text = plain(|out| page_text(controls::find("iam.password_policy").expect("a control"), out));
        let (head, rest) = text.split_once("\nRequirements\n").expect("a section");
        assert_data_eq!(
            head,
            str![[r#"
iam.password_policy
The account's password policy is strong

IAM users sign in to the console with a password. Without a policy of its own an account
accepts eight characters of three kinds for ever, and a password that was used before.

Judged once in every account.

"#]]
        );
        let (_, settings) = rest.split_once("\nSettings\n").expect("a section");
        assert_data_eq!(
            settings,
            str![[r#"
  minimum_length  6 to 128
    Characters at least, 6 to 128. A longer minimum is kept.
  require_symbols  true
    Require a character that is neither letter nor digit.
  require_numbers  true
    Require a digit.
  require_uppercase  true
    Require a letter from A to Z.
  require_lowercase  true
    Require a letter from a to z.
  max_age_days  1 to 1095
    Days until a password expires, 1 to 1095. A shorter age is kept.
  reuse_prevention  1 to 24
    Former passwords that may not be used again, 1 to 24. A higher number is kept.
  allow_users_to_change  true or false
    Whether users may change their own password. Neither side is stricter: it has to be the
    same.
  hard_expiry  true or false
    Whether a user whose password expired is locked out until an administrator resets it. It
    has to be the same.

What is read
  iam:GenerateCredentialReport  in the account
  iam:GetAccountPasswordPolicy  in the account
  iam:GetCredentialReport       in the account

What apply may write
  iam:UpdateAccountPasswordPolicy

Risk
  - With `max_age_days` passwords that are older have expired at once: their users have to
    set a new one when they sign in next, and with `hard_expiry` they are locked out until
    an administrator sets one. The plan names them, and apply leaves the policy alone if by
    then it would hit anybody else.

Undo
  - The former policy is set again, or the policy is deleted where there was none.

What can go wrong
  - AWS replaces the whole policy at once. What it has besides is read and sent along, so
    nothing gets weaker; what somebody changes in the same moment is lost, and is met by the
    read that follows.
  - Passwords are held to a new policy when they are changed: those that are there stay
    valid, however short they are.
  - How old passwords are is in the credential report, which may be four hours old, and
    nowhere else: who set a new password since is still named. Where the report cannot be
    read, nothing is changed of when passwords expire, and the run is incomplete.
  - Users who sign in by a directory have no password in the account, and no policy here
    speaks of theirs.

"#]]
        );
    }
}
