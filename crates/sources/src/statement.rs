//! Whether a text is one statement that can stand in parentheses. SQLite's driver would run several one after another.

/// The statement without the semicolon at its end, if the text is just one and closes no parenthesis that it did not open.
pub(crate) fn only(sql: &str) -> Result<&str, &'static str> {
    let sql = trimmed(sql);
    let bytes = sql.as_bytes();
    let (mut at, mut depth) = (0, 0_u32);
    while let Some(&byte) = bytes.get(at) {
        at = match byte {
            b'\'' | b'"' | b'`' => past(sql, at + 1, byte as char)?,
            b'[' => past(sql, at + 1, ']')?,
            b'-' if bytes.get(at + 1) == Some(&b'-') => sql[at..].find('\n').map_or(sql.len(), |end| at + end),
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = sql[at + 2..].find("*/").ok_or("a comment does not end")?;
                at + 2 + end + 2
            }
            b';' => return Err("it holds several statements: write one"),
            b'(' => {
                depth += 1;
                at + 1
            }
            b')' => {
                depth = depth.checked_sub(1).ok_or("it closes a parenthesis that it did not open")?;
                at + 1
            }
            _ => at + 1,
        };
    }
    if depth > 0 { Err("a parenthesis does not close") } else { Ok(sql) }
}

/// The text without semicolons and space at its end.
pub(crate) fn trimmed(sql: &str) -> &str {
    sql.trim().trim_end_matches(|c: char| c == ';' || c.is_whitespace())
}

/// The place behind the next such character. A doubled one is two texts in a row, which is as good.
fn past(sql: &str, from: usize, end: char) -> Result<usize, &'static str> {
    let found = sql.get(from..).and_then(|rest| rest.find(end)).ok_or("a text in quotes does not end")?;
    Ok(from + found + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_is_told_from_several() {
        for fine in [
            "SELECT 1",
            "SELECT (1);",
            "SELECT ';', \"a;b\", [c;d], `e;f` -- ; ) \n FROM t /* ; ) */",
            "SELECT 'it''s; )' ; ;\n",
            "WITH a AS (SELECT 1) SELECT * FROM a",
        ] {
            assert_eq!(only(fine), Ok(trimmed(fine)), "{fine}");
        }
        for wrong in [
            "SELECT 1; DELETE FROM t",
            "SELECT 1); VACUUM INTO 'x'; SELECT (1",
            "SELECT 1) UNION (SELECT 2",
            "SELECT (1",
            "SELECT 'open",
            "SELECT 1 /* open",
        ] {
            assert!(only(wrong).is_err(), "{wrong}");
        }
    }
}
