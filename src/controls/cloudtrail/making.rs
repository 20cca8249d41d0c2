//! What makes a trail where there is none to mend: the key, the bucket, and the trail.

use serde_json::json;

use super::bucket::needed as bucket;
use super::key;
use super::logs;
use super::trail::{Case, drifted, not_yet, requirement};
use crate::controls::log_bucket::control_towers;
use crate::controls::need::Need;
use crate::drift::{Bench, Fix, Judged};
use crate::observe::cloudtrail::{Insights, Listed, PRINCIPAL, Part, Selectors, Trail, Whole, Whose};
use crate::ownership::is_control_towers;
use crate::steps::Step;
use crate::steps::cloudtrail::{Copies, CreateTrail, PutEventSelectors, PutInsightSelectors, StartLogging};
use crate::steps::organizations::EnableServiceAccess;
use crate::target::{Object, Region};

/// As many trails as AWS lets show in a region, those of other regions and of the organization included.
pub(super) const MOST_TRAILS: usize = 5;

/// Every trail that shows in the account.
pub(super) fn showing<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Listed> {
    case.seen.trails().map(|trail| &trail.listed).chain(&case.seen.uncounted)
}

/// A region that has no room for one more trail: this one, or, as a trail of every region takes room in each, another
/// in which some live.
pub(super) fn full<'a>(case: &Case<'a>, region: &'a Region, everywhere: bool) -> Option<&'a Region> {
    let others = showing(case).map(|trail| &trail.home_region).filter(|_| everywhere);
    let shown = |region: &Region| showing(case).filter(|trail| trail.shows_in(region)).count();
    std::iter::once(region).chain(others).find(|region| shown(region) >= MOST_TRAILS)
}

/// Whom a trail gives a copy that is not the first, once it logs more: another that shows in the account may log the
/// same, unless it is known to be switched off.
pub(super) fn copies(case: &Case<'_>, trail: Option<&Trail>, organization: bool) -> Copies {
    let off = |other: &Trail| {
        let status = other.status.as_ref().and_then(|status| status.as_result().ok());
        status.is_some_and(|status| !status.logging)
    };
    let mut others = case.seen.trails().filter(|other| Some(*other) != trail && !off(other));
    if others.next().is_some() || !case.seen.uncounted.is_empty() {
        Copies::Second
    } else if organization {
        Copies::OfMembers
    } else {
        Copies::First
    }
}

/// Whether one of these is asked of a trail of every region alone.
fn everywhere(parts: &[Part]) -> bool {
    parts.iter().any(|part| part.is_everywhere())
}

/// A trail that is made.
pub(super) struct Making<'a> {
    pub(super) case: &'a Case<'a>,
}

impl Making<'_> {
    pub(super) fn judged(&self, bench: Bench<'_>) -> Vec<Judged> {
        let mut trail = bench.mend(not_yet);
        let Some(drift) = &mut trail.drift else { return vec![trail] };
        let parts = drifted(drift, self.case.asked);
        if let Some(words) = self.hindrance(&parts) {
            drift.fix = Fix::Manual(words);
            return vec![trail];
        }
        let address = drift.object.address();
        let judged = |needs: Vec<Need>| needs.into_iter().filter_map(Need::into_judged).collect::<Vec<Judged>>();
        let (kept, own) = (judged(self.needed(&parts)), judged(self.needed_beside(&parts)));
        let needs = kept.iter().chain(&own).map(|judged| judged.object.clone()).collect();
        drift.fix = Fix::Steps { steps: self.steps(&parts, address), needs };
        // What is kept elsewhere is planned there; that it could not be read is said here as well.
        let here = kept.into_iter().filter(|one| self.case.is_kept_here() || one.why_unread().is_some());
        std::iter::once(trail).chain(here).chain(own).collect()
    }

    /// What has to be there before the trail, in its own account.
    fn needed_beside(&self, parts: &[Part]) -> Vec<Need> {
        let delivers = parts.contains(&Part::CloudwatchLogs);
        let logs = delivers.then(|| logs::needed(self.case, self.case.context.home_region, &self.arn()));
        logs.into_iter().flatten().chain([self.trust(parts)]).collect()
    }

    /// What has to be there before the trail, wherever it is kept. Nothing for a trail that cannot be made.
    pub(super) fn needed(&self, parts: &[Part]) -> Vec<Need> {
        if self.hindrance(parts).is_some() {
            return vec![];
        }
        let region = self.case.context.home_region;
        let key = parts.contains(&Part::Kms).then(|| key::needed(self.case, region, &self.arn()));
        key.into_iter().chain([bucket::needed(self.case, &self.arn(), parts)]).collect()
    }

    fn arn(&self) -> String {
        let Case { context, asked, .. } = self.case;
        let (region, account) = (context.home_region, self.case.owner());
        format!("arn:{}:cloudtrail:{region}:{account}:trail/{}", context.partition, asked.name)
    }

    /// Why a trail of this name cannot be made, in words that say what to do.
    fn hindrance(&self, parts: &[Part]) -> Option<String> {
        let Case { context, asked, .. } = self.case;
        if is_control_towers(&asked.name) {
            return Some(control_towers(&asked.name, "name"));
        }
        if let Some(words) = self.taken().or_else(|| self.full(parts)) {
            return Some(words);
        }
        let unknown = asked.whose == Whose::Organization && context.organization.is_none();
        unknown.then(|| "the id of the organization is not known: allow organizations:DescribeOrganization".to_owned())
    }

    /// What the organization's trust in CloudTrail needs: nothing, unless it is not known. It is a step of the trail.
    fn trust(&self, parts: &[Part]) -> Need {
        let trusted = self.case.seen.making.trusted.as_ref();
        match (trusted.and_then(|trusted| trusted.as_result().err()), parts.first()) {
            (Some(error), Some(part)) if self.case.asked.whose == Whose::Organization => {
                let at = self.case.context.at.clone();
                let object =
                    Object { at, kind: "organizations.trusted_service".to_owned(), name: PRINCIPAL.to_owned() };
                Need::unread(object, requirement(*part), json!(true), error)
            }
            _ => Need::Nothing,
        }
    }

    /// Whether another trail has the name already: one of every region has it in every region.
    fn taken(&self) -> Option<String> {
        let (name, home) = (&self.case.asked.name, self.case.context.home_region);
        let other = showing(self.case).find(|trail| trail.name == *name && trail.shows_in(home))?;
        let what = match &other.facts {
            Ok(facts) if facts.organization => "the organization's",
            _ => "not the organization's",
        };
        Some(format!("there is a trail {name} that is {what}: give another name by the setting `name`"))
    }

    /// Whether there is no room for one more.
    fn full(&self, parts: &[Part]) -> Option<String> {
        let region = full(self.case, self.case.context.home_region, everywhere(parts))?;
        Some(format!(
            "{region} shows {MOST_TRAILS} trails already, and AWS makes no more: delete one, or let one be mended by \
             `existing: mend`"
        ))
    }

    fn steps(&self, parts: &[Part], address: String) -> Vec<Step> {
        let Case { context, seen, asked } = self.case;
        let has = |part: Part| parts.contains(&part);
        let distrusts = seen.making.trusted.as_ref().is_some_and(|trusted| trusted.as_result() == Ok(&false));
        let copies = copies(self.case, None, asked.whose == Whose::Organization);
        let (excluded, partition) = (asked.excluded_sources.as_slice(), context.partition.as_str());
        let whole = Whole { excluded, partition, log_bucket: &asked.bucket };
        // A trail that was just made logs all management events.
        let made = Selectors::Basic(vec![]);
        let adds = parts.iter().filter_map(|part| part.events()).filter(|events| !made.log(*events, whole)).collect();
        let selectors = Some(made.with(&adds, whole)).filter(|selectors| *selectors != made);
        let insights = if has(Part::Insights) { Insights::default().with_all() } else { Insights::default() };
        let mut steps = vec![];
        if asked.whose == Whose::Organization && distrusts {
            steps.push(Step::EnableServiceAccess(EnableServiceAccess { principal: PRINCIPAL.to_owned() }));
        }
        steps.push(Step::CreateTrail(CreateTrail {
            name: asked.name.clone(),
            region: context.home_region.clone(),
            bucket: asked.bucket.clone(),
            organization: asked.whose == Whose::Organization,
            multi_region: everywhere(parts),
            log_file_validation: has(Part::LogFileValidation),
            kms_key: self.case.key_to_send(context.home_region).filter(|_| has(Part::Kms)),
            logs: has(Part::CloudwatchLogs).then(|| logs::sent(self.case, context.home_region)),
            selectors: selectors.clone(),
            insights: insights.clone(),
            address,
            beside: copies == Copies::Second,
        }));
        let (trail, region) = (self.arn(), context.home_region.clone());
        if let Some(selectors) = selectors {
            let (trail, region) = (trail.clone(), region.clone());
            steps.push(Step::PutEventSelectors(PutEventSelectors { trail, region, selectors, adds }));
        }
        if has(Part::Insights) {
            let (trail, region) = (trail.clone(), region.clone());
            steps.push(Step::PutInsightSelectors(PutInsightSelectors { trail, region, insights }));
        }
        steps.push(Step::StartLogging(StartLogging { trail, region, copies }));
        steps
    }
}
