//! The permissions that a baseline takes, for people, for programs, and as templates.

mod cloudformation;
mod json;
mod terraform;
mod text;

use std::collections::BTreeMap;
use std::io::{self, Write};

pub use cloudformation::write as cloudformation;
pub use json::{FORMAT, write as json};
pub use terraform::write as terraform;
pub use text::write as text;

use crate::observe::Home;
use crate::permissions::{Anywhere, Because, Blanks, Holder, Policy};

/// What is shown.
pub struct Shown<'a> {
    /// The name of the baseline, and its digest.
    pub baseline: (&'a str, &'a str),
    /// Whether those of an apply are shown as well.
    pub apply: bool,
    /// The permissions of each holder.
    pub policies: &'a [Policy],
    /// What stands in ARNs where nobody puts it in later.
    pub blanks: Blanks<'a>,
}

/// Whose permissions they are, in words.
pub(super) fn holder(holder: Holder) -> &'static str {
    match holder {
        Holder::Caller => "the caller: whoever starts trueup",
        Holder::Reader(Home::Member) => "the read role of each member account",
        Holder::Reader(Home::Management) => "the read role of the management account",
        Holder::Writer(Home::Member) => "the write role of each member account",
        Holder::Writer(Home::Management) => "the write role of the management account",
        Holder::Reader(Home::LogArchive) => "the read role of the log archive account",
        Holder::Writer(Home::LogArchive) => "the write role of the log archive account",
    }
}

/// In which sort of account a holder's policies belong.
pub(super) fn place(holder: Holder) -> &'static str {
    match holder {
        Holder::Caller => "caller",
        Holder::Reader(Home::Member) | Holder::Writer(Home::Member) => "member",
        Holder::Reader(Home::Management) | Holder::Writer(Home::Management) => "management",
        Holder::Reader(Home::LogArchive) | Holder::Writer(Home::LogArchive) => "log-archive",
    }
}

/// Why an action is allowed on every resource, in words.
fn why_anywhere(anywhere: Anywhere) -> &'static str {
    match anywhere {
        Anywhere::NoResource => "AWS defines no resource for it",
        Anywhere::Unknown => "its resources are not known to trueup",
    }
}

/// Why an action is needed, in words.
fn why(because: &Because) -> String {
    let control = because.control.map(|control| format!("{control}: ")).unwrap_or_default();
    let dependent = if because.dependent { ", checked besides" } else { "" };
    format!("{control}{}{dependent}", because.by)
}

/// The actions that are allowed on every resource, each once, with the reason.
fn anywhere(policies: &[Policy]) -> BTreeMap<&str, &'static str> {
    let allowed = policies.iter().flat_map(|policy| &policy.allowed);
    allowed.filter_map(|(action, allowed)| Some((action.as_str(), why_anywhere(allowed.anywhere?)))).collect()
}

/// Lists the actions that are allowed on every resource: beside a template, which cannot say why.
///
/// # Errors
/// `out` cannot be written.
pub fn list_anywhere(policies: &[Policy], out: &mut dyn Write) -> io::Result<()> {
    let all = anywhere(policies);
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "On every resource (*), because nothing narrower is possible:")?;
    all.into_iter().try_for_each(|(action, why)| writeln!(out, "  {action}: {why}"))
}
