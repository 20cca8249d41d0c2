//! Where the simulator behaves unlike one would guess, and where AWS says so.
//!
//! Each row is held against a running simulator by a test in another language, which finds it by its id.
//!
//! One file for each service.

mod access_analyzer;
mod account;
mod cloudtrail;
mod cloudwatch;
mod config;
mod ec2;
mod guardduty;
mod iam;
mod kms;
mod logs;
mod organizations;
mod s3;
mod s3control;
mod securityhub;
mod sns;
mod sts;

/// One behaviour of AWS.
#[derive(Clone, Copy, Debug)]
pub struct Behaviour {
    /// What tests call it.
    pub id: &'static str,
    /// The behaviour in a sentence.
    pub says: &'static str,
    /// Where AWS documents it.
    pub source: &'static str,
    /// A public report of it, where AWS's page names the subject and is silent on the answer.
    pub seen: Option<&'static str>,
}

const fn row(id: &'static str, says: &'static str, source: &'static str) -> Behaviour {
    Behaviour { id, says, source, seen: None }
}

/// What is known from practice, and where somebody reports it.
const fn seen(id: &'static str, says: &'static str, source: &'static str, report: &'static str) -> Behaviour {
    Behaviour { id, says, source, seen: Some(report) }
}

/// The rows of each service, by its signing name.
const SERVICES: &[(&str, &[Behaviour])] = &[
    ("organizations", organizations::ROWS),
    ("sts", sts::ROWS),
    ("iam", iam::ROWS),
    ("access-analyzer", access_analyzer::ROWS),
    ("account", account::ROWS),
    ("cloudtrail", cloudtrail::ROWS),
    ("monitoring", cloudwatch::ROWS),
    ("config", config::ROWS),
    ("ec2", ec2::ROWS),
    ("kms", kms::ROWS),
    ("logs", logs::ROWS),
    ("s3", s3::ROWS),
    ("s3control", s3control::ROWS),
    ("sns", sns::ROWS),
    ("guardduty", guardduty::ROWS),
    ("securityhub", securityhub::ROWS),
];

/// Every behaviour, by service.
pub fn all() -> impl Iterator<Item = &'static Behaviour> {
    SERVICES.iter().flat_map(|(_, rows)| *rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services;
    use std::collections::BTreeSet;

    #[test]
    fn every_behaviour_has_its_own_id_a_service_that_is_served_and_a_page_of_aws() {
        let mut ids = BTreeSet::new();
        let rows = SERVICES.iter().flat_map(|(service, rows)| rows.iter().map(move |row| (service, row)));
        for (service, Behaviour { id, says, source, seen }) in rows {
            assert!(ids.insert(id), "{id} stands twice");
            assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'), "{id}");
            assert!(!services::operations(service).is_empty(), "{id}: {service}");
            assert!(!says.ends_with('.') && source.starts_with("https://docs.aws.amazon.com/"), "{id}");
            assert!(seen.is_none_or(|report| report.starts_with("https://")), "{id}");
        }
    }
}
