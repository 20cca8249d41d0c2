//! The roles that trueup enters accounts by, as templates: with whom they trust, what they may, and what watches them.

mod cloudformation;
mod terraform;
mod watch;

pub use cloudformation::write as cloudformation;
pub use terraform::write as terraform;

use serde_json::{Value, json};

use crate::observe::Home;
use crate::permissions::{Document, Holder, Policy, documents};

/// Which template is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// For the management account: its own roles, the StackSet that makes those of all members, and what watches them.
    Organization,
    /// The roles of one member account.
    Member,
    /// The roles of the management account alone.
    Management,
    /// The roles of the log archive account, where the StackSet leaves it out.
    LogArchive,
}

/// What the templates are made of.
pub struct Roles<'a> {
    /// The permissions of each holder.
    pub policies: &'a [Policy],
    /// The name of the role that reads, with its path.
    pub read_role: &'a str,
    /// The name of the role that writes, with its path.
    pub write_role: &'a str,
    /// The name of the role that reads the management account, with its path.
    pub management_role: &'a str,
    /// The one user or role that plans: it may assume the read roles.
    pub reader: &'a str,
    /// The one user or role that applies: it may assume the write roles, and the read roles as well. May be the same.
    pub writer: &'a str,
    /// The organization that it has to belong to.
    pub organization: &'a str,
    /// What has to be said to assume them, if anything.
    pub external_id: Option<&'a str>,
    /// The account that keeps the logs of others, whose roles may do more than a member's.
    pub log_archive: Option<&'a str>,
    /// Actions that nobody but the write role needs.
    pub protected: Vec<String>,
}

/// One role of a template.
struct Role<'a> {
    /// `read` or `write`.
    kind: &'static str,
    path: &'a str,
    name: &'a str,
    description: String,
    documents: Vec<Document>,
}

impl<'a> Roles<'a> {
    /// The roles of accounts of this kind. A role that would have nothing to do is not made.
    fn of(&self, home: Home) -> Vec<Role<'a>> {
        let (whose, read_role) = match home {
            Home::Member => ("this account", self.read_role),
            Home::Management => ("the management account", self.management_role),
            Home::LogArchive => ("the log archive account", self.read_role),
        };
        let both = [
            (READ, read_role, Holder::Reader(home), format!("trueup reads settings of {whose}")),
            (WRITE, self.write_role, Holder::Writer(home), format!("trueup writes what its plans say in {whose}")),
        ];
        let role = |(kind, full, holder, description): (&'static str, &'a str, Holder, String)| {
            let policy = self.policies.iter().find(|policy| policy.holder == holder)?;
            let documents = documents(policy);
            let (path, name) = split(full);
            (!documents.is_empty()).then_some(Role { kind, path, name, description, documents })
        };
        both.into_iter().filter_map(role).collect()
    }

    /// What kind the log archive account is: one like any other, where no setting says what it keeps.
    fn archive(&self) -> Home {
        if self.log_archive.is_some() { Home::LogArchive } else { Home::Member }
    }

    /// What a template has to be told: what it calls it, the value that is known already, and what it is for.
    fn parameters(&self) -> Vec<Parameter<'a>> {
        let mut all = if self.reader == self.writer {
            vec![Parameter::principal(PRINCIPAL, self.writer, "ARN of the one role or user that may assume the roles")]
        } else {
            let both = "ARN of the one role or user that may assume the write role, and the read role as well";
            vec![
                Parameter::principal(
                    READ_PRINCIPAL,
                    self.reader,
                    "ARN of a role or user that may assume the read role",
                ),
                Parameter::principal(WRITE_PRINCIPAL, self.writer, both),
            ]
        };
        let words = "The organization that whoever assumes the roles has to belong to";
        let (name, pattern) = (ORGANIZATION, "^o-[a-z0-9]{10,32}$");
        all.push(Parameter { name, value: self.organization, pattern, words });
        all.extend(self.external_id.map(|value| {
            let words = "What has to be said to assume the roles";
            Parameter { name: EXTERNAL_ID, value, pattern: "^[A-Za-z0-9_+=,.@:/-]{2,1224}$", words }
        }));
        all
    }

    /// Whom a role of this kind trusts, where `refer` is what a parameter of the template holds.
    fn trust(&self, kind: &str, refer: impl Fn(&str) -> Value) -> Value {
        let mut equals = json!({ "aws:PrincipalOrgID": refer(ORGANIZATION) });
        if self.external_id.is_some() {
            equals["sts:ExternalId"] = refer(EXTERNAL_ID);
        }
        let principal = if self.reader == self.writer {
            refer(PRINCIPAL)
        } else if kind == WRITE {
            refer(WRITE_PRINCIPAL)
        } else {
            // An apply reads what others depend on as a plan does.
            json!([refer(READ_PRINCIPAL), refer(WRITE_PRINCIPAL)])
        };
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "AWS": principal },
                "Action": "sts:AssumeRole",
                "Condition": { "StringEquals": equals },
            }],
        })
    }
}

/// What a template has to be told.
struct Parameter<'a> {
    /// Words with dashes, which each template writes its own way.
    name: &'static str,
    value: &'a str,
    /// What it has to look like.
    pattern: &'static str,
    words: &'static str,
}

impl<'a> Parameter<'a> {
    fn principal(name: &'static str, value: &'a str, words: &'static str) -> Self {
        Self { name, value, pattern: "^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/.+$", words }
    }
}

const PRINCIPAL: &str = "principal";
const READ_PRINCIPAL: &str = "read-principal";
const WRITE_PRINCIPAL: &str = "write-principal";
const ORGANIZATION: &str = "organization-id";
const EXTERNAL_ID: &str = "external-id";

const READ: &str = "read";
const WRITE: &str = "write";

/// Path and name of a role: IAM takes them apart, and paths begin and end with a slash.
fn split(full: &str) -> (&str, &str) {
    let full = full.trim_start_matches('/');
    full.rfind('/').map_or(("", full), |at| (&full[..at], &full[at + 1..]))
}

/// A path as IAM takes it.
fn path(path: &str) -> String {
    if path.is_empty() { "/".to_owned() } else { format!("/{path}/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_split_into_its_path_and_its_name() {
        assert_eq!(split("trueup-read"), ("", "trueup-read"));
        assert_eq!(split("/security/tools/trueup-read"), ("security/tools", "trueup-read"));
        assert_eq!((path(""), path("security/tools")), ("/".to_owned(), "/security/tools/".to_owned()));
    }
}
