//! Controls of IAM Access Analyzer.

mod external;

pub use external::External;
