//! YAML (and so JSON) to a tree in which every key and every value knows its place.
//!
//! Values follow the core schema of YAML 1.2: `yes`, `on` and `off` are texts, dates are texts.
//! What a file can cost is bounded: its size, its depth, and how much its aliases unfold to.

use std::collections::HashMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use super::mistake::{Mistake, Source, Span, shown};

/// A file may be this long, in bytes.
pub(super) const LARGEST: usize = 1024 * 1024;
const MOST_VALUES: usize = 200_000;
const DEEPEST: usize = 64;

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) value: Value,
}

/// What stands in a file.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key and its place.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) span: Span,
    pub(super) text: String,
}

impl Node {
    /// What it is, in words.
    pub(super) fn kind(&self) -> String {
        match &self.value {
            Value::Null => "nothing".into(),
            Value::Bool(value) => format!("`{value}`"),
            Value::Int(_) | Value::Float(_) => format!("the number {}", shown(self.span.text())),
            Value::Text(text) => format!("the text `{}`", shown(text)),
            Value::List(_) => "a list".into(),
            Value::Map(_) => "a map of keys".into(),
        }
    }

    /// The same as JSON, without places.
    pub(super) fn json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Int(value) => (*value).into(),
            Value::Float(value) => (*value).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Self::json).collect(),
            Value::Map(entries) => entries.iter().map(|(key, value)| (key.text.clone(), value.json())).collect(),
        }
    }

    /// How many levels of lists and maps it has.
    fn height(&self) -> usize {
        let below = match &self.value {
            Value::List(items) => items.iter().map(Self::height).max(),
            Value::Map(entries) => entries.iter().map(|(_, value)| value.height()).max(),
            _ => return 0,
        };
        below.unwrap_or(0) + 1
    }

    /// What a copy costs: its values, and the length of its texts, so that a long text is not copied at the price of a short one.
    fn size(&self) -> usize {
        match &self.value {
            Value::Text(text) => 1 + text.len() / 32,
            Value::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Value::Map(entries) => {
                1 + entries.iter().map(|(key, value)| 1 + key.text.len() / 32 + value.size()).sum::<usize>()
            }
            _ => 1,
        }
    }
}

/// Reads a file. Duplicate keys are noted, and the first one stays; what cannot be read at all is the error.
pub(super) fn parse(source: &Arc<Source>, mistakes: &mut Vec<Mistake>) -> Result<Node, Mistake> {
    let mut builder =
        Builder { source, mistakes, open: vec![], anchored: HashMap::new(), values: 0, root: None, documents: 0 };
    let mut end = 0;
    for event in Parser::new_from_str(&source.text) {
        let (event, place) = event.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or(end);
            let here = Span::new(source, at..at);
            // The parser counts levels itself, and says so in words of its own.
            if error.info().contains("recursion limit") {
                return too_deep(&here);
            }
            Mistake::at(&here, format!("this is not YAML: {}", error.info()))
        })?;
        let range = place.byte_range().unwrap_or(end..end);
        end = range.end;
        builder.take(event, Span::new(source, range))?;
    }
    let empty = || Mistake::at(&Span::new(source, 0..0), "the file is empty").suggest("start with `version: 1`");
    builder.root.ok_or_else(empty)
}

fn too_deep(span: &Span) -> Mistake {
    let mistake = Mistake::at(span, format!("this is nested deeper than {DEEPEST} levels"));
    mistake.suggest("close what was opened before: no baseline needs so many")
}

/// A list or a map whose end has not come yet.
struct Frame {
    span: Span,
    anchor: usize,
    depth_allowed: usize,
    what: Open,
}

enum Open {
    List(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, places: HashMap<String, Span>, key: Option<Key> },
}

struct Builder<'a> {
    source: &'a Arc<Source>,
    mistakes: &'a mut Vec<Mistake>,
    open: Vec<Frame>,
    anchored: HashMap<usize, Node>,
    values: usize,
    root: Option<Node>,
    documents: usize,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Mistake> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Mistake::at(&span, "a baseline is one YAML document, and here a second one starts"));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref(), &span)?;
                self.finish(Node { span, value }, anchor)?;
            }
            Event::Alias(anchor) => self.alias(anchor, &span)?,
            Event::SequenceStart(_, anchor, tag) => self.start(span, anchor, tag.as_deref(), Open::List(vec![]))?,
            Event::MappingStart(_, anchor, tag) => {
                let what = Open::Map { entries: vec![], places: HashMap::new(), key: None };
                self.start(span, anchor, tag.as_deref(), what)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(frame) = self.open.pop() {
                    let end = span.end.max(frame.span.start);
                    let whole = Span::new(self.source, frame.span.start..end);
                    let value = match frame.what {
                        Open::List(items) => Value::List(items),
                        Open::Map { entries, .. } => Value::Map(entries),
                    };
                    self.finish(Node { span: whole, value }, frame.anchor)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, span: Span, anchor: usize, tag: Option<&Tag>, what: Open) -> Result<(), Mistake> {
        if let Some(tag) = tag.filter(|tag| !matches!(tag.core_suffix(), Some("map" | "seq"))) {
            return Err(unknown_tag(&span, tag));
        }
        let depth_allowed = self.open.last().map_or(DEEPEST, |frame| frame.depth_allowed - 1);
        if depth_allowed == 0 {
            return Err(too_deep(&span));
        }
        self.open.push(Frame { span, anchor, depth_allowed, what });
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: &Span) -> Result<(), Mistake> {
        let Some(node) = self.anchored.get(&anchor) else {
            return Err(Mistake::at(span, "this alias stands inside what it refers to"));
        };
        let depth_allowed = self.open.last().map_or(DEEPEST, |frame| frame.depth_allowed);
        if node.height() >= depth_allowed {
            return Err(Mistake::at(span, format!("with this alias the file nests deeper than {DEEPEST} levels")));
        }
        // Counted before it is copied, so that a bomb is refused at the price of one copy.
        let size = node.size();
        if self.values + size > MOST_VALUES {
            return Err(Mistake::at(
                span,
                format!("the aliases of this file unfold to more than {MOST_VALUES} values"),
            ));
        }
        self.values += size;
        let node = node.clone();
        self.finish(node, 0)
    }

    /// Puts a whole node where it belongs: as a key, a value, an item, or the document itself.
    fn finish(&mut self, node: Node, anchor: usize) -> Result<(), Mistake> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(Mistake::at(&node.span, format!("the file has more than {MOST_VALUES} values")));
        }
        if anchor != 0 {
            self.anchored.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|frame| &mut frame.what) {
            None => self.root = Some(node),
            Some(Open::List(items)) => items.push(node),
            Some(Open::Map { entries, places, key }) => match key.take() {
                None => *key = Some(as_key(&node)?),
                Some(new) => {
                    if let Some(first) = places.get(&new.text) {
                        let message = format!("the key `{}` stands here a second time", shown(&new.text));
                        self.mistakes.push(Mistake::at(&new.span, message).also(first, "first here"));
                    } else {
                        places.insert(new.text.clone(), new.span.clone());
                        entries.push((new, node));
                    }
                }
            },
        }
        Ok(())
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, span: &Span) -> Result<Value, Mistake> {
    match tag.map(|tag| (tag, tag.core_suffix())) {
        Some((tag, suffix)) if suffix != Some("str") => Err(unknown_tag(span, tag)),
        None if style == ScalarStyle::Plain => Ok(plain(text)),
        _ => Ok(Value::Text(text.to_owned())),
    }
}

fn unknown_tag(span: &Span, tag: &Tag) -> Mistake {
    Mistake::at(span, format!("a baseline has no use for the tag `{}`", shown(&tag.original())))
}

fn as_key(node: &Node) -> Result<Key, Mistake> {
    let text = match &node.value {
        Value::Text(text) => text.clone(),
        // An account id without quotes is a number; as a key it is taken as it was typed, leading zeros and all.
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => node.span.text().to_owned(),
        Value::Null | Value::List(_) | Value::Map(_) => {
            return Err(Mistake::at(&node.span, format!("a key is a text, and this is {}", node.kind())));
        }
    };
    Ok(Key { span: node.span.clone(), text })
}

/// What a scalar without quotes is, by the core schema of YAML 1.2.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let based = [("0o", 8), ("0x", 16)].iter().find_map(|(prefix, base)| {
        let digits = text.strip_prefix(prefix).filter(|digits| !digits.starts_with(['+', '-']))?;
        i64::from_str_radix(digits, *base).ok()
    });
    if let Some(number) = based.or_else(|| text.parse().ok()) {
        return Value::Int(number);
    }
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    match text.parse::<f64>() {
        Ok(number) if numeric && number.is_finite() => Value::Float(number),
        _ => Value::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_yaml_1_2() {
        for text in ["yes", "no", "on", "off", "2027-03-31", "o-abc1234567", ".inf", "1_000", "."] {
            assert!(matches!(plain(text), Value::Text(_)), "{text}");
        }
        for text in ["0", "-7", "012", "0x1F", "0o17"] {
            assert!(matches!(plain(text), Value::Int(_)), "{text}");
        }
        assert!(matches!(plain("1.5"), Value::Float(_)));
        assert!(matches!(plain("~"), Value::Null));
        assert!(matches!(plain("true"), Value::Bool(true)));
    }
}
