"""The behaviours of S3 Control."""

import json

from stage import document, equal, refusal, refused

SWITCHES = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
ALL = dict.fromkeys(SWITCHES, True)


def _control(stage, account, **more):
    return stage.client("s3control", stage.enter(account, **more))


def _block(client, account):
    return client.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"]


def an_account_blocks_nothing_at_first(stage):
    account = stage.member()
    client = _control(stage, account)
    answer = refusal("NoSuchPublicAccessBlockConfiguration", client.get_public_access_block, AccountId=account)
    equal(answer["ResponseMetadata"]["HTTPStatusCode"], 404)
    client.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=ALL)
    equal(_block(client, account), ALL)
    client.delete_public_access_block(AccountId=account)
    refused("NoSuchPublicAccessBlockConfiguration", client.get_public_access_block, AccountId=account)


def an_accounts_block_is_replaced_whole(stage):
    account = stage.member()
    client = _control(stage, account)
    client.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=ALL)
    client.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    equal(_block(client, account), {**dict.fromkeys(SWITCHES, False), "BlockPublicAcls": True})


def an_accounts_block_holds_for_its_buckets(stage):
    account = stage.member()
    control, s3 = _control(stage, account), stage.inside("s3", account)
    s3.create_bucket(Bucket="a-bucket-of-the-account")
    s3.delete_public_access_block(Bucket="a-bucket-of-the-account")
    everyone = {"Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a-bucket-of-the-account/*"}
    public = {"Bucket": "a-bucket-of-the-account", "Policy": document(everyone)}
    readable = {"Bucket": "a-bucket-to-be-read", "ACL": "public-read", "ObjectOwnership": "ObjectWriter"}
    control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=ALL)
    refused("AccessDenied", s3.put_bucket_policy, **public)
    refused("AccessDenied", s3.create_bucket, **readable)
    control.delete_public_access_block(AccountId=account)
    s3.put_bucket_policy(**public)
    s3.create_bucket(**readable)


def an_s3_policy_of_the_organization_sets_the_block(stage):
    account = stage.member()
    client, organizations = _control(stage, account), stage.client("organizations")
    half = {**dict.fromkeys(SWITCHES, False), "BlockPublicAcls": True}
    client.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=half)
    organizations.enable_policy_type(RootId=stage.organization_root(), PolicyType="S3_POLICY")
    content = {"s3_attributes": {"public_access_block_configuration": {"@@assign": "all"}}}
    made = organizations.create_policy(
        Name="shut", Description="shut", Type="S3_POLICY", Content=json.dumps(content)
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=made, TargetId=account)
    equal(_block(client, account), ALL)
    for call, request in [
        (client.put_public_access_block, {"PublicAccessBlockConfiguration": ALL}),
        (client.delete_public_access_block, {}),
    ]:
        answer = refusal("AccessDenied", call, AccountId=account, **request)
        equal(answer["ResponseMetadata"]["HTTPStatusCode"], 403)
    organizations.detach_policy(PolicyId=made, TargetId=account)
    equal(_block(client, account), half)


def an_account_asks_s3_control_for_itself_alone(stage):
    account = stage.member()
    client = _control(stage, account)
    refused("AccessDenied", client.get_public_access_block, AccountId=stage.management)
    wish = {"AccountId": stage.management, "PublicAccessBlockConfiguration": ALL}
    refused("AccessDenied", client.put_public_access_block, **wish)


def s3_control_asks_for_actions_of_s3(stage):
    account = stage.member()
    rows = [
        ("put_public_access_block", {"PublicAccessBlockConfiguration": ALL}, "PutAccountPublicAccessBlock"),
        ("get_public_access_block", {}, "GetAccountPublicAccessBlock"),
        ("delete_public_access_block", {}, "PutAccountPublicAccessBlock"),
    ]
    for method, request, action in rows:
        # The actions of buckets do not do.
        of_buckets = {"Action": f"s3:{action.replace('Account', 'Bucket')}"}
        misled = _control(stage, account, Policy=document(of_buckets))
        refused("AccessDenied", getattr(misled, method), AccountId=account, **request)
        on_a_resource = {"Action": f"s3:{action}", "Resource": "arn:aws:s3:::a-bucket-of-the-account"}
        narrow = _control(stage, account, Policy=document(on_a_resource))
        refused("AccessDenied", getattr(narrow, method), AccountId=account, **request)
        named = _control(stage, account, Policy=document({"Action": f"s3:{action}"}))
        getattr(named, method)(AccountId=account, **request)
