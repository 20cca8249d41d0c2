//! AWS's policies for what a management account may do as the root user of a member: nobody can attach them, and
//! `AssumeRoot` takes no other.

use super::document::{Document, Sort};

/// Each by its name, as AWS publishes it; where a policy names a partition, it means that of the session.
const TASKS: &[(&str, &str)] = &[
    (
        "IAMAuditRootUserCredentials",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Resource":"*","NotAction":[
        "iam:ListAccessKeys","iam:ListSigningCertificates","iam:GetLoginProfile","iam:ListMFADevices",
        "iam:GetAccountSummary","iam:GetUser","iam:GetAccessKeyLastUsed"]},
        {"Effect":"Deny","NotResource":"arn:{partition}:iam::*:root","Action":[
        "iam:ListAccessKeys","iam:ListSigningCertificates","iam:GetLoginProfile","iam:ListMFADevices","iam:GetUser",
        "iam:GetAccessKeyLastUsed"]}]}"#,
    ),
    (
        "IAMCreateRootUserPassword",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Resource":"*","NotAction":[
        "iam:CreateLoginProfile","iam:GetLoginProfile"]},
        {"Effect":"Deny","NotResource":"arn:{partition}:iam::*:root","Action":[
        "iam:CreateLoginProfile","iam:GetLoginProfile"]}]}"#,
    ),
    (
        "IAMDeleteRootUserCredentials",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Resource":"*","NotAction":[
        "iam:DeleteAccessKey","iam:DeleteSigningCertificate","iam:DeleteLoginProfile","iam:DeactivateMFADevice",
        "iam:ListAccessKeys","iam:ListSigningCertificates","iam:GetLoginProfile","iam:ListMFADevices","iam:GetUser",
        "iam:GetAccessKeyLastUsed"]},
        {"Effect":"Deny","NotResource":"arn:{partition}:iam::*:root","Action":[
        "iam:DeleteAccessKey","iam:DeleteSigningCertificate","iam:DeleteLoginProfile","iam:DeactivateMFADevice",
        "iam:ListAccessKeys","iam:ListSigningCertificates","iam:GetLoginProfile","iam:ListMFADevices","iam:GetUser",
        "iam:GetAccessKeyLastUsed"]}]}"#,
    ),
    (
        "S3UnlockBucketPolicy",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Resource":"*","NotAction":[
        "s3:DeleteBucketPolicy","s3:PutBucketPolicy","s3:GetBucketPolicy","s3:ListAllMyBuckets"]}]}"#,
    ),
    (
        "SQSUnlockQueuePolicy",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Resource":"*","NotAction":[
        "sqs:SetQueueAttributes","sqs:GetQueueAttributes","sqs:ListQueues","sqs:GetQueueUrl"]}]}"#,
    ),
];

/// They only take away: what they leave the root user may.
const THE_REST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Whether `AssumeRoot` takes this policy.
pub(crate) fn is_known(arn: &str) -> bool {
    text(arn).is_some()
}

/// What limits a session with this policy.
pub(super) fn limits(arn: &str) -> Result<Vec<Document>, String> {
    let text = text(arn).ok_or_else(|| format!("{arn} is no task"))?;
    [text.as_str(), THE_REST].iter().map(|text| Document::parse(text, Sort::Identity)).collect()
}

fn text(arn: &str) -> Option<String> {
    let (partition, name) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/root-task/")?;
    let (_, text) = TASKS.iter().find(|(known, _)| *known == name)?;
    Some(text.replace("{partition}", partition))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_parses_in_every_partition() {
        for (name, _) in TASKS {
            for partition in ["aws", "aws-us-gov"] {
                let arn = format!("arn:{partition}:iam::aws:policy/root-task/{name}");
                assert_eq!(limits(&arn).map(|all| all.len()), Ok(2), "{arn}");
            }
        }
        assert!(!is_known("arn:aws:iam::aws:policy/IAMDeleteRootUserCredentials"), "the path is part of the name");
    }
}
