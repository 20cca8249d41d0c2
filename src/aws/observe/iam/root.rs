//! The root user of an account, as far as it is asked about.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::report::GET as REPORT;
use super::{CentralRoot, Credentials, Report, Summary, VirtualDevices};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};

/// Which parts are asked for: a part that is not is not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each part is asked for by itself")]
pub struct Asked {
    /// Its access keys, and whether it has MFA.
    pub summary: bool,
    /// Whether its MFA is virtual.
    pub devices: bool,
    /// When it was used.
    pub used: bool,
    /// How its access keys could be deleted, where it has some.
    pub keys: bool,
}

/// The root user. A part that is none was not asked for, or there is nothing to ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RootUser {
    /// The figures of the account, some of which are of the root user alone.
    pub summary: Option<Readable<Summary>>,
    /// Whether one of its MFA devices is virtual.
    pub virtual_mfa: Option<Readable<bool>>,
    /// When it was used last.
    pub used: Option<Readable<Use>>,
    /// Whether the management account may delete its access keys; none: it has none, or is that account's.
    #[serde(default)]
    pub central: Option<Readable<CentralRoot>>,
    /// When one of its access keys was used last, where they can be deleted. It is only told: who looks again before a
    /// write does not ask.
    #[serde(default)]
    pub keys_used: Option<Readable<Use>>,
}

/// When the root user was used last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// Never, as far as AWS remembers.
    Never,
    /// Last on this day, in UTC.
    Last(Date),
}

impl Use {
    fn of(root: &Credentials) -> Self {
        Self::last(root.keys.iter().filter_map(|key| key.last_used).chain(root.password_last_used))
    }

    fn of_keys(root: &Credentials) -> Self {
        Self::last(root.keys.iter().filter_map(|key| key.last_used))
    }

    fn last(moments: impl Iterator<Item = Timestamp>) -> Self {
        moments.max().map_or(Self::Never, |last| Self::Last(last.to_zoned(TimeZone::UTC).date()))
    }
}

/// When the root user was used by its row in the report. AWS has one in every report: one without says nothing of it.
async fn used(reader: &Reader, of: fn(&Credentials) -> Use) -> Readable<Use> {
    let lacking = || ReadError::senseless(reader.at(), &REPORT, "the credential report has no row of the root user");
    let report = reader.get::<Report>().await;
    report.and_then(|report| report.root.as_ref().map(of).ok_or_else(lacking)).into()
}

/// Whether the account manages the organization: nobody becomes its root user.
fn manages(reader: &Reader) -> bool {
    reader.home(Home::Management).is_some_and(|home| home.at().account == reader.at().account)
}

impl Observe for RootUser {
    const NAME: &'static str = "iam.root_user";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[];
    type Key = Asked;

    async fn observe(reader: &Reader, asked: &Asked) -> Result<Self, ReadError> {
        let credentials = async {
            let summary = if asked.summary { Some(reader.get::<Summary>().await) } else { None };
            let has =
                |what: &str| matches!(&summary, Some(Ok(seen)) if seen.count(what).is_some_and(|count| count > 0));
            // Where there is no MFA, none of it is virtual.
            let mfa = asked.devices && has("AccountMFAEnabled");
            let devices = if mfa { Some(reader.get::<VirtualDevices>().await) } else { None };
            // What could be done about keys matters to nobody where there are none.
            let keys = asked.keys && has("AccountAccessKeysPresent") && !manages(reader);
            let central = if keys { Some(reader.get::<CentralRoot>().await.map(|seen| *seen)) } else { None };
            let deletable = matches!(&central, Some(Ok(central)) if central.is_on());
            let keys_used = if deletable && reader.tells() { Some(used(reader, Use::of_keys).await) } else { None };
            let summary = summary.map(|seen| seen.map(|seen| Summary::clone(&seen)).into());
            let devices = devices.map(|seen| seen.map(|seen| seen.root_has_one()).into());
            (summary, devices, central.map(Into::into), keys_used)
        };
        let used = async { if asked.used { Some(used(reader, Use::of).await) } else { None } };
        let ((summary, virtual_mfa, central, keys_used), used) = futures::join!(credentials, used);
        Ok(Self { summary, virtual_mfa, used, central, keys_used })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Summary>(), Reads::of::<VirtualDevices>(), Reads::of::<Report>(), Reads::of::<CentralRoot>()]
    }
}
