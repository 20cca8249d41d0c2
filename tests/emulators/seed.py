"""Makes an organization on moto, and writes what it made as JSON.

Either drawn from a seed (`--seed 3 --accounts 24`) or a cast that a test names
(`--cast '[{"name": "quiet", "password": "absent"}]'`), whose unnamed parts are in line.
"""

import argparse
import json
import sys

from cloud import HOME, MANAGED, MANAGEMENT, REGIONS, Cloud
from variants import ABROAD, DETECTORS, KEYS, PASSWORDS, TRAILS, completed, drawn

SPECS = {"asymmetric": "ECC_NIST_P256", "mac": "HMAC_256"}
UNREAD = "eu-central-1"
USAGES = {"asymmetric": "SIGN_VERIFY", "mac": "GENERATE_VERIFY_MAC"}


def organization(cloud, cast):
    """Makes the organization and its accounts; answers its id."""
    client = cloud.client("organizations")
    made = client.create_organization(FeatureSet="ALL")["Organization"]
    root = client.list_roots()["Roots"][0]["Id"]
    units = {"/": root}
    for account in cast:
        path = ""
        for name in filter(None, account["ou"].split("/")):
            parent, path = units[path or "/"], f"{path}/{name}"
            if path not in units:
                unit = client.create_organizational_unit(ParentId=parent, Name=name)
                units[path] = unit["OrganizationalUnit"]["Id"]
    for account in cast:
        if account["name"] == "management":
            account["id"] = MANAGEMENT
            continue
        address = f"{account['name']}@example.com"
        status = client.create_account(AccountName=account["name"], Email=address)["CreateAccountStatus"]
        account["id"] = status["AccountId"]
        if account["ou"] != "/":
            client.move_account(
                AccountId=account["id"], SourceParentId=root, DestinationParentId=units[account["ou"]]
            )
    return made["Id"]


def password(cloud, account, wanted):
    if wanted is None:
        return
    request = {
        "MinimumPasswordLength": wanted["minimum_length"],
        "RequireSymbols": wanted["require_symbols"],
        "RequireNumbers": wanted["require_numbers"],
        "RequireUppercaseCharacters": wanted["require_uppercase"],
        "RequireLowercaseCharacters": wanted["require_lowercase"],
        "AllowUsersToChangePassword": wanted["allow_users_to_change"],
        "HardExpiry": wanted["hard_expiry"],
    }
    # Zero is no number that AWS takes: unset is said by saying nothing.
    if wanted["max_age_days"]:
        request["MaxPasswordAge"] = wanted["max_age_days"]
    if wanted["reuse_prevention"]:
        request["PasswordReusePrevention"] = wanted["reuse_prevention"]
    cloud.client("iam", account).update_account_password_policy(**request)


def trail(cloud, account, wanted):
    home = wanted["home"]
    client = cloud.client("cloudtrail", account, home)
    bucket = f"logs-{account}-{wanted['name'].lower()}"
    place = {} if home == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": home}}
    cloud.client("s3", account, home).create_bucket(Bucket=bucket, **place)
    request = {
        "Name": wanted["name"],
        "S3BucketName": bucket,
        "IsMultiRegionTrail": wanted["multi_region"],
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": wanted["validation"],
    }
    if wanted["key"]:
        kms = cloud.client("kms", account, home)
        key = kms.create_key(Description="trail")["KeyMetadata"]
        kms.create_alias(AliasName=wanted["key"], TargetKeyId=key["KeyId"])
        kms.enable_key_rotation(KeyId=key["KeyId"])
        if wanted["key_disabled"]:
            kms.disable_key(KeyId=key["KeyId"])
        request["KmsKeyId"] = key["Arn"]
    if wanted["managed"]:
        address = f"{account}/{home}/cloudtrail.trail/{wanted['name']}"
        request["TagsList"] = [{"Key": MANAGED, "Value": address}]
    arn = client.create_trail(**request)["TrailARN"]
    if wanted["selectors"]:
        client.put_event_selectors(TrailName=arn, EventSelectors=wanted["selectors"])
    if wanted["advanced"]:
        client.put_event_selectors(TrailName=arn, AdvancedEventSelectors=wanted["advanced"])
    if wanted["insights"]:
        client.put_insight_selectors(TrailName=arn, InsightSelectors=wanted["insights"])
    if wanted["logging"]:
        client.start_logging(Name=arn)


def key(cloud, account, region, kind):
    kms = cloud.client("kms", account, region)
    if kind == "replica":
        # moto takes a primary for a replica once its replica was described, so the primary
        # lives in a region that no test reads.
        primary = cloud.client("kms", account, UNREAD)
        made = primary.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
        primary.enable_key_rotation(KeyId=made)
        primary.replicate_key(KeyId=made, ReplicaRegion=region)
        return
    request = {}
    if kind in SPECS:
        request = {"KeySpec": SPECS[kind], "KeyUsage": USAGES[kind]}
    if kind == "imported":
        request = {"Origin": "EXTERNAL"}
    made = kms.create_key(**request)["KeyMetadata"]["KeyId"]
    if kind == "on":
        kms.enable_key_rotation(KeyId=made)
    if kind == "disabled":
        kms.disable_key(KeyId=made)
    if kind == "pending":
        kms.schedule_key_deletion(KeyId=made, PendingWindowInDays=30)


def detector(cloud, account, region, wanted):
    if wanted is None:
        return
    # moto lists only features that were ever sent, AWS all of them: so all are sent.
    features = [{"Name": name, "Status": status} for name, status in wanted["features"].items()]
    cloud.client("guardduty", account, region).create_detector(
        Enable=wanted["status"] == "ENABLED",
        FindingPublishingFrequency=wanted["frequency"],
        Features=features,
    )


def furnish(cloud, account):
    """Gives one account the settings of its variants."""
    at = account["id"]
    password(cloud, at, PASSWORDS[account["password"]])
    for wanted in TRAILS[account["trail"]]:
        trail(cloud, at, wanted)
    for region, kinds in [(HOME, account["keys"]), (ABROAD, account["keys_abroad"])]:
        for kind in KEYS[kinds]:
            key(cloud, at, region, kind)
    for region, variant in [(HOME, account["detector"]), (ABROAD, account["detector_abroad"])]:
        detector(cloud, at, region, DETECTORS[variant])


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--seed", type=int)
    options.add_argument("--accounts", type=int, default=24)
    options.add_argument("--cast", help="JSON: accounts with name, ou and the variants that matter")
    given = options.parse_args()
    cast = completed(json.loads(given.cast)) if given.cast else drawn(given.seed, given.accounts)
    cloud = Cloud(given.endpoint)
    made = organization(cloud, cast)
    for account in cast:
        furnish(cloud, account)
    for account in cast:
        if account.get("suspended"):
            cloud.client("organizations").close_account(AccountId=account["id"])
    seeded = {
        "organization": made,
        "management": MANAGEMENT,
        "home": HOME,
        "regions": REGIONS,
        "accounts": cast,
    }
    json.dump(seeded, sys.stdout)


if __name__ == "__main__":
    main()
