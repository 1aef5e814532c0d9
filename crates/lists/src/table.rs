//! Records, whatever they come from: lines of text or rows of a sheet.

use relance_domain::list::Remarks;

use crate::error::ListError;

/// Something that gives records, once, in order.
pub(crate) trait Table: Send {
    /// Adds up to `most` records to the batch. False when there are no more to come.
    fn fill(&mut self, batch: &mut Batch, most: usize) -> Result<bool, ListError>;

    /// How many bytes of the file have been read so far: at the end, the file's length.
    fn position(&self) -> u64;
}

/// The physical lines (of a sheet: the rows) that a record covers, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// Records in one piece of memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Batch {
    text: String,
    /// Where each cell ends in `text`.
    cell_ends: Vec<usize>,
    records: Vec<Head>,
}

#[derive(Debug, Clone, Copy)]
struct Head {
    lines: Lines,
    remarks: Remarks,
    /// Where its first cell's text begins.
    text_start: usize,
    /// Its cells' ends, as a range of `cell_ends`.
    cells: (usize, usize),
}

/// One record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) lines: Lines,
    /// What was noticed when its text was decoded.
    pub(crate) remarks: Remarks,
    text: &'a str,
    text_start: usize,
    cell_ends: &'a [usize],
}

impl Batch {
    /// Adds a record whose cells are the pieces of `text` that end at `ends`.
    pub(crate) fn push<'c>(&mut self, lines: Lines, cells: impl IntoIterator<Item = &'c str>) {
        let (text_start, first) = (self.text.len(), self.cell_ends.len());
        for cell in cells {
            self.text.push_str(cell);
            self.cell_ends.push(self.text.len());
        }
        self.records.push(Head {
            lines,
            remarks: Remarks::default(),
            text_start,
            cells: (first, self.cell_ends.len()),
        });
    }

    /// Adds remarks to the record that was pushed last.
    pub(crate) fn remark(&mut self, remarks: Remarks) {
        if let Some(head) = self.records.last_mut() {
            head.remarks.add_all(remarks);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// How much text its cells hold, in bytes.
    pub(crate) fn text_bytes(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.cell_ends.clear();
        self.records.clear();
    }

    pub(crate) fn record(&self, at: usize) -> Option<Record<'_>> {
        let head = self.records.get(at)?;
        let cell_ends = &self.cell_ends[head.cells.0..head.cells.1];
        Some(Record {
            lines: head.lines,
            remarks: head.remarks,
            text: &self.text,
            text_start: head.text_start,
            cell_ends,
        })
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        (0..self.len()).filter_map(|at| self.record(at))
    }
}

impl<'a> Record<'a> {
    /// How many cells it has.
    pub(crate) fn len(&self) -> usize {
        self.cell_ends.len()
    }

    /// The cell at a position, from 0; empty where there is none.
    pub(crate) fn cell(&self, at: usize) -> &'a str {
        let start = at.checked_sub(1).map_or(Some(self.text_start), |before| self.cell_ends.get(before).copied());
        let range = start.zip(self.cell_ends.get(at).copied());
        range.and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = &'a str> {
        let record = *self;
        (0..record.len()).map(move |at| record.cell(at))
    }

    /// Whether all its cells are empty but for space.
    pub(crate) fn is_blank(&self) -> bool {
        self.cells().all(|cell| cell.trim().is_empty())
    }
}
