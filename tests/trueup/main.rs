//! Whole runs: the real binary against simulated organizations on loopback, and what holds for every part of the tree.

mod harness;

mod baselines;
mod calls;
mod demo;
mod denied;
mod detectors;
mod evidence;
mod exits;
mod faults;
mod fuzzed;
mod gates;
mod generated;
mod hostile_plans;
mod in_process;
mod keys;
mod mended;
mod odd_answers;
mod read_only;
mod registry;
mod rivals;
mod selection;
mod told;
mod trails;
