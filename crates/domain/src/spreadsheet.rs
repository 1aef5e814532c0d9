//! Text that a spreadsheet will not run.

use std::borrow::Cow;

/// The cell, safe to open in a spreadsheet: one that a spreadsheet would take for a formula gets an apostrophe in
/// front, which spreadsheets show as text. Every cell that came from outside goes through here on its way into an
/// export.
///
/// A formula begins with `=`, `+`, `-`, `@` (or their full-width forms), a tabulator or a line end. Two kinds of cell
/// begin so and are left alone, since they hold only a number and cannot run: a phone number in international form
/// (`+33199001234`) and a plain negative number (`-12.50`, `-12,5`).
#[must_use]
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if runs(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The cell without the apostrophe that [`harmless`] has put in front, so that what was exported comes back as it was.
#[must_use]
pub fn without_guard(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|cell| runs(cell)).unwrap_or(cell)
}

fn runs(cell: &str) -> bool {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n']);
    is_formula && !is_international_number(cell) && !is_negative_number(cell)
}

fn is_international_number(cell: &str) -> bool {
    cell.strip_prefix('+').is_some_and(|digits| (1..=15).contains(&digits.len()) && is_digits(digits))
}

fn is_negative_number(cell: &str) -> bool {
    cell.strip_prefix('-').is_some_and(|number| match number.split_once(['.', ',']) {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => is_digits(number),
    })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_shown_and_not_run() {
        for formula in [
            "=HYPERLINK(\"http://example.org\")",
            "+1+2",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "-",
            "+",
            "+33 1 99",
            "-1.",
            "-1,2,3",
            "＝1+1",
            "+1234567890123456",
        ] {
            assert_eq!(harmless(formula), format!("'{formula}"), "{formula:?}");
            assert_eq!(without_guard(&harmless(formula)), formula);
        }
    }

    #[test]
    fn text_and_numbers_stay_as_they_are() {
        for cell in ["", "Dupont", "a=b", "+33199001234", "-12", "-12.50", "-12,5", "12-3", "'quoted"] {
            assert!(matches!(harmless(cell), Cow::Borrowed(same) if same == cell), "{cell:?}");
            assert_eq!(without_guard(cell), cell);
        }
    }
}
