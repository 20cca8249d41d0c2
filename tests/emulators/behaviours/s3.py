"""How S3 behaves: names and regions, first settings, bucket policies."""

from stage import ABROAD, HOME, document, equal, refusal, refused


def _placed(region):
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _bucket(client, name="a-bucket-of-ours"):
    """A bucket in the client's region; answers its name."""
    client.create_bucket(Bucket=name, **_placed(client.meta.region_name))
    return name


def _policy(bucket, who, action="s3:GetObject", below="/*"):
    return document({"Principal": who, "Action": action, "Resource": f"arn:aws:s3:::{bucket}{below}"})


def a_new_bucket_is_encrypted(stage):
    client = stage.inside("s3", stage.member())
    seen = client.get_bucket_encryption(Bucket=_bucket(client))
    [rule] = seen["ServerSideEncryptionConfiguration"]["Rules"]
    equal(rule["ApplyServerSideEncryptionByDefault"], {"SSEAlgorithm": "AES256"})


def a_new_bucket_is_blocked(stage):
    client = stage.inside("s3", stage.member())
    name = _bucket(client)
    block = client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    switches = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
    equal(block, dict.fromkeys(switches, True))
    [rule] = client.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    equal(rule["ObjectOwnership"], "BucketOwnerEnforced")
    # The block is a setting that can be taken away, not a fact of all buckets.
    client.delete_public_access_block(Bucket=name)
    refused("NoSuchPublicAccessBlockConfiguration", client.get_public_access_block, Bucket=name)


def bucket_names_are_global(stage):
    one, other = (stage.inside("s3", stage.member(name)) for name in ["one", "other"])
    name = _bucket(one)
    equal(refusal("BucketAlreadyExists", other.create_bucket, Bucket=name)["ResponseMetadata"]["HTTPStatusCode"], 409)
    _bucket(other, "another-bucket-of-ours")


def the_oldest_region_forgives_its_owner(stage):
    account = stage.member()
    oldest, younger = stage.inside("s3", account, "us-east-1"), stage.inside("s3", account, ABROAD)
    name = _bucket(oldest)
    oldest.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    equal(_bucket(oldest), name)
    equal(oldest.get_bucket_versioning(Bucket=name)["Status"], "Enabled")
    readable = {"Bucket": "a-readable-bucket", "ObjectOwnership": "ObjectWriter"}
    oldest.create_bucket(ACL="public-read", **readable)
    equal(len(oldest.get_bucket_acl(Bucket="a-readable-bucket")["Grants"]), 2)
    oldest.create_bucket(**readable)
    equal(len(oldest.get_bucket_acl(Bucket="a-readable-bucket")["Grants"]), 1)
    name = _bucket(younger, "another-bucket-of-ours")
    refused("BucketAlreadyOwnedByYou", younger.create_bucket, Bucket=name, **_placed(ABROAD))


def us_east_1_takes_no_location(stage):
    account = stage.member()
    oldest, younger = stage.inside("s3", account, "us-east-1"), stage.inside("s3", account, ABROAD)
    said = {"CreateBucketConfiguration": {"LocationConstraint": "us-east-1"}}
    refused("InvalidLocationConstraint", oldest.create_bucket, Bucket="a-bucket-of-ours", **said)
    oldest.create_bucket(Bucket="a-bucket-of-ours")
    refused("IllegalLocationConstraintException", younger.create_bucket, Bucket="another-bucket-of-ours")
    younger.create_bucket(Bucket="another-bucket-of-ours", **_placed(ABROAD))


def us_east_1_has_no_location(stage):
    account = stage.member()
    for region, location in [("us-east-1", None), (ABROAD, ABROAD)]:
        client = stage.inside("s3", account, region)
        name = _bucket(client, f"a-bucket-in-{region}")
        equal(client.get_bucket_location(Bucket=name)["LocationConstraint"], location)


def _led_there(client, name):
    """The answers to a question about a bucket that is in another region: status, code, headers."""
    answers = []

    # boto3 follows the redirect by itself, so the first answer is seen on its way.
    def note(response, **_):
        if response:
            http, parsed = response
            answers.append((http.status_code, parsed.get("Error", {}).get("Code"), dict(http.headers)))

    client.meta.events.register_first("needs-retry.s3.GetBucketVersioning", note)
    client.get_bucket_versioning(Bucket=name)
    return [(status, code, {header.lower(): value for header, value in headers.items()})
            for status, code, headers in answers]


def the_wrong_region_is_a_redirect(stage):
    account = stage.member()
    name = _bucket(stage.inside("s3", account, ABROAD))
    answers = _led_there(stage.inside("s3", account, HOME), name)
    equal([answer[:2] for answer in answers], [(301, "PermanentRedirect"), (200, None)])
    equal(answers[0][2]["x-amz-bucket-region"], ABROAD)


def younger_regions_do_not_redirect(stage):
    young = "eu-south-1"
    stage.reset(regions=(HOME, young))
    account = stage.member()
    # Clients remember where a bucket of this name was before.
    name = _bucket(stage.inside("s3", account, young), "a-bucket-in-the-south")
    client = stage.inside("s3", account, HOME)
    answers = _led_there(client, name)
    equal([answer[:2] for answer in answers], [(400, "IllegalLocationConstraintException"), (200, None)])
    equal(answers[0][2]["x-amz-bucket-region"], young)


def an_unexpected_owner_is_denied(stage):
    account = stage.member()
    client = stage.inside("s3", account)
    name = _bucket(client)
    client.get_bucket_versioning(Bucket=name, ExpectedBucketOwner=account)
    wish = {"Bucket": name, "ExpectedBucketOwner": stage.management}
    answer = refusal("AccessDenied", client.get_bucket_versioning, **wish)
    equal(answer["ResponseMetadata"]["HTTPStatusCode"], 403)


def a_public_policy_is_blocked(stage):
    account = stage.member()
    client = stage.inside("s3", account)
    name = _bucket(client)
    public = _policy(name, "*")
    refused("AccessDenied", client.put_bucket_policy, Bucket=name, Policy=public)
    client.put_bucket_policy(Bucket=name, Policy=_policy(name, {"AWS": f"arn:aws:iam::{account}:root"}))
    equal(client.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"], False)
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    client.put_bucket_policy(Bucket=name, Policy=public)
    equal(client.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"], True)


def a_bucket_policy_stays_within_its_bucket(stage):
    account = stage.member()
    client = stage.inside("s3", account)
    name, own = _bucket(client), {"AWS": f"arn:aws:iam::{account}:root"}
    refused("MalformedPolicy", client.put_bucket_policy, Bucket=name, Policy=_policy("another-bucket-of-ours", own))
    absent = {"AWS": f"arn:aws:iam::{account}:role/absent"}
    refused("MalformedPolicy", client.put_bucket_policy, Bucket=name, Policy=_policy(name, absent))
    client.put_bucket_policy(Bucket=name, Policy=_policy(name, own))
    stage.role(account, "absent")
    client.put_bucket_policy(Bucket=name, Policy=_policy(name, absent))


def a_bucket_policy_is_its_owners_affair(stage):
    owner, guest = stage.member("owner"), stage.member("guest")
    at_home, visiting = stage.inside("s3", owner), stage.inside("s3", guest)
    name = _bucket(at_home)
    actions = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]
    policy = _policy(name, {"AWS": f"arn:aws:iam::{guest}:root"}, actions, "")
    refused("AccessDenied", visiting.get_bucket_policy, Bucket=name)
    at_home.put_bucket_policy(Bucket=name, Policy=policy)
    for call, request in [
        (visiting.get_bucket_policy, {}),
        (visiting.put_bucket_policy, {"Policy": policy}),
        (visiting.delete_bucket_policy, {}),
    ]:
        answer = refusal("MethodNotAllowed", call, Bucket=name, **request)
        equal(answer["ResponseMetadata"]["HTTPStatusCode"], 405)


def a_public_access_block_is_replaced_whole(stage):
    client = stage.inside("s3", stage.member())
    name = _bucket(client)
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    block = client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    off = ["BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
    equal(block, {"BlockPublicAcls": True, **dict.fromkeys(off, False)})


def a_lifecycle_is_replaced_whole(stage):
    client = stage.inside("s3", stage.member())
    name = _bucket(client)
    refused("NoSuchLifecycleConfiguration", client.get_bucket_lifecycle_configuration, Bucket=name)

    def put(*rules):
        client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": list(rules)})
        return client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]

    def rule(prefix, days, **more):
        return {"Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}, **more}

    one, two = put(rule("a/", 1, ID="first"), rule("b/", 2))
    equal((one["ID"], bool(two["ID"]), two["Expiration"]["Days"]), ("first", True, 2))
    [left] = put(rule("c/", 3, ID="second"))
    equal((left["ID"], left["Filter"]["Prefix"]), ("second", "c/"))


def logs_of_requests_go_to_the_same_account_and_region(stage):
    account, other = stage.member("one"), stage.member("other")
    client = stage.inside("s3", account)
    name = _bucket(client, "a-bucket-that-is-logged")
    _bucket(client, "a-bucket-of-logs")
    _bucket(stage.inside("s3", account, ABROAD), "a-bucket-of-logs-abroad")
    _bucket(stage.inside("s3", other), "a-bucket-of-other-logs")

    def put(target):
        enabled = {"TargetBucket": target, "TargetPrefix": "logs/"}
        return {"Bucket": name, "BucketLoggingStatus": {"LoggingEnabled": enabled}}

    for target in ["a-bucket-of-no-logs", "a-bucket-of-logs-abroad", "a-bucket-of-other-logs"]:
        refused("InvalidTargetBucketForLogging", client.put_bucket_logging, **put(target))
    client.put_bucket_logging(**put("a-bucket-of-logs"))
    equal(client.get_bucket_logging(Bucket=name)["LoggingEnabled"]["TargetBucket"], "a-bucket-of-logs")
    client.put_bucket_logging(Bucket=name, BucketLoggingStatus={})
    equal("LoggingEnabled" in client.get_bucket_logging(Bucket=name), False)


def other_accounts_need_the_bucket_policy(stage):
    owner, guest = stage.member("owner"), stage.member("guest")
    at_home, visiting = stage.inside("s3", owner), stage.inside("s3", guest)
    name = _bucket(at_home)
    refused("AccessDenied", visiting.get_bucket_versioning, Bucket=name)
    at_home.get_bucket_versioning(Bucket=name)
    opened = _policy(name, {"AWS": f"arn:aws:iam::{guest}:root"}, "s3:GetBucketVersioning", "")
    at_home.put_bucket_policy(Bucket=name, Policy=opened)
    visiting.get_bucket_versioning(Bucket=name)
    refused("AccessDenied", visiting.get_bucket_logging, Bucket=name)
    # The bucket opens the door; the guest's own account must let it go there as well.
    stage.role(guest, "idle", {"Action": "s3:GetBucketLogging"})
    idle = stage.client("s3", stage.enter(guest, "idle"))
    refused("AccessDenied", idle.get_bucket_versioning, Bucket=name)


def s3_actions_have_their_own_names(stage):
    account = stage.member()
    name = _bucket(stage.inside("s3", account))
    rows = [
        ("list_buckets", {}, "ListBuckets", "ListAllMyBuckets"),
        ("head_bucket", {"Bucket": name}, "HeadBucket", "ListBucket"),
        ("get_bucket_encryption", {"Bucket": name}, "GetBucketEncryption", "GetEncryptionConfiguration"),
        ("get_public_access_block", {"Bucket": name}, "GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
        ("delete_public_access_block", {"Bucket": name}, "DeletePublicAccessBlock", "PutBucketPublicAccessBlock"),
        ("delete_bucket_tagging", {"Bucket": name}, "DeleteBucketTagging", "PutBucketTagging"),
    ]
    for method, request, operation, action in rows:
        misled = stage.enter(account, Policy=document({"Action": f"s3:{operation}"}))
        # An answer to HEAD has no body that could hold a code.
        code = "403" if method == "head_bucket" else "AccessDenied"
        refused(code, getattr(stage.client("s3", misled), method), **request)
        named = stage.enter(account, Policy=document({"Action": f"s3:{action}"}))
        getattr(stage.client("s3", named), method)(**request)


def an_object_is_written_only_where_there_is_none(stage):
    client = stage.inside("s3", stage.member())
    at = {"Bucket": _bucket(client), "Key": "a/lock"}
    client.put_object(**at, Body=b"first", IfNoneMatch="*")
    answer = refusal("PreconditionFailed", client.put_object, **at, Body=b"second", IfNoneMatch="*")
    equal(answer["ResponseMetadata"]["HTTPStatusCode"], 412)
    equal(client.get_object(**at)["Body"].read(), b"first")
    refused("NoSuchKey", client.get_object, Bucket=at["Bucket"], Key="another")


def an_object_is_replaced_only_as_it_was_seen(stage):
    client = stage.inside("s3", stage.member())
    at = {"Bucket": _bucket(client), "Key": "a/lock"}
    refused("NoSuchKey", client.put_object, **at, Body=b"first", IfMatch='"none"')
    first = client.put_object(**at, Body=b"first")["ETag"]
    second = client.put_object(**at, Body=b"second", IfMatch=first)["ETag"]
    refused("PreconditionFailed", client.put_object, **at, Body=b"third", IfMatch=first)
    seen = client.get_object(**at)
    equal((seen["Body"].read(), seen["ETag"]), (b"second", second))
    [listed] = client.list_objects_v2(Bucket=at["Bucket"], Prefix="a/")["Contents"]
    equal((listed["Key"], listed["ETag"], listed["Size"]), ("a/lock", second, 6))


def an_absent_object_is_hidden_from_who_may_not_list(stage):
    account = stage.member()
    bucket = _bucket(stage.inside("s3", account))
    stage.inside("s3", account).put_object(Bucket=bucket, Key="there", Body=b"seen")
    objects = {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    stage.role(account, "getter", objects)
    stage.role(account, "lister", objects, {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"})
    for role, get, head in [("getter", "AccessDenied", "403"), ("lister", "NoSuchKey", "404")]:
        client = stage.client("s3", stage.enter(account, role))
        equal(client.get_object(Bucket=bucket, Key="there")["Body"].read(), b"seen")
        client.head_object(Bucket=bucket, Key="there")
        refused(get, client.get_object, Bucket=bucket, Key="absent")
        refused(head, client.head_object, Bucket=bucket, Key="absent")


def keys_are_listed_up_to_a_delimiter(stage):
    client = stage.inside("s3", stage.member())
    bucket = _bucket(client)
    for key in ["a/1/x", "a/1/y", "a/2/x", "a/3", "b/1"]:
        client.put_object(Bucket=bucket, Key=key, Body=b"text")
    ask = {"Bucket": bucket, "Prefix": "a/", "Delimiter": "/"}
    answer = client.list_objects_v2(**ask)
    equal([front["Prefix"] for front in answer["CommonPrefixes"]], ["a/1/", "a/2/"])
    equal([object["Key"] for object in answer["Contents"]], ["a/3"])
    equal((answer["KeyCount"], answer["IsTruncated"]), (3, False))
    first = client.list_objects_v2(**ask, MaxKeys=2)
    equal((len(first["CommonPrefixes"]), "Contents" in first, first["IsTruncated"]), (2, False, True))
    rest = client.list_objects_v2(**ask, ContinuationToken=first["NextContinuationToken"])
    equal([object["Key"] for object in rest["Contents"]], ["a/3"])


def a_bucket_with_objects_is_not_deleted(stage):
    client = stage.inside("s3", stage.member())
    at = {"Bucket": _bucket(client), "Key": "log"}
    client.put_object(**at, Body=b"line")
    refused("BucketNotEmpty", client.delete_bucket, Bucket=at["Bucket"])
    client.delete_object(**at)
    client.delete_bucket(Bucket=at["Bucket"])
