"""The alarms and metric filters of an account; with `--make`, a trail that delivers to a log group first, and with
`--off`, an alarm that does nothing any more."""

import argparse
import json
import sys

from cloud import HOME, Cloud
from settings import alarms

GROUP = "acme"


def make(cloud, account):
    bucket = f"watched-{account}"
    cloud.client("s3", account).create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": HOME})
    cloud.client("logs", account).create_log_group(logGroupName=GROUP)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = cloud.client("iam", account).create_role(RoleName="watched", AssumeRolePolicyDocument=json.dumps(trust))
    trails = cloud.client("cloudtrail", account)
    trails.create_trail(
        Name="watched",
        S3BucketName=bucket,
        IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{HOME}:{account}:log-group:{GROUP}:*",
        CloudWatchLogsRoleArn=role["Role"]["Arn"],
    )
    # moto has no selector where AWS has one of all management events.
    everything = [{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    trails.put_event_selectors(TrailName="watched", EventSelectors=everything)
    trails.start_logging(Name="watched")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--account", required=True)
    options.add_argument("--make", action="store_true")
    options.add_argument("--off", metavar="ALARM")
    given = options.parse_args()
    cloud = Cloud(given.endpoint)
    if given.make:
        make(cloud, given.account)
    if given.off:
        cloud.client("cloudwatch", given.account).disable_alarm_actions(AlarmNames=[given.off])
    json.dump(alarms(cloud, given.account, HOME), sys.stdout)


if __name__ == "__main__":
    main()
