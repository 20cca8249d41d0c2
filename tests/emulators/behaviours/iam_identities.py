"""IAM: users with what they sign in with, groups, managed policies, the root user, reports, and the rest of an account."""

import csv
import io
from datetime import datetime, timedelta

from stage import document, equal, refused

AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
CLOUDSHELL = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"
CODES = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}

HOURS = 3600


def _report(iam):
    """The credential report by user, generated and awaited."""
    while iam.generate_credential_report()["State"] != "COMPLETE":
        pass
    text = iam.get_credential_report()["Content"].decode()
    return {row["user"]: row for row in csv.DictReader(io.StringIO(text))}


def a_credential_report_is_started_awaited_and_then_answered(stage):
    iam = stage.inside("iam", stage.member())
    refused("ReportNotPresent", iam.get_credential_report)
    equal(iam.generate_credential_report()["State"], "STARTED")
    refused("ReportInProgress", iam.get_credential_report)
    equal(iam.generate_credential_report()["State"], "COMPLETE")
    answer = iam.get_credential_report()
    equal((answer["ReportFormat"], answer["Content"][:9]), ("text/csv", b"user,arn,"))


def a_credential_report_lasts_four_hours(stage):
    member = stage.member()
    iam = stage.inside("iam", member)
    equal(list(_report(iam)), ["<root_account>"])
    iam.create_user(UserName="late")
    stage.advance(4 * HOURS - 1)
    # The session has run out by now, so the member is entered again.
    iam = stage.inside("iam", member)
    equal(list(_report(iam)), ["<root_account>"])
    stage.advance(1)
    refused("ReportExpired", iam.get_credential_report)
    equal(list(_report(iam)), ["<root_account>", "late"])


def a_credential_report_has_a_row_for_the_root_user(stage):
    member = stage.member()
    row = _report(stage.inside("iam", member))["<root_account>"]
    equal(row["arn"], f"arn:aws:iam::{member}:root")
    equal((row["password_enabled"], row["password_last_changed"]), ("TRUE", "not_supported"))
    equal(row["mfa_active"], "false")


def a_credential_report_says_na_and_no_information(stage):
    iam = stage.inside("iam", stage.member())
    iam.create_user(UserName="a,b")
    iam.create_user(UserName="console")
    iam.create_login_profile(UserName="console", Password="correct horse")
    iam.create_access_key(UserName="console")
    rows = _report(iam)
    equal((rows["a,b"]["password_enabled"], rows["a,b"]["password_last_used"]), ("false", "N/A"))
    equal((rows["a,b"]["access_key_1_active"], rows["a,b"]["access_key_1_last_rotated"]), ("false", "N/A"))
    console = rows["console"]
    equal((console["password_enabled"], console["password_last_used"]), ("true", "no_information"))
    equal((console["access_key_1_active"], console["access_key_1_last_used_date"]), ("true", "N/A"))
    assert console["access_key_1_last_rotated"].endswith("+00:00"), console


def a_credential_report_says_when_a_key_was_changed(stage):
    member = stage.member()
    iam = stage.inside("iam", member)
    iam.create_user(UserName="keyed")
    key = iam.create_access_key(UserName="keyed")["AccessKey"]["AccessKeyId"]
    made = datetime.fromisoformat(_report(iam)["keyed"]["access_key_1_last_rotated"])
    stage.advance(5 * HOURS)
    iam = stage.inside("iam", member)
    iam.update_access_key(UserName="keyed", AccessKeyId=key, Status="Active")
    changed = datetime.fromisoformat(_report(iam)["keyed"]["access_key_1_last_rotated"])
    assert changed - made >= timedelta(hours=5), (made, changed)
    listed = iam.list_access_keys(UserName="keyed")["AccessKeyMetadata"]
    equal([one["CreateDate"] for one in listed], [made])


def the_account_summary_speaks_of_the_root_user(stage):
    iam = stage.inside("iam", stage.member())
    iam.create_user(UserName="keyed")
    iam.create_access_key(UserName="keyed")
    iam.enable_mfa_device(UserName="keyed", SerialNumber="GAHT12345678", **CODES)
    summary = iam.get_account_summary()["SummaryMap"]
    equal([summary[name] for name in ["Users", "MFADevicesInUse"]], [1, 1])
    equal([summary[name] for name in ["AccountMFAEnabled", "AccountAccessKeysPresent"]], [0, 0])


def keys_without_a_user_name_are_those_of_who_asks(stage):
    member = stage.member()
    root = stage.client("iam", stage.root(member))
    first, second = [root.create_access_key()["AccessKey"] for _ in range(2)]
    refused("LimitExceeded", root.create_access_key)
    summary = stage.inside("iam", member).get_account_summary()["SummaryMap"]
    equal(summary["AccountAccessKeysPresent"], 1)
    keys = {"aws_access_key_id": first["AccessKeyId"], "aws_secret_access_key": first["SecretAccessKey"]}
    sts = stage.client("sts", keys)
    equal(sts.get_caller_identity()["Arn"], f"arn:aws:iam::{member}:root")
    root.update_access_key(AccessKeyId=first["AccessKeyId"], Status="Inactive")
    refused("InvalidClientTokenId", sts.get_caller_identity)
    listed = root.list_access_keys()["AccessKeyMetadata"]
    equal([(one["AccessKeyId"], one["Status"]) for one in listed], [
        (first["AccessKeyId"], "Inactive"),
        (second["AccessKeyId"], "Active"),
    ])
    for one in listed:
        root.delete_access_key(AccessKeyId=one["AccessKeyId"])
    equal(root.list_access_keys()["AccessKeyMetadata"], [])
    # A role has no keys of its own.
    refused("ValidationError", stage.inside("iam", member).list_access_keys)


def central_root_access_takes_an_organization_that_trusts_iam(stage):
    iam = stage.client("iam")
    refused("ServiceAccessNotEnabledException", iam.list_organizations_features)
    refused("ServiceAccessNotEnabledException", iam.enable_organizations_root_sessions)
    organizations = stage.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    answer = iam.list_organizations_features()
    equal((answer["OrganizationId"], answer["EnabledFeatures"]), (stage.organization(), []))
    iam.enable_organizations_root_sessions()
    equal(iam.list_organizations_features()["EnabledFeatures"], ["RootSessions"])
    iam.enable_organizations_root_credentials_management()
    equal(iam.list_organizations_features()["EnabledFeatures"], ["RootCredentialsManagement", "RootSessions"])
    iam.disable_organizations_root_sessions()
    equal(iam.list_organizations_features()["EnabledFeatures"], ["RootCredentialsManagement"])
    member = stage.member()
    inside = stage.inside("iam", member)
    refused("AccountNotManagementOrDelegatedAdministratorException", inside.list_organizations_features)
    organizations.register_delegated_administrator(AccountId=member, ServicePrincipal="iam.amazonaws.com")
    equal(inside.list_organizations_features()["EnabledFeatures"], ["RootCredentialsManagement"])
    refused("CallerIsNotManagementAccountException", inside.enable_organizations_root_sessions)


def a_virtual_mfa_device_is_listed_with_its_holder(stage):
    member = stage.member()
    iam = stage.inside("iam", member)
    iam.create_user(UserName="ada")
    for name in ["used", "spare"]:
        iam.create_virtual_mfa_device(VirtualMFADeviceName=name)
    serial = f"arn:aws:iam::{member}:mfa/used"
    iam.enable_mfa_device(UserName="ada", SerialNumber=serial, **CODES)
    refused("EntityAlreadyExists", iam.enable_mfa_device, UserName="ada", SerialNumber=serial, **CODES)
    assigned = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    equal([(one["SerialNumber"], one["User"]["UserName"]) for one in assigned], [(serial, "ada")])
    spare = iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]
    equal([one.get("User") for one in spare], [None])
    equal([one["SerialNumber"] for one in iam.list_mfa_devices(UserName="ada")["MFADevices"]], [serial])
    refused("DeleteConflict", iam.delete_virtual_mfa_device, SerialNumber=serial)
    iam.deactivate_mfa_device(UserName="ada", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)


def _keyed(stage, iam, name="keyed"):
    """A user who may do everything in IAM, and a client with its key."""
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    return stage.client("iam", keys), made["AccessKeyId"]


def an_inactive_access_key_is_refused(stage):
    iam = stage.inside("iam", stage.member())
    own, key = _keyed(stage, iam)
    iam.put_user_policy(UserName="keyed", PolicyName="iam", PolicyDocument=document({"Action": "iam:*"}))
    equal(own.get_user()["User"]["UserName"], "keyed")
    iam.update_access_key(UserName="keyed", AccessKeyId=key, Status="Inactive")
    refused("InvalidClientTokenId", own.get_user)
    equal([one["Status"] for one in iam.list_access_keys(UserName="keyed")["AccessKeyMetadata"]], ["Inactive"])
    iam.update_access_key(UserName="keyed", AccessKeyId=key, Status="Active")
    own.get_user()
    iam.delete_access_key(UserName="keyed", AccessKeyId=key)
    refused("InvalidClientTokenId", own.get_user)


def a_user_has_two_access_keys_at_most(stage):
    iam = stage.inside("iam", stage.member())
    iam.create_user(UserName="keyed")
    for _ in range(2):
        key = iam.create_access_key(UserName="keyed")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="keyed", AccessKeyId=key, Status="Inactive")
    refused("LimitExceeded", iam.create_access_key, UserName="keyed")


def the_last_use_of_a_key_that_was_never_used_has_no_date(stage):
    iam = stage.inside("iam", stage.member())
    _, key = _keyed(stage, iam)
    answer = iam.get_access_key_last_used(AccessKeyId=key)
    equal(answer["UserName"], "keyed")
    equal(answer["AccessKeyLastUsed"], {"Region": "N/A", "ServiceName": "N/A"})


def a_user_without_password_has_no_login_profile(stage):
    iam = stage.inside("iam", stage.member())
    iam.create_user(UserName="ada")
    for call in [iam.get_login_profile, iam.delete_login_profile]:
        refused("NoSuchEntity", call, UserName="ada")
    iam.create_login_profile(UserName="ada", Password="correct horse")
    refused("EntityAlreadyExists", iam.create_login_profile, UserName="ada", Password="correct horse")
    equal(iam.get_login_profile(UserName="ada")["LoginProfile"]["UserName"], "ada")


def a_user_goes_last(stage):
    iam = stage.inside("iam", stage.member())
    _, key = _keyed(stage, iam)
    iam.create_login_profile(UserName="keyed", Password="correct horse")
    iam.enable_mfa_device(UserName="keyed", SerialNumber="GAHT12345678", **CODES)
    iam.attach_user_policy(UserName="keyed", PolicyArn=AUDIT)
    iam.put_user_policy(UserName="keyed", PolicyName="own", PolicyDocument=document({}))
    iam.create_group(GroupName="team")
    iam.add_user_to_group(GroupName="team", UserName="keyed")
    for undo in [
        lambda: iam.delete_login_profile(UserName="keyed"),
        lambda: iam.delete_access_key(UserName="keyed", AccessKeyId=key),
        lambda: iam.deactivate_mfa_device(UserName="keyed", SerialNumber="GAHT12345678"),
        lambda: iam.detach_user_policy(UserName="keyed", PolicyArn=AUDIT),
        lambda: iam.delete_user_policy(UserName="keyed", PolicyName="own"),
        lambda: iam.remove_user_from_group(GroupName="team", UserName="keyed"),
    ]:
        refused("DeleteConflict", iam.delete_user, UserName="keyed")
        undo()
    iam.delete_user(UserName="keyed")
    refused("NoSuchEntity", iam.get_user, UserName="keyed")


def policies_of_groups_are_those_of_their_users(stage):
    iam = stage.inside("iam", stage.member())
    own, _ = _keyed(stage, iam)
    refused("AccessDenied", own.list_users)
    iam.create_group(GroupName="team")
    iam.attach_group_policy(GroupName="team", PolicyArn=AUDIT)
    iam.add_user_to_group(GroupName="team", UserName="keyed")
    own.list_users()
    iam.detach_group_policy(GroupName="team", PolicyArn=AUDIT)
    refused("AccessDenied", own.list_users)
    iam.put_group_policy(GroupName="team", PolicyName="own", PolicyDocument=document({"Action": "iam:ListUsers"}))
    own.list_users()
    iam.delete_group_policy(GroupName="team", PolicyName="own")
    refused("AccessDenied", own.list_users)


def authorization_details_come_in_pages_over_all_kinds(stage):
    iam = stage.inside("iam", stage.member())
    for number in range(3):
        iam.create_user(UserName=f"user-{number}")
    iam.create_group(GroupName="team")
    iam.create_policy(PolicyName="own", PolicyDocument=document({}))
    lists = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"]
    pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2}))
    assert len(pages) == 3 and all(sum(len(page[name]) for name in lists) == 2 for page in pages), pages
    equal([sum(len(page[name]) for page in pages) for name in lists], [3, 1, 1, 1])
    only = iam.get_account_authorization_details(Filter=["Group"])
    equal([len(only[name]) for name in lists], [0, 1, 0, 0])


def documents_of_authorization_details_are_encoded(stage):
    iam = stage.inside("iam", stage.member())
    iam.create_user(UserName="ada")
    text = document({"Action": "s3:*", "Resource": "arn:aws:s3:::a b/*"})
    iam.put_user_policy(UserName="ada", PolicyName="own", PolicyDocument=text)
    made = iam.create_policy(PolicyName="own", PolicyDocument=text)["Policy"]
    # boto3 decodes them; what it answers is what was put.
    details = iam.get_account_authorization_details()
    inline = details["UserDetailList"][0]["UserPolicyList"][0]["PolicyDocument"]
    managed = details["Policies"][0]["PolicyVersionList"][0]["Document"]
    version = iam.get_policy_version(PolicyArn=made["Arn"], VersionId="v1")["PolicyVersion"]["Document"]
    own = iam.get_user_policy(UserName="ada", PolicyName="own")["PolicyDocument"]
    equal([document(one["Statement"][0]) for one in [inline, managed, version, own]], [text] * 4)


def a_policy_in_use_cannot_be_deleted(stage):
    iam = stage.inside("iam", stage.member())
    iam.create_user(UserName="ada")
    arn = iam.create_policy(PolicyName="own", PolicyDocument=document({}))["Policy"]["Arn"]
    refused("EntityAlreadyExists", iam.create_policy, PolicyName="own", PolicyDocument=document({}))
    iam.attach_user_policy(UserName="ada", PolicyArn=arn)
    equal([one["PolicyArn"] for one in iam.list_attached_user_policies(UserName="ada")["AttachedPolicies"]], [arn])
    equal(iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"], 1)
    equal([one["Arn"] for one in iam.list_policies(Scope="Local", OnlyAttached=True)["Policies"]], [arn])
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    iam.detach_user_policy(UserName="ada", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    refused("NoSuchEntity", iam.get_policy, PolicyArn=arn)
    refused("NoSuchEntity", iam.attach_user_policy, UserName="ada", PolicyArn=arn)


def the_default_version_of_a_policy_counts(stage):
    iam = stage.inside("iam", stage.member())
    own, _ = _keyed(stage, iam)
    arn = iam.create_policy(PolicyName="own", PolicyDocument=document({"Action": "s3:*"}))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="keyed", PolicyArn=arn)
    more = document({"Action": "iam:ListUsers"})
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=more)
    refused("AccessDenied", own.list_users)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=more, SetAsDefault=True)
    own.list_users()
    equal(iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"], "v3")
    for _ in range(2):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=more)
    refused("LimitExceeded", iam.create_policy_version, PolicyArn=arn, PolicyDocument=more)


def entities_of_a_policy_are_listed_by_kind(stage):
    member = stage.member()
    iam = stage.inside("iam", member)
    stage.role(member, "watcher")
    iam.create_user(UserName="ada")
    iam.create_group(GroupName="team")
    kinds = ["PolicyGroups", "PolicyUsers", "PolicyRoles"]
    equal([iam.list_entities_for_policy(PolicyArn=CLOUDSHELL)[kind] for kind in kinds], [[], [], []])
    iam.attach_user_policy(UserName="ada", PolicyArn=CLOUDSHELL)
    iam.attach_group_policy(GroupName="team", PolicyArn=CLOUDSHELL)
    iam.attach_role_policy(RoleName="watcher", PolicyArn=CLOUDSHELL)
    found = iam.list_entities_for_policy(PolicyArn=CLOUDSHELL)
    names = [found["PolicyGroups"][0]["GroupName"], found["PolicyUsers"][0]["UserName"]]
    equal([*names, found["PolicyRoles"][0]["RoleName"]], ["team", "ada", "watcher"])
    only = iam.list_entities_for_policy(PolicyArn=CLOUDSHELL, EntityFilter="User")
    equal([len(only[kind]) for kind in kinds], [0, 1, 0])
    nobodys = f"arn:aws:iam::{member}:policy/none"
    refused("NoSuchEntity", iam.list_entities_for_policy, PolicyArn=nobodys)


def an_account_has_one_alias(stage):
    iam = stage.inside("iam", stage.member())
    equal(iam.list_account_aliases()["AccountAliases"], [])
    for alias in ["acme-one", "acme-two"]:
        iam.create_account_alias(AccountAlias=alias)
    equal(iam.list_account_aliases()["AccountAliases"], ["acme-two"])
    refused("NoSuchEntity", iam.delete_account_alias, AccountAlias="acme-one")
    iam.delete_account_alias(AccountAlias="acme-two")
    equal(iam.list_account_aliases()["AccountAliases"], [])


def an_alias_is_one_of_all_accounts(stage):
    one, two = stage.inside("iam", stage.member("one")), stage.inside("iam", stage.member("two"))
    one.create_account_alias(AccountAlias="acme")
    refused("EntityAlreadyExists", two.create_account_alias, AccountAlias="acme")
    for wrong in ["acme--two", "-acme", "Acme"]:
        refused("ValidationError", two.create_account_alias, AccountAlias=wrong)


RAN_OUT = """
-----BEGIN CERTIFICATE-----
MIIBFDCBugIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtleGFtcGxlLmNvbTAe
Fw0yMDAxMDEwMDAwMDBaFw0yMTAxMDEwMDAwMDBaMBYxFDASBgNVBAMMC2V4YW1w
bGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2NhPgIpCl5ZKqRHZ1bgT
mjqlEdMkGXso7sUW/NoY14gMk2ASgh5thCdmzJ06UsmFHWDKzaTavRrs3AvyULmM
WzAKBggqhkjOPQQDAgNJADBGAiEAxz6OK1Ky4RRMSqo4KiEcdzsxZMlgeRofZAxZ
SyQRByUCIQC3i7jdZmE/ixXupxPZpmXNaJsGXwH0tbfXzisrlrDIzw==
-----END CERTIFICATE-----
"""

GOOD = """
-----BEGIN CERTIFICATE-----
MIIBFDCBvAIBAjAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtleGFtcGxlLmNvbTAg
Fw0yMDAxMDEwMDAwMDBaGA8yMDYwMDEwMTAwMDAwMFowFjEUMBIGA1UEAwwLZXhh
bXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATY2E+AikKXlkqpEdnV
uBOaOqUR0yQZeyjuxRb82hjXiAyTYBKCHm2EJ2bMnTpSyYUdYMrNpNq9GuzcC/JQ
uYxbMAoGCCqGSM49BAMCA0cAMEQCIEUDqzQkD3PPPfiMsOY7MwOXw6E6zE1EUlhq
PlOX2yajAiAmx2xruS/cUhc6tZqxehaum1p7m+cxGxEBgz1m0eVaDA==
-----END CERTIFICATE-----
"""


def a_server_certificate_says_when_it_runs_out(stage):
    iam = stage.inside("iam", stage.member())
    for name, body in [("old", RAN_OUT), ("new", GOOD)]:
        iam.upload_server_certificate(ServerCertificateName=name, CertificateBody=body, PrivateKey="key")
    refused(
        "MalformedCertificate",
        iam.upload_server_certificate,
        ServerCertificateName="none",
        CertificateBody="nothing",
        PrivateKey="key",
    )
    listed = iam.list_server_certificates()["ServerCertificateMetadataList"]
    years = {one["ServerCertificateName"]: one["Expiration"].year for one in listed}
    equal(years, {"old": 2021, "new": 2060})
    iam.delete_server_certificate(ServerCertificateName="old")
    refused("NoSuchEntity", iam.delete_server_certificate, ServerCertificateName="old")


def identity_providers_are_counted_in_the_summary(stage):
    iam = stage.inside("iam", stage.member())
    saml = iam.create_saml_provider(Name="sso", SAMLMetadataDocument="<x/>" * 250)["SAMLProviderArn"]
    oidc = iam.create_open_id_connect_provider(Url="https://token.example.com")["OpenIDConnectProviderArn"]
    equal([one["Arn"] for one in iam.list_saml_providers()["SAMLProviderList"]], [saml])
    equal([one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]], [oidc])
    equal(iam.get_account_summary()["SummaryMap"]["Providers"], 2)


def tags_are_told_of_one_and_not_of_a_list(stage):
    iam = stage.inside("iam", stage.member())
    tags = [{"Key": "one", "Value": "1"}]
    iam.create_user(UserName="ada", Tags=tags)
    arn = iam.create_policy(PolicyName="own", PolicyDocument=document({}), Tags=tags)["Policy"]["Arn"]
    equal([iam.get_user(UserName="ada")["User"]["Tags"], iam.get_policy(PolicyArn=arn)["Policy"]["Tags"]], [tags] * 2)
    equal([iam.list_user_tags(UserName="ada")["Tags"], iam.list_policy_tags(PolicyArn=arn)["Tags"]], [tags] * 2)
    listed = [iam.list_users()["Users"][0], iam.list_policies(Scope="Local")["Policies"][0]]
    details = iam.get_account_authorization_details()
    assert not any("Tags" in one for one in [*listed, details["Policies"][0]]), listed
    equal(details["UserDetailList"][0]["Tags"], tags)
    iam.tag_user(UserName="ada", Tags=[{"Key": "two", "Value": "2"}])
    iam.untag_user(UserName="ada", TagKeys=["one"])
    equal(iam.list_user_tags(UserName="ada")["Tags"], [{"Key": "two", "Value": "2"}])
    refused("InvalidInput", iam.tag_policy, PolicyArn=arn, Tags=[{"Key": "aws:one", "Value": "1"}])
    refused("NoSuchEntity", iam.list_server_certificate_tags, ServerCertificateName="none")


def tags_of_a_user_and_a_policy_take_a_permission_of_their_own(stage):
    member = stage.member()
    stage.role(member, "makes", {"Action": ["iam:CreateUser", "iam:CreatePolicy"]})
    iam = stage.client("iam", stage.enter(member, "makes"))
    tags = [{"Key": "one", "Value": "1"}]
    iam.create_user(UserName="ada")
    message = refused("AccessDenied", iam.create_user, UserName="grace", Tags=tags)
    assert f"iam:TagUser on resource: arn:aws:iam::{member}:user/grace" in message, message
    message = refused("AccessDenied", iam.create_policy, PolicyName="own", PolicyDocument=document({}), Tags=tags)
    assert f"iam:TagPolicy on resource: arn:aws:iam::{member}:policy/own" in message, message
