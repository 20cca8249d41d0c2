//! Finds a baseline and what it extends: shipped ones by name, others by path relative to who names them.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ControlShape;
use super::mistake::{Mistake, Source, nearest};
use super::node::{self, LARGEST};
use super::parse::{Parser, Typed};
use crate::failure::Failure;

/// The baselines inside the binary: name and text. The first is the default.
pub const SHIPPED: [(&str, &str); 9] = [
    ("foundation", include_str!("../../baselines/foundation.yaml")),
    ("cis-aws-v3.0-level-1", include_str!("../../baselines/cis-aws-v3.0-level-1.yaml")),
    ("cis-aws-v3.0", include_str!("../../baselines/cis-aws-v3.0.yaml")),
    ("cis-aws-v5.0-level-1", include_str!("../../baselines/cis-aws-v5.0-level-1.yaml")),
    ("cis-aws-v5.0", include_str!("../../baselines/cis-aws-v5.0.yaml")),
    ("cis-aws-v6.0-level-1", include_str!("../../baselines/cis-aws-v6.0-level-1.yaml")),
    ("cis-aws-v6.0", include_str!("../../baselines/cis-aws-v6.0.yaml")),
    ("cis-aws-v7.0-level-1", include_str!("../../baselines/cis-aws-v7.0-level-1.yaml")),
    ("cis-aws-v7.0", include_str!("../../baselines/cis-aws-v7.0.yaml")),
];

const MOST_FILES: usize = 32;

/// One file of a baseline.
#[derive(Debug)]
pub(super) struct Layer {
    /// As a person names it.
    pub(super) name: String,
    pub(super) typed: Typed,
}

/// Where a file is.
#[derive(Clone, Debug)]
struct Origin {
    /// As a person names it.
    name: String,
    /// None: it is shipped.
    path: Option<PathBuf>,
}

impl Origin {
    fn of(name: &str, beside: Option<&Path>) -> Self {
        let shipped = SHIPPED.iter().any(|(known, _)| *known == name);
        if shipped {
            return Self { name: name.to_owned(), path: None };
        }
        let path = beside.and_then(Path::parent).map_or(PathBuf::from(name), |folder| folder.join(name));
        Self { name: path.display().to_string(), path: Some(path) }
    }

    /// The same for the same file, whichever way it was named.
    fn identity(&self) -> PathBuf {
        match &self.path {
            Some(path) => path.canonicalize().unwrap_or_else(|_| path.clone()),
            None => PathBuf::from(&self.name),
        }
    }

    /// The bytes, or why there are none.
    fn read(&self) -> Result<Vec<u8>, Unread> {
        let Some(path) = &self.path else {
            let text = SHIPPED.iter().find(|(known, _)| *known == self.name).map_or("", |(_, text)| text);
            return Ok(text.as_bytes().to_vec());
        };
        let failed = |error: std::io::Error| Unread {
            absent: error.kind() == ErrorKind::NotFound,
            reason: format!("could not read `{}`: {error}", self.name),
            mend: match error.kind() {
                ErrorKind::IsADirectory => Some("name the file in it: a baseline is one file, with what it extends"),
                ErrorKind::PermissionDenied => Some("let this user read it"),
                _ => None,
            },
        };
        let file = File::open(path).map_err(failed)?;
        let mut bytes = vec![];
        // Never more than one byte too many, whatever is behind the path.
        file.take(LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() > LARGEST {
            let reason = format!("`{}` is larger than 1 MiB, which no baseline is", self.name);
            return Err(Unread {
                absent: false,
                reason,
                mend: Some("share it out over files, and name them by `extends`"),
            });
        }
        Ok(bytes)
    }
}

/// Why there are no bytes.
struct Unread {
    /// There is no such file: another name may have been meant.
    absent: bool,
    reason: String,
    /// What to do, where that can be told.
    mend: Option<&'static str>,
}

/// The layers of bytes that are at hand; what they extend is beside the file that they are named after.
pub(super) fn load_bytes(name: &str, bytes: &[u8], shapes: &[ControlShape], mistakes: &mut Vec<Mistake>) -> Vec<Layer> {
    let origin = Origin { name: name.to_owned(), path: Some(name.into()) };
    layers(&origin, bytes, shapes, mistakes)
}

/// Loads a baseline file with all that it extends: the lowest layer first, the file itself last.
pub(super) fn load(name: &str, shapes: &[ControlShape], mistakes: &mut Vec<Mistake>) -> Result<Vec<Layer>, Failure> {
    let origin = Origin::of(name, None);
    let bytes = origin.read().map_err(|unread| {
        let failure = Failure::usage(unread.reason);
        if !unread.absent {
            return unread.mend.into_iter().fold(failure, Failure::hint);
        }
        let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
        match nearest(name, names.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean the shipped baseline `{near}`?")),
            None => failure.hint(format!("shipped with trueup: {}", names.join(", "))),
        }
    })?;
    Ok(layers(&origin, &bytes, shapes, mistakes))
}

fn layers(origin: &Origin, bytes: &[u8], shapes: &[ControlShape], mistakes: &mut Vec<Mistake>) -> Vec<Layer> {
    let mut loader = Loader { shapes, mistakes, opened: 0, done: vec![], layers: vec![] };
    loader.visit(origin, bytes, &mut vec![]);
    loader.layers
}

struct Loader<'a> {
    shapes: &'a [ControlShape],
    mistakes: &'a mut Vec<Mistake>,
    opened: usize,
    done: Vec<PathBuf>,
    layers: Vec<Layer>,
}

impl Loader<'_> {
    fn visit(&mut self, origin: &Origin, bytes: &[u8], chain: &mut Vec<Origin>) {
        let typed = self.parse(origin, bytes);
        chain.push(origin.clone());
        for base in &typed.extends {
            let next = Origin::of(&base.value, origin.path.as_deref());
            let identity = next.identity();
            if let Some(start) = chain.iter().position(|link| link.identity() == identity) {
                let names: Vec<&str> = chain[start..].iter().chain([&next]).map(|link| link.name.as_str()).collect();
                let mistake = Mistake::at(&base.span, "a baseline cannot extend itself");
                self.mistakes.push(mistake.note(names.join(" extends ")));
                continue;
            }
            // What two layers share stands once, below both.
            if self.done.contains(&identity) {
                continue;
            }
            if self.opened >= MOST_FILES {
                self.mistakes.push(Mistake::at(&base.span, format!("a baseline has at most {MOST_FILES} files")));
                continue;
            }
            match next.read() {
                Ok(bytes) => self.visit(&next, &bytes, chain),
                Err(unread) => {
                    let mistake = Mistake::at(&base.span, unread.reason);
                    let near = nearest(&base.value, SHIPPED.iter().map(|(name, _)| *name));
                    let near = near.filter(|_| unread.absent).map(|near| format!("did you mean `{near}`?"));
                    let mend = near.or(unread.mend.map(str::to_owned));
                    self.mistakes.push(mend.into_iter().fold(mistake, Mistake::suggest));
                }
            }
        }
        chain.pop();
        self.done.push(origin.identity());
        self.layers.push(Layer { name: origin.name.clone(), typed });
    }

    fn parse(&mut self, origin: &Origin, bytes: &[u8]) -> Typed {
        let order = self.opened;
        self.opened += 1;
        let text = String::from_utf8_lossy(bytes).into_owned();
        // A byte order mark is no part of the text; editors that write one do not show it either.
        let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
        let source = Arc::new(Source { order, name: origin.name.clone(), text });
        if let Some(at) = std::str::from_utf8(bytes).err().and_then(|_| source.text.find('\u{fffd}')) {
            let span = super::mistake::Span::new(&source, at..at + '\u{fffd}'.len_utf8());
            self.mistakes.push(Mistake::at(&span, "the file is not UTF-8").suggest("save it as UTF-8"));
            return Typed::default();
        }
        match node::parse(&source, self.mistakes) {
            Ok(root) => Parser { shapes: self.shapes, mistakes: self.mistakes }.file(&root),
            Err(mistake) => {
                self.mistakes.push(mistake);
                Typed::default()
            }
        }
    }
}
