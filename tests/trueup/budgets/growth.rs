//! What a plan costs more for each further thing that an account has, with every control.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::json;
use trueup::simulator::world::World;

use super::{EVERY, FEW, same, sent};
use crate::ec2_groups::group;
use crate::ec2_instances::launch;
use crate::harness::HOME;
use crate::keys::dying;
use crate::trail_buckets::{shabby, trail};
use crate::users::{key, password, user};

/// Makes one more of something in an account.
type Make = fn(&mut World, &str, usize);

/// Of each thing: its name, how one more is made, and how many calls it may cost. Keys, trails and their buckets are read
/// one by one, since AWS has no call that reads many; all else comes in pages.
const THINGS: &[(&str, Make, usize)] = &[
    ("user with an access key in use", busy, 0),
    // What the credential report says against somebody is read again: user, password, devices, keys, and when a key was used.
    ("user who left a password and an access key", left, 5),
    ("role", role, 0),
    ("managed policy", managed_policy, 0),
    ("security group that lets everybody in", open_group, 0),
    ("VPC with its group and its network ACL", vpc, 0),
    ("instance that answers without tokens", instance, 0),
    ("log group", log_group, 0),
    // Before an account is closed to the public, the buckets that this would shut are looked for.
    ("bucket of no trail", bucket, 2),
    // Its state and whether it rotates; of one that drifts what its tags say of a tool.
    ("KMS key that rotates", rotating, 2),
    ("KMS key that does not rotate", living, 3),
    // Whether it rotates does not matter any more; what its tags say does.
    ("KMS key that is to be deleted", doomed, 2),
    // Its status and its selectors; of the bucket the seven settings that the catalogue counts, and where it is, how it
    // encrypts and what its tags say of an owner.
    ("trail with a bucket of its own", trail_and_bucket, 12),
];

fn busy(world: &mut World, id: &str, number: usize) {
    let name = format!("ada-{number}");
    user(world, id, &name, 10);
    key(world, id, &name, 9, Some(1));
}

fn left(world: &mut World, id: &str, number: usize) {
    let name = format!("ada-{number}");
    user(world, id, &name, 200);
    password(world, id, &name, 200, Some(100));
    key(world, id, &name, 200, Some(100));
}

fn role(world: &mut World, id: &str, number: usize) {
    let statement =
        json!({ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" });
    let trust = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let role = json!({ "RoleName": format!("dev-{number}"), "AssumeRolePolicyDocument": trust });
    world.build(id, HOME, "iam", "CreateRole", role);
}

fn managed_policy(world: &mut World, id: &str, number: usize) {
    let statement = json!({ "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" });
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let policy = json!({ "PolicyName": format!("own-{number}"), "PolicyDocument": document });
    world.build(id, HOME, "iam", "CreatePolicy", policy);
}

fn open_group(world: &mut World, id: &str, number: usize) {
    group(world, id, &format!("open-{number}"), &[("tcp", 22, 22, "0.0.0.0/0")]);
}

fn vpc(world: &mut World, id: &str, number: usize) {
    world.build(id, HOME, "ec2", "CreateVpc", json!({ "CidrBlock": format!("10.{number}.0.0/16") }));
}

fn instance(world: &mut World, id: &str, number: usize) {
    launch(world, id, &json!({}), &format!("web-{number}"));
}

fn log_group(world: &mut World, id: &str, number: usize) {
    world.build(id, HOME, "logs", "CreateLogGroup", json!({ "logGroupName": format!("app-{number}") }));
}

fn bucket(world: &mut World, id: &str, number: usize) {
    world.build(id, HOME, "s3", "CreateBucket", json!({ "Bucket": format!("data-{number}-{id}") }));
}

fn living(world: &mut World, id: &str, _: usize) {
    world.build(id, HOME, "kms", "CreateKey", json!({}));
}

fn rotating(world: &mut World, id: &str, _: usize) {
    let made = world.build(id, HOME, "kms", "CreateKey", json!({}));
    world.build(id, HOME, "kms", "EnableKeyRotation", json!({ "KeyId": made["KeyMetadata"]["KeyId"] }));
}

fn doomed(world: &mut World, id: &str, _: usize) {
    dying(world, id, HOME);
}

fn trail_and_bucket(world: &mut World, id: &str, number: usize) {
    let bucket = format!("audit-{number}-{id}");
    shabby(world, id, &bucket, &[id]);
    trail(world, id, &bucket, &json!({ "Name": format!("audit-{number}") }));
}

/// What one more of a thing costs: the first may cost more than each after it, those have to cost alike.
fn cost(thing: &str, make: Make) -> BTreeMap<String, usize> {
    let with = |count: usize| sent(EVERY, &FEW, |world, id| (0..count).for_each(|number| make(world, id, number)));
    let of = |sent: &BTreeMap<String, usize>, call: &String| sent.get(call).copied().unwrap_or_default();
    let (one, two, four) = (with(1), with(2), with(4));
    let calls: BTreeSet<&String> = four.keys().collect();
    let more = |call: &String| {
        let more = of(&two, call) - of(&one, call);
        assert_eq!(of(&four, call), of(&two, call) + 2 * more, "{thing}: {call} grows in steps");
        (more > 0).then(|| (call.clone(), more))
    };
    calls.into_iter().filter_map(more).collect()
}

#[test]
fn one_more_of_anything_costs_what_the_table_says_and_most_things_nothing() {
    let mut table =
        String::from("# one more of what an account has: the further calls of a plan, with every control\n");
    let mut dear = vec![];
    for (thing, make, most) in THINGS {
        let cost = cost(thing, *make);
        let _ = writeln!(table, "\n{thing}");
        for (call, more) in &cost {
            let _ = writeln!(table, "  {call} {more}");
        }
        if cost.values().sum::<usize>() > *most {
            dear.push((thing, cost));
        }
    }
    assert!(dear.is_empty(), "{dear:#?}");
    same("growth.txt", &table);
}
