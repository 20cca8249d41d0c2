"""The topics of an account in the home region, and whom they tell."""

import argparse
import json
import sys

from cloud import Cloud
from settings import topics


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--account", required=True)
    given = options.parse_args()
    cloud = Cloud(given.endpoint)
    found = topics(cloud, given.account, "us-east-1")
    json.dump({name: topic["Told"] for name, topic in found.items()}, sys.stdout, sort_keys=True)


if __name__ == "__main__":
    main()
