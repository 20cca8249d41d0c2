//! From options and baseline to sessions: who is entered how, and with which permissions.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::aws::{Base, Caller, Entry, Guard, OBJECT_CALLS, OBJECT_READS, Options, Session, SessionPolicy};
use crate::baseline::Baseline;
use crate::cli;
use crate::control::AnyControl;
use crate::controls;
use crate::failure::Failure;
use crate::observe::account::Regions;
use crate::observe::iam::SIMULATE;
use crate::observe::sts::Accepted;
use crate::observe::{Call, Home, Observe as _};
use crate::organization;
use crate::plan::{Access, AccountAccess};
use crate::target::AccountId;

/// The role that AWS Organizations makes in the accounts it creates; what is read with where nothing else is said.
const DEFAULT_READ_ROLE: &str = "OrganizationAccountAccessRole";

/// What was typed, as the room that reaches AWS wants it.
pub(super) fn options(reach: &cli::Reach, run: &str) -> Options {
    Options {
        profile: reach.profile.clone(),
        region: reach.region.clone(),
        endpoint_url: reach.endpoint_url.clone(),
        run_id: run.to_owned(),
        global_cap: usize::from(reach.concurrency),
        ..Options::default()
    }
}

/// A process that reached AWS, and knows as whom.
pub(super) struct Reached {
    pub(super) base: Base,
    pub(super) caller: Caller,
}

impl Reached {
    /// Reads the configuration and asks STS who this is.
    pub(super) async fn new(options: Options) -> Result<Self, Failure> {
        let base = Base::load(options).await?;
        let caller = base.caller().await?;
        Ok(Self { base, caller })
    }

    /// A session with the caller's own credentials that may ask Organizations, and nothing else.
    pub(super) fn organizations(&self) -> Session {
        self.own(organization::CALLS)
    }

    /// The same that may ask where single accounts stand.
    pub(super) fn standings(&self) -> Session {
        self.own(organization::STANDING_CALLS)
    }

    /// A session with the caller's own credentials that may use shared objects, and nothing else.
    pub(super) fn objects(&self) -> Session {
        self.own(OBJECT_CALLS)
    }

    /// The same for who only looks.
    pub(super) fn objects_to_read(&self) -> Session {
        self.own(OBJECT_READS)
    }

    /// A session with the caller's own credentials that may ask IAM's policy simulator, and nothing else.
    pub(super) fn simulating(&self) -> Session {
        self.own(&[SIMULATE])
    }

    fn own(&self, calls: &[Call]) -> Session {
        let guard = Arc::new(Guard::new(calls.iter().copied()));
        self.base.enter(&self.caller, &self.caller.account, Entry::Own, &guard)
    }
}

/// How accounts are entered: the options win over the baseline.
pub(super) fn access(baseline: &Baseline, reach: &cli::Reach) -> Access {
    let access = &baseline.access;
    let texts = |roles: &[crate::baseline::RoleName]| roles.iter().map(ToString::to_string).collect::<Vec<_>>();
    let account = |one: &crate::baseline::AccountAccess| AccountAccess {
        read_role: texts(&one.read_role),
        write_role: one.write_role.as_ref().map(ToString::to_string),
        external_id: one.external_id.as_ref().map(ToString::to_string),
    };
    let typed = |given: &[String], said: Vec<String>| if given.is_empty() { said } else { given.to_vec() };
    Access {
        read_role: typed(&reach.read_role, texts(&access.read_role)),
        write_role: reach.write_role.clone().or(access.write_role.as_ref().map(ToString::to_string)),
        management_role: access.management_role.as_ref().map(ToString::to_string),
        external_id: reach.external_id.clone().or(access.external_id.as_ref().map(ToString::to_string)),
        accounts: access.accounts.iter().map(|(id, one)| (id.clone(), account(one))).collect(),
    }
}

/// What a run reads with: who is entered how, narrowed to the declared reads.
pub(super) struct Reads {
    reached: Arc<Reached>,
    access: Access,
    management: Option<AccountId>,
    guard: Arc<Guard>,
    member: SessionPolicy,
    home: SessionPolicy,
}

impl Reads {
    /// The reads of these controls.
    pub(super) fn new(
        reached: &Arc<Reached>,
        access: &Access,
        management: Option<&AccountId>,
        controls: &[&'static dyn AnyControl],
    ) -> Self {
        let member = member_calls(controls);
        let home: BTreeSet<Call> =
            controls::calls(controls.iter().copied(), Home::Management).into_iter().chain(member.clone()).collect();
        let policy = |calls: &BTreeSet<Call>| {
            SessionPolicy::reading(&calls.iter().copied().collect::<Vec<_>>(), &reached.caller.partition)
        };
        Self {
            member: policy(&member),
            home: policy(&home),
            guard: Arc::new(Guard::new(home.into_iter().chain(Accepted::CALLS.iter().copied()))),
            reached: Arc::clone(reached),
            access: access.clone(),
            management: management.cloned(),
        }
    }

    /// A session in an account. The role is assumed at its first use.
    pub(super) fn session(&self, account: &AccountId) -> Session {
        let management = self.management.as_ref() == Some(account);
        let policy = if management { &self.home } else { &self.member };
        let entry = entry(&self.access, &self.reached.caller, account, management, policy.clone());
        self.reached.base.enter(&self.reached.caller, account, entry, &self.guard)
    }

    /// A session in an account, by the same role, that may ask IAM's policy simulator and nothing else; none where no
    /// role is assumed.
    pub(super) fn simulating(&self, account: &AccountId) -> Option<Session> {
        let policy = SessionPolicy::reading(&[SIMULATE], &self.reached.caller.partition);
        let management = self.management.as_ref() == Some(account);
        let entry = entry(&self.access, &self.reached.caller, account, management, policy);
        let guard = Arc::new(Guard::new([SIMULATE]));
        matches!(entry, Entry::Role { .. })
            .then(|| self.reached.base.enter(&self.reached.caller, account, entry, &guard))
    }

    /// How an account is reached, in words.
    pub(super) fn way(&self, account: &AccountId) -> String {
        let roles = self.roles(account);
        if roles.is_empty() { "the caller's own credentials".to_owned() } else { roles.join(", ") }
    }

    /// The roles that are tried in an account, in order; empty: the caller's own credentials.
    pub(super) fn roles(&self, account: &AccountId) -> Vec<String> {
        let management = self.management.as_ref() == Some(account);
        match entry(&self.access, &self.reached.caller, account, management, self.member.clone()) {
            Entry::Own => vec![],
            Entry::Role { roles, .. } => roles,
        }
    }
}

/// The calls that reading an account makes there; none where nothing is judged.
pub(super) fn member_calls(controls: &[&'static dyn AnyControl]) -> BTreeSet<Call> {
    if controls.is_empty() {
        return BTreeSet::new();
    }
    let mut calls = controls::calls(controls.iter().copied(), Home::Member);
    // An account that keeps the logs of others is entered as any other.
    calls.extend(controls::calls(controls.iter().copied(), Home::LogArchive));
    calls.extend(Regions::CALLS.iter().copied());
    calls
}

/// The external id that is sent with the roles of an account.
pub(super) fn external_id(access: &Access, account: &AccountId) -> Option<String> {
    let own = access.accounts.get(account).and_then(|own| own.external_id.clone());
    own.or_else(|| access.external_id.clone())
}

fn entry(access: &Access, caller: &Caller, account: &AccountId, management: bool, policy: SessionPolicy) -> Entry {
    let own = access.accounts.get(account);
    let external_id = external_id(access, account);
    let role = |roles: Vec<String>| Entry::Role { roles, external_id, policy: Some(policy) };
    match own.map(|own| own.read_role.clone()).filter(|roles| !roles.is_empty()) {
        Some(roles) => role(roles),
        None if management && access.management_role.is_some() => {
            role(access.management_role.clone().into_iter().collect())
        }
        // Organizations makes its role in the accounts it creates, never in the one that calls.
        None if caller.account == *account && (management || access.read_role == [DEFAULT_READ_ROLE]) => Entry::Own,
        None => role(access.read_role.clone()),
    }
}
