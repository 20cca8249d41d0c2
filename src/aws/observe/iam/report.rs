//! The credential report: the passwords, access keys and MFA devices of everybody in an account.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::csv;
use crate::observe::{Call, Home, Observe, ReadError, Reader, Scope};
use crate::target::Target;
use crate::{Absent, Session};

/// The credential report of an account.
///
/// AWS makes one in four hours at most and answers the last one until then, so it shows how things were at
/// [`Report::generated`]. What a verdict rests on is read again of the users concerned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// When AWS made it.
    pub generated: Timestamp,
    /// The root user; none where the report has no row for it.
    pub root: Option<Credentials>,
    /// Every user, by name.
    pub users: Vec<Credentials>,
}

/// One row of the report. A moment that is none is unknown, was never, or does not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The name of the user, or `<root_account>`.
    pub user: String,
    /// The path of the user, such as `/`.
    pub path: String,
    /// When the user was made.
    pub created: Option<Timestamp>,
    /// Whether there is a password for the console; none where AWS does not say.
    pub password: Option<bool>,
    /// When the password was used last.
    pub password_last_used: Option<Timestamp>,
    /// When the password was set.
    pub password_last_changed: Option<Timestamp>,
    /// Whether there is an MFA device.
    pub mfa: bool,
    /// The access keys, used or not: there are two places.
    pub keys: Vec<Key>,
}

/// One access key of the report, which does not name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Whether it may be used.
    pub active: bool,
    /// When it was made, or changed last.
    pub rotated: Option<Timestamp>,
    /// When it was used last.
    pub last_used: Option<Timestamp>,
}

const GENERATE: Call =
    Call { service: "IAM", operation: "GenerateCredentialReport", action: "iam:GenerateCredentialReport" };
pub(super) const GET: Call =
    Call { service: "IAM", operation: "GetCredentialReport", action: "iam:GetCredentialReport" };

/// How long the report of an account with very many users may take.
const BUDGET: Duration = Duration::from_mins(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Observe for Report {
    const NAME: &'static str = "iam.credential_report";
    const HOME: Home = Home::Member;
    const SCOPE: Scope = Scope::Account;
    const CALLS: &'static [Call] = &[GENERATE, GET];
    type Key = ();

    async fn observe(reader: &Reader, (): &()) -> Result<Self, ReadError> {
        let (session, at) = (reader.session()?, reader.at());
        let started = Instant::now();
        let mut pause = session.first_pause();
        loop {
            if let Some(report) = generated(session, at).await? {
                return report;
            }
            if started.elapsed() + pause > BUDGET {
                let late = "the credential report was not ready within two minutes; run again";
                return Err(ReadError::senseless(at, &GENERATE, late.to_owned()));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// The report, once it is there. That it has run out between the two calls is as if it were not there yet.
async fn generated(session: &Session, at: &Target) -> Result<Option<Result<Report, ReadError>>, ReadError> {
    let asked = session.iam().generate_credential_report();
    let state = session.ask(at, &GENERATE, asked.send()).await?.state;
    if state.as_ref().is_none_or(|state| state.as_str() != "COMPLETE") {
        return Ok(None);
    }
    let asked = session.iam().get_credential_report();
    let not_there = ["ReportNotPresent", "ReportExpired", "ReportInProgress"];
    let sending = async { asked.send().await.absent_on(&not_there) };
    let Some(answer) = session.ask(at, &GET, sending).await? else { return Ok(None) };
    let generated = answer.generated_time.and_then(|time| Timestamp::from_second(time.secs()).ok());
    let text = answer.content.map(aws_smithy_types::Blob::into_inner).unwrap_or_default();
    let read = String::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned());
    let read = read.and_then(|text| parsed(generated.ok_or("it does not say when it was made")?, &text));
    Ok(Some(read.map_err(|why| ReadError::senseless(at, &GET, format!("the credential report makes no sense: {why}")))))
}

const ROOT: &str = "<root_account>";

fn parsed(generated: Timestamp, text: &str) -> Result<Report, String> {
    let rows = csv::rows(text)?;
    let (header, rows) = rows.split_first().ok_or("it is empty")?;
    let mut users = vec![];
    let mut root = None;
    for row in rows {
        let credentials = Row { header, row }.credentials()?;
        if credentials.user == ROOT { root = Some(credentials) } else { users.push(credentials) }
    }
    users.sort_by(|a, b| a.user.cmp(&b.user));
    Ok(Report { generated, root, users })
}

struct Row<'a> {
    header: &'a [String],
    row: &'a [String],
}

impl Row<'_> {
    fn credentials(&self) -> Result<Credentials, String> {
        let key = |number: u8| -> Result<Key, String> {
            Ok(Key {
                active: self.flag(&format!("access_key_{number}_active"))? == Some(true),
                rotated: self.time(&format!("access_key_{number}_last_rotated"))?,
                last_used: self.time(&format!("access_key_{number}_last_used_date"))?,
            })
        };
        let user = self.text("user")?.to_owned();
        Ok(Credentials {
            path: path(self.text("arn")?, &user),
            user,
            created: self.time("user_creation_time")?,
            password: self.flag("password_enabled")?,
            password_last_used: self.time("password_last_used")?,
            password_last_changed: self.time("password_last_changed")?,
            mfa: self.flag("mfa_active")? == Some(true),
            keys: vec![key(1)?, key(2)?],
        })
    }

    fn text(&self, column: &str) -> Result<&str, String> {
        let place = self.header.iter().position(|name| name == column);
        let text = place.and_then(|place| self.row.get(place));
        text.map(String::as_str).ok_or_else(|| format!("it has no column {column}"))
    }

    /// The root user's row has these in capitals.
    fn flag(&self, column: &str) -> Result<Option<bool>, String> {
        match self.text(column)?.to_ascii_lowercase().as_str() {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            "not_supported" | "n/a" => Ok(None),
            other => Err(format!("{column} is {other:?}")),
        }
    }

    fn time(&self, column: &str) -> Result<Option<Timestamp>, String> {
        match self.text(column)? {
            "N/A" | "no_information" | "not_supported" | "" => Ok(None),
            time => time.parse().map(Some).map_err(|_| format!("{column} is {time:?}")),
        }
    }
}

/// The path in the ARN of a user, such as `/` or `/teams/`.
fn path(arn: &str, user: &str) -> String {
    let resource = arn.splitn(6, ':').nth(5).and_then(|resource| resource.strip_prefix("user"));
    resource.and_then(|resource| resource.strip_suffix(user)).unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
                          password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,\
                          access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,\
                          access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
                          access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
                          cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

    fn time(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn read(rows: &[&str]) -> Result<Report, String> {
        parsed(time("2026-11-01T00:00:00Z"), &[&[HEADER], rows].concat().join("\n"))
    }

    const USER: &str = "alice,arn:aws:iam::111122223333:user/alice,2024-01-02T03:04:05+00:00,true,no_information,\
                        2024-01-02T03:04:06+00:00,N/A,false,true,2024-02-03T04:05:06+00:00,\
                        2024-03-04T05:06:07+00:00,eu-west-1,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A";

    #[test]
    fn a_row_says_what_a_user_has_and_when_it_was_used() {
        let report = read(&[USER]).expect("a report");
        let [alice] = &report.users[..] else { panic!("{report:?}") };
        assert_eq!(
            (report.root.is_none(), alice.user.as_str(), alice.password, alice.mfa),
            (true, "alice", Some(true), false)
        );
        assert_eq!((alice.password_last_used, alice.password_last_changed), (None, Some(time("2024-01-02T03:04:06Z"))));
        let used = Key {
            active: true,
            rotated: Some(time("2024-02-03T04:05:06Z")),
            last_used: Some(time("2024-03-04T05:06:07Z")),
        };
        assert_eq!(alice.keys, [used, Key::default()]);
    }

    #[test]
    fn a_user_has_the_path_of_its_arn() {
        assert_eq!(path("arn:aws:iam::111122223333:user/alice", "alice"), "/");
        assert_eq!(path("arn:aws-cn:iam::111122223333:user/teams/a/alice", "alice"), "/teams/a/");
    }

    #[test]
    fn the_root_user_is_told_apart_and_may_speak_in_capitals() {
        let row = |password: &str| {
            format!(
                "<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,{password},\
                 2026-10-01T00:00:00+00:00,not_supported,not_supported,TRUE,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,\
                 false,N/A,false,N/A"
            )
        };
        for (password, has) in [("not_supported", None), ("TRUE", Some(true)), ("FALSE", Some(false))] {
            let report = read(&[&row(password), USER]).expect("a report");
            let root = report.root.expect("its row");
            assert_eq!((root.password, root.mfa), (has, true));
            assert_eq!(root.password_last_used, Some(time("2026-10-01T00:00:00Z")));
            assert_eq!(report.users.len(), 1);
        }
    }

    #[test]
    fn a_column_that_is_new_is_passed_over_and_one_that_is_gone_is_not_guessed() {
        let more = format!("{HEADER},additional_credentials_info\n{USER},N/A");
        assert_eq!(parsed(time("2026-11-01T00:00:00Z"), &more).expect("a report").users.len(), 1);
        let less = format!("{}\n{USER}", HEADER.replace("mfa_active", "mfa"));
        let refused = parsed(time("2026-11-01T00:00:00Z"), &less);
        assert_eq!(refused, Err("it has no column mfa_active".to_owned()));
    }

    #[test]
    fn a_value_that_makes_no_sense_is_an_error_and_no_verdict() {
        for (was, is, why) in [
            ("user/alice,2024", "user/alice,24", "user_creation_time is"),
            ("true,no_information", "perhaps,no_information", "password_enabled is \"perhaps\""),
            ("no_information", "yesterday", "password_last_used is \"yesterday\""),
        ] {
            let refused = read(&[&USER.replacen(was, is, 1)]).expect_err("no report");
            assert!(refused.starts_with(why), "{refused}");
        }
    }
}
