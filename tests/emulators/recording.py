"""Has an account record two types of resources in each region, and keep them for a short time."""

import argparse
import json
import sys

from cloud import Cloud


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--account", required=True)
    given = options.parse_args()
    cloud, account = Cloud(given.endpoint), given.account
    bucket = f"config-{account}"
    cloud.client("s3", account, "us-east-1").create_bucket(Bucket=bucket)
    role = f"arn:aws:iam::{account}:role/config"
    group = {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket", "AWS::EC2::Instance"]}
    for region in cloud.regions:
        client = cloud.client("config", account, region)
        recorder = {"name": "theirs", "roleARN": role, "recordingGroup": group}
        client.put_configuration_recorder(ConfigurationRecorder=recorder)
        client.put_delivery_channel(DeliveryChannel={"name": "theirs", "s3BucketName": bucket})
        client.put_retention_configuration(RetentionPeriodInDays=90)
    json.dump({}, sys.stdout)


if __name__ == "__main__":
    main()
