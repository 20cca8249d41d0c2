//! The key that a trail is to encrypt with: whether it is there and lets CloudTrail in.

use serde_json::{Value, json};

use super::delivery::{self, LONGEST_KEY_POLICY};
use super::trail::{Case, requirement};
use crate::controls::log_bucket::{control_towers, obstacle};
use crate::controls::need::Need;
use crate::drift::Difference;
use crate::observe::ReadError;
use crate::observe::cloudtrail::{PRINCIPAL, Part};
use crate::observe::kms::KeyState;
use crate::observe::s3::Bucket;
use crate::ownership::is_control_towers;
use crate::steps::Step;
use crate::steps::document::Document;
use crate::steps::kms::{CreateAlias, CreateKey, PutKeyPolicy, RotateMadeKey};
use crate::target::{Object, Region, Target};

/// Why what a trail needs cannot be made to fit.
pub(super) enum Unfit {
    /// No call does it; what a person does, in words.
    Stuck(String),
    /// What it lacks could not be read.
    Unread(ReadError),
}

impl From<ReadError> for Unfit {
    fn from(error: ReadError) -> Self {
        Self::Unread(error)
    }
}

/// What the trail with this ARN needs of the key that the baseline names, in this region.
pub(super) fn needed(case: &Case<'_>, region: &Region, trail: &str) -> Need {
    let Some(name) = &case.asked.kms_key else { return Need::Nothing };
    let Some(key) = &case.seen.making.key else { return Need::Nothing };
    let at = Target { account: case.keeper().clone(), region: Some(region.clone()) };
    let object = Object { at, kind: "kms.key".to_owned(), name: name.clone() };
    let difference =
        |observed: Value| Difference { requirement: requirement(Part::Kms).to_owned(), observed, wanted: json!(name) };
    let stuck = |absent, observed, words| Need::stuck(object.clone(), absent, difference(observed), words);
    let unread = |error| Need::unread(object.clone(), requirement(Part::Kms), json!(name), error);
    match key.as_result() {
        Err(error) => unread(error),
        Ok(None) if can_be_made(name) => match creation(case, region, trail, name, object.address()) {
            Err(error) => unread(&error),
            Ok(steps) => Need::steps(object.clone(), true, difference(Value::Null), steps),
        },
        Ok(None) => {
            let words =
                format!("the key {name} does not exist in {region}: name an alias of yours, and a key is made for it");
            stuck(true, Value::Null, words)
        }
        Ok(Some(key)) if !key.fit => {
            let words = format!(
                "the key {name} cannot encrypt log files: name a symmetric key that AWS did not make for itself"
            );
            stuck(false, json!(key.arn), words)
        }
        Ok(Some(key)) if !key.enabled => stuck(false, json!(key.state), format!("the key {name} {}", disabled(key))),
        Ok(Some(key)) => match lacking(case, trail, name, key) {
            Err(Unfit::Unread(error)) => unread(&error),
            Err(Unfit::Stuck(words)) => stuck(false, Value::Null, words),
            Ok(statements) if statements.is_empty() => Need::Nothing,
            Ok(statements) => {
                let (name, arn, region) = (name.clone(), key.arn.clone(), region.clone());
                let step = PutKeyPolicy { key: name, arn, region, statements };
                let observed = json!("its policy does not let CloudTrail encrypt");
                Need::steps(object.clone(), false, difference(observed), vec![Step::PutKeyPolicy(step)])
            }
        },
    }
}

/// What the policy of the key has to say besides, so that the trail with this ARN can encrypt.
///
/// # Errors
/// It cannot be made to.
fn lacking(case: &Case<'_>, trail: &str, name: &str, key: &KeyState) -> Result<Vec<Value>, Unfit> {
    let Some(policy) = &case.seen.making.key_policy else { return Ok(vec![]) };
    let text = policy.as_result().map_err(|error| Unfit::Unread(error.clone()))?;
    let policy = Document::parse(Some(text))
        .map_err(|error| Unfit::Stuck(format!("the policy of the key {name} makes no sense: {error}")))?;
    let (statements, requests) = (encryption(case, trail)?, delivery::of_key(case, trail, &key.arn));
    match obstacle(&policy, "CloudTrail", &statements, &requests, &format!("the key {name}"), LONGEST_KEY_POLICY) {
        Some(words) => Err(Unfit::Stuck(words)),
        None if policy.covers(&statements) => Ok(vec![]),
        None if is_control_towers(name) => Err(Unfit::Stuck(control_towers(name, "kms_key"))),
        None => Ok(statements),
    }
}

/// How a key that does not encrypt is brought back.
pub(super) fn disabled(key: &KeyState) -> String {
    let mend = if key.state == "PendingDeletion" { "cancel its deletion and enable it" } else { "enable it" };
    format!("is not enabled but {}: {mend}", key.state)
}

/// Aliases under `alias/aws/` are AWS's own, and Control Tower makes its own.
fn can_be_made(name: &str) -> bool {
    name.starts_with("alias/") && !name.starts_with("alias/aws/") && !is_control_towers(name)
}

/// The alias comes last: where it is there, all is there.
///
/// # Errors
/// What the policy has to say depends on a bucket that could not be read.
fn creation(
    case: &Case<'_>,
    region: &Region,
    trail: &str,
    alias: &str,
    address: String,
) -> Result<Vec<Step>, ReadError> {
    let (alias, region) = (alias.to_owned(), region.clone());
    let key = CreateKey {
        alias: alias.clone(),
        region: region.clone(),
        address: address.clone(),
        description: format!("Encrypts the log files of the CloudTrail trail {}", case.asked.name),
        policy: policy(case, trail)?,
    };
    let rotation = RotateMadeKey { alias: alias.clone(), region: region.clone(), address: address.clone() };
    let alias = CreateAlias { alias, region, address };
    Ok(vec![Step::CreateKey(key), Step::RotateMadeKey(rotation), Step::CreateAlias(alias)])
}

/// The policy of a new key: the account keeps its own access, CloudTrail encrypts, and who may read in the account decrypts.
fn policy(case: &Case<'_>, trail: &str) -> Result<Value, ReadError> {
    let (partition, account) = (case.context.partition, case.keeper());
    let mut statements = vec![json!({
        "Sid": "Enable IAM policies of the account",
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
        "Action": "kms:*",
        "Resource": "*",
    })];
    statements.extend(encryption(case, trail)?);
    statements.push(json!({
        "Sid": "Let the account's principals decrypt log files",
        "Effect": "Allow",
        "Principal": { "AWS": "*" },
        "Action": ["kms:Decrypt", "kms:ReEncryptFrom"],
        "Resource": "*",
        "Condition": {
            "StringEquals": { "kms:CallerAccount": account },
            "StringLike": { "kms:EncryptionContext:aws:cloudtrail:arn": every_trail(case) },
        },
    }));
    Ok(json!({ "Version": "2012-10-17", "Statement": statements }))
}

/// What CloudTrail has to be allowed, by
/// [AWS's documentation](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html).
///
/// # Errors
/// It depends on the bucket, which could not be read.
fn encryption(case: &Case<'_>, trail: &str) -> Result<Vec<Value>, ReadError> {
    let mut statements = vec![
        json!({
            "Sid": "Let CloudTrail encrypt log files",
            "Effect": "Allow",
            "Principal": { "Service": PRINCIPAL },
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {
                "StringEquals": { "aws:SourceArn": trail },
                "StringLike": { "kms:EncryptionContext:aws:cloudtrail:arn": every_trail(case) },
            },
        }),
        json!({
            "Sid": "Let CloudTrail describe the key",
            "Effect": "Allow",
            "Principal": { "Service": PRINCIPAL },
            "Action": "kms:DescribeKey",
            "Resource": "*",
        }),
    ];
    if has_bucket_key(case)? {
        statements.push(json!({
            "Sid": "Let CloudTrail use the S3 Bucket Key",
            "Effect": "Allow",
            "Principal": { "Service": PRINCIPAL },
            "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": { "StringEquals": { "aws:SourceArn": trail } },
        }));
    }
    if case.keeper() != case.owner() {
        // Who gives a trail a key of another account has to be
        // [let in there](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html).
        statements.push(json!({
            "Sid": "Let the account of the trail describe the key",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:{}:iam::{}:root", case.context.partition, case.owner()) },
            "Action": "kms:DescribeKey",
            "Resource": "*",
        }));
    }
    Ok(statements)
}

/// Without a word on decryption, a trail with a key is refused in a bucket that encrypts by an S3 Bucket Key.
fn has_bucket_key(case: &Case<'_>) -> Result<bool, ReadError> {
    let Some(bucket) = &case.seen.making.bucket else { return Ok(false) };
    let bucket = bucket.as_result().map_err(Clone::clone)?;
    Ok(matches!(bucket, Bucket::Own(settings) if settings.bucket_key))
}

fn every_trail(case: &Case<'_>) -> String {
    format!("arn:{}:cloudtrail:*:{}:trail/*", case.context.partition, case.owner())
}
