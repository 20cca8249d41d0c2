//! The networks of generated accounts: groups that let in whom they should not, and what is in them.

use super::furnish::{Furnishing, Part};
use super::world::World;
use serde_json::{Value, json};

/// What delivers flow logs into log groups.
const DELIVERER: &str = "flow-logs";

/// A role that delivers flow logs.
pub(super) fn deliverer(world: &mut World, id: &str) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}}]});
    let role = json!({"RoleName": DELIVERER, "AssumeRolePolicyDocument": trust.to_string()});
    world.build(id, "us-east-1", "iam", "CreateRole", role);
}

impl Furnishing {
    /// What is in a region besides what AWS puts there.
    pub(super) fn networks(&self, world: &mut World, id: &str, region: &str) {
        let ec2 = |world: &mut World, operation: &str, input: Value| world.build(id, region, "ec2", operation, input);
        let drawn = world.below(4);
        if self.part == Part::Compliant {
            for group in
                ec2(world, "DescribeSecurityGroups", json!({}))["SecurityGroups"].as_array().into_iter().flatten()
            {
                for (operation, rules) in [
                    ("RevokeSecurityGroupIngress", &group["IpPermissions"]),
                    ("RevokeSecurityGroupEgress", &group["IpPermissionsEgress"]),
                ] {
                    ec2(world, operation, json!({"GroupId": group["GroupId"], "IpPermissions": rules}));
                }
            }
            let vpcs = ec2(world, "DescribeVpcs", json!({}));
            let role = format!("arn:{}:iam::{id}:role/{DELIVERER}", world.partition);
            let recorded = json!({"ResourceIds": [vpcs["Vpcs"][0]["VpcId"]], "ResourceType": "VPC",
                "TrafficType": "ALL", "LogGroupName": "flows", "DeliverLogsPermissionArn": role});
            ec2(world, "CreateFlowLogs", recorded);
            return;
        }
        let source = match drawn {
            0 => json!({"IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "until the tunnel is there"}]}),
            1 => {
                let list = json!({"PrefixListName": "partners", "AddressFamily": "IPv4", "MaxEntries": 2,
                    "Entries": [{"Cidr": "192.0.2.0/24"}, {"Cidr": "0.0.0.0/0"}]});
                let list = ec2(world, "CreateManagedPrefixList", list);
                json!({"PrefixListIds": [{"PrefixListId": list["PrefixList"]["PrefixListId"]}]})
            }
            2 => json!({"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}),
            _ => return,
        };
        let group = json!({"GroupName": "bastion", "Description": "who administers"});
        let group = ec2(world, "CreateSecurityGroup", group)["GroupId"].clone();
        let mut permission = json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22});
        if let (Some(permission), Value::Object(source)) = (permission.as_object_mut(), source) {
            permission.extend(source);
        }
        ec2(world, "AuthorizeSecurityGroupIngress", json!({"GroupId": group, "IpPermissions": [permission]}));
        let subnets = ec2(world, "DescribeSubnets", json!({}));
        let interface = json!({"SubnetId": subnets["Subnets"][0]["SubnetId"], "Groups": [group]});
        ec2(world, "CreateNetworkInterface", interface);
    }

    /// An instance in a group of its own, launched as the account says or without tokens. Where all is well it has a role.
    pub(super) fn instances(&self, world: &mut World, id: &str, region: &str) {
        let ec2 = |world: &mut World, operation: &str, input: Value| world.build(id, region, "ec2", operation, input);
        let group = ec2(world, "CreateSecurityGroup", json!({"GroupName": "web", "Description": "what is served"}));
        let mut run = json!({"ImageId": "ami-0123456789abcdef0", "MinCount": 1, "MaxCount": 1,
            "SecurityGroupIds": [group["GroupId"]]});
        if self.part != Part::Compliant && world.below(4) > 0 {
            run["MetadataOptions"] = json!({"HttpTokens": "optional"});
        }
        if self.part == Part::Compliant {
            run["IamInstanceProfile"] = json!({ "Name": "web" });
        }
        ec2(world, "RunInstances", run);
    }
}
