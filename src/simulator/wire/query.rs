//! awsQuery: a form in, XML out.

use super::scalar::from_text;
use super::{Incoming, Route, answer, pairs, set, xml};
use crate::fault::Fault;
use crate::model::{Kind, Service, Shape};
use http::Response;
use hyper::body::Bytes;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A form's dotted names as a tree.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) text: Option<String>,
    pub(super) parts: BTreeMap<String, Node>,
}

/// The parameters: of the body, or of the query string for a GET.
fn parameters(request: &Incoming<'_>) -> Vec<(String, String)> {
    let mut parameters = request.query.clone();
    parameters.extend(pairs(&String::from_utf8_lossy(request.body), true));
    parameters
}

pub(super) fn route(service: &'static Service, request: &Incoming<'_>) -> Result<Route, Fault> {
    let parameters = parameters(request);
    let sent = |key: &str| parameters.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value.as_str());
    let (name, version) = (sent("Action"), sent("Version"));
    let found = service.operations.get_key_value(name).filter(|_| version == service.api_version);
    let (name, operation) = found.ok_or_else(|| {
        Fault::new(400, "UnknownOperation", format!("Could not find operation {name} for version {version}"))
    })?;
    Ok(Route { name, operation, labels: BTreeMap::new() })
}

pub(super) fn decode(service: &Service, shape: &Shape, request: &Incoming<'_>) -> Result<Value, Fault> {
    read(service, shape, &form(request)).map_err(|text| {
        Fault::new(400, "MalformedInput", format!("{text} is not a value of the kind that is expected there"))
    })
}

/// The form of a request.
pub(super) fn form(request: &Incoming<'_>) -> Node {
    let mut form = Node::default();
    for (key, value) in parameters(request) {
        let node = key.split('.').fold(&mut form, |node, part| node.parts.entry(part.to_owned()).or_default());
        node.text = Some(value);
    }
    form
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
pub(super) fn numbered(node: Option<&Node>) -> impl Iterator<Item = &Node> {
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

pub(super) fn stamped(status: u16, body: String, id: &str) -> Response<Bytes> {
    let mut response = answer(status, "text/xml", body);
    set(&mut response, "x-amzn-requestid", id);
    response
}

pub(super) fn namespace(service: &Service) -> &str {
    service.xml_namespace.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;
    use http::HeaderMap;
    use serde_json::json;

    fn input(service: &str, form: &str) -> Result<Value, Fault> {
        let service = model::service(service).unwrap();
        let form = format!("{form}&Version={}", service.api_version);
        let headers = HeaderMap::new();
        let request =
            Incoming { method: "POST", path: "/".to_owned(), query: vec![], headers: &headers, body: form.as_bytes() };
        let route = route(service, &request)?;
        decode(service, service.shape(route.operation.input.as_ref().unwrap()), &request)
    }

    #[test]
    fn lists_are_read_in_the_order_of_their_numbers() {
        let members: Vec<String> = (1..=11).map(|n| format!("PolicyArns.member.{n}.arn=p{n}")).collect();
        let form = format!("Action=AssumeRole&RoleArn=r&DurationSeconds=900&{}", members.join("&"));
        let input = input("sts", &form).unwrap();
        assert_eq!(input["DurationSeconds"], 900);
        assert_eq!(input["PolicyArns"][1], json!({"arn": "p2"}));
        assert_eq!(input["PolicyArns"][10], json!({"arn": "p11"}));
    }

    #[test]
    fn a_plus_is_a_blank_and_a_bad_boolean_is_refused() {
        let form = "Action=CreateRole&RoleName=a+b%2B";
        assert_eq!(input("iam", form).unwrap()["RoleName"], "a b+");
        let form = "Action=UpdateAccountPasswordPolicy&RequireSymbols=yes";
        assert_eq!(input("iam", form).unwrap_err().code, "MalformedInput");
    }

    #[test]
    fn an_answer_stands_in_its_result_element() {
        let iam = model::service("iam").unwrap();
        let (name, operation) = iam.operations.get_key_value("ListRolePolicies").unwrap();
        let route = Route { name, operation, labels: BTreeMap::new() };
        let answer = encode(iam, &route, &json!({"PolicyNames": ["a<b"], "IsTruncated": false}), "id").unwrap();
        assert_eq!(
            String::from_utf8_lossy(answer.body()),
            "<ListRolePoliciesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListRolePoliciesResult>\
             <IsTruncated>false</IsTruncated><PolicyNames><member>a&lt;b</member></PolicyNames>\
             </ListRolePoliciesResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>\
             </ListRolePoliciesResponse>"
        );
    }
}
