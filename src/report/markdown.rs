//! A plan as Markdown, for a comment on a pull request: grouped as the text is, with the details folded away.
//!
//! Everything that AWS or a person has named stands in fenced blocks, in which nothing is markup, a link or a mention.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::Found;
use super::text::{FRAMEWORK, Parts, Section, parts};
use crate::plan::Header;

/// `GitHub` takes 65,536 characters. The rest is for what a pipeline writes around it.
const MOST: usize = 60_000;

/// Longer lines are cut: one hostile name must not use up the room of all others.
const LONGEST_LINE: usize = 300;

/// By this line a pipeline finds its comment again.
const MARK: &str = "<!-- trueup plan -->";

const LEFT_OUT: &str = "Not everything fits here: `trueup show PLAN --detail` says the rest.\n";

/// Sections that have to be seen without unfolding anything.
const OPEN: [&str; 4] = ["Drift", "For a person to mend", "Blocked", FRAMEWORK];

/// Writes a plan with its digest. `detail`: what is folded is unfolded at first.
///
/// # Errors
/// The spool cannot be read, or `out` cannot be written.
pub fn plan<'a>(
    header: &Header,
    found: impl Into<Found<'a>>,
    digest: &str,
    detail: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let parts = parts(header, found)?;
    let mut text = opening(&parts);
    let closing = format!("Digest `{digest}`, for `trueup apply PLAN --expect-digest`.\n");
    let mut room = MOST.saturating_sub(text.len() + closing.len() + LEFT_OUT.len());
    let mut shown: Vec<Shown<'_>> = parts.short.iter().map(|section| Shown::short(section, &mut room)).collect();
    for shown in &mut shown {
        shown.add_detail(&parts.full, detail, &mut room);
    }
    let complete = shown.iter().all(|shown| shown.complete);
    text.extend(shown.iter().map(|shown| shown.text.as_str()));
    if !complete {
        text += LEFT_OUT;
        text.push('\n');
    }
    out.write_all((text + &closing).as_bytes())
}

fn opening(parts: &Parts) -> String {
    let mut end = parts.end.iter().filter(|line| !line.is_empty()).rev();
    let title = end.next().map_or("", String::as_str);
    let mut text = format!("{MARK}\n### {title}\n\n");
    for line in end.rev() {
        let _ = writeln!(text, "{line}\n");
    }
    text + &fenced(&parts.head, "text", usize::MAX).0
}

/// A section as it will be written.
struct Shown<'a> {
    section: &'a Section,
    text: String,
    complete: bool,
}

impl<'a> Shown<'a> {
    fn short(section: &'a Section, room: &mut usize) -> Self {
        let (around, title) = (folded(&section.title, "", false).len() + 8, &section.title);
        let (block, complete) = fenced(&section.lines, language(title), room.saturating_sub(around));
        let text = match &block[..] {
            "" => String::new(),
            block if is_open(title) => format!("#### {title}\n\n{block}"),
            block => folded(title, block, false),
        };
        *room = room.saturating_sub(text.len());
        Self { section, text, complete }
    }

    /// Puts in what more there is to say, if there is room for all of it.
    fn add_detail(&mut self, full: &[Section], unfolded: bool, room: &mut usize) {
        let title = &self.section.title;
        let Some(full) = full.iter().find(|section| section.title == *title) else { return };
        if !self.complete || (full.lines == self.section.lines && !unfolded) {
            return;
        }
        let (block, _) = fenced(&full.lines, language(title), usize::MAX);
        let (known, text) = if !is_open(title) {
            (self.text.len(), folded(title, &block, unfolded))
        } else if full.lines == self.section.lines {
            return;
        } else {
            (0, folded("Every account, the steps, how they are undone, and references", &block, unfolded))
        };
        if text.len() > *room + known {
            self.complete = false;
            return;
        }
        *room = *room + known - text.len();
        if known == 0 { self.text += &text } else { self.text = text }
    }
}

fn is_open(title: &str) -> bool {
    OPEN.contains(&title)
}

/// Where lines begin with `+` and `-`, they are coloured so.
fn language(title: &str) -> &'static str {
    if is_open(title) && title != FRAMEWORK { "diff" } else { "text" }
}

fn folded(title: &str, block: &str, unfolded: bool) -> String {
    let open = if unfolded { " open" } else { "" };
    format!("<details{open}><summary>{title}</summary>\n\n{block}</details>\n\n")
}

/// Lines in a fence that none of them can close, as many as there is room for, and whether these are all.
fn fenced(lines: &[String], language: &str, room: usize) -> (String, bool) {
    let lines: Vec<String> = lines.iter().map(|line| cut(line.strip_prefix("  ").unwrap_or(line))).collect();
    let fence = "`".repeat(lines.iter().map(|line| longest_run(line) + 1).max().unwrap_or(0).max(3));
    let mut text = format!("{fence}{language}\n");
    let end = format!("{fence}\n\n");
    for (number, line) in lines.iter().enumerate() {
        let more = format!("… {} more lines\n", lines.len() - number);
        if text.len() + line.len() + 1 + more.len() + end.len() > room {
            return if number == 0 { (String::new(), false) } else { (text + &more + &end, false) };
        }
        text += line;
        text.push('\n');
    }
    (text + &end, true)
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// The longest run of backticks.
fn longest_run(line: &str) -> usize {
    line.split(|one| one != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use snapbox::{IntoData as _, assert_data_eq, str};

    use super::*;
    use crate::assessment::{Assessment, Status};
    use crate::plan::Change;
    use crate::report::made;
    use crate::steps::{Risk, Step};

    fn shown(found: &[Assessment], detail: bool) -> String {
        let mut spool = made::spool(found);
        let mut out = vec![];
        plan(&made::header(&spool), &mut spool, "sha256:00", detail, &mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_plan_is_shown_with_its_details_folded() {
        let closed = made::account(5, Status::Unreadable, Some("denied"));
        let found: Vec<_> = (1..=4).map(made::drifted).chain([closed]).collect();
        assert_data_eq!(
            shown(&found, false),
            str![[r#"
<!-- trueup plan -->
### Plan: 0 to add, 4 to change, 0 to remove in 4 accounts; 1 account could not be read.

Score: 0.0 (0 of 8 verdicts compliant)

```text
Organization  o-abc1234567, management account 111122220000
Accounts      5 in scope: 4 read, 1 not readable
Regions       eu-west-1 (home), us-east-1
Baseline      foundation (sha256:000000000000)
Made          2026-11-22 10:00:00 UTC by arn:aws:iam::111122220000:user/ada
```

#### Drift

```diff
~ iam.password_policy password policy
    4 accounts
    iam.password_policy.minimum_length    8 -> 14
    iam.password_policy.reuse_prevention  none -> 24
    severity medium
```

<details><summary>Every account, the steps, how they are undone, and references</summary>

```diff
~ iam.password_policy password policy
    4 accounts
      111122220001 team-1
      111122220002 team-2
      111122220003 team-3
      111122220004 team-4
    iam.password_policy.minimum_length    8 -> 14
    iam.password_policy.reuse_prevention  none -> 24
    severity medium
    steps
      1. UpdateAccountPasswordPolicy with the former values and what has to change
    undo
      1. UpdateAccountPasswordPolicy with the former values
    references
      iam.password_policy.minimum_length: CIS AWS 1.4 1.8, CIS AWS 1.5 1.8, CIS AWS 2.0 1.8, CIS AWS 3.0 1.8, CIS AWS 4.0 1.8, CIS AWS 5.0 1.7, CIS AWS 6.0 2.7, CIS AWS 7.0 2.8, Security Hub IAM.7, Security Hub IAM.10, Security Hub IAM.15, NIST 800-53 r5 AC-2, NIST 800-53 r5 AC-2(1), NIST 800-53 r5 …
      iam.password_policy.reuse_prevention: CIS AWS 1.4 1.9, CIS AWS 1.5 1.9, CIS AWS 2.0 1.9, CIS AWS 3.0 1.9, CIS AWS 4.0 1.9, CIS AWS 5.0 1.8, CIS AWS 6.0 2.8, CIS AWS 7.0 2.9, Security Hub IAM.10, Security Hub IAM.16, NIST 800-53 r5 AC-2, NIST 800-53 r5 AC-2(1), NIST 800-53 r5 AC-2(3), NIST 800-…
```

</details>

<details><summary>Accounts that could not be read</summary>

```text
denied
  111122220005 team-5
```

</details>

Digest `sha256:00`, for `trueup apply PLAN --expect-digest`.

"#]]
            .raw()
        );
        assert_eq!(shown(&found, true), shown(&found, false).replace("<details>", "<details open>"));
    }

    #[test]
    fn all_in_line_is_a_heading_and_a_sentence() {
        let text = shown(&[made::compliant(1, 4)], false);
        assert!(text.starts_with("<!-- trueup plan -->\n### Plan: 0 to add, 0 to change"), "{text}");
        assert!(text.contains("\n\nThe account is in line with the baseline.\n\nScore: 100.0"), "{text}");
        assert!(!text.contains("<details"), "{text}");
    }

    #[test]
    fn who_would_be_hit_is_seen_without_unfolding_anything() {
        let mut found = made::drifted(1);
        found.verdicts[0].reason = Some("three passwords are older".to_owned());
        let change = &mut found.changes[0];
        change.risk = Risk::Disruptive;
        let Step::UpdateAccountPasswordPolicy(step) = &mut change.steps[0] else { panic!("{change:?}") };
        step.policy.max_age_days = Some(90);
        step.expires = vec!["ada".to_owned()];
        let text = shown(&[found], false);
        let (open, folded) = text.split_once("<details>").expect("details");
        let expected = "
    disruptive (apply needs --allow disruptive)
    who would be hit
      UpdateAccountPasswordPolicy with the former values and what has to change: \
             makes 1 user set a new password (ada)
      three passwords are older
```
";
        assert!(open.contains(expected), "{open}");
        assert!(folded.contains("\n      three passwords are older\n"), "{folded}");
    }

    /// Changes that have nothing in common.
    fn many(number: usize, object: &str) -> Vec<Assessment> {
        let one = |number| {
            let mut found = made::drifted(number);
            let differences = vec![made::difference("iam.password_policy.hard_expiry", json!(number), json!(null))];
            found.changes[0] = Change { object: format!("{object}{number}"), differences, ..made::change(number) };
            found.account.name = object.to_owned();
            found
        };
        (1..=number).map(one).collect()
    }

    #[test]
    fn a_large_plan_is_cut_and_says_so() {
        for number in [150, 400, 3000] {
            let text = shown(&many(number, "object"), false);
            assert!(text.len() <= MOST, "{}", text.len());
            assert!(text.contains(LEFT_OUT), "{number}");
            assert_eq!(text.matches("<details").count(), text.matches("</details>").count());
            assert_eq!(text.lines().filter(|line| line.starts_with("```")).count() % 2, 0);
            assert!(text.ends_with("for `trueup apply PLAN --expect-digest`.\n"));
        }
        let text = shown(&many(3000, "object"), false);
        assert!(text.contains("\n… ") && text.len() > MOST - 1000, "{}", text.len());
    }

    #[test]
    fn hostile_names_close_no_fence_and_use_up_no_room() {
        let hostile = format!("``````\n```\n</details><img src=x>@everyone [x](y) {}", "`a".repeat(5_000));
        let mut found = many(3, &hostile);
        found.push(made::account(9, Status::Unreadable, Some(&hostile)));
        found[0].changes[0].blocked = Some("`".repeat(10_000));
        let text = shown(&found, false);
        assert!(text.len() < 20_000, "{}", text.len());
        // Outside of the fences stands nothing of anybody's.
        let mut fence: Option<&str> = None;
        let mut outside = String::new();
        for line in text.lines() {
            let run = &line[..longest_run_at_start(line)];
            match fence {
                None if run.len() >= 3 => fence = Some(run),
                Some(open) if line.len() == run.len() && run.len() >= open.len() => fence = None,
                Some(_) => {}
                None => outside += line,
            }
        }
        assert!(fence.is_none(), "{text}");
        for word in ["img", "everyone", "](y)"] {
            assert!(text.contains(word), "{word}");
            assert!(!outside.contains(word), "{outside}");
        }
    }

    fn longest_run_at_start(line: &str) -> usize {
        let indent = line.len() - line.trim_start().len();
        if indent > 3 { 0 } else { line.bytes().take_while(|byte| *byte == b'`').count() }
    }
}
