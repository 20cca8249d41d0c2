//! The one HTTP client: TLS with the system's roots or the user's own, and the user's proxies.

use aws_smithy_http_client::pool::{Client, ConnectionPool};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};

use crate::failure::Failure;

/// The HTTP client of the process. `ca_bundle` is what the profile says of it.
///
/// # Errors
/// The certificates of `AWS_CA_BUNDLE`, or of `ca_bundle` in the profile, cannot be used.
pub(super) async fn client(ca_bundle: Option<&str>) -> Result<SharedHttpClient, Failure> {
    let trust = trust(&Env::real(), &Fs::real(), ca_bundle).await?;
    let unusable = |error: &dyn std::error::Error| Failure::failed(format!("could not set up TLS: {error}"));
    let context = TlsContext::builder().with_trust_store(trust).build().map_err(|error| unusable(&error))?;
    let pool = ConnectionPool::builder()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(context)
        .proxy_config(ProxyConfig::from_env())
        .build_https()
        .map_err(|error| unusable(&error))?;
    let client = Client::new(&pool).map_err(|error| unusable(&error))?;
    Ok(SharedHttpClient::new(client))
}

/// Whom to trust. The SDK reads neither the variable nor the key of the profile.
async fn trust(env: &Env, fs: &Fs, ca_bundle: Option<&str>) -> Result<TrustStore, Failure> {
    let of_environment = env.get("AWS_CA_BUNDLE").ok().filter(|path| !path.is_empty());
    let path = of_environment.or_else(|| ca_bundle.map(str::to_owned));
    let Some(path) = path else { return Ok(TrustStore::default()) };
    let refused = |why: &dyn std::fmt::Display| {
        Failure::failed(format!("could not use the certificates in `{path}`: {why}"))
            .hint("AWS_CA_BUNDLE, or `ca_bundle` in the profile, names a file of PEM certificates")
    };
    let pem = fs.read_to_end(&path).await.map_err(|error| refused(&error))?;
    if !pem.windows(BEGIN.len()).any(|window| window == BEGIN) {
        return Err(refused(&"there is no certificate in it"));
    }
    Ok(TrustStore::empty().with_pem_certificate(pem))
}

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

#[cfg(test)]
mod tests {
    use super::*;

    async fn refusal(env: &[(&str, &str)], ca_bundle: Option<&str>) -> Option<String> {
        let fs = Fs::from_slice(&[("/empty.pem", "no certificate here")]);
        trust(&Env::from_slice(env), &fs, ca_bundle).await.err().map(|failure| failure.message)
    }

    #[tokio::test]
    async fn the_variable_names_the_certificates_before_the_profile_does() {
        let of_profile = refusal(&[], Some("/of/profile.pem")).await.expect("not there");
        assert!(of_profile.contains("`/of/profile.pem`"), "{of_profile}");
        let of_variable = refusal(&[("AWS_CA_BUNDLE", "/of/variable.pem")], Some("/of/profile.pem")).await;
        assert!(of_variable.expect("not there").contains("`/of/variable.pem`"));
        assert_eq!(refusal(&[], None).await, None);
    }

    #[tokio::test]
    async fn a_file_without_a_certificate_is_refused() {
        let refused = refusal(&[("AWS_CA_BUNDLE", "/empty.pem")], None).await.expect("refused");
        assert!(refused.contains("there is no certificate in it"), "{refused}");
    }

    #[tokio::test]
    async fn the_client_of_the_process_can_be_made() {
        assert!(client(None).await.is_ok());
    }
}
