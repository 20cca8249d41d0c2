//! Contacts of accounts: from none, or others, to those of the baseline, and back.

use serde_json::{Value, json};
use trueup::simulator::world::World;

use crate::harness::{HOME, Stage, list, organization, outcomes, rows, text, write};

const CONTACTS: &str = "\
controls:
  account.contact:
    security: { name: Ada, title: CISO, email: security@acme.example, phone: \"+1 555 0100\" }
    billing: {}
  account.primary_contact:
    details: { full_name: Acme Inc., city: Springfield }
    mend: true
";

fn security() -> Value {
    json!({"AlternateContactType": "SECURITY", "Name": "Ada", "Title": "CISO", "EmailAddress": "security@acme.example",
        "PhoneNumber": "+1 555 0100"})
}

fn primary(name: &str) -> Value {
    json!({"FullName": name, "AddressLine1": "1 Main Street", "AddressLine2": "Floor 2", "City": "Springfield",
        "PostalCode": "12345", "CountryCode": "US", "PhoneNumber": "+15550100"})
}

fn register(world: &mut World, account: &str, contact: &Value) {
    world.build(account, HOME, "account", "PutAlternateContact", contact.clone());
}

fn named(world: &mut World, account: &str, name: &str) {
    world.build(account, HOME, "account", "PutContactInformation", json!({ "ContactInformation": primary(name) }));
}

/// An account that is in line, one whose contacts are others, and one that has none.
fn accounts() -> (Stage, Vec<String>) {
    let (mut world, ids) = organization(&["good", "other", "bare"]);
    let management = world.management();
    let billing = json!({"AlternateContactType": "BILLING", "Name": "Bill", "Title": "CFO",
        "EmailAddress": "bill@acme.example", "PhoneNumber": "1"});
    for id in [&management, &ids[0]] {
        register(&mut world, id, &security());
        register(&mut world, id, &billing);
        named(&mut world, id, "Acme Inc.");
    }
    let former = json!({"AlternateContactType": "SECURITY", "Name": "Bob", "Title": "CISO",
        "EmailAddress": "bob@acme.example", "PhoneNumber": "2"});
    register(&mut world, &ids[1], &former);
    register(&mut world, &ids[1], &billing);
    named(&mut world, &ids[1], "Bought Ltd.");
    (Stage::held_to(world, CONTACTS), ids)
}

fn state(stage: &Stage, account: &str) -> Value {
    stage.read_contacts(account)
}

#[test]
fn contacts_are_written_as_wanted_and_put_back_by_a_revert() {
    let (stage, ids) = accounts();
    let before: Vec<Value> = ids.iter().map(|id| state(&stage, id)).collect();
    let plan = stage.planned(2);
    let drifted = |id: &str| {
        let drifted = rows(&plan, id).filter(|row| row["verdict"] == "drifted");
        drifted.map(|row| text(&row["requirement"]).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(drifted(&ids[0]), [""; 0]);
    assert_eq!(drifted(&ids[1]), ["account.contact.security", "account.primary_contact.details"]);
    let all = ["account.contact.billing", "account.contact.security", "account.primary_contact.details"];
    assert_eq!(drifted(&ids[2]), all);
    assert!(list(&plan["changes"]).iter().all(|change| change["risk"] == "safe" && change["cost"] == Value::Null));

    let (applied, code) = stage.apply(&[]);
    // Nobody said whom to register for billing, nor where the account without a primary contact lives.
    let of_bare = [(&*ids[2], "manual"), (&*ids[2], "verified"), (&*ids[2], "manual")];
    let of_other = [(&*ids[1], "verified"), (&*ids[1], "verified")];
    assert_eq!((outcomes(&applied), code), ([&of_other[..], &of_bare].concat(), Some(2)));
    let put = |id: &str, what: &str| write(id, "account", &format!("Put{what}"));
    let writes =
        [put(&ids[1], "AlternateContact"), put(&ids[1], "ContactInformation"), put(&ids[2], "AlternateContact")];
    assert_eq!(stage.writes(), sorted(writes));
    for id in &ids {
        assert_eq!(state(&stage, id)["SECURITY"], security());
    }
    // What the baseline does not speak of stays.
    assert_eq!(state(&stage, &ids[1])["primary"], primary("Acme Inc."));
    assert_eq!(state(&stage, &ids[1])["BILLING"], before[1]["BILLING"]);

    let runs = stage.run(&["history", "--format", "json"]).json();
    let run = text(&list(&runs["runs"]).last().expect("a run")["run"]).to_owned();
    let held = stage.run(&["revert", &run, "--auto-approve", "--allow", "weakening"]);
    assert_eq!(held.code, Some(2), "{}{}", held.stdout, held.stderr);
    assert_eq!(stage.count(&ids[2], "DeleteAlternateContact"), 0, "there was none: it was made");
    let done = stage.run(&["revert", &run, "--auto-approve", "--allow", "weakening,irreversible"]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    assert_eq!(ids.iter().map(|id| state(&stage, id)).collect::<Vec<_>>(), before);
}

fn sorted<T: Ord, const N: usize>(mut items: [T; N]) -> [T; N] {
    items.sort();
    items
}

#[test]
fn each_contact_is_asked_for_once_and_no_other_is() {
    let (stage, ids) = accounts();
    stage.planned(2);
    for (operation, times) in [("GetAlternateContact", 2), ("GetContactInformation", 1), ("ListRegions", 0)] {
        assert_eq!(stage.count(&ids[0], operation), times, "{operation}");
    }
}

#[test]
fn a_contact_that_somebody_changed_meanwhile_is_stale() {
    let (stage, ids) = accounts();
    stage.planned(2);
    let meanwhile = json!({"AlternateContactType": "SECURITY", "Name": "Eve", "Title": "CISO",
        "EmailAddress": "eve@acme.example", "PhoneNumber": "3"});
    stage.world(|world| register(world, &ids[1], &meanwhile));
    let (applied, _) = stage.apply(&[]);
    assert!(outcomes(&applied).contains(&(&*ids[1], "stale")), "{applied:#}");
    assert_eq!(state(&stage, &ids[1])["SECURITY"]["Name"], "Eve");
}
