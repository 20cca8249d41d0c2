//! Asymmetric keys of KMS: signatures, and the public half. The signatures are real, so that others can verify them.

use super::kms::{Found, algorithms as listed, fault, find, found};
use super::kms_states::usable;
use crate::fault::Fault;
use crate::front::Call;
use crate::world::World;
use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _, RsaKeyPair, RsaSignatureEncoding, UnparsedPublicKey,
    VerificationAlgorithm,
};
use aws_smithy_types::base64;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;

/// The longest message that is signed as it is.
const LONGEST_MESSAGE: usize = 4096;
const LONGEST_SIGNATURE: usize = 6144;

/// The private half of a key. It is made when it is first needed: an RSA key takes a while.
#[derive(Clone)]
pub(super) enum Material {
    Curve(Arc<EcdsaKeyPair>),
    Rsa(Arc<RsaKeyPair>),
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Material")
    }
}

/// The algorithms of a key that signs, by its spec.
pub(super) fn algorithms(spec: &str) -> &'static [&'static str] {
    match spec {
        "ECC_NIST_P256" | "ECC_SECG_P256K1" => &["ECDSA_SHA_256"],
        "ECC_NIST_P384" => &["ECDSA_SHA_384"],
        "ECC_NIST_P521" => &["ECDSA_SHA_512"],
        "SM2" => &["SM2DSA"],
        spec if spec.starts_with("RSA") => &[
            "RSASSA_PKCS1_V1_5_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_384",
            "RSASSA_PKCS1_V1_5_SHA_512",
            "RSASSA_PSS_SHA_256",
            "RSASSA_PSS_SHA_384",
            "RSASSA_PSS_SHA_512",
        ],
        spec if spec.starts_with("ML_DSA") => &["ML_DSA_SHAKE_256"],
        _ => &["ED25519_SHA_512", "ED25519_PH_SHA_512"],
    }
}

impl Material {
    fn generate(spec: &str) -> Result<Self, Fault> {
        let curve = |algorithm: &'static EcdsaSigningAlgorithm| EcdsaKeyPair::generate(algorithm).map(Arc::new);
        let rsa = |size| RsaKeyPair::generate(size).map(Arc::new);
        let made = match spec {
            "ECC_NIST_P256" => curve(&signature::ECDSA_P256_SHA256_ASN1_SIGNING).map(Self::Curve),
            "ECC_NIST_P384" => curve(&signature::ECDSA_P384_SHA384_ASN1_SIGNING).map(Self::Curve),
            "ECC_NIST_P521" => curve(&signature::ECDSA_P521_SHA512_ASN1_SIGNING).map(Self::Curve),
            "ECC_SECG_P256K1" => curve(&signature::ECDSA_P256K1_SHA256_ASN1_SIGNING).map(Self::Curve),
            "RSA_2048" => rsa(KeySize::Rsa2048).map(Self::Rsa),
            "RSA_3072" => rsa(KeySize::Rsa3072).map(Self::Rsa),
            "RSA_4096" => rsa(KeySize::Rsa4096).map(Self::Rsa),
            other => {
                let message = format!("the simulator makes no keys of the spec {other}");
                return Err(Fault::new(400, "NotImplemented", message));
            }
        };
        made.map_err(|Unspecified| Fault::new(500, "KMSInternalException", "no key could be made"))
    }

    /// The private half of a key; that of a replica is its primary's.
    fn of(world: &mut World, found: &Found) -> Result<Self, Fault> {
        let primary = found.key(world).primary.clone().filter(|primary| *primary != found.region);
        let home = primary.and_then(|region| find(world, &found.account, &region, &found.id));
        let key = home.as_ref().unwrap_or(found).key(world);
        let material = match &key.material {
            Some(material) => material.clone(),
            None => Self::generate(&key.spec)?,
        };
        key.material = Some(material.clone());
        Ok(material)
    }

    /// The public half, as X.509 has it.
    fn public(&self) -> Result<Vec<u8>, Unspecified> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Curve(pair) => pair.public_key().as_der()?,
            Self::Rsa(pair) => pair.public_key().as_der()?,
        };
        Ok(der.as_ref().to_vec())
    }

    fn sign(&self, algorithm: &str, digest: &Digest) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Curve(pair) => Ok(pair.sign_digest(digest)?.as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign_digest(encoding(algorithm).ok_or(Unspecified)?, digest, &mut signature)?;
                Ok(signature)
            }
        }
    }

    fn verifies(&self, algorithm: &str, digest: &Digest, signature: &[u8]) -> Result<bool, Unspecified> {
        let verification: &'static dyn VerificationAlgorithm = match self {
            // What a curve signs with is what it verifies with.
            Self::Curve(pair) => &**pair.algorithm(),
            Self::Rsa(_) => padding(algorithm).ok_or(Unspecified)?,
        };
        Ok(UnparsedPublicKey::new(verification, self.public()?).verify_digest(digest, signature).is_ok())
    }
}

fn encoding(algorithm: &str) -> Option<&'static RsaSignatureEncoding> {
    Some(match algorithm {
        "RSASSA_PSS_SHA_256" => &signature::RSA_PSS_SHA256,
        "RSASSA_PSS_SHA_384" => &signature::RSA_PSS_SHA384,
        "RSASSA_PSS_SHA_512" => &signature::RSA_PSS_SHA512,
        "RSASSA_PKCS1_V1_5_SHA_256" => &signature::RSA_PKCS1_SHA256,
        "RSASSA_PKCS1_V1_5_SHA_384" => &signature::RSA_PKCS1_SHA384,
        "RSASSA_PKCS1_V1_5_SHA_512" => &signature::RSA_PKCS1_SHA512,
        _ => return None,
    })
}

fn padding(algorithm: &str) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match algorithm {
        "RSASSA_PSS_SHA_256" => &signature::RSA_PSS_2048_8192_SHA256,
        "RSASSA_PSS_SHA_384" => &signature::RSA_PSS_2048_8192_SHA384,
        "RSASSA_PSS_SHA_512" => &signature::RSA_PSS_2048_8192_SHA512,
        "RSASSA_PKCS1_V1_5_SHA_256" => &signature::RSA_PKCS1_2048_8192_SHA256,
        "RSASSA_PKCS1_V1_5_SHA_384" => &signature::RSA_PKCS1_2048_8192_SHA384,
        "RSASSA_PKCS1_V1_5_SHA_512" => &signature::RSA_PKCS1_2048_8192_SHA512,
        _ => return None,
    })
}

/// What is signed or verified, and with what.
struct Signing {
    found: Found,
    material: Material,
    algorithm: String,
    digest: Digest,
}

impl Signing {
    fn of(call: &mut Call<'_>) -> Result<Self, Fault> {
        let found = found(call, "KeyId", true)?;
        let key = found.key(call.world).clone();
        usable(&found.arn, &key)?;
        let algorithm = call.need("SigningAlgorithm")?.to_owned();
        let operation = call.operation;
        let unfit = |why: String| Err(fault("InvalidKeyUsageException", why));
        if key.usage != "SIGN_VERIFY" {
            let (arn, usage) = (&found.arn, &key.usage);
            return unfit(format!("{arn} key usage is {usage} which is not valid for {operation}."));
        }
        if !algorithms(&key.spec).contains(&algorithm.as_str()) {
            let (arn, spec) = (&found.arn, &key.spec);
            return unfit(format!("Algorithm {algorithm} is incompatible with key spec {spec} of {arn}."));
        }
        let digest = digest_of(call, &algorithm)?;
        let material = Material::of(call.world, &found)?;
        Ok(Self { found, material, algorithm, digest })
    }

    fn answer(&self, member: &str, value: &Value) -> Value {
        json!({"KeyId": self.found.arn, "SigningAlgorithm": self.algorithm, member: value})
    }
}

/// The digest of the message, or the message where it is one.
fn digest_of(call: &Call<'_>, algorithm: &str) -> Result<Digest, Fault> {
    let hash = match &algorithm[algorithm.len().saturating_sub(3)..] {
        "384" => &digest::SHA384,
        "512" => &digest::SHA512,
        _ => &digest::SHA256,
    };
    let message = blob(call, "Message", LONGEST_MESSAGE)?;
    match call.text("MessageType").unwrap_or("RAW") {
        "RAW" => Ok(digest::digest(hash, &message)),
        "DIGEST" => Digest::import_less_safe(&message, hash).map_err(|Unspecified| {
            fault("ValidationException", format!("Digest is invalid length for algorithm {algorithm}."))
        }),
        other => Err(fault("ValidationException", format!("MessageType {other} is not for {algorithm}."))),
    }
}

/// Bytes, which travel as base64.
fn blob(call: &Call<'_>, member: &str, longest: usize) -> Result<Vec<u8>, Fault> {
    let bytes = base64::decode(call.need(member)?).map_err(|_| fault("SerializationException", "not base64"))?;
    if (1..=longest).contains(&bytes.len()) {
        return Ok(bytes);
    }
    let name = member.to_lowercase();
    let message =
        format!("Value at '{name}' failed to satisfy constraint: Member must have length from 1 to {longest}");
    Err(fault("ValidationException", message))
}

/// A dry run that would succeed is answered by an error.
fn unless_dry_run(call: &Call<'_>) -> Result<(), Fault> {
    if call.flag("DryRun") != Some(true) {
        return Ok(());
    }
    let message = "The request would have succeeded, but the DryRun option is set.";
    Err(Fault::new(412, "DryRunOperationException", message))
}

fn internal(_: Unspecified) -> Fault {
    Fault::new(500, "KMSInternalException", "the key could not be used")
}

pub(super) fn sign(call: &mut Call<'_>) -> Result<Value, Fault> {
    let signing = Signing::of(call)?;
    unless_dry_run(call)?;
    let signature = signing.material.sign(&signing.algorithm, &signing.digest).map_err(internal)?;
    Ok(signing.answer("Signature", &json!(base64::encode(signature))))
}

pub(super) fn verify(call: &mut Call<'_>) -> Result<Value, Fault> {
    let signing = Signing::of(call)?;
    let signature = blob(call, "Signature", LONGEST_SIGNATURE)?;
    if !signing.material.verifies(&signing.algorithm, &signing.digest, &signature).map_err(internal)? {
        return Err(fault("KMSInvalidSignatureException", ""));
    }
    unless_dry_run(call)?;
    Ok(signing.answer("SignatureValid", &json!(true)))
}

pub(super) fn public_key(call: &mut Call<'_>) -> Result<Value, Fault> {
    let found = found(call, "KeyId", true)?;
    let key = found.key(call.world).clone();
    let (arn, spec) = (&found.arn, &key.spec);
    if spec == "SYMMETRIC_DEFAULT" || spec.starts_with("HMAC") {
        let message = format!("{arn} of the spec {spec} has no public key.");
        return Err(fault("UnsupportedOperationException", message));
    }
    usable(arn, &key)?;
    let public = Material::of(call.world, &found)?.public().map_err(internal)?;
    let mut answer = json!({
        "KeyId": arn,
        "PublicKey": base64::encode(public),
        "CustomerMasterKeySpec": spec,
        "KeySpec": spec,
        "KeyUsage": key.usage,
    });
    if let Some((member, algorithms)) = listed(&key) {
        answer[member] = json!(algorithms);
    }
    Ok(answer)
}
