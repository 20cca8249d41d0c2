//! The root user of an account, as far as it is asked about.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::report::GET as REPORT;
use super::{Credentials, Report, Summary, VirtualDevices};
use crate::observe::{Call, Home, Observe, ReadError, Readable, Reader, Reads, Scope};

/// Which parts are asked for: a part that is not is not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Its access keys, and whether it has MFA.
    pub summary: bool,
    /// Whether its MFA is virtual.
    pub devices: bool,
    /// When it was used.
    pub used: bool,
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
        let keys = root.keys.iter().filter_map(|key| key.last_used);
        let last = keys.chain(root.password_last_used).max();
        last.map_or(Self::Never, |last| Self::Last(last.to_zoned(TimeZone::UTC).date()))
    }
}

/// When the root user was used by its row in the report. AWS has one in every report: one without says nothing of it.
fn used(reader: &Reader, report: &Report) -> Result<Use, ReadError> {
    let lacking = || ReadError::senseless(reader.at(), &REPORT, "the credential report has no row of the root user");
    report.root.as_ref().map(Use::of).ok_or_else(lacking)
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
            // Where there is no MFA, none of it is virtual.
            let mfa = matches!(&summary, Some(Ok(seen)) if seen.count("AccountMFAEnabled").is_some_and(|mfa| mfa > 0));
            let devices = if asked.devices && mfa { Some(reader.get::<VirtualDevices>().await) } else { None };
            let summary = summary.map(|seen| seen.map(|seen| Summary::clone(&seen)).into());
            (summary, devices.map(|seen| seen.map(|seen| seen.root_has_one()).into()))
        };
        let used = async {
            let report = if asked.used { Some(reader.get::<Report>().await) } else { None };
            report.map(|seen| seen.and_then(|seen| used(reader, &seen)).into())
        };
        let ((summary, virtual_mfa), used) = futures::join!(credentials, used);
        Ok(Self { summary, virtual_mfa, used })
    }

    fn builds_on() -> Vec<Reads> {
        vec![Reads::of::<Summary>(), Reads::of::<VirtualDevices>(), Reads::of::<Report>()]
    }
}
