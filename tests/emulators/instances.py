"""Launches instances of one account, or shows whether they require tokens, by their names."""

import json

from cloud import one_account

OPTIONS = {"open": {}, "good": {"HttpTokens": "required"}, "silent": {"HttpEndpoint": "disabled"}, "ended": {}, "idle": {}}


def launch(ec2, name):
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]
    asked = {"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1, "MetadataOptions": OPTIONS[name]}
    return ec2.run_instances(**asked, TagSpecifications=tags)["Instances"][0]["InstanceId"]


def main():
    cloud, account, making = one_account()
    ec2 = cloud.client("ec2", account)
    if making:
        made = {name: launch(ec2, name) for name in OPTIONS}
        ec2.terminate_instances(InstanceIds=[made["ended"]])
        ec2.stop_instances(InstanceIds=[made["idle"]])
    reservations = ec2.describe_instances()["Reservations"]
    found = [instance for reservation in reservations for instance in reservation["Instances"]]
    print(json.dumps({one["Tags"][0]["Value"]: one["MetadataOptions"]["HttpTokens"] for one in found}))


if __name__ == "__main__":
    main()
