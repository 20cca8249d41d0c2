//! Approvals: that somebody else has seen a plan, signed with a key of KMS. Pure; who asks KMS is `aws`.
//!
//! `approve` makes one, `apply --require-approval` asks for them before anything is entered.

mod statement;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

pub use crate::aws::{Algorithm, KeyArn, PublicKey};
pub use statement::{Approval, FORMAT, Statement, Word};

/// Why an approval does not count.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It cannot be read.
    #[error("could not read the approval {path}: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// It is no approval.
    #[error("{path} is not an approval of trueup: {why}")]
    NoApproval {
        /// The file.
        path: String,
        /// Where and why.
        why: String,
    },
    /// Another version wrote it.
    #[error("{path} has the format {found}, and this version reads {FORMAT}: approve the plan with this version")]
    Format {
        /// The file.
        path: String,
        /// Its format.
        found: String,
    },
    /// It is of another plan.
    #[error("{path} approves the plan {found}, and this one has the digest {wanted}")]
    Plan {
        /// The file.
        path: String,
        /// The digest that it names.
        found: String,
        /// The digest of the plan.
        wanted: String,
    },
    /// It is of another organization.
    #[error("{path} approves a plan of {found}, and this one is of {wanted}")]
    Organization {
        /// The file.
        path: String,
        /// The organization that it names.
        found: String,
        /// That of the plan.
        wanted: String,
    },
    /// Its key was not asked for.
    #[error("{path} is by the key {found}, which --require-approval does not name")]
    Key {
        /// The file.
        path: String,
        /// The key that it names.
        found: KeyArn,
    },
    /// Its time is over.
    #[error("{path} expired at {expired}: approve the plan again")]
    Expired {
        /// The file.
        path: String,
        /// When.
        expired: Timestamp,
    },
    /// Nobody approved with a key.
    #[error("no approval by the key {key}")]
    Missing {
        /// The key.
        key: KeyArn,
    },
    /// It is not what the key signed.
    #[error("{path} does not bear a signature of {key} over its statement: it was altered, or signed with another key")]
    Signature {
        /// The file.
        path: String,
        /// The key that it names.
        key: KeyArn,
    },
}

/// What approvals have to say.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The digest of the plan.
    pub plan: &'a str,
    /// The organization that will be written.
    pub organization: &'a str,
    /// Every key that has to have approved.
    pub keys: &'a [KeyArn],
    /// The time.
    pub now: Timestamp,
}

impl Wanted<'_> {
    /// Refuses what does not say what is wanted. Whether it was signed is not asked here.
    ///
    /// # Errors
    /// One says something else, or a key is missing.
    pub fn check(&self, approvals: &[(PathBuf, Approval)]) -> Result<(), Refused> {
        approvals.iter().try_for_each(|(path, approval)| self.check_one(path, &approval.statement))?;
        let missing = self.keys.iter().find(|key| approvals.iter().all(|(_, one)| one.statement.key != **key));
        missing.map_or(Ok(()), |key| Err(Refused::Missing { key: key.clone() }))
    }

    fn check_one(&self, path: &Path, statement: &Statement) -> Result<(), Refused> {
        let path = path.display().to_string();
        let Statement { format, plan, organization, key, expires, .. } = statement;
        if format.as_str() != FORMAT {
            return Err(Refused::Format { path, found: format.to_string() });
        }
        if plan.as_str() != self.plan {
            return Err(Refused::Plan { path, found: plan.to_string(), wanted: self.plan.to_owned() });
        }
        if organization.as_str() != self.organization {
            let (found, wanted) = (organization.to_string(), self.organization.to_owned());
            return Err(Refused::Organization { path, found, wanted });
        }
        if !self.keys.contains(key) {
            return Err(Refused::Key { path, found: key.clone() });
        }
        if self.now >= *expires {
            return Err(Refused::Expired { path, expired: *expires });
        }
        Ok(())
    }
}
