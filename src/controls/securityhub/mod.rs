//! Controls of Security Hub CSPM.

mod hub;

pub use hub::Hub;
