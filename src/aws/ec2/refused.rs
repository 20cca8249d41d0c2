//! What EC2 answers where it does not do what it was asked.

use std::fmt;

use aws_smithy_runtime_api::client::interceptors::context::Error;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId as _;

use super::answer::{Answer, Missing, parse};

/// A refusal of EC2, or an answer that makes no sense: that has no code.
#[derive(Debug)]
pub struct Refused {
    said: ErrorMetadata,
    missing: Option<Missing>,
}

impl Refused {
    /// Reads a refusal. One without a code, a page for people and half an answer are told from their bytes.
    pub(super) fn read(body: &[u8], id: Option<&str>) -> Self {
        let mut said = ErrorMetadata::builder();
        if let Some(root) = parse(body) {
            let error = root.child("Errors").and_then(|errors| errors.child("Error"));
            if let Some(error) = error {
                said = match error.text("Code") {
                    Some(code) => said.code(code),
                    None => said,
                };
                said = said.message(error.text("Message").unwrap_or_default());
            }
            if let Some(id) = id.or_else(|| root.text("RequestID")) {
                said = said.custom("aws_request_id", id);
            }
        }
        Self { said: said.build(), missing: None }
    }
}

impl Refused {
    /// What an answer of success says could not be done, and why: EC2 says so of single resources of a request.
    pub(super) fn within(answer: &Answer) -> Option<Self> {
        let error = answer.items("unsuccessful").next()?.child("error")?;
        let said = ErrorMetadata::builder().message(error.text("message").unwrap_or_default());
        let said = said.code(error.text("code").unwrap_or("Unsuccessful"));
        let id = answer.request_id().unwrap_or_default();
        Some(Self { said: said.custom("aws_request_id", id).build(), missing: None })
    }
}

impl From<Missing> for Refused {
    fn from(missing: Missing) -> Self {
        Self { said: ErrorMetadata::builder().build(), missing: Some(missing) }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.missing {
            Some(missing) => missing.fmt(f),
            None => self.said.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}

impl ProvideErrorMetadata for Refused {
    fn meta(&self) -> &ErrorMetadata {
        &self.said
    }
}

/// The error as it was put in.
pub(super) fn typed(error: Error) -> Refused {
    error.downcast().unwrap_or_else(|_| Refused::from(Missing("error that is one of EC2".to_owned())))
}
