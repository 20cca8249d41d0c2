//! Conditions: operators over the keys of a request.

use super::context::Context;
use super::pattern::Pattern;
use std::net::IpAddr;

/// One line of a statement's `Condition`.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    operator: Operator,
    key: String,
    wanted: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Operator {
    test: Test,
    negated: bool,
    if_exists: bool,
    over: Option<Over>,
}

/// How a key with several values is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Over {
    All,
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Test {
    Text,
    TextIgnoreCase,
    TextLike,
    Arn,
    Bool,
    Binary,
    Null,
    Address,
    Number(Order),
    Date(Order),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    /// Reads one operator, key and values. An operator that is not AWS's is an error, never a condition that holds.
    pub(crate) fn parse(operator: &str, key: &str, wanted: Vec<String>) -> Result<Self, String> {
        Ok(Self { operator: Operator::parse(operator)?, key: key.to_owned(), wanted })
    }

    /// The key this condition looks at.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The values it compares with.
    pub(crate) fn wanted(&self) -> &[String] {
        &self.wanted
    }

    /// Whether the operator asks for equality with one of the values, so that the key is pinned by them.
    pub(crate) fn pins(&self) -> bool {
        !self.operator.negated
            && !self.operator.if_exists
            && self.operator.over != Some(Over::All)
            && !matches!(self.operator.test, Test::Null)
    }

    /// Whether it holds. `variables` says whether `${…}` is a variable in this document's version.
    pub(crate) fn holds(&self, context: &Context, variables: bool) -> bool {
        let operator = self.operator;
        let present = context.values(&self.key).filter(|values| !values.is_empty());
        if operator.test == Test::Null {
            let absent = present.is_none();
            return self.wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case("true") == absent);
        }
        let Some(values) = present else {
            // A key that is not there satisfies what is negated, `IfExists` and `ForAllValues`.
            return operator.if_exists
                || operator.over == Some(Over::All)
                || (operator.negated && operator.over.is_none());
        };
        let one = |value: &String| {
            let found = self.wanted.iter().any(|wanted| operator.test.matches(wanted, value, context, variables));
            found != operator.negated
        };
        match operator.over {
            Some(Over::All) => values.iter().all(one),
            None if operator.negated => values.iter().all(one),
            Some(Over::Any) | None => values.iter().any(one),
        }
    }
}

impl Operator {
    fn parse(typed: &str) -> Result<Self, String> {
        let (over, rest) = match typed.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Over::All), rest),
            Some(("ForAnyValue", rest)) => (Some(Over::Any), rest),
            Some(_) => return Err(format!("Invalid Condition type : {typed}.")),
            None => (None, typed),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (test, negated) = Test::named(name).ok_or_else(|| format!("Invalid Condition type : {typed}."))?;
        if test == Test::Null && (if_exists || over.is_some()) {
            return Err(format!("Invalid Condition type : {typed}."));
        }
        Ok(Self { test, negated, if_exists, over })
    }
}

impl Test {
    fn named(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "StringEquals" => (Self::Text, false),
            "StringNotEquals" => (Self::Text, true),
            "StringEqualsIgnoreCase" => (Self::TextIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Self::TextIgnoreCase, true),
            "StringLike" => (Self::TextLike, false),
            "StringNotLike" => (Self::TextLike, true),
            "ArnEquals" | "ArnLike" => (Self::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Self::Arn, true),
            "Bool" => (Self::Bool, false),
            "BinaryEquals" => (Self::Binary, false),
            "Null" => (Self::Null, false),
            "IpAddress" => (Self::Address, false),
            "NotIpAddress" => (Self::Address, true),
            "NumericEquals" => (Self::Number(Order::Equal), false),
            "NumericNotEquals" => (Self::Number(Order::Equal), true),
            "DateEquals" => (Self::Date(Order::Equal), false),
            "DateNotEquals" => (Self::Date(Order::Equal), true),
            _ => match (name.strip_prefix("Numeric"), name.strip_prefix("Date")) {
                (Some(order), _) => (Self::Number(Order::named(order)?), false),
                (_, Some(order)) => (Self::Date(Order::named(order)?), false),
                _ => return None,
            },
        })
    }

    fn matches(self, wanted: &str, value: &str, context: &Context, variables: bool) -> bool {
        let pattern = |text: &str| if variables { Pattern::filled(text, context) } else { Some(Pattern::plain(text)) };
        match self {
            Self::Text => literal(wanted, context, variables).is_some_and(|wanted| wanted == value),
            Self::TextIgnoreCase => {
                literal(wanted, context, variables).is_some_and(|wanted| wanted.to_lowercase() == value.to_lowercase())
            }
            Self::TextLike => pattern(wanted).is_some_and(|pattern| pattern.matches(value)),
            Self::Arn => arn_matches(wanted, value, &pattern),
            Self::Bool => wanted.eq_ignore_ascii_case(value),
            Self::Binary => wanted == value,
            Self::Null => false,
            Self::Address => address_matches(wanted, value),
            Self::Number(order) => {
                matches!((wanted.parse::<f64>(), value.parse::<f64>()), (Ok(wanted), Ok(value)) if order.holds(&value, &wanted))
            }
            Self::Date(order) => {
                matches!((moment(wanted), moment(value)), (Some(wanted), Some(value)) if order.holds(&value, &wanted))
            }
        }
    }
}

impl Order {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "LessThan" => Self::Less,
            "LessThanEquals" => Self::LessOrEqual,
            "GreaterThan" => Self::Greater,
            "GreaterThanEquals" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn holds<T: PartialOrd>(self, value: &T, wanted: &T) -> bool {
        match self {
            Self::Equal => value == wanted,
            Self::Less => value < wanted,
            Self::LessOrEqual => value <= wanted,
            Self::Greater => value > wanted,
            Self::GreaterOrEqual => value >= wanted,
        }
    }
}

/// A wanted text in which a star is a star, with its variables filled in.
fn literal(wanted: &str, context: &Context, variables: bool) -> Option<String> {
    if !variables || !wanted.contains("${") {
        return Some(wanted.to_owned());
    }
    let (before, rest) = wanted.split_once("${")?;
    let (name, after) = rest.split_once('}')?;
    let value = match (name, context.values(name)) {
        ("*" | "?" | "$", _) => name.to_owned(),
        (_, Some([value])) => value.clone(),
        _ => return None,
    };
    Some(format!("{before}{value}{}", literal(after, context, variables)?))
}

/// Each of the six parts of an ARN is matched by itself, so that a star does not reach over a colon.
fn arn_matches(wanted: &str, value: &str, pattern: &dyn Fn(&str) -> Option<Pattern>) -> bool {
    let (wanted, value): (Vec<&str>, Vec<&str>) = (wanted.splitn(6, ':').collect(), value.splitn(6, ':').collect());
    if wanted.len() == 1 && wanted[0] == "*" {
        return value.len() == 6;
    }
    wanted.len() == value.len()
        && wanted.iter().zip(&value).all(|(wanted, value)| pattern(wanted).is_some_and(|part| part.matches(value)))
}

fn address_matches(range: &str, address: &str) -> bool {
    let (network, bits) = range.split_once('/').map_or((range, None), |(network, bits)| (network, Some(bits)));
    let width =
        |bits: Option<&str>, most: u32| bits.map_or(Some(most), |bits| bits.parse().ok().filter(|b| *b <= most));
    match (network.parse(), address.parse()) {
        (Ok(IpAddr::V4(network)), Ok(IpAddr::V4(address))) => width(bits, 32)
            .is_some_and(|bits| (u32::from(network) ^ u32::from(address)).checked_shr(32 - bits).unwrap_or(0) == 0),
        (Ok(IpAddr::V6(network)), Ok(IpAddr::V6(address))) => width(bits, 128)
            .is_some_and(|bits| (u128::from(network) ^ u128::from(address)).checked_shr(128 - bits).unwrap_or(0) == 0),
        _ => false,
    }
}

/// Seconds since the epoch, from ISO 8601 or from such a number.
fn moment(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().or_else(|| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(operator: &str, wanted: &[&str], values: Option<&[&str]>) -> bool {
        let mut context = Context::default().with("aws:PrincipalAccount", "111122223333");
        if let Some(values) = values {
            context.set_all("k", values.iter().map(|value| (*value).to_owned()).collect());
        }
        let wanted = wanted.iter().map(|text| (*text).to_owned()).collect();
        Condition::parse(operator, "k", wanted).unwrap().holds(&context, true)
    }

    #[test]
    fn every_operator_judges_as_documented() {
        for (operator, wanted, value, expected) in [
            ("StringEquals", "a", "a", true),
            ("StringEquals", "a*", "abc", false),
            ("StringEqualsIgnoreCase", "A", "a", true),
            ("StringNotEquals", "a", "b", true),
            ("StringLike", "a*", "abc", true),
            ("StringNotLike", "a*", "abc", false),
            ("StringEquals", "${aws:PrincipalAccount}", "111122223333", true),
            ("ArnLike", "arn:aws:iam::*:role/a*", "arn:aws:iam::1:role/abc", true),
            ("ArnLike", "arn:aws:iam:*", "arn:aws:iam::1:role/abc", false),
            ("ArnEquals", "arn:aws:cloudtrail:*:1:trail/*", "arn:aws:cloudtrail:eu-west-1:1:trail/t", true),
            ("ArnNotLike", "arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b", true),
            ("Bool", "true", "True", true),
            ("NumericLessThan", "10", "9", true),
            ("NumericGreaterThanEquals", "10", "9", false),
            ("DateLessThan", "2030-01-01T00:00:00Z", "2026-01-01T00:00:00Z", true),
            ("DateGreaterThan", "2030-01-01T00:00:00Z", "1767225600", false),
            ("IpAddress", "10.0.0.0/8", "10.1.2.3", true),
            ("NotIpAddress", "10.0.0.0/8", "11.1.2.3", true),
            ("IpAddress", "0.0.0.0/0", "1.2.3.4", true),
        ] {
            assert_eq!(holds(operator, &[wanted], Some(&[value])), expected, "{operator} {wanted} {value}");
        }
    }

    #[test]
    fn an_absent_key_fails_what_asks_and_satisfies_what_is_negated_or_optional() {
        assert!(!holds("StringEquals", &["a"], None));
        assert!(holds("StringNotEquals", &["a"], None));
        assert!(holds("StringEqualsIfExists", &["a"], None));
        assert!(holds("ForAllValues:StringEquals", &["a"], None));
        assert!(!holds("ForAnyValue:StringEquals", &["a"], None));
        assert!(!holds("ForAnyValue:StringNotEquals", &["a"], None));
        assert!(holds("Null", &["true"], None));
        assert!(!holds("Null", &["false"], None));
        assert!(holds("Null", &["false"], Some(&["a"])));
    }

    #[test]
    fn several_values_are_judged_by_all_or_by_any() {
        assert!(holds("ForAllValues:StringEquals", &["a", "b"], Some(&["a", "b"])));
        assert!(!holds("ForAllValues:StringEquals", &["a"], Some(&["a", "b"])));
        assert!(holds("ForAnyValue:StringEquals", &["a"], Some(&["a", "b"])));
        assert!(!holds("ForAllValues:StringNotEquals", &["a"], Some(&["a", "b"])));
    }

    #[test]
    fn an_unknown_operator_is_an_error() {
        for operator in ["StringMatches", "ForSomeValues:StringEquals", "NullIfExists", "Numeric", "stringequals"] {
            assert!(Condition::parse(operator, "k", vec![]).is_err(), "{operator}");
        }
    }
}
