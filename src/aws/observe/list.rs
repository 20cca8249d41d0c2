//! Every observation. What is listed here is compiled here, once, and not in every crate that asks for it.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::tags::{Bears, TagsOf};
use super::{
    Observe, ReadError, Reader, accessanalyzer, account, cloudtrail, cloudwatch, config, ec2, guardduty, iam, kms,
    logs, organizations, s3, securityhub, sns, sts,
};

/// A thing of AWS that a [`Reader`] can be asked for.
pub trait Observation: Observe {
    /// The one with this key, by the reader that is asked for it.
    ///
    /// # Errors
    /// It could not be read; asked again, the same error is answered without a call.
    fn seen<'a>(reader: &'a Reader, key: &'a Self::Key) -> BoxFuture<'a, Result<Arc<Self>, ReadError>>;
}

/// Lists observations, all with the same generic parameters.
macro_rules! observations {
    (one [$($generic:tt)*] $seen:ty) => {
        impl<$($generic)*> $crate::observe::Observation for $seen {
            fn seen<'a>(
                reader: &'a $crate::observe::Reader,
                key: &'a Self::Key,
            ) -> futures::future::BoxFuture<'a, Result<std::sync::Arc<Self>, $crate::observe::ReadError>> {
                Box::pin(reader.seen(key))
            }
        }
    };
    (all $generics:tt $($seen:ty,)*) => { $(observations!(one $generics $seen);)* };
}

#[cfg(test)]
pub(super) use observations;

observations! {
    all []
    accessanalyzer::Analyzers,
    accessanalyzer::Covering,
    account::AlternateContact,
    Option<account::ContactInformation>,
    account::Contacts,
    account::Regions,
    cloudtrail::Coverage,
    cloudtrail::TrailBuckets,
    cloudtrail::VisibleTrails,
    cloudwatch::Told,
    cloudwatch::Watch,
    config::Channels,
    config::Delivery,
    config::Linked,
    config::Recorders,
    config::Recording,
    config::Retention,
    config::ServiceRole,
    config::Statuses,
    ec2::acls::Acls,
    ec2::ebs::DefaultKeyId,
    ec2::ebs::EbsEncryption,
    ec2::groups::DefaultGroups,
    ec2::groups::Groups,
    ec2::groups::OpenGroups,
    ec2::instances::InstanceMetadata,
    ec2::instances::SerialConsole,
    ec2::interfaces::Interfaces,
    ec2::launched::Instances,
    ec2::prefix_lists::PrefixList,
    ec2::sharing::ImageSharing,
    ec2::sharing::PublicSnapshots,
    ec2::sharing::SnapshotSharing,
    ec2::vpcs::FlowLogs,
    ec2::vpcs::Recorded,
    ec2::vpcs::Vpcs,
    guardduty::Administrator,
    Option<guardduty::Detector>,
    guardduty::Members,
    guardduty::OrganizationAdmin,
    guardduty::OwnedDetector,
    iam::AccessKeys,
    iam::Alias,
    iam::CentralRoot,
    iam::Certificates,
    iam::Details,
    iam::Entities,
    iam::Federation,
    iam::HasMfa,
    iam::LoginProfile,
    Option<iam::PasswordPolicy>,
    iam::Passwords,
    iam::Report,
    iam::Role,
    iam::RoleExists,
    iam::RootUser,
    iam::SamlProviders,
    iam::SignIn,
    iam::Summary,
    iam::Support,
    iam::Trust,
    iam::Users,
    iam::VirtualDevices,
    kms::DescribedKeys,
    kms::Keys,
    kms::named::KeyPolicy,
    logs::LogGroup,
    organizations::EffectivePolicy,
    organizations::Governing,
    organizations::Policies,
    organizations::TrustedServices,
    s3::AccessLogging,
    s3::AccountBlock,
    s3::AccountSwitches,
    s3::Bucket,
    s3::BucketExists,
    s3::BucketRegion,
    s3::DoorsOf,
    s3::Expiries,
    s3::OpenBuckets,
    s3::SwitchesOf,
    securityhub::Association,
    securityhub::Central,
    Option<securityhub::Hub>,
    securityhub::OwnedHub,
    sts::Accepted,
}

// Some are read of the account that is judged or, for all its members, of the management account.
observations! {
    all [const MANAGEMENT: bool]
    cloudtrail::InsightsOf<MANAGEMENT>,
    cloudtrail::SelectorsOf<MANAGEMENT>,
    cloudtrail::StatusOf<MANAGEMENT>,
    cloudtrail::TagsOf<MANAGEMENT>,
    cloudtrail::Trails<MANAGEMENT>,
    cloudwatch::MetricAlarms<MANAGEMENT>,
    cloudwatch::MetricFilters<MANAGEMENT>,
    kms::named::NamedKey<MANAGEMENT>,
    sns::TopicOf<MANAGEMENT>,
}

observations!(all [K: Bears] TagsOf<K>,);
