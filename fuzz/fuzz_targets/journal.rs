//! Whatever a journal says, it is read, or the first line that does not hold is named; what was read is read again when
//! it is written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trueup::engine::journal::{Broken, Read, Why, read};

/// So many lines get the right digest in the place of theirs.
const LINES: usize = 16;

fuzz_target!(|bytes: &[u8]| {
    let mut text = bytes.to_vec();
    // A fuzzer finds no digest by chance. With the right one in its place, and in the line after it, the rest is reached.
    for _ in 0..LINES {
        match read(&text) {
            Ok(found) => return written(&found),
            Err(Broken { why: Why::Changed { found, said }, .. }) if said.len() > 8 => {
                // What follows the line need not be text.
                text = replaced(&text, said.as_bytes(), found.as_bytes());
            }
            Err(broken) => {
                let words = broken.to_string();
                assert!(!words.is_empty() && !words.contains(char::is_control), "{words:?}");
                return;
            }
        }
    }
});

fn replaced(text: &[u8], said: &[u8], found: &[u8]) -> Vec<u8> {
    let mut rest = text;
    let mut whole = vec![];
    while let Some(at) = rest.windows(said.len()).position(|window| window == said) {
        whole.extend_from_slice(&rest[..at]);
        whole.extend_from_slice(found);
        rest = &rest[at + said.len()..];
    }
    whole.extend_from_slice(rest);
    whole
}

fn written(found: &Read) {
    let lines = found.records.iter().map(|record| serde_json::to_string(record).expect("plain data") + "\n");
    match read(lines.collect::<String>().as_bytes()) {
        Ok(again) => assert_eq!((again.records.len(), again.torn), (found.records.len(), false)),
        // What this version does not know is not written again, and a number with a fraction that is written and read
        // need not be the same to its last bit.
        Err(Broken { why: Why::Changed { .. }, .. }) => {}
        Err(broken) => panic!("{broken}"),
    }
}
