//! Which record is the header.

use crate::error::ListError;
use crate::layout::most_common;
use crate::layout::words::HeaderWords;
use crate::table::Record;
use crate::target::Target;

/// A header stands among the first records, below some lines that say what the file is.
const PREAMBLE_RECORDS_MAX: usize = 100;
/// What is called by so many digits is a number to call.
const PHONE_DIGITS_MIN: usize = 6;

/// Where the header is and where the rows begin, as positions among the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) header: Option<usize>,
    pub(super) first_row: usize,
}

impl Place {
    pub(super) fn none(first_row: usize) -> Self {
        Self { header: None, first_row }
    }

    fn at(header: usize) -> Self {
        Self { header: Some(header), first_row: header + 1 }
    }
}

/// The header where somebody said it is.
pub(super) fn on_line(records: &[Record<'_>], line: u64) -> Result<Place, ListError> {
    let covers = |record: &Record<'_>| (record.lines.first..=record.lines.last).contains(&line) && !record.is_blank();
    records.iter().position(covers).map(Place::at).ok_or(ListError::NoHeaderThere { line })
}

/// The header where nobody said anything: the first record that is named like one, or else the first that has as many
/// cells as most and holds names, not data. Where data come first there is none.
pub(super) fn find(records: &[Record<'_>], sheet: bool, target: &Target) -> Place {
    let words = HeaderWords::of(target);
    let filled: Vec<&Record<'_>> = records.iter().filter(|record| !record.is_blank()).collect();
    let usual_cells = most_common(filled.iter().map(|record| record.len())).unwrap_or(0);
    let usual_filled = median(filled.iter().map(|record| filled_cells(record)).collect());
    for (at, record) in records.iter().enumerate().take(PREAMBLE_RECORDS_MAX) {
        if is_named_like_one(record, &words) {
            return Place::at(at);
        }
        // A line such as "as of 3 April;;;;" has as many cells as a row, but hardly any is filled.
        let fits = (sheet || record.len() == usual_cells) && filled_cells(record) * 10 >= usual_filled * 6;
        if !fits || record.is_blank() {
            continue;
        }
        return match is_data(record) || lacks_a_name(record, &records[at + 1..]) {
            true => Place::none(at),
            false => Place::at(at),
        };
    }
    match records.iter().position(|record| !record.is_blank()) {
        Some(first) if !is_data(&records[first]) => Place::at(first),
        first => Place::none(first.unwrap_or(0)),
    }
}

/// Whether a record's cells are headers that the campaign or everybody knows: one for the phone, or two of any kind.
fn is_named_like_one(record: &Record<'_>, words: &HeaderWords) -> bool {
    if record.cells().any(|cell| words.is_campaigns_phone(cell)) {
        return true;
    }
    let known = record.cells().filter(|cell| words.is_known(cell)).count();
    (known >= 2 || record.cells().any(|cell| words.is_a_phone(cell))) && !record.cells().any(is_phone_like)
}

/// Whether a record is a client: it holds a number to call, or most of its cells are numbers or dates.
fn is_data(record: &Record<'_>) -> bool {
    let data = record.cells().filter(|cell| is_number_like(cell)).count();
    record.cells().any(is_phone_like) || data * 2 > filled_cells(record)
}

/// Whether a record is empty where nearly all those below hold a number: a header would have a name there.
fn lacks_a_name(record: &Record<'_>, below: &[Record<'_>]) -> bool {
    let below: Vec<&Record<'_>> = below.iter().filter(|record| !record.is_blank()).collect();
    (0..record.len()).filter(|at| record.cell(*at).trim().is_empty()).any(|at| {
        let numbers = below.iter().filter(|record| is_phone_like(record.cell(at))).count();
        numbers > 0 && numbers * 10 >= below.len() * 8
    })
}

/// Whether a cell may be a number to call. Days and hours are none: they stand above many a header.
pub(super) fn is_phone_like(cell: &str) -> bool {
    let words = cell.split(|c: char| c.is_whitespace() || c == 'T').filter(|word| !is_day(word) && !is_hour(word));
    let digits = words.flat_map(str::chars).filter(|c| c.is_numeric()).count();
    digits >= PHONE_DIGITS_MIN && cell.chars().filter(|c| c.is_alphabetic()).count() <= digits
}

/// `10:30:00`
fn is_hour(word: &str) -> bool {
    word.contains(':') && word.chars().all(|c| c.is_ascii_digit() || c == ':')
}

/// Two short numbers and a year, the year first or last: `12.11.2026`.
fn is_day(word: &str) -> bool {
    let parts: Vec<&str> = word.trim_matches(|c: char| !c.is_ascii_digit()).split(['.', '/', '-']).collect();
    let is_short = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_year = |part: &str| part.len() == 4 && part.parse().is_ok_and(|year| (1900..2100).contains(&year));
    match parts[..] {
        [first, middle, last] => {
            is_short(middle) && (is_short(first) && is_year(last) || is_year(first) && is_short(last))
        }
        _ => false,
    }
}

fn is_number_like(cell: &str) -> bool {
    cell.chars().any(char::is_numeric) && !cell.chars().any(char::is_alphabetic) || cell.contains('@')
}

fn filled_cells(record: &Record<'_>) -> usize {
    record.cells().filter(|cell| !cell.trim().is_empty()).count()
}

fn median(mut counts: Vec<usize>) -> usize {
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied().unwrap_or(0)
}
