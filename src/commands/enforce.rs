//! Carrying out a plan that was checked: what apply and demo have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::reach::{Reached, Reads};
use super::scene::Moment;
use super::writes::Writes;
use crate::assessment::AccountLine;
use crate::control::AnyControl;
use crate::controls;
use crate::engine::allow::Allow;
use crate::engine::apply::{Apply, Carried, Scribe, Standings};
use crate::engine::begun::Begun;
use crate::engine::doubt::Doubts;
use crate::engine::stop::Stop;
use crate::engine::tolerance::Tally;
use crate::engine::{Listener, Source, Survey, Terms};
use crate::observe::Homes;
use crate::organization::{Account, Organization, State, Wanted};
use crate::plan::{Access, Change, PlanFile, Rollout};
use crate::target::AccountId;

/// A plan that was checked, and how it is carried out.
pub(super) struct Enforcement<'a> {
    pub(super) file: &'a PlanFile,
    pub(super) reached: &'a Arc<Reached>,
    pub(super) access: &'a Access,
    pub(super) allow: &'a [Allow],
    /// How many changes are worked on at once.
    pub(super) at_once: usize,
    pub(super) moment: &'a Moment,
    pub(super) scribe: &'a dyn Scribe,
    pub(super) stop: &'a Stop,
    pub(super) tally: &'a Tally,
    pub(super) rollout: &'a Rollout,
    pub(super) doubts: &'a Arc<Doubts>,
    pub(super) begun: &'a Arc<Begun>,
    /// How long a write may take to be in force, and what it builds on to propagate.
    pub(super) propagation: Duration,
}

impl Enforcement<'_> {
    /// Carries the plan out. What comes of each change is in `carried`, also where this future is dropped.
    pub(super) async fn run(&self, carried: &Carried, listener: &dyn Listener) {
        let header = &self.file.header;
        let management = header.organization.management_account.clone();
        // What undoes a run looks by its own steps, and judges nothing.
        let judged = self.file.changes.iter().filter(|change| change.reverts.is_none());
        let ids: BTreeSet<&str> = judged.map(|change| change.control.as_str()).collect();
        let used: Vec<&'static dyn AnyControl> = ids.into_iter().filter_map(controls::find).collect();
        let reads = Reads::new(self.reached, self.access, management.as_ref(), &used);
        let writes = Writes::new(self.reached, self.access, management.as_ref(), &used, &self.file.changes);
        let writes = Arc::new(writes);
        let home = management.as_ref().map(|account| reads.session(account));
        let settings = self.file.terms.iter().flat_map(|terms| &terms.settings);
        let named = controls::named_homes(settings.map(|(id, settings)| (id.as_str(), settings)));
        let homes = Homes::live(home, header.home_region.clone(), None)
            .with_named(named.iter().map(|account| reads.session(account)))
            .with_regions(header.regions.clone());
        let survey = self.survey(management, homes, Arc::clone(&writes));
        let accounts: Vec<Account> = self.file.accounts.iter().map(account_of).collect();
        let enter = |change: &Change| writes.session(change);
        let standings = Standings::new(self.reached.standings());
        let apply = Apply {
            survey: &survey,
            enter: &enter,
            assuming: writes.assuming(&self.file.changes),
            accounts: &accounts,
            allow: self.allow,
            at_once: self.at_once,
            scribe: self.scribe,
            stop: self.stop,
            tally: self.tally,
            doubts: self.doubts,
            begun: self.begun,
            standings: &standings,
            propagation: self.propagation,
            clock: Timestamp::now,
        };
        apply.run(&self.file.changes, self.rollout, carried, listener).await;
    }

    /// What judges again, in the sessions that write.
    fn survey(&self, management: Option<AccountId>, homes: Homes, writes: Arc<Writes>) -> Survey {
        let header = &self.file.header;
        let terms = self.file.terms.clone();
        Survey {
            terms: Box::new(move |account| terms_of(&terms, account)),
            regions: Wanted::These(header.regions.clone()),
            organization: Organization {
                id: header.organization.id.clone(),
                management_account: management,
                partition: self.reached.caller.partition.clone(),
                arn: None,
                feature_set: None,
                accounts: vec![],
                units: vec![],
                unknown: vec![],
            },
            home_region: header.home_region.clone(),
            today: self.moment.today(),
            source: Source::Live(Box::new(move |account| writes.looking(account))),
            homes: Arc::new(homes),
            only: vec![],
            without: vec![],
        }
    }
}

fn terms_of(all: &[Terms], account: &Account) -> Terms {
    let of = all.iter().find(|terms| terms.account == account.id).cloned();
    of.unwrap_or_else(|| Terms {
        account: account.id.clone(),
        settings: BTreeMap::new(),
        accepted: vec![],
        others: vec![],
        unreachable: None,
        read_only: None,
    })
}

fn account_of(line: &AccountLine) -> Account {
    Account {
        id: line.id.clone(),
        name: Some(line.name.clone()),
        state: State::from(line.state.clone()),
        ou_path: line.ou_path.clone(),
        ou_ids: vec![],
        tags: None,
        joined: None,
    }
}
