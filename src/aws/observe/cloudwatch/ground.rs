//! The ground of alarms: the log group of a trail that records every region. They belong in the account that has it,
//! in the home region of the trail, and cover every account of which the trail records.

use serde::{Deserialize, Serialize};

use crate::observe::cloudtrail::{
    Listed, MANAGEMENT, MEMBER, SelectorsOf, StatusOf, TrailKey, Trails, VisibleTrails, Whose,
};
use crate::observe::{Home, ReadError, Reader, Reads};
use crate::ownership::is_control_towers;
use crate::target::{AccountId, Region};

/// A log group that gets what a trail records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The account that has it.
    pub account: AccountId,
    /// Its region, which is the trail's home.
    pub region: Region,
    /// The name of the trail.
    pub trail: String,
}

/// Where the alarms of an account belong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// In this log group of the account.
    Here(Group),
    /// In this one of another account: it gets what the organization's trail records here too.
    Elsewhere(Group),
    /// In that of the organization's trail, which does not deliver into one yet; the management account.
    Organizations(AccountId),
    /// In that of a trail of the account, which does not deliver into one yet.
    Missing,
}

impl Ground {
    /// Finds it: what costs members nothing more, the organization's trails, is asked first.
    pub(super) async fn of(reader: &Reader, whose: Whose) -> Result<Self, ReadError> {
        let management = reader.home(Home::Management).map(|management| management.at().account.clone());
        if management.as_ref() == Some(&reader.at().account) {
            let listed = reader.get::<Trails<MANAGEMENT>>().await?;
            let counts = |trail: &&Listed| whose == Whose::Account || is_organizations(trail);
            let listed: Vec<&Listed> = listed.0.iter().filter(counts).collect();
            return Ok(match best::<MANAGEMENT>(reader, &listed).await? {
                Some(group) => Self::whose(reader, group),
                None => Self::Missing,
            });
        }
        if let Some(group) = organizations(reader).await? {
            return Ok(Self::whose(reader, group));
        }
        if whose == Whose::Account || management.is_none() {
            let listed = reader.get::<Trails<MEMBER>>().await?;
            let own: Vec<&Listed> = listed.0.iter().collect();
            if let Some(group) = best::<MEMBER>(reader, &own).await? {
                return Ok(Self::whose(reader, group));
            }
            if !has_organizations(reader).await? {
                return Ok(Self::Missing);
            }
        }
        Ok(management.map_or(Self::Missing, Self::Organizations))
    }

    fn whose(reader: &Reader, group: Group) -> Self {
        if group.account == reader.at().account { Self::Here(group) } else { Self::Elsewhere(group) }
    }

    /// What [`Ground::of`] asks the reader for.
    pub(super) fn builds_on() -> Vec<Reads> {
        vec![
            Reads::of::<Trails<MEMBER>>(),
            Reads::of::<Trails<MANAGEMENT>>(),
            Reads::of::<VisibleTrails>(),
            Reads::of::<StatusOf<MEMBER>>(),
            Reads::of::<StatusOf<MANAGEMENT>>(),
            Reads::of::<SelectorsOf<MEMBER>>(),
            Reads::of::<SelectorsOf<MANAGEMENT>>(),
        ]
    }
}

/// A trail that could not be read may be the organization's.
fn is_organizations(trail: &Listed) -> bool {
    trail.facts.as_ref().map_or(true, |facts| facts.organization)
}

/// Whether the organization has a trail: what it delivers to one day is the ground of all its members.
async fn has_organizations(reader: &Reader) -> Result<bool, ReadError> {
    let has = |listed: &[Listed]| listed.iter().any(|trail| trail.facts.as_ref().is_ok_and(|facts| facts.organization));
    match reader.get::<Trails<MANAGEMENT>>().await {
        Ok(listed) => Ok(has(&listed.0)),
        Err(_) => Ok(has(&reader.get::<VisibleTrails>().await?.0)),
    }
}

/// The log group of the organization's trail, as the management account knows it, or else as this member sees it.
async fn organizations(reader: &Reader) -> Result<Option<Group>, ReadError> {
    if let Ok(listed) = reader.get::<Trails<MANAGEMENT>>().await {
        let listed: Vec<&Listed> = listed.0.iter().filter(|trail| is_organizations(trail)).collect();
        return best::<MANAGEMENT>(reader, &listed).await;
    }
    let visible = reader.get::<VisibleTrails>().await?;
    for (listed, group) in free_ones_first(&visible.0) {
        // A member may read the status of the organization's trail, and not its selectors.
        if reader.of::<StatusOf<MEMBER>>(&key(listed)).await?.0.logging {
            return Ok(Some(group));
        }
    }
    Ok(None)
}

fn key(listed: &Listed) -> TrailKey {
    TrailKey { arn: listed.arn.clone(), region: listed.home_region.clone() }
}

/// The log group into which a trail of every region delivers.
fn delivers(listed: &Listed) -> Option<Group> {
    let facts = listed.facts.as_ref().ok().filter(|facts| facts.multi_region)?;
    let parts: Vec<&str> = facts.log_group.as_deref()?.split(':').collect();
    let [_, _, "logs", region, account, "log-group", name, ..] = parts[..] else { return None };
    Some(Group {
        name: name.to_owned(),
        account: account.parse().ok()?,
        region: region.parse().ok()?,
        trail: listed.name.clone(),
    })
}

/// Trails whose log group anybody may write into come before those of Control Tower's, which nobody else does.
fn free_ones_first<'a>(listed: impl IntoIterator<Item = &'a Listed>) -> Vec<(&'a Listed, Group)> {
    let mut found: Vec<_> = listed.into_iter().filter_map(|trail| Some((trail, delivers(trail)?))).collect();
    found.sort_by_key(|(_, group)| is_control_towers(&group.name));
    found
}

/// The log group of the first of these trails that records every region and all management events, and is logging.
///
/// # Errors
/// None is known to, and one could not be read.
async fn best<const M: bool>(reader: &Reader, listed: &[&Listed]) -> Result<Option<Group>, ReadError> {
    let mut unread = None;
    for error in listed.iter().filter_map(|trail| trail.facts.as_ref().err()) {
        unread.get_or_insert_with(|| error.clone());
    }
    for (trail, group) in free_ones_first(listed.iter().copied()) {
        match records::<M>(reader, trail).await {
            Ok(true) => return Ok(Some(group)),
            Ok(false) => {}
            Err(error) => drop(unread.get_or_insert(error)),
        }
    }
    unread.map_or(Ok(None), Err)
}

async fn records<const M: bool>(reader: &Reader, trail: &Listed) -> Result<bool, ReadError> {
    if !reader.of::<StatusOf<M>>(&key(trail)).await?.0.logging {
        return Ok(false);
    }
    let selectors = reader.of::<SelectorsOf<M>>(&key(trail)).await?;
    Ok(selectors.0.log_management_events(&[]))
}
