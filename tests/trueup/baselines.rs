//! Mistakes in a baseline, as the binary says them.
