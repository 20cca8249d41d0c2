"""Security groups, network ACLs, VPCs, flow logs and instances of all sorts, in one region of an account."""

EVERYBODY = {"v4": "0.0.0.0/0", "v6": "::/0"}
INSIDE = {"v4": "10.0.0.0/8", "v6": "fd00::/8"}
HALVES = {"v4": ["0.0.0.0/1", "128.0.0.0/1"], "v6": ["::/1", "8000::/1"]}
IMAGE = "ami-12c6146b"


def rule(protocol, ports, *blocks):
    """A rule of a security group, for addresses of either family."""
    found = {"IpProtocol": protocol}
    if ports is not None:
        found["FromPort"], found["ToPort"] = ports
    six = [{"CidrIpv6": block} for block in blocks if ":" in block]
    four = [{"CidrIp": block} for block in blocks if ":" not in block]
    if six:
        found["Ipv6Ranges"] = six
    if four:
        found["IpRanges"] = four
    return found


def groups_of(family):
    every, inside = EVERYBODY[family], INSIDE[family]
    return {
        "closed": [],
        "ssh": [rule("tcp", (22, 22), every)],
        "rdp": [rule("tcp", (3389, 3389), every)],
        "both_ports": [rule("tcp", (22, 22), every), rule("tcp", (3389, 3389), every)],
        "range_over_ssh": [rule("tcp", (20, 25), every)],
        "range_between": [rule("tcp", (23, 3388), every)],
        "all_tcp": [rule("tcp", (0, 65535), every)],
        "all_udp": [rule("udp", (0, 65535), every)],
        "udp_ssh": [rule("udp", (22, 22), every)],
        "all_traffic": [rule("-1", None, every)],
        "all_traffic_inside": [rule("-1", None, inside)],
        "https": [rule("tcp", (443, 443), every)],
        "ping": [rule("icmp" if family == "v4" else "icmpv6", (-1, -1), every)],
        "ssh_inside": [rule("tcp", (22, 22), inside)],
        "https_and_ssh_inside": [rule("tcp", (443, 443), every), rule("tcp", (22, 22), inside)],
        "ssh_inside_and_everybody": [rule("tcp", (22, 22), inside, every)],
        "ssh_halves": [rule("tcp", (22, 22), *HALVES[family])],
        "prefix_list": "list",
    }


GROUPS = {f"{family} {name}": rules for family in EVERYBODY for name, rules in groups_of(family).items()}
SHARES = {
    "closed": [],
    "445": [rule("tcp", (445, 445), "0.0.0.0/0")],
    "445_v6": [rule("tcp", (445, 445), "::/0")],
    "range_over_445": [rule("tcp", (440, 450), "0.0.0.0/0")],
    "139": [rule("tcp", (139, 139), "0.0.0.0/0")],
    "445_udp": [rule("udp", (445, 445), "0.0.0.0/0")],
    "445_inside": [rule("tcp", (445, 445), "10.0.0.0/8")],
    "all_traffic": [rule("-1", None, "0.0.0.0/0")],
}


def entry(number, action, protocol, ports=None, block="0.0.0.0/0"):
    return {"number": number, "action": action, "protocol": protocol, "ports": ports, "block": block}


REMOTE = [("6", 22), ("6", 3389), ("17", 22), ("17", 3389)]
ACLS = {
    "empty": [],
    "ssh": [entry(100, "allow", "6", (22, 22))],
    "rdp": [entry(100, "allow", "6", (3389, 3389))],
    "low_ports": [entry(100, "allow", "6", (1, 1024))],
    "https": [entry(100, "allow", "6", (443, 443))],
    "ssh_udp": [entry(100, "allow", "17", (22, 22))],
    "ssh_inside": [entry(100, "allow", "6", (22, 22), "10.0.0.0/8")],
    "everything": [entry(100, "allow", "-1")],
    "everything_inside": [entry(100, "allow", "-1", block="10.0.0.0/8")],
    "denied_before_ports": [
        entry(50, "deny", "6", (22, 22)),
        entry(60, "deny", "6", (3389, 3389)),
        entry(100, "allow", "6", (1, 65535)),
    ],
    "denied_after_ports": [entry(100, "allow", "6", (1, 65535)), entry(200, "deny", "6", (22, 22))],
    "ssh_alone_denied_before_ports": [entry(50, "deny", "6", (22, 22)), entry(100, "allow", "6", (1, 65535))],
    "denied_before_everything": [
        entry(50, "deny", "6", (22, 22)),
        entry(60, "deny", "6", (3389, 3389)),
        entry(100, "allow", "-1"),
    ],
    "udp_denied_too_before_everything": [
        *(entry(10 * number, "deny", protocol, (port, port)) for number, (protocol, port) in enumerate(REMOTE, 1)),
        entry(100, "allow", "-1"),
    ],
    "v6_ssh": [entry(100, "allow", "6", (22, 22), "::/0")],
    "v6_everything": [entry(100, "allow", "-1", block="::/0")],
    "v6_denied_before": [entry(50, "deny", "-1", block="::/0"), entry(100, "allow", "6", (22, 22), "::/0")],
}
FLOWS = {
    "none": [],
    "all": ["ALL"],
    "rejected": ["REJECT"],
    "accepted": ["ACCEPT"],
    "accepted_and_rejected": ["ACCEPT", "REJECT"],
    "subnet": "subnet",
}
DEFAULT_GROUPS = ["untouched", "closed", "itself", "everybody"]
OPTIONS = {
    "unsaid": None,
    "required": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
    "optional": {"HttpTokens": "optional", "HttpEndpoint": "enabled"},
    "disabled": {"HttpTokens": "optional", "HttpEndpoint": "disabled"},
    "disabled_and_required": {"HttpTokens": "required", "HttpEndpoint": "disabled"},
}
STATES = ["running", "running", "stopped", "terminated"]


# What an account sets for all of a region, and what it is then.
SNAPSHOTS = ["unblocked", "block-new-sharing", "block-all-sharing", "block-all-sharing"]
TOKENS = ["no-preference", "optional", "required", "required"]


def defaults(ec2, rng):
    snapshots, shared, tokens = rng.choice(SNAPSHOTS), rng.random() < 0.5, rng.choice(TOKENS)
    if snapshots != "unblocked":
        ec2.enable_snapshot_block_public_access(State=snapshots)
    if not shared:
        ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    if tokens != "no-preference":
        ec2.modify_instance_metadata_defaults(HttpTokens=tokens)
    words = {"snapshots": snapshots, "images": "unblocked" if shared else "block-new-sharing", "metadata": tokens}
    return [{"kind": kind, "ids": [], "variant": variant} for kind, variant in words.items()]


def default_vpc(ec2):
    return ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]


def default_group(ec2, vpc):
    named = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    return ec2.describe_security_groups(Filters=named)["SecurityGroups"][0]


def group(ec2, vpc, name, rules, family="v4"):
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    if rules == "list":
        entries = [{"Cidr": EVERYBODY[family], "Description": "everybody"}]
        request = {"PrefixListName": name, "AddressFamily": f"IP{family}", "MaxEntries": 2, "Entries": entries}
        prefixes = ec2.create_managed_prefix_list(**request)["PrefixList"]["PrefixListId"]
        rules = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": prefixes}]}]
    if rules:
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=rules)
    return made


def acl(ec2, vpc, entries):
    made = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    for one in entries:
        request = {"RuleNumber": one["number"], "RuleAction": one["action"], "Protocol": one["protocol"]}
        request["Ipv6CidrBlock" if ":" in one["block"] else "CidrBlock"] = one["block"]
        if one["ports"]:
            request["PortRange"] = dict(zip(("From", "To"), one["ports"], strict=True))
        ec2.create_network_acl_entry(NetworkAclId=made, Egress=False, **request)
    return made


def vpc(ec2, number, flows, default, bucket):
    """A VPC with flow logs and a default group of these sorts; the ids of both."""
    block = f"10.{number}.0.0/16"
    made = ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
    kind, watched = "VPC", made
    if flows == "subnet":
        kind, flows = "Subnet", ["ALL"]
        watched = ec2.create_subnet(VpcId=made, CidrBlock=block)["Subnet"]["SubnetId"]
    for traffic in flows:
        # An existing flow log of the same destination would be refused.
        where = {"LogDestinationType": "s3", "LogDestination": f"arn:aws:s3:::{bucket(traffic)}"}
        ec2.create_flow_logs(ResourceType=kind, ResourceIds=[watched], TrafficType=traffic, **where)
    found = default_group(ec2, made)
    if default in ("closed", "itself") and found["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=found["GroupId"], IpPermissions=found["IpPermissionsEgress"])
    if default == "itself":
        itself = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": found["GroupId"]}]}]
        ec2.authorize_security_group_ingress(GroupId=found["GroupId"], IpPermissions=itself)
    if default == "everybody":
        ec2.authorize_security_group_ingress(GroupId=found["GroupId"], IpPermissions=[rule("-1", None, "0.0.0.0/0")])
    return made, found["GroupId"]


def instance(ec2, options, state="running", groups=None):
    request = {"ImageId": IMAGE, "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro"}
    if options:
        request["MetadataOptions"] = options
    if groups:
        request["SecurityGroupIds"] = groups
    made = ec2.run_instances(**request)["Instances"][0]["InstanceId"]
    if state == "stopped":
        ec2.stop_instances(InstanceIds=[made])
    if state == "terminated":
        ec2.terminate_instances(InstanceIds=[made])
    return made


def furnish(cloud, rng, account, region, many):
    """Furnishes one region; answers what was made: kind, ids and variant of each."""
    ec2, made = cloud.client("ec2", account, region), []
    home = default_vpc(ec2)
    made.append({"kind": "vpc", "ids": [home, default_group(ec2, home)["GroupId"]], "variant": "as it comes"})
    for number, variant in enumerate(rng.sample(sorted(GROUPS), many)):
        ids = [group(ec2, home, f"group-{number}", GROUPS[variant], variant[:2])]
        made.append({"kind": "group", "ids": ids, "variant": variant})
    for number, variant in enumerate(rng.sample(sorted(SHARES), many // 4)):
        share = group(ec2, home, f"share-{number}", SHARES[variant])
        ids = [share, instance(ec2, OPTIONS["required"], groups=[share])]
        made.append({"kind": "share", "ids": ids, "variant": f"share {variant}"})
    for variant in rng.sample(sorted(ACLS), many // 2):
        made.append({"kind": "acl", "ids": [acl(ec2, home, ACLS[variant])], "variant": variant})

    def bucket(traffic):
        name = f"flows-{account}-{region}-{traffic.lower()}"
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        cloud.client("s3", account, region).create_bucket(Bucket=name, **place)
        return name

    buckets = {traffic: bucket(traffic) for traffic in ("ALL", "REJECT", "ACCEPT")}
    for number in range(max(2, many // 4)):
        flows, default = rng.choice(sorted(FLOWS)), rng.choice(DEFAULT_GROUPS)
        ids = vpc(ec2, number, FLOWS[flows], default, buckets.__getitem__)
        made.append({"kind": "vpc", "ids": list(ids), "variant": f"flows {flows}, default group {default}"})
    for _ in range(max(2, many // 4)):
        options, state = rng.choice(sorted(OPTIONS)), rng.choice(STATES)
        ids = [instance(ec2, OPTIONS[options], state)]
        made.append({"kind": "instance", "ids": ids, "variant": f"{options}, {state}"})
    encrypted = rng.random() < 0.5
    if encrypted:
        ec2.enable_ebs_encryption_by_default()
    made.append({"kind": "volumes", "ids": [], "variant": "encrypted" if encrypted else "plain"})
    return made + defaults(ec2, rng)
