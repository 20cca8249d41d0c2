//! What the requirements of trails are called elsewhere. Of NIST's, control and enhancement are named, and not the
//! paragraphs below them.

use crate::frameworks::{Reference, cis, nist, security_hub};

/// What a log of everything is good for.
const RECORDED: Reference = nist(
    "AC-2(4) AC-3(1) AC-3(10) AC-4(26) AC-6(9) AU-2 AU-3 AU-6(3) AU-6(4) AU-6(6) AU-6(9) AU-8 AU-10 AU-12 \
     AU-12(1) AU-12(2) AU-12(3) AU-12(4) AU-14 AU-14(3) CA-7 CM-5(1) CM-6 CM-9 IA-3(3) MA-4(1) PM-14 \
     PM-31 SC-7(9) SI-1(1) SI-3(8) SI-4(2) SI-4(17) SI-4(20) SI-7(8) SI-10(1)",
);

/// Every region.
pub(super) const MULTI_REGION: &[Reference] =
    &[cis("1.4-5.0", "3.1"), cis("6.0-7.0", "4.1"), security_hub("CloudTrail.1"), RECORDED, nist("AU-3(1)")];
/// A trail that logs.
pub(super) const LOGGING: &[Reference] =
    &[cis("1.4-5.0", "3.1"), cis("6.0-7.0", "4.1"), security_hub("CloudTrail.3"), RECORDED, nist("AU-3(1)")];
/// Files that are signed.
pub(super) const LOG_FILE_VALIDATION: &[Reference] = &[
    cis("1.4-5.0", "3.2"),
    cis("6.0-7.0", "4.2"),
    security_hub("CloudTrail.4"),
    nist("AU-9 CM-6 CM-9 PM-11 PM-17 SA-1(1) SA-10(1) SC-16(1) SI-1 SI-4 SI-7 SI-7(1) SI-7(3) SI-7(7)"),
];
/// Files that are encrypted by a key.
pub(super) const KMS: &[Reference] = &[
    cis("1.4-2.0", "3.7"),
    cis("3.0-5.0", "3.5"),
    cis("6.0-7.0", "4.5"),
    security_hub("CloudTrail.2"),
    nist("AU-9(3) CM-6 CM-9 CP-9 SC-8(3) SC-8(4) SC-13 SC-28(1) SI-19(4)"),
];
/// Delivery to a log group.
pub(super) const CLOUDWATCH_LOGS: &[Reference] = &[
    cis("1.4-2.0", "3.4"),
    security_hub("CloudTrail.5"),
    nist(
        "AC-2(4) AC-3(1) AC-3(10) AC-4(26) AC-6(9) AU-2 AU-3 AU-4(1) AU-6(1) AU-6(3) AU-6(4) AU-6(5) \
         AU-6(6) AU-6(9) AU-7(1) AU-8 AU-9(7) AU-10 AU-12 AU-12(1) AU-12(2) AU-12(3) AU-12(4) AU-14 \
         AU-14(3) AU-16 CA-7 CM-5(1) CM-6 CM-9 IA-3(3) MA-4(1) PM-14 PM-31 SC-7(9) SI-1(1) SI-3(8) \
         SI-4(2) SI-4(17) SI-4(20) SI-7(8) SI-10(1)",
    ),
];
/// Writes of objects.
pub(super) const S3_DATA_EVENTS_WRITE: &[Reference] =
    &[cis("1.4-2.0", "3.10"), cis("3.0-5.0", "3.8"), cis("6.0-7.0", "4.8"), security_hub("S3.22"), RECORDED];
/// Reads of objects.
pub(super) const S3_DATA_EVENTS_READ: &[Reference] =
    &[cis("1.4-2.0", "3.11"), cis("3.0-5.0", "3.9"), cis("6.0-7.0", "4.9"), security_hub("S3.23"), RECORDED];
