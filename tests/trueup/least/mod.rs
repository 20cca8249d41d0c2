//! Least privilege, proven: with exactly the printed policies plan and apply pass, and without any single action of
//! them the run fails there and names it.
//!
//! A suite is a baseline with the worlds in which each of its actions is needed. Every control has one.

pub(crate) mod identities;
pub(crate) mod networks;
mod proof;
mod run;
pub(crate) mod worlds;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use trueup::controls::CONTROLS;
use trueup::steps::DECLARED;

use crate::harness::{list, text};
use worlds::SUITES;

#[test]
fn passwords_take_every_action_that_is_printed() {
    proof::of("iam.password_policy");
}

#[test]
fn contacts_take_every_action_that_is_printed() {
    proof::of("account.contact");
    proof::of("account.primary_contact");
}

#[test]
fn root_users_take_every_action_that_is_printed() {
    proof::of("iam.root_user");
    proof::of("iam.root_user whom a person sees to");
}

#[test]
fn users_take_every_action_that_is_printed() {
    proof::of("iam.user");
}

#[test]
fn what_else_iam_has_takes_every_action_that_is_printed() {
    for control in [
        "iam.policy",
        "iam.support_role",
        "iam.server_certificate",
        "iam.cloudshell_full_access",
        "iam.account_alias",
        "iam.federation",
    ] {
        proof::of(control);
    }
}

#[test]
fn keys_take_every_action_that_is_printed() {
    proof::of("kms.key_rotation");
    proof::of("kms.key_deletion");
}

#[test]
fn the_block_of_an_account_takes_every_action_that_is_printed() {
    proof::of("s3.account_public_access_block");
}

#[test]
fn defaults_of_ec2_take_every_action_that_is_printed() {
    for control in CONTROLS.iter().map(|control| control.meta().id).filter(|id| id.starts_with("ec2.")) {
        proof::of(control);
    }
}

#[test]
fn groups_that_a_person_mends_take_every_action_that_is_printed() {
    proof::of("ec2.security_group whose groups a person mends");
}

#[test]
fn flow_logs_into_log_groups_take_every_action_that_is_printed() {
    proof::of("ec2.flow_logs into log groups");
}

#[test]
fn analyzers_take_every_action_that_is_printed() {
    proof::of("accessanalyzer.external");
}

#[test]
fn recorders_take_every_action_that_is_printed() {
    proof::of("config.recorder");
}

#[test]
fn hubs_take_every_action_that_is_printed() {
    proof::of("securityhub.hub");
}

#[test]
fn alarms_take_every_action_that_is_printed() {
    proof::of("cloudwatch.alarm");
}

#[test]
fn topics_take_every_action_that_is_printed() {
    proof::of("cloudwatch.topic");
}

#[test]
fn detectors_take_every_action_that_is_printed() {
    proof::of("guardduty.detector");
}

#[test]
fn detectors_of_members_take_every_action_that_is_printed() {
    proof::of("guardduty.detector of members");
}

#[test]
fn the_trail_of_the_organization_takes_every_action_that_is_printed() {
    proof::of("cloudtrail.trail of the organization");
}

#[test]
fn a_trail_with_a_log_archive_takes_every_action_that_is_printed() {
    proof::of("cloudtrail.trail with a log archive");
}

#[test]
fn trails_of_accounts_take_every_action_that_is_printed() {
    proof::of("cloudtrail.trail of each account");
}

#[test]
fn trails_that_others_made_take_every_action_that_is_printed() {
    proof::of("cloudtrail.trail that others made");
}

#[test]
fn trails_that_log_all_objects_take_every_action_that_is_printed() {
    proof::of("cloudtrail.trail that logs all objects");
}

#[test]
fn buckets_of_trails_take_every_action_that_is_printed() {
    proof::of("cloudtrail.bucket");
}

#[test]
fn trails_that_deliver_to_a_log_group_take_every_action_that_is_printed() {
    proof::of("cloudtrail.trail that delivers to a log group");
}

#[test]
fn selectors_take_every_action_that_is_printed() {
    proof::of("selectors");
}

/// What a suite proves of the permissions that are printed for its baseline is then proven of the control's alone.
#[test]
fn every_control_has_a_suite_that_asks_for_nothing_else() {
    for control in CONTROLS.iter().map(|control| control.meta().id) {
        let of_its_own = |controls: &str| controls.contains(&format!("controls:\n  {control}:"));
        let alone = SUITES.iter().filter(|suite| of_its_own(suite.controls)).any(|suite| {
            let named = suite.controls.split("controls:\n").nth(1).unwrap_or_default();
            named.lines().take_while(|line| line.starts_with(' ')).filter(|line| !line.starts_with("   ")).count() == 1
        });
        assert!(alone, "{control} has no suite of its own: add one to tests/trueup/least/worlds.rs");
    }
}

#[test]
fn every_control_has_a_suite_whose_plans_have_each_of_its_steps() {
    for control in CONTROLS.iter().map(|control| control.meta()) {
        let of_control: Vec<_> =
            SUITES.iter().filter(|suite| suite.controls.contains(&format!("  {}:", control.id))).collect();
        assert!(!of_control.is_empty(), "no suite has {}: add one to tests/trueup/least/worlds.rs", control.id);
        let mut planned = BTreeSet::new();
        for suite in of_control {
            for run in proof::full(suite) {
                let changes = list(&run.plan["changes"]).iter().filter(|change| change["control"] == control.id);
                planned
                    .extend(changes.flat_map(|change| list(&change["steps"])).map(|step| text(&step["do"]).to_owned()));
            }
        }
        for step in control.steps {
            assert!(planned.contains(&snake(step)), "no world plans {step} of {}: {planned:?}", control.id);
        }
    }
}

/// A step as plans write it.
fn snake(step: &str) -> String {
    let mut out = String::new();
    for letter in step.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[test]
fn what_no_emulator_checks_besides_is_listed_as_not_proven() {
    let mut open: BTreeSet<(String, String)> = BTreeSet::new();
    for (step, calls, dependent) in DECLARED {
        let writes: Vec<&str> = calls.iter().filter(|call| !call.reads()).map(|call| call.operation).collect();
        for action in *dependent {
            let weighed = SUITES.iter().flat_map(proof::full).flat_map(|run| &run.calls).any(|call| {
                writes.contains(&call.operation.as_str()) && call.weighed.iter().any(|weighed| weighed == action)
            });
            if !weighed {
                open.insert(((*step).to_owned(), (*action).to_owned()));
            }
        }
    }
    assert_eq!(rows("## Not proven on AWS"), open);
}

#[test]
fn what_no_run_uses_is_listed_as_not_proven() {
    let known = proof::NOT_USED.iter().map(|(holder, action)| ((*holder).to_owned(), (*action).to_owned()));
    let known: BTreeSet<_> = known.collect();
    assert_eq!(proof::not_used(), known, "what runs use by now, or nobody prints any more, is no exception");
    assert_eq!(rows("## What no run uses"), known);
}

/// The first two cells of the rows of a section of the page on permissions.
fn rows(heading: &str) -> BTreeSet<(String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/permissions.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let (_, section) = page.split_once(heading).expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        (cells[0].to_owned(), cells[1].to_owned())
    });
    rows.collect()
}

/// The changes that the plans of all suites have.
pub(crate) fn changes() -> Vec<&'static Value> {
    SUITES.iter().flat_map(proof::full).flat_map(|run| list(&run.plan["changes"])).collect()
}
