//! Which requirements cover an item of a framework: those that refer to it.

use super::CONTROLS;
use crate::control::Requirement;
use crate::frameworks::{Assessed, Framework, Item};

/// How trueup meets an item of a framework.
#[derive(Debug, PartialEq, Eq)]
pub enum Coverage {
    /// These requirements cover it.
    Covered(Vec<&'static Requirement>),
    /// A person does this.
    Manual(&'static str),
    /// Nothing does, for this reason.
    NotCovered(&'static str),
}

/// Why nothing covers an item that a control could cover.
pub const NO_CONTROL: &str = "trueup has no control for it yet";

/// The requirements that cover the item with this number, in the order of the registry.
pub fn covering(framework: Framework, number: &str) -> impl Iterator<Item = &'static Requirement> {
    let all = CONTROLS.iter().flat_map(|control| control.meta().requirements);
    all.filter(move |requirement| requirement.references.iter().any(|reference| reference.is(framework, number)))
}

/// How an item is met.
#[must_use]
pub fn coverage(item: &'static Item) -> Coverage {
    met(item, covering(item.framework, &item.number).collect())
}

fn met(item: &'static Item, requirements: Vec<&'static Requirement>) -> Coverage {
    if !requirements.is_empty() {
        return Coverage::Covered(requirements);
    }
    match (item.assessed, &item.topic.manual, &item.topic.reason) {
        (Assessed::Manual, Some(words), _) => Coverage::Manual(words),
        (_, _, Some(reason)) => Coverage::NotCovered(reason),
        _ => Coverage::NotCovered(NO_CONTROL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls;

    fn item(framework: Framework, number: &str) -> &'static Item {
        framework.item(number).expect("an item")
    }

    #[test]
    fn an_item_is_covered_by_the_requirements_that_refer_to_it() {
        let Coverage::Covered(requirements) = coverage(item(Framework::CisAws5_0, "1.7")) else { panic!("covered") };
        let ids: Vec<&str> = requirements.iter().map(|requirement| requirement.id).collect();
        assert_eq!(ids, ["iam.password_policy.minimum_length"]);
    }

    #[test]
    fn an_item_is_covered_by_itself_once_a_requirement_refers_to_it() {
        let judged_by_a_person = item(Framework::CisAws5_0, "1.20");
        assert!(matches!(met(judged_by_a_person, vec![]), Coverage::Manual(_)));
        let automated = item(Framework::CisAws1_4, "2.3.1");
        assert_ne!(met(automated, vec![]), Coverage::NotCovered(NO_CONTROL), "there is a reason of its own");
        let requirement = &controls::find("kms.key_rotation").expect("a control").meta().requirements[0];
        for item in [judged_by_a_person, automated] {
            assert_eq!(met(item, vec![requirement]), Coverage::Covered(vec![requirement]));
        }
    }

    #[test]
    fn what_no_control_covers_yet_says_so() {
        let unreasoned = Framework::ALL
            .iter()
            .flat_map(|framework| framework.items())
            .find(|item| item.assessed == Assessed::Automated && item.topic.reason.is_none());
        assert_eq!(met(unreasoned.expect("an item"), vec![]), Coverage::NotCovered(NO_CONTROL));
    }
}
