//! EC2's instances, as far as their metadata and their instance profiles go.

use super::ec2::dry;
use super::ec2_network::{attach, id, invalid, network, paged, passes, shown_tags, tags_for};
use crate::fault::Fault;
use crate::front::Call;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// An instance.
#[derive(Clone, Debug, Serialize)]
pub struct Instance {
    image: String,
    /// `running`, `stopped` or `terminated`: now, or when it gets there.
    pub(super) state: String,
    /// What it is called on the way there, and until when.
    between: Option<(String, i64)>,
    subnet: String,
    metadata: BTreeMap<String, Value>,
    tags: BTreeMap<String, String>,
    /// The ARN and the id of its instance profile.
    profile: Option<(String, String)>,
    /// The service of AWS that runs it for the account.
    operator: Option<String>,
    launched: i64,
}

impl Instance {
    fn state_at(&self, now: i64) -> &str {
        match &self.between {
            Some((state, until)) if now < *until => state,
            _ => &self.state,
        }
    }
}

/// Seconds that an instance takes to start or to stop. AWS names no time; each takes some.
const MOVES: i64 = 30;

/// The codes of states.
const STATES: [(&str, i64); 5] =
    [("pending", 0), ("running", 16), ("terminated", 48), ("stopping", 64), ("stopped", 80)];

fn state(name: &str) -> Value {
    let code = STATES.iter().find(|(known, _)| *known == name).map_or(0, |(_, code)| *code);
    json!({"Name": name, "Code": code})
}

/// The options of metadata that a request may set.
const OPTIONS: [&str; 5] =
    ["HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "HttpProtocolIpv6", "InstanceMetadataTags"];

/// What a launch says goes before what the account says, and that before what AWS does.
fn metadata(call: &mut Call<'_>) -> BTreeMap<String, Value> {
    let asked = call.input["MetadataOptions"].clone();
    let mut options = BTreeMap::from([
        ("HttpTokens".to_owned(), json!("optional")),
        ("HttpPutResponseHopLimit".to_owned(), json!(1)),
        ("HttpEndpoint".to_owned(), json!("enabled")),
        ("HttpProtocolIpv6".to_owned(), json!("disabled")),
        ("InstanceMetadataTags".to_owned(), json!("disabled")),
    ]);
    for source in [json!(call.here().ec2.metadata), asked] {
        for option in OPTIONS {
            if let Some(value) = source.get(option) {
                options.insert(option.to_owned(), value.clone());
            }
        }
    }
    options
}

/// The instance profile that a launch names, by its name or its ARN. The world keeps none: any that is named is there.
fn profile(call: &Call<'_>) -> Result<Option<(String, String)>, Fault> {
    let asked = &call.input["IamInstanceProfile"];
    let arn = match (asked["Arn"].as_str(), asked["Name"].as_str()) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let message = "The parameter 'iamInstanceProfile.name' may not be used in combination with \
                           'iamInstanceProfile.arn'";
            return Err(Fault::new(400, "InvalidParameterCombination", message));
        }
        (Some(arn), None) => arn.to_owned(),
        (None, Some(name)) => {
            format!("arn:{}:iam::{}:instance-profile/{name}", call.world.partition, call.account)
        }
    };
    // A profile has one id wherever it is shown.
    let id = format!("AIPA{}", &hex::encode_upper(Sha256::digest(&arn))[..17]);
    Ok(Some((arn, id)))
}

pub(super) fn run(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let image = call.text("ImageId").map(str::to_owned);
    let image = image.ok_or_else(|| Fault::new(400, "MissingParameter", "The request must contain ImageId"))?;
    let count = call.number("MaxCount").unwrap_or(1);
    let first = network(call).subnets.iter().next().map(|(id, _)| id.clone());
    let subnet = call.text("SubnetId").map(str::to_owned).or(first);
    let subnet = subnet.ok_or_else(|| Fault::new(400, "MissingInput", "No subnets found for the default VPC"))?;
    let (groups, tags, metadata) = (call.texts("SecurityGroupIds"), tags_for(call, "instance"), metadata(call));
    let profile = profile(call)?;
    let operator = call.input["Operator"]["Principal"].as_str().map(str::to_owned);
    let mut made = vec![];
    for _ in 0..count {
        let instance = id(call.world, "i");
        attach(call, &subnet, groups.clone(), String::new(), Some(instance.clone()))?;
        let (image, state, launched) = (image.clone(), "running".to_owned(), call.now());
        let (subnet, metadata, tags, operator) = (subnet.clone(), metadata.clone(), tags.clone(), operator.clone());
        let profile = profile.clone();
        let new = Instance { image, state, between: None, subnet, metadata, tags, profile, operator, launched };
        network(call).instances.insert(instance.clone(), new);
        made.push(shown(call, &instance));
    }
    Ok(json!({"ReservationId": id(call.world, "r"), "OwnerId": call.account, "Instances": made}))
}

fn shown(call: &mut Call<'_>, id: &str) -> Value {
    let (now, network) = (call.now(), network(call));
    let Some(instance) = network.instances.get(id) else { return Value::Null };
    let mut metadata = json!(instance.metadata);
    metadata["State"] = json!("applied");
    let vpc = network.subnets.get(&instance.subnet).map(|subnet| subnet.vpc.clone());
    let mut shown = json!({"InstanceId": id, "ImageId": instance.image, "State": state(instance.state_at(now)),
        "SubnetId": instance.subnet, "VpcId": vpc, "MetadataOptions": metadata, "InstanceType": "t3.micro",
        "LaunchTime": instance.launched, "Tags": shown_tags(&instance.tags)});
    if let Some((arn, id)) = &instance.profile {
        shown["IamInstanceProfile"] = json!({"Arn": arn, "Id": id});
    }
    if let Some(principal) = &instance.operator {
        shown["Operator"] = json!({"Managed": true, "Principal": principal});
    }
    shown
}

fn unknown(id: &str) -> Fault {
    Fault::new(400, "InvalidInstanceID.NotFound", format!("The instance ID '{id}' does not exist"))
}

/// Each instance stands in a reservation of its own; those that are terminated are shown for a while.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let (owner, now, named) = (call.account, call.now(), call.texts("InstanceIds"));
    if call.number("MaxResults").is_some_and(|size| !(5..=1000).contains(&size)) {
        return Err(invalid("MaxResults is from 5 to 1000"));
    }
    let instances = network(call).instances.clone();
    if let Some(absent) = named.iter().find(|id| !instances.contains_key(*id)) {
        return Err(unknown(absent));
    }
    let mut all = vec![];
    for (id, instance) in instances.iter().filter(|(id, _)| named.is_empty() || named.contains(id)) {
        let has = |name: &str| match name {
            "instance-id" => Some(vec![id.clone()]),
            "instance-state-name" => Some(vec![instance.state_at(now).to_owned()]),
            _ => None,
        };
        if passes(call, &has)? {
            let instance = shown(call, id);
            all.push(json!({"ReservationId": format!("r{}", &id[1..]), "OwnerId": owner, "Instances": [instance]}));
        }
    }
    paged(call, "Reservations", all)
}

/// A move from one state to another: how it is called meanwhile, from where it sets out, and where it has been made or
/// is being made already.
struct Move {
    between: &'static str,
    from: &'static str,
    to: &'static str,
    done: &'static str,
}

fn set_out(call: &mut Call<'_>, by: &Move) -> Result<Vec<Value>, Fault> {
    dry(call)?;
    let (now, mut moved) = (call.now(), vec![]);
    for id in call.texts("InstanceIds") {
        let instance = network(call).instances.get_mut(&id).ok_or_else(|| unknown(&id))?;
        let before = instance.state_at(now).to_owned();
        if before == by.from {
            (instance.state, instance.between) = (by.to.to_owned(), Some((by.between.to_owned(), now + MOVES)));
        } else if before != by.to && before != by.between {
            let message = format!("The instance '{id}' is not in a state from which it can be {}.", by.done);
            return Err(Fault::new(400, "IncorrectInstanceState", message));
        }
        let current = instance.state_at(now).to_owned();
        moved.push(json!({"InstanceId": id, "CurrentState": state(&current), "PreviousState": state(&before)}));
    }
    Ok(moved)
}

pub(super) fn start(call: &mut Call<'_>) -> Result<Value, Fault> {
    let by = Move { between: "pending", from: "stopped", to: "running", done: "started" };
    Ok(json!({ "StartingInstances": set_out(call, &by)? }))
}

pub(super) fn stop(call: &mut Call<'_>) -> Result<Value, Fault> {
    let by = Move { between: "stopping", from: "running", to: "stopped", done: "stopped" };
    Ok(json!({ "StoppingInstances": set_out(call, &by)? }))
}

pub(super) fn terminate(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let mut ended = vec![];
    for id in call.texts("InstanceIds") {
        let (now, network) = (call.now(), network(call));
        let instance = network.instances.get_mut(&id).ok_or_else(|| unknown(&id))?;
        let before = instance.state_at(now).to_owned();
        (instance.state, instance.between) = ("terminated".to_owned(), None);
        network.interfaces.retain(|_, interface| interface.instance.as_ref() != Some(&id));
        ended.push(json!({"InstanceId": id, "CurrentState": state("terminated"), "PreviousState": state(&before)}));
    }
    Ok(json!({ "TerminatingInstances": ended }))
}

/// What is not named stays as it is. What a service of AWS runs is that service's to change, and what neither runs nor
/// is stopped is nobody's for the moment.
pub(super) fn modify_metadata(call: &mut Call<'_>) -> Result<Value, Fault> {
    dry(call)?;
    let id = call.need("InstanceId")?.to_owned();
    let told = OPTIONS.map(|option| (option, call.input.get(option).cloned()));
    let now = call.now();
    let instance = network(call).instances.get_mut(&id).ok_or_else(|| unknown(&id))?;
    if let Some(principal) = &instance.operator {
        let message = format!("The instance '{id}' is managed by '{principal}' and cannot be modified.");
        return Err(Fault::new(400, "OperationNotPermitted", message));
    }
    if !["running", "stopped"].contains(&instance.state_at(now)) {
        let message = format!("The instance '{id}' is in an incorrect state for the requested action.");
        return Err(Fault::new(400, "IncorrectInstanceState", message));
    }
    for (option, value) in told {
        if let Some(value) = value {
            instance.metadata.insert(option.to_owned(), value);
        }
    }
    let mut options = json!(instance.metadata);
    options["State"] = json!("pending");
    Ok(json!({"InstanceId": id, "InstanceMetadataOptions": options}))
}
