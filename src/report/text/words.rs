//! How values and names are put into words, and how they are made alike across accounts.

use std::borrow::Cow;

use serde_json::Value;

use crate::report::page::safe;
use crate::target::{AccountId, Region};

/// Stands in a general text for the account.
pub(super) const ACCOUNT: &str = "{account}";

/// Stands in a general text for the region.
pub(super) const REGION: &str = "{region}";

/// Longer values are cut: a whole policy tells less than where it is.
const LONGEST_VALUE: usize = 100;

/// A value on one line; a plain word has no quotes.
pub(super) fn value(value: &Value) -> String {
    let text = match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if is_word(text) => text.clone(),
        Value::Array(items) if items.iter().all(|item| !item.is_array() && !item.is_object()) => {
            format!("[{}]", items.iter().map(self::value).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    };
    let text = safe(&text);
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

/// Whether a string needs no quotes to be told from other values.
fn is_word(text: &str) -> bool {
    let plain = |one: char| one.is_alphanumeric() || "-_./:+*@".contains(one);
    // What begins otherwise is no number.
    let number = || text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) && is_json(text);
    let other = ["", "none", "null", "true", "false"].contains(&text);
    !other && text.chars().all(plain) && !number()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

/// What is, and what will be.
pub(super) fn before_and_after(observed: &Value, wanted: &Value) -> String {
    format!("{} -> {}", value(observed), value(wanted))
}

/// A text as it reads for any account and region, so that equal things in many accounts are seen to be equal.
pub(super) fn general(text: &str, account: &AccountId, region: Option<&Region>) -> String {
    // Both have digits, and most texts have none.
    if !text.bytes().any(|one| one.is_ascii_digit()) {
        return safe(text).into_owned();
    }
    let text = replaced(Cow::Borrowed(text), account.as_str(), ACCOUNT);
    let text = match region {
        Some(region) => replaced(text, region.as_str(), REGION),
        None => text,
    };
    safe(&text).into_owned()
}

/// With something else in the place of each of these; most texts have none.
pub(super) fn replaced<'a>(text: Cow<'a, str>, these: &str, other: &str) -> Cow<'a, str> {
    if text.contains(these) { Cow::Owned(text.replace(these, other)) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_can_be_told_apart() {
        for (json, text) in [
            (json!(null), "none"),
            (json!("none"), "\"none\""),
            (json!(true), "true"),
            (json!("true"), "\"true\""),
            (json!(14), "14"),
            (json!("14"), "\"14\""),
            (json!("SIX_HOURS"), "SIX_HOURS"),
            (json!("two words"), "\"two words\""),
            (json!(["a", 1]), "[a, 1]"),
            (json!({"a": [1]}), r#"{"a":[1]}"#),
            (json!("\u{1b}[2J"), r#""\u001b[2J""#),
        ] {
            assert_eq!(value(&json), text);
        }
    }

    #[test]
    fn a_long_value_is_cut_at_a_character() {
        let long = value(&json!("ü".repeat(300)));
        assert_eq!(long.chars().count(), LONGEST_VALUE + 1);
    }

    #[test]
    fn names_of_two_accounts_read_alike() {
        let general = |account: &str, region: &str| {
            let region = region.parse().expect("a region");
            general(&format!("log-{account}-{region}"), &account.parse().expect("an id"), Some(&region))
        };
        assert_eq!(general("111122223333", "eu-west-1"), general("444455556666", "us-east-1"));
    }
}
