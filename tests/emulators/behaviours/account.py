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
