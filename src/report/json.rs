//! JSON documents: a plan, streamed account by account, and the result of an apply.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::{Applied, Counts, TOOL};
use crate::assessment::{Assessment, Row, Summary};
use crate::controls;
use crate::engine::Spool;
use crate::engine::apply::Outcome;
use crate::plan::{Change, Digest, Header, OrganizationLine};
use crate::target::{AccountId, Region};

/// The format of the result of an apply.
pub const APPLY_FORMAT: &str = "trueup.apply/1";

/// Writes a plan: what `plan --format json` prints and what `--out` keeps. One account is in memory at a time.
///
/// # Errors
/// The spool cannot be read, or `out` cannot be written.
pub fn plan(header: &Header, spool: &mut Spool, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
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
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // The temporary file has mode 0600 from the start, and a rename keeps it.
    let mut file = BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
    plan(header, spool, &mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // Only when the folder is on disk does the new name survive a power cut.
    std::fs::File::open(folder)?.sync_all()
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
        summary: applied.counts(),
    };
    open(&head, out)?;
    out.write_all(b",\n  \"outcomes\": [")?;
    let mut between = "\n";
    for (change, outcome) in applied.pairs() {
        let Change { id, account, region, control, object, .. } = change;
        let line = OutcomeLine { id, account, region: region.as_ref(), control, object, outcome };
        write!(out, "{between}    {}", serde_json::to_string(&line)?)?;
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
    summary: Counts,
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

    fn close(self) -> io::Result<()> {
        writeln!(self.out, ",\n  \"digest\": \"{}\"\n}}", self.digest.end())?;
        self.out.flush()
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
        self.out.write_all(text.as_bytes())
    }
}

/// What a reader makes of this text. The digest is taken of that, because a number with a fraction that is
/// written and read again need not be the same to its last bit.
fn as_read(text: &str) -> io::Result<Value> {
    Ok(serde_json::from_str(text)?)
}
