//! The page of what no control covers or mends, `docs/controls/not-covered.md`, as Markdown: written by the tests, not
//! at run time. Everything on it is said elsewhere: by the items of the frameworks, the controls, and their settings.

use std::collections::BTreeMap;

use super::control_page::{GENERATED, code, file, row};
use super::controls::settings;
use crate::control::Meta;
use crate::controls::{CONTROLS, Coverage, coverage};
use crate::frameworks::{Framework, Item};

/// The name of its file.
pub const FILE: &str = "not-covered.md";

const OPENING: &str = "# What no control covers or mends

Of what the CIS AWS Foundations Benchmark asks, 1.4 to 7.0; [frameworks](../frameworks.md) has all of it, item by item.

";

/// The page. `of_persons`: the requirements that no call mends although their control has steps, each with the reason.
#[must_use]
pub fn page(of_persons: &BTreeMap<&str, &str>) -> String {
    let mut out = format!("{GENERATED}{OPENING}## Not covered\n\n");
    out.push_str(
        "A program could tell, and no requirement does.\n\n| true when met | items | why not |\n|---|---|---|\n",
    );
    topics(&mut out, |coverage| match coverage {
        Coverage::NotCovered(reason) => Some(reason),
        Coverage::Covered(_) | Coverage::Manual(_) => None,
    });
    out.push_str("\n## Judged by a person\n\nThe benchmark has a person judge it, and no requirement does.\n\n");
    out.push_str("| true when met | items | what a person does |\n|---|---|---|\n");
    topics(&mut out, |coverage| match coverage {
        Coverage::Manual(words) => Some(words),
        Coverage::Covered(_) | Coverage::NotCovered(_) => None,
    });
    out.push_str("\n## Judged, and mended by a person\n\nNo settings let apply mend it: the plan says what to do.\n\n");
    out.push_str("| requirement | true when compliant | why |\n|---|---|---|\n");
    for control in CONTROLS {
        let meta = control.meta();
        let undo = control.notes().undo.join(" ");
        for requirement in meta.requirements {
            let why = if meta.steps.is_empty() { Some(&*undo) } else { of_persons.get(requirement.id).copied() };
            if let Some(why) = why {
                row(&mut out, &[&link(meta, requirement.id), requirement.title, why]);
            }
        }
    }
    out.push_str(
        "\n## Mended only where the baseline says so\n\nWithout these settings it is left to a person, or alone.\n\n",
    );
    out.push_str("| control | setting | what it does |\n|---|---|---|\n");
    for control in CONTROLS {
        let meta = control.meta();
        for setting in settings(meta, &control.schema()).iter().filter(|setting| OPTED.contains(&&*setting.name)) {
            let words = setting.description.split_whitespace().collect::<Vec<_>>().join(" ");
            row(&mut out, &[&link(meta, meta.id), &code(&setting.name), &words]);
        }
    }
    out
}

/// The settings by which a baseline lets apply mend what it would leave to a person.
const OPTED: [&str; 2] = ["mend", "existing"];

fn link(meta: &Meta, words: &str) -> String {
    format!("[`{words}`]({})", file(meta))
}

/// A row for each topic whose items are met in a certain way, in the order of the frameworks.
fn topics(out: &mut String, told: impl Fn(Coverage) -> Option<&'static str>) {
    let mut found: Vec<(&str, &str, Vec<&Item>)> = vec![];
    for item in Framework::ALL.into_iter().flat_map(Framework::items) {
        let Some(words) = told(coverage(item)) else { continue };
        let title = item.topic.title.as_str();
        match found.iter_mut().find(|(known, said, _)| (*known, *said) == (title, words)) {
            Some((.., items)) => items.push(item),
            None => found.push((title, words, vec![item])),
        }
    }
    for (title, words, items) in found {
        let shows = items[0].topic.documentation.as_ref().filter(|_| items[0].topic.reason.as_deref() == Some(words));
        let words = shows.map_or(words.to_owned(), |page| format!("{words} ([documentation of AWS]({page}))"));
        row(out, &[title, &numbers(&items), &words]);
    }
}

/// The numbers of items, of which editions that follow each other may have the same: `1.4-1.5 2.1.1, 2.0 2.1.2`.
fn numbers(items: &[&Item]) -> String {
    let mut runs: Vec<(Framework, Framework, &str)> = vec![];
    for item in items {
        let follows = |last: Framework| Framework::ALL.windows(2).any(|pair| pair == [last, item.framework]);
        match runs.last_mut() {
            Some((_, last, number)) if *number == item.number && follows(*last) => *last = item.framework,
            _ => runs.push((item.framework, item.framework, &item.number)),
        }
    }
    let said = runs.into_iter().map(|(first, last, number)| {
        let until = if first == last { String::new() } else { format!("-{}", last.edition()) };
        format!("{}{until} {number}", first.edition())
    });
    said.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(heading: &str) -> Vec<String> {
        let page = page(&[("cloudtrail.bucket.mfa_delete", "the root user alone can")].into());
        let (_, section) = page.split_once(heading).expect("a section");
        section
            .lines()
            .skip(1)
            .take_while(|line| !line.starts_with("## "))
            .skip_while(|line| !line.starts_with("|--"))
            .skip(1)
            .filter(|line| line.starts_with('|'))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn every_item_that_is_not_covered_has_its_reason_and_every_manual_one_what_to_do() {
        let (open, manual) = (rows("## Not covered\n"), rows("## Judged by a person\n"));
        for item in Framework::ALL.into_iter().flat_map(Framework::items) {
            let (rows, words) = match coverage(item) {
                Coverage::Covered(_) => continue,
                Coverage::NotCovered(reason) => (&open, reason),
                Coverage::Manual(words) => (&manual, words),
            };
            let row = rows.iter().find(|row| row.contains(item.topic.title.as_str()) && row.contains(words));
            assert!(row.is_some_and(|row| row.contains(&item.number)), "{} {}", item.framework, item.number);
        }
        assert!(
            open.iter().all(|row| row.contains("([documentation of AWS](https://docs.aws.amazon.com/")),
            "{open:#?}"
        );
        assert!(open.iter().any(|row| row.contains("| 1.4-3.0 2.3.1, 4.0-5.0 2.2.1, 6.0-7.0 3.2.1 |")), "{open:#?}");
    }

    #[test]
    fn what_can_be_mended_is_not_called_only_read() {
        let read = rows("## Judged, and mended by a person\n");
        let is_there = |id: &str| read.iter().any(|row| row.contains(&code(id)));
        assert!(!is_there("kms.key_deletion.not_scheduled") && !is_there("iam.root_user.no_access_key"));
        for id in ["iam.policy.no_full_admin", "iam.federation.provider", "ec2.network_acl.admin_ports"] {
            assert!(is_there(id), "{id}");
        }
        assert!(is_there("cloudtrail.bucket.mfa_delete") && !is_there("cloudtrail.bucket.versioning"));
        let opted = rows("## Mended only where the baseline says so\n");
        assert!(opted.iter().any(|row| row.contains("ec2.instance") && row.contains("`mend`")), "{opted:#?}");
    }
}
