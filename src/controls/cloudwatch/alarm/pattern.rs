//! Patterns of metric filters, compared by what they mean: blanks, quotes, needless brackets and the order of clauses say
//! nothing.
//!
//! [Of the operators](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html) `&&` binds
//! closer than `||`.

use std::collections::BTreeSet;

/// A pattern over the members of JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pattern {
    /// One comparison, in one way of writing it.
    Clause(String),
    /// Each of these.
    All(BTreeSet<Pattern>),
    /// One of these.
    Any(BTreeSet<Pattern>),
}

impl Pattern {
    /// What a text means; none: it is no pattern over JSON, or none that can be told.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
        let tokens = tokens(inner)?;
        let mut parser = Parser { tokens: &tokens };
        let pattern = parser.any()?;
        parser.tokens.is_empty().then_some(pattern)
    }

    fn joined(parts: Vec<Self>, all: bool) -> Self {
        let mut flat = BTreeSet::new();
        for part in parts {
            match (part, all) {
                (Self::All(inner), true) | (Self::Any(inner), false) => flat.extend(inner),
                (part, _) => drop(flat.insert(part)),
            }
        }
        match (flat.pop_first(), flat.is_empty()) {
            (Some(only), true) => only,
            (first, _) => {
                flat.extend(first);
                if all { Self::All(flat) } else { Self::Any(flat) }
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Operator(String),
    /// A word, or what stood in quotes.
    Text(String),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found = vec![];
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let two = rest.get(..2).unwrap_or_default();
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            _ if two == "&&" => (Token::And, 2),
            _ if two == "||" => (Token::Or, 2),
            _ if ["!=", "<=", ">="].contains(&two) => (Token::Operator(two.to_owned()), 2),
            '=' | '<' | '>' => (Token::Operator(first.to_string()), 1),
            '"' => {
                let inner = &rest[1..];
                let end = inner.find('"')?;
                (Token::Text(inner[..end].to_owned()), end + 2)
            }
            _ => {
                let ends = |sign: char| sign.is_whitespace() || "()=<>!&|\"".contains(sign);
                let end = rest.find(ends).unwrap_or(rest.len());
                (Token::Text(rest.get(..end).filter(|word| !word.is_empty())?.to_owned()), end)
            }
        };
        found.push(token);
        rest = rest[length..].trim_start();
    }
    Some(found)
}

struct Parser<'a> {
    tokens: &'a [Token],
}

impl Parser<'_> {
    fn takes(&mut self, token: &Token) -> bool {
        let is = self.tokens.first() == Some(token);
        if is {
            self.tokens = &self.tokens[1..];
        }
        is
    }

    fn any(&mut self) -> Option<Pattern> {
        let mut parts = vec![self.all()?];
        while self.takes(&Token::Or) {
            parts.push(self.all()?);
        }
        Some(Pattern::joined(parts, false))
    }

    fn all(&mut self) -> Option<Pattern> {
        let mut parts = vec![self.one()?];
        while self.takes(&Token::And) {
            parts.push(self.one()?);
        }
        Some(Pattern::joined(parts, true))
    }

    fn one(&mut self) -> Option<Pattern> {
        if self.takes(&Token::Open) {
            let inner = self.any()?;
            return self.takes(&Token::Close).then_some(inner);
        }
        self.clause()
    }

    /// A member and a comparison: `$.a = b`, or in words, `$.a NOT EXISTS`. A value may have blanks without quotes in
    /// what people write.
    fn clause(&mut self) -> Option<Pattern> {
        let [Token::Text(member), rest @ ..] = self.tokens else { return None };
        self.tokens = rest;
        let operator = match self.tokens {
            [Token::Operator(operator), rest @ ..] => {
                self.tokens = rest;
                operator.as_str()
            }
            _ => "",
        };
        let mut words = vec![];
        while let [Token::Text(word), rest @ ..] = self.tokens {
            words.push(word.as_str());
            self.tokens = rest;
        }
        let said = words.join(" ");
        let said = if operator.is_empty() { said.to_ascii_uppercase() } else { said };
        (!said.is_empty()).then(|| Pattern::Clause(format!("{member} {operator} {said}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(one: &str, other: &str) -> bool {
        let one = Pattern::parse(one).unwrap_or_else(|| panic!("{one} is a pattern"));
        Some(one) == Pattern::parse(other)
    }

    #[test]
    fn blanks_quotes_brackets_and_order_say_nothing() {
        let known = r#"{ ($.eventName = "A") || ($.eventName = "B") }"#;
        for other in ["{$.eventName=B||$.eventName=A}", r#"{(($.eventName = A) || (($.eventName = "B")))}"#] {
            assert!(same(known, other), "{other}");
        }
        assert!(same("{ $.a = 1 && ($.b = 2 && $.c = 3) }", "{ ($.c = 3) && ($.a = 1) && ($.b = 2) }"));
        assert!(same("{ $.a not exists }", "{($.a NOT EXISTS)}"));
    }

    #[test]
    fn what_is_asked_otherwise_is_another_pattern() {
        let known = "{ ($.eventSource = iam.amazonaws.com) && (($.eventName = A) || ($.eventName = B)) }";
        for other in [
            "{ ($.eventSource = iam.amazonaws.com) && (($.eventName = A)) }",
            "{ ($.eventName = A) || ($.eventName = B) }",
            "{ ($.eventSource = iam.amazonaws.com) || (($.eventName = A) || ($.eventName = B)) }",
            "{ ($.eventSource != iam.amazonaws.com) && (($.eventName = A) || ($.eventName = B)) }",
            "{ ($.eventSource = IAM.amazonaws.com) && (($.eventName = A) || ($.eventName = B)) }",
        ] {
            assert!(!same(known, other), "{other}");
        }
    }

    #[test]
    fn and_binds_closer_than_or() {
        assert!(same("{ $.a = 1 || $.b = 2 && $.c = 3 }", "{ $.a = 1 || ($.b = 2 && $.c = 3) }"));
        assert!(!same("{ $.a = 1 || $.b = 2 && $.c = 3 }", "{ ($.a = 1 || $.b = 2) && $.c = 3 }"));
    }

    #[test]
    fn what_is_no_pattern_over_json_means_nothing() {
        let no = ["", "ERROR", "{ }", "{ $.a = }", "{ $.a = 1", "{ ($.a = 1 }", "{ $.a = 1 && }", "[a, b]", "{ ! }"];
        for text in no {
            assert_eq!(Pattern::parse(text), None, "{text}");
        }
    }
}
