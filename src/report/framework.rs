//! How trueup meets a framework, item by item.

use std::io::{self, Write};

use serde::Serialize;

use super::TOOL;
use super::page::{BOLD, DIM, GREEN, Page, YELLOW, count, paint, wrapped};
use crate::controls::{Coverage, coverage};
use crate::frameworks::{Assessed, Framework, Item, Level, Section};

/// The format of the JSON document.
pub const FORMAT: &str = "trueup.framework/1";

/// Lines of prose are at most this long.
const WIDTH: usize = 92;

/// How many items are met in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Figures {
    pub(super) items: usize,
    pub(super) covered: usize,
    pub(super) manual: usize,
    pub(super) not_covered: usize,
}

impl Figures {
    pub(super) fn of(items: impl Iterator<Item = &'static Item>) -> Self {
        let mut figures = Self::default();
        for item in items {
            figures.items += 1;
            match coverage(item) {
                Coverage::Covered(_) => figures.covered += 1,
                Coverage::Manual(_) => figures.manual += 1,
                Coverage::NotCovered(_) => figures.not_covered += 1,
            }
        }
        figures
    }

    pub(super) fn said(self) -> String {
        let Self { items, covered, manual, not_covered } = self;
        format!("{}: {covered} covered, {manual} manual, {not_covered} not covered", count(items, "item"))
    }
}

/// The items that are asked for at a level: those of the level below are too.
pub(super) fn up_to(framework: Framework, level: Level) -> impl Iterator<Item = &'static Item> {
    framework.items().iter().filter(move |item| item.level <= level)
}

/// Writes it for people, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn text(framework: Framework, level: Level, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out);
    page.line(0, format_args!("{}  {}", paint(BOLD, framework.title()), paint(DIM, framework.name())))?;
    let levels = match level {
        Level::One => "Level 1",
        Level::Two => "Levels 1 and 2",
    };
    page.line(0, format_args!("{levels}, {}", Figures::of(up_to(framework, level)).said()))?;
    for section in framework.sections() {
        page.heading(&format!("{} {}", section.id, section.title))?;
        for item in up_to(framework, level).filter(|item| item.section() == section.id) {
            write_item(&mut page, item)?;
        }
    }
    Ok(())
}

fn write_item(page: &mut Page<'_>, item: &'static Item) -> io::Result<()> {
    let coverage = coverage(item);
    let (style, word) = match &coverage {
        Coverage::Covered(_) => (GREEN, "covered"),
        Coverage::Manual(_) => (YELLOW, "manual"),
        Coverage::NotCovered(_) => (DIM, "not covered"),
    };
    let kind = paint(DIM, format_args!("level {}, {}", item.level, item.assessed));
    page.line(
        2,
        format_args!("{:6} {}  {}  {kind}", item.number, paint(style, format!("{word:11}")), item.topic.title),
    )?;
    let mut say = |text: &str| wrapped(text, WIDTH - 9).into_iter().try_for_each(|line| page.line(9, line));
    match coverage {
        Coverage::Covered(requirements) => {
            requirements.iter().try_for_each(|requirement| say(requirement.id))?;
            item.topic.besides.iter().try_for_each(|besides| say(&format!("Besides: {besides}.")))
        }
        Coverage::Manual(words) => say(&format!("{words}.")),
        Coverage::NotCovered(reason) => say(&format!("Because {reason}.")),
    }
}

/// Writes it as a JSON document.
///
/// # Errors
/// `out` cannot be written.
pub fn json(framework: Framework, level: Level, out: &mut dyn Write) -> io::Result<()> {
    let line = |section: &'static Section| SectionLine { id: &section.id, title: &section.title };
    let document = Document {
        format: FORMAT,
        tool: TOOL,
        framework: framework.name(),
        title: framework.title(),
        level,
        summary: Figures::of(up_to(framework, level)),
        sections: framework.sections().iter().map(line).collect(),
        items: up_to(framework, level).map(ItemLine::of).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document {
    format: &'static str,
    tool: &'static str,
    framework: &'static str,
    title: String,
    level: Level,
    summary: Figures,
    sections: Vec<SectionLine>,
    items: Vec<ItemLine>,
}

#[derive(Serialize)]
struct SectionLine {
    id: &'static str,
    title: &'static str,
}

#[derive(Serialize)]
struct ItemLine {
    item: &'static str,
    section: &'static str,
    level: Level,
    assessed: Assessed,
    title: &'static str,
    #[serde(flatten)]
    coverage: CoverageLine,
    #[serde(skip_serializing_if = "Option::is_none")]
    besides: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(tag = "coverage", rename_all = "snake_case")]
enum CoverageLine {
    Covered { requirements: Vec<&'static str> },
    Manual { manual: &'static str },
    NotCovered { reason: &'static str },
}

impl ItemLine {
    fn of(item: &'static Item) -> Self {
        let (coverage, besides) = match coverage(item) {
            Coverage::Covered(requirements) => {
                let requirements = requirements.iter().map(|requirement| requirement.id).collect();
                (CoverageLine::Covered { requirements }, item.topic.besides.as_deref())
            }
            Coverage::Manual(manual) => (CoverageLine::Manual { manual }, None),
            Coverage::NotCovered(reason) => (CoverageLine::NotCovered { reason }, None),
        };
        Self {
            item: &item.number,
            section: item.section(),
            level: item.level,
            assessed: item.assessed,
            title: &item.topic.title,
            coverage,
            besides,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use snapbox::{assert_data_eq, str};

    use super::*;

    fn shown(level: Level) -> String {
        let mut out = vec![];
        text(Framework::CisAws5_0, level, &mut out).expect("written");
        anstream::adapter::strip_str(std::str::from_utf8(&out).expect("text")).to_string()
    }

    fn document(level: Level) -> Value {
        let mut out = vec![];
        json(Framework::CisAws5_0, level, &mut out).expect("written");
        serde_json::from_slice(&out).expect("JSON")
    }

    fn of<'a>(document: &'a Value, number: &str) -> &'a Value {
        let items = document["items"].as_array().expect("a list");
        items.iter().find(|item| item["item"] == number).expect("an item")
    }

    #[test]
    fn an_item_says_what_covers_it_what_a_person_does_or_why_nothing_does() {
        let text = shown(Level::Two);
        let lines = |number: &str| {
            let from = text.find(&format!("\n  {number} ")).expect("the item") + 1;
            let rest = &text[from..];
            let end = rest.match_indices("\n  ").find(|(at, _)| !rest[at + 3..].starts_with(' '));
            rest[..end.map_or(rest.len(), |(at, _)| at)].to_owned()
        };
        assert_data_eq!(
            lines("3.5"),
            str![[r#"
  3.5    covered      The trail's files are encrypted with a KMS key  level 2, automated
         cloudtrail.trail.kms
"#]]
        );
        assert_data_eq!(
            lines("2.1.3"),
            str![[r#"
  2.1.3  manual       It is known which data in S3 are sensitive  level 2, manual
         Find and classify sensitive data in S3, with Macie or a tool of your own, and guard
         those buckets accordingly.
"#]]
        );
        assert_data_eq!(
            lines("2.2.1"),
            str![[r#"
  2.2.1  not covered  Databases of RDS are encrypted at rest  level 1, automated
         Because trueup holds accounts and regions to a baseline, not single databases, and
         a database is encrypted only when it is made.
"#]]
        );
    }

    #[test]
    fn the_document_says_the_same() {
        let document = document(Level::Two);
        assert_eq!(document["format"], FORMAT);
        assert_eq!(document["framework"], "cis-aws-v5.0");
        assert_eq!(document["sections"].as_array().expect("a list").len(), 5);
        let covered = of(&document, "3.5");
        assert_eq!(covered["coverage"], "covered");
        assert_eq!(covered["requirements"], serde_json::json!(["cloudtrail.trail.kms"]));
        assert_eq!((&covered["level"], &covered["assessed"]), (&2.into(), &"automated".into()));
        assert_eq!(of(&document, "2.1.3")["coverage"], "manual");
        assert!(of(&document, "2.1.3")["manual"].is_string());
        assert_eq!(of(&document, "2.2.1")["coverage"], "not_covered");
        assert!(of(&document, "2.2.1")["reason"].is_string());
    }

    #[test]
    fn the_figures_are_those_of_the_items() {
        for level in [Level::One, Level::Two] {
            let document = document(level);
            let items = document["items"].as_array().expect("a list");
            assert_eq!(document["summary"]["items"], items.len());
            for way in ["covered", "manual", "not_covered"] {
                assert_eq!(document["summary"][way], items.iter().filter(|item| item["coverage"] == way).count());
            }
        }
    }

    #[test]
    fn the_second_level_has_the_first_in_it() {
        let numbers = |level| {
            let document = document(level);
            let items = document["items"].as_array().expect("a list").clone();
            items.into_iter().map(|item| item["item"].to_string()).collect::<Vec<_>>()
        };
        let (one, two) = (numbers(Level::One), numbers(Level::Two));
        assert!(one.len() < two.len() && one.iter().all(|number| two.contains(number)));
        assert!(!shown(Level::One).contains("level 2"), "of level 1 alone");
    }
}
