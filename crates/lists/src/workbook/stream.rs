//! Rows of a sheet from the thread that reads them to the table that gives them.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::{COLUMNS_MOST, damaged, guarded};
use crate::container::ContainerError;
use crate::error::ListError;
use crate::table::{Batch, Lines, Table};

const BATCH_ROWS: usize = 500;
const BATCH_BYTES: usize = 256 * 1024;
/// Batches that wait while the reader is ahead.
const BATCHES_WAITING: usize = 2;
/// The most text of a row, as of a record of a text file.
pub(super) const ROW_BYTES_MOST: usize = 1024 * 1024;
/// The most text of a sheet: cells that share a string, and rows that are repeated, make more of it than the file has.
const SHEET_BYTES_MOST: u64 = 4 * 1024 * 1024 * 1024;

enum Message {
    Rows(Batch),
    End,
    Fault(ContainerError),
}

/// Why the reading of a sheet stops before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nobody wants more rows.
    Unwanted,
    Fault(ContainerError),
}

impl From<ContainerError> for Stop {
    fn from(error: ContainerError) -> Self {
        Self::Fault(error)
    }
}

/// Where a reader puts the cells that it finds, row by row.
pub(super) struct RowSink {
    out: SyncSender<Message>,
    rows_expected: Arc<AtomicU64>,
    batch: Batch,
    batch_bytes: usize,
    sent_bytes: u64,
    /// The row whose cells are gathered, from 0.
    row: u32,
    text: String,
    /// The column of each cell, from 0, and where its text stands.
    cells: Vec<(u32, Range<usize>)>,
}

impl RowSink {
    /// How many rows the sheet is said to have; by it the position is estimated.
    pub(super) fn expect_rows(&self, rows: u64) {
        self.rows_expected.store(rows, Ordering::Relaxed);
    }

    /// Adds a cell, its place counted from 0. The cells of a row must come one after the other, in any order.
    pub(super) fn cell(&mut self, row: u32, column: u32, write: impl FnOnce(&mut String)) -> Result<(), Stop> {
        if row != self.row {
            self.end_row()?;
            self.row = row;
        }
        let start = self.text.len();
        write(&mut self.text);
        if self.text.len() == start {
            return Ok(());
        }
        if column as usize >= COLUMNS_MOST {
            return Err(ContainerError::TooManyColumns { row: self.line(), most: COLUMNS_MOST }.into());
        }
        if self.text.len() > ROW_BYTES_MOST {
            return Err(ContainerError::RowTooLong { row: self.line() }.into());
        }
        self.cells.push((column, start..self.text.len()));
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Stop> {
        self.put_row(self.row)?;
        self.text.clear();
        self.cells.clear();
        Ok(())
    }

    /// Adds the gathered row at a row further down too, from 0, and goes on gathering there.
    pub(super) fn repeat_at(&mut self, row: u32) -> Result<(), Stop> {
        self.put_row(self.row)?;
        self.row = row;
        Ok(())
    }

    fn line(&self) -> u64 {
        u64::from(self.row) + 1
    }

    fn put_row(&mut self, row: u32) -> Result<(), Stop> {
        if self.cells.is_empty() {
            return Ok(());
        }
        if !self.cells.is_sorted_by_key(|(column, _)| *column) {
            self.cells.sort_by_key(|(column, _)| *column);
        }
        let line = u64::from(row) + 1;
        self.batch.push(Lines { first: line, last: line }, Padded::new(&self.cells, &self.text));
        self.batch_bytes += self.text.len();
        if self.batch.len() >= BATCH_ROWS || self.batch_bytes >= BATCH_BYTES { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), Stop> {
        self.sent_bytes += self.batch_bytes as u64;
        if self.sent_bytes > SHEET_BYTES_MOST {
            return Err(ContainerError::Bomb { most: SHEET_BYTES_MOST }.into());
        }
        self.batch_bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        self.out.send(Message::Rows(batch)).map_err(|_| Stop::Unwanted)
    }

    fn finish(&mut self) -> Result<(), Stop> {
        self.end_row()?;
        if self.batch.len() > 0 { self.send() } else { Ok(()) }
    }
}

/// The cells of a row from its first column to its last filled one.
struct Padded<'r> {
    cells: &'r [(u32, Range<usize>)],
    text: &'r str,
    column: u32,
}

impl<'r> Padded<'r> {
    fn new(cells: &'r [(u32, Range<usize>)], text: &'r str) -> Self {
        Self { cells, text, column: 0 }
    }
}

impl<'r> Iterator for Padded<'r> {
    type Item = &'r str;

    fn next(&mut self) -> Option<&'r str> {
        let (column, range) = self.cells.first()?;
        let here = self.column;
        self.column += 1;
        if *column > here {
            return Some("");
        }
        // A column that comes twice is read as it stands last.
        let same = self.cells.iter().take_while(|(other, _)| other == column);
        let (count, last) = same.fold((0, range), |(count, _), (_, range)| (count + 1, range));
        self.cells = &self.cells[count..];
        Some(&self.text[last.clone()])
    }
}

/// The table of a sheet's rows.
pub(super) struct SheetRows {
    messages: Receiver<Message>,
    rows_expected: Arc<AtomicU64>,
    length: u64,
    batch: Batch,
    given: usize,
    last_line: u64,
    ended: bool,
    /// Kept for the tests: it ends by itself when its table is gone.
    _thread: JoinHandle<()>,
}

impl SheetRows {
    /// Starts a thread that reads a sheet of a file of `length` bytes. It ends when the table is dropped.
    pub(super) fn start(
        length: u64,
        read: impl FnOnce(&mut RowSink) -> Result<(), Stop> + Send + 'static,
    ) -> io::Result<Self> {
        let (out, messages) = sync_channel(BATCHES_WAITING);
        let rows_expected = Arc::new(AtomicU64::new(0));
        let mut sink = RowSink {
            out: out.clone(),
            rows_expected: Arc::clone(&rows_expected),
            batch: Batch::default(),
            batch_bytes: 0,
            sent_bytes: 0,
            row: 0,
            text: String::new(),
            cells: Vec::new(),
        };
        let thread = Builder::new().name("sheet".to_owned()).spawn(move || {
            let end = match guarded(|| read(&mut sink).and_then(|()| sink.finish())) {
                Ok(()) => Message::End,
                Err(Stop::Fault(error)) => Message::Fault(error),
                Err(Stop::Unwanted) => return,
            };
            // Where nobody listens any more, nobody needs to know how it ended.
            let _ = out.send(end);
        })?;
        let batch = Batch::default();
        Ok(Self { messages, rows_expected, length, batch, given: 0, last_line: 0, ended: false, _thread: thread })
    }

    /// Waits for the next batch; false at the end.
    fn next_batch(&mut self) -> Result<bool, ListError> {
        let message = match self.messages.recv() {
            _ if self.ended => return Ok(false),
            Ok(message) => message,
            Err(_) => Message::Fault(damaged("its reading ended without a word")),
        };
        self.ended = !matches!(message, Message::Rows(_));
        match message {
            Message::Rows(batch) => {
                (self.batch, self.given) = (batch, 0);
                Ok(true)
            }
            Message::End => Ok(false),
            Message::Fault(error) => Err(error.into()),
        }
    }
}

impl Table for SheetRows {
    fn fill(&mut self, batch: &mut Batch, most: usize) -> Result<bool, ListError> {
        let mut added = 0;
        while added < most {
            let Some(record) = self.batch.record(self.given) else {
                if self.next_batch()? {
                    continue;
                }
                return Ok(added > 0);
            };
            batch.push(record.lines, record.cells());
            self.last_line = record.lines.last;
            self.given += 1;
            added += 1;
        }
        Ok(true)
    }

    /// Estimated by the rows given and those that the sheet says it has.
    fn position(&self) -> u64 {
        let expected = self.rows_expected.load(Ordering::Relaxed);
        if self.ended {
            self.length
        } else if expected == 0 {
            0
        } else {
            let share = self.last_line.min(expected) as f64 / expected as f64;
            (share * self.length as f64) as u64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(table: &mut SheetRows, most: usize) -> Result<Vec<(u64, String)>, ListError> {
        let mut batch = Batch::default();
        let mut rows = Vec::new();
        loop {
            batch.clear();
            let more = table.fill(&mut batch, most)?;
            let shown = |record: crate::table::Record<'_>| record.cells().collect::<Vec<_>>().join("|");
            rows.extend(batch.records().map(|record| (record.lines.first, shown(record))));
            if !more {
                return Ok(rows);
            }
        }
    }

    fn put(text: &'static str) -> impl FnOnce(&mut String) {
        move |out| out.push_str(text)
    }

    #[test]
    fn rows_are_padded_to_their_own_last_cell_and_gaps_left_out() {
        let mut table = SheetRows::start(100, |sink| {
            sink.expect_rows(10);
            sink.cell(0, 2, put("c"))?;
            sink.cell(0, 0, put("a"))?;
            sink.cell(0, 5, put(""))?;
            sink.cell(3, 1, put("old"))?;
            sink.cell(3, 1, put("new"))?;
            sink.cell(4, 0, put(""))?;
            sink.cell(9, 0, put("z"))
        })
        .expect("a thread can be had");
        assert_eq!(table.position(), 0);
        let expected = [(1, "a||c"), (4, "|new"), (10, "z")].map(|(line, row)| (line, row.to_owned()));
        assert_eq!(rows(&mut table, 2).expect("no fault"), expected);
        assert_eq!(table.position(), 100);
    }

    #[test]
    fn a_panic_is_an_error_and_no_hang() {
        let mut table = SheetRows::start(1, |_| panic!("on purpose")).expect("a thread can be had");
        let error = rows(&mut table, 10).expect_err("it panicked").to_string();
        assert!(error.contains("damaged or cut short"), "{error}");
        assert!(rows(&mut table, 10).is_ok_and(|rows| rows.is_empty()), "it has ended");
    }

    #[test]
    fn a_table_that_is_dropped_ends_its_thread() {
        let endless = |sink: &mut RowSink| {
            for row in 0.. {
                sink.cell(row, 0, put("x"))?;
            }
            Ok(())
        };
        let SheetRows { messages, _thread: thread, .. } = SheetRows::start(1, endless).expect("a thread can be had");
        drop(messages);
        assert!(thread.join().is_ok());
    }

    #[test]
    fn what_is_too_wide_or_too_long_names_its_row() {
        for (column, length, expected) in
            [(1_000, 1, "row 8: a cell beyond column 1000"), (0, ROW_BYTES_MOST + 1, "row 8: its cells hold more")]
        {
            let text = "x".repeat(length);
            let read = move |sink: &mut RowSink| sink.cell(7, column, |out| out.push_str(&text));
            let error = rows(&mut SheetRows::start(1, read).expect("a thread can be had"), 10).expect_err("too much");
            assert!(error.to_string().starts_with(expected), "{error}");
            assert_eq!(error.line(), Some(8));
        }
    }
}
