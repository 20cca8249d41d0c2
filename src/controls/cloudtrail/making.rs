//! What makes a trail where there is none to mend: the key, the bucket, and the trail.

use super::bucket;
use super::key::{self, Need};
use super::trail::{Case, drifted, not_yet};
use crate::drift::{Bench, Fix, Judged};
use crate::observe::cloudtrail::{PRINCIPAL, Part, Whose, is_control_towers};
use crate::steps::Step;
use crate::steps::cloudtrail::{CreateTrail, StartLogging};
use crate::steps::organizations::EnableServiceAccess;

/// A trail that is made.
pub(super) struct Making<'a> {
    pub(super) case: &'a Case<'a>,
}

impl Making<'_> {
    pub(super) fn judged(&self, bench: Bench<'_>) -> Vec<Judged> {
        let mut trail = bench.mend(not_yet);
        let Some(drift) = &mut trail.drift else { return vec![trail] };
        if let Some(words) = self.hindrance() {
            drift.fix = Fix::Manual(words);
            return vec![trail];
        }
        let parts = drifted(drift, self.case.asked);
        let address = drift.object.address();
        let mut needed = vec![];
        if parts.contains(&Part::Kms) {
            let region = self.case.context.home_region;
            needed.push(key::needed(self.case, region, &self.arn()));
        }
        needed.push(bucket::needed(self.case, &self.arn(), &drift.differences));
        let needed: Vec<Judged> = needed.into_iter().filter_map(Need::into_judged).collect();
        let needs = needed.iter().map(|judged| judged.object.clone()).collect();
        drift.fix = Fix::Steps { steps: self.steps(&parts, address), needs };
        std::iter::once(trail).chain(needed).collect()
    }

    fn arn(&self) -> String {
        let Case { context, asked, .. } = self.case;
        let (region, account) = (context.home_region, &context.at.account);
        format!("arn:{}:cloudtrail:{region}:{account}:trail/{}", context.partition, asked.name)
    }

    /// Why a trail of this name cannot be made, in words that say what to do.
    fn hindrance(&self) -> Option<String> {
        let Case { context, seen, asked } = self.case;
        let name = &asked.name;
        if is_control_towers(name) {
            return Some(format!("{name} is a name of Control Tower's: give another by the setting `name`"));
        }
        if asked.whose == Whose::Account {
            return None;
        }
        if seen.in_the_way.contains(name) {
            return Some(format!(
                "there is a trail {name} that is not the organization's: give another name by the setting `name`"
            ));
        }
        if context.organization.is_none() {
            return Some(
                "the id of the organization is not known: allow organizations:DescribeOrganization".to_owned(),
            );
        }
        let unread = seen.making.trusted.as_ref().and_then(|trusted| trusted.as_result().err());
        unread.map(|error| format!("it is not known whether the organization trusts CloudTrail: {error}"))
    }

    fn steps(&self, parts: &[Part], address: String) -> Vec<Step> {
        let Case { context, seen, asked } = self.case;
        let has = |part: Part| parts.contains(&part);
        let distrusts = seen.making.trusted.as_ref().is_some_and(|trusted| trusted.as_result() == Ok(&false));
        let mut steps = vec![];
        if distrusts {
            steps.push(Step::EnableServiceAccess(EnableServiceAccess { principal: PRINCIPAL.to_owned() }));
        }
        steps.push(Step::CreateTrail(CreateTrail {
            name: asked.name.clone(),
            region: context.home_region.clone(),
            bucket: asked.bucket.clone(),
            organization: asked.whose == Whose::Organization,
            multi_region: has(Part::MultiRegion),
            log_file_validation: has(Part::LogFileValidation),
            kms_key: asked.kms_key.clone().filter(|_| has(Part::Kms)),
            address,
            beside: seen.trails().next().is_some() || !seen.in_the_way.is_empty(),
        }));
        steps.push(Step::StartLogging(StartLogging { trail: self.arn(), region: context.home_region.clone() }));
        steps
    }
}
