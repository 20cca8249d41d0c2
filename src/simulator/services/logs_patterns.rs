//! Whether a filter pattern is one: of plain terms, of fields between blanks, or of the members of JSON.
//!
//! Patterns are checked for their grammar alone; no event is ever matched.

use std::fmt::Write as _;

/// Regular expressions that one pattern may have.
const EXPRESSIONS: usize = 2;

/// How many regular expressions a pattern has.
///
/// # Errors
/// It is no pattern; why.
pub(super) fn check(pattern: &str) -> Result<usize, String> {
    let text = pattern.trim();
    let expressions = match text.chars().next() {
        None => 0,
        Some('{') => Json::of(text)?,
        Some('[') => fields(text)?,
        Some(_) => terms(text)?,
    };
    if expressions > EXPRESSIONS {
        return Err(format!("it has more than {EXPRESSIONS} regular expressions"));
    }
    Ok(expressions)
}

/// What may stand in a regular expression.
fn expression(text: &str) -> Result<(), String> {
    let strange = text.chars().find(|sign| !sign.is_ascii_alphanumeric() && !":_#=@/;,-^$?[]{}|\\*+. ".contains(*sign));
    strange.map_or(Ok(()), |sign| Err(format!("{sign} is not supported in a regular expression")))
}

/// Takes what stands between two of the same mark, behind which a backslash keeps the mark.
fn between(text: &str, mark: char) -> Result<(&str, &str), String> {
    let inner = &text[mark.len_utf8()..];
    let mut kept = false;
    for (at, sign) in inner.char_indices() {
        match sign {
            '\\' if !kept => kept = true,
            sign if sign == mark && !kept => return Ok((&inner[..at], &inner[at + mark.len_utf8()..])),
            _ => kept = false,
        }
    }
    Err(format!("a {mark} is not closed"))
}

/// Terms that stand alone: each may be optional or excluded, and what is no word stands in quotes.
fn terms(text: &str) -> Result<usize, String> {
    let (mut rest, mut expressions) = (text, 0);
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => rest = between(rest, '"')?.1,
            '%' => {
                let (inner, after) = between(rest, '%')?;
                expression(inner)?;
                expressions += 1;
                rest = after;
            }
            _ => rest = &rest[first.len_utf8()..],
        }
    }
    Ok(expressions)
}

/// Fields between blanks, each with a name and conditions.
fn fields(text: &str) -> Result<usize, String> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).ok_or("its bracket is not closed")?;
    let expressions = terms(inner)?;
    if inner.split(',').any(|field| field.trim().is_empty()) {
        return Err("a field has no name".to_owned());
    }
    Ok(expressions)
}

/// A pattern of the members of JSON: conditions, joined by `&&` and `||`.
struct Json<'a> {
    rest: &'a str,
    expressions: usize,
}

impl<'a> Json<'a> {
    fn of(text: &'a str) -> Result<usize, String> {
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).ok_or("its brace is not closed")?;
        let mut json = Self { rest: inner, expressions: 0 };
        json.conditions()?;
        json.blanks();
        if json.rest.is_empty() { Ok(json.expressions) } else { Err(json.unexpected()) }
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest.get(..token.len()).is_some_and(|start| start.eq_ignore_ascii_case(token));
        if found {
            self.rest = &self.rest[token.len()..];
        }
        found
    }

    fn unexpected(&self) -> String {
        let mut why = "unexpected ".to_owned();
        let _ = match self.rest.chars().next() {
            None => write!(why, "end"),
            Some(sign) => write!(why, "symbol {sign} at {} signs from the end", self.rest.chars().count()),
        };
        why
    }

    fn conditions(&mut self) -> Result<(), String> {
        self.condition()?;
        while self.takes("&&") || self.takes("||") {
            self.condition()?;
        }
        Ok(())
    }

    fn condition(&mut self) -> Result<(), String> {
        if self.takes("(") {
            self.conditions()?;
            return if self.takes(")") { Ok(()) } else { Err(self.unexpected()) };
        }
        self.member()?;
        if self.takes("NOT EXISTS") || self.takes("EXISTS") {
            return Ok(());
        }
        if self.takes("IS") {
            let known = self.takes("TRUE") || self.takes("FALSE") || self.takes("NULL");
            return if known { Ok(()) } else { Err(self.unexpected()) };
        }
        let equates = self.takes("!=") || self.takes("=");
        let compares = !equates && (self.takes("<=") || self.takes(">=") || self.takes("<") || self.takes(">"));
        if !equates && !compares {
            return Err(self.unexpected());
        }
        self.value(compares)
    }

    /// A member by its path, such as `$.requestParameters.items[0].name`.
    fn member(&mut self) -> Result<(), String> {
        if !self.takes("$") {
            return Err(self.unexpected());
        }
        let mut steps = 0;
        loop {
            match self.rest.chars().next() {
                Some('.') => {
                    let after =
                        self.rest[1..].trim_start_matches(|sign: char| sign.is_alphanumeric() || "_-".contains(sign));
                    if after.len() == self.rest.len() - 1 {
                        return Err(self.unexpected());
                    }
                    self.rest = after;
                }
                Some('[') => {
                    let (inside, after) = self.rest[1..].split_once(']').ok_or("a bracket is not closed")?;
                    if inside != "*" && inside.parse::<u32>().is_err() && !inside.starts_with('"') {
                        return Err(self.unexpected());
                    }
                    self.rest = after;
                }
                _ if steps > 0 => return Ok(()),
                _ => return Err(self.unexpected()),
            }
            steps += 1;
        }
    }

    /// What a member is compared with; `<` and `>` take numbers alone.
    fn value(&mut self, number: bool) -> Result<(), String> {
        self.blanks();
        match self.rest.chars().next() {
            Some('"') if !number => self.rest = between(self.rest, '"')?.1,
            Some('%') if !number => {
                let (inner, after) = between(self.rest, '%')?;
                expression(inner)?;
                self.expressions += 1;
                self.rest = after;
            }
            _ => {
                let plain = |sign: char| sign.is_ascii_alphanumeric() || "_*.:/+-".contains(sign);
                let after = self.rest.trim_start_matches(plain);
                let word = &self.rest[..self.rest.len() - after.len()];
                if word.is_empty() || number && word.parse::<f64>().is_err() {
                    return Err(self.unexpected());
                }
                self.rest = after;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_aws_documents_are_patterns() {
        for pattern in [
            "",
            "ERROR",
            "?ERROR ?WARN -\"in vain\"",
            "%AUTHORIZED%",
            "[ip, user, ..., status_code = 4*, bytes]",
            "{ $.eventType = \"UpdateTrail\" }",
            "{ $.arrayKey[0] = \"value\" && $.objectList[1].id = 2 }",
            "{ $.latency > 1.5e3 || $.latency <= -1 }",
            "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !=\"AwsServiceEvent\" }",
            "{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }",
            "{ $.booleanKey IS TRUE && $.nothing IS NULL }",
            "{ $.eventType = %Trail% }",
            "{ $.sourceIPAddress != 123.123.* }",
        ] {
            check(pattern).unwrap_or_else(|why| panic!("{pattern}: {why}"));
        }
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        for (pattern, why) in [
            ("{ $.eventName = CreateTrail", "brace"),
            ("{ }", "end"),
            ("{ eventName = CreateTrail }", "symbol e"),
            ("{ $.eventName = }", "end"),
            ("{ $.eventName == CreateTrail }", "symbol ="),
            ("{ ($.eventName = CreateTrail }", "end"),
            ("{ $.eventName = CreateTrail || }", "end"),
            ("{ $.eventName = @me }", "symbol @"),
            ("{ $.size > \"large\" }", "symbol \""),
            ("{ $.eventName = \"CreateTrail }", "not closed"),
            ("{ $. = 1 }", "symbol ."),
            ("{ $.a = %1% && $.b = %2% && $.c = %3% }", "more than 2"),
            ("%(a)%", "( is not supported"),
            ("\"unending", "not closed"),
            ("[a, , c]", "no name"),
        ] {
            let said = check(pattern).expect_err(pattern);
            assert!(said.contains(why), "{pattern}: {said}");
        }
    }
}
