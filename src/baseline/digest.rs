//! SHA-256 over canonical JSON, so that equal content has an equal digest however it was written.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// JSON on one line with sorted keys.
///
/// # Panics
/// Where the value has a key that is no text: nothing of trueup has.
pub fn canonical<T: Serialize>(value: &T) -> String {
    let mut value = serde_json::to_value(value).expect("plain data serializes");
    // A feature of `serde_json` that another crate may switch on keeps the order of insertion.
    value.sort_all_objects();
    serde_json::to_string(&value).expect("what has become JSON can be written")
}

/// A digest over a sequence of values, each as canonical JSON on a line of its own.
#[derive(Clone, Default)]
pub struct Digest {
    sum: Sha256,
    bytes: usize,
}

impl Digest {
    /// The digest of one value.
    pub fn of<T: Serialize>(value: &T) -> String {
        let mut digest = Self::default();
        digest.add(value);
        digest.end()
    }

    /// Adds a value.
    pub fn add<T: Serialize>(&mut self, value: &T) {
        let line = canonical(value) + "\n";
        self.bytes += line.len();
        self.sum.update(line);
    }

    /// How much was digested.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn end(self) -> String {
        format!("sha256:{}", hex::encode(self.sum.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn the_order_of_keys_does_not_matter_and_that_of_items_does() {
        let one: Value = serde_json::from_str(r#"{"b":[1,2],"a":{"y":null,"x":"é\n"}}"#).expect("JSON");
        assert_eq!(canonical(&one), r#"{"a":{"x":"é\n","y":null},"b":[1,2]}"#);
        assert_eq!(Digest::of(&one), Digest::of(&json!({"a": {"x": "é\n", "y": null}, "b": [1, 2]})));
        assert_ne!(Digest::of(&json!([1, 2])), Digest::of(&json!([2, 1])));
    }
}
