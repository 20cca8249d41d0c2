//! Passwords that are as old as a policy lets them be: whose they are is shown before the policy is written, and nobody
//! else is hit.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{
    Stage, error, line, list, organization, outcomes, policy_write, rows, set_policy, strike, text, verdicts,
};
use crate::users::{password, user};

const AGE: &str = "controls:\n  iam.password_policy:\n    minimum_length: 14\n    max_age_days: 90\n";
const HARD: &str = "controls:\n  iam.password_policy:\n    max_age_days: 90\n    hard_expiry: true\n";

/// An account with a policy, in which ada's password is 400 days old, bob's 100 and carl's 30; dan has none.
fn staff(policy: Option<Value>) -> (World, String) {
    let (mut world, ids) = organization(&["one"]);
    let id = ids[0].clone();
    for (name, days) in [("ada", 400), ("bob", 100), ("carl", 30)] {
        user(&mut world, &id, name, 500);
        password(&mut world, &id, name, days, Some(1));
    }
    user(&mut world, &id, "dan", 500);
    if let Some(policy) = policy {
        set_policy(&mut world, &id, policy);
    }
    (world, id)
}

fn planned(stage: &Stage, id: &str) -> Value {
    stage.plan(&["--account", id, "--out", "plan.json"]).0
}

/// Whom the one step of the plan hits: who has to set a new password, and who is locked out.
fn hit(plan: &Value) -> (Value, Value) {
    let [change] = list(&plan["changes"]) else { panic!("one change: {plan:#}") };
    let step = &change["steps"][0];
    assert_eq!(change["risk"], "disruptive", "{change:#}");
    (step["expires"].clone(), step["locks_out"].clone())
}

/// The users of an account set new passwords.
fn set_anew(stage: &Stage, id: &str, name: &str, days: i64) {
    stage.world(|world| {
        let now = world.now();
        let iam = &mut world.account(id).expect("it is there").iam;
        let login = iam.users.get_mut(name).expect("a user").login.as_mut().expect("a password");
        login.created = now - days * 86_400;
        // AWS answers a report for four hours.
        iam.report = None;
    });
}

#[test]
fn who_has_to_set_a_new_password_is_named_before_it_is_so() {
    let (world, id) = staff(None);
    let stage = Stage::held_to(world, AGE);
    let plan = planned(&stage, &id);
    assert_eq!(hit(&plan), (json!(["ada", "bob"]), Value::Null));
    let said = stage.run(&["show", "plan.json", "--detail"]).stdout;
    assert!(said.contains("makes 2 users set a new password (ada, bob)"), "{said}");
    assert_eq!(outcomes(&stage.apply(&[]).0), [(&*id, "held")]);
    let (applied, code) = stage.apply(&["--allow", "disruptive"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*id, "verified")], Some(0)));
    assert_eq!((stage.writes(), stage.policy(&id)["MaxPasswordAge"].clone()), (vec![policy_write(&id)], json!(90)));
    let reports = stage.count(&id, "GetCredentialReport");
    assert_eq!(stage.plan(&["--account", &id]).1, Some(0));
    assert_eq!(stage.count(&id, "GetCredentialReport"), reports, "nobody can be hit by what is in force");

    let run = text(&applied["run"]);
    let undone = stage.run(&["revert", run, "--auto-approve", "--allow", "weakening,irreversible", "--format", "json"]);
    assert_eq!(undone.code, Some(0), "{}{}", undone.stdout, undone.stderr);
    assert_eq!(stage.policy(&id), Value::Null);
}

#[test]
fn only_who_is_not_hit_already_is_named_and_a_hard_expiry_locks_out() {
    let (world, id) = staff(Some(json!({ "MinimumPasswordLength": 14, "MaxPasswordAge": 365 })));
    let stage = Stage::held_to(world, AGE);
    assert_eq!(hit(&planned(&stage, &id)), (json!(["bob"]), Value::Null));
    let (world, id) = staff(Some(json!({ "MinimumPasswordLength": 14, "MaxPasswordAge": 90 })));
    let stage = Stage::held_to(world, HARD);
    let plan = planned(&stage, &id);
    assert_eq!(hit(&plan), (Value::Null, json!(["ada", "bob"])), "who could set a new one cannot any more");
    let said = stage.run(&["show", "plan.json", "--detail"]).stdout;
    assert!(said.contains("locks out 2 users (ada, bob)"), "{said}");
}

#[test]
fn who_set_a_new_password_since_the_plan_is_not_hit_and_nobody_else_is_who_was_not_named() {
    let (world, id) = staff(None);
    let stage = Stage::held_to(world, AGE);
    planned(&stage, &id);
    set_anew(&stage, &id, "bob", 0);
    set_anew(&stage, &id, "carl", 91);
    let (applied, code) = stage.apply(&["--allow", "disruptive"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*id, "stale")], Some(2)), "{applied:#}");
    assert!(text(&applied["outcomes"][0]["reason"]).contains("(ada, carl)"), "{applied:#}");
    set_anew(&stage, &id, "carl", 1);
    let (applied, code) = stage.apply(&["--allow", "disruptive"]);
    assert_eq!((outcomes(&applied), code), (vec![(&*id, "verified")], Some(0)), "{applied:#}");
    assert_eq!(stage.writes(), [policy_write(&id)]);
}

#[test]
fn while_it_is_not_known_whom_it_hits_the_rest_of_the_policy_is_mended_alone() {
    let (world, id) = staff(Some(json!({ "MinimumPasswordLength": 8 })));
    let stage = Stage::held_to(world, AGE);
    stage.inject(strike(&id, "GenerateCredentialReport", error(403, "AccessDenied")));
    let (plan, code) = stage.plan(&["--account", &id, "--out", "plan.json"]);
    assert_eq!((line(&plan, &id)["status"].clone(), code), (json!("partial"), Some(3)), "{plan:#}");
    let found: Vec<_> = verdicts(&plan, &id).into_iter().map(|(_, verdict)| verdict).collect();
    assert_eq!(found.iter().filter(|verdict| *verdict == "drifted").count(), 2, "{plan:#}");
    let unread = rows(&plan, &id).find(|row| row["verdict"] == "unreadable").expect("the report");
    assert!(unread.to_string().contains("iam:GenerateCredentialReport"), "{unread:#}");
    let [change] = list(&plan["changes"]) else { panic!("one change: {plan:#}") };
    assert_eq!((change["risk"].clone(), list(&change["differences"]).len()), (json!("safe"), 1), "{change:#}");
    let (applied, _) = stage.apply(&[]);
    assert_eq!(outcomes(&applied), [(&*id, "verified")], "{applied:#}");
    let policy = stage.policy(&id);
    assert_eq!((&policy["MinimumPasswordLength"], &policy["MaxPasswordAge"]), (&json!(14), &Value::Null), "{policy}");
}

#[test]
fn nobody_is_asked_for_where_nothing_expires_sooner() {
    let asked = "controls:\n  iam.password_policy:\n    minimum_length: 14\n    hard_expiry: false\n";
    let (world, id) = staff(Some(json!({ "MinimumPasswordLength": 8 })));
    let stage = Stage::held_to(world, asked);
    planned(&stage, &id);
    assert_eq!(stage.count(&id, "GenerateCredentialReport"), 0);
    let (world, id) = staff(Some(json!({ "MinimumPasswordLength": 8, "MaxPasswordAge": 60 })));
    let stage = Stage::held_to(world, AGE);
    planned(&stage, &id);
    assert_eq!(stage.count(&id, "GenerateCredentialReport"), 0);
}
