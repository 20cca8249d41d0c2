//! The binary against emulators of AWS that others wrote: moto, alone or with microburst in front.
//!
//! Needs Python 3 with `venv`; the emulators are installed below `target/` at first use.

mod baseline;
mod behaviours;
mod enforcement;
mod faults;
mod overlap;
mod rivals;
mod scope;
mod seeded;
mod server;
mod simulated;
mod stand;
mod verdicts;
