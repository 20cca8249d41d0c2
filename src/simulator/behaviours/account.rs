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
    row(
        "an_alternate_contact_that_is_not_there_is_not_found",
        "A kind of alternate contact that was never set, or was deleted, answers ResourceNotFoundException",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html",
    ),
    row(
        "an_alternate_contact_is_put_as_a_whole",
        "PutAlternateContact takes name, title, address and number together, and replaces what was there",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html",
    ),
    row(
        "a_primary_contact_is_replaced_as_a_whole",
        "What PutContactInformation leaves out is gone afterwards",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_PutContactInformation.html",
    ),
    row(
        "contacts_of_others_need_trusted_access",
        "The contacts of a member are read with AccountId by the management account or a delegate alone, with trusted access",
        "https://docs.aws.amazon.com/accounts/latest/reference/API_GetContactInformation.html",
    ),
    seen(
        "a_region_that_is_not_enabled_knows_no_credentials",
        "A region that is not enabled in an account refuses its keys in the words for keys that do not exist",
        "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html",
        "https://remotion.dev/docs/lambda/troubleshooting/security-token",
    ),
];
