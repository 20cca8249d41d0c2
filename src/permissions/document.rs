//! Policies as IAM takes them: documents that are short enough, with nothing left open but what has to be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Policy;

/// A managed policy holds 6,144 characters; what is left is room for names that are put in later.
const LONGEST: usize = 5_800;

/// What stands in ARNs for the partition and the account.
#[derive(Clone, Copy, Debug)]
pub struct Blanks<'a> {
    /// In place of `{partition}`.
    pub partition: &'a str,
    /// In place of `{account}`.
    pub account: &'a str,
}

/// The longest that AWS may put there.
const WIDEST: Blanks<'_> = Blanks { partition: "aws-us-gov", account: "111122223333" };

impl Blanks<'_> {
    /// An ARN without blanks.
    #[must_use]
    pub fn fill(&self, pattern: &str) -> String {
        pattern.replace("{partition}", self.partition).replace("{account}", self.account)
    }
}

/// One policy document of a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its name: the holder's, with a number from the second on.
    pub name: String,
    /// How long it is as AWS counts, without white space.
    pub characters: usize,
    statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    denies: bool,
    actions: Vec<String>,
    resources: Vec<String>,
}

impl Statement {
    fn json(&self, blanks: Blanks<'_>) -> Value {
        let resources: Vec<String> = self.resources.iter().map(|pattern| blanks.fill(pattern)).collect();
        let effect = if self.denies { "Deny" } else { "Allow" };
        json!({ "Effect": effect, "Action": self.actions, "Resource": resources })
    }

    fn length(&self) -> usize {
        self.json(WIDEST).to_string().len() + 1
    }

    /// The same with half of its actions, and the other half.
    fn halves(mut self) -> [Self; 2] {
        let rest = self.actions.split_off(self.actions.len() / 2);
        let other = Self { actions: rest, ..self.clone() };
        [self, other]
    }
}

impl Document {
    /// The document, with what is put into its blanks.
    #[must_use]
    pub fn json(&self, blanks: Blanks<'_>) -> Value {
        let statements: Vec<Value> = self.statements.iter().map(|statement| statement.json(blanks)).collect();
        json!({ "Version": "2012-10-17", "Statement": statements })
    }
}

/// A policy in as few documents as it takes; none where nothing is allowed.
#[must_use]
pub fn documents(policy: &Policy) -> Vec<Document> {
    let mut parts: Vec<Vec<Statement>> = vec![];
    let mut open = statements(policy);
    open.reverse();
    while let Some(statement) = open.pop() {
        if statement.length() > LONGEST / 2 && statement.actions.len() > 1 {
            let [first, second] = statement.halves();
            open.extend([second, first]);
            continue;
        }
        match parts.last_mut() {
            Some(part) if length(part) + statement.length() <= LONGEST => part.push(statement),
            _ => parts.push(vec![statement]),
        }
    }
    let name = |number: usize| match number {
        0 => policy.holder.name().to_owned(),
        more => format!("{}-{}", policy.holder.name(), more + 1),
    };
    let document = |(number, statements): (usize, Vec<Statement>)| {
        let mut document = Document { name: name(number), characters: 0, statements };
        document.characters = document.json(WIDEST).to_string().len();
        document
    };
    parts.into_iter().enumerate().map(document).collect()
}

fn length(statements: &[Statement]) -> usize {
    let around = json!({ "Version": "2012-10-17", "Statement": [] }).to_string().len();
    around + statements.iter().map(Statement::length).sum::<usize>()
}

/// Actions that are allowed on the same resources are one statement; what is denied comes last.
fn statements(policy: &Policy) -> Vec<Statement> {
    let mut alike: BTreeMap<&BTreeSet<String>, Vec<String>> = BTreeMap::new();
    for (action, allowed) in &policy.allowed {
        alike.entry(&allowed.resources).or_default().push(action.clone());
    }
    let allowed = alike.into_iter().map(|(resources, actions)| Statement {
        denies: false,
        actions,
        resources: resources.iter().cloned().collect(),
    });
    let mut denied: BTreeMap<&BTreeSet<String>, Vec<String>> = BTreeMap::new();
    for (resource, actions) in &policy.denied {
        denied.entry(actions).or_default().push(resource.clone());
    }
    let denied = denied.into_iter().map(|(actions, resources)| Statement {
        denies: true,
        actions: actions.iter().cloned().collect(),
        resources,
    });
    allowed.chain(denied).collect()
}
