//! JSON documents: a plan, streamed account by account, and the result of an apply.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::applied::{Approved, Waved};
use super::escape::json as safe;
use super::{Applied, Counts, TOOL};
use crate::assessment::{Assessment, Row, Summary};
use crate::controls;
use crate::engine::Spool;
use crate::engine::apply::Outcome;
use crate::plan::{Change, Digest, Header, OrganizationLine};
use crate::target::{AccountId, Region};
use crate::whole_file::WholeFile;

/// The format of the result of an apply.
pub const APPLY_FORMAT: &str = "trueup.apply/1";

/// Writes a plan: what `plan --format json` prints and what `--out` keeps. One account is in memory at a time.
/// Answers its digest.
///
/// # Errors
/// The spool cannot be read, or `out` cannot be written.
pub fn plan(header: &Header, spool: &mut Spool, out: &mut (impl Write + ?Sized)) -> io::Result<String> {
    let mut document = Document::open(&with_every_kind(header), out)?;
    document.list("accounts", spool, |found, list| list.item(&found.account))?;
    document.list("terms", spool, |found, list| found.terms.iter().try_for_each(|terms| list.item(terms)))?;
    document.list("verdicts", spool, |mut found, list| {
        found.verdicts.sort_by(|one, other| place(one).cmp(&place(other)));
        found.verdicts.iter().try_for_each(|row| list.item(row))
    })?;
    document.list("changes", spool, |found, list| found.changes.iter().try_for_each(|change| list.item(change)))?;
    document.close()
}

/// Writes a plan file: readable for its owner alone, and there as a whole or not at all.
///
/// # Errors
/// The folder or the spool cannot be read or written.
pub fn plan_file(path: &Path, header: &Header, spool: &mut Spool) -> io::Result<()> {
    let mut file = WholeFile::create(path)?;
    plan(header, spool, &mut file)?;
    file.end()
}

/// Writes the result of an apply, outcomes in the order of the plan.
///
/// # Errors
/// `out` cannot be written.
pub fn apply(applied: &Applied<'_>, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    let head = ApplyHead {
        format: APPLY_FORMAT,
        tool: TOOL,
        run: applied.run,
        created: applied.created,
        plan: PlanLine { digest: applied.plan },
        organization: applied.organization,
        complete: applied.complete,
        summary: applied.counts(),
        waves: applied.waves(),
        approvals: applied.approved(),
    };
    open(&head, out)?;
    out.write_all(b",\n  \"outcomes\": [")?;
    let mut between = "\n";
    for (change, outcome) in applied.pairs() {
        let Change { id, account, region, control, object, .. } = change;
        let line = OutcomeLine { id, account, region: region.as_ref(), control, object, outcome };
        write!(out, "{between}    {}", safe(&serde_json::to_string(&line)?))?;
        between = ",\n";
    }
    out.write_all(if between == "\n" { b"]\n}\n" } else { b"\n  ]\n}\n" })
}

#[derive(Serialize)]
struct ApplyHead<'a> {
    format: &'static str,
    tool: &'static str,
    run: &'a str,
    created: jiff::Timestamp,
    plan: PlanLine<'a>,
    organization: &'a OrganizationLine,
    complete: bool,
    summary: Counts,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waves: Vec<Waved<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    approvals: Vec<Approved<'a>>,
}

#[derive(Serialize)]
struct PlanLine<'a> {
    digest: &'a str,
}

#[derive(Serialize)]
struct OutcomeLine<'a> {
    id: &'a str,
    account: &'a AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a Region>,
    control: &'a str,
    object: &'a str,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

/// A header whose figures name every kind of verdict, also where there is none of it.
fn with_every_kind(header: &Header) -> Header {
    let mut header = header.clone();
    for (kind, none) in Summary::empty().requirements {
        header.summary.requirements.entry(kind).or_insert(none);
    }
    header
}

/// Where a verdict stands within its account. Those of one object stay in the order of its requirements.
fn place(row: &Row) -> (Option<&Region>, usize, Option<&str>) {
    (row.region.as_ref(), controls::position(&row.control), row.object.as_deref())
}

/// Writes an object with a field per line, and leaves it open for more.
fn open(head: &impl Serialize, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    let text = serde_json::to_string_pretty(head)?;
    let text = safe(&text);
    out.write_all(text.strip_suffix("\n}").unwrap_or(&text).as_bytes())
}

/// A document that is written and digested at once.
struct Document<'a, W: ?Sized> {
    out: &'a mut W,
    digest: Digest,
}

/// A list of a document that is being written.
struct List<'a, W: ?Sized> {
    out: &'a mut W,
    digest: &'a mut Digest,
    empty: bool,
}

impl<'a, W: Write + ?Sized> Document<'a, W> {
    fn open(header: &Header, out: &'a mut W) -> io::Result<Self> {
        let mut digest = Digest::default();
        digest.add(&as_read(&serde_json::to_string(header)?)?);
        open(header, out)?;
        Ok(Self { out, digest })
    }

    /// Writes a list, in one pass over the spool.
    fn list(
        &mut self,
        name: &str,
        spool: &mut Spool,
        mut each: impl FnMut(Assessment, &mut List<'_, W>) -> io::Result<()>,
    ) -> io::Result<()> {
        write!(self.out, ",\n  \"{name}\": [")?;
        let mut list = List { out: self.out, digest: &mut self.digest, empty: true };
        spool.read(|found| each(found, &mut list))?;
        let end = if list.empty { "]" } else { "\n  ]" };
        self.out.write_all(end.as_bytes())
    }

    fn close(self) -> io::Result<String> {
        let digest = self.digest.end();
        writeln!(self.out, ",\n  \"digest\": \"{digest}\"\n}}")?;
        self.out.flush()?;
        Ok(digest)
    }
}

impl<W: Write + ?Sized> List<'_, W> {
    /// Writes one element on a line of its own.
    fn item(&mut self, item: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(item)?;
        self.digest.add(&as_read(&text)?);
        let before = if self.empty { "\n    " } else { ",\n    " };
        self.empty = false;
        self.out.write_all(before.as_bytes())?;
        self.out.write_all(safe(&text).as_bytes())
    }
}

/// What a reader makes of this text. The digest is taken of that, because a number with a fraction that is
/// written and read again need not be the same to its last bit.
fn as_read(text: &str) -> io::Result<Value> {
    Ok(serde_json::from_str(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::VerdictKind;
    use crate::engine::apply::OutcomeKind;
    use crate::plan::{PlanFile, Refused};
    use crate::report::made;

    fn found() -> Vec<Assessment> {
        let mut second = made::compliant(2, 2);
        second.verdicts[0].region = Some("us-east-1".parse().expect("a region"));
        second.verdicts[1].observed = serde_json::json!({"ratio": 71.428_571_428_571_42, "text": "\u{7f}\"é\n"});
        vec![made::drifted(1), second, made::drifted(3)]
    }

    fn written(found: &[Assessment]) -> String {
        let mut spool = made::spool(found);
        let header = made::header(&spool);
        let mut out = vec![];
        plan(&header, &mut spool, &mut out).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_plan_file_reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plan.json");
        let mut spool = made::spool(&found());
        let header = made::header(&spool);
        plan_file(&path, &header, &mut spool).expect("written");
        let read = PlanFile::read(&path).expect("it is whole");
        assert_eq!(read.header, header);
        let lines: Vec<_> = found().into_iter().map(|found| found.account).collect();
        assert_eq!(read.accounts, lines);
        let changes: Vec<_> = found().into_iter().flat_map(|found| found.changes).collect();
        assert_eq!(read.changes, changes);
        assert_eq!(read.terms, found().into_iter().filter_map(|found| found.terms).collect::<Vec<_>>());
        assert_eq!(read.verdicts.len(), 6);
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1, "nothing else is left there");
    }

    #[cfg(unix)]
    #[test]
    fn a_plan_file_is_readable_for_its_owner_alone_also_over_an_open_one() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plan.json");
        std::fs::write(&path, "open to all").expect("written");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("set");
        let mut spool = made::spool(&[]);
        plan_file(&path, &made::header(&spool), &mut spool).expect("written");
        let mode = std::fs::metadata(&path).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        PlanFile::read(&path).expect("a plan without accounts is whole");
    }

    #[test]
    fn a_plan_with_one_byte_changed_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("plan.json");
        let text = written(&found());
        for (from, to) in [("\"minimum_length\":14", "\"minimum_length\":15"), ("team-3", "team-4"), ("o-abc", "o-abd")]
        {
            assert!(text.contains(from), "{from}");
            std::fs::write(&path, text.replacen(from, to, 1)).expect("written");
            assert!(matches!(PlanFile::read(&path), Err(Refused::Changed { .. })), "{from}");
        }
    }

    #[test]
    fn the_document_has_its_fields_in_order_and_an_element_a_line() {
        let text = written(&found());
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert!(text.ends_with("\"\n}\n"), "it ends with the digest and a newline");
        let place = |field: &str| text.find(&format!("\n  \"{field}\"")).unwrap_or_else(|| panic!("{field}"));
        let fields = ["format", "summary", "access", "accounts", "terms", "verdicts", "changes", "digest"];
        assert!(fields.is_sorted_by_key(|field| place(field)));
        let elements = text.lines().filter(|line| line.starts_with("    {")).count();
        assert_eq!(elements, 3 + 2 + 6 + 2);
        assert_eq!(value["summary"]["requirements"].as_object().expect("counts").len(), 7);
    }

    #[test]
    fn every_kind_of_verdict_is_counted_also_where_there_is_none() {
        let mut spool = made::spool(&[made::compliant(1, 1)]);
        let mut header = made::header(&spool);
        header.summary.requirements.retain(|kind, _| *kind == VerdictKind::Compliant);
        let mut out = vec![];
        plan(&header, &mut spool, &mut out).expect("written");
        let value: Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(value["summary"]["requirements"]["unreadable"], 0);
        assert_eq!(value["summary"]["requirements"]["compliant"], 1);
    }

    #[test]
    fn verdicts_of_an_account_come_without_region_first_and_by_object_within_a_control() {
        let mut mixed = made::compliant(1, 4);
        mixed.verdicts[0].region = Some("us-east-1".parse().expect("a region"));
        mixed.verdicts[1].region = Some("eu-west-1".parse().expect("a region"));
        mixed.verdicts[2].object = Some("z".to_owned());
        mixed.verdicts[3].object = Some("a".to_owned());
        let value: Value = serde_json::from_str(&written(&[mixed])).expect("JSON");
        let place =
            |row: &Value| (row["region"].as_str().map(str::to_owned), row["object"].as_str().map(str::to_owned));
        let places: Vec<_> = value["verdicts"].as_array().expect("a list").iter().map(place).collect();
        let own = "password policy";
        let wanted = [(None, "a"), (None, "z"), (Some("eu-west-1"), own), (Some("us-east-1"), own)];
        assert_eq!(places, wanted.map(|(region, object)| (region.map(str::to_owned), Some(object.to_owned()))));
    }

    #[test]
    fn the_result_of_an_apply_names_every_outcome_in_the_order_of_the_plan() {
        let organization = OrganizationLine { id: Some("o-abc1234567".to_owned()), management_account: None };
        let changes = [made::change(2), made::change(1)];
        let outcomes = [
            Outcome { kind: OutcomeKind::Held, reason: Some("needs --allow cost".to_owned()), deadline: None },
            Outcome { kind: OutcomeKind::Verified, reason: None, deadline: None },
        ];
        let applied = Applied {
            run: "r1",
            created: "2026-11-22T10:00:00Z".parse().expect("a time"),
            plan: "sha256:00",
            organization: &organization,
            accounts: &[],
            complete: false,
            changes: &changes,
            outcomes: &outcomes,
            waves: &[],
            approvals: &[],
        };
        let mut out = vec![];
        apply(&applied, &mut out).expect("written");
        let value: Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(value["format"], APPLY_FORMAT);
        assert_eq!(value["plan"]["digest"], "sha256:00");
        assert_eq!(value["complete"], false);
        assert_eq!(value["summary"]["held"], 1);
        assert_eq!(value["summary"]["contested"], 0);
        assert_eq!(value["outcomes"][0]["outcome"], "held");
        assert_eq!(value["outcomes"][0]["reason"], "needs --allow cost");
        assert_eq!(value["outcomes"][1]["id"], changes[1].id.as_str());
        assert!(value["outcomes"][1].get("region").is_none(), "there is none at account scope");
        apply(&Applied { changes: &[], outcomes: &[], ..applied }, &mut out).expect("written");
    }
}
