//! XML, as awsQuery answers it and as S3 speaks it both ways.

use super::scalar::{from_text, to_text};
use crate::model::{Kind, Member, Service, Shape};
use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

/// An element that was read: namespaces dropped, attributes under their full names.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

/// Reads a document; none if it is not well-formed.
pub(super) fn parse(body: &[u8]) -> Option<Element> {
    let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => open.push(started(&start)?),
            Event::Empty(start) => open.last_mut()?.children.push(started(&start)?),
            Event::End(_) => {
                let closed = open.pop()?;
                open.last_mut()?.children.push(closed);
            }
            Event::Text(text) => open.last_mut()?.text += &text,
            Event::CData(text) => open.last_mut()?.text += &text,
            Event::GeneralRef(reference) => open.last_mut()?.text += &referred(&reference)?,
            Event::Eof => break,
            _ => {}
        }
    }
    let mut top = open.pop().filter(|_| open.is_empty())?;
    (top.children.len() == 1).then(|| top.children.remove(0))
}

fn started(start: &BytesStart<'_>) -> Option<Element> {
    let mut element = Element { name: start.local_name().as_ref().to_owned(), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let name = attribute.key.as_ref().to_owned();
        element.attributes.push((name, attribute.value.into_owned()));
    }
    Some(element)
}

fn referred(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if let Some(letter) = reference.resolve_char_ref().ok()? {
        return Some(letter.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(reference).map(str::to_owned)
}

/// An element as a value of the model; none where a part is not of the model's kind.
pub(super) fn read(service: &Service, shape: &Shape, element: &Element) -> Option<Value> {
    match shape.kind {
        Kind::Structure => {
            let mut fields = Map::new();
            for (name, member) in &shape.members {
                let value = read_member(service, member, member.wire_name(name), element)?;
                if !value.is_null() {
                    fields.insert(name.clone(), value);
                }
            }
            Some(Value::Object(fields))
        }
        Kind::List => read_items(service, shape, element.children.iter()),
        Kind::Map => None,
        _ => from_text(shape, element.text.trim()),
    }
}

/// A member as it stands in an element: null if it was not sent, none if it cannot be read.
fn read_member(service: &Service, member: &Member, wire: &str, element: &Element) -> Option<Value> {
    let shape = service.shape(&member.shape);
    if member.xml_attribute {
        let found = element.attributes.iter().find(|(name, _)| name == wire);
        return Some(found.map_or(Value::Null, |(_, text)| Value::from(text.as_str())));
    }
    let mut named = element.children.iter().filter(|child| child.name == wire).peekable();
    if named.peek().is_none() {
        return Some(Value::Null);
    }
    if shape.kind == Kind::List && (shape.flattened || member.flattened) {
        return read_items(service, shape, named);
    }
    named.next().and_then(|child| read(service, shape, child))
}

fn read_items<'a>(service: &Service, shape: &Shape, items: impl Iterator<Item = &'a Element>) -> Option<Value> {
    let member = service.shape(&shape.member.as_ref()?.shape);
    items.map(|item| read(service, member, item)).collect()
}

/// Writes `<name …>value</name>`; the error names what the model does not know.
pub(super) fn write(
    service: &Service,
    member: &Member,
    name: &str,
    value: &Value,
    into: &mut String,
) -> Result<(), String> {
    let shape = service.shape(&member.shape);
    match (shape.kind, value) {
        (_, Value::Null) => {}
        (Kind::List, Value::Array(items)) => {
            let inner = shape.member.as_ref().ok_or("a list without members")?;
            let flat = shape.flattened || member.flattened;
            let item_name = if flat { name } else { inner.wire_name("member") };
            wrapped(into, name, !flat, |into| {
                items.iter().try_for_each(|item| write(service, inner, item_name, item, into))
            })?;
        }
        (Kind::Map, Value::Object(entries)) => {
            let (key, inner) = shape.key.as_ref().zip(shape.value.as_ref()).ok_or("a map without values")?;
            wrapped(into, name, true, |into| {
                entries.iter().try_for_each(|(entry, item)| {
                    wrapped(into, "entry", true, |into| {
                        write(service, key, key.wire_name("key"), &Value::from(entry.as_str()), into)?;
                        write(service, inner, inner.wire_name("value"), item, into)
                    })
                })
            })?;
        }
        (Kind::Structure, Value::Object(_)) => {
            into.push('<');
            into.push_str(name);
            attributes(service, member, shape, value, into);
            into.push('>');
            fields(service, shape, value, into)?;
            close(into, name);
        }
        _ => {
            let text = to_text(member, shape, value, "iso8601")
                .ok_or_else(|| format!("{name} should be a {:?} and is {value}", shape.kind))?;
            wrapped(into, name, true, |into| {
                into.push_str(&escape(text.as_str()));
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// The members of a structure, one element each, without the element around them.
pub(super) fn fields(service: &Service, shape: &Shape, value: &Value, into: &mut String) -> Result<(), String> {
    for (name, inner) in value.as_object().into_iter().flatten() {
        let member = shape.members.get(name).ok_or_else(|| format!("the model has no {name}"))?;
        if !member.xml_attribute && member.location.is_none() {
            write(service, member, member.wire_name(name), inner, into)?;
        }
    }
    Ok(())
}

fn attributes(service: &Service, member: &Member, shape: &Shape, value: &Value, into: &mut String) {
    let mut attribute = |name: &str, text: &str| {
        for piece in [" ", name, "=\"", &escape(text), "\""] {
            into.push_str(piece);
        }
    };
    if let Some(namespace) = member.xml_namespace.as_ref().or(shape.xml_namespace.as_ref()) {
        let name = namespace.prefix.as_ref().map_or("xmlns".to_owned(), |prefix| format!("xmlns:{prefix}"));
        attribute(&name, &namespace.uri);
    }
    for (name, part) in shape.members.iter().filter(|(_, member)| member.xml_attribute) {
        if let Some(text) = value.get(name).and_then(|v| to_text(part, service.shape(&part.shape), v, "iso8601")) {
            attribute(part.wire_name(name), &text);
        }
    }
}

fn wrapped(
    into: &mut String,
    name: &str,
    really: bool,
    inside: impl FnOnce(&mut String) -> Result<(), String>,
) -> Result<(), String> {
    if really {
        into.push('<');
        into.push_str(name);
        into.push('>');
    }
    inside(into)?;
    if really {
        close(into, name);
    }
    Ok(())
}

fn close(into: &mut String, name: &str) {
    into.push_str("</");
    into.push_str(name);
    into.push('>');
}

/// One element with a text in it.
pub(super) fn leaf(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}
