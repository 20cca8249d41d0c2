//! Settings against a schema that uses what schemas can say, and ours do not yet.

use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::TODAY;
use crate::{Baseline, ControlShape};

fn refusal(settings: &str) -> String {
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "name": { "type": ["string", "null"], "minLength": 3, "maxLength": 8 },
            "label": { "type": "string", "minLength": 2 },
            "email": { "type": "string", "pattern": "^[^@]+@[^@]+$" },
            "days": { "type": "integer", "minimum": 1 },
            "count": { "type": "integer", "format": "uint32", "minimum": 0 },
            "ports": { "type": "array", "minItems": 1, "maxItems": 2, "items": { "type": "integer", "maximum": 65535 } },
            "limits": { "type": "object", "additionalProperties": { "type": "number" } },
            "contact": { "$ref": "#/$defs/Contact" },
            "size": { "anyOf": [{ "type": "integer" }, { "type": "string" }, { "type": "null" }] },
            "mode": { "anyOf": [{ "enum": ["fast", "slow"] }, { "const": "off" }] },
        },
        "$defs": {
            "Contact": {
                "type": "object",
                "additionalProperties": false,
                "required": ["mail"],
                "properties": { "mail": { "type": "string" }, "phone": { "type": "string" } },
            },
        },
    });
    let shapes =
        [ControlShape { id: "test.control", schema, contradiction: |_| None, same_as: &[], requirements: vec![] }];
    let text = format!("version: 1\ncontrols:\n  test.control:\n{settings}\n");
    match Baseline::from_text("acme.yaml", &text, &shapes, TODAY) {
        Ok(_) => String::new(),
        Err(failure) => failure.message,
    }
}

#[test]
fn what_the_schema_allows_is_no_mistake() {
    let said = refusal(
        "    name: three\n    email: a@b\n    days: 7\n    ports: [80]\n    limits: { any: 1.5, other: 2 }\n    \
         contact: { mail: a@b }\n    size: large\n    mode: off",
    );
    assert_eq!(said, "");
    assert_eq!(refusal("    size: 3\n    mode: slow"), "");
}

#[test]
fn texts_have_lengths_and_forms() {
    assert_data_eq!(
        refusal("    name: ab\n    label: x\n    email: nobody"),
        str![[r#"
the baseline has 3 mistakes

error: `name` is from 3 to 8 characters long, and this has 2
 --> acme.yaml:4:11
  |
4 |     name: ab
  |           ^^

error: `label` is at least 2 characters long, and this has 1
 --> acme.yaml:5:12
  |
5 |     label: x
  |            ^

error: `email` cannot be `nobody`
 --> acme.yaml:6:12
  |
6 |     email: nobody
  |            ^^^^^^
  |
  = note: it has the form ^[^@]+@[^@]+$
"#]]
    );
}

#[test]
fn numbers_have_bounds_on_one_side_too() {
    assert_data_eq!(
        refusal("    days: 0\n    count: 4294967296\n    ports: [65536]"),
        str![[r#"
the baseline has 3 mistakes

error: `days` is at least 1, and this is 0
 --> acme.yaml:4:11
  |
4 |     days: 0
  |           ^

error: `count` is from 0 to 4294967295, and this is 4294967296
 --> acme.yaml:5:12
  |
5 |     count: 4294967296
  |            ^^^^^^^^^^

error: `ports` is at most 65535, and this is 65536
 --> acme.yaml:6:13
  |
6 |     ports: [65536]
  |             ^^^^^
"#]]
    );
}

#[test]
fn lists_have_lengths() {
    assert_data_eq!(
        refusal("    ports: []"),
        str![[r#"
the baseline has a mistake

error: `ports` holds 1 or more, and this holds 0
 --> acme.yaml:4:12
  |
4 |     ports: []
  |            ^^
"#]]
    );
    assert_data_eq!(
        refusal("    ports: [1, 2, 3]"),
        str![[r#"
the baseline has a mistake

error: `ports` holds 2 or fewer, and this holds 3
 --> acme.yaml:4:12
  |
4 |     ports: [1, 2, 3]
  |            ^^^^^^^^^
"#]]
    );
}

#[test]
fn settings_below_settings_are_checked() {
    assert_data_eq!(
        refusal("    contact: { phon: 1 }\n    limits: { any: much }"),
        str![[r#"
the baseline has 3 mistakes

error: `contact` has no `mail`
 --> acme.yaml:4:14
  |
4 |     contact: { phon: 1 }
  |              ^^^^^^^^^^^

error: `phon` is not a setting of `contact`
 --> acme.yaml:4:16
  |
4 |     contact: { phon: 1 }
  |                ^^^^ did you mean `phone`?

error: `any` is a number, and this is the text `much`
 --> acme.yaml:5:20
  |
5 |     limits: { any: much }
  |                    ^^^^
"#]]
    );
}

#[test]
fn alternatives_are_all_named() {
    assert_data_eq!(
        refusal("    size: [1]\n    mode: of"),
        str![[r#"
the baseline has 2 mistakes

error: `size` is a whole number or a text, and this is a list
 --> acme.yaml:4:11
  |
4 |     size: [1]
  |           ^^^

error: `mode` is one of `fast`, `slow`, `off`, and this is the text `of`
 --> acme.yaml:5:11
  |
5 |     mode: of
  |           ^^ did you mean `off`?
"#]]
    );
}
