//! Smithy RPC v2 with CBOR: the operation is in the path, structures are maps by the names of the model, and a time is
//! tagged.

use super::{Incoming, Route, answer, json, set};
use crate::fault::Fault;
use crate::model::{Kind, Operation, Service, Shape};
use http::Response;
use hyper::body::Bytes;
use minicbor::data::{Tag, Type};
use minicbor::{Decoder, Encoder};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// A time in seconds since the epoch.
const TIME: Tag = Tag::new(1);

/// How deep a body may be nested: what AWS asks for is not, and a body of brackets alone would fill the stack.
const DEEPEST: u8 = 32;

pub(super) fn route(service: &'static Service, request: &Incoming<'_>) -> Result<Route, Fault> {
    let unknown = |what: &str| {
        let message = format!("the simulator's model of {} has no {what}", service.signing_name);
        Fault::new(404, "UnknownOperation", message)
    };
    let place = format!("/service/{}/operation/", service.target_prefix.as_deref().unwrap_or_default());
    let name = request.path.strip_prefix(&place).filter(|_| request.header("smithy-protocol") == Some("rpc-v2-cbor"));
    let name = name.ok_or_else(|| unknown(&request.path))?;
    let (name, operation) = service.operations.get_key_value(name).ok_or_else(|| unknown(name))?;
    Ok(Route { name, operation, labels: BTreeMap::new() })
}

/// Reads a body as a structure of the model.
pub(super) fn decode(service: &Service, shape: &Shape, body: &[u8]) -> Result<Value, Fault> {
    let raw = value(&mut Decoder::new(body), 0).map_err(|_| json::serialization("the body is not CBOR"))?;
    json::read(service, shape, &raw, "")
}

/// The next value: a map's keys are texts, and of a tag only what is tagged is kept.
fn value(from: &mut Decoder<'_>, depth: u8) -> Result<Value, minicbor::decode::Error> {
    if depth > DEEPEST {
        return Err(minicbor::decode::Error::message("nested too deep"));
    }
    Ok(match from.datatype()? {
        Type::Bool => Value::Bool(from.bool()?),
        Type::Null => {
            from.null()?;
            Value::Null
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
            Value::from(from.i64()?)
        }
        Type::F16 | Type::F32 | Type::F64 => Number::from_f64(from.f64()?).map_or(Value::Null, Value::Number),
        Type::String | Type::StringIndef => Value::from(from.str_iter()?.collect::<Result<String, _>>()?),
        Type::Array | Type::ArrayIndef => {
            let mut left = from.array()?;
            let mut items = Vec::new();
            while more(from, &mut left)? {
                items.push(value(from, depth + 1)?);
            }
            Value::Array(items)
        }
        Type::Map | Type::MapIndef => {
            let mut left = from.map()?;
            let mut fields = Map::new();
            while more(from, &mut left)? {
                let key = from.str_iter()?.collect::<Result<String, _>>()?;
                fields.insert(key, value(from, depth + 1)?);
            }
            Value::Object(fields)
        }
        Type::Tag => {
            from.tag()?;
            value(from, depth + 1)?
        }
        other => return Err(minicbor::decode::Error::type_mismatch(other)),
    })
}

/// Whether a list or map goes on; where its length was not said, a mark ends it.
fn more(from: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, minicbor::decode::Error> {
    match left {
        Some(0) => Ok(false),
        Some(count) => {
            *count -= 1;
            Ok(true)
        }
        None if from.datatype()? == Type::Break => {
            from.set_position(from.position() + 1);
            Ok(false)
        }
        None => Ok(true),
    }
}

/// Writes a value of the model; the error names what the model does not know.
fn write(service: &Service, shape: &Shape, value: &Value, path: &str, into: &mut Body) -> Result<(), String> {
    let seconds = |number: &Number| number.as_f64().ok_or_else(|| format!("{path} is no number"));
    let done = match (shape.kind, value) {
        (Kind::Structure, Value::Object(fields)) => {
            let said: Vec<_> = fields.iter().filter(|(_, inner)| !inner.is_null()).collect();
            into.map(said.len() as u64).map_err(full)?;
            for (name, inner) in said {
                let member = shape.members.get(name).ok_or_else(|| format!("the model has no {path}.{name}"))?;
                into.str(name).map_err(full)?;
                write(service, service.shape(&member.shape), inner, &format!("{path}.{name}"), into)?;
            }
            return Ok(());
        }
        (Kind::List, Value::Array(items)) => {
            let member = service.shape(&shape.member.as_ref().ok_or("a list without members")?.shape);
            into.array(items.len() as u64).map_err(full)?;
            return items.iter().try_for_each(|item| write(service, member, item, path, into));
        }
        (Kind::Map, Value::Object(entries)) => {
            let member = service.shape(&shape.value.as_ref().ok_or("a map without values")?.shape);
            into.map(entries.len() as u64).map_err(full)?;
            for (key, item) in entries {
                into.str(key).map_err(full)?;
                write(service, member, item, path, into)?;
            }
            return Ok(());
        }
        (Kind::String, Value::String(text)) => into.str(text),
        (Kind::Boolean, Value::Bool(flag)) => into.bool(*flag),
        (Kind::Float | Kind::Double, Value::Number(number)) => into.f64(seconds(number)?),
        (Kind::Integer | Kind::Long, Value::Number(number)) if number.is_i64() => {
            into.i64(number.as_i64().unwrap_or_default())
        }
        (Kind::Timestamp, Value::Number(number)) => {
            into.tag(TIME).map_err(full)?;
            into.f64(seconds(number)?)
        }
        (kind, _) => return Err(format!("{path} should be a {kind:?} and is {value}")),
    };
    done.map(|_| ()).map_err(full)
}

/// What is being written.
type Body = Encoder<Vec<u8>>;

/// A vector takes everything.
fn full<E>(_: E) -> String {
    "the body is full".to_owned()
}

pub(super) fn encode(
    service: &Service,
    operation: &Operation,
    output: &Value,
    id: &str,
) -> Result<Response<Bytes>, String> {
    let mut body = Encoder::new(Vec::new());
    // An operation without output is answered with no body at all.
    if let Some(shape) = &operation.output {
        write(service, service.shape(shape), output, "output", &mut body)?;
    }
    Ok(stamped(200, body.into_writer(), id))
}

pub(super) fn refuse(service: &Service, fault: &Fault, id: &str) -> Response<Bytes> {
    let shape = service.error_name(&fault.code).unwrap_or(&fault.code);
    let mut fields = json::error_fields(service, fault);
    fields.insert("__type".to_owned(), Value::from(format!("com.amazonaws.cloudwatch#{shape}")));
    let mut body = Encoder::new(Vec::new());
    let texts = fields.iter().filter_map(|(name, value)| Some((name, value.as_str()?)));
    let written = body.begin_map().and_then(|body| {
        for (name, text) in texts {
            body.str(name)?.str(text)?;
        }
        body.end().map(|_| ())
    });
    let body = written.map_or_else(|_| Vec::new(), |()| body.into_writer());
    stamped(fault.status, body, id)
}

fn stamped(status: u16, body: Vec<u8>, id: &str) -> Response<Bytes> {
    let mut response = answer(status, "application/cbor", body);
    if response.body().is_empty() {
        response.headers_mut().remove("content-type");
    }
    set(&mut response, "smithy-protocol", "rpc-v2-cbor");
    set(&mut response, "x-amzn-requestid", id);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{self, Protocol};
    use serde_json::json;

    fn cloudwatch() -> &'static Service {
        model::service("monitoring").unwrap()
    }

    fn input(operation: &str, body: &[u8]) -> Result<Value, Fault> {
        let shape = cloudwatch().operations[operation].input.as_deref().unwrap();
        decode(cloudwatch(), cloudwatch().shape(shape), body)
    }

    #[test]
    fn a_map_may_say_its_length_or_end_with_a_mark() {
        let names = json!({"AlarmNames": ["a", "b"]});
        let mut said = Encoder::new(Vec::new());
        said.map(1).unwrap().str("AlarmNames").unwrap().array(2).unwrap().str("a").unwrap().str("b").unwrap();
        assert_eq!(input("DeleteAlarms", said.writer()).unwrap(), names);
        let mut marked = Encoder::new(Vec::new());
        marked.begin_map().unwrap().str("AlarmNames").unwrap().begin_array().unwrap();
        marked.str("a").unwrap().begin_str().unwrap().str("b").unwrap().end().unwrap().end().unwrap().end().unwrap();
        assert_eq!(input("DeleteAlarms", marked.writer()).unwrap(), names);
    }

    #[test]
    fn what_is_no_cbor_or_of_another_kind_is_a_serialization_error() {
        let mut number = Encoder::new(Vec::new());
        number.map(1).unwrap().str("AlarmNames").unwrap().i64(7).unwrap();
        let deep = [0x81; 100];
        for body in [&b"{}"[..], b"", number.writer().as_slice(), &deep] {
            assert_eq!(input("DeleteAlarms", body).unwrap_err().code, "SerializationException");
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_a_time_is_tagged() {
        let answer = json!({"MetricAlarms": [
            {"AlarmName": "a", "Threshold": 1, "Period": 300, "ActionsEnabled": true, "StateUpdatedTimestamp": 1_700_000_000}
        ]});
        let (_, operation) = cloudwatch().operations.get_key_value("DescribeAlarms").unwrap();
        let written = encode(cloudwatch(), operation, &answer, "id").unwrap();
        assert_eq!(written.headers()["smithy-protocol"], "rpc-v2-cbor");
        let tagged = [0xc1, 0xfb];
        assert!(written.body().windows(2).any(|pair| pair == tagged));
        let read = value(&mut Decoder::new(written.body()), 0).unwrap();
        assert_eq!(read["MetricAlarms"][0]["Threshold"], 1.0);
        assert_eq!(read["MetricAlarms"][0]["Period"], 300);
        assert_eq!(read["MetricAlarms"][0]["StateUpdatedTimestamp"], 1.7e9);
    }

    #[test]
    fn other_clients_speak_json_or_send_forms() {
        let cloudwatch = cloudwatch();
        let said = |header: &'static str, value: &'static str| {
            super::super::spoken(cloudwatch, &[(header, value)].into_iter().map(header_of).collect())
        };
        assert_eq!(said("smithy-protocol", "rpc-v2-cbor"), Protocol::Cbor);
        assert_eq!(said("x-amz-target", "GraniteServiceVersion20100801.DescribeAlarms"), Protocol::Json);
        assert_eq!(said("content-type", "application/x-www-form-urlencoded"), Protocol::Query);
    }

    fn header_of((name, value): (&'static str, &'static str)) -> (http::HeaderName, http::HeaderValue) {
        (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
    }

    #[test]
    fn a_refusal_bears_the_code_of_both_protocols() {
        let fault = Fault::new(404, "ResourceNotFound", "there is none");
        let response = super::super::refuse(cloudwatch(), Protocol::Cbor, &fault, false, "id");
        assert_eq!(response.headers()["x-amzn-query-error"], "ResourceNotFound;Sender");
        let read = value(&mut Decoder::new(response.body()), 0).unwrap();
        assert_eq!(read, json!({"__type": "com.amazonaws.cloudwatch#ResourceNotFound", "message": "there is none"}));
    }
}
