"""How KMS behaves: key policies, rotation, aliases, signatures."""

import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

from stage import ABROAD, HOME, ROLE, document, equal, refused


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
    waits = home.describe_key(KeyId=made)["KeyMetadata"]
    assert (waits["KeyState"], waits["PendingDeletionWindowInDays"]) == ("PendingReplicaDeletion", 7), waits
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


def rotation_has_a_period(stage):
    client = stage.inside("kms", stage.member())
    made = _key(client)
    assert "RotationPeriodInDays" not in client.get_key_rotation_status(KeyId=made)
    client.enable_key_rotation(KeyId=made)
    equal(client.get_key_rotation_status(KeyId=made)["RotationPeriodInDays"], 365)
    client.enable_key_rotation(KeyId=made, RotationPeriodInDays=90)
    equal(client.get_key_rotation_status(KeyId=made)["RotationPeriodInDays"], 90)
    for days in 89, 2561:
        refused("ValidationException", client.enable_key_rotation, KeyId=made, RotationPeriodInDays=days)
    equal(client.get_key_rotation_status(KeyId=made)["RotationPeriodInDays"], 90)


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
    one = client.create_key()["KeyMetadata"]["Arn"]
    narrow = _allow(("kms:CreateKey", "*"), ("kms:TagResource", one))
    refused("AccessDeniedException", stage.client("kms", stage.enter(account, Policy=narrow)).create_key, Tags=tags)
    every = one.split(":key/")[0] + ":key/*"
    for resource in ["*", every]:
        both = _allow(("kms:CreateKey", "*"), ("kms:TagResource", resource))
        stage.client("kms", stage.enter(account, Policy=both)).create_key(Tags=tags)


def a_new_key_gets_its_policy_without_a_permission(stage):
    account = stage.member()
    made = stage.inside("kms", account).create_key()["KeyMetadata"]["Arn"]
    policy = stage.inside("kms", account).get_key_policy(KeyId=made, PolicyName="default")["Policy"]
    client = stage.client("kms", stage.enter(account, Policy=_allow(("kms:CreateKey", "*"))))
    assert client.create_key(Policy=policy)["KeyMetadata"]["Arn"] != made


_ECC = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
_RSA = {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}
_ALGORITHMS = [(_ECC, "ECDSA_SHA_256"), (_RSA, "RSASSA_PSS_SHA_256")]


def a_dry_run_is_answered_by_an_error(stage):
    account = stage.member()
    client = stage.inside("kms", account)
    made = _key(client, **_ECC)
    wish = {"KeyId": made, "Message": b"plan", "SigningAlgorithm": "ECDSA_SHA_256", "DryRun": True}
    refused("DryRunOperationException", client.sign, **wish)
    reader = stage.client("kms", stage.enter(account, Policy=_allow(("kms:Verify", "*"))))
    refused("AccessDeniedException", reader.sign, **wish)
    assert client.sign(**{**wish, "DryRun": False})["Signature"]


def a_signature_that_does_not_fit_is_an_error(stage):
    client = stage.inside("kms", stage.member())
    for spec, algorithm in _ALGORITHMS:
        made, other = _key(client, **spec), _key(client, **spec)
        wish = {"KeyId": made, "Message": b"plan", "SigningAlgorithm": algorithm}
        signature = client.sign(**wish)["Signature"]
        assert client.verify(Signature=signature, **wish)["SignatureValid"] is True
        wrong = signature[:-1] + bytes([signature[-1] ^ 1])
        refused("KMSInvalidSignatureException", client.verify, Signature=wrong, **wish)
        refused("KMSInvalidSignatureException", client.verify, Signature=signature, **{**wish, "Message": b"plot"})
        refused("KMSInvalidSignatureException", client.verify, Signature=signature, **{**wish, "KeyId": other})


def only_signing_keys_sign(stage):
    client = stage.inside("kms", stage.member())
    unfit = [
        ({}, "ECDSA_SHA_256"),
        ({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}, "RSASSA_PSS_SHA_256"),
        ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, "ECDSA_SHA_256"),
        (_ECC, "ECDSA_SHA_384"),
        (_RSA, "ECDSA_SHA_256"),
    ]
    for spec, algorithm in unfit:
        wish = {"KeyId": _key(client, **spec), "Message": b"plan", "SigningAlgorithm": algorithm}
        refused("InvalidKeyUsageException", client.sign, **wish)
        refused("InvalidKeyUsageException", client.verify, Signature=b"any", **wish)


def a_message_to_sign_is_short(stage):
    client = stage.inside("kms", stage.member())
    wish = {"KeyId": _key(client, **_ECC), "SigningAlgorithm": "ECDSA_SHA_256"}
    client.sign(Message=b"x" * 4096, **wish)
    refused("ValidationException", client.sign, Message=b"x" * 4097, **wish)
    refused("ValidationException", client.sign, Message=b"", **wish)


def a_message_and_its_digest_have_one_signature(stage):
    client = stage.inside("kms", stage.member())
    for spec, algorithm in _ALGORITHMS:
        wish = {"KeyId": _key(client, **spec), "SigningAlgorithm": algorithm}
        digest = hashlib.sha256(b"plan").digest()
        raw = client.sign(Message=b"plan", MessageType="RAW", **wish)["Signature"]
        hashed = client.sign(Message=digest, MessageType="DIGEST", **wish)["Signature"]
        assert client.verify(Message=digest, MessageType="DIGEST", Signature=raw, **wish)["SignatureValid"]
        assert client.verify(Message=b"plan", Signature=hashed, **wish)["SignatureValid"]
        refused("ValidationException", client.sign, Message=digest[1:], MessageType="DIGEST", **wish)


def a_public_key_verifies_outside(stage):
    client = stage.inside("kms", stage.member())
    ways = [
        (_ECC, "ECDSA_SHA_256", [ec.ECDSA(hashes.SHA256())]),
        (_RSA, "RSASSA_PSS_SHA_256", [padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32), hashes.SHA256()]),
        (_RSA, "RSASSA_PKCS1_V1_5_SHA_512", [padding.PKCS1v15(), hashes.SHA512()]),
    ]
    for spec, algorithm, way in ways:
        made = client.create_key(**spec)["KeyMetadata"]
        signature = client.sign(KeyId=made["KeyId"], Message=b"plan", SigningAlgorithm=algorithm)["Signature"]
        answer = client.get_public_key(KeyId=made["KeyId"])
        equal((answer["KeyId"], answer["KeySpec"], answer["KeyUsage"]), (made["Arn"], spec["KeySpec"], "SIGN_VERIFY"))
        assert algorithm in answer["SigningAlgorithms"], answer
        public = serialization.load_der_public_key(answer["PublicKey"])
        public.verify(signature, b"plan", *way)
        try:
            public.verify(signature, b"plot", *way)
        except InvalidSignature:
            continue
        raise AssertionError("another message verifies")


def a_symmetric_key_has_no_public_half(stage):
    client = stage.inside("kms", stage.member())
    for spec in [{}, {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}]:
        refused("UnsupportedOperationException", client.get_public_key, KeyId=_key(client, **spec))


def a_disabled_key_neither_signs_nor_verifies(stage):
    client = stage.inside("kms", stage.member())
    made = _key(client, **_ECC)
    wish = {"KeyId": made, "Message": b"plan", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = client.sign(**wish)["Signature"]
    states = [
        ("DisabledException", client.disable_key, {}),
        ("KMSInvalidStateException", client.schedule_key_deletion, {"PendingWindowInDays": 7}),
    ]
    for code, change, how in states:
        change(KeyId=made, **how)
        refused(code, client.sign, **wish)
        refused(code, client.verify, Signature=signature, **wish)
        refused(code, client.get_public_key, KeyId=made)


def a_key_of_another_account_is_described_where_both_allow_it(stage):
    owner, asker = stage.member("owner"), stage.member("asker")
    foreign = {"Principal": {"AWS": asker}, "Action": "kms:DescribeKey", "Resource": "*"}
    own = {"Principal": {"AWS": owner}, "Action": "kms:*", "Resource": "*"}
    home = stage.inside("kms", owner)
    open_ = home.create_key(Policy=document(own, foreign))["KeyMetadata"]["Arn"]
    closed = home.create_key(Policy=document(own))["KeyMetadata"]["Arn"]
    home.create_alias(AliasName="alias/open", TargetKeyId=open_)
    alias = open_.rsplit(":", 1)[0] + ":alias/open"
    client = stage.inside("kms", asker)
    for name in [open_, alias]:
        equal(client.describe_key(KeyId=name)["KeyMetadata"]["Arn"], open_)
    refused("NotFoundException", client.describe_key, KeyId="alias/open")
    refused("AccessDeniedException", client.describe_key, KeyId=closed)
    narrow = stage.client("kms", stage.enter(asker, Policy=_allow(("kms:ListKeys", "*"))))
    refused("AccessDeniedException", narrow.describe_key, KeyId=open_)


def a_key_of_another_account_signs_by_its_arn(stage):
    owner, signer = stage.member("owner"), stage.member("signer")
    foreign = {"Principal": {"AWS": signer}, "Action": ["kms:Sign", "kms:Verify"], "Resource": "*"}
    own = {"Principal": {"AWS": owner}, "Action": "kms:*", "Resource": "*"}
    home = stage.inside("kms", owner)
    open_, closed = home.create_key(Policy=document(own, foreign), **_ECC), home.create_key(Policy=document(own), **_ECC)
    client = stage.inside("kms", signer)
    wish = {"Message": b"plan", "SigningAlgorithm": "ECDSA_SHA_256"}
    arn = open_["KeyMetadata"]["Arn"]
    answer = client.sign(KeyId=arn, **wish)
    equal(answer["KeyId"], arn)
    assert home.verify(KeyId=arn, Signature=answer["Signature"], **wish)["SignatureValid"]
    refused("AccessDeniedException", client.sign, KeyId=closed["KeyMetadata"]["Arn"], **wish)
    narrow = stage.client("kms", stage.enter(signer, Policy=_allow(("kms:Verify", "*"))))
    refused("AccessDeniedException", narrow.sign, KeyId=arn, **wish)


def replicas_verify_for_each_other(stage):
    account = stage.member()
    home, abroad = (stage.inside("kms", account, region) for region in [HOME, ABROAD])
    made = _key(home, MultiRegion=True, **_ECC)
    home.replicate_key(KeyId=made, ReplicaRegion=ABROAD)
    wish = {"KeyId": made, "Message": b"plan", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = abroad.sign(**wish)["Signature"]
    assert home.verify(Signature=signature, **wish)["SignatureValid"]
    equal(home.get_public_key(KeyId=made)["PublicKey"], abroad.get_public_key(KeyId=made)["PublicKey"])


def a_policy_may_ask_for_an_algorithm(stage):
    account = stage.member()
    made = _key(stage.inside("kms", account), **_RSA)
    only = {"kms:SigningAlgorithm": "RSASSA_PSS_SHA_256", "kms:MessageType": "RAW"}
    narrow = document({"Action": "kms:Sign", "Resource": "*", "Condition": {"StringEquals": only}})
    client = stage.client("kms", stage.enter(account, Policy=narrow))
    wish = {"KeyId": made, "Message": hashlib.sha256(b"plan").digest(), "MessageType": "RAW"}
    client.sign(SigningAlgorithm="RSASSA_PSS_SHA_256", **wish)
    refused("AccessDeniedException", client.sign, SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256", **wish)
    refused("AccessDeniedException", client.sign, SigningAlgorithm="RSASSA_PSS_SHA_256", **{**wish, "MessageType": "DIGEST"})
