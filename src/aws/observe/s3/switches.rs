//! The switches of a public access block, of a bucket as of an account.

use aws_sdk_s3::types as sdk;
use serde::{Deserialize, Serialize};

use super::{BucketKey, call};
use crate::Absent;
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::Target;

const GET_PUBLIC_ACCESS_BLOCK: Call = call("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock");

/// The switches that are on for one bucket; none: it has no block, or is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchesOf(pub Option<Switches>);

impl Observe for SwitchesOf {
    const NAME: &'static str = "s3.switches_of_bucket";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_PUBLIC_ACCESS_BLOCK];
    type Key = BucketKey;

    async fn observe(reader: &Reader, key: &BucketKey) -> Result<Self, ReadError> {
        let (session, owner) = (reader.session()?, &reader.at().account);
        let at = Target { account: owner.clone(), region: Some(key.region.clone()) };
        let asked = session.s3(&key.region).get_public_access_block().bucket(&key.name);
        let asked = asked.expected_bucket_owner(owner.as_str());
        let sending = async { asked.send().await.absent_on(&["NoSuchPublicAccessBlockConfiguration", "NoSuchBucket"]) };
        let answer = session.ask(&at, &GET_PUBLIC_ACCESS_BLOCK, sending).await?;
        let block = answer.and_then(|answer| answer.public_access_block_configuration);
        Ok(Self(block.map(|block| Switches::of(&block))))
    }
}

/// The switches of a public access block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the API has these switches")]
pub struct Switches {
    /// No ACL that is public is taken.
    pub block_public_acls: bool,
    /// ACLs that are public let nobody in.
    pub ignore_public_acls: bool,
    /// No policy that is public is taken.
    pub block_public_policy: bool,
    /// A policy that is public lets in only the account itself and services of AWS.
    pub restrict_public_buckets: bool,
}

impl Switches {
    /// All of them.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };

    /// Each that is on here or there.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            block_public_acls: self.block_public_acls || other.block_public_acls,
            ignore_public_acls: self.ignore_public_acls || other.ignore_public_acls,
            block_public_policy: self.block_public_policy || other.block_public_policy,
            restrict_public_buckets: self.restrict_public_buckets || other.restrict_public_buckets,
        }
    }

    /// Whether each that is on there is on here.
    #[must_use]
    pub fn cover(self, other: Self) -> bool {
        self.or(other) == self
    }

    /// Those that are on, as the API calls them.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let named = [
            ("BlockPublicAcls", self.block_public_acls),
            ("IgnorePublicAcls", self.ignore_public_acls),
            ("BlockPublicPolicy", self.block_public_policy),
            ("RestrictPublicBuckets", self.restrict_public_buckets),
        ];
        named.into_iter().filter_map(|(name, on)| on.then_some(name)).collect()
    }

    /// Those of a bucket; what AWS leaves out is off.
    pub(crate) fn of(block: &sdk::PublicAccessBlockConfiguration) -> Self {
        Self {
            block_public_acls: block.block_public_acls() == Some(true),
            ignore_public_acls: block.ignore_public_acls() == Some(true),
            block_public_policy: block.block_public_policy() == Some(true),
            restrict_public_buckets: block.restrict_public_buckets() == Some(true),
        }
    }

    /// As the API takes them for a bucket.
    pub(crate) fn in_api(self) -> sdk::PublicAccessBlockConfiguration {
        sdk::PublicAccessBlockConfiguration::builder()
            .block_public_acls(self.block_public_acls)
            .ignore_public_acls(self.ignore_public_acls)
            .block_public_policy(self.block_public_policy)
            .restrict_public_buckets(self.restrict_public_buckets)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_in_one_of_two_is_on_in_both_together() {
        let acls = Switches { block_public_acls: true, ignore_public_acls: true, ..Switches::default() };
        let policies = Switches { block_public_policy: true, restrict_public_buckets: true, ..Switches::default() };
        assert_eq!(acls.or(policies), Switches::ALL);
        assert!(acls.or(policies).cover(acls) && acls.cover(Switches::default()) && !acls.cover(policies));
        assert_eq!((acls.names(), Switches::default().names()), (vec!["BlockPublicAcls", "IgnorePublicAcls"], vec![]));
    }

    #[test]
    fn the_api_takes_what_it_has_answered() {
        for switches in [Switches::ALL, Switches { ignore_public_acls: true, ..Switches::default() }] {
            assert_eq!(Switches::of(&switches.in_api()), switches);
        }
        assert_eq!(Switches::of(&sdk::PublicAccessBlockConfiguration::builder().build()), Switches::default());
    }
}
