"""Reads the settings of every account back through boto3, in the words that truth.py judges."""

import argparse
import json
import sys

from cloud import HOME, MANAGEMENT, REGIONS, Cloud, or_none


def password(cloud, account):
    client = cloud.client("iam", account)
    answer = or_none(client.get_account_password_policy, "NoSuchEntity")
    if answer is None:
        return None
    policy = answer["PasswordPolicy"]
    return {
        "minimum_length": policy["MinimumPasswordLength"],
        "require_symbols": policy["RequireSymbols"],
        "require_numbers": policy["RequireNumbers"],
        "require_uppercase": policy["RequireUppercaseCharacters"],
        "require_lowercase": policy["RequireLowercaseCharacters"],
        "max_age_days": policy.get("MaxPasswordAge", 0),
        "reuse_prevention": policy.get("PasswordReusePrevention", 0),
        "allow_users_to_change": policy["AllowUsersToChangePassword"],
        "hard_expiry": policy.get("HardExpiry", False),
    }


def trails(cloud, account):
    found = []
    for region in REGIONS:
        client = cloud.client("cloudtrail", account, region)
        for seen in client.describe_trails(includeShadowTrails=False)["trailList"]:
            arn = seen["TrailARN"]
            status = client.get_trail_status(Name=arn)
            chosen = client.get_event_selectors(TrailName=arn)
            tags = client.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"]
            found.append(
                {
                    "name": seen["Name"],
                    "arn": arn,
                    "home": region,
                    "bucket": seen["S3BucketName"],
                    "multi_region": seen["IsMultiRegionTrail"] and seen["IncludeGlobalServiceEvents"],
                    "validation": seen["LogFileValidationEnabled"],
                    "logging": status["IsLogging"]
                    and not status.get("LatestDeliveryError")
                    and not status.get("LatestDigestDeliveryError"),
                    "key": seen.get("KmsKeyId") or None,
                    "selectors": chosen.get("EventSelectors") or [],
                    "advanced": chosen.get("AdvancedEventSelectors") or [],
                    "insights": client.get_insight_selectors(TrailName=arn).get("InsightSelectors") or [],
                    "tags": {tag["Key"]: tag["Value"] for tag in tags},
                }
            )
    return found


def keys(cloud, account, region):
    client = cloud.client("kms", account, region)
    aliases = cloud.pages("kms", "list_aliases", "Aliases", account, region)
    found = []
    for listed in cloud.pages("kms", "list_keys", "Keys", account, region):
        seen = client.describe_key(KeyId=listed["KeyId"])["KeyMetadata"]
        shape = seen.get("MultiRegionConfiguration") or {}
        key = {
            "id": seen["KeyId"],
            "arn": seen["Arn"],
            "manager": seen["KeyManager"],
            "spec": seen.get("KeySpec") or seen["CustomerMasterKeySpec"],
            "state": seen["KeyState"],
            "origin": seen["Origin"],
            "replica": shape.get("MultiRegionKeyType") == "REPLICA",
            "aliases": [alias["AliasName"] for alias in aliases if alias.get("TargetKeyId") == seen["KeyId"]],
        }
        key["rotation"] = client.get_key_rotation_status(KeyId=key["id"])["KeyRotationEnabled"]
        found.append(key)
    return found


def detectors(cloud, account, region):
    client = cloud.client("guardduty", account, region)
    found = []
    for listed in client.list_detectors()["DetectorIds"]:
        seen = client.get_detector(DetectorId=listed)
        found.append(
            {
                "id": listed,
                "status": seen["Status"],
                "frequency": seen["FindingPublishingFrequency"],
                "features": {feature["Name"]: feature["Status"] for feature in seen["Features"]},
            }
        )
    return found


def world(cloud):
    accounts = cloud.accounts()
    for account in accounts:
        account["password"] = password(cloud, account["id"])
        account["trails"] = trails(cloud, account["id"])
        account["keys"] = {region: keys(cloud, account["id"], region) for region in REGIONS}
        account["detectors"] = {region: detectors(cloud, account["id"], region) for region in REGIONS}
    found = cloud.client("organizations").describe_organization()["Organization"]
    return {
        "organization": found["Id"],
        "management": MANAGEMENT,
        "home": HOME,
        "regions": REGIONS,
        "accounts": accounts,
    }


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    given = options.parse_args()
    json.dump(world(Cloud(given.endpoint)), sys.stdout)


if __name__ == "__main__":
    main()
