//! Answers that are no answers: pages of a proxy, half a body, nothing, an error without a code.

use serde_json::json;
use trueup::simulator::fault::{Effect, Injection, Moment};

use crate::harness::{
    STRONG, Stage, all_strong, error, kinds, line, organization, outcomes, policy_write, set_policy, strike, text,
};

/// Three accounts in line; the first one's only read meets this.
fn read_meets(effect: &Effect) {
    let (mut world, ids) = organization(&["struck", "good"]);
    all_strong(&mut world);
    let stage = Stage::held_to(world, STRONG);
    let moment = if *effect == Effect::Truncated { Moment::After } else { Moment::Before };
    stage.inject(Injection { moment, ..strike(&ids[0], "GetAccountPasswordPolicy", effect.clone()) });
    let plan = stage.planned(3);
    assert_eq!(kinds(&plan, &ids[0]), ["unreadable"], "{effect:?}");
    assert_eq!(kinds(&plan, &ids[1]), ["compliant"], "{effect:?}");
    assert_eq!((&plan["complete"], &plan["changes"]), (&json!(false), &json!([])), "{effect:?}");
    let reason = text(&line(&plan, &ids[0])["reason"]);
    assert!(!reason.is_empty(), "{effect:?}");
    let page = matches!(effect, Effect::Html { .. });
    assert_eq!(reason.contains("see to the proxy (HTTPS_PROXY"), page, "{effect:?}: {reason}");
}

#[test]
fn a_page_of_a_proxy_is_unreadable_whatever_its_status() {
    for status in [200, 403, 404, 407, 429, 503] {
        read_meets(&Effect::Html { status });
    }
}

#[test]
fn half_an_answer_is_unreadable() {
    read_meets(&Effect::Truncated);
}

#[test]
fn no_answer_is_unreadable() {
    read_meets(&Effect::Reset);
}

#[test]
fn an_answer_without_a_code_is_unreadable_whatever_its_status() {
    for status in [200, 400, 403, 404, 500] {
        read_meets(&Effect::Empty { status });
    }
}

#[test]
fn an_error_of_the_service_is_unreadable() {
    read_meets(&error(500, "ServiceFailure"));
    read_meets(&error(400, "SomethingNew"));
}

#[test]
fn a_session_that_ran_out_is_unreadable_with_the_mend() {
    let (mut world, ids) = organization(&["struck", "good"]);
    all_strong(&mut world);
    let stage = Stage::held_to(world, STRONG);
    stage.inject(strike(&ids[0], "GetAccountPasswordPolicy", error(403, "ExpiredToken")));
    let (plan, code) = stage.plan(&[]);
    assert_eq!((kinds(&plan, &ids[0]), code), (vec!["unreadable".to_owned()], Some(3)));
    assert!(text(&line(&plan, &ids[0])["reason"]).contains("the credentials have run out"));
    assert_eq!(kinds(&plan, &ids[1]), ["compliant"]);
}

/// One account that has drifted, with a plan for it.
fn drifted() -> (Stage, String) {
    let (mut world, ids) = organization(&["weak"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    let stage = Stage::held_to(world, STRONG);
    stage.planned(2);
    (stage, ids[0].clone())
}

fn once(injection: Injection) -> Injection {
    Injection { times: Some(1), ..injection }
}

#[test]
fn a_write_whose_answer_was_lost_is_read_again_and_not_repeated() {
    for effect in [Effect::Reset, Effect::Truncated, Effect::Html { status: 502 }, error(500, "ServiceFailure")] {
        let (stage, id) = drifted();
        let lost = strike(&id, "UpdateAccountPasswordPolicy", effect.clone());
        stage.inject(once(Injection { moment: Moment::After, ..lost }));
        let (applied, code) = stage.apply(&[]);
        assert_eq!((outcomes(&applied), code), (vec![(&*id, "verified")], Some(0)), "{effect:?}");
        assert_eq!(stage.writes(), [policy_write(&id)], "{effect:?}");
        assert_eq!(stage.policy(&id)["MinimumPasswordLength"], 14, "{effect:?}");
    }
}

#[test]
fn a_write_that_never_arrived_is_sent_again_after_another_look() {
    let (stage, id) = drifted();
    stage.inject(once(strike(&id, "UpdateAccountPasswordPolicy", Effect::Reset)));
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*id, "verified")], Some(0)));
    let calls = stage.calls();
    let sent: Vec<&str> = calls.iter().filter(|call| call.account == id).map(|call| &*call.operation).collect();
    let first = sent.iter().position(|call| *call == "UpdateAccountPasswordPolicy").expect("it was sent");
    assert_eq!(
        sent[first..],
        [
            "UpdateAccountPasswordPolicy",
            "GetAccountPasswordPolicy",
            "UpdateAccountPasswordPolicy",
            "GetAccountPasswordPolicy"
        ]
    );
    assert_eq!(stage.writes(), [policy_write(&id), policy_write(&id)]);
    assert_eq!(stage.policy(&id)["MinimumPasswordLength"], 14);
}

#[test]
fn a_write_that_is_lost_again_and_again_is_unknown() {
    let (stage, id) = drifted();
    stage.inject(strike(&id, "UpdateAccountPasswordPolicy", Effect::Reset));
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*id, "unknown")], Some(3)));
    assert_eq!(stage.writes(), vec![policy_write(&id); 5], "each after another look");
    assert_eq!(stage.policy(&id)["MinimumPasswordLength"], 8);
}

#[test]
fn a_write_that_cannot_be_seen_afterwards_is_unknown() {
    let (stage, id) = drifted();
    let planned = stage.count(&id, "GetAccountPasswordPolicy") as u64;
    assert_eq!(planned, 1);
    // The fault counts from now on; the look before the write passes.
    stage.inject(Injection { after: 1, ..strike(&id, "GetAccountPasswordPolicy", error(403, "AccessDenied")) });
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*id, "unknown")], Some(3)));
    assert_eq!(stage.writes(), [policy_write(&id)]);
    assert_eq!(stage.policy(&id)["MinimumPasswordLength"], 14, "it was done all the same");
}

#[test]
fn a_throttled_write_is_sent_again_and_verified() {
    let (stage, id) = drifted();
    stage.inject(once(strike(&id, "UpdateAccountPasswordPolicy", error(400, "Throttling"))));
    let (applied, code) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), code), (vec![(&*id, "verified")], Some(0)));
    assert_eq!(stage.writes(), [policy_write(&id), policy_write(&id)]);
    assert_eq!(stage.policy(&id)["MinimumPasswordLength"], 14);
}
