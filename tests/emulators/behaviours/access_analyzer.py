"""How IAM Access Analyzer behaves: the analyzers of a region, and those of an organization."""

from stage import ABROAD, document, equal, refused

SERVICE = "access-analyzer.amazonaws.com"


def _make(client, name, kind="ACCOUNT", **more):
    return client.create_analyzer(analyzerName=name, type=kind, **more)["arn"]


def _states(client):
    return {one["name"]: one["status"] for one in client.list_analyzers()["analyzers"]}


def a_region_has_room_for_one_analyzer_of_the_account(stage):
    client = stage.inside("accessanalyzer", stage.member())
    _make(client, "first")
    refused("ServiceQuotaExceededException", client.create_analyzer, analyzerName="second", type="ACCOUNT")
    client.delete_analyzer(analyzerName="first")
    _make(client, "second")
    refused("ResourceNotFoundException", client.delete_analyzer, analyzerName="first")


def an_analyzer_has_a_name_of_its_own_over_all_types(stage):
    client = stage.inside("accessanalyzer", stage.member())
    _make(client, "one", "ACCOUNT_UNUSED_ACCESS")
    refused("ConflictException", client.create_analyzer, analyzerName="one", type="ACCOUNT")


def all_types_are_listed_where_none_is_asked_for(stage):
    client = stage.inside("accessanalyzer", stage.member())
    _make(client, "external", tags={"team": "security"})
    _make(client, "unused", "ACCOUNT_UNUSED_ACCESS")
    listed = client.list_analyzers()["analyzers"]
    equal([one["type"] for one in listed], ["ACCOUNT", "ACCOUNT_UNUSED_ACCESS"])
    equal(listed[0]["tags"], {"team": "security"})
    equal([one["name"] for one in client.list_analyzers(type="ACCOUNT")["analyzers"]], ["external"])


def an_organization_that_does_not_trust_access_analyzer_gets_none(stage):
    client = stage.client("accessanalyzer")
    refused("ValidationException", client.create_analyzer, analyzerName="all", type="ORGANIZATION")
    stage.client("organizations").enable_aws_service_access(ServicePrincipal=SERVICE)
    _make(client, "all", "ORGANIZATION")


def who_is_no_delegate_analyses_no_organization(stage):
    account = stage.member()
    stage.client("organizations").enable_aws_service_access(ServicePrincipal=SERVICE)
    client = stage.inside("accessanalyzer", account)
    refused("AccessDeniedException", client.create_analyzer, analyzerName="all", type="ORGANIZATION")
    stage.client("organizations").register_delegated_administrator(AccountId=account, ServicePrincipal=SERVICE)
    _make(client, "all", "ORGANIZATION")


def an_analyzer_of_an_organization_is_not_active_at_once(stage):
    stage.client("organizations").enable_aws_service_access(ServicePrincipal=SERVICE)
    client = stage.client("accessanalyzer")
    _make(client, "all", "ORGANIZATION")
    _make(client, "own")
    equal(_states(client), {"all": "CREATING", "own": "ACTIVE"})
    equal(_states(client), {"all": "ACTIVE", "own": "ACTIVE"})


def an_analyzer_without_trust_is_disabled(stage):
    organizations = stage.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal=SERVICE)
    client = stage.client("accessanalyzer")
    _make(client, "all", "ORGANIZATION")
    organizations.disable_aws_service_access(ServicePrincipal=SERVICE)
    equal(_states(client), {"all": "DISABLED"})
    organizations.enable_aws_service_access(ServicePrincipal=SERVICE)
    equal(_states(client), {"all": "ACTIVE"})


def a_first_analyzer_needs_its_role(stage):
    account = stage.member()
    narrow = stage.enter(account, Policy=document({"Action": "access-analyzer:CreateAnalyzer"}))
    client = stage.client("accessanalyzer", narrow)
    refused("AccessDeniedException", client.create_analyzer, analyzerName="one", type="ACCOUNT")
    both = document({"Action": ["access-analyzer:CreateAnalyzer", "iam:CreateServiceLinkedRole"]})
    _make(stage.client("accessanalyzer", stage.enter(account, Policy=both)), "one")
    # The role is there now, and the other region has use for it.
    _make(stage.client("accessanalyzer", narrow, ABROAD), "one")
