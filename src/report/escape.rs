//! Texts of AWS, of people and of files, made fit for a terminal or a file: the one place where that is done.
//!
//! Whoever may name an account, a unit, a tag or a key may put anything into the name: what steers a terminal, what
//! turns the direction of a line, a line break with a sentence of ours behind it, or ten thousand letters.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Longer texts are cut: no name that AWS takes is longer, and few of its messages.
const LONGEST: usize = 1000;

/// A text on one line, without anything that steers, and not without end.
#[must_use]
pub fn safe(text: &str) -> Cow<'_, str> {
    escaped(text.trim())
}

/// The lines of a text, each as [`safe`] makes it, but with its indentation.
pub fn safe_lines(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.split('\n').map(|line| escaped(line.trim_end()))
}

/// JSON that means the same and has nothing that steers. JSON itself escapes only what is below the space.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte < 0x7f) {
        return Cow::Borrowed(text);
    }
    // Outside of strings JSON is plain ASCII, so what is escaped stands in a string.
    let escapes = |one: char| steers(one) && !one.is_ascii_control() || one == '\u{7f}';
    if !text.chars().any(escapes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for one in text.chars() {
        if escapes(one) {
            // A string takes everything.
            one.encode_utf16(&mut [0; 2]).iter().for_each(|unit| write!(out, "\\u{unit:04x}").unwrap_or_default());
        } else {
            out.push(one);
        }
    }
    Cow::Owned(out)
}

fn escaped(text: &str) -> Cow<'_, str> {
    // Most texts are so, and thousands of them are in every report.
    if text.len() <= LONGEST && text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let end = text.char_indices().nth(LONGEST).map(|(end, _)| end);
    if end.is_none() && !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(4 * LONGEST) + 8);
    for one in text[..end.unwrap_or(text.len())].chars() {
        match one {
            one if steers(one) => write!(out, "{}", one.escape_default()).unwrap_or_default(),
            one => out.push(one),
        }
    }
    if end.is_some() {
        out.push('…');
    }
    Cow::Owned(out)
}

/// Control characters, and those that turn the direction of a line, break it, or cannot be seen.
fn steers(one: char) -> bool {
    one.is_control()
        || matches!(one, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(one, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_other_scripts_are_kept() {
        assert_eq!(safe("\u{1b}]0;owned\u{7}\u{9b}2J"), r"\u{1b}]0;owned\u{7}\u{9b}2J");
        assert_eq!(safe(" first\r\nsecond \u{202e}"), r"first\r\nsecond \u{202e}");
        assert_eq!(safe("so\u{ad}ft \u{2066}turned\u{2069}\t\u{7f}"), r"so\u{ad}ft \u{2066}turned\u{2069}\t\u{7f}");
        assert_eq!(safe("東京 Zürich"), "東京 Zürich");
    }

    #[test]
    fn a_text_without_end_is_cut() {
        let long = safe(&"ü\u{1b}".repeat(5000)).into_owned();
        assert_eq!(long, format!("{}…", r"ü\u{1b}".repeat(500)));
        let whole = "a".repeat(LONGEST);
        assert_eq!(safe(&whole), whole);
    }

    #[test]
    fn lines_keep_their_indentation_and_nothing_that_steers() {
        let lines: Vec<_> = safe_lines("one\n  two\u{1b}[2J\r\n\nthree").collect();
        assert_eq!(lines, ["one", r"  two\u{1b}[2J", "", "three"]);
    }

    #[test]
    fn json_means_the_same_without_what_steers() {
        let value = serde_json::json!({"\u{202e}a": ["\u{1b}[2J", "\u{9b}\u{7f}\u{e0041}", "東京\n\"\\"]});
        let plain = format!("{value:#}");
        let text = json(&plain);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
        assert!(text.chars().all(|one| one == '\n' || !steers(one)), "{text}");
        assert!(text.contains("東京"), "{text}");
        assert_eq!(json("{\n  \"a\": 1\n}"), "{\n  \"a\": 1\n}");
    }
}
