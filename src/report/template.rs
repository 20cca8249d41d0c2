//! What every CloudFormation template that trueup writes has in common.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::permissions::Blanks;

/// What stands in ARNs of a template: CloudFormation puts its own partition and account there.
pub(super) const IN_CLOUDFORMATION: Blanks<'_> =
    Blanks { partition: "${AWS::Partition}", account: "${AWS::AccountId}" };

/// A name of a thing in a template: letters and digits alone.
pub(super) fn logical(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
    };
    name.split('-').map(word).collect()
}

/// The same value with `Fn::Sub` around each text that has something to be put in.
pub(super) fn substituted(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains("${") => json!({ "Fn::Sub": text }),
        Value::Array(values) => values.into_iter().map(substituted).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, substituted(value))).collect(),
        other => other,
    }
}

/// Writes a template, without white space: `CloudFormation` takes one of 51,200 bytes, and a longer one only from a bucket.
pub(super) fn write(template: &Value, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, template)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_logical_and_only_what_has_something_to_put_in_is_substituted() {
        assert_eq!(logical("read-member-2"), "ReadMember2");
        let value = json!({ "Resource": ["*", "arn:${AWS::Partition}:s3:::*"] });
        let wanted = json!({ "Resource": ["*", { "Fn::Sub": "arn:${AWS::Partition}:s3:::*" }] });
        assert_eq!(substituted(value), wanted);
    }
}
