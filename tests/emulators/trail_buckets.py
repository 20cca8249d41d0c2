"""The bucket of an account's trail and what else it has in S3; with `--make`, a shabby bucket with a trail first."""

import argparse
import json
import sys

from cloud import HOME, Cloud
from settings import buckets


def make(cloud, account, bucket):
    s3 = cloud.client("s3", account)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": HOME})
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    service = {"Service": "cloudtrail.amazonaws.com"}
    arn = f"arn:aws:s3:::{bucket}"
    statements = [
        {"Sid": "Look", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": arn},
        {"Sid": "Write", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": f"{arn}/AWSLogs/{account}/*"},
    ]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    rules = [
        {"ID": name, "Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}}
        for name, prefix, days in [("logs", "AWSLogs/", 30), ("scratch", "tmp/", 1)]
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    trails = cloud.client("cloudtrail", account)
    # moto cannot log the requests of two buckets into one: it breaks at a statement that is for everybody.
    for other in trails.describe_trails()["trailList"]:
        trails.delete_trail(Name=other["Name"])
    trails.create_trail(Name="audit", S3BucketName=bucket)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--account", required=True)
    options.add_argument("--make", action="store_true")
    given = options.parse_args()
    cloud = Cloud(given.endpoint)
    if given.make:
        make(cloud, given.account, f"audit-{given.account}")
    json.dump(buckets(cloud, given.account), sys.stdout, default=str)


if __name__ == "__main__":
    main()
