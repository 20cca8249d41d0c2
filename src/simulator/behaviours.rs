//! Where the simulator behaves unlike one would guess, and where AWS says so.
//!
//! Each row is held against a running simulator by a test in another language, which finds it by its id.
//!
//! It is a table, and longer than other files for that reason.

/// One behaviour of AWS.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    /// What tests call it.
    pub id: &'static str,
    /// The service's signing name.
    pub service: &'static str,
    /// The behaviour in a sentence.
    pub says: &'static str,
    /// Where AWS documents it.
    pub source: &'static str,
    /// A public report of it, where AWS's page names the subject and is silent on the answer.
    pub seen: Option<&'static str>,
}

const fn row(id: &'static str, service: &'static str, says: &'static str, source: &'static str) -> Behaviour {
    Behaviour { id, service, says, source, seen: None }
}

/// What is known from practice, and where somebody reports it.
const fn seen(
    id: &'static str,
    service: &'static str,
    says: &'static str,
    source: &'static str,
    report: &'static str,
) -> Behaviour {
    Behaviour { id, service, says, source, seen: Some(report) }
}

/// Every behaviour, by service.
pub const BEHAVIOURS: &[Behaviour] = &[
    row(
        "members_may_only_describe_the_organization",
        "organizations",
        "A member may describe the organization and its own effective policies; listing and changing are refused",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html",
    ),
    row(
        "delegated_administrators_read_the_organization",
        "organizations",
        "Registering a service's delegated administrator lets it read the organization, and no more",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html",
    ),
    row(
        "an_empty_page_may_carry_a_token",
        "organizations",
        "A page may be empty and still have a NextToken",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html",
    ),
    row(
        "pages_hold_twenty",
        "organizations",
        "Lists answer twenty elements a page at most",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html",
    ),
    row(
        "paths_hold_ids",
        "organizations",
        "Paths of an account hold ids of the organization, the root, the units and the account, not names",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html",
    ),
    row(
        "state_and_status_stand_side_by_side",
        "organizations",
        "An account has State beside Status, which is to be retired",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html",
    ),
    row(
        "no_effective_policy_is_an_error",
        "organizations",
        "DescribeEffectivePolicy answers EffectivePolicyNotFoundException where no policy of the type applies",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeEffectivePolicy.html",
    ),
    row(
        "policy_types_are_enabled_before_they_are_attached",
        "organizations",
        "A policy of a type that is not enabled in the root cannot be attached",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html",
    ),
    row(
        "a_target_keeps_one_guardrail",
        "organizations",
        "The last service control policy of a target cannot be detached",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html",
    ),
    row(
        "a_created_account_is_in_progress_first",
        "organizations",
        "CreateAccount answers IN_PROGRESS; the status is asked for afterwards",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html",
    ),
    row(
        "delegation_needs_trusted_access",
        "organizations",
        "A delegated administrator is registered only for a service with trusted access",
        "https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html",
    ),
    row(
        "guardrails_spare_the_management_account",
        "organizations",
        "Service control policies do not limit the management account",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
    ),
    row(
        "every_level_of_guardrails_must_allow",
        "organizations",
        "An action is open only if every level from the root to the account allows it",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html",
    ),
    seen(
        "an_absent_role_and_a_refused_trust_look_alike",
        "sts",
        "AssumeRole answers AccessDenied with one sentence for both",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html",
        "https://github.com/uswitch/kiam/issues/33",
    ),
    row(
        "a_suspended_account_lets_nobody_in",
        "sts",
        "No role of an account that is not active can be assumed",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_close.html",
    ),
    row(
        "a_trust_may_ask_for_an_external_id",
        "sts",
        "A trust policy with sts:ExternalId refuses who does not send it",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
    ),
    row(
        "crossing_accounts_takes_both_sides",
        "sts",
        "Who assumes a role of another account needs a permission of its own beside the trust",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html",
    ),
    row(
        "role_chaining_lasts_an_hour",
        "sts",
        "A session made from a session of a role lasts an hour at most",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
    ),
    row(
        "a_session_policy_only_takes_away",
        "sts",
        "A session may do what both its role and its session policy allow",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session",
    ),
    row(
        "a_session_policy_has_a_size",
        "sts",
        "Inline and managed session policies hold 2,048 characters together",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
    ),
    row(
        "a_session_policy_may_pack_too_large",
        "sts",
        "A policy within the plain limit can still be PackedPolicyTooLarge",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
    ),
    row(
        "a_malformed_session_policy_is_refused",
        "sts",
        "A session policy that is no policy is MalformedPolicyDocument",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
    ),
    row(
        "caller_identity_needs_no_permission",
        "sts",
        "GetCallerIdentity answers even where a policy denies it",
        "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
    ),
    row(
        "a_root_user_assumes_no_role",
        "sts",
        "Roles cannot be assumed with the root user's keys",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-api.html",
    ),
    row(
        "a_policy_without_version_has_no_variables",
        "iam",
        "Variables in documents of 2008-10-17, and of no version, are plain text",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html",
    ),
    row(
        "an_absent_key_satisfies_a_negated_condition",
        "iam",
        "A negated operator holds where the request lacks the key",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    ),
    row(
        "arn_patterns_match_part_by_part",
        "iam",
        "A star in ArnLike does not reach over a colon",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    ),
    row(
        "for_all_values_holds_without_the_key",
        "iam",
        "ForAllValues holds where the request lacks the key",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html",
    ),
    row(
        "refusals_name_the_kind_of_policy",
        "iam",
        "A refusal says which kind of policy denies, or allows nothing",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
    ),
    row(
        "security_audit_may_not_list_regions",
        "iam",
        "The managed policy SecurityAudit lacks account:ListRegions",
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/SecurityAudit.html",
    ),
    row(
        "no_password_policy_is_no_such_entity",
        "iam",
        "An account without a password policy answers NoSuchEntity",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html",
    ),
    row(
        "a_password_policy_is_replaced_whole",
        "iam",
        "What UpdateAccountPasswordPolicy is not told falls back to its default",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html",
    ),
    row(
        "a_password_age_of_zero_cannot_be_sent",
        "iam",
        "MaxPasswordAge and PasswordReusePrevention start at one; unset is left out",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html",
    ),
    row(
        "service_linked_roles_are_protected",
        "iam",
        "A service-linked role cannot be changed by the account",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html",
    ),
    row(
        "regions_of_others_need_trusted_access",
        "account",
        "ListRegions takes AccountId only from the management account or a delegate, with trusted access",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html",
    ),
    row(
        "the_management_account_cannot_name_itself",
        "account",
        "The management account lists its own regions only without AccountId",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html",
    ),
    row(
        "a_default_region_cannot_be_switched",
        "account",
        "A region that is enabled by default can be neither enabled nor disabled",
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html",
    ),
    row(
        "a_trail_needs_its_bucket",
        "cloudtrail",
        "CreateTrail refuses a bucket that is not there",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "a_trails_name_keeps_to_rules",
        "cloudtrail",
        "A name of a trail has no adjacent periods, underscores or dashes, and is no IP address",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "a_trail_needs_the_word_of_the_bucket",
        "cloudtrail",
        "The bucket policy must let CloudTrail read the ACL and deliver for this very trail",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
    ),
    row(
        "an_organization_trail_needs_two_prefixes",
        "cloudtrail",
        "The bucket policy must also open AWSLogs of the organization's id",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
    ),
    row(
        "a_trail_needs_the_word_of_the_key",
        "cloudtrail",
        "The key policy must let CloudTrail describe the key and generate data keys",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
    ),
    row(
        "a_bucket_key_takes_decryption",
        "cloudtrail",
        "A trail with a key, in a bucket that has an S3 Bucket Key, needs kms:Decrypt for CloudTrail as well",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
    ),
    row(
        "a_trails_key_is_in_the_buckets_region",
        "cloudtrail",
        "A key of another region than the bucket's is not found",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "a_disabled_key_makes_no_trail",
        "cloudtrail",
        "A key that is not enabled is KmsException",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "an_alias_is_answered_as_a_key",
        "cloudtrail",
        "KmsKeyId is answered as the key's ARN, whatever was sent",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "a_new_trail_does_not_log",
        "cloudtrail",
        "CreateTrail does not start logging",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail-by-using-the-aws-cli-create-trail.html",
    ),
    row(
        "a_multi_region_trail_casts_shadows",
        "cloudtrail",
        "A multi-Region trail shows in every region, a single-Region trail only at home",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html",
    ),
    row(
        "a_name_describes_a_trail_only_at_home",
        "cloudtrail",
        "DescribeTrails finds shadows, and the organization's trail in a member, by ARN and not by name",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html",
    ),
    row(
        "a_shadow_is_named_by_arn",
        "cloudtrail",
        "The status of a shadow trail is asked for by its ARN",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
    ),
    row(
        "members_name_the_organizations_trail_by_arn",
        "cloudtrail",
        "A member asks for the status of the organization's trail by its ARN",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
    ),
    row(
        "a_trail_is_changed_at_home",
        "cloudtrail",
        "Writes elsewhere than in the home region are InvalidHomeRegionException",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html",
    ),
    row(
        "list_trails_sees_every_region",
        "cloudtrail",
        "ListTrails answers the trails of all regions",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html",
    ),
    row(
        "members_see_organization_trails",
        "cloudtrail",
        "A member sees the organization's trail under its own name with the management account's ARN",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
    ),
    row(
        "members_cannot_change_organization_trails",
        "cloudtrail",
        "A member cannot update, stop or delete the organization's trail",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html",
    ),
    row(
        "an_organization_trail_needs_trusted_access",
        "cloudtrail",
        "CloudTrailAccessNotEnabledException without trusted access",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "members_make_no_organization_trail",
        "cloudtrail",
        "Only the management account or a delegate makes an organization trail",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "a_delegates_trail_needs_the_managements_role",
        "cloudtrail",
        "A delegate makes no organization trail while the management account lacks CloudTrail's service-linked role",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
    ),
    row(
        "only_the_management_account_converts_a_trail",
        "cloudtrail",
        "A delegate cannot make an organization trail an account's own, nor the other way round",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html",
    ),
    row(
        "a_region_has_room_for_five_trails",
        "cloudtrail",
        "A region has room for five trails, and a multi-Region trail takes a place in every one",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-multiple-trails.html",
    ),
    seen(
        "multi_region_needs_global_events",
        "cloudtrail",
        "A multi-Region trail that is told to leave out global service events is refused",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html",
        "https://github.com/hashicorp/terraform/issues/4723",
    ),
    row(
        "a_trail_that_grows_takes_in_global_events",
        "cloudtrail",
        "Making a trail multi-Region switches its global service events on, making it single-Region switches them off",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html",
    ),
    row(
        "update_trail_keeps_what_it_is_not_told",
        "cloudtrail",
        "UpdateTrail changes only what is sent",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-and-update-a-trail-by-using-the-aws-cli-update-trail.html",
    ),
    row(
        "an_empty_key_ends_encryption",
        "cloudtrail",
        "UpdateTrail with an empty KmsKeyId takes the key away",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-encryption-cli.html",
    ),
    row(
        "a_new_trail_has_the_default_selector",
        "cloudtrail",
        "A new trail logs all management events and no data events, and says so in its selectors",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html",
    ),
    row(
        "selectors_are_replaced_whole",
        "cloudtrail",
        "PutEventSelectors replaces every selector; basic and advanced exclude each other",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html",
    ),
    row(
        "a_trail_without_its_bucket_still_logs",
        "cloudtrail",
        "IsLogging says nothing of delivery: that nothing arrives is told by LatestDeliveryError",
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html",
    ),
    row(
        "the_key_policy_decides",
        "kms",
        "A key policy that does not trust the account denies even its administrators",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
    ),
    row(
        "a_key_policy_must_not_lock_out_its_author",
        "kms",
        "PutKeyPolicy refuses a policy under which the caller cannot put another",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
    ),
    row(
        "a_key_policy_names_only_who_exists",
        "kms",
        "A key policy that names an absent role is malformed",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html",
    ),
    row(
        "a_key_statement_without_resource_counts_for_nothing",
        "kms",
        "A statement of a key policy that lacks its resource or its action is taken, and has no effect",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
    ),
    row(
        "only_some_keys_rotate",
        "kms",
        "Asymmetric, HMAC, imported and custom-store keys answer UnsupportedOperationException",
        "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
    ),
    row(
        "a_disabled_key_does_not_start_to_rotate",
        "kms",
        "EnableKeyRotation of a disabled key is DisabledException, of one pending deletion KMSInvalidStateException",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
    ),
    row(
        "a_dying_key_says_that_it_does_not_rotate",
        "kms",
        "The rotation status of a key pending deletion is false",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html",
    ),
    row(
        "a_primary_outlives_its_replicas",
        "kms",
        "A primary with replicas whose deletion is scheduled is PendingReplicaDeletion, without a date",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html",
    ),
    row(
        "replicas_share_the_primarys_rotation",
        "kms",
        "Rotation is set on the primary and shared by its replicas",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html",
    ),
    row(
        "rotation_takes_no_alias",
        "kms",
        "GetKeyRotationStatus takes a key's id or ARN, not an alias",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html",
    ),
    row(
        "reserved_aliases_have_no_key_at_first",
        "kms",
        "alias/aws/* are listed without a key until they are used; DescribeKey makes the key",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html",
    ),
    row(
        "a_saved_key_is_disabled",
        "kms",
        "CancelKeyDeletion leaves the key disabled",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html",
    ),
    row(
        "a_dying_key_takes_no_alias",
        "kms",
        "An alias of a key pending deletion is KMSInvalidStateException",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
    ),
    row(
        "create_alias_asks_twice",
        "kms",
        "CreateAlias needs kms:CreateAlias on the alias and on the key",
        "https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html",
    ),
    row(
        "tags_at_creation_need_a_permission",
        "kms",
        "CreateKey with tags needs kms:TagResource",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html",
    ),
    row(
        "a_dry_run_is_answered_by_an_error",
        "kms",
        "Sign with DryRun is DryRunOperationException where it would succeed and AccessDenied where it would not; \
         nothing is signed",
        "https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html",
    ),
    row(
        "a_signature_that_does_not_fit_is_an_error",
        "kms",
        "Verify never answers that a signature is not valid: it is KMSInvalidSignatureException",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html",
    ),
    row(
        "only_signing_keys_sign",
        "kms",
        "Another usage of the key, or an algorithm that is not of its spec, is InvalidKeyUsageException",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html",
    ),
    row(
        "a_message_to_sign_is_short",
        "kms",
        "Sign takes messages of 4,096 bytes at most; of longer ones the digest is signed",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html",
    ),
    row(
        "a_message_and_its_digest_have_one_signature",
        "kms",
        "What was signed as RAW verifies as the DIGEST of it, and a digest of another length is refused",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html",
    ),
    row(
        "a_public_key_verifies_outside",
        "kms",
        "GetPublicKey answers the X.509 public key, with which signatures verify outside KMS; PSS salts are as long as \
         the digest",
        "https://docs.aws.amazon.com/kms/latest/developerguide/offline-public-key.html",
    ),
    row(
        "a_symmetric_key_has_no_public_half",
        "kms",
        "GetPublicKey of a symmetric or an HMAC key is UnsupportedOperationException",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html",
    ),
    row(
        "a_disabled_key_neither_signs_nor_verifies",
        "kms",
        "Sign, Verify and GetPublicKey of a disabled key are DisabledException, of one pending deletion \
         KMSInvalidStateException",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
    ),
    row(
        "a_key_of_another_account_signs_by_its_arn",
        "kms",
        "Sign takes the ARN of a key in another account, where its policy and the caller's both allow it",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html",
    ),
    row(
        "replicas_verify_for_each_other",
        "kms",
        "A signature of a multi-Region key verifies with its replicas: they share the key material",
        "https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html",
    ),
    row(
        "a_policy_may_ask_for_an_algorithm",
        "kms",
        "kms:SigningAlgorithm and kms:MessageType are condition keys of Sign and Verify",
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
    ),
    row(
        "an_object_is_written_only_where_there_is_none",
        "s3",
        "PutObject with If-None-Match: * refuses an object that is there with PreconditionFailed (412)",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
    ),
    row(
        "an_object_is_replaced_only_as_it_was_seen",
        "s3",
        "PutObject with If-Match refuses another ETag with PreconditionFailed (412), an absent object with NoSuchKey",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
    ),
    row(
        "a_bucket_with_objects_is_not_deleted",
        "s3",
        "DeleteBucket refuses a bucket that holds objects with BucketNotEmpty",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html",
    ),
    row(
        "a_new_bucket_is_encrypted",
        "s3",
        "A new bucket has SSE-S3 as its default encryption",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html",
    ),
    row(
        "a_new_bucket_is_blocked",
        "s3",
        "A new bucket blocks all public access, and its owner owns every object",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html",
    ),
    row(
        "bucket_names_are_global",
        "s3",
        "A name taken by another account is BucketAlreadyExists",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html",
    ),
    row(
        "the_oldest_region_forgives_its_owner",
        "s3",
        "In us-east-1 the owner may create a bucket again, which resets its ACL; elsewhere it is BucketAlreadyOwnedByYou",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html",
    ),
    row(
        "us_east_1_takes_no_location",
        "s3",
        "us-east-1 is not a LocationConstraint, other regions need theirs",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html",
    ),
    row(
        "us_east_1_has_no_location",
        "s3",
        "GetBucketLocation of a bucket in us-east-1 is empty",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html",
    ),
    row(
        "the_wrong_region_is_a_redirect",
        "s3",
        "A bucket asked for in another region answers 301 PermanentRedirect, and the header names its region",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
    ),
    row(
        "younger_regions_do_not_redirect",
        "s3",
        "Where a region that was launched after March 20, 2019 is concerned, it answers 400",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/UsingRouting.html",
    ),
    row(
        "an_unexpected_owner_is_denied",
        "s3",
        "ExpectedBucketOwner of another account answers 403",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html",
    ),
    row(
        "a_public_policy_is_blocked",
        "s3",
        "BlockPublicPolicy refuses a policy that is public",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    ),
    seen(
        "a_bucket_policy_stays_within_its_bucket",
        "s3",
        "A bucket policy that names another bucket, or nobody who exists, is MalformedPolicy",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
        "https://github.com/aws-samples/aws-media-services-vod-automation/issues/17",
    ),
    row(
        "a_bucket_policy_is_its_owners_affair",
        "s3",
        "Another account that a bucket policy allows to read or write it gets 405 MethodNotAllowed",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html",
    ),
    row(
        "a_public_access_block_is_replaced_whole",
        "s3",
        "A switch that PutPublicAccessBlock is not told is off",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html",
    ),
    row(
        "other_accounts_need_the_bucket_policy",
        "s3",
        "Another account may only what the bucket policy and its own policies allow",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-bucket-operation.html",
    ),
    row(
        "s3_actions_have_their_own_names",
        "s3",
        "GetBucketEncryption asks for s3:GetEncryptionConfiguration, ListBuckets for s3:ListAllMyBuckets, and so on",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html",
    ),
    row(
        "a_region_has_one_detector",
        "guardduty",
        "A second CreateDetector is BadRequestException",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html",
    ),
    row(
        "unnamed_features_switch_on",
        "guardduty",
        "CreateDetector switches on what it is not told, except runtime monitoring",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html",
    ),
    row(
        "both_runtime_monitorings_are_refused",
        "guardduty",
        "RUNTIME_MONITORING and EKS_RUNTIME_MONITORING cannot be named in one call, also not for members and organizations",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateDetector.html",
    ),
    row(
        "the_forerunner_stays_on",
        "guardduty",
        "Switching RUNTIME_MONITORING on leaves EKS_RUNTIME_MONITORING on, until it is switched off by itself",
        "https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring-agent-resource-clean-up.html",
    ),
    row(
        "feature_updates_merge",
        "guardduty",
        "UpdateDetector keeps the features it is not told",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateDetector.html",
    ),
    row(
        "foundational_sources_are_listed",
        "guardduty",
        "GetDetector lists CLOUD_TRAIL, DNS_LOGS and FLOW_LOGS too",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfigurationResult.html",
    ),
    row(
        "the_administrator_is_regional",
        "guardduty",
        "The delegated administrator is named region by region",
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html",
    ),
    row(
        "the_management_account_lists_administrators",
        "guardduty",
        "Only the management account lists the administrators of the organization",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_ListOrganizationAdminAccounts.html",
    ),
    row(
        "naming_an_administrator_gives_it_a_detector",
        "guardduty",
        "EnableOrganizationAdminAccount trusts GuardDuty in the organization and makes a detector for the administrator",
        "https://docs.aws.amazon.com/guardduty/latest/ug/organizations_permissions.html",
    ),
    row(
        "members_cannot_change_their_detector",
        "guardduty",
        "A member cannot change the protection plans of its detector",
        "https://docs.aws.amazon.com/guardduty/latest/ug/administrator_member_relationships.html",
    ),
    row(
        "who_has_no_administrator_gets_an_empty_answer",
        "guardduty",
        "GetAdministratorAccount answers without content where there is none",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetAdministratorAccount.html",
    ),
    row(
        "strangers_are_unprocessed",
        "guardduty",
        "Calls over members answer 200 and name whom they left out",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateMemberDetectors.html",
    ),
    row(
        "at_most_fifty_members_a_call",
        "guardduty",
        "Calls over members take fifty accounts",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateMembers.html",
    ),
    row(
        "who_takes_in_everyone_lets_nobody_go",
        "guardduty",
        "DeleteMembers fails while every account is taken in",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DeleteMembers.html",
    ),
    row(
        "a_first_detector_needs_its_role",
        "guardduty",
        "CreateDetector needs iam:CreateServiceLinkedRole while the role is missing",
        "https://docs.aws.amazon.com/guardduty/latest/ug/slr-permissions.html",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::services;
    use std::collections::BTreeSet;

    #[test]
    fn every_behaviour_has_its_own_id_a_service_that_is_served_and_a_page_of_aws() {
        let mut ids = BTreeSet::new();
        for Behaviour { id, service, says, source, seen } in BEHAVIOURS {
            assert!(ids.insert(id), "{id} stands twice");
            assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'), "{id}");
            assert!(!services::operations(service).is_empty(), "{id}: {service}");
            assert!(!says.ends_with('.') && source.starts_with("https://docs.aws.amazon.com/"), "{id}");
            assert!(seen.is_none_or(|report| report.starts_with("https://")), "{id}");
        }
    }
}
