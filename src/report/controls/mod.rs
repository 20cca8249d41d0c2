//! The catalogue of controls, and the page of one.

mod page;
mod settings;

use std::io::{self, Write};

use serde::Serialize;

use super::TOOL;
use super::page::{BOLD, DIM, Page, count, paint};
use crate::control::{AnyControl, Meta, Requirement, Runs, Severity};
pub use page::{PAGE_FORMAT, page_json, page_text};
pub(super) use page::{notes, reads};
pub(super) use settings::{Setting, settings};

/// The format of the JSON document of the list.
pub const FORMAT: &str = "trueup.controls/1";

/// Writes a line for each control, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn list_text(controls: &[&dyn AnyControl], out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out);
    let metas = || controls.iter().map(|control| control.meta());
    let ids = metas().map(|meta| meta.id.len()).max().unwrap_or(0);
    let titles = metas().map(|meta| meta.title.chars().count()).max().unwrap_or(0);
    for meta in metas() {
        let severity = severity(meta).map(|severity| format!(", {severity}")).unwrap_or_default();
        let requirements = paint(DIM, format_args!("{}{severity}", count(meta.requirements.len(), "requirement")));
        let id = paint(BOLD, format_args!("{:ids$}", meta.id));
        page.line(0, format_args!("{id}  {:titles$}  {requirements}", meta.title))?;
    }
    Ok(())
}

/// The highest severity of a control's requirements.
pub(super) fn severity(meta: &Meta) -> Option<Severity> {
    meta.requirements.iter().map(|requirement| requirement.severity).max()
}

/// Where a control is judged, in words.
pub(super) fn judged(runs: Runs) -> &'static str {
    match runs {
        Runs::EveryAccount => "once in every account",
        Runs::EveryRegion => "in every region of every account",
    }
}

/// Writes the list as a JSON document.
///
/// # Errors
/// `out` cannot be written.
pub fn list_json(controls: &[&dyn AnyControl], out: &mut dyn Write) -> io::Result<()> {
    let controls = controls.iter().map(|control| ControlLine::of(control.meta())).collect();
    let document = List { format: FORMAT, tool: TOOL, controls };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct List {
    format: &'static str,
    tool: &'static str,
    controls: Vec<ControlLine>,
}

#[derive(Serialize)]
struct ControlLine {
    id: &'static str,
    title: &'static str,
    severity: Option<Severity>,
    requirements: Vec<RequirementLine>,
}

#[derive(Serialize)]
struct RequirementLine {
    id: &'static str,
    title: &'static str,
    severity: Severity,
    references: Vec<String>,
}

impl ControlLine {
    fn of(meta: &'static Meta) -> Self {
        let requirement = |requirement: &'static Requirement| {
            let &Requirement { id, title, severity, .. } = requirement;
            RequirementLine { id, title, severity, references: requirement.names().collect() }
        };
        Self {
            id: meta.id,
            title: meta.title,
            severity: severity(meta),
            requirements: meta.requirements.iter().map(requirement).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use serde_json::Value;

    use super::*;
    use crate::controls;

    pub(super) fn plain(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
        let mut out = vec![];
        write(&mut out).expect("written");
        let text = anstream::adapter::strip_str(std::str::from_utf8(&out).expect("text")).to_string();
        assert!(text.lines().all(|line| line == line.trim_end()), "no line ends with a space:\n{text}");
        text
    }

    #[test]
    fn the_list_has_a_line_for_every_control() {
        let text = plain(|out| list_text(controls::CONTROLS, out));
        assert_eq!(text.lines().count(), controls::CONTROLS.len());
        let control = controls::find("iam.password_policy").expect("a control");
        assert_data_eq!(
            plain(|out| list_text(&[control], out)),
            str![[r#"
iam.password_policy  The account's password policy is strong  9 requirements, medium

"#]]
        );
    }

    #[test]
    fn the_documents_hold_the_requirements_and_the_schema() {
        let json = |write: &dyn Fn(&mut dyn Write) -> io::Result<()>| -> Value {
            serde_json::from_str(&plain(|out| write(out))).expect("JSON")
        };
        let list = json(&|out| list_json(controls::CONTROLS, out));
        assert_eq!(list["format"], FORMAT);
        assert_eq!(list["controls"][0]["id"], controls::CONTROLS[0].meta().id);
        let control = controls::find("iam.password_policy").expect("a control");
        let page = json(&|out| page_json(control, out));
        assert_eq!(page["settings"]["properties"]["minimum_length"]["maximum"], 128);
        let reads = page["reads"].as_array().expect("a list").iter().map(|call| call["action"].as_str());
        let all = ["iam:GenerateCredentialReport", "iam:GetAccountPasswordPolicy", "iam:GetCredentialReport"];
        assert_eq!(reads.collect::<Vec<_>>(), all.map(Some));
        assert_eq!(page["requirements"][0]["severity"], "medium");
    }
}
