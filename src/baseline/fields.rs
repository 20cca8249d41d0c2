//! Reading typed values out of nodes: each reader gives the value, or notes what is wrong with it and gives none.

use std::str::FromStr;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::mistake::{Mistake, Span, shown};
use super::node::{Key, Node, Value};

/// A value and the place it was typed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T: Serialize> Serialize for Spanned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// The entries of a map whose keys are known.
pub(super) struct Fields<'a> {
    entries: &'a [(Key, Node)],
    /// Where to point when something is missing.
    head: Span,
}

impl<'a> Fields<'a> {
    /// Reads a map and notes its unknown keys.
    pub(super) fn of(node: &'a Node, what: &str, known: &[&str], mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let entries = entries(node, what, mistakes)?;
        for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.text.as_str())) {
            let message = format!("`{}` is not a key of {what}", shown(&key.text));
            mistakes.push(Mistake::at(&key.span, message).nearest_of(&key.text, known.iter().copied()));
        }
        let head = entries.first().map_or(&node.span, |(key, _)| &key.span).clone();
        Some(Self { entries, head })
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(known, _)| known.text == key).map(|(_, node)| node)
    }

    /// The value of a key that must be there.
    pub(super) fn require(&self, key: &str, what: &str, mistakes: &mut Vec<Mistake>) -> Option<&'a Node> {
        let node = self.get(key);
        if node.is_none() {
            mistakes.push(Mistake::at(&self.head, format!("{what} has no `{key}`")).suggest(format!("add `{key}`")));
        }
        node
    }

    /// Where it starts.
    pub(super) fn head(&self) -> &Span {
        &self.head
    }
}

/// The entries of a map.
pub(super) fn entries<'a>(node: &'a Node, what: &str, mistakes: &mut Vec<Mistake>) -> Option<&'a [(Key, Node)]> {
    if let Value::Map(entries) = &node.value {
        return Some(entries);
    }
    mistakes.push(Mistake::at(&node.span, format!("{what} is a map of keys, and this is {}", node.kind())));
    None
}

/// The items of a list.
pub(super) fn items<'a>(node: &'a Node, name: &str, mistakes: &mut Vec<Mistake>) -> &'a [Node] {
    if let Value::List(items) = &node.value {
        return items;
    }
    mistakes.push(Mistake::at(&node.span, format!("`{name}` is a list, and this is {}", node.kind())));
    &[]
}

/// A text that says something.
pub(super) fn text(node: &Node, name: &str, mistakes: &mut Vec<Mistake>) -> Option<Spanned<String>> {
    let mistake = match &node.value {
        Value::Text(text) if !text.trim().is_empty() => {
            return Some(Spanned { value: text.clone(), span: node.span.head() });
        }
        Value::Text(_) => Mistake::at(&node.span, format!("`{name}` is empty")),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            Mistake::at(&node.span, format!("`{name}` is a text, and this is {}", node.kind()))
                .suggest(format!("put it in quotes: \"{}\"", shown(node.span.text())))
        }
        Value::Null | Value::List(_) | Value::Map(_) => {
            Mistake::at(&node.span, format!("`{name}` is a text, and this is {}", node.kind()))
        }
    };
    mistakes.push(mistake);
    None
}

/// A text of a certain form.
pub(super) fn parsed<T: FromStr>(node: &Node, name: &str, mistakes: &mut Vec<Mistake>) -> Option<Spanned<T>>
where
    T::Err: std::fmt::Display,
{
    let text = text(node, name, mistakes)?;
    match text.value.parse() {
        Ok(value) => Some(Spanned { value, span: text.span }),
        Err(error) => {
            mistakes.push(Mistake::at(&text.span, format!("`{name}` is malformed: {error}")));
            None
        }
    }
}

/// A list of texts of a certain form, with at least one item.
pub(super) fn list<T: FromStr>(node: &Node, name: &str, mistakes: &mut Vec<Mistake>) -> Vec<Spanned<T>>
where
    T::Err: std::fmt::Display,
{
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        mistakes.push(Mistake::at(&node.span, format!("`{name}` names none")).suggest("leave it out, or name one"));
    }
    items(node, name, mistakes).iter().filter_map(|item| parsed(item, name, mistakes)).collect()
}

/// One text of a certain form, or a list of them.
pub(super) fn one_or_list<T: FromStr>(node: &Node, name: &str, mistakes: &mut Vec<Mistake>) -> Vec<Spanned<T>>
where
    T::Err: std::fmt::Display,
{
    match &node.value {
        Value::List(_) => list(node, name, mistakes),
        _ => parsed(node, name, mistakes).into_iter().collect(),
    }
}

/// A day, as `2027-03-31`.
pub(super) fn date(node: &Node, name: &str, mistakes: &mut Vec<Mistake>) -> Option<Spanned<Date>> {
    let form = "write year, month and day, as in 2027-03-31";
    if let Value::Int(_) | Value::Float(_) = node.value {
        let message = format!("`{name}` is a day, and this is {}", node.kind());
        mistakes.push(Mistake::at(&node.span, message).suggest(form));
        return None;
    }
    let text = text(node, name, mistakes)?;
    // Other forms that a date library may take are not ours.
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let shape = text.value.len() == 10 && text.value.split('-').map(str::len).eq([4, 2, 2]);
    let shape = shape && text.value.split('-').all(digits);
    if let Some(value) = text.value.parse().ok().filter(|_| shape) {
        return Some(Spanned { value, span: text.span });
    }
    let message = format!("`{name}` is a day, and this is `{}`", shown(&text.value));
    let mistake = Mistake::at(&text.span, message);
    mistakes.push(mistake.suggest(if shape { "there is no such day" } else { form }));
    None
}
