//! What can be typed, and nothing else.

mod approval;
mod controls;
mod permissions;
mod rollout;
mod runs;
mod scope;

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::baseline::{ExternalId, Misformed, OrganizationId, RoleName};
use crate::engine::allow::Allow;
use crate::frameworks::Framework;
use crate::target::Region;
pub use approval::{Approve, Gate, KeyFile};
pub use controls::Controls;
use controls::frameworks;
pub use permissions::{Named, Permissions, Roles, RolesOf};
pub use rollout::Rollout;
pub use runs::{History, HistoryVerb, LockAt, Revert, StateAt, Unlock};
use runs::{lock_at, state_at};
pub use scope::{From, Scoped, Select, Which};

/// Hold every account of an AWS organization to one security baseline
#[derive(Debug, Parser)]
#[command(name = "trueup", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How it is shown.
    #[command(flatten)]
    pub show: Show,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tell the whole story on a simulated organization: plan, apply, plan again
    Demo(Demo),
    /// Ask AWS which organization this is and write a commented baseline file
    Init(Init),
    /// List the accounts in scope and how they are reached
    Accounts(Accounts),
    /// Find out what stands in the way of a plan or an apply, and what mends it
    Doctor(Doctor),
    /// List the controls; with an id, show its page
    Controls(Controls),
    /// Check, show or describe baseline files
    #[command(subcommand)]
    Baseline(Baseline),
    /// Compare every account with the baseline and show the drift
    Plan(Plan),
    /// Show a plan file
    Show(ShowPlan),
    /// Sign a plan with a KMS key, for `apply --require-approval`
    Approve(Approve),
    /// Enforce a plan, or plan, ask and enforce
    Apply(Box<Apply>),
    /// Plan what undoes a run that was kept, show it, ask, and do it
    Revert(Revert),
    /// Let a lock in S3 go whose holder is dead
    Unlock(Unlock),
    /// List the runs that were kept; with an id, show one
    History(History),
    /// Print the IAM policies that a baseline takes, and nothing beyond, without AWS
    Permissions(Permissions),
    /// Print templates of the roles that trueup enters accounts by, without AWS
    Roles(Roles),
    /// Serve a simulated organization on loopback, for any AWS client
    Simulate(Simulate),
    /// Print a completion script for a shell
    Completions(Completions),
}

/// How output is shown.
#[derive(Args, Clone, Debug)]
pub struct Show {
    /// Format of the result on stdout
    #[arg(long, global = true, value_enum, default_value_t = AnyFormat::Text)]
    pub format: AnyFormat,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Say more on stderr; twice for debugging
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Set where no person watches.
    #[arg(long, env = "CI", global = true, hide = true)]
    pub ci: Option<String>,
}

/// Formats of a result, those of templates among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AnyFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For a pull request's comment: `plan` and `show`
    Markdown,
    /// For Terraform: `permissions` and `roles`
    Terraform,
    /// For CloudFormation: `permissions` and `roles`
    Cloudformation,
}

/// Formats of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For comments on pull requests: of plans alone
    Markdown,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How AWS is reached.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Reach")]
pub struct Reach {
    /// Profile of the AWS configuration; wins over keys in the environment
    #[arg(long)]
    pub profile: Option<String>,
    /// Home region
    #[arg(long, value_name = "REGION")]
    pub region: Option<Region>,
    /// Role to read accounts with; tried in order
    #[arg(long, value_delimiter = ',', value_name = "ROLE", value_parser = formed::<RoleName>)]
    pub read_role: Vec<String>,
    /// Role to write accounts with
    #[arg(long, value_name = "ROLE", value_parser = formed::<RoleName>)]
    pub write_role: Option<String>,
    /// External id that the roles ask for
    #[arg(long, value_name = "ID", value_parser = formed::<ExternalId>)]
    pub external_id: Option<String>,
    /// Organization that this has to be
    #[arg(long, value_name = "O-ID", value_parser = formed::<OrganizationId>)]
    pub organization: Option<String>,
    /// Calls in flight at once, over all accounts
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=2000))]
    pub concurrency: u16,
    /// Endpoint for all services
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
}

/// A text that has the form that it has in a baseline, too.
fn formed<T: FromStr<Err = Misformed>>(text: &str) -> Result<String, Misformed> {
    text.parse::<T>().map(|_| text.to_owned())
}

/// Where reports go.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub struct Reports {
    /// Write a report to a file as well: text=PATH, json=PATH or, of a plan, markdown=PATH
    #[arg(long, value_name = "FORMAT=PATH", value_parser = report)]
    pub report: Vec<Report>,
    /// Folder in which findings wait and runs are kept [default: trueup in the XDG state folder]; or a prefix in S3
    /// below which runs are kept
    #[arg(long, value_name = "DIR|s3://[ACCOUNT@]BUCKET/PREFIX", value_parser = state_at)]
    pub state: Option<StateAt>,
}

/// A report to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its format.
    pub format: Format,
    /// Its file.
    pub path: PathBuf,
}

fn report(text: &str) -> Result<Report, String> {
    let (format, path) = text.split_once('=').ok_or("write it as FORMAT=PATH, such as json=drift.json")?;
    if path.is_empty() {
        return Err("the path is missing, as in json=drift.json".to_owned());
    }
    let known = <Format as ValueEnum>::from_str(format, false);
    let format = known.map_err(|_| format!("there is no format `{format}`: text, json or markdown"))?;
    Ok(Report { format, path: PathBuf::from(path) })
}

/// `trueup demo`
#[derive(Args, Debug)]
pub struct Demo {
    /// Which organization is simulated
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// `trueup init`
#[derive(Args, Debug)]
pub struct Init {
    /// Shipped baseline to start from
    #[arg(long, value_name = "NAME", default_value = "foundation")]
    pub from: String,
    /// File to write; it must not exist
    #[arg(long, value_name = "FILE", default_value = "baseline.yaml")]
    pub out: PathBuf,
    /// How AWS is reached.
    #[command(flatten)]
    pub reach: Reach,
}

/// `trueup accounts`
#[derive(Args, Debug)]
pub struct Accounts {
    /// What is held to what.
    #[command(flatten)]
    pub scoped: Scoped,
}

/// `trueup doctor`
#[derive(Args, Debug)]
pub struct Doctor {
    /// Lock that an apply would take; it is only looked at
    #[arg(long, value_name = "local|s3://[ACCOUNT@]BUCKET/KEY", value_parser = lock_at)]
    pub lock: Option<LockAt>,
    /// Where an apply would keep its run: a folder, or below a prefix in S3 [default: trueup in the XDG state folder]
    #[arg(long, value_name = "DIR|s3://[ACCOUNT@]BUCKET/PREFIX", value_parser = state_at)]
    pub state: Option<StateAt>,
    /// List every account of a group
    #[arg(long)]
    pub detail: bool,
    /// What is held to what.
    #[command(flatten)]
    pub scoped: Scoped,
}

/// `trueup baseline`
#[derive(Debug, Subcommand)]
pub enum Baseline {
    /// Say what is wrong with a baseline, without AWS
    Check {
        /// Baseline file, or the name of a shipped baseline
        #[arg(default_value = "foundation", value_name = "FILE|NAME")]
        from: String,
    },
    /// Show a baseline with its layers resolved
    Show {
        /// Baseline file, or the name of a shipped baseline
        #[arg(default_value = "foundation", value_name = "FILE|NAME")]
        from: String,
    },
    /// Print the JSON Schema of baseline files, for editors
    Schema,
}

/// `trueup plan`
#[derive(Args, Debug)]
pub struct Plan {
    /// Write the plan to a file that `apply` takes
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// List every account of a group
    #[arg(long)]
    pub detail: bool,
    /// Say how the accounts stand against a framework, by its sections
    #[arg(long, value_name = "NAME", value_parser = frameworks())]
    pub framework: Option<Framework>,
    /// Keep the observations in a file
    #[arg(long, value_name = "FILE")]
    pub save_evidence: Option<PathBuf>,
    /// Judge kept observations again, without AWS
    #[arg(long, value_name = "FILE", conflicts_with = "save_evidence")]
    pub from_evidence: Option<PathBuf>,
    /// What is held to what.
    #[command(flatten)]
    pub scoped: Scoped,
    /// Where reports go.
    #[command(flatten)]
    pub reports: Reports,
}

/// `trueup show`
#[derive(Args, Debug)]
pub struct ShowPlan {
    /// Plan file
    pub plan: PathBuf,
    /// List every account of a group
    #[arg(long)]
    pub detail: bool,
}

/// `trueup apply`
#[derive(Args, Debug, Default)]
pub struct Apply {
    /// Plan file; without one a plan is made, shown, and asked about
    pub plan: Option<PathBuf>,
    /// Apply without asking
    #[arg(long)]
    pub auto_approve: bool,
    /// Allow steps that are not safe and free, or are set back each time: disruptive, cost, weakening, irreversible or
    /// contested, also for one control
    #[arg(long, value_delimiter = ',', value_name = "CLASS[:CONTROL]")]
    pub allow: Vec<Allow>,
    /// Lock that keeps others from applying: that of this machine, or an object in S3 for everyone
    #[arg(long, value_name = "local|s3://[ACCOUNT@]BUCKET/KEY", value_parser = lock_at)]
    pub lock: Option<LockAt>,
    /// Refuse a plan file that is older
    #[arg(long, value_name = "AGE", default_value = "24h", value_parser = age)]
    pub max_age: jiff::SignedDuration,
    /// What is held to what.
    #[command(flatten)]
    pub scoped: Scoped,
    /// How carefully it is done.
    #[command(flatten)]
    pub rollout: Rollout,
    /// What the plan file has to show first.
    #[command(flatten)]
    pub gate: Gate,
    /// Where reports go.
    #[command(flatten)]
    pub reports: Reports,
}

fn age(text: &str) -> Result<jiff::SignedDuration, String> {
    text.parse().map_err(|_| "write it as 24h, 90m or 2h30m".to_owned())
}

/// `trueup simulate`
#[derive(Args, Debug)]
pub struct Simulate {
    /// Port on loopback; 0: any that is free
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// Accounts, the management account among them
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub accounts: u32,
    /// Regions
    #[arg(long, value_delimiter = ',', value_name = "REGION", default_value = "eu-west-1,us-east-1,ap-northeast-1")]
    pub regions: Vec<Region>,
    /// Which organization is simulated
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// `trueup completions`
#[derive(Args, Debug)]
pub struct Completions {
    /// Shell
    pub shell: Shell,
}
