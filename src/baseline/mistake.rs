//! What is wrong with a baseline file, and how a person sees it: the line, a caret, the nearest right name.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::failure::{Failure, Kind};

/// More mistakes than these are counted, not shown: a person mends the first ones and looks again.
const SHOWN_AT_MOST: usize = 100;

/// One file of a baseline: its text, kept to show the lines that are wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// Its place in the order in which files were opened.
    pub(super) order: usize,
    /// As a person names it: a path, or the name of a shipped baseline.
    pub(super) name: String,
    /// The whole text.
    pub(super) text: String,
}

/// A place in a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    pub(super) source: Arc<Source>,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}..{}", self.source.name, self.start, self.end)
    }
}

impl Span {
    /// A range of bytes of the source, cut to what is there and to whole characters.
    pub(super) fn new(source: &Arc<Source>, range: Range<usize>) -> Self {
        let start = source.text.floor_char_boundary(range.start);
        let end = source.text.floor_char_boundary(range.end).max(start);
        Self { source: Arc::clone(source), start, end }
    }

    /// The name of the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.source.name
    }

    /// The number of the line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.source.text[..self.start].matches('\n').count() + 1
    }

    /// The text that stands there.
    pub(super) fn text(&self) -> &str {
        &self.source.text[self.start..self.end]
    }

    /// The same place up to the end of its first line, so that a caret does not underline a page.
    pub(super) fn head(&self) -> Self {
        let first = self.text().lines().next().unwrap_or_default().trim_end();
        Self { end: self.start + first.len(), ..self.clone() }
    }

    fn order(&self) -> (usize, usize, usize) {
        (self.source.order, self.start, self.end)
    }
}

/// Whether a finding refuses the baseline, or is only told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The baseline is refused.
    Error,
    /// The baseline holds; a person should look.
    Warning,
}

/// Something wrong, or worth a look, at one place of a baseline file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where it is.
    pub span: Span,
    /// What is wrong, in a line.
    pub message: String,
    /// What to write instead; shown beside the caret.
    pub suggestion: Option<String>,
    /// Another place that belongs to it, and what is there.
    pub also: Option<Box<(Span, String)>>,
    /// More to know, a line each.
    pub notes: Vec<String>,
}

impl Mistake {
    /// A mistake at this place.
    pub(super) fn at(span: &Span, message: impl Into<String>) -> Self {
        Self { span: span.head(), message: message.into(), suggestion: None, also: None, notes: vec![] }
    }

    /// Adds what to write instead.
    pub(super) fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    /// Adds the nearest right name, if one is near; else, if they are few, the names there are.
    pub(super) fn nearest_of<'a>(self, word: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        if word == "<<" {
            return self
                .note("YAML 1.2 has no merge keys: `extends` puts files together, an alias repeats a whole value");
        }
        let names: Vec<&str> = names.into_iter().collect();
        match nearest(word, names.iter().copied()) {
            Some(name) => self.suggest(format!("did you mean `{name}`?")),
            None if names.is_empty() || names.len() > 12 => self,
            None => self.note(format!("known are {}", listed(&names))),
        }
    }

    /// Adds a line to know.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds another place that belongs to it.
    pub(super) fn also(mut self, span: &Span, what: impl Into<String>) -> Self {
        self.also = Some(Box::new((span.head(), what.into())));
        self
    }

    /// The mistake as a person sees it, without colour: file, line, column, the line and a caret.
    #[must_use]
    pub fn render(&self, tone: Tone) -> String {
        let level = match tone {
            Tone::Error => Level::ERROR,
            Tone::Warning => Level::WARNING,
        };
        let also = self.also.as_deref();
        let here = also.filter(|(span, _)| Arc::ptr_eq(&span.source, &self.span.source));
        let elsewhere = also.filter(|(span, _)| !Arc::ptr_eq(&span.source, &self.span.source));
        let excerpt = Excerpt::of(&self.span, here.map(|(span, _)| span));
        let mut snippet = excerpt
            .snippet()
            .annotation(AnnotationKind::Primary.span(excerpt.range(&self.span)).label(self.suggestion.as_deref()));
        if let Some((span, what)) = here {
            snippet = snippet.annotation(AnnotationKind::Context.span(excerpt.range(span)).label(what.as_str()));
        }
        let there = elsewhere.map(|(span, what)| (Excerpt::of(span, None), span, what));
        let mut group = level.primary_title(&self.message).element(snippet);
        if let Some((excerpt, span, what)) = &there {
            let mark = AnnotationKind::Context.span(excerpt.range(span)).label(what.as_str());
            group = group.element(excerpt.snippet().annotation(mark));
        }
        let group = group.elements(self.notes.iter().map(|note| Level::NOTE.message(note)));
        Renderer::plain().render(&[group])
    }
}

/// The lines of a file that a mistake shows. Cut out, so that a large file is not walked for each of its mistakes.
struct Excerpt<'a> {
    name: &'a str,
    text: &'a str,
    starts: usize,
    line: usize,
}

impl<'a> Excerpt<'a> {
    fn of(span: &'a Span, also: Option<&Span>) -> Self {
        let text = &span.source.text;
        let from = also.map_or(span.start, |other| span.start.min(other.start));
        let to = also.map_or(span.end, |other| span.end.max(other.end));
        let starts = text[..from].rfind('\n').map_or(0, |at| at + 1);
        let ends = text[to..].find('\n').map_or(text.len(), |at| to + at);
        let line = text[..starts].matches('\n').count() + 1;
        Self { name: &span.source.name, text: &text[starts..ends], starts, line }
    }

    fn range(&self, span: &Span) -> Range<usize> {
        span.start - self.starts..span.end - self.starts
    }

    fn snippet<T: Clone>(&self) -> Snippet<'a, T> {
        Snippet::source(self.text).path(self.name).line_start(self.line)
    }
}

/// Puts mistakes in file order and drops what is said twice: a value behind an alias is checked wherever it is used.
pub(super) fn in_file_order(mistakes: &mut Vec<Mistake>) {
    mistakes.sort_by(|a, b| a.span.order().cmp(&b.span.order()).then_with(|| a.message.cmp(&b.message)));
    mistakes.dedup();
}

/// One failure that shows all mistakes, in file order.
#[must_use]
pub fn refuse(mut mistakes: Vec<Mistake>) -> Failure {
    in_file_order(&mut mistakes);
    let count = mistakes.len();
    let mut text = match count {
        1 => "the baseline has a mistake\n".to_owned(),
        _ => format!("the baseline has {count} mistakes\n"),
    };
    for mistake in mistakes.iter().take(SHOWN_AT_MOST) {
        text.push('\n');
        text.push_str(mistake.render(Tone::Error).trim_end());
        text.push('\n');
    }
    if count > SHOWN_AT_MOST {
        // Writing to a string cannot fail.
        let _ = write!(text, "\nand {} more", count - SHOWN_AT_MOST);
    }
    Failure::lines(Kind::Usage, text.trim_end())
}

/// The name that was meant, if one is near enough.
#[must_use]
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // The comparison costs the product of the lengths; nobody mistypes a word of that size.
    if word.len() > 128 {
        return None;
    }
    let word = word.to_lowercase();
    names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&word, &name.to_lowercase()), name))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// Names in a row, each in backticks.
pub(super) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A value as a message shows it: short, on one line.
pub(super) fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(60).collect();
    if cut.len() < text.trim_end().len() { format!("{cut}…") } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not_offered() {
        let names = ["log_file_validation", "logging", "kms_key", "multi_region"];
        assert_eq!(nearest("log_validation", names), Some("log_file_validation"));
        assert_eq!(nearest("kms", names), Some("kms_key"));
        assert_eq!(nearest("colour", names), None);
    }

    #[test]
    fn a_long_value_is_shown_short() {
        assert_eq!(shown("one\ntwo"), "one…");
        assert_eq!(shown("one"), "one");
        assert_eq!(shown(&"a".repeat(70)), format!("{}…", "a".repeat(60)));
    }
}
