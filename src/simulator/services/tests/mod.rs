//! What the services do beyond the obvious, asked as a client would: checked by the model, authorized, answered.

mod cloudtrail;
mod cloudwatch;
mod ec2;
mod ec2_networks;
mod guardduty;
mod kms;
mod organizations;
mod permissions;
mod s3;
mod sns;

use crate::fault::Fault;
use crate::front::Call;
use crate::model::{Kind, Service};
use crate::world::{Caller, Credential, World};
use crate::{iam, model, services, wire};
use serde_json::{Value, json};

/// An organization of a management account and two members, with a caller in each.
struct Stage {
    world: World,
    management: Caller,
    one: Caller,
    two: Caller,
}

const HOME: &str = "us-east-1";
const AWAY: &str = "eu-west-1";

impl Stage {
    fn new() -> Self {
        let mut world = World::bare(&[HOME, AWAY], 1);
        let management = world.administrator().caller;
        let ids = ["one", "two"].map(|name| world.add_member(None, name));
        let [one, two] =
            ids.map(|id| enter(&mut world, &management, &id, json!({})).expect("the role is there").caller);
        Self { world, management, one, two }
    }

    /// One call of the management account in the home region.
    fn manage(&mut self, service: &str, operation: &str, input: Value) -> Result<Value, Fault> {
        let caller = self.management.clone();
        ask(&mut self.world, &caller, HOME, service, operation, input)
    }

    /// One call of the first member in the home region.
    fn one(&mut self, service: &str, operation: &str, input: Value) -> Result<Value, Fault> {
        let caller = self.one.clone();
        ask(&mut self.world, &caller, HOME, service, operation, input)
    }
}

/// A call from end to end, but for the wire; the answer must be one that the model can encode.
fn ask(
    world: &mut World,
    caller: &Caller,
    region: &str,
    service: &str,
    operation: &str,
    input: Value,
) -> Result<Value, Fault> {
    let known = model::service(service).expect("the model has the service");
    let (operation, definition) = known.operations.get_key_value(operation).expect("the model has the operation");
    if let Some(shape) = &definition.input {
        model::check::check(known, shape, &input)?;
    }
    let handler = services::handler(service, operation).expect("the operation is served");
    let mut call = Call { world, account: &caller.account, region, caller, input, operation, service: &known.name };
    iam::authorize(&mut call)?;
    let answer = handler(&mut call)?;
    if let Some(shape) = &definition.output {
        conforms(known, shape, &answer);
    }
    wire::encodes(known, operation, &answer);
    Ok(answer)
}

/// An answer may say only what the model has, in the model's kinds.
fn conforms(service: &Service, shape: &str, answer: &Value) {
    let definition = service.shape(shape);
    match (definition.kind, answer) {
        (Kind::Structure, Value::Object(map)) => {
            for (name, value) in map {
                let member = definition.members.get(name).unwrap_or_else(|| panic!("{shape} has no {name}"));
                conforms(service, &member.shape, value);
            }
        }
        (Kind::List, Value::Array(items)) => {
            let member = definition.member.as_ref().expect("a list has a member");
            for item in items {
                conforms(service, &member.shape, item);
            }
        }
        (Kind::String, Value::String(text)) => {
            let allowed = definition.allowed.is_empty() || definition.allowed.contains(text);
            assert!(allowed, "{shape} does not allow {text}");
        }
        (Kind::Map, Value::Object(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Integer | Kind::Long | Kind::Double | Kind::Timestamp, Value::Number(_)) => {}
        (kind, value) => panic!("{shape} is {kind:?} and not {value}"),
    }
}

/// Assumes the role that Organizations makes; `more` is laid over the input.
fn enter(world: &mut World, caller: &Caller, account: &str, more: Value) -> Result<Credential, Fault> {
    let mut input = json!({
        "RoleArn": format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole"),
        "RoleSessionName": "test",
    });
    if let Value::Object(more) = more {
        more.into_iter().for_each(|(member, value)| input[member] = value);
    }
    let answer = ask(world, caller, HOME, "sts", "AssumeRole", input)?;
    let id = answer["Credentials"]["AccessKeyId"].as_str().unwrap_or_default();
    Ok(world.credential(id).expect("it was just issued").clone())
}

/// The code of a refusal.
fn code(outcome: Result<Value, Fault>) -> String {
    outcome.map_or_else(|fault| fault.code, |answer| format!("no refusal: {answer}"))
}
