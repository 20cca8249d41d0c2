//! Security Hub CSPM: the hub of a region, and accounts that an administrator configures centrally.

use super::{iam, organization_effective, organizations};
use crate::fault::Fault;
use crate::front::{Call, Handler};
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("CreateConfigurationPolicy", create_policy),
    ("DescribeHub", describe),
    ("DescribeOrganizationConfiguration", describe_organization),
    ("DisableSecurityHub", disable),
    ("EnableOrganizationAdminAccount", enable_admin),
    ("EnableSecurityHub", enable),
    ("GetConfigurationPolicyAssociation", get_association),
    ("ListTagsForResource", list_tags),
    ("StartConfigurationPolicyAssociation", start_association),
    ("UpdateOrganizationConfiguration", update_organization),
];

/// The role that the service works by.
pub(crate) const ROLE: &str = "AWSServiceRoleForSecurityHub";
const SERVICE: &str = "securityhub.amazonaws.com";
/// What a target is associated with that configures itself.
const SELF_MANAGED: &str = "SELF_MANAGED_SECURITY_HUB";

/// What an account has in one region.
#[derive(Clone, Debug, Default, Serialize)]
pub struct State {
    /// The hub; there is one at most.
    pub hub: Option<Hub>,
    /// Of a delegated administrator, in the region from which it configures the organization.
    pub organization: Option<Configuration>,
}

/// A hub.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Hub {
    /// Seconds since the epoch.
    pub since: i64,
    /// Where its controls report: `SECURITY_CONTROL` or `STANDARD_CONTROL`.
    pub generator: String,
    /// ARNs of the standards that are on.
    pub standards: Vec<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// How an administrator configures the organization.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Configuration {
    /// By configuration policies.
    pub central: bool,
    /// The ids of its policies, and whether they switch Security Hub on.
    pub policies: BTreeMap<String, bool>,
    /// Which policy targets have, or [`SELF_MANAGED`].
    pub associations: BTreeMap<String, String>,
}

/// The type of policies that say in which regions it is on.
const POLICY: &str = "SECURITYHUB_CSPM_POLICY";

/// Whether policies of the organization have it on or off in a region of an account; none: they leave it alone.
fn governed(world: &World, account: &str, region: &str) -> Option<bool> {
    let effective = organization_effective::effective(world, account, POLICY)?;
    let lists = effective.as_object()?.values().find_map(|said| said.get("cspm_enablement"))?;
    let named = |list: &str| {
        let regions = lists[list].as_array().into_iter().flatten().filter_map(Value::as_str);
        regions.into_iter().any(|name| name == "ALL_SUPPORTED" || name == region)
    };
    let (off, on) = (named("disable_in_regions"), named("enable_in_regions"));
    (off || on).then_some(!off)
}

/// What policies of the organization say is so before the account is answered.
fn settle(call: &mut Call<'_>) {
    match governed(call.world, call.account, call.region) {
        Some(true) if call.here().securityhub.hub.is_none() => {
            let hub = Hub { since: call.now(), generator: "SECURITY_CONTROL".to_owned(), ..Hub::default() };
            iam::ensure_linked_role(call.world, call.account, SERVICE, ROLE);
            call.here().securityhub.hub = Some(hub);
        }
        Some(false) => call.here().securityhub.hub = None,
        _ => {}
    }
}

fn refused(call: &Call<'_>) -> Fault {
    invalid(format!("Account {} is not subscribed to AWS Security Hub", call.account))
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(401, "InvalidAccessException", message).with("Code", "InvalidAccessException")
}

fn hub<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Hub, Fault> {
    settle(call);
    let refused = refused(call);
    call.here().securityhub.hub.as_mut().ok_or(refused)
}

/// The policy by which somebody configures an account, own or inherited; none: it configures itself.
fn policy_of(configuration: &Configuration, world: &World, account: &str) -> Option<(String, &'static str)> {
    let line = organizations::lineage(world, account);
    let nearest = line.iter().rev().find_map(|target| Some((target, configuration.associations.get(target)?)));
    let (target, policy) = nearest?;
    Some((policy.clone(), if *target == account { "APPLIED" } else { "INHERITED" }))
}

/// Whether an administrator configures the caller's account, from whatever region it does so.
fn is_central(call: &Call<'_>) -> bool {
    let all = call.world.accounts().flat_map(|account| account.regions.values());
    let configurations = all.filter_map(|region| region.securityhub.organization.as_ref());
    let central = configurations.filter(|configuration| configuration.central);
    let mut policies = central.filter_map(|configuration| policy_of(configuration, call.world, call.account));
    policies.any(|(policy, _)| policy != SELF_MANAGED)
}

fn own(call: &Call<'_>) -> Result<(), Fault> {
    if is_central(call) {
        return Err(Fault::denied("Account is centrally managed: the delegated administrator configures Security Hub"));
    }
    if governed(call.world, call.account, call.region).is_some() {
        return Err(Fault::denied("Account is governed: a policy of the organization configures Security Hub"));
    }
    Ok(())
}

fn enable(call: &mut Call<'_>) -> Result<Value, Fault> {
    settle(call);
    if call.here().securityhub.hub.is_some() {
        let message = format!("Account {} is already subscribed to Security Hub", call.account);
        return Err(Fault::new(409, "ResourceConflictException", message));
    }
    own(call)?;
    let (region, partition, account) = (call.region, call.world.partition.clone(), call.account);
    // Standards come on by themselves unless they are declined.
    let standard = |name: &str| format!("arn:{partition}:securityhub:{region}::standards/{name}");
    let standards = if call.flag("EnableDefaultStandards") == Some(false) {
        vec![]
    } else {
        vec![
            standard("aws-foundational-security-best-practices/v/1.0.0"),
            format!("arn:{partition}:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"),
        ]
    };
    let sent = call.input.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default();
    let tags = sent.into_iter().map(|(key, value)| (key, value.as_str().unwrap_or_default().to_owned())).collect();
    let generator = call.text("ControlFindingGenerator").unwrap_or("SECURITY_CONTROL").to_owned();
    let since = call.now();
    iam::ensure_linked_role(call.world, account, SERVICE, ROLE);
    call.here().securityhub.hub = Some(Hub { since, generator, standards, tags });
    Ok(json!({}))
}

fn disable(call: &mut Call<'_>) -> Result<Value, Fault> {
    hub(call)?;
    own(call)?;
    call.here().securityhub.hub = None;
    Ok(json!({}))
}

fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    let arn = call.arn("hub/default");
    if call.text("HubArn").is_some_and(|asked| asked != arn) {
        return Err(Fault::new(404, "ResourceNotFoundException", "The hub was not found"));
    }
    let hub = hub(call)?;
    let since = jiff::Timestamp::from_second(hub.since).map(|at| format!("{at:.3}")).unwrap_or_default();
    Ok(
        json!({"HubArn": arn, "SubscribedAt": since, "AutoEnableControls": true, "ControlFindingGenerator": hub.generator}),
    )
}

fn list_tags(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (arn, asked) = (call.arn("hub/default"), call.need("ResourceArn")?.to_owned());
    let hub = hub(call)?;
    if asked != arn {
        return Err(Fault::new(404, "ResourceNotFoundException", format!("{asked} was not found")));
    }
    Ok(json!({ "Tags": hub.tags }))
}

/// Naming an administrator trusts the service, registers the account and switches Security Hub on there.
fn enable_admin(call: &mut Call<'_>) -> Result<Value, Fault> {
    let leads = organizations::of(call.world, call.account).is_some_and(|known| known.management == call.account);
    if !leads {
        return Err(invalid(format!("Account {} is not the management account", call.account)));
    }
    let (admin, now, region) = (call.need("AdminAccountId")?.to_owned(), call.now(), call.region.to_owned());
    let management = call.account;
    if let Some(organization) = call.world.organization.as_mut() {
        organization.state.services.entry(SERVICE.to_owned()).or_insert(now);
        if admin != management {
            organization.state.delegates.entry(admin.clone()).or_default().entry(SERVICE.to_owned()).or_insert(now);
        }
    }
    iam::ensure_linked_role(call.world, &admin, SERVICE, ROLE);
    let Some(account) = call.world.account(&admin) else { return Err(invalid("The account is not known")) };
    let there = &mut account.regions.entry(region).or_default().securityhub;
    let generator = "SECURITY_CONTROL".to_owned();
    there.hub.get_or_insert(Hub { since: now, generator, ..Hub::default() });
    there.organization.get_or_insert_default();
    Ok(json!({"AdminAccountId": admin, "Feature": "SecurityHub"}))
}

fn organization<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Configuration, Fault> {
    let refused = invalid(format!("Account {} is not an administrator for this organization", call.account));
    call.here().securityhub.organization.as_mut().ok_or(refused)
}

fn describe_organization(call: &mut Call<'_>) -> Result<Value, Fault> {
    let kind = if organization(call)?.central { "CENTRAL" } else { "LOCAL" };
    Ok(json!({"AutoEnable": false, "AutoEnableStandards": "NONE", "MemberAccountLimitReached": false,
        "OrganizationConfiguration": {"ConfigurationType": kind, "Status": "ENABLED"}}))
}

fn update_organization(call: &mut Call<'_>) -> Result<Value, Fault> {
    let kind = call.input["OrganizationConfiguration"]["ConfigurationType"].as_str().map(str::to_owned);
    let configuration = organization(call)?;
    if let Some(kind) = kind {
        configuration.central = kind == "CENTRAL";
    }
    Ok(json!({}))
}

/// The configuration of an administrator who configures centrally; all but that takes it.
fn central<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Configuration, Fault> {
    let refused = invalid("Central configuration is not enabled for the organization");
    organization(call)?.central.then_some(()).ok_or(refused)?;
    organization(call)
}

fn create_policy(call: &mut Call<'_>) -> Result<Value, Fault> {
    let enabled = call.input["ConfigurationPolicy"]["SecurityHub"]["ServiceEnabled"].as_bool().unwrap_or_default();
    let (name, id) = (call.need("Name")?.to_owned(), call.world.uuid());
    central(call)?.policies.insert(id.clone(), enabled);
    let arn = call.arn(&format!("configuration-policy/{id}"));
    Ok(json!({"Arn": arn, "Id": id, "Name": name}))
}

/// The id of a target, whatever it is.
fn target(call: &Call<'_>) -> Result<(String, &'static str), Fault> {
    let kinds = [("AccountId", "ACCOUNT"), ("OrganizationalUnitId", "ORGANIZATIONAL_UNIT"), ("RootId", "ROOT")];
    let named =
        kinds.iter().find_map(|(member, kind)| Some((call.input["Target"][*member].as_str()?.to_owned(), *kind)));
    named.ok_or_else(|| Fault::new(400, "InvalidInputException", "The target is not named"))
}

fn start_association(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (policy, (target, kind)) = (call.need("ConfigurationPolicyIdentifier")?.to_owned(), target(call)?);
    let configuration = central(call)?;
    if policy != SELF_MANAGED && !configuration.policies.contains_key(&policy) {
        return Err(Fault::new(404, "ResourceNotFoundException", "The policy was not found"));
    }
    configuration.associations.insert(target.clone(), policy.clone());
    Ok(associated(&target, kind, &policy, "APPLIED"))
}

fn get_association(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (target, kind) = target(call)?;
    let configuration = central(call)?.clone();
    match policy_of(&configuration, call.world, &target) {
        Some((policy, how)) => Ok(associated(&target, kind, &policy, how)),
        None => Err(Fault::new(404, "ResourceNotFoundException", "No association was found for the target")),
    }
}

fn associated(target: &str, kind: &str, policy: &str, how: &str) -> Value {
    json!({"ConfigurationPolicyId": policy, "TargetId": target, "TargetType": kind, "AssociationType": how,
        "AssociationStatus": "SUCCESS"})
}
