"""The states of an account's keys in a region; with `--make`, of one whose deletion was scheduled as well."""

import json
import sys

from cloud import one_account


def main():
    cloud, account, making = one_account()
    kms = cloud.client("kms", account)
    if making:
        made = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.schedule_key_deletion(KeyId=made, PendingWindowInDays=7)
    listed = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    json.dump([kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in listed], sys.stdout)


if __name__ == "__main__":
    main()
