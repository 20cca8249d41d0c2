"""EC2's networks: what AWS puts into each region, and the rules of security groups."""

from stage import ABROAD, HOME, equal, refused

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
