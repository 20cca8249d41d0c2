"""Runs moto as `tests/emulators/server.py` does, with what the comparison needs and moto leaves out.

That is what happens of itself in AWS, and a few answers without which a scanner passes over what it judges.
One address is beside AWS: `/peers/past` takes (POST) what an account is to remember: when users and
access keys were made and used last, what its root user has, when a trail delivered, how a recorder got on, and in
which buckets the root user has switched MFA delete on. Days are days ago.
"""

import datetime
import json
import sys
from pathlib import Path

import defaults

EMULATORS = Path(__file__).resolve().parent.parent / "emulators"
FORMER = ["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION"]
ROOT = (
    "<root_account>,arn:aws:iam::{account}:root,{made},{password},{used},{made},not_supported,{mfa},"
    "{keys},false,N/A,false,N/A\n"
)
UNUSED_KEY = "false,N/A,N/A,N/A,N/A"


def ago(days):
    # Like AWS, to the second.
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)
    return now - datetime.timedelta(days=days)


def text(days, otherwise):
    return otherwise if days is None else ago(days).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def remember(past):
    from moto.cloudtrail.models import cloudtrail_backends
    from moto.config.models import config_backends
    from moto.iam.models import AccessKeyLastUsed, iam_backends
    from moto.s3.models import s3_backends

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
    for recorder in past.get("recorders", []):
        recorders = config_backends[past["account"]][recorder["region"]].recorders
        recorders[recorder["name"]].status.last_status = recorder["last"]
    for bucket in past.get("mfa_delete", []):
        s3_backends[past["account"]]["aws"].buckets[bucket].peers_mfa_delete = True


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


def with_insights(description):
    """A trail, with whether Insights is on: moto says of every trail that it is not."""

    def given(trail, *rest, **more):
        return {**description(trail, *rest, **more), "HasInsightSelectors": bool(trail.insight_selectors)}

    return given


def with_data_sources(to_json):
    """A detector, with the three features that it also tells by their former names."""

    def given(detector):
        on = {feature["name"] for feature in detector.features if feature["status"] == "ENABLED"}
        told = {name: {"status": "ENABLED" if name in on else "DISABLED"} for name in FORMER}
        volumes = {"ebsVolumes": told["EBS_MALWARE_PROTECTION"]}
        sources = {
            "s3Logs": told["S3_DATA_EVENTS"],
            "kubernetes": {"auditLogs": told["EKS_AUDIT_LOGS"]},
            "malwareProtection": {"scanEc2InstanceWithFindings": volumes},
        }
        found = to_json(detector)
        return {**found, "dataSources": {**found["dataSources"], **sources}}

    return given


def with_expiry(listing):
    """The listing of server certificates: moto has one date for all, so that of a lasting one is put right."""

    def given(response):
        answer = listing(response)
        for certificate in answer.result["ServerCertificateMetadataList"]:
            if certificate["ServerCertificateName"] == "lasting":
                certificate["Expiration"] = ago(-365)
        return answer

    return given


def enabled_standards(response):
    """The standards of a hub. moto keeps none, so whoever enables a hub says by a tag whether it has any."""
    backend = response.securityhub_backend
    name = "ruleset/cis-aws-foundations-benchmark/v/1.2.0"
    subscription = f"arn:aws:securityhub:{backend.region_name}:{backend.account_id}:subscription/{name[8:]}"
    standard = {"StandardsSubscriptionArn": subscription, "StandardsArn": f"arn:aws:securityhub:::{name}"}
    standard |= {"StandardsInput": {}, "StandardsStatus": "READY"}
    return json.dumps({"StandardsSubscriptions": [standard] if backend.tags.get("standards") else []})


def versioning(response):
    """The versioning of a bucket, by AWS's element: moto has another, and does not know of a second factor."""
    bucket = response.backend.get_bucket(response.bucket_name)
    response.data["Action"] = "GetBucketVersioning"
    status = response.backend.get_bucket_versioning(response.bucket_name)
    said = f"<Status>{status}</Status>" if status else ""
    if getattr(bucket, "peers_mfa_delete", False):
        said += "<MfaDelete>Enabled</MfaDelete>"
    space = "http://s3.amazonaws.com/doc/2006-03-01/"
    return 200, {}, f'<VersioningConfiguration xmlns="{space}">{said}</VersioningConfiguration>'


def with_shadows(get_trail):
    """A trail of all regions is known in each of them by its ARN, selectors and all; moto knows it in its home."""

    def given(backend, name_or_arn):
        shadows = backend.describe_trails(include_shadow_trails=True)
        return next((trail for trail in shadows if trail.arn == name_or_arn), None) or get_trail(backend, name_or_arn)

    return given


def patched():
    """moto, after what it leaves out was added."""
    from moto.cloudtrail.models import CloudTrailBackend, Trail, TrailStatus
    from moto.core.responses import ActionResult
    from moto.ec2.responses import EC2Response
    from moto.guardduty.models import Detector
    from moto.iam import models
    from moto.iam.responses import IamResponse
    from moto.s3.responses import S3Response
    from moto.securityhub import responses as hub
    from moto.securityhub import urls

    models.IAMBackend.get_credential_report = with_root(models.IAMBackend.get_credential_report)
    CloudTrailBackend.get_trail = with_shadows(CloudTrailBackend.get_trail)
    for name, operation in defaults.operations(ActionResult).items():
        setattr(EC2Response, name, operation)
    S3Response.get_bucket_versioning = versioning
    IamResponse.list_server_certificates = with_expiry(IamResponse.list_server_certificates)
    hub.SecurityHubResponse.get_enabled_standards = enabled_standards
    hub.SecurityHubResponse.list_enabled_products_for_import = lambda _: json.dumps({"ProductSubscriptions": []})
    for path in ("standards/get", "productSubscriptions"):
        urls.url_paths[f"{{0}}/{path}$"] = hub.SecurityHubResponse.dispatch
    Detector.to_json = with_data_sources(Detector.to_json)
    Trail.description = with_insights(Trail.description)
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
