"""Everything that moto holds of all accounts, or the JSON of standard input, without what moto draws anew each time, ids,
keys, addresses and times, and in an order that says nothing: the same after runs that came to the same.
"""

import argparse
import json
import re
import sys

DRAWN = re.compile(
    # Accounts, UUIDs, detectors and ETags; the organization, its root and its units; what EC2 and others number.
    r"\b(\d{12}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|o-[a-z0-9]{10,}|r-[a-z0-9]{4}|car-[a-z0-9]+"
    r"|ou-[a-z0-9]{4}-[a-z0-9]{8}|[a-z]{1,12}-[0-9a-f]{8,17}"
    # Identities and their keys; addresses.
    r"|A[A-Z]{3}[A-Z0-9]{16,17}|(?=[a-z]*\d)[a-z0-9]{20}|\d+[.-]\d+[.-]\d+[.-]\d+)\b"
)
TIMES = re.compile(r"date|time|created|modified|updated|changed|expir|mac_address", re.IGNORECASE)
# How often a call was sent that moto does not have.
ATTEMPTS = re.compile(r"sent \d+ times")
# What moto brings along itself, the access lists that it gives each bucket, and the log of requests that it writes.
ITS_OWN = {
    "ec2.Ami",
    "ec2.EC2Backend",
    "ec2.Snapshot",
    "ec2.Volume",
    "iam.AWSManagedPolicy",
    "s3.FakeAcl",
    "s3.FakeGrant",
    "s3.FakeGrantee",
    "s3.FakeKey",
}


def settle(value):
    if isinstance(value, dict):
        kept = [[settle(name), settle(one)] for name, one in value.items() if not TIMES.search(name)]
        return sorted(kept, key=json.dumps)
    if isinstance(value, list):
        return sorted((settle(one) for one in value), key=json.dumps)
    return ATTEMPTS.sub("sent", DRAWN.sub("DRAWN", value)) if isinstance(value, str) else value


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint")
    given = options.parse_args()
    if not given.endpoint:
        json.dump(settle(json.load(sys.stdin)), sys.stdout)
        return
    # Not before, as it takes boto3.
    from dump import models

    kept = {kind: all_of_it for kind, all_of_it in models(given.endpoint).items() if kind not in ITS_OWN}
    json.dump({kind: settle([json.loads(one) for one in all_of_it]) for kind, all_of_it in kept.items()}, sys.stdout)


if __name__ == "__main__":
    main()
