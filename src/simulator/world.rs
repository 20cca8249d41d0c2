//! Everything there is: the organization, its accounts, the bucket names, the clock.

use super::fault::Faults;
use super::furnish::Furnishing;
use super::lag::Past;
use super::ledger::Ledger;
use super::services;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The simulated part of AWS.
#[derive(Debug)]
pub struct World {
    /// The partition in every ARN.
    pub partition: String,
    /// The organization, if the world has one.
    pub organization: Option<Organization>,
    /// Buckets by name: names are global in a partition.
    pub buckets: BTreeMap<String, services::s3::Bucket>,
    /// The regions that exist.
    pub regions: Vec<String>,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Every call so far.
    pub ledger: Ledger,
    pub(super) accounts: BTreeMap<String, Account>,
    /// What accounts get when they are first touched: ten thousand are cheap as long as nobody looks.
    pub(super) unfurnished: BTreeMap<String, Furnishing>,
    pub(crate) credentials: BTreeMap<String, Credential>,
    /// What accounts still look like to who asks.
    pub(super) pasts: BTreeMap<String, Past>,
    pub(super) clock: i64,
    pub(super) random: u64,
}

/// An organization: the tree and what hangs on it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Organization {
    /// Such as `o-abc1234567`.
    pub id: String,
    /// The management account's id.
    pub management: String,
    /// The root's id, such as `r-ab12`.
    pub root: String,
    /// Organizational units by id.
    pub units: BTreeMap<String, Unit>,
    /// Policies, trusted services, delegated administrators, requests to create accounts.
    pub state: services::organizations::State,
}

/// An organizational unit.
#[derive(Clone, Debug, Serialize)]
pub struct Unit {
    /// Such as `ou-ab12-cdefgh34`.
    pub id: String,
    /// Its name, unique beside its siblings.
    pub name: String,
    /// The id of the root or of another unit.
    pub parent: String,
}

/// One account.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// The name in the organization.
    pub name: String,
    /// The root user's address.
    pub email: String,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, `CLOSED`, `PENDING_ACTIVATION`.
    pub state: String,
    /// The id of the root or of the unit it is in.
    pub parent: String,
    /// Seconds since the epoch when it joined.
    pub joined: i64,
    /// Tags in the organization.
    pub tags: BTreeMap<String, String>,
    /// Roles, users, password policy: the same in every region.
    pub iam: services::iam::State,
    /// Alternate contacts by type.
    pub contacts: BTreeMap<String, Value>,
    /// The primary contact.
    pub primary_contact: Option<Value>,
    /// The four switches of its public access block; none: there is none.
    pub public_access_block: Option<Value>,
    /// Opt status of regions that differ from `ENABLED_BY_DEFAULT`: `ENABLED`, `DISABLED`, `ENABLING`, `DISABLING`.
    pub opt_status: BTreeMap<String, String>,
    /// What it has in each region.
    pub regions: BTreeMap<String, RegionState>,
}

/// What an account has in one region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RegionState {
    /// Who outside is let in.
    pub access_analyzer: services::access_analyzer::State,
    /// Keys and aliases.
    pub kms: services::kms::State,
    /// What holds for all of the region's instances, volumes, snapshots and images.
    pub ec2: services::ec2::State,
    /// Detectors, members and the administrator.
    pub guardduty: services::guardduty::State,
    /// What is recorded, and where it is delivered.
    pub config: services::config::State,
    /// The hub, and what its administrator configures.
    pub securityhub: services::securityhub::State,
    /// Log groups, what is in them, and the metrics that are made of it.
    pub logs: services::logs::State,
    /// Trails that are homed here.
    pub cloudtrail: services::cloudtrail::State,
    /// Alarms.
    pub cloudwatch: services::cloudwatch::State,
    /// Topics and who subscribed to them.
    pub sns: services::sns::State,
}

/// Who signed a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Caller {
    /// The account that the identity belongs to.
    pub account: String,
    /// What `GetCallerIdentity` answers: a user, the root user, or an assumed role's session.
    pub arn: String,
    /// The unique id, `AIDA…` or `AROA…:session`.
    pub id: String,
    /// What sort of identity it is.
    pub principal: Principal,
}

/// What sort of identity a caller is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Principal {
    /// The root user of an account: no identity policy limits it.
    Root,
    /// The same in a session of `AssumeRoot`, which one of AWS's policies for such tasks limits: its ARN.
    RootTask(String),
    /// An IAM user, by name.
    User(String),
    /// A session of a role.
    Role(Session),
}

/// What `AssumeRole` granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Session {
    /// The role's name without its path; roles are stored by name.
    pub role: String,
    /// The session's name.
    pub name: String,
    /// The session policy's text, if one was sent.
    pub policy: Option<String>,
    /// ARNs of managed policies that limit the session.
    pub policy_arns: Vec<String>,
}

/// What a client signs with.
#[derive(Clone, Debug, Serialize)]
pub struct Credential {
    /// `AKIA…` or `ASIA…`.
    pub access_key_id: String,
    /// What the signature is made with.
    pub secret_access_key: String,
    /// Present on credentials that expire.
    pub session_token: Option<String>,
    /// Seconds since the epoch.
    pub expires: Option<i64>,
    /// Whose they are.
    pub caller: Caller,
}

impl World {
    /// Seconds since the epoch, by the virtual clock.
    pub fn now(&self) -> i64 {
        self.clock
    }

    /// An account by its id, furnished on the first touch.
    pub fn account(&mut self, id: &str) -> Option<&mut Account> {
        if let Some(furnishing) = self.unfurnished.remove(id) {
            furnishing.furnish(self, id);
        }
        self.accounts.get_mut(id)
    }

    /// An account by its id, as far as it is furnished.
    pub(crate) fn known(&self, id: &str) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// Whether an account other than this has the alias.
    pub(crate) fn alias_of_another(&self, alias: &str, account: &str) -> bool {
        self.accounts.values().any(|other| other.id != account && other.iam.alias.as_deref() == Some(alias))
    }

    /// Every account as the organization lists it, by id; what is in them is not furnished.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// Adds an account; the caller has chosen its id.
    pub fn add_account(&mut self, account: Account) {
        self.accounts.insert(account.id.clone(), account);
    }

    /// Credentials for a caller, valid for the seconds given, or for ever.
    pub fn issue(&mut self, caller: Caller, seconds: Option<i64>) -> Credential {
        let credential = Credential {
            access_key_id: format!(
                "{}{}",
                if seconds.is_some() { "ASIA" } else { "AKIA" },
                self.token(16).to_uppercase()
            ),
            secret_access_key: self.token(40),
            session_token: seconds.map(|_| self.token(120)),
            expires: seconds.map(|seconds| self.clock + seconds),
            caller,
        };
        self.credentials.insert(credential.access_key_id.clone(), credential.clone());
        credential
    }

    /// The credentials of an access key.
    pub(crate) fn credential(&self, access_key_id: &str) -> Option<&Credential> {
        self.credentials.get(access_key_id)
    }

    /// Ends a session before its time; keys that last for ever stay.
    pub(super) fn expire(&mut self, access_key_id: &str) {
        let now = self.clock;
        if let Some(session) = self.credentials.get_mut(access_key_id).filter(|session| session.expires.is_some()) {
            session.expires = Some(now);
        }
    }

    /// Moves the clock forward; it never goes back.
    pub fn advance(&mut self, seconds: u32) {
        self.clock += i64::from(seconds);
    }

    /// The next number of the world's own generator (splitmix64): the same seed, the same world.
    pub fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Random lower case letters and digits, as in most ids.
    pub fn token(&mut self, length: usize) -> String {
        self.drawn(b"abcdefghijklmnopqrstuvwxyz234567", length)
    }

    /// Random hexadecimal digits.
    pub fn hex(&mut self, length: usize) -> String {
        self.drawn(b"0123456789abcdef", length)
    }

    /// Random decimal digits.
    pub fn digits(&mut self, length: usize) -> String {
        self.drawn(b"0123456789", length)
    }

    /// A random id in the form of a UUID.
    pub fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    fn drawn(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[(self.random() >> 33) as usize % alphabet.len()])).collect()
    }
}
