//! The catalogue of what an account can be held to, as data, and how the controls differ from it.
//!
//! `catalogue.json` has of each entry its group, how it can be mended (`class`), the operations and the permissions
//! that it takes, the operations that undo it (`reverts`), and what frameworks call it. What is built of it is in `built.rs`, what is not yet below, and every
//! difference with its reason in `differences.rs`.

mod built;
mod differences;
mod order;
mod references;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use trueup::control::{Bound, Needs};
use trueup::controls::{self, CONTROLS};
use trueup::observe::{Call, Home};
use trueup::steps::{DECLARED, Risk, Step, UNDOING};

use crate::harness::{list, text};
use crate::least;
use built::{BEYOND, BUILT, Built};
use differences::DIFFERENCES;

/// Entries that no control has yet. Who builds one takes its line away.
const NOT_YET: &[&str] = &[
    "org.member",
    "org.all_features",
    "org.policy_types",
    "org.trusted_access",
    "org.delegated_admins",
    "org.policy_delegation",
    "org.guardrail_policies",
    "org.ai_opt_out",
    "org.declarative_ec2",
    "org.s3_policy",
    "org.management_account_workloads",
    "account.regions",
    "iam.centralized_root_access",
    "iam.root_credentials_removed",
    "iam.sts_token_version",
    "accessanalyzer.unused",
    "guardduty.feature.eks_agent",
    "guardduty.feature.ecs_agent",
    "guardduty.feature.ec2_agent",
    "guardduty.delegated_admin",
    "guardduty.org_auto_enable",
    "securityhub.standards",
    "securityhub.settings",
    "securityhub.finding_aggregator",
    "securityhub.delegated_admin",
    "securityhub.org_auto_enable",
    "config.org_aggregator",
    "inspector2.ec2",
    "inspector2.ecr",
    "inspector2.lambda",
    "inspector2.lambda_code",
    "inspector2.org_auto_enable",
    "macie.enabled",
    "macie.automated_discovery",
    "macie.org_auto_enable",
    "detective.enabled",
    "ec2.vpc_block_public_access",
    "ec2.allowed_images",
    "ec2.unused_default_vpc",
    "ssm.block_public_documents",
    "ssm.default_host_management",
    "ssm.automation_logging",
    "ecr.registry_scanning",
    "emr.block_public_access",
    "backup.region_settings",
    "backup.global_settings",
    "ecs.account_defaults",
    "glue.catalog_encryption",
    "bedrock.invocation_logging",
];

/// One entry of the catalogue.
#[derive(Debug, Deserialize)]
struct Entry {
    id: String,
    class: String,
    operations: BTreeSet<String>,
    permissions: BTreeSet<String>,
    /// The items of CIS by edition, such as `v3.0`.
    cis: BTreeMap<String, Vec<String>>,
    security_hub: Vec<String>,
    /// Controls, enhancements, and paragraphs of them.
    nist_800_53_r5: Vec<String>,
    #[serde(default)]
    reverts: BTreeSet<String>,
}

fn catalogue() -> BTreeMap<String, Entry> {
    let entries: Vec<Entry> = serde_json::from_str(include_str!("catalogue.json")).expect("it is well-formed");
    entries.into_iter().map(|entry| (entry.id.clone(), entry)).collect()
}

impl Built {
    fn bound(&self) -> Box<dyn Bound> {
        let settings = serde_json::from_str(self.settings).expect("JSON");
        let control = controls::find(self.control).unwrap_or_else(|| panic!("there is no control {}", self.control));
        control.bind(&settings).unwrap_or_else(|error| panic!("{}: {error}", self.id))
    }

    fn requirements(&self) -> BTreeSet<&'static str> {
        self.bound().required().into_iter().map(|requirement| requirement.id).collect()
    }

    /// Every call that it takes with these settings: reads, writes, and what undoes them.
    fn calls(&self) -> BTreeSet<Call> {
        let bound = self.bound();
        let needs: Vec<Needs> = [Home::Member, Home::Management].map(|home| bound.needs(home)).to_vec();
        let reads = needs.iter().flat_map(|needs| &needs.reads).flat_map(|reads| reads.calls);
        let named = |step: &str| needs.iter().any(|needs| needs.steps.contains(&step));
        let steps = DECLARED.iter().filter(|(step, ..)| named(step));
        reads.chain(steps.flat_map(|(_, calls, _)| calls.iter())).chain(self.undoing()).copied().collect()
    }

    /// Every call of what undoes it.
    fn undoing(&self) -> impl Iterator<Item = &'static Call> {
        let calls = move |step: &&str| {
            let known = UNDOING.iter().find(|(known, ..)| known == step);
            known.unwrap_or_else(|| panic!("{}: {step} undoes nothing", self.id)).1
        };
        self.undo.iter().flat_map(calls)
    }

    /// How it is mended in the worlds of its suite: as the catalogue says, where the steps of the entry are so in a change,
    /// whatever else is done there or got ready for it; else as where nothing else makes that worse.
    fn class(&self, entry: &Entry) -> &'static str {
        let requirements = self.requirements();
        let about = |change: &&Value| {
            let differences = list(&change["differences"]);
            differences.iter().any(|difference| requirements.contains(text(&difference["requirement"])))
        };
        let all: Vec<&Value> = least::changes().into_iter().filter(about).collect();
        let mut own = all.iter().filter_map(|change| class_of_steps(change, entry));
        if let Some(same) = own.find(|class| *class == entry.class) {
            return same;
        }
        let order = ["auto-safe", "auto-cost", "auto-disruptive", "report-only"];
        let strength = |class: &&str| order.iter().position(|known| known == class);
        let weakest = all.iter().map(|change| class_of(change)).min_by_key(strength);
        weakest.unwrap_or_else(|| panic!("no world of a suite drifts in {}", self.id))
    }

    fn differences(&self, entry: &Entry) -> Vec<String> {
        let mut found = vec![];
        // What no call mends is left to a person, whether AWS has none or one that nobody should send for others.
        let class = if entry.class == "impossible" { "report-only" } else { &entry.class };
        let ours = self.class(entry);
        if ours != class {
            found.push(format!("is {ours}"));
        }
        let calls = self.calls();
        let sent: BTreeSet<String> = calls.iter().map(operation).collect();
        found.extend(entry.operations.difference(&sent).map(|operation| format!("without {operation}")));
        found.extend(sent.difference(&entry.operations).map(|operation| format!("with {operation}")));
        // The action of a call that is in both has to be the same in both.
        let shared = calls.iter().filter(|call| entry.operations.contains(&operation(call)));
        let unknown = shared.filter(|call| !entry.permissions.contains(call.action));
        found.extend(unknown.map(|call| format!("takes {}", call.action)));
        let besides = self.besides();
        let ours: BTreeSet<&str> = calls.iter().map(|call| call.action).chain(besides.iter().copied()).collect();
        // What an operation takes that is not sent was said with the operation.
        let name = |text: &str| text.split(':').next_back().unwrap_or_default().to_owned();
        let left_out: BTreeSet<String> = entry.operations.difference(&sent).map(|operation| name(operation)).collect();
        let lacking = entry.permissions.iter().filter(|action| !ours.contains(action.as_str()));
        found
            .extend(lacking.filter(|action| !left_out.contains(&name(action))).map(|action| format!("lacks {action}")));
        let more = besides.iter().filter(|action| !entry.permissions.contains(**action));
        found.extend(more.map(|action| format!("besides {action}")));
        let undone: BTreeSet<String> = self.undoing().map(operation).collect();
        found.extend(entry.reverts.difference(&undone).map(|operation| format!("undone without {operation}")));
        if class.starts_with("auto-") && self.undo.is_empty() {
            found.push("is not undone".to_owned());
        }
        found
    }

    /// The actions that AWS checks besides those of the calls.
    fn besides(&self) -> BTreeSet<&'static str> {
        let bound = self.bound();
        let named =
            |step: &str| [Home::Member, Home::Management].iter().any(|home| bound.needs(*home).steps.contains(&step));
        DECLARED.iter().filter(|(step, ..)| named(step)).flat_map(|(_, _, besides)| *besides).copied().collect()
    }
}

/// How a change mends, in the catalogue's word.
fn class_of(change: &Value) -> &'static str {
    match (text(&change["risk"]), &change["cost"]) {
        _ if list(&change["steps"]).is_empty() => "report-only",
        ("safe", Value::Null) => "auto-safe",
        ("safe", _) => "auto-cost",
        _ => "auto-disruptive",
    }
}

/// How those steps of a change mend that send an operation of an entry.
fn class_of_steps(change: &Value, entry: &Entry) -> Option<&'static str> {
    let own = list(&change["steps"]).iter().filter(|step| {
        let named = text(&step["do"]).replace('_', "");
        let (_, calls, _) = DECLARED.iter().find(|(known, ..)| known.eq_ignore_ascii_case(&named)).expect("a step");
        calls.iter().any(|call| entry.operations.contains(&operation(call)))
    });
    let own: Vec<Step> = own.map(|step| serde_json::from_value(step.clone()).expect("a step")).collect();
    let safe = own.iter().all(|step| step.risk() == Risk::Safe);
    match (own.is_empty(), safe, own.iter().any(|step| step.cost().is_some())) {
        (true, ..) => None,
        (_, true, false) => Some("auto-safe"),
        (_, true, true) => Some("auto-cost"),
        (_, false, _) => Some("auto-disruptive"),
    }
}

/// An operation as the catalogue writes it.
fn operation(call: &Call) -> String {
    let service = match call.service {
        "CloudWatch Logs" => "logs".to_owned(),
        "Config Service" => "config".to_owned(),
        other => other.to_ascii_lowercase().replace(' ', ""),
    };
    format!("{service}:{}", call.operation)
}

#[test]
fn every_entry_of_the_catalogue_is_built_or_listed_as_not_yet() {
    let catalogue = catalogue();
    let built: BTreeSet<&str> = BUILT.iter().map(|built| built.id).collect();
    let not_yet: BTreeSet<&str> = NOT_YET.iter().copied().collect();
    assert_eq!(built.len(), BUILT.len(), "an entry is built twice");
    assert_eq!(built.intersection(&not_yet).collect::<Vec<_>>(), [&""; 0]);
    let known: BTreeSet<&str> = catalogue.keys().map(String::as_str).collect();
    assert_eq!(built.union(&not_yet).copied().collect::<BTreeSet<_>>(), known);
}

#[test]
fn every_requirement_is_of_an_entry_or_goes_beyond_the_catalogue() {
    let of_entries: BTreeSet<&str> = BUILT.iter().flat_map(Built::requirements).collect();
    let metas = CONTROLS.iter().map(|control| control.meta());
    let all = metas.flat_map(|meta| meta.requirements).map(|requirement| requirement.id);
    let others: Vec<&str> = all.filter(|id| !of_entries.contains(id)).collect();
    let beyond: Vec<&str> = BEYOND.iter().map(|(id, _)| *id).collect();
    assert_eq!(others, beyond);
}

#[test]
fn what_differs_from_the_catalogue_is_listed_with_its_reason() {
    let catalogue = catalogue();
    let mut unexplained = vec![];
    let mut used: BTreeSet<(&str, &str)> = BTreeSet::new();
    for built in BUILT {
        for difference in built.differences(&catalogue[built.id]) {
            let line = DIFFERENCES
                .iter()
                .find(|line| line.entries.contains(&built.id) && line.differences.contains(&difference.as_str()));
            match line {
                Some(line) => {
                    let known = line.differences.iter().find(|known| **known == difference).expect("it was found");
                    used.insert((built.id, known));
                }
                None => unexplained.push(format!("{} {difference}", built.id)),
            }
        }
    }
    assert!(unexplained.is_empty(), "these differ without a reason:\n{}", unexplained.join("\n"));
    for line in DIFFERENCES {
        assert!(!line.reason.is_empty());
        for difference in line.differences {
            let any = line.entries.iter().any(|entry| used.contains(&(*entry, *difference)));
            assert!(any, "{:?} do not differ any more: {difference}", line.entries);
        }
    }
}
