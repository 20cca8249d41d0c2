//! The tags of objects that drift, by which it is known what looks after them. Nothing else is asked for its own, which
//! would be a call for each.

use std::future::Future;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::{Call, Home, Observe, ReadError, Reader, Reads, Scope, cloudwatch, config, iam, kms, sns};
use crate::ownership::Signs;
use crate::target::Region;

/// A kind of object whose tags come by a call for one of them alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagged {
    /// An alarm of `CloudWatch`, by its ARN.
    Alarm,
    /// A server certificate of IAM, by its name.
    Certificate,
    /// A key of KMS, by its id.
    Key,
    /// A customer managed policy, by its ARN.
    Policy,
    /// A recorder of AWS Config, by its ARN.
    Recorder,
    /// A topic of SNS, by its ARN.
    Topic,
}

impl Tagged {
    /// What is read of one of them.
    #[must_use]
    pub fn reads(self) -> Reads {
        match self {
            Self::Alarm => Reads::of::<TagsOf<cloudwatch::AlarmTags>>(),
            Self::Certificate => Reads::of::<TagsOf<iam::CertificateTags>>(),
            Self::Key => Reads::of::<TagsOf<kms::KeyTags>>(),
            Self::Policy => Reads::of::<TagsOf<iam::PolicyTags>>(),
            Self::Recorder => Reads::of::<TagsOf<config::RecorderTags>>(),
            Self::Topic => Reads::of::<TagsOf<sns::TopicTags>>(),
        }
    }

    /// What the tags of one of them say of who looks after it.
    ///
    /// # Errors
    /// They could not be read.
    pub async fn signs(self, reader: &Reader, which: &String) -> Result<Signs, ReadError> {
        match self {
            Self::Alarm => signs::<cloudwatch::AlarmTags>(reader, which).await,
            Self::Certificate => signs::<iam::CertificateTags>(reader, which).await,
            Self::Key => signs::<kms::KeyTags>(reader, which).await,
            Self::Policy => signs::<iam::PolicyTags>(reader, which).await,
            Self::Recorder => signs::<config::RecorderTags>(reader, which).await,
            Self::Topic => signs::<sns::TopicTags>(reader, which).await,
        }
    }
}

/// Some tags, and after which the next ones are asked for.
pub(super) type Page = (Vec<(String, String)>, Option<String>);

/// How the tags of one kind are asked for.
pub(super) trait Bears: Send + Sync + 'static {
    /// The name of the observation.
    const NAME: &'static str;
    /// Whether such an object is in a region.
    const SCOPE: Scope;
    /// The call.
    const CALL: Call;

    /// The tags of one of them; none where it has gone since it was listed.
    fn page(
        reader: &Reader,
        which: &str,
        after: Option<String>,
    ) -> impl Future<Output = Result<Page, ReadError>> + Send;
}

/// Which tags of an object say whose it is.
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub(super) struct TagsOf<K>(Signs, #[serde(skip)] PhantomData<fn() -> K>);

impl<K: Bears> Observe for TagsOf<K> {
    const NAME: &'static str = K::NAME;
    const HOME: Home = Home::Member;
    const SCOPE: Scope = K::SCOPE;
    const CALLS: &'static [Call] = &[K::CALL];
    const TOLD: &'static [Call] = Self::CALLS;
    /// The ARN, or what else AWS takes for it.
    type Key = String;

    async fn observe(reader: &Reader, which: &String) -> Result<Self, ReadError> {
        let mut tags = vec![];
        let mut after = None;
        loop {
            let (some, next) = K::page(reader, which, after).await?;
            tags.extend(some);
            after = next.filter(|next| !next.is_empty());
            if after.is_none() {
                return Ok(Self(Signs::of(tags), PhantomData));
            }
        }
    }
}

async fn signs<K: Bears>(reader: &Reader, which: &String) -> Result<Signs, ReadError> {
    // What is judged with its account may be in a region of its own, which its ARN names.
    let there = Region::of_arn(which).map_or_else(|| reader.clone(), |region| reader.in_region(&region));
    Ok(there.of::<TagsOf<K>>(which).await?.0.clone())
}
