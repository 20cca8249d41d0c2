//! Controls of AWS Config.

mod bucket;
mod case;
mod recorder;
mod settings;
#[cfg(test)]
mod tests;

pub use recorder::Recorder;
