"""IAM: how policies are weighed, the password policy, and roles of services."""

from stage import ADMINISTRATOR, document, equal, refused

AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"


def _lister(stage, statement, version="2012-10-17"):
    """A client of a role whose only policy is this statement, in a new account."""
    account = stage.member()
    stage.role(account, "watcher")
    stage.perform(
        account,
        "iam",
        "PutRolePolicy",
        RoleName="watcher",
        PolicyName="permissions",
        PolicyDocument=document(statement, version=version),
    )
    return stage.client("iam", stage.enter(account, "watcher"))


def a_policy_without_version_has_no_variables(stage):
    statement = {"Action": "iam:GetRole", "Resource": "arn:aws:iam::${aws:PrincipalAccount}:role/*"}
    equal(_lister(stage, statement).get_role(RoleName="watcher")["Role"]["RoleName"], "watcher")
    for version in [None, "2008-10-17"]:
        refused("AccessDenied", _lister(stage, statement, version).get_role, RoleName="watcher")


def _conditioned(stage, effect, operator, key, value):
    """A client that may list roles under a condition, or unless it holds."""
    account = stage.member()
    condition = {"Effect": effect, "Action": "iam:ListRoles", "Condition": {operator: {key: value}}}
    statements = [condition] if effect == "Allow" else [{}, condition]
    stage.role(account, "watcher", *statements)
    return stage.client("iam", stage.enter(account, "watcher"))


def an_absent_key_satisfies_a_negated_condition(stage):
    absent = ("aws:RequestTag/team", "payments")
    for operator in ["StringNotEquals", "StringNotLike"]:
        _conditioned(stage, "Allow", operator, *absent).list_roles()
        refused("AccessDenied", _conditioned(stage, "Deny", operator, *absent).list_roles)
    _conditioned(stage, "Deny", "StringEquals", *absent).list_roles()
    refused("AccessDenied", _conditioned(stage, "Allow", "StringEquals", *absent).list_roles)


def arn_patterns_match_part_by_part(stage):
    key = "aws:PrincipalArn"
    for pattern in ["arn:aws:iam:*", "arn:aws:*:role/watcher", "arn:aws:iam:*:role/watcher"]:
        refused("AccessDenied", _conditioned(stage, "Allow", "ArnLike", key, pattern).list_roles)
        _conditioned(stage, "Allow", "StringLike", key, pattern).list_roles()
    for pattern in ["arn:aws:iam::*:role/watcher", "arn:*:*:*:*:role/wat*"]:
        _conditioned(stage, "Allow", "ArnLike", key, pattern).list_roles()


def for_all_values_holds_without_the_key(stage):
    absent = ("aws:TagKeys", ["team"])
    _conditioned(stage, "Allow", "ForAllValues:StringEquals", *absent).list_roles()
    refused("AccessDenied", _conditioned(stage, "Deny", "ForAllValues:StringEquals", *absent).list_roles)
    refused("AccessDenied", _conditioned(stage, "Allow", "ForAnyValue:StringEquals", *absent).list_roles)


def refusals_name_the_kind_of_policy(stage):
    member = stage.member()
    stage.role(member, "silent", {"Action": "s3:ListAllMyBuckets"})
    stage.role(member, "denied", {}, {"Effect": "Deny", "Action": "iam:ListRoles"})
    stage.role(member, "bounded", {}, PermissionsBoundary="arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
    only = document({"Action": "s3:*"})
    but = document({}, {"Effect": "Deny", "Action": "iam:ListRoles"})

    def told(keys, ending):
        message = refused("AccessDenied", stage.client("iam", keys).list_roles)
        assert message.startswith(f"User: arn:aws:sts::{member}:assumed-role/"), message
        assert " is not authorized to perform: iam:ListRoles on resource: " in message, message
        assert message.endswith(ending), message

    told(stage.enter(member, "silent"), "because no identity-based policy allows the iam:ListRoles action")
    told(stage.enter(member, "denied"), "with an explicit deny in an identity-based policy")
    told(stage.enter(member, Policy=only), "because no session policy allows the iam:ListRoles action")
    told(stage.enter(member, Policy=but), "with an explicit deny in a session policy")
    bounded = stage.client("iam", stage.enter(member, "bounded"))
    message = refused("AccessDenied", bounded.get_account_password_policy)
    assert message.endswith("because no permissions boundary allows the iam:GetAccountPasswordPolicy action"), message
    inside = stage.enter(member)
    s3 = stage.client("s3", inside)
    s3.create_bucket(Bucket="closed")
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::closed"}
    s3.put_bucket_policy(Bucket="closed", Policy=document(deny))
    message = refused("AccessDenied", s3.get_bucket_acl, Bucket="closed")
    assert message.endswith("with an explicit deny in a resource-based policy"), message
    stage.guard(member, {"Effect": "Deny", "Action": "iam:ListRoles"})
    told(inside, "with an explicit deny in a service control policy")


def security_audit_may_not_list_regions(stage):
    member = stage.member()
    stage.role(member, "auditor")
    stage.perform(member, "iam", "AttachRolePolicy", RoleName="auditor", PolicyArn=AUDIT)
    auditor = stage.enter(member, "auditor")
    stage.client("kms", auditor).list_keys()
    stage.client("account", auditor).get_region_opt_status(RegionName="us-east-1")
    refused("AccessDeniedException", stage.client("account", auditor).list_regions)


def no_password_policy_is_no_such_entity(stage):
    iam = stage.inside("iam", stage.member())
    refused("NoSuchEntity", iam.get_account_password_policy)
    refused("NoSuchEntity", iam.delete_account_password_policy)
    iam.update_account_password_policy(MinimumPasswordLength=14)
    equal(iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"], 14)
    iam.delete_account_password_policy()
    refused("NoSuchEntity", iam.get_account_password_policy)


DEFAULTS = {
    "MinimumPasswordLength": 6,
    "RequireSymbols": False,
    "RequireNumbers": False,
    "RequireUppercaseCharacters": False,
    "RequireLowercaseCharacters": False,
    "AllowUsersToChangePassword": False,
    "ExpirePasswords": False,
}


def a_password_policy_is_replaced_whole(stage):
    iam = stage.inside("iam", stage.member())
    classes = {name: True for name in DEFAULTS if name.startswith("Require")}
    iam.update_account_password_policy(
        MinimumPasswordLength=14,
        MaxPasswordAge=90,
        PasswordReusePrevention=24,
        HardExpiry=True,
        AllowUsersToChangePassword=True,
        **classes,
    )
    whole = iam.get_account_password_policy()["PasswordPolicy"]
    equal((whole["ExpirePasswords"], whole["MaxPasswordAge"], whole["HardExpiry"]), (True, 90, True))
    iam.update_account_password_policy(RequireSymbols=True)
    equal(iam.get_account_password_policy()["PasswordPolicy"], {**DEFAULTS, "RequireSymbols": True})
    iam.update_account_password_policy()
    equal(iam.get_account_password_policy()["PasswordPolicy"], DEFAULTS)


def a_password_age_of_zero_cannot_be_sent(stage):
    iam = stage.inside("iam", stage.member())
    iam.update_account_password_policy(MinimumPasswordLength=14)
    for request in [
        {"MaxPasswordAge": 0},
        {"MaxPasswordAge": 1096},
        {"PasswordReusePrevention": 0},
        {"PasswordReusePrevention": 25},
        {"MinimumPasswordLength": 5},
        {"MinimumPasswordLength": 129},
    ]:
        refused("ValidationError", iam.update_account_password_policy, **request)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    equal(policy, {**DEFAULTS, "MinimumPasswordLength": 14})
    iam.update_account_password_policy(MaxPasswordAge=1, PasswordReusePrevention=1)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    equal((policy["MaxPasswordAge"], policy["PasswordReusePrevention"]), (1, 1))


def service_linked_roles_are_protected(stage):
    iam = stage.inside("iam", stage.member())
    role = iam.create_service_linked_role(AWSServiceName="guardduty.amazonaws.com")["Role"]
    equal(role["Path"], "/aws-service-role/guardduty.amazonaws.com/")
    name = role["RoleName"]
    trust = document({"Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    for call, request in [
        (iam.attach_role_policy, {"PolicyArn": ADMINISTRATOR}),
        (iam.put_role_policy, {"PolicyName": "more", "PolicyDocument": document({})}),
        (iam.update_assume_role_policy, {"PolicyDocument": trust}),
        (iam.delete_role, {}),
    ]:
        refused("UnmodifiableEntity", call, RoleName=name, **request)
    equal(iam.get_role(RoleName=name)["Role"]["RoleId"], role["RoleId"])


def _decided(stage, account, keys, *actions, **more):
    arn = f"arn:aws:iam::{account}:role/watcher"
    answer = stage.client("iam", keys).simulate_principal_policy(PolicySourceArn=arn, ActionNames=actions, **more)
    return {result["EvalActionName"]: result for result in answer["EvaluationResults"]}


def the_policy_simulator_knows_no_sessions(stage):
    account = stage.member()
    stage.role(account, "watcher", {"Action": ["iam:SimulatePrincipalPolicy", "iam:ListRoles"]})
    narrow = document({"Action": "iam:SimulatePrincipalPolicy"})
    keys = stage.enter(account, "watcher", Policy=narrow)
    refused("AccessDenied", stage.client("iam", keys).list_roles)
    found = _decided(stage, account, keys, "iam:ListRoles", "iam:GetRole")
    equal(found["iam:ListRoles"]["EvalDecision"], "allowed")
    equal(found["iam:GetRole"]["EvalDecision"], "implicitDeny")
    session = f"arn:aws:sts::{account}:assumed-role/watcher/test"
    asked = {"PolicySourceArn": session, "ActionNames": ["iam:ListRoles"]}
    refused("InvalidInput", stage.inside("iam", account).simulate_principal_policy, **asked)
    asked["PolicySourceArn"] = f"arn:aws:iam::{account}:role/nobody"
    refused("NoSuchEntity", stage.inside("iam", account).simulate_principal_policy, **asked)


def the_policy_simulator_says_what_the_organization_denies(stage):
    account = stage.member()
    stage.role(account, "watcher", {"Action": ["iam:*", "kms:List*"], "Resource": "*"})
    stage.guard(account, {"Effect": "Deny", "Action": "kms:*"})
    keys = stage.enter(account, "watcher")
    found = _decided(stage, account, keys, "kms:ListKeys", "iam:ListRoles")
    equal(found["kms:ListKeys"]["EvalDecision"], "explicitDeny")
    equal(found["kms:ListKeys"]["OrganizationsDecisionDetail"], {"AllowedByOrganizations": False})
    equal(found["iam:ListRoles"]["OrganizationsDecisionDetail"], {"AllowedByOrganizations": True})
