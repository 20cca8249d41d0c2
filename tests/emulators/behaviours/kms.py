"""How KMS behaves: key policies, rotation, aliases."""

import json

from stage import ABROAD, HOME, ROLE, document, refused


def _policy(account, *principals):
    """A key policy for these principals of an account, who may do everything."""
    who = [f"arn:aws:iam::{account}:{principal}" for principal in principals]
    return document({"Principal": {"AWS": who}, "Action": "kms:*", "Resource": "*"})


def _key(client, **wish):
    return client.create_key(**wish)["KeyMetadata"]["KeyId"]


def _allow(*pairs):
    """A session policy of (actions, resource)."""
    return document(*({"Action": action, "Resource": resource} for action, resource in pairs))


def the_key_policy_decides(stage):
    account = stage.member()
    stage.role(account, "second", {})
    first = stage.inside("kms", account)
    second = stage.client("kms", stage.enter(account, "second"))
    trusting, narrow = _key(first), _key(first, Policy=_policy(account, f"role/{ROLE}"))
    assert second.describe_key(KeyId=trusting)["KeyMetadata"]["KeyId"] == trusting
    assert first.describe_key(KeyId=narrow)["KeyMetadata"]["KeyId"] == narrow
    refused("AccessDeniedException", second.describe_key, KeyId=narrow)


def a_key_policy_must_not_lock_out_its_author(stage):
    account = stage.member()
    stage.role(account, "second", {})
    client = stage.inside("kms", account)
    made = _key(client)
    wish = {"KeyId": made, "PolicyName": "default", "Policy": _policy(account, "role/second")}
    refused("MalformedPolicyDocumentException", client.put_key_policy, **wish)
    client.put_key_policy(**{**wish, "Policy": _policy(account, "role/second", f"role/{ROLE}")})
    client.put_key_policy(BypassPolicyLockoutSafetyCheck=True, **wish)
    refused("AccessDeniedException", client.get_key_policy, KeyId=made)


def a_key_policy_names_only_who_exists(stage):
    account = stage.member()
    client = stage.inside("kms", account)
    wish = _policy(account, "root", "role/second")
    refused("MalformedPolicyDocumentException", client.create_key, Policy=wish)
    stage.role(account, "second", {})
    client.create_key(Policy=wish)


def a_key_statement_without_resource_counts_for_nothing(stage):
    account = stage.member()
    stage.role(account, "second", {})
    own = {"Principal": {"AWS": f"arn:aws:iam::{account}:role/{ROLE}"}, "Action": "kms:*", "Resource": "*"}
    allowing = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:role/second"}}
    client = stage.inside("kms", account)
    second = stage.client("kms", stage.enter(account, "second"))
    for lacking in [{"Action": "kms:*"}, {"Resource": "*"}]:
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **own}, {**allowing, **lacking}]})
        made = _key(client, Policy=policy)
        refused("AccessDeniedException", second.describe_key, KeyId=made)
        client.put_key_policy(KeyId=made, Policy=policy)
    whole = document(own, {**allowing, "Action": "kms:*", "Resource": "*"})
    client.put_key_policy(KeyId=made, Policy=whole)
    second.describe_key(KeyId=made)


def only_some_keys_rotate(stage):
    client = stage.inside("kms", stage.member())
    able = _key(client)
    client.enable_key_rotation(KeyId=able)
    assert client.get_key_rotation_status(KeyId=able)["KeyRotationEnabled"] is True
    unable = [
        {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"Origin": "EXTERNAL"},
        {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1234567890abcdef0"},
    ]
    for wish in unable:
        refused("UnsupportedOperationException", client.enable_key_rotation, KeyId=_key(client, **wish))


def a_disabled_key_does_not_start_to_rotate(stage):
    client = stage.inside("kms", stage.member())
    made = _key(client)
    client.disable_key(KeyId=made)
    refused("DisabledException", client.enable_key_rotation, KeyId=made)
    client.enable_key(KeyId=made)
    client.enable_key_rotation(KeyId=made)
    client.schedule_key_deletion(KeyId=made, PendingWindowInDays=7)
    refused("KMSInvalidStateException", client.enable_key_rotation, KeyId=made)


def a_dying_key_says_that_it_does_not_rotate(stage):
    client = stage.inside("kms", stage.member())
    made = _key(client)
    client.enable_key_rotation(KeyId=made)
    assert client.get_key_rotation_status(KeyId=made)["KeyRotationEnabled"] is True
    client.schedule_key_deletion(KeyId=made, PendingWindowInDays=7)
    assert client.get_key_rotation_status(KeyId=made)["KeyRotationEnabled"] is False
    client.cancel_key_deletion(KeyId=made)
    assert client.get_key_rotation_status(KeyId=made)["KeyRotationEnabled"] is True


def a_primary_outlives_its_replicas(stage):
    account = stage.member()
    home, abroad = (stage.inside("kms", account, region) for region in [HOME, ABROAD])
    made = _key(home, MultiRegion=True)
    home.enable_key_rotation(KeyId=made)
    home.replicate_key(KeyId=made, ReplicaRegion=ABROAD)
    answer = home.schedule_key_deletion(KeyId=made, PendingWindowInDays=7)
    assert answer["KeyState"] == "PendingReplicaDeletion" and "DeletionDate" not in answer, answer
    assert home.describe_key(KeyId=made)["KeyMetadata"]["KeyState"] == "PendingReplicaDeletion"
    assert home.get_key_rotation_status(KeyId=made)["KeyRotationEnabled"] is False
    refused("KMSInvalidStateException", home.enable_key_rotation, KeyId=made)
    assert abroad.describe_key(KeyId=made)["KeyMetadata"]["KeyState"] == "Enabled"
    assert abroad.schedule_key_deletion(KeyId=made)["KeyState"] == "PendingDeletion"
    home.cancel_key_deletion(KeyId=made)
    assert home.describe_key(KeyId=made)["KeyMetadata"]["KeyState"] == "Disabled"


def replicas_share_the_primarys_rotation(stage):
    account = stage.member()
    home, abroad = (stage.inside("kms", account, region) for region in [HOME, ABROAD])
    made = _key(home, MultiRegion=True)
    home.replicate_key(KeyId=made, ReplicaRegion=ABROAD)
    assert abroad.get_key_rotation_status(KeyId=made)["KeyRotationEnabled"] is False
    refused("UnsupportedOperationException", abroad.enable_key_rotation, KeyId=made)
    home.enable_key_rotation(KeyId=made)
    assert abroad.get_key_rotation_status(KeyId=made)["KeyRotationEnabled"] is True


def rotation_takes_no_alias(stage):
    client = stage.inside("kms", stage.member())
    made = _key(client)
    client.create_alias(AliasName="alias/own", TargetKeyId=made)
    assert client.describe_key(KeyId="alias/own")["KeyMetadata"]["KeyId"] == made
    refused("NotFoundException", client.get_key_rotation_status, KeyId="alias/own")
    assert client.get_key_rotation_status(KeyId=made)["KeyRotationEnabled"] is False


def reserved_aliases_have_no_key_at_first(stage):
    client = stage.inside("kms", stage.member())

    def target():
        [alias] = [alias for alias in client.list_aliases()["Aliases"] if alias["AliasName"] == "alias/aws/ebs"]
        return alias.get("TargetKeyId")

    assert target() is None
    assert client.list_keys()["Keys"] == []
    made = client.describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]
    assert made["KeyManager"] == "AWS"
    assert target() == made["KeyId"]


def a_saved_key_is_disabled(stage):
    client = stage.inside("kms", stage.member())
    made = _key(client)
    client.schedule_key_deletion(KeyId=made, PendingWindowInDays=7)
    assert client.describe_key(KeyId=made)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    client.cancel_key_deletion(KeyId=made)
    assert client.describe_key(KeyId=made)["KeyMetadata"]["KeyState"] == "Disabled"
    client.enable_key(KeyId=made)
    assert client.describe_key(KeyId=made)["KeyMetadata"]["KeyState"] == "Enabled"


def a_dying_key_takes_no_alias(stage):
    client = stage.inside("kms", stage.member())
    made, other = _key(client), _key(client)
    client.create_alias(AliasName="alias/own", TargetKeyId=other)
    client.schedule_key_deletion(KeyId=made, PendingWindowInDays=7)
    refused("KMSInvalidStateException", client.create_alias, AliasName="alias/new", TargetKeyId=made)
    refused("KMSInvalidStateException", client.update_alias, AliasName="alias/own", TargetKeyId=made)
    client.cancel_key_deletion(KeyId=made)
    client.update_alias(AliasName="alias/own", TargetKeyId=made)


def create_alias_asks_twice(stage):
    account = stage.member()
    made = stage.inside("kms", account).create_key()["KeyMetadata"]
    alias = f"arn:aws:kms:{HOME}:{account}:alias/own"
    wish = {"AliasName": "alias/own", "TargetKeyId": made["KeyId"]}
    for only in [alias, made["Arn"]]:
        client = stage.client("kms", stage.enter(account, Policy=_allow(("kms:CreateAlias", only))))
        refused("AccessDeniedException", client.create_alias, **wish)
    both = _allow(("kms:CreateAlias", alias), ("kms:CreateAlias", made["Arn"]))
    stage.client("kms", stage.enter(account, Policy=both)).create_alias(**wish)


def tags_at_creation_need_a_permission(stage):
    account = stage.member()
    tags = [{"TagKey": "team", "TagValue": "audit"}]
    client = stage.client("kms", stage.enter(account, Policy=_allow(("kms:CreateKey", "*"))))
    client.create_key()
    refused("AccessDeniedException", client.create_key, Tags=tags)
    both = _allow((["kms:CreateKey", "kms:TagResource"], "*"))
    stage.client("kms", stage.enter(account, Policy=both)).create_key(Tags=tags)
