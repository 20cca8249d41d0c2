//! Policy documents: parsing, what AWS refuses in them, and which statements match a request.

use super::condition::Condition;
use super::context::Context;
use super::pattern::{Pattern, action_matches};
use serde_json::{Map, Value};

/// A policy document that AWS would accept.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    statements: Vec<Statement>,
    /// Documents of 2008-10-17, also those that name no version, have no variables.
    variables: bool,
}

/// One statement.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) allow: bool,
    principal: Option<Listed<Principal>>,
    action: Listed<String>,
    resource: Option<Listed<String>>,
    pub(crate) conditions: Vec<Condition>,
}

/// Something listed, or everything but what is listed.
#[derive(Clone, Debug)]
struct Listed<T> {
    items: Vec<T>,
    inverted: bool,
}

/// Whom a statement names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Principal {
    Anyone,
    /// An account, a role, a user or a session, by ARN; an account's bare id is its root's ARN.
    Aws(String),
    Service(String),
    /// Identity providers and canonical users, whom no caller of the simulator is.
    Other(String),
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// An identity of an account. `role` is the ARN of the role behind a session.
    Identity { account: String, arn: String, role: Option<String> },
    /// An AWS service by its principal, such as `cloudtrail.amazonaws.com`.
    Service(String),
}

/// How directly a resource's policy names who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// It trusts the whole account: the identity's own policies must allow too.
    Account,
    /// It names everyone, or the role behind the session: session policies and boundaries still limit.
    Role,
    /// It names the very identity.
    Direct,
}

/// What sort of policy a document is, which decides what it must and must not have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sort {
    /// Of an identity, a session or an organization: no principal.
    Identity,
    /// Of a resource: principal and resource.
    Resource,
    /// Of a key, as `Resource`; what lacks its action or its resource is taken, and has no effect.
    Key,
    /// Of a role's trust: principal, no resource.
    Trust,
}

impl Document {
    /// Parses a document of the given sort; the error is a sentence as AWS has it.
    pub(crate) fn parse(text: &str, sort: Sort) -> Result<Self, String> {
        let root: Value = serde_json::from_str(text).map_err(|_| "Syntax errors in policy.".to_owned())?;
        let root = root.as_object().ok_or("Syntax errors in policy.")?;
        for key in root.keys() {
            if !["Version", "Id", "Statement"].contains(&key.as_str()) {
                return Err("Syntax errors in policy.".to_owned());
            }
        }
        let variables = match root.get("Version").map(Value::as_str) {
            None | Some(Some("2008-10-17")) => false,
            Some(Some("2012-10-17")) => true,
            Some(_) => return Err("The policy must contain a valid version string".to_owned()),
        };
        let statements = match root.get("Statement") {
            Some(Value::Array(items)) if !items.is_empty() => items.clone(),
            Some(item @ Value::Object(_)) => vec![item.clone()],
            _ => return Err("Missing required field Statement".to_owned()),
        };
        let statements =
            statements.iter().map(|statement| Statement::parse(statement, sort)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { statements, variables })
    }

    /// The statements.
    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Whether some statement of this effect matches; principals are not looked at.
    pub(crate) fn says(&self, allow: bool, action: &str, resource: &str, context: &Context) -> bool {
        self.statements
            .iter()
            .any(|statement| statement.allow == allow && statement.covers(action, resource, context, self.variables))
    }

    /// Whether some statement denies this to who asks.
    pub(crate) fn denies(&self, who: &Who, action: &str, resource: &str, context: &Context) -> bool {
        self.statements.iter().any(|statement| {
            !statement.allow
                && statement.names(who).is_some()
                && statement.covers(action, resource, context, self.variables)
        })
    }

    /// The most direct way in which some statement allows this to who asks.
    pub(crate) fn grants(&self, who: &Who, action: &str, resource: &str, context: &Context) -> Option<Reach> {
        let allowing = self
            .statements
            .iter()
            .filter(|statement| statement.allow && statement.covers(action, resource, context, self.variables));
        allowing.filter_map(|statement| statement.names(who)).max()
    }
}

/// What a statement may say.
const KEYS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

impl Statement {
    fn parse(value: &Value, sort: Sort) -> Result<Self, String> {
        let map = value.as_object().ok_or("Syntax errors in policy.")?;
        if map.keys().any(|key| !KEYS.contains(&key.as_str())) {
            return Err("Syntax errors in policy.".to_owned());
        }
        let allow = match map.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            Some(other) => return Err(format!("Invalid effect: {other}")),
            None => return Err("Missing required field Effect".to_owned()),
        };
        let nothing = (sort == Sort::Key).then(|| Listed { items: vec![], inverted: false });
        let action = listed(map, "Action", "NotAction", texts)?.or_else(|| nothing.clone());
        let action = action.ok_or("Missing required field Action")?;
        if let Some(bad) = action.items.iter().find(|action| *action != "*" && !action.contains(':')) {
            return Err(format!("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. ({bad})"));
        }
        let resource = listed(map, "Resource", "NotResource", texts)?.or(nothing);
        let principal = listed(map, "Principal", "NotPrincipal", principals)?;
        match (sort, &principal, &resource) {
            (Sort::Identity, Some(_), _) => return Err("Policy document should not specify a principal.".to_owned()),
            (Sort::Resource | Sort::Key | Sort::Trust, None, _) => {
                return Err("Missing required field Principal".to_owned());
            }
            (Sort::Trust, _, Some(_)) => return Err("Has prohibited field Resource".to_owned()),
            (Sort::Identity | Sort::Resource, _, None) => {
                return Err("Policy statement must contain resources.".to_owned());
            }
            _ => {}
        }
        Ok(Self { allow, principal, action, resource, conditions: conditions(map)? })
    }

    /// Whether the action, the resource and every condition match.
    fn covers(&self, action: &str, resource: &str, context: &Context, variables: bool) -> bool {
        let acts = self.action.items.iter().any(|pattern| action_matches(pattern, action)) != self.action.inverted;
        acts && self.reaches(resource, context, variables)
            && self.conditions.iter().all(|condition| condition.holds(context, variables))
    }

    fn reaches(&self, resource: &str, context: &Context, variables: bool) -> bool {
        let Some(listed) = &self.resource else { return true };
        let found = listed.items.iter().any(|text| {
            let pattern = if variables { Pattern::filled(text, context) } else { Some(Pattern::plain(text)) };
            pattern.is_some_and(|pattern| pattern.matches(resource))
        });
        found != listed.inverted
    }

    /// How this statement names who asks; none if it does not.
    fn names(&self, who: &Who) -> Option<Reach> {
        let listed = self.principal.as_ref()?;
        let reach = listed.items.iter().filter_map(|principal| principal.reach(who)).max();
        if listed.inverted { if reach.is_some() { None } else { Some(Reach::Role) } } else { reach }
    }

    /// The principals it lists; none if it names everyone but some.
    pub(crate) fn principals(&self) -> Option<&[Principal]> {
        self.principal.as_ref().filter(|listed| !listed.inverted).map(|listed| listed.items.as_slice())
    }

    /// The patterns of its resources.
    pub(crate) fn resources(&self) -> &[String] {
        self.resource.as_ref().map_or(&[], |listed| listed.items.as_slice())
    }
}

impl Principal {
    fn reach(&self, who: &Who) -> Option<Reach> {
        match (self, who) {
            (Self::Anyone, _) => Some(Reach::Role),
            (Self::Service(named), Who::Service(service)) => (named == service).then_some(Reach::Direct),
            (Self::Aws(named), Who::Identity { account, arn, role }) => {
                if named == arn {
                    Some(Reach::Direct)
                } else if role.as_ref() == Some(named) {
                    Some(Reach::Role)
                } else {
                    let root = named.split(':').nth(4) == Some(account) && named.ends_with(":root");
                    root.then_some(Reach::Account)
                }
            }
            _ => None,
        }
    }
}

fn listed<T>(
    map: &Map<String, Value>,
    plain: &str,
    inverted: &str,
    read: fn(&Value) -> Result<Vec<T>, String>,
) -> Result<Option<Listed<T>>, String> {
    match (map.get(plain), map.get(inverted)) {
        (Some(_), Some(_)) => Err(format!("Statement has both {plain} and {inverted}")),
        (Some(value), None) => Ok(Some(Listed { items: read(value)?, inverted: false })),
        (None, Some(value)) => Ok(Some(Listed { items: read(value)?, inverted: true })),
        (None, None) => Ok(None),
    }
}

/// A text or a list of texts; numbers and booleans are written out, as AWS takes them.
fn texts(value: &Value) -> Result<Vec<String>, String> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err("Syntax errors in policy.".to_owned()),
    };
    match value {
        Value::Array(items) => items.iter().map(one).collect(),
        other => one(other).map(|text| vec![text]),
    }
}

fn principals(value: &Value) -> Result<Vec<Principal>, String> {
    let Value::Object(map) = value else {
        return match value.as_str() {
            Some("*") => Ok(vec![Principal::Anyone]),
            _ => Err("Invalid principal in policy".to_owned()),
        };
    };
    let mut all = Vec::new();
    for (kind, value) in map {
        for text in texts(value)? {
            all.push(match kind.as_str() {
                "AWS" => identity(text)?,
                "Service" => Principal::Service(text),
                "Federated" | "CanonicalUser" => Principal::Other(text),
                _ => return Err("Invalid principal in policy".to_owned()),
            });
        }
    }
    Ok(all)
}

fn identity(text: String) -> Result<Principal, String> {
    let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if text == "*" {
        Ok(Principal::Anyone)
    } else if digits {
        Ok(Principal::Aws(format!("arn:aws:iam::{text}:root")))
    } else if text.starts_with("arn:") && !text.contains(['*', '?']) {
        Ok(Principal::Aws(text))
    } else if text.starts_with("AROA") || text.starts_with("AIDA") {
        // What AWS makes of a principal that was deleted; it names nobody any more.
        Ok(Principal::Other(text))
    } else {
        Err("Invalid principal in policy".to_owned())
    }
}

fn conditions(map: &Map<String, Value>) -> Result<Vec<Condition>, String> {
    let mut all = Vec::new();
    let Some(block) = map.get("Condition") else { return Ok(all) };
    for (operator, keys) in block.as_object().ok_or("Syntax errors in policy.")? {
        for (key, wanted) in keys.as_object().ok_or("Syntax errors in policy.")? {
            all.push(Condition::parse(operator, key, texts(wanted)?)?);
        }
    }
    Ok(all)
}
