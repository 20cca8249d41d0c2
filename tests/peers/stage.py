"""Runs moto as `tests/emulators/server.py` does, with what passes of itself in AWS and never in moto.

One address is beside AWS: `/peers/past` takes (POST) what an account is to remember: when users and
access keys were made and used last, what its root user has, and when a trail delivered. Days are days ago.
"""

import datetime
import json
import os
import sys
from pathlib import Path

EMULATORS = Path(__file__).resolve().parent.parent / "emulators"
# AWS's own policies that a requirement is about. All thousand of them would make each account slow.
POLICIES = ["AdministratorAccess", "AWSCloudShellFullAccess", "AWSSupportAccess", "ReadOnlyAccess"]
ROOT = "<root_account>,arn:aws:iam::{account}:root,{made},{password},{used},{made},not_supported,{mfa},{keys},false,N/A,false,N/A\n"
UNUSED_KEY = "false,N/A,N/A,N/A,N/A"


def ago(days):
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - datetime.timedelta(days=days)


def text(days, otherwise):
    return otherwise if days is None else ago(days).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def remember(past):
    from moto.cloudtrail.models import cloudtrail_backends
    from moto.iam.models import AccessKeyLastUsed, iam_backends

    iam = iam_backends[past["account"]]["aws"]
    for name, was in past.get("users", {}).items():
        user = iam.users[name]
        user.create_date = ago(was["made"])
        user.password_last_used = None if was["used"] is None else ago(was["used"])
        for key, made in zip(user.access_keys, was["keys"], strict=True):
            key.create_date = ago(made["made"])
            key.last_used = None if made["used"] is None else AccessKeyLastUsed(ago(made["used"]), "s3", "us-east-1")
    if root := past.get("root"):
        iam.peers_root = root
        iam.account_summary._account_mfa_enabled = int(root["mfa"])
        iam.account_summary._account_access_keys_present = int(root["key"])
    for trail in past.get("trails", []):
        status = cloudtrail_backends[past["account"]][trail["region"]].trails[trail["name"]].status
        status.peers_delivered = trail["delivered"]


def with_root(report):
    """The credential report, with the row of the root user that AWS's has first."""

    def given(backend):
        head, _, users = report(backend).partition("\n")
        root = getattr(backend, "peers_root", None)
        if root is None:
            return f"{head}\n{users}"
        key = f"true,{text(400, '')},{text(root['used'], 'N/A')},us-east-1,s3" if root["key"] else UNUSED_KEY
        row = ROOT.format(
            account=backend.account_id,
            made=text(500, ""),
            password=str(root["password"]).lower(),
            used=text(root["used"], "no_information"),
            mfa=str(root["mfa"]).lower(),
            keys=f"{key},{UNUSED_KEY}",
        )
        return f"{head}\n{row}{users}"

    return given


def with_delivery(description):
    """The status of a trail, with when something last arrived in its log group."""

    def given(status):
        found = description(status)
        if (days := getattr(status, "peers_delivered", None)) is not None:
            found["LatestCloudWatchLogsDeliveryTime"] = ago(days).replace(tzinfo=datetime.UTC).timestamp()
        return found

    return given


def with_shadows(get_trail):
    """A trail of all regions is known in each of them by its ARN, selectors and all; moto knows it in its home."""

    def given(backend, name):
        shadows = backend.describe_trails(include_shadow_trails=True)
        return next((trail for trail in shadows if trail.arn == name), None) or get_trail(backend, name)

    return given


def patched():
    """moto, after what it leaves out was added."""
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    from moto.cloudtrail.models import CloudTrailBackend, TrailStatus
    from moto.iam import models

    every = json.loads(models.aws_managed_policies_data)
    models.aws_managed_policies_data = json.dumps({name: every[name] for name in POLICIES})
    models.IAMBackend.get_credential_report = with_root(models.IAMBackend.get_credential_report)
    CloudTrailBackend.get_trail = with_shadows(CloudTrailBackend.get_trail)
    TrailStatus.description = with_delivery(TrailStatus.description)


def main():
    sys.path.insert(0, str(EMULATORS))
    import server

    patched()

    class Stage(server.Recorder):
        def __call__(self, environ, start_response):
            if environ["PATH_INFO"] != "/peers/past":
                return super().__call__(environ, start_response)
            remember(json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
            start_response("200 OK", [("Content-Length", "0")])
            return [b""]

    server.Recorder = Stage
    server.main()


if __name__ == "__main__":
    main()
