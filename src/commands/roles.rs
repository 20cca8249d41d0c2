//! `trueup roles`: templates of the roles that trueup enters accounts by, without AWS.

use std::process::ExitCode;

use super::output::{Output, Template};
use super::permissions;
use crate::baseline::{Baseline, ExternalId, OrganizationId, RoleName};
use crate::cli;
use crate::controls;
use crate::failure::Failure;
use crate::observe::Home;
use crate::permissions::{Asked, Holder, Policy, log_archives, protected};
use crate::report::roles::{self as report, Part, Roles};
use crate::target::AccountId;

const READ_ROLE: &str = "trueup-read";
const WRITE_ROLE: &str = "trueup-write";

/// The role that Organizations makes may do everything, and is no role to describe.
const ACCESS_ROLE: &str = "OrganizationAccountAccessRole";

pub(super) fn run(typed: &cli::Roles, output: &Output) -> Result<ExitCode, Failure> {
    let template = output.template.ok_or_else(|| {
        Failure::usage("roles are printed as a template").hint("--format cloudformation, or --format terraform")
    })?;
    let [reader, writer] = principals(typed)?;
    let baseline = permissions::load(&typed.from, output)?;
    let organization = organization(typed, &baseline)?;
    let external_id = external_id(typed, &baseline)?;
    let mut access = permissions::access(&baseline, &typed.named);
    let read_role = name(typed.named.read_role.as_ref(), access.read_role.first(), READ_ROLE)?;
    let write_role = name(typed.named.write_role.as_ref(), access.write_role.as_ref(), WRITE_ROLE)?;
    let management_role = access.management_role.clone().unwrap_or_else(|| read_role.clone());
    access.read_role = vec![read_role.clone()];
    access.write_role = Some(write_role.clone());
    let controls: Vec<_> = baseline.control_ids().into_iter().filter_map(controls::find).collect();
    let asked =
        Asked { baseline: &baseline, controls: &controls, access: &access, apply: true, reverts: &[], shared: &[] };
    let policies = permissions::policies(&asked)?;
    let log_archives = log_archives(&baseline, &controls);
    let roles = Roles {
        read_role: &read_role,
        write_role: &write_role,
        management_role: &management_role,
        reader,
        writer,
        organization: &organization,
        external_id: external_id.as_deref(),
        log_archive: log_archives.first().map(AccountId::as_str),
        protected: protected(&policies).into_iter().collect(),
        policies: &policies,
    };
    let part = match typed.of {
        cli::RolesOf::Organization => Part::Organization,
        cli::RolesOf::Member => Part::Member,
        cli::RolesOf::Management => Part::Management,
        cli::RolesOf::LogArchive => Part::LogArchive,
    };
    output.result(|out| match template {
        Template::CloudFormation => report::cloudformation(&roles, part, out),
        Template::Terraform => report::terraform(&roles, part, out),
    })?;
    let in_management =
        |policy: &Policy| policy.holder == Holder::Writer(Home::Management) && !policy.allowed.is_empty();
    say_access(&baseline, [&read_role, &write_role], policies.iter().any(in_management), output);
    if let Some(account) = log_archives.first().filter(|_| typed.of == cli::RolesOf::Organization) {
        output.say(&format!("{account} keeps the logs of others and has roles of its own: --of log-archive"));
    }
    if external_id.is_none() {
        output.say("no external id is asked for: set `access.external_id` in the baseline, or give --external-id");
    }
    permissions::say_anywhere(&policies, output);
    Ok(ExitCode::SUCCESS)
}

/// What the baseline has to say for the roles to be used.
fn say_access(baseline: &Baseline, [read_role, write_role]: [&str; 2], in_management: bool, output: &Output) {
    let said = &baseline.access;
    if said.read_role.iter().all(|role| role.as_str() != read_role) {
        output.say(&format!("to read by it: `access.read_role: {read_role}` in the baseline"));
    }
    if said.write_role.as_ref().is_none_or(|role| role.as_str() != write_role) {
        output.say(&format!("to write by it: `access.write_role: {write_role}` in the baseline"));
    }
    // Also where only the root users of others are become from there.
    if said.management_role.is_some() && in_management {
        output.say(&format!(
            "to write the management account by its own write role: `access.accounts: {{ \"ID\": {{ write_role: {write_role} }} }}`"
        ));
    }
}

/// Who plans, and who applies.
fn principals(typed: &cli::Roles) -> Result<[&str; 2], Failure> {
    let cli::Roles { principal, read_principal, write_principal, .. } = typed;
    if principal.is_some() && read_principal.is_some() && write_principal.is_some() {
        return Err(Failure::usage("--principal is for whom neither --read-principal nor --write-principal names")
            .hint("leave it out"));
    }
    let named = [("--read-principal", read_principal), ("--write-principal", write_principal)];
    let [reader, writer] = named.map(|(option, own)| match (own, principal) {
        (Some(own), _) => check_principal(option, own),
        (None, Some(both)) => check_principal("--principal", both),
        (None, None) => Err(Failure::usage("nobody is named who may assume the roles").hint("--principal ARN")),
    });
    Ok([reader?, writer?])
}

/// One role or one user: an account or its root would let everybody in it in.
fn check_principal<'a>(option: &str, arn: &'a str) -> Result<&'a str, Failure> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let named = match parts.as_slice() {
        ["arn", _, "iam", "", account, name] => {
            let name = name.strip_prefix("role/").or_else(|| name.strip_prefix("user/"));
            account.parse::<crate::target::AccountId>().is_ok()
                && name.is_some_and(|name| name.parse::<RoleName>().is_ok())
        }
        _ => false,
    };
    if named {
        return Ok(arn);
    }
    let hint = match parts.get(2) {
        Some(&"sts") => "a session is of a role: give the ARN of the role, which ends in iam::ACCOUNT:role/NAME",
        _ => "`aws iam get-role --role-name NAME --query Role.Arn` says it",
    };
    Err(Failure::usage(format!("{option} has to be the ARN of one role or user, not `{}`", arn.escape_debug()))
        .hint(hint))
}

fn organization(typed: &cli::Roles, baseline: &Baseline) -> Result<String, Failure> {
    match &typed.organization {
        Some(id) => {
            let id: OrganizationId = id.parse().map_err(|error| Failure::usage(format!("--organization: {error}")))?;
            Ok(id.to_string())
        }
        None => baseline.organization.as_ref().map(ToString::to_string).ok_or_else(|| {
            Failure::usage("the roles trust a principal of one organization, and the baseline does not say which")
                .hint("set `organization:` in the baseline, or give --organization")
        }),
    }
}

fn external_id(typed: &cli::Roles, baseline: &Baseline) -> Result<Option<String>, Failure> {
    match &typed.external_id {
        Some(id) => {
            let id: ExternalId = id.parse().map_err(|error| Failure::usage(format!("--external-id: {error}")))?;
            Ok(Some(id.to_string()))
        }
        None => Ok(baseline.access.external_id.as_ref().map(ToString::to_string)),
    }
}

/// What was typed, or what the baseline says, unless that is the role which may do everything.
fn name(typed: Option<&String>, said: Option<&String>, otherwise: &str) -> Result<String, Failure> {
    if let Some(typed) = typed {
        let name: RoleName = typed.parse().map_err(|error| Failure::usage(format!("a role: {error}")))?;
        return Ok(name.to_string());
    }
    Ok(said.filter(|said| *said != ACCESS_ROLE).cloned().unwrap_or_else(|| otherwise.to_owned()))
}
