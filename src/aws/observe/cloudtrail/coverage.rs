//! All that has to be known to say which trail covers an account, and what is missing to make one.
//!
//! What costs nothing more is asked first: the organization's trails are read once for all members, and where one of
//! them meets everything, nothing is asked in the member at all. Tags, bucket and key of ours matter only when no
//! trail meets everything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::choice::{Choice, choose};
use super::insights::InsightsOf;
use super::reads::{SelectorsOf, StatusOf, TagsOf, TrailKey, Trails, VisibleTrails};
use super::{Asked, Facts, Listed, MANAGEMENT, MEMBER, Part, Trail, Whose};
use crate::observe::iam::{Role, RoleKey, RoleState};
use crate::observe::kms::named::{KeyName, KeyPolicy, KeyState, NamedKey};
use crate::observe::logs::{GroupState, LogGroup, LogGroupKey};
use crate::observe::organizations::TrustedServices;
use crate::observe::s3::{Bucket, BucketKey, BucketRegion};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};
use crate::target::{AccountId, Region};

/// CloudTrail as other services name it.
pub const PRINCIPAL: &str = "cloudtrail.amazonaws.com";

/// The trails that cover an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// Those that this account owns and that count.
    pub own: Vec<Trail>,
    /// The organization's, where another account owns them.
    pub organizations: Vec<Trail>,
    /// Every trail of the management account, where one of them is the organization's and none that counts here is known to
    /// meet everything: by them it is decided there which one is mended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub management: Vec<Trail>,
    /// Those that it owns and that do not count. They take names, and room for one of ours.
    pub uncounted: Vec<Listed>,
    /// What there is of the things that a trail of ours needs.
    pub making: Making,
}

/// What there is of the things that a trail needs; none: not asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Making {
    /// The region of that key: the bucket's, as CloudTrail has it. None: the trail's.
    pub key_region: Option<Region>,
    /// The wanted key, in the region where the trail needs it.
    pub key: Option<Readable<Option<KeyState>>>,
    /// The policy of that key, where there is one.
    pub key_policy: Option<Readable<String>>,
    /// The bucket.
    pub bucket: Option<Readable<Bucket>>,
    /// Whether the organization trusts CloudTrail.
    pub trusted: Option<Readable<bool>>,
    /// The wanted log group, in the trail's home region.
    #[serde(default)]
    pub log_group: Option<Readable<Option<GroupState>>>,
    /// The role by which a trail delivers there.
    #[serde(default)]
    pub log_role: Option<Readable<Option<RoleState>>>,
}

/// The inline policy of a role by which it writes to a log group.
pub const DELIVERY_POLICY: &str = "trueup-log-group";

impl Observe for Coverage {
    const NAME: &'static str = "cloudtrail.coverage";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    type Key = Asked;

    async fn observe(reader: &Reader, asked: &Asked) -> Result<Self, ReadError> {
        if asked.parts.is_empty() {
            return Ok(Self::default());
        }
        let management = reader.home(Home::Management);
        if management.is_some_and(|management| management.at().account == reader.at().account) {
            return of_management(reader, &keeper(reader, asked), asked).await;
        }
        if asked.log_account.as_ref() == Some(&reader.at().account)
            && let Some(seen) = as_it_is_mended(reader, asked).await
        {
            return Ok(seen);
        }
        let mut seen = of_organization(reader, asked).await?;
        if asked.whose == Whose::Organization || seen.organizations.iter().any(|trail| trail.meets_all(asked)) {
            return Ok(seen);
        }
        let listed = reader.get::<Trails<MEMBER>>().await?;
        let keeper = Ok(reader.clone());
        seen.own = complete::<MEMBER>(reader, &keeper, &listed.0, asked).await;
        if !seen.organizations.is_empty() && !seen.trails().any(|trail| trail.may_meet_all(asked)) {
            seen.management = of_whom_it_is_mended(reader, asked).await;
        }
        seen.look_further::<MEMBER>(reader, &keeper, asked).await;
        Ok(seen)
    }

    fn builds_on() -> Vec<Reads> {
        vec![
            Reads::of::<Trails<MEMBER>>(),
            Reads::of::<Trails<MANAGEMENT>>(),
            Reads::of::<VisibleTrails>(),
            Reads::of::<StatusOf<MEMBER>>(),
            Reads::of::<StatusOf<MANAGEMENT>>(),
            Reads::of::<SelectorsOf<MEMBER>>(),
            Reads::of::<SelectorsOf<MANAGEMENT>>(),
            Reads::of::<InsightsOf<MEMBER>>(),
            Reads::of::<InsightsOf<MANAGEMENT>>(),
            Reads::of::<TagsOf<MEMBER>>(),
            Reads::of::<TagsOf<MANAGEMENT>>(),
            Reads::of::<NamedKey<MEMBER>>(),
            Reads::of::<NamedKey<MANAGEMENT>>(),
            Reads::of::<KeyPolicy>(),
            Reads::of::<Bucket>(),
            Reads::of::<BucketRegion>(),
            Reads::of::<NamedKey<MEMBER>>().there(Home::LogArchive),
            Reads::of::<KeyPolicy>().there(Home::LogArchive),
            Reads::of::<Bucket>().there(Home::LogArchive),
            Reads::of::<BucketRegion>().there(Home::LogArchive),
            Reads::of::<TrustedServices>(),
            Reads::of::<LogGroup>(),
            Reads::of::<Role>(),
        ]
    }
}

/// The account that keeps bucket and key of a trail of this account.
type Keeper = Result<Reader, ReadError>;

fn keeper(reader: &Reader, asked: &Asked) -> Keeper {
    asked.log_account.as_ref().map_or_else(|| Ok(reader.clone()), |account| reader.named(account))
}

/// The organization's trails as the account sees them that keeps their bucket and key: with all that decides what is
/// done about them, so that it makes what they need and nothing else. None: the management account does not answer.
async fn as_it_is_mended(reader: &Reader, asked: &Asked) -> Option<Coverage> {
    let management = reader.home(Home::Management)?;
    let seen = of_management(&management, &Ok(reader.clone()), asked).await.ok()?;
    Some(Coverage { own: vec![], organizations: seen.own, ..seen })
}

/// The management account's own trails, of which the organization's are some.
async fn of_management(reader: &Reader, keeper: &Keeper, asked: &Asked) -> Result<Coverage, ReadError> {
    let listed = reader.get::<Trails<MANAGEMENT>>().await?;
    let counts = |trail: &&Listed| asked.whose == Whose::Account || is_organizations(trail);
    let counting: Vec<Listed> = listed.0.iter().filter(counts).cloned().collect();
    let mut seen = Coverage {
        uncounted: listed.0.iter().filter(|trail| !counts(trail)).cloned().collect(),
        own: complete::<MANAGEMENT>(reader, keeper, &counting, asked).await,
        ..Coverage::default()
    };
    seen.look_further::<MANAGEMENT>(reader, keeper, asked).await;
    Ok(seen)
}

/// The trails of the management account, with what decides there which of them is mended; none: it does not answer.
async fn of_whom_it_is_mended(reader: &Reader, asked: &Asked) -> Vec<Trail> {
    let Ok(listed) = reader.get::<Trails<MANAGEMENT>>().await else { return vec![] };
    let mut trails = complete::<MANAGEMENT>(reader, &Ok(reader.clone()), &listed.0, asked).await;
    read_tags::<MANAGEMENT>(reader, &mut trails).await;
    trails
}

/// A trail that could not be read may be the organization's.
fn is_organizations(trail: &Listed) -> bool {
    trail.facts.as_ref().map_or(true, |facts| facts.organization)
}

/// The organization's trails as the management account knows them, or else as this member sees them.
async fn of_organization(reader: &Reader, asked: &Asked) -> Result<Coverage, ReadError> {
    let error = match reader.get::<Trails<MANAGEMENT>>().await {
        Ok(listed) => {
            let listed: Vec<Listed> = listed.0.iter().filter(|trail| is_organizations(trail)).cloned().collect();
            let mut organizations = complete::<MANAGEMENT>(reader, &keeper(reader, asked), &listed, asked).await;
            if !organizations.iter().any(|trail| trail.may_meet_all(asked)) && asked.whose == Whose::Organization {
                read_tags::<MANAGEMENT>(reader, &mut organizations).await;
            }
            return Ok(Coverage { organizations, ..Coverage::default() });
        }
        Err(error) => error,
    };
    let visible = reader.get::<VisibleTrails>().await?;
    let mut organizations = vec![];
    for listed in &visible.0 {
        organizations.push(as_a_member_sees(reader, listed, asked, &error).await);
    }
    Ok(Coverage { organizations, ..Coverage::default() })
}

/// A member may read an organization trail's status and not its selectors; its key lives in another account.
async fn as_a_member_sees(reader: &Reader, listed: &Listed, asked: &Asked, error: &ReadError) -> Trail {
    let key = TrailKey { arn: listed.arn.clone(), region: listed.home_region.clone() };
    let has = |what: fn(&Facts) -> bool| listed.facts.as_ref().is_ok_and(what);
    Trail {
        listed: listed.clone(),
        status: if asked.asks_for_status() {
            Some(reader.of::<StatusOf<MEMBER>>(&key).await.map(|status| status.0.clone()).into())
        } else {
            None
        },
        selectors: has(|facts| facts.custom_selectors).then(|| Readable::Unreadable(error.clone())),
        insights: has(|facts| facts.insights).then(|| Readable::Unreadable(error.clone())),
        wanted_key: Some(Readable::Unreadable(error.clone())),
        signs: None,
    }
}

/// These trails with everything that is asked about them.
async fn complete<const M: bool>(reader: &Reader, keeper: &Keeper, listed: &[Listed], asked: &Asked) -> Vec<Trail> {
    futures::future::join_all(listed.iter().map(|listed| complete_one::<M>(reader, keeper, listed, asked))).await
}

async fn complete_one<const M: bool>(reader: &Reader, keeper: &Keeper, listed: &Listed, asked: &Asked) -> Trail {
    let key = TrailKey { arn: listed.arn.clone(), region: listed.home_region.clone() };
    let mut trail = Trail::only_listed(listed);
    let Ok(facts) = &listed.facts else { return trail };
    if asked.asks_for_status() {
        trail.status = Some(reader.of::<StatusOf<M>>(&key).await.map(|status| status.0.clone()).into());
    }
    // `HasCustomEventSelectors` would save the call, but not all who speak the protocol set it, and a trail that leaves
    // events out must never pass for one that logs all.
    if asked.asks_for_events() || asked.mend {
        trail.selectors = Some(reader.of::<SelectorsOf<M>>(&key).await.map(|found| found.0.clone()).into());
    }
    if asked.asks(Part::Insights) && facts.insights {
        trail.insights = Some(reader.of::<InsightsOf<M>>(&key).await.map(|found| found.0.clone()).into());
    }
    if let (Some(own), Some(wanted)) = (&facts.kms_key, &asked.kms_key) {
        let name = if asked.any_key { own } else { wanted };
        // The key lives where the bucket does, which may be another region than the trail's.
        let region = region_of(own).unwrap_or_else(|| listed.home_region.clone());
        trail.wanted_key = Some(wanted_key::<M>(reader, keeper, asked, &region, name).await);
    }
    trail
}

/// A key as the account knows it that keeps the keys of such trails; one of another account, whose ARN says so, as the
/// account of the trail knows it.
async fn wanted_key<const M: bool>(
    reader: &Reader,
    keeper: &Keeper,
    asked: &Asked,
    region: &Region,
    name: &str,
) -> Readable<Option<KeyState>> {
    let key = KeyName { region: region_of(name).unwrap_or_else(|| region.clone()), name: name.to_owned() };
    let keeps = |account: &AccountId| !name.starts_with("arn:") || name.contains(&format!(":{account}:"));
    if !asked.log_account.as_ref().is_some_and(keeps) {
        return reader.of::<NamedKey<M>>(&key).await.map(|key| key.0.clone()).into();
    }
    match keeper {
        Ok(keeper) => keeper.of::<NamedKey<MEMBER>>(&key).await.map(|key| key.0.clone()).into(),
        Err(error) => Readable::Unreadable(error.clone()),
    }
}

/// The region that a key's ARN names.
fn region_of(name: &str) -> Option<Region> {
    name.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(2)).and_then(|region| region.parse().ok())
}

async fn read_tags<const M: bool>(reader: &Reader, trails: &mut [Trail]) {
    let mut by_region: BTreeMap<Region, Vec<String>> = BTreeMap::new();
    for trail in trails.iter() {
        by_region.entry(trail.listed.home_region.clone()).or_default().push(trail.listed.arn.clone());
    }
    for key in by_region {
        let tags = reader.of::<TagsOf<M>>(&key).await;
        for trail in trails.iter_mut().filter(|trail| trail.listed.home_region == key.0) {
            let signs = tags.clone().map(|tags| tags.0.get(&trail.listed.arn).cloned().unwrap_or_default());
            trail.signs = Some(signs.into());
        }
    }
}

impl Coverage {
    /// Every trail that counts.
    pub fn trails(&self) -> impl Iterator<Item = &Trail> {
        self.own.iter().chain(&self.organizations)
    }

    /// What happens to the organization's trail in the management account, where that is held to the same: none where
    /// another trail covers that account, or where the organization's is left alone.
    #[must_use]
    pub fn for_all(&self, asked: &Asked) -> Option<Choice<'_>> {
        let asked = Asked { name: asked.name_there.clone(), ..asked.clone() };
        if self.management.is_empty() || self.management.iter().any(|trail| trail.may_meet_all(&asked)) {
            return None;
        }
        match choose(&self.management, &asked) {
            Choice::Mend(trail) | Choice::Owned(trail, _) if !is_organizations(&trail.listed) => None,
            Choice::Make => None,
            choice => Some(choice),
        }
    }

    /// Reads what mending takes, where no trail meets everything.
    async fn look_further<const M: bool>(&mut self, reader: &Reader, keeper: &Keeper, asked: &Asked) {
        if self.trails().any(|trail| trail.may_meet_all(asked)) {
            return;
        }
        read_tags::<M>(reader, &mut self.own).await;
        let mut making = Making::default();
        let lacks = |trail: &Trail, part| asked.asks(part) && matches!(trail.met(part, asked), super::Met::No(_));
        let (home, key_in) = match choose(&self.own, asked) {
            Choice::Unclear(_) | Choice::Owned(..) => return,
            // What is mended for all covers this account too.
            Choice::Make if self.for_all(asked).is_some() => return,
            Choice::Mend(trail) => {
                let home = trail.listed.home_region.clone();
                let unconnected = trail.listed.facts.as_ref().is_ok_and(|facts| facts.log_group.is_none());
                let key_in = if lacks(trail, Part::Kms) {
                    // The key lives where the bucket does, and what that encrypts by decides what the key has to allow.
                    making.key_region = bucket_region(keeper, trail).await;
                    let region = making.key_region.clone().unwrap_or_else(|| home.clone());
                    if let Ok(facts) = &trail.listed.facts {
                        making.bucket = Some(bucket_of(keeper, &facts.bucket, &region).await);
                    }
                    Some(region)
                } else {
                    None
                };
                (unconnected.then_some(home), key_in)
            }
            Choice::Make => {
                let region = reader.home_region().clone();
                making.bucket = Some(bucket_of(keeper, &asked.bucket, &region).await);
                if asked.whose == Whose::Organization {
                    let trusted = reader.get::<TrustedServices>().await;
                    making.trusted = Some(trusted.map(|trusted| trusted.0.contains(PRINCIPAL)).into());
                }
                (Some(region.clone()), Some(region))
            }
        };
        if let Some(region) = home.filter(|_| asked.asks(Part::CloudwatchLogs)) {
            making.read_delivery(reader, region, asked).await;
        }
        if let (Some(name), Some(region)) = (&asked.kms_key, key_in) {
            let key = wanted_key::<M>(reader, keeper, asked, &region, name).await;
            making.key_policy = policy_of(keeper, &key).await;
            making.key = Some(key);
        }
        self.making = making;
    }
}

impl Making {
    /// Reads the log group and the role by which a trail delivers there. Both are the trail's account's, whoever keeps
    /// its bucket.
    async fn read_delivery(&mut self, reader: &Reader, region: Region, asked: &Asked) {
        let group = LogGroupKey { region, name: asked.delivery.group.clone() };
        let role = RoleKey { role: asked.delivery.role.clone(), policy: DELIVERY_POLICY.to_owned() };
        let (group, role) = futures::future::join(reader.of::<LogGroup>(&group), reader.of::<Role>(&role)).await;
        self.log_group = Some(group.map(|group| group.0.clone()).into());
        self.log_role = Some(role.map(|role| role.0.clone()).into());
    }
}

/// A bucket, as the account sees it that keeps it.
async fn bucket_of(keeper: &Keeper, name: &str, region: &Region) -> Readable<Bucket> {
    let key = BucketKey { name: name.to_owned(), region: region.clone() };
    match keeper {
        Ok(keeper) => keeper.of::<Bucket>(&key).await.map(|bucket| (*bucket).clone()).into(),
        Err(error) => Readable::Unreadable(error.clone()),
    }
}

/// The region of the bucket that a trail delivers into. Where nobody says it, CloudTrail is left to judge.
async fn bucket_region(keeper: &Keeper, trail: &Trail) -> Option<Region> {
    let name = trail.listed.facts.as_ref().ok()?.bucket.clone();
    let key = BucketKey { name, region: trail.listed.home_region.clone() };
    keeper.as_ref().ok()?.of::<BucketRegion>(&key).await.ok()?.0.clone()
}

/// The policy of a key of the account that keeps them: another account's key is asked for nothing more.
async fn policy_of(keeper: &Keeper, key: &Readable<Option<KeyState>>) -> Option<Readable<String>> {
    let reader = keeper.as_ref().ok()?;
    let state = key.as_result().ok()?.as_ref()?;
    let region = region_of(&state.arn).unwrap_or_else(|| reader.home_region().clone());
    if !state.arn.contains(&format!(":{}:", reader.at().account)) {
        return None;
    }
    let policy = reader.of::<KeyPolicy>(&KeyName { region, name: state.arn.clone() }).await;
    Some(policy.map(|policy| policy.0.clone()).into())
}
