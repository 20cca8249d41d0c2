//! What one would not guess of S3 Control.

use super::{Behaviour, row};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "an_account_blocks_nothing_at_first",
        "GetPublicAccessBlock of an account that never set one is NoSuchPublicAccessBlockConfiguration (404)",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html",
    ),
    row(
        "an_accounts_block_is_replaced_whole",
        "A switch that PutPublicAccessBlock of an account is not told is off",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html",
    ),
    row(
        "an_accounts_block_holds_for_its_buckets",
        "What an account blocks is refused also by a bucket that blocks nothing itself: public policies and public ACLs",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    ),
    row(
        "an_s3_policy_of_the_organization_sets_the_block",
        "Where an S3 policy holds for an account, GetPublicAccessBlock answers what that sets, the account may change \
         nothing (AccessDenied), and what it had before is in force again once the policy is gone",
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_s3.html",
    ),
    row(
        "an_account_asks_s3_control_for_itself_alone",
        "The account id in the header has to be the caller's own: anything else is AccessDenied",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html",
    ),
    row(
        "s3_control_asks_for_actions_of_s3",
        "The block of an account takes s3:GetAccountPublicAccessBlock and s3:PutAccountPublicAccessBlock, the second \
         also to delete it, on no resource",
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html",
    ),
];
