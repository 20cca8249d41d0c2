//! ec2Query: the form of awsQuery with lists flattened and names of its own, and XML without a result element around it.

use super::query::{Node, form, namespace, numbered, stamped};
use super::scalar::from_text;
use super::{Incoming, Route, xml};
use crate::fault::Fault;
use crate::model::{Kind, Service, Shape};
use http::Response;
use hyper::body::Bytes;
use serde_json::{Map, Value};

pub(super) fn decode(service: &Service, shape: &Shape, request: &Incoming<'_>) -> Result<Value, Fault> {
    let mut form = form(request);
    // They are the route, and no parameters.
    for name in ["Action", "Version"] {
        form.parts.remove(name);
    }
    read(service, shape, &form)
}

fn invalid(text: &str) -> Fault {
    Fault::new(400, "InvalidParameterValue", format!("Invalid value '{text}' for a parameter"))
}

fn unknown(name: &str) -> Fault {
    Fault::new(400, "UnknownParameter", format!("The parameter {name} is not recognized"))
}

fn read(service: &Service, shape: &Shape, node: &Node) -> Result<Value, Fault> {
    match shape.kind {
        Kind::Structure => {
            let mut fields = Map::new();
            for (wire, inner) in &node.parts {
                let named = shape.members.iter().find(|(name, member)| member.ec2_name(name) == *wire);
                let (name, member) = named.ok_or_else(|| unknown(wire))?;
                fields.insert(name.clone(), read(service, service.shape(&member.shape), inner)?);
            }
            Ok(Value::Object(fields))
        }
        Kind::List => {
            let member = shape.member.as_ref().ok_or_else(|| invalid("a list"))?;
            numbered(Some(node)).map(|item| read(service, service.shape(&member.shape), item)).collect()
        }
        _ => {
            let text = node.text.as_deref().unwrap_or_default();
            from_text(shape, text).ok_or_else(|| invalid(text))
        }
    }
}

pub(super) fn encode(service: &Service, route: &Route, output: &Value, id: &str) -> Result<Response<Bytes>, String> {
    let name = route.name;
    let mut result = String::new();
    if let Some(shape) = &route.operation.output {
        xml::fields(service, service.shape(shape), output, &mut result)?;
    }
    let (namespace, id_of) = (namespace(service), xml::leaf("requestId", id));
    let body = format!("<{name}Response xmlns=\"{namespace}/\">{id_of}{result}</{name}Response>");
    Ok(stamped(200, body, id))
}

pub(super) fn refuse(fault: &Fault, id: &str) -> Response<Bytes> {
    let error = format!("{}{}", xml::leaf("Code", &fault.code), xml::leaf("Message", &fault.message));
    let id_of = xml::leaf("RequestID", id);
    let body = format!("<Response><Errors><Error>{error}</Error></Errors>{id_of}</Response>");
    stamped(fault.status, body, id)
}

#[cfg(test)]
mod tests {
    use super::super::{encode as encode_any, refuse as refuse_any, route};
    use super::*;
    use crate::model;
    use http::HeaderMap;
    use serde_json::json;

    #[test]
    fn lists_are_flat_and_names_begin_with_a_capital() {
        let ec2 = model::service("ec2").unwrap();
        let form = "Action=DescribeRegions&Version=2016-11-15&RegionName.2=b&RegionName.1=a&Filter.1.Name=f\
                    &Filter.1.Value.1=v&DryRun=true";
        let headers = HeaderMap::new();
        let request =
            Incoming { method: "POST", path: "/".to_owned(), query: vec![], headers: &headers, body: form.as_bytes() };
        let route = route(ec2, ec2.protocol, &request).unwrap();
        let input = decode(ec2, ec2.shape(route.operation.input.as_ref().unwrap()), &request).unwrap();
        let filters = json!([{"Name": "f", "Values": ["v"]}]);
        assert_eq!(input, json!({"RegionNames": ["a", "b"], "Filters": filters, "DryRun": true}));
        let answer = json!({"Regions": [{"RegionName": "a<b"}]});
        let answer = encode_any(ec2, ec2.protocol, &route, &answer, "id").unwrap();
        assert_eq!(
            String::from_utf8_lossy(answer.body()),
            "<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>id</requestId>\
             <regionInfo><item><regionName>a&lt;b</regionName></item></regionInfo></DescribeRegionsResponse>"
        );
    }

    #[test]
    fn a_refusal_has_the_codes_of_ec2() {
        let ec2 = model::service("ec2").unwrap();
        let refusal = refuse_any(ec2, ec2.protocol, &Fault::denied("Not so."), false, "id");
        assert_eq!(refusal.status(), 403);
        assert_eq!(
            String::from_utf8_lossy(refusal.body()),
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code>\
             <Message>You are not authorized to perform this operation. Not so.</Message></Error></Errors>\
             <RequestID>id</RequestID></Response>"
        );
    }
}
