//! Networks that let everybody in.

use serde_json::{Value, json};
use trueup::simulator::world::World as Simulated;

use crate::ec2_instances::launch;
use crate::ec2_networks::{delivering_role, open_bucket};
use crate::harness::{HOME, organization};
use crate::owners::policy_of;

/// A group of the default VPC that lets this in.
fn group(world: &mut Simulated, account: &str, name: &str, permissions: &[Value]) {
    let made = json!({"GroupName": name, "Description": name});
    let made = world.build(account, HOME, "ec2", "CreateSecurityGroup", made);
    let permissions = json!({"GroupId": made["GroupId"], "IpPermissions": permissions});
    world.build(account, HOME, "ec2", "AuthorizeSecurityGroupIngress", permissions);
}

fn port(port: u16, sources: &str, source: &Value) -> Value {
    json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, sources: [source]})
}

/// Groups of which rules that are about nothing else are taken away, beside one that lets in whom a list holds.
pub(crate) fn open_groups(world: &mut Simulated, account: &str) {
    let list = json!({"PrefixListName": "partners", "MaxEntries": 1, "AddressFamily": "IPv4",
        "Entries": [{"Cidr": "192.0.2.0/24"}]});
    let list = world.build(account, HOME, "ec2", "CreateManagedPrefixList", list);
    let all = [
        port(22, "PrefixListIds", &json!({"PrefixListId": list["PrefixList"]["PrefixListId"]})),
        port(22, "IpRanges", &json!({"CidrIp": "0.0.0.0/0"})),
        port(3389, "Ipv6Ranges", &json!({"CidrIpv6": "::/0"})),
    ];
    group(world, account, "bastion", &all);
}

/// Groups that let in whom a list holds.
pub(crate) fn open_lists(world: &mut Simulated, account: &str) {
    let list = json!({"PrefixListName": "all", "MaxEntries": 1, "AddressFamily": "IPv4",
        "Entries": [{"Cidr": "0.0.0.0/0"}]});
    let list = world.build(account, HOME, "ec2", "CreateManagedPrefixList", list);
    let named = json!({"PrefixListId": list["PrefixList"]["PrefixListId"]});
    group(world, account, "by-list", &[port(22, "PrefixListIds", &named)]);
}

/// Groups that share files with whom a list holds.
pub(crate) fn open_files(world: &mut Simulated, account: &str) {
    let list = json!({"PrefixListName": "all", "MaxEntries": 1, "AddressFamily": "IPv6",
        "Entries": [{"Cidr": "::/0"}]});
    let list = world.build(account, HOME, "ec2", "CreateManagedPrefixList", list);
    let named = json!({"PrefixListId": list["PrefixList"]["PrefixListId"]});
    group(world, account, "files", &[port(445, "PrefixListIds", &named)]);
}

/// What a declarative policy of the organization sets, and not as anybody wants it.
pub(crate) fn declared_defaults() -> Simulated {
    let (mut world, ids) = organization(&["one"]);
    let content = json!({"ec2_attributes": {
        "snapshot_block_public_access": {"state": {"@@assign": "unblocked"}},
        "image_block_public_access": {"state": {"@@assign": "unblocked"}},
        "serial_console_access": {"status": {"@@assign": "enabled"}},
        "instance_metadata_defaults": {"http_tokens": {"@@assign": "optional"}},
    }});
    policy_of(&mut world, "DECLARATIVE_POLICY_EC2", &ids[0], "defaults", &content);
    world
}

/// A bucket of the management account that lets in what every account records.
pub(crate) fn bucket_of_all() -> Simulated {
    let (mut world, _) = organization(&["one"]);
    let management = world.management();
    open_bucket(&mut world, &management, "flows-of-all");
    world
}

/// The same of one of the accounts that record.
pub(crate) fn own_bucket() -> Simulated {
    let (mut world, ids) = organization(&["one"]);
    open_bucket(&mut world, &ids[0], "flows-of-all");
    world
}

/// A role that delivers what the account records.
pub(crate) fn deliverers(world: &mut Simulated, account: &str) {
    delivering_role(world, account, "flows");
}

/// An instance that answers without tokens.
pub(crate) fn instances(world: &mut Simulated, account: &str) {
    launch(world, account, &json!({}), "web");
}
