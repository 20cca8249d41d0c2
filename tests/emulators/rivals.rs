//! What other tools of this kind got wrong, each named after the failure.

use serde_json::{Value, json};

use crate::baseline::FULL;
use crate::enforcement::all_verified;
use crate::server::{Server, text};
use crate::stand::{Stand, list, outcomes};
use crate::verdicts::agrees;

const NUMBERS: [(&str, u64); 3] = [("minimum_length", 14), ("max_age_days", 90), ("reuse_prevention", 12)];
const BOOLEANS: [&str; 6] = [
    "require_symbols",
    "require_numbers",
    "require_uppercase",
    "require_lowercase",
    "allow_users_to_change",
    "hard_expiry",
];

/// The account has exactly the password policy of the full baseline, by one write.
#[track_caller]
fn whole_policy_in_one_write(variant: &str) {
    let stand = Stand::cast(&json!([{ "name": "weak", "password": variant }]));
    let plan = stand.plan(&[]).json(2);
    stand.moto.forget_calls();
    all_verified(&stand.apply(), &plan);
    let operations: Vec<_> = stand.moto.writes().iter().map(|call| text(&call["operation"])).collect();
    assert_eq!(operations, ["UpdateAccountPasswordPolicy"]);
    let policy = &stand.account("weak")["password"];
    for (name, value) in NUMBERS {
        assert_eq!(policy[name], value, "{name}");
    }
    for name in BOOLEANS {
        assert_eq!(policy[name], true, "{name}");
    }
}

#[test]
fn seven_password_settings_are_mended_in_one_write_and_all_are_in_force() {
    whole_policy_in_one_write("seven_wrong");
}

#[test]
fn an_account_without_any_password_policy_is_mended() {
    whole_policy_in_one_write("absent");
}

#[test]
fn a_single_region_trail_is_drift() {
    let stand = Stand::cast(&json!([
        { "name": "here", "trail": "single_region_of_others" },
        { "name": "abroad", "trail": "abroad_single_region" },
    ]));
    let plan = stand.plan(&[]).json(2);
    agrees(&plan, &stand.truth());
    for name in ["here", "abroad"] {
        let id = stand.id(name);
        let of_trail = |verdict: &&Value| verdict["requirement"] == "cloudtrail.trail.multi_region";
        let mut said =
            list(&plan, "verdicts").iter().filter(|verdict| verdict["account"] == id.as_str()).filter(of_trail);
        assert_eq!(said.next().map(|verdict| &verdict["verdict"]), Some(&"drifted".into()));
    }
}

#[test]
fn two_trails_that_only_together_meet_the_baseline_do_not_meet_it() {
    let stand = Stand::cast(&json!([{ "name": "halves", "trail": "two_halves" }]));
    agrees(&stand.plan(&[]).json(2), &stand.truth());
}

#[test]
fn asking_for_multi_region_keeps_validation_key_and_selectors() {
    let stand = Stand::cast(&json!([{ "name": "kept", "trail": "stricter_but_single_region" }]));
    stand.baseline("controls:\n  cloudtrail.trail: { scope: account, multi_region: true }\n", "");
    let mut wanted = stand.account("kept")["trails"].clone();
    let plan = stand.plan(&[]).json(2);
    stand.moto.forget_calls();
    all_verified(&stand.apply(), &plan);
    let operations: Vec<_> = stand.moto.writes().iter().map(|call| text(&call["operation"])).collect();
    assert_eq!(operations, ["UpdateTrail"]);
    wanted[0]["multi_region"] = true.into();
    assert_eq!(stand.account("kept")["trails"], wanted);
}

#[test]
fn a_trail_of_control_tower_is_never_touched() {
    let stand = Stand::cast(&json!([{ "name": "governed", "trail": "control_tower" }]));
    stand.baseline(&FULL.replace("scope: account", "scope: account\n    existing: mend"), "");
    let before = stand.account("governed")["trails"][0].clone();
    let plan = stand.plan(&[]).json(2);
    all_verified(&stand.apply(), &plan);
    let after = stand.account("governed");
    assert_eq!(list(&after, "trails").iter().find(|trail| trail["arn"] == before["arn"]), Some(&before));
    assert_eq!(list(&after, "trails").len(), 2);
}

#[test]
fn an_exempted_setting_is_not_mended_with_the_rest_of_its_object() {
    let stand = Stand::cast(&json!([{ "name": "weak", "password": "only_length" }]));
    let id = stand.id("weak");
    let more = format!(
        "exemptions:\n  - requirement: iam.password_policy.require_symbols\n    accounts: [\"{id}\"]\n    \
         reason: an old terminal has no symbols\n    approved_by: security@example.com\n    expires: 2099-12-31\n"
    );
    stand.baseline(FULL, &more);
    let plan = stand.plan(&[]).json(2);
    all_verified(&stand.apply(), &plan);
    let policy = &stand.account("weak")["password"];
    assert_eq!((&policy["require_symbols"], &policy["require_numbers"]), (&false.into(), &true.into()));
    assert_eq!(policy["minimum_length"], 20, "what is stricter is kept");
}

#[test]
fn reads_that_are_denied_make_a_run_incomplete_and_never_clean() {
    let stand = Stand::cast(&json!([{ "name": "silent" }]));
    let rule = json!([{
        "service": "iam", "operation": "GetAccountPasswordPolicy",
        "error": { "code": "AccessDenied", "status": 403 },
    }]);
    let faults = Server::with_faults(stand.moto.endpoint(), &rule);
    let plan = stand.plan_through(faults.endpoint(), &[]).json(3);
    assert_eq!(plan["complete"], false);
    assert_eq!(list(&plan, "changes").len(), 0, "what could not be read is not written");
    for verdict in list(&plan, "verdicts") {
        let expected = if verdict["control"] == "iam.password_policy" { "unreadable" } else { "compliant" };
        // A region without keys has nothing to judge.
        if verdict["verdict"] != "not_applicable" {
            assert_eq!(verdict["verdict"], expected, "{verdict}");
        }
    }
}

/// moto lets everyone in everywhere, so that microburst plays the role that cannot be assumed.
fn locked(stand: &Stand, name: &str) -> Server {
    let rule = json!([{
        "service": "sts", "operation": "AssumeRole",
        "body": format!("contains(RoleArn, ':{}:')", stand.id(name)),
        "error": { "code": "AccessDenied", "status": 403 },
    }]);
    Server::with_faults(stand.moto.endpoint(), &rule)
}

fn three_weak() -> Stand {
    let weak = |name: &str| json!({ "name": name, "password": "minimum_length" });
    Stand::cast(&json!([weak("first"), weak("locked"), weak("last")]))
}

#[test]
fn an_account_that_cannot_be_entered_never_stops_the_others_and_never_vanishes() {
    let stand = three_weak();
    let faults = locked(&stand, "locked");
    let plan = stand.plan_through(faults.endpoint(), &[]).json(3);
    let id = stand.id("locked");
    let account = list(&plan, "accounts").iter().find(|account| account["id"] == id.as_str()).expect("it is named");
    assert_eq!(account["status"], "unreadable");
    let of_locked = list(&plan, "verdicts").iter().filter(|verdict| verdict["account"] == id.as_str());
    assert!(of_locked.clone().count() > 0, "an account that cannot be entered is unreadable on every requirement");
    assert!(of_locked.clone().all(|verdict| verdict["verdict"] == "unreadable"));
    let readable: Vec<_> = stand.truth().into_iter().filter(|row| row["account"] != id.as_str()).collect();
    let mut others = plan.clone();
    others["verdicts"].as_array_mut().expect("a list").retain(|verdict| verdict["account"] != id.as_str());
    agrees(&others, &readable);
}

#[test]
fn an_account_that_is_lost_during_an_apply_never_stops_the_others() {
    let stand = three_weak();
    stand.plan(&[]).ended(2);
    let faults = locked(&stand, "locked");
    let applied = stand.apply_through(faults.endpoint()).json(3);
    for name in ["first", "last"] {
        assert_eq!(outcomes(&applied, &stand.id(name)), ["verified"]);
    }
    assert_eq!(outcomes(&applied, &stand.id("locked")), ["failed"]);
    assert_eq!(stand.account("locked")["password"]["minimum_length"], 8);
}
