"""Reads accounts back for as long as standard input stays open: a question a line, an answer a line, all of it JSON.

A question names the `endpoint`, the `management` account and its `keys`, the `regions` with the home region first,
and `what` of settings.py is to be read at which account (and region, and object): `at`. The answer is `read`, or
`refused` with the reason why there is none. The process holds the other end of the pipe, so this ends with it.
"""

import json
import sys
import traceback

import boto3

import settings
from cloud import Cloud

READS = {
    read.__name__: read
    for read in [
        settings.password,
        settings.trails,
        settings.log_groups,
        settings.keys,
        settings.key_policy,
        settings.detectors,
        settings.buckets,
        settings.contacts,
        settings.users,
        settings.identity,
        settings.ec2_defaults,
        settings.security_groups,
        settings.flow_logs,
        settings.instances,
        settings.account_block,
        settings.analyzers,
        settings.hub,
        settings.topics,
        settings.alarms,
        settings.recorder,
    ]
}


def answer(session, asked):
    cloud = Cloud(asked["endpoint"], asked["management"], asked["keys"], asked["regions"], session)
    return READS[asked["what"]](cloud, *asked["at"])


def main():
    # One session for all questions: it reads the service models once. Clients are those of one question, because
    # a session of a role may have run out until the next.
    session = boto3.Session()
    for line in sys.stdin:
        try:
            said = {"read": answer(session, json.loads(line))}
        except Exception:
            said = {"refused": traceback.format_exc()}
        print(json.dumps(said, default=str), flush=True)


if __name__ == "__main__":
    main()
