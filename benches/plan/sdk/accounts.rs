//! Accounts and their organization.

use super::{ask, unknown};
use crate::Outcome;
use crate::calls::Entry;

pub(super) async fn account(client: &aws_sdk_account::Client, Entry { operation, input, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "ListRegions" => ask!(client, input, list_regions, set_next_token = "NextToken"),
        "GetAlternateContact" => {
            ask!(client, input, get_alternate_contact, set_alternate_contact_type = "AlternateContactType" as contact);
        }
        "GetContactInformation" => ask!(client, input, get_contact_information),
        other => return unknown(other),
    }
    Ok(())
}

pub(super) async fn organizations(
    client: &aws_sdk_organizations::Client,
    Entry { operation, input, .. }: &Entry,
) -> Outcome<()> {
    match operation.as_str() {
        "DescribeOrganization" => ask!(client, input, describe_organization),
        "ListRoots" => ask!(client, input, list_roots, set_next_token = "NextToken"),
        "ListAccounts" => ask!(client, input, list_accounts, set_next_token = "NextToken"),
        "ListOrganizationalUnitsForParent" => ask!(
            client,
            input,
            list_organizational_units_for_parent,
            set_parent_id = "ParentId",
            set_next_token = "NextToken"
        ),
        "ListAccountsForParent" => {
            ask!(client, input, list_accounts_for_parent, set_parent_id = "ParentId", set_next_token = "NextToken");
        }
        "ListPolicies" => {
            ask!(client, input, list_policies, set_filter = "Filter" as policies, set_next_token = "NextToken");
        }
        "ListAWSServiceAccessForOrganization" => {
            ask!(client, input, list_aws_service_access_for_organization, set_next_token = "NextToken");
        }
        other => return unknown(other),
    }
    Ok(())
}

pub(super) async fn sts(client: &aws_sdk_sts::Client, Entry { operation, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "GetCallerIdentity" => drop(client.get_caller_identity().send().await),
        other => return unknown(other),
    }
    Ok(())
}
