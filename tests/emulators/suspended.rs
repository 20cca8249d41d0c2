//! An account that Organizations suspends while a run is at work in it: it is named, what it did not answer any more is
//! no verdict, and the other accounts are as if nothing had happened.
//!
//! moto goes on to answer such an account. What is between it and us refuses in the words of each protocol; that AWS
//! refuses so is what it says of tokens that are not valid, and nobody documents what it says of suspended accounts.

use serde_json::{Value, json};

use crate::server::text;
use crate::stand::{Stand, list, outcomes};

/// One account has much to mend, one a little, and one nothing.
fn stand() -> Stand {
    Stand::cast(&json!([
        { "name": "bare", "password": "minimum_length", "trail": "absent", "detector": "absent" },
        { "name": "weak", "password": "minimum_length", "keys": "still" },
        { "name": "quiet" },
    ]))
}

fn of<'a>(plan: &'a Value, name: &'a str, account: &'a str) -> impl Iterator<Item = &'a Value> {
    list(plan, name).iter().filter(move |row| row["account"] == account)
}

/// What a plan says of every other account.
fn others(plan: &Value, account: &str) -> Vec<Value> {
    let rows = ["verdicts", "changes"].into_iter().flat_map(|name| list(plan, name));
    rows.filter(|row| row["account"] != account).cloned().collect()
}

fn line<'a>(plan: &'a Value, account: &str) -> &'a Value {
    list(plan, "accounts").iter().find(|line| line["id"] == account).expect("it is listed")
}

#[test]
fn in_the_middle_of_a_plan_it_is_named_and_never_clean_and_the_others_are_as_they_were() {
    for after in [0, 3] {
        let stand = stand();
        let (calm, id) = (stand.plan(&[]).json(2), stand.id("bare"));
        stand.moto.suspends(&id, "calls", after);
        let plan = stand.plan(&[]).json(3);
        let said = text(&line(&plan, &id)["reason"]);
        assert!(said.contains("see whether the account is suspended or closed"), "{after}: {said}");
        assert!(of(&plan, "verdicts", &id).any(|row| row["verdict"] == "unreadable"), "{after}: {plan:#}");
        let closed = |row: &Value| row.to_string().contains("is not enabled in this account");
        assert!(!of(&plan, "verdicts", &id).any(closed), "{after}: its regions are not what is missing");
        assert_eq!(others(&plan, &id), others(&calm, &id), "{after}");
        assert_eq!(plan["complete"], false);

        // Organizations says it by itself to whoever asks next.
        let next = stand.plan(&[]).json(2);
        let line = line(&next, &id);
        assert_eq!(
            (&line["status"], text(&line["reason"])),
            (&json!("skipped"), "the account is SUSPENDED".to_owned())
        );
        assert_eq!((of(&next, "verdicts", &id).count(), others(&next, &id)), (0, others(&calm, &id)), "{after}");
    }
}

#[test]
fn in_the_middle_of_an_apply_its_changes_fail_by_name_and_the_others_are_made() {
    for after in [0, 2] {
        let stand = stand();
        let (plan, id) = (stand.plan(&[]).json(2), stand.id("bare"));
        stand.moto.forget_calls();
        stand.moto.suspends(&id, "writes", after);
        let applied = stand.apply().json(3);
        assert_eq!(list(&applied, "outcomes").len(), list(&plan, "changes").len(), "the report has the whole plan");
        let writes = stand.moto.writes();
        assert_eq!(writes.iter().filter(|call| call["account"] == id.as_str()).count(), after as usize, "{writes:#?}");
        let lost = |outcome: &&Value| ["failed", "unknown"].contains(&&*text(&outcome["outcome"]));
        assert!(of(&applied, "outcomes", &id).any(|outcome| lost(&outcome)), "{after}: {applied:#}");
        for outcome in of(&applied, "outcomes", &id).filter(lost) {
            let reason = text(&outcome["reason"]);
            assert!(reason.contains("see whether the account is suspended or closed"), "{after}: {reason}");
        }
        assert_eq!(outcomes(&applied, &stand.id("weak")), ["verified", "verified"], "{after}: {applied:#}");
        assert!(writes.iter().any(|call| call["account"] == stand.id("weak").as_str()), "{writes:#?}");

        // The rest of the plan is not for an account that is not there any more.
        stand.moto.forget_calls();
        let again = stand.apply().json(2);
        assert_eq!(stand.moto.writes(), Vec::<Value>::new());
        assert_eq!(outcomes(&again, &stand.id("weak")), ["already", "already"], "{again:#}");
        let of_it = outcomes(&again, &id);
        assert!(of_it.iter().all(|outcome| ["stale", "blocked"].contains(&&**outcome)), "{again:#}");
        assert!(of_it.contains(&"stale".to_owned()), "{again:#}");
    }
}
