//! Which requirements are which entries of the catalogue.

/// An entry that is built.
pub(super) struct Built {
    /// The entry.
    pub(super) id: &'static str,
    /// The control that has it.
    pub(super) control: &'static str,
    /// Settings that ask for it and for nothing else, where that can be.
    pub(super) settings: &'static str,
    /// The steps that undo it.
    pub(super) undo: &'static [&'static str],
}

const fn built(
    id: &'static str,
    control: &'static str,
    settings: &'static str,
    undo: &'static [&'static str],
) -> Built {
    Built { id, control, settings, undo }
}

const CONTACTS: &[&str] = &["RestoreAlternateContact", "DeleteAlternateContact"];
const TRAIL: &[&str] = &["DeleteTrail", "StopLogging", "RestoreTrail", "RestoreEventSelectors"];
const BUCKET_POLICY: &[&str] = &["RestoreBucketPolicy", "DeleteBucketPolicy"];
const INSIGHTS: &[&str] =
    &["DeleteTrail", "StopLogging", "RestoreTrail", "RestoreEventSelectors", "RestoreInsightSelectors"];
const RECORDER: &[&str] = &[
    "DeleteConfigurationRecorder",
    "DeleteDeliveryChannel",
    "RestoreConfigurationRecorder",
    "RestoreDeliveryChannel",
    "StopConfigurationRecorder",
];
const CHANNEL: &[&str] = &["DeleteDeliveryChannel", "RestoreDeliveryChannel"];
const DELIVERY: &[&str] = &[
    "DeleteTrail",
    "StopLogging",
    "RestoreTrail",
    "RestoreEventSelectors",
    "DeleteLogGroup",
    "RestoreRetention",
    "DeleteRolePolicy",
    "RestoreRolePolicy",
    "DeleteRole",
];
const ALARM: &[&str] =
    &["DeleteAlarm", "DeleteMetricFilter", "DisableAlarmActions", "RestoreAlarm", "RestoreMetricFilter"];
const DETECTOR: &[&str] = &["DeleteDetector", "RestoreDetector"];

pub(super) const BUILT: &[Built] = &[
    built("account.contact_security", "account.contact", r#"{"security": {}}"#, CONTACTS),
    built("account.contact_billing", "account.contact", r#"{"billing": {}}"#, CONTACTS),
    built("account.contact_operations", "account.contact", r#"{"operations": {}}"#, CONTACTS),
    built(
        "account.primary_contact",
        "account.primary_contact",
        r#"{"details": {}, "mend": true}"#,
        &["RestoreContactInformation"],
    ),
    built(
        "iam.password_policy",
        "iam.password_policy",
        r#"{"minimum_length": 14, "require_symbols": true, "require_numbers": true, "require_uppercase": true,
            "require_lowercase": true, "max_age_days": 90, "reuse_prevention": 24, "allow_users_to_change": true,
            "hard_expiry": false}"#,
        &["RestorePasswordPolicy", "DeleteAccountPasswordPolicy"],
    ),
    built("iam.root_no_access_key", "iam.root_user", r#"{"no_access_key": true}"#, &[]),
    built("iam.root_mfa", "iam.root_user", r#"{"mfa": true}"#, &[]),
    built("iam.root_hardware_mfa", "iam.root_user", r#"{"hardware_mfa": true}"#, &[]),
    built("iam.root_recent_use", "iam.root_user", r#"{"unused_days": 90}"#, &[]),
    built("iam.user_mfa", "iam.user", r#"{"mfa": "console", "mend": ["mfa"]}"#, &[]),
    built("iam.unused_credentials", "iam.user", r#"{"max_unused_days": 45}"#, &["ActivateAccessKey"]),
    built(
        "iam.access_key_rotation",
        "iam.user",
        r#"{"max_key_age_days": 90, "mend": ["max_key_age_days"]}"#,
        &["ActivateAccessKey"],
    ),
    built("iam.one_active_key", "iam.user", r#"{"one_active_key": true}"#, &[]),
    built("iam.no_initial_access_key", "iam.user", r#"{"no_initial_access_key": true}"#, &[]),
    built(
        "iam.no_user_policies",
        "iam.user",
        r#"{"no_policies": true, "mend": ["no_policies"]}"#,
        &["AttachUserPolicy", "PutUserPolicy"],
    ),
    built("iam.no_full_admin_policies", "iam.policy", r#"{"no_full_admin": true}"#, &[]),
    built(
        "iam.support_role",
        "iam.support_role",
        r#"{"exists": true, "trusted": ["100000000001"]}"#,
        &["DetachRolePolicy", "DeleteRole"],
    ),
    built("iam.expired_server_certificates", "iam.server_certificate", r#"{"not_expired": true}"#, &[]),
    built(
        "iam.cloudshell_full_access",
        "iam.cloudshell_full_access",
        r#"{"not_attached": true, "mend": true}"#,
        &["AttachGroupPolicy", "AttachUserPolicy", "ReattachRolePolicy"],
    ),
    built(
        "iam.account_alias",
        "iam.account_alias",
        r#"{"alias": "acme-{account}"}"#,
        &["DeleteAccountAlias", "RestoreAccountAlias"],
    ),
    built("iam.federation", "iam.federation", r#"{"provider": true}"#, &[]),
    built("cloudtrail.multi_region", "cloudtrail.trail", r#"{"scope": "account", "multi_region": true}"#, TRAIL),
    built("cloudtrail.enabled", "cloudtrail.trail", r#"{"scope": "account", "logging": true}"#, TRAIL),
    built(
        "cloudtrail.organization_trail",
        "cloudtrail.trail",
        r#"{"scope": "organization", "multi_region": true}"#,
        &["DeleteTrail", "StopLogging", "RestoreTrail", "RestoreEventSelectors", "DisableServiceAccess"],
    ),
    built(
        "cloudtrail.log_file_validation",
        "cloudtrail.trail",
        r#"{"scope": "account", "log_file_validation": true}"#,
        TRAIL,
    ),
    built("cloudtrail.kms", "cloudtrail.trail", r#"{"scope": "account", "kms": true}"#, TRAIL),
    built(
        "cloudtrail.cloudwatch_logs",
        "cloudtrail.trail",
        r#"{"scope": "account", "cloudwatch_logs": true}"#,
        DELIVERY,
    ),
    built(
        "cloudtrail.management_events",
        "cloudtrail.trail",
        r#"{"scope": "account", "management_events": true}"#,
        TRAIL,
    ),
    built(
        "cloudtrail.s3_data_events_write",
        "cloudtrail.trail",
        r#"{"scope": "account", "s3_data_events_write": true}"#,
        TRAIL,
    ),
    built(
        "cloudtrail.s3_data_events_read",
        "cloudtrail.trail",
        r#"{"scope": "account", "s3_data_events_read": true}"#,
        TRAIL,
    ),
    built("cloudtrail.insights", "cloudtrail.trail", r#"{"scope": "account", "insights": true}"#, INSIGHTS),
    built(
        "cloudtrail.bucket_not_public",
        "cloudtrail.bucket",
        r#"{"not_public": true}"#,
        &["RestorePublicAccessBlock"],
    ),
    // Its rule asks for TLS in one with the rest, which is an entry and a requirement of its own as well.
    built("cloudtrail.bucket_policy", "cloudtrail.bucket", r#"{"policy": true, "tls_only": true}"#, BUCKET_POLICY),
    built("cloudtrail.bucket_tls", "cloudtrail.bucket", r#"{"tls_only": true}"#, BUCKET_POLICY),
    built(
        "cloudtrail.bucket_access_logging",
        "cloudtrail.bucket",
        r#"{"access_logging": true}"#,
        &["RestoreBucketLogging"],
    ),
    built(
        "cloudtrail.bucket_versioning",
        "cloudtrail.bucket",
        r#"{"versioning": true, "mfa_delete": true}"#,
        &["SuspendBucketVersioning"],
    ),
    built("cloudtrail.bucket_lifecycle", "cloudtrail.bucket", r#"{"lifecycle": true}"#, &["RestoreBucketLifecycle"]),
    built("guardduty.detector", "guardduty.detector", r#"{"enabled": true}"#, DETECTOR),
    built("guardduty.publishing_frequency", "guardduty.detector", r#"{"publishing_frequency": "ONE_HOUR"}"#, DETECTOR),
    built("guardduty.feature.s3", "guardduty.detector", r#"{"features": ["S3_DATA_EVENTS"]}"#, DETECTOR),
    built("guardduty.feature.eks_audit", "guardduty.detector", r#"{"features": ["EKS_AUDIT_LOGS"]}"#, DETECTOR),
    built(
        "guardduty.feature.malware_ec2",
        "guardduty.detector",
        r#"{"features": ["EBS_MALWARE_PROTECTION"]}"#,
        DETECTOR,
    ),
    built("guardduty.feature.rds", "guardduty.detector", r#"{"features": ["RDS_LOGIN_EVENTS"]}"#, DETECTOR),
    built("guardduty.feature.lambda", "guardduty.detector", r#"{"features": ["LAMBDA_NETWORK_LOGS"]}"#, DETECTOR),
    built("guardduty.feature.runtime", "guardduty.detector", r#"{"features": ["RUNTIME_MONITORING"]}"#, DETECTOR),
    built(
        "s3.account_public_access_block",
        "s3.account_public_access_block",
        r#"{"block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true,
            "restrict_public_buckets": true}"#,
        &["RestoreAccountPublicAccessBlock"],
    ),
    built(
        "kms.no_pending_deletion",
        "kms.key_deletion",
        r#"{"not_scheduled": true, "mend": true}"#,
        &["RescheduleKeyDeletion"],
    ),
    built("accessanalyzer.external", "accessanalyzer.external", r#"{"active": true}"#, &["DeleteAnalyzer"]),
    built("securityhub.enabled", "securityhub.hub", r#"{"enabled": true}"#, &["DisableSecurityHub"]),
    built("cloudwatch.alarm.unauthorized_api_calls", "cloudwatch.alarm", r#"{"unauthorized_api_calls": true}"#, ALARM),
    built(
        "cloudwatch.alarm.console_signin_without_mfa",
        "cloudwatch.alarm",
        r#"{"console_signin_without_mfa": true}"#,
        ALARM,
    ),
    built("cloudwatch.alarm.root_usage", "cloudwatch.alarm", r#"{"root_usage": true}"#, ALARM),
    built("cloudwatch.alarm.iam_policy_changes", "cloudwatch.alarm", r#"{"iam_policy_changes": true}"#, ALARM),
    built("cloudwatch.alarm.cloudtrail_changes", "cloudwatch.alarm", r#"{"cloudtrail_changes": true}"#, ALARM),
    built("cloudwatch.alarm.console_auth_failures", "cloudwatch.alarm", r#"{"console_auth_failures": true}"#, ALARM),
    built("cloudwatch.alarm.kms_cmk_disable_delete", "cloudwatch.alarm", r#"{"kms_cmk_disable_delete": true}"#, ALARM),
    built(
        "cloudwatch.alarm.s3_bucket_policy_changes",
        "cloudwatch.alarm",
        r#"{"s3_bucket_policy_changes": true}"#,
        ALARM,
    ),
    built("cloudwatch.alarm.config_changes", "cloudwatch.alarm", r#"{"config_changes": true}"#, ALARM),
    built("cloudwatch.alarm.security_group_changes", "cloudwatch.alarm", r#"{"security_group_changes": true}"#, ALARM),
    built("cloudwatch.alarm.nacl_changes", "cloudwatch.alarm", r#"{"nacl_changes": true}"#, ALARM),
    built(
        "cloudwatch.alarm.network_gateway_changes",
        "cloudwatch.alarm",
        r#"{"network_gateway_changes": true}"#,
        ALARM,
    ),
    built("cloudwatch.alarm.route_table_changes", "cloudwatch.alarm", r#"{"route_table_changes": true}"#, ALARM),
    built("cloudwatch.alarm.vpc_changes", "cloudwatch.alarm", r#"{"vpc_changes": true}"#, ALARM),
    built("cloudwatch.alarm.organizations_changes", "cloudwatch.alarm", r#"{"organizations_changes": true}"#, ALARM),
    built("cloudwatch.alarm_actions", "cloudwatch.alarm", r#"{"root_usage": true, "actions": true}"#, ALARM),
    built(
        "cloudwatch.sns_topic",
        "cloudwatch.topic",
        r#"{"publish": true, "usable_key": true, "subscriptions": [{"protocol": "email", "endpoint": "a@acme.example"}]}"#,
        &["DeleteTopic", "RestoreTopicPolicy", "Unsubscribe"],
    ),
    built(
        "config.recorder",
        "config.recorder",
        r#"{"recording": true, "all_types": true, "global_types": true, "role": true}"#,
        RECORDER,
    ),
    built("config.delivery_channel", "config.recorder", r#"{"delivery": {}, "delivered": true}"#, CHANNEL),
    built("config.retention", "config.recorder", r#"{"retention": 400}"#, &["RestoreRetentionConfiguration"]),
    built(
        "kms.rotation",
        "kms.key_rotation",
        r#"{"enabled": true, "rotation_period_days": 365}"#,
        &["DisableKeyRotation", "RestoreKeyRotationPeriod"],
    ),
    built(
        "ec2.ebs_encryption_default",
        "ec2.ebs_encryption_default",
        r#"{"enabled": true}"#,
        &["DisableEbsEncryptionByDefault"],
    ),
    built(
        "ec2.ebs_default_kms_key",
        "ec2.ebs_encryption_default",
        r#"{"kms_key": "alias/volumes"}"#,
        &["RestoreEbsDefaultKmsKey"],
    ),
    built(
        "ec2.snapshot_block_public_access",
        "ec2.snapshot_block_public_access",
        r#"{"state": "block-all-sharing"}"#,
        &["RestoreSnapshotSharing"],
    ),
    built(
        "ec2.image_block_public_access",
        "ec2.image_block_public_access",
        r#"{"enabled": true}"#,
        &["DisableImageBlockPublicAccess"],
    ),
    built(
        "ec2.imds_defaults",
        "ec2.imds_defaults",
        r#"{"http_tokens_required": true, "http_put_response_hop_limit": 2}"#,
        &["RestoreInstanceMetadataDefaults"],
    ),
    built("ec2.serial_console", "ec2.serial_console", r#"{"disabled": true}"#, &["EnableSerialConsoleAccess"]),
    built(
        "ec2.default_security_group",
        "ec2.default_security_group",
        r#"{"no_rules": true}"#,
        &["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"],
    ),
    built(
        "ec2.sg_admin_ports_ipv4",
        "ec2.security_group",
        r#"{"admin_ports_ipv4": true, "mend": true}"#,
        &["AuthorizeSecurityGroupIngress"],
    ),
    built(
        "ec2.sg_admin_ports_ipv6",
        "ec2.security_group",
        r#"{"admin_ports_ipv6": true, "mend": true}"#,
        &["AuthorizeSecurityGroupIngress"],
    ),
    built("ec2.nacl_admin_ports", "ec2.network_acl", r#"{"admin_ports": true}"#, &[]),
    built(
        "ec2.vpc_flow_logs",
        "ec2.flow_logs",
        r#"{"recorded": true, "destination": {"log_group": "flows", "role": "flow-logs"}}"#,
        &["DeleteFlowLogs"],
    ),
    built(
        "ec2.instances_imdsv2",
        "ec2.instance",
        r#"{"imdsv2": true, "mend": true}"#,
        &["RestoreInstanceMetadataOptions"],
    ),
    built("ec2.sg_cifs", "ec2.security_group", r#"{"cifs": true}"#, &[]),
];

/// Requirements that no entry asks for, and why they are there.
pub(super) const BEYOND: &[(&str, &str)] = &[
    ("config.recorder.frequency", "what is recorded how often is asked for by itself"),
    ("guardduty.detector.features.AI_PROTECTION", "a feature that is younger than the catalogue"),
    (
        "ec2.imds_defaults.http_tokens_enforced",
        "the entry lets launches without tokens pass; who wants them refused asks for it",
    ),
    (
        "ec2.instance.profile",
        "an item that the benchmark has judged by a program since 4.0, and the catalogue leaves out",
    ),
];
