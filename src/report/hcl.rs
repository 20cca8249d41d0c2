//! Terraform's language, as much of it as templates take: blocks, arguments, and values that are encoded as JSON.

use std::fmt::Write as _;

use serde_json::Value;

use crate::permissions::Blanks;

/// Stand for the beginning and the end of an expression in a text, which no text of ours has in it: whatever else
/// looks like an expression is escaped.
const BEGINS: &str = "\u{1}";
const ENDS: &str = "\u{2}";

/// What stands in ARNs: Terraform puts its own partition and account there.
pub(super) const IN_TERRAFORM: Blanks<'_> = Blanks {
    partition: "\u{1}data.aws_partition.current.partition\u{2}",
    account: "\u{1}data.aws_caller_identity.current.account_id\u{2}",
};

/// An expression as a value among others.
pub(super) fn expression(text: &str) -> Value {
    Value::String(format!("{BEGINS}{text}{ENDS}"))
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for one in text.chars() {
        match one {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            one => out.push(one),
        }
    }
    let out = out.replace("${", "$${").replace("%{", "%%{");
    out.replace(BEGINS, "${").replace(ENDS, "}") + "\""
}

/// A value; `depth` is how deep the line is on which it begins.
pub(super) fn value(value: &Value, depth: usize) -> String {
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    match value {
        Value::String(text) => {
            let alone = text.strip_prefix(BEGINS).and_then(|rest| rest.strip_suffix(ENDS));
            alone.filter(|rest| !rest.contains(ENDS)).map_or_else(|| quoted(text), str::to_owned)
        }
        Value::Array(values) if values.is_empty() => "[]".to_owned(),
        Value::Array(values) => {
            let lines: Vec<String> =
                values.iter().map(|one| format!("{inner}{},\n", self::value(one, depth + 1))).collect();
            format!("[\n{}{outer}]", lines.concat())
        }
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let line =
                |(key, one): (&String, &Value)| format!("{inner}{} = {}\n", quoted(key), self::value(one, depth + 1));
            format!("{{\n{}{outer}}}", entries.iter().map(line).collect::<String>())
        }
        plain => plain.to_string(),
    }
}

/// A value that becomes a JSON text.
pub(super) fn encoded(document: &Value, depth: usize) -> String {
    format!("jsonencode({})", value(document, depth))
}

/// A file that is being written.
#[derive(Default)]
pub(super) struct Hcl {
    out: String,
    depth: usize,
}

impl Hcl {
    pub(super) fn text(self) -> String {
        self.out
    }

    pub(super) fn comment(&mut self, words: &str) {
        self.line(&format!("# {words}"));
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(self.depth));
    }

    /// A block with what is in it; one at the top stands apart.
    pub(super) fn block(&mut self, head: &str, inside: impl FnOnce(&mut Self)) {
        if self.depth == 0 && !self.out.is_empty() {
            self.out.push('\n');
        }
        self.line(&format!("{head} {{"));
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.line("}");
    }

    /// An argument; the value is an expression.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.line(&format!("{name} = {value}"));
    }

    /// Which versions of the provider of AWS it is written for.
    pub(super) fn provider(&mut self, versions: &str) {
        let source = serde_json::json!({ "source": "hashicorp/aws", "version": versions });
        self.block("terraform", |hcl| {
            hcl.block("required_providers", |hcl| hcl.set("aws", &value(&source, 2)));
        });
    }

    /// Whose partition and account the ARNs get.
    pub(super) fn identity(&mut self) {
        self.block("data \"aws_partition\" \"current\"", |_| {});
        self.block("data \"aws_caller_identity\" \"current\"", |_| {});
    }

    /// A variable with a text as its default.
    pub(super) fn variable(&mut self, name: &str, kind: &str, description: &str, default: Option<&str>) {
        self.block(&format!("variable \"{name}\""), |hcl| {
            hcl.set("type", kind);
            hcl.set("description", &quoted(description));
            if let Some(default) = default {
                hcl.set("default", default);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_looks_like_an_expression_is_escaped_and_an_expression_is_not() {
        assert_eq!(quoted("a \"b\" ${c} %{d}\\"), r#""a \"b\" $${c} %%{d}\\""#);
        assert_eq!(
            quoted(&IN_TERRAFORM.fill("arn:{partition}:x")),
            r#""arn:${data.aws_partition.current.partition}:x""#
        );
        assert_eq!(value(&expression("var.principal"), 0), "var.principal");
    }

    #[test]
    fn values_are_laid_out_by_depth() {
        let document = json!({ "Action": ["a:B"], "None": [] });
        assert_eq!(
            encoded(&document, 1),
            "jsonencode({\n    \"Action\" = [\n      \"a:B\",\n    ]\n    \"None\" = []\n  })"
        );
    }
}
