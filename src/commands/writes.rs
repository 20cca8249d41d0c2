//! What an apply writes with: each account narrowed to the steps that the plan has for it, and to what is read again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use super::reach::{Reached, external_id, member_calls};
use crate::aws::{Entry, Grant, Guard, Session, SessionPolicy};
use crate::control::AnyControl;
use crate::controls;
use crate::observe::sts::Accepted;
use crate::observe::{Call, Home, Observe as _};
use crate::plan::{Access, Change};
use crate::steps::Step;
use crate::target::{AccountId, Partition};

/// The sessions of an apply. All changes of an account share one, unless what they need is more than AWS lets a session
/// be narrowed to: then as many share one as fit.
pub(super) struct Writes {
    reached: Arc<Reached>,
    access: Access,
    management: Option<AccountId>,
    guard: Arc<Guard>,
    policies: BTreeMap<AccountId, Vec<SessionPolicy>>,
    /// Which policy of its account a change is carried out with.
    numbers: HashMap<String, usize>,
    sessions: Mutex<HashMap<(AccountId, usize), Session>>,
}

impl Writes {
    /// The writes of these changes.
    pub(super) fn new(
        reached: &Arc<Reached>,
        access: &Access,
        management: Option<&AccountId>,
        controls: &[&'static dyn AnyControl],
        changes: &[Change],
    ) -> Self {
        let told = controls::told(controls.iter().copied());
        let reads: BTreeSet<Call> = member_calls(controls).difference(&told).copied().collect();
        let home = controls::calls(controls.iter().copied(), Home::Management);
        let steps = changes.iter().flat_map(|change| &change.steps);
        let written = steps.flat_map(Step::calls).copied();
        let declared = reads.iter().chain(&home).chain(Accepted::CALLS).copied();
        let guard = Arc::new(Guard::new(declared.chain(written)));
        let mut by_account: BTreeMap<&AccountId, Vec<&Change>> = BTreeMap::new();
        for change in changes {
            by_account.entry(&change.account).or_default().push(change);
        }
        let mut policies = BTreeMap::new();
        let mut numbers = HashMap::new();
        for (account, changes) in by_account {
            let at_home = home.iter().filter(|_| management == Some(account));
            let read = reads.iter().chain(at_home).map(|call| call.action.to_owned());
            let common = [Grant::anywhere(read.collect())];
            let work: Vec<Vec<Grant>> =
                changes.iter().map(|change| grants(change, &reached.caller.partition)).collect();
            let (of, shared) = SessionPolicy::sharing(&common, &work, &reached.caller.partition);
            policies.insert(account.clone(), of);
            numbers.extend(changes.into_iter().map(|change| change.id.clone()).zip(shared));
        }
        Self {
            policies,
            numbers,
            guard,
            reached: Arc::clone(reached),
            access: access.clone(),
            management: management.cloned(),
            sessions: Mutex::default(),
        }
    }

    /// The session that a change is carried out in.
    pub(super) fn session(&self, change: &Change) -> Session {
        self.numbered(&change.account, self.numbers.get(&change.id).copied().unwrap_or_default())
    }

    /// The session in the management account by which steps become the root user of an account, narrowed to that; none
    /// where no step of these changes does.
    pub(super) fn assuming(&self, changes: &[Change]) -> Option<Session> {
        let partition = &self.reached.caller.partition;
        let above =
            |change: &Change| change.steps.iter().find_map(|step| step.granted_above(&change.account, partition));
        let grants: Vec<Grant> = changes.iter().filter_map(above).collect();
        let management = self.management.as_ref().filter(|_| !grants.is_empty())?;
        let entry = self.entry_with(management, SessionPolicy::granting(&grants, partition));
        Some(self.reached.base.enter(&self.reached.caller, management, entry, &self.guard))
    }

    /// A session in which an account is looked at: whichever its writes have, it may read.
    pub(super) fn looking(&self, account: &AccountId) -> Session {
        self.numbered(account, 0)
    }

    fn numbered(&self, account: &AccountId, number: usize) -> Session {
        let mut sessions = self.sessions.lock().expect("no panic holds the sessions");
        let session = sessions.entry((account.clone(), number)).or_insert_with(|| self.passing(account, number));
        session.clone()
    }

    /// A session of its own, which nobody keeps, and which may do nothing.
    pub(super) fn only_entered(&self, account: &AccountId) -> Session {
        self.passing(account, usize::MAX)
    }

    fn passing(&self, account: &AccountId, number: usize) -> Session {
        self.reached.base.enter(&self.reached.caller, account, self.entry(account, number), &self.guard)
    }

    /// The role that an account is written with; none: the caller's own credentials.
    pub(super) fn role(&self, account: &AccountId) -> Option<String> {
        match self.entry(account, 0) {
            Entry::Own => None,
            Entry::Role { roles, .. } => roles.into_iter().next(),
        }
    }

    fn entry(&self, account: &AccountId, number: usize) -> Entry {
        // Without a policy a session may do what its role may: where nothing is planned, nothing is allowed.
        let policy = self.policies.get(account).and_then(|policies| policies.get(number)).cloned();
        self.entry_with(account, policy.unwrap_or_else(SessionPolicy::nothing))
    }

    fn entry_with(&self, account: &AccountId, policy: SessionPolicy) -> Entry {
        let own = self.access.accounts.get(account);
        let external_id = external_id(&self.access, account);
        let named = own.and_then(|own| own.write_role.clone());
        let entry = |role: Option<String>| {
            let roles = role.into_iter().collect();
            Entry::Role { roles, external_id, policy: Some(policy) }
        };
        if named.is_some() {
            return entry(named);
        }
        let role = self.access.write_role.clone();
        if self.management.as_ref() != Some(account) {
            return entry(role);
        }
        match &self.access.management_role {
            Some(management_role) => entry(Some(management_role.clone())),
            None if self.reached.caller.account == *account => Entry::Own,
            None => entry(role),
        }
    }
}

fn grants(change: &Change, partition: &Partition) -> Vec<Grant> {
    let at = change.target().at;
    change.steps.iter().flat_map(|step| step.grants(&at, partition)).collect()
}
