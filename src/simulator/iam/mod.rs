//! Whether a caller may: policies, trust, session policies, service control policies.
//!
//! The front asks [`authorize`] before each handler. `evaluate`, `document`, `condition` and `pattern` are pure;
//! `checks` says what is asked for, `actions` is its table.

mod actions;
mod checks;
mod condition;
mod context;
mod document;
mod evaluate;
mod managed;
mod pattern;
mod root_tasks;

use super::fault::Fault;
use super::front::Call;
use super::services;
use super::world::{Caller, Principal, World};
pub(crate) use checks::Check;
pub(crate) use context::Context;
pub(crate) use document::{Document, Principal as Named, Sort, Statement, Who};
pub(crate) use evaluate::{Denial, Layer};
use evaluate::{Policies, Request};
pub(crate) use managed::document as managed_document;
pub(crate) use root_tasks::is_known as is_root_task;

/// Refuses the call unless every action that AWS checks for it is allowed.
pub(crate) fn authorize(call: &mut Call<'_>) -> Result<(), Fault> {
    if call.service == "s3" {
        services::s3::locate(call)?;
    }
    let context = request_context(call);
    for check in checks::of(call)? {
        call.world.ledger.weigh(&check.action);
        if let Err(refusal) = weigh(call.world, call.caller, &check, &context) {
            return Err(refusal.fault(call.caller, &check));
        }
    }
    Ok(())
}

/// Refuses the call unless its caller may list the bucket that it names.
pub(crate) fn may_list(call: &mut Call<'_>) -> Result<(), Fault> {
    let context = request_context(call);
    let check = checks::of_bucket(call, "s3:ListBucket");
    weigh(call.world, call.caller, &check, &context).map_err(|refusal| refusal.fault(call.caller, &check))
}

/// Whether the caller may do something that the service asks about only now.
pub(crate) fn may(call: &mut Call<'_>, check: &Check) -> bool {
    let context = request_context(call);
    weigh(call.world, call.caller, check, &context).is_ok()
}

/// Why a check failed.
#[derive(Debug)]
pub(crate) enum Refusal {
    Denied(Denial),
    /// A policy that the world holds cannot be read: a gap of the simulator, which must be heard.
    Broken(String),
}

impl Refusal {
    /// The error AWS answers with.
    pub(crate) fn fault(&self, caller: &Caller, check: &Check) -> Fault {
        match self {
            Self::Denied(denial) => Fault::denied(format!(
                "User: {} is not authorized to perform: {} on resource: {} {}",
                caller.arn,
                check.action,
                check.shown(),
                reason(*denial, check, caller)
            )),
            Self::Broken(why) => Fault::new(500, "SimulatorGap", format!("a stored policy cannot be read: {why}")),
        }
    }
}

/// KMS does not tell other accounts whether the key is there.
fn reason(denial: Denial, check: &Check, caller: &Caller) -> String {
    if check.action.starts_with("kms:") && check.owner != caller.account && denial == Denial::Silent(Layer::Resource) {
        return "because the resource does not exist in this Region, no resource-based policies allow access, or a \
                resource-based policy explicitly denies access"
            .to_owned();
    }
    denial.reason(&check.action)
}

/// Weighs one check against every policy that has a say over the caller and the resource.
pub(crate) fn weigh(world: &mut World, caller: &Caller, check: &Check, context: &Context) -> Result<(), Refusal> {
    let policies = policies(world, caller, check).map_err(Refusal::Broken)?;
    let who = identity(world, caller);
    let request = Request { who: &who, action: &check.action, resource: &check.resource, context };
    policies.weigh(request).map_err(Refusal::Denied)
}

/// Whether a resource's policy lets an AWS service do something.
pub(crate) fn service_may(policy: &Document, service: &str, action: &str, resource: &str, context: &Context) -> bool {
    let who = Who::Service(service.to_owned());
    policy.grants(&who, action, resource, context).is_some() && !policy.denies(&who, action, resource, context)
}

/// The caller as policies name it.
pub(crate) fn identity(world: &mut World, caller: &Caller) -> Who {
    let role = match &caller.principal {
        Principal::Role(session) => Some(services::iam::role_arn(world, &caller.account, &session.role)),
        Principal::Root | Principal::RootTask(_) | Principal::User(_) => None,
    };
    Who::Identity { account: caller.account.clone(), arn: caller.arn.clone(), role }
}

fn policies(world: &mut World, caller: &Caller, check: &Check) -> Result<Policies, String> {
    let mut policies = Policies {
        resource: check.policy.as_ref().map(|(text, sort)| Document::parse(text, *sort)).transpose()?,
        resource_decides: check.decides,
        cross_account: check.owner != caller.account,
        ..Policies::default()
    };
    let mut linked = false;
    match &caller.principal {
        Principal::Root => {}
        Principal::RootTask(policy) => policies.session = Some(root_tasks::limits(policy)?),
        Principal::User(name) => policies.identity = Some(services::iam::user_policies(world, &caller.account, name)?),
        Principal::Role(session) => {
            let role = services::iam::role_policies(world, &caller.account, &session.role)?;
            linked = role.linked;
            policies.identity = Some(role.identity);
            policies.boundary = role.boundary;
            policies.session = session_policies(session.policy.as_deref(), &session.policy_arns)?;
        }
    }
    if !linked {
        policies.guardrails = services::organizations::guardrails(world, &caller.account)?;
    }
    Ok(policies)
}

/// What limits a session: none if neither a document nor a managed policy was sent.
fn session_policies(text: Option<&str>, arns: &[String]) -> Result<Option<Vec<Document>>, String> {
    if text.is_none() && arns.is_empty() {
        return Ok(None);
    }
    let mut all = Vec::new();
    for arn in arns {
        all.push(managed::parsed(arn).ok_or_else(|| format!("{arn} is not known here"))?);
    }
    if let Some(text) = text {
        all.push(Document::parse(text, Sort::Identity)?);
    }
    Ok(Some(all))
}

/// The condition keys that every request has.
pub(crate) fn caller_context(world: &mut World, caller: &Caller, region: &str) -> Context {
    let mut context = Context::default();
    let (kind, principal) = match &caller.principal {
        Principal::Root => ("Account", caller.arn.clone()),
        Principal::RootTask(_) => {
            context.set("aws:AssumedRoot", "true");
            ("Account", caller.arn.clone())
        }
        Principal::User(name) => {
            context.set("aws:username", name.clone());
            ("User", caller.arn.clone())
        }
        Principal::Role(session) => ("AssumedRole", services::iam::role_arn(world, &caller.account, &session.role)),
    };
    context.set("aws:PrincipalType", kind);
    context.set("aws:PrincipalArn", principal);
    context.set("aws:PrincipalAccount", caller.account.clone());
    context.set("aws:userid", caller.id.clone());
    context.set("aws:RequestedRegion", region);
    context.set("aws:SecureTransport", "true");
    context.set("aws:SourceIp", "192.0.2.10");
    context.set("aws:PrincipalIsAWSService", "false");
    context.set("aws:ViaAWSService", "false");
    context.set("aws:EpochTime", world.now().to_string());
    context.set("aws:CurrentTime", world.now().to_string());
    if let Some(path) = services::organizations::path_of(world, &caller.account) {
        let organization = path.split('/').next().unwrap_or_default().to_owned();
        context.set("aws:PrincipalOrgID", organization);
        context.set_all("aws:PrincipalOrgPaths", vec![path]);
    }
    context
}

fn request_context(call: &mut Call<'_>) -> Context {
    let mut context = caller_context(call.world, call.caller, call.region);
    let tags = ["Tags", "TagsList"].iter().flat_map(|member| call.list(member));
    let mut keys = Vec::new();
    for tag in tags {
        let text = |names: [&str; 2]| names.iter().find_map(|name| tag.get(*name)).and_then(serde_json::Value::as_str);
        if let (Some(key), Some(value)) = (text(["Key", "TagKey"]), text(["Value", "TagValue"])) {
            context.set(&format!("aws:RequestTag/{key}"), value);
            keys.push(key.to_owned());
        }
    }
    if !keys.is_empty() {
        context.set_all("aws:TagKeys", keys);
    }
    for (member, key) in [
        ("AWSServiceName", "iam:AWSServiceName"),
        ("MessageType", "kms:MessageType"),
        ("ServicePrincipal", "organizations:ServicePrincipal"),
        ("SigningAlgorithm", "kms:SigningAlgorithm"),
    ] {
        if let Some(value) = call.text(member) {
            context.set(key, value.to_owned());
        }
    }
    context
}
