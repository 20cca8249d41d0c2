"""Does the same things on the simulator and on another emulator, and writes down what each answers.

One line of JSON for each step: its name, and the answer or the code of the refusal. Ids are replaced by words and
times are left out, so that two emulators that behave alike write the same lines. Starts from an organization whose
management account is the only one; where there is none yet, it is created.
"""

import argparse
import datetime
import json
import re

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HOME = "us-east-1"
ABROAD = "eu-west-1"
ABSENT = "00000000-0000-4000-8000-000000000000"
CONFIG = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=False)
PATTERNS = [
    (r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "<uuid>"),
    (r"\bou-[0-9a-z]{4}-[0-9a-z]{8}\b", "<unit>"),
    (r"\bo-[0-9a-z]{10,32}\b", "<organization>"),
    (r"\br-[0-9a-z]{4}\b", "<root>"),
    (r"\bcar-[0-9a-z]{8,32}\b", "<request>"),
    (r"\bp-[0-9a-z]{8}\b", "<policy>"),
    (r"\bAROA[0-9A-Z]{16,17}\b", "<role id>"),
    (r"\b[0-9a-f]{32}\b", "<hex>"),
    (r"\b[0-9]{12}\b", "<account>"),
]


class Overlap:
    """Both sides' clients, and the words for the ids that came up."""

    def __init__(self, endpoint, access_key, secret):
        self.endpoint = endpoint
        self.session = boto3.Session(region_name=HOME)
        self.keys = {None: {"aws_access_key_id": access_key, "aws_secret_access_key": secret}}
        self.words = {}
        self.whole = {}
        self.clients = {}

    def client(self, service, account=None, region=HOME):
        key = (service, account, region)
        if key not in self.clients:
            if account not in self.keys:
                arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
                given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="overlap")["Credentials"]
                self.keys[account] = {
                    "aws_access_key_id": given["AccessKeyId"],
                    "aws_secret_access_key": given["SecretAccessKey"],
                    "aws_session_token": given["SessionToken"],
                }
            self.clients[key] = self.session.client(
                service, region_name=region, endpoint_url=self.endpoint, config=CONFIG, **self.keys[account]
            )
        return self.clients[key]

    def named(self, word, identity):
        """Gives an id a word of its own."""
        self.words[identity] = f"<{word}>"
        return identity

    def step(self, name, call, **request):
        """Does one thing and writes down what came of it; answers the answer, or nothing."""
        try:
            answer = call(**request)
        except ClientError as error:
            self.write(name, code=error.response["Error"]["Code"])
            return None
        answer.pop("ResponseMetadata", None)
        self.write(name, answer=answer)
        return answer

    def write(self, name, **said):
        print(json.dumps({"step": name, **{kind: self.plain(value) for kind, value in said.items()}}, sort_keys=True))

    def plain(self, value):
        if isinstance(value, dict):
            kept = {key: self.plain(one) for key, one in value.items() if not isinstance(one, datetime.datetime)}
            # What is empty says no more than what is not there.
            return {self.plain(key): one for key, one in kept.items() if one not in (None, "", [], {})}
        if isinstance(value, list):
            return sorted((self.plain(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
        if not isinstance(value, str):
            return value
        if value.startswith("{"):
            return self.plain(json.loads(value))
        # Times stand in some texts too, and tell nothing.
        if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z?", value):
            return "<time>"
        value = self.whole.get(value, value)
        for identity, word in self.words.items():
            value = value.replace(identity, word)
        for pattern, word in PATTERNS:
            value = re.sub(pattern, word, value)
        return value


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def organizations(on):
    client = on.client("organizations")
    try:
        organization = client.describe_organization()["Organization"]
    except client.exceptions.AWSOrganizationsNotInUseException:
        organization = client.create_organization(FeatureSet="ALL")["Organization"]
    on.named("management", organization["MasterAccountId"])
    account = client.describe_account(AccountId=organization["MasterAccountId"])["Account"]
    # How an emulator calls the account that it starts with is its own affair.
    on.whole = {account["Email"]: "<address>", account["Name"]: "<name>"}
    on.step("describe the organization", client.describe_organization)
    root = on.step("list roots", client.list_roots)["Roots"][0]["Id"]
    units = {}
    for name, parent in [("Company", root), ("Payments", "Company")]:
        made = on.step(f"create unit {name}", client.create_organizational_unit,
                       ParentId=units.get(parent, parent), Name=name)
        units[name] = on.named(name, made["OrganizationalUnit"]["Id"])
    on.step("create a unit twice", client.create_organizational_unit, ParentId=root, Name="Company")
    on.step("create a unit in no parent", client.create_organizational_unit, ParentId="ou-aaaa-aaaaaaaa", Name="Lost")
    on.step("list units", client.list_organizational_units_for_parent, ParentId=units["Company"])
    accounts = {}
    for name in ["one", "two"]:
        made = on.step(f"create account {name}", client.create_account, AccountName=name, Email=f"{name}@example.com")
        request = made["CreateAccountStatus"]["Id"]
        status = client.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
        accounts[name] = on.named(name, status["AccountId"])
        on.write(f"status of the creation of {name}", answer=status)
    on.step("status of no creation", client.describe_create_account_status, CreateAccountRequestId="car-" + "0" * 32)
    one = accounts["one"]
    on.step("list accounts", client.list_accounts)
    on.step("move an account", client.move_account,
            AccountId=one, SourceParentId=root, DestinationParentId=units["Payments"])
    on.step("move an account to nowhere", client.move_account,
            AccountId=accounts["two"], SourceParentId=root, DestinationParentId="ou-aaaa-aaaaaaaa")
    on.step("list parents", client.list_parents, ChildId=one)
    on.step("list accounts of a unit", client.list_accounts_for_parent, ParentId=units["Payments"])
    on.step("describe no account", client.describe_account, AccountId="999999999999")
    on.step("ask as a member for accounts", on.client("organizations", one).list_accounts)
    on.step("ask as a member for the organization", on.client("organizations", one).describe_organization)
    return one, accounts["two"], root


def governance(on, one, two, root):
    client = on.client("organizations")
    service = {"ServicePrincipal": "guardduty.amazonaws.com"}
    on.step("delegate without trusted access", client.register_delegated_administrator,
            AccountId=two, ServicePrincipal="ssm.amazonaws.com")
    on.step("trust a service", client.enable_aws_service_access, **service)
    on.step("list trusted services", client.list_aws_service_access_for_organization)
    on.step("delegate", client.register_delegated_administrator, AccountId=one, **service)
    on.step("delegate twice", client.register_delegated_administrator, AccountId=one, **service)
    on.step("list delegates of a service", client.list_delegated_administrators, **service)
    on.step("list delegated services", client.list_delegated_services_for_account, AccountId=one)
    on.step("end the delegation", client.deregister_delegated_administrator, AccountId=one, **service)
    kind = "SERVICE_CONTROL_POLICY"
    content = document({"Effect": "Deny", "Action": "iam:DeleteAccountPasswordPolicy", "Resource": "*"})
    made = on.step("create a service control policy", client.create_policy,
                   Name="guard", Description="guard", Type=kind, Content=content)
    attachment = {"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": one}
    on.step("enable a policy type", client.enable_policy_type, RootId=root, PolicyType=kind)
    on.step("enable a policy type twice", client.enable_policy_type, RootId=root, PolicyType=kind)
    on.step("attach a policy", client.attach_policy, **attachment)
    on.step("list policies of an account", client.list_policies_for_target, TargetId=one, Filter=kind)
    on.step("do what a service control policy denies", on.client("iam", one).delete_account_password_policy)
    on.step("detach a policy", client.detach_policy, **attachment)
    on.step("detach a policy twice", client.detach_policy, **attachment)


def pages(on):
    client = on.client("organizations")
    for number in range(22):
        client.create_account(AccountName=f"more-{number}", Email=f"more-{number}@example.com")
    sizes = [len(page["Accounts"]) for page in client.get_paginator("list_accounts").paginate()]
    on.write("list pages of accounts", answer={"largest": max(sizes), "all": sum(sizes)})
    on.step("list from no page", client.list_accounts, NextToken="elsewhere")


def sessions(on, one):
    client = on.client("sts")
    on.step("who am I in a member", on.client("sts", one).get_caller_identity)
    request = {"RoleArn": f"arn:aws:iam::{one}:role/OrganizationAccountAccessRole", "RoleSessionName": "overlap"}
    on.step("assume an absent role", client.assume_role, **{**request, "RoleArn": request["RoleArn"] + "s"})
    on.step("assume for too short", client.assume_role, **request, DurationSeconds=60)
    on.step("assume for longer than the role allows", client.assume_role, **request, DurationSeconds=7200)
    on.step("assume with no policy for one", client.assume_role, **request, Policy="nothing")


def passwords(on, one, two):
    iam = on.client("iam", one)
    on.step("password policy at first", iam.get_account_password_policy)
    on.step("set a password policy", iam.update_account_password_policy,
            MinimumPasswordLength=14, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True,
            RequireLowercaseCharacters=True, AllowUsersToChangePassword=True, MaxPasswordAge=90,
            PasswordReusePrevention=24, HardExpiry=False)
    on.step("password policy that was set", iam.get_account_password_policy)
    on.step("set a part of a password policy", iam.update_account_password_policy, RequireSymbols=True)
    on.step("password policy that was set in part", iam.get_account_password_policy)
    for member, value in [("MinimumPasswordLength", 5), ("MinimumPasswordLength", 129), ("MaxPasswordAge", 0),
                          ("MaxPasswordAge", 1096), ("PasswordReusePrevention", 0), ("PasswordReusePrevention", 25)]:
        # In an account whose policy is not looked at.
        set_policy = on.client("iam", two).update_account_password_policy
        on.step(f"set {member} to {value}", set_policy, **{member: value})
    on.step("delete a password policy", iam.delete_account_password_policy)
    on.step("delete a password policy twice", iam.delete_account_password_policy)


def roles(on, one):
    iam = on.client("iam", one)
    trust = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    role, policy = {"RoleName": "watcher"}, "arn:aws:iam::aws:policy/SecurityAudit"
    on.step("create a role", iam.create_role, **role, AssumeRolePolicyDocument=trust)
    on.step("create a role twice", iam.create_role, **role, AssumeRolePolicyDocument=trust)
    on.step("create a role that trusts nothing", iam.create_role, RoleName="bad", AssumeRolePolicyDocument="{}")
    on.step("get a role", iam.get_role, **role)
    on.step("get an absent role", iam.get_role, RoleName="absent")
    on.step("attach a managed policy", iam.attach_role_policy, **role, PolicyArn=policy)
    on.step("attach an absent policy", iam.attach_role_policy, **role, PolicyArn=policy + "s")
    inline = document({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"})
    on.step("put an inline policy", iam.put_role_policy, **role, PolicyName="in", PolicyDocument=inline)
    on.step("get an inline policy", iam.get_role_policy, **role, PolicyName="in")
    on.step("put no policy inline", iam.put_role_policy, **role, PolicyName="bad", PolicyDocument="nothing")
    on.step("delete a role that has policies", iam.delete_role, **role)
    on.step("detach what is not attached", iam.detach_role_policy, **role, PolicyArn=policy + "s")
    on.step("delete an inline policy", iam.delete_role_policy, **role, PolicyName="in")
    on.step("detach a managed policy", iam.detach_role_policy, **role, PolicyArn=policy)
    on.step("delete a role", iam.delete_role, **role)
    made = on.step("create a service-linked role", iam.create_service_linked_role,
                   AWSServiceName="cloudtrail.amazonaws.com")
    on.step("change a service-linked role", iam.put_role_policy,
            RoleName=made["Role"]["RoleName"], PolicyName="more", PolicyDocument=inline)


def keys(on, one):
    kms = on.client("kms", one)
    made = on.step("create a key", kms.create_key, Description="data")["KeyMetadata"]
    key = {"KeyId": on.named("key", made["KeyId"])}
    on.step("describe a key", kms.describe_key, KeyId=made["Arn"])
    on.step("describe an absent key", kms.describe_key, KeyId=ABSENT)
    on.step("list keys", kms.list_keys)
    alias = {"AliasName": "alias/data"}
    on.step("create an alias", kms.create_alias, **alias, TargetKeyId=key["KeyId"])
    on.step("create an alias twice", kms.create_alias, **alias, TargetKeyId=key["KeyId"])
    on.step("list aliases of a key", kms.list_aliases, **key)
    on.step("create a reserved alias", kms.create_alias, AliasName="alias/aws/own", TargetKeyId=key["KeyId"])
    on.step("rotation at first", kms.get_key_rotation_status, **key)
    on.step("rotate a key", kms.enable_key_rotation, **key)
    on.step("rotation that is on", kms.get_key_rotation_status, **key)
    on.step("rotation by alias", kms.get_key_rotation_status, KeyId="alias/data")
    on.step("rotation of an absent key", kms.get_key_rotation_status, KeyId=ABSENT)
    on.step("rotate no more", kms.disable_key_rotation, **key)
    on.step("policy of a key", kms.get_key_policy, **key, PolicyName="default")
    on.step("put a policy that locks out its author", kms.put_key_policy, **key, PolicyName="default",
            Policy=document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "kms:*",
                             "Resource": "*"}))
    on.step("put a key policy that is none", kms.put_key_policy, **key, PolicyName="default", Policy="nothing")
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{one}:root"}, "Action": "kms:*", "Resource": "*"}
    on.step("put a key policy", kms.put_key_policy, **key, PolicyName="default", Policy=document(own))
    on.step("disable a key", kms.disable_key, **key)
    on.step("rotate a disabled key", kms.enable_key_rotation, **key)
    on.step("schedule a deletion", kms.schedule_key_deletion, **key, PendingWindowInDays=7)
    on.step("rotate a dying key", kms.enable_key_rotation, **key)
    on.step("cancel a deletion", kms.cancel_key_deletion, **key)
    on.write("state of a saved key", answer=kms.describe_key(**key)["KeyMetadata"]["KeyState"])
    signing = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    on.step("rotate an asymmetric key", kms.enable_key_rotation, KeyId=signing)
    on.step("rotation of an asymmetric key", kms.get_key_rotation_status, KeyId=signing)


def buckets(on, one, two):
    s3, bucket = on.client("s3", one), {"Bucket": "overlap-data"}
    on.step("create a bucket", s3.create_bucket, **bucket)
    on.step("create a bucket again at home", s3.create_bucket, **bucket)
    on.step("create a bucket of another's name", on.client("s3", two).create_bucket, **bucket)
    on.step("create a bucket abroad without its region", on.client("s3", one, ABROAD).create_bucket, Bucket="overlap-x")
    on.step("create a bucket with a bad name", s3.create_bucket, Bucket="Overlap_")
    on.step("location at home", s3.get_bucket_location, **bucket)
    on.step("encryption at first", s3.get_bucket_encryption, **bucket)
    on.step("public access block at first", s3.get_public_access_block, **bucket)
    on.step("ownership at first", s3.get_bucket_ownership_controls, **bucket)
    on.step("versioning at first", s3.get_bucket_versioning, **bucket)
    on.step("policy at first", s3.get_bucket_policy, **bucket)
    on.step("tags at first", s3.get_bucket_tagging, **bucket)
    on.step("lifecycle at first", s3.get_bucket_lifecycle_configuration, **bucket)
    on.step("logging at first", s3.get_bucket_logging, **bucket)
    on.step("put a public policy", s3.put_bucket_policy, **bucket, Policy=document(
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::overlap-data/*"}))
    closed = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::overlap-data/*",
              "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    on.step("put a policy of another bucket", s3.put_bucket_policy, **bucket,
            Policy=document({**closed, "Resource": "arn:aws:s3:::other/*"}))
    on.step("put a bucket policy", s3.put_bucket_policy, **bucket, Policy=document(closed))
    on.step("get a bucket policy", s3.get_bucket_policy, **bucket)
    on.step("delete a bucket policy", s3.delete_bucket_policy, **bucket)
    on.step("put a part of a public access block", s3.put_public_access_block, **bucket,
            PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    on.step("public access block in part", s3.get_public_access_block, **bucket)
    on.step("put versioning", s3.put_bucket_versioning, **bucket, VersioningConfiguration={"Status": "Enabled"})
    on.step("versioning", s3.get_bucket_versioning, **bucket)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}
    on.step("put encryption", s3.put_bucket_encryption, **bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    on.step("encryption", s3.get_bucket_encryption, **bucket)
    on.step("put tags", s3.put_bucket_tagging, **bucket, Tagging={"TagSet": [{"Key": "team", "Value": "audit"}]})
    on.step("tags", s3.get_bucket_tagging, **bucket)
    on.step("expect another owner", s3.get_bucket_versioning, **bucket, ExpectedBucketOwner=two)
    on.step("look into another's bucket", on.client("s3", two).get_bucket_versioning, **bucket)
    on.step("look into no bucket", s3.get_bucket_versioning, Bucket="overlap-absent")
    on.step("delete a bucket", s3.delete_bucket, **bucket)


def trails(on, one, two):
    client, away = on.client("cloudtrail", one), on.client("cloudtrail", one, ABROAD)
    bucket = "overlap-logs"
    wish = {"Name": "audit", "S3BucketName": bucket}
    # What one emulator refuses and the other makes is made in an account whose trails are not looked at.
    other = on.client("cloudtrail", two)
    on.client("s3", two).create_bucket(Bucket="overlap-silent")
    on.step("trail without its bucket", other.create_trail, Name="lost", S3BucketName="overlap-absent")
    on.step("trail without the bucket's word", other.create_trail, Name="silent", S3BucketName="overlap-silent")
    on.step("trail with a bad name", other.create_trail, Name="a", S3BucketName="overlap-silent")
    s3 = on.client("s3", one)
    s3.create_bucket(Bucket=bucket)
    service, arn = {"Service": "cloudtrail.amazonaws.com"}, f"arn:aws:s3:::{bucket}"
    s3.put_bucket_policy(Bucket=bucket, Policy=document(
        {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": arn},
        {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": f"{arn}/AWSLogs/{one}/*",
         "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}))
    on.step("create a trail", client.create_trail, **wish)
    on.step("create a trail twice", client.create_trail, **wish)
    on.step("multi-Region trail without global events", client.create_trail,
            **{**wish, "Name": "narrow"}, IsMultiRegionTrail=True, IncludeGlobalServiceEvents=False)
    arn = f"arn:aws:cloudtrail:{HOME}:{one}:trail/audit"
    on.step("get a trail", client.get_trail, Name="audit")
    on.step("get an absent trail", client.get_trail, Name="absent")
    on.step("status of a new trail", client.get_trail_status, Name="audit")
    on.step("selectors of a new trail", client.get_event_selectors, TrailName="audit")
    on.step("describe trails elsewhere", away.describe_trails)
    on.step("make it multi-Region", client.update_trail, Name="audit", IsMultiRegionTrail=True)
    on.step("ask for validation", client.update_trail, Name="audit", EnableLogFileValidation=True)
    on.step("describe trails", client.describe_trails)
    on.step("describe shadow trails", away.describe_trails)
    on.step("describe trails without shadows", away.describe_trails, includeShadowTrails=False)
    on.step("list trails elsewhere", away.list_trails)
    on.step("get a shadow by its ARN", away.get_trail, Name=arn)
    on.step("get a shadow by its name", away.get_trail, Name="audit")
    on.step("update a trail elsewhere", away.update_trail, Name=arn, EnableLogFileValidation=True)
    on.step("start logging", client.start_logging, Name="audit")
    status = client.get_trail_status(Name="audit")
    on.write("status of a trail that logs", answer=status["IsLogging"])
    selector = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": []}
    on.step("put selectors", client.put_event_selectors, TrailName="audit", EventSelectors=[selector])
    on.step("selectors", client.get_event_selectors, TrailName="audit")
    advanced = {"Name": "all", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
    on.step("put advanced selectors", client.put_event_selectors,
            TrailName="audit", AdvancedEventSelectors=[advanced])
    on.step("advanced selectors", client.get_event_selectors, TrailName="audit")
    on.step("selectors of no trail", client.get_event_selectors, TrailName="absent")
    on.step("stop logging", client.stop_logging, Name="audit")
    on.step("organization trail of a member", other.create_trail,
            Name="all", S3BucketName="overlap-silent", IsMultiRegionTrail=True, IsOrganizationTrail=True)
    on.step("delete a trail", client.delete_trail, Name="audit")
    on.step("delete a trail twice", client.delete_trail, Name="audit")


def detectors(on, one, two):
    client, management = on.client("guardduty", one), on.client("guardduty")
    on.step("detectors at first", client.list_detectors)
    feature = {"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}
    made = on.step("create a detector", client.create_detector, Enable=True, Features=[feature],
                   FindingPublishingFrequency="ONE_HOUR")
    detector = {"DetectorId": on.named("detector", made["DetectorId"])}
    on.step("get a detector", client.get_detector, **detector)
    on.step("get an absent detector", client.get_detector, DetectorId="0" * 32)
    on.step("update a detector", client.update_detector, **detector,
            Features=[{"Name": "EKS_AUDIT_LOGS", "Status": "DISABLED"}])
    on.step("get an updated detector", client.get_detector, **detector)
    on.step("administrator of nobody", client.get_administrator_account, **detector)
    aside = on.client("guardduty", two, ABROAD)
    aside.create_detector(Enable=True)
    on.step("create a detector twice", aside.create_detector, Enable=True)
    on.step("delete a detector", client.delete_detector, **detector)
    on.step("detectors after all", client.list_detectors)
    on.step("administrators at first", management.list_organization_admin_accounts)
    on.step("name an administrator", management.enable_organization_admin_account, AdminAccountId=one)
    on.step("administrators", management.list_organization_admin_accounts)
    on.step("administrators elsewhere", on.client("guardduty", None, ABROAD).list_organization_admin_accounts)
    on.step("administrators as a member", on.client("guardduty", two).list_organization_admin_accounts)
    on.write("detectors of an administrator", answer=len(client.list_detectors()["DetectorIds"]))


def defaults(on, one):
    ec2 = on.client("ec2", one)

    def encrypted(when):
        on.write(f"encryption of volumes {when}", answer=ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"])

    encrypted("at first")
    on.step("encrypt volumes by default", ec2.enable_ebs_encryption_by_default)
    encrypted("that was switched on")
    elsewhere = on.client("ec2", one, ABROAD).get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    on.write("encryption of volumes elsewhere", answer=elsewhere)
    on.step("encrypt no volumes by default", ec2.disable_ebs_encryption_by_default)
    encrypted("that was switched off")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--access-key", default="test")
    options.add_argument("--secret", default="test")
    given = options.parse_args()
    on = Overlap(given.endpoint, given.access_key, given.secret)
    one, two, root = organizations(on)
    passwords(on, one, two)
    roles(on, one)
    sessions(on, one)
    keys(on, one)
    buckets(on, one, two)
    trails(on, one, two)
    governance(on, one, two, root)
    detectors(on, one, two)
    defaults(on, one)
    pages(on)


if __name__ == "__main__":
    main()
