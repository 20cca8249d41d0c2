//! Checks a node against a JSON Schema, as derived from a control's settings: every mistake with its place.
//!
//! It knows what such schemas use. `null` is never right in a baseline: a setting is there, or it is left out.

use serde_json::Value as Json;

use super::mistake::{Mistake, listed, nearest, shown};
use super::node::{Node, Value};

/// Walks one control's settings.
pub(super) struct Checker<'a> {
    /// The schema that `$ref` refers into.
    pub(super) root: &'a Json,
    /// Whose settings they are.
    pub(super) control: &'a str,
    /// Where mistakes go.
    pub(super) mistakes: &'a mut Vec<Mistake>,
}

impl Checker<'_> {
    /// Checks the settings as a whole. What is required is not asked for here: another layer may give it.
    pub(super) fn settings(&mut self, node: &Node) {
        let schema = resolve(self.root, self.root);
        match &node.value {
            Value::Map(entries) if entries.is_empty() => {
                let message = format!("`{}` names no setting, so it requires nothing", self.control);
                self.mistakes
                    .push(Mistake::at(&node.span, message).suggest("name a setting, or leave the control out"));
            }
            Value::Map(_) => self.object(None, node, schema),
            _ => {
                let message = format!("`{}` is a map of settings, or `off`; this is {}", self.control, node.kind());
                let mistake = Mistake::at(&node.span, message);
                let off = matches!(node.value, Value::Bool(false));
                self.mistakes.push(if off { mistake.suggest("write `off`") } else { mistake });
            }
        }
    }

    fn check(&mut self, name: &str, node: &Node, schema: &Json) {
        let schema = resolve(schema, self.root);
        if matches!(node.value, Value::Null) {
            let message = format!("`{name}` has no value");
            self.mistakes
                .push(Mistake::at(&node.span, message).suggest("give it one, or leave it out to not require it"));
            return;
        }
        if let Some(choices) = choices(schema, self.root) {
            if !choices.contains(&node.json()) {
                self.mistakes.push(not_a_choice(name, node, &choices));
            }
            return;
        }
        let branches = branches(schema, self.root);
        let fitting = branches
            .iter()
            .find(|branch| types(branch).iter().any(|kind| fits(node, kind)) || types(branch).is_empty());
        if let Some(branch) = fitting {
            self.value(name, node, branch);
            return;
        }
        let kinds: Vec<&str> = branches.iter().flat_map(|branch| types(branch)).collect();
        self.mistakes.push(wrong_type(name, node, &kinds));
    }

    fn value(&mut self, name: &str, node: &Node, schema: &Json) {
        match &node.value {
            Value::Int(number) => self.number(name, node, f64_of(*number), schema),
            Value::Float(number) => self.number(name, node, *number, schema),
            Value::Text(text) => self.text(name, node, text, schema),
            Value::List(items) => self.list(name, node, items, schema),
            Value::Map(_) => self.object(Some(name), node, schema),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn object(&mut self, name: Option<&str>, node: &Node, schema: &Json) {
        let Value::Map(entries) = &node.value else { return };
        let properties = schema["properties"].as_object();
        let whose = name.map_or(self.control.to_owned(), |name| format!("`{name}`"));
        for (key, value) in entries {
            match (properties.and_then(|known| known.get(&key.text)), &schema["additionalProperties"]) {
                (Some(property), _) => self.check(&key.text, value, property),
                (None, Json::Bool(false)) => {
                    let message = format!("`{}` is not a setting of {whose}", shown(&key.text));
                    let names = properties.into_iter().flat_map(|known| known.keys().map(String::as_str));
                    self.mistakes.push(Mistake::at(&key.span, message).nearest_of(&key.text, names));
                }
                (None, Json::Object(_)) => self.check(&key.text, value, &schema["additionalProperties"]),
                (None, _) => {}
            }
        }
        let (Some(name), Some(required)) = (name, schema["required"].as_array()) else { return };
        for missing in required.iter().filter_map(Json::as_str) {
            if !entries.iter().any(|(key, _)| key.text == missing) {
                self.mistakes.push(Mistake::at(&node.span, format!("`{name}` has no `{missing}`")));
            }
        }
    }

    fn number(&mut self, name: &str, node: &Node, number: f64, schema: &Json) {
        let low = schema["minimum"].as_f64();
        let high = schema["maximum"].as_f64().or_else(|| match schema["format"].as_str() {
            Some("uint32") => Some(f64::from(u32::MAX)),
            Some("int32") => Some(f64::from(i32::MAX)),
            _ => None,
        });
        if low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high) {
            let range = match (low, high) {
                (Some(low), Some(high)) => format!("from {low} to {high}"),
                (Some(low), None) => format!("at least {low}"),
                (None, high) => format!("at most {}", high.unwrap_or(f64::MAX)),
            };
            let message = format!("`{name}` is {range}, and this is {}", shown(node.span.text()));
            self.mistakes.push(Mistake::at(&node.span, message));
        }
    }

    fn text(&mut self, name: &str, node: &Node, text: &str, schema: &Json) {
        let length = text.chars().count() as u64;
        let short = schema["minLength"].as_u64().is_some_and(|least| length < least);
        let long = schema["maxLength"].as_u64().is_some_and(|most| length > most);
        if short || long {
            let least = schema["minLength"].as_u64().unwrap_or(0);
            let range = match schema["maxLength"].as_u64() {
                Some(most) => format!("from {least} to {most} characters long"),
                None => format!("at least {least} characters long"),
            };
            self.mistakes.push(Mistake::at(&node.span, format!("`{name}` is {range}, and this has {length}")));
            return;
        }
        let Some(pattern) = schema["pattern"].as_str() else { return };
        if regex_lite::Regex::new(pattern).is_ok_and(|regex| !regex.is_match(text)) {
            let mistake = Mistake::at(&node.span, format!("`{name}` cannot be `{}`", shown(text)));
            let mistake = mistake.note(format!("it has the form {pattern}"));
            let about =
                schema["description"].as_str().map(|about| about.split_whitespace().collect::<Vec<_>>().join(" "));
            self.mistakes.push(about.into_iter().fold(mistake, Mistake::note));
        }
    }

    fn list(&mut self, name: &str, node: &Node, items: &[Node], schema: &Json) {
        let count = items.len() as u64;
        if let Some(least) = schema["minItems"].as_u64().filter(|least| count < *least) {
            let message = format!("`{name}` holds {least} or more, and this holds {count}");
            self.mistakes.push(Mistake::at(&node.span, message));
        }
        if let Some(most) = schema["maxItems"].as_u64().filter(|most| count > *most) {
            let message = format!("`{name}` holds {most} or fewer, and this holds {count}");
            self.mistakes.push(Mistake::at(&node.span, message));
        }
        for item in items {
            self.check(name, item, &schema["items"]);
        }
        if schema["uniqueItems"] == true {
            let mut seen = std::collections::HashMap::new();
            for item in items {
                if let Some(first) = seen.insert(item.json().to_string(), &item.span) {
                    let message = format!("`{name}` names {} twice", item.kind());
                    self.mistakes.push(Mistake::at(&item.span, message).also(first, "first here"));
                }
            }
        }
    }
}

/// Follows references, and sees through a choice between something and nothing.
fn resolve<'a>(schema: &'a Json, root: &'a Json) -> &'a Json {
    let mut schema = schema;
    // A schema that refers in a circle is a mistake of ours: it must not hang.
    for _ in 0..16 {
        let target = schema["$ref"].as_str().and_then(|path| root.pointer(path.strip_prefix('#')?));
        let alternatives = ["anyOf", "oneOf", "allOf"].iter().find_map(|word| schema[word].as_array());
        let mut something = alternatives.into_iter().flatten().filter(|branch| branch["type"] != "null");
        let only = something.next().filter(|_| something.next().is_none());
        match target.or(only) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

/// The ways a value can be, each resolved; the schema itself where it has no alternatives.
fn branches<'a>(schema: &'a Json, root: &'a Json) -> Vec<&'a Json> {
    match schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
        Some(all) => all.iter().map(|one| resolve(one, root)).filter(|one| one["type"] != "null").collect(),
        None => vec![schema],
    }
}

/// The values there are, where the schema lists them.
fn choices(schema: &Json, root: &Json) -> Option<Vec<Json>> {
    if let Some(only) = schema.get("const") {
        return Some(vec![only.clone()]);
    }
    if let Some(all) = schema["enum"].as_array() {
        return Some(all.iter().filter(|one| !one.is_null()).cloned().collect());
    }
    let alternatives = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array())?;
    let some = alternatives.iter().map(|one| resolve(one, root)).filter(|one| one["type"] != "null");
    let each: Option<Vec<Vec<Json>>> = some.map(|one| choices(one, root)).collect();
    each.map(|lists| lists.into_iter().flatten().collect())
}

fn types(schema: &Json) -> Vec<&str> {
    match &schema["type"] {
        Json::String(one) => vec![one],
        Json::Array(all) => all.iter().filter_map(Json::as_str).filter(|one| *one != "null").collect(),
        _ => vec![],
    }
}

fn fits(node: &Node, kind: &str) -> bool {
    match node.value {
        Value::Null => false,
        Value::Bool(_) => kind == "boolean",
        Value::Int(_) => kind == "integer" || kind == "number",
        // A whole number of many digits is out of every range, which says more than that it is no whole number.
        Value::Float(number) => kind == "number" || kind == "integer" && number.abs() >= 9e18,
        Value::Text(_) => kind == "string",
        Value::List(_) => kind == "array",
        Value::Map(_) => kind == "object",
    }
}

fn not_a_choice(name: &str, node: &Node, choices: &[Json]) -> Mistake {
    let words: Vec<String> = choices.iter().map(|one| one.as_str().map_or(one.to_string(), str::to_owned)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match &node.value {
        Value::Bool(false) if words == ["true"] => Mistake::at(
            &node.span,
            format!("`{name}` is switched on by naming it; `false` is not a way to switch it off"),
        )
        .suggest("leave it out to not require it"),
        _ if words == ["true"] => {
            with_yes(Mistake::at(&node.span, format!("`{name}` is `true`, or left out; this is {}", node.kind())), node)
        }
        _ => {
            let message = format!("`{name}` is {}, and this is {}", one_of(&words), node.kind());
            let mistake = Mistake::at(&node.span, message);
            match &node.value {
                Value::Text(text) => match nearest(text, words.iter().copied()) {
                    Some(word) => mistake.suggest(format!("did you mean `{word}`?")),
                    None => mistake,
                },
                _ => mistake,
            }
        }
    }
}

fn one_of(words: &[&str]) -> String {
    if words.len() == 1 { listed(words) } else { format!("one of {}", listed(words)) }
}

fn wrong_type(name: &str, node: &Node, kinds: &[&str]) -> Mistake {
    let wanted: Vec<&str> = kinds
        .iter()
        .map(|kind| match *kind {
            "boolean" => "`true` or `false`",
            "integer" => "a whole number",
            "number" => "a number",
            "string" => "a text",
            "array" => "a list",
            "object" => "a map of keys",
            other => other,
        })
        .collect();
    let mistake = Mistake::at(&node.span, format!("`{name}` is {}, and this is {}", wanted.join(" or "), node.kind()));
    match &node.value {
        Value::Text(text) if kinds.contains(&"integer") && text.parse::<i64>().is_ok() => {
            mistake.suggest("write it without quotes")
        }
        Value::Int(_) | Value::Float(_) | Value::Bool(_) if kinds.contains(&"string") => {
            mistake.suggest(format!("put it in quotes: \"{}\"", shown(node.span.text())))
        }
        Value::Text(text) if kinds.contains(&"array") => mistake.suggest(format!("write [{}]", shown(text))),
        _ if kinds.contains(&"boolean") => with_yes(mistake, node),
        _ => mistake,
    }
}

/// YAML 1.1 read `yes` and `on` as true; YAML 1.2, which is what counts here, reads texts.
fn with_yes(mistake: Mistake, node: &Node) -> Mistake {
    match &node.value {
        Value::Text(text) if ["yes", "on", "y", "true"].contains(&text.to_lowercase().as_str()) => {
            mistake.suggest("write `true`")
        }
        Value::Text(text) if ["no", "off", "n", "false"].contains(&text.to_lowercase().as_str()) => {
            mistake.suggest("write `false`")
        }
        _ => mistake,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the ranges of settings are small; a number beyond 2^53 is out of all of them"
)]
fn f64_of(number: i64) -> f64 {
    number as f64
}
