//! What the requirements of EC2's networks and instances are called elsewhere. Of NIST's, control and enhancement are
//! named, and not the paragraphs below them.

use crate::frameworks::{Reference, cis, nist, security_hub};

/// Default security groups without rules.
pub(super) const DEFAULT_GROUPS: &[Reference] = &[
    cis("1.4", "5.3"),
    cis("1.5-3.0", "5.4"),
    cis("4.0-5.0", "5.5"),
    cis("6.0-7.0", "6.5"),
    security_hub("EC2.2"),
    nist(
        "AC-4(21) AC-17 AC-17(1) AC-17(4) AC-17(9) AC-17(10) CM-6 CM-9 SC-7(5) SC-7(7) SC-7(11) SC-7(12) SC-7(16) \
         SC-7(21) SC-7(24) SC-7(25) SC-7(26) SC-7(27) SC-7(28) SC-7",
    ),
];

const ADMIN_PORTS: Reference = nist(
    "AC-17 AC-17(1) AC-17(9) AC-17(10) CM-9 SC-7(7) SC-7(11) SC-7(12) SC-7(16) SC-7(21) SC-7(24) SC-7(25) SC-7(26) \
     SC-7(27) SC-7(28) SC-7",
);

/// The ports of administrators, for everybody by `IPv4`.
pub(super) const ADMIN_PORTS_IPV4: &[Reference] = &[
    cis("1.4-3.0", "5.2"),
    cis("4.0-5.0", "5.3"),
    cis("6.0-7.0", "6.3"),
    security_hub("EC2.13"),
    security_hub("EC2.14"),
    security_hub("EC2.53"),
    ADMIN_PORTS,
];
/// The same by `IPv6`.
pub(super) const ADMIN_PORTS_IPV6: &[Reference] = &[
    cis("1.4", "5.2"),
    cis("1.5-3.0", "5.3"),
    cis("4.0-5.0", "5.4"),
    cis("6.0-7.0", "6.4"),
    security_hub("EC2.13"),
    security_hub("EC2.14"),
    security_hub("EC2.54"),
    ADMIN_PORTS,
];
/// The port of CIFS, for everybody.
pub(super) const CIFS: &[Reference] = &[cis("4.0-5.0", "5.1.2"), cis("6.0-7.0", "6.1.2"), security_hub("EC2.19")];
/// Network ACLs that refuse the ports of administrators.
pub(super) const NETWORK_ACLS: &[Reference] = &[
    cis("1.4-3.0", "5.1"),
    cis("4.0-5.0", "5.2"),
    cis("6.0-7.0", "6.2"),
    security_hub("EC2.21"),
    nist(
        "AC-4(21) AC-17 AC-17(1) AC-17(4) AC-17(9) AC-17(10) CM-2 CM-2(2) CM-6 CM-7 CM-8(6) CM-9 SC-7(5) SC-7(7) \
         SC-7(11) SC-7(12) SC-7(16) SC-7(21) SC-7(24) SC-7(25) SC-7(26) SC-7(27) SC-7(28) SC-7",
    ),
];
/// Flow logs of VPCs.
pub(super) const FLOW_LOGS: &[Reference] = &[
    cis("1.4-2.0", "3.9"),
    cis("3.0-5.0", "3.7"),
    cis("6.0-7.0", "4.7"),
    security_hub("EC2.6"),
    nist(
        "AC-4(26) AU-2 AU-3 AU-6(3) AU-6(4) AU-6(6) AU-6(9) AU-8 AU-12 AU-12(1) AU-12(2) AU-12(3) AU-12(4) AU-14 \
         AU-14(3) CA-7 CM-5(1) CM-6 CM-9 IA-3(3) MA-4(1) PM-14 PM-31 SI-4(17) SI-7(8)",
    ),
];
/// Instances that answer only who holds a token.
pub(super) const INSTANCES_IMDSV2: &[Reference] = &[
    cis("2.0-3.0", "5.6"),
    cis("4.0-5.0", "5.7"),
    cis("6.0-7.0", "6.7"),
    security_hub("EC2.8"),
    nist(
        "AC-2(6) AC-3 AC-3(3) AC-3(4) AC-3(7) AC-3(8) AC-3(12) AC-3(13) AC-3(15) AC-4(28) AC-6 AC-24 CM-5(1) MP-2 \
         SC-23(3)",
    ),
];
/// Instances with a role. Before 4.0, the benchmark has a person judge it, who looks for what no setting says; Security
/// Hub has no such control.
pub(super) const INSTANCES_PROFILE: &[Reference] =
    &[cis("4.0", "1.18"), cis("5.0", "1.17"), cis("6.0", "2.17"), cis("7.0", "2.16")];
