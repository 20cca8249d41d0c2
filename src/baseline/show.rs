//! The resolved baseline as YAML, with the layer that each value comes from.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::Baseline;
use super::node::{Value, plain};
use super::parse::KEYS;

/// The keys of overrides, exemptions, unreachable entries, waves and freezes, as a person would put them.
const ITEM_KEYS: [&str; 18] = [
    "match",
    "ou",
    "account",
    "tag",
    "size",
    "controls",
    "requirement",
    "accounts",
    "ous",
    "tags",
    "regions",
    "objects",
    "from",
    "until",
    "time_zone",
    "reason",
    "approved_by",
    "expires",
];

impl Baseline {
    /// The baseline without `extends`, as a file that means the same; a comment names the layer of each value.
    #[must_use]
    pub fn show(&self) -> String {
        let mut out = Writer { baseline: self, text: String::new() };
        out.line(0, &format!("# layers, later wins: {}", self.layers.join(", ")));
        out.line(0, &format!("# digest: {}", self.digest));
        let content = self.content();
        for key in KEYS {
            if let Some(value) = content.get(key) {
                out.entry(key, value, &mut vec![], 0);
            }
        }
        out.text
    }

    /// What is to be said of the value at a path.
    fn remark(&self, path: &[String]) -> Option<String> {
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        let layer = match words.as_slice() {
            ["controls", id, ..] => self.controls.get(*id)?.layer_at(&path[2..]),
            ["overrides", index, "controls", rest @ ..] => return self.wins(index.parse().ok()?, rest),
            ["overrides", index] => self.overrides.get(index.parse::<usize>().ok()?).map(|one| one.layer),
            ["exemptions", index] => return Some(self.exemption_remark(index.parse().ok()?)),
            ["unreachable", index] => {
                let entry = self.unreachable.get(index.parse::<usize>().ok()?)?;
                return Some(from(entry.span.file(), entry.expires.value < self.today));
            }
            ["access", "accounts", id] => {
                let access = self.access.accounts.iter().find(|(account, _)| account.as_str() == *id);
                return access.map(|(_, access)| format!("from {}", access.account.span.file()));
            }
            ["access", "accounts"] => None,
            ["access" | "rollout", key] | [key] => match self.from.get(key) {
                None if *key != "version" => return Some("by default".into()),
                layer => layer.copied(),
            },
            _ => None,
        };
        layer.and_then(|layer| self.layers.get(layer)).map(|name| format!("from {name}"))
    }

    fn exemption_remark(&self, index: usize) -> String {
        self.exemptions.get(index).map_or(String::new(), |one| from(one.span.file(), one.expires.value < self.today))
    }

    fn wins(&self, later: usize, path: &[&str]) -> Option<String> {
        let overlap = self.overlaps.iter().find(|one| match path {
            [control] => one.later == later && one.control == *control && one.setting.is_none(),
            [control, setting] => {
                one.later == later && one.control == *control && one.setting.as_deref() == Some(setting)
            }
            _ => false,
        })?;
        Some(format!("wins over override {} where both match", overlap.earlier + 1))
    }
}

fn from(file: &str, expired: bool) -> String {
    format!("from {file}{}", if expired { ", expired" } else { "" })
}

struct Writer<'a> {
    baseline: &'a Baseline,
    text: String,
}

impl Writer<'_> {
    /// A line; the name of a file may have line breaks, and must not end its comment.
    fn line(&mut self, indent: usize, text: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{:indent$}{}", "", text.replace(char::is_control, " "));
    }

    /// A line with what is to be said of it.
    fn remarked(&mut self, indent: usize, text: &str, path: &[String]) {
        match self.baseline.remark(path) {
            Some(remark) => self.line(indent, &format!("{text}  # {remark}")),
            None => self.line(indent, text),
        }
    }

    fn entry(&mut self, key: &str, value: &Json, path: &mut Vec<String>, indent: usize) {
        path.push(key.to_owned());
        let name = scalar(&key.into());
        match value {
            Json::Object(entries) if !entries.is_empty() => {
                self.remarked_if_whole(indent, &format!("{name}:"), path);
                for (key, value) in entries {
                    self.entry(key, value, path, indent + 2);
                }
            }
            Json::Array(items) if items.iter().any(Json::is_object) => {
                self.line(indent, &format!("{name}:"));
                for (index, item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    self.item(item, path, indent + 2);
                    path.pop();
                }
            }
            flat => self.remarked(indent, &format!("{name}: {}", flow(flat)), path),
        }
        path.pop();
    }

    /// A map is remarked on only where its values are not: `access` has them one by one.
    fn remarked_if_whole(&mut self, indent: usize, text: &str, path: &[String]) {
        if path.len() > 1 { self.remarked(indent, text, path) } else { self.line(indent, text) }
    }

    /// An item of a list of maps: the dash has a line of its own, which names the layer.
    fn item(&mut self, item: &Json, path: &mut Vec<String>, indent: usize) {
        self.remarked(indent, "-", path);
        for key in ITEM_KEYS {
            if let Some(value) = item.get(key) {
                self.entry(key, value, path, indent + 2);
            }
        }
    }
}

fn flow(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) => {
            let fields =
                entries.iter().map(|(key, value)| format!("{}: {}", scalar(&key.as_str().into()), flow(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        one => scalar(one),
    }
}

/// A scalar that reads back as the same: in quotes where it must be. A JSON text is a YAML text.
pub(super) fn scalar(value: &Json) -> String {
    let Json::String(text) = value else { return value.to_string() };
    let harmless = |c: char| c.is_ascii_alphanumeric() || "_./=@-".contains(c);
    let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/');
    // `off`, `yes` and their like are texts in YAML 1.2; without quotes, older readers would take them for booleans.
    let boolean = ["yes", "no", "on", "y", "n"].contains(&text.to_lowercase().as_str());
    let plainly = starts && !boolean && text.chars().all(harmless) && matches!(plain(text), Value::Text(_));
    if plainly { text.clone() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_read_back_as_something_else_is_quoted() {
        for (text, written) in [
            ("alias/trueup-trail", "alias/trueup-trail"),
            ("/Sandbox", "/Sandbox"),
            ("111122223333", "\"111122223333\""),
            ("true", "\"true\""),
            ("yes", "\"yes\""),
            ("off", "off"),
            ("a: b", "\"a: b\""),
            ("", "\"\""),
            ("two\nlines", "\"two\\nlines\""),
        ] {
            assert_eq!(scalar(&text.into()), written);
        }
    }
}
