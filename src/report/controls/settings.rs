//! The settings of a control, in words: from their JSON Schema.

use std::io;

use serde_json::Value;

use super::page::WIDTH;

use crate::control::{Meta, Requirement};
use crate::report::page::{DIM, Page, paint, wrapped};

const GROUP: &str = "a group of settings";

/// One setting of a control.
pub(in crate::report) struct Setting {
    pub(in crate::report) name: String,
    /// What it may be set to, and what it is where it is left out.
    pub(in crate::report) takes: String,
    pub(in crate::report) description: String,
    /// What a group of settings, or each of a list of them, holds.
    pub(in crate::report) inner: Vec<Setting>,
}

impl Setting {
    pub(super) fn write(&self, page: &mut Page<'_>, indent: usize) -> io::Result<()> {
        let takes = if self.takes.is_empty() { String::new() } else { format!("  {}", paint(DIM, &self.takes)) };
        page.line(indent, format_args!("{}{takes}", self.name))?;
        let lines = wrapped(&self.description, WIDTH - 2 - indent);
        lines.into_iter().try_for_each(|line| page.line(indent + 2, line))?;
        self.inner.iter().try_for_each(|inner| inner.write(page, indent + 2))
    }
}

/// The settings that a schema describes: those of requirements first, in their order.
pub(in crate::report) fn settings(meta: &Meta, schema: &Value) -> Vec<Setting> {
    let Some(properties) = schema["properties"].as_object() else { return vec![] };
    let place = |name: &str| {
        let own = |requirement: &Requirement| {
            let short = requirement.id.strip_prefix(meta.id).and_then(|rest| rest.strip_prefix('.'));
            short.is_some_and(|short| short == name || short.split('.').next() == Some(name))
        };
        meta.requirements.iter().position(own).unwrap_or(meta.requirements.len())
    };
    let mut properties: Vec<(&String, &Value)> = properties.iter().collect();
    properties.sort_by_key(|(name, _)| place(name));
    properties.into_iter().map(|(name, property)| setting(schema, name, property)).collect()
}

fn setting(root: &Value, name: &str, property: &Value) -> Setting {
    let inner = |group: &Value| {
        let required =
            |name: &String| group["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
        let properties = group["properties"].as_object().into_iter().flatten();
        let one = |(name, property): (&String, &Value)| {
            let setting = setting(root, name, property);
            if required(name) { Setting { takes: format!("{}, required", setting.takes), ..setting } } else { setting }
        };
        properties.map(one).collect()
    };
    Setting {
        name: name.to_owned(),
        takes: with_default(takes(root, property), property),
        description: description(root, property),
        inner: group(root, property).map(inner).unwrap_or_default(),
    }
}

/// The group of settings that a property is, or is a list of.
fn group<'a>(root: &'a Value, property: &'a Value) -> Option<&'a Value> {
    let property = resolved(root, property);
    if property["properties"].is_object() {
        return Some(property);
    }
    let choices = ["anyOf", "oneOf"].iter().filter_map(|choice| property[*choice].as_array()).flatten();
    choices.chain(property.get("items")).find_map(|one| group(root, one))
}

/// A default is shown beside what a setting takes.
fn with_default(takes: String, property: &Value) -> String {
    match &property["default"] {
        Value::Null => takes,
        default => format!("{takes}, {} if left out", plain(default)),
    }
}

fn description(root: &Value, property: &Value) -> String {
    let own = property["description"].as_str();
    own.or_else(|| resolved(root, property)["description"].as_str()).unwrap_or_default().to_owned()
}

/// What a property may be set to, in words.
fn takes(root: &Value, property: &Value) -> String {
    let property = resolved(root, property);
    if let Some(only) = property.get("const") {
        return plain(only);
    }
    if let Some(values) = property["enum"].as_array() {
        return either(values.iter().filter(|value| !value.is_null()).map(plain));
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = property[choice].as_array() {
            let choices = choices.iter().filter(|choice| choice["type"] != "null");
            return either(choices.map(|choice| takes(root, choice)).filter(|words| !words.is_empty()));
        }
    }
    let kind = match &property["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.as_str(),
    };
    match (kind, &property["minimum"], &property["maximum"]) {
        (Some("boolean"), ..) => "true or false".to_owned(),
        (Some("integer" | "number"), Value::Number(least), Value::Number(most)) => format!("{least} to {most}"),
        (Some("integer" | "number"), Value::Number(least), _) => format!("a number from {least}"),
        (Some("integer" | "number"), ..) => "a number".to_owned(),
        (Some("string"), ..) => text(property),
        (Some("array"), ..) => match takes(root, &property["items"]) {
            items if items.is_empty() => "a list".to_owned(),
            items if items == GROUP => "a list of groups of settings".to_owned(),
            items => format!("a list of: {items}"),
        },
        (Some("object"), ..) => GROUP.to_owned(),
        _ => String::new(),
    }
}

/// A text, and how long it is.
fn text(property: &Value) -> String {
    match (property["minLength"].as_u64(), property["maxLength"].as_u64()) {
        (Some(least @ 2..), Some(most)) if least == most => format!("text of {most} characters"),
        (Some(least @ 2..), Some(most)) => format!("text of {least} to {most} characters"),
        (_, Some(most)) => format!("text of at most {most} characters"),
        (Some(least @ 2..), None) => format!("text of at least {least} characters"),
        (..) => "text".to_owned(),
    }
}

/// A property, or what it refers to.
fn resolved<'a>(root: &'a Value, property: &'a Value) -> &'a Value {
    let target = property["$ref"].as_str().and_then(|path| root.pointer(path.strip_prefix('#')?));
    target.unwrap_or(property)
}

fn either(choices: impl Iterator<Item = String>) -> String {
    choices.collect::<Vec<_>>().join(" | ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controls;

    #[test]
    fn every_page_describes_every_setting_and_what_each_group_of_them_holds() {
        fn described(setting: &Setting, whose: &str) {
            let name = format!("{whose}.{}", setting.name);
            assert!(!setting.description.is_empty() && !setting.takes.is_empty(), "{name}");
            assert_eq!(setting.inner.is_empty(), !setting.takes.contains("of settings"), "{name}");
            setting.inner.iter().for_each(|inner| described(inner, &name));
        }
        for control in controls::CONTROLS {
            for setting in settings(control.meta(), &control.schema()) {
                described(&setting, control.meta().id);
            }
        }
    }

    #[test]
    fn a_group_is_shown_with_what_it_holds_and_what_has_to_be_given() {
        let inner = |id: &str, name: &str| -> Vec<(String, String)> {
            let control = controls::find(id).expect("a control");
            let settings = settings(control.meta(), &control.schema());
            let group = settings.into_iter().find(|setting| setting.name == name).expect("a setting");
            group.inner.into_iter().map(|inner| (inner.name, inner.takes)).collect()
        };
        let has = |id: &str, name: &str, key: &str, takes: &str| {
            let inner = inner(id, name);
            assert!(inner.contains(&(key.to_owned(), takes.to_owned())), "{inner:?}");
        };
        has("account.contact", "billing", "name", "text of at most 64 characters");
        has("account.primary_contact", "details", "country_code", "text of 2 characters");
        has("cloudwatch.topic", "subscriptions", "protocol", "email | email-json | https | lambda | sqs, required");
        has("config.recorder", "delivery", "bucket", "text");
        has("ec2.flow_logs", "destination", "bucket", "text of 3 to 63 characters");
    }

    #[test]
    fn an_interval_of_flow_logs_is_one_of_the_two_that_there_are() {
        let control = controls::find("ec2.flow_logs").expect("a control");
        let settings = settings(control.meta(), &control.schema());
        let interval = settings.iter().find(|setting| setting.name == "max_aggregation_interval").expect("a setting");
        assert_eq!(interval.takes, "60 | 600, 600 if left out");
    }

    #[test]
    fn what_counts_where_a_setting_is_left_out_stands_beside_it() {
        let trail = controls::find("cloudtrail.trail").expect("a control");
        let settings = settings(trail.meta(), &trail.schema());
        let takes = |name: &str| settings.iter().find(|setting| setting.name == name).expect("a setting").takes.clone();
        assert_eq!(takes("name"), "text, trueup if left out");
        assert_eq!(takes("existing"), "leave | mend, leave if left out");
        assert_eq!(takes("kms"), "true", "what is not asked for has no default");
    }

    #[test]
    fn a_schema_with_references_and_choices_is_put_into_words() {
        let root = serde_json::json!({"$defs": {"Size": {"enum": ["SMALL", "LARGE", null]}}});
        for (property, words) in [
            (serde_json::json!({"$ref": "#/$defs/Size"}), "SMALL | LARGE"),
            (serde_json::json!({"anyOf": [{"$ref": "#/$defs/Size"}, {"type": "null"}]}), "SMALL | LARGE"),
            (serde_json::json!({"type": ["integer", "null"], "minimum": 1, "maximum": 24}), "1 to 24"),
            (serde_json::json!({"type": "array", "items": {"type": "string"}}), "a list of: text"),
            (serde_json::json!({"type": "boolean", "const": true}), "true"),
        ] {
            assert_eq!(takes(&root, &property), words);
        }
    }
}
