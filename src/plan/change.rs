//! Everything a plan does to one object.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Digest;
use crate::assessment::ChangeCounts;
use crate::control::{Meta, Severity};
use crate::drift::Difference;
use crate::steps::{Risk, Step};
use crate::target::{AccountId, Object, Region, Target};

/// What a change does to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Makes it.
    Add,
    /// Changes it.
    Change,
    /// Takes it away.
    Remove,
}

/// Everything a plan does to one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Digest of its address, differences, steps and needs: the same content has the same id in every plan.
    pub id: String,
    /// The account.
    pub account: AccountId,
    /// The region; none where the object is the account's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The control that judged the object.
    pub control: String,
    /// What the object is.
    pub kind: String,
    /// The object's name.
    pub object: String,
    /// What is done to it.
    pub action: Action,
    /// The highest of its requirements.
    pub severity: Severity,
    /// The highest of its steps.
    pub risk: Risk,
    /// What bills from then on.
    pub cost: Option<String>,
    /// What differs.
    pub differences: Vec<Difference>,
    /// The calls, in order.
    pub steps: Vec<Step>,
    /// Changes that have to be done first.
    pub depends_on: Vec<String>,
    /// How it is undone, in words.
    pub undo: Vec<String>,
    /// What a person has to do, where no call can mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manual: Option<String>,
    /// Why it cannot be done, although the calls are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<String>,
    /// The tool that looks after the object, in words: it may set back what is changed here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    /// Whether the object's tags could not be read, so that no such tool is known; a reason of its verdicts says why.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tags_unread: bool,
    /// That earlier runs set the same, and it did not stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contested: Option<Contested>,
    /// What it undoes; none: it mends drift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<Reverts>,
}

/// A value that earlier runs set, and that somebody else set back each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contested {
    /// The runs, the oldest first.
    pub runs: Vec<SetBy>,
}

/// A run that set a value and saw it in force.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SetBy {
    /// When it did.
    pub at: Timestamp,
    /// Its id.
    pub run: String,
}

impl fmt::Display for Contested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs = self.runs.iter().map(|set| format!("{} on {}", set.run, set.at.strftime("%Y-%m-%d")));
        write!(f, "set by the runs {}, and set back by somebody else each time", runs.collect::<Vec<_>>().join(" and "))
    }
}

/// What a change undoes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reverts {
    /// The id of the run.
    pub run: String,
    /// The id of the change that the run made.
    pub change: String,
}

/// What apply does with a change when it has looked again.
#[derive(Clone, Debug, PartialEq)]
pub enum Now {
    /// Nothing is left to do.
    Already,
    /// These steps are left.
    Run(Vec<Step>),
    /// The object is not as the plan saw it; why, in words.
    Stale(String),
}

impl Change {
    /// The object that it writes.
    #[must_use]
    pub fn target(&self) -> Object {
        Object {
            at: Target { account: self.account.clone(), region: self.region.clone() },
            kind: self.kind.clone(),
            name: self.object.clone(),
        }
    }

    /// Whether this control asks for something of it.
    #[must_use]
    pub fn is_of(&self, control: &Meta) -> bool {
        let names = |difference: &Difference| control.requirements.iter().any(|one| one.id == difference.requirement);
        self.control == control.id || self.differences.iter().any(names)
    }

    /// Adds it to the figures of a run.
    pub fn count(&self, counts: &mut ChangeCounts) {
        let count = match self.action {
            _ if self.manual.is_some() => &mut counts.manual,
            _ if self.blocked.is_some() => &mut counts.blocked,
            Action::Add => &mut counts.add,
            Action::Change => &mut counts.change,
            Action::Remove => &mut counts.remove,
        };
        *count += 1;
    }

    /// Whether apply has something to do.
    #[must_use]
    pub fn can_be_applied(&self) -> bool {
        self.manual.is_none() && self.blocked.is_none()
    }

    /// What is left of it, when the object is seen afresh: `differences` and `steps` are what would be planned now. Where
    /// it was `begun`, what was observed may have changed by that; the steps that are left still have to be planned ones.
    #[must_use]
    pub fn against(&self, differences: &[Difference], steps: &[Step], begun: bool) -> Now {
        if differences.is_empty() {
            return Now::Already;
        }
        // What was absent and is half made has other observed values than planned; what is wanted has to be the same.
        let planned = |now: &Difference| {
            self.differences.iter().any(|then| {
                then.requirement == now.requirement
                    && then.wanted == now.wanted
                    && (then.observed == now.observed || self.action == Action::Add || begun)
            })
        };
        if let Some(foreign) = differences.iter().find(|now| !planned(now)) {
            let Difference { requirement, observed, .. } = foreign;
            return Now::Stale(format!("{requirement} is {observed} now, which the plan did not see"));
        }
        let mut rest = self.steps.iter();
        match steps.iter().find(|step| !rest.any(|planned| planned.covers(step))) {
            None => Now::Run(steps.to_vec()),
            Some(step) => Now::Stale(format!("it would take a step now that was not planned: {}", step.says())),
        }
    }

    /// The same where these of its steps are left besides, which show in nothing that was seen.
    #[must_use]
    pub fn go_on(&self, now: Now, unseen: &[Step]) -> Now {
        match now {
            Now::Already if !unseen.is_empty() => Now::Run(unseen.to_vec()),
            Now::Run(steps) => Now::Run(self.in_order(steps, unseen)),
            Now::Already | Now::Stale(_) => now,
        }
    }

    /// Steps that are left, of which these were seen to be, in the order of the plan.
    fn in_order(&self, seen: Vec<Step>, unseen: &[Step]) -> Vec<Step> {
        let mut seen = seen.into_iter().peekable();
        let next = |planned: &Step| {
            let open = || unseen.contains(planned).then(|| planned.clone());
            seen.next_if(|step| planned.covers(step)).or_else(open)
        };
        self.steps.iter().filter_map(next).collect()
    }
}

/// What the id of a change is made of.
#[derive(Serialize)]
struct Content<'a> {
    address: String,
    differences: &'a [Difference],
    steps: &'a [Step],
    needs: Vec<String>,
}

/// The id of a change with this content: 64 hexadecimal digits.
pub(super) fn content_id(object: &Object, differences: &[Difference], steps: &[Step], needs: &[Object]) -> String {
    let mut needs: Vec<String> = needs.iter().map(Object::address).collect();
    needs.sort();
    let content = Content { address: object.address(), differences, steps, needs };
    Digest::of(&content).trim_start_matches("sha256:").to_owned()
}
