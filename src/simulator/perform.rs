//! How worlds are built: through the services' own handlers wherever there is one.

use super::fault::{Fault, Faults};
use super::front::{Call, gap};
use super::ledger::Ledger;
use super::model::{self, check};
use super::services;
use super::services::iam::User;
use super::services::iam_access::AccessKey;
use super::world::{Account, Caller, Credential, Organization, Principal, Unit, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The role that Organizations makes in accounts that it creates.
pub const ACCESS_ROLE: &str = "OrganizationAccountAccessRole";
const HOME: &str = "us-east-1";

impl World {
    /// Does an operation as the account's root user, past authorization, faults and the ledger, but through the
    /// model's checks and the service's own handler: how worlds are built, also by tests.
    ///
    /// # Errors
    /// Refused as AWS would refuse it, or unknown to the simulator.
    pub fn perform(
        &mut self,
        account: &str,
        region: &str,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, Fault> {
        let known = model::service(service).and_then(|found| Some((found, found.operations.get_key_value(operation)?)));
        let unknown = || Fault::new(400, "NotImplemented", format!("the model has no {service} {operation}"));
        let (service, (operation, definition)) = known.ok_or_else(unknown)?;
        if let Some(shape) = &definition.input {
            check::check(service, shape, &input)?;
        }
        let name = service.name.as_str();
        let handler = services::handler(name, operation).ok_or_else(|| gap(service, operation))?;
        let caller = self.root_of(account);
        handler(&mut Call { world: self, account, region, caller: &caller, input, operation, service: name })
    }

    /// The root user of an account, as a caller.
    pub fn root_of(&self, account: &str) -> Caller {
        Caller {
            account: account.to_owned(),
            arn: format!("arn:{}:iam::{account}:root", self.partition),
            id: account.to_owned(),
            principal: Principal::Root,
        }
    }

    /// A world with an organization of one management account (`100000000001`) and the regions given.
    pub fn bare(regions: &[&str], seed: u64) -> Self {
        let regions = regions.iter().map(|region| (*region).to_owned()).collect();
        Self::with_management("100000000001", regions, seed, None)
    }

    /// The same with the clock at `start`, seconds since the epoch: two that are made alike are then alike in every time.
    pub fn bare_at(regions: &[&str], seed: u64, start: i64) -> Self {
        let regions = regions.iter().map(|region| (*region).to_owned()).collect();
        Self::with_management("100000000001", regions, seed, Some(start))
    }

    /// Starts the clock at `start`, or now.
    pub(super) fn with_management(management: &str, regions: Vec<String>, seed: u64, start: Option<i64>) -> Self {
        let mut world = Self {
            partition: "aws".to_owned(),
            organization: None,
            buckets: BTreeMap::new(),
            regions,
            faults: Faults::default(),
            ledger: Ledger::default(),
            accounts: BTreeMap::new(),
            unfurnished: BTreeMap::new(),
            credentials: BTreeMap::new(),
            pasts: BTreeMap::new(),
            clock: start.unwrap_or_else(|| jiff::Timestamp::now().as_second()),
            random: seed,
        };
        let (id, root) = (format!("o-{}", world.token(10)), format!("r-{}", world.token(4)));
        let management = management.to_owned();
        world.organization =
            Some(Organization { id, management: management.clone(), root: root.clone(), ..Organization::default() });
        world.add_account(Account {
            id: management,
            name: "management".to_owned(),
            email: "management@example.com".to_owned(),
            state: "ACTIVE".to_owned(),
            parent: root,
            joined: world.clock,
            ..Account::default()
        });
        world
    }

    /// The id of the management account.
    pub fn management(&self) -> String {
        self.organization.as_ref().map(|organization| organization.management.clone()).unwrap_or_default()
    }

    /// Keys of the management account's user `administrator`, who may do everything: the same at every call.
    pub fn administrator(&mut self) -> Credential {
        let management = self.management();
        let arn = format!("arn:{}:iam::{management}:user/administrator", self.partition);
        if let Some(known) = self.credentials.values().find(|credential| credential.caller.arn == arn) {
            return known.clone();
        }
        let policy = format!("arn:{}:iam::aws:policy/AdministratorAccess", self.partition);
        self.account(&management);
        let (id, created) = (format!("AIDA{}", self.token(17).to_uppercase()), self.clock);
        let principal = Principal::User("administrator".to_owned());
        let caller = Caller { account: management.clone(), arn, id: id.clone(), principal };
        let issued = self.issue(caller, None);
        let key = AccessKey { id: issued.access_key_id.clone(), active: true, created, changed: None, last_used: None };
        let user = User { id, created, attached: vec![policy], keys: vec![key], ..User::default() };
        if let Some(account) = self.account(&management) {
            account.iam.users.insert("administrator".to_owned(), user);
        }
        issued
    }

    /// Every credential that was ever issued, for tests that look for leaks and for what a session may do.
    pub fn issued(&self) -> Vec<Credential> {
        self.credentials.values().cloned().collect()
    }

    /// Adds an organizational unit and answers its id; without a parent, under the root.
    pub fn add_unit(&mut self, parent: Option<&str>, name: &str) -> String {
        let root = self.organization.as_ref().map(|organization| organization.root.clone()).unwrap_or_default();
        let id = format!("ou-{}-{}", root.trim_start_matches("r-"), self.token(8));
        let unit = Unit { id: id.clone(), name: name.to_owned(), parent: parent.map_or(root, str::to_owned) };
        if let Some(organization) = &mut self.organization {
            organization.units.insert(id.clone(), unit);
        }
        id
    }

    /// Adds an active member with the role that Organizations makes, and answers its id; without a parent, under
    /// the root.
    pub fn add_member(&mut self, parent: Option<&str>, name: &str) -> String {
        let root = self.organization.as_ref().map(|organization| organization.root.clone()).unwrap_or_default();
        let id = format!("{:012}", 100_000_000_001 + self.accounts.len());
        self.add_account(Account {
            id: id.clone(),
            name: name.to_owned(),
            email: format!("{name}@example.com"),
            state: "ACTIVE".to_owned(),
            parent: parent.map_or(root, str::to_owned),
            joined: self.clock,
            ..Account::default()
        });
        let management = self.management();
        self.add_access_role(&id, &json!({"AWS": format!("arn:{}:iam::{management}:root", self.partition)}));
        id
    }

    /// Gives an account the role `OrganizationAccountAccessRole` with all permissions, trusting whom is said.
    pub fn add_access_role(&mut self, account: &str, trusted: &Value) {
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}],
        });
        let role = json!({"RoleName": ACCESS_ROLE, "AssumeRolePolicyDocument": trust.to_string()});
        self.build(account, HOME, "iam", "CreateRole", role);
        let policy = format!("arn:{}:iam::aws:policy/AdministratorAccess", self.partition);
        let attachment = json!({"RoleName": ACCESS_ROLE, "PolicyArn": policy});
        self.build(account, HOME, "iam", "AttachRolePolicy", attachment);
    }

    /// As `perform`, for what cannot fail unless the simulator is wrong.
    pub fn build(&mut self, account: &str, region: &str, service: &str, operation: &str, input: Value) -> Value {
        self.perform(account, region, service, operation, input).unwrap_or_else(|fault| {
            panic!("{account} {region} {service} {operation}: {}: {}", fault.code, fault.message)
        })
    }

    /// Everything there is, for tests that look from outside; furnishes every account.
    pub fn state(&mut self) -> Value {
        let ids: Vec<String> = self.accounts.keys().cloned().collect();
        for id in &ids {
            self.account(id);
        }
        json!({
            "now": self.now(),
            "organization": self.organization,
            "accounts": self.accounts,
            "buckets": self.buckets,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_ids() {
        let drawn = |seed| World::bare(&["us-east-1"], seed).uuid();
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }

    #[test]
    fn the_administrator_keeps_the_same_keys() {
        let mut world = World::bare(&["us-east-1"], 1);
        assert_eq!(world.administrator().secret_access_key, world.administrator().secret_access_key);
    }
}
