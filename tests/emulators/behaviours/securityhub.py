"""How Security Hub CSPM behaves: the hub of a region, and accounts that are configured centrally."""

import json

from botocore.exceptions import ClientError
from stage import ABROAD, HOME, document, equal, refused

CENTRAL = {"ConfigurationType": "CENTRAL"}


def _administrator(stage):
    """The organization's administrator at home, who configures centrally: its client."""
    account = stage.member("administrator")
    stage.client("securityhub").enable_organization_admin_account(AdminAccountId=account)
    client = stage.inside("securityhub", account)
    client.update_organization_configuration(AutoEnable=False, OrganizationConfiguration=CENTRAL)
    return client


def _policy(client):
    policy = {"SecurityHub": {"ServiceEnabled": True, "EnabledStandardIdentifiers": []}}
    return client.create_configuration_policy(Name="on", ConfigurationPolicy=policy)["Id"]


def who_has_no_hub_is_refused_and_told_why(stage):
    client = stage.inside("securityhub", stage.member())
    try:
        client.describe_hub()
    except ClientError as error:
        equal(error.response["Error"]["Code"], "InvalidAccessException")
        equal(error.response["ResponseMetadata"]["HTTPStatusCode"], 401)
        assert "is not subscribed to AWS Security Hub" in error.response["Error"]["Message"], error.response
    else:
        raise AssertionError("it has a hub")
    client.enable_security_hub()
    assert client.describe_hub()["HubArn"].endswith(":hub/default")
    client.disable_security_hub()
    refused("InvalidAccessException", client.disable_security_hub)


def a_second_subscription_is_a_conflict(stage):
    account = stage.member()
    client = stage.inside("securityhub", account)
    client.enable_security_hub(Tags={"team": "security"})
    refused("ResourceConflictException", client.enable_security_hub)
    arn = client.describe_hub()["HubArn"]
    equal(client.list_tags_for_resource(ResourceArn=arn)["Tags"], {"team": "security"})
    stage.inside("securityhub", account, ABROAD).enable_security_hub()


def standards_come_on_unless_they_are_declined(stage):
    account = stage.member()
    stage.inside("securityhub", account).enable_security_hub()
    stage.inside("securityhub", account, ABROAD).enable_security_hub(EnableDefaultStandards=False)
    regions = stage.state()["accounts"][account]["regions"]
    equal({name: len(region["securityhub"]["hub"]["standards"]) for name, region in regions.items()}, {"us-east-1": 2, ABROAD: 0})


def who_is_configured_centrally_cannot_switch_itself_on(stage):
    admin, account = _administrator(stage), stage.member()
    client = stage.inside("securityhub", account)
    client.enable_security_hub()
    admin.start_configuration_policy_association(
        ConfigurationPolicyIdentifier=_policy(admin), Target={"AccountId": account}
    )
    refused("AccessDeniedException", client.disable_security_hub)
    refused("AccessDeniedException", stage.inside("securityhub", account, ABROAD).enable_security_hub)


def what_a_unit_has_its_accounts_inherit(stage):
    admin, unit = _administrator(stage), stage.unit("Governed")
    account, other = stage.member("inside", unit), stage.member("outside")
    policy = _policy(admin)
    admin.start_configuration_policy_association(
        ConfigurationPolicyIdentifier=policy, Target={"OrganizationalUnitId": unit}
    )
    of = lambda one: admin.get_configuration_policy_association(Target={"AccountId": one})
    equal([of(account)["ConfigurationPolicyId"], of(account)["AssociationType"]], [policy, "INHERITED"])
    refused("ResourceNotFoundException", lambda: of(other))
    admin.start_configuration_policy_association(
        ConfigurationPolicyIdentifier="SELF_MANAGED_SECURITY_HUB", Target={"AccountId": account}
    )
    equal(of(account)["AssociationType"], "APPLIED")
    stage.inside("securityhub", account).enable_security_hub()


def only_the_administrator_knows_the_configuration(stage):
    admin, account = _administrator(stage), stage.member()
    equal(admin.describe_organization_configuration()["OrganizationConfiguration"]["ConfigurationType"], "CENTRAL")
    client = stage.inside("securityhub", account)
    refused("InvalidAccessException", client.describe_organization_configuration)
    refused("InvalidAccessException", client.get_configuration_policy_association, Target={"AccountId": account})


def _governed(stage, target, on, off, name="hubs"):
    """Attaches a Security Hub CSPM policy of these lists."""
    organizations, kind = stage.client("organizations"), "SECURITYHUB_CSPM_POLICY"
    root = organizations.list_roots()["Roots"][0]
    if kind not in [one["Type"] for one in root["PolicyTypes"]]:
        organizations.enable_policy_type(RootId=root["Id"], PolicyType=kind)
    lists = {"enable_in_regions": {"@@assign": on}, "disable_in_regions": {"@@assign": off}}
    # What holds the lists' key is called here as it may be called: nothing depends on that.
    content = json.dumps({"securityhub_cspm": {"cspm_enablement": lists}})
    made = organizations.create_policy(Name=name, Description=name, Type=kind, Content=content)
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=target)


def a_policy_of_the_organization_says_where_it_is_on(stage):
    account, other, free = stage.member("one"), stage.member("two"), stage.member("three")
    at = lambda one, region: stage.inside("securityhub", one, region)
    at(account, HOME).enable_security_hub()
    _governed(stage, account, ["ALL_SUPPORTED"], [HOME])
    refused("InvalidAccessException", at(account, HOME).describe_hub)
    at(account, ABROAD).describe_hub()
    _governed(stage, other, [ABROAD], [], "abroad")
    at(other, ABROAD).describe_hub()
    for one in (other, free):
        refused("InvalidAccessException", at(one, HOME).describe_hub)
        at(one, HOME).enable_security_hub()
        at(one, HOME).disable_security_hub()


def what_a_policy_of_the_organization_sets_the_account_cannot_change(stage):
    account = stage.member()
    _governed(stage, account, [ABROAD], [HOME])
    refused("AccessDeniedException", stage.inside("securityhub", account, HOME).enable_security_hub)
    refused("AccessDeniedException", stage.inside("securityhub", account, ABROAD).disable_security_hub)


def a_first_hub_needs_its_role(stage):
    account = stage.member()
    narrow = stage.enter(account, Policy=document({"Action": "securityhub:EnableSecurityHub"}))
    refused("AccessDeniedException", stage.client("securityhub", narrow).enable_security_hub)
    both = document({"Action": ["securityhub:EnableSecurityHub", "iam:CreateServiceLinkedRole"]})
    stage.client("securityhub", stage.enter(account, Policy=both)).enable_security_hub()
    # The role is there now, and the other region has use for it.
    stage.client("securityhub", narrow, ABROAD).enable_security_hub()
