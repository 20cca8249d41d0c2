//! A session that is accepted nowhere any more, told apart from a region that is not enabled.
//!
//! Both refuse in the same words. An account may be suspended after it has answered, so that it worked before proves
//! nothing: where something was refused so, the session is asked in the home region, where it was made, and last.

use crate::observe::sts::Accepted;
use crate::observe::{Class, ReadError, Reader};

const MEND: &str = "see whether the account is suspended or closed";

/// Finds out, where any of these errors of an account's reads says that a region is not enabled; where that is not so,
/// they say what is.
pub(super) async fn tell_apart(reader: &Reader, errors: impl Iterator<Item = &mut ReadError>) {
    // What was read of another account, for this one, is refused to that account's session.
    let account = &reader.at().account;
    let refused = errors.filter(|error| error.class == Class::RegionDisabled && error.at.account == *account);
    let refused: Vec<&mut ReadError> = refused.collect();
    if refused.is_empty() || is_accepted(reader).await {
        return;
    }
    let home = reader.home_region();
    for error in refused {
        error.class = Class::Failed;
        error.message = format!("{}; the session is not accepted in {home} either: {MEND}", error.message);
    }
}

async fn is_accepted(reader: &Reader) -> bool {
    match reader.at_account().get::<Accepted>().await {
        Ok(_) => true,
        // The evidence was kept where nobody had to ask.
        Err(error) => error.class == Class::NotRead,
    }
}

/// Whether an error was found to be that of a lost session.
pub(super) fn is_lost(error: &ReadError) -> bool {
    error.message.ends_with(MEND)
}
