//! The JSON Schema of a whole baseline file: editors complete and check by it.

use serde_json::{Map, Value as Json, json};

use super::ControlShape;
use super::files::SHIPPED;
use super::parse::CONTESTED_DAYS;

/// The schema for `trueup baseline schema` and `baselines/schema.json`. Draft 7, which all editors read.
#[must_use]
pub fn file_schema(shapes: &[ControlShape]) -> Json {
    let settings: Map<String, Json> = shapes.iter().map(|shape| (shape.id.to_owned(), settings(shape))).collect();
    let controls: Map<String, Json> = shapes.iter().map(|shape| (shape.id.to_owned(), control(shape))).collect();
    let requirements: Vec<&str> =
        shapes.iter().flat_map(|shape| shape.requirements.iter().map(String::as_str)).collect();
    let mut definitions = forms();
    definitions.insert(
        "controls".into(),
        object("The controls that are wanted, each with its settings", &[], &controls.into()),
    );
    definitions.insert("settings".into(), settings.into());
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "trueup baseline",
        "description": "Which controls are wanted, with which settings, where, with which exemptions",
        "type": "object",
        "additionalProperties": false,
        "required": ["version"],
        "properties": {
            "version": { "description": "The version of this format", "const": 1 },
            "name": { "description": "What reports call this baseline; the file's name if left out", "$ref": "#/$defs/text" },
            "organization": { "description": "The organization it is for; apply refuses any other", "type": "string", "pattern": "^o-[a-z0-9]{10,32}$" },
            "extends": { "description": "Shipped baselines or files beneath this one; later wins",
                         "anyOf": [base(), { "type": "array", "minItems": 1, "items": base() }] },
            "reviewed": { "description": "The day this file was last reviewed; older than 180 days is a warning", "$ref": "#/$defs/day" },
            "access": access(),
            "management_account": { "description": "Whether the management account may be written", "enum": ["read", "include"], "default": "read" },
            "regions": { "description": "All regions that are enabled in each account, or a list",
                         "anyOf": [{ "const": "all" }, { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/region" } }] },
            "controls": { "$ref": "#/$defs/controls" },
            "overrides": { "description": "What differs in some accounts; later ones win", "type": "array", "items": one_override() },
            "exemptions": { "description": "Requirements that do not count somewhere, until a day", "type": "array", "items": exemption(&requirements) },
            "unreachable": { "description": "Accounts known to be unreachable, until a day", "type": "array", "items": unreachable() },
            "rollout": rollout(),
            "contested_days": { "description": "For how many days what runs set counts: a value that was set twice in that time and comes back is contested",
                                "type": "integer", "minimum": CONTESTED_DAYS.start(), "maximum": CONTESTED_DAYS.end(), "default": 14 },
        },
        "$defs": definitions,
    })
}

fn object(description: &str, required: &[&str], properties: &Json) -> Json {
    json!({
        "description": description,
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn control(shape: &ControlShape) -> Json {
    // The description stands beside no `$ref`: draft 7 ignores what does.
    let about = shape.schema["description"].as_str().unwrap_or(shape.id);
    json!({
        "description": about,
        "anyOf": [
            { "$ref": format!("#/$defs/settings/{}", shape.id) },
            { "const": "off", "description": "Switches the control off" },
        ],
    })
}

/// The settings' own schema, moved: its references follow, `null` is not offered, and what another layer may give is
/// not required.
fn settings(shape: &ControlShape) -> Json {
    let mut schema = moved(&shape.schema, &format!("#/$defs/settings/{}/$defs/", shape.id));
    if let Some(entries) = schema.as_object_mut() {
        entries.remove("$schema");
        entries.remove("required");
        entries.insert("minProperties".into(), 1.into());
    }
    schema
}

fn moved(schema: &Json, definitions: &str) -> Json {
    match schema {
        Json::Object(entries) => {
            let entries = entries.iter().filter_map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("$ref", Json::String(path)) => path.replace("#/$defs/", definitions).into(),
                    ("type", Json::Array(kinds)) => one_or_many(kinds.iter().filter(|kind| *kind != "null")),
                    ("anyOf" | "oneOf", Json::Array(branches)) => branches
                        .iter()
                        .filter(|branch| branch["type"] != "null")
                        .map(|branch| moved(branch, definitions))
                        .collect(),
                    ("enum", Json::Array(values)) => values.iter().filter(|value| !value.is_null()).cloned().collect(),
                    ("default", Json::Null) => return None,
                    _ => moved(value, definitions),
                };
                Some((key.clone(), value))
            });
            Json::Object(entries.collect())
        }
        Json::Array(items) => items.iter().map(|item| moved(item, definitions)).collect(),
        scalar => scalar.clone(),
    }
}

fn one_or_many<'a>(kinds: impl Iterator<Item = &'a Json>) -> Json {
    let kinds: Vec<&Json> = kinds.collect();
    if let [only] = kinds.as_slice() { (*only).clone() } else { json!(kinds) }
}

fn one_or_list(description: &str, form: &str) -> Json {
    let form = json!({ "$ref": format!("#/$defs/{form}") });
    json!({ "description": description, "anyOf": [form, { "type": "array", "minItems": 1, "items": form }] })
}

fn forms() -> Map<String, Json> {
    let forms = [
        ("account", "^[0-9]{12}$", "The twelve digits of an account, in quotes"),
        ("region", "^[a-z0-9]+(-[a-z0-9]+)+-[0-9]+$", "The code of a region"),
        ("day", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "A day, as 2027-03-31"),
        ("role", "^[A-Za-z0-9_+=,.@/-]{1,576}$", "The name of a role, not its ARN"),
        ("ou", "^(/|(/[^/]*[^/\\s][^/]*)+|(ou|r)-[a-z0-9-]{4,})$", "An OU and all below it: a path of names, or an id"),
        ("tag", "^[^=]*[^=\\s][^=]*(=.*)?$", "A tag: a key, or key=value"),
        ("external_id", "^[A-Za-z0-9_+=,.@:/-]{2,1224}$", "What the roles' trust policies ask for"),
        ("text", "\\S", "A text"),
    ];
    let form = |(name, pattern, about): (&str, &str, &str)| {
        (name.to_owned(), json!({ "description": about, "type": "string", "pattern": pattern }))
    };
    forms.into_iter().map(form).collect()
}

fn base() -> Json {
    let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
    json!({ "anyOf": [{ "enum": names }, { "$ref": "#/$defs/text" }] })
}

fn access() -> Json {
    let read = one_or_list("Roles to read with, tried in order", "role");
    let write =
        json!({ "description": "The role that apply writes with; there is no default", "$ref": "#/$defs/role" });
    let external = json!({ "$ref": "#/$defs/external_id" });
    let account = object(
        "How this account is entered",
        &[],
        &json!({ "read_role": read.clone(), "write_role": write.clone(), "external_id": external.clone() }),
    );
    object(
        "How accounts are entered",
        &[],
        &json!({
            "read_role": read,
            "write_role": write,
            "management_role": { "description": "The role of the management account; the caller's own credentials if left out", "$ref": "#/$defs/role" },
            "external_id": external,
            "accounts": { "description": "Accounts that are entered otherwise", "type": "object",
                          "propertyNames": { "$ref": "#/$defs/account" }, "additionalProperties": account },
        }),
    )
}

fn one_override() -> Json {
    let mut chosen = object(
        "The accounts: all that meet every selector named here",
        &[],
        &json!({
            "ou": one_or_list("In one of these OUs, or below", "ou"),
            "account": one_or_list("One of these accounts", "account"),
            "tag": one_or_list("With one of these tags", "tag"),
        }),
    );
    chosen["minProperties"] = 1.into();
    let properties = json!({ "match": chosen, "controls": { "$ref": "#/$defs/controls" } });
    object("Controls for some accounts", &["match", "controls"], &properties)
}

fn exemption(requirements: &[&str]) -> Json {
    object(
        "A requirement that does not count for the accounts that meet every selector named here",
        &["requirement", "reason", "expires"],
        &json!({
            "requirement": { "description": "The full id of a requirement", "enum": requirements },
            "accounts": one_or_list("One of these accounts", "account"),
            "ous": one_or_list("In one of these OUs, or below", "ou"),
            "tags": one_or_list("With one of these tags", "tag"),
            "regions": one_or_list("In these regions; everywhere if left out", "region"),
            "objects": one_or_list("These objects, by name or a pattern with *; all if left out", "text"),
            "reason": { "description": "Why", "$ref": "#/$defs/text" },
            "approved_by": { "description": "Who agreed", "$ref": "#/$defs/text" },
            "expires": { "description": "The last day on which it holds", "$ref": "#/$defs/day" },
        }),
    )
}

fn unreachable() -> Json {
    object(
        "Accounts that do not make a run incomplete",
        &["accounts", "reason", "expires"],
        &json!({
            "accounts": one_or_list("The accounts", "account"),
            "reason": { "description": "Why", "$ref": "#/$defs/text" },
            "expires": { "description": "The last day on which it holds", "$ref": "#/$defs/day" },
        }),
    )
}

fn rollout() -> Json {
    let chosen = json!({
        "ou": one_or_list("In one of these OUs, or below", "ou"),
        "account": one_or_list("One of these accounts", "account"),
        "tag": one_or_list("With one of these tags", "tag"),
    });
    let mut canary = object("Accounts that are written and verified before all others", &[], &chosen);
    canary["minProperties"] = 1.into();
    let mut properties = chosen;
    properties["size"] =
        json!({ "description": "In lots of so many accounts at most", "type": "integer", "minimum": 1 });
    let mut wave = object("Accounts that are written together, before those of the next wave", &[], &properties);
    wave["minProperties"] = 1.into();
    object(
        "In which order accounts are written, and how carefully",
        &[],
        &json!({
            "canary": canary,
            "waves": { "description": "What comes after the canary, in order; accounts in no wave come last",
                       "anyOf": [wave, { "type": "array", "items": wave }] },
            "pause": { "description": "How long to wait between two waves, such as 10m", "$ref": "#/$defs/text" },
            "max_failures": { "description": "In how many accounts something may fail: a number, or a share such as 2%",
                              "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": "^[0-9]+%?$" }] },
            "max_changes": { "description": "A plan that would write more changes is refused", "type": "integer", "minimum": 0 },
            "on_error": { "description": "What a failure means for changes that are not begun",
                          "enum": ["continue", "stop-account", "stop"], "default": "continue" },
            "freeze": { "description": "When apply writes nothing; those of all layers count", "type": "array", "items": freeze() },
        }),
    )
}

fn freeze() -> Json {
    object(
        "A time in which apply writes nothing",
        &["from", "until", "reason"],
        &json!({
            "from": { "description": "Its first day, the time at which it begins, or a time of every week such as fri 18:00", "$ref": "#/$defs/text" },
            "until": { "description": "Its last day, or the time, once or of every week, at which it is over", "$ref": "#/$defs/text" },
            "time_zone": { "description": "By which clock a freeze of every week goes, such as Europe/Berlin; UTC if left out", "$ref": "#/$defs/text" },
            "reason": { "description": "Why", "$ref": "#/$defs/text" },
        }),
    )
}
