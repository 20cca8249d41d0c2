"""Everything that moto holds of all accounts, in a fixed order: equal dumps mean nothing was written.

What every AssumeRole leaves behind (sessions and their keys) is left out, and the counts
that moto derives from the rest.
"""

import argparse
import json
import sys
import urllib.request

from cloud import HOME, Cloud, or_none
from read import world

PASSING = {("iam", "AccessKey"), ("iam", "AccountSummary"), ("sts", "AssumedRole")}


def models(endpoint):
    """moto's own account of its state: every object of every service, however it was made."""
    with urllib.request.urlopen(f"{endpoint}/moto-api/data.json") as answer:
        services = json.load(answer)
    kept = {}
    for service, kinds in services.items():
        for kind, instances in kinds.items():
            if instances and (service, kind) not in PASSING:
                kept[f"{service}.{kind}"] = sorted(json.dumps(one, sort_keys=True) for one in instances)
    return kept


def buckets(cloud, account):
    """What moto's own account leaves out of a bucket."""
    client = cloud.client("s3", account, HOME)
    found = {}
    for bucket in client.list_buckets()["Buckets"]:
        at = {"Bucket": bucket["Name"]}
        answers = {
            "location": client.get_bucket_location(**at),
            "versioning": client.get_bucket_versioning(**at),
            "policy": or_none(client.get_bucket_policy, "NoSuchBucketPolicy", **at),
            "encryption": or_none(
                client.get_bucket_encryption, "ServerSideEncryptionConfigurationNotFoundError", **at
            ),
            "public": or_none(client.get_public_access_block, "NoSuchPublicAccessBlockConfiguration", **at),
            "tags": or_none(client.get_bucket_tagging, "NoSuchTagSet", **at),
        }
        for answer in filter(None, answers.values()):
            answer.pop("ResponseMetadata")
        found[bucket["Name"]] = answers
    return found


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    given = options.parse_args()
    cloud = Cloud(given.endpoint)
    seen = world(cloud)
    for account in seen["accounts"]:
        account["buckets"] = buckets(cloud, account["id"])
    json.dump({"world": seen, "models": models(given.endpoint)}, sys.stdout, sort_keys=True)


if __name__ == "__main__":
    main()
