//! The settings of a control, in words: from their JSON Schema.

use std::io;

use serde_json::Value;

use super::page::WIDTH;

use crate::control::{Meta, Requirement};
use crate::report::page::{DIM, Page, paint, wrapped};

/// One setting of a control.
pub(in crate::report) struct Setting {
    pub(in crate::report) name: String,
    /// What it may be set to, and what it is where it is left out.
    pub(in crate::report) takes: String,
    pub(in crate::report) description: String,
}

impl Setting {
    pub(super) fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let takes = if self.takes.is_empty() { String::new() } else { format!("  {}", paint(DIM, &self.takes)) };
        page.line(2, format_args!("{}{takes}", self.name))?;
        wrapped(&self.description, WIDTH - 4).into_iter().try_for_each(|line| page.line(4, line))
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
    let setting = |(name, property): (&String, &Value)| Setting {
        name: name.clone(),
        takes: with_default(takes(schema, property), property),
        description: description(schema, property),
    };
    properties.into_iter().map(setting).collect()
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
        (Some("string"), ..) => "text".to_owned(),
        (Some("array"), ..) => match takes(root, &property["items"]) {
            items if items.is_empty() => "a list".to_owned(),
            items => format!("a list of: {items}"),
        },
        (Some("object"), ..) => "a group of settings".to_owned(),
        _ => String::new(),
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
    fn every_page_describes_every_setting() {
        for control in controls::CONTROLS {
            for setting in settings(control.meta(), &control.schema()) {
                assert!(!setting.description.is_empty(), "{}: {}", control.meta().id, setting.name);
                assert!(!setting.takes.is_empty(), "{}: {}", control.meta().id, setting.name);
            }
        }
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
