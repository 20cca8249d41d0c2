//! `trueup permissions`: the IAM policies that a baseline takes, without AWS.

use std::process::ExitCode;

use super::output::{Output, Template};
use super::scene::{Moment, chosen};
use crate::baseline::{self, Baseline, Tone};
use crate::cli::{self, Format, LockAt, StateAt};
use crate::controls;
use crate::failure::Failure;
use crate::permissions::never::NEVER;
use crate::permissions::{Asked, Blanks, Policy, Shared};
use crate::plan::Access;
use crate::report::permissions as report;

/// What the role to write with is called where nobody says.
const WRITE_ROLE: &str = "trueup-write";

pub(super) fn run(typed: &cli::Permissions, output: &Output) -> Result<ExitCode, Failure> {
    let baseline = load(&typed.from, output)?;
    let controls = chosen(&baseline, &typed.which)?;
    let mut access = access(&baseline, &typed.named);
    if typed.apply && access.write_role.is_none() {
        output.say(&format!("the baseline names no `access.write_role`: it is taken to be {WRITE_ROLE}"));
        access.write_role = Some(WRITE_ROLE.to_owned());
    }
    let reverts = typed.revert.iter().map(|action| denied(action)).collect::<Result<Vec<_>, _>>()?;
    let shared = shared(typed);
    let asked = Asked {
        baseline: &baseline,
        controls: &controls,
        access: &access,
        apply: typed.apply,
        reverts: &reverts,
        shared: &shared,
    };
    let policies = policies(&asked)?;
    let blanks = Blanks {
        partition: &typed.partition,
        account: typed.account.as_ref().map_or("*", crate::target::AccountId::as_str),
    };
    let shown =
        report::Shown { baseline: (&baseline.name, &baseline.digest), apply: typed.apply, policies: &policies, blanks };
    output.result(|out| match (output.template, output.format) {
        (Some(Template::Terraform), _) => report::terraform(&shown, out),
        (Some(Template::CloudFormation), _) => report::cloudformation(&shown, out),
        (None, Format::Text | Format::Markdown) => report::text(&shown, out),
        (None, Format::Json) => report::json(&shown, out),
    })?;
    if output.template.is_some() {
        say_anywhere(&policies, output);
    }
    Ok(ExitCode::SUCCESS)
}

/// The objects in S3 that an apply would share.
fn shared(typed: &cli::Permissions) -> Vec<Shared<'_>> {
    let lock = match &typed.lock {
        Some(LockAt::Object(place)) => Some(Shared::Lock(place)),
        Some(LockAt::Local) | None => None,
    };
    let runs = match &typed.state {
        Some(StateAt::Objects(place)) => Some(Shared::Runs(place)),
        Some(StateAt::Folder(_)) | None => None,
    };
    lock.into_iter().chain(runs).collect()
}

/// The baseline, with its warnings on stderr.
pub(super) fn load(from: &cli::From, output: &Output) -> Result<Baseline, Failure> {
    let source = from.baseline.as_deref().unwrap_or("foundation");
    let baseline = Baseline::load(source, &controls::shapes(), Moment::now().today())?;
    for warning in &baseline.warnings {
        output.say(&warning.render(Tone::Warning));
    }
    Ok(baseline)
}

/// How accounts are entered: the options win over the baseline.
pub(super) fn access(baseline: &Baseline, named: &cli::Named) -> Access {
    let reach = cli::Reach {
        read_role: named.read_role.iter().cloned().collect(),
        write_role: named.write_role.clone(),
        ..cli::Reach::default()
    };
    super::reach::access(baseline, &reach)
}

/// The permissions of each holder.
pub(super) fn policies(asked: &Asked<'_>) -> Result<Vec<Policy>, Failure> {
    let found = crate::permissions::of(asked);
    found.map_err(|error| Failure::usage(format!("the settings of the baseline do not fit: {error}")))
}

/// What a template cannot say: which actions are allowed on every resource, and why.
pub(super) fn say_anywhere(policies: &[Policy], output: &Output) {
    let mut text = vec![];
    if report::list_anywhere(policies, &mut text).is_ok() {
        output.say(String::from_utf8_lossy(&text).trim_end());
    }
}

/// An action of the Deny list.
fn denied(action: &str) -> Result<&'static str, Failure> {
    let known = NEVER.iter().map(|never| never.action);
    if let Some(known) = known.clone().find(|known| *known == action) {
        return Ok(known);
    }
    let failure = Failure::usage(format!("`{}` is not denied, so it needs no --revert", action.escape_debug()));
    Err(match baseline::nearest(action, known) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("`trueup permissions --apply` lists what is denied"),
    })
}
