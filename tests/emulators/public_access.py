"""The public access block of an account with its buckets, read; or with `--make`, buckets that are public."""

import argparse
import json
import sys

from cloud import Cloud
from settings import account_block


def make(cloud, account):
    s3 = cloud.client("s3", account, "us-east-1")
    for name in ["downloads", "plain", "web"]:
        s3.create_bucket(Bucket=f"{name}-{account}")
    s3.put_bucket_acl(Bucket=f"downloads-{account}", ACL="public-read")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--account", required=True)
    options.add_argument("--make", action="store_true")
    given = options.parse_args()
    cloud = Cloud(given.endpoint)
    if given.make:
        make(cloud, given.account)
    json.dump(account_block(cloud, given.account), sys.stdout)


if __name__ == "__main__":
    main()
