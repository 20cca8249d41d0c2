//! Values that travel as text: in XML, forms, query strings and headers.

use crate::model::{Kind, Member, Shape};
use serde_json::Value;

/// The value of a text, or none if the text is not of that kind.
pub(crate) fn from_text(shape: &Shape, text: &str) -> Option<Value> {
    match shape.kind {
        Kind::String | Kind::Blob => Some(Value::from(text)),
        Kind::Boolean => match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::Integer | Kind::Long => text.parse::<i64>().ok().map(Value::from),
        Kind::Float | Kind::Double => text.parse::<f64>().ok().map(Value::from),
        Kind::Timestamp => {
            let time =
                text.parse::<jiff::Timestamp>().or_else(|_| jiff::fmt::rfc2822::parse(text).map(|t| t.timestamp()));
            time.ok().map(|time| Value::from(time.as_second()))
        }
        Kind::Structure | Kind::List | Kind::Map => None,
    }
}

/// The text of a value; `default` is the protocol's format of timestamps in this place.
pub(crate) fn to_text(member: &Member, shape: &Shape, value: &Value, default: &str) -> Option<String> {
    match (shape.kind, value) {
        (Kind::Timestamp, Value::Number(seconds)) => {
            let format = member.timestamp_format.as_deref().or(shape.timestamp_format.as_deref()).unwrap_or(default);
            time(seconds.as_f64()?, format)
        }
        (Kind::String | Kind::Blob, Value::String(text)) => Some(text.clone()),
        (Kind::Boolean, Value::Bool(flag)) => Some(flag.to_string()),
        (Kind::Integer | Kind::Long | Kind::Float | Kind::Double, Value::Number(number)) => Some(number.to_string()),
        _ => None,
    }
}

fn time(seconds: f64, format: &str) -> Option<String> {
    let duration = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    let time = jiff::Timestamp::from_duration(duration.try_into().ok()?).ok()?;
    match format {
        "iso8601" => Some(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        "rfc822" => Some(time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        _ => Some(seconds.to_string()),
    }
}
