//! From accounts to verdicts: enter, read, judge, one account after another and several at a time.

use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::stream::FuturesOrdered;
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use jiff::civil::Date;

use super::assessed::skipped;
use super::rows::Scope;
use super::{Event, Listener, Terms, lost};
use crate::assessment::{Assessment, Finding, Status, Verdict};
use crate::aws::Session;
use crate::control::{Bound, Context, Meta, Runs};
use crate::controls;
use crate::drift::{Difference, Drift, Fix, Judged};
use crate::failure::Failure;
use crate::observe::account::Regions;
use crate::observe::{Class, Evidence, Homes, ReadError, Reader};
use crate::organization::{Account, OptStatus, Organization, Wanted};
use crate::plan::{self, Action, Change, Elsewhere};
use crate::target::{AccountId, Object, Region, Target};

/// How the accounts of a survey are reached.
pub enum Source {
    /// Over AWS: a session for each account.
    Live(Box<dyn Fn(&AccountId) -> Session + Send + Sync>),
    /// From what an earlier run kept.
    Kept(Arc<Evidence>),
}

/// Everything that a survey works from.
pub struct Survey {
    /// What is wanted of each account.
    pub terms: Box<dyn Fn(&Account) -> Terms + Send + Sync>,
    /// The regions in which it is wanted.
    pub regions: Wanted,
    /// Which accounts there are.
    pub organization: Organization,
    /// The home region.
    pub home_region: Region,
    /// The date by which exemptions expire.
    pub today: Date,
    /// How the accounts are reached.
    pub source: Source,
    /// The accounts that others depend on.
    pub homes: Arc<Homes>,
    /// Only these controls; empty: all that the baseline names.
    pub only: Vec<String>,
    /// Not these controls.
    pub without: Vec<String>,
}

/// One control bound for an account.
pub(super) type BoundControl = Box<dyn Bound>;

/// What is left of a change, of all that was judged where its object is.
///
/// # Errors
/// The object, or one that it needs, could not be read: it is not known to be in line, nor what would mend it.
fn left_of(change: &Change, judged: &[Judged]) -> Result<Vec<Drift>, ReadError> {
    let object = change.target();
    let unread = |wanted: &Object| judged.iter().find(|one| one.object == *wanted).and_then(Judged::why_unread);
    let drifts = |one: &&Judged| one.drift.as_ref().is_some_and(|drift| drift.object == object);
    // Without a drift of its own it may fall short as before, and be mended by way of another object now, or by a person.
    let drifting: Vec<&Judged> = judged.iter().filter(drifts).collect();
    let itself = || judged.iter().filter(|one| one.object == object);
    let found: Vec<&Judged> = if drifting.is_empty() { itself().collect() } else { drifting };
    let alone = || found.iter().filter(|one| !drifts(one)).find_map(|one| one.unread(&change.differences));
    let drift = || found.iter().filter_map(|one| one.drift.as_ref());
    let needed = || drift().flat_map(|drift| drift.needs(&change.differences)).find_map(unread);
    match needed().or_else(alone).cloned() {
        Some(error) => Err(error),
        None if drift().next().is_none() => {
            Ok(itself().filter_map(|seen| waiting(change, seen).or_else(|| taken(change, seen))).collect())
        }
        None => Ok(drift().cloned().collect()),
    }
}

/// What a change has seen to and is not in force yet: nothing is left of it but to wait.
fn waiting(change: &Change, seen: &Judged) -> Option<Drift> {
    let pending = |finding: &Finding| matches!(finding.verdict, Verdict::Pending(_));
    still(change, seen, Fix::Steps { steps: vec![], needs: vec![] }, pending)
}

/// What somebody else sets since the plan was made, and not as planned.
fn taken(change: &Change, seen: &Judged) -> Option<Drift> {
    let words = seen.findings.iter().find_map(|finding| match &finding.verdict {
        Verdict::OwnedElsewhere { owner, in_force: false, mend } => Some(format!("{owner} sets it now: {mend}")),
        _ => None,
    })?;
    let owned = |finding: &Finding| matches!(finding.verdict, Verdict::OwnedElsewhere { in_force: false, .. });
    still(change, seen, Fix::Manual(words), owned)
}

/// The differences of a change whose requirements were found so, with what there is to do about them.
fn still(change: &Change, seen: &Judged, fix: Fix, found: impl Fn(&Finding) -> bool) -> Option<Drift> {
    let is_so = |difference: &&Difference| {
        seen.findings.iter().any(|finding| finding.requirement == difference.requirement && found(finding))
    };
    let differences: Vec<Difference> = change.differences.iter().filter(is_so).cloned().collect();
    (!differences.is_empty()).then(|| Drift::of(seen.object.clone(), differences, fix))
}

/// What was judged in one region, or in an account as a whole.
pub(super) struct Part {
    pub(super) at: Target,
    pub(super) judged: Vec<FoundBy>,
}

/// What a control found.
pub(super) type FoundBy = (&'static Meta, Result<Vec<Judged>, ReadError>);

impl Part {
    /// Everything that could not be read, one element of a list as well as all of it.
    fn errors(&mut self) -> impl Iterator<Item = &mut ReadError> {
        self.judged.iter_mut().flat_map(|(_, found)| {
            let (whole, objects) = match found {
                Ok(objects) => (None, objects.as_mut_slice()),
                Err(error) => (Some(error), Default::default()),
            };
            let findings = objects.iter_mut().flat_map(|object| &mut object.findings);
            whole.into_iter().chain(findings.filter_map(|finding| match &mut finding.verdict {
                Verdict::Unreadable(error) => Some(error),
                _ => None,
            }))
        })
    }
}

/// What was judged of an account, and where.
pub(super) struct Found {
    pub(super) regions: Vec<Region>,
    /// The regions that are not read because they are being switched on or off.
    pub(super) between: Vec<(Region, OptStatus)>,
    pub(super) parts: Vec<Part>,
    /// Why its regions are not known, if they are not.
    pub(super) regions_error: Option<ReadError>,
}

impl Survey {
    /// Judges these accounts, `at_once` at a time, and hands each on when it is done: one that is slow holds up no other.
    ///
    /// # Errors
    /// Two controls of the baseline contradict each other, or `each` fails.
    pub async fn run(
        &self,
        accounts: &[Account],
        at_once: usize,
        listener: &dyn Listener,
        mut each: impl FnMut(Assessment) -> io::Result<()>,
    ) -> Result<(), Failure> {
        listener.on(&Event::Surveying { accounts: accounts.len() });
        let scope: Scope<'_> = accounts.iter().map(|account| &account.id).collect();
        let mut found = |assessment: Assessment| {
            listener.on(&Event::Judged { account: &assessment.account.id, status: assessment.account.status });
            each(assessment).map_err(|error| Failure::failed(format!("could not keep what was found: {error}")))
        };
        // What others need is planned before them.
        let mut elsewhere = Elsewhere::default();
        for home in self.homes.accounts() {
            let Some(account) = accounts.iter().find(|account| account.id == *home) else { continue };
            let assessment = self.assess_safely(account, &scope, &elsewhere).await?;
            let unread = matches!(assessment.account.status, Status::Unreadable | Status::Skipped);
            let why = assessment.account.reason.as_deref().filter(|_| unread);
            elsewhere.take(home, why, &assessment.changes);
            found(assessment)?;
        }
        let others = accounts.iter().filter(|account| self.homes.accounts().all(|home| *home != account.id));
        let assessing = others.map(|account| self.assess_safely(account, &scope, &elsewhere));
        let mut assessments = futures::stream::iter(assessing).buffer_unordered(at_once.max(1));
        while let Some(assessment) = assessments.try_next().await? {
            found(assessment)?;
        }
        Ok(())
    }

    /// One account's panic must not end the survey of the others.
    async fn assess_safely(
        &self,
        account: &Account,
        scope: &Scope<'_>,
        elsewhere: &Elsewhere,
    ) -> Result<Assessment, Failure> {
        let assessed = AssertUnwindSafe(self.assess(account, scope, elsewhere)).catch_unwind().await;
        assessed.unwrap_or_else(|_| {
            let error = internal(account, "trueup itself failed here; please report it with the lines above");
            self.unreadable(account, &error)
        })
    }

    async fn assess(&self, account: &Account, scope: &Scope<'_>, elsewhere: &Elsewhere) -> Result<Assessment, Failure> {
        if !account.state.is_active() {
            return Ok(skipped(account, format!("the account is {}", account.state)));
        }
        let terms = (self.terms)(account);
        if let Some(listed) = terms.unreachable {
            return Ok(skipped(account, listed));
        }
        let reader = match self.enter(account, &self.homes).await {
            Ok(reader) => reader,
            Err(error) => return self.unreadable(account, &error),
        };
        let bound = self.bind(&terms)?;
        let regional = bound.iter().any(|control| control.meta().runs == Runs::EveryRegion);
        let (regions, mut regions_error) = match self.regions(&reader, regional).await {
            Ok(regions) => (regions, None),
            Err(error) => (vec![self.home_region.clone()], Some(error)),
        };
        let between = self.between(&reader, regional && regions_error.is_none()).await;
        let mut parts = self.judge(&reader, &terms, &bound, &regions).await;
        let errors = regions_error.iter_mut().chain(parts.iter_mut().flat_map(Part::errors));
        lost::tell_apart(&reader, errors).await;
        self.assessment((account, scope), terms, &bound, Found { regions, between, parts, regions_error }, elsewhere)
    }

    pub(super) async fn enter(&self, account: &Account, homes: &Arc<Homes>) -> Result<Reader, ReadError> {
        match &self.source {
            Source::Live(enter) => {
                let session = enter(&account.id);
                let entered = session.identity().await.map_err(|refused| {
                    let refused = refused.into_read_error(&whole(account));
                    if account.is_young(session.now()) { young(refused) } else { refused }
                });
                homes.keep_entry(&account.id, entered.as_ref().err());
                entered.map(|()| Reader::live(session, homes))
            }
            Source::Kept(evidence) => match evidence.refused(&account.id) {
                Some(refused) => Err(refused),
                None => Ok(Reader::kept(account.id.clone(), evidence, homes)),
            },
        }
    }

    /// The controls that the baseline wants of an account, in the order of the registry.
    ///
    /// # Errors
    /// Settings do not fit their control: the baseline was not checked.
    pub fn bind(&self, terms: &Terms) -> Result<Vec<BoundControl>, Failure> {
        let chosen = |id: &str| {
            (self.only.is_empty() || self.only.iter().any(|only| only == id))
                && !self.without.iter().any(|without| without == id)
        };
        let mut bound = vec![];
        for control in controls::CONTROLS {
            let id = control.meta().id;
            if let Some(settings) = terms.settings.get(id).filter(|_| chosen(id)) {
                let fits = control.bind(settings);
                bound.push(fits.map_err(|error| Failure::usage(format!("the settings of {id} do not fit: {error}")))?);
            }
        }
        Ok(bound)
    }

    /// The regions of an account. Without a regional control nobody has to know them.
    pub(super) async fn regions(&self, reader: &Reader, regional: bool) -> Result<Vec<Region>, ReadError> {
        if !regional {
            return Ok(vec![]);
        }
        match &self.regions {
            Wanted::These(_) => Ok(self.regions.of(&[])),
            Wanted::All => {
                let listed = reader.get::<Regions>().await?;
                Ok(self.regions.of(&listed.0))
            }
        }
    }

    /// The regions of an account that are being switched on or off, where its regions are known.
    async fn between(&self, reader: &Reader, known: bool) -> Vec<(Region, OptStatus)> {
        if !known || !self.regions.needs_list() {
            return vec![];
        }
        reader.get::<Regions>().await.map(|listed| self.regions.between(&listed.0)).unwrap_or_default()
    }

    pub(super) async fn judge(
        &self,
        reader: &Reader,
        terms: &Terms,
        bound: &[BoundControl],
        regions: &[Region],
    ) -> Vec<Part> {
        let whole = (reader.at_account(), Runs::EveryAccount);
        let regional = regions.iter().map(|region| (reader.in_region(region), Runs::EveryRegion));
        let parts = std::iter::once(whole).chain(regional);
        side_by_side(parts.map(|(reader, runs)| self.judge_part(reader, terms, bound, runs).boxed())).await
    }

    async fn judge_part(&self, reader: Reader, terms: &Terms, bound: &[BoundControl], runs: Runs) -> Part {
        let at = reader.at().clone();
        let (accepted, others) = (terms.accepted_in(at.region.as_ref()), terms.others_in(at.region.as_ref()));
        let context = Context {
            at: at.clone(),
            home_region: &self.home_region,
            partition: &self.organization.partition,
            organization: self.organization.id.as_deref(),
            management: self.organization.management_account.as_ref(),
            accepted: &accepted,
            others: &others,
            today: self.today,
            made: &[],
        };
        let here = bound.iter().filter(|control| control.meta().runs == runs);
        let (follow, lead): (Vec<_>, Vec<_>) = here.partition(|control| !control.follows().is_empty());
        let mut judged = judge_all(&reader, &context, &lead).await;
        let made = made(&judged);
        judged.extend(judge_all(&reader, &Context { made: &made, ..context.clone() }, &follow).await);
        judged.sort_by_key(|(meta, _)| controls::position(meta.id));
        Part { at, judged }
    }

    /// Sees one change's object afresh: what differs now, and the steps that would mend it.
    ///
    /// # Errors
    /// It could not be read.
    pub async fn look(&self, account: &Account, change: &Change) -> Result<Option<Drift>, ReadError> {
        // A write in a home changes what is known of it and of others; elsewhere the homes are as they were.
        let home = self.homes.accounts().any(|home| *home == account.id);
        let homes = if home { Arc::new(self.homes.afresh()) } else { Arc::clone(&self.homes) };
        let reader = self.enter(account, &homes).await?.again();
        let terms = (self.terms)(account);
        let bound = self.bind(&terms).map_err(|error| internal(account, &error.message))?;
        let of_change = |control: &&BoundControl| change.is_of(control.meta());
        let followed: Vec<&str> =
            bound.iter().filter(of_change).flat_map(|control| control.follows()).copied().collect();
        let concerned = |control: &BoundControl| of_change(&control) || followed.contains(&control.meta().id);
        let bound: Vec<BoundControl> = bound.into_iter().filter(concerned).collect();
        let region = change.region.as_ref().unwrap_or(&self.home_region);
        let parts = vec![
            self.judge_part(reader.at_account(), &terms, &bound, Runs::EveryAccount).await,
            self.judge_part(reader.in_region(region), &terms, &bound, Runs::EveryRegion).await,
        ];
        let mut judged = of_change_in(change, &reader, parts).await?;
        // What is made in one region, such as a bucket, another may need, and it alone.
        let regional = bound.iter().any(|control| control.meta().runs == Runs::EveryRegion);
        let is_seen = |judged: &[Judged]| judged.iter().any(|one| one.object == change.target());
        if change.action == Action::Add && regional && !is_seen(&judged) {
            for other in self.regions(&reader, true).await?.iter().filter(|other| *other != region) {
                let part = self.judge_part(reader.in_region(other), &terms, &bound, Runs::EveryRegion).await;
                // Where it cannot be read, nothing is written that would need it.
                judged.extend(of_change_in(change, &reader, vec![part]).await.unwrap_or_default());
                if is_seen(&judged) {
                    break;
                }
            }
        }
        plan::join(left_of(change, &judged)?).map_err(|conflict| internal(account, &conflict.to_string()))
    }
}

/// What the controls of a change have found in these parts.
///
/// # Errors
/// One of them could not read what it judges.
async fn of_change_in(change: &Change, reader: &Reader, mut parts: Vec<Part>) -> Result<Vec<Judged>, ReadError> {
    lost::tell_apart(reader, parts.iter_mut().flat_map(Part::errors)).await;
    let mut judged = vec![];
    for (_, found) in parts.into_iter().flat_map(|part| part.judged).filter(|(meta, _)| change.is_of(meta)) {
        judged.extend(found?);
    }
    Ok(judged)
}

/// What controls find at a target, side by side.
async fn judge_all(reader: &Reader, context: &Context<'_>, bound: &[&BoundControl]) -> Vec<FoundBy> {
    side_by_side(bound.iter().map(|control| async move { (control.meta(), control.judge(reader, context).await) }))
        .await
}

/// What futures come to, in their order. Each is looked at again when it can go on, and not when one beside it can: an
/// account has dozens, and each of them reaches into a good deal of memory.
async fn side_by_side<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    futures.collect::<FuturesOrdered<_>>().collect().await
}

/// The objects that are to be made.
fn made(judged: &[FoundBy]) -> Vec<Object> {
    let drifts = judged.iter().flat_map(|(_, found)| found.iter().flatten()).filter_map(|found| found.drift.as_ref());
    let is_made = |drift: &&Drift| drift.absent && !drift.fix.writes_nothing();
    drifts.filter(is_made).map(|drift| drift.object.clone()).collect()
}

/// An account that has just joined is refused before AWS has made its role everywhere; nobody is kept waiting for that.
fn young(refused: ReadError) -> ReadError {
    if !matches!(refused.class, Class::Denied(_)) {
        return refused;
    }
    let words = "the account joined within the last hour, and AWS may not have made its role yet: plan again later";
    ReadError { message: format!("{}; {words}", refused.message), ..refused }
}

pub(super) fn internal(account: &Account, message: &str) -> ReadError {
    ReadError {
        at: whole(account),
        action: "judging".to_owned(),
        class: Class::Failed,
        code: None,
        message: message.to_owned(),
        status: None,
        request_id: None,
    }
}

pub(super) fn whole(account: &Account) -> Target {
    Target { account: account.id.clone(), region: None }
}
