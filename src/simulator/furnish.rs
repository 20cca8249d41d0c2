//! What generated accounts have: everything is made by the services' own handlers, so that nothing is generated
//! that could not exist in AWS.

use super::furnish_networks::deliverer;
use super::world::World;
use serde_json::{Value, json};

/// What an account will be given.
#[derive(Clone, Debug)]
pub(super) struct Furnishing {
    pub(super) seed: u64,
    pub(super) part: Part,
}

/// The part that an account plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Management,
    /// In line with a sensible baseline by what it has itself.
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
            && regions.len() > 1
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
        for region in &regions {
            self.defaults(world, id, region);
        }
        self.identities(world, id);
        deliverer(world, id);
        for region in &regions {
            self.networks(world, id, region);
        }
        for region in &regions {
            self.instances(world, id, region);
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

    /// What holds for all of a region's volumes, snapshots, images and instances.
    fn defaults(&self, world: &mut World, id: &str, region: &str) {
        let drawn = world.below(3);
        let operations: &[(&str, Value)] = &match (self.part, drawn) {
            (Part::Compliant, _) => vec![
                ("EnableEbsEncryptionByDefault", json!({})),
                ("EnableSnapshotBlockPublicAccess", json!({"State": "block-all-sharing"})),
                ("ModifyInstanceMetadataDefaults", json!({"HttpTokens": "required", "HttpPutResponseHopLimit": 2})),
            ],
            (_, 0) => {
                vec![("DisableImageBlockPublicAccess", json!({})), ("EnableSerialConsoleAccess", json!({}))]
            }
            (_, 1) => vec![("EnableEbsEncryptionByDefault", json!({}))],
            _ => vec![],
        };
        for (operation, input) in operations {
            world.build(id, region, "ec2", operation, input.clone());
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
