//! The public access block of an account.

use aws_sdk_s3control::types as control;
use serde::{Deserialize, Serialize};

use super::{OpenBucket, OpenBuckets, Switches};
use crate::observe::organizations::{Governed, Governing};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::ownership::PolicyType;
use crate::target::Target;
use crate::{Absent, Session};

pub(crate) const GET_ACCOUNT_BLOCK: Call =
    Call { service: "S3 Control", operation: "GetPublicAccessBlock", action: "s3:GetAccountPublicAccessBlock" };

/// The switches that are on for all buckets of an account; none: there is no block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSwitches(pub Option<Switches>);

impl Observe for AccountSwitches {
    const NAME: &'static str = "s3.account_switches";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_ACCOUNT_BLOCK];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        switches_of_account(reader.session()?, reader.at()).await.map(Self)
    }
}

/// The public access block of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountBlock {
    /// What is in force; none: there is no block.
    pub switches: Option<Switches>,
    /// What the organization's policies say; asked only where a switch is off that shall be on.
    pub policy: Option<Readable<Option<Governed>>>,
    /// The buckets that anybody reaches, where switches have to change.
    pub open: Vec<OpenBucket>,
}

impl Observe for AccountBlock {
    const NAME: &'static str = "s3.account_block";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    /// What shall be on.
    type Key = Switches;

    async fn observe(reader: &Reader, wanted: &Switches) -> Result<Self, ReadError> {
        let switches = reader.get::<AccountSwitches>().await?.0;
        let mut seen = Self { switches, policy: None, open: vec![] };
        if switches.unwrap_or_default().cover(*wanted) {
            return Ok(seen);
        }
        let governing = reader.of::<Governing>(&PolicyType::S3).await.map(|governing| governing.0.clone());
        if governing == Ok(None) {
            seen.open.clone_from(&reader.get::<OpenBuckets>().await?.0);
        }
        seen.policy = Some(governing.into());
        Ok(seen)
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<AccountSwitches>(), Reads::of::<Governing>(), Reads::of::<OpenBuckets>()]
    }
}

/// What is in force of an account's block; none: there is none.
pub(crate) async fn switches_of_account(session: &Session, at: &Target) -> Result<Option<Switches>, ReadError> {
    let client = session.s3_control(session.home_region());
    let asked = client.get_public_access_block().account_id(at.account.as_str());
    let sending = async { asked.send().await.absent_on(&["NoSuchPublicAccessBlockConfiguration"]) };
    let answer = session.ask(at, &GET_ACCOUNT_BLOCK, sending).await?;
    Ok(answer.and_then(|answer| answer.public_access_block_configuration).map(|block| switches(&block)))
}

fn switches(block: &control::PublicAccessBlockConfiguration) -> Switches {
    Switches {
        block_public_acls: block.block_public_acls() == Some(true),
        ignore_public_acls: block.ignore_public_acls() == Some(true),
        block_public_policy: block.block_public_policy() == Some(true),
        restrict_public_buckets: block.restrict_public_buckets() == Some(true),
    }
}

/// The switches as the API takes them for an account.
pub(crate) fn in_api_of_account(switches: Switches) -> control::PublicAccessBlockConfiguration {
    control::PublicAccessBlockConfiguration::builder()
        .block_public_acls(switches.block_public_acls)
        .ignore_public_acls(switches.ignore_public_acls)
        .block_public_policy(switches.block_public_policy)
        .restrict_public_buckets(switches.restrict_public_buckets)
        .build()
}
