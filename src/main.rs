//! The binary: parse, run, exit code.

use std::process::ExitCode;

/// A fifth of the CPU of a plan went to the allocator of glibc, and that of musl is slower still.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    trueup::main()
}
