//! Service clients: short-lived, made from the one base configuration with the session's credentials and guard.

use super::Session;
use crate::target::Region;

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident: $sdk:ident;)*) => {
        impl Session {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self, region: &Region) -> $sdk::Client {
                    let _ = region;
                    todo!()
                }
            )*
        }
    };
}

clients! {
    /// CloudTrail in a region.
    cloudtrail: aws_sdk_cloudtrail;
    /// GuardDuty in a region.
    guardduty: aws_sdk_guardduty;
    /// KMS in a region.
    kms: aws_sdk_kms;
    /// S3 in a region; path style where an endpoint was given.
    s3: aws_sdk_s3;
}

impl Session {
    /// IAM of the partition.
    #[must_use]
    pub fn iam(&self) -> aws_sdk_iam::Client {
        todo!()
    }

    /// Account management of the partition.
    #[must_use]
    pub fn account_settings(&self) -> aws_sdk_account::Client {
        todo!()
    }

    /// Organizations of the partition.
    #[must_use]
    pub fn organizations(&self) -> aws_sdk_organizations::Client {
        todo!()
    }

    /// STS in the home region.
    #[must_use]
    pub fn sts(&self) -> aws_sdk_sts::Client {
        todo!()
    }
}
