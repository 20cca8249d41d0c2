"""Changes one account behind trueup's back, as a person at the console would."""

import argparse

from cloud import Cloud
from seed import password
from variants import PASSWORDS


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--account", required=True)
    options.add_argument("--password", required=True, choices=PASSWORDS)
    given = options.parse_args()
    password(Cloud(given.endpoint), given.account, PASSWORDS[given.password])


if __name__ == "__main__":
    main()
