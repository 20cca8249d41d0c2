"""Users, policies, roles, the root user and the password policy of one account, drawn at random."""

import json

from past import remember

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
OF_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
DOCUMENTS = {
    "everything": [EVERYTHING],
    "everything in lists": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}],
    "everything among others": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}, EVERYTHING],
    "everything with MFA": [{**EVERYTHING, "Condition": OF_MFA}],
    "everything by colons": [{"Effect": "Allow", "Action": "*:*", "Resource": "*"}],
    "everything but IAM": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
    "everything of S3": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    "everything on one bucket": [{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::one/*"}],
    "nothing": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
    "reading": [{"Effect": "Allow", "Action": ["s3:Get*", "ec2:Describe*"], "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
OWN = {"support": "AWSSupportAccess", "shell": "AWSCloudShellFullAccess", "admin": "AdministratorAccess"}
AWS_OWN = "arn:aws:iam::aws:policy/"
LENGTHS, AGES, REUSE = [6, 8, 13, 14, 20], [None, 30, 90, 91, 365], [None, 1, 12, 23, 24]
# moto does not read certificates: the stage tells by the name when one runs out.
CERTIFICATES = {"old": "ran out years ago", "lasting": "runs out in a year"}
METADATA = f"<EntityDescriptor>{'x' * 1000}</EntityDescriptor>"
BODY = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----"


def document(name):
    return json.dumps({"Version": "2012-10-17", "Statement": DOCUMENTS[name]})


def password_policy(iam, rng):
    """Each setting for itself; now and then none at all, which leaves AWS's default."""
    if rng.random() < 0.15:
        return "absent"
    request = {
        "MinimumPasswordLength": rng.choice(LENGTHS),
        "MaxPasswordAge": rng.choice(AGES),
        "PasswordReusePrevention": rng.choice(REUSE),
    }
    for character in ("Symbols", "Numbers", "UppercaseCharacters", "LowercaseCharacters"):
        request[f"Require{character}"] = rng.random() < 0.5
    iam.update_account_password_policy(**{name: value for name, value in request.items() if value is not None})
    return ", ".join(f"{name} {value}" for name, value in request.items())


def drawn_user(rng):
    """What a user is to be: days ago, and none for never."""
    # Far from 45 and 90 days on either side: what is said of the very day is not compared.
    made = rng.choice([10, 60, 200])
    used = rng.choice([None, 5, 60, 150])
    keys = []
    for _ in range(rng.choice([0, 1, 1, 2])):
        key = {"made": rng.choice([made, 10, 60, 200]), "used": rng.choice([None, 5, 60, 150])}
        key["made"] = min(key["made"], made)
        # What is not there cannot be used.
        key["used"] = key["used"] if key["used"] is None or key["used"] <= key["made"] else None
        keys.append({**key, "active": rng.random() < 0.7})
    return {
        "made": made,
        "password": rng.random() < 0.6,
        "used": used if used is None or used <= made else None,
        "mfa": rng.random() < 0.4,
        "keys": keys,
        "policies": rng.choice(["none", "none", "inline", "attached", "group"]),
    }


def told(user):
    """A user in a word for each part, to which explanations can point."""
    words = [f"made {user['made']}"]
    if user["password"]:
        words.append(f"password used {user['used']}" if user["used"] else "password never used")
    words.append("with MFA" if user["mfa"] else "without MFA")
    for key in user["keys"]:
        state, used = "active" if key["active"] else "inactive", f"used {key['used']}" if key["used"] else "never used"
        initial = " (with the user)" if key["made"] == user["made"] else ""
        words.append(f"{state} key made {key['made']}{initial} {used}")
    return ", ".join([*words, f"policies: {user['policies']}"])


def user(iam, name, wanted, policy):
    iam.create_user(UserName=name)
    if wanted["password"]:
        iam.create_login_profile(UserName=name, Password="Correct-horse-7")
    if wanted["mfa"]:
        serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
        iam.enable_mfa_device(UserName=name, SerialNumber=serial, **codes)
    for key in wanted["keys"]:
        made = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        if not key["active"]:
            iam.update_access_key(UserName=name, AccessKeyId=made, Status="Inactive")
    if wanted["policies"] == "inline":
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document("reading"))
    if wanted["policies"] == "attached":
        iam.attach_user_policy(UserName=name, PolicyArn=policy)
    if wanted["policies"] == "group":
        iam.add_user_to_group(UserName=name, GroupName="readers")
    made = [{"kind": "user", "ids": [name], "variant": told(wanted)}]
    if wanted["policies"] == "inline":
        made.append({"kind": "policy", "ids": [f"own of user/{name}", f"{name}/own"], "variant": "reading, inline"})
    return made


def policies(iam, rng):
    """Policies of the account that a role has or nobody, inline ones, and some of AWS's own."""
    made = []
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_user(UserName="worker")
    for number, variant in enumerate(sorted(DOCUMENTS)):
        name, held = f"policy-{number}", rng.choice(["role/worker", "group/readers", None])
        arn = iam.create_policy(PolicyName=name, PolicyDocument=document(variant))["Policy"]["Arn"]
        if held == "role/worker":
            iam.attach_role_policy(RoleName="worker", PolicyArn=arn)
        elif held:
            iam.attach_group_policy(GroupName="readers", PolicyArn=arn)
        made.append({"kind": "policy", "ids": [name], "variant": f"{variant}, {'had' if held else 'had by nobody'}"})
    for number, variant in enumerate(rng.sample(sorted(DOCUMENTS), 4)):
        holder, name = rng.choice(["user", "role", "group"]), f"own-{number}"
        whose = {"user": "worker", "role": "worker", "group": "readers"}[holder]
        put = getattr(iam, f"put_{holder}_policy")
        put(**{f"{holder.title()}Name": whose}, PolicyName=name, PolicyDocument=document(variant))
        ids = [f"{name} of {holder}/{whose}", f"{whose}/{name}"]
        made.append({"kind": "policy", "ids": ids, "variant": f"{variant}, inline"})
    for kind, own in OWN.items():
        held = rng.choice(["role", "role", "user", "group", None])
        if held:
            whose = {"user": "worker", "role": "worker", "group": "readers"}[held]
            attach = getattr(iam, f"attach_{held}_policy")
            attach(**{f"{held.title()}Name": whose}, PolicyArn=f"{AWS_OWN}{own}")
        made.append({"kind": kind, "ids": [own], "variant": f"had by a {held}" if held else "had by nobody"})
    return made


def root(rng):
    """The root user; without password and key it has no credentials at all."""
    password, key = rng.random() < 0.6, rng.random() < 0.4
    used = rng.choice([None, 0, 30]) if password or key else None
    return {"password": password, "key": key, "mfa": (password or key) and rng.random() < 0.5, "used": used}


def providers(iam, rng):
    """Where people come from, besides the account's own users."""
    chosen = rng.choice(["none", "none", "SAML", "OIDC", "SAML and OIDC"])
    if "SAML" in chosen:
        iam.create_saml_provider(Name="directory", SAMLMetadataDocument=METADATA)
    if "OIDC" in chosen:
        iam.create_open_id_connect_provider(Url="https://directory.example.com", ThumbprintList=["0" * 40])
    return {"kind": "providers", "ids": [], "variant": chosen}


def furnish(cloud, rng, account):
    iam, made = cloud.client("iam", account), []
    made.append({"kind": "password", "ids": [], "variant": password_policy(iam, rng)})
    iam.create_group(GroupName="readers")
    arn = iam.create_policy(PolicyName="read", PolicyDocument=document("reading"))["Policy"]["Arn"]
    made.append({"kind": "policy", "ids": ["read"], "variant": "reading, had or not"})
    users = {f"user-{number}": drawn_user(rng) for number in range(12)}
    for name, wanted in users.items():
        made += user(iam, name, wanted, arn)
    made += policies(iam, rng)
    of_root = root(rng)
    words = [name for name in ("password", "key", "mfa") if of_root[name]] or ["no credentials"]
    used = "never used" if of_root["used"] is None else f"used {of_root['used']}"
    made.append({"kind": "root", "ids": ["<root_account>"], "variant": f"{', '.join(words)}, {used}"})
    for name, words in CERTIFICATES.items():
        if rng.random() < 0.5:
            iam.upload_server_certificate(ServerCertificateName=name, CertificateBody=BODY, PrivateKey=KEY)
            made.append({"kind": "certificate", "ids": [name], "variant": words})
    remember(cloud.endpoint, {"account": account, "users": users, "root": of_root})
    return [*made, providers(iam, rng)]
