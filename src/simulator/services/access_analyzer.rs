//! IAM Access Analyzer: the analyzers of a region.

use super::{iam, organizations};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] =
    &[("CreateAnalyzer", create), ("DeleteAnalyzer", delete), ("ListAnalyzers", list)];

/// The role that the service works by.
pub(crate) const ROLE: &str = "AWSServiceRoleForAccessAnalyzer";
/// What Organizations calls the service.
pub(crate) const SERVICE: &str = "access-analyzer.amazonaws.com";
const ORGANIZATION: &str = "ORGANIZATION";
/// How many analyzers of one type a region has room for: of the account, and of the organization.
const ROOM: [usize; 2] = [1, 5];

/// What an account has in one region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// By name.
    pub analyzers: BTreeMap<String, Analyzer>,
}

/// An analyzer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Analyzer {
    /// `ACCOUNT`, `ORGANIZATION`, or a type that analyses something else.
    pub kind: String,
    /// Seconds since the epoch.
    pub created: i64,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether somebody has looked: one of an organization is not ready at once.
    #[serde(skip)]
    looked: bool,
}

fn is_of_organization(kind: &str) -> bool {
    kind.starts_with(ORGANIZATION)
}

/// Whether an account may analyse the whole organization; the words of the refusal where not.
fn administers(world: &World, account: &str) -> Result<(), Fault> {
    let organization = organizations::of(world, account);
    if !organization.is_some_and(|organization| organization.state.trusts(SERVICE)) {
        return Err(Fault::new(400, "ValidationException", "Service not enabled for AWS Organizations")
            .with("reason", "FIELD_VALIDATION_FAILED"));
    }
    if organizations::leads(world, account, SERVICE) {
        Ok(())
    } else {
        Err(Fault::denied(format!("Account {account} is not a delegated administrator")))
    }
}

fn create(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, kind) = (call.need("analyzerName")?.to_owned(), call.need("type")?.to_owned());
    let of_organization = is_of_organization(&kind);
    if of_organization {
        administers(call.world, call.account)?;
    }
    let there = &call.here().access_analyzer.analyzers;
    if there.contains_key(&name) {
        return Err(Fault::new(409, "ConflictException", "An analyzer with this name already exists."));
    }
    if there.values().filter(|analyzer| analyzer.kind == kind).count() >= ROOM[usize::from(of_organization)] {
        let message = format!("Maximum number of analyzers of type {kind} reached.");
        return Err(Fault::new(402, "ServiceQuotaExceededException", message));
    }
    let account = call.account;
    iam::ensure_linked_role(call.world, account, SERVICE, ROLE);
    let tags = call.input.get("tags").and_then(Value::as_object).cloned().unwrap_or_default();
    let tags = tags.into_iter().map(|(key, value)| (key, value.as_str().unwrap_or_default().to_owned())).collect();
    let created = call.now();
    let analyzer = Analyzer { kind, created, tags, looked: !of_organization };
    call.here().access_analyzer.analyzers.insert(name.clone(), analyzer);
    Ok(json!({ "arn": call.arn(&format!("analyzer/{name}")) }))
}

fn delete(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("analyzerName")?.to_owned();
    match call.here().access_analyzer.analyzers.remove(&name) {
        Some(_) => Ok(json!({})),
        None => Err(Fault::new(404, "ResourceNotFoundException", format!("The analyzer {name} was not found."))),
    }
}

/// One of the organization stands still where Organizations trusts the service no more, or another account administers.
fn list(call: &mut Call<'_>) -> Result<Value, Fault> {
    let wanted = call.text("type").map(str::to_owned);
    let works = administers(call.world, call.account).is_ok();
    let arns = call.arn("analyzer/");
    let mut shown: Vec<Value> = vec![];
    for (name, analyzer) in &mut call.here().access_analyzer.analyzers {
        if wanted.as_ref().is_some_and(|wanted| *wanted != analyzer.kind) {
            continue;
        }
        let status = match is_of_organization(&analyzer.kind) {
            true if !works => "DISABLED",
            _ if !analyzer.looked => "CREATING",
            _ => "ACTIVE",
        };
        analyzer.looked = true;
        let mut one = json!({"arn": format!("{arns}{name}"), "name": name, "type": analyzer.kind, "status": status,
            "createdAt": analyzer.created, "tags": analyzer.tags});
        if status == "DISABLED" {
            one["statusReason"] = json!({"code": "AWS_SERVICE_ACCESS_DISABLED"});
        }
        shown.push(one);
    }
    let size = call.number("maxResults").and_then(|size| usize::try_from(size).ok()).unwrap_or(100);
    let Some((page, next)) = super::paging::page(shown, size, call.text("nextToken")) else {
        return Err(Fault::new(400, "ValidationException", "Invalid nextToken"));
    };
    Ok(json!({"analyzers": page, "nextToken": next}))
}
