//! Whether snapshots and images of a region can be shared with everybody.

use serde::{Deserialize, Serialize};

use super::{ask, call, client, declared, known, policies};
use crate::Session;
use crate::observe::organizations::Governing;
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::Target;

/// How far snapshots are kept from everybody, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sharing {
    /// They can be made public.
    Unblocked,
    /// No others can be made public.
    BlockNewSharing,
    /// None is, also of those that were made public before.
    BlockAllSharing,
}

impl Sharing {
    const ALL: [Self; 3] = [Self::Unblocked, Self::BlockNewSharing, Self::BlockAllSharing];

    /// The word of the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unblocked => "unblocked",
            Self::BlockNewSharing => "block-new-sharing",
            Self::BlockAllSharing => "block-all-sharing",
        }
    }
}

/// The snapshots of a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotSharing {
    /// How far they are kept from everybody.
    pub state: Sharing,
    /// A declarative policy of the organization says so.
    pub declared: bool,
    /// The policies that may be it, by name and id; none: not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Readable<Vec<String>>>,
    /// The snapshots that are public now, where they would be shut off.
    pub public: Vec<String>,
}

pub(crate) const GET_SNAPSHOTS: Call =
    call("GetSnapshotBlockPublicAccessState", "ec2:GetSnapshotBlockPublicAccessState");
const LIST_SNAPSHOTS: Call = call("DescribeSnapshots", "ec2:DescribeSnapshots");

impl Observe for SnapshotSharing {
    const NAME: &'static str = "ec2.snapshot_sharing";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[GET_SNAPSHOTS];
    /// Whether public snapshots would be shut off.
    type Key = bool;

    async fn observe(reader: &Reader, shuts_off: &bool) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let (state, declared) = snapshots(session, reader.at()).await?;
        let hits = *shuts_off && state < Sharing::BlockAllSharing && !declared;
        let public = if hits { reader.of::<PublicSnapshots>(&()).await?.0.clone() } else { vec![] };
        Ok(Self { state, declared, policies: policies(reader, declared).await, public })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<PublicSnapshots>(), Reads::of::<Governing>()]
    }
}

/// The account's own snapshots in a region that everybody may use, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicSnapshots(pub Vec<String>);

impl Observe for PublicSnapshots {
    const NAME: &'static str = "ec2.public_snapshots";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[LIST_SNAPSHOTS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        public(reader.session()?, reader.at()).await.map(Self)
    }
}

/// How far snapshots are kept from everybody, and whether a declarative policy says so.
pub(crate) async fn snapshots(session: &Session, at: &Target) -> Result<(Sharing, bool), ReadError> {
    let answer = ask(session, at, &GET_SNAPSHOTS).await?;
    let word = known(at, &GET_SNAPSHOTS, answer.need("state"))?;
    let state = Sharing::ALL.into_iter().find(|state| state.word() == word);
    let state =
        state.ok_or_else(|| ReadError::senseless(at, &GET_SNAPSHOTS, format!("the state {word} is not known")))?;
    Ok((state, declared(&answer)))
}

async fn public(session: &Session, at: &Target) -> Result<Vec<String>, ReadError> {
    let mut found = vec![];
    let mut next: Option<String> = None;
    loop {
        let asked = client(session, at).request(LIST_SNAPSHOTS.operation).with_all("Owner", ["self"]);
        let asked = asked.with_all("RestorableBy", ["all"]).with("MaxResults", 1000).with_some("NextToken", next);
        let page = session.ask(at, &LIST_SNAPSHOTS, asked.send()).await?;
        found.extend(page.items("snapshotSet").filter_map(|item| item.text("snapshotId").map(str::to_owned)));
        next = page.text("nextToken").map(str::to_owned);
        if next.is_none() {
            found.sort();
            return Ok(found);
        }
    }
}

/// The images of a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSharing {
    /// No others can be made public.
    pub blocked: bool,
    /// A declarative policy of the organization says so.
    pub declared: bool,
    /// The policies that may be it, by name and id; none: not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Readable<Vec<String>>>,
}

pub(crate) const GET_IMAGES: Call = call("GetImageBlockPublicAccessState", "ec2:GetImageBlockPublicAccessState");

impl Observe for ImageSharing {
    const NAME: &'static str = "ec2.image_sharing";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Region;
    const CALLS: &'static [Call] = &[GET_IMAGES];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let seen = images(reader.session()?, reader.at()).await?;
        let policies = policies(reader, seen.declared).await;
        Ok(Self { policies, ..seen })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Governing>()]
    }
}

/// Whether images can be made public.
pub(crate) async fn images(session: &Session, at: &Target) -> Result<ImageSharing, ReadError> {
    let answer = ask(session, at, &GET_IMAGES).await?;
    let blocked = match known(at, &GET_IMAGES, answer.need("imageBlockPublicAccessState"))? {
        "block-new-sharing" => true,
        "unblocked" => false,
        other => return Err(ReadError::senseless(at, &GET_IMAGES, format!("the state {other} is not known"))),
    };
    Ok(ImageSharing { blocked, declared: declared(&answer), policies: None })
}
