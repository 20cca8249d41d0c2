"""Least privilege on MiniStack, whose IAM others wrote: with the printed policies plan and apply pass; then every
action is taken out, one at a time, and the run without it has to come to less and to name it.

The baseline asks for what MiniStack has and weighs as AWS does. It has no GuardDuty; it weighs a key that is named by
its alias on the alias, and the tags of trails on everything, so no key has an alias and no trail is known by its tags;
and it speaks plain HTTP, which the policy of a bucket that trueup makes denies, so the trails are there already.

Prints JSON: how the runs with everything ended, how many actions there are, and those whose absence changed nothing.
"""

import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
from botocore.config import Config

MANAGEMENT = "123456789012"
HOME = "us-east-1"
CALLER = "trueup"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:user/{CALLER}"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "proof-of-policies"}},
        }
    ],
}
BASELINE = """\
version: 1
name: proof
organization: {organization}
access:
  read_role: trueup-read
  write_role: trueup-write
  management_role: trueup-read
  external_id: proof-of-policies
  accounts: {{ "{management}": {{ write_role: trueup-write }} }}
management_account: include
regions: [us-east-1]
controls:
  iam.password_policy: {{ minimum_length: 14, require_symbols: true }}
  kms.key_rotation: {{ enabled: true }}
  cloudtrail.trail:
    scope: account
    name: audit
    multi_region: true
    logging: true
    management_events: true
    log_file_validation: true
"""


def end_with_parent():
    """However this process ends, what it has started ends with it: Linux alone can promise that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Ministack:
    """A running MiniStack; it ends with this process."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        program = pathlib.Path(sys.executable).parent / "ministack"
        settings = {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_ACCOUNT_ID": MANAGEMENT,
            "DOCKER_HOST": "unix:///nonexistent",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "AUTH": "true",
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        }
        silent = subprocess.DEVNULL
        self.child = subprocess.Popen(
            [program], env=settings, stdin=silent, stdout=silent, stderr=silent, preexec_fn=end_with_parent
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{self.endpoint}/_ministack/health").read()
                return
            except OSError:
                if self.child.poll() is not None or time.monotonic() > deadline:
                    sys.exit("MiniStack does not listen")
                time.sleep(0.05)

    def client(self, service, account):
        """A client of an account's root: its key is the account's id."""
        return boto3.client(
            service,
            region_name=HOME,
            endpoint_url=self.endpoint,
            aws_access_key_id=account,
            aws_secret_access_key="root",
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
        )

    def reset(self):
        urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/_ministack/reset", method="POST")).read()


class Stage:
    """An organization of one member that drifts, and the binary that may do what it printed."""

    def __init__(self, ministack, binary, folder):
        self.ministack, self.binary, self.folder = ministack, binary, folder
        ministack.reset()
        # Runs of earlier stages set the same in the same account: what comes back so often would be contested.
        shutil.rmtree(folder / ".local", ignore_errors=True)
        organizations = ministack.client("organizations", MANAGEMENT)
        organization = organizations.describe_organization()["Organization"]["Id"]
        made = organizations.create_account(Email="one@example.com", AccountName="one")
        self.member = made["CreateAccountStatus"]["AccountId"]
        iam = ministack.client("iam", MANAGEMENT)
        iam.create_user(UserName=CALLER)
        self.key = iam.create_access_key(UserName=CALLER)["AccessKey"]
        (folder / "baseline.yaml").write_text(BASELINE.format(organization=organization, management=MANAGEMENT))
        self.policies = {}
        for account, kind in ((MANAGEMENT, "management"), (self.member, "member")):
            printed = json.loads(
                self.run("permissions", "-b", "baseline.yaml", "--apply", "--format", "json", "--account", account).stdout
            )
            for policy in printed["policies"]:
                holder = policy["holder"]
                if holder.endswith(kind) or (holder == "caller" and kind == "management"):
                    self.policies[holder] = (account, [document["policy"] for document in policy["documents"]])
        for holder, (account, documents) in self.policies.items():
            if holder != "caller":
                iam = ministack.client("iam", account)
                iam.create_role(RoleName=role_of(holder), AssumeRolePolicyDocument=json.dumps(TRUST))
            self.grant(holder)
        self.drift()

    def drift(self):
        for account in (MANAGEMENT, self.member):
            client = lambda service: self.ministack.client(service, account)
            client("kms").create_key(Description="application data")
            bucket = f"audit-{account}"
            client("s3").create_bucket(Bucket=bucket)
            trails = client("cloudtrail")
            trails.create_trail(Name="audit", S3BucketName=bucket)
            writes = [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
            trails.put_event_selectors(TrailName="audit", EventSelectors=writes)

    def grant(self, holder, without=None):
        account, documents = self.policies[holder]
        iam = self.ministack.client("iam", account)
        for number, document in enumerate(documents):
            text = json.dumps(anywhere(less(document, without)))
            name = f"printed-{number}"
            if holder == "caller":
                iam.put_user_policy(UserName=CALLER, PolicyName=name, PolicyDocument=text)
            else:
                iam.put_role_policy(RoleName=role_of(holder), PolicyName=name, PolicyDocument=text)

    def run(self, *arguments):
        return subprocess.run(
            [self.binary, *arguments],
            cwd=self.folder,
            env={
                "HOME": str(self.folder),
                "AWS_ACCESS_KEY_ID": self.key["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": self.key["SecretAccessKey"],
                "AWS_REGION": HOME,
                "AWS_ENDPOINT_URL": self.ministack.endpoint,
                "AWS_MAX_ATTEMPTS": "1",
                "AWS_EC2_METADATA_DISABLED": "true",
            },
            capture_output=True,
            text=True,
        )

    def plan(self):
        return self.run(
            "plan", "-b", "baseline.yaml", "--out", "plan.json", "--format", "json"
        )

    def apply(self):
        return self.run("apply", "plan.json", "--allow", "cost,disruptive", "--format", "json")


def role_of(holder):
    return "trueup-" + holder.split("-")[0]


def less(document, without):
    """The document without an action; a statement that would be empty goes away."""
    statements = [dict(one) for one in document["Statement"]]
    for one in statements:
        if one["Effect"] == "Allow":
            one["Action"] = [action for action in one["Action"] if action != without]
    return {**document, "Statement": [one for one in statements if one["Action"]]}


def actions(documents):
    allowed = [one for document in documents for one in document["Statement"] if one["Effect"] == "Allow"]
    return sorted({action for one in allowed for action in one["Action"]})


def texts(done):
    """Every text that a run printed."""

    def walk(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            for one in value:
                yield from walk(one)
        elif isinstance(value, dict):
            yield from walk(list(value.values()))

    yield from done.stderr.splitlines()
    if done.stdout:
        yield from walk(json.loads(done.stdout))


def said(done):
    """What a run came to, without what differs from run to run."""
    value = json.loads(done.stdout) if done.stdout else {}
    outcomes = [one["outcome"] for one in value.get("outcomes", [])]
    return [done.returncode, outcomes, value.get("complete"), value.get("warnings"), value.get("summary")]


def main():
    ministack = Ministack()
    binary = pathlib.Path(sys.argv[1]).resolve()
    not_needed, every = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        stage = Stage(ministack, binary, folder)
        for holder, (_, documents) in sorted(stage.policies.items()):
            every += [(holder, action) for action in actions(documents)]
        planned = stage.plan()
        for holder, action in every:
            if not by_apply(holder, action):
                stage.grant(holder, without=action)
                if not fails(stage, holder, action, stage.plan(), planned):
                    not_needed.append(f"{holder} {action}")
                stage.grant(holder)
        stage.plan()
        applied = stage.apply()
        for holder, action in every:
            if by_apply(holder, action):
                stage = Stage(ministack, binary, folder)
                stage.plan()
                stage.grant(holder, without=action)
                if not fails(stage, holder, action, stage.apply(), applied):
                    not_needed.append(f"{holder} {action}")
    ministack.child.kill()
    whole = {"planned": planned.returncode, "applied": applied.returncode, "outcomes": said(applied)[1]}
    print(json.dumps({**whole, "actions": len(every), "not_needed": not_needed}))


def anywhere(document):
    """The same, with DescribeAccount for whichever account: MiniStack asks for it without saying which one is meant."""
    of = lambda statement: "*" if "organizations:DescribeAccount" in statement["Action"] else statement["Resource"]
    return {**document, "Statement": [{**statement, "Resource": of(statement)} for statement in document["Statement"]]}


def by_apply(holder, action):
    """Whether an apply asks for it, and no plan."""
    return holder.startswith("write") or action == "organizations:DescribeAccount"


def fails(stage, holder, action, done, before):
    """Whether the run came to less than with everything, and named the action and an account of its holder."""
    accounts = [MANAGEMENT] if holder.endswith("management") else [stage.member, MANAGEMENT]
    known = set(texts(before))
    named = any(
        action in text and text not in known and any(account in text for account in accounts) for text in texts(done)
    )
    return named and said(done) != said(before)


if __name__ == "__main__":
    main()
