//! Files that are generated: `UPDATE=1` writes them, otherwise a difference fails.

use std::path::Path;

use trueup::controls::CONTROLS;
use trueup::report::{control_page, framework_page, not_covered_page};

use crate::harness::offline;
use crate::mendable::of_persons;

/// Compares a file of the tree with what it should be, or writes it.
fn is_up_to_date(file: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, wanted).expect("it can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{file} is not up to date: run the tests with UPDATE=1");
}

#[test]
fn the_schema_of_baseline_files_is_up_to_date() {
    let done = offline(&["baseline", "schema"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    is_up_to_date("baselines/schema.json", &done.stdout);
}

#[test]
fn the_page_of_the_frameworks_is_up_to_date() {
    is_up_to_date("docs/frameworks.md", &framework_page::page());
}

#[test]
fn every_control_has_a_page_that_is_up_to_date_and_every_page_has_a_control() {
    const LIST: &str = "README.md";
    is_up_to_date(&format!("docs/controls/{LIST}"), &control_page::list(CONTROLS));
    is_up_to_date(&format!("docs/controls/{}", not_covered_page::FILE), &not_covered_page::page(&of_persons()));
    let mut wanted = vec![LIST.to_owned(), not_covered_page::FILE.to_owned()];
    for control in CONTROLS {
        let file = control_page::file(control.meta());
        is_up_to_date(&format!("docs/controls/{file}"), &control_page::page(*control));
        wanted.push(file);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/controls");
    let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").file_name());
    let of_nothing: Vec<String> =
        files.filter_map(|name| name.into_string().ok()).filter(|name| !wanted.contains(name)).collect();
    assert!(of_nothing.is_empty(), "there is no control for these pages: {of_nothing:?}");
}
