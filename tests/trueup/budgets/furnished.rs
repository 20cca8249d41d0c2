//! What reading an account costs that has all of what baselines ask for: a trail with its log group, its bucket and its
//! key, alarms and their topic, and in each region a recorder with its channel, a hub, a detector, an analyzer and keys.
//! Each group of calls is held against what the catalogue reckons for it, and each excess has its reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;
use trueup::simulator::world::World;

use super::{EVERY, FEW, MORE, baselines, costs, extending, same};
use crate::ec2_instances::launch;
use crate::ec2_networks::delivering_role;
use crate::harness::Stage;
use crate::users::{key, password, user};

/// A group of calls as the catalogue reckons it.
struct Group {
    name: &'static str,
    /// The services, or the calls of one, that belong to it.
    calls: &'static [&'static str],
    /// How many calls an account and a region may cost.
    budget: (usize, usize),
    /// How many more they do cost, and why.
    excess: Option<(usize, usize, &'static str)>,
}

const fn group(name: &'static str, calls: &'static [&'static str], account: usize, region: usize) -> Group {
    Group { name, calls, budget: (account, region), excess: None }
}

impl Group {
    const fn but(self, account: usize, region: usize, why: &'static str) -> Self {
        Self { excess: Some((account, region, why)), ..self }
    }

    fn has(&self, call: &str) -> bool {
        let service = call.split(' ').next().unwrap_or_default();
        self.calls.iter().any(|known| *known == service || *known == call)
    }
}

const GROUPS: &[Group] = &[
    // A role, and the regions, which are asked of the account below.
    group("bootstrap", &["sts"], 2, 0),
    group("account", &["account"], 5, 0),
    // Ten calls, and one to four until the report is there.
    group("iam", &["iam"], 14, 0),
    group("access analyzer", &["access-analyzer"], 0, 1),
    group("cloudtrail", &["cloudtrail"], 4, 1).but(
        1,
        0,
        "ListTrails names the trails of all regions at once, in place of one call in each",
    ),
    // Seven calls for the one bucket that a trail delivers to.
    group("buckets of trails", &["s3"], 7, 0).but(
        1,
        0,
        "five of the seven, where it is closed to the public, and where it is, how it encrypts and what its tags say of \
         an owner, which decide whether and how it is written",
    ),
    group("s3 account", &["s3control"], 1, 0),
    group("guardduty", &["guardduty"], 0, 3),
    group("security hub", &["securityhub"], 0, 2),
    group("config", &["config"], 0, 5),
    // One, and two for each of a region's keys, of which the home region has one more: that of the trail.
    group("kms", &["kms"], 2, 3).but(
        1,
        1,
        "a key that the baseline names by its alias is looked up by that as well: which key it means nothing else says",
    ),
    group(
        "ec2 network",
        &[
            "ec2 DescribeVpcs",
            "ec2 DescribeFlowLogs",
            "ec2 DescribeSecurityGroups",
            "ec2 DescribeNetworkAcls",
            "ec2 DescribeNetworkInterfaces",
            "ec2 DescribeInstances",
        ],
        0,
        6,
    ),
    group("ec2 defaults", &["ec2"], 0, 8),
    group("cloudwatch alarms", &["logs", "monitoring", "sns"], 3, 0).but(
        1,
        0,
        "who may publish to a topic, and by which key it encrypts, GetTopicAttributes alone says",
    ),
];

fn of(call: &str) -> usize {
    let found = GROUPS.iter().position(|group| group.has(call));
    found.unwrap_or_else(|| panic!("no group has {call}: add it in tests/trueup/budgets/furnished.rs"))
}

/// An account to which everything that the controls can ask for was done.
struct Furnished {
    stage: Stage,
    member: String,
}

impl Furnished {
    fn of(regions: &[&str]) -> Self {
        let mut world = World::bare(regions, 1);
        let member = world.add_member(None, "furnished");
        for region in regions {
            let made = world.build(&member, region, "kms", "CreateKey", json!({}));
            let alias = json!({ "AliasName": "alias/volumes", "TargetKeyId": made["KeyMetadata"]["KeyId"] });
            world.build(&member, region, "kms", "CreateAlias", alias);
            world.build(&member, region, "logs", "CreateLogGroup", json!({ "logGroupName": "flows" }));
        }
        delivering_role(&mut world, &member, "flow-logs");
        launch(&mut world, &member, &json!({ "HttpTokens": "required" }), "web");
        user(&mut world, &member, "ada", 10);
        password(&mut world, &member, "ada", 10, Some(1));
        key(&mut world, &member, "ada", 9, Some(1));
        let furnished = Self { stage: Stage::new(world), member };
        furnished.asks(EVERY);
        // What waits for something else that the first run makes is done by the second.
        for _ in 0..2 {
            furnished.stage.plan(&["--account", &furnished.member, "--out", "plan.json"]);
            furnished.stage.apply(&["--allow", "cost,disruptive,irreversible"]);
            furnished.stage.world(|world| world.advance(600));
        }
        furnished
    }

    fn asks(&self, baseline: &str) {
        let (extends, controls) = extending(baseline);
        self.stage.baseline(&extends, &controls);
    }

    /// How often a plan of a baseline sends each call into it, a day after the last one.
    fn sent(&self, baseline: &str) -> BTreeMap<String, usize> {
        self.asks(baseline);
        self.stage.world(|world| world.advance(86_400));
        let (before, entered) = (self.stage.calls().len(), self.entered());
        self.stage.plan(&["--account", &self.member]);
        let mut sent = BTreeMap::new();
        for call in self.stage.calls().split_off(before).into_iter().filter(|call| call.account == self.member) {
            *sent.entry(format!("{} {}", call.service, call.operation)).or_default() += 1;
        }
        sent.insert("sts AssumeRole".to_owned(), self.entered() - entered);
        sent
    }

    fn entered(&self) -> usize {
        self.stage.count(&self.stage.world(|world| world.management()), "AssumeRole")
    }
}

/// What is asked of each thing that an account is furnished with, so that none is missing without notice.
const ASKED: &[&str] = &[
    "cloudtrail GetTrailStatus",
    "cloudtrail GetEventSelectors",
    "config DescribeConfigurationRecorderStatus",
    "config DescribeDeliveryChannelStatus",
    "guardduty GetDetector",
    "iam GetAccountPasswordPolicy",
    "kms GetKeyRotationStatus",
    "s3 GetBucketLifecycleConfiguration",
    "sns ListSubscriptionsByTopic",
];

#[test]
fn what_a_plan_costs_an_account_that_has_everything_is_within_the_catalogues_budget_or_has_a_reason() {
    let (few, more) = (Furnished::of(&FEW), Furnished::of(&MORE));
    assert_eq!(few.stage.alarms(&few.member)["Alarms"].as_object().map(serde_json::Map::len), Some(2));
    let mut table =
        String::from("# baseline: call, once an account + once a region, in an account that has everything\n");
    let mut most = vec![(0, 0); GROUPS.len()];
    for baseline in baselines() {
        let costs = costs(&baseline, &few.sent(&baseline), &more.sent(&baseline));
        let mut sums = vec![(0, 0); GROUPS.len()];
        let _ = writeln!(table, "\n{baseline}");
        for (call, (global, regional)) in &costs {
            let _ = writeln!(table, "  {call} {global} + {regional}");
            let sum = &mut sums[of(call)];
            *sum = (sum.0 + global, sum.1 + regional);
        }
        for (most, sum) in most.iter_mut().zip(sums) {
            *most = (most.0.max(sum.0), most.1.max(sum.1));
        }
        if baseline == EVERY {
            let unasked: Vec<&&str> = ASKED.iter().filter(|call| !costs.contains_key(**call)).collect();
            assert!(unasked.is_empty(), "the account has not what these calls read: {unasked:?}");
        }
    }
    let _ = writeln!(table, "\n# group: the most that a baseline costs, of what the catalogue reckons");
    for (group, most) in GROUPS.iter().zip(&most) {
        let Group { name, budget, .. } = group;
        let _ = writeln!(table, "  {name}: {} + {} of {} + {}", most.0, most.1, budget.0, budget.1);
    }
    same("furnished.txt", &table);
    for (Group { name, budget, excess, .. }, most) in GROUPS.iter().zip(most) {
        let over = (most.0.saturating_sub(budget.0), most.1.saturating_sub(budget.1));
        let known = excess.map_or((0, 0), |(account, region, _)| (account, region));
        assert_eq!(over, known, "{name} costs {most:?} of {budget:?}, which is not the excess that has a reason");
    }
}
