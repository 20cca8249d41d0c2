//! Controls of S3.

mod account_public_access_block;

pub use account_public_access_block::AccountPublicAccessBlock;
