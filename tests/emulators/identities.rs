//! Identities and contacts on moto, which has no root user and makes nothing old: what it can have is judged, mended and
//! read back by boto3.

use serde_json::{Value, json};

use crate::server::text;
use crate::stand::{Stand, list};

const CONTROLS: &str = "\
controls:
  account.contact:
    security: { name: Ada, title: CISO, email: ada@acme.example, phone: \"+1 555 0100\" }
  iam.user:
    mfa: console
    max_unused_days: 45
    one_active_key: true
    no_policies: true
    mend: [mfa, no_policies]
  iam.policy:
    no_full_admin: true
  iam.account_alias:
    alias: acme-{account}
  iam.federation:
    provider: true
";

/// Every row of an account that is not compliant: object and requirement.
fn drifted(plan: &Value, account: &str) -> Vec<(String, String)> {
    let mut found: Vec<_> = list(plan, "verdicts")
        .iter()
        .filter(|row| row["account"] == account && row["verdict"] == "drifted")
        .map(|row| (text(&row["object"]), text(&row["requirement"])))
        .collect();
    found.sort();
    found
}

#[test]
fn identities_are_judged_mended_and_read_back() {
    let stand = Stand::cast(&json!([{ "name": "one" }]));
    stand.baseline(CONTROLS, "");
    let id = stand.id("one");
    stand.moto.run("identities.py", &["--account", &id, "--make"]);
    let only = ["--account", id.as_str()];
    let plan = stand.plan(&only).json(2);
    let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(object, requirement)| ((*object).to_owned(), (*requirement).to_owned())).collect()
    };
    let wanted = owned(&[
        ("account alias", "iam.account_alias.alias"),
        ("all of user/ada", "iam.policy.no_full_admin"),
        ("ada", "iam.user.no_policies"),
        ("ada", "iam.user.one_active_key"),
        ("bob", "iam.user.mfa"),
        ("identity providers", "iam.federation.provider"),
        ("security contact", "account.contact.security"),
    ]);
    let mut wanted = wanted;
    wanted.sort();
    assert_eq!(drifted(&plan, &id), wanted);

    stand.moto.forget_calls();
    let applied = stand.apply_with(&["--allow", "disruptive,irreversible", "--lock", "local"]).json(2);
    let failed: Vec<_> = list(&applied, "outcomes")
        .iter()
        .filter(|outcome| !["verified", "manual"].contains(&text(&outcome["outcome"]).as_str()))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let seen = stand.moto.run("identities.py", &["--account", &id]);
    assert_eq!(seen["alias"], json!([format!("acme-{id}")]));
    assert_eq!(
        (&seen["contact"]["Name"], &seen["contact"]["EmailAddress"]),
        (&json!("Ada"), &json!("ada@acme.example"))
    );
    assert_eq!(seen["policies"], json!([]));
    assert_eq!(seen["passwords"], json!(["carl"]));
    let left = owned(&[("ada", "iam.user.one_active_key"), ("identity providers", "iam.federation.provider")]);
    assert_eq!(drifted(&stand.plan(&only).json(2), &id), left);
}
