//! What `apply` wants to see of a plan file before anything is entered: its digest, and the approvals of others.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::output::Output;
use super::{approve, reach::Reached};
use crate::approval::{Approval, KeyArn, PublicKey, Refused, Wanted};
use crate::aws::{PROVING, Signing, VERIFYING};
use crate::cli;
use crate::failure::Failure;
use crate::observe::ReadError;
use crate::plan::PlanFile;

/// Refuses a plan whose content has another digest than the one that was typed.
pub(super) fn check_digest(expected: Option<&str>, path: &Path, file: &PlanFile) -> Result<(), Failure> {
    match expected {
        Some(expected) if expected != file.digest => {
            let (path, found) = (path.display(), &file.digest);
            Err(Failure::usage(format!("{path} has the digest {found}, and --expect-digest says {expected}")))
        }
        _ => Ok(()),
    }
}

/// Approvals that say what they have to. Whether they were signed is still to be found out.
pub(super) struct Approvals<'a> {
    typed: &'a cli::Gate,
    read: Vec<(PathBuf, Approval)>,
    public: Vec<(&'a KeyArn, PublicKey)>,
}

impl<'a> Approvals<'a> {
    /// Reads the approvals of a plan, and the public keys. AWS is not asked.
    pub(super) fn read(
        typed: &'a cli::Gate,
        organization: Option<&str>,
        path: &Path,
        file: &PlanFile,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let keys = &typed.require_approval;
        if keys.is_empty() {
            return Ok(Self { typed, read: vec![], public: vec![] });
        }
        let Some(organization) = organization.or(file.organization()) else {
            return Err(Failure::usage("the plan does not say of which organization it is, and an approval does"));
        };
        let paths = match &typed.approval[..] {
            [] => &[approve::default_path(path)][..],
            said => said,
        };
        let one = |path: &PathBuf| Ok((path.clone(), Approval::read(path)?));
        let read: Vec<_> = paths.iter().map(one).collect::<Result<_, Refused>>().map_err(|refused| not(&refused))?;
        let wanted = Wanted { plan: &file.digest, organization, keys, now };
        wanted.check(&read).map_err(|refused| not(&refused))?;
        Ok(Self { typed, read, public: public_keys(typed)? })
    }

    /// Finds out whether each was signed with its key and, if that is asked for, that the caller could not have.
    /// Answers those that count.
    pub(super) async fn prove(&self, reached: &Reached, output: &Output) -> Result<Vec<Approval>, Failure> {
        let calls = if self.typed.require_other { PROVING } else { VERIFYING };
        let signing = Signing::new(&reached.base, &reached.caller, calls);
        for (path, approval) in &self.read {
            let statement = &approval.statement;
            let key = &statement.key;
            if !self.is_signed(&signing, approval).await? {
                let path = path.display().to_string();
                return Err(not(&Refused::Signature { path, key: key.clone() }));
            }
            if self.typed.require_other && could_sign(&signing, approval).await? {
                let who = &reached.caller.arn;
                return Err(Failure::usage(format!("{who} could have signed with {key} itself"))
                    .hint("apply with credentials that the key policy does not allow kms:Sign"));
            }
            let (by, until) = (&statement.approved_by, &statement.expires);
            output.say(&format!("Approved with {key} until {until}; as claimed, by {by}"));
        }
        Ok(self.read.iter().map(|(_, approval)| approval.clone()).collect())
    }

    async fn is_signed(&self, signing: &Signing, approval: &Approval) -> Result<bool, Failure> {
        let Approval { statement, algorithm, .. } = approval;
        if let Some((_, public)) = self.public.iter().find(|(key, _)| **key == statement.key) {
            return Ok(public.verifies(*algorithm, &statement.bytes(), &approval.signature()));
        }
        let (message, signature) = (statement.bytes(), approval.signature());
        let verified = signing.verifies(&statement.key, *algorithm, message, signature).await;
        verified.map_err(|error| unverified(&error))
    }
}

/// The public keys at hand, each with the key that it belongs to. A file that would do for every key would let one
/// group of approvers stand in for another.
fn public_keys(typed: &cli::Gate) -> Result<Vec<(&KeyArn, PublicKey)>, Failure> {
    let keys = &typed.require_approval;
    let mut public: Vec<(&KeyArn, PublicKey)> = vec![];
    for cli::KeyFile { key, path } in &typed.approval_public_key {
        let shown = path.display();
        let key = match key {
            Some(named) => keys.iter().find(|key| *key == named).ok_or_else(|| {
                Failure::usage(format!("{shown} is of {named}, which --require-approval does not name"))
            })?,
            None if keys.iter().all(|key| *key == keys[0]) => &keys[0],
            None => {
                return Err(Failure::usage(format!("it is not clear of which key {shown} is"))
                    .hint(format!("with several keys, write --approval-public-key KEY_ARN={shown}")));
            }
        };
        if public.iter().any(|(known, _)| *known == key) {
            return Err(Failure::usage(format!("{key} has two files of --approval-public-key")));
        }
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("could not read the public key {shown}: {error}")))?;
        let read = PublicKey::from_pem(&text).ok_or_else(|| {
            Failure::usage(format!("{shown} is not a public key on P-256 or of RSA in PEM"))
                .hint("`aws kms get-public-key` answers it, see docs/approval.md")
        })?;
        public.push((key, read));
    }
    Ok(public)
}

async fn could_sign(signing: &Signing, approval: &Approval) -> Result<bool, Failure> {
    signing.could_sign(&approval.statement.key, approval.algorithm).await.map_err(|error| {
        Failure::failed(format!("could not find out whether the caller could have signed itself: {error}"))
    })
}

fn not(refused: &Refused) -> Failure {
    let failure = Failure::usage(refused);
    match refused {
        Refused::Unreadable { .. } | Refused::Missing { .. } => {
            failure.hint("trueup approve PLAN --kms-key KEY_ARN makes one; --approval says where it is")
        }
        _ => failure,
    }
}

/// A key that is gone, disabled or not for signatures confirms nothing: the plan is refused. Otherwise nobody knows.
fn unverified(error: &ReadError) -> Failure {
    const CONFIRMS_NOTHING: [&str; 5] = [
        "DisabledException",
        "InvalidKeyUsageException",
        "KMSInvalidStateException",
        "NotFoundException",
        "ValidationException",
    ];
    let words = format!("could not verify the approval: {error}");
    match error.code.as_deref() {
        Some(code) if CONFIRMS_NOTHING.contains(&code) => Failure::usage(words),
        _ => Failure::failed(words)
            .hint("the caller needs kms:Verify on the key; or give its public key with --approval-public-key"),
    }
}
