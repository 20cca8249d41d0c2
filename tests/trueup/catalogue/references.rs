//! What frameworks call the entries of the catalogue, and what the requirements say of it.

use std::collections::BTreeSet;

use trueup::control::Requirement;
use trueup::controls;
use trueup::frameworks::Framework;

use super::built::{BUILT, Built};
use super::differences::Line;
use super::{Entry, catalogue};

/// Where the references of requirements differ from those of their entry: one is named `besides`, or is named `not`.
const REFERENCES: &[Line] = &[
    Line {
        entries: &["iam.root_recent_use"],
        differences: &["not Security Hub IAM.20 (retired)"],
        reason: "Security Hub has it no more",
    },
    Line {
        entries: &["cloudtrail.bucket_lifecycle"],
        differences: &["not Security Hub S3.13"],
        reason: "it fails where a bucket has no lifecycle at all, and one without keeps its files for ever, as the entry \
                 says; former versions, which its rules may delete sooner, are not what is asked about: CloudTrail writes \
                 each file once",
    },
    Line {
        entries: &["cloudtrail.kms"],
        differences: &["not Security Hub CloudTrail.10 (event data stores)"],
        reason: "it is about event data stores of CloudTrail Lake, which are no trails",
    },
    Line {
        entries: &["cloudtrail.enabled", "cloudtrail.management_events"],
        differences: &[
            "besides CIS AWS 1.4 3.1",
            "besides CIS AWS 1.5 3.1",
            "besides CIS AWS 2.0 3.1",
            "besides CIS AWS 3.0 3.1",
            "besides CIS AWS 4.0 3.1",
            "besides CIS AWS 5.0 3.1",
            "besides CIS AWS 6.0 4.1",
            "besides CIS AWS 7.0 4.1",
        ],
        reason: "the item asks for a trail of every region that is logging, and for all management events",
    },
    Line {
        entries: &["ec2.imds_defaults"],
        differences: &["not CIS AWS 2.0 5.6 (Prowler)"],
        reason: "a scanner counts the defaults as that item, which is about instances: ec2.instance refers to it",
    },
];

impl Entry {
    /// As requirements refer to it. The catalogue has the editions of CIS that there is no list of as well, and of NIST's
    /// controls the paragraphs, which requirements do not name.
    fn references(&self) -> BTreeSet<String> {
        let known = |edition: &str| Framework::ALL.iter().any(|framework| framework.edition() == edition);
        let editions = self.cis.iter().filter_map(|(edition, items)| Some((edition.strip_prefix('v')?, items)));
        let cis = editions.filter(|(edition, _)| known(edition));
        let cis = cis.flat_map(|(edition, items)| items.iter().map(move |item| format!("CIS AWS {edition} {item}")));
        let hub = self.security_hub.iter().map(|control| format!("Security Hub {control}"));
        let nist = self.nist_800_53_r5.iter().filter_map(|control| control.split(' ').next());
        cis.chain(hub).chain(nist.map(|control| format!("NIST 800-53 r5 {control}"))).collect()
    }
}

impl Built {
    fn references(&self) -> BTreeSet<String> {
        let requirements = self.requirements();
        requirements.iter().filter_map(|id| controls::requirement(id)).flat_map(Requirement::names).collect()
    }

    /// Entries, itself among them, that ask for some of what it asks for, and for nothing else: the feature of a detector
    /// implies the detector, which is an entry too.
    fn within(&self) -> impl Iterator<Item = &'static str> {
        let (control, all) = (self.control, self.requirements());
        let others = BUILT.iter().filter(move |other| other.control == control);
        others.filter(move |other| other.requirements().is_subset(&all)).map(|other| other.id)
    }
}

#[test]
fn what_frameworks_call_an_entry_is_what_its_requirements_refer_to() {
    let catalogue = catalogue();
    let (mut unexplained, mut used) = (vec![], BTreeSet::new());
    for built in BUILT {
        let (theirs, ours) = (catalogue[built.id].references(), built.references());
        let within: BTreeSet<String> = built.within().flat_map(|id| catalogue[id].references()).collect();
        let lacking = theirs.difference(&ours).map(|reference| format!("not {reference}"));
        for difference in lacking.chain(ours.difference(&within).map(|reference| format!("besides {reference}"))) {
            let known = REFERENCES.iter().filter(|line| line.entries.contains(&built.id));
            match known.flat_map(|line| line.differences).find(|known| **known == difference) {
                Some(known) => {
                    used.insert((built.id, *known));
                }
                None => unexplained.push(format!("{} {difference}", built.id)),
            }
        }
    }
    assert!(unexplained.is_empty(), "these differ without a reason:\n{}", unexplained.join("\n"));
    for line in REFERENCES {
        assert!(!line.reason.is_empty());
        for difference in line.differences {
            let any = line.entries.iter().any(|entry| used.contains(&(*entry, *difference)));
            assert!(any, "{:?} do not differ any more: {difference}", line.entries);
        }
    }
}

#[test]
fn entries_that_frameworks_know_are_known_to_them_by_all_three() {
    let all: Vec<String> = catalogue().values().flat_map(Entry::references).collect();
    for source in ["CIS AWS ", "Security Hub ", "NIST 800-53 r5 "] {
        assert!(all.iter().any(|reference| reference.starts_with(source)), "{source}");
    }
}
