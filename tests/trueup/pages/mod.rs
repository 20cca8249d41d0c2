//! The pages for users are followed from top to bottom: each in a folder of its own, on a simulated organization,
//! with a shell. What a session on a page prints has to be what the page shows; `UPDATE=1` rewrites it there.

mod alike;
mod deployed;
mod page;
mod scene;

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::sync::Mutex;

use alike::{CUT, Ids};
use page::{Block, Turn};
use scene::NOT_RUN;

use crate::harness::Stage;
use crate::python;

/// What a shell knows on each page: `trueup` notes how it ended, whatever the page makes of it.
const PRELUDE: &str = "trueup() { command trueup \"$@\"; local code=$?; echo $code >> \"$CODES\"; return $code; }\n";

/// How a command of a page may end: the others are wrong usage, and runs that could not be done.
const ENDS: [&str; 3] = ["0", "2", "3"];

/// A page that is being followed.
struct Reader {
    page: String,
    stage: Stage,
    ids: Ids,
    wrong: String,
    not_run: Vec<&'static str>,
}

impl Reader {
    fn new(page: &str) -> Self {
        let stage = scene::of(page);
        let bin = stage.path(".bin");
        std::fs::create_dir(&bin).expect("a folder");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_trueup"), bin.join("trueup")).expect("a link");
        let script = python::script("aws.py");
        let (python, scripts) =
            (script.get_program().display(), script.get_current_dir().expect("it has one").display());
        let client = format!("#!/bin/sh\nexec {python} {scripts}/aws.py \"$@\"\n");
        std::fs::write(bin.join("aws"), client).expect("a file");
        std::fs::set_permissions(bin.join("aws"), std::fs::Permissions::from_mode(0o755)).expect("it is ours");
        Self { page: page.to_owned(), stage, ids: Ids::default(), wrong: String::new(), not_run: vec![] }
    }

    /// Whether this is among what cannot be run here.
    fn skips(&mut self, command: &str) -> bool {
        let listed = NOT_RUN.iter().find(|(page, listed, _)| *page == self.page && *listed == command);
        self.not_run.extend(listed.map(|(_, listed, _)| *listed));
        if listed.is_some() {
            scene::instead(&self.page, &self.stage);
        }
        listed.is_some()
    }

    /// Runs a command in the shell, and answers what it prints and how each `trueup` in it ended.
    fn run(&self, command: &str) -> (Vec<String>, Vec<String>) {
        let folder = self.stage.path("");
        let codes = self.stage.path(".codes");
        std::fs::write(&codes, "").expect("a file");
        let (mut printed, writer) = std::io::pipe().expect("a pipe");
        let mut shell = self.stage.shell(&format!("{PRELUDE}{}", self.ids.of_the_run(command)));
        shell.env("CODES", &codes).stdin(Stdio::null());
        shell.stdout(writer.try_clone().expect("a pipe")).stderr(writer);
        let mut running = shell.spawn().expect("a shell");
        // The pipe ends when nobody can write to it any more.
        drop(shell);
        let mut text = String::new();
        std::io::Read::read_to_string(&mut printed, &mut text).expect("text");
        running.wait().expect("it ends");
        let folder = folder.to_str().expect("a path").trim_end_matches('/');
        let text = text.replace(folder, "~").replace(&self.stage.endpoint(), "http://127.0.0.1:4566");
        let codes = std::fs::read_to_string(&codes).expect("a file");
        // A shell at a terminal only says the last word of "bash: line 2: 7429 Killed".
        let line = |line: &str| {
            if line.starts_with("bash: ") && line.contains(" Killed ") { "Killed" } else { line }.to_owned()
        };
        (text.trim_end().lines().map(line).collect(), codes.lines().map(str::to_owned).collect())
    }

    fn script(&mut self, commands: &[String]) {
        for command in commands {
            if self.skips(command) || command.starts_with("cargo ") {
                continue;
            }
            let (printed, codes) = self.run(command);
            if !codes.iter().all(|code| ENDS.contains(&code.as_str())) || (codes.is_empty() && !printed.is_empty()) {
                let _ =
                    writeln!(self.wrong, "{}: {command}\nended with {codes:?}:\n{}\n", self.page, printed.join("\n"));
            }
        }
    }

    /// Follows a session; answers its lines where they are not what the page has.
    fn session(&mut self, turns: &[Turn]) -> Option<Vec<String>> {
        let mut lines = vec![];
        let mut same = true;
        for turn in turns {
            lines.push(format!("$ {}", turn.command.replace('\n', "\n> ")));
            if self.skips(&turn.command) {
                lines.extend(turn.printed.iter().cloned());
                continue;
            }
            let (printed, _) = self.run(&turn.command);
            if self.ids.alike(&turn.printed, &printed) {
                lines.extend(turn.printed.iter().cloned());
                continue;
            }
            same = false;
            let should: Vec<String> = printed.iter().map(|line| self.ids.of_the_page(line)).collect();
            let (shown, said) = (turn.printed.join("\n"), should.join("\n"));
            let _ = writeln!(
                self.wrong,
                "{}: {}\n--- the page shows (a line {CUT} stands for any)\n{shown}\n--- it prints\n{said}\n",
                self.page, turn.command
            );
            // What is below on the page speaks of what is printed now.
            assert!(self.ids.alike(&should, &printed), "a text is like itself");
            lines.extend(should);
        }
        (!same).then_some(lines)
    }

    /// Follows the page from top to bottom; answers what it should be.
    fn follow(&mut self) -> String {
        let text = std::fs::read_to_string(page::path(&self.page)).expect("a page");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut rewritten = vec![];
        for block in page::blocks(&text) {
            match block {
                Block::File { name, text } => {
                    let folder = self.stage.path(&name);
                    std::fs::create_dir_all(folder.parent().expect("a folder")).expect("a folder");
                    self.stage.write(&name, &self.ids.of_the_run(&text));
                }
                Block::Script(commands) => self.script(&commands),
                Block::Session { lines, turns } => {
                    rewritten.extend(self.session(&turns).map(|printed| (lines, printed)));
                }
            }
        }
        for (range, printed) in rewritten.into_iter().rev() {
            let indent = " ".repeat(lines[range.start].len() - lines[range.start].trim_start().len());
            let printed = printed.join("\n");
            let indented = printed.lines().map(|line| format!("{indent}{line}").trim_end().to_owned());
            lines.splice(range, indented);
        }
        lines.join("\n") + "\n"
    }
}

#[test]
fn who_follows_a_page_sees_what_it_shows() {
    let update = std::env::var_os("UPDATE").is_some();
    let only = std::env::var_os("PAGE").and_then(|page| page.into_string().ok());
    let (wrong, not_run) = (Mutex::new(String::new()), Mutex::new(vec![]));
    let pages: Vec<String> =
        page::all().into_iter().filter(|page| only.as_ref().is_none_or(|only| page.contains(only))).collect();
    std::thread::scope(|scope| {
        for page in &pages {
            scope.spawn(|| {
                let mut reader = Reader::new(page);
                let should_be = reader.follow();
                if update {
                    std::fs::write(page::path(page), should_be).expect("the page can be written");
                }
                *wrong.lock().expect("nobody panicked") += &reader.wrong;
                not_run
                    .lock()
                    .expect("nobody panicked")
                    .extend(reader.not_run.iter().map(|line| (page.clone(), *line)));
            });
        }
    });
    let wrong = wrong.into_inner().expect("nobody panicked");
    assert!(update || wrong.is_empty(), "`UPDATE=1 cargo test --test trueup pages` rewrites sessions\n\n{wrong}");
    let not_run = not_run.into_inner().expect("nobody panicked");
    let unneeded = NOT_RUN.iter().filter(|(page, _, _)| pages.iter().any(|followed| followed == page));
    let unneeded: Vec<_> = unneeded.filter(|(page, line, _)| !not_run.contains(&((*page).to_owned(), *line))).collect();
    assert!(unneeded.is_empty(), "these stand on no page: {unneeded:#?}");
}
