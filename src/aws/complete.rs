//! Whether an answer arrived to its end. The SDK reads an XML document that was cut off, and an empty JSON document, as
//! one in which fields are missing: what was lost on the way would look as if it were not there.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::observe::Call;

/// An answer that was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer was cut off")]
pub(super) struct CutOff;

/// Refuses an answer that is not all there.
///
/// # Errors
/// It is not.
pub(super) fn check(call: Call, answer: &HttpResponse) -> Result<(), CutOff> {
    // What a write answers may be nothing, and HEAD has no body.
    let head = call.operation.starts_with("Head");
    let may_be_empty = !call.reads() || head;
    if is_cut_off(answer, may_be_empty) || (head && is_nobodys(answer)) { Err(CutOff) } else { Ok(()) }
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
    fn only_what_may_be_empty_is_complete_without_a_body() {
        assert!(is_complete(b" \n", true) && !is_complete(b" \n", false));
        assert!(is_complete(b"us-east-1", false), "what is neither is not looked into");
    }
}
