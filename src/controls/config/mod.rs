//! Controls of AWS Config.

mod bucket;
mod case;
mod recorder;
mod settings;
#[cfg(test)]
mod tests;
mod types;

pub use recorder::Recorder;
