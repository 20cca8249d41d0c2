//! What approvals ask of KMS, by the caller's own credentials. No setting changes by it.

use std::sync::Arc;

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeyUsageType, MessageType, SigningAlgorithmSpec};

use super::base::Base;
use super::caller::Caller;
use super::errors::Absent as _;
use super::guard::Guard;
use super::session::{Entry, Session};
use super::signing_key::{Algorithm, KeyArn};
use crate::observe::{Call, Class, ReadError};

const GET_PUBLIC_KEY: Call = Call { service: "KMS", operation: "GetPublicKey", action: "kms:GetPublicKey" };
const SIGN: Call = Call { service: "KMS", operation: "Sign", action: "kms:Sign" };
const VERIFY: Call = Call { service: "KMS", operation: "Verify", action: "kms:Verify" };

/// What one who approves calls.
pub const APPROVING: &[Call] = &[GET_PUBLIC_KEY, SIGN];

/// What one who verifies calls.
pub const VERIFYING: &[Call] = &[VERIFY];

/// What one calls who proves that they could not have signed.
pub const PROVING: &[Call] = &[VERIFY, SIGN];

/// What is asked to be signed in a dry run. It is no statement, so a signature of it would approve nothing.
const NO_STATEMENT: &[u8] = b"trueup asks whether this caller could sign";

/// KMS, as far as approvals need it.
#[derive(Clone, Debug)]
pub struct Signing(Session);

impl Signing {
    /// By the caller's own credentials, for these calls and no others.
    #[must_use]
    pub fn new(base: &Base, caller: &Caller, calls: &[Call]) -> Self {
        let guard = Arc::new(Guard::new(calls.iter().copied()));
        Self(base.enter(caller, &caller.account, Entry::Own, &guard))
    }

    /// The public half of a key, as X.509 has it; none where the key is not for signatures.
    ///
    /// # Errors
    /// KMS refused or could not be reached.
    pub async fn public_key(&self, key: &KeyArn) -> Result<Option<Vec<u8>>, ReadError> {
        let asked = self.0.kms(key.region()).get_public_key().key_id(key.as_str());
        let sending = async { asked.send().await.absent_on(&["UnsupportedOperationException"]) };
        let answer = self.0.ask(&key.target(), &GET_PUBLIC_KEY, sending).await?;
        let signs = answer.filter(|answer| answer.key_usage() == Some(&KeyUsageType::SignVerify));
        Ok(signs.and_then(|answer| answer.public_key).map(Blob::into_inner))
    }

    /// Signs a message.
    ///
    /// # Errors
    /// KMS refused or could not be reached.
    pub async fn sign(&self, key: &KeyArn, algorithm: Algorithm, message: Vec<u8>) -> Result<Vec<u8>, ReadError> {
        let asked = self.0.kms(key.region()).sign().key_id(key.as_str()).message(Blob::new(message));
        let asked = asked.message_type(MessageType::Raw).signing_algorithm(spec(algorithm));
        let answer = self.0.ask(&key.target(), &SIGN, asked.send()).await?;
        Ok(answer.signature.map(Blob::into_inner).unwrap_or_default())
    }

    /// Whether a message was signed with a key.
    ///
    /// # Errors
    /// KMS refused or could not be reached.
    pub async fn verifies(
        &self,
        key: &KeyArn,
        algorithm: Algorithm,
        message: Vec<u8>,
        signature: Vec<u8>,
    ) -> Result<bool, ReadError> {
        if signature.is_empty() {
            return Ok(false);
        }
        let asked = self.0.kms(key.region()).verify().key_id(key.as_str());
        let asked = asked.message(Blob::new(message)).message_type(MessageType::Raw);
        let asked = asked.signature(Blob::new(signature)).signing_algorithm(spec(algorithm));
        let sending = async { asked.send().await.absent_on(&["KMSInvalidSignatureException"]) };
        let answer = self.0.ask(&key.target(), &VERIFY, sending).await?;
        // AWS answers only that it is valid; others who speak its protocol also that it is not.
        Ok(answer.is_some_and(|answer| answer.signature_valid()))
    }

    /// Whether these credentials could have signed with a key. Nothing is signed.
    ///
    /// # Errors
    /// It could not be found out.
    pub async fn could_sign(&self, key: &KeyArn, algorithm: Algorithm) -> Result<bool, ReadError> {
        let asked = self.0.kms(key.region()).sign().key_id(key.as_str()).message(Blob::new(NO_STATEMENT));
        let asked = asked.message_type(MessageType::Raw).signing_algorithm(spec(algorithm)).dry_run(true);
        // A dry run that would succeed is answered by an error; an answer is from one who knows no dry runs.
        let sending = async { asked.send().await.absent_on(&["DryRunOperationException"]) };
        match self.0.ask(&key.target(), &SIGN, sending).await {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.class, Class::Denied(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn spec(algorithm: Algorithm) -> SigningAlgorithmSpec {
    match algorithm {
        Algorithm::EcdsaSha256 => SigningAlgorithmSpec::EcdsaSha256,
        Algorithm::RsassaPssSha256 => SigningAlgorithmSpec::RsassaPssSha256,
    }
}
