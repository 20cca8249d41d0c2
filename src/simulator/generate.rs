//! Organizations out of a seed: a tree, a cast, and accounts that are furnished when they are first touched.
//!
//! Everything is made by the services' own handlers, so that no generated state could not exist in AWS.

use super::world::{Account, World};
use serde::Deserialize;
use serde_json::{Value, json};

/// What sort of world to generate.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How many accounts, the management account included.
    pub accounts: usize,
    /// The regions that exist; the first is where single-region things are made.
    pub regions: Vec<String>,
    /// The same seed makes the same world.
    pub seed: u64,
    /// Where the clock starts, in seconds since the epoch; none is now.
    pub start: Option<i64>,
}

impl Default for Options {
    fn default() -> Self {
        let regions = ["us-east-1", "eu-west-1", "ap-northeast-1"].map(str::to_owned).to_vec();
        Self { accounts: 12, regions, seed: 1, start: None }
    }
}

/// What an account will be given.
#[derive(Clone, Debug)]
pub(super) struct Furnishing {
    seed: u64,
    part: Part,
}

/// The part that an account plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Management,
    /// In order, by what it has itself.
    Compliant,
    /// Its settings are drawn.
    Mixed,
    Suspended,
    /// Nobody in the organization may assume its role.
    Unreachable,
    /// Its password policy asks for more than anyone.
    Strict,
    /// One region is not enabled.
    RegionClosed,
    /// It has a trail of its own, in one region, without validation.
    OwnTrail,
}

/// The parts that a small world must show, in the order of its accounts.
const CAST: [Part; 7] = [
    Part::Suspended,
    Part::Unreachable,
    Part::Strict,
    Part::RegionClosed,
    Part::OwnTrail,
    Part::Compliant,
    Part::Mixed,
];

/// Where accounts live: path, and how many in ten.
const UNITS: [(&str, u64); 6] = [
    ("Security", 1),
    ("Infrastructure", 1),
    ("Workloads/Production/Europe", 3),
    ("Workloads/Production/America", 2),
    ("Workloads/Staging", 2),
    ("Sandbox", 1),
];

const TEAMS: [&str; 12] = [
    "payments",
    "search",
    "billing",
    "identity",
    "catalogue",
    "shipping",
    "analytics",
    "mobile",
    "support",
    "research",
    "media",
    "platform",
];

impl World {
    /// An organization of mixed accounts. Its accounts are listed at once, and furnished when first touched.
    pub fn generate(options: &Options) -> Self {
        let mut ids = Self::bare(&[], options.seed);
        let management = format!("1{}", ids.digits(11));
        let mut world = Self::with_management(&management, options.regions.clone(), options.seed, options.start);
        world.unfurnished.insert(management, Furnishing { seed: options.seed, part: Part::Management });
        let units = world.grow();
        for number in 1..options.accounts {
            let part = match number.checked_sub(1).and_then(|index| CAST.get(index)) {
                Some(part) if options.accounts >= 8 => *part,
                _ if world.one_in(4) => Part::Compliant,
                _ => Part::Mixed,
            };
            world.enrol(number, part, &units);
        }
        world
    }

    /// Makes the units and answers the ids of those that hold accounts, as often as they shall be drawn.
    fn grow(&mut self) -> Vec<String> {
        let mut made: Vec<(String, String)> = vec![];
        let mut drawn = vec![];
        for (path, weight) in UNITS {
            let mut parent: Option<String> = None;
            for (end, _) in path.match_indices('/').chain([(path.len(), "")]) {
                let known = made.iter().find(|(known, _)| known == &path[..end]).map(|(_, id)| id.clone());
                let name = path[..end].rsplit('/').next().unwrap_or(path);
                let id = known.unwrap_or_else(|| self.add_unit(parent.as_deref(), name));
                made.push((path[..end].to_owned(), id.clone()));
                parent = Some(id);
            }
            drawn.extend((0..weight).filter_map(|_| parent.clone()));
        }
        drawn
    }

    fn enrol(&mut self, number: usize, part: Part, units: &[String]) {
        let id = loop {
            let id = format!("{}{}", 2 + self.below(8), self.digits(11));
            if !self.accounts.contains_key(&id) {
                break id;
            }
        };
        let name = format!("{}-{number:02}", TEAMS[number % TEAMS.len()]);
        let parent = units[self.index(units.len())].clone();
        let state = if part == Part::Suspended { "SUSPENDED" } else { "ACTIVE" };
        let years = 86_400 * i64::try_from(100 + self.below(1_500)).unwrap_or_default();
        let furnishing = Furnishing { seed: self.random(), part };
        self.unfurnished.insert(id.clone(), furnishing);
        self.add_account(Account {
            email: format!("aws+{name}@example.com"),
            state: state.to_owned(),
            joined: self.now() - years,
            id,
            name,
            parent,
            ..Account::default()
        });
    }

    fn below(&mut self, bound: u64) -> u64 {
        (self.random() >> 33) % bound
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}

impl Furnishing {
    /// Gives an account what it has. The numbers drawn are the account's own, so that the order in which accounts
    /// are touched makes no difference.
    pub(super) fn furnish(&self, world: &mut World, id: &str) {
        let shared = std::mem::replace(&mut world.random, self.seed);
        let management = world.management();
        let trusted = match self.part {
            Part::Management => None,
            Part::Unreachable => Some(json!({"Service": "ec2.amazonaws.com"})),
            _ => Some(json!({"AWS": format!("arn:{}:iam::{management}:root", world.partition)})),
        };
        if let Some(trusted) = trusted {
            world.add_access_role(id, &trusted);
        }
        let mut regions = world.regions.clone();
        if self.part == Part::RegionClosed
            && let Some(closed) = regions.iter().rposition(|region| region != "us-east-1")
            && let Some(account) = world.accounts.get_mut(id)
        {
            account.opt_status.insert(regions.remove(closed), "DISABLED".to_owned());
        }
        self.password_policy(world, id);
        for region in &regions {
            self.keys(world, id, region);
            self.detector(world, id, region);
        }
        match (self.part, regions.first()) {
            (Part::Compliant, Some(home)) => trail(world, id, home, true),
            (Part::OwnTrail, Some(home)) => trail(world, id, home, false),
            _ => {}
        }
        world.random = shared;
    }

    fn password_policy(&self, world: &mut World, id: &str) {
        let classes = |length: u64| {
            json!({
                "MinimumPasswordLength": length, "RequireSymbols": true, "RequireNumbers": true,
                "RequireUppercaseCharacters": true, "RequireLowercaseCharacters": true, "PasswordReusePrevention": 24,
            })
        };
        let drawn = world.below(4);
        let policy = match (self.part, drawn) {
            (Part::Strict, _) => {
                let mut policy = classes(20);
                policy["MaxPasswordAge"] = json!(60);
                policy["AllowUsersToChangePassword"] = json!(true);
                policy
            }
            (Part::Compliant, _) | (_, 3) => classes(14),
            (_, 0) => return,
            (_, 1) => json!({"MinimumPasswordLength": 8, "AllowUsersToChangePassword": true}),
            _ => {
                json!({"MinimumPasswordLength": 16, "RequireSymbols": true, "RequireNumbers": true, "MaxPasswordAge": 90})
            }
        };
        world.build(id, "us-east-1", "iam", "UpdateAccountPasswordPolicy", policy);
    }

    fn keys(&self, world: &mut World, id: &str, region: &str) {
        for _ in 0..world.below(3) {
            let kind = world.below(5);
            let input = match kind {
                4 => json!({"Description": "signs releases", "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
                _ => json!({"Description": "application data"}),
            };
            let made = world.build(id, region, "kms", "CreateKey", input);
            let key = json!({"KeyId": made["KeyMetadata"]["KeyId"]});
            let next = match kind {
                4 => continue,
                3 => "DisableKey",
                0 | 1 if self.part != Part::Compliant => continue,
                _ => "EnableKeyRotation",
            };
            world.build(id, region, "kms", next, key);
        }
    }

    fn detector(&self, world: &mut World, id: &str, region: &str) {
        let drawn = world.below(4);
        let input = match (self.part, drawn) {
            // What is not named is switched on, as AWS does.
            (Part::Compliant, _) | (_, 3) => json!({"Enable": true}),
            (_, 0) => return,
            (_, 1) => json!({"Enable": false}),
            _ => json!({"Enable": true, "Features": [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]}),
        };
        world.build(id, region, "guardduty", "CreateDetector", input);
    }
}

/// A trail with its bucket; a good one covers every region, validates, and has a key.
fn trail(world: &mut World, id: &str, region: &str, good: bool) {
    let bucket = format!("audit-{id}-{region}");
    let mut creation = json!({"Bucket": bucket});
    if region != "us-east-1" {
        creation["CreateBucketConfiguration"] = json!({"LocationConstraint": region});
    }
    world.build(id, region, "s3", "CreateBucket", creation);
    let policy = json!({"Bucket": bucket, "Policy": bucket_policy(world, id, &bucket).to_string()});
    world.build(id, region, "s3", "PutBucketPolicy", policy);
    let mut input = json!({"Name": "audit", "S3BucketName": bucket});
    if good {
        let policy = key_policy(world, id).to_string();
        let key = world.build(id, region, "kms", "CreateKey", json!({"Description": "trail", "Policy": policy}));
        let key = key["KeyMetadata"]["Arn"].clone();
        world.build(id, region, "kms", "EnableKeyRotation", json!({"KeyId": key}));
        input["KmsKeyId"] = key;
        input["IsMultiRegionTrail"] = json!(true);
        input["EnableLogFileValidation"] = json!(true);
    }
    world.build(id, region, "cloudtrail", "CreateTrail", input);
    world.build(id, region, "cloudtrail", "StartLogging", json!({"Name": "audit"}));
}

fn bucket_policy(world: &World, id: &str, bucket: &str) -> Value {
    let arn = format!("arn:{}:s3:::{bucket}", world.partition);
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Look", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": arn},
        {"Sid": "Write", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": format!("{arn}/AWSLogs/{id}/*"),
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}},
    ]})
}

fn key_policy(world: &World, id: &str) -> Value {
    let partition = &world.partition;
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let context = format!("arn:{partition}:cloudtrail:*:{id}:trail/*");
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Own", "Effect": "Allow", "Principal": {"AWS": format!("arn:{partition}:iam::{id}:root")},
         "Action": "kms:*", "Resource": "*"},
        {"Sid": "Encrypt", "Effect": "Allow", "Principal": service, "Action": "kms:GenerateDataKey*", "Resource": "*",
         "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": context}}},
        {"Sid": "Describe", "Effect": "Allow", "Principal": service, "Action": "kms:DescribeKey", "Resource": "*"},
    ]})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(seed: u64) -> World {
        World::generate(&Options { accounts: 12, seed, start: Some(1_700_000_000), ..Options::default() })
    }

    #[test]
    fn the_order_of_touching_makes_no_difference() {
        let (mut forth, mut back) = (small(5), small(5));
        let ids: Vec<String> = forth.accounts().map(|account| account.id.clone()).collect();
        for (first, last) in ids.iter().zip(ids.iter().rev()) {
            forth.account(first).unwrap();
            back.account(last).unwrap();
        }
        assert_eq!(forth.state(), back.state());
        assert_ne!(forth.state(), small(6).state());
    }

    #[test]
    fn a_small_world_shows_the_whole_cast() {
        let mut world = small(1);
        let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
        for id in &ids {
            world.account(id).unwrap();
        }
        let all: Vec<&Account> = world.accounts().collect();
        assert_eq!(all.len(), 12);
        assert_eq!(all.iter().filter(|account| account.state == "SUSPENDED").count(), 1);
        assert_eq!(all.iter().filter(|account| !account.opt_status.is_empty()).count(), 1);
        assert!(world.buckets.len() >= 2);
        let depth = world.organization.as_ref().unwrap().units.values().filter(|unit| unit.name == "Europe").count();
        assert_eq!(depth, 1);
    }

    #[test]
    fn ten_thousand_accounts_are_listed_without_furnishing_one() {
        let world = World::generate(&Options { accounts: 10_000, ..Options::default() });
        assert_eq!(world.accounts().count(), 10_000);
        assert_eq!(world.unfurnished.len(), 10_000);
    }
}
