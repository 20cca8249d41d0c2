//! Controls of `GuardDuty`.

mod detector;

pub use detector::Detector;
