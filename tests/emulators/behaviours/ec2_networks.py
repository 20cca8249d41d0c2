"""EC2's networks: what AWS puts into each region, the rules of security groups, and what is launched there."""

from stage import ABROAD, HOME, document, equal, refused

SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}


def _groups(ec2, **request):
    return {group["GroupId"]: group for group in ec2.describe_security_groups(**request)["SecurityGroups"]}


def _default(ec2):
    (group,) = _groups(ec2, Filters=[{"Name": "group-name", "Values": ["default"]}]).values()
    return group


def _group(ec2, name="web", **more):
    return ec2.create_security_group(GroupName=name, Description=name, **more)["GroupId"]


def every_region_has_a_default_vpc_with_a_group_that_lets_its_members_in(stage):
    member = stage.member()
    found = []
    for region in (HOME, ABROAD):
        ec2 = stage.inside("ec2", member, region)
        (vpc,) = ec2.describe_vpcs()["Vpcs"]
        equal((vpc["IsDefault"], vpc["CidrBlock"], vpc["OwnerId"]), (True, "172.31.0.0/16", member))
        group = _default(ec2)
        equal((group["VpcId"], group["OwnerId"]), (vpc["VpcId"], member))
        (inbound,), (outbound,) = group["IpPermissions"], group["IpPermissionsEgress"]
        equal(inbound["UserIdGroupPairs"], [{"GroupId": group["GroupId"], "UserId": member}])
        equal((inbound["IpProtocol"], inbound["IpRanges"], "FromPort" in inbound), ("-1", [], False))
        equal((outbound["IpProtocol"], outbound["IpRanges"]), ("-1", [{"CidrIp": "0.0.0.0/0"}]))
        found.append(vpc["VpcId"])
    assert found[0] != found[1], "each region has its own"


def a_vpc_that_is_made_brings_a_default_group_that_nobody_can_delete(stage):
    ec2 = stage.inside("ec2", stage.member())
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
    equal(vpc["IsDefault"], False)
    of_vpc = _groups(ec2, Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])
    ((group, shown),) = of_vpc.items()
    equal(shown["GroupName"], "default")
    refused("CannotDelete", ec2.delete_security_group, GroupId=group)
    refused("InvalidParameterValue", ec2.create_security_group, GroupName="default", Description="mine")
    other = _group(ec2, VpcId=vpc["VpcId"])
    refused("InvalidGroup.Duplicate", ec2.create_security_group, GroupName="web", Description="twice",
            VpcId=vpc["VpcId"])
    ec2.delete_security_group(GroupId=other)
    refused("InvalidGroup.NotFound", ec2.describe_security_groups, GroupIds=[other])


def a_group_that_is_made_lets_nothing_in_and_everything_out(stage):
    ec2 = stage.inside("ec2", stage.member())
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "team", "Value": "web"}]}]
    group = _group(ec2, TagSpecifications=tags)
    shown = _groups(ec2, GroupIds=[group])[group]
    equal((shown["IpPermissions"], shown["Tags"]), ([], [{"Key": "team", "Value": "web"}]))
    (outbound,) = shown["IpPermissionsEgress"]
    equal((outbound["IpProtocol"], outbound["IpRanges"]), ("-1", [{"CidrIp": "0.0.0.0/0"}]))


def rules_of_one_protocol_and_range_are_one_permission(stage):
    ec2 = stage.inside("ec2", stage.member())
    group = _group(ec2)
    for source in ({"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "office"}]},
                   {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}, {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{**SSH, **source}])
    (permission,) = _groups(ec2, GroupIds=[group])[group]["IpPermissions"]
    equal(permission["IpRanges"], [{"CidrIp": "10.0.0.0/8", "Description": "office"}, {"CidrIp": "0.0.0.0/0"}])
    equal(permission["Ipv6Ranges"], [{"CidrIpv6": "::/0"}])
    equal((permission["IpProtocol"], permission["FromPort"], permission["ToPort"]), ("tcp", 22, 22))
    by_number = {"IpProtocol": "6", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.1.0.0/16"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[by_number])
    equal(len(_groups(ec2, GroupIds=[group])[group]["IpPermissions"]), 1)


def a_rule_that_is_there_already_is_a_duplicate_whatever_is_written_beside_it(stage):
    ec2 = stage.inside("ec2", stage.member())
    group = _group(ec2)
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{**SSH, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    again = {**SSH, "IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "0.0.0.0/0", "Description": "other words"}]}
    refused("InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[again])
    (permission,) = _groups(ec2, GroupIds=[group])[group]["IpPermissions"]
    equal(permission["IpRanges"], [{"CidrIp": "0.0.0.0/0"}])
    for bad in ({**SSH, "IpRanges": [{"CidrIp": "nowhere"}]}, {**SSH, "ToPort": 21, "IpRanges": [{"CidrIp": "::/0"}]}):
        refused("InvalidParameterValue", ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[bad])
    stranger = {**SSH, "UserIdGroupPairs": [{"GroupId": "sg-0"}]}
    refused("InvalidGroup.NotFound", ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[stranger])
    refused("InvalidGroup.NotFound", ec2.authorize_security_group_ingress, GroupId="sg-0", IpPermissions=[again])


def what_is_revoked_and_is_not_there_is_forgiven_in_the_default_vpc_alone(stage):
    ec2 = stage.inside("ec2", stage.member())
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    there, absent = {**SSH, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, {**SSH, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ours, made = _group(ec2), _group(ec2, VpcId=vpc)
    for group in (ours, made):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[there])
    answer = ec2.revoke_security_group_ingress(GroupId=ours, IpPermissions=[there, absent])
    equal([one["IpRanges"] for one in answer["UnknownIpPermissions"]], [[{"CidrIp": "0.0.0.0/0"}]])
    equal(_groups(ec2, GroupIds=[ours])[ours]["IpPermissions"], [])
    refused("InvalidPermission.NotFound", ec2.revoke_security_group_ingress, GroupId=made,
            IpPermissions=[there, absent])
    equal(len(_groups(ec2, GroupIds=[made])[made]["IpPermissions"]), 1)
    refused("InvalidPermission.NotFound", ec2.revoke_security_group_egress, GroupId=made, IpPermissions=[there])


def a_rule_is_revoked_without_what_is_written_beside_it(stage):
    member = stage.member()
    ec2 = stage.inside("ec2", member)
    group = _group(ec2)
    rule = {**SSH, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "jump host"}]}
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])["SecurityGroupRules"]
    equal((made[0]["CidrIpv4"], made[0]["Description"], made[0]["IsEgress"]), ("0.0.0.0/0", "jump host", False))
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[{**SSH, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    equal(_groups(ec2, GroupIds=[group])[group]["IpPermissions"], [])
    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])["SecurityGroupRules"]
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[made[0]["SecurityGroupRuleId"]])
    equal(_groups(ec2, GroupIds=[group])[group]["IpPermissions"], [])
    default = _default(ec2)
    ec2.revoke_security_group_ingress(GroupId=default["GroupId"], IpPermissions=default["IpPermissions"])
    ec2.revoke_security_group_egress(GroupId=default["GroupId"], IpPermissions=default["IpPermissionsEgress"])
    equal((_default(ec2)["IpPermissions"], _default(ec2)["IpPermissionsEgress"]), ([], []))


def an_interface_without_a_group_gets_the_default_one(stage):
    ec2 = stage.inside("ec2", stage.member())
    subnets = ec2.describe_subnets()["Subnets"]
    equal(sorted(subnet["AvailabilityZone"] for subnet in subnets), [f"{HOME}{zone}" for zone in "abc"])
    subnet, default, group = subnets[0]["SubnetId"], _default(ec2)["GroupId"], _group(ec2)
    first = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]
    equal(first["Groups"], [{"GroupId": default, "GroupName": "default"}])
    ec2.create_network_interface(SubnetId=subnet, Groups=[group], Description="web")
    having = lambda *groups: [
        one["NetworkInterfaceId"] for one in ec2.describe_network_interfaces(
            Filters=[{"Name": "group-id", "Values": list(groups)}])["NetworkInterfaces"]
    ]
    equal((having(default), len(having(default, group))), ([first["NetworkInterfaceId"]], 2))
    refused("DependencyViolation", ec2.delete_security_group, GroupId=group)
    refused("InvalidSubnetID.NotFound", ec2.create_network_interface, SubnetId="subnet-0")


def a_prefix_list_in_a_rule_holds_what_only_its_entries_say(stage):
    ec2 = stage.inside("ec2", stage.member())
    entries = [{"Cidr": "10.0.0.0/8"}, {"Cidr": "0.0.0.0/0", "Description": "everybody"}]
    made = ec2.create_managed_prefix_list(PrefixListName="all", Entries=entries, MaxEntries=2, AddressFamily="IPv4")
    prefix_list, group = made["PrefixList"]["PrefixListId"], _group(ec2)
    rule = {**SSH, "PrefixListIds": [{"PrefixListId": prefix_list}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    (permission,) = _groups(ec2, GroupIds=[group])[group]["IpPermissions"]
    equal((permission["PrefixListIds"], permission["IpRanges"]), ([{"PrefixListId": prefix_list}], []))
    equal(ec2.get_managed_prefix_list_entries(PrefixListId=prefix_list)["Entries"], entries)
    refused("InvalidPrefixListID.NotFound", ec2.get_managed_prefix_list_entries, PrefixListId="pl-0")


def pages_of_ec2_have_five_elements_at_least(stage):
    ec2 = stage.inside("ec2", stage.member())
    made = {_group(ec2, f"group-{number}") for number in range(6)}
    refused("InvalidParameterValue", ec2.describe_security_groups, MaxResults=4)
    refused("InvalidParameterValue", ec2.describe_security_groups, MaxResults=5, NextToken="nonsense")
    first = ec2.describe_security_groups(MaxResults=5)
    second = ec2.describe_security_groups(MaxResults=5, NextToken=first["NextToken"])
    pages = [[group["GroupId"] for group in page["SecurityGroups"]] for page in (first, second)]
    equal(([len(page) for page in pages], "NextToken" in second), ([5, 2], False))
    assert made < {group for page in pages for group in page}, pages


def every_vpc_has_an_acl_that_lets_everything_through_and_ends_in_a_refusal(stage):
    member = stage.member()
    ec2 = stage.inside("ec2", member)
    (acl,) = ec2.describe_network_acls()["NetworkAcls"]
    equal((acl["IsDefault"], acl["OwnerId"], len(acl["Associations"])), (True, member, 3))
    entries = lambda shown: [
        (one["Egress"], one["RuleNumber"], one["RuleAction"], one["Protocol"], one["CidrBlock"])
        for one in shown["Entries"]
    ]
    through = lambda egress: [(egress, 100, "allow", "-1", "0.0.0.0/0"), (egress, 32767, "deny", "-1", "0.0.0.0/0")]
    equal(entries(acl), through(False) + through(True))
    made = ec2.create_network_acl(VpcId=acl["VpcId"])["NetworkAcl"]
    equal((made["IsDefault"], made["Associations"]), (False, []))
    equal([entry[1:3] for entry in entries(made)], [(32767, "deny")] * 2)


def entries_of_an_acl_have_numbers_of_their_own(stage):
    ec2 = stage.inside("ec2", stage.member())
    acl = {"NetworkAclId": ec2.describe_network_acls()["NetworkAcls"][0]["NetworkAclId"]}
    entry = {**acl, "RuleNumber": 100, "Egress": False, "RuleAction": "deny", "CidrBlock": "0.0.0.0/0"}
    ssh = {"Protocol": "tcp", "PortRange": {"From": 22, "To": 22}}
    refused("NetworkAclEntryAlreadyExists", ec2.create_network_acl_entry, **entry, **ssh)
    refused("InvalidParameterValue", ec2.create_network_acl_entry, **{**entry, "RuleNumber": 32767}, **ssh)
    refused("InvalidNetworkAclEntry.NotFound", ec2.replace_network_acl_entry, **{**entry, "RuleNumber": 50}, **ssh)
    ec2.replace_network_acl_entry(**entry, **ssh)
    shown = ec2.describe_network_acls()["NetworkAcls"][0]["Entries"][0]
    equal((shown["Protocol"], shown["PortRange"], shown["RuleAction"]), ("6", {"From": 22, "To": 22}, "deny"))
    ec2.delete_network_acl_entry(**acl, RuleNumber=100, Egress=False)
    refused("InvalidNetworkAclEntry.NotFound", ec2.delete_network_acl_entry, **acl, RuleNumber=100, Egress=False)
    refused("InvalidNetworkAclEntry.NotFound", ec2.delete_network_acl_entry, **acl, RuleNumber=32767, Egress=False)


def _vpc(ec2):
    return ec2.describe_vpcs()["Vpcs"][0]["VpcId"]


def _into(bucket, vpc, **more):
    return {"ResourceIds": [vpc], "ResourceType": "VPC", "TrafficType": "REJECT", "LogDestinationType": "s3",
            "LogDestination": f"arn:aws:s3:::{bucket}", **more}


def what_a_flow_log_cannot_do_is_said_in_an_answer_that_is_no_failure(stage):
    ec2 = stage.inside("ec2", stage.member())
    answer = ec2.create_flow_logs(**_into("nowhere", _vpc(ec2)))
    (refusal,) = answer["Unsuccessful"]
    equal((answer["FlowLogIds"], refusal["ResourceId"]), ([], _vpc(ec2)))
    assert "nowhere" in refusal["Error"]["Message"], refusal
    equal(ec2.describe_flow_logs()["FlowLogs"], [])


def a_second_flow_log_of_the_same_traffic_to_the_same_place_is_there_already(stage):
    member = stage.member()
    ec2, s3 = stage.inside("ec2", member), stage.inside("s3", member)
    s3.create_bucket(Bucket="flows-a")
    vpc = _vpc(ec2)
    tags = [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "by", "Value": "hand"}]}]
    (made,) = ec2.create_flow_logs(**_into("flows-a", vpc, TagSpecifications=tags))["FlowLogIds"]
    again = ec2.create_flow_logs(**_into("flows-a", vpc))
    equal([one["Error"]["Code"] for one in again["Unsuccessful"]], ["FlowLogAlreadyExists"])
    (other,) = ec2.create_flow_logs(**_into("flows-a", vpc, TrafficType="ALL"))["FlowLogIds"]
    shown = {one["FlowLogId"]: one for one in ec2.describe_flow_logs(
        Filters=[{"Name": "resource-id", "Values": [vpc]}])["FlowLogs"]}
    equal((set(shown), shown[made]["FlowLogStatus"], shown[made]["Tags"]),
          ({made, other}, "ACTIVE", [{"Key": "by", "Value": "hand"}]))
    equal(ec2.delete_flow_logs(FlowLogIds=[made, other])["Unsuccessful"], [])
    (gone,) = ec2.delete_flow_logs(FlowLogIds=[made])["Unsuccessful"]
    equal(gone["ResourceId"], made)


def a_bucket_of_flow_logs_lets_the_delivery_in_or_gets_a_policy_from_who_may_write_one(stage):
    member = stage.member()
    owner, s3 = stage.inside("ec2", member), stage.inside("s3", member)
    s3.create_bucket(Bucket="flows-b")
    s3.create_bucket(Bucket="flows-c")
    recording = {"Action": ["ec2:CreateFlowLogs", "ec2:DescribeVpcs", "logs:CreateLogDelivery", "logs:DeleteLogDelivery"]}
    stage.role(member, "recorder", recording)
    recorder = stage.client("ec2", stage.enter(member, "recorder"))
    vpc = _vpc(recorder)
    (refusal,) = recorder.create_flow_logs(**_into("flows-b", vpc))["Unsuccessful"]
    assert "Access Denied for LogDestination" in refusal["Error"]["Message"], refusal
    equal(len(owner.create_flow_logs(**_into("flows-b", vpc))["FlowLogIds"]), 1)
    assert "delivery.logs.amazonaws.com" in s3.get_bucket_policy(Bucket="flows-b")["Policy"]
    service = {"Service": "delivery.logs.amazonaws.com"}
    arn = "arn:aws:s3:::flows-c"
    policy = document({"Principal": service, "Action": "s3:GetBucketAcl", "Resource": arn},
                      {"Principal": service, "Action": "s3:PutObject", "Resource": f"{arn}/AWSLogs/{member}/*"})
    s3.put_bucket_policy(Bucket="flows-c", Policy=policy)
    equal(len(recorder.create_flow_logs(**_into("flows-c", vpc))["FlowLogIds"]), 1)


def a_role_that_cannot_deliver_is_found_out_later(stage):
    member = stage.member()
    ec2 = stage.inside("ec2", member)
    stage.perform(member, "iam", "CreateRole", RoleName="flows", AssumeRolePolicyDocument=document(
        {"Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}))
    into = {"ResourceIds": [_vpc(ec2)], "ResourceType": "VPC", "TrafficType": "ALL"}
    refused("InvalidParameter", ec2.create_flow_logs, **into, LogGroupName="flows")
    for role, group in (("flows", "good"), ("nobody", "bad")):
        arn = f"arn:aws:iam::{member}:role/{role}"
        equal(ec2.create_flow_logs(**into, LogGroupName=group, DeliverLogsPermissionArn=arn)["Unsuccessful"], [])
    shown = {one["LogGroupName"]: one for one in ec2.describe_flow_logs()["FlowLogs"]}
    equal((shown["good"]["DeliverLogsStatus"], shown["bad"]["DeliverLogsStatus"]), ("SUCCESS", "FAILED"))
    equal(shown["bad"]["DeliverLogsErrorMessage"], "Access error")


def what_flow_logs_take_besides_is_checked_on_who_makes_them(stage):
    member = stage.member()
    stage.inside("s3", member).create_bucket(Bucket="flows-d")
    stage.role(member, "recorder", {"Action": ["ec2:CreateFlowLogs", "ec2:DescribeVpcs"]})
    ec2 = stage.client("ec2", stage.enter(member, "recorder"))
    tags = [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "by", "Value": "hand"}]}]
    role = f"arn:aws:iam::{member}:role/flows"
    group = {"ResourceIds": [_vpc(ec2)], "ResourceType": "VPC", "TrafficType": "ALL", "LogGroupName": "flows",
             "DeliverLogsPermissionArn": role}
    for asked, action in (
        (_into("flows-d", _vpc(ec2)), "logs:CreateLogDelivery"),
        (group, "iam:PassRole"),
        ({**group, "TagSpecifications": tags}, "ec2:CreateTags"),
    ):
        message = refused("UnauthorizedOperation", ec2.create_flow_logs, **asked)
        assert f"is not authorized to perform: {action}" in message, message


def _launched(ec2, **more):
    return ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, **more)["Instances"][0]["InstanceId"]


def _metadata(ec2, instance):
    (reservation,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["MetadataOptions"]


def an_instance_is_launched_with_what_its_launch_says_and_else_what_the_account_says(stage):
    ec2 = stage.inside("ec2", stage.member())
    first = _launched(ec2)
    equal((_metadata(ec2, first)["HttpTokens"], _metadata(ec2, first)["HttpEndpoint"]), ("optional", "enabled"))
    ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)
    second, third = _launched(ec2), _launched(ec2, MetadataOptions={"HttpTokens": "optional"})
    equal([_metadata(ec2, one)["HttpTokens"] for one in (first, second, third)], ["optional", "required", "optional"])
    equal(_metadata(ec2, third)["HttpPutResponseHopLimit"], 2)


def an_instance_shows_the_instance_profile_that_it_was_launched_with_and_else_none(stage):
    member = stage.member()
    ec2 = stage.inside("ec2", member)
    arn = f"arn:aws:iam::{member}:instance-profile/web"
    by_name = _launched(ec2, IamInstanceProfile={"Name": "web"})
    by_arn = _launched(ec2, IamInstanceProfile={"Arn": arn})
    without = _launched(ec2)
    shown = {one["Instances"][0]["InstanceId"]: one["Instances"][0] for one in ec2.describe_instances()["Reservations"]}
    equal([shown[one]["IamInstanceProfile"]["Arn"] for one in (by_name, by_arn)], [arn, arn])
    assert shown[by_name]["IamInstanceProfile"]["Id"].startswith("AIPA")
    assert "IamInstanceProfile" not in shown[without]


def options_of_metadata_that_are_not_named_stay(stage):
    ec2 = stage.inside("ec2", stage.member())
    instance = _launched(ec2, MetadataOptions={"HttpPutResponseHopLimit": 3})
    answer = ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="required")
    equal(answer["InstanceMetadataOptions"]["State"], "pending")
    found = _metadata(ec2, instance)
    equal((found["HttpTokens"], found["HttpPutResponseHopLimit"], found["State"]), ("required", 3, "applied"))
    refused("InvalidInstanceID.NotFound", ec2.modify_instance_metadata_options, InstanceId="i-0", HttpTokens="required")


def _state(ec2, instance):
    (reservation,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["State"]["Name"]


def an_instance_that_starts_or_stops_is_between_two_states_for_a_while(stage):
    ec2 = stage.inside("ec2", stage.member())
    instance = _launched(ec2)
    (stopping,) = ec2.stop_instances(InstanceIds=[instance])["StoppingInstances"]
    equal((stopping["PreviousState"]["Name"], stopping["CurrentState"]["Name"]), ("running", "stopping"))
    equal(_state(ec2, instance), "stopping")
    refused("IncorrectInstanceState", ec2.start_instances, InstanceIds=[instance])
    stage.advance(60)
    equal(_state(ec2, instance), "stopped")
    (starting,) = ec2.start_instances(InstanceIds=[instance])["StartingInstances"]
    equal((starting["PreviousState"]["Name"], starting["CurrentState"]["Name"]), ("stopped", "pending"))
    refused("IncorrectInstanceState", ec2.stop_instances, InstanceIds=[instance])
    there = [{"Name": "instance-state-name", "Values": ["pending"]}]
    equal(len(ec2.describe_instances(Filters=there)["Reservations"]), 1)
    stage.advance(60)
    equal(_state(ec2, instance), "running")


def metadata_are_changed_of_an_instance_that_runs_or_is_stopped(stage):
    ec2 = stage.inside("ec2", stage.member())
    instance = _launched(ec2)
    for move in (ec2.stop_instances, ec2.start_instances):
        move(InstanceIds=[instance])
        tokens = {"InstanceId": instance, "HttpTokens": "required"}
        refused("IncorrectInstanceState", ec2.modify_instance_metadata_options, **tokens)
        equal(_metadata(ec2, instance)["HttpTokens"], "optional")
        stage.advance(60)
        ec2.modify_instance_metadata_options(**tokens)
        equal(_metadata(ec2, instance)["HttpTokens"], "required")
        ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="optional")


def an_instance_that_is_terminated_is_shown_for_a_while_and_cannot_be_changed(stage):
    ec2 = stage.inside("ec2", stage.member())
    instance = _launched(ec2)
    having = lambda: [one["Attachment"]["InstanceId"] for one in ec2.describe_network_interfaces()["NetworkInterfaces"]]
    equal(having(), [instance])
    ec2.terminate_instances(InstanceIds=[instance])
    ((shown,),) = [one["Instances"] for one in ec2.describe_instances()["Reservations"]]
    equal((shown["InstanceId"], shown["State"]["Name"], having()), (instance, "terminated", []))
    there = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    equal(ec2.describe_instances(Filters=there)["Reservations"], [])
    refused("IncorrectInstanceState", ec2.modify_instance_metadata_options, InstanceId=instance, HttpTokens="required")


def what_a_service_of_aws_runs_is_not_the_accounts_to_change(stage):
    ec2 = stage.inside("ec2", stage.member())
    instance = _launched(ec2, Operator={"Principal": "eks.amazonaws.com"})
    (reservation,) = ec2.describe_instances()["Reservations"]
    operator = reservation["Instances"][0]["Operator"]
    equal((operator["Managed"], operator["Principal"]), (True, "eks.amazonaws.com"))
    refused("OperationNotPermitted", ec2.modify_instance_metadata_options, InstanceId=instance, HttpTokens="required")
