//! From recorded inputs to calls of the typed SDK.
//!
//! What an answer says is nobody's business here: that the requests were the right ones, the simulator's ledger shows.

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sdk_sts::types::PolicyDescriptorType;
use serde_json::Value;

use super::Outcome;
use super::calls::Entry;

mod accounts;
mod detection;
mod identities;
mod storage;

/// A client of one of the services that a plan asks.
#[derive(Clone)]
pub(crate) enum Client {
    AccessAnalyzer(aws_sdk_accessanalyzer::Client),
    Account(aws_sdk_account::Client),
    CloudTrail(aws_sdk_cloudtrail::Client),
    CloudWatch(aws_sdk_cloudwatch::Client),
    Config(aws_sdk_config::Client),
    GuardDuty(aws_sdk_guardduty::Client),
    Iam(aws_sdk_iam::Client),
    Kms(aws_sdk_kms::Client),
    Logs(aws_sdk_cloudwatchlogs::Client),
    Organizations(aws_sdk_organizations::Client),
    S3(aws_sdk_s3::Client),
    S3Control(aws_sdk_s3control::Client),
    SecurityHub(aws_sdk_securityhub::Client),
    Sns(aws_sdk_sns::Client),
    Sts(aws_sdk_sts::Client),
}

/// Sends a call with these members of its input, which are texts unless said otherwise, and drops the answer.
macro_rules! ask {
    ($client:ident, $input:ident, $call:ident $(, $set:ident = $member:literal $(as $kind:ident)?)*) => {{
        let asked = $client.$call()$(.$set(ask!(@ $input, $member $(, $kind)?)))*;
        // A refusal is part of what is replayed.
        drop(asked.send().await);
    }};
    (@ $input:ident, $member:literal) => { $crate::sdk::text($input, $member) };
    (@ $input:ident, $member:literal, $kind:ident) => { $crate::sdk::$kind($input, $member) };
}
use ask;

impl Client {
    /// A client of the service with this signing name.
    pub(crate) fn new(service: &str, config: &SdkConfig) -> Outcome<Self> {
        Ok(match service {
            "access-analyzer" => Self::AccessAnalyzer(aws_sdk_accessanalyzer::Client::new(config)),
            "account" => Self::Account(aws_sdk_account::Client::new(config)),
            "cloudtrail" => Self::CloudTrail(aws_sdk_cloudtrail::Client::new(config)),
            "config" => Self::Config(aws_sdk_config::Client::new(config)),
            "guardduty" => Self::GuardDuty(aws_sdk_guardduty::Client::new(config)),
            "iam" => Self::Iam(aws_sdk_iam::Client::new(config)),
            "kms" => Self::Kms(aws_sdk_kms::Client::new(config)),
            "logs" => Self::Logs(aws_sdk_cloudwatchlogs::Client::new(config)),
            "monitoring" => Self::CloudWatch(aws_sdk_cloudwatch::Client::new(config)),
            "organizations" => Self::Organizations(aws_sdk_organizations::Client::new(config)),
            "s3" => {
                let config = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
                Self::S3(aws_sdk_s3::Client::from_conf(config))
            }
            "s3control" => {
                // Its host would begin with the account, which a simulator has no name for.
                let config =
                    aws_sdk_s3control::config::Builder::from(config).endpoint_resolver(storage::AsGiven).build();
                Self::S3Control(aws_sdk_s3control::Client::from_conf(config))
            }
            "securityhub" => Self::SecurityHub(aws_sdk_securityhub::Client::new(config)),
            "sns" => Self::Sns(aws_sdk_sns::Client::new(config)),
            "sts" => Self::Sts(aws_sdk_sts::Client::new(config)),
            other => return Err(format!("the replay has no client of {other}: add it").into()),
        })
    }

    /// Assumes a role; none where that was refused.
    pub(crate) async fn enter(&self, call: &Entry) -> Outcome<Option<Credentials>> {
        let Self::Sts(client) = self else { return Err("only STS lets anyone enter".into()) };
        let input = &call.input;
        let arns = input.get("PolicyArns").and_then(Value::as_array).map(|all| {
            all.iter().map(|one| PolicyDescriptorType::builder().set_arn(text(one, "arn")).build()).collect()
        });
        let asked = client
            .assume_role()
            .set_role_arn(text(input, "RoleArn"))
            .set_role_session_name(text(input, "RoleSessionName"))
            .set_external_id(text(input, "ExternalId"))
            .set_policy(text(input, "Policy"))
            .set_policy_arns(arns);
        let given = Box::pin(asked.send()).await.ok().and_then(|answer| answer.credentials);
        Ok(given.map(|given| {
            let token = Some(given.session_token);
            Credentials::new(given.access_key_id, given.secret_access_key, token, None, "replay")
        }))
    }

    /// Sends a recorded call and waits for the answer.
    pub(crate) async fn send(&self, call: &Entry) -> Outcome<()> {
        // The futures of the SDK are large.
        Box::pin(async {
            match self {
                Self::AccessAnalyzer(client) => detection::access_analyzer(client, call).await,
                Self::Account(client) => accounts::account(client, call).await,
                Self::CloudTrail(client) => detection::cloudtrail(client, call).await,
                Self::CloudWatch(client) => detection::cloudwatch(client, call).await,
                Self::Config(client) => detection::config(client, call).await,
                Self::GuardDuty(client) => detection::guardduty(client, call).await,
                Self::Iam(client) => identities::iam(client, call).await,
                Self::Kms(client) => storage::kms(client, call).await,
                Self::Logs(client) => detection::logs(client, call).await,
                Self::Organizations(client) => accounts::organizations(client, call).await,
                Self::S3(client) => storage::s3(client, call).await,
                Self::S3Control(client) => storage::s3_control(client, call).await,
                Self::SecurityHub(client) => detection::security_hub(client, call).await,
                Self::Sns(client) => detection::sns(client, call).await,
                Self::Sts(client) => accounts::sts(client, call).await,
            }
        })
        .await
    }
}

fn unknown(operation: &str) -> Outcome<()> {
    Err(format!("the replay does not know how to send {operation}: add it").into())
}

/// A type of policies, by its name.
fn policies(input: &Value, member: &str) -> Option<aws_sdk_organizations::types::PolicyType> {
    text(input, member).map(|name| name.as_str().into())
}

/// A sort of contacts, by its name.
fn contact(input: &Value, member: &str) -> Option<aws_sdk_account::types::AlternateContactType> {
    text(input, member).map(|name| name.as_str().into())
}

/// Sorts of what an account has, by their names.
fn entities(input: &Value, member: &str) -> Option<Vec<aws_sdk_iam::types::EntityType>> {
    Some(texts(input, member)?.iter().map(|name| name.as_str().into()).collect())
}

/// Which devices are meant.
fn assignment(input: &Value, member: &str) -> Option<aws_sdk_iam::types::AssignmentStatusType> {
    text(input, member).map(|name| name.as_str().into())
}

fn number(input: &Value, member: &str) -> Option<i32> {
    i32::try_from(input.get(member)?.as_i64()?).ok()
}

fn text(input: &Value, member: &str) -> Option<String> {
    input.get(member)?.as_str().map(str::to_owned)
}

fn texts(input: &Value, member: &str) -> Option<Vec<String>> {
    let all = input.get(member)?.as_array()?;
    Some(all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
}

fn flag(input: &Value, member: &str) -> Option<bool> {
    input.get(member)?.as_bool()
}
