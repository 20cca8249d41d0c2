//! Reading a journal: every line checked against the one before it.

use serde_json::Value;

use super::record::{FORMAT, Link, Record, content_digest};
use crate::plan::printable;

/// A journal as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// Its records, in order.
    pub records: Vec<Record>,
    /// Whether a last line was cut off: the process was killed while it wrote. What it announced was not sent.
    pub torn: bool,
}

/// Where a journal does not hold together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {why}")]
pub struct Broken {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: Why,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It is no JSON.
    #[error("is not JSON: {0}")]
    NotJson(String),
    /// Another version wrote it.
    #[error("has the format `{0}`, and this version reads {FORMAT}")]
    Format(String),
    /// It lacks something, or something in it makes no sense.
    #[error("is not a record: {0}")]
    NotARecord(String),
    /// Its content is not what was written.
    #[error("was changed after it was written: its content has the digest {found}, and it says {said}")]
    Changed {
        /// What its content has.
        found: String,
        /// What it says.
        said: String,
    },
    /// It holds on to another line than the one before it.
    #[error("does not follow the line before it: lines were taken out, put in, or moved")]
    OutOfPlace,
    /// It is one of another run.
    #[error("is of another run")]
    OtherRun,
    /// It ends in the middle, where it is kept whole or not at all.
    #[error("was cut off after it was written")]
    CutOff,
}

/// Reads the text of a journal.
///
/// # Errors
/// A line is no record, was changed, or does not follow the one before it.
pub fn read(text: &[u8]) -> Result<Read, Broken> {
    let mut records: Vec<Record> = vec![];
    let whole = text.ends_with(b"\n");
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let mut last: Option<Link> = None;
    for (index, line) in lines.iter().enumerate() {
        if index + 1 == lines.len() && !whole {
            return Ok(Read { records, torn: true });
        }
        let record = checked(line, last.as_ref()).map_err(|why| Broken { line: index + 1, why })?;
        last = Some(record.link());
        records.push(record);
    }
    Ok(Read { records, torn: false })
}

fn checked(line: &[u8], last: Option<&Link>) -> Result<Record, Why> {
    let value: Value = serde_json::from_slice(line).map_err(|error| Why::NotJson(printable(&error.to_string())))?;
    let format = value["format"].as_str().unwrap_or_default();
    if format != FORMAT {
        return Err(Why::Format(printable(format)));
    }
    let found = content_digest(&value);
    let record: Record =
        serde_json::from_value(value).map_err(|error| Why::NotARecord(printable(&error.to_string())))?;
    if record.digest != found {
        return Err(Why::Changed { found, said: printable(&record.digest) });
    }
    let (sequence, previous) = last.map_or((Some(1), None), |link| (link.sequence.checked_add(1), Some(&link.digest)));
    if Some(record.sequence) != sequence || record.previous.as_ref() != previous {
        return Err(Why::OutOfPlace);
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::super::record::{Run, Says};
    use super::*;

    fn lines(count: usize) -> Vec<String> {
        let of = Run { run: "r".to_owned(), plan: "sha256:p".to_owned(), caller: "arn:c".to_owned() };
        let mut last = None;
        let mut lines = vec![];
        for number in 0..count {
            let says = Says::RunEnds { stopped: Some(number.to_string()) };
            let time = "2026-11-22T10:00:00Z".parse().expect("a time");
            let record = Record::next(last.as_ref(), time, of.clone(), says);
            last = Some(record.link());
            lines.push(serde_json::to_string(&record).expect("JSON"));
        }
        lines
    }

    fn reading(lines: &[String]) -> Result<Read, Broken> {
        read((lines.join("\n") + "\n").as_bytes())
    }

    #[test]
    fn what_was_written_is_read() {
        let found = reading(&lines(3)).expect("whole");
        assert_eq!((found.records.len(), found.torn), (3, false));
        assert_eq!(found.records[2].sequence, 3);
        assert_eq!(read(b""), Ok(Read { records: vec![], torn: false }));
    }

    #[test]
    fn a_last_line_that_is_cut_off_is_recognised() {
        let whole = lines(2).join("\n") + "\n";
        for cut in 1..lines(2)[1].len() {
            let text = &whole.as_bytes()[..whole.len() - 1 - cut];
            let found = read(text).expect("torn and not broken");
            assert_eq!((found.records.len(), found.torn), (1, text.last() != Some(&b'\n')), "{cut}");
        }
    }

    #[test]
    fn the_first_line_that_does_not_hold_is_named() {
        let good = lines(4);
        let changed = [&good[..1], &[good[1].replace("\"1\"", "\"7\"")], &good[2..]].concat();
        let broken = reading(&changed).expect_err("it was changed");
        assert!(matches!((broken.line, &broken.why), (2, Why::Changed { .. })), "{broken}");
        let missing = [&good[..1], &good[2..]].concat();
        assert_eq!(reading(&missing), Err(Broken { line: 2, why: Why::OutOfPlace }));
        let beheaded = &good[1..];
        assert_eq!(reading(beheaded), Err(Broken { line: 1, why: Why::OutOfPlace }));
        let swapped = [good[0].clone(), good[2].clone(), good[1].clone(), good[3].clone()];
        assert_eq!(reading(&swapped).map_err(|broken| broken.line), Err(2));
        let twice = [good[0].clone(), good[0].clone()];
        assert_eq!(reading(&twice).map_err(|broken| broken.line), Err(2));
        let words = [good[0].clone(), "nothing".to_owned()];
        assert_eq!(reading(&words).map_err(|broken| broken.line), Err(2));
    }

    #[test]
    fn another_format_is_refused() {
        let other = lines(1)[0].replace("trueup.journal/1", "trueup.journal/2");
        let why = Why::Format("trueup.journal/2".to_owned());
        assert_eq!(reading(&[other]), Err(Broken { line: 1, why }));
    }
}
