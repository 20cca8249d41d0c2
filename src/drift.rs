//! One object under judgement: what it should be, what differs, and what mends it.
//!
//! A comparator that finds drift tightens the draft as well, so what is wrong and what is
//! written cannot differ, and nothing gets weaker. What is exempt or set by another owner
//! leaves the draft alone.

mod signs;

pub use signs::spare_needs;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::assessment::{Finding, Verdict};
use crate::control::{Context, Meta};
use crate::observe::{ReadError, Tagged};
use crate::ownership::{Owner, Signs};
use crate::steps::Step;
use crate::target::Object;

/// A requirement that an object does not meet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The full id of the requirement.
    pub requirement: String,
    /// What is.
    pub observed: Value,
    /// What should be.
    pub wanted: Value,
}

/// How an object is mended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// By calls to AWS, in this order.
    Steps {
        /// The calls.
        steps: Vec<Step>,
        /// Objects that have to be there or be mended first, stated only when they are not.
        needs: Vec<Object>,
    },
    /// By the fix of another object: the organization's trail mends its members.
    Through {
        /// The object.
        object: Object,
        /// Who mends it, where that is not in the plan.
        owner: Owner,
    },
    /// By a person, who is told how.
    Manual(String),
}

impl Fix {
    /// Whether it waits for a person, or until something can be read.
    #[must_use]
    pub fn writes_nothing(&self) -> bool {
        match self {
            Self::Steps { steps, .. } => steps.is_empty(),
            Self::Manual(_) => true,
            Self::Through { .. } => false,
        }
    }
}

/// One object that is not as wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// The object.
    pub object: Object,
    /// Whether the object is not there yet.
    pub absent: bool,
    /// What differs, one for each requirement.
    pub differences: Vec<Difference>,
    /// What mends it.
    pub fix: Fix,
    /// What differs as well, and is not mended by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Left>,
    /// The tool that looks after the object, in words: it may set back what is changed here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    /// Whether its tags could not be read, so that no such tool is known; a reason of its verdicts says why.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tags_unread: bool,
}

/// What an object lacks and its fix leaves alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Left {
    /// What differs.
    pub difference: Difference,
    /// Why.
    pub why: Why,
}

/// Why a fix leaves something alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A person has to mend it, who is told how.
    Manual(String),
    /// What mends it cannot be told, because this object could not be read.
    Unread(Object),
}

/// An object with a verdict for each requirement, and at most one drift.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The object.
    pub object: Object,
    /// A verdict for each requirement that was judged.
    pub findings: Vec<Finding>,
    /// What to do about it.
    pub drift: Option<Drift>,
    /// What is asked for its tags because it drifts, and how AWS knows it; none: they are known, or it has none.
    pub bears: Option<(Tagged, String)>,
}

impl Drift {
    /// An object that another of the plan needs, and what it lacks.
    #[must_use]
    pub fn needed(object: Object, absent: bool, difference: Difference, fix: Fix) -> Self {
        Self { absent, ..Self::of(object, vec![difference], fix) }
    }

    /// An object that is there, what it lacks, and what mends all of it; nobody is known to look after it.
    #[must_use]
    pub fn of(object: Object, differences: Vec<Difference>, fix: Fix) -> Self {
        Self { object, absent: false, differences, fix, left: vec![], managed_by: None, tags_unread: false }
    }

    /// Leaves a requirement, by its full id, out of what the fix promises. It stays drifted, and the plan says why.
    pub fn leave(&mut self, requirement: &str, why: Why) {
        let meant = |difference: &Difference| difference.requirement == requirement;
        if let Some(at) = self.differences.iter().position(meant) {
            self.left.push(Left { difference: self.differences.remove(at), why });
        }
    }

    /// The objects without which what these differences plan is not mended.
    pub fn needs<'a>(&'a self, planned: &'a [Difference]) -> impl Iterator<Item = &'a Object> {
        let is_planned = |id: &str| planned.iter().any(|difference| difference.requirement == id);
        let mends_planned = self.differences.iter().any(|difference| is_planned(&difference.requirement));
        let needs = match &self.fix {
            Fix::Steps { needs, .. } if mends_planned => needs.as_slice(),
            Fix::Steps { .. } | Fix::Through { .. } | Fix::Manual(_) => &[],
        };
        let meant = move |left: &&Left| is_planned(&left.difference.requirement);
        let left = self.left.iter().filter(meant).filter_map(|left| match &left.why {
            Why::Unread(object) => Some(object),
            Why::Manual(_) => None,
        });
        needs.iter().chain(left)
    }

    /// What a person has to do about one of these differences, which the fix leaves alone.
    #[must_use]
    pub fn left_to_a_person(&self, planned: &[Difference]) -> Option<&str> {
        let meant =
            |left: &&Left| planned.iter().any(|difference| difference.requirement == left.difference.requirement);
        self.left.iter().filter(meant).find_map(|left| match &left.why {
            Why::Manual(words) => Some(words.as_str()),
            Why::Unread(_) => None,
        })
    }
}

impl Judged {
    /// An object that another of the plan needs, and that has no requirement of its own.
    #[must_use]
    pub fn needed(drift: Drift) -> Self {
        Self { object: drift.object.clone(), findings: vec![], drift: Some(drift), bears: None }
    }

    /// An object that another of the plan needs, and that could not be read: what it lacks is not known. `requirement`
    /// is what it is needed for.
    #[must_use]
    pub fn unknown(object: Object, requirement: &'static str, wanted: Value, error: &ReadError) -> Self {
        let verdict = Verdict::Unreadable(error.clone());
        let finding = Finding { requirement, verdict, observed: Value::Null, wanted, reason: None };
        Self { object, findings: vec![finding], drift: None, bears: None }
    }

    /// Why it could not be read, if it could not.
    #[must_use]
    pub fn why_unread(&self) -> Option<&ReadError> {
        self.findings.iter().find_map(|finding| match &finding.verdict {
            Verdict::Unreadable(error) => Some(error),
            _ => None,
        })
    }

    /// Why one of these requirements could not be judged, if one could not.
    #[must_use]
    pub fn unread(&self, of: &[Difference]) -> Option<&ReadError> {
        let meant = |finding: &&Finding| of.iter().any(|difference| difference.requirement == finding.requirement);
        self.findings.iter().filter(meant).find_map(|finding| match &finding.verdict {
            Verdict::Unreadable(error) => Some(error),
            _ => None,
        })
    }
}

/// One object under judgement.
pub struct Bench<'a> {
    context: &'a Context<'a>,
    meta: &'static Meta,
    object: Object,
    absent: bool,
    owner: Option<Owner>,
    managed_by: Option<String>,
    bears: Option<(Tagged, String)>,
    findings: Vec<Finding>,
    differences: Vec<Difference>,
}

impl<'a> Bench<'a> {
    /// Puts an object under judgement.
    #[must_use]
    pub fn new(context: &'a Context<'a>, meta: &'static Meta, object: Object) -> Self {
        Self {
            context,
            meta,
            object,
            absent: false,
            owner: None,
            managed_by: None,
            bears: None,
            findings: vec![],
            differences: vec![],
        }
    }

    /// The object is not there: every requirement asked of it is drifted.
    #[must_use]
    pub fn absent(mut self, absent: bool) -> Self {
        self.absent = absent;
        self
    }

    /// Somebody else sets its values.
    #[must_use]
    pub fn owned_by(mut self, owner: Option<Owner>) -> Self {
        self.owner = owner;
        self
    }

    /// It bears these tags, which may name a tool that looks after it.
    #[must_use]
    pub fn signed(mut self, signs: Option<&Signs>) -> Self {
        self.managed_by = signs.and_then(Signs::tool);
        self
    }

    /// Its tags are not known: where it drifts, it is asked for them, by what AWS knows it by; none: it is not there.
    #[must_use]
    pub fn bears(mut self, kind: Tagged, which: Option<String>) -> Self {
        self.bears = which.map(|which| (kind, which));
        self
    }

    /// A number may not be less than wanted. `wanted` none: not required, never touched.
    pub fn at_least<T: PartialOrd + Clone + Serialize>(&mut self, name: &str, draft: &mut T, wanted: Option<&T>) {
        self.compare(name, draft, wanted, |draft, wanted| draft >= wanted);
    }

    /// A limit has to be there and may not be more than wanted.
    pub fn at_most(&mut self, name: &str, draft: &mut Option<u32>, wanted: Option<u32>) {
        let within = |draft: &Option<u32>, wanted: &Option<u32>| draft.is_some() && draft <= wanted;
        self.compare(name, draft, wanted.map(Some).as_ref(), within);
    }

    /// A value has two sides, neither stricter: it has to be the same.
    pub fn equal<T: PartialEq + Clone + Serialize>(&mut self, name: &str, draft: &mut T, wanted: Option<&T>) {
        self.compare(name, draft, wanted, |draft, wanted| draft == wanted);
    }

    /// Judges one requirement and tightens the draft where it falls short.
    pub fn compare<T: Clone + Serialize>(
        &mut self,
        name: &str,
        draft: &mut T,
        wanted: Option<&T>,
        meets: impl Fn(&T, &T) -> bool,
    ) {
        let Some(wanted) = wanted else { return };
        let observed = if self.absent { Value::Null } else { json(draft) };
        let met = !self.absent && meets(draft, wanted);
        if self.judge(name, met, observed, json(wanted)) {
            *draft = wanted.clone();
        }
    }

    /// Judges one requirement by what is already known of it. True: it drifted, and the account itself has to mend it.
    pub fn judge(&mut self, name: &str, met: bool, observed: Value, wanted: Value) -> bool {
        let verdict = self.verdict(name, met);
        let drifted = verdict == Verdict::Drifted;
        let requirement = self.meta.requirement(name).id;
        if drifted {
            let difference =
                Difference { requirement: requirement.to_owned(), observed: observed.clone(), wanted: wanted.clone() };
            self.differences.push(difference);
        }
        self.findings.push(Finding { requirement, verdict, observed, wanted, reason: None });
        drifted
    }

    fn verdict(&self, name: &str, met: bool) -> Verdict {
        let requirement = self.meta.requirement(name).id;
        if let Some(owner) = &self.owner {
            return Verdict::owned_elsewhere(owner, met);
        }
        if met {
            return Verdict::Compliant;
        }
        match self.context.exemption(requirement, &self.object.name) {
            Some(accepted) => Verdict::Exempt(accepted.clone()),
            None => Verdict::Drifted,
        }
    }

    /// A requirement could not be judged, because what it depends on could not be read.
    pub fn unreadable(&mut self, name: &str, error: &ReadError, wanted: Value) {
        let requirement = self.meta.requirement(name).id;
        let verdict = Verdict::Unreadable(error.clone());
        self.findings.push(Finding { requirement, verdict, observed: Value::Null, wanted, reason: None });
    }

    /// A requirement asks for something that there is not to be had.
    pub fn not_applicable(&mut self, name: &str, reason: impl Into<String>, wanted: Value) {
        let requirement = self.meta.requirement(name).id;
        let verdict = Verdict::NotApplicable(reason.into());
        self.findings.push(Finding { requirement, verdict, observed: Value::Null, wanted, reason: None });
    }

    /// A requirement that was seen to, and that is not in force yet, such as before a person has agreed. What is accepted,
    /// or set by somebody else, stays so.
    pub fn pending(&mut self, name: &str, reason: impl Into<String>, wanted: Value) {
        let requirement = self.meta.requirement(name).id;
        let (verdict, reason) = match self.verdict(name, false) {
            Verdict::Drifted => (Verdict::Pending(reason.into()), None),
            other => (other, Some(reason.into())),
        };
        self.findings.push(Finding { requirement, verdict, observed: Value::Null, wanted, reason });
    }

    /// Says more of the requirement that was judged last.
    pub fn because(&mut self, reason: impl Into<String>) {
        if let Some(last) = self.findings.last_mut() {
            last.reason = Some(reason.into());
        }
    }

    /// Says more of every requirement that somebody else sets, and not as wanted.
    pub fn owned_because(&mut self, words: &str) {
        for finding in &mut self.findings {
            if let Verdict::OwnedElsewhere { mend, in_force: false, .. } = &finding.verdict {
                finding.reason = Some(format!("{mend}; {words}"));
            }
        }
    }

    /// Says why what was judged last is not as wanted, where somebody else sets it.
    pub fn owned_last_because(&mut self, words: &str) {
        if let Some(Finding { verdict: Verdict::OwnedElsewhere { in_force: false, .. }, reason, .. }) =
            self.findings.last_mut()
        {
            *reason = Some(words.to_owned());
        }
    }

    /// Whether something has drifted so far.
    #[must_use]
    pub fn drifts(&self) -> bool {
        !self.differences.is_empty()
    }

    /// Ends the judgement; where something drifted, `fix` says what mends it.
    pub fn mend(self, fix: impl FnOnce() -> Fix) -> Judged {
        let drift = (!self.differences.is_empty()).then(|| Drift {
            object: self.object.clone(),
            absent: self.absent,
            differences: self.differences,
            fix: fix(),
            left: vec![],
            managed_by: self.managed_by,
            tags_unread: false,
        });
        let bears = self.bears.filter(|_| drift.is_some());
        Judged { object: self.object, findings: self.findings, drift, bears }
    }
}

fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("plain data serializes")
}
