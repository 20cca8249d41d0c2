"""Whether new volumes are encrypted, by account and region."""

import argparse
import json
import sys

from cloud import Cloud


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    cloud = Cloud(options.parse_args().endpoint)
    encrypted = lambda account, region: cloud.client("ec2", account, region).get_ebs_encryption_by_default()
    found = {
        account["id"]: {region: encrypted(account["id"], region)["EbsEncryptionByDefault"] for region in cloud.regions}
        for account in cloud.accounts()
    }
    json.dump(found, sys.stdout, sort_keys=True)


if __name__ == "__main__":
    main()
