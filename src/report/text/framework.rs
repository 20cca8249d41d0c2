//! How the accounts stand against a framework: a line for each of its sections.

use std::io;

use super::summary::tenths;
use crate::assessment::{Standing, Tally};
use crate::report::page::{DIM, Grouped, Page, count, paint};

/// The heading.
pub(in crate::report) const HEADING: &str = "Framework";

pub(super) fn write(page: &mut Page<'_>, standing: &Standing) -> io::Result<()> {
    page.heading(HEADING)?;
    let Standing { title, tally, sections, .. } = standing;
    let width = sections.iter().map(|section| section.title.chars().count()).max().unwrap_or(0);
    for section in sections {
        let name = format!("{} {:width$}", section.id, section.title);
        page.line(2, format_args!("{name}  {}", says(&section.tally)))?;
    }
    page.line(2, format_args!("{title}: {}", says(tally).trim_start()))
}

fn says(tally: &Tally) -> String {
    let judged = format!("{} of {} judged", Grouped(tally.judged), count(tally.items, "item"));
    let counted = tally.counted();
    let Some(score) = tenths(tally.compliant, counted) else {
        return format!("{:>5}  {}", "none", paint(DIM, judged));
    };
    let verdicts = format!("{} of {} compliant", Grouped(tally.compliant), count(counted, "verdict"));
    format!("{score:>5}  {verdicts}; {}", paint(DIM, judged))
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::*;
    use crate::assessment::{Count, VerdictKind};
    use crate::frameworks::Framework;
    use crate::report::made;

    #[test]
    fn a_section_says_its_score_what_counts_in_it_and_how_much_of_it_is_judged() {
        let mut counted = Count::of(Framework::CisAws3_0);
        // The made rows refer to 1.8 of this edition.
        for (number, kind) in [(1, VerdictKind::Compliant), (2, VerdictKind::Compliant), (3, VerdictKind::Drifted)] {
            counted.add(&[made::row(number, "iam.password_policy.minimum_length", kind)]);
        }
        let mut out = vec![];
        write(&mut Page::new(&mut out), &counted.end()).expect("written");
        let text = anstream::adapter::strip_str(std::str::from_utf8(&out).expect("text")).to_string();
        assert_data_eq!(
            text,
            str![[r#"
Framework
  1 Identities and access   66.6  2 of 3 verdicts compliant; 1 of 22 items judged
  2 Stored data             none  0 of 9 items judged
  3 Records                 none  0 of 9 items judged
  4 Alarms and findings     none  0 of 16 items judged
  5 Networks                none  0 of 6 items judged
  CIS AWS Foundations Benchmark 3.0: 66.6  2 of 3 verdicts compliant; 1 of 62 items judged

"#]]
        );
    }
}
