//! What the requirements of IAM are called elsewhere. Of NIST's, control and enhancement are named, and not the
//! paragraphs below them.

use crate::frameworks::{Reference, cis, nist, security_hub};

/// Passwords that are hard to guess, and are not kept for ever.
pub(super) const STRONG_PASSWORDS: Reference = nist(
    "AC-2 AC-2(1) AC-2(3) AC-3(3) AC-3(4) AC-3(8) AC-3(12) AC-3(13) AC-3(15) AC-4(28) AC-7(4) AC-24 \
     CM-5(1) CM-6 CM-9 CM-12 IA-4 IA-5 IA-5(1) IA-5(18) IA-8(2) MA-4 SC-23(3)",
);

/// No access key of the root user.
pub(super) const ROOT_NO_ACCESS_KEY: &[Reference] = &[
    cis("1.4-4.0", "1.4"),
    cis("5.0", "1.3"),
    cis("6.0", "2.3"),
    cis("7.0", "2.4"),
    security_hub("IAM.4"),
    nist(
        "AC-2(1) AC-2(6) AC-3(3) AC-3(4) AC-3(7) AC-3(8) AC-3(12) AC-3(13) AC-3(15) AC-4(28) AC-6 \
         AC-6(2) AC-6(10) AC-24 CM-5(1) CM-6 CM-9 IA-2 IA-4 IA-4(4) IA-4(8) IA-5(8) MP-2 SC-23(3) SC-25",
    ),
];
/// MFA of the root user.
pub(super) const ROOT_MFA: &[Reference] = &[
    cis("1.4-4.0", "1.5"),
    cis("5.0", "1.4"),
    cis("6.0", "2.4"),
    cis("7.0", "2.5"),
    security_hub("IAM.9"),
    nist(
        "AC-2(1) AC-3(2) AC-3(3) AC-3(4) AC-3(8) AC-3(12) AC-3(13) AC-3(15) AC-4(28) AC-7(4) AC-24 CM-6 \
         CM-9 IA-2(1) IA-2(2) IA-2(6) IA-2(8) SC-23(3)",
    ),
];
/// Hardware MFA of the root user.
pub(super) const ROOT_HARDWARE_MFA: &[Reference] = &[
    cis("1.4-4.0", "1.6"),
    cis("5.0", "1.5"),
    cis("6.0", "2.5"),
    cis("7.0", "2.6"),
    security_hub("IAM.6"),
    nist(
        "AC-2(1) AC-3(2) AC-3(3) AC-3(4) AC-3(8) AC-3(12) AC-3(13) AC-3(15) AC-4(28) AC-7(4) AC-24 \
         CM-5(1) CM-6 CM-9 IA-2(1) IA-2(2) IA-2(6) IA-2(8) SC-23(3)",
    ),
];
/// Use of the root user.
pub(super) const ROOT_RECENT_USE: &[Reference] =
    &[cis("1.4-4.0", "1.7"), cis("5.0", "1.6"), cis("6.0", "2.6"), cis("7.0", "2.7")];
/// MFA of users with a password.
pub(super) const USER_MFA: &[Reference] = &[
    cis("1.4-4.0", "1.10"),
    cis("5.0", "1.9"),
    cis("6.0", "2.9"),
    cis("7.0", "2.10"),
    security_hub("IAM.5"),
    security_hub("IAM.19"),
    nist(
        "AC-2(1) AC-3(2) AC-3(3) AC-3(4) AC-3(8) AC-3(12) AC-3(13) AC-3(15) AC-4(28) AC-7(4) AC-24 \
         CM-5(1) CM-6 CM-9 IA-2(1) IA-2(2) IA-2(6) IA-2(8) SC-23(3)",
    ),
];
/// Credentials that nobody uses.
pub(super) const UNUSED_CREDENTIALS: &[Reference] = &[
    cis("1.4-4.0", "1.12"),
    cis("5.0", "1.11"),
    cis("6.0-7.0", "2.11"),
    security_hub("IAM.8"),
    security_hub("IAM.22"),
    nist(
        "AC-2(1) AC-2(3) AC-2(6) AC-2 AC-3 AC-3(3) AC-3(4) AC-3(7) AC-3(8) AC-3(12) AC-3(13) AC-3(15) \
         AC-4(28) AC-6 AC-24 CM-5(1) CM-6 CM-9 MP-2 SC-23(3)",
    ),
];
/// The age of access keys.
pub(super) const ACCESS_KEY_ROTATION: &[Reference] = &[
    cis("1.4-4.0", "1.14"),
    cis("5.0", "1.13"),
    cis("6.0", "2.13"),
    cis("7.0", "2.12"),
    security_hub("IAM.3"),
    nist(
        "AC-2(1) AC-3(3) AC-3(4) AC-3(8) AC-3(12) AC-3(13) AC-3(15) AC-4(28) AC-24 CM-5(1) CM-6 CM-9 \
         SC-23(3)",
    ),
];
/// The number of access keys.
pub(super) const ONE_ACTIVE_KEY: &[Reference] = &[cis("1.4-4.0", "1.13"), cis("5.0", "1.12"), cis("6.0", "2.12")];
/// Access keys that were made with the user.
pub(super) const NO_INITIAL_ACCESS_KEY: &[Reference] =
    &[cis("1.4-4.0", "1.11"), cis("5.0", "1.10"), cis("6.0", "2.10")];
/// Policies of users.
pub(super) const NO_USER_POLICIES: &[Reference] = &[
    cis("1.4-4.0", "1.15"),
    cis("5.0", "1.14"),
    cis("6.0", "2.14"),
    cis("7.0", "2.13"),
    security_hub("IAM.2"),
    nist(
        "AC-2(1) AC-2(6) AC-2 AC-3 AC-3(3) AC-3(4) AC-3(7) AC-3(8) AC-3(12) AC-3(13) AC-3(15) AC-4(28) \
         AC-6 AC-6(3) AC-24 CM-5(1) CM-6 CM-9 MP-2 SC-23(3)",
    ),
];
/// Policies that allow everything.
pub(super) const NO_FULL_ADMIN_POLICIES: &[Reference] = &[
    cis("1.4-4.0", "1.16"),
    cis("5.0", "1.15"),
    cis("6.0", "2.15"),
    cis("7.0", "2.14"),
    security_hub("IAM.1"),
    nist(
        "AC-2(1) AC-2(6) AC-2 AC-3 AC-3(3) AC-3(4) AC-3(7) AC-3(8) AC-3(12) AC-3(13) AC-3(15) AC-4(28) \
         AC-5 AC-6 AC-6(2) AC-6(3) AC-6(10) AC-24 CM-5(1) CM-6 CM-9 MP-2 SC-23(3) SC-25",
    ),
];
/// A role for cases with AWS Support.
pub(super) const SUPPORT_ROLE: &[Reference] =
    &[cis("1.4-4.0", "1.17"), cis("5.0", "1.16"), cis("6.0", "2.16"), cis("7.0", "2.15"), security_hub("IAM.18")];
/// Server certificates that ran out.
pub(super) const EXPIRED_SERVER_CERTIFICATES: &[Reference] =
    &[cis("1.4-4.0", "1.19"), cis("5.0", "1.18"), cis("6.0", "2.18"), cis("7.0", "2.17"), security_hub("IAM.26")];
/// Full access to `CloudShell`.
pub(super) const CLOUDSHELL_FULL_ACCESS: &[Reference] =
    &[cis("2.0-4.0", "1.22"), cis("5.0", "1.21"), cis("6.0", "2.21"), cis("7.0", "2.20"), security_hub("IAM.27")];
/// Users who come from an identity provider.
pub(super) const FEDERATION: &[Reference] =
    &[cis("1.4-4.0", "1.21"), cis("5.0", "1.20"), cis("6.0", "2.20"), cis("7.0", "2.19")];
