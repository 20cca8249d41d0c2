//! What a requirement is called elsewhere.

use super::Framework;

/// Who calls a requirement something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The CIS AWS Foundations Benchmark, from one edition to another.
    Cis(Framework, Framework),
    /// AWS Security Hub, by its controls.
    SecurityHub,
    /// NIST SP 800-53, revision 5, by its controls.
    Nist,
}

/// What a requirement is called elsewhere: `CIS AWS 3.0 1.8`, `Security Hub IAM.15`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Who calls it so.
    pub source: Source,
    /// The number of the item there; of NIST's also several, with blanks between them.
    pub item: &'static str,
}

/// An item of the CIS AWS Foundations Benchmark, in one edition or in several that follow each other:
/// `cis("5.0", "1.7")`, `cis("1.4-4.0", "1.8")`.
///
/// # Panics
/// There is no such edition. References are constants, so it panics when it is compiled.
#[must_use]
pub const fn cis(editions: &str, item: &'static str) -> Reference {
    let source = match editions.len() {
        3 => Source::Cis(edition(editions.as_bytes()), edition(editions.as_bytes())),
        7 => {
            let (first, last) = editions.as_bytes().split_at(3);
            let [b'-', last @ ..] = last else { panic!("editions are written as 1.4-4.0") };
            Source::Cis(edition(first), edition(last))
        }
        _ => panic!("editions are written as 5.0, or as 1.4-4.0"),
    };
    Reference { source, item }
}

const fn edition(edition: &[u8]) -> Framework {
    match edition {
        b"1.4" => Framework::CisAws1_4,
        b"1.5" => Framework::CisAws1_5,
        b"2.0" => Framework::CisAws2_0,
        b"3.0" => Framework::CisAws3_0,
        b"4.0" => Framework::CisAws4_0,
        b"5.0" => Framework::CisAws5_0,
        b"6.0" => Framework::CisAws6_0,
        b"7.0" => Framework::CisAws7_0,
        _ => panic!("there is no such edition of the CIS AWS Foundations Benchmark"),
    }
}

/// A control of AWS Security Hub: `security_hub("IAM.15")`.
#[must_use]
pub const fn security_hub(item: &'static str) -> Reference {
    Reference { source: Source::SecurityHub, item }
}

/// Controls and enhancements of NIST SP 800-53, revision 5: `nist("AC-2(1) AC-6")`. There are many, so one text has all.
#[must_use]
pub const fn nist(items: &'static str) -> Reference {
    Reference { source: Source::Nist, item: items }
}

impl Reference {
    /// The frameworks that call it so, the oldest edition first.
    pub fn frameworks(self) -> impl Iterator<Item = Framework> {
        Framework::ALL.into_iter().filter(move |framework| match self.source {
            Source::Cis(first, last) => (first..=last).contains(framework),
            Source::SecurityHub | Source::Nist => false,
        })
    }

    /// Whether it is this item of this framework.
    #[must_use]
    pub fn is(self, framework: Framework, number: &str) -> bool {
        self.item == number && self.frameworks().any(|own| own == framework)
    }

    /// As reports have it, in full: `CIS AWS 3.0 1.8`, `Security Hub IAM.15`; one for each edition.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        match self.source {
            Source::Cis(..) => self.frameworks().map(|framework| format!("{framework} {}", self.item)).collect(),
            Source::SecurityHub => vec![format!("Security Hub {}", self.item)],
            Source::Nist => self.item.split(' ').map(|item| format!("NIST 800-53 r5 {item}")).collect(),
        }
    }

    /// Whether it is written as its source writes its numbers, and is there where every item is known.
    #[must_use]
    pub fn is_sound(self) -> bool {
        match self.source {
            Source::Cis(first, last) => first <= last && self.frameworks().all(|one| one.item(self.item).is_some()),
            Source::SecurityHub => self.item.split_once('.').is_some_and(|(service, number)| {
                !service.is_empty() && service.bytes().all(|byte| byte.is_ascii_alphanumeric()) && is_number(number)
            }),
            Source::Nist => self.item.split(' ').all(is_nist),
        }
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `AC-2` or `AC-2(1)`: a family, a control, an enhancement.
fn is_nist(text: &str) -> bool {
    let Some((family, rest)) = text.split_once('-') else { return false };
    let (control, enhancement) = match rest.split_once('(') {
        Some((control, enhancement)) => (control, enhancement.strip_suffix(')')),
        None => (rest, Some("1")),
    };
    family.len() == 2
        && family.bytes().all(|byte| byte.is_ascii_uppercase())
        && is_number(control)
        && enhancement.is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_named_with_its_source_once_for_each_edition() {
        assert_eq!(cis("5.0", "1.7").names(), ["CIS AWS 5.0 1.7"]);
        assert_eq!(cis("1.5-3.0", "1.8").names(), ["CIS AWS 1.5 1.8", "CIS AWS 2.0 1.8", "CIS AWS 3.0 1.8"]);
        assert_eq!(security_hub("IAM.15").names(), ["Security Hub IAM.15"]);
        assert_eq!(nist("AC-2(1) AC-6").names(), ["NIST 800-53 r5 AC-2(1)", "NIST 800-53 r5 AC-6"]);
    }

    #[test]
    fn the_edition_that_is_written_is_the_one_that_is_meant() {
        for framework in Framework::ALL {
            let reference = cis(framework.edition(), "1.1");
            assert_eq!(reference.frameworks().collect::<Vec<_>>(), [framework]);
            assert!(reference.is(framework, "1.1") && !reference.is(framework, "1.10"), "{framework}");
        }
        assert!(!security_hub("1.1").is(Framework::CisAws3_0, "1.1"));
    }

    #[test]
    fn what_no_source_would_write_is_not_sound() {
        for known in [cis("1.4-4.0", "1.8"), security_hub("GuardDuty.10"), nist("AC-2"), nist("AC-2(3) AC-6")] {
            assert!(known.is_sound(), "{known:?}");
        }
        let unknown = [
            cis("7.0", "1.8"),
            cis("4.0-6.0", "1.10"),
            cis("4.0-1.4", "1.8"),
            cis("3.0", "1.8 "),
            cis("3.0", ""),
            security_hub("IAM"),
            security_hub("IAM.07"),
            security_hub(".7"),
            security_hub("IAM.7 "),
            nist("AC2"),
            nist("ac-2"),
            nist("AC-2(1"),
            nist("AC-2()"),
            nist("AC-2 a"),
            nist("AC-2  AC-3"),
        ];
        for reference in unknown {
            assert!(!reference.is_sound(), "{reference:?}");
        }
    }
}
