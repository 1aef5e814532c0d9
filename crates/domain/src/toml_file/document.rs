//! A parsed TOML file that knows on which line everything stands.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;

/// More broken lines than this are taken for the consequence of the first.
const SYNTAX_PROBLEMS_MAX: usize = 5;

/// A parsed TOML file.
pub(crate) struct Document<'a> {
    /// The file's name, for messages.
    pub(crate) file: &'a str,
    /// Its top level.
    pub(crate) table: DeTable<'a>,
    text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Document<'a> {
    /// Parses a file, or says where it is not TOML.
    pub(crate) fn parse(file: &'a str, text: &'a str) -> Result<Self, Vec<Problem>> {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let (table, errors) = DeTable::parse_recoverable(text);
        let document = Self { file, table: table.into_inner(), text, line_starts };
        if errors.is_empty() {
            return Ok(document);
        }
        let mut problems: Vec<Problem> = Vec::new();
        for error in &errors {
            let line = error.span().map(|span| document.line_at(span.start));
            // One broken line often confuses the parser more than once.
            if problems.iter().all(|earlier| earlier.line != line) {
                let at = error.span().and_then(|span| text.get(span)).filter(|at| (1..=40).contains(&at.trim().len()));
                let at = at.map(|at| format!(" at {at:?}")).unwrap_or_default();
                let hint = error.span().and_then(|span| missing_quotes(text, span.start)).unwrap_or_default();
                let message = format!("this is not TOML: {}{at}{hint}", error.message());
                problems.push(Problem { file: file.to_owned(), line, check: super::TOML_SYNTAX.to_owned(), message });
            }
        }
        // Where a bracket is left open, everything below it looks broken: only the first line is news then.
        if problems.len() > SYNTAX_PROBLEMS_MAX {
            problems.truncate(1);
        }
        Err(problems)
    }

    /// The line of a byte of the text.
    pub(crate) fn line_at(&self, offset: usize) -> u32 {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// The line of what stands at a path such as `order_form.2.prefill`, or of the nearest thing around it. A number
    /// counts the elements of a list from 0.
    pub(crate) fn line_of(&self, path: &str) -> Option<u32> {
        let mut steps = path.split('.');
        let (key, mut value) = self.table.get_key_value(steps.next()?)?;
        let mut at = key.span().start;
        for step in steps {
            let inner = match (value.get_ref(), step.parse::<usize>()) {
                (DeValue::Array(list), Ok(index)) => list.get(index).map(|element| (element.span().start, element)),
                (DeValue::Table(table), _) => table.get_key_value(step).map(|(key, inner)| (key.span().start, inner)),
                _ => None,
            };
            let Some((start, inner)) = inner else { break };
            (at, value) = (start, inner);
        }
        Some(self.line_at(at))
    }

    /// The line in the file of a line of the text at a path, both from 1. Exact for texts in triple quotes; within a
    /// text on one line every line is that one.
    pub(crate) fn line_within(&self, path: &str, line: u32) -> Option<u32> {
        let value: &Spanned<DeValue<'_>> = self.table.get(path)?;
        let (first, last) = (self.line_at(value.span().start), self.line_at(value.span().end.saturating_sub(1)));
        let raw = self.text.get(value.span())?;
        // TOML drops a newline that directly follows the opening quotes.
        let skipped = u32::from(["\"\"\"", "'''"].iter().any(|quotes| {
            raw.strip_prefix(quotes).is_some_and(|rest| rest.starts_with('\n') || rest.starts_with("\r\n"))
        }));
        Some((first + skipped).saturating_add(line.saturating_sub(1)).min(last))
    }
}

/// What to write where the value that the parser stumbled over begins like a text without its quotes.
fn missing_quotes(text: &str, at: usize) -> Option<String> {
    let line_start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(line_start..)?.lines().next()?;
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.split('#').next().unwrap_or_default().trim());
    let is_in_value = at >= line_start + line.find('=')?;
    let is_word = value.starts_with(char::is_alphabetic);
    let is_flag = ["true", "false"].iter().any(|flag| value.eq_ignore_ascii_case(flag));
    if !is_in_value || !is_word || is_flag {
        return None;
    }
    let is_plain = value.len() <= 40 && !value.contains(['"', '\\', '=']);
    let value = if is_plain { value } else { "…" };
    Some(format!(": write texts in quotes, as in {key} = \"{value}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 1\n\n[t]\nx = [\n  1,\n  2,\n]\n[[l]]\nk = 1\n[[l]]\n\nk = { deep = 2 }\n";

    #[test]
    fn knows_the_line_of_everything() {
        let Ok(document) = Document::parse("f.toml", TEXT) else { panic!("not TOML") };
        for (path, line) in [
            ("a", Some(1)),
            ("t.x", Some(4)),
            ("t.x.1", Some(6)),
            ("l.0.k", Some(9)),
            ("l.1.k.deep", Some(12)),
            ("l.1.missing", Some(10)),
            ("nothing", None),
        ] {
            assert_eq!(document.line_of(path), line, "{path}");
        }
    }

    #[test]
    fn knows_the_lines_within_a_text() {
        let text = "a = 1\ns = \"\"\"\none\ntwo\n\"\"\"\nt = \"\"\"one\ntwo\"\"\"\nu = \"one\\ntwo\"\n";
        let Ok(document) = Document::parse("f.toml", text) else { panic!("not TOML") };
        assert_eq!(document.line_within("s", 2), Some(4));
        assert_eq!(document.line_within("t", 2), Some(7));
        assert_eq!(document.line_within("u", 2), Some(8));
    }

    #[test]
    fn says_where_a_file_is_not_toml() {
        let problems = Document::parse("f.toml", "a = 1\nb = \nc = \"open\nd = 4\na = 5\n").err().expect("problems");
        let lines: Vec<_> = problems.iter().map(|p| p.line).collect();
        assert_eq!(lines, [Some(2), Some(3), Some(5)], "{problems:#?}");
        assert!(problems[2].message.ends_with("duplicate key at \"a\""), "{problems:#?}");
        assert!(problems.iter().all(|problem| !problem.message.contains("quotes, as in")), "{problems:#?}");
        let open = format!("a = 1\nb = {{\n{}", "[[x]]\ny = 1\n".repeat(9));
        let problems = Document::parse("f.toml", &open).err().expect("problems");
        assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [Some(3)], "{problems:#?}");
    }

    #[test]
    fn a_text_without_quotes_is_told_its_quotes() {
        for (value, hint) in [
            ("Netz", Some("name = \"Netz\"")),
            ("inform  # a comment", Some("name = \"inform\"")),
            ("Fibre West", Some("name = \"Fibre West\"")),
            ("Ärger", Some("name = \"Ärger\"")),
            ("say \"hello\"", Some("name = \"…\"")),
            ("True", None),
            ("\"a\" b", None),
            ("1 a", None),
        ] {
            let text = format!("a = 1\nname = {value}\n");
            let problems = Document::parse("f.toml", &text).err().expect("problems");
            let hint = hint.map(|hint| format!(": write texts in quotes, as in {hint}"));
            let message = &problems[0].message;
            match hint {
                Some(hint) => assert!(message.ends_with(&hint), "{value}: {message}"),
                None => assert!(!message.contains("in quotes, as in"), "{value}: {message}"),
            }
        }
    }
}
