//! The root and the units of an organization, and what hangs on them.

use super::organization_policies as policies;
use super::organizations::{arn, fault, listed, organization};
use crate::fault::Fault;
use crate::front::Call;
use crate::world::{Unit, World};
use serde_json::{Value, json};

fn shown_unit(world: &World, unit: &Unit) -> Value {
    json!({"Id": unit.id, "Arn": arn(world, &unit.id), "Name": unit.name})
}

/// The id of a parent that exists.
pub(super) fn parent(call: &mut Call<'_>, member: &str) -> Result<String, Fault> {
    let id = call.need(member)?.to_owned();
    let organization = organization(call)?;
    if organization.root == id || organization.units.contains_key(&id) {
        Ok(id)
    } else {
        Err(fault("ParentNotFoundException", "You specified parent that doesn't exist."))
    }
}

pub(super) fn list_units_for_parent(call: &mut Call<'_>) -> Result<Value, Fault> {
    let parent = parent(call, "ParentId")?;
    let units: Vec<Unit> = organization(call)?.units.values().filter(|unit| unit.parent == parent).cloned().collect();
    let all = units.iter().map(|unit| shown_unit(call.world, unit)).collect();
    listed(call, "OrganizationalUnits", all)
}

pub(super) fn list_children(call: &mut Call<'_>) -> Result<Value, Fault> {
    let parent = parent(call, "ParentId")?;
    let kind = call.need("ChildType")?.to_owned();
    let ids: Vec<String> = if kind == "ACCOUNT" {
        call.world.accounts().filter(|account| account.parent == parent).map(|account| account.id.clone()).collect()
    } else {
        organization(call)?.units.values().filter(|unit| unit.parent == parent).map(|unit| unit.id.clone()).collect()
    };
    let all = ids.into_iter().map(|id| json!({"Id": id, "Type": kind})).collect();
    listed(call, "Children", all)
}

pub(super) fn list_parents(call: &mut Call<'_>) -> Result<Value, Fault> {
    let child = call.need("ChildId")?.to_owned();
    let organization = organization(call)?;
    let root = organization.root.clone();
    let unit = organization.units.get(&child).map(|unit| unit.parent.clone());
    let account = || call.world.accounts.get(&child).map(|account| account.parent.clone());
    let parent = unit.or_else(account).filter(|parent| !parent.is_empty());
    let Some(parent) = parent else {
        return Err(fault("ChildNotFoundException", "You specified a child that doesn't exist."));
    };
    let kind = if parent == root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    Ok(json!({"Parents": [{"Id": parent, "Type": kind}]}))
}

pub(super) fn describe_unit(call: &mut Call<'_>) -> Result<Value, Fault> {
    let id = call.need("OrganizationalUnitId")?.to_owned();
    let unit = organization(call)?.units.get(&id).cloned();
    let missing =
        || fault("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.");
    Ok(json!({ "OrganizationalUnit": shown_unit(call.world, &unit.ok_or_else(missing)?) }))
}

pub(super) fn create_unit(call: &mut Call<'_>) -> Result<Value, Fault> {
    let parent = parent(call, "ParentId")?;
    let name = call.need("Name")?.to_owned();
    let tags = super::iam::tags(call.list("Tags"));
    let suffix = call.world.token(8);
    let organization = organization(call)?;
    if organization.units.values().any(|unit| unit.parent == parent && unit.name == name) {
        return Err(fault(
            "DuplicateOrganizationalUnitException",
            "An OU with the same name exists in the specified parent.",
        ));
    }
    let id = format!("ou-{}-{suffix}", organization.root.trim_start_matches("r-"));
    let unit = Unit { id: id.clone(), name, parent };
    organization.units.insert(id.clone(), unit.clone());
    organization.state.tags.insert(id, tags);
    Ok(json!({ "OrganizationalUnit": shown_unit(call.world, &unit) }))
}

pub(super) fn list_roots(call: &mut Call<'_>) -> Result<Value, Fault> {
    let organization = organization(call)?.clone();
    let root = policies::shown_root(call.world, &organization);
    listed(call, "Roots", vec![root])
}
