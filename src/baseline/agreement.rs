//! Settings that only make sense where two controls say the same: a person is told where they do not.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::mistake::{Mistake, Span};
use super::parse::{TypedOverride, Wanted};
use super::{ControlShape, Layered, layered};

/// Settings by control, as they count somewhere.
type Settings = BTreeMap<&'static str, Json>;

/// A warning for each setting that two controls have, that has to be the same in both, and that is not: for all accounts,
/// and for those of each override that says one of the two.
pub(super) fn find(
    shapes: &[ControlShape],
    controls: &BTreeMap<String, Layered>,
    keys: &BTreeMap<String, Span>,
    overrides: &[(usize, TypedOverride)],
) -> Vec<Mistake> {
    let base: Settings = shapes.iter().filter_map(|shape| Some((shape.id, controls.get(shape.id)?.json()))).collect();
    let at = |id: &str| keys.get(id).cloned();
    let mut found = differing(shapes, &base, &base, at);
    for (_, one) in overrides {
        let (mut settings, mut typed) = (base.clone(), Settings::new());
        for shape in shapes {
            let Some((_, wanted)) = one.controls.iter().find(|(key, _)| key.text == shape.id) else { continue };
            let Wanted::Settings(node) = wanted else {
                settings.remove(shape.id);
                continue;
            };
            let said = node.json();
            layered::merge(settings.entry(shape.id).or_insert_with(|| Json::Object(Map::new())), &said);
            typed.insert(shape.id, said);
        }
        let at = |id: &str| one.controls.iter().find(|(key, _)| key.text == id).map(|(key, _)| key.span.clone());
        found.extend(differing(shapes, &settings, &typed, at));
    }
    found
}

/// What differs in these settings, told where `typed` says one of the two.
fn differing(
    shapes: &[ControlShape],
    settings: &Settings,
    typed: &Settings,
    at: impl Fn(&str) -> Option<Span>,
) -> Vec<Mistake> {
    let mut found = vec![];
    for shape in shapes {
        for (setting, other) in shape.same_as {
            let Some(like) = shapes.iter().find(|shape| shape.id == *other) else { continue };
            let (Some(own), Some(others)) = (settings.get(shape.id), settings.get(like.id)) else { continue };
            let (own, others) = (value(shape, own, setting), value(like, others, setting));
            if own == others {
                continue;
            }
            let said = |id: &str| typed.get(id).is_some_and(|typed| typed.get(setting).is_some());
            let Some(span) = [shape.id, like.id].into_iter().find(|id| said(id)).and_then(&at) else { continue };
            let message = format!(
                "`{setting}` of {} is {}, and that of {} is {}",
                shape.id,
                words(own.as_ref()),
                like.id,
                words(others.as_ref())
            );
            found.push(Mistake::at(&span, message).suggest(format!("give both controls the same `{setting}`")));
        }
    }
    found
}

/// What a setting is, or what it is where nothing is said.
fn value(shape: &ControlShape, settings: &Json, setting: &str) -> Option<Json> {
    let default = || shape.schema.get("properties")?.get(setting)?.get("default").filter(|value| !value.is_null());
    settings.get(setting).or_else(default).cloned()
}

fn words(value: Option<&Json>) -> String {
    match value {
        None => "left out".to_owned(),
        Some(Json::String(text)) => format!("`{text}`"),
        Some(other) => format!("`{other}`"),
    }
}
