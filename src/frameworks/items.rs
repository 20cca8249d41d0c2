//! The items of every framework, from the data beside this.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use super::Framework;

const CIS_AWS: &str = include_str!("cis_aws.json");

static LISTS: LazyLock<BTreeMap<Framework, List>> = LazyLock::new(read);

/// How far an organization wants to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Level {
    /// What everybody should have, and what seldom hurts.
    One,
    /// What besides is for those who need more, and may cost more. Who asks for this asks for the first too.
    Two,
}

/// How the framework has an item assessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assessed {
    /// A program can tell whether it is met.
    Automated,
    /// A person has to judge it.
    Manual,
}

/// What is asked by items of one or more editions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// True when it is met.
    pub title: String,
    /// What a person does about it, as long as no requirement covers it.
    pub manual: Option<String>,
    /// Why no requirement covers it, where that is for good.
    pub reason: Option<String>,
    /// The page of AWS's documentation that shows it.
    pub documentation: Option<String>,
    /// What is left to a person although a requirement covers it.
    pub besides: Option<String>,
    items: Vec<(String, String, Level, Assessed)>,
}

/// One item of a framework.
#[derive(Debug)]
pub struct Item {
    /// Whose item it is.
    pub framework: Framework,
    /// Its number.
    pub number: String,
    /// From which level on it is asked for.
    pub level: Level,
    /// How the framework has it assessed.
    pub assessed: Assessed,
    /// What it asks.
    pub topic: Arc<Topic>,
}

/// A chapter of a framework.
#[derive(Debug, PartialEq, Eq)]
pub struct Section {
    /// Its number, with which those of its items begin.
    pub id: String,
    /// What it is about.
    pub title: String,
}

/// A framework as a whole.
pub(super) struct List {
    pub(super) items: Vec<Item>,
    pub(super) sections: Vec<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    sections: BTreeMap<String, BTreeMap<String, String>>,
    topics: Vec<Topic>,
}

impl Item {
    /// The id of the section that it is in.
    #[must_use]
    pub fn section(&self) -> &str {
        self.number.split('.').next().unwrap_or(&self.number)
    }
}

/// A number that goes before another in a list, though as a text it may not: 1.9 before 1.10.
fn place(number: &str) -> Vec<u32> {
    number.split('.').filter_map(|part| part.parse().ok()).collect()
}

pub(super) fn list(framework: Framework) -> &'static List {
    LISTS.get(&framework).expect("every framework has a list: a test reads them all")
}

fn read() -> BTreeMap<Framework, List> {
    let Family { sections, topics } = serde_json::from_str(CIS_AWS).expect("the data is in order: a test reads it");
    let topics: Vec<Arc<Topic>> = topics.into_iter().map(Arc::new).collect();
    let list = |framework: Framework| {
        let mut items: Vec<Item> = topics.iter().flat_map(|topic| of_edition(framework, topic)).collect();
        items.sort_by_key(|item| place(&item.number));
        let sections = sections.get(framework.edition()).into_iter().flatten();
        let sections = sections.map(|(id, title)| Section { id: id.clone(), title: title.clone() }).collect();
        (framework, List { items, sections })
    };
    Framework::ALL.into_iter().map(list).collect()
}

fn of_edition(framework: Framework, topic: &Arc<Topic>) -> impl Iterator<Item = Item> {
    let rows = topic.items.iter().filter(move |(edition, ..)| edition == framework.edition());
    rows.map(move |(_, number, level, assessed)| Item {
        framework,
        number: number.clone(),
        level: *level,
        assessed: *assessed,
        topic: topic.clone(),
    })
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        match level {
            Level::One => 1,
            Level::Two => 2,
        }
    }
}

impl TryFrom<u8> for Level {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            _ => Err("there is level 1, and level 2 which has level 1 in it".to_owned()),
        }
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<u8>().unwrap_or_default().try_into()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        u8::from(*self).fmt(f)
    }
}

impl fmt::Display for Assessed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Automated => "automated",
            Self::Manual => "manual",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_item_is_in_a_section_and_has_a_number_of_its_own() {
        for framework in Framework::ALL {
            let sections: BTreeSet<&str> = framework.sections().iter().map(|section| section.id.as_str()).collect();
            assert_eq!(sections.len(), 5, "{framework}");
            let mut numbers = BTreeSet::new();
            for item in framework.items() {
                assert!(sections.contains(item.section()), "{framework} {}", item.number);
                assert!(numbers.insert(place(&item.number)), "{framework} {} is there twice", item.number);
            }
        }
    }

    #[test]
    fn no_row_of_the_data_is_of_an_edition_that_nobody_knows() {
        let Family { topics, sections } = serde_json::from_str(CIS_AWS).expect("the data");
        let known = |edition: &str| Framework::ALL.iter().any(|framework| framework.edition() == edition);
        for (edition, ..) in topics.iter().flat_map(|topic| &topic.items) {
            assert!(known(edition), "{edition}");
        }
        assert!(sections.keys().all(|edition| known(edition)));
    }

    #[test]
    fn what_a_person_has_to_judge_says_what_to_do() {
        for item in Framework::ALL.iter().flat_map(|framework| framework.items()) {
            let Topic { title, manual, reason, besides, .. } = &*item.topic;
            assert!(item.assessed == Assessed::Automated || manual.is_some(), "{} {title}", item.framework);
            for words in [Some(title), manual.as_ref(), reason.as_ref(), besides.as_ref()].into_iter().flatten() {
                assert!(!words.is_empty() && !words.ends_with('.') && words.trim() == words, "{words}");
            }
        }
    }

    #[test]
    fn why_nothing_covers_an_item_for_good_is_shown_by_the_documentation_of_aws() {
        for item in Framework::ALL.iter().flat_map(|framework| framework.items()) {
            let Topic { title, reason, documentation, .. } = &*item.topic;
            assert_eq!(reason.is_some(), documentation.is_some(), "{title}");
            let of_aws = |page: &String| page.starts_with("https://docs.aws.amazon.com/");
            assert!(documentation.iter().all(of_aws), "{documentation:?}");
        }
    }

    #[test]
    fn items_are_in_the_order_of_their_numbers() {
        let numbers: Vec<&str> = Framework::CisAws3_0.items().iter().map(|item| item.number.as_str()).collect();
        assert_eq!(numbers[8..10], ["1.9", "1.10"]);
        assert_eq!(Framework::CisAws7_0.items()[0].number, "2.1.1");
    }

    #[test]
    fn there_are_two_levels() {
        assert_eq!("1".parse(), Ok(Level::One));
        assert_eq!("2".parse(), Ok(Level::Two));
        for none in ["0", "3", "", "one", "-1"] {
            assert!(none.parse::<Level>().is_err(), "{none}");
        }
    }
}
