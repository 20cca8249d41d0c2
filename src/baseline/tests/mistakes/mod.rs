//! Every mistake, with all that is said of it: one test for each, with its whole message beside it.

mod accounts;
mod files;
mod keys;
mod settings;
