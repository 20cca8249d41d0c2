"""Everything that moto holds of all accounts, in a fixed order: equal dumps mean nothing was written.

What every AssumeRole leaves behind (sessions and their keys) is left out, and the counts
that moto derives from the rest.
"""

import argparse
import json
import sys
import urllib.request

from cloud import Cloud
from read import world
from settings import buckets

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


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    given = options.parse_args()
    cloud = Cloud(given.endpoint)
    seen = world(cloud)
    for account in seen["accounts"]:
        # What moto's own account leaves out of a bucket.
        account["buckets"] = buckets(cloud, account["id"])
    json.dump({"world": seen, "models": models(given.endpoint)}, sys.stdout, sort_keys=True)


if __name__ == "__main__":
    main()
