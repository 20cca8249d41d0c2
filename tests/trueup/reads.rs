//! What is read of buckets, keys and trails: there, not there, somebody else's, refused.

use std::sync::Arc;

use serde_json::{Value, json};
use trueup::aws::{Entry, Guard};
use trueup::controls::CONTROLS;
use trueup::observe::cloudtrail::Trails;
use trueup::observe::iam::PasswordPolicy;
use trueup::observe::kms::named::{KeyName, KeyPolicy, NamedKey};
use trueup::observe::s3::{Bucket, BucketKey, BucketRegion};
use trueup::observe::{Class, Homes, Observation, ReadError, Reader};
use trueup::simulator::Simulator;
use trueup::simulator::world::World;

use crate::harness::{HOME, base, block_on, error, organization, strike, text};

const ABROAD: &str = "eu-west-1";

/// A reader of the management account of a world.
fn reader(world: World) -> (Arc<Simulator>, Reader) {
    let simulator = Arc::new(Simulator::new(world));
    let keys = simulator.world(World::administrator);
    let reader = block_on(async {
        let (base, caller) = base(&simulator, &keys, HOME).await;
        let declared =
            CONTROLS.iter().flat_map(|control| control.reads()).flat_map(|reads| reads.calls.iter().copied());
        let session = base.enter(&caller, &caller.account, Entry::Own, &Arc::new(Guard::new(declared)));
        let homes = Homes::live(Some(session.clone()), HOME.parse().expect("a region"), None);
        Reader::live(session, &Arc::new(homes))
    });
    (simulator, reader)
}

fn read<T: Observation + Clone>(reader: &Reader, key: &T::Key) -> Result<T, ReadError> {
    block_on(reader.of::<T>(key)).map(|seen| T::clone(&seen))
}

fn bucket(name: &str) -> BucketKey {
    BucketKey { name: name.to_owned(), region: HOME.parse().expect("a region") }
}

#[test]
fn a_bucket_is_ours_elsewhere_somebody_elses_or_not_there() {
    let (mut world, ids) = organization(&["other"]);
    let management = world.management();
    world.build(&management, HOME, "s3", "CreateBucket", json!({"Bucket": "ours"}));
    let abroad = json!({"Bucket": "abroad", "CreateBucketConfiguration": {"LocationConstraint": ABROAD}});
    world.build(&management, ABROAD, "s3", "CreateBucket", abroad);
    world.build(&ids[0], HOME, "s3", "CreateBucket", json!({"Bucket": "theirs"}));
    let (simulator, reader) = reader(world);
    let seen = |name: &str| read::<Bucket>(&reader, &bucket(name)).expect("an answer");
    let Bucket::Own(settings) = seen("ours") else { panic!("it is ours") };
    assert!(settings.blocks_public_access && settings.encrypts && settings.policy.is_none());
    assert_eq!(seen("abroad"), Bucket::Elsewhere(ABROAD.to_owned()));
    assert_eq!((seen("theirs"), seen("nobodys")), (Bucket::Closed, Bucket::Absent));
    let region = |name: &str| read::<BucketRegion>(&reader, &bucket(name)).expect("an answer").0;
    assert_eq!(region("abroad").map(|region| region.to_string()).as_deref(), Some(ABROAD));
    assert_eq!((region("nobodys"), region("ours").map(|region| region.to_string())), (None, Some(HOME.to_owned())));

    simulator.world(|world| world.faults.inject(strike(&management, "GetBucketPolicy", error(403, "AccessDenied"))));
    simulator.world(|world| world.build(&management, HOME, "s3", "CreateBucket", json!({"Bucket": "shut"})));
    let refused = |name: &str| {
        let refused = read::<Bucket>(&reader, &bucket(name)).expect_err("it could not be read");
        assert!(matches!(refused.class, Class::Denied(_)), "{refused}");
        refused.action
    };
    assert_eq!(refused("shut"), "s3:GetBucketPolicy", "its policy is part of it");
    let strikes = |operation: &str| {
        simulator.world(|world| world.faults.inject(strike(&management, operation, error(403, "AccessDenied"))));
    };
    simulator.world(|world| {
        for name in ["one", "two", "six"] {
            world.build(&management, HOME, "s3", "CreateBucket", json!({ "Bucket": name }));
        }
    });
    strikes("HeadBucket");
    assert_eq!(refused("one"), "s3:ListBucket", "it is on the list of our own");
    strikes("ListBuckets");
    assert_eq!(refused("two"), "s3:ListAllMyBuckets", "whose it is cannot be told");
}

#[test]
fn a_key_is_found_by_alias_id_and_arn_and_says_what_it_is_fit_for() {
    let (mut world, _) = organization(&[]);
    let management = world.management();
    let mut make = |input: Value| {
        let made = world.build(&management, HOME, "kms", "CreateKey", input);
        (text(&made["KeyMetadata"]["KeyId"]).to_owned(), text(&made["KeyMetadata"]["Arn"]).to_owned())
    };
    let (id, arn) = make(json!({}));
    let (rsa, _) = make(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}));
    let (dying, _) = make(json!({}));
    world.build(&management, HOME, "kms", "CreateAlias", json!({"AliasName": "alias/audit", "TargetKeyId": id}));
    world.build(&management, HOME, "kms", "ScheduleKeyDeletion", json!({"KeyId": dying}));
    let (_, reader) = reader(world);
    let name = |name: &str| KeyName { region: HOME.parse().expect("a region"), name: name.to_owned() };
    let seen = |key: &str| read::<NamedKey<false>>(&reader, &name(key)).expect("an answer").0;
    for named in ["alias/audit", &id, &arn] {
        let key = seen(named).expect("it is there");
        assert_eq!((key.arn.as_str(), key.enabled, key.fit), (arn.as_str(), true, true), "{named}");
    }
    assert_eq!(seen("alias/nothing"), None);
    assert!(seen(&rsa).is_some_and(|key| !key.fit), "an asymmetric key");
    assert!(seen("alias/aws/s3").is_some_and(|key| !key.fit), "a key of AWS's own");
    let key = seen(&dying).expect("it is there still");
    assert_eq!((key.enabled, key.state.as_str()), (false, "PendingDeletion"));
    assert!(read::<KeyPolicy>(&reader, &name(&arn)).expect("a policy").0.contains("kms:*"));
    let gone = read::<KeyPolicy>(&reader, &name("0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f")).expect_err("there is none");
    assert_eq!(gone.code.as_deref(), Some("NotFoundException"), "a key that is not there has no policy");
}

#[test]
fn a_password_policy_that_is_not_there_is_told_from_one_that_is_refused() {
    let (world, _) = organization(&[]);
    let management = world.management();
    let (_, first) = reader(world);
    assert_eq!(read::<Option<PasswordPolicy>>(&first, &()), Ok(None));
    let (mut world, _) = organization(&[]);
    world.faults.inject(strike(&management, "GetAccountPasswordPolicy", error(403, "AccessDenied")));
    let (_, second) = reader(world);
    let refused = read::<Option<PasswordPolicy>>(&second, &()).expect_err("refused");
    assert!(matches!(refused.class, Class::Denied(_)), "{refused}");
}

#[test]
fn trails_are_listed_over_regions_and_one_that_could_not_be_described_stays_listed() {
    let (mut world, _) = organization(&[]);
    let management = world.management();
    world.build(&management, HOME, "s3", "CreateBucket", json!({"Bucket": "logs"}));
    let open = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]}});
    world.build(&management, HOME, "s3", "PutBucketPolicy", json!({"Bucket": "logs", "Policy": open.to_string()}));
    for (region, name) in [(HOME, "home"), (ABROAD, "abroad")] {
        world.build(&management, region, "cloudtrail", "CreateTrail", json!({"Name": name, "S3BucketName": "logs"}));
    }
    let mut denied = strike(&management, "DescribeTrails", error(403, "AccessDeniedException"));
    denied.region = Some(ABROAD.to_owned());
    world.faults.inject(denied);
    let (_, reader) = reader(world);
    let listed = read::<Trails<true>>(&reader, &()).expect("an answer").0;
    let found: Vec<_> = listed.iter().map(|trail| (trail.name.as_str(), trail.facts.is_ok())).collect();
    assert_eq!(found, [("abroad", false), ("home", true)]);
}
