"""Organizations: who may ask, how lists page, what accounts say of themselves, and service control policies."""

import json

from stage import document, equal, refusal, refused

GUARDRAIL = "SERVICE_CONTROL_POLICY"


def members_may_only_describe_the_organization(stage):
    member = stage.member()
    inside = stage.inside("organizations", member)
    equal(inside.describe_organization()["Organization"]["MasterAccountId"], stage.management)
    refused("EffectivePolicyNotFoundException", inside.describe_effective_policy, PolicyType="TAG_POLICY")
    root = stage.organization_root()
    for call, request in [
        (inside.list_accounts, {}),
        (inside.list_roots, {}),
        (inside.list_accounts_for_parent, {"ParentId": root}),
        (inside.list_organizational_units_for_parent, {"ParentId": root}),
        (inside.list_parents, {"ChildId": member}),
        (inside.list_policies, {"Filter": GUARDRAIL}),
        (inside.list_delegated_administrators, {}),
        (inside.list_aws_service_access_for_organization, {}),
        (inside.list_tags_for_resource, {"ResourceId": member}),
        (inside.describe_account, {"AccountId": member}),
        (inside.create_organizational_unit, {"ParentId": root, "Name": "own"}),
        (inside.enable_aws_service_access, {"ServicePrincipal": "account.amazonaws.com"}),
    ]:
        refused("AccessDeniedException", call, **request)


def delegated_administrators_read_the_organization(stage):
    member = stage.member()
    management = stage.client("organizations")
    management.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    management.register_delegated_administrator(AccountId=member, ServicePrincipal="account.amazonaws.com")
    inside = stage.inside("organizations", member)
    equal({account["Id"] for account in inside.list_accounts()["Accounts"]}, {stage.management, member})
    root = inside.list_roots()["Roots"][0]["Id"]
    equal(inside.list_parents(ChildId=member)["Parents"][0]["Id"], root)
    equal(inside.describe_account(AccountId=stage.management)["Account"]["Id"], stage.management)
    refused("AccessDeniedException", inside.create_organizational_unit, ParentId=root, Name="own")
    refused("AccessDeniedException", inside.close_account, AccountId=member)
    refused("AccessDeniedException", inside.enable_aws_service_access, ServicePrincipal="cloudtrail.amazonaws.com")
    management.deregister_delegated_administrator(AccountId=member, ServicePrincipal="account.amazonaws.com")
    refused("AccessDeniedException", inside.list_accounts)


def _pages(call, **request):
    answer = call(**request)
    pages = [answer]
    while "NextToken" in answer:
        answer = call(**request, NextToken=answer["NextToken"])
        pages.append(answer)
    return pages


def an_empty_page_may_carry_a_token(stage):
    stage.reset(accounts=25)
    pages = _pages(stage.client("organizations").list_accounts)
    empty = [page for page in pages if not page["Accounts"]]
    assert empty and all("NextToken" in page for page in empty), f"{len(pages)} pages, {len(empty)} empty"
    equal(len({account["Id"] for page in pages for account in page["Accounts"]}), 25)
    whole = stage.client("organizations").get_paginator("list_accounts").paginate().build_full_result()
    equal(len(whole["Accounts"]), 25)


def pages_hold_twenty(stage):
    stage.reset(accounts=45)
    organizations = stage.client("organizations")
    sizes = [len(page["Accounts"]) for page in _pages(organizations.list_accounts)]
    equal((max(sizes), sum(sizes)), (20, 45))
    fewer = [len(page["Accounts"]) for page in _pages(organizations.list_accounts, MaxResults=7)]
    equal((max(fewer), sum(fewer)), (7, 45))
    error = refusal("InvalidInputException", organizations.list_accounts, NextToken="elsewhere")
    equal(error.get("Reason"), "INVALID_NEXT_TOKEN")


def paths_hold_ids(stage):
    above = stage.unit("Company")
    below = stage.unit("Production", above)
    member = stage.member("payments", below)
    account = stage.client("organizations").describe_account(AccountId=member)["Account"]
    lineage = [stage.organization(), stage.organization_root(), above, below, member]
    equal(account["Paths"], ["/".join(lineage) + "/"])


def state_and_status_stand_side_by_side(stage):
    member = stage.member()
    organizations = stage.client("organizations")
    accounts = {account["Id"]: account for account in organizations.list_accounts()["Accounts"]}
    equal((accounts[member]["State"], accounts[member]["Status"]), ("ACTIVE", "ACTIVE"))
    organizations.close_account(AccountId=member)
    account = organizations.describe_account(AccountId=member)["Account"]
    equal((account["State"], account["Status"]), ("PENDING_CLOSURE", "PENDING_CLOSURE"))


def status_hides_what_state_tells(stage):
    member = stage.member()
    organizations = stage.client("organizations")
    shown = {"PENDING_ACTIVATION": "ACTIVE", "ACTIVE": "ACTIVE", "SUSPENDED": "SUSPENDED",
             "PENDING_CLOSURE": "PENDING_CLOSURE", "CLOSED": "SUSPENDED"}
    for state, status in shown.items():
        stage.turn(member, state)
        account = organizations.describe_account(AccountId=member)["Account"]
        equal((account["State"], account["Status"]), (state, status))
        listed = {account["Id"]: account for account in organizations.list_accounts()["Accounts"]}
        equal((listed[member]["State"], listed[member]["Status"]), (state, status))


def no_effective_policy_is_an_error(stage):
    member = stage.member()
    organizations = stage.client("organizations")
    asked = {"PolicyType": "TAG_POLICY", "TargetId": member}
    refused("EffectivePolicyNotFoundException", organizations.describe_effective_policy, **asked)
    organizations.enable_policy_type(RootId=stage.organization_root(), PolicyType="TAG_POLICY")
    refused("EffectivePolicyNotFoundException", organizations.describe_effective_policy, **asked)
    content = {"tags": {"team": {"tag_key": {"@@assign": "Team"}}}}
    made = organizations.create_policy(
        Name="tags", Description="tags", Type="TAG_POLICY", Content=json.dumps(content)
    )
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=stage.organization_root())
    effective = organizations.describe_effective_policy(**asked)["EffectivePolicy"]
    equal(json.loads(effective["PolicyContent"]), {"tags": {"team": {"tag_key": "Team"}}})
    inside = stage.inside("organizations", member)
    equal(inside.describe_effective_policy(PolicyType="TAG_POLICY")["EffectivePolicy"]["TargetId"], member)


def _hub(stage, target, content, name, sort="SECURITYHUB_POLICY"):
    """Attaches a policy; its type is enabled once."""
    organizations = stage.client("organizations")
    root = organizations.list_roots()["Roots"][0]
    if sort not in [kind["Type"] for kind in root["PolicyTypes"]]:
        organizations.enable_policy_type(RootId=root["Id"], PolicyType=sort)
    made = organizations.create_policy(Name=name, Description=name, Type=sort, Content=json.dumps(content))
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=target)


def _effective(stage, member, sort="SECURITYHUB_POLICY"):
    asked = stage.client("organizations").describe_effective_policy(PolicyType=sort, TargetId=member)
    return json.loads(asked["EffectivePolicy"]["PolicyContent"])


def lower_policies_replace_add_and_take_away(stage):
    unit = stage.unit("Company")
    member = stage.member("payments", unit)
    regions = {"enable_in_regions": {"@@assign": ["eu-west-1", "us-east-1"]}, "disable_in_regions": {"@@assign": []}}
    _hub(stage, stage.organization_root(), {"securityhub": regions}, "above")
    equal(_effective(stage, member), {"securityhub": {"enable_in_regions": ["eu-west-1", "us-east-1"], "disable_in_regions": []}})
    _hub(stage, unit, {"securityhub": {"enable_in_regions": {"@@append": ["us-east-1", "us-west-2"]}}}, "middle")
    _hub(stage, member, {"securityhub": {"enable_in_regions": {"@@remove": ["eu-west-1"]}}}, "below")
    equal(_effective(stage, member)["securityhub"]["enable_in_regions"], ["us-east-1", "us-west-2"])
    other = stage.member("other")
    equal(_effective(stage, other)["securityhub"]["enable_in_regions"], ["eu-west-1", "us-east-1"])


def a_policy_limits_those_below_it(stage):
    unit = stage.unit("Company")
    member = stage.member("payments", unit)
    closed = {"@@assign": ["eu-west-1"], "@@operators_allowed_for_child_policies": ["@@append"]}
    _hub(stage, stage.organization_root(), {"securityhub": {"enable_in_regions": closed}}, "above")
    opened = {"@@assign": ["us-east-1"], "@@operators_allowed_for_child_policies": ["@@all"]}
    _hub(stage, unit, {"securityhub": {"enable_in_regions": opened}}, "middle")
    _hub(stage, member, {"securityhub": {"enable_in_regions": {"@@append": ["us-west-2"]}}}, "below")
    equal(_effective(stage, member), {"securityhub": {"enable_in_regions": ["eu-west-1", "us-west-2"]}})


def policy_types_are_enabled_before_they_are_attached(stage):
    member, root = stage.member(), stage.organization_root()
    organizations = stage.client("organizations")
    made = organizations.create_policy(
        Name="guard", Description="guard", Type=GUARDRAIL, Content=document({"Effect": "Deny", "Action": "iam:*"})
    )
    attachment = {"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": member}
    refused("PolicyTypeNotEnabledException", organizations.attach_policy, **attachment)
    stage.inside("iam", member).list_roles()
    organizations.enable_policy_type(RootId=root, PolicyType=GUARDRAIL)
    refused("PolicyTypeAlreadyEnabledException", organizations.enable_policy_type, RootId=root, PolicyType=GUARDRAIL)
    organizations.attach_policy(**attachment)
    refused("AccessDenied", stage.inside("iam", member).list_roles)
    refused("DuplicatePolicyAttachmentException", organizations.attach_policy, **attachment)


def a_target_keeps_one_guardrail(stage):
    member = stage.member()
    organizations = stage.client("organizations")
    full = {"PolicyId": "p-FullAWSAccess", "TargetId": member}
    own = {"PolicyId": stage.guard(member, {"Action": "s3:*"}), "TargetId": member}
    organizations.detach_policy(**full)
    error = refusal("ConstraintViolationException", organizations.detach_policy, **own)
    equal(error.get("Reason"), "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
    organizations.attach_policy(**full)
    organizations.detach_policy(**own)
    refused("ConstraintViolationException", organizations.detach_policy, **full)


def a_created_account_is_in_progress_first(stage):
    organizations = stage.client("organizations")
    first = organizations.create_account(AccountName="new", Email="new@example.com")["CreateAccountStatus"]
    equal(first["State"], "IN_PROGRESS")
    assert "AccountId" not in first, first
    status = organizations.describe_create_account_status(CreateAccountRequestId=first["Id"])["CreateAccountStatus"]
    equal(status["State"], "SUCCEEDED")
    equal(organizations.describe_account(AccountId=status["AccountId"])["Account"]["Name"], "new")
    refused(
        "CreateAccountStatusNotFoundException",
        organizations.describe_create_account_status,
        CreateAccountRequestId="car-" + "0" * 32,
    )


def a_removed_account_keeps_its_roles_and_is_not_found(stage):
    member = stage.member()
    organizations = stage.client("organizations")
    stage.guard(member, {"Effect": "Deny", "Action": "iam:*"})
    refused("AccessDenied", stage.inside("iam", member).list_roles)
    organizations.remove_account_from_organization(AccountId=member)
    equal([one["Id"] for one in organizations.list_accounts()["Accounts"]], [stage.management])
    refused("AccountNotFoundException", organizations.describe_account, AccountId=member)
    refused("ChildNotFoundException", organizations.list_parents, ChildId=member)
    refused("AccountNotFoundException", organizations.remove_account_from_organization, AccountId=member)
    inside = stage.enter(member)
    assert stage.client("iam", inside).list_roles()["Roles"]
    refused("AWSOrganizationsNotInUseException", stage.client("organizations", inside).describe_organization)


def neither_the_management_account_nor_a_delegate_is_removed(stage):
    member = stage.member()
    organizations = stage.client("organizations")
    remove = organizations.remove_account_from_organization
    refused("MasterCannotLeaveOrganizationException", remove, AccountId=stage.management)
    delegate = {"AccountId": member, "ServicePrincipal": "guardduty.amazonaws.com"}
    organizations.enable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    organizations.register_delegated_administrator(**delegate)
    error = refusal("ConstraintViolationException", remove, AccountId=member)
    equal(error.get("Reason"), "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
    organizations.deregister_delegated_administrator(**delegate)
    remove(AccountId=member)


def delegation_needs_trusted_access(stage):
    member = stage.member()
    organizations = stage.client("organizations")
    wish = {"AccountId": member, "ServicePrincipal": "guardduty.amazonaws.com"}
    error = refusal("ConstraintViolationException", organizations.register_delegated_administrator, **wish)
    equal(error.get("Reason"), "SERVICE_ACCESS_NOT_ENABLED")
    equal(organizations.list_delegated_administrators()["DelegatedAdministrators"], [])
    organizations.enable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    organizations.register_delegated_administrator(**wish)
    equal([one["Id"] for one in organizations.list_delegated_administrators()["DelegatedAdministrators"]], [member])
    refused("AccountAlreadyRegisteredException", organizations.register_delegated_administrator, **wish)


def guardrails_spare_the_management_account(stage):
    member = stage.member()
    stage.guard(stage.organization_root(), {"Effect": "Deny", "Action": "iam:*"})
    stage.client("iam").list_roles()
    message = refused("AccessDenied", stage.inside("iam", member).list_roles)
    assert message.endswith("with an explicit deny in a service control policy"), message
    # Not even the root user of a member is spared.
    refused("AccessDenied", stage.client("iam", stage.root(member)).list_roles)


def every_level_of_guardrails_must_allow(stage):
    unit = stage.unit("Company")
    member = stage.member("payments", unit)
    stage.guard(unit, {"Action": "s3:*"}, name="s3 alone")
    inside = stage.enter(member)
    stage.client("iam", inside).list_roles()
    stage.client("organizations").detach_policy(PolicyId="p-FullAWSAccess", TargetId=unit)
    stage.client("s3", inside).list_buckets()
    message = refused("AccessDenied", stage.client("iam", inside).list_roles)
    assert message.endswith("because no service control policy allows the iam:ListRoles action"), message
    # What the account's own level allows cannot open what a level above leaves closed.
    stage.guard(member, {"Action": "iam:*"}, name="iam alone")
    refused("AccessDenied", stage.client("iam", inside).list_roles)
