//! What mends a problem, to be copied: a command, a statement of a policy, or lines of the baseline.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Closed, Diagnosis, Group, Kind, Problem, Setting};
use crate::aws::statement;
use crate::observe::{Class, DeniedBy};
use crate::target::{AccountId, Region};

/// More accounts than these make a line that nobody copies.
const MOST: usize = 20;

/// For how long an account may be listed as unreachable, until somebody looks again.
const DAYS: i64 = 30;

/// One way to mend a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mend {
    /// What it does, and where it belongs.
    pub how: String,
    /// What to copy.
    pub copy: String,
}

impl Mend {
    /// What it does, and what to copy.
    pub fn new(how: &str, copy: impl Into<String>) -> Self {
        Self { how: how.to_owned(), copy: copy.into() }
    }
}

/// The ways to mend what concerns no account: one at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mends(Mend, Vec<Mend>);

impl Mends {
    /// One way: what it does, and what to copy.
    pub fn new(how: &str, copy: impl Into<String>) -> Self {
        Self(Mend::new(how, copy), vec![])
    }

    /// And another.
    #[must_use]
    pub fn or(mut self, how: &str, copy: impl Into<String>) -> Self {
        self.1.push(Mend::new(how, copy));
        self
    }
}

impl From<Mends> for Vec<Mend> {
    fn from(Mends(first, rest): Mends) -> Self {
        std::iter::once(first).chain(rest).collect()
    }
}

/// The ways to mend a problem, the best one first; there is always one.
#[must_use]
pub fn mends(problem: &Problem, group: &Group, of: &Diagnosis, setting: &Setting) -> Vec<Mend> {
    let ways = ways(problem, group, of, setting);
    if ways.is_empty() { vec![once_more(problem.class)] } else { ways }
}

fn ways(problem: &Problem, group: &Group, of: &Diagnosis, setting: &Setting) -> Vec<Mend> {
    match problem.kind {
        Kind::ReadRole | Kind::WriteRole => entry(problem, group, setting),
        Kind::Read | Kind::Indicative | Kind::IndicativeWrite => read(problem, group, of, setting),
        Kind::Region => region(problem, group, of, setting),
        Kind::Organization | Kind::Clock | Kind::State | Kind::Lock => group.mends.clone(),
    }
}

fn entry(problem: &Problem, group: &Group, setting: &Setting) -> Vec<Mend> {
    let Some(Class::Denied(by)) = problem.class else { return vec![once_more(problem.class)] };
    let mut ways = vec![];
    let roles: Vec<String> = problem.roles.iter().map(|role| arn(role, setting)).collect();
    if matches!(by, DeniedBy::Resource | DeniedBy::Unknown) {
        ways.push(Mend::new("in the role's trust policy, trust the caller", trust(problem, setting)));
    }
    let assume = || statement(["sts:AssumeRole"].into_iter(), &json!(roles));
    ways.push(match by {
        DeniedBy::Scp => Mend::new(IN_SCP, let_through(&caller_arns(setting))),
        DeniedBy::Rcp => Mend::new(IN_RCP, let_through(&caller_arns(setting))),
        DeniedBy::Endpoint => Mend::new(IN_ENDPOINT, assume()),
        _ => Mend::new("allow the caller to assume the role", assume()),
    });
    if problem.kind == Kind::ReadRole && group.places.len() <= MOST {
        let ids: Vec<String> = group.places.keys().map(|id| format!("\"{id}\"")).collect();
        let lines = ids.iter().map(|id| format!("    {id}: {{ read_role: NAME }}")).collect::<Vec<_>>().join("\n");
        ways.push(Mend::new(
            "or name the role that is there, in the baseline",
            format!("access:\n  accounts:\n{lines}"),
        ));
        let until = setting.today.saturating_add(DAYS.days());
        ways.push(Mend::new(
            "or say in the baseline that it stays out of reach for now",
            format!("unreachable:\n  - {{ accounts: [{}], reason: WHY, expires: {until} }}", ids.join(", ")),
        ));
    }
    ways
}

/// The ARNs that the caller's role may have: that of its session leaves out the path.
fn caller_arns(setting: &Setting) -> Vec<String> {
    let session = setting.caller.split_once(":assumed-role/").and_then(|(_, rest)| rest.split('/').next());
    match session {
        Some(role) => {
            ["", "*/"].map(|path| role_arn(&format!("{path}{role}"), setting.account.as_str(), setting)).into()
        }
        None => vec![setting.caller.clone()],
    }
}

fn role_arn(role: &str, account: &str, setting: &Setting) -> String {
    format!("arn:{}:iam::{account}:role/{role}", setting.partition)
}

fn trust(problem: &Problem, setting: &Setting) -> String {
    let mut conditions = serde_json::Map::new();
    let principal = if setting.caller.contains(":assumed-role/") {
        conditions.insert("ArnLike".to_owned(), json!({"aws:PrincipalArn": caller_arns(setting)}));
        root_arn(setting.account.as_str(), setting)
    } else {
        setting.caller.clone()
    };
    if let Some(id) = &problem.external_id {
        conditions.insert("StringEquals".to_owned(), json!({"sts:ExternalId": id}));
    }
    let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"});
    if !conditions.is_empty() {
        statement["Condition"] = Value::Object(conditions);
    }
    statement.to_string()
}

/// A role as it is in every account.
fn arn(role: &str, setting: &Setting) -> String {
    if role.starts_with("arn:") { role.to_owned() } else { role_arn(role, "*", setting) }
}

const IN_SCP: &str = "in the service control policy, let it through: a condition of the statement that denies";

const IN_RCP: &str = "in the resource control policy, let it through: a condition of the statement that denies";
const IN_ENDPOINT: &str = "in the policy of the VPC endpoint, allow it";

fn let_through(arns: &[String]) -> String {
    json!({"Condition": {"ArnNotLike": {"aws:PrincipalArn": arns}}}).to_string()
}

fn roles_in_general(problem: &Problem, setting: &Setting) -> Vec<String> {
    if problem.roles.is_empty() {
        return caller_arns(setting);
    }
    problem.roles.iter().map(|role| arn(role, setting)).collect()
}

/// A statement for the policy of a resource, which is one account's: that of the first place.
fn in_resource(action: &str, problem: &Problem, group: &Group, setting: &Setting) -> Mend {
    let account = group.places.keys().next().unwrap_or(&setting.account);
    let roles = problem.roles.iter().map(|role| role_arn(role, account.as_str(), setting)).collect::<Vec<_>>();
    let roles = if roles.is_empty() { caller_arns(setting) } else { roles };
    // A principal takes no pattern, so the account is named and the condition says which of its roles.
    let policy = json!({"Effect": "Allow", "Principal": {"AWS": root_arn(account.as_str(), setting)},
        "Action": action, "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": roles}}});
    let how = format!("in the policy of the resource, allow it to the role (as it is in {account})");
    Mend::new(&how, policy.to_string())
}

fn root_arn(account: &str, setting: &Setting) -> String {
    format!("arn:{}:iam::{account}:root", setting.partition)
}

fn read(problem: &Problem, group: &Group, of: &Diagnosis, setting: &Setting) -> Vec<Mend> {
    let actions = problem.actions();
    let action = problem.subject.as_str();
    let allow = || statement(actions.iter().copied(), &json!("*"));
    let mut ways = match problem.class {
        Some(Class::Denied(DeniedBy::Scp)) => vec![Mend::new(IN_SCP, let_through(&roles_in_general(problem, setting)))],
        Some(Class::Denied(DeniedBy::Rcp)) => vec![Mend::new(IN_RCP, let_through(&roles_in_general(problem, setting)))],
        Some(Class::Denied(DeniedBy::Endpoint)) => {
            vec![Mend::new(IN_ENDPOINT, allow())]
        }
        Some(Class::Denied(DeniedBy::Resource)) => vec![in_resource(action, problem, group, setting)],
        Some(Class::Denied(DeniedBy::Identity | DeniedBy::Unknown)) => {
            let who = if problem.roles.is_empty() { "the caller" } else { "the role" };
            vec![Mend::new(&format!("allow it to {who}"), allow())]
        }
        Some(Class::NotRead) => vec![Mend::new(
            "say in the baseline how the management account is entered",
            "access:\n  management_role: NAME",
        )],
        Some(Class::ServiceUnavailable) => without(group.places.values().flatten(), of).into_iter().collect(),
        Some(Class::RegionDisabled) if group.places.values().flatten().next().is_some() => not_enabled(group, of),
        class => vec![once_more(class)],
    };
    if problem.kind == Kind::IndicativeWrite {
        ways.push(Mend::new(
            "or give it all that the baseline takes, on the resources that it takes it on, as this prints it",
            "trueup permissions -b BASELINE --apply",
        ));
    }
    if action == "account:ListRegions" {
        ways.push(Mend::new("or list the regions in the baseline", format!("regions: [{}]", setting.home_region)));
    }
    ways
}

/// A read that a region refuses which the account has not enabled.
fn not_enabled(group: &Group, of: &Diagnosis) -> Vec<Mend> {
    let mut ways: Vec<Mend> = without(group.places.values().flatten(), of).into_iter().collect();
    let places = group.places.iter().flat_map(|(id, regions)| regions.iter().map(move |region| (id, region.as_str())));
    ways.push(enabling(&places.collect::<Vec<_>>()));
    ways
}

const ENABLE: &str = "or enable it, from the management account";

/// A line for each account and region, or one a region where nobody would copy them all.
fn enabling(places: &[(&AccountId, &str)]) -> Mend {
    let line = |id: &str, region: &str| format!("aws account enable-region --account-id {id} --region-name {region}");
    if places.len() <= MOST {
        let lines: Vec<String> = places.iter().map(|(id, region)| line(id.as_str(), region)).collect();
        return Mend::new(ENABLE, lines.join("\n"));
    }
    let regions: BTreeSet<&str> = places.iter().map(|(_, region)| *region).collect();
    let lines: Vec<String> = regions.into_iter().map(|region| line("ACCOUNT", region)).collect();
    Mend::new(&format!("{ENABLE}, for each account"), lines.join("\n"))
}

fn once_more(class: Option<Class>) -> Mend {
    match class {
        Some(Class::Throttled) => Mend::new("run again with fewer calls at once", "--concurrency 16"),
        Some(Class::RegionDisabled) => Mend::new("see whether AWS knows these keys", "aws sts get-caller-identity"),
        _ => Mend::new("run again, and see what AWS says", "trueup doctor -v"),
    }
}

/// The regions of the run without these, as the baseline lists them.
fn without<'a>(these: impl Iterator<Item = &'a Region>, of: &Diagnosis) -> Option<Mend> {
    let these: BTreeSet<&Region> = these.collect();
    let all: BTreeSet<&Region> = of.regions.keys().flatten().collect();
    let left: Vec<&str> = all.difference(&these).map(|region| region.as_str()).collect();
    let listed = || Mend::new("leave it out of the regions of the baseline", format!("regions: [{}]", left.join(", ")));
    (!left.is_empty()).then(listed)
}

fn region(problem: &Problem, group: &Group, of: &Diagnosis, setting: &Setting) -> Vec<Mend> {
    let mut ways: Vec<Mend> = without(group.places.values().flatten(), of).into_iter().collect();
    match problem.closed {
        Some(Closed::ByPolicy) => {
            ways.push(Mend::new(&format!("or {IN_SCP}"), let_through(&roles_in_general(problem, setting))));
        }
        Some(Closed::NotEnabled) => {
            let places: Vec<_> = group.places.keys().map(|id| (id, problem.subject.as_str())).collect();
            ways.push(enabling(&places));
        }
        None => {}
    }
    ways
}
