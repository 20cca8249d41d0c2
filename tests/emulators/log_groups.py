"""What an account's trails deliver to, and what there is of it."""

import argparse
import json

from cloud import Cloud, or_none

ROLE = "trueup-trail-logs"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--account", required=True)
    given = options.parse_args()
    cloud = Cloud(given.endpoint)
    trails = cloud.client("cloudtrail", given.account).describe_trails()["trailList"]
    groups = cloud.client("logs", given.account).describe_log_groups()["logGroups"]
    role = or_none(cloud.client("iam", given.account).get_role, "NoSuchEntity", RoleName=ROLE)
    seen = {
        "trails": [
            {
                "name": trail["Name"],
                # moto keeps an empty text where AWS keeps nothing.
                "group": trail.get("CloudWatchLogsLogGroupArn") or None,
                "role": trail.get("CloudWatchLogsRoleArn") or None,
                "validation": trail["LogFileValidationEnabled"],
            }
            for trail in trails
        ],
        "groups": {group["logGroupName"]: group.get("retentionInDays") for group in groups},
        "roles": [ROLE] if role else [],
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
