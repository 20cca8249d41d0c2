//! The accounts of an organization and how they are reached.

use std::io::{self, Write};

use serde::Serialize;

use super::page::{BOLD, Page, count, paint, safe};
use super::{TOOL, escape};
use crate::target::AccountId;

/// The format of the JSON document.
pub const FORMAT: &str = "trueup.accounts/1";

/// One account in scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reachable {
    /// The account.
    pub id: AccountId,
    /// Its name, where it is known.
    pub name: Option<String>,
    /// The path of its organizational unit, where it is known.
    pub ou_path: Option<String>,
    /// Its state in the organization.
    pub state: String,
    /// How it is reached, in words; none: it is not asked.
    pub reached: Option<String>,
}

const COLUMNS: usize = 5;

/// One long name does not push the columns of all others out of sight.
const WIDEST: usize = 60;

/// Writes them as a table, with ANSI codes.
///
/// # Errors
/// `out` cannot be written.
pub fn text(accounts: &[Reachable], out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out);
    let rows: Vec<[String; COLUMNS]> = accounts.iter().map(cells).collect();
    let titles = ["Account", "Name", "Unit", "State", "Reached"].map(str::to_owned);
    let width = |column: usize| {
        let all = rows.iter().chain([&titles]).map(|row: &[String; COLUMNS]| row[column].chars().count());
        all.max().unwrap_or(0).min(WIDEST)
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let line = |cells: &[String; COLUMNS]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    page.line(0, paint(BOLD, line(&titles)))?;
    rows.iter().try_for_each(|row| page.line(0, line(row)))?;
    page.gap()?;
    let asked = accounts.iter().filter(|account| account.reached.is_some()).count();
    match accounts.len() - asked {
        0 => page.line(0, format_args!("{}.", count(asked, "account"))),
        skipped => page.line(0, format_args!("{}, {skipped} of them not asked.", count(accounts.len(), "account"))),
    }
}

fn cells(account: &Reachable) -> [String; COLUMNS] {
    let or_dash =
        |text: Option<&str>| text.map(safe).filter(|text| !text.is_empty()).unwrap_or("-".into()).into_owned();
    [
        account.id.to_string(),
        or_dash(account.name.as_deref()),
        or_dash(account.ou_path.as_deref()),
        or_dash(Some(&account.state)),
        account.reached.as_deref().map_or_else(|| "not asked".to_owned(), |reached| safe(reached).into_owned()),
    ]
}

/// Writes them as a JSON document.
///
/// # Errors
/// `out` cannot be written.
pub fn json(accounts: &[Reachable], out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(&Document { format: FORMAT, tool: TOOL, accounts })?;
    writeln!(out, "{}", escape::json(&text))
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    tool: &'static str,
    accounts: &'a [Reachable],
}

#[cfg(test)]
mod tests {
    use snapbox::IntoData as _;

    use super::*;

    fn accounts() -> [Reachable; 2] {
        let id = |text: &str| text.parse().expect("an id");
        let text = |text: &str| Some(text.to_owned());
        [
            Reachable {
                id: id("111122223333"),
                name: text("root"),
                ou_path: text("/"),
                state: "ACTIVE".to_owned(),
                reached: text("the caller's own credentials"),
            },
            Reachable {
                id: id("444455556666"),
                name: text("\u{1b}[2Jdev"),
                ou_path: None,
                state: "SUSPENDED".to_owned(),
                reached: None,
            },
        ]
    }

    #[test]
    fn the_table_is_aligned_and_names_cannot_steer_the_terminal() {
        let mut out = vec![];
        text(&accounts(), &mut out).expect("written");
        let plain = anstream::adapter::strip_str(std::str::from_utf8(&out).expect("text")).to_string();
        snapbox::assert_data_eq!(
            plain,
            snapbox::str![[r"
Account       Name          Unit  State      Reached
111122223333  root          /     ACTIVE     the caller's own credentials
444455556666  \u{1b}[2Jdev  -     SUSPENDED  not asked

2 accounts, 1 of them not asked.

"]]
            .raw()
        );
    }

    #[test]
    fn the_document_says_how_each_account_is_reached() {
        let mut out = vec![];
        json(&accounts(), &mut out).expect("written");
        let document: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(document["format"], FORMAT);
        assert_eq!(document["accounts"][0]["reached"], "the caller's own credentials");
        assert!(document["accounts"][1]["reached"].is_null() && document["accounts"][1]["ou_path"].is_null());
    }
}
