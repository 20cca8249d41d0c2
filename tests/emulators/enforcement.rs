//! What apply does, read back through boto3.

use serde_json::{Value, json};

use crate::baseline::NARROW;
use crate::server::text;
use crate::stand::{Ran, Stand, list, outcomes, weaker, written};

/// Every change of the plan was made and seen to hold.
#[track_caller]
pub(crate) fn all_verified(applied: &Ran, plan: &Value) -> Value {
    let result = applied.json(0);
    assert_eq!(result["format"], "trueup.apply/1");
    let planned: Vec<_> = list(plan, "changes").iter().map(|change| text(&change["id"])).collect();
    assert!(!planned.is_empty(), "the plan changes nothing");
    for id in &planned {
        let outcome = list(&result, "outcomes").iter().find(|outcome| outcome["id"] == id.as_str());
        assert_eq!(outcome.map(|outcome| &outcome["outcome"]), Some(&"verified".into()), "{id}: {outcome:?}");
    }
    assert_eq!(list(&result, "outcomes").len(), planned.len());
    assert_eq!(result["summary"]["verified"], planned.len());
    result
}

/// Nothing of the baseline is unmet, as boto3 reads it.
#[track_caller]
fn in_line(stand: &Stand) {
    let unmet: Vec<_> = stand.truth().into_iter().filter(|row| row["verdict"] == "drifted").collect();
    assert!(unmet.is_empty(), "{unmet:?}");
}

#[test]
fn what_was_planned_is_applied_and_the_organization_is_in_line() {
    let stand = Stand::drawn(1);
    let before = stand.world();
    let plan = stand.plan(&[]).json(2);
    stand.moto.forget_calls();
    all_verified(&stand.apply(), &plan);
    let closed = stand.id("closed");
    assert!(!written(&stand.moto.writes()).contains(&closed), "nothing is written in a closed account");
    in_line(&stand);
    assert_eq!(weaker(&before, &stand.world()), json!([]));

    let again = stand.plan(&[]).json(0);
    assert_eq!(list(&again, "changes").len(), 0);
    assert!(list(&again, "verdicts").iter().all(|verdict| verdict["verdict"] != "drifted"));
}

#[test]
fn the_same_plan_applied_again_writes_nothing() {
    let stand = Stand::drawn(5);
    let plan = stand.plan(&[]).json(2);
    all_verified(&stand.apply(), &plan);
    let before = stand.dump();
    stand.moto.forget_calls();
    let again = stand.apply().json(0);
    assert_eq!(stand.moto.writes(), Vec::<Value>::new());
    assert!(list(&again, "outcomes").iter().all(|outcome| outcome["outcome"] == "already"), "{again}");
    assert_eq!(again["summary"]["already"], list(&plan, "changes").len());
    assert_eq!(stand.dump(), before);
}

#[test]
fn what_is_stricter_than_asked_survives_every_write() {
    let stand = Stand::drawn(3);
    stand.baseline(NARROW, "");
    let before = stand.world();
    let plan = stand.plan(&[]).json(2);
    all_verified(&stand.apply(), &plan);
    in_line(&stand);
    let after = stand.world();
    assert_eq!(weaker(&before, &after), json!([]));
    for (was, is) in list(&before, "accounts").iter().zip(list(&after, "accounts")) {
        let (mut was, mut is) = (was["password"].clone(), is["password"].clone());
        if was.is_null() {
            continue;
        }
        for policy in [&mut was, &mut is] {
            policy.as_object_mut().expect("a policy has fields").remove("minimum_length");
        }
        assert_eq!(is, was, "only the length was asked for");
    }
}

#[test]
fn an_account_in_line_receives_no_write() {
    let stand = Stand::cast(&json!([{ "name": "quiet" }, { "name": "weak", "password": "absent" }]));
    let plan = stand.plan(&[]).json(2);
    stand.moto.forget_calls();
    all_verified(&stand.apply(), &plan);
    assert_eq!(written(&stand.moto.writes()), stand.ids(&["weak"]));
}

#[test]
fn an_account_that_changed_since_the_plan_is_stale_and_the_others_are_applied() {
    let weak = |name: &str| json!({ "name": name, "password": "minimum_length" });
    let stand = Stand::cast(&json!([weak("first"), weak("changed"), weak("last")]));
    stand.plan(&[]).ended(2);
    stand.change_password_policy("changed", "require_symbols");
    let before = stand.account("changed");
    let applied = stand.apply().json(2);
    assert_eq!(outcomes(&applied, &stand.id("changed")), ["stale"]);
    assert_eq!((&applied["summary"]["stale"], &applied["summary"]["verified"]), (&1.into(), &2.into()));
    for name in ["first", "last"] {
        assert_eq!(outcomes(&applied, &stand.id(name)), ["verified"]);
        assert_eq!(stand.account(name)["password"]["minimum_length"], 14);
    }
    assert_eq!(stand.account("changed"), before);
    assert_eq!(written(&stand.moto.writes()), stand.ids(&["first", "last"]));
}

#[test]
fn a_plan_of_another_organization_is_refused() {
    let cast = json!([{ "name": "weak", "password": "absent" }]);
    let stand = Stand::cast(&cast);
    stand.plan(&[]).ended(2);
    let stand = stand.replaced(&cast);
    let before = stand.dump();
    stand.moto.forget_calls();
    let refused = stand.apply();
    refused.ended(64);
    assert_eq!(refused.stdout, "", "stdout is the result, and there is none");
    assert_eq!(stand.moto.writes(), Vec::<Value>::new());
    assert_eq!(stand.dump(), before);
}

#[test]
fn a_trail_is_mended_in_its_home_region() {
    let stand = Stand::cast(&json!([{ "name": "abroad", "trail": "abroad_without_validation" }]));
    let plan = stand.plan(&[]).json(2);
    stand.moto.forget_calls();
    all_verified(&stand.apply(), &plan);
    let writes = stand.moto.writes();
    assert_eq!(writes.len(), 1, "{writes:?}");
    let expected = json!({
        "account": stand.id("abroad"), "region": "us-east-1", "service": "cloudtrail", "operation": "UpdateTrail", "write": true,
    });
    assert_eq!(writes[0], expected);
}

#[test]
fn an_account_without_a_trail_gets_key_bucket_and_trail() {
    let stand = Stand::cast(&json!([{ "name": "bare", "trail": "absent" }]));
    let plan = stand.plan(&[]).json(2);
    assert_eq!(list(&plan, "changes").len(), 3);
    all_verified(&stand.apply(), &plan);
    let account = stand.account("bare");
    let [trail] = list(&account, "trails") else { panic!("one trail, not {}", account["trails"]) };
    assert_eq!((&trail["name"], &trail["home"]), (&"trueup".into(), &"eu-west-1".into()));
    assert_eq!(trail["bucket"], format!("trueup-trail-{}-eu-west-1", stand.id("bare")));
    assert!(trail["tags"].get("trueup:managed").is_some(), "{trail}");
    let [key] = list(&account["keys"], "eu-west-1") else { panic!("one key, not {}", account["keys"]) };
    assert_eq!(key["aliases"], json!(["alias/trueup-trail"]));
    assert_eq!((&key["arn"], &key["rotation"]), (&trail["key"], &true.into()));
}
