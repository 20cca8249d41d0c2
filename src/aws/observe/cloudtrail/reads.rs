//! The single reads that [`Coverage`](super::Coverage) is put together from.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::types as sdk;
use serde::{Deserialize, Serialize};

use super::selectors::{AdvancedSelector, BasicSelector, DataResource, FieldSelector, Selectors};
use super::{Facts, Listed, Status, home};
use crate::observe::sts::Accepted;
use crate::observe::{Call, Class, Home, Observe, ReadError, Reader, Scope};
use crate::ownership::Signs;
use crate::target::{Region, Target};
use crate::{Clock, Session};

/// Everything here is read of trails that live in a region, whatever region is judged.
pub(super) fn at(reader: &Reader, region: &Region) -> Target {
    Target { account: reader.at().account.clone(), region: Some(region.clone()) }
}

const LIST_TRAILS: Call = Call { service: "CloudTrail", operation: "ListTrails", action: "cloudtrail:ListTrails" };
pub(crate) const DESCRIBE_TRAILS: Call =
    Call { service: "CloudTrail", operation: "DescribeTrails", action: "cloudtrail:DescribeTrails" };

/// The trails that an account owns, in whatever region they live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trails<const MANAGEMENT: bool>(pub Vec<Listed>);

impl<const MANAGEMENT: bool> Observe for Trails<MANAGEMENT> {
    const NAME: &'static str = if MANAGEMENT { "cloudtrail.management.trails" } else { "cloudtrail.trails" };
    const HOME: Home = home(MANAGEMENT);
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[LIST_TRAILS, DESCRIBE_TRAILS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let mut by_region: BTreeMap<Region, BTreeSet<(String, String)>> = BTreeMap::new();
        for asked in asked_regions(reader, session) {
            let found = match list(session, &at(reader, asked), asked).await {
                Err(error) if is_not_enabled(reader, asked, &error).await => continue,
                found => found?,
            };
            for (arn, name, region) in found {
                by_region.entry(region).or_default().insert((arn, name));
            }
        }
        let mut trails = vec![];
        for (region, listed) in by_region {
            let arns = listed.iter().map(|(arn, _)| arn.clone()).collect();
            let described = describe(session, &at(reader, &region), &region, Some(arns)).await;
            for (arn, name) in listed {
                let facts = match &described {
                    Err(error) => Err(error.clone()),
                    Ok(described) => match described.iter().find(|(known, _)| known.arn == arn) {
                        Some((_, facts)) => Ok(facts.clone()),
                        // It was deleted between the two calls.
                        None => continue,
                    },
                };
                trails.push(Listed { arn, name, home_region: region.clone(), facts });
            }
        }
        Ok(Self(trails))
    }
}

/// AWS lists an account's trails from any region; emulators list those that they show in the region that is asked.
fn asked_regions<'a>(reader: &'a Reader, session: &Session) -> Vec<&'a Region> {
    let home = reader.home_region();
    let others =
        reader.listed_regions().iter().filter(|region| session.has_own_endpoint("CloudTrail") && *region != home);
    std::iter::once(home).chain(others).collect()
}

/// Whether the account has no trails in a region, because the region is not enabled there. A session that is accepted
/// nowhere any more is refused in the same words, so it is asked at home, and afresh.
async fn is_not_enabled(reader: &Reader, region: &Region, error: &ReadError) -> bool {
    error.class == Class::RegionDisabled
        && region != reader.home_region()
        && Accepted::observe(&reader.at_account(), &()).await.is_ok()
}

/// ARN, name and home region of the account's own trails: a member's list also shows the organization's.
async fn list(session: &Session, at: &Target, region: &Region) -> Result<Vec<(String, String, Region)>, ReadError> {
    let owner = format!(":{}:trail/", at.account);
    let mut found = vec![];
    let mut next: Option<String> = None;
    loop {
        let asked = session.cloudtrail(region).list_trails().set_next_token(next);
        let page = session.ask(at, &LIST_TRAILS, asked.send()).await?;
        for trail in page.trails() {
            let (Some(arn), Some(name)) = (trail.trail_arn(), trail.name()) else { continue };
            let home = trail.home_region().map_or_else(|| Ok(region.clone()), str::parse);
            if let (true, Ok(home)) = (arn.contains(&owner), home) {
                found.push((arn.to_owned(), name.to_owned(), home));
            }
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            found.sort();
            return Ok(found);
        }
    }
}

/// What a trail is called, and where it lives.
struct Named {
    arn: String,
    name: String,
    home_region: Region,
}

async fn describe(
    session: &Session,
    at: &Target,
    region: &Region,
    arns: Option<Vec<String>>,
) -> Result<Vec<(Named, Facts)>, ReadError> {
    let asked = session.cloudtrail(region).describe_trails().set_trail_name_list(arns);
    let answer = session.ask(at, &DESCRIBE_TRAILS, asked.send()).await?;
    let described = answer.trail_list().iter().filter_map(|trail| {
        let home_region = trail.home_region().and_then(|home| home.parse().ok()).unwrap_or_else(|| region.clone());
        let named = Named { arn: trail.trail_arn()?.to_owned(), name: trail.name()?.to_owned(), home_region };
        Some((named, facts(trail)))
    });
    Ok(described.collect())
}

fn facts(trail: &sdk::Trail) -> Facts {
    let yes = |flag: Option<bool>| flag.unwrap_or(false);
    Facts {
        multi_region: yes(trail.is_multi_region_trail()) && yes(trail.include_global_service_events()),
        organization: yes(trail.is_organization_trail()),
        validation: yes(trail.log_file_validation_enabled()),
        custom_selectors: yes(trail.has_custom_event_selectors()),
        insights: yes(trail.has_insight_selectors()),
        kms_key: some_text(trail.kms_key_id()),
        bucket: trail.s3_bucket_name().unwrap_or_default().to_owned(),
        prefix: some_text(trail.s3_key_prefix()),
        log_group: some_text(trail.cloud_watch_logs_log_group_arn()),
    }
}

/// Some who speak CloudTrail's protocol answer what is not there as an empty text.
fn some_text(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The organization's trails as a member sees them: all there is where the management account cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisibleTrails(pub Vec<Listed>);

impl Observe for VisibleTrails {
    const NAME: &'static str = "cloudtrail.visible_trails";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[DESCRIBE_TRAILS];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let region = reader.home_region();
        let described = describe(reader.session()?, &at(reader, region), region, None).await?;
        let organizations = described.into_iter().filter(|(_, facts)| facts.organization);
        let listed = organizations.map(|(named, facts)| {
            let Named { arn, name, home_region } = named;
            Listed { arn, name, home_region, facts: Ok(facts) }
        });
        Ok(Self(listed.collect()))
    }
}

/// One trail, where it lives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrailKey {
    /// Its ARN.
    pub arn: String,
    /// Its home region.
    pub region: Region,
}

/// Whether a trail works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusOf<const MANAGEMENT: bool>(pub Status);

impl<const MANAGEMENT: bool> Observe for StatusOf<MANAGEMENT> {
    const NAME: &'static str = if MANAGEMENT { "cloudtrail.management.status" } else { "cloudtrail.status" };
    const HOME: Home = home(MANAGEMENT);
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] =
        &[Call { service: "CloudTrail", operation: "GetTrailStatus", action: "cloudtrail:GetTrailStatus" }];
    type Key = TrailKey;

    async fn observe(reader: &Reader, key: &TrailKey) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let clock = Clock::default();
        let asked = session.cloudtrail(&key.region).get_trail_status().name(&key.arn);
        let asked = asked.customize().interceptor(clock.clone());
        let answer = session.ask(&at(reader, &key.region), &Self::CALLS[0], asked.send()).await?;
        let GetTrailStatusOutput { start_logging_time: started, .. } = answer;
        Ok(Self(Status {
            // How old a delivery is depends on when it was asked about, and not on when it is judged.
            said: clock.seconds().unwrap_or_else(|| session.now()),
            started: started.map(|time| time.secs()),
            logs_delivered: answer.latest_cloud_watch_logs_delivery_time().map(aws_smithy_types::DateTime::secs),
            logs_error: some_text(answer.latest_cloud_watch_logs_delivery_error()),
            logging: answer.is_logging().unwrap_or(false),
            delivery_error: some_text(answer.latest_delivery_error()),
            digest_error: some_text(answer.latest_digest_delivery_error()),
        }))
    }
}

/// The event selectors of a trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelectorsOf<const MANAGEMENT: bool>(pub Selectors);

impl<const MANAGEMENT: bool> Observe for SelectorsOf<MANAGEMENT> {
    const NAME: &'static str = if MANAGEMENT { "cloudtrail.management.selectors" } else { "cloudtrail.selectors" };
    const HOME: Home = home(MANAGEMENT);
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GET_SELECTORS];
    type Key = TrailKey;

    async fn observe(reader: &Reader, key: &TrailKey) -> Result<Self, ReadError> {
        selectors(reader.session()?, &at(reader, &key.region), &key.region, &key.arn).await.map(Self)
    }
}

/// The call that reads the event selectors of a trail.
pub(crate) const GET_SELECTORS: Call =
    Call { service: "CloudTrail", operation: "GetEventSelectors", action: "cloudtrail:GetEventSelectors" };

/// The event selectors of the trail with this ARN.
pub(crate) async fn selectors(
    session: &Session,
    at: &Target,
    region: &Region,
    arn: &str,
) -> Result<Selectors, ReadError> {
    let asked = session.cloudtrail(region).get_event_selectors().trail_name(arn);
    let answer = session.ask(at, &GET_SELECTORS, asked.send()).await?;
    let advanced = answer.advanced_event_selectors();
    Ok(if advanced.is_empty() {
        Selectors::Basic(answer.event_selectors().iter().map(basic).collect())
    } else {
        Selectors::Advanced(advanced.iter().map(self::advanced).collect())
    })
}

fn basic(selector: &sdk::EventSelector) -> BasicSelector {
    let resource = |resource: &sdk::DataResource| DataResource {
        kind: resource.r#type().unwrap_or_default().to_owned(),
        values: resource.values().to_vec(),
    };
    BasicSelector {
        // What is left out is AWS's default.
        read_write: selector.read_write_type().map_or("All", sdk::ReadWriteType::as_str).to_owned(),
        management: selector.include_management_events().unwrap_or(true),
        excluded: selector.exclude_management_event_sources().to_vec(),
        resources: selector.data_resources().iter().map(resource).collect(),
    }
}

fn advanced(selector: &sdk::AdvancedEventSelector) -> AdvancedSelector {
    let field = |one: &sdk::AdvancedFieldSelector| FieldSelector {
        field: one.field().to_owned(),
        equals: one.equals().to_vec(),
        starts_with: one.starts_with().to_vec(),
        ends_with: one.ends_with().to_vec(),
        not_equals: one.not_equals().to_vec(),
        not_starts_with: one.not_starts_with().to_vec(),
        not_ends_with: one.not_ends_with().to_vec(),
    };
    AdvancedSelector {
        name: some_text(selector.name()),
        fields: selector.field_selectors().iter().map(field).collect(),
    }
}

/// The tags of a region's trails that say who made them and who looks after them, by ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagsOf<const MANAGEMENT: bool>(pub BTreeMap<String, Signs>);

/// As many ARNs as one `ListTags` takes.
const AT_ONCE: usize = 20;

impl<const MANAGEMENT: bool> Observe for TagsOf<MANAGEMENT> {
    const NAME: &'static str = if MANAGEMENT { "cloudtrail.management.tags" } else { "cloudtrail.tags" };
    const HOME: Home = home(MANAGEMENT);
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] =
        &[Call { service: "CloudTrail", operation: "ListTags", action: "cloudtrail:ListTags" }];
    /// A home region, and the ARNs of trails that live there.
    type Key = (Region, Vec<String>);

    async fn observe(reader: &Reader, (region, arns): &(Region, Vec<String>)) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let mut tagged = BTreeMap::new();
        for some in arns.chunks(AT_ONCE) {
            let mut next: Option<String> = None;
            loop {
                let asked = session.cloudtrail(region).list_tags().set_resource_id_list(Some(some.to_vec()));
                let asked = asked.set_next_token(next);
                let page = session.ask(&at(reader, region), &Self::CALLS[0], asked.send()).await?;
                let of_trails = page.resource_tag_list().iter().filter_map(|one| {
                    let tags = one.tags_list().iter().map(|tag| (tag.key(), tag.value().unwrap_or_default()));
                    Some((one.resource_id()?.to_owned(), Signs::of(tags)))
                });
                tagged.extend(of_trails);
                next = page.next_token.filter(|token| !token.is_empty());
                if next.is_none() {
                    break;
                }
            }
        }
        Ok(Self(tagged))
    }
}
