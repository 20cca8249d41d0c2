"""Keys, detectors, recorders, hubs and the account's public access block, drawn at random."""

from past import remember
from seed import KEYS, key

FEATURES = [
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
    "AI_PROTECTION",
]
SERVICE_ROLE = "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
BLOCKS = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]


def detector(cloud, rng, account, region):
    state = rng.choice(["absent", "ENABLED", "ENABLED", "ENABLED", "DISABLED"])
    if state == "absent":
        return "absent"
    features = {name: rng.choice(["ENABLED", "DISABLED"]) for name in FEATURES}
    on = [name for name, status in features.items() if status == "ENABLED"]
    # moto lists only features that were ever sent, AWS all of them: so all are sent.
    cloud.client("guardduty", account, region).create_detector(
        Enable=state == "ENABLED",
        Features=[{"Name": name, "Status": status} for name, status in features.items()],
    )
    return f"{state}, features {' '.join(on)}"


def recorder(cloud, rng, account, region):
    state = rng.choice(["absent", "stopped", "recording", "recording", "one type"])
    if state == "absent":
        return state
    config = cloud.client("config", account, region)
    group = {"allSupported": True, "includeGlobalResourceTypes": region == cloud.regions[0]}
    if state == "one type":
        group = {"allSupported": False, "resourceTypes": ["AWS::EC2::VPC"]}
    # The scanner keeps one recorder of a name, so each region has a name of its own.
    wanted = {"name": region, "recordingGroup": group}
    role = rng.choice([SERVICE_ROLE, SERVICE_ROLE, "recorder"])
    wanted["roleARN"] = f"arn:aws:iam::{account}:role/{role}"
    config.put_configuration_recorder(ConfigurationRecorder=wanted)
    config.put_delivery_channel(DeliveryChannel={"name": region, "s3BucketName": f"flows-{account}-{region}-all"})
    if state == "stopped":
        return f"{state}, role {role.rsplit('/')[-1]}"
    config.start_configuration_recorder(ConfigurationRecorderName=region)
    last = {"region": region, "name": region, "last": rng.choice(["Success", "Success", "Failure"])}
    remember(cloud.endpoint, {"account": account, "recorders": [last]})
    return f"{state}, role {role.rsplit('/')[-1]}, {last['last']}"


def hub(cloud, rng, account, region):
    if rng.random() < 0.3:
        return "absent"
    standards = rng.random() < 0.5
    tags = {"standards": "default"} if standards else {}
    cloud.client("securityhub", account, region).enable_security_hub(EnableDefaultStandards=standards, Tags=tags)
    return f"enabled {'with' if standards else 'without'} standards"


def public_access_block(rng, account, client):
    wanted = {name: rng.random() < 0.75 for name in BLOCKS}
    if rng.random() < 0.2:
        return "absent"
    client.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=wanted)
    return ", ".join(name for name, on in wanted.items() if on) or "nothing"


def keys(cloud, rng, account, region):
    """Keys of all kinds, labelled by their ids."""
    kms, made, known = cloud.client("kms", account, region), [], set()
    for kind in KEYS[rng.choice(["mixed", "mixed", "rotating", "still", "ineligible"])]:
        key(cloud, account, region, kind)
        now = {found["KeyId"] for found in kms.list_keys()["Keys"]}
        made += [{"kind": "key", "ids": [fresh], "variant": kind} for fresh in sorted(now - known)]
        known = now
    return made


def furnish(cloud, rng, account, region):
    made = keys(cloud, rng, account, region)
    for kind, drawn in (("detector", detector), ("recorder", recorder), ("hub", hub)):
        made.append({"kind": kind, "ids": [], "variant": drawn(cloud, rng, account, region)})
    return made
