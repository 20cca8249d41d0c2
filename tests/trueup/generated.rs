//! Files that are generated: `UPDATE=1` writes them, otherwise a difference fails.

use std::path::Path;

use crate::harness::offline;

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
