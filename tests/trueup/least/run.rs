//! An organization in which everybody may do what the printed policies say, and nothing else.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trueup::simulator::ledger::Entry;
use trueup::simulator::services::iam::User;
use trueup::simulator::world::{Caller, Credential, Principal, World};

use super::worlds::{Suite, World as Setting, administrator_of, archive_of};
use crate::harness::{Done, HOME, Stage, list, text};

/// The one principal that the roles trust.
const CALLER: &str = "trueup";

/// An action that is taken out of a holder's policies.
pub(super) type Without<'a> = Option<(&'a str, &'a str)>;

/// What came of a plan and an apply with the printed policies.
pub(super) struct Run {
    pub(super) setting: &'static Setting,
    pub(super) grants: Grants,
    pub(super) plan: Value,
    pub(super) plan_file: String,
    pub(super) applied: Value,
    /// Everything that the two printed, for what is named in neither.
    pub(super) printed: Vec<String>,
    pub(super) calls: Vec<Entry>,
}

/// Who gets what in an organization, as it was printed for it.
pub(super) struct Grants {
    trust: String,
    /// Account, holder and documents.
    pub(super) given: Vec<(String, String, Vec<Value>)>,
    kinds: Kinds,
}

/// Which accounts are of a kind of their own.
#[derive(Clone)]
pub(super) struct Kinds {
    management: String,
    archive: Option<String>,
}

impl Kinds {
    /// The kind of an account, as the names of policies end.
    pub(super) fn of(&self, account: &str) -> &'static str {
        match account {
            _ if account == self.management => "management",
            _ if Some(account) == self.archive.as_deref() => "log-archive",
            _ => "member",
        }
    }
}

impl Grants {
    /// The kind of an account, as the names of policies end.
    pub(super) fn kind(&self, account: &str) -> &'static str {
        self.kinds.of(account)
    }
}

/// A stage of a setting on which nobody but its administrator may do anything yet.
fn bare(suite: &Suite, setting: &Setting) -> (Stage, Kinds) {
    let mut world = (setting.build)();
    let management = world.management();
    let archive = archive_of(&world).filter(|_| suite.controls.contains("{archive}"));
    let administrator = administrator_of(&world).unwrap_or_default();
    let controls = suite.controls.replace("{archive}", archive.as_deref().unwrap_or_default());
    let controls = controls.replace("{administrator}", &administrator);
    let keys = caller(&mut world);
    let stage = Stage::new(world).with_keys(keys);
    let organization = stage.organization();
    let text = format!(
        "version: 1\nname: proof\norganization: {organization}\naccess:\n  read_role: trueup-read\n  \
         write_role: trueup-write\n  management_role: trueup-read\n  external_id: proof-of-policies\n  accounts:\n    \
         \"{management}\": {{ write_role: trueup-write }}\nmanagement_account: include\n{controls}",
    );
    stage.write("baseline.yaml", &text);
    (stage, Kinds { management, archive })
}

/// What is printed for the organization of a stage.
fn printed(stage: &Stage, kinds: &Kinds) -> Grants {
    let ids: Vec<String> = stage.world(|world| world.accounts().map(|account| account.id.clone()).collect());
    let mut given = vec![];
    for id in ids {
        let kind = kinds.of(&id);
        let mine = |holder: &str| holder.ends_with(kind) || (holder == "caller" && id == kinds.management);
        let all = policies(stage, &id).into_iter().filter(|(holder, _)| mine(holder));
        given.extend(all.map(|(holder, documents)| (id.clone(), holder, documents)));
    }
    Grants { trust: trust(stage, &kinds.management), given, kinds: kinds.clone() }
}

/// A stage of a setting on which everybody may do what was printed, but for one action.
pub(super) fn stage(suite: &Suite, setting: &Setting, grants: &Grants, without: Without<'_>) -> Stage {
    let (stage, kinds) = bare(suite, setting);
    grant(&stage, grants, without);
    for injection in (setting.faults)(&kinds.management) {
        stage.inject(injection);
    }
    stage
}

fn grant(stage: &Stage, grants: &Grants, without: Without<'_>) {
    for (account, holder, documents) in &grants.given {
        stage.world(|world| attach(world, account, holder, documents, &grants.trust, without));
    }
}

/// A user of the management account who may do nothing yet, and its keys.
fn caller(world: &mut World) -> Credential {
    let management = world.management();
    let account = world.account(&management).expect("it is there");
    account.iam.users.insert(CALLER.to_owned(), User::default());
    let arn = format!("arn:aws:iam::{management}:user/{CALLER}");
    let principal = Principal::User(CALLER.to_owned());
    world.issue(Caller { account: management, arn, id: "AIDATRUEUP".to_owned(), principal }, None)
}

/// The trust that the printed roles have, with their parameters put in.
fn trust(stage: &Stage, management: &str) -> String {
    let principal = format!("arn:aws:iam::{management}:user/{CALLER}");
    let done = stage.run(&[
        "roles",
        "-b",
        "baseline.yaml",
        "--format",
        "cloudformation",
        "--of",
        "management",
        "--principal",
        &principal,
    ]);
    let template = done.json();
    let trust = &template["Resources"]["ReadRole"]["Properties"]["AssumeRolePolicyDocument"];
    let mut trust = trust.to_string();
    for (name, parameter) in template["Parameters"].as_object().expect("parameters") {
        trust = trust.replace(&json!({ "Ref": name }).to_string(), &parameter["Default"].to_string());
    }
    assert!(!trust.contains("Ref"), "{trust}");
    trust
}

/// What `permissions --apply` prints for an account, by holder.
fn policies(stage: &Stage, account: &str) -> BTreeMap<String, Vec<Value>> {
    let done = stage.run(&["permissions", "-b", "baseline.yaml", "--apply", "--format", "json", "--account", account]);
    let printed = done.json();
    let documents = |policy: &Value| list(&policy["documents"]).iter().map(|one| one["policy"].clone()).collect();
    list(&printed["policies"]).iter().map(|policy| (text(&policy["holder"]).to_owned(), documents(policy))).collect()
}

/// Gives a holder its documents, and nothing else.
fn attach(world: &mut World, account: &str, holder: &str, documents: &[Value], trust: &str, without: Without<'_>) {
    let role = holder.split('-').next().filter(|kind| *kind != "caller").map(|kind| format!("trueup-{kind}"));
    world.account(account).expect("it is there").iam.roles.remove(trueup::simulator::ACCESS_ROLE);
    if let Some(role) = &role
        && !documents.is_empty()
    {
        let input = json!({ "RoleName": role, "AssumeRolePolicyDocument": trust });
        world.build(account, HOME, "iam", "CreateRole", input);
    }
    for (number, document) in documents.iter().enumerate() {
        let mut document = document.clone();
        if let Some((_, action)) = without.filter(|(of, _)| *of == holder) {
            take_out(&mut document, action);
        }
        if list(&document["Statement"]).is_empty() {
            continue;
        }
        let (name, text) = (format!("printed-{number}"), document.to_string());
        if let Some(role) = &role {
            let input = json!({ "RoleName": role, "PolicyName": name, "PolicyDocument": text });
            world.build(account, HOME, "iam", "PutRolePolicy", input);
        } else {
            let account = world.account(account).expect("it is there");
            account.iam.users.get_mut(CALLER).expect("it is there").inline.insert(name, text);
        }
    }
}

/// Takes an action out of what a document allows; a statement that would be empty goes away.
fn take_out(document: &mut Value, action: &str) {
    let statements = document["Statement"].as_array_mut().expect("statements");
    for statement in statements.iter_mut().filter(|statement| statement["Effect"] == "Allow") {
        statement["Action"].as_array_mut().expect("actions").retain(|one| one != action);
    }
    statements.retain(|statement| !list(&statement["Action"]).is_empty());
}

/// The actions that documents allow.
pub(super) fn actions(documents: &[Value]) -> Vec<String> {
    let statements = documents.iter().flat_map(|document| list(&document["Statement"]));
    let allowed = statements.filter(|statement| statement["Effect"] == "Allow");
    let mut all: Vec<String> =
        allowed.flat_map(|statement| list(&statement["Action"])).map(|action| text(action).to_owned()).collect();
    all.sort();
    all.dedup();
    all
}

const PLAN: &[&str] = &["plan", "-b", "baseline.yaml", "--format", "json", "--out", "plan.json"];
const APPLY: &[&str] = &["apply", "plan.json", "--format", "json", "--allow", "cost,disruptive,irreversible"];

pub(super) fn plan(stage: &Stage) -> Done {
    stage.run(PLAN)
}

pub(super) fn apply(stage: &Stage) -> Done {
    stage.run(APPLY)
}

/// Every text that a run printed.
pub(super) fn texts(done: &Done) -> Vec<String> {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) => found.push(text.clone()),
            Value::Array(values) => values.iter().for_each(|value| walk(value, found)),
            Value::Object(entries) => entries.values().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let mut found: Vec<String> = done.stderr.lines().map(str::to_owned).collect();
    if let Ok(value) = serde_json::from_str::<Value>(&done.stdout) {
        walk(&value, &mut found);
    }
    found
}

/// Plans and applies with exactly what is printed.
pub(super) fn whole(suite: &Suite, setting: &'static Setting) -> Run {
    let (first, kinds) = bare(suite, setting);
    let grants = printed(&first, &kinds);
    let stage = stage(suite, setting, &grants, None);
    let planned = plan(&stage);
    let plan = planned.json();
    let applied = apply(&stage);
    let mut said = texts(&planned);
    said.extend(texts(&applied));
    Run {
        setting,
        grants,
        plan,
        plan_file: stage.read("plan.json"),
        applied: applied.json(),
        printed: said,
        calls: stage.calls(),
    }
}
