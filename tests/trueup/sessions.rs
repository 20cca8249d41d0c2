//! What an apply may do in an account is no more than what its plan has for it, in as many sessions as AWS needs for that.

use std::collections::BTreeSet;

use crate::harness::{Stage, list, organization, outcomes, text};

/// The longest policy of a session that AWS takes, with the ARNs of managed ones.
/// [AssumeRole](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
const LONGEST: usize = 2048;

#[test]
fn what_is_too_much_for_one_session_is_shared_out_and_all_of_it_is_done() {
    let (world, ids) = organization(&["one"]);
    let stage = Stage::new(world).with_attempts(5);
    let every = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/every_control.yaml");
    stage.baseline(&format!("extends: ['{every}']\n"), "");
    let (plan, _) = stage.plan(&["--out", "plan.json"]);
    let planned = list(&plan["changes"]).iter().filter(|change| text(&change["account"]) == ids[0]).count();
    assert!(planned > 10, "{planned}");
    let before = stage.calls().len();
    let (applied, code) = stage.apply(&["--allow", "cost,disruptive,irreversible"]);
    let failed: Vec<_> =
        outcomes(&applied).into_iter().filter(|(_, came)| ["failed", "unknown"].contains(came)).collect();
    assert!(failed.is_empty(), "{code:?} {failed:?}");
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
