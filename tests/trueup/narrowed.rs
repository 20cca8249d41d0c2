//! What the sessions of an apply may write: what the plan says, and nothing beside it.

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::json;
use trueup::simulator::world::{Credential, Principal};

use crate::harness::{self, HOME, Stage, all_strong, organization, outcomes, set_policy};
use crate::read_only::session;

const AWAY: &str = "eu-west-1";

/// A trail of each account with a bucket and a key of its own, and a detector, in the home region alone.
const CONTROLS: &str = "\
regions: [us-east-1]
controls:
  cloudtrail.trail:
    scope: account
    name: audit
    multi_region: true
    logging: true
    log_file_validation: true
    kms_key: alias/trueup-trail
  guardduty.detector:
    publishing_frequency: FIFTEEN_MINUTES
";

fn code<T, E: ProvideErrorMetadata>(answer: Result<T, E>) -> String {
    answer.err().map_or_else(|| "done".to_owned(), |error| error.code().unwrap_or("no code").to_owned())
}

/// The session by which an apply made a trail in this account.
fn writing(stage: &Stage, account: &str) -> Credential {
    let issued = stage.world(|world| world.issued());
    let writes = |keys: &Credential| match &keys.caller.principal {
        Principal::Role(session) => session.policy.as_deref().is_some_and(|policy| policy.contains("CreateTrail")),
        Principal::Root | Principal::RootTask(_) | Principal::User(_) => false,
    };
    let mut found = issued.into_iter().filter(|keys| keys.caller.account == account && writes(keys));
    found.next().expect("the apply has entered the account")
}

#[test]
fn a_session_that_makes_a_trail_a_bucket_and_a_key_can_make_no_others() {
    let (mut world, ids) = organization(&["one"]);
    let detector = json!({"Enable": true, "FindingPublishingFrequency": "SIX_HOURS"});
    world.build(&ids[0], HOME, "guardduty", "CreateDetector", detector.clone());
    let away = world.build(&ids[0], AWAY, "guardduty", "CreateDetector", detector);
    let key = world.build(&ids[0], AWAY, "kms", "CreateKey", json!({}));
    world.build(&ids[0], HOME, "s3", "CreateBucket", json!({"Bucket": "somebody-elses"}));
    let stage = Stage::held_to(world, CONTROLS);
    let (plan, found) = stage.plan(&["--account", &ids[0], "--out", "plan.json"]);
    assert_eq!(found, Some(2), "{plan:#}");
    let (applied, code_of_apply) = stage.apply(&["--allow", "cost"]);
    assert!(outcomes(&applied).iter().all(|(_, outcome)| *outcome == "verified"), "{applied:#}");
    assert_eq!(code_of_apply, Some(0));
    let keys = writing(&stage, &ids[0]);
    let detector = away["DetectorId"].as_str().expect("an id");
    let key = key["KeyMetadata"]["KeyId"].as_str().expect("an id");
    let bucket = format!("trueup-trail-{}-{HOME}", ids[0]);
    harness::block_on(async {
        let session = session(stage.simulator(), &keys, None).await;
        let [home, away] = [HOME, AWAY].map(|region| region.parse().expect("a region"));
        let (s3, trails) = (session.s3(&home), session.cloudtrail(&home));
        assert_eq!(code(s3.create_bucket().bucket("another").send().await), "AccessDenied");
        let open = s3.put_bucket_policy().policy(r#"{"Version":"2012-10-17","Statement":[]}"#);
        assert_eq!(code(open.bucket("somebody-elses").send().await), "AccessDenied");
        assert_eq!(
            code(trails.create_trail().name("another").s3_bucket_name(&bucket).send().await),
            "AccessDeniedException"
        );
        assert_eq!(code(trails.start_logging().name("another").send().await), "AccessDeniedException");
        let elsewhere = session.cloudtrail(&away).create_trail().name("audit").s3_bucket_name(&bucket).send().await;
        assert_eq!(code(elsewhere), "AccessDeniedException", "the same name in another region is another trail");
        let kms = session.kms(&away);
        assert_eq!(code(kms.enable_key_rotation().key_id(key).send().await), "AccessDeniedException");
        let alias = session.kms(&home).create_alias().alias_name("alias/another").target_key_id("alias/trueup-trail");
        assert_eq!(code(alias.send().await), "AccessDeniedException");
        let off = session.guardduty(&away).update_detector().detector_id(detector).enable(false);
        assert_eq!(code(off.send().await), "AccessDeniedException");
        // It is the resource that stood in the way: what the plan was about it may still do.
        assert_eq!(code(trails.start_logging().name("audit").send().await), "done");
        let again = session.guardduty(&home).list_detectors().send().await.expect("detectors");
        let own = session.guardduty(&home).update_detector().detector_id(&again.detector_ids()[0]).enable(true);
        assert_eq!(code(own.send().await), "done");
    });
}

#[test]
fn a_policy_that_is_too_large_once_packed_gives_way_and_the_account_is_read_all_the_same() {
    let (mut world, ids) = organization(&["one"]);
    all_strong(&mut world);
    set_policy(&mut world, &ids[0], json!({"MinimumPasswordLength": 8}));
    let stage = Stage::held_to(world, harness::STRONG);
    let management = stage.world(|world| world.management());
    stage.planned(2);
    let packed = harness::strike(&management, "AssumeRole", harness::error(400, "PackedPolicyTooLarge"));
    stage.inject(trueup::simulator::fault::Injection { times: Some(1), ..packed });
    let (applied, found) = stage.apply(&[]);
    assert_eq!((outcomes(&applied), found), (vec![(&*ids[0], "verified")], Some(0)), "{applied:#}");
    let sent: Vec<_> = stage.calls().into_iter().filter(|call| call.operation == "AssumeRole").collect();
    let [_, refused, taken] = sent.as_slice() else { panic!("{}", sent.len()) };
    assert_eq!(refused.input["PolicyArns"], json!(null));
    assert_eq!(taken.input["PolicyArns"][0]["arn"], "arn:aws:iam::aws:policy/SecurityAudit");
    assert!(taken.input["Policy"].as_str().is_some_and(|policy| policy.contains("UpdateAccountPasswordPolicy")));
}
