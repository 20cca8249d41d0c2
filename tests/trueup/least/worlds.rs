//! The suites: a baseline each, and worlds that drift in every way that its controls can mend.

use serde_json::{Value, json};
use trueup::simulator::fault::Injection;
use trueup::simulator::world::World as Simulated;

use super::identities::{
    admins, certificates, contacts, keyed_root_users, root_users, rotating, shells, signing_in, users,
};
use super::networks;
use crate::harness::{HOME, error, organization, set_policy, strike, text};
use crate::trail_buckets;

/// A baseline, and what it is held against.
pub(super) struct Suite {
    pub(super) name: &'static str,
    /// What its file says below how accounts are entered.
    pub(super) controls: &'static str,
    /// In the order in which they are asked for an action. Where what is missing shows at the first look goes before
    /// where it shows after a write, when an apply looks again for two minutes.
    pub(super) settings: &'static [World],
    /// It takes everything of a caller that any baseline takes.
    pub(super) proves_caller: bool,
}

/// A world that drifts.
pub(super) struct World {
    pub(super) name: &'static str,
    pub(super) build: fn() -> Simulated,
    /// What goes wrong in it, given the management account.
    pub(super) faults: fn(&str) -> Vec<Injection>,
    /// The operations that faults strike.
    pub(super) struck: &'static [&'static str],
    /// Nothing in it can be mended.
    pub(super) only_reads: bool,
}

const fn world(name: &'static str, build: fn() -> Simulated) -> World {
    World { name, build, faults: |_| vec![], struck: &[], only_reads: false }
}

/// The name of the account that keeps the logs of others. Its id stands where a suite says `{archive}`.
const ARCHIVE: &str = "archive";

/// The account that keeps the logs of others, if a world has one.
pub(super) fn archive_of(world: &Simulated) -> Option<String> {
    world.accounts().find(|account| account.name == ARCHIVE).map(|account| account.id.clone())
}

/// The name of the account that administers a service for others. Its id stands where a suite says `{administrator}`.
const ADMINISTRATOR: &str = "administrator";

/// The account that administers a service for others, if a world has one.
pub(super) fn administrator_of(world: &Simulated) -> Option<String> {
    world.accounts().find(|account| account.name == ADMINISTRATOR).map(|account| account.id.clone())
}

pub(super) const SUITES: &[Suite] = &[
    Suite {
        proves_caller: false,
        name: "iam.password_policy",
        controls: "controls:\n  iam.password_policy:\n    minimum_length: 14\n    require_symbols: true\n    max_age_days: 90\n",
        settings: &[world("weak passwords", weak)],
    },
    Suite {
        proves_caller: false,
        name: "account.contact",
        controls: "controls:\n  account.contact:\n    security: &ada { name: Ada, title: CISO, email: ada@acme.example, \
                   phone: \"1\" }\n    billing: *ada\n    operations: *ada\n",
        settings: &[world("no contacts", || organization(&["one"]).0)],
    },
    Suite {
        proves_caller: false,
        name: "account.primary_contact",
        controls: "controls:\n  account.primary_contact:\n    details: { full_name: Acme }\n    mend: true\n",
        settings: &[world("other contacts", contacts)],
    },
    Suite {
        proves_caller: false,
        name: "iam.root_user",
        controls: "controls:\n  iam.root_user:\n    no_access_key: true\n",
        settings: &[world("root users with access keys", keyed_root_users)],
    },
    Suite {
        proves_caller: false,
        name: "iam.root_user whom a person sees to",
        controls: "controls:\n  iam.root_user:\n    mfa: true\n    hardware_mfa: true\n    unused_days: 90\n",
        settings: &[
            World { only_reads: true, ..world("root users that are used", root_users) },
            World { only_reads: true, ..world("root users without MFA", || organization(&["one"]).0) },
        ],
    },
    Suite {
        proves_caller: false,
        name: "iam.user",
        controls: "controls:\n  iam.user:\n    mfa: console\n    max_unused_days: 45\n    max_key_age_days: 90\n    \
                   one_active_key: true\n    no_initial_access_key: true\n    no_policies: true\n    \
                   mend: [mfa, max_key_age_days, no_policies]\nexemptions:\n  - requirement: iam.user.no_policies\n    \
                   objects: [trueup]\n    reason: it is who runs this\n    approved_by: nobody\n    expires: 2099-12-31\n",
        settings: &[
            world("users who fall short", users),
            World { only_reads: true, ..world("users whom a person mends", rotating) },
        ],
    },
    Suite {
        proves_caller: false,
        name: "iam.policy",
        controls: "controls:\n  iam.policy:\n    no_full_admin: true\n",
        settings: &[World { only_reads: true, ..world("policies that allow everything", admins) }],
    },
    Suite {
        proves_caller: false,
        name: "iam.support_role",
        controls: "controls:\n  iam.support_role:\n    exists: true\n    trusted: [\"100000000001\"]\n",
        settings: &[world("nobody for support", || organization(&["one"]).0)],
    },
    Suite {
        proves_caller: false,
        name: "iam.server_certificate",
        controls: "controls:\n  iam.server_certificate:\n    not_expired: true\n",
        settings: &[world("certificates that ran out", certificates)],
    },
    Suite {
        proves_caller: false,
        name: "iam.cloudshell_full_access",
        controls: "controls:\n  iam.cloudshell_full_access:\n    not_attached: true\n    mend: true\n",
        settings: &[world("shells for everybody", shells)],
    },
    Suite {
        proves_caller: false,
        name: "iam.account_alias",
        controls: "controls:\n  iam.account_alias:\n    alias: acme-{account}\n",
        settings: &[world("no aliases", || organization(&["one"]).0)],
    },
    Suite {
        proves_caller: false,
        name: "iam.federation",
        controls: "controls:\n  iam.federation:\n    provider: true\n",
        settings: &[World { only_reads: true, ..world("users who sign in", signing_in) }],
    },
    Suite {
        proves_caller: false,
        name: "s3.account_public_access_block",
        controls: "controls:\n  s3.account_public_access_block:\n    block_public_acls: true\n    ignore_public_acls: true\n    \
                   block_public_policy: true\n    restrict_public_buckets: true\n",
        settings: &[
            world("buckets that are public", public_buckets),
            World { only_reads: true, ..world("a policy of the organization that opens buckets", opened_buckets) },
        ],
    },
    Suite {
        proves_caller: false,
        name: "cloudwatch.alarm",
        controls: "controls:\n  cloudwatch.alarm:\n    root_usage: true\n    security_group_changes: true\n    actions: true\n",
        settings: &[
            world("log groups that nobody watches", unwatched),
            world("alarms that are switched off", || with_alarms(false)),
            world("alarms that are as they should be, beside others that are not there", || with_alarms(true)),
        ],
    },
    Suite {
        proves_caller: false,
        name: "every alarm",
        controls: "controls:\n  cloudwatch.alarm:\n    unauthorized_api_calls: true\
                   \n    console_signin_without_mfa: true\n    root_usage: true\
                   \n    iam_policy_changes: true\n    cloudtrail_changes: true\
                   \n    console_auth_failures: true\n    kms_cmk_disable_delete: true\
                   \n    s3_bucket_policy_changes: true\n    config_changes: true\
                   \n    security_group_changes: true\n    nacl_changes: true\
                   \n    network_gateway_changes: true\n    route_table_changes: true\
                   \n    vpc_changes: true\n    organizations_changes: true\n",
        settings: &[world("log groups that nobody watches", unwatched)],
    },
    Suite {
        proves_caller: false,
        name: "cloudwatch.topic",
        controls: "controls:\n  cloudwatch.topic:\n    publish: true\n    usable_key: true\n    subscriptions:\n      - { \
                   protocol: sqs, endpoint: \"arn:aws:sqs:us-east-1:{account}:alarms\" }\n",
        settings: &[
            world("topics that are not set up, and trails with a log group", closed_topics),
            world("topics that are not set up, with a key of the account", keyed_topics),
            world("no topics and no trails", || organization(&["one"]).0),
        ],
    },
    Suite {
        proves_caller: false,
        name: "kms.key_rotation",
        controls: "controls:\n  kms.key_rotation:\n    enabled: true\n    rotation_period_days: 180\n",
        settings: &[world("keys that stay", keys)],
    },
    Suite {
        proves_caller: false,
        name: "kms.key_deletion",
        controls: "controls:\n  kms.key_deletion:\n    not_scheduled: true\n    mend: true\n",
        settings: &[world("keys that are to be deleted", dying)],
    },
    Suite {
        proves_caller: false,
        name: "ec2.ebs_encryption_default",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.ebs_encryption_default:\n    enabled: true\n    kms_key: alias/volumes\n",
        settings: &[world("defaults that let everything pass", open_defaults)],
    },
    Suite {
        proves_caller: false,
        name: "ec2.snapshot_block_public_access",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.snapshot_block_public_access:\n    state: block-all-sharing\n",
        settings: &[
            world("defaults that let everything pass", open_defaults),
            World { only_reads: true, ..world("a policy that lets everything pass", networks::declared_defaults) },
        ],
    },
    Suite {
        proves_caller: false,
        name: "ec2.image_block_public_access",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.image_block_public_access:\n    enabled: true\n",
        settings: &[
            world("defaults that let everything pass", open_defaults),
            World { only_reads: true, ..world("a policy that lets everything pass", networks::declared_defaults) },
        ],
    },
    Suite {
        proves_caller: false,
        name: "ec2.imds_defaults",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.imds_defaults:\n    http_tokens_required: true\n    \
                   http_put_response_hop_limit: 2\n",
        settings: &[
            world("defaults that let everything pass", open_defaults),
            World { only_reads: true, ..world("a policy that lets everything pass", networks::declared_defaults) },
        ],
    },
    Suite {
        proves_caller: false,
        name: "ec2.serial_console",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.serial_console:\n    disabled: true\n",
        settings: &[
            world("defaults that let everything pass", open_defaults),
            World { only_reads: true, ..world("a policy that lets everything pass", networks::declared_defaults) },
        ],
    },
    Suite {
        proves_caller: false,
        name: "ec2.default_security_group",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.default_security_group:\n    no_rules: true\n",
        settings: &[world("default groups as AWS makes them", || organization(&["one"]).0)],
    },
    Suite {
        proves_caller: false,
        name: "ec2.security_group",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.security_group:\n    admin_ports_ipv4: true\n    \
                   admin_ports_ipv6: true\n    mend: true\n",
        settings: &[
            world("groups that let everybody in", || everywhere(&["one"], networks::open_groups)),
            World {
                only_reads: true,
                ..world("lists that hold everybody", || everywhere(&["one"], networks::open_lists))
            },
        ],
    },
    Suite {
        proves_caller: false,
        name: "ec2.security_group whose groups a person mends",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.security_group:\n    cifs: true\n",
        settings: &[World {
            only_reads: true,
            ..world("groups that share files with everybody", || everywhere(&["one"], networks::open_files))
        }],
    },
    Suite {
        proves_caller: false,
        name: "ec2.network_acl",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.network_acl:\n    admin_ports: true\n",
        settings: &[World { only_reads: true, ..world("ACLs as AWS makes them", || organization(&["one"]).0) }],
    },
    Suite {
        proves_caller: false,
        name: "ec2.flow_logs",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.flow_logs:\n    recorded: true\n    \
                   destination: { bucket: flows-of-all }\n",
        settings: &[
            World {
                struck: &["HeadBucket"],
                ..world("a bucket of another account for what nobody records", networks::bucket_of_all)
            },
            World {
                struck: &["HeadBucket"],
                ..world("a bucket of one account for what nobody records", networks::own_bucket)
            },
        ],
    },
    Suite {
        proves_caller: false,
        name: "ec2.flow_logs into log groups",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.flow_logs:\n    recorded: true\n    \
                   destination: { log_group: flows, role: flows }\n",
        settings: &[world("a role for what nobody records", || everywhere(&["one"], networks::deliverers))],
    },
    Suite {
        proves_caller: false,
        name: "ec2.instance",
        controls: "regions: [us-east-1]\ncontrols:\n  ec2.instance:\n    imdsv2: true\n    mend: true\n",
        settings: &[world("instances that answer everybody", || everywhere(&["one"], networks::instances))],
    },
    Suite {
        proves_caller: false,
        name: "accessanalyzer.external",
        controls: "regions: [us-east-1]\ncontrols:\n  accessanalyzer.external:\n    active: true\n",
        settings: &[world("nobody looks from outside", || organization(&["one"]).0)],
    },
    Suite {
        proves_caller: false,
        name: "config.recorder",
        controls: "regions: [us-east-1]\ncontrols:\n  config.recorder:\n    recording: true\n    all_types: true\n    \
                   global_types: true\n    role: true\n    frequency: DAILY\n    \
                   delivery: { bucket: \"logs-{account}\", snapshots: TwentyFour_Hours }\n    delivered: true\n    \
                   retention: 400\n",
        settings: &[
            world("recorders that are off, and deliver elsewhere", recorders_that_are_off),
            world("nothing recorded, and buckets that are not set up", recorders_to_be),
            world("channels that deliver too seldom", seldom_channels),
            World { struck: &["HeadBucket"], ..world("buckets that others keep", buckets_of_others) },
        ],
    },
    Suite {
        proves_caller: false,
        name: "securityhub.hub",
        controls: "regions: [us-east-1]\ncontrols:\n  securityhub.hub:\n    enabled: true\n    \
                   admin_account: \"{administrator}\"\n",
        // Who has no hub is refused, and that says so.
        settings: &[World {
            struck: &["DescribeHub"],
            ..world("no hubs, an administrator who configures others, and a policy abroad", configured_centrally)
        }],
    },
    Suite {
        proves_caller: false,
        name: "guardduty.detector",
        controls: "regions: [us-east-1]\ncontrols:\n  guardduty.detector:\n    enabled: true\n    \
                   publishing_frequency: ONE_HOUR\n    features: [S3_DATA_EVENTS]\n",
        settings: &[
            world("no detectors", || organization(&["one"]).0),
            world("detectors that do less", detectors),
            world("a policy of the organization for another region", governed_abroad),
            World {
                faults: |management| vec![denied(management, "ListOrganizationAdminAccounts")],
                struck: &["ListOrganizationAdminAccounts"],
                ..world("nobody says who administers", detectors)
            },
        ],
    },
    Suite {
        proves_caller: false,
        name: "guardduty.detector of members",
        controls: "regions: [us-east-1]\ncontrols:\n  guardduty.detector:\n    features: [S3_DATA_EVENTS]\n    \
                   admin_account: \"{administrator}\"\n",
        settings: &[
            world("members that do less", || lesser_members(false)),
            world("members of the management account that do less", || lesser_members(true)),
            world("no detectors, and nobody who administers them", || organization(&["one", ADMINISTRATOR]).0),
            world("detectors that do less, and nobody who administers them", lesser_detectors),
            world("a policy of the organization for another region", governed_abroad),
        ],
    },
    Suite {
        proves_caller: false,
        name: "cloudtrail.trail of the organization",
        controls: "controls:\n  cloudtrail.trail:\n    scope: organization\n    multi_region: true\n    logging: true\n    \
                   management_events: true\n    log_file_validation: true\n    kms_key: alias/trueup-trail\n",
        settings: &[
            world("a bucket and a key that are not set up", || prepared(&["one"])),
            world("no trail, and a key of somebody else", || with_other_keys(&["one"])),
            world("a trail of the organization that does less", || lesser_trails(true)),
            World {
                struck: &["HeadBucket"],
                ..world("a trail into a bucket of another account", || into_others(true))
            },
            World {
                faults: |management| vec![denied(management, "ListTrails")],
                struck: &["ListTrails"],
                only_reads: true,
                ..world("a trail that only its members see", || lesser_trails(true))
            },
        ],
    },
    Suite {
        proves_caller: false,
        name: "cloudtrail.trail with a log archive",
        controls: "controls:\n  cloudtrail.trail:\n    scope: organization\n    log_account: \"{archive}\"\n    \
                   multi_region: true\n    logging: true\n    management_events: true\n    \
                   log_file_validation: true\n    kms_key: alias/trueup-trail\n",
        settings: &[
            world("a bucket and a key that are not set up in the archive", || prepared(&["one", ARCHIVE])),
            world("no trail, and keys of somebody else beside an archive", || with_other_keys(&["one", ARCHIVE])),
            world("a trail of the organization that does less, beside an archive", lesser_trail_kept_elsewhere),
            World {
                faults: |management| vec![denied(management, "ListTrails")],
                struck: &["ListTrails"],
                only_reads: true,
                ..world("a trail that only its members see, beside an archive", lesser_trail_kept_elsewhere)
            },
            World {
                struck: &["HeadBucket"],
                only_reads: true,
                ..world("a name of a bucket that is not the archive's", taken_from_the_archive)
            },
        ],
    },
    Suite {
        proves_caller: false,
        name: "cloudtrail.trail of each account",
        controls: "controls:\n  cloudtrail.trail:\n    scope: account\n    multi_region: true\n    logging: true\n    \
                   management_events: true\n    log_file_validation: true\n    kms_key: alias/trueup-trail\n",
        settings: &[
            world("buckets and keys that are not set up", || prepared(&["one"])),
            world("no trails, and keys of somebody else", || with_other_keys(&["one"])),
            world("trails that do less", || lesser_trails(false)),
            World { struck: &["HeadBucket"], ..world("trails into buckets of other accounts", || into_others(false)) },
        ],
    },
    Suite {
        proves_caller: false,
        name: "cloudtrail.trail that others made",
        controls: "controls:\n  cloudtrail.trail:\n    scope: account\n    existing: mend\n    logging: true\n    \
                   kms: true\n    cloudwatch_logs: true\n",
        settings: &[
            world("trails of others into buckets of other names", others_trails),
            world("buckets and keys that are not set up, for others' trails", || prepared(&["one"])),
            world("no trails of others, and their keys", || with_other_keys(&["one"])),
            world("a log group and a role that are not set up, for others' trails", || with_log_groups(true)),
            World {
                struck: &["HeadBucket"],
                only_reads: true,
                ..world("no trails of others, and buckets of each other's name", taken_from_each_other)
            },
        ],
    },
    Suite {
        proves_caller: false,
        name: "cloudtrail.trail that logs all objects",
        controls: "controls:\n  cloudtrail.trail:\n    scope: account\n    s3_data_events_write: true\n    \
                   s3_data_events_read: true\n    insights: true\n",
        settings: &[
            world("trails that log no objects", || lesser_trails(false)),
            world("buckets that are not set up for events", || prepared(&["one"])),
            world("nothing that logs", || organization(&["one"]).0),
            world("trails in which one kind of insights is looked for", looked_at),
            World {
                struck: &["HeadBucket"],
                only_reads: true,
                ..world("buckets of each other's name", taken_from_each_other)
            },
        ],
    },
    Suite {
        proves_caller: false,
        name: "cloudtrail.bucket",
        controls: "controls:\n  cloudtrail.bucket:\n    existing: mend\n    not_public: true\n    policy: true\n    \
                   tls_only: true\n    access_logging: true\n    versioning: true\n    lifecycle: true\n",
        settings: &[
            world("buckets that lack everything", || {
                everywhere(&["one"], |world, id| drop(trail_buckets::own(world, id)))
            }),
            world("buckets whose policy is right and whose requests are logged", logged),
            World {
                struck: &["HeadBucket"],
                only_reads: true,
                ..world("trails into buckets that are not theirs", into_each_others)
            },
        ],
    },
    Suite {
        proves_caller: false,
        name: "cloudtrail.trail that delivers to a log group",
        controls: "controls:\n  cloudtrail.trail:\n    scope: account\n    cloudwatch_logs: true\n",
        settings: &[
            world("trails without a log group", || with_log_groups(false)),
            world("a log group and a role that are not set up", || with_log_groups(true)),
            world("buckets that are not set up, and no trails", || prepared(&["one"])),
            world("no trails", || organization(&["one"]).0),
            World { only_reads: true, ..world("trails that deliver to a log group", delivering) },
            World {
                struck: &["HeadBucket"],
                only_reads: true,
                ..world("names of buckets that are each other's", taken_from_each_other)
            },
        ],
    },
    Suite {
        proves_caller: true,
        name: "selectors",
        controls: "controls:\n  iam.password_policy:\n    minimum_length: 14\noverrides:\n  \
                   - match: { ou: /Sandbox }\n    controls:\n      iam.password_policy: { minimum_length: 16 }\n  \
                   - match: { tag: tier=1 }\n    controls:\n      iam.password_policy: { minimum_length: 20 }\n",
        settings: &[world("accounts in units", units)],
    },
];

/// Each account's trail delivers into a bucket of the other, and no account has one of its own.
fn into_each_others() -> Simulated {
    let (mut world, ids) = organization(&["one"]);
    let management = world.management();
    for (owner, id) in [(&ids[0], &management), (&management, &ids[0])] {
        let bucket = format!("logs-of-{id}");
        world.build(owner, HOME, "s3", "CreateBucket", json!({ "Bucket": bucket }));
        let policy = json!({ "Bucket": bucket, "Policy": lets_in(&bucket, &[id]).to_string() });
        world.build(owner, HOME, "s3", "PutBucketPolicy", policy);
        world.build(id, HOME, "cloudtrail", "CreateTrail", json!({ "Name": "audit", "S3BucketName": bucket }));
    }
    world
}

/// What is right of a bucket does not keep the rest from being mended.
fn logged() -> Simulated {
    everywhere(&["one"], |world, id| {
        let bucket = trail_buckets::own(world, id);
        let arn = json!(format!("arn:aws:cloudtrail:{HOME}:{id}:trail/audit"));
        let mut policy = lets_in(&bucket, &[id]);
        for statement in policy["Statement"].as_array_mut().into_iter().flatten() {
            statement["Condition"] = json!({ "StringEquals": { "aws:SourceArn": arn } });
        }
        let policy = json!({ "Bucket": bucket, "Policy": policy.to_string() });
        world.build(id, HOME, "s3", "PutBucketPolicy", policy);
        let access = format!("access-{id}");
        world.build(id, HOME, "s3", "CreateBucket", json!({ "Bucket": access }));
        let enabled = json!({ "LoggingEnabled": { "TargetBucket": access, "TargetPrefix": "" } });
        let logging = json!({ "Bucket": bucket, "BucketLoggingStatus": enabled });
        world.build(id, HOME, "s3", "PutBucketLogging", logging);
    })
}

fn denied(account: &str, operation: &str) -> Injection {
    strike(account, operation, error(403, "AccessDeniedException"))
}

/// Every account of an organization of one member.
pub(crate) fn everywhere(members: &[&str], furnish: impl Fn(&mut Simulated, &str)) -> Simulated {
    let (mut world, ids) = organization(members);
    let management = world.management();
    for id in ids.iter().chain([&management]) {
        furnish(&mut world, id);
    }
    world
}

fn weak() -> Simulated {
    everywhere(&["one"], |world, id| set_policy(world, id, json!({ "MinimumPasswordLength": 8 })))
}

fn units() -> Simulated {
    let mut world = organization(&["plain"]).0;
    let sandbox = world.add_unit(None, "Sandbox");
    world.add_member(Some(&sandbox), "toy");
    world
}

fn key(world: &mut Simulated, id: &str) -> String {
    let made = world.build(id, HOME, "kms", "CreateKey", json!({ "Description": "application data" }));
    text(&made["KeyMetadata"]["KeyId"]).to_owned()
}

pub(crate) fn open_defaults() -> Simulated {
    everywhere(&["one"], defaults)
}

/// Defaults of EC2 that let everything pass.
pub(crate) fn defaults(world: &mut Simulated, id: &str) {
    let key = key(world, id);
    let alias = json!({ "AliasName": "alias/volumes", "TargetKeyId": key });
    world.build(id, HOME, "kms", "CreateAlias", alias);
    for operation in ["DisableImageBlockPublicAccess", "EnableSerialConsoleAccess"] {
        world.build(id, HOME, "ec2", operation, json!({}));
    }
}

pub(crate) fn recorders_that_are_off() -> Simulated {
    everywhere(&["one"], recorder_that_is_off)
}

/// A recorder of two types into a bucket of another name, by a role of somebody's, with items that are soon gone.
pub(crate) fn recorder_that_is_off(world: &mut Simulated, id: &str) {
    let bucket = format!("elsewhere-{id}");
    crate::recorders::bucket(world, id, &bucket);
    crate::recorders::recorder(world, id, HOME, "theirs", &bucket);
    let days = json!({ "RetentionPeriodInDays": 30 });
    world.build(id, HOME, "config", "PutRetentionConfiguration", days);
}

/// Nothing but a bucket of the name that is wanted, as somebody made it who knew nothing of AWS Config.
pub(crate) fn recorders_to_be() -> Simulated {
    everywhere(&["one"], |world, id| {
        let bucket = json!({ "Bucket": format!("logs-{id}") });
        world.build(id, HOME, "s3", "CreateBucket", bucket.clone());
        world.build(id, HOME, "s3", "DeletePublicAccessBlock", bucket);
    })
}

/// Recorders that record all, with channels that deliver no snapshots and items that are soon gone.
fn seldom_channels() -> Simulated {
    everywhere(&["one"], |world, id| {
        let bucket = format!("logs-{id}");
        crate::recorders::bucket(world, id, &bucket);
        crate::recorders::whole(world, id, HOME, &bucket);
        let days = json!({ "RetentionPeriodInDays": 30 });
        world.build(id, HOME, "config", "PutRetentionConfiguration", days);
    })
}

/// The buckets of the names that are wanted are another account's, which lets AWS Config in.
fn buckets_of_others() -> Simulated {
    let (mut world, ids) = organization(&["one", "keeper"]);
    let management = world.management();
    for id in [&ids[0], &management] {
        crate::recorders::bucket(&mut world, &ids[1], &format!("logs-{id}"));
    }
    world
}

pub(crate) fn public_buckets() -> Simulated {
    everywhere(&["one"], crate::public_access::open)
}

/// Buckets of an account are opened by a policy of the organization.
fn opened_buckets() -> Simulated {
    let mut world = public_buckets();
    let root = world.organization.as_ref().expect("an organization").root.clone();
    crate::public_access::govern(&mut world, &root, "none");
    world
}

pub(crate) fn dying() -> Simulated {
    everywhere(&["one"], |world, id| drop(crate::keys::dying(world, id, HOME)))
}

/// An administrator who configures nobody but itself, so that the others have to be found not to be.
fn configured_centrally() -> Simulated {
    let (mut world, ids) = organization(&["one", ADMINISTRATOR]);
    crate::hubs::central(&mut world, &ids[1], &json!({ "AccountId": ids[1] }), false);
    crate::hubs::govern(&mut world, &ids[0], &[], &["eu-west-1"]);
    world
}

pub(crate) fn keys() -> Simulated {
    everywhere(&["one"], |world, id| drop(key(world, id)))
}

/// Trails of each account with a log group, and somebody who would be told.
pub(crate) fn unwatched() -> Simulated {
    everywhere(&["one"], nobody_watches)
}

fn nobody_watches(world: &mut Simulated, id: &str) {
    crate::alarms::grouped(world, id, false);
    let made = world.build(id, HOME, "sns", "CreateTopic", json!({ "Name": "security-alarms" }));
    let queue = format!("arn:aws:sqs:{HOME}:{id}:alarms");
    let told = json!({ "TopicArn": made["TopicArn"], "Protocol": "sqs", "Endpoint": queue });
    world.build(id, HOME, "sns", "Subscribe", told);
}

/// The same with an alarm of ours, which is on or off.
fn with_alarms(enabled: bool) -> Simulated {
    everywhere(&["one"], |world, id| with_alarm(world, id, enabled))
}

/// A trail with a log group, somebody who would be told, and an alarm of ours.
pub(crate) fn with_alarm(world: &mut Simulated, id: &str, enabled: bool) {
    nobody_watches(world, id);
    let pattern =
        "{ $.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS && $.eventType != AwsServiceEvent }";
    let made = json!([{ "metricName": "root_usage", "metricNamespace": "CISBenchmark", "metricValue": "1" }]);
    let filter = json!({ "logGroupName": "acme", "filterName": "trueup-root_usage", "filterPattern": pattern,
        "metricTransformations": made });
    world.build(id, HOME, "logs", "PutMetricFilter", filter);
    let topic = format!("arn:aws:sns:{HOME}:{id}:security-alarms");
    let alarm = json!({ "AlarmName": "trueup-root_usage", "MetricName": "root_usage", "Namespace": "CISBenchmark",
        "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0, "ActionsEnabled": enabled,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "AlarmActions": [topic] });
    world.build(id, HOME, "monitoring", "PutMetricAlarm", alarm);
}

/// Trails of each account with a log group, and topics that only their account may publish to.
pub(crate) fn closed_topics() -> Simulated {
    everywhere(&["one"], |world, id| {
        crate::topics::watched(world, id, false);
        world.build(id, HOME, "sns", "CreateTopic", json!({ "Name": "security-alarms" }));
        close_topic(world, id);
    })
}

/// The same with a key that CloudWatch may use.
fn keyed_topics() -> Simulated {
    everywhere(&["one"], |world, id| {
        crate::topics::watched(world, id, false);
        let topic = world.build(id, HOME, "sns", "CreateTopic", json!({ "Name": "security-alarms" }));
        close_topic(world, id);
        let services = json!({ "Effect": "Allow", "Principal": { "Service": "cloudwatch.amazonaws.com" },
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*" });
        crate::topics::encrypt(world, id, &topic["TopicArn"], &[services]);
    })
}

/// Nobody but the account may publish to its topic.
pub(crate) fn close_topic(world: &mut Simulated, id: &str) {
    let topic = format!("arn:aws:sns:{HOME}:{id}:security-alarms");
    let own = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "AWS": id },
        "Action": "sns:Publish", "Resource": topic }] });
    let policy = json!({ "TopicArn": topic, "AttributeName": "Policy", "AttributeValue": own.to_string() });
    world.build(id, HOME, "sns", "SetTopicAttributes", policy);
}

pub(crate) fn detectors() -> Simulated {
    let less = json!({ "Enable": false, "Features": [{ "Name": "S3_DATA_EVENTS", "Status": "DISABLED" }] });
    everywhere(&["one"], |world, id| drop(world.build(id, HOME, "guardduty", "CreateDetector", less.clone())))
}

/// Detectors of which one is to administer others, and does not.
fn lesser_detectors() -> Simulated {
    let less = json!({ "Enable": true, "Features": [{ "Name": "S3_DATA_EVENTS", "Status": "DISABLED" }] });
    everywhere(&["one", ADMINISTRATOR], |world, id| {
        drop(world.build(id, HOME, "guardduty", "CreateDetector", less.clone()));
    })
}

/// Detectors that do less, of which one administers another: that of the management account, or of a member.
fn lesser_members(managed: bool) -> Simulated {
    let mut world = lesser_detectors();
    let management = world.management();
    if managed {
        let former = administrator_of(&world).expect("it has one");
        "two".clone_into(&mut world.account(&former).expect("it is there").name);
        ADMINISTRATOR.clone_into(&mut world.account(&management).expect("it is there").name);
    }
    let administrator = administrator_of(&world).expect("it has one");
    let member = world.accounts().find(|account| account.name == "one").expect("it has one").id.clone();
    let named = json!({ "AdminAccountId": administrator });
    world.build(&management, HOME, "guardduty", "EnableOrganizationAdminAccount", named);
    let listed = world.build(&administrator, HOME, "guardduty", "ListDetectors", json!({}));
    let members = json!([{ "AccountId": member, "Email": "one@example.com" }]);
    let taken_in = json!({ "DetectorId": listed["DetectorIds"][0], "AccountDetails": members });
    world.build(&administrator, HOME, "guardduty", "CreateMembers", taken_in);
    world
}

/// No detectors, and a policy that says nothing of the region: who is to make them has to be found out.
fn governed_abroad() -> Simulated {
    let (mut world, ids) = organization(&["one", ADMINISTRATOR]);
    let content = json!({ "guardduty": { "eu-west-1": { "foundational": { "@@assign": "ENABLED" } } } });
    crate::owners::policy(&mut world, &ids[0], "abroad", &content);
    world
}

/// Trails that log, without a log group; what they are to deliver to is there and falls short, or is not.
fn with_log_groups(there: bool) -> Simulated {
    let mut world = lesser_trails(false);
    let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
    for id in &ids {
        world.build(id, HOME, "cloudtrail", "StartLogging", json!({ "Name": "older" }));
        if there {
            log_group(&mut world, id, 7);
        }
    }
    world
}

/// Trails that fall short, and in which something is looked for.
fn looked_at() -> Simulated {
    let mut world = lesser_trails(false);
    let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
    for id in &ids {
        let calls = json!({ "TrailName": "older", "InsightSelectors": [{ "InsightType": "ApiCallRateInsight" }] });
        world.build(id, HOME, "cloudtrail", "PutInsightSelectors", calls);
    }
    world
}

/// A log group that keeps for these days, and a role that may not write there yet.
pub(crate) fn log_group(world: &mut Simulated, id: &str, days: i32) {
    let group = "/aws/cloudtrail/trueup";
    world.build(id, HOME, "logs", "CreateLogGroup", json!({ "logGroupName": group }));
    let keep = json!({ "logGroupName": group, "retentionInDays": days });
    world.build(id, HOME, "logs", "PutRetentionPolicy", keep);
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "cloudtrail.amazonaws.com" } }] });
    let role = json!({ "RoleName": "trueup-trail-logs", "AssumeRolePolicyDocument": trust.to_string() });
    world.build(id, HOME, "iam", "CreateRole", role);
}

/// Lets that role write there. Answers the ARN of the log group.
fn log_role(world: &mut Simulated, id: &str) -> String {
    let group = format!("arn:aws:logs:{HOME}:{id}:log-group:/aws/cloudtrail/trueup");
    let streams = format!("{group}:log-stream:{id}_CloudTrail_{HOME}*");
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": streams }] });
    let put = json!({ "RoleName": "trueup-trail-logs", "PolicyName": "trueup-log-group",
        "PolicyDocument": policy.to_string() });
    world.build(id, HOME, "iam", "PutRolePolicy", put);
    format!("{group}:*")
}

/// Trails that deliver to a log group already.
fn delivering() -> Simulated {
    let mut world = with_log_groups(true);
    let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
    for id in &ids {
        let group = log_role(&mut world, id);
        let logs = json!({
            "Name": "older", "CloudWatchLogsLogGroupArn": group,
            "CloudWatchLogsRoleArn": format!("arn:aws:iam::{id}:role/trueup-trail-logs"),
        });
        world.build(id, HOME, "cloudtrail", "UpdateTrail", logs);
    }
    world
}

/// The bucket that each account would make is the other's; all else is there.
fn taken_from_each_other() -> Simulated {
    let (mut world, ids) = organization(&["one"]);
    let management = world.management();
    for (owner, name) in [(&ids[0], &management), (&management, &ids[0])] {
        let bucket = json!({ "Bucket": format!("trueup-trail-{name}-{HOME}") });
        world.build(owner, HOME, "s3", "CreateBucket", bucket);
        log_group(&mut world, name, 400);
        log_role(&mut world, name);
    }
    world
}

/// What an attempt that was cut short may have left has to be told from keys of somebody else.
fn with_other_keys(members: &[&str]) -> Simulated {
    everywhere(members, |world, id| drop(key(world, id)))
}

/// The bucket and the key that trueup would make, as somebody made them who knew nothing of trails.
fn prepared(members: &[&str]) -> Simulated {
    everywhere(members, prepare)
}

/// The same in one account.
pub(crate) fn prepare(world: &mut Simulated, id: &str) {
    let bucket = format!("trueup-trail-{id}-{HOME}");
    world.build(id, HOME, "s3", "CreateBucket", json!({ "Bucket": bucket }));
    let shut = json!({ "Bucket": bucket });
    world.build(id, HOME, "s3", "DeletePublicAccessBlock", shut);
    let key = key(world, id);
    let alias = json!({ "AliasName": "alias/trueup-trail", "TargetKeyId": key });
    world.build(id, HOME, "kms", "CreateAlias", alias);
}

/// Trails of ours that fall short of everything, known by their tag alone; the organization's in the management account
/// alone, or one in each account.
pub(crate) fn lesser_trails(of_organization: bool) -> Simulated {
    lesser_trails_into(&["one"], of_organization, |id| format!("trueup-trail-{id}-{HOME}"))
}

/// Trails that nobody tagged, delivering into buckets of the account whose names no baseline says.
fn others_trails() -> Simulated {
    let mut world = lesser_trails(false);
    let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
    for id in &ids {
        let bucket = format!("audit-{id}-{HOME}");
        world.build(id, HOME, "s3", "CreateBucket", json!({ "Bucket": bucket }));
        let policy = json!({ "Bucket": bucket, "Policy": lets_in(&bucket, &[id]).to_string() });
        world.build(id, HOME, "s3", "PutBucketPolicy", policy);
        world.build(id, HOME, "cloudtrail", "UpdateTrail", json!({ "Name": "older", "S3BucketName": bucket }));
        let trail = format!("arn:aws:cloudtrail:{HOME}:{id}:trail/older");
        let tags = json!({ "ResourceId": trail, "TagsList": [{ "Key": "trueup:managed" }] });
        world.build(id, HOME, "cloudtrail", "RemoveTags", tags);
    }
    world
}

/// The same, delivering into the bucket of another account.
fn into_others(of_organization: bool) -> Simulated {
    lesser_trails_into(&["one"], of_organization, |id| format!("logs-of-{id}"))
}

/// Such a trail of the organization, where another account is to keep its key.
fn lesser_trail_kept_elsewhere() -> Simulated {
    let mut world = lesser_trails_into(&["one", ARCHIVE], true, |id| format!("trueup-trail-{id}-{HOME}"));
    // Where it delivers to is in the archive.
    let archive = archive_of(&world).expect("an archive");
    let (management, bucket) = (world.management(), format!("trueup-trail-{archive}-{HOME}"));
    let own = world.organization.as_ref().expect("an organization").id.clone();
    let policy = json!({ "Bucket": bucket, "Policy": lets_in(&bucket, &[&management, &own]).to_string() });
    world.build(&archive, HOME, "s3", "PutBucketPolicy", policy);
    let moved = json!({ "Name": "older", "S3BucketName": bucket });
    world.build(&management, HOME, "cloudtrail", "UpdateTrail", moved);
    world
}

/// The bucket that the archive would make is somebody else's.
fn taken_from_the_archive() -> Simulated {
    let (mut world, ids) = organization(&["one", ARCHIVE]);
    let archive = archive_of(&world).expect("an archive");
    let bucket = json!({ "Bucket": format!("trueup-trail-{archive}-{HOME}") });
    world.build(&ids[0], HOME, "s3", "CreateBucket", bucket);
    world
}

fn lesser_trails_into(members: &[&str], of_organization: bool, bucket_of: impl Fn(&str) -> String) -> Simulated {
    let mut world = prepared(members);
    let management = world.management();
    let ids: Vec<String> = world.accounts().map(|account| account.id.clone()).collect();
    if of_organization {
        let service = json!({ "ServicePrincipal": "cloudtrail.amazonaws.com" });
        world.build(&management, HOME, "organizations", "EnableAWSServiceAccess", service);
    }
    for id in ids.iter().filter(|id| !of_organization || **id == management) {
        let bucket = bucket_of(id);
        let other = ids.iter().find(|other| *other != id).expect("another account");
        let owner = if world.buckets.contains_key(&bucket) { id } else { other };
        if owner == other {
            world.build(other, HOME, "s3", "CreateBucket", json!({ "Bucket": bucket }));
        }
        lesser_trail(&mut world, (id, owner), &bucket, of_organization);
    }
    world
}

/// A trail of ours that falls short, into a bucket of this owner.
pub(crate) fn lesser_trail(world: &mut Simulated, (id, owner): (&str, &str), bucket: &str, of_organization: bool) {
    let own = world.organization.as_ref().expect("an organization").id.clone();
    let policy = json!({ "Bucket": bucket, "Policy": lets_in(bucket, &[id, &own]).to_string() });
    world.build(owner, HOME, "s3", "PutBucketPolicy", policy);
    let tags = json!([{ "Key": "trueup:managed", "Value": "made before the baseline had another name" }]);
    let trail = json!({
        "Name": "older", "S3BucketName": bucket, "IsOrganizationTrail": of_organization, "TagsList": tags,
    });
    world.build(id, HOME, "cloudtrail", "CreateTrail", trail);
    let writes = json!([{ "ReadWriteType": "WriteOnly", "IncludeManagementEvents": true }]);
    let selectors = json!({ "TrailName": "older", "EventSelectors": writes });
    world.build(id, HOME, "cloudtrail", "PutEventSelectors", selectors);
}

/// A policy by which a trail of these owners reaches its bucket.
fn lets_in(bucket: &str, owners: &[&str]) -> Value {
    let service = json!({ "Service": "cloudtrail.amazonaws.com" });
    let objects: Vec<String> = owners.iter().map(|owner| format!("arn:aws:s3:::{bucket}/AWSLogs/{owner}/*")).collect();
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
          "Resource": format!("arn:aws:s3:::{bucket}") },
        { "Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": objects },
    ] })
}
