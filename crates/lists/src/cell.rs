//! What a cell must hold, and the one form in which it is kept.

mod amount;
mod country;
mod date;
mod language;
mod name;
mod postcode;
mod words;

use relance_domain::Currency;
use relance_domain::definition::FieldKind;
use relance_domain::order;
use unicode_normalization::UnicodeNormalization;

pub(crate) use amount::{DecimalMark, is_number, mark_in};
pub(crate) use country::country;
pub(crate) use date::{DateOrder, Tells, is_date, is_serial_day, tells};
pub(crate) use language::language;
pub(crate) use name::name;
pub(crate) use postcode::{is_postcode, postcode};
pub(crate) use words::{is_tick, is_yes_or_no, yes_no};

/// The longest text of a cell.
pub(crate) const TEXT_CHARACTERS_MAX: usize = 1_000;

/// How the cells of a column are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Habits {
    /// The currency of its amounts.
    pub(crate) currency: Currency,
    /// What `03/04/2026` is.
    pub(crate) dates: DateOrder,
    /// What `1,234` is.
    pub(crate) decimals: DecimalMark,
    /// Whether a bare number in a column of dates is a day of Excel's 1900 calendar: only in a workbook.
    pub(crate) serial_days: bool,
    /// Whether the column ticks what is true and leaves the rest empty.
    pub(crate) empty_is_no: bool,
}

impl Habits {
    /// What is usual in a country (ISO 3166-1 alpha-2), for a column that says nothing else.
    pub(crate) fn usual(currency: Currency, country: &str) -> Self {
        Self {
            currency,
            dates: DateOrder::usual(country),
            decimals: DecimalMark::Unknown,
            serial_days: false,
            empty_is_no: false,
        }
    }
}

/// Reads a cell, which may be empty: an empty one says nothing, except "no" in a column of ticks. Errors as [`read`].
pub(crate) fn read_or_empty(cell: &str, kind: &FieldKind, habits: Habits) -> Result<Option<String>, String> {
    match cell.trim() {
        "" => Ok((habits.empty_is_no && *kind == FieldKind::YesNo).then(|| "no".to_owned())),
        cell => read(cell, kind, habits).map(Some),
    }
}

/// Reads a trimmed, non-empty cell. Gives the form that is kept, or what was wrong and what would be right, as the end
/// of a sentence that begins with the masked cell.
pub(crate) fn read(cell: &str, kind: &FieldKind, habits: Habits) -> Result<String, String> {
    match kind {
        FieldKind::Text => text(cell),
        FieldKind::Integer => amount::integer(cell),
        FieldKind::Money => amount::money(cell, habits.currency, habits.decimals),
        FieldKind::Date => date::date(cell, habits.dates, habits.serial_days),
        FieldKind::YesNo => words::yes_no(cell),
        FieldKind::Choice(choices) => words::choice(cell, choices),
        FieldKind::Phone | FieldKind::Email | FieldKind::Identity(_) => order::canonical(kind, cell, habits.currency),
    }
}

/// A text on one line: every run of space, newlines included, is one space.
pub(crate) fn text(cell: &str) -> Result<String, String> {
    // A text has at most as many characters as bytes.
    if cell.len() > TEXT_CHARACTERS_MAX && cell.chars().count() > TEXT_CHARACTERS_MAX {
        return Err(format!("is too long: write at most {TEXT_CHARACTERS_MAX} characters"));
    }
    Ok(on_one_line(cell))
}

fn on_one_line(cell: &str) -> String {
    let mut line = String::with_capacity(cell.len());
    for word in cell.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// A text as words are compared: in lower case, without accents, without differences of typography.
pub(crate) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Only the accents of Latin, Greek and Cyrillic letters: the marks of other scripts make other words.
    let is_accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_accent(c)).collect()
}

#[cfg(test)]
mod tests;
