//! Whatever a plan file says, it is read or refused; what was read is read again when it is written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trueup::plan::{PlanFile, Refused};

fuzz_target!(|bytes: &[u8]| match PlanFile::parse("fuzzed.json", bytes) {
    Ok(plan) => written(plan),
    // A fuzzer finds no digest by chance. With the right one in its place the rest is reached.
    Err(Refused::Changed { found, said, .. }) => {
        let text = std::str::from_utf8(bytes).expect("it was read");
        if let Ok(plan) = PlanFile::parse("fuzzed.json", text.replacen(&said, &found, 1).as_bytes()) {
            written(plan);
        }
    }
    Err(refused) => assert!(!refused.to_string().is_empty()),
});

fn written(mut plan: PlanFile) {
    plan.digest = plan.content_digest();
    let text = serde_json::to_vec(&plan).expect("plain data");
    match PlanFile::parse("written.json", &text) {
        Ok(again) => assert_eq!(again.changes.len(), plan.changes.len()),
        // A number with a fraction that is written and read need not be the same to its last bit.
        Err(Refused::Changed { .. }) => {}
        Err(refused) => panic!("{refused}"),
    }
}
