//! The shapes of the AWS operations that the simulator knows, as AWS publishes them.
//!
//! `aws.json` is cut by `cut.py`; it is parsed once, when the first request arrives.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(crate) mod check;

/// Every service, by its name in `aws.json`, which is also its signing name, unless another has that.
pub(crate) static SERVICES: LazyLock<BTreeMap<String, Service>> = LazyLock::new(|| {
    let mut services: BTreeMap<String, Service> =
        serde_json::from_str(include_str!("aws.json")).expect("aws.json is cut by a script and tested");
    for (name, service) in &mut services {
        service.name.clone_from(name);
    }
    services
});

/// A service by its name.
pub(crate) fn service(name: &str) -> Option<&'static Service> {
    SERVICES.get(name)
}

/// A service by the name in a signature's credential scope, and by the path that is asked: S3 Control signs as S3 does,
/// and all its paths begin with its version.
pub(crate) fn signed(signing_name: &str, path: &str) -> Option<&'static Service> {
    let mut signing = SERVICES.values().filter(|service| service.signing_name == signing_name);
    let versioned = |service: &&Service| {
        service.name != service.signing_name
            && path.starts_with(&format!("/v{}/", service.api_version.replace('-', "")))
    };
    signing.clone().find(versioned).or_else(|| signing.find(|service| service.name == service.signing_name))
}

/// How requests and answers are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Protocol {
    /// awsJson 1.0 and 1.1.
    Json,
    /// awsQuery.
    Query,
    /// restJson1.
    RestJson,
    /// restXml, which here is S3 and S3 Control.
    RestXml,
    /// ec2Query, which EC2 alone has.
    Ec2,
    /// Smithy RPC v2 with bodies in CBOR, which `CloudWatch` has.
    #[serde(rename = "smithy-rpc-v2-cbor")]
    Cbor,
}

/// One AWS service.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Service {
    /// Its name in `aws.json`.
    #[serde(skip)]
    pub(crate) name: String,
    pub(crate) protocol: Protocol,
    pub(crate) api_version: String,
    pub(crate) signing_name: String,
    pub(crate) target_prefix: Option<String>,
    pub(crate) json_version: Option<String>,
    pub(crate) xml_namespace: Option<String>,
    pub(crate) operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

/// One operation.
#[derive(Debug, Deserialize)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) uri: String,
    #[serde(default = "ok")]
    pub(crate) status: u16,
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
    pub(crate) wrapper: Option<String>,
}

fn ok() -> u16 {
    200
}

/// What sort of value a shape is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Structure,
    List,
    Map,
    String,
    Boolean,
    Integer,
    Long,
    Float,
    Double,
    Timestamp,
    Blob,
}

/// A value's form: kind, parts, constraints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    #[serde(default)]
    pub(crate) members: BTreeMap<String, Member>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    pub(crate) payload: Option<String>,
    pub(crate) member: Option<Member>,
    pub(crate) key: Option<Member>,
    pub(crate) value: Option<Member>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    #[serde(default, rename = "enum")]
    pub(crate) allowed: Vec<String>,
    #[serde(default)]
    pub(crate) flattened: bool,
    pub(crate) timestamp_format: Option<String>,
    pub(crate) xml_namespace: Option<Namespace>,
    pub(crate) error: Option<ErrorTrait>,
}

/// Where a part of a value travels, and under which name.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    pub(crate) shape: String,
    pub(crate) location: Option<Location>,
    pub(crate) location_name: Option<String>,
    pub(crate) query_name: Option<String>,
    #[serde(default)]
    pub(crate) flattened: bool,
    pub(crate) timestamp_format: Option<String>,
    #[serde(default)]
    pub(crate) xml_attribute: bool,
    #[serde(skip)]
    pub(crate) xml_namespace: Option<Namespace>,
}

/// The XML namespace of an element.
#[derive(Debug, Deserialize)]
pub(crate) struct Namespace {
    pub(crate) prefix: Option<String>,
    pub(crate) uri: String,
}

/// The part of a request or answer, outside the body, where a member travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Location {
    Uri,
    #[serde(rename = "querystring")]
    Query,
    Header,
    Headers,
    StatusCode,
}

/// What the model says about an error.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorTrait {
    pub(crate) code: Option<String>,
}

impl Service {
    /// A shape that a member or an operation refers to.
    pub(crate) fn shape(&self, name: &str) -> &Shape {
        &self.shapes[name]
    }

    /// The shape of an error by the code that a handler or a client knows it by.
    pub(crate) fn error(&self, code: &str) -> Option<&Shape> {
        self.error_name(code).and_then(|name| self.shapes.get(name))
    }

    /// The name of that shape.
    pub(crate) fn error_name(&self, code: &str) -> Option<&str> {
        let bears = |shape: &Shape| shape.error.as_ref().is_some_and(|error| error.code.as_deref() == Some(code));
        let named = self.shapes.get_key_value(code).or_else(|| self.shapes.iter().find(|(_, shape)| bears(shape)));
        named.map(|(name, _)| name.as_str())
    }
}

impl Member {
    /// The outermost element of a document: a member of nothing, but with a namespace.
    pub(crate) fn rooted(namespace: &str) -> Self {
        Self { xml_namespace: Some(Namespace { prefix: None, uri: namespace.to_owned() }), ..Self::default() }
    }

    /// The name in a form of EC2 of a member called `name` in the model: it begins with a capital, whatever the name in
    /// answers is.
    pub(crate) fn ec2_name(&self, name: &str) -> String {
        self.query_name.clone().unwrap_or_else(|| {
            let mut letters = self.wire_name(name).chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
        })
    }

    /// The name on the wire of a member called `name` in the model.
    pub(crate) fn wire_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.location_name.as_deref().unwrap_or(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_that_is_named_is_there() {
        for (name, service) in SERVICES.iter() {
            assert!(*name == service.signing_name || SERVICES.contains_key(&service.signing_name), "{name}");
            for operation in service.operations.values() {
                for shape in [&operation.input, &operation.output].into_iter().flatten() {
                    assert_eq!(service.shape(shape).kind, Kind::Structure);
                }
            }
            for shape in service.shapes.values() {
                let parts = [&shape.member, &shape.key, &shape.value].into_iter().flatten();
                for part in shape.members.values().chain(parts) {
                    assert!(service.shapes.contains_key(&part.shape), "{name} lacks {}", part.shape);
                }
                for required in &shape.required {
                    assert!(shape.members.contains_key(required), "{name} requires {required}");
                }
            }
        }
    }

    #[test]
    fn what_signs_as_another_is_known_by_its_path() {
        let name = |path| signed("s3", path).unwrap().name.as_str();
        assert_eq!(name("/v20180820/configuration/publicAccessBlock"), "s3control");
        assert_eq!((name("/v20180820-logs/key"), name("/")), ("s3", "s3"));
        assert!(signed("s3control", "/").is_none() && signed("nonsense", "/").is_none());
    }

    #[test]
    fn an_error_is_found_by_its_code_and_by_its_shape() {
        let iam = service("iam").unwrap();
        assert!(iam.error("NoSuchEntity").is_some());
        assert!(iam.error("NoSuchEntityException").is_some());
        assert!(iam.error("Nonsense").is_none());
    }
}
