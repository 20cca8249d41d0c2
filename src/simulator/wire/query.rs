//! awsQuery: a form in, XML out.

use super::scalar::from_text;
use super::{Incoming, Route, answer, pairs, set, xml};
use crate::simulator::fault::Fault;
use crate::simulator::model::{Kind, Service, Shape};
use http::Response;
use hyper::body::Bytes;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A form's dotted names as a tree.
#[derive(Debug, Default)]
struct Node {
    text: Option<String>,
    parts: BTreeMap<String, Node>,
}

/// The parameters: of the body, or of the query string for a GET.
fn parameters(request: &Incoming<'_>) -> Vec<(String, String)> {
    let mut parameters = request.query.clone();
    parameters.extend(pairs(&String::from_utf8_lossy(request.body), true));
    parameters
}

pub(super) fn route(service: &'static Service, request: &Incoming<'_>) -> Result<Route, Fault> {
    let parameters = parameters(request);
    let name = parameters.iter().find(|(key, _)| key == "Action").map_or("", |(_, value)| value.as_str());
    let (name, operation) = service.operations.get_key_value(name).ok_or_else(|| {
        Fault::new(400, "UnknownOperation", format!("the simulator's model of {} has no {name}", service.signing_name))
    })?;
    Ok(Route { name, operation, labels: BTreeMap::new() })
}

pub(super) fn decode(service: &Service, shape: &Shape, request: &Incoming<'_>) -> Result<Value, Fault> {
    let mut form = Node::default();
    for (key, value) in parameters(request) {
        let node = key.split('.').fold(&mut form, |node, part| node.parts.entry(part.to_owned()).or_default());
        node.text = Some(value);
    }
    read(service, shape, &form).map_err(|text| {
        Fault::new(400, "MalformedInput", format!("{text} is not a value of the kind that is expected there"))
    })
}

fn read(service: &Service, shape: &Shape, node: &Node) -> Result<Value, String> {
    match shape.kind {
        Kind::Structure => {
            let mut fields = Map::new();
            for (name, member) in &shape.members {
                if let Some(inner) = node.parts.get(member.wire_name(name)) {
                    fields.insert(name.clone(), read(service, service.shape(&member.shape), inner)?);
                }
            }
            Ok(Value::Object(fields))
        }
        Kind::List => {
            let member = shape.member.as_ref().ok_or("a list")?;
            let around = if shape.flattened { Some(node) } else { node.parts.get(member.wire_name("member")) };
            numbered(around).map(|item| read(service, service.shape(&member.shape), item)).collect()
        }
        Kind::Map => {
            let (key, value) = shape.key.as_ref().zip(shape.value.as_ref()).ok_or("a map")?;
            let mut entries = Map::new();
            for entry in numbered(node.parts.get("entry")) {
                let name = entry.parts.get(key.wire_name("key")).and_then(|node| node.text.clone()).unwrap_or_default();
                if let Some(inner) = entry.parts.get(value.wire_name("value")) {
                    entries.insert(name, read(service, service.shape(&value.shape), inner)?);
                }
            }
            Ok(Value::Object(entries))
        }
        _ => {
            let text = node.text.as_deref().unwrap_or_default();
            from_text(shape, text).ok_or_else(|| text.to_owned())
        }
    }
}

/// The parts `1`, `2`, … in the order of their numbers: as texts, 10 would come before 2.
fn numbered(node: Option<&Node>) -> impl Iterator<Item = &Node> {
    let mut items: Vec<(u32, &Node)> = node
        .into_iter()
        .flat_map(|node| &node.parts)
        .filter_map(|(number, item)| Some((number.parse().ok()?, item)))
        .collect();
    items.sort_by_key(|(number, _)| *number);
    items.into_iter().map(|(_, item)| item)
}

pub(super) fn encode(service: &Service, route: &Route, output: &Value, id: &str) -> Result<Response<Bytes>, String> {
    let name = route.name;
    let mut result = String::new();
    if let Some(shape) = &route.operation.output {
        xml::fields(service, service.shape(shape), output, &mut result)?;
    }
    if let Some(wrapper) = &route.operation.wrapper {
        result = format!("<{wrapper}>{result}</{wrapper}>");
    }
    let metadata = xml::leaf("RequestId", id);
    let body = format!(
        "<{name}Response xmlns=\"{}\">{result}<ResponseMetadata>{metadata}</ResponseMetadata></{name}Response>",
        namespace(service)
    );
    Ok(stamped(200, body, id))
}

pub(super) fn refuse(service: &Service, fault: &Fault, id: &str) -> Response<Bytes> {
    let blame = if fault.status < 500 { "Sender" } else { "Receiver" };
    let body = format!(
        "<ErrorResponse xmlns=\"{}\"><Error>{}{}{}</Error>{}</ErrorResponse>",
        namespace(service),
        xml::leaf("Type", blame),
        xml::leaf("Code", &fault.code),
        xml::leaf("Message", &fault.message),
        xml::leaf("RequestId", id),
    );
    stamped(fault.status, body, id)
}

fn stamped(status: u16, body: String, id: &str) -> Response<Bytes> {
    let mut response = answer(status, "text/xml", body);
    set(&mut response, "x-amzn-requestid", id);
    response
}

fn namespace(service: &Service) -> &str {
    service.xml_namespace.as_deref().unwrap_or_default()
}
