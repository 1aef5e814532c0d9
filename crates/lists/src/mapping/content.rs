//! What the cells of a column look like, on the first records of a file.

use relance_domain::{Currency, ZoneName};

use crate::cell;
use crate::phone::{self, Country, Habit};
use crate::table::Batch;

/// What the filled cells of a column look like: how many of them are what.
#[derive(Debug, Clone, Default)]
pub(super) struct Content {
    /// How many cells are not blank.
    pub(super) filled: usize,
    /// Valid telephone numbers, read by `habit`.
    pub(super) phones: usize,
    /// Of these, how many are written as numbers are and not as a bare count: with a plus, a zero, a separator.
    pub(super) written_phones: usize,
    /// How the column writes numbers.
    pub(super) habit: Habit,
    pub(super) dates: usize,
    /// Numbers that a workbook may mean as days.
    pub(super) serial_days: usize,
    pub(super) postcodes: usize,
    pub(super) emails: usize,
    pub(super) yes_no: usize,
    pub(super) numbers: usize,
    /// Words of letters, as names of people and towns are.
    pub(super) names: usize,
    pub(super) zones: usize,
    pub(super) countries: usize,
    /// One to six digits.
    pub(super) extensions: usize,
    /// Crosses and ticks.
    pub(super) ticks: usize,
    /// How many of the cells looked at are blank.
    pub(super) blank: usize,
}

/// What is needed to look at cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'a> {
    pub(super) sample: &'a Batch,
    pub(super) country: Country,
    /// The country's code.
    pub(super) code: &'a str,
    pub(super) currency: Currency,
    pub(super) letter_o: bool,
    /// Whether bare numbers may be days.
    pub(super) from_workbook: bool,
}

/// Cells looked at in a whole file: of a very wide one, fewer of each column.
const CELLS_MAX: usize = 120_000;
const CELLS_OF_COLUMN_MAX: usize = 2_000;
const CELLS_OF_COLUMN_MIN: usize = 100;

impl<'a> Look<'a> {
    /// The cells of a column that are looked at, trimmed.
    pub(super) fn cells(&self, at: usize, width: usize) -> Vec<&'a str> {
        let most = (CELLS_MAX / width.max(1)).clamp(CELLS_OF_COLUMN_MIN, CELLS_OF_COLUMN_MAX);
        self.sample.records().take(most).map(|record| record.cell(at).trim()).collect()
    }

    /// What a column looks like.
    pub(super) fn content(&self, cells: &[&str]) -> Content {
        let mut content = Content::default();
        for cell in cells {
            if cell.is_empty() {
                content.blank += 1;
            } else {
                self.count(cell, &mut content);
            }
        }
        // No number has fewer digits: a column of names is not put through the numbering rules.
        if cells.iter().any(|cell| digits(cell) >= 6) {
            let found = phone::column_habit(cells.iter().copied(), self.country, self.letter_o);
            (content.phones, content.habit) = (found.valid, found.habit);
        }
        content
    }

    fn count(&self, cell: &str, content: &mut Content) {
        let add = |count: &mut usize, is: bool| *count += usize::from(is);
        content.filled += 1;
        add(&mut content.written_phones, is_written_phone(cell, self.currency));
        add(&mut content.dates, cell::is_date(cell));
        add(&mut content.serial_days, self.from_workbook && cell::is_serial_day(cell));
        add(&mut content.postcodes, cell::is_postcode(cell, self.code));
        add(&mut content.emails, is_email(cell));
        add(&mut content.yes_no, cell::is_yes_or_no(cell));
        add(&mut content.numbers, cell::is_number(cell, self.currency));
        add(&mut content.names, is_name(cell));
        add(&mut content.zones, is_zone(cell));
        add(&mut content.countries, cell::country(cell).is_some());
        add(&mut content.extensions, cell.len() <= 6 && cell.bytes().all(|b| b.is_ascii_digit()));
        add(&mut content.ticks, cell::is_tick(cell));
    }
}

impl Content {
    /// Whether at least so many percent of the filled cells are so; false where none is filled.
    pub(super) fn mostly(&self, count: usize, percent: usize) -> bool {
        self.filled > 0 && count * 100 >= self.filled * percent
    }

    /// How many percent of the filled cells that is, rounded down.
    pub(super) fn percent(&self, count: usize) -> usize {
        count * 100 / self.filled.max(1)
    }

    /// What the column plainly is, if it is no phone numbers.
    pub(super) fn plainly_other(&self) -> Option<&'static str> {
        let kinds = [
            (self.emails, "e-mail addresses"),
            (self.dates, "dates"),
            (self.yes_no, "yes and no"),
            (self.names, "words"),
            (self.extensions, "short numbers"),
        ];
        kinds.into_iter().find(|(count, _)| self.mostly(*count, 80)).map(|(_, words)| words)
    }
}

fn digits(cell: &str) -> usize {
    cell.chars().filter(|c| c.is_numeric()).count()
}

/// A plus, a zero or signs between the digits, other than those between thousands.
fn is_written_phone(cell: &str, currency: Currency) -> bool {
    let is_apart = || cell.contains([' ', '-', '(']) || cell.matches('.').count() > 1;
    cell.starts_with(['+', '0', '(', '\'']) || (is_apart() && !cell::is_number(cell, currency))
}

fn is_email(cell: &str) -> bool {
    let Some((person, host)) = cell.split_once('@') else { return false };
    !person.is_empty() && host.contains('.') && !cell.contains(char::is_whitespace)
}

/// At most six words of letters.
fn is_name(cell: &str) -> bool {
    let of_a_name = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.');
    cell.len() <= 200
        && cell.chars().all(of_a_name)
        && cell.chars().filter(|c| c.is_alphabetic()).count() > 1
        && cell.split_whitespace().count() <= 6
}

/// A name such as `Europe/Paris`. The database is asked only where the form fits.
fn is_zone(cell: &str) -> bool {
    let of_a_zone = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+');
    let fits = cell.len() <= 40 && cell.contains('/') && cell.starts_with(|c: char| c.is_ascii_uppercase());
    fits && cell.bytes().all(of_a_zone) && cell.parse::<ZoneName>().is_ok()
}
