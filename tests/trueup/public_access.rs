//! The public access block of an account: planned with the buckets that it shuts, applied, read back, and undone.

use serde_json::{Value, json};
use trueup::simulator::fault::Injection;
use trueup::simulator::world::World;

use crate::harness::{
    HOME, Stage, error, kinds, line, list, organization, outcomes, rows, strike, text, verdicts, write,
};

const ABROAD: &str = "eu-west-1";
const ALL: &str = "\
controls:
  s3.account_public_access_block:
    block_public_acls: true
    ignore_public_acls: true
    block_public_policy: true
    restrict_public_buckets: true
";

/// A bucket that blocks nothing itself.
fn bucket(world: &mut World, account: &str, region: &str, name: &str, acl: &str) {
    let mut made = json!({ "Bucket": name, "ACL": acl, "ObjectOwnership": "ObjectWriter" });
    if region != HOME {
        made["CreateBucketConfiguration"] = json!({ "LocationConstraint": region });
    }
    world.build(account, region, "s3", "CreateBucket", made);
    world.build(account, region, "s3", "DeletePublicAccessBlock", json!({ "Bucket": name }));
}

fn publish(world: &mut World, account: &str, region: &str, name: &str) {
    let read = json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{name}/*") });
    let policy = json!({ "Version": "2012-10-17", "Statement": [read] }).to_string();
    world.build(account, region, "s3", "PutBucketPolicy", json!({ "Bucket": name, "Policy": policy }));
}

/// A website abroad, downloads by ACL, one that its own block keeps shut, and one that nobody opened.
pub(crate) fn open(world: &mut World, account: &str) {
    let name = |what: &str| format!("{what}-{account}");
    bucket(world, account, ABROAD, &name("web"), "private");
    publish(world, account, ABROAD, &name("web"));
    bucket(world, account, HOME, &name("downloads"), "public-read");
    bucket(world, account, HOME, &name("shut"), "public-read");
    publish(world, account, HOME, &name("shut"));
    let block = json!({ "IgnorePublicAcls": true, "RestrictPublicBuckets": true });
    let shut = json!({ "Bucket": name("shut"), "PublicAccessBlockConfiguration": block });
    world.build(account, HOME, "s3", "PutPublicAccessBlock", shut);
    bucket(world, account, HOME, &name("plain"), "private");
}

fn block(world: &mut World, account: &str, block: &Value) {
    let put = json!({ "AccountId": account, "PublicAccessBlockConfiguration": block });
    world.build(account, HOME, "s3control", "PutPublicAccessBlock", put);
}

/// A block with these switches.
fn with(on: [bool; 4]) -> Value {
    let [acls, ignored, policies, restricted] = on;
    json!({ "BlockPublicAcls": acls, "IgnorePublicAcls": ignored, "BlockPublicPolicy": policies,
        "RestrictPublicBuckets": restricted })
}

/// The one step of an account.
fn step<'a>(plan: &'a Value, account: &str) -> &'a Value {
    let mut of_account = list(&plan["changes"]).iter().filter(|change| change["account"] == account);
    let steps = list(&of_account.next().expect("a change")["steps"]);
    assert!(of_account.next().is_none() && steps.len() == 1, "{steps:#?}");
    &steps[0]
}

#[test]
fn an_account_is_shut_once_that_is_allowed_and_opened_again_as_it_was() {
    let (mut world, ids) = organization(&["none", "half", "shut"]);
    open(&mut world, &ids[0]);
    open(&mut world, &ids[1]);
    let half = with([true, true, false, false]);
    block(&mut world, &ids[1], &half);
    block(&mut world, &ids[2], &with([true; 4]));
    let stage = Stage::held_to(world, ALL);
    let selected = ids.join(",");
    let (plan, code) = stage.plan(&["--account", &selected, "--out", "plan.json"]);
    assert_eq!((kinds(&plan, &ids[2]), code), (vec!["compliant".into()], Some(2)), "{plan:#}");
    let shuts = |id: &str| step(&plan, id)["shuts"].clone();
    assert_eq!(shuts(&ids[0]), json!([format!("downloads-{}", ids[0]), format!("web-{}", ids[0])]));
    assert_eq!(shuts(&ids[1]), json!([format!("web-{}", ids[1])]), "ACLs let nobody in already");
    // Whoever is asked sees it without asking for details, on a pull request too.
    for format in ["text", "markdown"] {
        let said = stage.run(&["show", "plan.json", "--format", format]).stdout;
        let named = format!("shuts 2 public buckets (downloads-{0}, web-{0})", ids[0]);
        let (_, hit) = said.split_once("who would be hit").expect("it is said");
        assert!(hit.contains(&named), "{said}");
    }
    assert_eq!(stage.count(&ids[2], "GetBucketAcl"), 0, "nothing would be shut");

    let (held, code) = stage.apply(&[]);
    assert_eq!((outcomes(&held), code), (vec![(ids[0].as_str(), "held"), (&ids[1], "held")], Some(2)));
    assert_eq!(stage.writes(), vec![]);
    let (applied, code) = stage.apply(&["--allow", "disruptive"]);
    assert_eq!(code, Some(0), "{applied:#}");
    let put = |id: &String| write(id, "s3control", "PutPublicAccessBlock");
    assert_eq!(stage.writes(), [put(&ids[0]), put(&ids[1])]);
    for id in &ids {
        assert_eq!(stage.account_block(id), with([true; 4]));
    }
    assert_eq!(stage.plan(&["--account", &selected]).1, Some(0));

    let run = text(&applied["run"]);
    let undone = stage.run(&["revert", run, "--auto-approve", "--allow", "weakening", "--format", "json"]);
    assert_eq!(undone.code, Some(0), "{}{}", undone.stdout, undone.stderr);
    assert_eq!((stage.account_block(&ids[0]), stage.account_block(&ids[1])), (Value::Null, half));
}

#[test]
fn a_switch_that_was_switched_on_since_the_plan_stays_on() {
    let (world, ids) = organization(&["one"]);
    let wanted =
        "controls:\n  s3.account_public_access_block:\n    block_public_acls: true\n    ignore_public_acls: true\n";
    let stage = Stage::held_to(world, wanted);
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    stage.world(|world| block(world, &ids[0], &with([false, false, true, true])));
    let (applied, _) = stage.apply(&["--allow", "disruptive"]);
    let block = stage.account_block(&ids[0]);
    assert!([with([true; 4]), with([false, false, true, true])].contains(&block), "{applied:#}");
    stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    stage.apply(&["--allow", "disruptive"]);
    assert_eq!(stage.account_block(&ids[0]), with([true; 4]));
}

/// What a policy of the organization says of the block of these accounts; answers its id.
pub(crate) fn govern(world: &mut World, target: &str, said: &str) -> String {
    let content = json!({ "s3_attributes": { "public_access_block_configuration": { "@@assign": said } } });
    crate::owners::policy_of(world, "S3_POLICY", target, said, &content)
}

#[test]
fn what_an_s3_policy_sets_is_owned_elsewhere_and_gets_no_write() {
    let (mut world, ids) = organization(&["shut", "opened", "free"]);
    govern(&mut world, &ids[0], "all");
    block(&mut world, &ids[1], &with([true; 4]));
    govern(&mut world, &ids[1], "none");
    let stage = Stage::held_to(world, ALL);
    let selected = ids.join(",");
    let plan = stage.plan(&["--account", &selected, "--out", "plan.json"]).0;
    assert_eq!(kinds(&plan, &ids[0]), ["compliant"], "what is in force is as wanted, whoever sees to it");
    for row in rows(&plan, &ids[1]) {
        assert_eq!((&row["verdict"], &row["in_force"]), (&json!("owned_elsewhere"), &json!(false)), "{row:#}");
        assert!(text(&row["owner"]).contains("none (p-"), "{row:#}");
    }
    stage.apply(&["--allow", "disruptive"]);
    assert_eq!(stage.writes(), [write(&ids[2], "s3control", "PutPublicAccessBlock")]);
}

#[test]
fn an_account_whose_block_or_owner_cannot_be_read_is_unreadable_and_gets_no_write() {
    let (world, ids) = organization(&["denied", "on", "off"]);
    let stage = Stage::held_to(world, ALL);
    stage.world(|world| block(world, &ids[1], &with([true; 4])));
    let management = stage.world(|world| world.management());
    let denied = strike(&ids[0], "GetPublicAccessBlock", error(403, "AccessDenied"));
    stage.inject(Injection { service: Some("s3control".to_owned()), ..denied });
    stage.inject(strike(&management, "ListPolicies", error(400, "AccessDeniedException")));
    let (plan, code) = stage.plan(&["--account", &ids.join(","), "--out", "plan.json"]);
    let found = [0, 1, 2].map(|index: usize| kinds(&plan, &ids[index]));
    assert_eq!(
        (found, code),
        ([vec!["unreadable".into()], vec!["compliant".into()], vec!["unreadable".into()]], Some(3))
    );
    assert!(list(&plan["changes"]).is_empty(), "{plan:#}");
}

#[test]
fn a_bucket_that_keeps_the_reader_out_is_named_and_the_account_is_shut_all_the_same() {
    let (mut world, ids) = organization(&["shy"]);
    bucket(&mut world, &ids[0], HOME, "shy", "private");
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": ["s3:GetBucketAcl", "s3:GetBucketPolicyStatus"],
        "Resource": "arn:aws:s3:::shy" });
    let policy = json!({ "Version": "2012-10-17", "Statement": [deny] }).to_string();
    world.build(&ids[0], HOME, "s3", "PutBucketPolicy", json!({ "Bucket": "shy", "Policy": policy }));
    let stage = Stage::held_to(world, ALL);
    let (plan, code) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!((line(&plan, &ids[0])["status"].clone(), code), (json!("partial"), Some(3)), "{plan:#}");
    let unread = rows(&plan, &ids[0]).find(|row| row["verdict"] == "unreadable").expect("the bucket");
    assert_eq!(text(&unread["object"]), "shy", "{unread:#}");
    assert_eq!(verdicts(&plan, &ids[0]).len(), 5, "four switches and a bucket");
    assert_eq!(step(&plan, &ids[0])["unread"], json!(["shy"]));
    stage.apply(&["--allow", "disruptive"]);
    assert_eq!(stage.account_block(&ids[0]), with([true; 4]));
}
