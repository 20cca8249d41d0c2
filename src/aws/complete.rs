//! Whether an answer arrived to its end. The SDK reads an XML document that was cut off, and an empty JSON document, as
//! one in which fields are missing: what was lost on the way would look as if it were not there.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::errors::reads_as_html;
use crate::observe::{Call, PAGE};

/// An answer that is none, whatever the SDK has read in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAnswer {
    /// It is not all there.
    #[error("the answer was cut off")]
    CutOff,
    /// A page of a proxy with this status. Where the SDK takes text as it is, such as a bucket policy, it reads one as
    /// any other.
    #[error("{PAGE} (HTTP {0})")]
    Page(u16),
}

/// Refuses an answer that is not all there, or none of AWS.
///
/// # Errors
/// It is not.
pub(super) fn check(call: Call, answer: &HttpResponse) -> Result<(), NoAnswer> {
    // What a write answers may be nothing, and HEAD has no body.
    let head = call.operation.starts_with("Head");
    let may_be_empty = !call.reads() || head;
    match answer.status().as_u16() {
        _ if is_cut_off(answer, may_be_empty) || (head && is_nobodys(answer)) => Err(NoAnswer::CutOff),
        status if call.reads() && answer.status().is_success() && reads_as_html(answer) => Err(NoAnswer::Page(status)),
        _ => Ok(()),
    }
}

/// Whether the answer to a HEAD is none of AWS. A page of a proxy has no body there by which it would be known, and none
/// of the headers that S3 always sends.
pub(super) fn is_nobodys(answer: &HttpResponse) -> bool {
    answer.status().is_success() && !answer.headers().iter().any(|(name, _)| name.starts_with("x-amz"))
}

/// Whether an answer that should be a result is not all there.
pub(super) fn is_cut_off(answer: &HttpResponse, may_be_empty: bool) -> bool {
    answer.status().is_success() && !answer.body().bytes().is_none_or(|body| is_complete(body, may_be_empty))
}

/// Whether a refusal is not all there, so that nobody knows what was refused.
pub(super) fn is_half_a_refusal(answer: &HttpResponse) -> bool {
    let body = answer.body().bytes().unwrap_or_default();
    !answer.status().is_success() && !reads_as_html(answer) && !is_complete(body, true)
}

fn is_complete(body: &[u8], may_be_empty: bool) -> bool {
    let body = body.trim_ascii();
    match body {
        [] => may_be_empty,
        [b'{', .., end] => *end == b'}',
        [b'{'] => false,
        [b'<', ..] => is_closed(body),
        _ => true,
    }
}

/// Whether an XML document ends with the end of its root element.
fn is_closed(document: &[u8]) -> bool {
    let mut rest = document;
    loop {
        let Some(start) = rest.iter().position(|byte| *byte == b'<') else { return false };
        rest = &rest[start + 1..];
        if !matches!(rest.first(), Some(b'?' | b'!')) {
            break;
        }
    }
    let end = rest.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    let Some(name) = end.map(|end| &rest[..end]) else { return false };
    // An empty root element ends itself, if nothing else begins behind it.
    if !rest.contains(&b'<') {
        return rest.ends_with(b"/>");
    }
    document.strip_suffix(b">").is_some_and(|open| open.trim_ascii_end().ends_with(&[b"</", name].concat()))
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[test]
    fn what_was_cut_off_anywhere_is_not_complete() {
        let documents = [
            "<?xml version=\"1.0\"?>\n<R xmlns=\"x\"><A><B>1</B></A></R>\n",
            "<R><R>x</R></R>",
            "<R/>",
            "<R a=\"b\"/>",
            r#"{"Trails": [{"Name": "a"}]}"#,
            "{}",
        ];
        for document in documents {
            assert!(is_complete(document.as_bytes(), false), "{document}");
            for length in 0..document.trim_end().len() {
                let cut = &document.as_bytes()[..length];
                // The end of an inner element that has the name of the root is the one thing that cannot be told.
                let told = cut != b"<R><R>x</R>" && !cut.ends_with(b"{\"Name\": \"a\"}");
                assert!(!told || !is_complete(cut, false), "{}", String::from_utf8_lossy(cut));
            }
        }
    }

    #[test]
    fn what_has_no_header_of_aws_is_nobodys() {
        let answer = |header: &'static str| {
            let mut answer = HttpResponse::new(200.try_into().expect("a status"), SdkBody::empty());
            answer.headers_mut().insert(header, "text/plain");
            answer
        };
        assert!(is_nobodys(&answer("content-type")) && !is_nobodys(&answer("x-amz-request-id")));
    }

    #[test]
    fn only_what_may_be_empty_is_complete_without_a_body() {
        assert!(is_complete(b" \n", true) && !is_complete(b" \n", false));
        assert!(is_complete(b"us-east-1", false), "what is neither is not looked into");
    }
}
