//! The constraints that a service's own model states: required, length, range, enumeration.

use super::{Kind, Member, Protocol, Service, Shape};
use crate::fault::Fault;
use serde_json::Value;

/// Refuses an input that breaks a constraint, with the code that this service answers.
pub(crate) fn check(service: &Service, shape: &str, input: &Value) -> Result<(), Fault> {
    let mut broken = vec![];
    inspect(service, service.shape(shape), input, "", &mut broken);
    if broken.is_empty() {
        return Ok(());
    }
    let noun = if broken.len() == 1 { "error" } else { "errors" };
    let message = format!("{} validation {noun} detected: {}", broken.len(), broken.join("; "));
    Err(refusal(service, message))
}

/// The fault of an input that the service cannot accept.
pub(crate) fn refusal(service: &Service, message: String) -> Fault {
    match (service.protocol, service.signing_name.as_str()) {
        (Protocol::Query | Protocol::Cbor, _) => Fault::new(400, "ValidationError", message),
        (Protocol::Ec2, _) if message.contains("must not be null") => Fault::new(400, "MissingParameter", message),
        (Protocol::Ec2, _) => Fault::new(400, "InvalidParameterValue", message),
        (Protocol::RestXml, _) => Fault::new(
            400,
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
        ),
        (_, "guardduty") => Fault::new(
            400,
            "BadRequestException",
            format!("The request is rejected because an invalid or out-of-range value is specified as an input parameter. {message}"),
        )
        .with("Type", "InvalidInputException"),
        (_, "logs") => Fault::new(400, "InvalidParameterException", message),
        (_, "organizations") => Fault::new(400, "InvalidInputException", message),
        _ => Fault::new(400, "ValidationException", message),
    }
}

fn inspect(service: &Service, shape: &Shape, value: &Value, path: &str, broken: &mut Vec<String>) {
    match shape.kind {
        Kind::Structure => structure(service, shape, value, path, broken),
        Kind::List => {
            let items = value.as_array().map_or(&[][..], Vec::as_slice);
            bounds(shape, items.len(), value, path, "length", broken);
            for (index, item) in items.iter().enumerate() {
                part(service, shape.member.as_ref(), item, &format!("{path}.{}.member", index + 1), broken);
            }
        }
        Kind::Map => {
            for (key, item) in value.as_object().into_iter().flatten() {
                part(service, shape.key.as_ref(), &Value::from(key.as_str()), path, broken);
                part(service, shape.value.as_ref(), item, &format!("{path}.{key}.member"), broken);
            }
        }
        Kind::String => {
            let text = value.as_str().unwrap_or_default();
            bounds(shape, text.chars().count(), value, path, "length", broken);
            if !shape.allowed.is_empty() && !shape.allowed.iter().any(|allowed| allowed == text) {
                let allowed = shape.allowed.join(", ");
                broken.push(format!(
                    "Value '{text}' at '{path}' failed to satisfy constraint: Member must satisfy enum value set: [{allowed}]"
                ));
            }
        }
        Kind::Integer | Kind::Long | Kind::Float | Kind::Double => range(shape, value, path, broken),
        Kind::Boolean | Kind::Timestamp | Kind::Blob => {}
    }
}

fn structure(service: &Service, shape: &Shape, value: &Value, path: &str, broken: &mut Vec<String>) {
    for (name, member) in &shape.members {
        let label = label(path, name);
        match value.get(name) {
            Some(inner) if !inner.is_null() => part(service, Some(member), inner, &label, broken),
            _ if shape.required.contains(name) => {
                broken.push(format!("Value at '{label}' failed to satisfy constraint: Member must not be null"));
            }
            _ => {}
        }
    }
}

fn part(service: &Service, member: Option<&Member>, value: &Value, path: &str, broken: &mut Vec<String>) {
    if let Some(member) = member {
        inspect(service, service.shape(&member.shape), value, path, broken);
    }
}

/// AWS names members in its messages as Java does: the first letter small.
fn label(path: &str, name: &str) -> String {
    let mut letters = name.chars();
    let small: String = letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect();
    if path.is_empty() { small } else { format!("{path}.{small}") }
}

fn bounds(shape: &Shape, length: usize, value: &Value, path: &str, what: &str, broken: &mut Vec<String>) {
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let length = u32::try_from(length).map_or(f64::INFINITY, f64::from);
    compare(shape, length, &shown, path, what, broken);
}

fn range(shape: &Shape, value: &Value, path: &str, broken: &mut Vec<String>) {
    let number = value.as_f64().unwrap_or_default();
    compare(shape, number, &value.to_string(), path, "value", broken);
}

fn compare(shape: &Shape, actual: f64, shown: &str, path: &str, what: &str, broken: &mut Vec<String>) {
    let mut complain = |relation: &str, bound: f64| {
        broken.push(format!(
            "Value '{shown}' at '{path}' failed to satisfy constraint: Member must have {what} {relation} or equal to {bound}"
        ));
    };
    if let Some(min) = shape.min.filter(|min| actual < *min) {
        complain("greater than", min);
    }
    if let Some(max) = shape.max.filter(|max| actual > *max) {
        complain("less than", max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;
    use serde_json::json;

    fn checked(service: &str, operation: &str, input: &Value) -> Result<(), Fault> {
        let service = model::service(service).unwrap();
        check(service, service.operations[operation].input.as_deref().unwrap(), input)
    }

    #[test]
    fn a_password_length_below_six_is_a_validation_error_as_iam_words_it() {
        let fault = checked("iam", "UpdateAccountPasswordPolicy", &json!({"MinimumPasswordLength": 5})).unwrap_err();
        assert_eq!(fault.code, "ValidationError");
        assert_eq!(
            fault.message,
            "1 validation error detected: Value '5' at 'minimumPasswordLength' failed to satisfy constraint: \
             Member must have value greater than or equal to 6"
        );
    }

    #[test]
    fn a_missing_member_is_named() {
        let fault = checked("kms", "DescribeKey", &json!({})).unwrap_err();
        assert_eq!(fault.code, "ValidationException");
        assert!(fault.message.contains("Value at 'keyId'"), "{}", fault.message);
    }

    #[test]
    fn an_unknown_word_of_an_enumeration_is_refused_deep_inside() {
        let features = json!({"Enable": true, "Features": [{"Name": "NO_SUCH", "Status": "ENABLED"}]});
        assert_eq!(checked("guardduty", "CreateDetector", &features).unwrap_err().code, "BadRequestException");
    }

    #[test]
    fn what_the_model_allows_passes() {
        checked("iam", "UpdateAccountPasswordPolicy", &json!({"MinimumPasswordLength": 14})).unwrap();
    }
}
