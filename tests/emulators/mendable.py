"""Has one account of moto fall short of every requirement that mendable.rs mends there."""

import argparse
import json
import urllib.request

import identities
import networks
from cloud import Cloud
from trail_buckets import make as shabby_trail
from variants import FEATURES

SHELLS = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def people(cloud, account):
    iam = cloud.client("iam", account)
    iam.create_user(UserName="left")
    iam.create_access_key(UserName="left")
    urllib.request.urlopen(urllib.request.Request(f"{cloud.endpoint}/trueup/older/200", method="POST")).read()
    # Who came since is not unused.
    identities.make(iam)
    iam.create_group(GroupName="ops")
    iam.create_role(RoleName="dev", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_group_policy(GroupName="ops", PolicyArn=SHELLS)
    iam.attach_role_policy(RoleName="dev", PolicyArn=SHELLS)
    # moto says of every certificate that it ran out in 2012.
    iam.upload_server_certificate(ServerCertificateName="old", CertificateBody="old", PrivateKey="old")


def trail(cloud, account):
    shabby_trail(cloud, account, f"audit-{account}")
    writes = [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    cloud.client("cloudtrail", account).put_event_selectors(TrailName="audit", EventSelectors=writes)


def keys(cloud, account, region):
    kms = cloud.client("kms", account, region)
    kms.create_key(Description="still")
    dying = kms.create_key(Description="dying")["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=dying)
    kms.schedule_key_deletion(KeyId=dying, PendingWindowInDays=30)


def detector(cloud, account, region):
    off = [{"Name": name, "Status": "DISABLED"} for name in [*FEATURES, "AI_PROTECTION"]]
    cloud.client("guardduty", account, region).create_detector(
        Enable=False, FindingPublishingFrequency="SIX_HOURS", Features=off
    )


def instance(ec2):
    # In a group of its own: the rules of a default group that is in use are left to a person.
    group = ec2.create_security_group(GroupName="web", Description="web")["GroupId"]
    ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SecurityGroupIds=[group])


def service_role(iam):
    # moto spells the name of the role otherwise where the service makes it.
    trust = json.dumps(TRUST).replace("ec2.", "config.")
    path = "/aws-service-role/config.amazonaws.com/"
    iam.create_role(RoleName="AWSServiceRoleForConfig", Path=path, AssumeRolePolicyDocument=trust)


def deliverer(iam):
    trust = json.dumps(TRUST).replace("ec2.", "vpc-flow-logs.")
    iam.create_role(RoleName="flows", AssumeRolePolicyDocument=trust)


def recorder(cloud, account, region, bucket):
    config = cloud.client("config", account, region)
    group = {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket", "AWS::EC2::Instance"]}
    theirs = {"name": "theirs", "roleARN": f"arn:aws:iam::{account}:role/config", "recordingGroup": group}
    config.put_configuration_recorder(ConfigurationRecorder=theirs)
    config.put_delivery_channel(DeliveryChannel={"name": "theirs", "s3BucketName": bucket})
    config.put_retention_configuration(RetentionPeriodInDays=90)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--account", required=True)
    given = options.parse_args()
    cloud, account = Cloud(given.endpoint), given.account
    people(cloud, account)
    trail(cloud, account)
    networks.make(cloud.client("ec2", account))
    instance(cloud.client("ec2", account))
    service_role(cloud.client("iam", account))
    deliverer(cloud.client("iam", account))
    bucket = f"config-{account}"
    cloud.client("s3", account, "us-east-1").create_bucket(Bucket=bucket)
    for region in cloud.regions:
        keys(cloud, account, region)
        detector(cloud, account, region)
        recorder(cloud, account, region, bucket)
        cloud.client("logs", account, region).create_log_group(logGroupName="flows")


if __name__ == "__main__":
    main()
