"""How CloudTrail behaves: trails, their buckets and keys, and who sees them."""

from stage import ABROAD, HOME, document, refused

SERVICE = "cloudtrail.amazonaws.com"


def _at(stage, service, account, region):
    """A client of an account's administrator: in the management account, a user; elsewhere, who enters it."""
    if account == stage.management:
        return stage.client(service, region=region)
    return stage.inside(service, account, region)


def _statement(action, resource, **rest):
    return {"Principal": {"Service": SERVICE}, "Action": action, "Resource": resource, **rest}


def _bucket(stage, account, region, name=None):
    """A bucket of the account, which does not know CloudTrail yet; answers its name."""
    name = name or f"trails-{account}-{region}"
    placed = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    _at(stage, "s3", account, region).create_bucket(Bucket=name, **placed)
    return name


def _open_to(stage, account, region, name, trail, prefixes):
    """Lets CloudTrail deliver for one trail below these prefixes of a bucket."""
    arn = f"arn:aws:s3:::{name}"
    source = {"aws:SourceArn": trail}
    writes = {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}}
    objects = [f"{arn}/AWSLogs/{prefix}/*" for prefix in prefixes]
    policy = document(
        _statement("s3:GetBucketAcl", arn, Condition={"StringEquals": source}),
        _statement("s3:PutObject", objects, Condition=writes),
    )
    _at(stage, "s3", account, region).put_bucket_policy(Bucket=name, Policy=policy)


def _arn(account, region, name="audit"):
    return f"arn:aws:cloudtrail:{region}:{account}:trail/{name}"


def _ready(stage, account, region, trail="audit"):
    """A bucket in which one trail of the account, homed in the same region, can be kept."""
    name = _bucket(stage, account, region, f"{trail}-{account}-{region}")
    _open_to(stage, account, region, name, _arn(account, region, trail), [account])
    return name


def _key(stage, account, region, trusting=True, more=()):
    """A key, with which CloudTrail may encrypt or may not; `more` are actions it may do besides."""
    own = {"Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}
    context = {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{account}:trail/*"}
    said = [
        _statement("kms:GenerateDataKey*", "*", Condition={"StringLike": context}),
        _statement("kms:DescribeKey", "*"),
        *(_statement(action, "*") for action in more),
    ]
    policy = document(own, *(said if trusting else []))
    made = _at(stage, "kms", account, region).create_key(Policy=policy)
    return made["KeyMetadata"]["Arn"]


def _trusted(stage, on=True):
    """Lets CloudTrail into the organization, or shows it out."""
    client = stage.client("organizations")
    switch = client.enable_aws_service_access if on else client.disable_aws_service_access
    switch(ServicePrincipal=SERVICE)


def _organization_trail(stage, region):
    """An organization trail of the management account; answers its ARN."""
    _trusted(stage)
    name, trail = _bucket(stage, stage.management, region), _arn(stage.management, region)
    _open_to(stage, stage.management, region, name, trail, [stage.management, stage.organization()])
    client = _at(stage, "cloudtrail", stage.management, region)
    client.create_trail(Name="audit", S3BucketName=name, IsOrganizationTrail=True, IsMultiRegionTrail=True)
    return trail


def _names(client, **request):
    return sorted(trail["Name"] for trail in client.describe_trails(**request)["trailList"])


def a_trail_needs_its_bucket(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    name = f"audit-{account}-{HOME}"
    refused("S3BucketDoesNotExistException", client.create_trail, Name="audit", S3BucketName=name)
    assert _ready(stage, account, HOME) == name
    assert client.create_trail(Name="audit", S3BucketName=name)["S3BucketName"] == name


def a_trails_name_keeps_to_rules(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    name = _bucket(stage, account, HOME)
    for wrong in ["a-_b", "a--b", "a..b", "10.0.0.7", "ab", "-audit", "audit.", "a b c", "x" * 129]:
        refused("InvalidTrailNameException", client.create_trail, Name=wrong, S3BucketName=name)
    right = "a-b_c.d"
    _open_to(stage, account, HOME, name, _arn(account, HOME, right), [account])
    assert client.create_trail(Name=right, S3BucketName=name)["Name"] == right


def a_trail_needs_the_word_of_the_bucket(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    name = _bucket(stage, account, HOME)
    wish = {"Name": "audit", "S3BucketName": name}
    refused("InsufficientS3BucketPolicyException", client.create_trail, **wish)
    _open_to(stage, account, HOME, name, _arn(account, HOME, "another"), [account])
    refused("InsufficientS3BucketPolicyException", client.create_trail, **wish)
    _open_to(stage, account, HOME, name, _arn(account, HOME), ["000000000000"])
    refused("InsufficientS3BucketPolicyException", client.create_trail, **wish)
    _open_to(stage, account, HOME, name, _arn(account, HOME), [account])
    client.create_trail(**wish)


def an_organization_trail_needs_two_prefixes(stage):
    _trusted(stage)
    account = stage.management
    client = _at(stage, "cloudtrail", account, HOME)
    name, trail = _bucket(stage, account, HOME), _arn(account, HOME)
    wish = {"Name": "audit", "S3BucketName": name, "IsOrganizationTrail": True}
    for prefixes in [[account], [stage.organization()]]:
        _open_to(stage, account, HOME, name, trail, prefixes)
        refused("InsufficientS3BucketPolicyException", client.create_trail, **wish)
    _open_to(stage, account, HOME, name, trail, [account, stage.organization()])
    assert client.create_trail(**wish)["IsOrganizationTrail"]


def a_trail_delivers_into_a_bucket_of_another_account(stage):
    _trusted(stage)
    account, archive = stage.management, stage.member("archive")
    client = _at(stage, "cloudtrail", account, HOME)
    name, trail = _bucket(stage, archive, HOME), _arn(account, HOME)
    wish = {"Name": "audit", "S3BucketName": name, "IsOrganizationTrail": True}
    refused("InsufficientS3BucketPolicyException", client.create_trail, **wish)
    # The trail is the management account's, wherever its bucket is.
    _open_to(stage, archive, HOME, name, _arn(archive, HOME), [archive, account, stage.organization()])
    refused("InsufficientS3BucketPolicyException", client.create_trail, **wish)
    _open_to(stage, archive, HOME, name, trail, [archive, stage.organization()])
    refused("InsufficientS3BucketPolicyException", client.create_trail, **wish)
    _open_to(stage, archive, HOME, name, trail, [account, stage.organization()])
    assert client.create_trail(**wish)["S3BucketName"] == name
    client.start_logging(Name="audit")
    assert "LatestDeliveryError" not in client.get_trail_status(Name="audit")


def a_trail_takes_a_key_of_another_account_by_its_arn(stage):
    _trusted(stage)
    account, archive = stage.management, stage.member("archive")
    client, keys = _at(stage, "cloudtrail", account, HOME), _at(stage, "kms", archive, HOME)
    name = _bucket(stage, archive, HOME)
    _open_to(stage, archive, HOME, name, _arn(account, HOME), [account, stage.organization()])
    wish = {"Name": "audit", "S3BucketName": name, "IsOrganizationTrail": True}
    # It lets the trails of its own account encrypt, and the trail is another's.
    key = _key(stage, archive, HOME)
    keys.create_alias(AliasName="alias/trails", TargetKeyId=key)
    refused("KmsKeyNotFoundException", client.create_trail, KmsKeyId="alias/trails", **wish)
    refused("InsufficientEncryptionPolicyException", client.create_trail, KmsKeyId=key, **wish)
    own = {"Principal": {"AWS": f"arn:aws:iam::{archive}:root"}, "Action": "kms:*", "Resource": "*"}
    context = {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{account}:trail/*"}
    condition = {"StringEquals": {"aws:SourceArn": _arn(account, HOME)}, "StringLike": context}
    encrypts = _statement("kms:GenerateDataKey*", "*", Condition=condition)
    policy = document(own, encrypts, _statement("kms:DescribeKey", "*"))
    keys.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    alias = f"arn:aws:kms:{HOME}:{archive}:alias/trails"
    assert client.create_trail(KmsKeyId=alias, **wish)["KmsKeyId"] == key


def a_trail_needs_the_word_of_the_key(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    wish = {"Name": "audit", "S3BucketName": _ready(stage, account, HOME)}
    silent = _key(stage, account, HOME, trusting=False)
    refused("InsufficientEncryptionPolicyException", client.create_trail, KmsKeyId=silent, **wish)
    client.create_trail(KmsKeyId=_key(stage, account, HOME), **wish)


def a_bucket_key_takes_decryption(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    name = _ready(stage, account, HOME)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    rules = {"Rules": [rule]}
    _at(stage, "s3", account, HOME).put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=rules)
    client.create_trail(Name="audit", S3BucketName=name)
    encrypting = _key(stage, account, HOME)
    refused("InsufficientEncryptionPolicyException", client.update_trail, Name="audit", KmsKeyId=encrypting)
    both = _key(stage, account, HOME, more=["kms:Decrypt"])
    assert client.update_trail(Name="audit", KmsKeyId=both)["KmsKeyId"] == both


def a_trails_key_is_in_the_buckets_region(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    wish = {"Name": "audit", "S3BucketName": _bucket(stage, account, ABROAD)}
    _open_to(stage, account, ABROAD, wish["S3BucketName"], _arn(account, HOME), [account])
    at_home = _key(stage, account, HOME)
    refused("KmsKeyNotFoundException", client.create_trail, KmsKeyId=at_home, **wish)
    client.create_trail(KmsKeyId=_key(stage, account, ABROAD), **wish)


def a_disabled_key_makes_no_trail(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    wish = {"Name": "audit", "S3BucketName": _ready(stage, account, HOME), "KmsKeyId": _key(stage, account, HOME)}
    keys = _at(stage, "kms", account, HOME)
    keys.disable_key(KeyId=wish["KmsKeyId"])
    refused("KmsException", client.create_trail, **wish)
    keys.enable_key(KeyId=wish["KmsKeyId"])
    client.create_trail(**wish)


def an_alias_is_answered_as_a_key(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    meant = _key(stage, account, HOME)
    _at(stage, "kms", account, HOME).create_alias(AliasName="alias/trails", TargetKeyId=meant)
    name = _ready(stage, account, HOME)
    assert client.create_trail(Name="audit", S3BucketName=name, KmsKeyId="alias/trails")["KmsKeyId"] == meant
    assert client.get_trail(Name="audit")["Trail"]["KmsKeyId"] == meant
    short = meant.rpartition("/")[2]
    assert client.update_trail(Name="audit", KmsKeyId=short)["KmsKeyId"] == meant


def a_new_trail_does_not_log(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    client.create_trail(Name="audit", S3BucketName=_ready(stage, account, HOME))
    assert client.get_trail_status(Name="audit")["IsLogging"] is False
    client.start_logging(Name="audit")
    assert client.get_trail_status(Name="audit")["IsLogging"] is True


def a_multi_region_trail_casts_shadows(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    client.create_trail(Name="wide", S3BucketName=_ready(stage, account, HOME, "wide"), IsMultiRegionTrail=True)
    client.create_trail(Name="narrow", S3BucketName=_ready(stage, account, HOME, "narrow"))
    assert _names(client) == ["narrow", "wide"]
    elsewhere = _at(stage, "cloudtrail", account, ABROAD)
    [shadow] = elsewhere.describe_trails()["trailList"]
    assert (shadow["Name"], shadow["HomeRegion"]) == ("wide", HOME)
    assert _names(elsewhere, includeShadowTrails=False) == []


def a_name_describes_a_trail_only_at_home(stage):
    account = stage.member()
    client, elsewhere = (_at(stage, "cloudtrail", account, region) for region in [HOME, ABROAD])
    client.create_trail(Name="own", S3BucketName=_ready(stage, account, HOME, "own"), IsMultiRegionTrail=True)
    assert _names(client, trailNameList=["own"]) == ["own"]
    assert _names(elsewhere, trailNameList=["own"]) == []
    assert _names(elsewhere, trailNameList=[_arn(account, HOME, "own")]) == ["own"]
    shared = _organization_trail(stage, HOME)
    assert _names(client, trailNameList=["audit"]) == []
    assert _names(client, trailNameList=[shared]) == ["audit"]


def a_shadow_is_named_by_arn(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    client.create_trail(Name="audit", S3BucketName=_ready(stage, account, HOME), IsMultiRegionTrail=True)
    assert "IsLogging" in client.get_trail_status(Name="audit")
    elsewhere = _at(stage, "cloudtrail", account, ABROAD)
    refused("TrailNotFoundException", elsewhere.get_trail_status, Name="audit")
    assert "IsLogging" in elsewhere.get_trail_status(Name=_arn(account, HOME))


def members_name_the_organizations_trail_by_arn(stage):
    account = stage.member()
    trail = _organization_trail(stage, HOME)
    client = _at(stage, "cloudtrail", account, HOME)
    refused("TrailNotFoundException", client.get_trail_status, Name="audit")
    assert client.get_trail_status(Name=trail)["IsLogging"] is False


def a_trail_is_changed_at_home(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    trail = client.create_trail(Name="audit", S3BucketName=_ready(stage, account, HOME), IsMultiRegionTrail=True)
    elsewhere = _at(stage, "cloudtrail", account, ABROAD)
    name = trail["TrailARN"]
    for write in ["update_trail", "start_logging", "stop_logging", "delete_trail"]:
        refused("InvalidHomeRegionException", getattr(elsewhere, write), Name=name)
    for write in ["update_trail", "start_logging", "stop_logging", "delete_trail"]:
        getattr(client, write)(Name=name)


def list_trails_sees_every_region(stage):
    account = stage.member()
    made = []
    for region in [HOME, ABROAD]:
        client = _at(stage, "cloudtrail", account, region)
        made.append(client.create_trail(Name="audit", S3BucketName=_ready(stage, account, region))["TrailARN"])
        assert _names(client) == ["audit"]
        listed = client.list_trails()["Trails"]
        assert sorted(trail["TrailARN"] for trail in listed) == sorted(made)
        assert {trail["HomeRegion"] for trail in listed} == {trail.split(":")[3] for trail in made}


def members_see_organization_trails(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, ABROAD)
    assert client.describe_trails()["trailList"] == []
    trail = _organization_trail(stage, HOME)
    [seen] = client.describe_trails()["trailList"]
    assert (seen["Name"], seen["TrailARN"], seen["IsOrganizationTrail"]) == ("audit", trail, True)
    assert trail.split(":")[4] == stage.management != account


def members_cannot_change_organization_trails(stage):
    account = stage.member()
    trail = _organization_trail(stage, HOME)
    member = _at(stage, "cloudtrail", account, HOME)
    owner = _at(stage, "cloudtrail", stage.management, HOME)
    for write in ["update_trail", "start_logging", "stop_logging", "delete_trail"]:
        refused("NotOrganizationMasterAccountException", getattr(member, write), Name=trail)
    for write in ["update_trail", "start_logging", "stop_logging", "delete_trail"]:
        getattr(owner, write)(Name=trail)


def members_do_not_read_an_organization_trails_selectors(stage):
    account = stage.member()
    trail = _organization_trail(stage, HOME)
    owner, inside = stage.client("cloudtrail"), _at(stage, "cloudtrail", account, HOME)
    assert owner.get_event_selectors(TrailName=trail)["EventSelectors"]
    assert [seen["TrailARN"] for seen in inside.describe_trails()["trailList"]] == [trail]
    inside.get_trail_status(Name=trail)
    message = refused("AccessDeniedException", inside.get_event_selectors, TrailName=trail)
    assert "cloudtrail:GetEventSelectors" in message, message


def an_organization_trails_tags_are_its_owners(stage):
    account = stage.member()
    trail = _organization_trail(stage, HOME)
    owner, inside = stage.client("cloudtrail"), _at(stage, "cloudtrail", account, HOME)
    owner.add_tags(ResourceId=trail, TagsList=[{"Key": "team", "Value": "security"}])
    [shown] = owner.list_tags(ResourceIdList=[trail])["ResourceTagList"]
    assert shown["TagsList"] == [{"Key": "team", "Value": "security"}], shown
    message = refused("CloudTrailARNInvalidException", inside.list_tags, ResourceIdList=[trail])
    assert account in message, message


def tags_are_asked_for_at_home(stage):
    account = stage.member()
    at_home, abroad = _at(stage, "cloudtrail", account, HOME), _at(stage, "cloudtrail", account, ABROAD)
    wish = {"Name": "audit", "S3BucketName": _ready(stage, account, HOME), "IsMultiRegionTrail": True}
    trail = at_home.create_trail(**wish)["TrailARN"]
    assert _names(abroad) == ["audit"]
    at_home.list_tags(ResourceIdList=[trail])
    refused("CloudTrailARNInvalidException", abroad.list_tags, ResourceIdList=[trail])


def an_organization_trail_needs_trusted_access(stage):
    account = stage.management
    _trusted(stage, on=False)
    client = _at(stage, "cloudtrail", account, HOME)
    name = _bucket(stage, account, HOME)
    _open_to(stage, account, HOME, name, _arn(account, HOME), [account, stage.organization()])
    wish = {"Name": "audit", "S3BucketName": name, "IsOrganizationTrail": True}
    refused("CloudTrailAccessNotEnabledException", client.create_trail, **wish)
    _trusted(stage)
    client.create_trail(**wish)


def members_make_no_organization_trail(stage):
    account = stage.member()
    _trusted(stage)
    # What a delegate makes is the management account's, which needs CloudTrail's role for it.
    stage.client("iam").create_service_linked_role(AWSServiceName=SERVICE)
    client = _at(stage, "cloudtrail", account, HOME)
    name = _bucket(stage, account, HOME)
    _open_to(stage, account, HOME, name, _arn(stage.management, HOME), [stage.management, stage.organization()])
    wish = {"Name": "audit", "S3BucketName": name, "IsOrganizationTrail": True}
    refused("NotOrganizationMasterAccountException", client.create_trail, **wish)
    delegating = stage.client("organizations")
    delegating.register_delegated_administrator(AccountId=account, ServicePrincipal=SERVICE)
    assert client.create_trail(**wish)["TrailARN"] == _arn(stage.management, HOME)


def _delegate(stage):
    """A member that administers CloudTrail for the organization."""
    account = stage.member()
    _trusted(stage)
    delegating = stage.client("organizations")
    delegating.register_delegated_administrator(AccountId=account, ServicePrincipal=SERVICE)
    return account


def a_delegates_trail_needs_the_managements_role(stage):
    account = _delegate(stage)
    client = _at(stage, "cloudtrail", account, HOME)
    name = _bucket(stage, account, HOME)
    _open_to(stage, account, HOME, name, _arn(stage.management, HOME), [stage.management, stage.organization()])
    wish = {"Name": "audit", "S3BucketName": name, "IsOrganizationTrail": True}
    refused("NoManagementAccountSLRExistsException", client.create_trail, **wish)
    stage.client("iam").create_service_linked_role(AWSServiceName=SERVICE)
    assert client.create_trail(**wish)["IsOrganizationTrail"]


def only_the_management_account_converts_a_trail(stage):
    trail = _organization_trail(stage, HOME)
    account = _delegate(stage)
    delegate = _at(stage, "cloudtrail", account, HOME)
    owner = _at(stage, "cloudtrail", stage.management, HOME)
    # Everything else the delegate may change, and saying again what is so changes nothing.
    assert delegate.update_trail(Name=trail, EnableLogFileValidation=True)["LogFileValidationEnabled"]
    delegate.update_trail(Name=trail, IsOrganizationTrail=True)
    code = "NotOrganizationMasterAccountException"
    refused(code, delegate.update_trail, Name=trail, IsOrganizationTrail=False)
    name = _ready(stage, account, HOME, "own")
    delegate.create_trail(Name="own", S3BucketName=name)
    refused(code, delegate.update_trail, Name="own", IsOrganizationTrail=True)
    assert owner.update_trail(Name=trail, IsOrganizationTrail=False)["IsOrganizationTrail"] is False


def a_region_has_room_for_five_trails(stage):
    account = stage.member()
    client, elsewhere = (_at(stage, "cloudtrail", account, region) for region in [HOME, ABROAD])
    elsewhere.create_trail(Name="wide", S3BucketName=_ready(stage, account, ABROAD, "wide"), IsMultiRegionTrail=True)
    for trail in ["one", "two", "three", "four"]:
        client.create_trail(Name=trail, S3BucketName=_ready(stage, account, HOME, trail))
    assert len(client.describe_trails()["trailList"]) == 5
    wish = {"Name": "six", "S3BucketName": _ready(stage, account, HOME, "six")}
    refused("MaximumNumberOfTrailsExceededException", client.create_trail, **wish)
    # Abroad, the trail that fills the fifth place here is the only one.
    elsewhere.create_trail(Name="two", S3BucketName=_ready(stage, account, ABROAD, "two"))
    client.delete_trail(Name="four")
    client.create_trail(**wish)


def multi_region_needs_global_events(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    wish = {"Name": "audit", "S3BucketName": _ready(stage, account, HOME), "IncludeGlobalServiceEvents": False}
    refused("InvalidParameterCombinationException", client.create_trail, IsMultiRegionTrail=True, **wish)
    client.create_trail(Name="audit", S3BucketName=wish["S3BucketName"], IsMultiRegionTrail=True)
    without = {"Name": "audit", "IncludeGlobalServiceEvents": False}
    refused("InvalidParameterCombinationException", client.update_trail, **without)
    narrow = client.update_trail(IsMultiRegionTrail=False, **without)
    assert (narrow["IsMultiRegionTrail"], narrow["IncludeGlobalServiceEvents"]) == (False, False)


def a_trail_that_grows_takes_in_global_events(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    name = _ready(stage, account, HOME)
    client.create_trail(Name="audit", S3BucketName=name, IncludeGlobalServiceEvents=False)
    for wide in [True, False]:
        seen = client.update_trail(Name="audit", IsMultiRegionTrail=wide)
        assert (seen["IsMultiRegionTrail"], seen["IncludeGlobalServiceEvents"]) == (wide, wide)
    kept = client.update_trail(Name="audit", IncludeGlobalServiceEvents=True)
    assert (kept["IsMultiRegionTrail"], kept["IncludeGlobalServiceEvents"]) == (False, True)


def update_trail_keeps_what_it_is_not_told(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    meant, name = _key(stage, account, HOME), _ready(stage, account, HOME)
    client.create_trail(Name="audit", S3BucketName=name, KmsKeyId=meant, EnableLogFileValidation=True)
    kept = client.update_trail(Name="audit", IsMultiRegionTrail=True)
    assert kept["IsMultiRegionTrail"] and kept["LogFileValidationEnabled"]
    assert (kept["KmsKeyId"], kept["S3BucketName"]) == (meant, name)


def an_empty_key_ends_encryption(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    client.create_trail(
        Name="audit", S3BucketName=_ready(stage, account, HOME), KmsKeyId=_key(stage, account, HOME),
        EnableLogFileValidation=True,
    )
    client.update_trail(Name="audit", KmsKeyId="")
    seen = client.get_trail(Name="audit")["Trail"]
    assert not seen.get("KmsKeyId")
    assert seen["LogFileValidationEnabled"]


def a_new_trail_has_the_default_selector(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    client.create_trail(Name="audit", S3BucketName=_ready(stage, account, HOME))
    seen = client.get_event_selectors(TrailName="audit")
    [selector] = seen["EventSelectors"]
    assert (selector["ReadWriteType"], selector["IncludeManagementEvents"]) == ("All", True)
    assert selector["DataResources"] == [] and selector["ExcludeManagementEventSources"] == []
    assert not seen.get("AdvancedEventSelectors")
    assert client.get_trail(Name="audit")["Trail"]["HasCustomEventSelectors"] is False
    client.put_event_selectors(TrailName="audit", EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    assert client.get_trail(Name="audit")["Trail"]["HasCustomEventSelectors"] is True


def selectors_are_replaced_whole(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    client.create_trail(Name="audit", S3BucketName=_ready(stage, account, HOME))
    reads, writes = ({"ReadWriteType": kind, "IncludeManagementEvents": True} for kind in ["ReadOnly", "WriteOnly"])
    client.put_event_selectors(TrailName="audit", EventSelectors=[reads, writes])
    client.put_event_selectors(TrailName="audit", EventSelectors=[writes])
    seen = client.get_event_selectors(TrailName="audit")["EventSelectors"]
    assert [selector["ReadWriteType"] for selector in seen] == ["WriteOnly"]
    fields = [{"Field": "eventCategory", "Equals": ["Management"]}]
    advanced = [{"Name": "management", "FieldSelectors": fields}]
    both = {"EventSelectors": [reads], "AdvancedEventSelectors": advanced}
    refused("InvalidEventSelectorsException", client.put_event_selectors, TrailName="audit", **both)
    client.put_event_selectors(TrailName="audit", AdvancedEventSelectors=advanced)
    seen = client.get_event_selectors(TrailName="audit")
    assert not seen.get("EventSelectors")
    assert [selector["Name"] for selector in seen["AdvancedEventSelectors"]] == ["management"]


def a_trails_selectors_have_limits(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    client.create_trail(Name="audit", S3BucketName=_ready(stage, account, HOME))

    def basic(*counts):
        def one(number, count):
            values = [f"arn:aws:s3:::bucket-{number}-{n}/" for n in range(count)]
            return {"ReadWriteType": "All", "DataResources": [{"Type": "AWS::S3::Object", "Values": values}]}

        return {"TrailName": "audit", "EventSelectors": [one(number, count) for number, count in enumerate(counts)]}

    client.put_event_selectors(**basic(200, 50))
    refused("InvalidEventSelectorsException", client.put_event_selectors, **basic(200, 51))
    refused("InvalidEventSelectorsException", client.put_event_selectors, **basic(1, 1, 1, 1, 1, 1))

    def advanced(count):
        names = {"Field": "eventName", "Equals": [f"Get{n}" for n in range(count)]}
        fields = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]
        return {"TrailName": "audit", "AdvancedEventSelectors": [{"FieldSelectors": [*fields, names]}]}

    client.put_event_selectors(**advanced(498))
    refused("InvalidEventSelectorsException", client.put_event_selectors, **advanced(499))


def an_advanced_selector_says_of_what(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    client.create_trail(Name="audit", S3BucketName=_ready(stage, account, HOME))
    data = {"Field": "eventCategory", "Equals": ["Data"]}
    objects = {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}

    def of(*fields):
        return {"TrailName": "audit", "AdvancedEventSelectors": [{"FieldSelectors": list(fields)}]}

    client.put_event_selectors(**of(data, objects))
    refused("InvalidEventSelectorsException", client.put_event_selectors, **of(data))
    refused("InvalidEventSelectorsException", client.put_event_selectors, **of(objects))
    queues = [{"DataResources": [{"Type": "AWS::SQS::Queue", "Values": ["arn:aws:sqs"]}]}]
    refused("InvalidEventSelectorsException", client.put_event_selectors, TrailName="audit", EventSelectors=queues)


def a_trail_without_insights_has_no_selectors_of_them(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    client.create_trail(Name="audit", S3BucketName=_ready(stage, account, HOME))
    assert client.get_trail(Name="audit")["Trail"]["HasInsightSelectors"] is False
    refused("InsightNotEnabledException", client.get_insight_selectors, TrailName="audit")
    client.put_insight_selectors(TrailName="audit", InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    assert client.get_trail(Name="audit")["Trail"]["HasInsightSelectors"] is True
    [selector] = client.get_insight_selectors(TrailName="audit")["InsightSelectors"]
    assert selector["InsightType"] == "ApiCallRateInsight", selector


def insights_are_replaced_whole(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    client.create_trail(Name="audit", S3BucketName=_ready(stage, account, HOME))
    calls, errors = ({"InsightType": f"Api{what}RateInsight"} for what in ["Call", "Error"])
    client.put_insight_selectors(TrailName="audit", InsightSelectors=[calls])
    client.put_insight_selectors(TrailName="audit", InsightSelectors=[errors])
    [selector] = client.get_insight_selectors(TrailName="audit")["InsightSelectors"]
    assert selector["InsightType"] == "ApiErrorRateInsight", selector
    assert selector.get("EventCategories", ["Management"]) == ["Management"], selector
    client.put_insight_selectors(TrailName="audit", InsightSelectors=[])
    assert client.get_trail(Name="audit")["Trail"]["HasInsightSelectors"] is False
    refused("InsightNotEnabledException", client.get_insight_selectors, TrailName="audit")


def a_trail_without_its_bucket_still_logs(stage):
    account = stage.member()
    client = _at(stage, "cloudtrail", account, HOME)
    name = _ready(stage, account, HOME)
    client.create_trail(Name="audit", S3BucketName=name)
    client.start_logging(Name="audit")
    seen = client.get_trail_status(Name="audit")
    assert seen["IsLogging"] and not seen.get("LatestDeliveryError")
    _at(stage, "s3", account, HOME).delete_bucket(Bucket=name)
    seen = client.get_trail_status(Name="audit")
    assert seen["IsLogging"] and seen["LatestDeliveryError"]
