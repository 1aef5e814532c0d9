//! The rows that a person looks at to see whether a file is read right.

use relance_domain::phone::mask;

use crate::inspection::{Known, SampleRow};
use crate::table::{Batch, Record, Table};

/// How many rows with letters beyond ASCII are shown, and how many of the first.
const SAMPLE_ROWS: usize = 5;
const CELL_CHARACTERS_MAX: usize = 60;
/// A cell with so many digits may be a number to call.
const MASKED_DIGITS_MIN: usize = 6;
/// How many records are read at a time in search of letters.
const BATCH_RECORDS: usize = 5_000;

/// The first rows with letters beyond ASCII, and the first of all. Where the encoding is a guess, the letters that show
/// whether it is right are searched to the end of the table.
pub(super) fn rows(first: &Batch, rest: &mut dyn Table, known: Option<Known>) -> Vec<SampleRow> {
    let mut shown: Vec<SampleRow> = first.records().filter(has_letters).take(SAMPLE_ROWS).map(row).collect();
    if matches!(known, Some(Known::Assumed | Known::Likely)) {
        search(rest, &mut shown);
    }
    for record in first.records().take(SAMPLE_ROWS) {
        if shown.iter().all(|row| row.line != record.lines.first) {
            shown.push(row(record));
        }
    }
    shown
}

/// A fault met here is met again, and told, by whoever reads the rows.
fn search(rest: &mut dyn Table, shown: &mut Vec<SampleRow>) {
    let mut batch = Batch::default();
    let mut more = true;
    while more && shown.len() < SAMPLE_ROWS {
        batch.clear();
        more = rest.fill(&mut batch, BATCH_RECORDS).unwrap_or(false);
        shown.extend(batch.records().filter(has_letters).take(SAMPLE_ROWS - shown.len()).map(row));
    }
}

fn has_letters(record: &Record<'_>) -> bool {
    record.cells().any(|cell| !cell.is_ascii())
}

fn row(record: Record<'_>) -> SampleRow {
    SampleRow { line: record.lines.first, cells: record.cells().map(cell).collect() }
}

fn cell(cell: &str) -> String {
    let shown = match cell.chars().filter(|c| c.is_numeric()).count() {
        0..MASKED_DIGITS_MIN => cell.to_owned(),
        _ => mask(cell),
    };
    shown.chars().take(CELL_CHARACTERS_MAX).collect()
}
