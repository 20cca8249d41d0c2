//! What the policy of a resource refuses to a service. Pure.
//!
//! Only a refusal that is certain counts. A statement that depends on something which is not known of the service's
//! request is left to AWS, which looks at it when the service is told to use the resource.

use serde_json::Value;

use super::document::{Document, each_matches, lowercase, principals, texts};

/// What a service asks of a resource.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Who asks, such as `cloudtrail.amazonaws.com`.
    pub service: &'a str,
    /// What it asks for, such as `s3:PutObject`.
    pub action: &'static str,
    /// Of which ARN.
    pub resource: String,
    /// Condition keys in lower case, with what they are in this request.
    pub context: Vec<(&'static str, String)>,
}

impl Document {
    /// The statement that certainly refuses this, by its name or else by its place; none: none does.
    #[must_use]
    pub fn refuses(&self, request: &Request<'_>) -> Option<String> {
        self.first(|statement| refuses(statement, request))
    }
}

fn refuses(statement: &Value, request: &Request<'_>) -> bool {
    statement["Effect"] == "Deny"
        && names(statement, request)
        && listed(statement, "Action", &request.action.to_ascii_lowercase(), |value| lowercase(texts(value)))
        && listed(statement, "Resource", &request.resource, texts)
        && conditions_hold(&statement["Condition"], request)
}

/// Whether a statement is about this service: who is not excepted from a refusal is refused.
fn names(statement: &Value, request: &Request<'_>) -> bool {
    let service = format!("Service:{}", request.service);
    let named = |value: &Value| principals(value).iter().any(|one| one == "*" || *one == service);
    match statement.get("NotPrincipal") {
        Some(excepted) => !named(excepted),
        None => named(&statement["Principal"]),
    }
}

/// Whether a text is among the patterns of an element, or not among those of its opposite.
fn listed(statement: &Value, element: &str, text: &str, read: impl Fn(&Value) -> Vec<String>) -> bool {
    let excepted = statement.get(format!("Not{element}"));
    let patterns = read(excepted.unwrap_or(&statement[element]));
    // What a variable stands for is not known.
    let known = patterns.iter().all(|pattern| !pattern.contains("${"));
    known && each_matches(&patterns, std::slice::from_ref(&text.to_owned())) != excepted.is_some()
}

/// What is known of a condition key.
enum Fact<'a> {
    Is(&'a str),
    Absent,
    Unknown,
}

/// Keys that are about an identity or a network, which a service that calls by itself does not have. A key that ends
/// in `/` stands for all that begin so.
const NOT_OF_SERVICES: &[&str] = &[
    "aws:calledvia",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag/",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tokenissuetime",
    "aws:userid",
    "aws:username",
    "aws:vpcsourceip",
];

fn fact<'a>(key: &str, request: &'a Request<'_>) -> Fact<'a> {
    let key = key.to_ascii_lowercase();
    if let Some((_, value)) = request.context.iter().find(|(known, _)| *known == key) {
        return Fact::Is(value);
    }
    match key.as_str() {
        "aws:securetransport" | "aws:principalisawsservice" => Fact::Is("true"),
        "aws:viaawsservice" => Fact::Is("false"),
        "aws:principalservicename" | "aws:principalservicenameslist" => Fact::Is(request.service),
        // AWS's services speak the newest.
        "s3:tlsversion" => Fact::Is("1.3"),
        key if NOT_OF_SERVICES.iter().any(|one| key == *one || (one.ends_with('/') && key.starts_with(one))) => {
            Fact::Absent
        }
        _ => Fact::Unknown,
    }
}

/// Whether all of these conditions certainly hold.
fn conditions_hold(conditions: &Value, request: &Request<'_>) -> bool {
    conditions.as_object().into_iter().flatten().all(|(operator, keys)| {
        let mut keys = keys.as_object().into_iter().flatten();
        keys.all(|(key, values)| holds(operator, &fact(key, request), &texts(values)))
    })
}

fn holds(operator: &str, fact: &Fact<'_>, wanted: &[String]) -> bool {
    if wanted.iter().any(|value| value.contains("${")) {
        return false;
    }
    let (set, operator) = operator.split_once(':').map_or((None, operator), |(set, rest)| (Some(set), rest));
    let (if_exists, operator) = match operator.strip_suffix("IfExists") {
        Some(rest) => (true, rest),
        None => (false, operator),
    };
    let negated = operator.contains("Not");
    match fact {
        Fact::Unknown => false,
        Fact::Absent if operator == "Null" => wanted.iter().any(|value| value.eq_ignore_ascii_case("true")),
        // Of no value, everything is true of all and nothing of any.
        Fact::Absent => if_exists || set.map_or(negated, |set| set == "ForAllValues"),
        Fact::Is(_) if operator == "Null" => wanted.iter().any(|value| value.eq_ignore_ascii_case("false")),
        Fact::Is(value) => compare(&operator.replace("Not", ""), value, wanted).is_some_and(|same| same != negated),
    }
}

/// Whether a value fits one of those that are wanted; none where that is not known.
fn compare(operator: &str, value: &str, wanted: &[String]) -> Option<bool> {
    let number = |text: &str| text.parse::<f64>().ok();
    let numeric = |fits: fn(&f64, &f64) -> bool| {
        let value = number(value)?;
        Some(wanted.iter().filter_map(|wanted| number(wanted)).any(|wanted| fits(&value, &wanted)))
    };
    match operator {
        "StringEquals" => Some(wanted.iter().any(|wanted| wanted == value)),
        "StringEqualsIgnoreCase" | "Bool" => Some(wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(value))),
        "StringLike" | "ArnLike" | "ArnEquals" => Some(each_matches(wanted, &[value.to_owned()])),
        "NumericLessThan" => numeric(f64::lt),
        "NumericLessThanEquals" => numeric(f64::le),
        "NumericGreaterThan" => numeric(f64::gt),
        "NumericGreaterThanEquals" => numeric(f64::ge),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trueup";

    fn delivery() -> Request<'static> {
        Request {
            service: "cloudtrail.amazonaws.com",
            action: "s3:PutObject",
            resource: "arn:aws:s3:::logs/AWSLogs/111122223333/CloudTrail/eu-west-1/f.json.gz".to_owned(),
            context: vec![
                ("aws:sourcearn", TRAIL.to_owned()),
                ("aws:sourceaccount", "111122223333".to_owned()),
                ("s3:x-amz-acl", "bucket-owner-full-control".to_owned()),
            ],
        }
    }

    /// Whether a refusal of everything, with what `more` says instead, meets the delivery.
    fn refused(more: &Value) -> bool {
        let mut statement = json!({ "Sid": "no", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
            "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"] });
        for (element, value) in more.as_object().expect("elements") {
            if let Some(plain) = element.strip_prefix("Not") {
                statement.as_object_mut().expect("a statement").remove(plain);
            }
            statement[element] = value.clone();
        }
        let document = Document::parse(Some(&json!({ "Statement": [statement] }).to_string())).expect("a document");
        document.refuses(&delivery()).is_some()
    }

    fn refused_if(operator: &str, key: &str, values: &Value) -> bool {
        refused(&json!({ "Condition": { operator: { key: values } } }))
    }

    #[test]
    fn a_refusal_of_everything_meets_the_service_and_is_named() {
        assert!(refused(&json!({})) && refused(&json!({ "Principal": { "AWS": "*" } })));
        let two = json!({ "Statement": [
            { "Sid": "yes", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" },
            { "Effect": "Deny", "Principal": "*", "Action": "S3:Put*", "Resource": "*" }] });
        let document = Document::parse(Some(&two.to_string())).expect("a document");
        assert_eq!(document.refuses(&delivery()).as_deref(), Some("statement number 2"));
        let acl = Request { action: "s3:GetBucketAcl", resource: "arn:aws:s3:::logs".to_owned(), ..delivery() };
        assert_eq!(document.refuses(&acl), None);
    }

    #[test]
    fn what_is_about_others_or_elsewhere_does_not_meet_it() {
        for other in [
            json!({ "Effect": "Allow" }),
            json!({ "Principal": { "AWS": "arn:aws:iam::111122223333:root" } }),
            json!({ "Principal": { "Service": "config.amazonaws.com" } }),
            json!({ "NotPrincipal": { "Service": "cloudtrail.amazonaws.com" } }),
            json!({ "Action": ["s3:DeleteObject", "s3:DeleteBucket"] }),
            json!({ "NotAction": ["s3:Put*", "s3:Get*"] }),
            json!({ "Resource": "arn:aws:s3:::logs/AWSLogs/222233334444/*" }),
            json!({ "NotResource": "arn:aws:s3:::logs/AWSLogs/*" }),
        ] {
            assert!(!refused(&other), "{other}");
        }
    }

    #[test]
    fn who_is_not_excepted_is_met() {
        for other in [
            json!({ "NotPrincipal": { "AWS": "arn:aws:iam::111122223333:root" } }),
            json!({ "NotAction": "s3:GetBucketAcl" }),
            json!({ "NotResource": "arn:aws:s3:::logs/other/*" }),
        ] {
            assert!(refused(&other), "{other}");
        }
    }

    #[test]
    fn a_refusal_without_tls_does_not_meet_it() {
        assert!(!refused_if("Bool", "aws:SecureTransport", &json!("false")));
        assert!(!refused_if("Bool", "aws:SecureTransport", &json!(false)));
        assert!(!refused_if("NumericLessThan", "s3:TlsVersion", &json!(1.2)));
        assert!(refused_if("Bool", "aws:SecureTransport", &json!("true")));
    }

    #[test]
    fn a_refusal_of_all_but_an_identity_meets_it_unless_services_are_let_out() {
        for (operator, key, value) in [
            ("StringNotEquals", "aws:PrincipalOrgID", json!("o-abc1234567")),
            ("StringNotLike", "aws:userId", json!(["AROAEXAMPLE:*"])),
            ("ArnNotLike", "aws:PrincipalArn", json!("arn:aws:iam::111122223333:role/admin")),
            ("NotIpAddress", "aws:SourceIp", json!("203.0.113.0/24")),
            ("StringNotEquals", "aws:SourceVpce", json!("vpce-1")),
            ("Null", "aws:PrincipalTag/team", json!("true")),
        ] {
            assert!(refused_if(operator, key, &value), "{operator} {key}");
            let out = json!({ operator: { key: value }, "BoolIfExists": { "aws:PrincipalIsAWSService": "false" } });
            assert!(!refused(&json!({ "Condition": out })), "{operator} {key}");
        }
        assert!(!refused_if("StringEquals", "aws:PrincipalOrgID", &json!("o-abc1234567")));
        for operator in ["StringEqualsIfExists", "ForAllValues:StringEquals"] {
            assert!(refused_if(operator, "aws:PrincipalOrgID", &json!("o-abc1234567")), "{operator}");
        }
        assert!(!refused_if("ForAnyValue:StringNotLike", "aws:PrincipalOrgPaths", &json!("o-abc1234567/*")));
    }

    #[test]
    fn a_refusal_of_other_trails_meets_only_others() {
        assert!(!refused_if("ArnNotLike", "aws:SourceArn", &json!("arn:aws:cloudtrail:*:111122223333:trail/*")));
        assert!(!refused_if("StringNotEqualsIfExists", "AWS:SourceAccount", &json!(["111122223333"])));
        assert!(refused_if("StringNotEquals", "aws:SourceArn", &json!(format!("{TRAIL}-other"))));
        assert!(refused_if("ForAnyValue:StringEquals", "aws:SourceAccount", &json!("111122223333")));
    }

    #[test]
    fn what_is_not_known_of_the_request_is_left_to_aws() {
        for (operator, key, value) in [
            ("StringNotEquals", "s3:x-amz-server-side-encryption", json!("aws:kms")),
            ("DateGreaterThan", "aws:CurrentTime", json!("2020-01-01T00:00:00Z")),
            ("StringNotEquals", "aws:SourceAccount", json!("${aws:PrincipalAccount}")),
            ("BinaryEquals", "aws:SourceArn", json!("QUFB")),
        ] {
            assert!(!refused_if(operator, key, &value), "{operator} {key}");
        }
        assert!(!refused(&json!({ "Resource": "arn:aws:s3:::logs/${aws:SourceAccount}/*" })));
        assert!(!refused(&json!({ "NotResource": "arn:aws:s3:::logs/${aws:SourceAccount}/*" })));
    }
}
