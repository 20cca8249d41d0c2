"""The topics of an account in its regions, and whom they tell."""

import json

from cloud import one_account
from settings import topics


def main():
    cloud, account, _ = one_account()
    found = {}
    for region in cloud.regions:
        found |= {name: topic["Told"] for name, topic in topics(cloud, account, region).items()}
    print(json.dumps(found, sort_keys=True))


if __name__ == "__main__":
    main()
