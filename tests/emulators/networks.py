"""Opens networks of one account, or shows its security groups and their rules by region."""

import argparse
import json

from cloud import Cloud

PORTS = {"ssh": (22, 22), "rdp": (3389, 3389), "wide": (20, 30), "files": (445, 445)}


def permission(name, **sources):
    first, last = PORTS[name]
    return {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, **sources}


def make(ec2):
    everybody = {"IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "for now"}]}
    office = {"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    for name, permissions in {
        "ssh": [permission("ssh", **everybody), permission("ssh", **office)],
        "rdp": [permission("rdp", Ipv6Ranges=[{"CidrIpv6": "::/0"}])],
        "wide": [permission("wide", **everybody)],
        "files": [permission("files", **everybody)],
        "good": [permission("ssh", **office)],
    }.items():
        group = ec2.create_security_group(GroupName=name, Description=name)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=permissions)


def rules(permissions):
    """What says the same is the same, however it is put together."""
    found = []
    for one in permissions:
        sources = one["IpRanges"] + one["Ipv6Ranges"] + one["PrefixListIds"]
        sources += [{"GroupId": pair["GroupId"]} for pair in one["UserIdGroupPairs"]]
        found += [[one["IpProtocol"], one.get("FromPort"), one.get("ToPort"), source] for source in sources]
    return sorted(found, key=json.dumps)


def seen(ec2):
    groups = ec2.describe_security_groups()["SecurityGroups"]
    shown = lambda group: {
        "name": group["GroupName"],
        "vpc": group["VpcId"],
        "in": rules(group["IpPermissions"]),
        "out": rules(group["IpPermissionsEgress"]),
    }
    return {group["GroupId"]: shown(group) for group in groups}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--account", required=True)
    options.add_argument("--make", action="store_true")
    given = options.parse_args()
    cloud = Cloud(given.endpoint)
    if given.make:
        make(cloud.client("ec2", given.account))
    print(json.dumps({region: seen(cloud.client("ec2", given.account, region)) for region in cloud.regions}))


if __name__ == "__main__":
    main()
