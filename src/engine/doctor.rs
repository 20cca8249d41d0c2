//! From accounts to what stands in the way of a plan and an apply there: the reads of a plan, and what they met.

use std::collections::BTreeSet;
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
use crate::observe::{Class, Reader};
use crate::organization::{Account, Wanted};
use crate::target::AccountId;

/// Enters an account to write, narrowed to nothing; none where nothing may be written there.
pub type WriteEntry = Box<dyn Fn(&AccountId) -> Option<Session> + Send + Sync>;

impl Survey {
    /// Examines these accounts, `at_once` at a time, and hands each on when it is done.
    ///
    /// # Errors
    /// The settings of the baseline do not fit their control.
    pub async fn examine_all(
        &self,
        accounts: &[Account],
        at_once: usize,
        write: &WriteEntry,
        listener: &dyn Listener,
        mut each: impl FnMut(Examined),
    ) -> Result<(), Failure> {
        listener.on(&Event::Surveying { accounts: accounts.len() });
        let examining = |account| self.examine_safely(account, write);
        let mut examined = futures::stream::iter(accounts).map(examining).buffer_unordered(at_once.max(1));
        while let Some(one) = examined.try_next().await? {
            listener.on(&Event::Judged { account: &one.account, status: status(&one) });
            each(one);
        }
        Ok(())
    }

    /// One account's panic must not end the examination of the others.
    async fn examine_safely(&self, account: &Account, write: &WriteEntry) -> Result<Examined, Failure> {
        let examined = AssertUnwindSafe(self.examine(account, write)).catch_unwind().await;
        examined.unwrap_or_else(|_| {
            let error = internal(account, "trueup itself failed here; please report it with the lines above");
            let met = vec![Met { error, needed: true }];
            Ok(Examined { met, ..Examined::new(account.id.clone(), account.name.clone()) })
        })
    }

    async fn examine(&self, account: &Account, write: &WriteEntry) -> Result<Examined, Failure> {
        let mut examined = Examined::new(account.id.clone(), account.name.clone());
        let terms = (self.terms)(account);
        examined.skipped = match &terms.unreachable {
            _ if !account.state.is_active() => Some(format!("the account is {}", account.state)),
            listed => listed.clone(),
        };
        if examined.skipped.is_some() {
            return Ok(examined);
        }
        if let Some(session) = write(&account.id).filter(|_| terms.read_only.is_none()) {
            let entered = session.identity().await;
            examined.write_refused = entered.err().map(|refused| refused.into_read_error(&whole(account)));
        }
        match self.enter(account, &self.homes).await {
            Ok(reader) => self.read_through(&reader, &terms, &mut examined).await?,
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

    /// The list is at hand already, so this asks nobody.
    async fn note_regions_that_are_off(&self, reader: &Reader, examined: &mut Examined) {
        let Ok(listed) = reader.get::<Regions>().await else { return };
        let on = self.regions.of(&listed.0);
        let off = listed.0.iter().filter(|(region, _)| !on.contains(region));
        examined.off.extend(off.map(|(region, _)| region.clone()));
    }
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
