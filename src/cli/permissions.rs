//! What can be typed about the permissions that trueup takes.

use clap::{Args, ValueEnum};

use super::runs::{lock_at, state_at};
use super::{From, LockAt, StateAt, Which};
use crate::target::AccountId;

/// `trueup permissions`
#[derive(Args, Debug)]
pub struct Permissions {
    /// Where the baseline is.
    #[command(flatten)]
    pub from: From,
    /// Which controls.
    #[command(flatten)]
    pub which: Which,
    /// Also what `apply` takes, with a list of what is always denied
    #[arg(long)]
    pub apply: bool,
    /// Allow an action that is otherwise denied, to undo something by hand
    #[arg(long, requires = "apply", value_delimiter = ',', value_name = "ACTION")]
    pub revert: Vec<String>,
    /// Lock that an apply would take; in S3 the caller needs to reach it
    #[arg(long, requires = "apply", value_name = "local|s3://[ACCOUNT@]BUCKET/KEY", value_parser = lock_at)]
    pub lock: Option<LockAt>,
    /// Where an apply would keep its run; in S3 the caller needs to reach it
    #[arg(long, requires = "apply", value_name = "DIR|s3://[ACCOUNT@]BUCKET/PREFIX", value_parser = state_at)]
    pub state: Option<StateAt>,
    /// Account to put into ARNs; `*` if left out
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,
    /// Partition to put into ARNs
    #[arg(long, value_name = "NAME", default_value = "aws", value_parser = ["aws", "aws-cn", "aws-us-gov"])]
    pub partition: String,
    /// How the roles are called.
    #[command(flatten)]
    pub named: Named,
}

/// How the roles are called, where the baseline does not say or says otherwise.
#[derive(Args, Clone, Debug, Default)]
pub struct Named {
    /// Role to read accounts with
    #[arg(long, value_name = "ROLE")]
    pub read_role: Option<String>,
    /// Role to write accounts with
    #[arg(long, value_name = "ROLE")]
    pub write_role: Option<String>,
}

/// `trueup roles`
#[derive(Args, Debug)]
pub struct Roles {
    /// Where the baseline is.
    #[command(flatten)]
    pub from: From,
    /// ARN of the one role or user that may assume the roles
    #[arg(long, value_name = "ARN", required_unless_present_all = ["read_principal", "write_principal"])]
    pub principal: Option<String>,
    /// ARN of the role or user that only plans, if another one applies: it may assume the read roles alone
    #[arg(long, value_name = "ARN")]
    pub read_principal: Option<String>,
    /// ARN of the role or user that applies, if another one plans: it may assume the write roles, and the read roles
    #[arg(long, value_name = "ARN")]
    pub write_principal: Option<String>,
    /// Which template
    #[arg(long, value_enum, value_name = "ACCOUNT", default_value_t = RolesOf::Organization)]
    pub of: RolesOf,
    /// How the roles are called.
    #[command(flatten)]
    pub named: Named,
    /// External id that the roles ask for
    #[arg(long, value_name = "ID")]
    pub external_id: Option<String>,
    /// Organization that the principal has to belong to
    #[arg(long, value_name = "O-ID")]
    pub organization: Option<String>,
}

/// Which template of roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RolesOf {
    /// The management account's roles, a StackSet with those of every member, and what watches them
    Organization,
    /// One member account's roles
    Member,
    /// The management account's roles alone
    Management,
    /// The log archive account's roles, where the StackSet leaves it out
    LogArchive,
}
