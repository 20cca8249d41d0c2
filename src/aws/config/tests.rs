//! What the environment and the profile make of the configuration: in a process of its own, where it takes one.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::Arc;

use aws_credential_types::provider::ProvideCredentials;

use super::*;
use crate::observe::Call;
use crate::stub::{self, Asked, Stub, refused};
use crate::target::Partition;
use crate::{Base, Caller, Entry, Guard};

/// The environment of a process cannot be changed safely from within, so the test runs itself again in another.
fn again_with(test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().expect("the test binary"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.args([&format!("config::tests::{test}"), "--exact"]).env("TRUEUP_TEST_AGAIN", "1");
    let output = command.envs(variables.iter().copied()).output().expect("the test runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test has another name");
}

#[test]
fn the_environment_says_how_often_a_call_is_sent() {
    let said = |text| attempts(&Env::from_slice(&[("AWS_MAX_ATTEMPTS", text)]));
    assert_eq!([said("2"), said(" 9 "), said("0"), said("often")], [2, 9, ATTEMPTS, ATTEMPTS]);
    assert_eq!(attempts(&Env::from_slice(&[])), ATTEMPTS);
}

fn is_again() -> bool {
    std::env::var_os("TRUEUP_TEST_AGAIN").is_some()
}

fn options(profile: Option<&str>) -> Options {
    let http_client = Some(Stub::new(|_| refused(400, "Unexpected", "nothing is to be asked")).client());
    Options { http_client, profile: profile.map(str::to_owned), ..Options::default() }
}

async fn access_key(base: &Base) -> String {
    let provider = base.config().credentials_provider().expect("a provider");
    provider.provide_credentials().await.expect("credentials").access_key_id().to_owned()
}

#[test]
fn a_profile_beats_the_keys_of_the_environment() {
    if is_again() {
        let checks = async {
            let named = Base::load(options(Some("audit"))).await.expect("a base");
            assert_eq!(access_key(&named).await, "KEYOFPROFILE");
            assert_eq!(named.home_region().as_str(), "eu-north-1");
            let unnamed = Base::load(Options { region: "eu-west-1".parse().ok(), ..options(None) }).await;
            assert_eq!(access_key(&unnamed.expect("a base")).await, "KEYOFENVIRONMENT");
        };
        return tokio::runtime::Runtime::new().expect("a runtime").block_on(checks);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("config");
    let profile = "[profile audit]\nregion = eu-north-1\naws_access_key_id = KEYOFPROFILE\naws_secret_access_key = x\n";
    std::fs::write(&path, profile).expect("written");
    again_with(
        "a_profile_beats_the_keys_of_the_environment",
        &[
            ("AWS_CONFIG_FILE", path.to_str().expect("UTF-8")),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_ACCESS_KEY_ID", "KEYOFENVIRONMENT"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
        ],
    );
}

/// Asks each service once, and says at which host, and for which region it is signed.
async fn asked(region: &str, partition: &str) -> BTreeMap<String, (String, String)> {
    let stub = Stub::new(|_| refused(400, "Unexpected", "the host is all that matters"));
    let options = Options {
        region: region.parse().ok(),
        http_client: Some(stub.client()),
        run_id: "r1".to_owned(),
        global_cap: 8,
        ..Options::default()
    };
    let base = Base::load(options).await.expect("a base");
    let arn = format!("arn:{partition}:iam::999988887777:user/ci");
    let partition = Partition::of_arn(&arn).expect("an ARN");
    let caller = Caller { account: "999988887777".parse().expect("an id"), arn, partition };
    let call = |service, operation| Call { service, operation, action: "" };
    let guard = Guard::new([
        call("AccessAnalyzer", "ListAnalyzers"),
        call("Account", "ListRegions"),
        call("CloudTrail", "ListTrails"),
        call("CloudWatch", "DescribeAlarms"),
        call("CloudWatch Logs", "DescribeLogGroups"),
        call("Config Service", "DescribeConfigurationRecorders"),
        call("EC2", "DescribeRegions"),
        call("GuardDuty", "ListDetectors"),
        call("IAM", "ListAccountAliases"),
        call("KMS", "ListKeys"),
        call("Organizations", "ListRoots"),
        call("S3", "HeadBucket"),
        call("S3 Control", "GetPublicAccessBlock"),
        call("SecurityHub", "DescribeHub"),
        call("SNS", "ListTopics"),
        call("STS", "GetCallerIdentity"),
    ]);
    let session = base.enter(&caller, &caller.account, Entry::Own, &Arc::new(guard));
    let home = base.home_region();
    let _ = session.access_analyzer(home).list_analyzers().send().await;
    let _ = session.account_management().list_regions().send().await;
    let _ = session.cloudtrail(home).list_trails().send().await;
    let _ = session.cloudwatch(home).describe_alarms().send().await;
    let _ = session.config_service(home).describe_configuration_recorders().send().await;
    let _ = session.ec2(home).request("DescribeRegions").send().await;
    let _ = session.guardduty(home).list_detectors().send().await;
    let _ = session.iam().list_account_aliases().send().await;
    let _ = session.kms(home).list_keys().send().await;
    let _ = session.logs(home).describe_log_groups().send().await;
    let _ = session.organizations().list_roots().send().await;
    let _ = session.security_hub(home).describe_hub().send().await;
    let _ = session.sns(home).list_topics().send().await;
    let block = session.s3_control(home).get_public_access_block();
    let _ = block.account_id(caller.account.as_str()).send().await;
    let _ = session.s3(home).head_bucket().bucket("logs").send().await;
    let _ = session.sts().get_caller_identity().send().await;
    let all = stub.asked().into_iter();
    // S3 Control signs as S3; its paths begin with its version.
    let control = |asked: &Asked| asked.operation.contains("/v20180820/").then(|| "s3control".to_owned());
    let named = |asked: Asked| (control(&asked).unwrap_or(asked.service), (asked.host, asked.region));
    let hosts: BTreeMap<_, _> = all.map(named).collect();
    assert_eq!(hosts.len(), SERVICES.len(), "{hosts:?}");
    hosts
}

/// The hosts of some services.
async fn hosts<const N: usize>(region: &str, partition: &str, services: [&str; N]) -> [String; N] {
    let asked = asked(region, partition).await;
    services.map(|service| asked[service].0.clone())
}

const KEYS: [(&str, &str); 4] = [
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ("AWS_ACCESS_KEY_ID", "KEYOFENVIRONMENT"),
    ("AWS_SECRET_ACCESS_KEY", "x"),
];

fn run(checks: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(checks);
}

#[test]
fn without_a_word_of_the_user_every_service_is_asked_where_aws_says() {
    if is_again() {
        return run(async {
            let services = ["sts", "kms", "s3", "s3control", "iam", "organizations", "ec2"];
            assert_eq!(
                hosts("eu-west-1", "aws", services).await,
                [
                    "sts.eu-west-1.amazonaws.com",
                    "kms.eu-west-1.amazonaws.com",
                    "logs.s3.eu-west-1.amazonaws.com",
                    "999988887777.s3-control.eu-west-1.amazonaws.com",
                    "iam.amazonaws.com",
                    "organizations.us-east-1.amazonaws.com",
                    "ec2.eu-west-1.amazonaws.com",
                ]
            );
            assert_eq!(
                hosts("cn-north-1", "aws-cn", ["sts", "kms", "iam", "ec2"]).await,
                [
                    "sts.cn-north-1.amazonaws.com.cn",
                    "kms.cn-north-1.amazonaws.com.cn",
                    "iam.cn-north-1.amazonaws.com.cn",
                    "ec2.cn-north-1.amazonaws.com.cn"
                ]
            );
            assert_eq!(
                hosts("us-gov-west-1", "aws-us-gov", ["sts", "iam", "ec2"]).await,
                ["sts.us-gov-west-1.amazonaws.com", "iam.us-gov.amazonaws.com", "ec2.us-gov-west-1.amazonaws.com"]
            );
        });
    }
    again_with("without_a_word_of_the_user_every_service_is_asked_where_aws_says", &KEYS);
}

#[test]
fn fips_and_dual_stack_choose_other_hosts() {
    if is_again() {
        return run(async {
            assert_eq!(
                hosts("us-east-1", "aws", ["sts", "kms", "s3", "ec2"]).await,
                [
                    "sts-fips.us-east-1.api.aws",
                    "kms-fips.us-east-1.api.aws",
                    "logs.s3-fips.dualstack.us-east-1.amazonaws.com",
                    "ec2-fips.us-east-1.api.aws"
                ]
            );
        });
    }
    let fips = [("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_USE_DUALSTACK_ENDPOINT", "true")];
    again_with("fips_and_dual_stack_choose_other_hosts", &[&KEYS[..], &fips].concat());
}

#[test]
fn a_service_with_an_endpoint_of_its_own_is_asked_there_and_signed_for_its_region() {
    if is_again() {
        return run(async {
            let asked = asked("eu-west-1", "aws").await;
            let of = |service: &str| (asked[service].0.as_str(), asked[service].1.as_str());
            assert_eq!(of("sts"), ("sts.test", "eu-west-1"));
            assert_eq!(of("iam"), ("iam.test", "us-east-1"));
            assert_eq!(of("s3"), ("s3.test", "eu-west-1"), "the bucket is in the path");
            assert_eq!(of("s3control"), ("control.test", "eu-west-1"), "the account is in a header");
            assert_eq!(of("kms"), ("kms.eu-west-1.amazonaws.com", "eu-west-1"));
            assert_eq!(of("ec2"), ("ec2.test", "eu-west-1"));
            let base = Base::load(Options { region: "eu-west-1".parse().ok(), ..options(None) }).await.expect("a base");
            assert_eq!(own_endpoints(base.config()), BTreeSet::from(["EC2", "IAM", "S3", "S3 Control", "STS"]));
        });
    }
    let own = [
        ("AWS_ENDPOINT_URL_STS", "http://sts.test"),
        ("AWS_ENDPOINT_URL_IAM", "http://iam.test"),
        ("AWS_ENDPOINT_URL_S3", "http://s3.test"),
        ("AWS_ENDPOINT_URL_S3_CONTROL", "http://control.test"),
        ("AWS_ENDPOINT_URL_EC2", "http://ec2.test"),
    ];
    let name = "a_service_with_an_endpoint_of_its_own_is_asked_there_and_signed_for_its_region";
    again_with(name, &[&KEYS[..], &own].concat());
}

#[test]
fn one_endpoint_is_for_all_services_but_those_with_their_own() {
    if is_again() {
        return run(async {
            let asked = asked("eu-west-1", "aws").await;
            let others = asked.iter().filter(|(service, _)| !["ec2", "kms"].contains(&service.as_str()));
            assert!(others.into_iter().all(|(_, (host, _))| host == "aws.test"), "{asked:?}");
            assert_eq!((asked["kms"].0.as_str(), asked["ec2"].0.as_str()), ("kms.test", "ec2.test"));
            let base = Base::load(Options { region: "eu-west-1".parse().ok(), ..options(None) }).await.expect("a base");
            assert_eq!(own_endpoints(base.config()), BTreeSet::from(SERVICES));
        });
    }
    let own = [
        ("AWS_ENDPOINT_URL", "http://aws.test"),
        ("AWS_ENDPOINT_URL_KMS", "http://kms.test"),
        ("AWS_ENDPOINT_URL_EC2", "http://ec2.test"),
    ];
    again_with("one_endpoint_is_for_all_services_but_those_with_their_own", &[&KEYS[..], &own].concat());
}

#[test]
fn an_empty_endpoint_in_the_environment_is_none_and_the_profiles_counts() {
    if is_again() {
        return run(async {
            let of_service = asked("eu-west-1", "aws").await;
            let is_set = |name: &str| std::env::var_os(name).is_some_and(|said| said != "/dev/null");
            let profile = is_set("AWS_CONFIG_FILE") && !is_set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
            let wanted = if profile { "of-the-profile.test" } else { "sts.eu-west-1.amazonaws.com" };
            if is_set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
                return assert_eq!(of_service["sts"].0, wanted);
            }
            assert_eq!(of_service["sts"].0, wanted);
            assert_eq!(of_service["kms"].0, "kms.test", "what is said of one service counts");
        });
    }
    let test = "an_empty_endpoint_in_the_environment_is_none_and_the_profiles_counts";
    let empty = [("AWS_ENDPOINT_URL", ""), ("AWS_ENDPOINT_URL_STS", ""), ("AWS_ENDPOINT_URL_KMS", "http://kms.test")];
    again_with(test, &[&KEYS[..], &empty].concat());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("config");
    std::fs::write(&path, "[default]\nendpoint_url = http://of-the-profile.test\n").expect("a file");
    let profile = [("AWS_CONFIG_FILE", path.to_str().expect("a path"))];
    again_with(test, &[&KEYS[..], &empty, &profile].concat());
    let ignored = [("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
    again_with(test, &[&KEYS[..], &empty, &profile, &ignored].concat());
}

#[tokio::test]
async fn connecting_takes_three_seconds_at_most_and_an_attempt_twenty_in_every_client() {
    let stub = Stub::new(|_| refused(400, "Unexpected", "nothing is to be asked"));
    let base = stub.base().await;
    let role = Entry::Role { roles: vec!["read".to_owned()], external_id: None, policy: None };
    let session = base.enter(&stub::caller(), &stub::caller().account, role, &Arc::new(Guard::new([])));
    for config in [base.config(), &session.outfit().config, &session.once().outfit().config] {
        let timeouts = config.timeout_config().expect("timeouts");
        assert_eq!(timeouts.connect_timeout(), Some(Duration::from_secs(3)));
        assert_eq!(timeouts.operation_attempt_timeout(), Some(Duration::from_secs(20)));
    }
    let attempts = |config: &SdkConfig| config.retry_config().map(RetryConfig::max_attempts);
    assert_eq!(attempts(base.config()), Some(ATTEMPTS), "retries are bounded");
    let write = Call { service: "KMS", operation: "EnableKeyRotation", action: "kms:EnableKeyRotation" };
    let read = Call { service: "KMS", operation: "ListKeys", action: "kms:ListKeys" };
    assert_eq!([&write, &read].map(|call| session.once().outfit().attempts(call)), [1, 6]);
}

#[test]
fn without_a_region_it_says_how_to_give_one() {
    if is_again() {
        let load = Base::load(options(None));
        let failure = tokio::runtime::Runtime::new().expect("a runtime").block_on(load).expect_err("no region");
        assert!(failure.kind == crate::failure::Kind::Usage && failure.hints[0].contains("--region"), "{failure}");
        return;
    }
    again_with(
        "without_a_region_it_says_how_to_give_one",
        &[
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ],
    );
}

#[test]
fn what_is_wrong_with_the_configuration_is_said_where_something_is_missing() {
    if is_again() {
        return run(async {
            let failure = Base::load(options(None)).await.expect_err("no region");
            assert!(failure.hints[1].contains("AWS_PROFILE names the profile `nobody`"), "{failure}");
            let region = "eu-west-1".parse().ok();
            let base = Base::load(Options { region: region.clone(), ..options(None) }).await.expect("a base");
            let failure = base.caller().await.expect_err("no credentials");
            assert_eq!(failure.kind, crate::failure::Kind::Failed);
            assert!(failure.hints[0].contains("AWS_PROFILE names the profile `nobody`"), "{failure}");
            let failure = Base::load(Options { region, ..options(Some("nobody")) }).await.expect_err("no profile");
            assert_eq!(failure.message, "there is no profile `nobody` in the AWS configuration");
        });
    }
    again_with(
        "what_is_wrong_with_the_configuration_is_said_where_something_is_missing",
        &[
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_PROFILE", "nobody"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ],
    );
}

#[test]
fn an_endpoint_that_is_no_url_is_refused_before_anything_is_sent() {
    if is_again() {
        let load = Base::load(Options { region: "eu-west-1".parse().ok(), ..options(None) });
        let failure = tokio::runtime::Runtime::new().expect("a runtime").block_on(load).expect_err("no URL");
        assert!(failure.to_string().starts_with("the endpoint `nowhere` is not a URL"), "{failure}");
        return;
    }
    let test = "an_endpoint_that_is_no_url_is_refused_before_anything_is_sent";
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS"] {
        let files = [("AWS_CONFIG_FILE", "/dev/null"), ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")];
        again_with(test, &[&files[..], &[(variable, "nowhere")]].concat());
    }
}
