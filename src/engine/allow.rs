//! Which classes of steps may run.

use std::fmt;
use std::str::FromStr;

use crate::controls;
use crate::plan::{Change, Contested};
use crate::steps::{Risk, Step};

/// A class of steps that runs only when it is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Allowed {
    /// See [`Risk::Disruptive`].
    Disruptive,
    /// A value that somebody else sets back each time.
    Contested,
    /// Something bills from then on.
    Cost,
    /// See [`Risk::Weakening`].
    Weakening,
    /// See [`Risk::Irreversible`].
    Irreversible,
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disruptive => "disruptive",
            Self::Contested => "contested",
            Self::Cost => "cost",
            Self::Weakening => "weakening",
            Self::Irreversible => "irreversible",
        })
    }
}

/// What `--allow CLASS[:CONTROL]` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    class: Allowed,
    control: Option<String>,
}

impl FromStr for Allow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (class, control) = match text.split_once(':') {
            Some((class, control)) => (class, Some(control)),
            None => (text, None),
        };
        let classes =
            [Allowed::Disruptive, Allowed::Cost, Allowed::Weakening, Allowed::Irreversible, Allowed::Contested];
        let Some(class) = classes.into_iter().find(|known| known.to_string() == class) else {
            return Err(format!("`{class}` is not a class: disruptive, cost, weakening, irreversible or contested"));
        };
        if let Some(unknown) = control.filter(|id| controls::find(id).is_none()) {
            return Err(format!("`{unknown}` is not a control: see `trueup controls`"));
        }
        Ok(Self { class, control: control.map(str::to_owned) })
    }
}

/// The classes of a step that nothing in `allow` covers.
#[must_use]
pub fn missing(step: &Step, control: &str, allow: &[Allow]) -> Vec<Allowed> {
    let risk = match step.risk() {
        Risk::Safe => None,
        Risk::Disruptive => Some(Allowed::Disruptive),
        Risk::Weakening => Some(Allowed::Weakening),
        Risk::Irreversible => Some(Allowed::Irreversible),
    };
    // Whatever is undone, a protection gets weaker; where it cannot be had back, that has to be allowed as well.
    let undoes = step.extent().filter(|_| risk != Some(Allowed::Weakening)).map(|_| Allowed::Weakening);
    let cost = step.cost().map(|_| Allowed::Cost);
    undoes.into_iter().chain(risk).chain(cost).filter(|class| !covers(allow, *class, control)).collect()
}

/// Whether a class is allowed for a control.
#[must_use]
pub fn covers(allow: &[Allow], class: Allowed, control: &str) -> bool {
    allow.iter().any(|allow| allow.class == class && allow.control.as_deref().is_none_or(|id| id == control))
}

/// That a change is left alone because somebody else sets it back each time, unless that is allowed.
#[must_use]
pub fn contested<'a>(change: &'a Change, allow: &[Allow]) -> Option<&'a Contested> {
    change.contested.as_ref().filter(|_| !covers(allow, Allowed::Contested, &change.control))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_or_a_control_that_does_not_exist_is_refused() {
        assert!("cost".parse::<Allow>().is_ok());
        assert!("disruptive:iam.password_policy".parse::<Allow>().is_ok());
        assert_eq!(
            "costs".parse::<Allow>().expect_err("no class"),
            "`costs` is not a class: disruptive, cost, weakening, irreversible or contested"
        );
        assert!("cost:iam.passwords".parse::<Allow>().is_err());
    }
}
