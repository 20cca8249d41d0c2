//! awsJson 1.0 and 1.1, and the bodies of restJson.

use super::{Incoming, Route, answer, set};
use crate::fault::Fault;
use crate::model::{Kind, Member, Operation, Service, Shape};
use http::Response;
use hyper::body::Bytes;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(super) fn route(service: &'static Service, request: &Incoming<'_>) -> Result<Route, Fault> {
    let target = request.header("x-amz-target").unwrap_or_default();
    // Clients differ in how much of the prefix they send: CloudTrail's is `com.amazonaws.cloudtrail.v20131101.…` in
    // some models and only its last part in others, and AWS takes both.
    let prefix = service.target_prefix.as_deref().unwrap_or_default();
    let short = prefix.rsplit('.').next().unwrap_or(prefix);
    let named = |prefix: &str| target.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
    let name = named(prefix).or_else(|| named(short)).unwrap_or(target);
    let (name, operation) = service.operations.get_key_value(name).ok_or_else(|| {
        Fault::new(400, "UnknownOperation", format!("the simulator's model of {} has no {name}", service.signing_name))
    })?;
    Ok(Route { name, operation, labels: BTreeMap::new() })
}

/// Reads a body as a structure of the model.
pub(super) fn document(service: &Service, shape: &Shape, body: &[u8]) -> Result<Value, Fault> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    let raw: Value = serde_json::from_slice(body).map_err(|_| serialization("the body is not JSON"))?;
    read(service, shape, &raw, "")
}

/// A value of the wire as a value of the model: renamed, typed, unknown members dropped, as AWS does.
pub(super) fn read(service: &Service, shape: &Shape, raw: &Value, path: &str) -> Result<Value, Fault> {
    let mistyped = || serialization(&format!("{path} is not a {:?}", shape.kind));
    match (shape.kind, raw) {
        (Kind::Structure, Value::Object(fields)) => {
            let mut read_fields = Map::new();
            for (name, member) in &shape.members {
                let wire = member.wire_name(name);
                if let Some(raw) = fields.get(wire).filter(|raw| !raw.is_null()) {
                    let inner = read(service, service.shape(&member.shape), raw, &format!("{path}/{wire}"))?;
                    read_fields.insert(name.clone(), inner);
                }
            }
            Ok(Value::Object(read_fields))
        }
        (Kind::List, Value::Array(items)) => {
            let member = shape.member.as_ref().ok_or_else(mistyped)?;
            items.iter().map(|raw| read(service, service.shape(&member.shape), raw, path)).collect()
        }
        (Kind::Map, Value::Object(entries)) => {
            let value = service.shape(&shape.value.as_ref().ok_or_else(mistyped)?.shape);
            let read_entry = |(key, raw): (&String, &Value)| Ok((key.clone(), read(service, value, raw, path)?));
            Ok(Value::Object(entries.iter().map(read_entry).collect::<Result<_, Fault>>()?))
        }
        (Kind::String | Kind::Blob, Value::String(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Float | Kind::Double | Kind::Timestamp, Value::Number(_)) => Ok(raw.clone()),
        (Kind::Timestamp, Value::String(text)) => super::scalar::from_text(shape, text).ok_or_else(mistyped),
        (Kind::Integer | Kind::Long, Value::Number(number)) if number.is_i64() => Ok(raw.clone()),
        _ => Err(mistyped()),
    }
}

pub(super) fn serialization(message: &str) -> Fault {
    Fault::new(400, "SerializationException", message)
}

/// A value of the model as a value of the wire; the error names what the model does not know.
pub(super) fn write(service: &Service, shape: &Shape, value: &Value, path: &str) -> Result<Value, String> {
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(fields)) => {
            let mut written = Map::new();
            for (name, inner) in fields.iter().filter(|(_, inner)| !inner.is_null()) {
                let member = shape.members.get(name).ok_or_else(|| format!("the model has no {path}.{name}"))?;
                let inner = write(service, service.shape(&member.shape), inner, &format!("{path}.{name}"))?;
                written.insert(member.wire_name(name).to_owned(), inner);
            }
            Ok(Value::Object(written))
        }
        (Kind::List, Value::Array(items)) => {
            let member = service.shape(&shape.member.as_ref().ok_or("a list without members")?.shape);
            items.iter().map(|item| write(service, member, item, path)).collect()
        }
        (Kind::Map, Value::Object(entries)) => {
            let member = service.shape(&shape.value.as_ref().ok_or("a map without values")?.shape);
            let write_entry = |(key, item): (&String, &Value)| Ok((key.clone(), write(service, member, item, path)?));
            Ok(Value::Object(entries.iter().map(write_entry).collect::<Result<_, String>>()?))
        }
        (Kind::Timestamp, Value::Number(seconds)) if shape.timestamp_format.as_deref() == Some("iso8601") => {
            let member = Member::default();
            Ok(super::scalar::to_text(&member, shape, value, "iso8601")
                .map_or(Value::Number(seconds.clone()), Value::from))
        }
        (Kind::String | Kind::Blob, Value::String(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Integer | Kind::Long | Kind::Float | Kind::Double | Kind::Timestamp, Value::Number(_)) => {
            Ok(value.clone())
        }
        (kind, _) => Err(format!("{path} should be a {kind:?} and is {value}")),
    }
}

pub(super) fn encode(
    service: &Service,
    operation: &Operation,
    output: &Value,
    id: &str,
) -> Result<Response<Bytes>, String> {
    let body = match &operation.output {
        Some(shape) => write(service, service.shape(shape), output, "output")?.to_string(),
        // AWS answers an operation without output with no body at all.
        None => String::new(),
    };
    let mut response = answer(200, &content_type(service), body);
    set(&mut response, "x-amzn-requestid", id);
    Ok(response)
}

pub(super) fn refuse(service: &Service, fault: &Fault, id: &str) -> Response<Bytes> {
    let mut body = error_fields(service, fault);
    body.insert("__type".to_owned(), Value::from(fault.code.as_str()));
    let mut response = answer(fault.status, &content_type(service), Value::Object(body).to_string());
    set(&mut response, "x-amzn-requestid", id);
    response
}

/// The members of an error, under the names that this service gives them: some say `message`, some `Message`.
pub(super) fn error_fields(service: &Service, fault: &Fault) -> Map<String, Value> {
    let shape = service.error(&fault.code);
    let mut body = Map::new();
    for (name, value) in &fault.fields {
        let wire =
            shape.and_then(|shape| shape.members.get(name)).map_or(name.as_str(), |member| member.wire_name(name));
        body.insert(wire.to_owned(), value.clone());
    }
    let message = shape
        .into_iter()
        .flat_map(|shape| &shape.members)
        .map(|(name, member)| member.wire_name(name))
        .find(|wire| wire.eq_ignore_ascii_case("message"))
        .unwrap_or("message");
    body.insert(message.to_owned(), Value::from(fault.message.as_str()));
    body
}

fn content_type(service: &Service) -> String {
    format!("application/x-amz-json-{}", service.json_version.as_deref().unwrap_or("1.1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;
    use serde_json::json;

    fn read_input(service: &str, operation: &str, body: &str) -> Result<Value, Fault> {
        let service = model::service(service).unwrap();
        document(service, service.shape(service.operations[operation].input.as_ref().unwrap()), body.as_bytes())
    }

    #[test]
    fn unknown_members_and_nulls_are_dropped() {
        let input = read_input("kms", "DescribeKey", r#"{"KeyId": "a", "Other": 1, "GrantTokens": null}"#).unwrap();
        assert_eq!(input, json!({"KeyId": "a"}));
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_a_serialization_error() {
        assert_eq!(read_input("kms", "DescribeKey", r#"{"KeyId": 7}"#).unwrap_err().code, "SerializationException");
        assert_eq!(read_input("kms", "DescribeKey", "<html>").unwrap_err().code, "SerializationException");
    }

    #[test]
    fn rest_json_has_its_own_names_for_members() {
        let input = read_input("guardduty", "CreateDetector", r#"{"enable": true, "features": []}"#).unwrap();
        assert_eq!(input, json!({"Enable": true, "Features": []}));
        let guardduty = model::service("guardduty").unwrap();
        let shape = guardduty.shape("CreateDetectorResponse");
        let written = write(guardduty, shape, &json!({"DetectorId": "d"}), "output").unwrap();
        assert_eq!(written, json!({"detectorId": "d"}));
    }

    #[test]
    fn an_answer_that_the_model_does_not_know_is_heard() {
        let kms = model::service("kms").unwrap();
        let gap = write(kms, kms.shape("DescribeKeyResponse"), &json!({"Key": {}}), "output").unwrap_err();
        assert_eq!(gap, "the model has no output.Key");
    }
}
