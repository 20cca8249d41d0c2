//! Every control, in the order in which they are shown and applied. Adding one is one file,
//! one `mod` line, and one line in [`CONTROLS`].

pub mod accessanalyzer;
pub mod account;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod config;
mod coverage;
pub mod ec2;
pub mod guardduty;
pub mod iam;
pub mod kms;
mod log_bucket;
#[cfg(test)]
pub(crate) mod made;
mod need;
pub mod s3;
pub mod securityhub;
mod yes;

pub use coverage::{Coverage, NO_CONTROL, coverage, covering};
pub use yes::Yes;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::baseline::ControlShape;
use crate::control::{AnyControl, Bound, Requirement};
use crate::observe::{Call, Home, Reads};
use crate::target::AccountId;

/// Every control: central services before what is set once an account, that before the regions, and alarms last.
pub const CONTROLS: &[&dyn AnyControl] = &[
    &kms::KeyRotation,
    &kms::KeyDeletion,
    &cloudtrail::Trail,
    &cloudtrail::Bucket,
    &config::Recorder,
    &guardduty::Detector,
    &securityhub::Hub,
    &accessanalyzer::External,
    &iam::PasswordPolicy,
    &account::Contact,
    &account::PrimaryContact,
    &iam::RootUser,
    &iam::User,
    &iam::Policy,
    &iam::SupportRole,
    &iam::ServerCertificate,
    &iam::CloudshellFullAccess,
    &iam::AccountAlias,
    &iam::Federation,
    &s3::AccountPublicAccessBlock,
    &ec2::EbsEncryptionDefault,
    &ec2::SnapshotBlockPublicAccess,
    &ec2::ImageBlockPublicAccess,
    &ec2::ImdsDefaults,
    &ec2::SerialConsole,
    &ec2::DefaultSecurityGroup,
    &ec2::SecurityGroup,
    &ec2::NetworkAcl,
    &ec2::FlowLogs,
    &ec2::Instance,
    &cloudwatch::Topic,
    &cloudwatch::Alarm,
];

/// The control with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static dyn AnyControl> {
    CONTROLS.iter().copied().find(|control| control.meta().id == id)
}

/// What a baseline asks for to have an object of this kind made.
#[must_use]
pub fn maker(kind: &str) -> Option<&'static str> {
    let made = |control: &&'static dyn AnyControl| {
        control.makes().iter().find(|(makes, _)| *makes == kind).map(|(_, asks)| *asks)
    };
    find(kind).map(|control| control.meta().id).or_else(|| CONTROLS.iter().find_map(made))
}

/// The requirement with this full id.
#[must_use]
pub fn requirement(id: &str) -> Option<&'static Requirement> {
    CONTROLS.iter().flat_map(|control| control.meta().requirements).find(|requirement| requirement.id == id)
}

/// The position of a control in the registry: its place in every output.
#[must_use]
pub fn position(id: &str) -> usize {
    CONTROLS.iter().position(|control| control.meta().id == id).unwrap_or(CONTROLS.len())
}

/// The calls that these controls make in an account with this home.
pub fn calls<'a>(controls: impl IntoIterator<Item = &'a dyn AnyControl>, home: Home) -> BTreeSet<Call> {
    let reads = controls.into_iter().flat_map(AnyControl::reads);
    reads.filter(|reads| reads.home == home).flat_map(|reads| reads.calls.iter().copied()).collect()
}

/// Those of them that nobody makes who looks again before a write.
pub fn told<'a>(controls: impl IntoIterator<Item = &'a dyn AnyControl>) -> BTreeSet<Call> {
    let reads: Vec<Reads> = controls.into_iter().flat_map(AnyControl::reads).collect();
    let again = |reads: &Reads| reads.calls.iter().filter(|call| !reads.told.contains(call)).copied();
    let again: BTreeSet<Call> = reads.iter().flat_map(again).collect();
    reads.iter().flat_map(|reads| reads.told).filter(|call| !again.contains(call)).copied().collect()
}

/// The accounts that settings of these controls, by id, name because they keep the logs of others: each once, by id.
#[must_use]
pub fn log_archives<'a>(settings: impl IntoIterator<Item = (&'a str, &'a Value)>) -> BTreeSet<AccountId> {
    named(settings, |control| vec![control.log_archive()])
}

/// The accounts that settings of these controls, by id, name because others depend on them, whatever for.
#[must_use]
pub fn named_homes<'a>(settings: impl IntoIterator<Item = (&'a str, &'a Value)>) -> BTreeSet<AccountId> {
    named(settings, |control| vec![control.log_archive(), control.administrator()])
}

/// The accounts that settings of these controls, by id, name because what other accounts lack is mended there.
#[must_use]
pub fn named_menders<'a>(settings: impl IntoIterator<Item = (&'a str, &'a Value)>) -> BTreeSet<AccountId> {
    named(settings, |control| vec![control.log_archive(), control.administrator(), control.changed_from()])
}

fn named<'a>(
    settings: impl IntoIterator<Item = (&'a str, &'a Value)>,
    by: fn(&dyn Bound) -> Vec<Option<&AccountId>>,
) -> BTreeSet<AccountId> {
    let bound = settings.into_iter().filter_map(|(id, settings)| find(id)?.bind(settings).ok());
    bound.flat_map(|control| by(control.as_ref()).into_iter().flatten().cloned().collect::<Vec<_>>()).collect()
}

/// What a baseline file needs to know of every control.
#[must_use]
pub fn shapes() -> Vec<ControlShape> {
    let shape = |control: &&dyn AnyControl| ControlShape {
        id: control.meta().id,
        schema: control.schema(),
        contradiction: control.contradiction(),
        same_as: control.same_as(),
        requirements: control.meta().requirements.iter().map(|requirement| requirement.id.to_owned()).collect(),
    };
    CONTROLS.iter().map(shape).collect()
}
