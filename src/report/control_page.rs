//! The pages of the controls in the documentation, `docs/controls`, as Markdown: written by the tests, not at run time.

use std::fmt::Write as _;

use super::controls::{Setting, judged, notes, reads, settings, severity};
use super::not_covered_page;
use super::page::count;
use crate::control::{AnyControl, Meta};
use crate::observe::Call;
use crate::steps::DECLARED;

/// Stands at the top of each generated file.
pub(super) const GENERATED: &str = "<!-- Generated: `UPDATE=1 cargo test --test trueup generated` writes it. -->\n\n";

/// The name of the file of a control's page.
#[must_use]
pub fn file(meta: &Meta) -> String {
    format!("{}.md", meta.id)
}

/// The list of all pages.
#[must_use]
pub fn list(controls: &[&dyn AnyControl]) -> String {
    let mut out = format!(
        "{GENERATED}# Controls\n\n\
         Each is one kind of AWS object that can be held to the baseline. `trueup controls` lists them as well. \
         [What none of them covers or mends]({}) has a page of its own.\n\n\
         | control | true when compliant | judged | requirements | at worst |\n|---|---|---|---|---|\n",
        not_covered_page::FILE
    );
    for meta in controls.iter().map(|control| control.meta()) {
        let severity = severity(meta).map(|severity| severity.to_string()).unwrap_or_default();
        let (number, judged) = (meta.requirements.len(), judged(meta.runs));
        row(&mut out, &[&format!("[{}]({})", meta.id, file(meta)), meta.title, judged, &number.to_string(), &severity]);
    }
    out
}

/// The page of one control.
#[must_use]
pub fn page(control: &dyn AnyControl) -> String {
    let meta = control.meta();
    let number = count(meta.requirements.len(), "requirement");
    let mut out = format!(
        "{GENERATED}# {}\n\n{}.\n\n{}\n\nIt is judged {}, by {number}.\n",
        meta.id,
        meta.title,
        meta.why,
        judged(meta.runs)
    );
    out.push_str(&requirements(meta));
    out.push_str("\n## Settings\n\nWhat no setting asks for is not required, and never touched.\n\n");
    for setting in settings(meta, &control.schema()) {
        write_setting(&mut out, &setting, 0);
    }
    out.push_str("\n## What is read\n\n| call | IAM action | where |\n|---|---|---|\n");
    for (call, home) in reads(control) {
        row(&mut out, &[&name(&call), &code(call.action), home]);
    }
    out.push_str(&written(meta));
    for (title, sentences) in notes(control.notes()) {
        let _ = write!(out, "\n## {title}\n\n");
        for sentence in sentences {
            let _ = writeln!(out, "- {sentence}");
        }
    }
    out
}

/// A setting, and indented below it those of its group.
fn write_setting(out: &mut String, setting: &Setting, indent: usize) {
    let description = setting.description.split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(out, "{:indent$}- `{}` ({}): {description}", "", setting.name, setting.takes);
    setting.inner.iter().for_each(|inner| write_setting(out, inner, indent + 2));
}

fn requirements(meta: &Meta) -> String {
    let mut out = "\n## Requirements\n\n".to_owned();
    out.push_str("| requirement | true when compliant | severity | elsewhere |\n|---|---|---|---|\n");
    for requirement in meta.requirements {
        let references: Vec<String> = requirement.names().collect();
        let references = references.join(", ");
        row(&mut out, &[&code(requirement.id), requirement.title, &requirement.severity.to_string(), &references]);
    }
    out
}

/// The steps that a control may plan, each with all of its calls.
fn written(meta: &Meta) -> String {
    if meta.steps.is_empty() {
        return "\n## What is written\n\nNothing. What drifts is left to a person, whom the plan tells what to do.\n"
            .to_owned();
    }
    let mut out = "\n## What is written\n\n\
         By `trueup apply` alone, and only what its plan says. Running a step twice is as running it once: that is \
         what its reads are for. Some actions AWS checks besides.\n\n\
         | step | call | IAM action |\n|---|---|---|\n"
        .to_owned();
    let declared = |step: &&'static str| DECLARED.iter().find(|(declared, ..)| declared == step);
    for (step, calls, dependent) in meta.steps.iter().filter_map(declared) {
        let calls = calls.iter().map(|call| (name(call), call.action));
        let besides = dependent.iter().map(|action| ("checked besides".to_owned(), *action));
        for (index, (call, action)) in calls.chain(besides).enumerate() {
            // A step is named once, in the first of its rows.
            let step = if index == 0 { code(step) } else { String::new() };
            row(&mut out, &[&step, &call, &code(action)]);
        }
    }
    out
}

fn name(call: &Call) -> String {
    format!("{} {}", call.service, call.operation)
}

pub(super) fn code(text: &str) -> String {
    format!("`{text}`")
}

pub(super) fn row(out: &mut String, cells: &[&str]) {
    // A string takes everything.
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls;

    fn page_of(id: &str) -> String {
        page(controls::find(id).expect("a control"))
    }

    #[test]
    fn a_page_says_what_is_read_with_its_action_and_account() {
        let page = page_of("iam.password_policy");
        let read = "| IAM GetAccountPasswordPolicy | `iam:GetAccountPasswordPolicy` | in the account |\n";
        assert!(page.contains(read), "{page}");
    }

    #[test]
    fn a_page_names_every_call_of_its_steps_and_what_is_checked_besides() {
        let page = page_of("cloudtrail.trail");
        let steps = controls::find("cloudtrail.trail").expect("a control").meta().steps;
        for (_, calls, dependent) in DECLARED.iter().filter(|(declared, ..)| steps.contains(declared)) {
            for action in calls.iter().map(|call| call.action).chain(dependent.iter().copied()) {
                assert!(page.contains(&code(action)), "{action}");
            }
        }
    }

    #[test]
    fn no_cell_of_a_table_is_cut_by_its_text() {
        for control in controls::CONTROLS {
            for table in page(*control).split("\n\n").filter(|part| part.starts_with('|')) {
                let columns: Vec<usize> = table.lines().map(|line| line.matches('|').count()).collect();
                assert!(columns.iter().all(|number| *number == columns[0]), "{table}");
            }
        }
    }
}
