//! Worlds whose identities and contacts drift.

use serde_json::json;
use trueup::simulator::services::iam_access::{AccessKey, LastUse};
use trueup::simulator::services::iam_account::Certificate;
use trueup::simulator::world::World as Simulated;

use super::worlds::everywhere;
use crate::harness::{HOME, organization};
use crate::users::{key, password, user};

pub(crate) fn contacts() -> Simulated {
    everywhere(&["one"], contact)
}

pub(crate) fn contact(world: &mut Simulated, id: &str) {
    let contact = json!({ "FullName": "Bought Ltd.", "AddressLine1": "1 Main Street", "City": "Springfield",
        "PostalCode": "12345", "CountryCode": "US", "PhoneNumber": "+15550100" });
    world.build(id, HOME, "account", "PutContactInformation", json!({ "ContactInformation": contact }));
}

pub(crate) fn root_users() -> Simulated {
    everywhere(&["one"], |world, id| {
        let now = world.now();
        let root = &mut world.account(id).expect("it is there").iam.root;
        root.password_last_used = Some(now);
        root.mfa.push("GAHT12345678".to_owned());
    })
}

/// A member whose root user has an access key and was used, in an organization with central root access.
pub(crate) fn keyed_root_users() -> Simulated {
    let (mut world, ids) = organization(&["one"]);
    central_root_access(&mut world);
    root_key(&mut world, &ids[0]);
    world
}

/// Lets the management account become the root users of its members.
pub(crate) fn central_root_access(world: &mut Simulated) {
    let management = world.management();
    let trusted = json!({ "ServicePrincipal": "iam.amazonaws.com" });
    world.build(&management, HOME, "organizations", "EnableAWSServiceAccess", trusted);
    for operation in ["EnableOrganizationsRootCredentialsManagement", "EnableOrganizationsRootSessions"] {
        world.build(&management, HOME, "iam", operation, json!({}));
    }
}

/// A root user with an access key, by which it was used today.
pub(crate) fn root_key(world: &mut Simulated, id: &str) {
    let now = world.now();
    let used = LastUse { at: now, region: HOME.to_owned(), service: "s3".to_owned() };
    let (id, key) = (id.to_owned(), "AKIAROOTKEY000000001".to_owned());
    let key = AccessKey { id: key, active: true, created: now, changed: None, last_used: Some(used) };
    world.account(&id).expect("it is there").iam.root.keys.push(key);
}

/// One who left, one without MFA, one with an old key, and one with policies of its own.
pub(crate) fn users() -> Simulated {
    everywhere(&["one"], who_fall_short)
}

pub(crate) fn who_fall_short(world: &mut Simulated, id: &str) {
    for name in ["left", "open", "old", "admin"] {
        user(world, id, name, 200);
    }
    password(world, id, "left", 200, None);
    password(world, id, "open", 10, Some(1));
    key(world, id, "old", 100, Some(1));
    let name = json!("admin");
    let attached = json!({ "UserName": name, "PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit" });
    world.build(id, HOME, "iam", "AttachUserPolicy", attached);
    let document = json!({ "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}] }).to_string();
    let inline = json!({ "UserName": name, "PolicyName": "own", "PolicyDocument": document });
    world.build(id, HOME, "iam", "PutUserPolicy", inline);
}

/// One with two keys, and one who got a key with the password.
pub(crate) fn rotating() -> Simulated {
    everywhere(&["one"], |world, id| {
        user(world, id, "rotating", 20);
        key(world, id, "rotating", 10, Some(1));
        key(world, id, "rotating", 5, Some(1));
        user(world, id, "fresh", 20);
        password(world, id, "fresh", 20, Some(1));
        key(world, id, "fresh", 20, None);
        let codes = json!({ "UserName": "fresh", "SerialNumber": "GAHT12345678", "AuthenticationCode1": "123456",
            "AuthenticationCode2": "654321" });
        world.build(id, HOME, "iam", "EnableMFADevice", codes);
    })
}

/// A user with an inline policy that allows everything.
pub(crate) fn admins() -> Simulated {
    everywhere(&["one"], |world, id| {
        user(world, id, "admin", 10);
        let statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let inline = json!({ "UserName": "admin", "PolicyName": "all", "PolicyDocument": document });
        world.build(id, HOME, "iam", "PutUserPolicy", inline);
        // A policy of the account itself is asked for its tags, as one that is written into a user cannot be.
        let own = json!({ "PolicyName": "everything", "PolicyDocument": document });
        let made = world.build(id, HOME, "iam", "CreatePolicy", own);
        let attach = json!({ "UserName": "admin", "PolicyArn": made["Policy"]["Arn"] });
        world.build(id, HOME, "iam", "AttachUserPolicy", attach);
    })
}

pub(crate) fn certificates() -> Simulated {
    everywhere(&["one"], certificate)
}

pub(crate) fn certificate(world: &mut Simulated, id: &str) {
    let old = Certificate { path: "/".to_owned(), expires: 1, ..Certificate::default() };
    world.account(id).expect("it is there").iam.certificates.insert("old".to_owned(), old);
}

/// A user, a group and a role with full access to `CloudShell`.
pub(crate) fn shells() -> Simulated {
    everywhere(&["one"], shells_for_all)
}

pub(crate) fn shells_for_all(world: &mut Simulated, id: &str) {
    let policy = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess";
    user(world, id, "ada", 10);
    world.build(id, HOME, "iam", "AttachUserPolicy", json!({ "UserName": "ada", "PolicyArn": policy }));
    world.build(id, HOME, "iam", "CreateGroup", json!({ "GroupName": "ops" }));
    world.build(id, HOME, "iam", "AttachGroupPolicy", json!({ "GroupName": "ops", "PolicyArn": policy }));
    let statement =
        json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"});
    let trust = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    world.build(id, HOME, "iam", "CreateRole", json!({ "RoleName": "dev", "AssumeRolePolicyDocument": trust }));
    world.build(id, HOME, "iam", "AttachRolePolicy", json!({ "RoleName": "dev", "PolicyArn": policy }));
}

/// A user with a password, and an identity provider that is for programs alone.
pub(crate) fn signing_in() -> Simulated {
    everywhere(&["one"], |world, id| {
        user(world, id, "ada", 10);
        password(world, id, "ada", 10, Some(1));
        world.build(id, HOME, "iam", "CreateOpenIDConnectProvider", json!({ "Url": "https://token.example.com" }));
    })
}
