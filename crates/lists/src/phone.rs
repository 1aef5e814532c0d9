//! From one cell of a phone column to the numbers to call.
//!
//! A cleaner stands in front of the library, because even Google's numbering rules take a date for a German number and
//! read letters as keypad digits. What is refused here is never dialled; what is taken is what a careful person would
//! dial. Most cells hold one number in plain digits and go the short way, `Digits::of_simple_cell`; the others are
//! brought into plain characters (`clean`), cut into numbers (`parts`) and freed of words (`words`).

#[cfg(test)]
mod cases;
mod clean;
mod column;
mod country;
#[cfg(test)]
mod golden;
mod number;
mod parts;
#[cfg(test)]
mod tests;
mod words;

use relance_domain::E164;
use relance_domain::list::{ListedPhone, Remark, Remarks};

use clean::Digits;
use parts::Part;

pub(crate) use column::column_habit;
pub use country::{Country, UnknownCountry};

/// Why a cell holds no number to call. Never repeats the cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneProblem {
    /// The cell is empty.
    #[error("there is no number")]
    Missing,
    /// A letter stands where a digit should.
    #[error("letters stand in the number: write its digits only")]
    Letter,
    /// A letter O stands where a zero should.
    #[error("a letter O stands where a zero should: write the digit, or have it read as one with --repair letter-o")]
    LetterO,
    /// Another sign that no number has.
    #[error(
        "the cell is not one number: write its digits, with at most spaces, dots, hyphens and parentheses between them"
    )]
    Sign,
    /// It is a date.
    #[error("this is a date: is the column the right one?")]
    Date,
    /// A spreadsheet rounded it.
    #[error(
        "a spreadsheet has rounded the number and its last digits are lost: format the column as text and export again"
    )]
    DigitsLost,
    /// It holds more than one number.
    #[error("the cell holds more than one number: keep one, or put the others on rows of their own")]
    Several,
    /// It has more digits than any number.
    #[error("there are more digits than any number has: a number has at most 15 with its country code")]
    TooLong,
    /// With and without a plus it is two different numbers.
    #[error(
        "it can be read as a national and as an international number: write + and the country code, or the leading 0"
    )]
    Unclear,
    /// The numbering plan has no such number.
    #[error("no such number exists: write it as it is dialled in {0}, or with + and its country code")]
    Invalid(Country),
    /// A number that people are not called on.
    #[error("this is a {0} number, on which people are not called: give a mobile or fixed line")]
    Kind(&'static str),
    /// The country to read it in is none.
    #[error(transparent)]
    Country(#[from] UnknownCountry),
}

/// How the numbers of a column are written, as all its cells together tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Habit {
    /// Digits that do not begin with 0 begin with a country code: only the plus before them is missing.
    pub(crate) plus: bool,
    /// A letter O among digits is a zero: somebody asked for this repair.
    pub(crate) letter_o: bool,
    /// Digits are grouped in threes, as in an amount.
    pub(crate) thousands: bool,
}

/// The numbers of one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellPhones {
    /// One at least, each once, in the order of the cell.
    pub(crate) phones: Vec<ListedPhone>,
    /// What was noticed.
    pub(crate) remarks: Remarks,
    /// Whether the first is a fixed line, which does not travel. A number that can be either is none.
    pub(crate) fixed_line: bool,
}

/// Reads a cell that holds one number, as it is dialled in `country` (ISO 3166-1 alpha-2) or abroad. An extension
/// (`poste 12`, `ext. 12`) is understood and left out: the result is the number to dial first.
pub fn normalise(cell: &str, country: &str) -> Result<E164, PhoneProblem> {
    read(cell, country.parse()?)
}

/// [`normalise`] with the country looked up already.
pub fn read(cell: &str, country: Country) -> Result<E164, PhoneProblem> {
    let mut read = read_cell(cell, country, Habit::default())?;
    let several = read.remarks.iter().any(|r| matches!(r, Remark::SeveralNumbers | Remark::NumberLeftOut));
    match read.phones.pop() {
        Some(phone) if !several => Ok(phone.number),
        _ => Err(PhoneProblem::Several),
    }
}

/// Reads a cell that holds one number or more, as they are dialled in `country` or abroad, in a column of this habit.
/// Parts of a cell that are no number are left out beside one that is.
pub(crate) fn read_cell(cell: &str, country: Country, habit: Habit) -> Result<CellPhones, PhoneProblem> {
    if let Some(digits) = Digits::of_simple_cell(cell) {
        return alone(&digits, country, habit);
    }
    let text = clean::plain(cell)?;
    if text.is_empty() {
        return Err(PhoneProblem::Missing);
    }
    if let Some(digits) = Digits::of_simple_cell(&text) {
        return alone(&digits, country, habit);
    }
    let (parts, left_out) = parts::read(&text, country, habit)?;
    Ok(together(parts, left_out))
}

fn alone(digits: &Digits, country: Country, habit: Habit) -> Result<CellPhones, PhoneProblem> {
    let number = number::read(digits, country, habit)?;
    let mut remarks = Remarks::default();
    if let Some(remark) = number.remark {
        remarks.add(remark);
    }
    let phones = vec![ListedPhone { number: number.e164, extension: None }];
    Ok(CellPhones { phones, remarks, fixed_line: number.fixed_line })
}

fn together(parts: Vec<Part>, left_out: bool) -> CellPhones {
    let fixed_line = parts.first().is_some_and(|part| part.fixed_line);
    let mut remarks = Remarks::default();
    let mut phones: Vec<ListedPhone> = Vec::with_capacity(parts.len());
    for part in parts {
        remarks.add_all(part.remarks);
        if phones.iter().all(|known| known.number != part.number) {
            phones.push(ListedPhone { number: part.number, extension: part.extension });
        }
    }
    if phones.len() > 1 {
        remarks.add(Remark::SeveralNumbers);
    }
    if left_out {
        remarks.add(Remark::NumberLeftOut);
    }
    CellPhones { phones, remarks, fixed_line }
}
