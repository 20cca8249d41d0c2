//! The page of the frameworks in the documentation, `docs/frameworks.md`, as Markdown: written by the tests, not at run
//! time.

use std::fmt::Write as _;

use super::control_page::{GENERATED, file, row};
use super::framework::Figures;
use crate::control::Requirement;
use crate::controls::{CONTROLS, Coverage, coverage};
use crate::frameworks::{Framework, Item};

const OPENING: &str = "# Frameworks

What others ask of every account, item by item, and how trueup meets it. `trueup controls --framework NAME` says the \
same, with `--level 1` only of the items of that level, and with `--format json` to programs. \
`trueup plan --framework NAME` says how the accounts stand, section by section.

- **covered**: requirements judge it, and the shipped baseline of the framework, where there is one, asks for them. What they leave to a person is \
said besides.
- **manual**: a person has to judge it, and this is what they do.
- **not covered**: nothing judges it, for this reason.

[What no control covers or mends](controls/not-covered.md) has the last two in short.

Numbers, levels and assessments are those of the publisher; the words are ours, and short. What exactly is asked \
stands in the benchmarks themselves, at <https://www.cisecurity.org/benchmark/amazon_web_services>.

";

/// The page.
#[must_use]
pub fn page() -> String {
    let mut out =
        format!("{GENERATED}{OPENING}| framework | items | covered | manual | not covered |\n|---|---|---|---|---|\n");
    for framework in newest_first() {
        let Figures { items, covered, manual, not_covered } = Figures::of(framework.items().iter());
        let figures = [items, covered, manual, not_covered].map(|figure| figure.to_string());
        let [items, covered, manual, not_covered] = &figures;
        row(
            &mut out,
            &[&format!("[`{}`](#{})", framework.name(), anchor(framework)), items, covered, manual, not_covered],
        );
    }
    for framework in newest_first() {
        let _ = write!(out, "\n## {}\n", framework.title());
        for section in framework.sections() {
            let _ = write!(out, "\n### {} {}\n\n", section.id, section.title);
            out.push_str("| item | level | assessed | true when met | how |\n|---|---|---|---|---|\n");
            let items = framework.items().iter().filter(|item| item.section() == section.id);
            items.for_each(|item| item_row(&mut out, item));
        }
    }
    out
}

fn newest_first() -> impl Iterator<Item = Framework> {
    Framework::ALL.into_iter().rev()
}

/// As it is made of a heading: lower case, hyphens for spaces, and no full stops.
fn anchor(framework: Framework) -> String {
    framework.title().to_lowercase().replace(' ', "-").replace('.', "")
}

fn item_row(out: &mut String, item: &'static Item) {
    let how = match coverage(item) {
        Coverage::Covered(requirements) => {
            let by: Vec<String> = requirements.into_iter().map(link).collect();
            let besides = item.topic.besides.as_ref().map(|words| format!("; besides: {words}")).unwrap_or_default();
            format!("covered by {}{besides}", by.join(", "))
        }
        Coverage::Manual(words) => format!("manual: {words}"),
        Coverage::NotCovered(reason) => format!("not covered: {reason}"),
    };
    row(out, &[&item.number, &item.level.to_string(), &item.assessed.to_string(), &item.topic.title, &how]);
}

/// A requirement, with the page of its control.
fn link(requirement: &'static Requirement) -> String {
    let own = |meta: &&crate::control::Meta| meta.requirements.iter().any(|one| one.id == requirement.id);
    match CONTROLS.iter().map(|control| control.meta()).find(own) {
        Some(meta) => format!("[`{}`](controls/{})", requirement.id, file(meta)),
        None => format!("`{}`", requirement.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_item_of_every_framework_once() {
        let page = page();
        let is_item = |line: &&str| [" | 1 | ", " | 2 | "].iter().any(|level| line.contains(level));
        let rows = page.lines().filter(is_item);
        let items: usize = Framework::ALL.iter().map(|framework| framework.items().len()).sum();
        assert_eq!(rows.count(), items);
    }

    #[test]
    fn what_covers_an_item_is_linked_to_its_page() {
        let link = "[`cloudtrail.trail.kms`](controls/cloudtrail.trail.md)";
        let covered =
            format!("| 3.5 | 2 | automated | The trail's files are encrypted with a KMS key | covered by {link} |");
        assert!(page().contains(&covered));
    }
}
