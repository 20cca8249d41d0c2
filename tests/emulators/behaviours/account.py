"""Account Management: whose regions one may ask for, and which can be switched."""

from stage import ABROAD, HOME, equal, refused

SERVICE = "account.amazonaws.com"


def regions_of_others_need_trusted_access(stage):
    member, other = stage.member("one"), stage.member("other")
    organizations, management = stage.client("organizations"), stage.client("account")
    refused("AccessDeniedException", management.list_regions, AccountId=member)
    organizations.enable_aws_service_access(ServicePrincipal=SERVICE)
    names = [region["RegionName"] for region in management.list_regions(AccountId=member)["Regions"]]
    assert HOME in names, names
    inside = stage.inside("account", member)
    equal(len(inside.list_regions()["Regions"]), len(names))
    refused("AccessDeniedException", inside.list_regions, AccountId=other)
    refused("AccessDeniedException", inside.list_regions, AccountId=member)
    organizations.register_delegated_administrator(AccountId=member, ServicePrincipal=SERVICE)
    equal(len(inside.list_regions(AccountId=other)["Regions"]), len(names))
    organizations.deregister_delegated_administrator(AccountId=member, ServicePrincipal=SERVICE)
    organizations.disable_aws_service_access(ServicePrincipal=SERVICE)
    refused("AccessDeniedException", management.list_regions, AccountId=member)


def the_management_account_cannot_name_itself(stage):
    stage.client("organizations").enable_aws_service_access(ServicePrincipal=SERVICE)
    account = stage.client("account")
    refused("AccessDeniedException", account.list_regions, AccountId=stage.management)
    assert account.list_regions()["Regions"], "its own regions are answered without a name"


def a_default_region_cannot_be_switched(stage):
    stage.reset(accounts=12)
    closed = {one["id"]: one["opt_status"] for one in stage.state()["accounts"].values() if one["opt_status"]}
    (member, statuses), = closed.items()
    (region, status), = statuses.items()
    equal(status, "DISABLED")
    account = stage.inside("account", member)
    for switch in [account.enable_region, account.disable_region]:
        refused("ValidationException", switch, RegionName=HOME)
    equal(account.get_region_opt_status(RegionName=HOME)["RegionOptStatus"], "ENABLED_BY_DEFAULT")
    account.enable_region(RegionName=region)
    equal(account.get_region_opt_status(RegionName=region)["RegionOptStatus"], "ENABLED")
    account.disable_region(RegionName=region)
    equal(account.get_region_opt_status(RegionName=region)["RegionOptStatus"], "DISABLED")


CONTACT = {
    "AlternateContactType": "SECURITY",
    "Name": "Ada",
    "Title": "CISO",
    "EmailAddress": "ada@acme.example",
    "PhoneNumber": "+1 555 0100",
}

PRIMARY = {
    "FullName": "Acme",
    "CompanyName": "Acme Inc.",
    "AddressLine1": "1 Main Street",
    "City": "Springfield",
    "PostalCode": "12345",
    "CountryCode": "US",
    "PhoneNumber": "+15550100",
}


def an_alternate_contact_that_is_not_there_is_not_found(stage):
    account = stage.inside("account", stage.member())
    for call in [account.get_alternate_contact, account.delete_alternate_contact]:
        refused("ResourceNotFoundException", call, AlternateContactType="SECURITY")
    account.put_alternate_contact(**CONTACT)
    refused("ResourceNotFoundException", account.get_alternate_contact, AlternateContactType="BILLING")
    account.delete_alternate_contact(AlternateContactType="SECURITY")
    refused("ResourceNotFoundException", account.get_alternate_contact, AlternateContactType="SECURITY")


def an_alternate_contact_is_put_as_a_whole(stage):
    account = stage.inside("account", stage.member())
    account.put_alternate_contact(**CONTACT)
    account.put_alternate_contact(**{**CONTACT, "Name": "Bob"})
    found = account.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"]
    equal(found, {**CONTACT, "Name": "Bob"})


def a_primary_contact_is_replaced_as_a_whole(stage):
    account = stage.inside("account", stage.member())
    account.put_contact_information(ContactInformation=PRIMARY)
    equal(account.get_contact_information()["ContactInformation"], PRIMARY)
    less = {name: value for name, value in PRIMARY.items() if name != "CompanyName"}
    account.put_contact_information(ContactInformation=less)
    equal(account.get_contact_information()["ContactInformation"], less)


def contacts_of_others_need_trusted_access(stage):
    member, other = stage.member("one"), stage.member("other")
    inside, management = stage.inside("account", member), stage.client("account")
    inside.put_contact_information(ContactInformation=PRIMARY)
    refused("AccessDeniedException", management.get_contact_information, AccountId=member)
    stage.client("organizations").enable_aws_service_access(ServicePrincipal=SERVICE)
    equal(management.get_contact_information(AccountId=member)["ContactInformation"], PRIMARY)
    stage.inside("account", other).put_contact_information(ContactInformation=PRIMARY)
    refused("AccessDeniedException", inside.get_contact_information, AccountId=other)
    refused("AccessDeniedException", inside.get_contact_information, AccountId=member)


def a_region_that_is_not_enabled_knows_no_credentials(stage):
    stage.reset(accounts=12)
    closed = {one["id"]: one["opt_status"] for one in stage.state()["accounts"].values() if one["opt_status"]}
    (member, statuses), = closed.items()
    (region, _), = statuses.items()
    keys = stage.enter(member)
    stage.client("kms", keys, HOME).list_keys()
    made_up = {"aws_access_key_id": "AKIAMADEUP", "aws_secret_access_key": "made up"}
    calls = {"kms": "list_keys", "cloudtrail": "describe_trails", "sts": "get_caller_identity", "s3": "list_buckets"}
    for service, method in calls.items():
        codes = []
        for client in [stage.client(service, keys, region), stage.client(service, made_up, ABROAD)]:
            try:
                getattr(client, method)()
                codes.append("no refusal")
            except client.exceptions.ClientError as error:
                codes.append(error.response["Error"]["Code"])
        equal(codes[0], codes[1])
        assert codes[0] in ["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"], codes
    stage.inside("account", member).enable_region(RegionName=region)
    stage.client("kms", keys, region).list_keys()
