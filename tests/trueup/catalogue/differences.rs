//! Where controls do otherwise than the catalogue says, and why.

/// A reason, and what it explains.
pub(super) struct Line {
    /// The entries that differ so.
    pub(super) entries: &'static [&'static str],
    /// How: `is CLASS`; `with` or `without` an operation; it `takes` another action for one; it `lacks` an action that AWS
    /// checks besides, or has one `besides`; it is `undone without` an operation, or `not undone` at all.
    pub(super) differences: &'static [&'static str],
    /// Why.
    pub(super) reason: &'static str,
}

pub(super) const DIFFERENCES: &[Line] = &[
    Line {
        entries: &["iam.password_policy"],
        differences: &["with iam:GenerateCredentialReport", "with iam:GetCredentialReport"],
        reason: "the plan names the users whose passwords are as old already, where they are to expire sooner or harder",
    },
    Line {
        entries: &["iam.root_no_access_key"],
        differences: &["with iam:ListOrganizationsFeatures"],
        reason: "whether central root access is on is known before a plan promises that the key is deleted",
    },
    Line {
        entries: &["iam.root_no_access_key"],
        differences: &["with iam:GenerateCredentialReport"],
        reason: "the plan says when a key that it deletes was used last, and AWS has no report before one is generated",
    },
    Line {
        entries: &["iam.root_mfa"],
        differences: &["without iam:ListOrganizationsFeatures"],
        reason: "AccountPasswordPresent of GetAccountSummary says itself that there are no root credentials; which \
                 feature took them away makes no difference",
    },
    Line {
        entries: &["cloudtrail.management_events"],
        differences: &["is auto-safe"],
        reason: "a change of a trail that is there costs nothing; only a second trail and a key bill, and the change says so then",
    },
    Line {
        entries: &[
            "cloudtrail.cloudwatch_logs",
            "cloudtrail.enabled",
            "cloudtrail.insights",
            "cloudtrail.kms",
            "cloudtrail.log_file_validation",
            "cloudtrail.management_events",
            "cloudtrail.multi_region",
            "cloudtrail.organization_trail",
            "cloudtrail.s3_data_events_read",
            "cloudtrail.s3_data_events_write",
        ],
        differences: &[
            "with cloudtrail:CreateTrail",
            "with cloudtrail:DeleteTrail",
            "with cloudtrail:GetEventSelectors",
            "with cloudtrail:GetInsightSelectors",
            "with cloudtrail:GetTrailStatus",
            "with cloudtrail:ListTags",
            "with cloudtrail:ListTrails",
            "with cloudtrail:PutEventSelectors",
            "with cloudtrail:StartLogging",
            "with cloudtrail:StopLogging",
            "with cloudtrail:UpdateTrail",
            "with kms:DescribeKey",
            "with kms:EnableKeyRotation",
            "with kms:GetKeyPolicy",
            "with kms:GetKeyRotationStatus",
            "with kms:ListKeys",
            "with kms:ListResourceTags",
            "with organizations:DisableAWSServiceAccess",
            "with organizations:ListAWSServiceAccessForOrganization",
            "with s3:CreateBucket",
            "with s3:GetBucketEncryption",
            "with s3:GetBucketPolicy",
            "with s3:GetBucketTagging",
            "with s3:GetBucketVersioning",
            "with s3:GetPublicAccessBlock",
            "with s3:HeadBucket",
            "with s3:ListBuckets",
            "with s3:PutBucketEncryption",
            "with s3:PutBucketPolicy",
            "with s3:PutBucketTagging",
            "with s3:PutBucketVersioning",
            "with s3:PutPublicAccessBlock",
        ],
        reason: "a control is of a trail as a whole: it chooses among those that there are, and where there is none it makes one with its bucket and its key, whichever requirement asked for it",
    },
    Line {
        entries: &[
            "cloudtrail.cloudwatch_logs",
            "cloudtrail.enabled",
            "cloudtrail.insights",
            "cloudtrail.kms",
            "cloudtrail.log_file_validation",
            "cloudtrail.management_events",
            "cloudtrail.organization_trail",
            "cloudtrail.s3_data_events_read",
            "cloudtrail.s3_data_events_write",
        ],
        differences: &[
            "besides cloudtrail:AddTags",
            "besides iam:CreateServiceLinkedRole",
            "besides iam:GetRole",
            "besides organizations:DescribeOrganization",
            "besides organizations:ListAWSServiceAccessForOrganization",
            "besides s3:GetBucketPolicy",
        ],
        reason: "AWS checks these where the trail that is made or changed is one of the organization or bears tags",
    },
    Line {
        entries: &[
            "cloudtrail.enabled",
            "cloudtrail.insights",
            "cloudtrail.kms",
            "cloudtrail.log_file_validation",
            "cloudtrail.management_events",
            "cloudtrail.multi_region",
            "cloudtrail.organization_trail",
            "cloudtrail.s3_data_events_read",
            "cloudtrail.s3_data_events_write",
        ],
        differences: &["besides iam:PassRole"],
        reason: "AWS checks it where a trail gets a log group in the same call; a baseline that asks for none is given no role to pass",
    },
    Line {
        entries: &["cloudtrail.cloudwatch_logs"],
        differences: &[
            "with iam:GetRole",
            "with iam:GetRolePolicy",
            "with logs:DescribeLogGroups",
            "with logs:ListTagsForResource",
            "besides iam:TagRole",
            "besides logs:TagResource",
        ],
        reason: "a log group and a role of that name are looked at before they are used, and what is made bears a tag",
    },
    Line {
        entries: &["cloudtrail.cloudwatch_logs"],
        differences: &[
            "with iam:DeleteRole",
            "with iam:DeleteRolePolicy",
            "with logs:DeleteLogGroup",
            "with logs:DeleteRetentionPolicy",
            "with logs:DescribeLogStreams",
            "with logs:DescribeMetricFilters",
        ],
        reason: "what undoes it, and finds out whether the log group holds anything",
    },
    Line {
        entries: &[
            "guardduty.detector",
            "guardduty.feature.eks_audit",
            "guardduty.feature.lambda",
            "guardduty.feature.malware_ec2",
            "guardduty.feature.rds",
            "guardduty.feature.runtime",
            "guardduty.feature.s3",
        ],
        differences: &["without guardduty:CreateMembers", "without guardduty:UpdateMemberDetectors"],
        reason: "members of an administrator are mended by their administrator: here they are owned elsewhere, and the words say what to do there",
    },
    Line {
        entries: &[
            "guardduty.detector",
            "guardduty.feature.eks_audit",
            "guardduty.feature.lambda",
            "guardduty.feature.malware_ec2",
            "guardduty.feature.rds",
            "guardduty.feature.runtime",
            "guardduty.feature.s3",
            "guardduty.publishing_frequency",
        ],
        differences: &[
            "besides guardduty:TagResource",
            "besides iam:CreateServiceLinkedRole",
            "with guardduty:CreateDetector",
            "with guardduty:DeleteDetector",
            "with guardduty:GetAdministratorAccount",
            "with guardduty:ListDetectors",
            "with guardduty:ListOrganizationAdminAccounts",
            "with organizations:DescribeEffectivePolicy",
            "with organizations:ListPolicies",
            "with organizations:ListTargetsForPolicy",
        ],
        reason: "who sets the detector is known before it is judged, and a feature of a detector that is not there is had by making the detector",
    },
    Line {
        entries: &["guardduty.publishing_frequency"],
        differences: &["is auto-cost"],
        reason: "where there is no detector it is made, which bills",
    },
    Line {
        entries: &[
            "ec2.snapshot_block_public_access",
            "ec2.image_block_public_access",
            "ec2.imds_defaults",
            "ec2.serial_console",
        ],
        differences: &[
            "with organizations:DescribeEffectivePolicy",
            "with organizations:ListPolicies",
            "with organizations:ListTargetsForPolicy",
        ],
        reason: "EC2 says that a policy sets a value, and only Organizations says which",
    },
    Line {
        entries: &["ec2.vpc_flow_logs"],
        differences: &["with iam:GetRole"],
        reason: "a role that is not there fails no flow log when it is made, but every delivery: it is looked for before",
    },
    Line {
        entries: &["s3.account_public_access_block"],
        differences: &[
            "with organizations:DescribeEffectivePolicy",
            "with organizations:ListPolicies",
            "with organizations:ListTargetsForPolicy",
        ],
        reason: "who sets the switches is known before they are judged",
    },
    Line {
        entries: &["s3.account_public_access_block"],
        differences: &[
            "with s3:GetBucketAcl",
            "with s3:GetBucketPolicyStatus",
            "with s3:GetPublicAccessBlock",
            "with s3:ListBuckets",
        ],
        reason: "the plan names the buckets that are public and would be shut, where something would be",
    },
    Line {
        entries: &["accessanalyzer.external"],
        differences: &["besides access-analyzer:TagResource"],
        reason: "what is made bears a tag, by which a revert knows it again",
    },
    Line {
        entries: &["securityhub.enabled"],
        differences: &["besides securityhub:TagResource", "with securityhub:ListTagsForResource"],
        reason: "what is switched on bears a tag, by which a revert knows it again",
    },
    Line {
        entries: &["securityhub.enabled"],
        differences: &[
            "with organizations:DescribeEffectivePolicy",
            "with organizations:ListPolicies",
            "with organizations:ListTargetsForPolicy",
        ],
        reason: "who sets it is known before it is judged",
    },
    Line {
        entries: &["config.recorder", "config.delivery_channel"],
        differences: &[
            "with s3:CreateBucket",
            "with s3:GetBucketEncryption",
            "with s3:GetBucketPolicy",
            "with s3:GetBucketTagging",
            "with s3:GetBucketVersioning",
            "with s3:GetPublicAccessBlock",
            "with s3:HeadBucket",
            "with s3:ListBuckets",
            "with s3:PutBucketEncryption",
            "with s3:PutBucketPolicy",
            "with s3:PutBucketTagging",
            "with s3:PutBucketVersioning",
            "with s3:PutPublicAccessBlock",
        ],
        reason: "what is recorded is delivered into a bucket, which is made or let in AWS Config first",
    },
    Line {
        entries: &["config.recorder"],
        differences: &["with config:DeleteDeliveryChannel", "with config:DescribeDeliveryChannels", "with iam:GetRole"],
        reason: "a recorder that is to start gets a channel where there is none, which a revert takes away, and whether the \
                 role is there is known before it is made",
    },
    Line {
        entries: &["config.delivery_channel", "config.retention"],
        differences: &["with config:DescribeConfigurationRecorders"],
        reason: "whose a region's recorder is, and whether there is one, is known before anything of it is judged",
    },
    Line {
        entries: &[
            "cloudtrail.bucket_access_logging",
            "cloudtrail.bucket_lifecycle",
            "cloudtrail.bucket_not_public",
            "cloudtrail.bucket_policy",
            "cloudtrail.bucket_tls",
            "cloudtrail.bucket_versioning",
        ],
        differences: &[
            "with cloudtrail:DescribeTrails",
            "with cloudtrail:ListTrails",
            "with s3:GetBucketEncryption",
            "with s3:GetBucketPolicy",
            "with s3:GetBucketTagging",
            "with s3:GetBucketVersioning",
            "with s3:GetPublicAccessBlock",
            "with s3:HeadBucket",
            "with s3:ListBuckets",
        ],
        reason: "which buckets there are the trails say; whose a bucket is and who made it is known before it is judged, by \
                 the one look at it that the trail has as well",
    },
    Line {
        entries: &["cloudtrail.bucket_not_public"],
        differences: &["with s3:DeletePublicAccessBlock", "with s3control:GetPublicAccessBlock"],
        reason: "a block that was not there is taken away again, and that of the account counts",
    },
    Line {
        entries: &["cloudtrail.bucket_not_public"],
        differences: &["without s3:GetBucketOwnershipControls"],
        reason: "where ownership makes ACLs moot, GetBucketAcl answers no grant to others",
    },
    Line {
        entries: &["cloudtrail.bucket_policy", "cloudtrail.bucket_tls"],
        differences: &["with s3:DeleteBucketPolicy"],
        reason: "a policy that was not there is taken away again",
    },
    Line {
        entries: &["cloudtrail.bucket_access_logging"],
        differences: &[
            "is auto-safe",
            "with s3:CreateBucket",
            "with s3:PutBucketTagging",
            "with s3:PutPublicAccessBlock",
        ],
        reason: "a bucket for the logs is made where none is there, which costs nothing; having requests logged into it bills, \
                 and says so",
    },
    Line {
        entries: &["cloudtrail.bucket_versioning"],
        differences: &["with s3:GetBucketLifecycleConfiguration"],
        reason: "whether versions will bill is told by what the lifecycle deletes",
    },
    Line {
        entries: &["kms.no_pending_deletion", "kms.rotation"],
        differences: &["with kms:ListResourceTags"],
        reason: "the drift of a key says which tool looks after it",
    },
    Line {
        entries: &["iam.no_full_admin_policies"],
        differences: &["with iam:ListPolicyTags"],
        reason: "the drift of a policy says which tool looks after it",
    },
    Line {
        entries: &["iam.expired_server_certificates"],
        differences: &["with iam:ListServerCertificateTags"],
        reason: "the drift of a certificate says which tool looks after it",
    },
    Line {
        entries: &["config.recorder", "config.delivery_channel", "config.retention"],
        differences: &["with config:ListTagsForResource"],
        reason: "the drift of a recorder says which tool looks after it",
    },
    Line {
        entries: &["kms.rotation"],
        differences: &["is auto-cost"],
        reason: "each of a key's first two rotations bills",
    },
    Line {
        entries: &[
            "iam.user_mfa",
            "iam.unused_credentials",
            "iam.access_key_rotation",
            "iam.one_active_key",
            "iam.no_initial_access_key",
        ],
        differences: &[
            "with iam:GenerateCredentialReport",
            "with iam:GetLoginProfile",
            "with iam:ListMFADevices",
            "with iam:GetUser",
            "with iam:ListAccessKeys",
            "with iam:GetAccessKeyLastUsed",
        ],
        reason: "the report may be four hours old, so what it complains of is read again of the users concerned before \
                 anything is said, and before anything is taken away",
    },
    Line {
        entries: &["iam.one_active_key"],
        differences: &["without iam:UpdateAccessKey"],
        reason: "which of two keys is the one in use is for a person to say",
    },
    Line {
        entries: &["iam.no_user_policies"],
        differences: &[
            "with iam:AttachUserPolicy",
            "with iam:PutUserPolicy",
            "with iam:ListAttachedUserPolicies",
            "with iam:GetUserPolicy",
            "with iam:GetUser",
        ],
        reason: "what undoes it, and finds out whether it was undone already",
    },
    Line {
        entries: &["iam.support_role"],
        differences: &["with iam:GetRole", "with iam:ListAttachedRolePolicies", "besides iam:TagRole"],
        reason: "a role of the same name is looked at before it gets the policy, what is made bears a tag, and a revert looks \
                 what is left to undo",
    },
    Line {
        entries: &["iam.cloudshell_full_access"],
        differences: &[
            "with iam:AttachGroupPolicy",
            "with iam:AttachRolePolicy",
            "with iam:AttachUserPolicy",
            "with iam:ListAttachedGroupPolicies",
            "with iam:ListAttachedRolePolicies",
            "with iam:ListAttachedUserPolicies",
        ],
        reason: "what undoes it, and finds out whether it was undone already",
    },
    Line {
        entries: &["iam.federation"],
        differences: &[
            "without sso-admin:ListInstances",
            "with iam:GenerateCredentialReport",
            "with iam:GetCredentialReport",
        ],
        reason: "Identity Center has a SAML provider of its own in each account that it serves; only the report says which users have a password, and it is read only where there is no provider",
    },
    Line {
        entries: &["ec2.ebs_default_kms_key"],
        differences: &["with kms:GetKeyPolicy"],
        reason: "whether anybody could launch by the key is its prerequisite, and AWS does not look at it before a launch",
    },
    Line {
        entries: &["ec2.ebs_default_kms_key"],
        differences: &["with ec2:GetEbsEncryptionByDefault", "with kms:DescribeKey"],
        reason: "both settings of a region are one observation, and an alias is resolved by KMS, as the rule of the entry says",
    },
    Line {
        entries: &["ec2.snapshot_block_public_access"],
        differences: &["is auto-safe", "with ec2:DescribeSnapshots"],
        reason: "the plan looks for snapshots that are public: where there are none nobody is shut off, and where there are \
                 the step is disruptive and names them",
    },
    Line {
        entries: &["ec2.default_security_group"],
        differences: &["lacks ec2:CreateTags"],
        reason: "a rule that is made again is sent without tags: DescribeSecurityGroups shows none of rules",
    },
    Line {
        entries: &["ec2.sg_admin_ports_ipv4", "ec2.sg_admin_ports_ipv6"],
        differences: &["with ec2:AuthorizeSecurityGroupIngress", "with ec2:DescribeNetworkInterfaces"],
        reason: "what undoes it, and whom it would hit",
    },
    Line {
        entries: &["ec2.sg_admin_ports_ipv4", "ec2.sg_admin_ports_ipv6", "ec2.sg_cifs"],
        differences: &["with ec2:GetManagedPrefixListEntries"],
        reason: "a rule may name everybody by a prefix list, as the entries themselves warn",
    },
    Line {
        entries: &["ec2.nacl_admin_ports"],
        differences: &["without ec2:CreateNetworkAclEntry", "without ec2:ReplaceNetworkAclEntry"],
        reason: "which packets are answers to a subnet's own is in no setting, so a person decides what an ACL refuses",
    },
    Line {
        entries: &["ec2.vpc_flow_logs"],
        differences: &[
            "lacks ecs:ListClusters",
            "lacks ecs:ListContainerInstances",
            "lacks ecs:ListServices",
            "lacks ecs:ListTaskDefinitions",
            "lacks ecs:ListTasks",
        ],
        reason: "AWS checks these for a format with fields of ECS, and the flow logs that are made have its own format",
    },
    Line {
        entries: &["ec2.vpc_flow_logs"],
        differences: &["lacks logs:CreateLogDelivery", "lacks logs:DeleteLogDelivery"],
        reason: "these are for S3: with a log group they are not taken, and with a bucket they are",
    },
    Line {
        entries: ALARMS,
        differences: &["with cloudtrail:ListTrails"],
        reason: "where the alarms and their topic belong is told by the trails of all regions, which only ListTrails lists",
    },
    Line {
        entries: &["cloudwatch.sns_topic", "cloudwatch.alarm_actions"],
        differences: &[
            "with cloudtrail:DescribeTrails",
            "with cloudtrail:GetEventSelectors",
            "with cloudtrail:GetTrailStatus",
        ],
        reason: "they are judged where the alarms belong: in the account and region of the log group of an active trail",
    },
    Line {
        entries: &["cloudwatch.sns_topic"],
        differences: &["with sns:DeleteTopic", "with sns:ListTagsForResource", "with sns:Unsubscribe"],
        reason: "undo: the catalogue names it in its words alone; the tag says that the topic is the one that was made",
    },
    Line {
        entries: &["cloudwatch.sns_topic"],
        differences: &["with kms:DescribeKey", "with kms:GetKeyPolicy"],
        reason: "whether CloudWatch may use the key of a topic its policy says",
    },
    Line {
        entries: &["cloudwatch.sns_topic"],
        differences: &["lacks iam:PassRole"],
        reason: "AWS asks for it where a subscription is given a role, which those of alarms are not",
    },
    Line {
        entries: &["cloudwatch.sns_topic"],
        differences: &["besides sns:TagResource"],
        reason: "a topic that is made is tagged, by which a revert knows it again",
    },
    Line {
        entries: ALARMS_ALONE,
        differences: &[
            "with cloudwatch:DisableAlarmActions",
            "with cloudwatch:EnableAlarmActions",
            "with cloudwatch:ListTagsForResource",
        ],
        reason: "an alarm of ours that is off is switched on; the tag tells a revert that it is the one that was made",
    },
    Line {
        entries: ALARMS_ALONE,
        differences: &["with sns:GetTopicAttributes"],
        reason: "it tells a topic that is not there from one to which nobody has subscribed",
    },
    Line {
        entries: ALARMS_ALONE,
        differences: &["besides cloudwatch:TagResource"],
        reason: "an alarm that is made is tagged, by which a revert knows it again",
    },
    Line {
        entries: &["cloudwatch.alarm_actions"],
        differences: &[
            "with cloudwatch:DeleteAlarms",
            "with cloudwatch:PutMetricAlarm",
            "with logs:DeleteMetricFilter",
            "with logs:DescribeMetricFilters",
            "with logs:PutMetricFilter",
            "with sns:ListSubscriptionsByTopic",
        ],
        reason: "it is about the alarms that the baseline asks for, and cannot be asked without one",
    },
    Line {
        entries: &["kms.no_pending_deletion"],
        differences: &["with cloudtrail:DescribeTrails", "with kms:ScheduleKeyDeletion"],
        reason: "the deletion is scheduled again by a revert, where that is asked and no trail encrypts by the key",
    },
    Line {
        entries: &["iam.root_no_access_key"],
        differences: &["is not undone"],
        reason: "AWS gives a deleted key back to nobody, and lets a session of the root user delete its keys, not \
                 deactivate them: IAMDeleteRootUserCredentials denies UpdateAccessKey",
    },
    Line {
        entries: &["iam.user_mfa"],
        differences: &["is not undone"],
        reason: "the password that is taken away is known to nobody: CreateLoginProfile makes another one",
    },
    Line {
        entries: &["iam.expired_server_certificates"],
        differences: &["is not undone"],
        reason: "AWS gives the private key of a certificate to nobody, so it cannot be uploaded again",
    },
    Line {
        entries: &["config.retention"],
        differences: &["undone without config:DeleteRetentionConfiguration"],
        reason: "where no retention is set AWS keeps items for 2,557 days, the longest there is: there is nothing to make",
    },
    Line {
        entries: &["cloudtrail.bucket_lifecycle"],
        differences: &["undone without s3:DeleteBucketLifecycle"],
        reason: "rules that are there are lengthened and no rule is made, so none is to be deleted",
    },
];

/// All alarms.
const ALARMS_ALONE: &[&str] = ALARMS.split_at(16).0;

/// The topic and all alarms.
const ALARMS: &[&str] = &[
    "cloudwatch.alarm.unauthorized_api_calls",
    "cloudwatch.alarm.console_signin_without_mfa",
    "cloudwatch.alarm.root_usage",
    "cloudwatch.alarm.iam_policy_changes",
    "cloudwatch.alarm.cloudtrail_changes",
    "cloudwatch.alarm.console_auth_failures",
    "cloudwatch.alarm.kms_cmk_disable_delete",
    "cloudwatch.alarm.s3_bucket_policy_changes",
    "cloudwatch.alarm.config_changes",
    "cloudwatch.alarm.security_group_changes",
    "cloudwatch.alarm.nacl_changes",
    "cloudwatch.alarm.network_gateway_changes",
    "cloudwatch.alarm.route_table_changes",
    "cloudwatch.alarm.vpc_changes",
    "cloudwatch.alarm.organizations_changes",
    "cloudwatch.alarm_actions",
    "cloudwatch.sns_topic",
];
