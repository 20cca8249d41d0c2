"""The states of an account's keys in a region; with `--make`, of one whose deletion was scheduled as well."""

import argparse
import json
import sys

from cloud import Cloud


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--account", required=True)
    options.add_argument("--make", action="store_true")
    given = options.parse_args()
    kms = Cloud(given.endpoint).client("kms", given.account)
    if given.make:
        made = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.schedule_key_deletion(KeyId=made, PendingWindowInDays=7)
    listed = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    json.dump([kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in listed], sys.stdout)


if __name__ == "__main__":
    main()
