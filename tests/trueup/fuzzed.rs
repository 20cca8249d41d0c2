//! The corpus of the fuzzers, and a hundred thousand inputs made from it: nothing panics, here and now.
//!
//! The targets themselves are in `fuzz/`, and have seen far more. The mutations here are the same in every run.

use std::path::Path;
use std::sync::LazyLock;
use std::thread;

use jiff::civil::date;
use trueup::baseline::{Baseline, ControlShape};
use trueup::engine::journal::{self, Broken, Why};
use trueup::plan::{PlanFile, Refused};

const LONGEST: usize = 2_048;

/// The inputs of a target in the repository, in a fixed order.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs: Vec<(String, Vec<u8>)> = std::fs::read_dir(&folder)
        .expect("the corpus is there")
        .map(|entry| {
            let path = entry.expect("it can be listed").path();
            (path.display().to_string(), std::fs::read(&path).expect("it can be read"))
        })
        .collect();
    inputs.sort();
    assert!(inputs.len() >= 10, "the corpus of {target} has {} inputs", inputs.len());
    inputs
}

/// The generator of the mutations (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound.max(1) as u64).expect("it is below the bound")
    }

    /// A place in an input of this length, and how far from there.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let end = start + self.below((length - start).min(64) + 1);
        start..end
    }
}

/// What YAML and JSON are made of, and what readers stumble over.
const PIECES: [&str; 24] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ": ",
    ",",
    "\n",
    "  ",
    "- ",
    "&a ",
    "*a",
    "null",
    "-1",
    "1e999",
    "\u{0}",
    "\u{202e}",
    "é",
    "999999999999999999999",
    "\\u0000",
    "#",
    "'",
];

/// One of the inputs with one to four things changed; sometimes the beginning of one and the end of another.
fn mutated(inputs: &[(String, Vec<u8>)], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = inputs[chance.below(inputs.len())].1.clone();
    bytes.truncate(LONGEST);
    for _ in 0..=chance.below(4) {
        let range = chance.range(bytes.len());
        match chance.below(7) {
            0 if !bytes.is_empty() => {
                let at = chance.below(bytes.len());
                bytes[at] = u8::try_from(chance.below(256)).expect("a byte");
            }
            1 => drop(bytes.drain(range)),
            2 => {
                let again: Vec<u8> = bytes[range.clone()].repeat(1 + chance.below(3));
                bytes.splice(range.start..range.start, again);
            }
            3 => bytes.truncate(range.start),
            4 => {
                let other = &inputs[chance.below(inputs.len())].1;
                let from = chance.range(other.len());
                bytes.splice(range, other[from].iter().copied());
            }
            _ => {
                let piece = PIECES[chance.below(PIECES.len())];
                bytes.splice(range.start..range.start, piece.bytes());
            }
        }
    }
    bytes
}

/// Gives a reader the corpus, and inputs made from it, on two threads.
fn feed(target: &str, mutations: usize, read: fn(&[u8])) {
    let inputs = corpus(target);
    for (name, bytes) in &inputs {
        let read = std::panic::catch_unwind(|| read(bytes));
        assert!(read.is_ok(), "{name}");
    }
    let share = |seed: u64| {
        let mut chance = Chance(seed);
        for number in 0..mutations / 2 {
            let bytes = mutated(&inputs, &mut chance);
            let read = std::panic::catch_unwind(|| read(&bytes));
            assert!(read.is_ok(), "input {number} of seed {seed}: {:?}", String::from_utf8_lossy(&bytes));
        }
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| share(2));
        share(1);
        other.join().expect("the other half was read too");
    });
}

fn read_plan(bytes: &[u8]) {
    match PlanFile::parse("fuzzed.json", bytes) {
        Ok(plan) => assert!(!plan.digest.is_empty()),
        // Chance finds no digest. With the right one in its place the rest is reached.
        Err(Refused::Changed { found, said, .. }) => {
            let text = std::str::from_utf8(bytes).expect("it was read");
            let again = PlanFile::parse("fuzzed.json", text.replacen(&said, &found, 1).as_bytes());
            assert!(!matches!(&again, Err(Refused::NotAPlan { .. })), "{again:?}");
        }
        Err(refused) => assert!(!refused.to_string().contains(char::is_control), "{refused}"),
    }
}

/// As in `fuzz/fuzz_targets/journal.rs`: chance finds no digest, and with the right ones the rest is reached.
fn read_journal(bytes: &[u8]) {
    let mut text = bytes.to_vec();
    for _ in 0..4 {
        match journal::read(&text) {
            Ok(found) => assert!(found.records.len() <= 1 + bytes.len() / 100, "{found:?}"),
            Err(Broken { why: Why::Changed { found, said }, .. }) if said.len() > 8 => {
                // What is no text is not reached this way.
                let Ok(whole) = String::from_utf8(text) else { return };
                text = whole.replace(&said, &found).into_bytes();
                continue;
            }
            Err(broken) => assert!(!broken.to_string().contains(char::is_control), "{broken}"),
        }
        return;
    }
}

static SHAPES: LazyLock<Vec<ControlShape>> = LazyLock::new(trueup::controls::shapes);

fn read_baseline(bytes: &[u8]) {
    match Baseline::from_bytes("/nowhere/fuzzed.yaml", bytes, &SHAPES, date(2026, 11, 22)) {
        Ok(baseline) => assert!(!baseline.show().is_empty()),
        Err(refused) => assert!(!refused.message.is_empty()),
    }
}

#[test]
fn the_plan_reader_reads_or_refuses_whatever_there_is() {
    feed("plan", 70_000, read_plan);
}

#[test]
fn the_baseline_parser_reads_or_refuses_whatever_there_is() {
    feed("baseline", 30_000, read_baseline);
}

#[test]
fn the_journal_reader_reads_or_names_a_line_whatever_there_is() {
    feed("journal", 30_000, read_journal);
}

/// A corpus whose plans have a digest of another version would exercise nothing behind it.
#[test]
fn the_corpus_has_inputs_of_each_target_that_are_read_and_some_that_are_not() {
    let plans = corpus("plan").into_iter().map(|(_, bytes)| PlanFile::parse("x", &bytes).is_ok());
    let baselines = corpus("baseline")
        .into_iter()
        .map(|(_, bytes)| Baseline::from_bytes("/nowhere/x.yaml", &bytes, &SHAPES, date(2026, 11, 22)).is_ok());
    let journals = corpus("journal").into_iter().map(|(_, bytes)| journal::read(&bytes).is_ok());
    let all = [("plan", plans.collect::<Vec<_>>()), ("baseline", baselines.collect()), ("journal", journals.collect())];
    for (kind, read) in all {
        assert!(read.iter().filter(|read| **read).count() >= 2, "{kind}");
        assert!(read.iter().filter(|read| !**read).count() >= 4, "{kind}");
    }
}
