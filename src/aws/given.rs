//! What a user gave that can be seen to be wrong before anything is sent: the name of a profile, an endpoint.

use aws_config::profile;
use aws_types::os_shim_internal::{Env, Fs};

use crate::failure::Failure;

/// Refuses a profile that is named nowhere. The SDK would say that there are no credentials, and not why.
///
/// # Errors
/// There is no such profile.
pub(super) async fn check_profile(name: &str, env: &Env, fs: &Fs) -> Result<(), Failure> {
    #[expect(clippy::default_trait_access, reason = "the SDK exports the type by a deprecated name only")]
    let files = Default::default();
    // Files that cannot be read are the business of the credentials, which say so better.
    let Ok(profiles) = profile::load(fs, env, &files, Some(name.to_owned().into())).await else { return Ok(()) };
    if profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let mut there: Vec<&str> = profiles.profiles().collect();
    there.sort_unstable();
    let failure = Failure::failed(format!("there is no profile `{name}` in the configuration of AWS"));
    Err(match there.as_slice() {
        [] => failure.hint("no profile was found: profiles are in ~/.aws/config, or where AWS_CONFIG_FILE says"),
        some => failure.hint(format!("there are: {}", some.join(", "))),
    })
}

/// Refuses an endpoint that no request could be sent to.
///
/// # Errors
/// It is not a URL.
pub(super) fn check_endpoint(url: &str) -> Result<(), Failure> {
    let parsed = url.parse::<http::Uri>().ok();
    let whole = parsed.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    if whole.is_some_and(|uri| uri.host() != Some("")) {
        return Ok(());
    }
    Err(Failure::usage(format!("the endpoint `{url}` is not a URL such as https://host:443"))
        .hint("it comes from --endpoint-url, AWS_ENDPOINT_URL, or `endpoint_url` in the profile"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_profile_that_is_named_nowhere_is_said_with_those_there_are() {
        let env = Env::from_slice(&[("HOME", "/home/ada")]);
        let config = "[profile prod]\nregion = eu-west-1\n[default]\nregion = eu-west-1\n";
        let fs = Fs::from_slice(&[("/home/ada/.aws/config", config)]);
        assert_eq!(check_profile("prod", &env, &fs).await, Ok(()));
        let failure = check_profile("prd", &env, &fs).await.expect_err("there is none");
        assert_eq!(
            failure.to_string(),
            "there is no profile `prd` in the configuration of AWS\n  hint: there are: default, prod"
        );
        let nothing = Fs::from_slice(&[]);
        let failure = check_profile("prod", &env, &nothing).await.expect_err("there is none");
        assert!(failure.hints[0].contains("AWS_CONFIG_FILE"), "{failure}");
    }

    #[test]
    fn an_endpoint_is_a_url_with_a_host() {
        for good in ["http://127.0.0.1:4566", "https://sts.example", "https://host/base"] {
            assert_eq!(check_endpoint(good), Ok(()), "{good}");
        }
        for bad in ["", "notaurl", "host:4566", "ftp://host", "http://", "http:///path", "https://a b"] {
            assert!(check_endpoint(bad).is_err(), "{bad}");
        }
    }
}
