//! Policies of resources: what they hold already, and what is added to them. Pure.
//!
//! What is in a policy stays. A statement is added only where none of those that are there covers it, so that
//! a policy written by others, in other words, is left alone when it is good enough.

use serde_json::{Map, Value, json};

use crate::observe::{Call, Class, ReadError};
use crate::target::Target;

/// A policy document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document(Map<String, Value>);

impl Document {
    /// The document that this text is; none: an empty one.
    ///
    /// # Errors
    /// The text is not JSON, or no object.
    pub fn parse(text: Option<&str>) -> Result<Self, serde_json::Error> {
        let mut document: Map<String, Value> = match text {
            Some(text) => serde_json::from_str(text)?,
            // A policy that is there without a version stays so: a version would turn its `${…}` into variables.
            None => [("Version".to_owned(), json!("2012-10-17"))].into_iter().collect(),
        };
        let statements = document.remove("Statement").map_or_else(Vec::new, listed);
        document.insert("Statement".to_owned(), Value::Array(statements));
        Ok(Self(document))
    }

    pub(super) fn statements(&self) -> &[Value] {
        self.0.get("Statement").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Whether each of these is covered by a statement that is there.
    #[must_use]
    pub fn covers(&self, statements: &[Value]) -> bool {
        statements.iter().all(|wanted| self.statements().iter().any(|there| covers(there, wanted)))
    }

    /// The id of a user or role that is named and was deleted: AWS shows who is there by an ARN, and takes no policy
    /// that names who is not.
    #[must_use]
    pub fn names_deleted(&self) -> Option<&str> {
        let named = self.statements().iter().flat_map(|one| [&one["Principal"]["AWS"], &one["NotPrincipal"]["AWS"]]);
        let named = named.flat_map(|value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
        named.filter_map(Value::as_str).find(|name| ["AIDA", "AROA"].iter().any(|kind| name.starts_with(kind)))
    }

    /// The statement that lets everybody in, on no condition; none: none does.
    #[must_use]
    pub fn opens(&self) -> Option<String> {
        self.first(|one| {
            let everybody = principals(&one["Principal"]).iter().any(|who| who == "*");
            one["Effect"] == "Allow" && everybody && conditions(&one["Condition"]).is_empty()
        })
    }

    /// Whether a statement lets a service in without saying for whom it may come.
    #[must_use]
    pub fn lets_in_for_any(&self, service: &str) -> bool {
        self.statements().iter().any(|one| lets_in_for_any(one, service))
    }

    /// The statement that lets a service in without saying for whom, and besides lets others in, or does so for more
    /// than these actions on these resources; none: each can be narrowed.
    #[must_use]
    pub fn too_wide(&self, service: &str, actions: &[String], resources: &[String]) -> Option<String> {
        self.first(|one| {
            let alone = principals(&one["Principal"]) == [format!("Service:{service}")];
            let within = each_matches(actions, &lowercase(texts(&one["Action"])))
                && each_matches(resources, &texts(&one["Resource"]));
            lets_in_for_any(one, service) && !(alone && within)
        })
    }

    /// The document in which such statements let the service in only for these sources.
    #[must_use]
    pub fn narrowed(mut self, service: &str, sources: &[String]) -> Self {
        if let Some(Value::Array(all)) = self.0.get_mut("Statement") {
            for one in all.iter_mut().filter(|one| lets_in_for_any(one, service)) {
                one["Condition"]["StringEquals"]["aws:SourceArn"] = json!(sources);
            }
        }
        self
    }

    /// The first statement of which this is true, by its name or else by its place.
    pub(super) fn first(&self, is: impl Fn(&Value) -> bool) -> Option<String> {
        let at = self.statements().iter().position(is)?;
        Some(match self.statements()[at]["Sid"].as_str() {
            Some(sid) if !sid.is_empty() => format!("statement {sid}"),
            _ => format!("statement number {}", at + 1),
        })
    }

    /// The document with those of these statements that it lacks. Where a name is taken, the new one gets a number.
    #[must_use]
    pub fn with(mut self, statements: &[Value]) -> Self {
        for wanted in statements {
            if self.covers(std::slice::from_ref(wanted)) {
                continue;
            }
            let mut added = wanted.clone();
            let sid = wanted["Sid"].as_str().unwrap_or_default();
            let taken = |sid: &str| self.statements().iter().any(|there| there["Sid"] == sid);
            if taken(sid) {
                let free =
                    (2..self.statements().len() + 3).map(|number| format!("{sid}{number}")).find(|sid| !taken(sid));
                added["Sid"] = json!(free);
            }
            if let Some(Value::Array(all)) = self.0.get_mut("Statement") {
                all.push(added);
            }
        }
        self
    }
}

impl std::fmt::Display for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", Value::Object(self.0.clone()))
    }
}

/// Two lists as one, each of their elements once.
pub(super) fn united<T: Clone + PartialEq>(one: &[T], other: &[T]) -> Vec<T> {
    let more = other.iter().filter(|element| !one.contains(element));
    one.iter().chain(more).cloned().collect()
}

/// Whether two texts are the same document in other words: a list of one is the same as its element, and the order
/// of actions, resources and principals says nothing. AWS does not keep the words in which a policy was written.
pub(super) fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| serde_json::from_str::<Value>(text).ok().map(plain);
    one == other || plain(one).is_some_and(|one| plain(other) == Some(one))
}

fn plain(value: Value) -> Value {
    match value {
        Value::Array(mut items) if items.len() == 1 => items.pop().map_or(Value::Null, plain),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(plain).collect();
            items.sort_by_cached_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        other => other,
    }
}

/// The document that a call has answered.
///
/// # Errors
/// It is none: it is not replaced by one that would lose what it says.
pub(super) fn document_of(at: &Target, call: &Call, text: Option<&str>) -> Result<Document, ReadError> {
    Document::parse(text).map_err(|error| ReadError {
        at: at.clone(),
        action: call.action.to_owned(),
        class: Class::Failed,
        code: Some("MalformedPolicy".to_owned()),
        message: format!("the policy that is there makes no sense: {error}"),
        status: None,
        request_id: None,
    })
}

/// Whether a statement lets a service in, whoever it comes for.
fn lets_in_for_any(one: &Value, service: &str) -> bool {
    let named = principals(&one["Principal"]).iter().any(|who| *who == format!("Service:{service}"));
    let says_for_whom = conditions(&one["Condition"]).iter().any(|(_, key, _)| key == "aws:sourcearn");
    one["Effect"] == "Allow" && named && !says_for_whom
}

fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        one => vec![one],
    }
}

/// Whether a statement says at least what another says: for no less of anything, on no more conditions.
fn covers(there: &Value, wanted: &Value) -> bool {
    let same_turn = there["Effect"] == wanted["Effect"];
    let plain = ["NotAction", "NotResource", "NotPrincipal"].iter().all(|key| there.get(key).is_none());
    same_turn
        && plain
        && each_matches(&principals(&there["Principal"]), &principals(&wanted["Principal"]))
        && each_matches(&lowercase(texts(&there["Action"])), &lowercase(texts(&wanted["Action"])))
        && each_matches(&texts(&there["Resource"]), &texts(&wanted["Resource"]))
        && conditions_hold(&there["Condition"], &wanted["Condition"])
}

/// Whether each wanted text fits one of the patterns.
pub(super) fn each_matches(patterns: &[String], wanted: &[String]) -> bool {
    wanted.iter().all(|text| patterns.iter().any(|pattern| matches(pattern.as_bytes(), text.as_bytes())))
}

pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => vec![],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

pub(super) fn lowercase(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().map(|text| text.to_ascii_lowercase()).collect()
}

/// Principals with their kind before them; anybody has every kind.
pub(super) fn principals(value: &Value) -> Vec<String> {
    match value {
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, values)| texts(values).into_iter().map(move |value| format!("{kind}:{value}")))
            .map(|principal| if principal == "AWS:*" { "*".to_owned() } else { principal })
            .collect(),
        other => texts(other),
    }
}

/// Whether the conditions of a statement are among those that the wanted one makes, and let its values pass.
fn conditions_hold(there: &Value, wanted: &Value) -> bool {
    let wanted = conditions(wanted);
    conditions(there).into_iter().all(|(operator, key, patterns)| {
        let same = wanted.iter().find(|(_, known, _)| *known == key);
        let Some((_, _, values)) = same else { return false };
        match operator.as_str() {
            "StringLike" | "ArnLike" | "ArnEquals" => each_matches(&patterns, values),
            "StringEquals" | "Bool" => values.iter().all(|value| patterns.contains(value)),
            _ => false,
        }
    })
}

fn conditions(value: &Value) -> Vec<(String, String, Vec<String>)> {
    let operators = value.as_object().into_iter().flatten();
    let conditions = operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, values)| (operator.clone(), key.to_ascii_lowercase(), texts(values)))
    });
    conditions.collect()
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| matches(rest, &text[skipped..])),
        Some((b'?', rest)) => text.split_first().is_some_and(|(_, text)| matches(rest, text)),
        Some((byte, rest)) => text.split_first().is_some_and(|(first, text)| first == byte && matches(rest, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(sid: &str, source: &str) -> Value {
        json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::logs/AWSLogs/111122223333/*",
            "Condition": { "StringEquals": { "s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": source } },
        })
    }

    fn parsed(value: &Value) -> Document {
        Document::parse(Some(&value.to_string())).expect("a document")
    }

    #[test]
    fn foreign_statements_are_kept_and_a_taken_name_gets_a_number() {
        let foreign = write("AWSCloudTrailWrite", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other");
        let ours = write("AWSCloudTrailWrite", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trueup");
        let merged = parsed(&json!({ "Id": "kept", "Statement": foreign })).with(std::slice::from_ref(&ours));
        assert!(merged.covers(&[foreign, ours]));
        assert_eq!(merged.statements().len(), 2);
        assert_eq!(merged.statements()[1]["Sid"], "AWSCloudTrailWrite2");
        assert!(merged.to_string().contains(r#""Id":"kept""#));
    }

    #[test]
    fn what_is_covered_already_is_not_added_again() {
        let ours = write("AWSCloudTrailWrite", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trueup");
        let mut wider = ours.clone();
        wider["Sid"] = json!("by hand");
        wider["Action"] = json!(["s3:GetObject", "S3:Put*"]);
        wider["Condition"] = json!({ "ArnLike": { "AWS:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*" } });
        let document = parsed(&json!({ "Statement": [wider] }));
        assert_eq!(document.clone().with(&[ours]), document);
    }

    #[test]
    fn the_same_document_may_be_written_in_several_ways() {
        let one =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["a:B","c:D"],"Resource":["*"]}]}"#;
        let other =
            r#"{"Statement": {"Action": ["c:D", "a:B"], "Effect": "Allow", "Resource": "*"}, "Version": "2012-10-17"}"#;
        assert!(same(one, other));
        assert!(!same(one, &other.replace("c:D", "c:E")) && !same(one, "no document"));
    }

    #[test]
    fn a_statement_on_more_conditions_does_not_cover() {
        let ours = write("AWSCloudTrailWrite", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trueup");
        for (operator, key) in [("StringEquals", "aws:PrincipalOrgID"), ("StringNotEquals", "aws:SourceArn")] {
            let mut narrower = ours.clone();
            narrower["Condition"][operator][key] = json!("x");
            assert!(
                !parsed(&json!({ "Statement": [narrower] })).covers(std::slice::from_ref(&ours)),
                "{operator} {key}"
            );
        }
    }

    #[test]
    fn a_policy_without_a_version_stays_without_one() {
        assert!(!parsed(&json!({ "Statement": [] })).to_string().contains("Version"));
        assert!(Document::parse(None).expect("a document").to_string().contains("2012-10-17"));
    }

    #[test]
    fn who_was_deleted_is_named_by_an_id() {
        let naming = |element: &str, who: Value| parsed(&json!({ "Statement": { element: { "AWS": who } } }));
        let arn = "arn:aws:iam::111122223333:role/reader";
        assert_eq!(naming("Principal", json!(arn)).names_deleted(), None);
        assert_eq!(naming("Principal", json!("111122223333")).names_deleted(), None);
        assert_eq!(naming("Principal", json!([arn, "AROAEXAMPLE"])).names_deleted(), Some("AROAEXAMPLE"));
        assert_eq!(naming("NotPrincipal", json!("AIDAEXAMPLE")).names_deleted(), Some("AIDAEXAMPLE"));
        assert_eq!(parsed(&json!({ "Statement": { "Principal": "*" } })).names_deleted(), None);
    }

    #[test]
    fn who_lets_everybody_in_does_so_on_no_condition() {
        let opens = |who: Value, condition: Value| {
            let one = json!({ "Sid": "web", "Effect": "Allow", "Principal": who, "Action": "s3:GetObject",
                "Resource": "*", "Condition": condition });
            parsed(&json!({ "Statement": one })).opens()
        };
        for everybody in [json!("*"), json!({ "AWS": ["111122223333", "*"] })] {
            assert_eq!(opens(everybody.clone(), Value::Null).as_deref(), Some("statement web"));
            assert_eq!(opens(everybody, json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } })), None);
        }
        assert_eq!(opens(json!({ "AWS": "111122223333" }), Value::Null), None);
    }

    #[test]
    fn a_service_that_comes_for_anybody_is_narrowed_to_its_sources_and_the_rest_stays() {
        let trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trueup".to_owned();
        let mut any = write("Any", "");
        any["Condition"]["StringEquals"].as_object_mut().expect("conditions").remove("aws:SourceArn");
        let other = write("Other", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other");
        let document = parsed(&json!({ "Statement": [any, other.clone()] }));
        let (service, actions) = ("cloudtrail.amazonaws.com", ["s3:putobject".to_owned()]);
        let within = ["arn:aws:s3:::logs/AWSLogs/111122223333/*".to_owned()];
        assert!(document.lets_in_for_any(service) && document.too_wide(service, &actions, &within).is_none());
        let elsewhere = ["arn:aws:s3:::logs/AWSLogs/444455556666/*".to_owned()];
        assert_eq!(document.too_wide(service, &actions, &elsewhere).as_deref(), Some("statement Any"));
        assert!(document.too_wide(service, &["s3:getbucketacl".to_owned()], &within).is_some());
        let narrowed = document.narrowed(service, std::slice::from_ref(&trail));
        assert!(!narrowed.lets_in_for_any(service) && narrowed.covers(&[write("Own", &trail), other]));
        let kept = &narrowed.statements()[0]["Condition"]["StringEquals"]["s3:x-amz-acl"];
        assert_eq!(kept, "bucket-owner-full-control");
        let open = json!({ "Effect": "Allow", "Principal": { "Service": [service, "config.amazonaws.com"] },
            "Action": "s3:PutObject", "Resource": within[0] });
        assert!(
            parsed(&json!({ "Statement": open })).too_wide(service, &actions, &within).is_some(),
            "others come too"
        );
    }

    #[test]
    fn everything_but_some_does_not_cover() {
        let ours = write("AWSCloudTrailWrite", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/trueup");
        let other = json!({ "Effect": "Allow", "Principal": "*", "NotAction": "s3:PutObject", "Resource": "*" });
        assert!(!parsed(&json!({ "Statement": [other] })).covers(&[ours]));
    }
}
