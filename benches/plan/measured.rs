//! What a process has used, as the system counted it.

use std::process::{Command, Stdio};
use std::time::Duration;

use wait4::Wait4 as _;

use super::Outcome;

/// The cost of one process.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// User and system time together.
    pub(crate) cpu: Duration,
    /// The most memory it had, in bytes.
    pub(crate) peak: u64,
}

/// Runs a command to its end; its exit code has to be one of these.
pub(crate) fn measure(command: &mut Command, expected: &[i32]) -> Outcome<Cost> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let used = child.wait4()?;
    if !used.status.code().is_some_and(|code| expected.contains(&code)) {
        return Err(format!("{} ended with {}", command.get_program().display(), used.status).into());
    }
    Ok(Cost { cpu: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss })
}

/// The one in the middle.
///
/// # Panics
/// There is none.
pub(crate) fn median<T: PartialOrd + Copy>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|a, b| a.partial_cmp(b).expect("measured numbers compare"));
    values[values.len() / 2]
}
