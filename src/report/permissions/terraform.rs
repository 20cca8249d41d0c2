//! The permissions as Terraform: managed policies.

use std::io::{self, Write};

use super::{Shown, holder, place};
use crate::permissions::documents;
use crate::permissions::never::OWN_PATH;
use crate::report::hcl::{Hcl, IN_TERRAFORM, encoded, quoted};

/// Writes managed policies; which of them are made is decided by the variable `account_kind`.
///
/// # Errors
/// `out` cannot be written.
pub fn write(shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (name, digest) = shown.baseline;
    let mut hcl = Hcl::default();
    hcl.comment(&format!("Permissions of trueup with {name} ({digest})."));
    hcl.identity();
    hcl.block("variable \"account_kind\"", |hcl| {
        hcl.set("type", "string");
        hcl.set("description", &quoted("Whose policies are made: caller, member, management or log-archive"));
    });
    for policy in shown.policies {
        for document in documents(policy) {
            hcl.block(&format!("resource \"aws_iam_policy\" \"{}\"", document.name.replace('-', "_")), |hcl| {
                hcl.set("count", &format!("var.account_kind == {} ? 1 : 0", quoted(place(policy.holder))));
                hcl.set("name", &quoted(&format!("trueup-{}", document.name)));
                hcl.set("path", &quoted(OWN_PATH));
                hcl.set("description", &quoted(&format!("What trueup needs of {}", holder(policy.holder))));
                hcl.set("policy", &encoded(&document.json(IN_TERRAFORM), 1));
            });
        }
    }
    out.write_all(hcl.text().as_bytes())
}
