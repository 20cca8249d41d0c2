//! The accounts of an organization and how they are reached.

use std::io::{self, Write};

use serde::Serialize;

use super::TOOL;
use super::page::{BOLD, DIM, Page, count, paint, safe};
use crate::organization::{Account, Organization};
use crate::target::AccountId;

/// The format of the JSON document.
pub const FORMAT: &str = "trueup.accounts/1";

/// One account in scope.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The account.
    pub account: &'a Account,
    /// How it is reached, or why it is not, in words.
    pub reached: String,
}

/// Writes them as a table, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn text(organization: &Organization, entries: &[Entry<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out);
    let rows: Vec<[String; 5]> = entries.iter().map(|entry| cells(organization, entry)).collect();
    let titles = ["id", "name", "unit", "state", "reached"].map(str::to_owned);
    let width = |column: usize| {
        let all = rows.iter().chain([&titles]).map(|row: &[String; 5]| row[column].chars().count());
        all.max().unwrap_or(0)
    };
    let widths: [usize; 5] = std::array::from_fn(width);
    let line = |cells: &[String; 5]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    page.line(0, paint(BOLD, line(&titles)))?;
    rows.iter().try_for_each(|row| page.line(0, line(row)))?;
    page.gap()?;
    let id = organization.id.as_deref().map(|id| format!(" of {}", safe(id))).unwrap_or_default();
    page.line(0, format_args!("{}{id}", count(entries.len(), "account")))?;
    organization.unknown.iter().try_for_each(|what| page.line(0, paint(DIM, format_args!("Not known: {}", safe(what)))))
}

fn cells(organization: &Organization, Entry { account, reached }: &Entry<'_>) -> [String; 5] {
    let or_dash =
        |text: Option<&str>| text.map(safe).filter(|text| !text.is_empty()).unwrap_or("-".into()).into_owned();
    let mut name = or_dash(account.name.as_deref());
    if organization.management_account.as_ref() == Some(&account.id) {
        name.push_str(" (management)");
    }
    let state = safe(account.state.as_str()).into_owned();
    [account.id.to_string(), name, or_dash(account.ou_path.as_deref()), state, safe(reached).into_owned()]
}

/// Writes them as a JSON document.
///
/// # Errors
/// `out` cannot be written.
pub fn json(organization: &Organization, entries: &[Entry<'_>], out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        format: FORMAT,
        tool: TOOL,
        organization: OrganizationLine {
            id: organization.id.as_deref(),
            management_account: organization.management_account.as_ref(),
        },
        unknown: &organization.unknown,
        accounts: entries.iter().map(AccountEntry::of).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    tool: &'static str,
    organization: OrganizationLine<'a>,
    unknown: &'a [String],
    accounts: Vec<AccountEntry<'a>>,
}

#[derive(Serialize)]
struct OrganizationLine<'a> {
    id: Option<&'a str>,
    management_account: Option<&'a AccountId>,
}

#[derive(Serialize)]
struct AccountEntry<'a> {
    id: &'a AccountId,
    name: Option<&'a str>,
    ou_path: Option<&'a str>,
    state: &'a str,
    reached: &'a str,
}

impl<'a> AccountEntry<'a> {
    fn of(Entry { account, reached }: &'a Entry<'a>) -> Self {
        let Account { id, name, state, ou_path, .. } = account;
        Self { id, name: name.as_deref(), ou_path: ou_path.as_deref(), state: state.as_str(), reached }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::State;
    use crate::target::Partition;

    fn organization() -> Organization {
        let ids = ["111122223333", "444455556666"].map(|id| id.parse().expect("an id"));
        let mut organization = Organization::named(&ids, &Partition::of_arn("arn:aws:iam::1:root").expect("an ARN"));
        organization.id = Some("o-abc1234567".to_owned());
        organization.management_account = Some(ids[0].clone());
        organization.unknown = vec![];
        let [first, second] = &mut organization.accounts[..] else { panic!("two accounts") };
        (first.name, first.ou_path, first.state) = (Some("root".into()), Some("/".into()), State::Active);
        (second.name, second.state) = (Some("\u{1b}[2Jdev".into()), State::Suspended);
        organization
    }

    fn entries(organization: &Organization) -> Vec<Entry<'_>> {
        let reached = ["the caller's own credentials", "not asked: it is SUSPENDED"];
        let all = organization.accounts.iter().zip(reached);
        all.map(|(account, reached)| Entry { account, reached: reached.to_owned() }).collect()
    }

    #[test]
    fn the_table_is_aligned_and_names_cannot_steer_the_terminal() {
        let organization = organization();
        let mut out = vec![];
        text(&organization, &entries(&organization), &mut out).expect("written");
        let plain = anstream::adapter::strip_str(std::str::from_utf8(&out).expect("text")).to_string();
        snapbox::assert_data_eq!(
            plain,
            snapbox::str![[r"
id            name               unit  state      reached
111122223333  root (management)  /     ACTIVE     the caller's own credentials
444455556666  \u{1b}[2Jdev       -     SUSPENDED  not asked: it is SUSPENDED

2 accounts of o-abc1234567

"]]
            .raw()
        );
    }

    #[test]
    fn the_document_says_how_each_account_is_reached() {
        let organization = organization();
        let mut out = vec![];
        json(&organization, &entries(&organization), &mut out).expect("written");
        let document: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(document["format"], FORMAT);
        assert_eq!(document["organization"]["management_account"], "111122223333");
        assert_eq!(document["accounts"][1]["reached"], "not asked: it is SUSPENDED");
        assert!(document["accounts"][1]["ou_path"].is_null());
    }
}
