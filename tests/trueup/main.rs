//! Whole runs: the real binary against simulated organizations on loopback, and what holds for every part of the tree.

mod harness;
#[path = "../emulators/python.rs"]
mod python;
mod readback;

mod approval;
mod asked;
mod baselines;
mod calls;
mod contract;
mod delegated;
mod demo;
mod denied;
mod detectors;
mod documented;
mod evidence;
mod exits;
mod expiry;
mod gates;
mod generated;
mod in_process;
mod interrupted;
mod journal;
mod keys;
mod least;
mod locks;
mod mended;
mod mixed;
mod narrowed;
mod needs;
mod network;
mod odd_answers;
mod partitions;
mod printed;
mod reached;
mod read_only;
mod reads;
mod registry;
mod revert;
mod rivals;
mod rollout;
mod selection;
mod steps;
mod told;
mod trails;
mod unguarded;
