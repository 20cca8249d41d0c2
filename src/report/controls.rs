//! The catalogue of controls, and the page of one.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::TOOL;
use super::page::{BOLD, DIM, Page, count, paint, wrapped};
use crate::control::{AnyControl, Meta, Requirement, Runs, Severity};
use crate::observe::{Call, Home};
use crate::steps::DECLARED;

/// The format of the JSON document of the list.
pub const FORMAT: &str = "trueup.controls/1";

/// The format of the JSON document of one control.
pub const PAGE_FORMAT: &str = "trueup.control/1";

/// Stands for a space where a line may not be broken.
const HOLD: &str = "\u{0}";

/// Lines of prose are at most this long.
const WIDTH: usize = 92;

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
    settings(meta, &control.schema()).iter().try_for_each(|setting| setting.write(&mut page))?;
    page.heading("What is read")?;
    let calls = reads(control).into_iter().map(|(call, home)| (call.action.to_owned(), paint(DIM, home)));
    page.columns(2, &calls.collect::<Vec<_>>())?;
    page.heading("What apply may write")?;
    if meta.steps.is_empty() {
        return page.line(2, "nothing: what drifts is left to a person");
    }
    written(meta).into_iter().try_for_each(|action| page.line(2, action))
}

/// The actions of the steps that a control may plan, those that AWS checks besides among them.
fn written(meta: &Meta) -> BTreeSet<&'static str> {
    let steps = DECLARED.iter().filter(|(step, ..)| meta.steps.contains(step));
    let writes = |calls: &'static [Call]| calls.iter().filter(|call| !call.reads()).map(|call| call.action);
    steps.flat_map(|(_, calls, besides)| writes(calls).chain(besides.iter().copied())).collect()
}

/// What a control reads and where, each call once, though several observations may make it.
pub(super) fn reads(control: &dyn AnyControl) -> Vec<(Call, &'static str)> {
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

/// Where a control is judged, in words.
pub(super) fn judged(runs: Runs) -> &'static str {
    match runs {
        Runs::EveryAccount => "once in every account",
        Runs::EveryRegion => "in every region of every account",
    }
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

/// One setting of a control.
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) takes: String,
    pub(super) description: String,
}

impl Setting {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let takes = if self.takes.is_empty() { String::new() } else { format!("  {}", paint(DIM, &self.takes)) };
        page.line(2, format_args!("{}{takes}", self.name))?;
        wrapped(&self.description, WIDTH - 4).into_iter().try_for_each(|line| page.line(4, line))
    }
}

/// The settings that a schema describes: those of requirements first, in their order.
pub(super) fn settings(meta: &Meta, schema: &Value) -> Vec<Setting> {
    let Some(properties) = schema["properties"].as_object() else { return vec![] };
    let place = |name: &str| {
        let own = |requirement: &Requirement| {
            let short = requirement.id.strip_prefix(meta.id).and_then(|rest| rest.strip_prefix('.'));
            short.is_some_and(|short| short == name || short.split('.').next() == Some(name))
        };
        meta.requirements.iter().position(own).unwrap_or(meta.requirements.len())
    };
    let mut properties: Vec<(&String, &Value)> = properties.iter().collect();
    properties.sort_by_key(|(name, _)| place(name));
    let setting = |(name, property): (&String, &Value)| Setting {
        name: name.clone(),
        takes: takes(schema, property),
        description: description(schema, property),
    };
    properties.into_iter().map(setting).collect()
}

fn description(root: &Value, property: &Value) -> String {
    let own = property["description"].as_str();
    own.or_else(|| resolved(root, property)["description"].as_str()).unwrap_or_default().to_owned()
}

/// What a property may be set to, in words.
fn takes(root: &Value, property: &Value) -> String {
    let property = resolved(root, property);
    if let Some(only) = property.get("const") {
        return plain(only);
    }
    if let Some(values) = property["enum"].as_array() {
        return either(values.iter().filter(|value| !value.is_null()).map(plain));
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = property[choice].as_array() {
            let choices = choices.iter().filter(|choice| choice["type"] != "null");
            return either(choices.map(|choice| takes(root, choice)).filter(|words| !words.is_empty()));
        }
    }
    let kind = match &property["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.as_str(),
    };
    match (kind, &property["minimum"], &property["maximum"]) {
        (Some("boolean"), ..) => "true or false".to_owned(),
        (Some("integer" | "number"), Value::Number(least), Value::Number(most)) => format!("{least} to {most}"),
        (Some("integer" | "number"), Value::Number(least), _) => format!("a number from {least}"),
        (Some("integer" | "number"), ..) => "a number".to_owned(),
        (Some("string"), ..) => "text".to_owned(),
        (Some("array"), ..) => match takes(root, &property["items"]) {
            items if items.is_empty() => "a list".to_owned(),
            items => format!("a list of: {items}"),
        },
        (Some("object"), ..) => "a group of settings".to_owned(),
        _ => String::new(),
    }
}

/// A property, or what it refers to.
fn resolved<'a>(root: &'a Value, property: &'a Value) -> &'a Value {
    let target = property["$ref"].as_str().and_then(|path| root.pointer(path.strip_prefix('#')?));
    target.unwrap_or(property)
}

fn either(choices: impl Iterator<Item = String>) -> String {
    choices.collect::<Vec<_>>().join(" | ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
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
    };
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
}

#[derive(Serialize)]
struct ReadLine {
    action: &'static str,
    home: &'static str,
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

    use super::*;
    use crate::controls;

    fn plain(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
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
  iam:GetAccountPasswordPolicy  in the account

What apply may write
  iam:UpdateAccountPasswordPolicy

"#]]
        );
    }

    #[test]
    fn every_page_describes_every_setting() {
        for control in controls::CONTROLS {
            for setting in settings(control.meta(), &control.schema()) {
                assert!(!setting.description.is_empty(), "{}: {}", control.meta().id, setting.name);
                assert!(!setting.takes.is_empty(), "{}: {}", control.meta().id, setting.name);
            }
        }
    }

    #[test]
    fn a_schema_with_references_and_choices_is_put_into_words() {
        let root = serde_json::json!({"$defs": {"Size": {"enum": ["SMALL", "LARGE", null]}}});
        for (property, words) in [
            (serde_json::json!({"$ref": "#/$defs/Size"}), "SMALL | LARGE"),
            (serde_json::json!({"anyOf": [{"$ref": "#/$defs/Size"}, {"type": "null"}]}), "SMALL | LARGE"),
            (serde_json::json!({"type": ["integer", "null"], "minimum": 1, "maximum": 24}), "1 to 24"),
            (serde_json::json!({"type": "array", "items": {"type": "string"}}), "a list of: text"),
            (serde_json::json!({"type": "boolean", "const": true}), "true"),
        ] {
            assert_eq!(takes(&root, &property), words);
        }
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
        assert_eq!(page["reads"][0]["action"], "iam:GetAccountPasswordPolicy");
        assert_eq!(page["requirements"][0]["severity"], "medium");
    }
}
