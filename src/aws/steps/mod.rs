//! The room that changes AWS. One file per service; who reviews what trueup can do reads this folder.
//!
//! A step is one mutating call, plus the reads that find out whether it was done already, and how it is undone. It
//! names objects by their natural names, and running it twice is as running it once. What undoes steps is in [`undo`].

pub mod accessanalyzer;
pub mod account;
mod atom;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod config;
pub mod document;
pub mod ec2;
pub mod guardduty;
pub mod iam;
pub mod kms;
pub mod logs;
pub mod organizations;
pub mod refusal;
mod risk;
pub mod s3;
pub mod securityhub;
pub mod sns;
mod step;
pub mod undo;
mod writer;

use std::future;
use std::time::Duration;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::observe::{Call, ReadError};
use crate::target::{Partition, Target};

pub use atom::Atom;
pub use risk::Risk;
pub use undo::{Extent, Stands, Undo, Undoing};
pub use writer::{Answer, UNREPEATABLE, Witness, Writer, is_lost};

use atom::{anywhere, linked_roles};
use step::{running, standing, steps, undoing};

steps! {
    do {
        accessanalyzer::CreateAnalyzer,
        account::PutAlternateContact,
        account::PutContactInformation,
        cloudtrail::CreateTrail,
        cloudtrail::PutEventSelectors,
        cloudtrail::PutInsightSelectors,
        cloudtrail::StartLogging,
        cloudtrail::UpdateTrail,
        cloudwatch::EnableAlarmActions,
        cloudwatch::PutMetricAlarm,
        cloudwatch::PutMetricFilter,
        config::PutConfigurationRecorder,
        config::PutDeliveryChannel,
        config::PutRetentionConfiguration,
        config::StartConfigurationRecorder,
        ec2::DisableSerialConsoleAccess,
        ec2::EnableEbsEncryptionByDefault,
        ec2::EnableImageBlockPublicAccess,
        ec2::EnableSnapshotBlockPublicAccess,
        ec2::ModifyEbsDefaultKmsKeyId,
        ec2::ModifyInstanceMetadataDefaults,
        ec2::ModifyInstanceMetadataOptions,
        ec2::RecordIntoBucket,
        ec2::RecordIntoLogGroup,
        ec2::RevokeSecurityGroupEgress,
        ec2::RevokeSecurityGroupIngress,
        guardduty::CreateDetector,
        guardduty::UpdateDetector,
        guardduty::UpdateMemberDetectors,
        iam::AttachRolePolicy,
        iam::CreateAccountAlias,
        iam::CreateRole,
        iam::CreateServiceLinkedRole,
        iam::DeactivateAccessKey,
        iam::DeleteLoginProfile,
        iam::DeleteRootAccessKeys,
        iam::DeleteServerCertificate,
        iam::DeleteUserPolicy,
        iam::DetachGroupPolicy,
        iam::DetachUserPolicy,
        iam::PutRolePolicy,
        iam::TakeRolePolicy,
        iam::UpdateAccountPasswordPolicy,
        kms::CancelKeyDeletion,
        kms::CreateAlias,
        kms::CreateKey,
        kms::EnableKey,
        kms::EnableKeyRotation,
        kms::PutKeyPolicy,
        kms::RotateMadeKey,
        logs::CreateLogGroup,
        logs::PutRetentionPolicy,
        organizations::EnableServiceAccess,
        s3::CreateBucket,
        s3::LengthenBucketLifecycle,
        s3::PutAccountPublicAccessBlock,
        s3::PutBucketEncryption,
        s3::PutBucketLogging,
        s3::PutBucketPolicy,
        s3::PutBucketTagging,
        s3::PutBucketVersioning,
        s3::PutPublicAccessBlock,
        securityhub::EnableSecurityHub,
        sns::CreateTopic,
        sns::SetTopicPolicy,
        sns::Subscribe,
    }
    undo {
        accessanalyzer::DeleteAnalyzer,
        account::DeleteAlternateContact,
        account::RestoreAlternateContact,
        account::RestoreContactInformation,
        cloudtrail::DeleteTrail,
        cloudtrail::RestoreEventSelectors,
        cloudtrail::RestoreInsightSelectors,
        cloudtrail::RestoreTrail,
        cloudtrail::StopLogging,
        cloudwatch::DeleteAlarm,
        cloudwatch::DeleteMetricFilter,
        cloudwatch::DisableAlarmActions,
        cloudwatch::RestoreAlarm,
        cloudwatch::RestoreMetricFilter,
        config::DeleteConfigurationRecorder,
        config::DeleteDeliveryChannel,
        config::RestoreConfigurationRecorder,
        config::RestoreDeliveryChannel,
        config::RestoreRetentionConfiguration,
        config::StopConfigurationRecorder,
        ec2::DisableEbsEncryptionByDefault,
        ec2::DisableImageBlockPublicAccess,
        ec2::EnableSerialConsoleAccess,
        ec2::RestoreEbsDefaultKmsKey,
        ec2::RestoreInstanceMetadataDefaults,
        ec2::RestoreInstanceMetadataOptions,
        ec2::RestoreSnapshotSharing,
        ec2_networks::AuthorizeSecurityGroupEgress,
        ec2_networks::AuthorizeSecurityGroupIngress,
        ec2_networks::DeleteFlowLogs,
        guardduty::DeleteDetector,
        guardduty::RestoreDetector,
        guardduty_members::RestoreMemberDetectors,
        iam::DeleteAccountPasswordPolicy,
        iam::RestorePasswordPolicy,
        iam_account::AttachGroupPolicy,
        iam_account::DeleteAccountAlias,
        iam_account::DeleteRole,
        iam_account::DetachRolePolicy,
        iam_account::ReattachRolePolicy,
        iam_account::RestoreAccountAlias,
        iam_roles::DeleteRolePolicy,
        iam_roles::RestoreRolePolicy,
        iam_users::ActivateAccessKey,
        iam_users::AttachUserPolicy,
        iam_users::PutUserPolicy,
        kms::DeleteAlias,
        kms::DisableKeyRotation,
        kms::RestoreKeyPolicy,
        kms::RestoreKeyRotationPeriod,
        kms::ScheduleKeyDeletion,
        kms_deletion::RescheduleKeyDeletion,
        logs::DeleteLogGroup,
        logs::RestoreRetention,
        organizations::DisableServiceAccess,
        s3::DeleteBucket,
        s3::DeleteBucketPolicy,
        s3::RestoreBucketPolicy,
        s3::RestoreBucketTag,
        s3::RestorePublicAccessBlock,
        s3::SuspendBucketVersioning,
        s3_account::RestoreAccountPublicAccessBlock,
        s3_logs::RestoreBucketLifecycle,
        s3_logs::RestoreBucketLogging,
        securityhub::DisableSecurityHub,
        sns::DeleteTopic,
        sns::RestoreTopicPolicy,
        sns::Unsubscribe,
    }
}

#[cfg(test)]
mod tests;
