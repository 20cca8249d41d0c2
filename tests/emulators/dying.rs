//! Keys that are about to be deleted, on an emulator that others wrote.

use serde_json::json;

use crate::enforcement::all_verified;
use crate::server::text;
use crate::stand::{Stand, list};

const DYING: &str = "controls:\n  kms.key_deletion:\n    not_scheduled: true\n";

#[test]
fn a_key_that_is_to_be_deleted_is_told_to_a_person_or_saved() {
    let stand = Stand::cast(&json!([{ "name": "one" }]));
    stand.baseline(DYING, "");
    let id = stand.id("one");
    let states = |more: &[&str]| stand.moto.run("dying.py", &[&["--account", id.as_str()], more].concat());
    assert_eq!(states(&["--make"]), json!(["PendingDeletion"]));
    let plan = stand.plan(&["--account", "one"]).json(2);
    let [change] = list(&plan, "changes") else { panic!("one change: {plan:#}") };
    assert!(text(&change["manual"]).contains("CancelKeyDeletion, then EnableKey"), "{change:#}");
    stand.baseline(&format!("{DYING}    mend: true\n"), "");
    let plan = stand.plan(&["--account", "one"]).json(2);
    all_verified(&stand.apply(), &plan);
    assert_eq!(states(&[]), json!(["Enabled"]));
    stand.plan(&["--account", "one"]).json(0);
}
