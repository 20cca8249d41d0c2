"""STS: becoming a role, and what a session may do."""

from stage import ADMINISTRATOR, ROLE, document, equal, refused


def _assume(stage, account, role, who=None):
    """The call that assumes a role, and its request."""
    request = {"RoleArn": f"arn:aws:iam::{account}:role/{role}", "RoleSessionName": "test"}
    return stage.client("sts", who).assume_role, request


def an_absent_role_and_a_refused_trust_look_alike(stage):
    member = stage.member()
    stage.role(member, "closed", trusts=member)
    sentences = []
    for role in ["closed", "absent"]:
        call, request = _assume(stage, member, role)
        sentences.append(refused("AccessDenied", call, **request).replace(role, "…"))
    call, request = _assume(stage, "999999999999", "absent")
    sentences.append(refused("AccessDenied", call, **request).replace("999999999999", member).replace("absent", "…"))
    equal(len(set(sentences)), 1)
    assert "is not authorized to perform: sts:AssumeRole on resource" in sentences[0], sentences[0]


def a_suspended_account_lets_nobody_in(stage):
    member = stage.member()
    stage.enter(member)
    stage.client("organizations").close_account(AccountId=member)
    call, request = _assume(stage, member, ROLE)
    refused("AccessDenied", call, **request)


def a_trust_may_ask_for_an_external_id(stage):
    member = stage.member()
    trust = {
        "Principal": {"AWS": stage.management},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "seven"}},
    }
    stage.perform(member, "iam", "CreateRole", RoleName="partner", AssumeRolePolicyDocument=document(trust))
    call, request = _assume(stage, member, "partner")
    refused("AccessDenied", call, **request)
    refused("AccessDenied", call, **request, ExternalId="eight")
    call(**request, ExternalId="seven")


def crossing_accounts_takes_both_sides(stage):
    home, away = stage.member("home"), stage.member("away")
    stage.role(home, "caller")
    stage.role(away, "open", trusts=home)
    stage.role(away, "closed")
    caller = stage.enter(home, "caller")
    call, request = _assume(stage, away, "open", caller)
    refused("AccessDenied", call, **request)
    stage.permit(home, "caller", {"Action": "sts:AssumeRole"})
    equal(call(**request)["AssumedRoleUser"]["Arn"], f"arn:aws:sts::{away}:assumed-role/open/test")
    call, request = _assume(stage, away, "closed", caller)
    refused("AccessDenied", call, **request)


def role_chaining_lasts_an_hour(stage):
    member = stage.member()
    stage.role(member, "first", {"Action": "sts:AssumeRole"}, MaxSessionDuration=43200)
    stage.role(member, "second", trusts=member, MaxSessionDuration=43200)
    first = stage.enter(member, "first", DurationSeconds=43200)
    call, request = _assume(stage, member, "second", first)
    message = refused("ValidationError", call, **request, DurationSeconds=3601)
    assert "1 hour" in message, message
    given = call(**request, DurationSeconds=3600)["Credentials"]
    second = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    stage.client("sts", second).get_caller_identity()
    stage.advance(3601)
    refused("ExpiredToken", stage.client("sts", second).get_caller_identity)
    # What is not chained lasts on.
    stage.client("sts", first).get_caller_identity()


def a_session_policy_only_takes_away(stage):
    member = stage.member()
    limited = stage.enter(member, Policy=document({"Action": "s3:*"}))
    stage.client("s3", limited).list_buckets()
    message = refused("AccessDenied", stage.client("iam", limited).list_roles)
    assert message.endswith("because no session policy allows the iam:ListRoles action"), message
    stage.role(member, "lister", {"Action": "s3:ListAllMyBuckets"})
    widened = stage.enter(member, "lister", PolicyArns=[{"arn": ADMINISTRATOR}])
    stage.client("s3", widened).list_buckets()
    message = refused("AccessDenied", stage.client("iam", widened).list_roles)
    assert message.endswith("because no identity-based policy allows the iam:ListRoles action"), message


def a_session_policy_has_a_size(stage):
    member = stage.member()
    policy = document({"Action": "s3:*"})
    call, request = _assume(stage, member, ROLE)
    # Space packs to nothing, so that only the plain limit is in the way.
    call(**request, Policy=policy.ljust(2048))
    refused("ValidationError", call, **request, Policy=policy.ljust(2049))
    arns = [{"arn": ADMINISTRATOR}]
    call(**request, Policy=policy.ljust(2048 - len(ADMINISTRATOR)), PolicyArns=arns)
    refused("ValidationError", call, **request, Policy=policy.ljust(2049 - len(ADMINISTRATOR)), PolicyArns=arns)


def a_session_policy_may_pack_too_large(stage):
    member = stage.member()
    names = [f"s3:A{number}" for number in range(175)]
    policy = document({"Action": names})
    assert len(policy) <= 2048, len(policy)
    call, request = _assume(stage, member, ROLE)
    refused("PackedPolicyTooLarge", call, **request, Policy=policy)
    answer = call(**request, Policy=document({"Action": names[:5]}))
    assert 0 < answer["PackedPolicySize"] <= 100, answer["PackedPolicySize"]
    assert "PackedPolicySize" not in call(**request), "nothing was sent that packs"


def a_malformed_session_policy_is_refused(stage):
    member = stage.member()
    call, request = _assume(stage, member, ROLE)
    for policy in [
        "no policy",
        '{"Version": "2012-10-17"}',
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps", "Action": "*", "Resource": "*"}]}',
        document({"Principal": "*", "Resource": "*"}),
    ]:
        refused("MalformedPolicyDocument", call, **request, Policy=policy)


def caller_identity_needs_no_permission(stage):
    member = stage.member()
    stage.role(member, "nobody", {"Effect": "Deny", "Action": "*"})
    stage.guard(member, {"Effect": "Deny", "Action": "sts:GetCallerIdentity"})
    nobody = stage.enter(member, "nobody", Policy=document({"Effect": "Deny"}))
    answer = stage.client("sts", nobody).get_caller_identity()
    equal((answer["Account"], answer["Arn"]), (member, f"arn:aws:sts::{member}:assumed-role/nobody/test"))


def a_root_user_assumes_no_role(stage):
    member = stage.member()
    for account in [stage.management, member]:
        keys = stage.root(account)
        equal(stage.client("sts", keys).get_caller_identity()["Arn"], f"arn:aws:iam::{account}:root")
        call, request = _assume(stage, member, ROLE, keys)
        message = refused("AccessDenied", call, **request)
        equal(message, "Roles may not be assumed by root accounts.")


_TASKS = "arn:aws:iam::aws:policy/root-task/"
_DELETE = {"arn": _TASKS + "IAMDeleteRootUserCredentials"}


def _central(stage):
    """Switches central root access on."""
    stage.client("organizations").enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    iam = stage.client("iam")
    iam.enable_organizations_root_credentials_management()
    iam.enable_organizations_root_sessions()


def _become(stage, member, task=_DELETE, who=None, **more):
    """Keys of a session of a member's root user."""
    given = stage.client("sts", who).assume_root(TargetPrincipal=member, TaskPolicyArn=task, **more)["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


def the_root_user_of_a_member_is_become_where_root_access_is_central(stage):
    member = stage.member()
    request = {"TargetPrincipal": member, "TaskPolicyArn": _DELETE}
    assume = stage.client("sts").assume_root
    refused("AccessDenied", assume, **request)
    _central(stage)
    for off, on in [
        ("disable_organizations_root_sessions", "enable_organizations_root_sessions"),
        ("disable_organizations_root_credentials_management", "enable_organizations_root_credentials_management"),
    ]:
        getattr(stage.client("iam"), off)()
        refused("AccessDenied", assume, **request)
        getattr(stage.client("iam"), on)()
    root = f"arn:aws:iam::{member}:root"
    for target in [member, root]:
        keys = _become(stage, target)
        equal(stage.client("sts", keys).get_caller_identity()["Arn"], root)
    # Whoever asks needs the permission, which a condition may narrow to a task.
    stage.role(stage.management, "helper")
    helper = stage.enter(stage.management, "helper")
    message = refused("AccessDenied", stage.client("sts", helper).assume_root, **request)
    assert message.endswith("because no identity-based policy allows the sts:AssumeRoot action"), message
    allowed = {"Action": "sts:AssumeRoot", "Resource": root}
    stage.permit(
        stage.management, "helper", {**allowed, "Condition": {"StringEquals": {"sts:TaskPolicyArn": _DELETE["arn"]}}}
    )
    _become(stage, member, who=helper)
    audit = {"arn": _TASKS + "IAMAuditRootUserCredentials"}
    refused("AccessDenied", stage.client("sts", helper).assume_root, TargetPrincipal=member, TaskPolicyArn=audit)
    # A member may as soon as it administers IAM.
    other = stage.member("other")
    stage.role(other, "security", {"Action": "sts:AssumeRoot"})
    security = stage.enter(other, "security")
    refused("AccessDenied", stage.client("sts", security).assume_root, **request)
    stage.client("organizations").register_delegated_administrator(
        AccountId=other, ServicePrincipal="iam.amazonaws.com"
    )
    _become(stage, member, who=security)


def nobody_becomes_the_root_user_of_the_management_account(stage):
    member = stage.member()
    _central(stage)
    assume = stage.client("sts").assume_root
    refused("AccessDenied", assume, TargetPrincipal=stage.management, TaskPolicyArn=_DELETE)
    refused("AccessDenied", assume, TargetPrincipal="999999999999", TaskPolicyArn=_DELETE)
    root = stage.client("sts", stage.root(stage.management)).assume_root
    refused("AccessDenied", root, TargetPrincipal=member, TaskPolicyArn=_DELETE)
    stage.client("organizations").close_account(AccountId=member)
    refused("AccessDenied", assume, TargetPrincipal=member, TaskPolicyArn=_DELETE)


def a_root_session_is_for_one_task_of_five_and_lasts_fifteen_minutes(stage):
    member = stage.member()
    _central(stage)
    for task in [
        "IAMAuditRootUserCredentials",
        "IAMCreateRootUserPassword",
        "IAMDeleteRootUserCredentials",
        "S3UnlockBucketPolicy",
        "SQSUnlockQueuePolicy",
    ]:
        _become(stage, member, {"arn": _TASKS + task})
    assume = stage.client("sts").assume_root
    for arn in [ADMINISTRATOR, _TASKS + "Everything"]:
        refused("ValidationError", assume, TargetPrincipal=member, TaskPolicyArn={"arn": arn})
    refused("ValidationError", assume, TargetPrincipal=member, TaskPolicyArn=_DELETE, DurationSeconds=901)
    keys = _become(stage, member)
    stage.advance(899)
    stage.client("sts", keys).get_caller_identity()
    stage.advance(2)
    refused("ExpiredToken", stage.client("sts", keys).get_caller_identity)


def a_root_session_that_deletes_keys_cannot_deactivate_them(stage):
    member = stage.member()
    _central(stage)
    own = stage.client("iam", stage.root(member))
    key = own.create_access_key()["AccessKey"]["AccessKeyId"]
    iam = stage.client("iam", _become(stage, member))
    equal([one["AccessKeyId"] for one in iam.list_access_keys()["AccessKeyMetadata"]], [key])
    message = refused("AccessDenied", iam.update_access_key, AccessKeyId=key, Status="Inactive")
    assert message.endswith("with an explicit deny in a session policy"), message
    refused("AccessDenied", iam.list_users)
    refused("AccessDenied", iam.list_access_keys, UserName="somebody")
    # What the organization denies to its members is denied here too.
    policy = stage.guard(member, {"Effect": "Deny", "Action": "iam:DeleteAccessKey"})
    message = refused("AccessDenied", iam.delete_access_key, AccessKeyId=key)
    assert message.endswith("with an explicit deny in a service control policy"), message
    stage.client("organizations").detach_policy(PolicyId=policy, TargetId=member)
    iam.delete_access_key(AccessKeyId=key)
    equal(iam.list_access_keys()["AccessKeyMetadata"], [])
