//! What an error of the SDK means. Absent is an answer and has to be asked for by its code; everything else is a class.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::observe::{Call, Class, ReadError};
use crate::target::Target;

/// Turns the codes that mean "there is none" into an answer.
pub trait Absent<T, E> {
    /// `None` where the answer of the service was an error with one of these codes.
    ///
    /// # Errors
    /// Any other error, as it was.
    fn absent_on(self, codes: &[&str]) -> Result<Option<T>, SdkError<E, HttpResponse>>;
}

impl<T, E: ProvideErrorMetadata> Absent<T, E> for Result<T, SdkError<E, HttpResponse>> {
    fn absent_on(self, codes: &[&str]) -> Result<Option<T>, SdkError<E, HttpResponse>> {
        match self {
            Ok(answer) => Ok(Some(answer)),
            Err(SdkError::ServiceError(refused)) if refused.err().code().is_some_and(|code| codes.contains(&code)) => {
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }
}

/// What an error code and its words mean.
///
/// `RegionDisabled` is what the code says; credentials that are no good anywhere have the same codes. It means that
/// the region is disabled only if the same session works in the home region, which the caller decides.
#[must_use]
pub fn class_of_code(code: &str, message: &str) -> Class {
    let _ = (code, message);
    todo!()
}

/// What an error of the SDK means, with everything that helps to find it again.
pub fn read_error<E>(at: &Target, call: &Call, error: &SdkError<E, HttpResponse>) -> ReadError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let _ = (at, call, error);
    todo!()
}
