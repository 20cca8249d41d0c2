//! MFA devices: virtual ones that the account makes, and hardware ones that it only knows by their serial number.

use super::iam::{conflict, listed, missing, taken};
use super::iam_users::user;
use crate::fault::Fault;
use crate::front::Call;
use aws_smithy_types::base64;
use serde::Serialize;
use serde_json::{Value, json};

/// A virtual MFA device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Device {
    /// Who has it; none: it is not assigned.
    pub holder: Option<Holder>,
    /// When it was enabled.
    pub enabled: Option<i64>,
}

/// Who has a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Holder {
    /// The root user.
    Root,
    /// A user, by name.
    User(String),
}

/// The ARN of a virtual device by its name.
pub(crate) fn arn(call: &Call<'_>, name: &str) -> String {
    format!("arn:{}:iam::{}:mfa/{name}", call.world.partition, call.account)
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
    let serial = arn(call, call.need("VirtualMFADeviceName")?);
    let seed = call.world.token(64).to_uppercase();
    if call.mine().iam.devices.contains_key(&serial) {
        return Err(taken("MFADevice entity at the same path and name already exists."));
    }
    call.mine().iam.devices.insert(serial.clone(), Device::default());
    let picture = base64::encode("QR");
    let device = json!({"SerialNumber": serial, "Base32StringSeed": base64::encode(seed), "QRCodePNG": picture});
    Ok(json!({ "VirtualMFADevice": device }))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    let serial = call.need("SerialNumber")?.to_owned();
    let devices = &mut call.mine().iam.devices;
    match devices.get(&serial) {
        None => Err(missing(format!("VirtualMFADevice with serial number {serial} doesn't exist."))),
        Some(device) if device.holder.is_some() => {
            Err(conflict("Cannot delete entity, must deactivate MFA device first."))
        }
        Some(_) => {
            devices.remove(&serial);
            Ok(json!({}))
        }
    }
}

pub(super) fn enable(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (serial, now) = (call.need("SerialNumber")?.to_owned(), call.now());
    if call.text("AuthenticationCode1") == call.text("AuthenticationCode2") {
        return Err(Fault::new(403, "InvalidAuthenticationCode", "Authentication code for device is not valid."));
    }
    let (name, _) = user(call)?;
    let devices = &mut call.mine().iam.devices;
    match devices.get_mut(&serial) {
        Some(device) if device.holder.is_some() => return Err(taken("MFA Device is already in use.")),
        Some(device) => *device = Device { holder: Some(Holder::User(name)), enabled: Some(now) },
        None if serial.starts_with("arn:") => {
            return Err(missing(format!("VirtualMFADevice with serial number {serial} doesn't exist.")));
        }
        None => {}
    }
    user(call)?.1.mfa.insert(serial, now);
    Ok(json!({}))
}

pub(super) fn deactivate(call: &mut Call<'_>) -> Result<Value, Fault> {
    let serial = call.need("SerialNumber")?.to_owned();
    let (name, user) = user(call)?;
    if user.mfa.remove(&serial).is_none() {
        return Err(missing(format!("MFA Device invalid for user {name}.")));
    }
    if let Some(device) = call.mine().iam.devices.get_mut(&serial) {
        *device = Device::default();
    }
    Ok(json!({}))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, user) = user(call)?;
    let shown =
        |(serial, enabled): (&String, &i64)| json!({"UserName": name, "SerialNumber": serial, "EnableDate": enabled});
    let devices = user.mfa.iter().map(shown).collect();
    listed(call, "MFADevices", devices)
}

pub(super) fn list_virtual(call: &mut Call<'_>) -> Result<Value, Fault> {
    let wanted = call.text("AssignmentStatus").unwrap_or("Any").to_owned();
    let (partition, account) = (call.world.partition.clone(), call.account.to_owned());
    let iam = &call.mine().iam;
    let all = iam.devices.iter().filter(|(_, device)| match wanted.as_str() {
        "Assigned" => device.holder.is_some(),
        "Unassigned" => device.holder.is_none(),
        _ => true,
    });
    let shown = all.map(|(serial, device)| {
        let mut shown = json!({ "SerialNumber": serial });
        if let Some(enabled) = device.enabled {
            shown["EnableDate"] = json!(enabled);
        }
        match &device.holder {
            // Of the root user there is neither a name nor a path.
            Some(Holder::Root) => {
                let arn = format!("arn:{partition}:iam::{account}:root");
                shown["User"] = json!({"UserId": account, "Arn": arn, "CreateDate": 0});
            }
            Some(Holder::User(name)) => {
                let user = iam.users.get(name).cloned().unwrap_or_default();
                shown["User"] = json!({
                    "Path": user.path(), "UserName": name, "UserId": user.id,
                    "Arn": user.arn(&partition, &account, name), "CreateDate": user.created,
                });
            }
            None => {}
        }
        shown
    });
    let shown = shown.collect();
    listed(call, "VirtualMFADevices", shown)
}
