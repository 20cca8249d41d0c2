//! Virtual MFA devices.

use serde::{Deserialize, Serialize};

use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};

/// The ARNs of those who have a virtual MFA device, the root user's among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualDevices(pub Vec<String>);

impl Observe for VirtualDevices {
    const NAME: &'static str = "iam.virtual_mfa_devices";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] =
        &[Call { service: "IAM", operation: "ListVirtualMFADevices", action: "iam:ListVirtualMFADevices" }];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let session = reader.session()?;
        let mut holders = vec![];
        let mut marker: Option<String> = None;
        loop {
            let asked = session.iam().list_virtual_mfa_devices().assignment_status("Assigned".into());
            let asked = asked.set_marker(marker);
            let page = session.ask(reader.at(), &Self::CALLS[0], asked.send()).await?;
            for device in page.virtual_mfa_devices() {
                let holder = device.user().map(|user| user.arn().to_owned());
                // A device may bear any name. Where the answer does not say whose it is, the name that the console
                // gives to the root user's does.
                let named = device.serial_number().ends_with(":mfa/root-account-mfa-device");
                holders.extend(holder.or_else(|| named.then(|| ROOT.to_owned())));
            }
            marker = page.marker.filter(|marker| page.is_truncated && !marker.is_empty());
            if marker.is_none() {
                return Ok(Self(holders));
            }
        }
    }
}

const ROOT: &str = ":root";

impl VirtualDevices {
    /// Whether the root user has one.
    #[must_use]
    pub fn root_has_one(&self) -> bool {
        self.0.iter().any(|holder| holder.ends_with(ROOT))
    }
}
