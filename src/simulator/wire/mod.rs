//! Bytes to values and back, driven by the service models: one file per protocol.

use super::fault::Fault;
use super::model::{Operation, Protocol, Service};
use http::{HeaderMap, Response};
use hyper::body::Bytes;
use serde_json::Value;
use std::collections::BTreeMap;

mod cbor;
mod ec2;
mod json;
mod query;
mod rest;
mod scalar;
mod xml;

/// A request, its target taken apart.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) method: &'a str,
    /// The path as it came, still percent-encoded; for S3 with the bucket in front, wherever the client put it.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// What a request asks for: the operation, and the labels of its path.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) name: &'static str,
    pub(crate) operation: &'static Operation,
    labels: BTreeMap<String, String>,
}

/// The error code that an answer bears, kept beside it for the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Code(pub(crate) String);

impl Incoming<'_> {
    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The protocol a request is in: what speaks CBOR is spoken to in JSON and by forms too, and older clients do.
pub(crate) fn spoken(service: &Service, headers: &HeaderMap) -> Protocol {
    match service.protocol {
        Protocol::Cbor if headers.contains_key("smithy-protocol") => Protocol::Cbor,
        Protocol::Cbor if headers.contains_key("x-amz-target") => Protocol::Json,
        Protocol::Cbor => Protocol::Query,
        other => other,
    }
}

/// Finds the operation that a request names.
pub(crate) fn route(service: &'static Service, spoken: Protocol, request: &Incoming<'_>) -> Result<Route, Fault> {
    match spoken {
        Protocol::Json => json::route(service, request),
        Protocol::Query | Protocol::Ec2 => query::route(service, request),
        Protocol::RestJson | Protocol::RestXml => rest::route(service, request),
        Protocol::Cbor => cbor::route(service, request),
    }
}

/// The operation's input, keyed by the member names of the model.
pub(crate) fn decode(
    service: &Service,
    spoken: Protocol,
    route: &Route,
    request: &Incoming<'_>,
) -> Result<Value, Fault> {
    let Some(shape) = route.operation.input.as_deref().map(|name| service.shape(name)) else {
        return Ok(Value::Object(serde_json::Map::new()));
    };
    match spoken {
        Protocol::Json => json::document(service, shape, request.body),
        Protocol::Query => query::decode(service, shape, request),
        Protocol::Ec2 => ec2::decode(service, shape, request),
        Protocol::RestJson | Protocol::RestXml => rest::decode(service, shape, route, request),
        Protocol::Cbor => cbor::decode(service, shape, request.body),
    }
}

/// The answer to a call that went well. Fails where a handler answers what the model does not know.
pub(crate) fn encode(
    service: &Service,
    spoken: Protocol,
    route: &Route,
    output: &Value,
    id: &str,
) -> Result<Response<Bytes>, Fault> {
    match spoken {
        Protocol::Json => json::encode(service, route.operation, output, id),
        Protocol::Query => query::encode(service, route, output, id),
        Protocol::Ec2 => ec2::encode(service, route, output, id),
        Protocol::RestJson | Protocol::RestXml => rest::encode(service, route, output, id),
        Protocol::Cbor => cbor::encode(service, route.operation, output, id),
    }
    .map_err(|gap| Fault::new(500, "InternalFailure", format!("the simulator's {} is wrong: {gap}", route.name)))
}

/// Fails the test unless an output is one that the model can encode.
#[cfg(test)]
pub(crate) fn encodes(service: &'static Service, operation: &str, output: &Value) {
    let (name, operation) = service.operations.get_key_value(operation).expect("the model has the operation");
    let encoded = encode(service, service.protocol, &Route { name, operation, labels: BTreeMap::new() }, output, "id");
    assert!(encoded.is_ok(), "{}", encoded.err().map(|fault| fault.message).unwrap_or_default());
}

/// The answer to a call that is refused.
pub(crate) fn refuse(service: &Service, spoken: Protocol, fault: &Fault, head: bool, id: &str) -> Response<Bytes> {
    let fault = named(service, fault);
    let mut response = match spoken {
        Protocol::Json => json::refuse(service, &fault, id),
        Protocol::Query => query::refuse(service, &fault, id),
        Protocol::Ec2 => ec2::refuse(&fault, id),
        Protocol::RestJson => rest::refuse_json(service, &fault, id),
        Protocol::RestXml => rest::refuse_xml(service, &fault, head, id),
        Protocol::Cbor => cbor::refuse(service, &fault, id),
    };
    if service.protocol == Protocol::Cbor {
        // It was spoken to by forms alone once, and a header goes on to say the code that it had there.
        let blame = if fault.status < 500 { "Sender" } else { "Receiver" };
        set(&mut response, "x-amzn-query-error", &format!("{};{blame}", fault.code));
    }
    response.extensions_mut().insert(Code(fault.code));
    response
}

/// The same refusal has another name, and another status, in each protocol.
fn named(service: &Service, fault: &Fault) -> Fault {
    let mut fault = fault.clone();
    if let Some(code) = service.error(&fault.code).and_then(|shape| shape.error.as_ref()?.code.clone()) {
        fault.code = code;
    }
    let table: &[(&str, [(&str, u16); 6])] = &[
        (
            "AccessDenied",
            [
                ("AccessDeniedException", 400),
                ("AccessDenied", 403),
                ("AccessDeniedException", 403),
                ("AccessDenied", 403),
                ("UnauthorizedOperation", 403),
                ("AccessDenied", 403),
            ],
        ),
        (
            "UnknownCredentials",
            [
                ("UnrecognizedClientException", 400),
                ("InvalidClientTokenId", 403),
                ("UnrecognizedClientException", 403),
                ("InvalidAccessKeyId", 403),
                ("AuthFailure", 401),
                ("InvalidClientTokenId", 403),
            ],
        ),
        (
            "WrongSignature",
            [
                ("InvalidSignatureException", 400),
                ("SignatureDoesNotMatch", 403),
                ("InvalidSignatureException", 403),
                ("SignatureDoesNotMatch", 403),
                ("SignatureDoesNotMatch", 403),
                ("SignatureDoesNotMatch", 403),
            ],
        ),
        (
            "Expired",
            [
                ("ExpiredTokenException", 400),
                ("ExpiredToken", 403),
                ("ExpiredTokenException", 403),
                ("ExpiredToken", 400),
                ("RequestExpired", 400),
                ("ExpiredToken", 403),
            ],
        ),
        (
            "UnknownOperation",
            [
                ("UnknownOperationException", 400),
                ("InvalidAction", 400),
                ("UnknownOperationException", 404),
                ("NotImplemented", 501),
                ("InvalidAction", 400),
                ("UnknownOperationException", 404),
            ],
        ),
    ];
    if let Some((_, names)) = table.iter().find(|(generic, _)| *generic == fault.code) {
        let (code, status) = names[service.protocol as usize];
        // SNS has a word of its own for it.
        let code = if service.signing_name == "sns" && code == "AccessDenied" { "AuthorizationError" } else { code };
        (fault.code, fault.status) = (code.to_owned(), status);
        if code == "InvalidAccessKeyId" {
            "The AWS Access Key Id you provided does not exist in our records.".clone_into(&mut fault.message);
        }
        if code == "AuthFailure" {
            "AWS was not able to validate the provided access credentials".clone_into(&mut fault.message);
        }
        if code == "UnauthorizedOperation" {
            fault.message = format!("You are not authorized to perform this operation. {}", fault.message);
        }
    }
    fault
}

/// Percent-decodes a text; what is not valid stays as it is.
pub(crate) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            decoded.push(byte);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// The pairs of a query string or of a form; `plus` says whether a plus is a blank, as in forms.
pub(crate) fn pairs(text: &str, plus: bool) -> Vec<(String, String)> {
    let decoded = |part: &str| percent_decoded(&if plus { part.replace('+', " ") } else { part.to_owned() });
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decoded(key), decoded(value)))
        .collect()
}

/// An answer with a body and its content type.
fn answer(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    set(&mut response, "content-type", content_type);
    response
}

/// Says when an answer was given, by the world's clock.
pub(crate) fn date(response: &mut Response<Bytes>, seconds: i64) {
    if let Ok(time) = jiff::Timestamp::from_second(seconds) {
        set(response, "date", &time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    }
}

/// Sets a header; a value that HTTP does not allow is left out.
fn set(response: &mut Response<Bytes>, name: &'static str, value: &str) {
    if let Ok(value) = http::HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
