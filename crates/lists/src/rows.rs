//! The rows of a file, judged on all cores and delivered in order.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::num::NonZero;
use std::sync::Arc;

use relance_domain::E164;
use relance_domain::list::{Remarks, Row, Verdict};

use crate::error::ListError;
use crate::judge::{Judge, Judged};
use crate::table::{Batch, Table};

/// How many records one core judges at a time, and how many rows a chunk has at most.
const CHUNK_RECORDS: usize = 2_000;
/// More cores than this wait for the one that reads.
const JUDGES_MAX: usize = 8;

/// The rows of a file, each with its verdict, in the order of the file. Records whose cells are all blank and
/// repetitions of the header are no rows and are left out. After an error there are no more.
///
/// Memory is flat but for the numbers seen so far, 16 bytes each: it holds the records of some chunks, whatever the
/// file's length.
pub struct Rows {
    table: Box<dyn Table>,
    judge: Arc<Judge>,
    /// Records to read over before the first row.
    to_skip: usize,
    /// Records that were read while others were judged.
    read: Vec<Piece>,
    /// Rows that were judged while others were delivered.
    judged: VecDeque<JudgedPiece>,
    seen: Seen,
    fault: Option<ListError>,
    ended: bool,
    repeated_headers: u64,
    position: u64,
    length: u64,
}

/// Records of a table: those from `first` on, and how far the file had been read when they were there.
struct Piece {
    batch: Batch,
    first: usize,
    position: u64,
}

/// What became of a piece.
#[derive(Default)]
struct JudgedPiece {
    rows: Vec<Judged>,
    repeated_headers: u64,
    /// The line of a record that swallowed others; nothing behind it is judged.
    left_open: Option<u64>,
    position: u64,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("position", &self.position).field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl Rows {
    pub(crate) fn new(table: Box<dyn Table>, judge: Judge, length: u64) -> Self {
        Self {
            table,
            to_skip: judge.layout.skipped,
            judge: Arc::new(judge),
            read: Vec::new(),
            judged: VecDeque::new(),
            seen: Seen::default(),
            fault: None,
            ended: false,
            repeated_headers: 0,
            position: 0,
            length,
        }
    }

    /// The next rows, at most 2,000; `None` at the end. Rows before a fault come before it does.
    pub fn next_chunk(&mut self) -> Result<Option<Vec<Row>>, ListError> {
        loop {
            if let Some(piece) = self.judged.pop_front() {
                let rows = self.settle(piece);
                if !rows.is_empty() {
                    return Ok(Some(rows));
                }
                continue;
            }
            if self.read.is_empty() {
                self.read = self.read_pieces();
            }
            if self.read.is_empty() {
                return self.fault.take().map_or(Ok(None), Err);
            }
            self.judge_pieces();
        }
    }

    /// How far the rows delivered so far reach into the file, in bytes.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The file's length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// How many times the header stood once more among the rows delivered so far.
    #[must_use]
    pub fn repeated_headers(&self) -> u64 {
        self.repeated_headers
    }

    /// The names of the columns, `col 3` where one has none.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.judge.headers
    }

    /// Reads a piece for each core. A fault ends the reading and is told when all before it was delivered.
    fn read_pieces(&mut self) -> Vec<Piece> {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get).min(JUDGES_MAX);
        let mut pieces = Vec::new();
        while !self.ended && pieces.len() < cores {
            let mut batch = Batch::default();
            match self.table.fill(&mut batch, CHUNK_RECORDS) {
                Ok(more) => self.ended = !more,
                Err(fault) => (self.ended, self.fault) = (true, Some(fault)),
            }
            let first = self.to_skip.min(batch.len());
            self.to_skip -= first;
            if first < batch.len() {
                pieces.push(Piece { batch, first, position: self.table.position() });
            }
        }
        pieces
    }

    /// Judges what was read, one piece on each core, and meanwhile reads on.
    fn judge_pieces(&mut self) {
        let pieces = std::mem::take(&mut self.read);
        let judge = Arc::clone(&self.judge);
        let judged = std::thread::scope(|scope| {
            let judge = &judge;
            let threads: Vec<_> = pieces.iter().map(|piece| scope.spawn(move || piece.judge(judge))).collect();
            self.read = self.read_pieces();
            threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
        });
        let judged = judged.into_iter().map(|piece| piece.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        self.judged.extend(judged);
    }

    /// Says of judged rows what only those before can tell.
    fn settle(&mut self, piece: JudgedPiece) -> Vec<Row> {
        self.repeated_headers += piece.repeated_headers;
        self.position = piece.position;
        if let Some(line) = piece.left_open {
            (self.ended, self.fault) = (true, Some(ListError::SwallowedRows { line }));
            self.judged.clear();
            self.read.clear();
        }
        piece.rows.into_iter().map(|judged| self.seen.settle(judged)).collect()
    }
}

impl Piece {
    fn judge(&self, judge: &Judge) -> JudgedPiece {
        let mut judged = JudgedPiece { position: self.position, ..JudgedPiece::default() };
        for record in (self.first..self.batch.len()).filter_map(|at| self.batch.record(at)) {
            if record.is_blank() {
                continue;
            }
            if judge.layout.repeats_header(&record) {
                judged.repeated_headers += 1;
                continue;
            }
            if judge.swallowed_rows(&record) {
                judged.left_open = Some(record.lines.first);
                break;
            }
            judged.rows.push(judge.judge(&record));
        }
        judged
    }
}

/// The numbers of the rows accepted so far and the lines they stand on: 16 bytes each. In several maps, because one that grows has
/// its old and its new memory at once.
#[derive(Default)]
struct Seen([HashMap<u64, u64>; 16]);

impl Seen {
    /// A row any of whose numbers stands on an earlier accepted line is a duplicate of that line. A rejected row makes
    /// no later one a duplicate, and a duplicate is one before it is rejected for another cell than its phone.
    fn settle(&mut self, judged: Judged) -> Row {
        let Judged { mut row, numbers } = judged;
        let lines: BTreeSet<u64> = numbers.iter().filter_map(|number| self.line(*number)).collect();
        let mut lines = lines.into_iter();
        if let Some(first_line) = lines.next() {
            let further = numbers.iter().filter(|number| self.line(**number).is_none());
            let further = further.filter_map(|number| E164::parse(&format!("+{number}")).ok()).collect();
            row.verdict = Verdict::DuplicateInFile { first_line, joins: lines.next(), further };
            row.remarks = Remarks::default();
        } else if let Verdict::Accepted(_) = row.verdict {
            for number in numbers {
                self.0[Self::map_of(number)].insert(number, row.line);
            }
        }
        row
    }

    fn line(&self, number: u64) -> Option<u64> {
        self.0[Self::map_of(number)].get(&number).copied()
    }

    /// The last digits of numbers are spread evenly.
    fn map_of(number: u64) -> usize {
        usize::try_from(number % 16).unwrap_or_default()
    }
}
