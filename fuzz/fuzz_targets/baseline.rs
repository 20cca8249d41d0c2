//! Whatever a baseline file says, it is read or refused.

#![no_main]

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use trueup::baseline::{Baseline, ControlShape};

static SHAPES: LazyLock<Vec<ControlShape>> = LazyLock::new(trueup::controls::shapes);

fuzz_target!(|bytes: &[u8]| {
    // Files beside it are not asked for: it has a name in no folder that there is.
    if let Ok(baseline) = Baseline::from_bytes("/nowhere/fuzzed.yaml", bytes, &SHAPES, date(2026, 11, 22)) {
        assert!(!baseline.show().is_empty());
    }
});
