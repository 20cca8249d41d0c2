//! What an apply may do in an account is no more than what its plan has for it, in as many sessions as AWS needs for that.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::ec2_networks::delivering_role;
use crate::harness::{Stage, list, organization, text};

/// The longest policy of a session that AWS takes, with the ARNs of managed ones.
/// [AssumeRole](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
const LONGEST: usize = 2048;

#[test]
fn what_is_too_much_for_one_session_is_shared_out_and_all_of_it_is_done() {
    let (mut world, ids) = organization(&["one"]);
    delivering_role(&mut world, &ids[0], "flow-logs");
    let stage = Stage::new(world).with_attempts(5);
    let every = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/every_control.yaml");
    let of_each = ["cloudtrail.trail", "cloudtrail.bucket", "cloudwatch.alarm", "cloudwatch.topic"];
    let of_each = of_each.map(|control| format!("  {control}:\n    scope: account\n")).concat();
    stage.baseline(&format!("extends: ['{every}']\n"), &format!("controls:\n{of_each}"));
    let (plan, _) = stage.plan(&["--out", "plan.json"]);
    let planned = list(&plan["changes"]).iter().filter(|change| text(&change["account"]) == ids[0]).count();
    assert!(planned > 10, "{planned}");
    let before = stage.calls().len();
    let (applied, code) = stage.apply(&["--allow", "cost,disruptive,irreversible"]);
    let failed = |one: &&Value| ["failed", "unknown"].contains(&text(&one["outcome"]));
    let failed: Vec<&Value> = list(&applied["outcomes"]).iter().filter(failed).collect();
    assert!(failed.is_empty(), "{code:?} {failed:#?}");
    let calls = stage.calls();
    let policies: BTreeSet<&str> = calls[before..]
        .iter()
        .filter(|call| call.operation == "AssumeRole" && text(&call.input["RoleArn"]).contains(&ids[0]))
        .map(|call| text(&call.input["Policy"]))
        .collect();
    assert!(policies.len() > 1, "{policies:#?}");
    assert!(policies.iter().all(|policy| policy.len() <= LONGEST), "{policies:#?}");
    let may = |policy: &str, action: &str| policy.contains(action);
    let (trail, key) = ("cloudtrail:CreateTrail", "kms:CreateKey");
    assert!(policies.iter().any(|policy| may(policy, trail)) && policies.iter().any(|policy| may(policy, key)));
    let whole = policies.iter().map(|policy| policy.len()).sum::<usize>();
    assert!(whole > LONGEST, "one session would have done: {policies:#?}");
}
