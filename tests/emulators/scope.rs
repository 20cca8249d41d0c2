//! Who is held to what: selectors, overrides and exemptions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::baseline::FULL;
use crate::enforcement::all_verified;
use crate::server::text;
use crate::stand::{Stand, list, written};
use crate::verdicts::agrees;

/// Six accounts in five units, each without a password policy.
fn company() -> Stand {
    let weak = |name: &str, unit: &str| json!({ "name": name, "ou": unit, "password": "absent" });
    Stand::cast(&json!([
        weak("management", "/"),
        weak("audit", "/Security"),
        weak("shop-one", "/Workloads/Production/Shop"),
        weak("shop-two", "/Workloads/Production/Shop"),
        weak("lab", "/Workloads/Development"),
        weak("play", "/Sandbox"),
    ]))
}

fn judged(plan: &Value) -> BTreeSet<String> {
    list(plan, "verdicts").iter().map(|verdict| text(&verdict["account"])).collect()
}

#[test]
fn selectors_choose_the_accounts_that_are_judged() {
    let stand = company();
    // moto calls the management account by a name of its own, so it is meant by its id.
    let cases: [(&[&str], &[&str]); 6] = [
        (&["--account", "shop-*"], &["shop-one", "shop-two"]),
        (&["--account", "audit,play"], &["audit", "play"]),
        (&["--ou", "/Workloads"], &["shop-one", "shop-two", "lab"]),
        (&["--ou", "/Workloads", "--exclude-ou", "/Workloads/Production"], &["lab"]),
        (&["--exclude-account", "123456789012,play"], &["audit", "shop-one", "shop-two", "lab"]),
        (&["--exclude-ou", "/Workloads,/Security"], &["management", "play"]),
    ];
    for (options, names) in cases {
        let plan = stand.plan(options).json(2);
        assert_eq!(judged(&plan), stand.ids(names), "{options:?}");
    }
}

#[test]
fn a_selector_that_matches_nothing_is_refused() {
    let stand = company();
    for options in [["--account", "shoop-*"], ["--ou", "/Nowhere"], ["--exclude-account", "nobody"]] {
        let refused = stand.plan(&options);
        refused.ended(64);
        assert_eq!(refused.stdout, "");
        assert!(refused.stderr.contains(options[1]), "{}", refused.stderr);
    }
}

#[test]
fn accounts_that_were_not_selected_receive_no_write() {
    let stand = company();
    let plan = stand.plan(&["--ou", "/Workloads/Production"]).json(2);
    stand.moto.forget_calls();
    all_verified(&stand.apply(), &plan);
    assert_eq!(written(&stand.moto.writes()), stand.ids(&["shop-one", "shop-two"]));
    assert_eq!(stand.account("play")["password"], Value::Null);
}

#[test]
fn overrides_change_what_is_asked_of_the_accounts_that_they_match() {
    let stand = Stand::drawn(4);
    let more = format!(
        "\
overrides:
  - match: {{ ou: /Workloads/Production }}
    controls:
      iam.password_policy: {{ minimum_length: 16 }}
  - match: {{ ou: /Sandbox }}
    controls: {{ guardduty.detector: off }}
  - match: {{ account: \"{}\" }}
    controls:
      iam.password_policy: {{ minimum_length: 18, max_age_days: 60 }}
",
        stand.id("member-03")
    );
    stand.baseline(FULL, &more);
    let plan = stand.plan(&[]).json(2);
    agrees(&plan, &stand.truth());
    all_verified(&stand.apply(), &plan);
    let again = stand.plan(&[]).json(0);
    agrees(&again, &stand.truth());
    let policy = &stand.account("member-03")["password"];
    assert!(policy["minimum_length"].as_u64() >= Some(18), "{policy}");
}

#[test]
fn what_is_exempt_is_said_to_be_exempt_and_stays_as_it_is() {
    let stand = Stand::cast(&json!([
        { "name": "exempt", "password": "absent", "trail": "log_file_validation" },
        { "name": "bound", "trail": "log_file_validation" },
    ]));
    let more = format!(
        "\
exemptions:
  - requirement: cloudtrail.trail.log_file_validation
    accounts: [\"{}\"]
    reason: its readers cannot follow digests yet
    approved_by: security@example.com
    expires: 2099-12-31
",
        stand.id("exempt")
    );
    stand.baseline(FULL, &more);
    let plan = stand.plan(&[]).json(2);
    agrees(&plan, &stand.truth());
    assert_eq!(plan["summary"]["requirements"]["exempt"], 1);
    all_verified(&stand.apply(), &plan);
    assert_eq!(stand.account("exempt")["trails"][0]["validation"], false);
    assert_eq!(stand.account("exempt")["password"]["minimum_length"], 14);
    assert_eq!(stand.account("bound")["trails"][0]["validation"], true);
    stand.plan(&[]).ended(0);
}
