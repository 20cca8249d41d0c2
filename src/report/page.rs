//! Lines for people. What is written has ANSI codes always; the caller strips them where nobody wants them.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

pub(super) use super::escape::{safe, safe_lines};

/// Headings.
pub(super) const BOLD: Style = Style::new().bold();
/// What matters less.
pub(super) const DIM: Style = Style::new().dimmed();
/// What is made, and what is good.
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
/// What is changed, and what waits.
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
/// What is removed, and what failed.
pub(super) const RED: Style = AnsiColor::Red.on_default();

/// A text in a style.
pub(super) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A report that is being written.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    begun: bool,
}

impl<'a> Page<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, begun: false }
    }

    /// One line, indented by so many spaces.
    pub(super) fn line(&mut self, indent: usize, text: impl Display) -> io::Result<()> {
        self.begun = true;
        writeln!(self.out, "{:indent$}{text}", "")
    }

    /// An empty line, but not at the top of the page.
    pub(super) fn gap(&mut self) -> io::Result<()> {
        if self.begun { writeln!(self.out) } else { Ok(()) }
    }

    /// The heading of a section.
    pub(super) fn heading(&mut self, text: &str) -> io::Result<()> {
        self.gap()?;
        self.line(0, paint(BOLD, text))
    }

    /// Two columns, the first as wide as its widest.
    pub(super) fn columns(&mut self, indent: usize, rows: &[(String, String)]) -> io::Result<()> {
        let width = rows.iter().map(|(first, _)| first.chars().count()).max().unwrap_or(0);
        for (first, second) in rows {
            if second.is_empty() {
                self.line(indent, first)?;
            } else {
                self.line(indent, format_args!("{first:width$}  {second}"))?;
            }
        }
        Ok(())
    }
}

/// A number with its noun: `1 account`, `1,204 accounts`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", Grouped(number), if number == 1 { "" } else { "s" })
}

/// A number with a comma between its thousands.
pub(super) struct Grouped(pub(super) usize);

impl Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                f.write_char(',')?;
            }
            f.write_char(digit)?;
        }
        Ok(())
    }
}

/// A text in lines of at most this many characters, broken between words.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_noun_and_their_commas() {
        assert_eq!(count(1, "account"), "1 account");
        assert_eq!(count(0, "account"), "0 accounts");
        assert_eq!(count(1_234_567, "region"), "1,234,567 regions");
        assert_eq!(count(412, "region"), "412 regions");
    }

    #[test]
    fn lines_break_between_words_and_lose_none() {
        assert_eq!(wrapped("one two  three four", 9), ["one two", "three", "four"]);
        assert_eq!(wrapped("unbreakable", 3), ["unbreakable"]);
    }
}
