//! What one would not guess of Account Management.

use super::{Behaviour, row, seen};

pub(super) const ROWS: &[Behaviour] = &[
    row(
        "regions_of_others_need_trusted_access",
        "ListRegions takes AccountId only from the management account or a delegate, with trusted access",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html",
    ),
    row(
        "the_management_account_cannot_name_itself",
        "The management account lists its own regions only without AccountId",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html",
    ),
    row(
        "a_default_region_cannot_be_switched",
        "A region that is enabled by default can be neither enabled nor disabled",
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html",
    ),
    seen(
        "a_region_that_is_not_enabled_knows_no_credentials",
        "A region that is not enabled in an account refuses its keys in the words for keys that do not exist",
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html",
        "https://remotion.dev/docs/lambda/troubleshooting/security-token",
    ),
];
