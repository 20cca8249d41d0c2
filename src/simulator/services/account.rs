//! Account Management: which regions an account may use. Its contacts are in `account_contacts`.

use super::account_contacts as contacts;
use crate::fault::Fault;
use crate::front::{Call, Handler};
use crate::world::{Account, World};
use serde_json::{Value, json};

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("DeleteAlternateContact", contacts::delete_alternate),
    ("DisableRegion", disable_region),
    ("EnableRegion", enable_region),
    ("GetAlternateContact", contacts::get_alternate),
    ("GetContactInformation", contacts::get_primary),
    ("GetRegionOptStatus", get_region_opt_status),
    ("ListRegions", list_regions),
    ("PutAlternateContact", contacts::put_alternate),
    ("PutContactInformation", contacts::put_primary),
];

const BY_DEFAULT: &str = "ENABLED_BY_DEFAULT";

/// The opt status of a region in an account.
pub(crate) fn status<'a>(account: &'a Account, region: &str) -> &'a str {
    account.opt_status.get(region).map_or(BY_DEFAULT, String::as_str)
}

/// What a call acts on: the caller's account, or a member that the management account or a delegate names.
pub(crate) fn arn(call: &mut Call<'_>) -> String {
    let partition = call.world.partition.clone();
    match (call.text("AccountId"), &call.world.organization) {
        (Some(member), Some(organization)) => {
            format!("arn:{partition}:account::{}:account/{}/{member}", organization.management, organization.id)
        }
        _ => format!("arn:{partition}:account::{}:account", call.account),
    }
}

fn denied() -> Fault {
    Fault::denied("You don't have permissions to access this resource.")
}

/// The account a call is about.
pub(super) fn subject(call: &mut Call<'_>) -> Result<String, Fault> {
    let Some(member) = call.text("AccountId").map(str::to_owned) else { return Ok(call.account.to_owned()) };
    let Some(organization) = call.world.organization.clone() else { return Err(denied()) };
    let delegated = organization.state.delegated(call.account, "account.amazonaws.com");
    let trusted = organization.state.trusts("account.amazonaws.com");
    if (call.account != organization.management && !delegated) || !trusted {
        return Err(denied());
    }
    // The management account cannot name itself; it leaves the member out.
    if member == organization.management || call.world.account(&member).is_none() {
        return Err(denied());
    }
    Ok(member)
}

fn list_regions(call: &mut Call<'_>) -> Result<Value, Fault> {
    let subject = subject(call)?;
    let wanted = call.texts("RegionOptStatusContains");
    let size = call.number("MaxResults").and_then(|size| usize::try_from(size).ok()).unwrap_or(50);
    let names = call.world.regions.clone();
    let account = known(call.world, &subject)?;
    let all = names.iter().map(|name| (name, status(account, name)));
    let all = all.filter(|(_, status)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == status));
    let all = all.map(|(name, status)| json!({"RegionName": name, "RegionOptStatus": status})).collect();
    let (page, next) = super::paging::page(all, size, call.text("NextToken"))
        .ok_or_else(|| Fault::new(400, "ValidationException", "NextToken is invalid"))?;
    let mut answer = json!({ "Regions": page });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

pub(super) fn known<'a>(world: &'a mut World, id: &str) -> Result<&'a mut Account, Fault> {
    world.account(id).ok_or_else(denied)
}

fn region(call: &Call<'_>) -> Result<String, Fault> {
    let name = call.need("RegionName")?.to_owned();
    if call.world.regions.contains(&name) {
        Ok(name)
    } else {
        Err(Fault::new(400, "ValidationException", format!("Region {name} does not exist")))
    }
}

fn get_region_opt_status(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (subject, region) = (subject(call)?, region(call)?);
    let status = status(known(call.world, &subject)?, &region).to_owned();
    Ok(json!({"RegionName": region, "RegionOptStatus": status}))
}

fn enable_region(call: &mut Call<'_>) -> Result<Value, Fault> {
    switch(call, "ENABLED", "DISABLING")
}

fn disable_region(call: &mut Call<'_>) -> Result<Value, Fault> {
    switch(call, "DISABLED", "ENABLING")
}

/// Opting takes minutes at AWS; here it is done at once, but what is under way still stands in the way.
fn switch(call: &mut Call<'_>, to: &str, in_the_way: &str) -> Result<Value, Fault> {
    let (subject, region) = (subject(call)?, region(call)?);
    let account = known(call.world, &subject)?;
    match status(account, &region) {
        BY_DEFAULT => Err(Fault::new(400, "ValidationException", format!("Region {region} is enabled by default"))),
        now if now == in_the_way => {
            Err(Fault::new(409, "ConflictException", format!("Region {region} is being changed: {now}")))
        }
        _ => {
            account.opt_status.insert(region, to.to_owned());
            Ok(json!({}))
        }
    }
}
