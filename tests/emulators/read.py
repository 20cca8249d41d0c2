"""Reads the settings of every account back through boto3, and says them in the words that truth.py judges."""

import argparse
import json
import sys

import settings
from cloud import HOME, MANAGEMENT, REGIONS, Cloud


def password(policy):
    return policy and {
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


def trail(seen, insights):
    status = seen["Status"]
    return {
        "name": seen["Name"],
        "arn": seen["TrailARN"],
        "home": seen["HomeRegion"],
        "bucket": seen["S3BucketName"],
        "multi_region": seen["IsMultiRegionTrail"] and seen["IncludeGlobalServiceEvents"],
        "validation": seen["LogFileValidationEnabled"],
        "logging": status["IsLogging"]
        and not status.get("LatestDeliveryError")
        and not status.get("LatestDigestDeliveryError"),
        "key": seen.get("KmsKeyId") or None,
        "selectors": seen["EventSelectors"],
        "advanced": seen["AdvancedEventSelectors"],
        "insights": insights,
        "tags": {tag["Key"]: tag["Value"] for tag in seen["Tags"]},
    }


def trails(cloud, account):
    found = []
    for seen in settings.trails(cloud, account):
        client = cloud.client("cloudtrail", account, seen["HomeRegion"])
        insights = client.get_insight_selectors(TrailName=seen["TrailARN"])
        found.append(trail(seen, insights.get("InsightSelectors") or []))
    return found


def key(seen):
    shape = seen.get("MultiRegionConfiguration") or {}
    return {
        "id": seen["KeyId"],
        "arn": seen["Arn"],
        "manager": seen["KeyManager"],
        "spec": seen.get("KeySpec") or seen["CustomerMasterKeySpec"],
        "state": seen["KeyState"],
        "origin": seen["Origin"],
        "replica": shape.get("MultiRegionKeyType") == "REPLICA",
        "aliases": seen["Aliases"],
        "rotation": bool(seen["Rotation"] and seen["Rotation"]["KeyRotationEnabled"]),
    }


def detector(seen):
    return {
        "id": seen["DetectorId"],
        "status": seen["Status"],
        "frequency": seen["FindingPublishingFrequency"],
        "features": {feature["Name"]: feature["Status"] for feature in seen["Features"]},
    }


def world(cloud):
    accounts = cloud.accounts()
    for account in accounts:
        at = account["id"]
        account["password"] = password(settings.password(cloud, at))
        account["trails"] = trails(cloud, at)
        account["keys"] = {region: [key(one) for one in settings.keys(cloud, at, region)] for region in REGIONS}
        account["detectors"] = {
            region: [detector(one) for one in settings.detectors(cloud, at, region)] for region in REGIONS
        }
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
