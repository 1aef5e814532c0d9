//! Where a table's rows begin, what its columns are called and how many cells a row must have.
//!
//! All of it is found in the first records alone, so that it holds for tables of text and for sheets alike.

pub(crate) mod delimiter;
mod header;
mod quote;
mod words;

use relance_domain::list::Remark;

use crate::error::ListError;
use crate::options::{HeaderPlace, Wishes};
use crate::table::{Batch, Record, Table};
use crate::target::Target;

pub(crate) use quote::is_left_open;

/// How many records are looked at to find out what a file is.
const SAMPLE_RECORDS: usize = 2_000;
/// And how much text: a bearable amount where every record is as long as a record may be.
const SAMPLE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// More columns than a list has: such a file is something else.
const COLUMNS_MAX: usize = 1_000;
/// Rows may end before a column that is empty or missing in at least one of so many sampled rows. A row that ends
/// before a column which all others fill was cut, and what it lacks is not known to be empty.
const RAGGED_ONE_IN: usize = 100;

/// Where a table's rows begin and how many cells each must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The header; none where the first record is a client.
    pub(crate) header: Option<Header>,
    /// How many records stand before the first that can be a row: preamble and header.
    pub(crate) skipped: usize,
    /// How many columns there are.
    pub(crate) width: usize,
    /// How many of them have a name, the last of those counted from the left.
    named: usize,
    /// The columns that rows may lack, as many others leave them empty.
    may_lack: Vec<bool>,
    /// Rows of a sheet are never cut: cells that are not there are empty.
    sheet: bool,
}

/// The names of a table's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// The line it stands on.
    pub(crate) line: u64,
    /// Its cells without the space around them.
    pub(crate) names: Vec<String>,
}

/// Whether a row has the cells that its table asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    Whole,
    /// Columns that it lacks at its end are empty.
    Padded,
    Wrong,
}

impl Fit {
    /// What is worth saying of a row that is taken.
    pub(crate) fn remark(self) -> Option<Remark> {
        (self == Self::Padded).then_some(Remark::RowPadded)
    }
}

/// What the first records of a table are.
pub(crate) struct Look<'a> {
    /// The first records of the table, all of them.
    pub(crate) sample: &'a Batch,
    /// How many of them are known to be no rows (`sep=;`).
    pub(crate) dropped: usize,
    /// Whether they are rows of a sheet.
    pub(crate) sheet: bool,
}

impl Layout {
    /// Finds it in the first records.
    pub(crate) fn find(look: &Look<'_>, target: &Target, wishes: &Wishes) -> Result<Self, ListError> {
        let records: Vec<Record<'_>> = look.sample.records().skip(look.dropped).collect();
        if records.iter().all(Record::is_blank) {
            return Err(ListError::Empty);
        }
        let place = match wishes.header {
            Some(HeaderPlace::Line(line)) => header::on_line(&records, line)?,
            Some(HeaderPlace::None) => header::Place::none(0),
            None => header::find(&records, look.sheet, target),
        };
        let header = place.header.map(|at| Header {
            line: records[at].lines.first,
            names: records[at].cells().map(|cell| cell.trim().to_owned()).collect(),
        });
        let mut layout = Self {
            width: 0,
            named: 0,
            skipped: look.dropped + place.first_row,
            header,
            may_lack: Vec::new(),
            sheet: look.sheet,
        };
        layout.measure(&records[place.first_row..])?;
        Ok(layout)
    }

    /// Counts columns, and the rows that lack each.
    fn measure(&mut self, rows: &[Record<'_>]) -> Result<(), ListError> {
        let rows: Vec<&Record<'_>> = rows.iter().filter(|row| !row.is_blank() && !self.repeats_header(row)).collect();
        let widest = rows.iter().map(|row| filled_width(row)).max().unwrap_or(0);
        let names = self.header.as_ref().map_or(&[][..], |header| &header.names);
        self.named = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        self.width = match (&self.header, self.sheet) {
            (Some(_), true) => self.named.max(widest),
            (Some(header), false) => header.names.len(),
            (None, true) => widest,
            (None, false) => most_common(rows.iter().map(|row| row.len())).unwrap_or(widest),
        };
        if self.header.is_none() {
            self.named = self.width;
        }
        let line = self.header.as_ref().map(|header| header.line).or_else(|| rows.first().map(|row| row.lines.first));
        if self.width > COLUMNS_MAX {
            return Err(ListError::TooManyColumns { line: line.unwrap_or(1), columns: self.width });
        }
        if let Some(header) = &mut self.header {
            header.names.resize(self.width, String::new());
        }
        // A short row of several lines may have swallowed others; it says nothing of what rows may lack.
        let says = |row: &&&Record<'_>| row.lines.first == row.lines.last || row.len() >= self.named;
        self.may_lack = (0..self.width)
            .map(|at| {
                let lacking = rows.iter().filter(says).filter(|row| row.cell(at).trim().is_empty()).count();
                self.sheet || (lacking > 0 && lacking * RAGGED_ONE_IN >= rows.len())
            })
            .collect();
        Ok(())
    }

    /// Whether a record is the header once more, as in files that were glued together.
    pub(crate) fn repeats_header(&self, record: &Record<'_>) -> bool {
        self.header.as_ref().is_some_and(|header| {
            record.len() >= self.named
                && header.names.iter().enumerate().all(|(at, name)| record.cell(at).trim() == name)
                && filled_width(record) <= header.names.len()
        })
    }

    /// Whether a row has the cells it must have.
    pub(crate) fn fit(&self, row: &Record<'_>) -> Fit {
        if row.len() > self.width && filled_width(row) > self.width {
            return Fit::Wrong;
        }
        let lacked = row.len().min(self.named)..self.named;
        match lacked.is_empty() || self.sheet {
            true => Fit::Whole,
            false if lacked.into_iter().all(|at| self.may_lack[at]) => Fit::Padded,
            false => Fit::Wrong,
        }
    }
}

/// Reads the first records of a table. After an error the batch holds those before it.
pub(crate) fn gather(table: &mut dyn Table, batch: &mut Batch) -> Result<(), ListError> {
    while batch.len() < SAMPLE_RECORDS && batch.text_bytes() < SAMPLE_BYTES_MAX {
        let most = SAMPLE_RECORDS - batch.len();
        if !table.fill(batch, most)? {
            break;
        }
    }
    Ok(())
}

/// How many cells a record has up to its last filled one.
fn filled_width(record: &Record<'_>) -> usize {
    (0..record.len()).rev().find(|at| !record.cell(*at).trim().is_empty()).map_or(0, |last| last + 1)
}

/// The most common of some counts; of two as common the greater.
fn most_common(counts: impl Iterator<Item = usize>) -> Option<usize> {
    let mut times = std::collections::BTreeMap::<usize, usize>::new();
    for count in counts {
        *times.entry(count).or_default() += 1;
    }
    times.into_iter().max_by_key(|(_, times)| *times).map(|(count, _)| count)
}

#[cfg(test)]
mod tests;
