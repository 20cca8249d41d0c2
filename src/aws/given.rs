//! What a user gave that can be seen to be wrong before anything is sent: an endpoint.

use crate::failure::Failure;

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
