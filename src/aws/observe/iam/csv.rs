//! Comma-separated values, as [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) has them, and nothing looser: a table
//! that is not understood is not guessed at.

/// The rows of a table: every one has as many fields as the first.
///
/// # Errors
/// It is no such table; what is wrong, with its line.
pub(super) fn rows(text: &str) -> Result<Vec<Vec<String>>, String> {
    let mut rows: Vec<Vec<String>> = vec![];
    let mut rest = text;
    while !rest.is_empty() {
        let line = rows.len() + 1;
        let (row, after) = row(rest).map_err(|why| format!("line {line}: {why}"))?;
        if let Some(first) = rows.first().filter(|first| first.len() != row.len()) {
            return Err(format!("line {line} has {} fields, and the first has {}", row.len(), first.len()));
        }
        rows.push(row);
        rest = after;
    }
    Ok(rows)
}

fn row(text: &str) -> Result<(Vec<String>, &str), &'static str> {
    let mut fields = vec![];
    let mut rest = text;
    loop {
        let (field, after) =
            if let Some(quoted) = rest.strip_prefix('"') { quoted_field(quoted)? } else { plain(rest)? };
        fields.push(field);
        let end = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n'));
        if let Some(next) = end.or(after.is_empty().then_some(after)) {
            return Ok((fields, next));
        }
        rest = after.strip_prefix(',').ok_or("something stands after a closing quote")?;
    }
}

fn plain(text: &str) -> Result<(String, &str), &'static str> {
    let end = text.find([',', '\n', '\r']).unwrap_or(text.len());
    let (field, after) = text.split_at(end);
    if field.contains('"') {
        return Err("a quote stands within a field that has none around it");
    }
    if after.starts_with('\r') && !after.starts_with("\r\n") {
        return Err("a carriage return stands alone");
    }
    Ok((field.to_owned(), after))
}

/// A field whose opening quote was taken. Two quotes within it are one.
fn quoted_field(text: &str) -> Result<(String, &str), &'static str> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"').ok_or("a quote is not closed")?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Ok((field, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_quoted_fields_are_read_and_a_last_line_may_end_or_not() {
        let read = rows("a,b\r\n\"x,y\",\"say \"\"hi\"\"\"\n,\n").expect("a table");
        assert_eq!(read, [vec!["a", "b"], vec!["x,y", "say \"hi\""], vec!["", ""]]);
        assert_eq!(rows("a,b\n1,2"), rows("a,b\n1,2\n"));
        assert_eq!(rows("\"two\nlines\",b").expect("a table"), [vec!["two\nlines", "b"]]);
        assert_eq!(rows(""), Ok(vec![]));
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        for (text, why) in [
            ("a,b\n1,2,3", "line 2 has 3 fields, and the first has 2"),
            ("a,b\n1", "line 2 has 1 fields, and the first has 2"),
            ("a,\"b", "line 1: a quote is not closed"),
            ("a,\"b\"c", "line 1: something stands after a closing quote"),
            ("a,b\nx\"y,z", "line 2: a quote stands within a field that has none around it"),
            ("a,b\rc,d", "line 1: a carriage return stands alone"),
        ] {
            assert_eq!(rows(text), Err(why.to_owned()), "{text:?}");
        }
    }
}
