"""EC2: what is set for all of a region, by the account or over its head."""

import json

from botocore.exceptions import ClientError
from stage import ABROAD, HOME, equal, refused

DECLARATIVE = "DECLARATIVE_POLICY_EC2"
DRY = {"DryRun": True}


def regions_that_are_not_enabled_are_shown_on_request(stage):
    stage.reset(accounts=12)
    (member, closed), = {
        one["id"]: region for one in stage.state()["accounts"].values() for region in one["opt_status"]
    }.items()
    ec2 = stage.inside("ec2", member)
    named = lambda **request: {
        region["RegionName"]: region["OptInStatus"] for region in ec2.describe_regions(**request)["Regions"]
    }
    equal(named(), {HOME: "opt-in-not-required"})
    equal(named(AllRegions=True), {HOME: "opt-in-not-required", closed: "not-opted-in"})
    equal(named(RegionNames=[HOME]), {HOME: "opt-in-not-required"})
    refused("InvalidParameterValue", ec2.describe_regions, RegionNames=["mars-north-1"])
    stage.inside("account", member).enable_region(RegionName=closed)
    equal(named(), {HOME: "opt-in-not-required", closed: "opted-in"})


def a_region_that_is_not_enabled_knows_no_credentials_for_ec2(stage):
    stage.reset(accounts=12)
    (member, closed), = {
        one["id"]: region for one in stage.state()["accounts"].values() for region in one["opt_status"]
    }.items()
    refused("AuthFailure", stage.inside("ec2", member, closed).describe_regions)
    assert stage.inside("ec2", member).describe_regions()["Regions"], "the same session works elsewhere"


def a_parameter_that_ec2_does_not_know_is_refused(stage):
    ec2 = stage.client("ec2", stage.root(stage.member()))
    colour = lambda params, **_: params["body"].update({"Colour": "red"})
    ec2.meta.events.register("before-call.ec2.DescribeRegions", colour)
    refused("UnknownParameter", ec2.describe_regions)
    ec2.meta.events.unregister("before-call.ec2.DescribeRegions", colour)
    assert ec2.describe_regions()["Regions"], "without it, it answers"


def a_dry_run_is_refused_either_way(stage):
    member = stage.member()
    stage.role(member, "reader", {"Action": "ec2:GetEbsEncryptionByDefault"})
    reader = stage.client("ec2", stage.enter(member, "reader"))
    administrator = stage.inside("ec2", member)
    refused("DryRunOperation", reader.get_ebs_encryption_by_default, **DRY)
    message = refused("UnauthorizedOperation", reader.enable_ebs_encryption_by_default, **DRY)
    assert "is not authorized to perform: ec2:EnableEbsEncryptionByDefault" in message, message
    refused("DryRunOperation", administrator.enable_ebs_encryption_by_default, **DRY)
    equal(reader.get_ebs_encryption_by_default()["EbsEncryptionByDefault"], False)
    stage.guard(member, {"Effect": "Deny", "Action": "ec2:Enable*"})
    message = refused("UnauthorizedOperation", administrator.enable_ebs_encryption_by_default)
    assert "with an explicit deny in a service control policy" in message, message


def encryption_by_default_is_of_one_region(stage):
    member = stage.member()
    here, there = stage.inside("ec2", member), stage.inside("ec2", member, ABROAD)
    equal(here.enable_ebs_encryption_by_default()["EbsEncryptionByDefault"], True)
    on = lambda client: client.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    equal((on(here), on(there)), (True, False))
    here.disable_ebs_encryption_by_default()
    equal(on(here), False)


def without_a_default_key_ebs_uses_that_of_aws(stage):
    member = stage.member()
    ec2, kms = stage.inside("ec2", member), stage.inside("kms", member)
    equal(ec2.get_ebs_default_kms_key_id()["KmsKeyId"], "alias/aws/ebs")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/volumes", TargetKeyId=key["KeyId"])
    equal(ec2.modify_ebs_default_kms_key_id(KmsKeyId="alias/volumes")["KmsKeyId"], key["Arn"])
    equal(ec2.get_ebs_default_kms_key_id()["KmsKeyId"], key["Arn"])
    ec2.reset_ebs_default_kms_key_id()
    equal(ec2.get_ebs_default_kms_key_id()["KmsKeyId"], "alias/aws/ebs")


def a_default_key_that_is_not_there_is_taken(stage):
    ec2 = stage.inside("ec2", stage.member())
    ec2.modify_ebs_default_kms_key_id(KmsKeyId="alias/nowhere")
    equal(ec2.get_ebs_default_kms_key_id()["KmsKeyId"], "alias/nowhere")
    refused("MissingParameter", ec2.modify_ebs_default_kms_key_id)


def snapshots_start_unblocked_and_images_blocked(stage):
    ec2 = stage.inside("ec2", stage.member())
    snapshots = ec2.get_snapshot_block_public_access_state()
    equal((snapshots["State"], snapshots["ManagedBy"]), ("unblocked", "account"))
    images = ec2.get_image_block_public_access_state()
    equal((images["ImageBlockPublicAccessState"], images["ManagedBy"]), ("block-new-sharing", "account"))
    ec2.disable_image_block_public_access()
    equal(ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"], "unblocked")


def _snapshot(ec2):
    volume = ec2.create_volume(AvailabilityZone=f"{HOME}a", Size=8)["VolumeId"]
    return {"SnapshotId": ec2.create_snapshot(VolumeId=volume)["SnapshotId"]}


def _public(ec2):
    found = ec2.describe_snapshots(OwnerIds=["self"], RestorableByUserIds=["all"])["Snapshots"]
    return [snapshot["SnapshotId"] for snapshot in found]


EVERYBODY = {"Attribute": "createVolumePermission", "OperationType": "add", "GroupNames": ["all"]}


def snapshots_stay_public_by_name_while_all_sharing_is_blocked(stage):
    ec2 = stage.inside("ec2", stage.member())
    shared, other = _snapshot(ec2), _snapshot(ec2)
    ec2.modify_snapshot_attribute(**shared, **EVERYBODY)
    equal(_public(ec2), [shared["SnapshotId"]])
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    equal(_public(ec2), [shared["SnapshotId"]])
    refused("OperationNotPermitted", ec2.modify_snapshot_attribute, **other, **EVERYBODY)
    ec2.modify_snapshot_attribute(**shared, Attribute="createVolumePermission", OperationType="remove",
                                  GroupNames=["all"])
    equal(_public(ec2), [])


def encrypted_snapshots_cannot_be_public(stage):
    ec2 = stage.inside("ec2", stage.member())
    ec2.enable_ebs_encryption_by_default()
    refused("OperationNotPermitted", ec2.modify_snapshot_attribute, **_snapshot(ec2), **EVERYBODY)
    refused("InvalidSnapshot.NotFound", ec2.modify_snapshot_attribute, SnapshotId="snap-0", **EVERYBODY)
    refused("InvalidVolume.NotFound", ec2.create_snapshot, VolumeId="vol-0")


def sharing_of_snapshots_is_unblocked_by_an_operation_of_its_own(stage):
    ec2 = stage.inside("ec2", stage.member())
    state = lambda: ec2.get_snapshot_block_public_access_state()["State"]
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    refused("InvalidParameterValue", ec2.enable_snapshot_block_public_access, State="unblocked")
    equal(state(), "block-all-sharing")
    ec2.enable_snapshot_block_public_access(State="block-new-sharing")
    equal(state(), "block-new-sharing")
    ec2.disable_snapshot_block_public_access()
    equal(state(), "unblocked")


def metadata_defaults_that_are_not_named_stay(stage):
    ec2 = stage.inside("ec2", stage.member())

    def defaults():
        found = ec2.get_instance_metadata_defaults()["AccountLevel"]
        equal(found.pop("ManagedBy"), "account")
        return found

    equal(defaults(), {})
    ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)
    ec2.modify_instance_metadata_defaults(HttpEndpoint="enabled")
    equal(defaults(), {"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled"})
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference", HttpPutResponseHopLimit=-1)
    equal(defaults(), {"HttpEndpoint": "enabled"})
    refused("InvalidParameterValue", ec2.modify_instance_metadata_defaults, HttpPutResponseHopLimit=65)


def what_a_declarative_policy_sets_the_account_cannot_change(stage):
    member, words = stage.member(), "Ask the platform team."
    said = {
        "exception_message": words,
        "snapshot_block_public_access": {"state": "block_all_sharing"},
        "image_block_public_access": {"state": "unblocked"},
        "serial_console_access": {"status": "enabled"},
        "instance_metadata_defaults": {"http_tokens": "required", "http_put_response_hop_limit": "2",
                                       "http_endpoint": "no_preference"},
    }
    assign = lambda value: {key: assign(one) for key, one in value.items()} if isinstance(value, dict) else {
        "@@assign": value}
    organizations = stage.client("organizations")
    organizations.enable_policy_type(RootId=stage.organization_root(), PolicyType=DECLARATIVE)
    made = organizations.create_policy(Name="defaults", Description="defaults", Type=DECLARATIVE,
                                       Content=json.dumps({"ec2_attributes": assign(said)}))
    ec2 = stage.inside("ec2", member)
    ec2.disable_serial_console_access()
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=member)
    managed = {"ManagedBy": "declarative-policy"}
    answers = {
        "snapshots": (ec2.get_snapshot_block_public_access_state, {"State": "block-all-sharing"}),
        "images": (ec2.get_image_block_public_access_state, {"ImageBlockPublicAccessState": "unblocked"}),
        "console": (ec2.get_serial_console_access_status, {"SerialConsoleAccessEnabled": True}),
        "metadata": (lambda: ec2.get_instance_metadata_defaults()["AccountLevel"],
                     {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}),
    }
    for name, (ask, expected) in answers.items():
        found = ask()
        found.pop("ResponseMetadata", None)
        equal((name, found), (name, {**expected, **managed}))
    for change in [
        ec2.disable_snapshot_block_public_access,
        lambda: ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing"),
        ec2.disable_serial_console_access,
        lambda: ec2.modify_instance_metadata_defaults(HttpTokens="optional"),
    ]:
        # AWS says what stands in the refusal, and not which code it has.
        try:
            change()
        except ClientError as error:
            equal(error.response["Error"]["Message"], words)
        else:
            raise AssertionError("the account changed what is declared for it")
