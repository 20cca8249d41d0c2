//! Journals as if they had been written earlier: what a run left in doubt is then over, and nobody has to wait for that.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use trueup::engine::journal::{Link, Record};

use crate::harness::Stage;

/// The parts of one journal, with every line so much earlier. A last line that was cut off says nothing, and goes.
fn shifted(parts: Vec<String>, by: SignedDuration) -> Vec<String> {
    let mut last: Option<Link> = None;
    let shift = |part: String| {
        let mut text = String::new();
        for line in part.lines() {
            let Ok(record) = serde_json::from_str::<Record>(line) else { break };
            let next = Record::next(last.as_ref(), record.time - by, record.of, record.says);
            last = Some(next.link());
            text += &serde_json::to_string(&next).expect("plain data");
            text.push('\n');
        }
        text
    };
    parts.into_iter().map(shift).collect()
}

/// Moves the journals of the state folder.
pub(crate) fn in_folder(stage: &Stage, by: SignedDuration) {
    let runs = std::fs::read_dir(stage.path("state/trueup/runs")).into_iter().flatten();
    for run in runs {
        let journal = run.expect("a folder").path().join("journal.jsonl");
        // A run that was killed before its first line has none.
        if let Ok(text) = std::fs::read_to_string(&journal) {
            std::fs::write(&journal, shifted(vec![text], by).concat()).expect("it is ours");
        }
    }
}

/// Moves the journals in a bucket.
pub(crate) fn in_bucket(stage: &Stage, bucket: &str, by: SignedDuration) {
    stage.world(|world| {
        let objects = &mut world.buckets.get_mut(bucket).expect("there is such a bucket").objects;
        let mut journals: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for key in objects.keys() {
            if let Some((run, _)) = key.split_once("/journal/") {
                journals.entry(run.to_owned()).or_default().push(key.clone());
            }
        }
        for keys in journals.into_values() {
            let parts = keys.iter().map(|key| objects[key].body.clone()).collect();
            for (key, body) in keys.iter().zip(shifted(parts, by)) {
                objects.get_mut(key).expect("it was listed").body = body;
            }
        }
    });
}
