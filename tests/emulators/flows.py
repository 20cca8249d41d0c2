"""Makes log groups to record into, where there are none, or shows what records of each VPC by region."""

import json

from cloud import one_account


def main():
    cloud, account, making = one_account()
    found = {}
    if making:
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                         "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}}]}
        cloud.client("iam", account).create_role(RoleName="flows", AssumeRolePolicyDocument=json.dumps(trust))
    for region in cloud.regions:
        if making:
            cloud.client("logs", account, region).create_log_group(logGroupName="flows")
        ec2 = cloud.client("ec2", account, region)
        vpcs = [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]]
        flow_logs = ec2.describe_flow_logs()["FlowLogs"]
        found[region] = {vpc: [one["TrafficType"] for one in flow_logs if one["ResourceId"] == vpc] for vpc in vpcs}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
