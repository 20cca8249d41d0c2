//! Who is in generated accounts: users with passwords and keys of all ages, the root user, and whom AWS writes to.

use super::furnish::{Furnishing, Part};
use super::services::iam_access::LastUse;
use super::services::iam_mfa::{Device, Holder};
use super::world::World;
use serde_json::{Value, json};

const DAY: i64 = 86_400;

const NAMES: [&str; 6] = ["amelie", "bjorn", "chidi", "deploy", "emi", "backup"];

/// The certificate of a shop that ran out at the end of 2020.
const RAN_OUT: &str = "\
-----BEGIN CERTIFICATE-----
MIIBFDCBugIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtleGFtcGxlLmNvbTAe
Fw0yMDAxMDEwMDAwMDBaFw0yMTAxMDEwMDAwMDBaMBYxFDASBgNVBAMMC2V4YW1w
bGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2NhPgIpCl5ZKqRHZ1bgT
mjqlEdMkGXso7sUW/NoY14gMk2ASgh5thCdmzJ06UsmFHWDKzaTavRrs3AvyULmM
WzAKBggqhkjOPQQDAgNJADBGAiEAxz6OK1Ky4RRMSqo4KiEcdzsxZMlgeRofZAxZ
SyQRByUCIQC3i7jdZmE/ixXupxPZpmXNaJsGXwH0tbfXzisrlrDIzw==
-----END CERTIFICATE-----
";

impl Furnishing {
    pub(super) fn identities(&self, world: &mut World, id: &str) {
        self.root_user(world, id);
        self.contacts(world, id);
        if self.part == Part::Compliant {
            iam(world, id, "CreateSAMLProvider", json!({"Name": "sso", "SAMLMetadataDocument": "<x/>".repeat(250)}));
            return;
        }
        if self.part == Part::OwnTrail || world.one_in(4) {
            let certificate =
                json!({"ServerCertificateName": "shop", "CertificateBody": RAN_OUT, "PrivateKey": "generated"});
            iam(world, id, "UploadServerCertificate", certificate);
            let policy = format!("arn:{}:iam::aws:policy/AWSCloudShellFullAccess", world.partition);
            iam(world, id, "CreateGroup", json!({"GroupName": "operators"}));
            iam(world, id, "AttachGroupPolicy", json!({"GroupName": "operators", "PolicyArn": policy}));
        }
        let many = if self.part == Part::OwnTrail { 3 } else { world.below(4) };
        for number in 0..many {
            let name = NAMES[usize::try_from(number).unwrap_or_default() % NAMES.len()];
            user(world, id, name);
        }
    }

    fn root_user(&self, world: &mut World, id: &str) {
        let (now, drawn, days) =
            (world.now(), world.below(4), 86_400 * i64::try_from(world.below(400)).unwrap_or_default());
        let (serial, compliant) = (format!("arn:{}:iam::{id}:mfa/root", world.partition), self.part == Part::Compliant);
        let Some(account) = world.accounts.get_mut(id) else { return };
        let root = &mut account.iam.root;
        if compliant {
            root.mfa.push("GAKT00012345".to_owned());
            return;
        }
        root.password_last_used = Some(now - days);
        match drawn {
            0 => root.mfa.push("GAKT00012345".to_owned()),
            1 => {
                root.mfa.push(serial.clone());
                let device = Device { holder: Some(Holder::Root), enabled: Some(now - days) };
                account.iam.devices.insert(serial, device);
            }
            2 => *root = super::services::iam_root::Root { password: false, ..Default::default() },
            _ => {}
        }
    }

    fn contacts(&self, world: &mut World, id: &str) {
        let drawn = world.below(3);
        let primary = json!({"FullName": "Example Corp.", "AddressLine1": "1 Main Street", "City": "Springfield",
            "PostalCode": "12345", "CountryCode": "US", "PhoneNumber": "+15550100"});
        world.build(id, "us-east-1", "account", "PutContactInformation", json!({ "ContactInformation": primary }));
        if self.part != Part::Compliant && drawn == 0 {
            return;
        }
        let security = json!({"AlternateContactType": "SECURITY", "Name": "Security", "Title": "Security team",
            "EmailAddress": "security@example.com", "PhoneNumber": "+15550101"});
        world.build(id, "us-east-1", "account", "PutAlternateContact", security);
    }
}

fn iam(world: &mut World, id: &str, operation: &str, input: Value) -> Value {
    world.build(id, "us-east-1", "iam", operation, input)
}

/// A user with a password, with access keys or with both, which are as old as they are drawn.
fn user(world: &mut World, id: &str, name: &str) {
    let age = |world: &mut World| DAY * i64::try_from(world.below(300)).unwrap_or_default();
    iam(world, id, "CreateUser", json!({ "UserName": name }));
    let (drawn, keys) = (world.below(4), world.below(3));
    if drawn != 0 {
        iam(world, id, "CreateLoginProfile", json!({"UserName": name, "Password": "generated"}));
    }
    if drawn > 1 {
        let device = iam(world, id, "CreateVirtualMFADevice", json!({ "VirtualMFADeviceName": name }));
        let serial = &device["VirtualMFADevice"]["SerialNumber"];
        let codes = json!({"UserName": name, "SerialNumber": serial, "AuthenticationCode1": "123456",
            "AuthenticationCode2": "654321"});
        iam(world, id, "EnableMFADevice", codes);
    }
    for _ in 0..keys {
        iam(world, id, "CreateAccessKey", json!({ "UserName": name }));
    }
    if world.one_in(3) {
        let arn = format!("arn:{}:iam::aws:policy/SecurityAudit", world.partition);
        iam(world, id, "AttachUserPolicy", json!({"UserName": name, "PolicyArn": arn}));
    }
    // No call makes something old, so the ages are set.
    let (now, made, idle) = (world.now(), age(world), age(world));
    let Some(user) = world.accounts.get_mut(id).and_then(|account| account.iam.users.get_mut(name)) else { return };
    user.created = now - made;
    if let Some(login) = &mut user.login {
        login.created = user.created;
        login.last_used = (idle < made).then_some(now - idle);
    }
    for key in &mut user.keys {
        key.created = user.created;
        let last = LastUse { at: now - idle, region: "us-east-1".to_owned(), service: "s3".to_owned() };
        key.last_used = (idle < made).then_some(last);
    }
}
