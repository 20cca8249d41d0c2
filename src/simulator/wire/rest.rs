//! restJson, and restXml as S3 speaks it: method, path and query string name the operation.

use super::scalar::{from_text, to_text};
use super::{Incoming, Route, answer, json, pairs, percent_decoded, set, xml};
use crate::fault::Fault;
use crate::model::{Kind, Location, Member, Operation, Protocol, Service, Shape};
use http::Response;
use hyper::body::Bytes;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What S3 calls the outermost element of an answer whose parts stand in it directly.
const ROOTS: &[(&str, &str)] = &[
    ("GetBucketAcl", "AccessControlPolicy"),
    ("GetBucketLifecycleConfiguration", "LifecycleConfiguration"),
    ("GetBucketLogging", "BucketLoggingStatus"),
    ("GetBucketTagging", "Tagging"),
    ("GetBucketVersioning", "VersioningConfiguration"),
    ("ListBuckets", "ListAllMyBucketsResult"),
    ("ListObjectsV2", "ListBucketResult"),
];

pub(super) fn route(service: &'static Service, request: &Incoming<'_>) -> Result<Route, Fault> {
    let matching = service.operations.iter().filter_map(|(name, operation)| {
        let (path, wanted) = operation.uri.split_once('?').unwrap_or((&operation.uri, ""));
        let wanted = pairs(wanted, false);
        let sent = wanted.iter().all(|(key, _)| request.query.iter().any(|(sent, _)| sent == key));
        let labels = labels(path, &request.path).filter(|_| sent && operation.method == request.method)?;
        Some((wanted, Route { name, operation, labels }))
    });
    let (wanted, route) = matching
        .max_by_key(|(wanted, _)| wanted.len())
        .ok_or_else(|| unknown(service, &format!("{} {}", request.method, request.path)))?;
    // A subresource that the model lacks must not be taken for the bucket itself.
    let known = |key: &str| {
        key == "x-id" || wanted.iter().any(|(name, _)| name == key) || query_member(service, route.operation, key)
    };
    match request.query.iter().find(|(key, _)| service.protocol == Protocol::RestXml && !known(key)) {
        Some((key, _)) => Err(unknown(service, &format!("{} {}?{key}", request.method, request.path))),
        None => Ok(route),
    }
}

fn unknown(service: &Service, what: &str) -> Fault {
    Fault::new(400, "UnknownOperation", format!("the simulator's model of {} has no {what}", service.signing_name))
}

fn query_member(service: &Service, operation: &Operation, key: &str) -> bool {
    let shape = operation.input.as_deref().map(|name| service.shape(name));
    let mut members = shape.into_iter().flat_map(|shape| &shape.members);
    members.any(|(name, member)| member.location == Some(Location::Query) && member.wire_name(name) == key)
}

/// The labels of a path that fits the template, such as `/detector/{DetectorId}`; the last may hold slashes.
fn labels(template: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let segments = |text: &str| text.trim_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
    let (wanted, mut sent) = (segments(template), segments(path));
    let greedy = |last: &String| last == "{ResourceArn}" || last.ends_with("+}");
    if wanted.last().is_some_and(greedy) && sent.len() > wanted.len() {
        let tail = sent.split_off(wanted.len() - 1).join("/");
        sent.push(tail);
    }
    if wanted.len() != sent.len() {
        return None;
    }
    let mut labels = BTreeMap::new();
    for (want, text) in wanted.iter().zip(&sent) {
        match want.strip_prefix('{').and_then(|want| want.strip_suffix('}')) {
            Some(_) if text.is_empty() => return None,
            Some(label) => drop(labels.insert(label.trim_end_matches('+').to_owned(), percent_decoded(text))),
            None if want == text => {}
            None => return None,
        }
    }
    Some(labels)
}

pub(super) fn decode(service: &Service, shape: &Shape, route: &Route, request: &Incoming<'_>) -> Result<Value, Fault> {
    let mut input = body(service, shape, request)?;
    for (name, member) in &shape.members {
        let wire = member.wire_name(name);
        let texts: Vec<String> = match member.location {
            Some(Location::Uri) => route.labels.get(wire).cloned().into_iter().collect(),
            Some(Location::Query) => {
                request.query.iter().filter(|(key, _)| key == wire).map(|(_, value)| value.clone()).collect()
            }
            Some(Location::Header) => request.header(wire).map(str::to_owned).into_iter().collect(),
            _ => continue,
        };
        let wrong = || crate::model::check::refusal(service, format!("{wire} has a value of the wrong kind"));
        let kind = service.shape(&member.shape);
        if kind.kind == Kind::List && !texts.is_empty() {
            input.insert(name.clone(), Value::from(texts));
        } else if let Some(text) = texts.first() {
            input.insert(name.clone(), from_text(kind, text).ok_or_else(wrong)?);
        }
    }
    Ok(Value::Object(input))
}

fn body(service: &Service, shape: &Shape, request: &Incoming<'_>) -> Result<Map<String, Value>, Fault> {
    let payload = shape.payload.as_ref().map(|name| (name, &shape.members[name]));
    let value = match (service.protocol, payload) {
        (Protocol::RestXml, Some(_)) if request.body.is_empty() => Value::Null,
        (Protocol::RestXml, Some((name, member))) => {
            let inner = service.shape(&member.shape);
            let value = if inner.kind == Kind::Structure {
                let document = xml::parse(request.body).filter(|element| element.name == member.wire_name(name));
                document.and_then(|element| xml::read(service, inner, &element))
            } else {
                // A bucket policy is the body itself, and so is an object.
                std::str::from_utf8(request.body).ok().map(Value::from)
            };
            let malformed = || crate::model::check::refusal(service, String::new());
            Value::Object(Map::from_iter([(name.clone(), value.ok_or_else(malformed)?)]))
        }
        (Protocol::RestXml, None) => Value::Null,
        _ => json::document(service, shape, request.body)?,
    };
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Map::new()),
    }
}

pub(super) fn encode(service: &Service, route: &Route, output: &Value, id: &str) -> Result<Response<Bytes>, String> {
    let shape = route.operation.output.as_deref().map(|name| service.shape(name));
    let mut response = if service.protocol == Protocol::RestXml {
        let body = shape.map_or(Ok(String::new()), |shape| document(service, route.name, shape, output))?;
        stamped(answer(route.operation.status, "application/xml", body), id)
    } else {
        let inside =
            shape.map_or(Ok(Value::Object(Map::new())), |shape| json::write(service, shape, output, "output"))?;
        let body = if route.operation.status == 204 { String::new() } else { inside.to_string() };
        let mut response = answer(route.operation.status, "application/json", body);
        set(&mut response, "x-amzn-requestid", id);
        response
    };
    for (name, member) in shape.into_iter().flat_map(|shape| &shape.members) {
        let text = output.get(name).and_then(|value| to_text(member, service.shape(&member.shape), value, "rfc822"));
        if let (Some(Location::Header), Some(text)) = (member.location, text) {
            header(&mut response, member.wire_name(name), &text);
        }
    }
    Ok(response)
}

fn header(response: &mut Response<Bytes>, name: &str, text: &str) {
    let pair = http::HeaderName::from_bytes(name.as_bytes()).ok().zip(http::HeaderValue::from_str(text).ok());
    if let Some((name, value)) = pair {
        response.headers_mut().insert(name, value);
    }
}

/// The body of an answer of S3.
fn document(service: &Service, operation: &str, shape: &Shape, output: &Value) -> Result<String, String> {
    const PROLOGUE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let namespace = service.xml_namespace.as_deref().unwrap_or_default();
    if operation == "GetBucketLocation" {
        let location = output.get("LocationConstraint").and_then(Value::as_str).unwrap_or_default();
        return Ok(format!("{PROLOGUE}<LocationConstraint xmlns=\"{namespace}\">{location}</LocationConstraint>"));
    }
    if let Some(payload) = &shape.payload {
        let member = &shape.members[payload];
        let value = output.get(payload).unwrap_or(&Value::Null);
        if service.shape(&member.shape).kind != Kind::Structure {
            return Ok(value.as_str().unwrap_or_default().to_owned());
        }
        let rooted = Member { shape: member.shape.clone(), ..Member::rooted(namespace) };
        let mut body = PROLOGUE.to_owned();
        xml::write(service, &rooted, &member.shape, value, &mut body)?;
        return Ok(body);
    }
    let Some((_, root)) = ROOTS.iter().find(|(name, _)| *name == operation) else {
        // What is left answers by headers alone.
        return Ok(String::new());
    };
    let mut inside = String::new();
    xml::fields(service, shape, output, &mut inside)?;
    Ok(format!("{PROLOGUE}<{root} xmlns=\"{namespace}\">{inside}</{root}>"))
}

pub(super) fn refuse_json(service: &Service, fault: &Fault, id: &str) -> Response<Bytes> {
    let body = Value::Object(json::error_fields(service, fault)).to_string();
    let mut response = answer(fault.status, "application/json", body);
    set(&mut response, "x-amzn-errortype", &fault.code);
    set(&mut response, "x-amzn-requestid", id);
    response
}

/// S3 alone has its errors by themselves; everybody else who speaks XML wraps them.
pub(super) fn refuse_xml(service: &Service, fault: &Fault, head: bool, id: &str) -> Response<Bytes> {
    // A client that asks in the wrong region learns the right one from a header alone, or from both.
    let region = ["BucketRegion", "Region"].iter().find_map(|name| fault.fields.get(*name)?.as_str());
    let fields = fault.fields.iter().filter(|(name, _)| *name != "BucketRegion");
    let fields = fields.filter_map(|(name, value)| Some(xml::leaf(name, value.as_str()?)));
    let ids = format!("{}{}", xml::leaf("RequestId", id), xml::leaf("HostId", id));
    let error = format!(
        "{}{}{}",
        xml::leaf("Code", &fault.code),
        xml::leaf("Message", &fault.message),
        fields.collect::<String>(),
    );
    let wrapped = match service.name.as_str() {
        "s3" => format!("<Error>{error}{ids}</Error>"),
        _ => format!("<ErrorResponse><Error>{error}</Error>{ids}</ErrorResponse>"),
    };
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{wrapped}");
    let mut response = answer(fault.status, "application/xml", if head { String::new() } else { body });
    if let Some(region) = region {
        set(&mut response, "x-amz-bucket-region", region);
    }
    stamped(response, id)
}

fn stamped(mut response: Response<Bytes>, id: &str) -> Response<Bytes> {
    set(&mut response, "x-amz-request-id", id);
    set(&mut response, "x-amz-id-2", id);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;
    use http::HeaderMap;
    use serde_json::json;

    fn input(service: &str, method: &str, target: &str, body: &str) -> Result<(&'static str, Value), Fault> {
        let service = model::service(service).unwrap();
        let headers = HeaderMap::from_iter([("x-amz-expected-bucket-owner".parse().unwrap(), "1".parse().unwrap())]);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (path, query) = (path.to_owned(), pairs(query, false));
        let request = Incoming { method, path, query, headers: &headers, body: body.as_bytes() };
        let route = route(service, &request)?;
        let shape = service.shape(route.operation.input.as_ref().unwrap());
        Ok((route.name, decode(service, shape, &route, &request)?))
    }

    #[test]
    fn the_subresource_names_the_operation() {
        let named = |method, target| input("s3", method, target, "").map(|(name, _)| name);
        assert_eq!(named("GET", "/b?policy").unwrap(), "GetBucketPolicy");
        assert_eq!(named("GET", "/b?policyStatus=").unwrap(), "GetBucketPolicyStatus");
        assert_eq!(named("HEAD", "/b/").unwrap(), "HeadBucket");
        assert_eq!(named("GET", "/?x-id=ListBuckets").unwrap(), "ListBuckets");
        assert_eq!(named("PUT", "/b").unwrap(), "CreateBucket");
        assert_eq!(named("PUT", "/b?website").unwrap_err().code, "UnknownOperation");
        assert_eq!(named("GET", "/b/key/below?x-id=GetObject").unwrap(), "GetObject");
        assert_eq!(named("GET", "/b?list-type=2&prefix=key/").unwrap(), "ListObjectsV2");
        assert_eq!(named("POST", "/b/key").unwrap_err().code, "UnknownOperation");
    }

    #[test]
    fn labels_headers_and_bodies_come_together() {
        let body = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status>\
                    </VersioningConfiguration>";
        let (_, read) = input("s3", "PUT", "/my-logs?versioning", body).unwrap();
        let wanted = json!({
            "Bucket": "my-logs", "ExpectedBucketOwner": "1", "VersioningConfiguration": {"Status": "Enabled"},
        });
        assert_eq!(read, wanted);
        let (_, read) = input("s3", "PUT", "/my-logs?policy", "{\"Version\": \"&\"}").unwrap();
        assert_eq!(read["Policy"], "{\"Version\": \"&\"}");
        assert_eq!(input("s3", "PUT", "/my-logs?versioning", "<html>").unwrap_err().code, "MalformedXML");
    }

    #[test]
    fn flattened_lists_and_entities_are_read() {
        let body = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms\
                    </SSEAlgorithm><KMSMasterKeyID>a&amp;b</KMSMasterKeyID></ApplyServerSideEncryptionByDefault>\
                    <BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>";
        let (_, read) = input("s3", "PUT", "/b?encryption", body).unwrap();
        let rule = &read["ServerSideEncryptionConfiguration"]["Rules"][0];
        assert_eq!(rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"], "a&b");
        assert_eq!(rule["BucketKeyEnabled"], true);
    }

    #[test]
    fn an_arn_in_a_path_is_one_label() {
        let target = "/tags/arn%3Aaws%3Aguardduty%3Aeu-west-1%3A1%3Adetector%2Fd?tagKeys=a&tagKeys=b";
        let (name, read) = input("guardduty", "DELETE", target, "").unwrap();
        assert_eq!(name, "UntagResource");
        assert_eq!(read, json!({"ResourceArn": "arn:aws:guardduty:eu-west-1:1:detector/d", "TagKeys": ["a", "b"]}));
    }

    #[test]
    fn the_answers_of_s3_have_the_root_elements_that_clients_check() {
        const XMLNS: &str = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
        let s3 = model::service("s3").unwrap();
        let body = |name: &str, output: &Value| {
            let (name, operation) = s3.operations.get_key_value(name).unwrap();
            let answer = encode(s3, &Route { name, operation, labels: BTreeMap::new() }, output, "id").unwrap();
            let text = String::from_utf8_lossy(answer.body()).into_owned();
            text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").map(str::to_owned).unwrap_or(text)
        };
        assert_eq!(body("GetBucketLocation", &json!({})), format!("<LocationConstraint {XMLNS}></LocationConstraint>"));
        assert_eq!(
            body("GetBucketVersioning", &json!({"Status": "Enabled"})),
            format!("<VersioningConfiguration {XMLNS}><Status>Enabled</Status></VersioningConfiguration>")
        );
        assert_eq!(body("GetBucketPolicy", &json!({"Policy": "{}"})), "{}");
        let grants =
            json!({"Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "x"}, "Permission": "FULL_CONTROL"}]});
        assert_eq!(
            body("GetBucketAcl", &grants),
            format!(
                "<AccessControlPolicy {XMLNS}><AccessControlList><Grant><Grantee \
                 xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>x</ID></Grantee>\
                 <Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>"
            )
        );
    }
}
