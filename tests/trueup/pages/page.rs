//! A page of the documentation as whoever follows it reads it: files to write, commands to type, output to see.

use std::path::{Path, PathBuf};

/// One fenced block of a page that is followed.
pub(super) enum Block {
    /// A file, whose name stands behind the language, as in "yaml baseline.yaml".
    File { name: String, text: String },
    /// Commands that are shown without what they print.
    Script(Vec<String>),
    /// A session at a terminal: what is typed behind a `$`, and what is then seen.
    Session { lines: std::ops::Range<usize>, turns: Vec<Turn> },
}

/// One command of a session, with the lines that it prints.
pub(super) struct Turn {
    pub(super) command: String,
    pub(super) printed: Vec<String>,
}

/// The pages that are followed, by their path from the root of the repository.
pub(super) fn all() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).expect("a folder");
    let names = docs.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
    let pages = names.filter(|name| Path::new(name).extension().is_some_and(|kind| kind == "md"));
    let mut pages: Vec<String> = pages.map(|name| format!("docs/{name}")).chain(["README.md".to_owned()]).collect();
    pages.sort();
    pages
}

/// Where a page is.
pub(super) fn path(page: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(page)
}

/// The blocks of a page that are followed, from top to bottom.
pub(super) fn blocks(page: &str) -> Vec<Block> {
    let lines: Vec<&str> = page.lines().collect();
    let mut blocks = vec![];
    let mut at = 0;
    while at < lines.len() {
        let Some(kind) = lines[at].trim_start().strip_prefix("```") else {
            at += 1;
            continue;
        };
        let indent = lines[at].len() - lines[at].trim_start().len();
        let first = at + 1;
        let end = (first..lines.len()).find(|at| lines[*at].trim() == "```").expect("a block ends");
        // The list that a block stands in may indent it.
        let inner: Vec<&str> = lines[first..end].iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
        match kind {
            "sh" => blocks.push(Block::Script(commands(&inner))),
            "console" => blocks.push(Block::Session { lines: first..end, turns: turns(&inner) }),
            _ => {
                let name = kind.split_once(' ').map(|(_, name)| name.to_owned());
                blocks.extend(name.map(|name| Block::File { name, text: inner.join("\n") + "\n" }));
            }
        }
        at = end + 1;
    }
    blocks
}

/// Lines of a shell; what a backslash ends goes on in the next, and so does what is indented or closes a word of
/// the shell.
fn commands(inner: &[&str]) -> Vec<String> {
    let mut commands: Vec<String> = vec![];
    let mut open = false;
    for line in inner.iter().filter(|line| !line.is_empty()) {
        let goes_on = open || line.starts_with([' ', '}']) || ["esac", "done", "fi"].contains(line);
        match commands.last_mut().filter(|_| goes_on) {
            Some(last) => last.extend(["\n", line]),
            None => commands.push((*line).to_owned()),
        }
        open = line.ends_with('\\');
    }
    commands
}

fn turns(inner: &[&str]) -> Vec<Turn> {
    let mut turns: Vec<Turn> = vec![];
    for line in inner {
        if let Some(command) = line.strip_prefix("$ ") {
            turns.push(Turn { command: command.to_owned(), printed: vec![] });
            continue;
        }
        let turn = turns.last_mut().expect("a session begins with a command");
        match line.strip_prefix("> ").filter(|_| turn.printed.is_empty()) {
            Some(more) => turn.command.extend(["\n", more]),
            None => turn.printed.push((*line).to_owned()),
        }
    }
    for turn in &mut turns {
        // An empty line before the next command is for the eye.
        while turn.printed.last().is_some_and(String::is_empty) {
            turn.printed.pop();
        }
    }
    turns
}
