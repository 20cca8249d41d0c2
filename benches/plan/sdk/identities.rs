//! Who may sign in.

use super::{ask, unknown};
use crate::Outcome;
use crate::calls::Entry;

pub(super) async fn iam(client: &aws_sdk_iam::Client, Entry { operation, input, .. }: &Entry) -> Outcome<()> {
    match operation.as_str() {
        "GenerateCredentialReport" => ask!(client, input, generate_credential_report),
        "GetAccessKeyLastUsed" => {
            ask!(client, input, get_access_key_last_used, set_access_key_id = "AccessKeyId");
        }
        "GetAccountAuthorizationDetails" => ask!(
            client,
            input,
            get_account_authorization_details,
            set_filter = "Filter" as entities,
            set_max_items = "MaxItems" as number,
            set_marker = "Marker"
        ),
        "GetAccountPasswordPolicy" => ask!(client, input, get_account_password_policy),
        "GetAccountSummary" => ask!(client, input, get_account_summary),
        "GetCredentialReport" => ask!(client, input, get_credential_report),
        "GetLoginProfile" => ask!(client, input, get_login_profile, set_user_name = "UserName"),
        "GetRole" => ask!(client, input, get_role, set_role_name = "RoleName"),
        "GetUser" => ask!(client, input, get_user, set_user_name = "UserName"),
        "ListAccessKeys" => ask!(client, input, list_access_keys, set_user_name = "UserName", set_marker = "Marker"),
        "ListAccountAliases" => ask!(client, input, list_account_aliases, set_marker = "Marker"),
        "ListEntitiesForPolicy" => {
            ask!(client, input, list_entities_for_policy, set_policy_arn = "PolicyArn", set_marker = "Marker");
        }
        "ListMFADevices" => ask!(client, input, list_mfa_devices, set_user_name = "UserName", set_marker = "Marker"),
        "ListSAMLProviders" => ask!(client, input, list_saml_providers),
        "ListServerCertificateTags" => ask!(
            client,
            input,
            list_server_certificate_tags,
            set_server_certificate_name = "ServerCertificateName",
            set_marker = "Marker"
        ),
        "ListServerCertificates" => ask!(client, input, list_server_certificates, set_marker = "Marker"),
        "ListVirtualMFADevices" => ask!(
            client,
            input,
            list_virtual_mfa_devices,
            set_assignment_status = "AssignmentStatus" as assignment,
            set_marker = "Marker"
        ),
        other => return unknown(other),
    }
    Ok(())
}
