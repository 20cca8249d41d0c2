//! What mends a trail that is there: what falls short is sent, and nothing else.

use std::collections::BTreeSet;

use super::key;
use super::logs;
use super::making::{self, MOST_TRAILS};
use super::trail::{Case, drifted, not_yet, requirement};
use crate::controls::need::Need;
use crate::drift::{Bench, Fix, Judged, Why};
use crate::observe::cloudtrail::{Events, IDLE, Part, Trail};
use crate::steps::Step;
use crate::steps::cloudtrail::{Copies, NewKey, PutEventSelectors, PutInsightSelectors, StartLogging, UpdateTrail};
use crate::target::{Object, Region};

/// A trail that is mended.
pub(super) struct Mending<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) trail: &'a Trail,
}

/// What mends the trail, as far as calls can.
#[derive(Default)]
struct Mend {
    steps: Vec<Step>,
    needs: Vec<Object>,
    /// What has to change besides.
    needed: Vec<Judged>,
    /// What is left alone: the part, and why.
    left: Vec<(Part, Why)>,
}

impl Mend {
    fn by_hand(&mut self, part: Part, words: String) {
        self.left.push((part, Why::Manual(words)));
    }

    /// What mends the trail, and what is left beside it.
    fn fix(self) -> (Fix, Vec<(Part, Why)>) {
        let Self { mut steps, mut needs, left, .. } = self;
        steps.sort_by_key(order);
        if !steps.is_empty() {
            return (Fix::Steps { steps, needs }, left);
        }
        let mut words = vec![];
        for (_, why) in left {
            match why {
                Why::Manual(said) => words.push(said),
                Why::Unread(object) => needs.push(object),
            }
        }
        // Several parts may be left for one reason.
        words.dedup();
        let fix = if needs.is_empty() { Fix::Manual(words.join("; ")) } else { Fix::Steps { steps, needs } };
        (fix, vec![])
    }
}

impl Mending<'_> {
    pub(super) fn judged(&self, bench: Bench<'_>) -> Vec<Judged> {
        let mut judged = bench.mend(not_yet);
        let Some(drift) = &mut judged.drift else { return vec![judged] };
        let mut mend = Mend::default();
        let parts = drifted(drift, self.case.asked);
        for part in &parts {
            self.mend(*part, &mut mend);
        }
        self.log(&parts, &mut mend);
        let needed = std::mem::take(&mut mend.needed);
        let (fix, left) = mend.fix();
        drift.fix = fix;
        for (part, why) in left {
            drift.leave(requirement(part), why);
        }
        std::iter::once(judged).chain(needed).collect()
    }

    fn mend(&self, part: Part, mend: &mut Mend) {
        let (arn, region) = (&self.trail.listed.arn, &self.trail.listed.home_region);
        let update = UpdateTrail::of(arn, region);
        match part {
            Part::MultiRegion | Part::S3DataEventsWrite | Part::S3DataEventsRead => self.widen(part, mend),
            Part::LogFileValidation => {
                mend.steps.push(Step::UpdateTrail(UpdateTrail { log_file_validation: true, ..update }));
            }
            Part::Kms => self.encrypt(update, mend),
            Part::CloudwatchLogs => self.deliver(update, mend),
            // What it logs is set at once, for all of them.
            Part::ManagementEvents => {}
            Part::Insights => self.look(mend),
            Part::Logging => self.start(mend),
        }
    }

    /// Makes it log every region.
    fn widen(&self, part: Part, mend: &mut Mend) {
        let Trail { listed, .. } = self.trail;
        let widens = |step: &Step| matches!(step, Step::UpdateTrail(update) if update.multi_region);
        if listed.facts.as_ref().is_ok_and(|facts| facts.multi_region) || mend.steps.iter().any(widens) {
            return;
        }
        if let Some(words) = self.full() {
            mend.by_hand(part, words);
            return;
        }
        let update = UpdateTrail::of(&listed.arn, &listed.home_region);
        mend.steps.push(Step::UpdateTrail(UpdateTrail { multi_region: true, copies: self.copies(), ..update }));
    }

    /// Adds the events that it is to log, all by one call, because that replaces what it logs.
    fn log(&self, parts: &[Part], mend: &mut Mend) {
        let Trail { listed, selectors, .. } = self.trail;
        let Some(before) = selectors.as_ref().and_then(|found| found.as_result().ok()) else { return };
        let whole = listed.whole(self.case.asked);
        let lacks = |events: &Events| !before.log(*events, whole);
        let mut adds: BTreeSet<Events> = parts.iter().filter_map(|part| part.events()).filter(lacks).collect();
        let fits = before.with(&adds, whole).fit();
        if !fits && adds.iter().any(|events| *events != Events::Management) {
            adds.retain(|events| *events == Events::Management);
            for part in parts.iter().filter(|part| part.events().is_some_and(|events| events != Events::Management)) {
                let words = format!(
                    "trail {} has no room for one more advanced event selector: take out those that others include",
                    listed.name
                );
                mend.by_hand(*part, words);
            }
        }
        if adds.is_empty() {
            return;
        }
        let (trail, region) = (listed.arn.clone(), listed.home_region.clone());
        let selectors = before.with(&adds, whole);
        mend.steps.push(Step::PutEventSelectors(PutEventSelectors { trail, region, selectors, adds }));
    }

    /// Has Insights look at it, where it logs something to look at, or is going to.
    fn look(&self, mend: &mut Mend) {
        let Trail { listed, selectors, insights, .. } = self.trail;
        let selectors = selectors.as_ref().and_then(|found| found.as_result().ok());
        if selectors.is_some_and(|found| !found.log_writes()) && !self.case.asked.asks(Part::ManagementEvents) {
            let words = format!("trail {}: {IDLE}; ask for `management_events` as well", listed.name);
            mend.by_hand(Part::Insights, words);
            return;
        }
        let before = insights.as_ref().and_then(|found| found.as_result().ok()).cloned().unwrap_or_default();
        let insights = before.with_all();
        if insights != before {
            let (trail, region) = (listed.arn.clone(), listed.home_region.clone());
            mend.steps.push(Step::PutInsightSelectors(PutInsightSelectors { trail, region, insights }));
        }
    }

    /// Whether another region has no room for the trail once it is one of every region.
    fn full(&self) -> Option<String> {
        let Trail { listed, .. } = self.trail;
        let mut others = making::showing(self.case).map(|other| &other.home_region);
        let full = |region: &Region| *region != listed.home_region && making::full(self.case, region, false).is_some();
        let region = others.find(|region| full(region))?;
        Some(format!(
            "trail {} cannot log every region, because {region} shows {MOST_TRAILS} trails already: delete one there",
            listed.name
        ))
    }

    fn copies(&self) -> Copies {
        let organization = self.trail.listed.facts.as_ref().is_ok_and(|facts| facts.organization);
        making::copies(self.case, Some(self.trail), organization)
    }

    fn start(&self, mend: &mut Mend) {
        if mend.steps.iter().any(|step| matches!(step, Step::StartLogging(_))) {
            return;
        }
        let status = self.trail.status.as_ref().and_then(|status| status.as_result().ok());
        match status.filter(|status| status.logging).and_then(|status| status.error()) {
            None => {
                let (trail, region) = (self.trail.listed.arn.clone(), self.trail.listed.home_region.clone());
                mend.steps.push(Step::StartLogging(StartLogging { trail, region, copies: self.copies() }));
            }
            Some(error) => {
                let bucket = self.trail.listed.facts.as_ref().map_or("", |facts| &facts.bucket);
                let name = &self.trail.listed.name;
                let words = format!(
                    "the files of trail {name} do not arrive in bucket {bucket}: {error}; mend the bucket, its policy or the key"
                );
                mend.by_hand(Part::Logging, words);
            }
        }
    }

    /// The region where its key has to be: the bucket's.
    fn key_region(&self) -> &Region {
        self.case.seen.making.key_region.as_ref().unwrap_or(&self.trail.listed.home_region)
    }

    /// What it needs of the wanted key, whoever keeps that.
    pub(super) fn key_needed(&self) -> Need {
        key::needed(self.case, self.key_region(), &self.trail.listed.arn)
    }

    fn encrypt(&self, update: UpdateTrail, mend: &mut Mend) {
        let Some(wanted) = &self.case.asked.kms_key else { return };
        let before = self.trail.listed.facts.as_ref().ok().and_then(|facts| facts.kms_key.clone());
        let has_it = before
            .as_deref()
            .is_some_and(|before| before == wanted || self.trail.known_key().is_some_and(|key| key.arn == before));
        // Where any key will do, one that was disabled is replaced by ours; one that was asked for stays, and whoever
        // disabled it has to enable it.
        if let Some(key) = before.as_deref().filter(|_| has_it && !self.case.asked.any_key) {
            let name = &self.trail.listed.name;
            let how = self.trail.known_key().map_or_else(|| "does not exist".to_owned(), key::disabled);
            let words = format!("trail {name} is encrypted by {key}, which {how}");
            mend.by_hand(Part::Kms, words);
            return;
        }
        match self.key_needed() {
            Need::Stuck { words, .. } => {
                mend.by_hand(Part::Kms, words);
                return;
            }
            Need::Unread(judged) => {
                mend.left.push((Part::Kms, Why::Unread(judged.object.clone())));
                mend.needed.push(*judged);
                return;
            }
            Need::Change(judged) => {
                mend.needs.push(judged.object.clone());
                mend.needed.extend(Some(*judged).filter(|_| self.case.is_kept_here()));
            }
            Need::Nothing => {}
        }
        let region = self.key_region();
        let key = self.case.key_to_send(region).unwrap_or_else(|| wanted.clone());
        let kms_key = Some(NewKey { key, region: region.clone(), before });
        mend.steps.push(Step::UpdateTrail(UpdateTrail { kms_key, ..update }));
    }
}

impl Mending<'_> {
    /// Gives a trail that has none a log group. One that it has is never replaced.
    fn deliver(&self, update: UpdateTrail, mend: &mut Mend) {
        let Ok(facts) = &self.trail.listed.facts else { return };
        let (name, region) = (&self.trail.listed.name, &self.trail.listed.home_region);
        if let Some(group) = &facts.log_group {
            let status = self.trail.status.as_ref().and_then(|status| status.as_result().ok());
            let why = status.and_then(|status| status.logs_error.as_deref()).unwrap_or("it does not say why");
            let words = format!(
                "the events of trail {name} do not arrive in {}: {why}; mend that log group, the role of the trail or \
                 its policy",
                group.trim_end_matches(":*")
            );
            match status {
                Some(status) if !status.logging => self.start(mend),
                _ => mend.by_hand(Part::CloudwatchLogs, words),
            }
            return;
        }
        let needed = logs::needed(self.case, region, &self.trail.listed.arn);
        for need in &needed {
            if let Need::Stuck { words, .. } = need {
                mend.by_hand(Part::CloudwatchLogs, words.clone());
                return;
            }
        }
        let unread = |need: &Need| matches!(need, Need::Unread(_));
        if needed.iter().any(unread) {
            for judged in needed.into_iter().filter(unread).filter_map(Need::into_judged) {
                mend.left.push((Part::CloudwatchLogs, Why::Unread(judged.object.clone())));
                mend.needed.push(judged);
            }
            return;
        }
        for judged in needed.into_iter().filter_map(Need::into_judged) {
            mend.needs.push(judged.object.clone());
            mend.needed.push(judged);
        }
        if self.trail.status.as_ref().and_then(|status| status.as_result().ok()).is_some_and(|status| !status.logging) {
            self.start(mend);
        }
        let logs = Some(logs::sent(self.case, region));
        mend.steps.push(Step::UpdateTrail(UpdateTrail { logs, ..update }));
    }
}

/// Fields first, side by side so that they go as one call; a trail is started when all is set.
fn order(step: &Step) -> u8 {
    match step {
        Step::UpdateTrail(_) => 0,
        Step::PutInsightSelectors(_) => 2,
        Step::StartLogging(_) => 3,
        _ => 1,
    }
}
