//! How the text of a plan is read: strictly, in one way only, and in memory that the size of the text bounds.
//!
//! A plan is looked at by people and other programs before it is applied, so what could be read in two ways (a key that
//! stands twice) is refused. A list is read item by item, and an item has a bounded number of values: each value takes
//! many times the memory of its text.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::{Digest, Header, PlanFile};

/// The lists of a plan, in the order in which they are digested.
pub(super) const LISTS: [&str; 4] = ["accounts", "terms", "verdicts", "changes"];

/// How many values an item of a list, or everything that is not in a list, may have.
const MOST_VALUES: usize = 200_000;

/// How long a text may be, in bytes. A text that is digested takes its memory several times.
const LONGEST: usize = 1 << 20;

/// A plan with its keys apart, and its lists not read yet.
pub(super) struct Strict<'a> {
    fields: Map<String, Value>,
    lists: [Option<&'a RawValue>; LISTS.len()],
}

/// The content of a plan as a whole.
pub(super) struct Content {
    /// Its digest.
    pub(super) digest: String,
    /// Its size without layout.
    pub(super) bytes: usize,
}

impl<'a> Strict<'a> {
    /// Takes the text apart.
    ///
    /// # Errors
    /// It is no JSON object with a format, or a key stands in it twice; where and why.
    pub(super) fn of(text: &'a str) -> Result<Self, String> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let strict = reader.deserialize_map(Top).map_err(|error| error.to_string())?;
        reader.end().map_err(|error| error.to_string())?;
        match strict.fields.get("format") {
            Some(Value::String(_)) => Ok(strict),
            Some(_) => Err("its format is no text".to_owned()),
            None => Err("it does not say its format".to_owned()),
        }
    }

    /// What it says its format is.
    pub(super) fn format(&self) -> &str {
        self.fields.get("format").and_then(Value::as_str).unwrap_or_default()
    }

    /// The plan, and the digest of what was read.
    ///
    /// # Errors
    /// Something is missing or makes no sense; where and why.
    pub(super) fn plan(mut self) -> Result<(PlanFile, Content), String> {
        let Some(Value::String(said)) = self.fields.remove("digest") else {
            return Err("it does not say its digest".to_owned());
        };
        let mut digest = Digest::default();
        let fields = Value::Object(self.fields);
        digest.add(&fields);
        let header: Header = typed(fields).map_err(|error| error.to_string())?;
        let [accounts, terms, verdicts, changes] = self.lists;
        let plan = PlanFile {
            header,
            accounts: items(LISTS[0], accounts, &mut digest)?,
            terms: items(LISTS[1], terms, &mut digest)?,
            verdicts: items(LISTS[2], verdicts, &mut digest)?,
            changes: items(LISTS[3], changes, &mut digest)?,
            digest: said,
        };
        let bytes = digest.bytes();
        Ok((plan, Content { digest: digest.end(), bytes }))
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, serde_json::Error> {
    T::deserialize(value)
}

/// Reads a list, one item at a time.
fn items<T: DeserializeOwned>(name: &str, raw: Option<&RawValue>, digest: &mut Digest) -> Result<Vec<T>, String> {
    let raw = raw.ok_or_else(|| format!("missing field `{name}`"))?;
    let mut found = vec![];
    let mut reader = serde_json::Deserializer::from_str(raw.get());
    let read = reader.deserialize_seq(Items(|value: Value| {
        digest.add(&value);
        found.push(typed(value)?);
        Ok(())
    }));
    read.map_err(|error| format!("{name}[{}]: {error}", found.len()))?;
    Ok(found)
}

struct Top;

impl<'de> Visitor<'de> for Top {
    type Value = Strict<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strict<'de>, A::Error> {
        let left = Cell::new(MOST_VALUES);
        let mut strict = Strict { fields: Map::new(), lists: [None; LISTS.len()] };
        while let Some(key) = map.next_key::<String>()? {
            let twice = match LISTS.iter().position(|list| *list == key) {
                Some(list) => strict.lists[list].replace(map.next_value()?).is_some(),
                None => strict.fields.insert(key.clone(), map.next_value_seed(Once(&left))?).is_some(),
            };
            if twice {
                return Err(stands_twice(&key));
            }
        }
        Ok(strict)
    }
}

struct Items<F>(F);

impl<'de, F: FnMut(Value) -> Result<(), serde_json::Error>> Visitor<'de> for Items<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element_seed(Once(&Cell::new(MOST_VALUES)))? {
            (self.0)(value).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// A value in which no key stands twice and which has no more values than are left.
#[derive(Clone, Copy)]
struct Once<'a>(&'a Cell<usize>);

impl<'de> DeserializeSeed<'de> for Once<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        match self.0.get().checked_sub(1) {
            Some(left) => self.0.set(left),
            None => return Err(D::Error::custom(format!("more than {MOST_VALUES} values in one place"))),
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        if value.len() > LONGEST {
            return Err(E::custom(format!("a text of {} bytes", value.len())));
        }
        Ok(Value::from(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = vec![];
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(self)?;
            if fields.insert(key.clone(), value).is_some() {
                return Err(stands_twice(&key));
            }
        }
        Ok(Value::Object(fields))
    }
}

fn stands_twice<E: serde::de::Error>(key: &str) -> E {
    // As JSON: it comes from outside, and ends up on a terminal.
    E::custom(format!("the key {} stands twice", Value::from(key.chars().take(80).collect::<String>())))
}
