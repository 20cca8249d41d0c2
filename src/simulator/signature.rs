//! Signature version 4, as AWS verifies it.

use super::wire::pairs;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Request};
use hyper::body::Bytes;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What an Authorization header says.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) access_key_id: String,
    date: String,
    pub(crate) region: String,
    pub(crate) service: String,
    signed_headers: Vec<String>,
    digest: String,
}

impl Signature {
    /// Reads the header; none if it is missing or not of version 4.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get("authorization")?.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256")?;
        let part = |name: &str| header.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
        let mut scope = part("Credential")?.split('/');
        let (access_key_id, date) = (scope.next()?.to_owned(), scope.next()?.to_owned());
        let (region, service) = (scope.next()?.to_owned(), scope.next()?.to_owned());
        let signed_headers = part("SignedHeaders")?.split(';').map(str::to_owned).collect();
        Some(Self { access_key_id, date, region, service, signed_headers, digest: part("Signature")?.to_owned() })
    }

    /// Whether a request was signed with this secret and arrived as it was signed.
    pub(crate) fn verifies(&self, request: &Request<Bytes>, secret: &str) -> bool {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let Some(time) = header("x-amz-date") else { return false };
        let digest = hex::encode(Sha256::digest(request.body()));
        let payload = header("x-amz-content-sha256").unwrap_or(&digest);
        let hashed = payload.len() == 64 && payload.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hashed && payload != digest {
            return false;
        }
        let canonical = self.canonical(request, payload);
        let scope = format!("{}/{}/{}/aws4_request", self.date, self.region, self.service);
        let to_sign =
            format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex::encode(Sha256::digest(canonical.as_bytes())));
        let key = [&self.date, &self.region, &self.service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{secret}").into_bytes(), |key, part| sign(&key, part));
        hex::encode(sign(&key, &to_sign)) == self.digest
    }

    fn canonical(&self, request: &Request<Bytes>, payload: &str) -> String {
        let uri = request.uri();
        // S3 alone takes the path as it was sent; everywhere else it is encoded once more.
        let path = if self.service == "s3" { uri.path().to_owned() } else { encoded(uri.path(), true) };
        let mut query = pairs(uri.query().unwrap_or_default(), false)
            .iter()
            .map(|(key, value)| format!("{}={}", encoded(key, false), encoded(value, false)))
            .collect::<Vec<_>>();
        query.sort();
        let mut headers = String::new();
        for name in &self.signed_headers {
            let values: Vec<String> = request
                .headers()
                .get_all(name)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            // A request that came by no network has no Host header: its host is in the URI.
            let host = uri.authority().filter(|_| name == "host" && values.is_empty());
            let value = host.map_or_else(|| values.join(","), ToString::to_string);
            headers += name;
            headers += ":";
            headers += &value;
            headers += "\n";
        }
        let names = self.signed_headers.join(";");
        format!("{}\n{path}\n{}\n{headers}\n{names}\n{payload}", request.method(), query.join("&"))
    }
}

fn sign(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn encoded(text: &str, path: bool) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (path && byte == b'/') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a String takes every write");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example request of AWS's own documentation of signing.
    fn example() -> Request<Bytes> {
        Request::get("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
            .header("host", "iam.amazonaws.com")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("x-amz-date", "20150830T123600Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date, \
                 Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            )
            .body(Bytes::new())
            .unwrap()
    }

    #[test]
    fn the_example_of_aws_verifies() {
        let request = example();
        let signature = Signature::of(request.headers()).unwrap();
        assert_eq!((signature.region.as_str(), signature.service.as_str()), ("us-east-1", "iam"));
        assert!(signature.verifies(&request, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    }

    #[test]
    fn another_secret_and_another_body_do_not() {
        let mut request = example();
        let signature = Signature::of(request.headers()).unwrap();
        assert!(!signature.verifies(&request, "another"));
        *request.body_mut() = Bytes::from_static(b"more");
        assert!(!signature.verifies(&request, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    }
}
