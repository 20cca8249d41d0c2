//! The binary against emulators of AWS that others wrote: moto, alone or with microburst in front, and MiniStack; and
//! its templates under the eyes of cfn-lint.
//!
//! Needs Python 3 with `venv`; the emulators are installed below `target/` at first use.

mod alarms;
mod approval;
mod baseline;
mod behaviours;
mod between;
mod dying;
mod encryption;
mod enforcement;
mod faults;
mod hubs;
mod identities;
mod killed;
mod log_groups;
mod mendable;
mod ministack;
mod networks;
mod overlap;
mod public_access;
mod python;
mod reverted;
mod rivals;
mod schema;
mod scope;
mod seeded;
mod server;
mod shared;
mod simulated;
mod stand;
mod suspended;
mod templates;
mod topics;
mod trail_buckets;
mod trail_events;
mod verdicts;
