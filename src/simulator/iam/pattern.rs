//! Patterns of policies: wildcards, and the variables inside them.

use super::context::Context;

/// One piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece {
    Literal(char),
    One,
    Many,
}

/// A pattern ready to be matched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pattern(Vec<Piece>);

impl Pattern {
    /// Reads wildcards only: how actions are written, and every pattern of a document without variables.
    pub(crate) fn plain(text: &str) -> Self {
        Self(text.chars().map(piece).collect())
    }

    /// Reads wildcards and fills in variables. What a variable holds is literal, also a star in it. None if a
    /// variable has no value: AWS then lets the statement match nothing.
    pub(crate) fn filled(text: &str, context: &Context) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            pieces.extend(rest[..start].chars().map(piece));
            let end = rest[start..].find('}')? + start;
            let name = &rest[start + 2..end];
            let value = match name {
                "*" | "?" | "$" => name.to_owned(),
                _ => variable(name, context)?,
            };
            pieces.extend(value.chars().map(Piece::Literal));
            rest = &rest[end + 1..];
        }
        pieces.extend(rest.chars().map(piece));
        Some(Self(pieces))
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let pieces = &self.0;
        let (mut at, mut here, mut star, mut resume) = (0, 0, None, 0);
        // The usual greedy walk: on a mismatch the last star swallows one character more.
        while at < text.len() {
            match pieces.get(here) {
                Some(Piece::Many) => {
                    star = Some(here);
                    resume = at;
                    here += 1;
                }
                Some(Piece::One) => {
                    here += 1;
                    at += 1;
                }
                Some(Piece::Literal(wanted)) if *wanted == text[at] => {
                    here += 1;
                    at += 1;
                }
                _ => match star {
                    Some(position) => {
                        here = position + 1;
                        resume += 1;
                        at = resume;
                    }
                    None => return false,
                },
            }
        }
        pieces[here..].iter().all(|piece| *piece == Piece::Many)
    }
}

/// Whether an action's name matches a pattern; neither cares about case.
pub(crate) fn action_matches(pattern: &str, action: &str) -> bool {
    Pattern::plain(&pattern.to_lowercase()).matches(&action.to_lowercase())
}

fn piece(letter: char) -> Piece {
    match letter {
        '*' => Piece::Many,
        '?' => Piece::One,
        other => Piece::Literal(other),
    }
}

/// The value of a variable, or its default: `${aws:username, 'nobody'}`.
fn variable(name: &str, context: &Context) -> Option<String> {
    let (key, default) = match name.split_once(',') {
        Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\'').to_owned())),
        None => (name.trim(), None),
    };
    match context.values(key) {
        Some([value]) => Some(value.clone()),
        _ => default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_policies() {
        for (pattern, text, matches) in [
            ("*", "", true),
            ("arn:aws:s3:::a*", "arn:aws:s3:::abc", true),
            ("arn:aws:s3:::a*c", "arn:aws:s3:::abcd", false),
            ("a*b*c", "aXbYbZc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("abc", "ABC", false),
        ] {
            assert_eq!(Pattern::plain(pattern).matches(text), matches, "{pattern} {text}");
        }
    }

    #[test]
    fn actions_do_not_care_about_case() {
        assert!(action_matches("S3:get*", "s3:GetBucketPolicy"));
        assert!(!action_matches("s3:Get*", "s3:PutBucketPolicy"));
    }

    #[test]
    fn a_star_in_a_variables_value_is_a_letter() {
        let context = Context::default().with("aws:username", "a*");
        let pattern = Pattern::filled("home/${aws:username}/*", &context).unwrap();
        assert!(pattern.matches("home/a*/x"));
        assert!(!pattern.matches("home/abc/x"));
    }

    #[test]
    fn a_variable_without_a_value_matches_nothing_unless_it_has_a_default() {
        let context = Context::default();
        assert_eq!(Pattern::filled("x/${aws:username}", &context), None);
        assert!(Pattern::filled("x/${aws:username, 'nobody'}", &context).unwrap().matches("x/nobody"));
        assert!(Pattern::filled("x/${*}", &context).unwrap().matches("x/*"));
    }
}
