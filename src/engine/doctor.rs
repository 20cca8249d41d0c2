//! From accounts to what stands in the way of a plan and an apply there: the reads of a plan, and what they met.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;

use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};

use super::closed::Answers;
use super::survey::{Part, Survey, internal, whole};
use super::{Event, Listener, Terms};
use crate::assessment::{Status, Verdict};
use crate::aws::Session;
use crate::control::{AnyControl, Bound, Runs};
use crate::controls;
use crate::doctor::{Closed, Examined, Met};
use crate::failure::Failure;
use crate::observe::account::Regions;
use crate::observe::iam::simulated;
use crate::observe::{Class, DeniedBy, Home, ReadError, Reader};
use crate::organization::{Account, Wanted};
use crate::target::{AccountId, Target};

/// A way into an account, where there is one.
pub type Entry = Box<dyn Fn(&AccountId) -> Option<Session> + Send + Sync>;

/// What an action is weighed on in an account, as examples of ARNs.
pub type Examples = Box<dyn Fn(&str, &AccountId) -> Vec<String> + Send + Sync>;

/// What a role that writes an account has to be allowed there: by action, examples of the ARNs that it is weighed on.
pub type Written = Box<dyn Fn(&AccountId) -> BTreeMap<String, Vec<String>> + Send + Sync>;

/// What is asked besides the reads of a plan.
pub struct Besides {
    /// Enters an account to write, narrowed to nothing; none where nothing may be written there.
    pub write: Entry,
    /// Enters an account by its read role to ask IAM's policy simulator, and nothing else; none where no role is
    /// assumed.
    pub simulate: Entry,
    /// What an action is weighed on.
    pub weighed: Examples,
    /// What an apply may need of the write role.
    pub written: Written,
}

/// So many actions are simulated in one call.
const TOGETHER: usize = 100;

impl Survey {
    /// Examines these accounts, `at_once` at a time, and hands each on when it is done.
    ///
    /// # Errors
    /// The settings of the baseline do not fit their control.
    pub async fn examine_all(
        &self,
        accounts: &[Account],
        at_once: usize,
        besides: &Besides,
        listener: &dyn Listener,
        mut each: impl FnMut(Examined),
    ) -> Result<(), Failure> {
        listener.on(&Event::Surveying { accounts: accounts.len() });
        let examining = |account| self.examine_safely(account, besides);
        let mut examined = futures::stream::iter(accounts).map(examining).buffer_unordered(at_once.max(1));
        while let Some(one) = examined.try_next().await? {
            listener.on(&Event::Judged { account: &one.account, status: status(&one) });
            each(one);
        }
        Ok(())
    }

    /// One account's panic must not end the examination of the others.
    async fn examine_safely(&self, account: &Account, besides: &Besides) -> Result<Examined, Failure> {
        let examined = AssertUnwindSafe(self.examine(account, besides)).catch_unwind().await;
        examined.unwrap_or_else(|_| {
            let error = internal(account, "trueup itself failed here; please report it with the lines above");
            let met = vec![Met { error, needed: true }];
            Ok(Examined { met, ..Examined::new(account.id.clone(), account.name.clone()) })
        })
    }

    async fn examine(&self, account: &Account, besides: &Besides) -> Result<Examined, Failure> {
        let mut examined = Examined::new(account.id.clone(), account.name.clone());
        let terms = (self.terms)(account);
        examined.skipped = match &terms.unreachable {
            _ if !account.state.is_active() => Some(format!("the account is {}", account.state)),
            listed => listed.clone(),
        };
        if examined.skipped.is_some() {
            return Ok(examined);
        }
        if let Some(session) = (besides.write)(&account.id).filter(|_| terms.read_only.is_none()) {
            match session.identity().await {
                Ok(()) => examined.write_role = session.role().map(str::to_owned),
                Err(refused) => examined.write_refused = Some(refused.into_read_error(&whole(account))),
            }
        }
        match self.enter(account, &self.homes).await {
            Ok(reader) => {
                self.read_through(&reader, &terms, &mut examined).await?;
                self.foresee(&reader, &terms, besides, &mut examined).await?;
            }
            Err(error) => examined.refused = Some(error),
        }
        Ok(examined)
    }

    /// Reads what a plan reads.
    async fn read_through(&self, reader: &Reader, terms: &Terms, examined: &mut Examined) -> Result<(), Failure> {
        examined.role = reader.session().ok().and_then(Session::role).map(str::to_owned);
        let bound = self.bind(terms)?;
        let regional = bound.iter().any(|control| control.meta().runs == Runs::EveryRegion);
        let regions = match self.regions(reader, regional).await {
            Ok(regions) => regions,
            Err(error) => {
                examined.met.push(Met { error, needed: true });
                vec![self.home_region.clone()]
            }
        };
        if regional && self.regions == Wanted::All {
            self.note_regions_that_are_off(reader, examined).await;
        }
        let parts = self.judge(reader, terms, &bound, &regions).await;
        let answers = Answers::of(&parts, &self.home_region);
        examined.regions = regions;
        for part in &parts {
            if let (Some(_), Some(region)) = (answers.closed(part), &part.at.region) {
                examined.closed.push((region.clone(), why_closed(part)));
                examined.regions.retain(|one| one != region);
            } else {
                note_what_was_judged(part, examined);
                ask_the_rest(reader, part, &bound, examined).await;
            }
        }
        Ok(())
    }

    /// Asks IAM's policy simulator about the declared reads that nobody had to make here, and about what an apply may
    /// need of the write role. That it is not to be asked says nothing.
    async fn foresee(
        &self,
        reader: &Reader,
        terms: &Terms,
        besides: &Besides,
        examined: &mut Examined,
    ) -> Result<(), Failure> {
        let Some(session) = (besides.simulate)(&examined.account) else { return Ok(()) };
        let at = reader.at_account();
        if let Some(role) = &examined.write_role {
            let weighed = (besides.written)(&examined.account);
            let weighed = weighed.iter().map(|(action, resources)| (action.as_str(), resources.clone())).collect();
            examined.foreseen_writes = denied(&session, at.at(), role, &weighed).await;
        }
        let Some(role) = &examined.role else { return Ok(()) };
        let asked = reader.session().map(Session::calls).unwrap_or_default();
        let asked: BTreeSet<&str> = asked.keys().map(|(_, call)| call.action).collect();
        let bound = self.bind(terms)?;
        let named: Vec<_> = bound.iter().filter_map(|control| controls::find(control.meta().id)).collect();
        let mut calls = controls::calls(named.iter().copied(), Home::Member);
        if self.organization.management_account.as_ref() == Some(&examined.account) {
            calls.extend(controls::calls(named, Home::Management));
        }
        let open: BTreeSet<&str> = calls.iter().map(|call| call.action).filter(|one| !asked.contains(one)).collect();
        let weighed = open.into_iter().map(|action| (action, (besides.weighed)(action, &examined.account))).collect();
        examined.foreseen = denied(&session, at.at(), role, &weighed).await;
        Ok(())
    }

    /// The list is at hand already, so this asks nobody.
    async fn note_regions_that_are_off(&self, reader: &Reader, examined: &mut Examined) {
        let Ok(listed) = reader.get::<Regions>().await else { return };
        let on = self.regions.of(&listed.0);
        let off = listed.0.iter().filter(|(region, _)| !on.contains(region));
        examined.off.extend(off.map(|(region, _)| region.clone()));
    }
}

/// Which of these actions a role may not do, by IAM's policy simulator; none where it may not be asked. What may be
/// weighed on one of several types is denied where it is denied on each.
async fn denied(session: &Session, at: &Target, role: &str, weighed: &BTreeMap<&str, Vec<String>>) -> Vec<ReadError> {
    let mut by_resource: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (action, resources) in weighed {
        for resource in resources {
            by_resource.entry(resource).or_default().push(action);
        }
    }
    let mut answers: BTreeMap<&str, Vec<Option<DeniedBy>>> = BTreeMap::new();
    for (resource, actions) in by_resource {
        for some in actions.chunks(TOGETHER) {
            let Ok(found) = simulated(session, at, role, some, resource).await else { return vec![] };
            for action in some {
                answers.entry(action).or_default().push(found.get(*action).copied());
            }
        }
    }
    let everywhere = answers.into_iter().filter_map(|(action, answers)| {
        let all = answers.into_iter().collect::<Option<Vec<_>>>()?;
        Some((action, all.first().copied()?))
    });
    let error = |(action, by): (&str, DeniedBy)| ReadError {
        at: at.clone(),
        action: action.to_owned(),
        class: Class::Denied(by),
        code: None,
        message: String::new(),
        status: None,
        request_id: None,
    };
    everywhere.map(error).collect()
}

fn status(examined: &Examined) -> Status {
    if examined.skipped.is_some() {
        Status::Skipped
    } else if examined.refused.is_some() {
        Status::Unreadable
    } else if examined.met.iter().any(|met| met.needed) {
        Status::Partial
    } else {
        Status::Read
    }
}

fn why_closed(part: &Part) -> Closed {
    let errors = part.judged.iter().filter_map(|(_, found)| found.as_ref().err());
    let disabled = errors.into_iter().any(|error| error.class == Class::RegionDisabled);
    if disabled { Closed::NotEnabled } else { Closed::ByPolicy }
}

fn note_what_was_judged(part: &Part, examined: &mut Examined) {
    for (meta, found) in &part.judged {
        let judged = match found {
            Ok(judged) => judged,
            Err(error) => {
                examined.met.push(Met { error: error.clone(), needed: true });
                continue;
            }
        };
        for finding in judged.iter().flat_map(|object| &object.findings) {
            match &finding.verdict {
                Verdict::Unreadable(error) => examined.met.push(Met { error: error.clone(), needed: true }),
                Verdict::OwnedElsewhere { owner, .. } => examined.owners.push((meta.id.to_owned(), owner.clone())),
                _ => {}
            }
        }
    }
}

/// A control stops at the first read that is refused. What else it declares is asked here, as far as no name has to be
/// known for it; what was read already is not asked again.
async fn ask_the_rest(reader: &Reader, part: &Part, bound: &[Box<dyn Bound>], examined: &mut Examined) {
    let reader = match &part.at.region {
        Some(region) => reader.in_region(region),
        None => reader.at_account(),
    };
    let here = bound.iter().map(|control| control.meta().id);
    let here: BTreeSet<&str> = here.filter(|id| part.judged.iter().any(|(meta, _)| meta.id == *id)).collect();
    let mut asked = BTreeSet::new();
    for reads in here.into_iter().filter_map(controls::find).flat_map(AnyControl::reads) {
        if !asked.insert(reads.name) || reads.calls.is_empty() {
            continue;
        }
        let Some(asking) = reads.ask(&reader) else { continue };
        if let Err(error) = asking.await
            && examined.met.iter().all(|met| met.error != error)
        {
            examined.met.push(Met { error, needed: false });
        }
    }
}
