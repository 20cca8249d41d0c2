//! What one would not guess of S3.

use super::{Behaviour, row, seen};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "an_object_is_written_only_where_there_is_none",
        "PutObject with If-None-Match: * refuses an object that is there with PreconditionFailed (412)",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
    ),
    row(
        "an_object_is_replaced_only_as_it_was_seen",
        "PutObject with If-Match refuses another ETag with PreconditionFailed (412), an absent object with NoSuchKey",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
    ),
    row(
        "an_absent_object_is_hidden_from_who_may_not_list",
        "GetObject and HeadObject of an absent object answer 404 to who has s3:ListBucket, and 403 to everybody else",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html",
    ),
    row(
        "a_bucket_with_objects_is_not_deleted",
        "DeleteBucket refuses a bucket that holds objects with BucketNotEmpty",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html",
    ),
    row(
        "a_new_bucket_is_encrypted",
        "A new bucket has SSE-S3 as its default encryption",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html",
    ),
    row(
        "a_new_bucket_is_blocked",
        "A new bucket blocks all public access, and its owner owns every object",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html",
    ),
    row(
        "bucket_names_are_global",
        "A name taken by another account is BucketAlreadyExists",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html",
    ),
    row(
        "the_oldest_region_forgives_its_owner",
        "In us-east-1 the owner may create a bucket again, which resets its ACL; elsewhere it is BucketAlreadyOwnedByYou",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html",
    ),
    row(
        "us_east_1_takes_no_location",
        "us-east-1 is not a LocationConstraint, other regions need theirs",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html",
    ),
    row(
        "us_east_1_has_no_location",
        "GetBucketLocation of a bucket in us-east-1 is empty",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html",
    ),
    row(
        "the_wrong_region_is_a_redirect",
        "A bucket asked for in another region answers 301 PermanentRedirect, and the header names its region",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
    ),
    row(
        "younger_regions_do_not_redirect",
        "Where a region that was launched after March 20, 2019 is concerned, it answers 400",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/UsingRouting.html",
    ),
    row(
        "an_unexpected_owner_is_denied",
        "ExpectedBucketOwner of another account answers 403",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html",
    ),
    row(
        "keys_are_listed_up_to_a_delimiter",
        "ListObjectsV2 with Delimiter answers what keys begin with up to it, each once, counted as one key",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html",
    ),
    row(
        "a_public_policy_is_blocked",
        "BlockPublicPolicy refuses a policy that is public",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    ),
    seen(
        "a_bucket_policy_stays_within_its_bucket",
        "A bucket policy that names another bucket, or nobody who exists, is MalformedPolicy",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
        "https://github.com/aws-samples/aws-media-services-vod-automation/issues/17",
    ),
    row(
        "a_bucket_policy_is_its_owners_affair",
        "Another account that a bucket policy allows to read or write it gets 405 MethodNotAllowed",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html",
    ),
    row(
        "a_public_access_block_is_replaced_whole",
        "A switch that PutPublicAccessBlock is not told is off",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html",
    ),
    row(
        "a_lifecycle_is_replaced_whole",
        "PutBucketLifecycleConfiguration replaces all rules, and a rule that was sent without an ID has one in the answer",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html",
    ),
    row(
        "logs_of_requests_go_to_the_same_account_and_region",
        "PutBucketLogging refuses a target that is not there, another account's or in another region with \
         InvalidTargetBucketForLogging, and an empty BucketLoggingStatus ends it",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html",
    ),
    row(
        "other_accounts_need_the_bucket_policy",
        "Another account may only what the bucket policy and its own policies allow",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-bucket-operation.html",
    ),
    row(
        "s3_actions_have_their_own_names",
        "GetBucketEncryption asks for s3:GetEncryptionConfiguration, ListBuckets for s3:ListAllMyBuckets, and so on",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html",
    ),
];
