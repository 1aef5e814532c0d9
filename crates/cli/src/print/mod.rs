//! Answers as people read them. Every function is pure: an answer in, a text out.

pub(crate) mod assignments;
pub(crate) mod calls;
pub(crate) mod campaigns;
pub(crate) mod clients;
pub(crate) mod curve;
pub(crate) mod late;
pub(crate) mod leads;
pub(crate) mod lists;
pub(crate) mod loaded;
pub(crate) mod orders;
pub(crate) mod outcomes;
pub(crate) mod preview;
pub(crate) mod pulls;
pub(crate) mod questions;
pub(crate) mod rules;
pub(crate) mod server;
pub(crate) mod suppress;
pub(crate) mod tariffs;
pub(crate) mod users;
pub(crate) mod verify;
pub(crate) mod webhooks;

use comfy_table::{CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use relance_domain::definition::{FeatureValue, Features};

/// A column's header; one that ends with `>` stands to the right, as numbers do.
type Headers<'a> = &'a [&'a str];

/// Columns with a bar between, a line under the headers, and nothing around.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction('|'))
    .header_separator(LineStyle::none().fill('-').junction('+'))
    .content_lines(ContentLineStyle::none().junction('|'));

/// Where a line of a long value ends.
const LINE_WIDTH: usize = 88;

/// A table of rows under headers. It is as wide as the terminal, where there is one.
fn table(headers: Headers<'_>, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(headers.iter().map(|header| header.trim_end_matches('>')));
    table.add_rows(rows);
    for (column, header) in table.column_iter_mut().zip(headers) {
        if header.ends_with('>') {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// Names and values, one pair a line; a pair without value is left out.
fn facts(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let given = pairs.iter().filter(|(_, value)| !value.is_empty());
    let below = format!("\n{:width$}  ", "");
    given.map(|(name, value)| format!("{name:width$}  {}", value.replace('\n', &below))).collect::<Vec<_>>().join("\n")
}

/// An instant in this machine's zone.
fn instant(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

/// An instant that there may not be. The end of time is never.
fn perhaps(at: Option<Timestamp>) -> String {
    match at {
        Some(at) if at < Timestamp::MAX => instant(at),
        _ => String::new(),
    }
}

/// `1 lead`, `2 leads`.
fn count(number: impl Into<i128>, one: &str) -> String {
    let number = number.into();
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// What is there of some features, each with its amount.
fn features(features: &Features) -> Vec<String> {
    let shown = features.iter().filter_map(|(code, value)| match value {
        FeatureValue::Has(true) => Some(code.clone()),
        FeatureValue::Has(false) => None,
        FeatureValue::Amount(amount) => Some(format!("{code} {amount}")),
    });
    shown.collect()
}

/// Short parts with commas between, on as many lines as they need; `none` where there are none.
fn listed<T: AsRef<str>>(parts: impl IntoIterator<Item = T>) -> String {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        let part = part.as_ref();
        match lines.last_mut() {
            Some(line) if line.chars().count() + part.chars().count() < LINE_WIDTH => {
                line.push_str(", ");
                line.push_str(part);
            }
            Some(line) => {
                line.push(',');
                lines.push(part.to_owned());
            }
            None => lines.push(part.to_owned()),
        }
    }
    if lines.is_empty() { "none".to_owned() } else { lines.join("\n") }
}

/// Sections with a line between; empty ones are left out.
fn sections(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// Lines moved to the right.
fn indented(text: &str) -> String {
    text.trim().lines().map(|line| format!("  {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// What every answer about a demonstration says.
const DEMONSTRATION: &str = "This calling profile is for demonstration only: it must not decide about real people.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_its_headers_and_rows() {
        let shown = table(&["name", "leads>"], [vec!["a".into(), "10".into()], vec!["bbbb".into(), "2".into()]]);
        assert_eq!(shown, " name | leads\n------+-------\n a    |    10\n bbbb |     2");
    }

    #[test]
    fn facts_are_aligned_and_empty_ones_left_out() {
        let shown = facts(&[("a", "1".into()), ("gone", String::new()), ("long", "2".into())]);
        assert_eq!(shown, "a     1\nlong  2");
    }

    #[test]
    fn long_values_go_on_below() {
        let many = listed((0..30).map(|number| format!("word {number}")));
        assert!(many.lines().count() > 1 && many.lines().all(|line| line.chars().count() <= LINE_WIDTH + 2), "{many}");
        assert_eq!(facts(&[("a", "1,\n2".into())]), "a  1,\n   2");
        assert_eq!(listed([""; 0]), "none");
    }

    #[test]
    fn counts_agree_with_their_noun() {
        assert_eq!((count(1, "lead"), count(0, "row")), ("1 lead".to_owned(), "0 rows".to_owned()));
        assert_eq!(perhaps(Some(Timestamp::MAX)), "");
    }
}
