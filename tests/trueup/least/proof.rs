//! The proof of one suite: everything passes with all of it, and fails without any of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, OnceLock};

use serde_json::Value;
use trueup::simulator::ledger::Entry;

use super::run::{self, Run};
use super::worlds::{SUITES, Suite};
use crate::harness::{list, outcomes, text};

/// What a suite may print and no run of it uses, by the holder: docs/permissions.md says of each when it is asked.
pub(super) const NOT_USED: &[(&str, &str)] = &[
    ("caller", "organizations:ListAccountsForParent"),
    ("write-management", "s3:GetBucketPolicy"),
    ("write-management", "s3:ListAllMyBuckets"),
    ("write-member", "s3:ListAllMyBuckets"),
    ("write-member", "securityhub:DescribeOrganizationConfiguration"),
    ("write-member", "securityhub:GetConfigurationPolicyAssociation"),
];

/// What came of taking an action away.
enum Proof {
    /// The run fails without it, and names it.
    Needed,
    /// No run uses it, so nothing is proven of it.
    NotUsed,
}

/// The runs with all permissions, made once a process and suite.
static WHOLE: LazyLock<BTreeMap<&str, OnceLock<Vec<Run>>>> =
    LazyLock::new(|| SUITES.iter().map(|suite| (suite.name, OnceLock::new())).collect());

/// The runs of a suite with all permissions.
pub(super) fn full(suite: &'static Suite) -> &'static [Run] {
    WHOLE[suite.name].get_or_init(|| suite.settings.iter().map(|setting| run::whole(suite, setting)).collect())
}

/// Proves the suite of this name.
#[expect(clippy::print_stdout, reason = "how much was proven is worth to be read")]
pub(super) fn of(name: &str) {
    let suite = SUITES.iter().find(|suite| suite.name == name).expect("there is such a suite");
    let runs = full(suite);
    for run in runs {
        passes(run);
    }
    let (mut proven, mut unused, mut wrong) = (0, vec![], vec![]);
    // Whom finding and entering accounts takes is the same with every control, and proven where selectors ask most.
    let counts = |holder: &str| holder != "caller" || suite.proves_caller;
    let all: BTreeSet<(&str, String)> = printed(runs).filter(|(holder, _)| counts(holder)).collect();
    for (holder, action) in &all {
        match without(suite, runs, holder, action) {
            Ok(Proof::Needed) => proven += 1,
            Ok(Proof::NotUsed) => unused.push(format!("{holder} {action}")),
            Err(why) => wrong.push(format!("{holder} {action}: {why}")),
        }
    }
    println!("{name}: {proven} of {} actions are needed, and named where they are missing", all.len());
    if !unused.is_empty() {
        println!("{name}: no run uses {}", unused.join(", "));
    }
    assert!(wrong.is_empty(), "{} of {} actions are not proven:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

/// What is printed for the runs of a suite: the holder, and an action.
fn printed(runs: &[Run]) -> impl Iterator<Item = (&str, String)> {
    let given = runs.iter().flat_map(|run| &run.grants.given);
    given.flat_map(|(_, holder, documents)| {
        run::actions(documents).into_iter().map(move |action| (holder.as_str(), action))
    })
}

/// Whether a holder needed the action in a run.
fn uses(run: &Run, holder: &str, action: &str) -> bool {
    let weighs = |call: &&Entry| call.weighed.iter().any(|weighed| weighed == action);
    run.calls.iter().filter(weighs).any(|call| holder_of(call, run) == holder)
}

/// What suites print and no run of theirs uses, of what is known to be so.
pub(super) fn not_used() -> BTreeSet<(String, String)> {
    let of_suite = |suite: &'static Suite| {
        let runs = full(suite);
        let listed = |(holder, action): &(&str, String)| NOT_USED.contains(&(holder, action.as_str()));
        let unused = |(holder, action): &(&str, String)| !runs.iter().any(|run| uses(run, holder, action));
        printed(runs).filter(listed).filter(unused).map(|(holder, action)| (holder.to_owned(), action))
    };
    SUITES.iter().flat_map(of_suite).collect()
}

/// With all permissions everything is done that can be.
fn passes(run: &Run) {
    let name = run.setting.name;
    assert!(
        !list(&run.plan["changes"]).is_empty() || run.setting.only_reads,
        "{name}: nothing is planned: {:#}",
        run.plan
    );
    let came = outcomes(&run.applied);
    let nothing_done = |outcome: &str| ["manual", "blocked", "held"].contains(&outcome);
    let done = |outcome: &str| ["verified", "pending"].contains(&outcome);
    let ends = |outcome: &str| done(outcome) || run.setting.only_reads && nothing_done(outcome);
    assert!(came.iter().all(|(_, outcome)| ends(outcome)), "{name}: {:#}", run.applied);
    let refused = run.calls.iter().filter(|call| matches!(call.status, 401 | 403));
    let refused: Vec<String> =
        refused.map(|call| format!("{} {} in {}", call.service, call.operation, call.account)).collect();
    let struck = |line: &String| run.setting.struck.iter().any(|operation| line.contains(operation));
    assert!(refused.iter().all(struck), "{name}: {refused:?}");
}

/// Whose call it was, as the policies are named.
fn holder_of(call: &Entry, run: &Run) -> String {
    let kind = run.grants.kind(&call.account);
    match call.principal.split('/').nth(1) {
        Some("trueup-read") => format!("read-{kind}"),
        Some("trueup-write") => format!("write-{kind}"),
        _ => "caller".to_owned(),
    }
}

/// Takes one action away where it is needed, and sees the run fail there.
fn without(suite: &Suite, runs: &[Run], holder: &str, action: &str) -> Result<Proof, String> {
    let mut users = runs.iter().filter(|run| uses(run, holder, action)).peekable();
    if users.peek().is_none() {
        return if NOT_USED.contains(&(holder, action)) {
            Ok(Proof::NotUsed)
        } else {
            Err("no run uses it".to_owned())
        };
    }
    let mut why = String::new();
    for run in users {
        match reduced(suite, run, holder, action) {
            Ok(()) => return Ok(Proof::Needed),
            Err(words) => why = format!("{}: {words}", run.setting.name),
        }
    }
    Err(why)
}

fn reduced(suite: &Suite, run: &Run, holder: &str, action: &str) -> Result<(), String> {
    let stage = run::stage(suite, run.setting, &run.grants, Some((holder, action)));
    let done = if by_apply(holder, action) {
        stage.write("plan.json", &run.plan_file);
        run::apply(&stage)
    } else {
        run::plan(&stage)
    };
    let all = list(&run.plan["accounts"]).iter().map(|account| text(&account["id"]));
    let accounts: Vec<&str> = all.filter(|id| holder == "caller" || holder.ends_with(run.grants.kind(id))).collect();
    let tells = |line: &String| {
        let mut whole = line.split(|one: char| !(one.is_ascii_alphanumeric() || ":-".contains(one)));
        whole.any(|word| word.trim_end_matches(':') == action) && accounts.iter().any(|id| line.contains(id))
    };
    let said = run::texts(&done);
    let named = said.iter().any(|line| tells(line) && !run.printed.contains(line));
    let failed = matches!(done.code, Some(1..=3)) && !done_as_before(&done.stdout, run, by_apply(holder, action));
    match (failed, named) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("it changes nothing: exit {:?}", done.code)),
        (true, false) => Err(format!("the run fails and does not name it:\n{}\n{}", done.stderr, done.stdout)),
    }
}

/// Whether an apply asks for it, and no plan.
fn by_apply(holder: &str, action: &str) -> bool {
    holder.starts_with("write") || action == "organizations:DescribeAccount"
}

/// Whether a run came to what it came to with all permissions.
fn done_as_before(stdout: &str, run: &Run, by_apply: bool) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(stdout) else { return false };
    if by_apply {
        return outcomes(&value) == outcomes(&run.applied);
    }
    let parts = ["accounts", "verdicts", "changes", "warnings"];
    parts.iter().all(|part| value[part] == run.plan[part])
}
