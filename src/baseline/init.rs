//! The file that `trueup init` writes: short, true for the organization at hand, and commented.

use super::forms::OrganizationId;
use super::show::scalar;
use crate::target::AccountId;

/// A commented baseline file for this organization, on top of a baseline that is shipped.
#[must_use]
pub fn commented(organization: &OrganizationId, management_account: &AccountId, name: &str, from: &str) -> String {
    let (name, from) = (scalar(&name.into()), scalar(&from.into()));
    format!(
        r#"# What every account of this organization is held to.
# `trueup baseline check FILE` finds mistakes, `trueup baseline show FILE` shows what it comes to,
# `trueup controls` lists what can be wanted. For completion in an editor, write `trueup baseline schema`
# to schema.json beside this file.
# yaml-language-server: $schema=schema.json
version: 1
name: {name}

# `trueup apply` refuses any other organization.
organization: {organization}

# Where the settings come from; what is said below wins.
extends: [{from}]

access:
  # The role that `plan` enters each account with. AWS Organizations makes this one in the accounts that
  # it creates; a role that can only read is better.
  read_role: OrganizationAccountAccessRole
  # The role that `apply` writes with. Without one, nothing is ever written.
  # write_role: trueup-write
  # The management account, {management_account}, is entered with the caller's own credentials unless a role is named.
  # management_role: trueup-read
  # external_id: what-the-roles-ask-for

# `include` lets `apply` write the management account, too.
management_account: read

# All that are enabled in each account, or a list such as [eu-west-1, us-east-1].
regions: all

# A requirement is switched on by naming it; what is left out is not required and never touched.
# controls:
#   iam.password_policy:
#     minimum_length: 16

# What differs in some accounts, by OU (and all below it), account or tag; later ones win.
# overrides:
#   - match: {{ ou: /Sandbox }}
#     controls:
#       guardduty.detector: off

# What does not count somewhere, for a time: with a reason, and a day on which it ends.
# exemptions:
#   - requirement: cloudtrail.trail.kms
#     accounts: ["111122223333"]
#     reason: the readers of this log have no key yet
#     approved_by: security@example.com
#     expires: 2099-12-31
"#
    )
}
