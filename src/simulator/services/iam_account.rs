//! What an account's IAM has besides identities: its alias, server certificates, identity providers.

use super::iam::{listed, missing, taken};
use super::iam_tags as tagging;
use crate::fault::Fault;
use crate::front::Call;
use aws_smithy_types::base64;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A server certificate.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Certificate {
    /// `ASCA…`.
    pub id: String,
    /// Such as `/`.
    pub path: String,
    /// Seconds since the epoch.
    pub uploaded: i64,
    /// When it runs out.
    pub expires: i64,
    /// The listener that uses it.
    pub used_by: Option<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

pub(super) fn create_alias(call: &mut Call<'_>) -> Result<Value, Fault> {
    let alias = call.need("AccountAlias")?.to_owned();
    let plain = alias.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !plain || alias.starts_with('-') || alias.ends_with('-') || alias.contains("--") {
        let message = "The specified value for accountAlias is invalid. It must contain only digits, lowercase letters, \
                       and hyphens (-), but cannot begin or end with a hyphen.";
        return Err(Fault::new(400, "ValidationError", message));
    }
    // Aliases are unique among all accounts of AWS.
    let account = call.account.to_owned();
    if call.world.alias_of_another(&alias, &account) {
        return Err(taken(format!("The account alias {alias} already exists.")));
    }
    call.mine().iam.alias = Some(alias);
    Ok(json!({}))
}

pub(super) fn delete_alias(call: &mut Call<'_>) -> Result<Value, Fault> {
    let alias = call.need("AccountAlias")?.to_owned();
    let iam = &mut call.mine().iam;
    if iam.alias.as_deref() != Some(&alias) {
        return Err(missing(format!("The account alias {alias} cannot be found.")));
    }
    iam.alias = None;
    Ok(json!({}))
}

pub(super) fn list_aliases(call: &mut Call<'_>) -> Result<Value, Fault> {
    let all = call.mine().iam.alias.iter().map(|alias| json!(alias)).collect();
    listed(call, "AccountAliases", all)
}

fn shown(call: &Call<'_>, name: &str, certificate: &Certificate) -> Value {
    let Certificate { id, path, uploaded, expires, .. } = certificate;
    json!({
        "Path": path, "ServerCertificateName": name, "ServerCertificateId": id, "UploadDate": uploaded,
        "Expiration": expires,
        "Arn": format!("arn:{}:iam::{}:server-certificate{path}{name}", call.world.partition, call.account),
    })
}

pub(super) fn upload_certificate(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("ServerCertificateName")?.to_owned();
    let malformed = || {
        Fault::new(
            400,
            "MalformedCertificate",
            "Unable to parse certificate. Please ensure the certificate is in PEM format.",
        )
    };
    let expires = expiration(call.need("CertificateBody")?).ok_or_else(malformed)?;
    if call.mine().iam.certificates.contains_key(&name) {
        return Err(taken(format!("The Server Certificate with name {name} already exists.")));
    }
    let certificate = Certificate {
        id: format!("ASCA{}", call.world.token(17).to_uppercase()),
        path: call.text("Path").unwrap_or("/").to_owned(),
        uploaded: call.now(),
        expires,
        used_by: None,
        tags: tagging::sent(call)?,
    };
    let answer = shown(call, &name, &certificate);
    call.mine().iam.certificates.insert(name, certificate);
    Ok(json!({ "ServerCertificateMetadata": answer }))
}

pub(super) fn list_certificates(call: &mut Call<'_>) -> Result<Value, Fault> {
    let prefix = call.text("PathPrefix").unwrap_or("/").to_owned();
    let certificates = call.mine().iam.certificates.clone();
    let all = certificates.iter().filter(|(_, certificate)| certificate.path.starts_with(&prefix));
    let all = all.map(|(name, certificate)| shown(call, name, certificate)).collect();
    listed(call, "ServerCertificateMetadataList", all)
}

pub(super) fn delete_certificate(call: &mut Call<'_>) -> Result<Value, Fault> {
    let name = call.need("ServerCertificateName")?.to_owned();
    let certificates = &mut call.mine().iam.certificates;
    match certificates.get(&name) {
        None => Err(missing(format!("The Server Certificate with name {name} cannot be found."))),
        Some(Certificate { id, used_by: Some(user), .. }) => {
            let message = format!(
                "Certificate: {id} is currently in use by {user}. Please remove it first before deleting it from IAM."
            );
            Err(Fault::new(409, "DeleteConflict", message))
        }
        Some(_) => {
            certificates.remove(&name);
            Ok(json!({}))
        }
    }
}

/// The end of the validity of a certificate in PEM, in seconds since the epoch.
fn expiration(pem: &str) -> Option<i64> {
    let body = pem.split_once("-----BEGIN CERTIFICATE-----")?.1.split_once("-----END CERTIFICATE-----")?.0;
    let der = base64::decode(body.split_whitespace().collect::<String>()).ok()?;
    let (_, certificate, _) = element(&der)?;
    let (_, mut rest, _) = element(certificate)?;
    // The version, which only a certificate of version 1 leaves out.
    if let (0xa0, _, after) = element(rest)? {
        rest = after;
    }
    // Its serial number, the algorithm of its signature, and its issuer.
    for _ in 0..3 {
        rest = element(rest)?.2;
    }
    let (_, validity, _) = element(rest)?;
    let (kind, end, _) = element(element(validity)?.2)?;
    time(kind, std::str::from_utf8(end).ok()?)
}

/// The first element of some DER: its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, first) = (*der.first()?, *der.get(1)?);
    let (length, start) = match first {
        0..=127 => (usize::from(first), 2),
        128 => return None,
        _ => {
            let bytes = der.get(2..2 + usize::from(first & 0x7f))?;
            (
                bytes.iter().try_fold(0usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)))?,
                2 + bytes.len(),
            )
        }
    };
    Some((tag, der.get(start..start.checked_add(length)?)?, &der[start + length..]))
}

/// `UTCTime`, of which years below 50 are of this century, or `GeneralizedTime`.
fn time(kind: u8, text: &str) -> Option<i64> {
    let century = match kind {
        0x17 if text < "50" => "20",
        0x17 => "19",
        0x18 => "",
        _ => return None,
    };
    let time = jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", format!("{century}{text}")).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

pub(super) fn create_saml(call: &mut Call<'_>) -> Result<Value, Fault> {
    let (name, now) = (call.need("Name")?.to_owned(), call.now());
    let arn = format!("arn:{}:iam::{}:saml-provider/{name}", call.world.partition, call.account);
    if call.mine().iam.saml.contains_key(&arn) {
        return Err(taken(format!("SAMLProvider {arn} already exists.")));
    }
    call.mine().iam.saml.insert(arn.clone(), now);
    Ok(json!({ "SAMLProviderArn": arn }))
}

pub(super) fn list_saml(call: &mut Call<'_>) -> Result<Value, Fault> {
    let all: Value =
        call.mine().iam.saml.iter().map(|(arn, created)| json!({"Arn": arn, "CreateDate": created})).collect();
    Ok(json!({ "SAMLProviderList": all }))
}

pub(super) fn create_oidc(call: &mut Call<'_>) -> Result<Value, Fault> {
    let url = call.need("Url")?.to_owned();
    let Some(host) = url.strip_prefix("https://") else {
        return Err(Fault::new(400, "ValidationError", "Invalid Open ID Connect Provider URL"));
    };
    let arn = format!("arn:{}:iam::{}:oidc-provider/{host}", call.world.partition, call.account);
    if !call.mine().iam.oidc.insert(arn.clone()) {
        return Err(taken(format!("Provider with url {url} already exists.")));
    }
    Ok(json!({ "OpenIDConnectProviderArn": arn }))
}

pub(super) fn list_oidc(call: &mut Call<'_>) -> Result<Value, Fault> {
    let all: Value = call.mine().iam.oidc.iter().map(|arn| json!({ "Arn": arn })).collect();
    Ok(json!({ "OpenIDConnectProviderList": all }))
}
