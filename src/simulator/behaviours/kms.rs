//! What one would not guess of KMS.

use super::{Behaviour, row};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "a_key_of_another_account_is_described_where_both_allow_it",
        "DescribeKey takes the ARN of a key or of an alias in another account, where the key's policy and the caller's both allow it",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html",
    ),
    row(
        "the_key_policy_decides",
        "A key policy that does not trust the account denies even its administrators",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
    ),
    row(
        "a_key_policy_must_not_lock_out_its_author",
        "PutKeyPolicy refuses a policy under which the caller cannot put another",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
    ),
    row(
        "a_key_policy_names_only_who_exists",
        "A key policy that names an absent role is malformed",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html",
    ),
    row(
        "a_key_statement_without_resource_counts_for_nothing",
        "A statement of a key policy that lacks its resource or its action is taken, and has no effect",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
    ),
    row(
        "only_some_keys_rotate",
        "Asymmetric, HMAC, imported and custom-store keys answer UnsupportedOperationException",
        "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
    ),
    row(
        "a_disabled_key_does_not_start_to_rotate",
        "EnableKeyRotation of a disabled key is DisabledException, of one pending deletion KMSInvalidStateException",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
    ),
    row(
        "a_dying_key_says_that_it_does_not_rotate",
        "The rotation status of a key pending deletion is false",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html",
    ),
    row(
        "a_primary_outlives_its_replicas",
        "A primary with replicas whose deletion is scheduled is PendingReplicaDeletion, with the days of its wait and \
         without a date",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html",
    ),
    row(
        "replicas_share_the_primarys_rotation",
        "Rotation is set on the primary and shared by its replicas",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html",
    ),
    row(
        "rotation_has_a_period",
        "A key rotates every 365 days, or every 90 to 2560 where that is asked for, which can be asked for again",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html",
    ),
    row(
        "rotation_takes_no_alias",
        "GetKeyRotationStatus takes a key's id or ARN, not an alias",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html",
    ),
    row(
        "reserved_aliases_have_no_key_at_first",
        "alias/aws/* are listed without a key until they are used; DescribeKey makes the key",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html",
    ),
    row(
        "a_saved_key_is_disabled",
        "CancelKeyDeletion leaves the key disabled",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html",
    ),
    row(
        "a_dying_key_takes_no_alias",
        "An alias of a key pending deletion is KMSInvalidStateException",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
    ),
    row(
        "create_alias_asks_twice",
        "CreateAlias needs kms:CreateAlias on the alias and on the key",
        "https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html",
    ),
    row(
        "tags_at_creation_need_a_permission",
        "CreateKey with tags needs kms:TagResource on all keys of the account and the region",
        "https://docs.aws.amazon.com/kms/latest/developerguide/manage-tags-api.html",
    ),
    row(
        "a_new_key_gets_its_policy_without_a_permission",
        "CreateKey with a policy needs no kms:PutKeyPolicy: kms:CreateKey covers the first one",
        "https://docs.aws.amazon.com/kms/latest/developerguide/create-keys.html",
    ),
    row(
        "a_dry_run_is_answered_by_an_error",
        "Sign with DryRun is DryRunOperationException where it would succeed and AccessDenied where it would not; \
         nothing is signed",
        "https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html",
    ),
    row(
        "a_signature_that_does_not_fit_is_an_error",
        "Verify never answers that a signature is not valid: it is KMSInvalidSignatureException",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html",
    ),
    row(
        "only_signing_keys_sign",
        "Another usage of the key, or an algorithm that is not of its spec, is InvalidKeyUsageException",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html",
    ),
    row(
        "a_message_to_sign_is_short",
        "Sign takes messages of 4,096 bytes at most; of longer ones the digest is signed",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html",
    ),
    row(
        "a_message_and_its_digest_have_one_signature",
        "What was signed as RAW verifies as the DIGEST of it, and a digest of another length is refused",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html",
    ),
    row(
        "a_public_key_verifies_outside",
        "GetPublicKey answers the X.509 public key, with which signatures verify outside KMS; PSS salts are as long as \
         the digest",
        "https://docs.aws.amazon.com/kms/latest/developerguide/offline-public-key.html",
    ),
    row(
        "a_symmetric_key_has_no_public_half",
        "GetPublicKey of a symmetric or an HMAC key is UnsupportedOperationException",
        "https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html",
    ),
    row(
        "a_disabled_key_neither_signs_nor_verifies",
        "Sign, Verify and GetPublicKey of a disabled key are DisabledException, of one pending deletion \
         KMSInvalidStateException",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
    ),
    row(
        "a_key_of_another_account_signs_by_its_arn",
        "Sign takes the ARN of a key in another account, where its policy and the caller's both allow it",
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html",
    ),
    row(
        "replicas_verify_for_each_other",
        "A signature of a multi-Region key verifies with its replicas: they share the key material",
        "https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html",
    ),
    row(
        "a_policy_may_ask_for_an_algorithm",
        "kms:SigningAlgorithm and kms:MessageType are condition keys of Sign and Verify",
        "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html",
    ),
];
