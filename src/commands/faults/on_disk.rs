//! What is on the disk when AWS hears of a write: the line that announces it; and what came of it, before the next one.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::stage::Stage;
use crate::engine::journal::{self, FileSink, Journal, Journalled, Record, Run, Says};
use crate::engine::stop::Stop;
use crate::simulator::Simulator;
use crate::simulator::ledger::Entry;

/// A journal as it came to the disk: how many lines it had, and how many calls AWS had heard by then.
struct Kept {
    lines: usize,
    heard: usize,
}

/// The accounts of the writes that AWS has heard, each with how many calls there were before it. What was sent again is
/// announced once.
fn heard(simulator: &Simulator) -> Vec<(String, usize)> {
    simulator.world(|world| {
        let mut known = BTreeSet::new();
        let calls = world.ledger.entries().iter().enumerate();
        let mut new = |call: &Entry| known.insert(format!("{} {} {}", call.account, call.operation, call.input));
        calls.filter(|(_, call)| call.write && new(call)).map(|(place, call)| (call.account.clone(), place)).collect()
    })
}

/// A whole run: the writes that AWS heard, the journal each time it came to the disk, and all of it.
async fn kept() -> (Vec<(String, usize)>, Vec<Kept>, Vec<Record>) {
    let stage = Stage::new();
    let scene = stage.scene().await;
    let file = stage.plan(&scene).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.jsonl");
    let kept: Arc<Mutex<Vec<Kept>>> = Arc::default();
    let (keeping, simulator) = (Arc::clone(&kept), stage.simulator());
    let sync = move |mut file: &File| {
        if file.metadata()?.is_file() {
            let heard = simulator.world(|world| world.ledger.entries().len());
            let mut text = vec![];
            file.rewind()?;
            file.read_to_end(&mut text)?;
            let lines = text.split(|byte| *byte == b'\n').count() - 1;
            keeping.lock().expect("nobody panicked").push(Kept { lines, heard });
        }
        Ok(())
    };
    let sink = FileSink::synced(&path, Arc::new(sync));
    let of = Run { run: "r".to_owned(), plan: "sha256:p".to_owned(), caller: "arn:c".to_owned() };
    let journal = Arc::new(Journal::new(of, Box::new(sink), Timestamp::now, &Arc::new(Stop::default())));
    stage.apply_by(&scene, &file, &Journalled(journal)).await;
    let kept = std::mem::take(&mut *kept.lock().expect("nobody panicked"));
    let records = journal::read(&fs::read(path).expect("it is there")).expect("it holds").records;
    (heard(&stage.simulator()), kept, records)
}

#[tokio::test]
async fn each_write_is_on_the_disk_before_it_is_sent_and_what_came_of_it_before_the_next() {
    let (heard, kept, records) = Box::pin(kept()).await;
    assert!(heard.len() > 50, "{}", heard.len());
    assert_eq!(kept.last().map(|kept| kept.lines), Some(records.len()), "all of it is on the disk");
    for (number, (account, calls)) in heard.iter().enumerate() {
        let lines = kept.iter().rfind(|kept| kept.heard <= *calls).map_or(0, |kept| kept.lines);
        let of_account = |record: &&Record| matches!(&record.says, Says::WriteBegins(write) if write.place.account.as_str() == account);
        let announced = records[..lines].iter().filter(of_account).count();
        let so_far = heard[..=number].iter().filter(|(other, _)| other == account).count();
        assert!(announced >= so_far, "{account} has sent {so_far} writes, and {announced} are on the disk");
    }
    for (place, record) in records.iter().enumerate() {
        let Says::WriteBegins(begun) = &record.says else { continue };
        let next = records[place + 1..].iter().find_map(|next| match &next.says {
            Says::WriteBegins(write) | Says::WriteEnds { write, .. } if write.place == begun.place => Some(&next.says),
            _ => None,
        });
        assert!(
            matches!(next, Some(Says::WriteEnds { .. })),
            "{begun:#?} is not followed by what came of it: {next:#?}"
        );
    }
}
