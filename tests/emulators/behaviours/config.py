"""How AWS Config behaves: recorders, channels, retention."""

import json

from stage import equal, refused

SERVICE = "config.amazonaws.com"
LINKED = "securityhub.amazonaws.com"
TYPES = {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]}


def _account(stage):
    """A member with the role of the service: its client, its id and the ARN of the role."""
    account = stage.member()
    role = stage.inside("iam", account).create_service_linked_role(AWSServiceName=SERVICE)["Role"]["Arn"]
    return stage.inside("config", account), account, role


def _record(client, role, name="default", **group):
    recorder = {"name": name, "roleARN": role, **group}
    client.put_configuration_recorder(ConfigurationRecorder=recorder)


def _bucket(stage, account, *actions):
    s3 = stage.inside("s3", account)
    s3.create_bucket(Bucket=f"logs-{account}")
    if actions:
        arn = f"arn:aws:s3:::logs-{account}"
        statement = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": list(actions), "Resource": [arn, f"{arn}/*"]}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        s3.put_bucket_policy(Bucket=f"logs-{account}", Policy=policy)


ALL = ("s3:GetBucketAcl", "s3:ListBucket", "s3:PutObject")


def _deliver(client, account, name="default"):
    client.put_delivery_channel(DeliveryChannel={"name": name, "s3BucketName": f"logs-{account}"})


def _started(stage):
    client, account, role = _account(stage)
    _bucket(stage, account, *ALL)
    _record(client, role)
    _deliver(client, account)
    client.start_configuration_recorder(ConfigurationRecorderName="default")
    return client


def _recorders(client, **which):
    return [one["name"] for one in client.describe_configuration_recorders(**which)["ConfigurationRecorders"]]


def a_region_has_one_recorder_of_the_account(stage):
    client, _, role = _account(stage)
    _record(client, role, "mine")
    second = {"name": "default", "roleARN": role}
    refused(
        "MaxNumberOfConfigurationRecordersExceededException",
        client.put_configuration_recorder,
        ConfigurationRecorder=second,
    )
    _record(client, role, "mine", recordingGroup=TYPES)
    equal(_recorders(client), ["mine"])


def recorders_of_services_are_shown_by_their_principal_alone(stage):
    client, _, role = _account(stage)
    client.put_service_linked_configuration_recorder(ServicePrincipal=LINKED)
    equal(_recorders(client), [])
    _record(client, role)
    equal(_recorders(client), ["default"])
    linked = client.describe_configuration_recorders(ServicePrincipal=LINKED)["ConfigurationRecorders"]
    equal([one["servicePrincipal"] for one in linked], [LINKED])
    refused(
        "NoSuchConfigurationRecorderException",
        client.describe_configuration_recorders,
        ServicePrincipal="other.amazonaws.com",
    )


def a_recorder_of_a_service_cannot_be_changed(stage):
    client, _, role = _account(stage)
    name = client.put_service_linked_configuration_recorder(ServicePrincipal=LINKED)["Name"]
    put = {"name": name, "roleARN": role}
    refused("UnmodifiableEntityException", client.put_configuration_recorder, ConfigurationRecorder=put)
    for call in [
        client.start_configuration_recorder,
        client.stop_configuration_recorder,
        client.delete_configuration_recorder,
    ]:
        refused("UnmodifiableEntityException", call, ConfigurationRecorderName=name)


def a_channel_needs_a_recorder_and_a_recorder_a_channel_to_start(stage):
    client, account, role = _account(stage)
    _bucket(stage, account, *ALL)
    channel = {"name": "default", "s3BucketName": f"logs-{account}"}
    refused("NoAvailableConfigurationRecorderException", client.put_delivery_channel, DeliveryChannel=channel)
    _record(client, role)
    start = lambda: client.start_configuration_recorder(ConfigurationRecorderName="default")
    refused("NoAvailableDeliveryChannelException", start)
    _deliver(client, account)
    start()


def a_channel_is_taken_only_where_the_bucket_lets_config_in(stage):
    client, account, role = _account(stage)
    _record(client, role)
    channel = {"name": "default", "s3BucketName": f"logs-{account}"}
    refused("NoSuchBucketException", client.put_delivery_channel, DeliveryChannel=channel)
    _bucket(stage, account, "s3:GetBucketAcl", "s3:PutObject")
    refused("InsufficientDeliveryPolicyException", client.put_delivery_channel, DeliveryChannel=channel)


def the_channel_of_a_running_recorder_is_not_deleted(stage):
    client = _started(stage)
    delete = lambda: client.delete_delivery_channel(DeliveryChannelName="default")
    refused("LastDeliveryChannelDeleteFailedException", delete)
    client.stop_configuration_recorder(ConfigurationRecorderName="default")
    delete()
    equal(client.describe_delivery_channels()["DeliveryChannels"], [])


def a_recorder_that_was_started_is_pending(stage):
    client = _started(stage)
    last = lambda: client.describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]["lastStatus"]
    equal([last(), last()], ["PENDING", "SUCCESS"])


def a_group_says_all_some_or_all_but_some(stage):
    client, _, role = _account(stage)
    wrong = {"allSupported": True, "resourceTypes": ["AWS::S3::Bucket"]}
    put = {"name": "default", "roleARN": role, "recordingGroup": wrong}
    refused("InvalidRecordingGroupException", client.put_configuration_recorder, ConfigurationRecorder=put)
    _record(client, role, recordingGroup=TYPES)
    group = lambda: client.describe_configuration_recorders()["ConfigurationRecorders"][0]["recordingGroup"]
    equal(group()["recordingStrategy"]["useOnly"], "INCLUSION_BY_RESOURCE_TYPES")
    but = {"exclusionByResourceTypes": {"resourceTypes": ["AWS::S3::Bucket"]}}
    strategy = {"recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}}
    _record(client, role, recordingGroup={**but, **strategy})
    equal([group()["allSupported"], group()["exclusionByResourceTypes"]], [False, but["exclusionByResourceTypes"]])


def a_role_has_to_be_there_to_record_by_it(stage):
    account = stage.member()
    client = stage.inside("config", account)
    role = f"arn:aws:iam::{account}:role/aws-service-role/{SERVICE}/AWSServiceRoleForConfig"
    put = {"name": "default", "roleARN": role}
    refused("InvalidRoleException", client.put_configuration_recorder, ConfigurationRecorder=put)


def a_recorder_that_is_there_keeps_its_tags(stage):
    client, _, role = _account(stage)
    put = lambda value: client.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": role}, Tags=[{"Key": "one", "Value": value}]
    )
    put("1")
    put("2")
    arn = client.describe_configuration_recorders()["ConfigurationRecorders"][0]["arn"]
    tags = lambda: {tag["Key"]: tag["Value"] for tag in client.list_tags_for_resource(ResourceArn=arn)["Tags"]}
    equal(tags(), {"one": "1"})
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "one", "Value": "2"}, {"Key": "two", "Value": "2"}])
    client.untag_resource(ResourceArn=arn, TagKeys=["one", "three"])
    equal(tags(), {"two": "2"})
    refused("ResourceNotFoundException", client.list_tags_for_resource, ResourceArn=f"{arn}-not")


def no_retention_is_the_longest(stage):
    client = stage.inside("config", stage.member())
    equal(client.describe_retention_configurations()["RetentionConfigurations"], [])
    client.put_retention_configuration(RetentionPeriodInDays=90)
    equal(client.describe_retention_configurations()["RetentionConfigurations"][0]["RetentionPeriodInDays"], 90)
    client.delete_retention_configuration(RetentionConfigurationName="default")
    equal(client.describe_retention_configurations()["RetentionConfigurations"], [])
