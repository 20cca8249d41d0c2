"""The settings of one account as boto3 reads them, in AWS's words: one value for each object."""

from cloud import or_none


def plain(answer):
    """An answer without what the transport adds to it."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def password(cloud, account):
    answer = or_none(cloud.client("iam", account).get_account_password_policy, "NoSuchEntity")
    return answer and answer["PasswordPolicy"]


def contacts(cloud, account):
    client = cloud.client("account", account)
    found = {}
    for kind in ["SECURITY", "BILLING", "OPERATIONS"]:
        answer = or_none(client.get_alternate_contact, "ResourceNotFoundException", AlternateContactType=kind)
        found[kind] = answer and answer["AlternateContact"]
    answer = or_none(client.get_contact_information, "ResourceNotFoundException")
    return {**found, "primary": answer and answer["ContactInformation"]}


def users(cloud, account):
    client = cloud.client("iam", account)
    found = {}
    for user in client.list_users()["Users"]:
        name = {"UserName": user["UserName"]}
        inline = client.list_user_policies(**name)["PolicyNames"]
        found[user["UserName"]] = {
            "password": or_none(client.get_login_profile, "NoSuchEntity", **name) is not None,
            "keys": client.list_access_keys(**name)["AccessKeyMetadata"],
            "attached": [one["PolicyArn"] for one in client.list_attached_user_policies(**name)["AttachedPolicies"]],
            "inline": {one: client.get_user_policy(PolicyName=one, **name)["PolicyDocument"] for one in inline},
        }
    return found


def identity(cloud, account):
    client = cloud.client("iam", account)
    roles = {}
    for role in client.list_roles()["Roles"]:
        attached = client.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
        roles[role["RoleName"]] = {
            "trust": role["AssumeRolePolicyDocument"],
            "attached": [one["PolicyArn"] for one in attached],
            "inline": {
                one: client.get_role_policy(RoleName=role["RoleName"], PolicyName=one)["PolicyDocument"]
                for one in client.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
            },
        }
    holders = client.list_entities_for_policy(PolicyArn="arn:aws:iam::aws:policy/AWSCloudShellFullAccess")
    certificates = client.list_server_certificates()["ServerCertificateMetadataList"]
    return {
        "roles": roles,
        "alias": client.list_account_aliases()["AccountAliases"],
        "certificates": [one["ServerCertificateName"] for one in certificates],
        "cloudshell": [
            one[f"{kind}Name"] for kind in ["Group", "Role", "User"] for one in holders[f"Policy{kind}s"]
        ],
    }


def trails(cloud, account):
    """The account's own trails, each where it is at home."""
    found = []
    for region in cloud.regions:
        client = cloud.client("cloudtrail", account, region)
        for seen in client.describe_trails(includeShadowTrails=False)["trailList"]:
            arn = seen["TrailARN"]
            # The organization's trail shows in its members, which may not read the rest of it.
            if arn.split(":")[4] != account:
                continue
            chosen = client.get_event_selectors(TrailName=arn)
            found.append(
                {
                    **seen,
                    "HomeRegion": region,
                    "Status": plain(client.get_trail_status(Name=arn)),
                    "EventSelectors": chosen.get("EventSelectors") or [],
                    "AdvancedEventSelectors": chosen.get("AdvancedEventSelectors") or [],
                    "Tags": client.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"],
                }
            )
    return found


def log_groups(cloud, account):
    """The log groups of the home region by name, with their tags and the names of their streams."""
    client = cloud.client("logs", account)
    found = {}
    for group in client.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        streams = client.describe_log_streams(logGroupName=name)["logStreams"]
        arn = group["arn"].removesuffix(":*")
        found[name] = {
            **group,
            "tags": client.list_tags_for_resource(resourceArn=arn)["tags"],
            "streams": [stream["logStreamName"] for stream in streams],
        }
    return found


def keys(cloud, account, region):
    client = cloud.client("kms", account, region)
    aliases = cloud.pages("kms", "list_aliases", "Aliases", account, region)
    found = []
    for listed in cloud.pages("kms", "list_keys", "Keys", account, region):
        at = {"KeyId": listed["KeyId"]}
        seen = or_none(client.describe_key, "AccessDeniedException", **at)
        if seen is None:
            # Its own policy keeps everybody out: that it is there is all there is to see.
            found.append(at)
            continue
        # Keys that cannot rotate say so, each sort in its own way.
        rotation = or_none(
            client.get_key_rotation_status, "UnsupportedOperationException", "KMSInvalidStateException", **at
        )
        found.append(
            {
                **seen["KeyMetadata"],
                "Aliases": [alias["AliasName"] for alias in aliases if alias.get("TargetKeyId") == at["KeyId"]],
                "Rotation": rotation and plain(rotation),
            }
        )
    return found


def key_policy(cloud, account, region, key):
    answer = cloud.client("kms", account, region).get_key_policy(KeyId=key, PolicyName="default")
    return answer["Policy"]


def detectors(cloud, account, region):
    client = cloud.client("guardduty", account, region)
    listed = client.list_detectors()["DetectorIds"]
    return [{"DetectorId": one, **plain(client.get_detector(DetectorId=one))} for one in listed]


def buckets(cloud, account):
    """Every bucket by its name."""
    client = cloud.client("s3", account)
    found = {}
    for bucket in client.list_buckets()["Buckets"]:
        at = {"Bucket": bucket["Name"]}
        answers = {
            "location": client.get_bucket_location(**at),
            "versioning": client.get_bucket_versioning(**at),
            "policy": or_none(client.get_bucket_policy, "NoSuchBucketPolicy", **at),
            "encryption": or_none(
                client.get_bucket_encryption, "ServerSideEncryptionConfigurationNotFoundError", **at
            ),
            "public": or_none(client.get_public_access_block, "NoSuchPublicAccessBlockConfiguration", **at),
            "tags": or_none(client.get_bucket_tagging, "NoSuchTagSet", **at),
            "logging": client.get_bucket_logging(**at),
            "lifecycle": or_none(
                client.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration", **at
            ),
        }
        found[bucket["Name"]] = {name: answer and plain(answer) for name, answer in answers.items()}
    return found


def account_block(cloud, account):
    """The public access block of an account; nothing where it has none."""
    client = cloud.client("s3control", account)
    codes = ["NoSuchPublicAccessBlockConfiguration"]
    answer = or_none(client.get_public_access_block, *codes, AccountId=account)
    return answer and answer["PublicAccessBlockConfiguration"]


def ec2_defaults(cloud, account, region):
    """What the account has set for all of a region's volumes, snapshots, images and instances."""
    ec2 = cloud.client("ec2", account, region)
    return {
        "Encryption": ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"],
        "Key": ec2.get_ebs_default_kms_key_id()["KmsKeyId"],
        "Snapshots": ec2.get_snapshot_block_public_access_state()["State"],
        "Images": ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"],
        "Metadata": ec2.get_instance_metadata_defaults()["AccountLevel"],
        "Console": ec2.get_serial_console_access_status()["SerialConsoleAccessEnabled"],
    }


def security_groups(cloud, account, region):
    """The permissions of each security group, by its id."""
    ec2 = cloud.client("ec2", account, region)
    sides = lambda group: {"in": group["IpPermissions"], "out": group["IpPermissionsEgress"]}
    return {group["GroupId"]: sides(group) for group in ec2.describe_security_groups()["SecurityGroups"]}


def flow_logs(cloud, account, region):
    """The flow logs, by when they were made."""
    return cloud.client("ec2", account, region).describe_flow_logs()["FlowLogs"]


def analyzers(cloud, account, region):
    return cloud.client("accessanalyzer", account, region).list_analyzers()["analyzers"]


def hub(cloud, account, region):
    answer = or_none(cloud.client("securityhub", account, region).describe_hub, "InvalidAccessException")
    return answer and plain(answer)


def topics(cloud, account, region):
    """The topics of a region by name: policy, tags, and who is told."""
    sns = cloud.client("sns", account, region)
    found = {}
    for listed in sns.list_topics()["Topics"]:
        arn = listed["TopicArn"]
        attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        subscriptions = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
        found[arn.split(":")[-1]] = {
            "Policy": attributes["Policy"],
            "Key": attributes.get("KmsMasterKeyId"),
            "Tags": {tag["Key"]: tag["Value"] for tag in sns.list_tags_for_resource(ResourceArn=arn)["Tags"]},
            "Told": sorted(f"{one['Protocol']} {one['Endpoint']}" for one in subscriptions),
        }
    return found


def alarms(cloud, account, region):
    """The alarms of a region, and the metric filters of its log groups, by name."""
    logs, cloudwatch = cloud.client("logs", account, region), cloud.client("cloudwatch", account, region)
    filters = {}
    for group in logs.describe_log_groups()["logGroups"]:
        for one in logs.describe_metric_filters(logGroupName=group["logGroupName"])["metricFilters"]:
            (made,) = one["metricTransformations"]
            filters[one["filterName"]] = {
                "Pattern": one["filterPattern"],
                "Metric": [made["metricNamespace"], made["metricName"]],
            }
    found = {}
    for alarm in cloudwatch.describe_alarms()["MetricAlarms"]:
        kept = {name: alarm.get(name) for name in ["ActionsEnabled", "AlarmActions", "AlarmDescription", "Period"]}
        found[alarm["AlarmName"]] = {**kept, "Metric": [alarm["Namespace"], alarm["MetricName"]]}
    return {"Filters": filters, "Alarms": found}


def recorder(cloud, account, region):
    """What AWS Config has of the account itself in a region: one of each at most."""
    client = cloud.client("config", account, region)
    first = lambda all_of_them: (all_of_them or [None])[0]
    return {
        "recorder": first(client.describe_configuration_recorders()["ConfigurationRecorders"]),
        "status": first(client.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]),
        "channel": first(client.describe_delivery_channels()["DeliveryChannels"]),
        "retention": first(client.describe_retention_configurations()["RetentionConfigurations"]),
    }
