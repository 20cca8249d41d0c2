"""The public access block of an account with its buckets, read; or with `--make`, buckets that are public."""

import json
import sys

from cloud import one_account
from settings import account_block


def make(cloud, account):
    s3 = cloud.client("s3", account, "us-east-1")
    for name in ["downloads", "plain", "web"]:
        s3.create_bucket(Bucket=f"{name}-{account}")
    s3.put_bucket_acl(Bucket=f"downloads-{account}", ACL="public-read")


def main():
    cloud, account, making = one_account()
    if making:
        make(cloud, account)
    json.dump(account_block(cloud, account), sys.stdout)


if __name__ == "__main__":
    main()
