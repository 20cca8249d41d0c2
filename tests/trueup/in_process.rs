//! The simulator as the SDK's HTTP client: no request leaves the process.

use std::sync::Arc;

use aws_sdk_sts::config::retry::RetryConfig;
use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::get_caller_identity::{GetCallerIdentityError, GetCallerIdentityOutput};
use trueup::simulator::Simulator;
use trueup::simulator::fault::{Effect, Injection, Moment};
use trueup::simulator::world::{Credential, World};

type Identity = Result<GetCallerIdentityOutput, SdkError<GetCallerIdentityError>>;

fn simulator() -> (Arc<Simulator>, Credential) {
    let mut world = World::bare(&["us-east-1", "eu-west-1"], 1);
    let administrator = world.administrator();
    (Arc::new(Simulator::new(world)), administrator)
}

async fn who_am_i(simulator: &Arc<Simulator>, keys: &Credential, region: &'static str) -> Identity {
    let token = keys.session_token.clone();
    let keys = Credentials::new(&keys.access_key_id, &keys.secret_access_key, token, None, "test");
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(keys)
        .retry_config(RetryConfig::disabled())
        .http_client(simulator.client())
        .build();
    aws_sdk_sts::Client::from_conf(config).get_caller_identity().send().await
}

fn code(answer: Identity) -> String {
    answer.expect_err("a refusal").code().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_sdk_is_answered_and_the_ledger_knows() {
    let (simulator, keys) = simulator();
    let identity = who_am_i(&simulator, &keys, "eu-west-1").await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:iam::100000000001:user/administrator"));
    simulator.world(|world| {
        let [entry] = world.ledger.entries() else { panic!("one call was made") };
        assert_eq!((entry.service.as_str(), entry.operation.as_str()), ("sts", "GetCallerIdentity"));
        assert_eq!((entry.region.as_str(), entry.status, entry.write), ("eu-west-1", 200, false));
        assert_eq!(entry.principal, keys.caller.arn);
    });
}

#[tokio::test]
async fn wrong_expired_and_unknown_keys_are_refused_by_their_own_codes() {
    let (simulator, keys) = simulator();
    let wrong = Credential { secret_access_key: "wrong".to_owned(), ..keys.clone() };
    assert_eq!(code(who_am_i(&simulator, &wrong, "eu-west-1").await), "SignatureDoesNotMatch");
    let unknown = Credential { access_key_id: "AKIAUNKNOWN".to_owned(), ..keys.clone() };
    assert_eq!(code(who_am_i(&simulator, &unknown, "eu-west-1").await), "InvalidClientTokenId");
    let session = simulator.world(|world| world.issue(keys.caller.clone(), Some(900)));
    who_am_i(&simulator, &session, "eu-west-1").await.unwrap();
    simulator.world(|world| world.advance(900));
    assert_eq!(code(who_am_i(&simulator, &session, "eu-west-1").await), "ExpiredToken");
}

#[tokio::test]
async fn a_region_that_is_closed_or_does_not_exist_knows_no_token() {
    let (simulator, keys) = simulator();
    assert_eq!(code(who_am_i(&simulator, &keys, "eu-central-1").await), "InvalidClientTokenId");
    simulator.world(|world| {
        let account = world.account("100000000001").unwrap();
        account.opt_status.insert("eu-west-1".to_owned(), "DISABLED".to_owned());
    });
    assert_eq!(code(who_am_i(&simulator, &keys, "eu-west-1").await), "InvalidClientTokenId");
}

#[tokio::test]
async fn a_suspended_account_is_refused() {
    let (simulator, keys) = simulator();
    simulator.world(|world| "SUSPENDED".clone_into(&mut world.account("100000000001").unwrap().state));
    assert_eq!(code(who_am_i(&simulator, &keys, "us-east-1").await), "InvalidClientTokenId");
}

#[tokio::test]
async fn a_global_service_is_signed_for_in_its_own_region_alone() {
    let (simulator, keys) = simulator();
    let ask = |region| {
        let keys = Credentials::new(&keys.access_key_id, &keys.secret_access_key, None, None, "test");
        let config = aws_sdk_organizations::Config::builder()
            .behavior_version(aws_sdk_organizations::config::BehaviorVersion::latest())
            .region(Region::new(region))
            .endpoint_url("http://simulated.test")
            .credentials_provider(keys)
            .http_client(simulator.client());
        aws_sdk_organizations::Client::from_conf(config.build()).describe_organization().send()
    };
    ask("us-east-1").await.unwrap();
    assert_eq!(ask("eu-west-1").await.unwrap_err().code(), Some("InvalidSignatureException"));
}

#[tokio::test]
async fn a_call_that_was_prevented_is_told_from_one_that_was_carried_out() {
    let (simulator, keys) = simulator();
    let struck = Injection { times: Some(1), ..Injection::new(Effect::Reset) };
    simulator.world(|world| world.faults.inject(struck));
    who_am_i(&simulator, &keys, "eu-west-1").await.unwrap_err();
    who_am_i(&simulator, &keys, "eu-west-1").await.unwrap();
    let carried_out: Vec<bool> =
        simulator.world(|world| world.ledger.entries().iter().map(|entry| entry.carried_out).collect());
    assert_eq!(carried_out, [false, true]);
}

#[tokio::test]
async fn a_lost_answer_is_an_error_although_the_call_was_made() {
    let (simulator, keys) = simulator();
    for effect in [Effect::Reset, Effect::Truncated] {
        let lost = Injection { moment: Moment::After, times: Some(1), ..Injection::new(effect) };
        simulator.world(|world| world.faults.inject(lost));
        let error = who_am_i(&simulator, &keys, "eu-west-1").await.unwrap_err();
        assert!(error.as_service_error().is_none(), "{error:?}");
    }
    who_am_i(&simulator, &keys, "eu-west-1").await.unwrap();
    simulator.world(|world| assert!(world.ledger.entries().iter().all(|entry| entry.status == 200)));
}

#[tokio::test]
async fn a_throttled_call_says_so_once() {
    let (simulator, keys) = simulator();
    let throttle = Injection { times: Some(1), ..Injection::throttle("Throttling") };
    simulator.world(|world| world.faults.inject(throttle));
    assert_eq!(code(who_am_i(&simulator, &keys, "eu-west-1").await), "Throttling");
    who_am_i(&simulator, &keys, "eu-west-1").await.unwrap();
}

#[tokio::test]
async fn buckets_are_reached_by_host_name_and_across_regions_with_a_redirect() {
    let (simulator, keys) = simulator();
    let client = |region| {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
            .region(Region::new(region))
            .credentials_provider(Credentials::new(&keys.access_key_id, &keys.secret_access_key, None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(simulator.client());
        aws_sdk_s3::Client::from_conf(config.build())
    };
    let here = client("eu-west-1");
    let region = aws_sdk_s3::types::BucketLocationConstraint::EuWest1;
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint(region.clone()).build();
    here.create_bucket().bucket("logs").create_bucket_configuration(place).send().await.unwrap();
    let location = here.get_bucket_location().bucket("logs").send().await.unwrap();
    assert_eq!(location.location_constraint(), Some(&region));
    let names = here.list_buckets().send().await.unwrap();
    assert_eq!(names.buckets()[0].name(), Some("logs"));
    let policy = here.get_bucket_policy().bucket("logs").send().await.unwrap_err();
    assert_eq!(policy.code(), Some("NoSuchBucketPolicy"));
    let elsewhere = client("us-east-1").get_bucket_versioning().bucket("logs").send().await.unwrap_err();
    let answer = elsewhere.raw_response().unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers().get("x-amz-bucket-region")), (301, Some("eu-west-1")));
}

async fn keys_of(simulator: &Arc<Simulator>, keys: &Credential) -> usize {
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(aws_sdk_kms::config::BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new(&keys.access_key_id, &keys.secret_access_key, None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(simulator.client());
    let listed = aws_sdk_kms::Client::from_conf(config.build()).list_keys().send().await;
    listed.expect("keys are listed").keys().len()
}

#[tokio::test]
async fn what_lags_is_seen_after_so_many_calls_and_is_there_once() {
    let (simulator, keys) = simulator();
    let lag = Injection { operation: Some("CreateKey".to_owned()), ..Injection::new(Effect::Lag { calls: 2 }) };
    simulator.world(|world| world.faults.inject(lag));
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(aws_sdk_kms::config::BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new(&keys.access_key_id, &keys.secret_access_key, None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(simulator.client());
    let kms = aws_sdk_kms::Client::from_conf(config.build());
    let made = kms.create_key().send().await.expect("it is made").key_metadata.expect("its metadata");
    assert_eq!(keys_of(&simulator, &keys).await, 0);
    let early = kms.enable_key_rotation().key_id(&made.key_id).send().await;
    assert_eq!(early.expect_err("it is not there yet").code(), Some("NotFoundException"));
    assert_eq!(keys_of(&simulator, &keys).await, 1);
    kms.enable_key_rotation().key_id(&made.key_id).send().await.expect("it is there");
}

#[tokio::test]
async fn what_happens_to_an_account_happens_in_the_middle_of_its_calls() {
    let (simulator, keys) = simulator();
    let session = simulator.world(|world| world.issue(keys.caller.clone(), Some(900)));
    let at_the_second = |effect| Injection { after: 1, times: Some(1), ..Injection::new(effect) };
    for (effect, refusal) in [
        (Effect::Expiry, "ExpiredToken"),
        (Effect::RegionDisabled, "InvalidClientTokenId"),
        (Effect::Suspension, "InvalidClientTokenId"),
    ] {
        let session = simulator.world(|world| {
            let account = world.account("100000000001").expect("it is there");
            account.opt_status.clear();
            "ACTIVE".clone_into(&mut account.state);
            world.faults.clear();
            world.faults.inject(at_the_second(effect.clone()));
            world.issue(session.caller.clone(), Some(900))
        });
        who_am_i(&simulator, &session, "eu-west-1").await.expect("the first is answered");
        assert_eq!(code(who_am_i(&simulator, &session, "eu-west-1").await), refusal, "{effect:?}");
    }
}
