//! How the accounts of a run stand against a framework: its verdicts by section.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Row, VerdictKind, score};
use crate::frameworks::Framework;

/// Figures of a framework, or of a section of it. A verdict whose requirement refers to several items counts for each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// The items that there are.
    pub items: usize,
    /// Those that some verdict is about.
    pub judged: usize,
    /// See [`VerdictKind::Compliant`].
    pub compliant: usize,
    /// See [`VerdictKind::Drifted`].
    pub drifted: usize,
    /// See [`VerdictKind::Exempt`].
    pub exempt: usize,
    /// See [`VerdictKind::OwnedElsewhere`].
    pub owned_elsewhere: usize,
    /// See [`VerdictKind::NotApplicable`].
    pub not_applicable: usize,
    /// See [`VerdictKind::Pending`].
    pub pending: usize,
    /// See [`VerdictKind::Unreadable`].
    pub unreadable: usize,
    /// As of a whole run; none where no verdict counts.
    pub score: Option<f64>,
}

/// A section of a framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SectionStanding {
    /// Its number.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// Its figures.
    #[serde(flatten)]
    pub tally: Tally,
}

/// How the accounts of a run stand against a framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The name of the framework.
    pub name: String,
    /// What it is called in full.
    pub title: String,
    /// The figures of all sections together.
    #[serde(flatten)]
    pub tally: Tally,
    /// Its sections, in order.
    pub sections: Vec<SectionStanding>,
}

/// A [`Standing`] that is being counted, account by account.
pub struct Count {
    framework: Framework,
    /// How its items begin in the references of a verdict.
    prefix: String,
    judged: BTreeSet<String>,
    sections: Vec<SectionStanding>,
}

impl Count {
    /// Begins with nothing.
    #[must_use]
    pub fn of(framework: Framework) -> Self {
        let section = |section: &crate::frameworks::Section| SectionStanding {
            id: section.id.clone(),
            title: section.title.clone(),
            tally: Tally {
                items: framework.items().iter().filter(|item| item.section() == section.id).count(),
                ..Tally::default()
            },
        };
        Self {
            framework,
            prefix: format!("{framework} "),
            judged: BTreeSet::new(),
            sections: framework.sections().iter().map(section).collect(),
        }
    }

    /// Counts the verdicts of an account.
    pub fn add(&mut self, verdicts: &[Row]) {
        for row in verdicts {
            for number in row.references.iter().filter_map(|reference| reference.strip_prefix(&self.prefix)) {
                let Some(item) = self.framework.item(number) else { continue };
                let own = self.sections.iter_mut().find(|section| section.id == item.section());
                let Some(SectionStanding { tally, .. }) = own else { continue };
                tally.judged += usize::from(self.judged.insert(number.to_owned()));
                *tally.of(row.verdict) += 1;
            }
        }
    }

    /// What it comes to.
    #[must_use]
    pub fn end(mut self) -> Standing {
        let mut all = Tally::default();
        for SectionStanding { tally, .. } in &mut self.sections {
            all.take(tally);
            tally.score = tally.scored();
        }
        all.score = all.scored();
        let (name, title) = (self.framework.name().to_owned(), self.framework.title());
        Standing { name, title, tally: all, sections: self.sections }
    }
}

impl Tally {
    fn of(&mut self, kind: VerdictKind) -> &mut usize {
        match kind {
            VerdictKind::Compliant => &mut self.compliant,
            VerdictKind::Drifted => &mut self.drifted,
            VerdictKind::Exempt => &mut self.exempt,
            VerdictKind::OwnedElsewhere => &mut self.owned_elsewhere,
            VerdictKind::NotApplicable => &mut self.not_applicable,
            VerdictKind::Pending => &mut self.pending,
            VerdictKind::Unreadable => &mut self.unreadable,
        }
    }

    fn take(&mut self, other: &Self) {
        self.items += other.items;
        self.judged += other.judged;
        self.compliant += other.compliant;
        self.drifted += other.drifted;
        self.exempt += other.exempt;
        self.owned_elsewhere += other.owned_elsewhere;
        self.not_applicable += other.not_applicable;
        self.pending += other.pending;
        self.unreadable += other.unreadable;
    }

    /// The verdicts that count in the score.
    #[must_use]
    pub fn counted(&self) -> usize {
        self.compliant + self.drifted + self.unreadable + self.pending
    }

    fn scored(&self) -> Option<f64> {
        score(self.compliant, self.counted())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(verdict: VerdictKind, references: &[&str]) -> Row {
        let row = json!({
            "account": "111122223333", "control": "x.y", "requirement": "x.y.z", "verdict": verdict,
            "severity": "low", "references": references,
        });
        serde_json::from_value(row).expect("a row")
    }

    fn counted(rows: &[Row]) -> Standing {
        let mut count = Count::of(Framework::CisAws3_0);
        rows.chunks(1).for_each(|rows| count.add(rows));
        count.end()
    }

    fn section<'a>(standing: &'a Standing, id: &str) -> &'a Tally {
        &standing.sections.iter().find(|section| section.id == id).expect("a section").tally
    }

    #[test]
    fn a_verdict_counts_in_the_section_of_its_item() {
        let standing = counted(&[
            row(VerdictKind::Compliant, &["CIS AWS 3.0 1.8", "CIS AWS 5.0 3.1", "Security Hub IAM.15"]),
            row(VerdictKind::Drifted, &["CIS AWS 3.0 1.8"]),
            row(VerdictKind::Exempt, &["CIS AWS 3.0 1.9"]),
        ]);
        let own =
            Tally { items: 22, judged: 2, compliant: 1, drifted: 1, exempt: 1, score: Some(50.0), ..Tally::default() };
        assert_eq!(section(&standing, "1"), &own);
        assert_eq!(section(&standing, "3"), &Tally { items: 9, ..Tally::default() });
        assert_eq!(standing.tally, Tally { items: 62, ..own });
        assert_eq!(standing.name, "cis-aws-v3.0");
    }

    #[test]
    fn a_verdict_counts_once_for_each_of_its_items() {
        let standing =
            counted(&[row(VerdictKind::Compliant, &["CIS AWS 3.0 3.1", "CIS AWS 3.0 3.2", "CIS AWS 3.0 1.8"])]);
        assert_eq!((section(&standing, "3").compliant, section(&standing, "3").judged), (2, 2));
        assert_eq!(section(&standing, "1").compliant, 1);
        assert_eq!(standing.tally.compliant, 3);
    }

    #[test]
    fn what_refers_to_no_item_of_it_does_not_count() {
        for none in [&["CIS AWS 3.0 9.9", "CIS AWS 3.01.8", "CIS AWS 5.0 1.7", "CIS AWS 3.0 "][..], &[]] {
            assert_eq!(counted(&[row(VerdictKind::Drifted, none)]), counted(&[]));
        }
        assert_eq!(counted(&[]).tally.score, None);
    }

    #[test]
    fn the_score_leaves_out_what_nobody_can_mend_here() {
        use VerdictKind::{Compliant, Drifted, Exempt, NotApplicable, OwnedElsewhere, Pending, Unreadable};
        let kinds = [Compliant, Drifted, Exempt, NotApplicable, OwnedElsewhere, Pending, Unreadable];
        let standing = counted(&kinds.map(|kind| row(kind, &["CIS AWS 3.0 1.8"])));
        assert_eq!(standing.tally.counted(), 4);
        assert_eq!(standing.tally.score, Some(25.0));
    }
}
