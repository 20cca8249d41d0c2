//! What reading one account costs, call by call, with each shipped baseline and with every control: a table that is
//! compared, and a budget for each group of calls that no baseline may exceed; of an account that has nothing here, of
//! one that has everything in `furnished.rs`.

mod furnished;
mod growth;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use trueup::simulator::world::World;

use crate::harness::{HOME, Stage};

/// Two accounts alike, but for how many regions they have.
const FEW: [&str; 2] = [HOME, "eu-west-1"];
const MORE: [&str; 4] = [HOME, "eu-west-1", "us-west-2", "sa-east-1"];

/// Of each group: its service, the calls that belong to it (none: all), and how many an account and a region may cost. A
/// group with two services has two lines.
const BUDGET: &[(&str, &[&str], usize, usize)] = &[
    ("sts", &[], 1, 0),
    ("account", &[], 5, 0),
    // Policy, summary, report and details are one call each; the report is asked for until it is there.
    ("iam", &[], 16, 0),
    ("access-analyzer", &[], 0, 1),
    ("cloudtrail", &[], 4, 1),
    // The account's buckets and one bucket of a trail, setting by setting.
    ("s3", &[], 8, 0),
    ("s3control", &[], 1, 0),
    ("guardduty", &[], 0, 3),
    ("securityhub", &[], 0, 2),
    ("config", &[], 1, 4),
    // No account has a key here, but for the one that its trail would get.
    ("kms", &[], 2, 2),
    ("logs", &[], 2, 0),
    ("monitoring", &[], 1, 0),
    ("sns", &[], 2, 0),
    (
        "ec2",
        &[
            "DescribeVpcs",
            "DescribeFlowLogs",
            "DescribeSecurityGroups",
            "DescribeNetworkAcls",
            "DescribeNetworkInterfaces",
            "DescribeInstances",
        ],
        0,
        6,
    ),
    // The defaults; before snapshots and images are closed, those that are public are looked for.
    ("ec2", &[], 0, 8),
];

/// The name in the table of `every_control.yaml`, which asks for whatever takes a read of its own.
const EVERY: &str = "every-control";

/// A baseline file that extends another one, and asks of the account itself what may be asked of an organization.
fn extending(name: &str) -> (String, String) {
    if name != EVERY {
        return (format!("extends: [{name}]\n"), String::new());
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/every_control.yaml");
    let of_each = ["cloudtrail.trail", "cloudtrail.bucket", "cloudwatch.alarm", "cloudwatch.topic"];
    let of_each = of_each.map(|control| format!("  {control}:\n    scope: account\n")).concat();
    (format!("extends: ['{file}']\n"), format!("controls:\n{of_each}"))
}

fn baselines() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines");
    let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").file_name());
    let mut names: Vec<String> =
        files.filter_map(|name| Some(name.to_str()?.strip_suffix(".yaml")?.to_owned())).collect();
    names.sort();
    names.push(EVERY.to_owned());
    names
}

/// How often a plan of a baseline sends each call into a member that has been furnished so.
fn sent(baseline: &str, regions: &[&str], furnish: impl FnOnce(&mut World, &str)) -> BTreeMap<String, usize> {
    let mut world = World::bare(regions, 1);
    let member = world.add_member(None, "plain");
    furnish(&mut world, &member);
    let stage = Stage::new(world);
    let (extends, controls) = extending(baseline);
    stage.baseline(&extends, &controls);
    stage.plan(&["--account", &member]);
    let mut sent = BTreeMap::new();
    for call in stage.calls().into_iter().filter(|call| call.account == member) {
        *sent.entry(format!("{} {}", call.service, call.operation)).or_default() += 1;
    }
    // The role is assumed by who calls.
    sent.insert("sts AssumeRole".to_owned(), stage.count(&stage.world(|world| world.management()), "AssumeRole"));
    sent
}

/// Of each call: once an account, and once a region.
fn costs(
    baseline: &str,
    few: &BTreeMap<String, usize>,
    more: &BTreeMap<String, usize>,
) -> BTreeMap<String, (usize, usize)> {
    let calls: BTreeSet<&String> = few.keys().chain(more.keys()).collect();
    let cost = |call: &String| {
        let of = |sent: &BTreeMap<String, usize>| sent.get(call).copied().unwrap_or_default();
        let regional = (of(more) - of(few)) / (MORE.len() - FEW.len());
        let global = of(few) - regional * FEW.len();
        assert_eq!(of(more), global + regional * MORE.len(), "{baseline}: {call} grows with regions in steps");
        (call.clone(), (global, regional))
    };
    calls.into_iter().map(cost).collect()
}

/// The line of the budget that a call falls under.
fn line(call: &str) -> usize {
    let (service, operation) = call.split_once(' ').expect("a service and an operation");
    let falls = |(of, operations, ..): &&(&str, &[&str], usize, usize)| {
        *of == service && (operations.is_empty() || operations.contains(&operation))
    };
    let found = BUDGET.iter().position(|line| falls(&line));
    found.unwrap_or_else(|| panic!("no line of BUDGET has {call}: add it in tests/trueup/budgets/mod.rs"))
}

#[test]
fn no_baseline_costs_an_account_more_calls_than_its_table_and_the_budget_say() {
    let mut table = String::from("# baseline: call, once an account + once a region\n");
    for baseline in baselines() {
        let costs = costs(&baseline, &sent(&baseline, &FEW, |_, _| ()), &sent(&baseline, &MORE, |_, _| ()));
        let mut sums = vec![(0, 0); BUDGET.len()];
        let _ = writeln!(table, "\n{baseline}");
        for (call, (global, regional)) in &costs {
            let _ = writeln!(table, "  {call} {global} + {regional}");
            let sum = &mut sums[line(call)];
            *sum = (sum.0 + global, sum.1 + regional);
        }
        for ((service, _, global, regional), sum) in BUDGET.iter().zip(sums) {
            assert!(sum.0 <= *global && sum.1 <= *regional, "{baseline}: {service} costs {sum:?}: {costs:#?}");
        }
    }
    same("calls.txt", &table);
}

/// Holds a table against the file that is kept of it.
#[track_caller]
fn same(name: &str, table: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trueup/budgets").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, table).expect("a file");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(kept, table, "a plan costs other calls than tests/trueup/budgets/{name} says: look why, then UPDATE=1");
}
