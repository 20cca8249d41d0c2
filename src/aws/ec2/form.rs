//! A request as EC2 wants it: a form with the operation, the version of the API and the parameters.

use std::fmt::Write as _;

/// The version of the API whose parameters and answers are meant.
const VERSION: &str = "2016-11-15";

/// The form of one request.
#[derive(Debug)]
pub(super) struct Form(String);

impl Form {
    pub(super) fn of(operation: &'static str) -> Self {
        Self(format!("Action={operation}&Version={VERSION}"))
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.0.push('&');
        self.escape(name);
        self.0.push('=');
        self.escape(value);
    }

    fn escape(&mut self, text: &str) {
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                self.0.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(self.0, "%{byte:02X}");
            }
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_a_form_is_escaped() {
        let mut form = Form::of("Test");
        form.set("A.1", "a b&c=d+é/~");
        assert_eq!(form.text(), "Action=Test&Version=2016-11-15&A.1=a%20b%26c%3Dd%2B%C3%A9%2F~");
    }
}
