//! From text to records, each with the physical line on which it begins.
//!
//! The state machine of the `csv` crate (`csv-core`) cuts; the buffers and the line count are ours, because the crate's
//! own reader miscounts lines after a byte-order mark and in files with CR alone, and because it lets an unclosed quote
//! swallow a whole file into memory.

use std::collections::BTreeMap;
use std::io::Read;

use relance_domain::list::Remarks;

use crate::encoding::{Fault, LineNumber, Source};
use crate::error::ListError;
use crate::options::{Delimiter, Encoding};
use crate::table::{Batch, Lines, Table};

/// The longest record. A list's rows are some hundred bytes; what is longer is an unclosed quote.
const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// How much text a batch may gather before it is handed on: some thousand records of the usual size, and yet a bearable
/// amount where every record is as long as a record may be.
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The records of a text, one after the other.
pub(crate) struct TextTable<R> {
    source: Source<R>,
    likely: Encoding,
    parser: csv_core::Reader,
    text: Vec<u8>,
    at: usize,
    line: LineNumber,
    ended: bool,
    fields: Vec<u8>,
    fields_length: usize,
    ends: Vec<usize>,
    ends_length: usize,
    /// What was noticed of lines that are not yet records.
    remarks: BTreeMap<u64, Remarks>,
}

impl<R: Read + Send> Table for TextTable<R> {
    fn fill(&mut self, batch: &mut Batch, most: usize) -> Result<bool, ListError> {
        for _ in 0..most {
            let Some(lines) = self.advance()? else { return Ok(false) };
            batch.push(lines, self.cells());
            if !self.remarks.is_empty() {
                batch.remark(self.remarks_on(lines));
            }
            if batch.text_bytes() > BATCH_BYTES_MAX {
                break;
            }
        }
        Ok(true)
    }

    fn position(&self) -> u64 {
        self.source.bytes_read()
    }
}

impl<R: Read> TextTable<R> {
    /// `likely` is the encoding to suggest where the one of the source fails.
    pub(crate) fn new(source: Source<R>, delimiter: Delimiter, likely: Encoding) -> Self {
        Self {
            source,
            likely,
            parser: csv_core::ReaderBuilder::new().delimiter(delimiter.byte()).build(),
            text: Vec::new(),
            at: 0,
            line: LineNumber::default(),
            ended: false,
            fields: vec![0; 4096],
            fields_length: 0,
            ends: vec![0; 64],
            ends_length: 0,
            remarks: BTreeMap::new(),
        }
    }

    /// Reads the next record and says on which lines it stands; [`TextTable::cells`] are its own. `None` at the end.
    fn advance(&mut self) -> Result<Option<Lines>, ListError> {
        (self.fields_length, self.ends_length) = (0, 0);
        if !self.skip_line_ends()? {
            return Ok(None);
        }
        let first = self.line.current();
        let mut consumed = 0;
        loop {
            if self.at == self.text.len() && !self.fill_text()? && !self.end_last_line() {
                return Err(ListError::UnclosedQuote { line: first });
            }
            let (result, read, written, ended) = self.parser.read_record(
                &self.text[self.at..],
                &mut self.fields[self.fields_length..],
                &mut self.ends[self.ends_length..],
            );
            let complete = result == csv_core::ReadRecordResult::Record;
            let (inside, line_end) =
                self.text[self.at..self.at + read].split_at(read - usize::from(complete && read > 0));
            self.line.pass(inside);
            let last = self.line.current();
            self.line.pass(line_end);
            self.at += read;
            self.fields_length += written;
            self.ends_length += ended;
            consumed += read;
            match result {
                _ if consumed > RECORD_BYTES_MAX => return Err(ListError::RecordTooLong { line: first }),
                csv_core::ReadRecordResult::Record => return Ok(Some(Lines { first, last })),
                csv_core::ReadRecordResult::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
                csv_core::ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                csv_core::ReadRecordResult::InputEmpty | csv_core::ReadRecordResult::End => {}
            }
        }
    }

    /// The cells of the record that was read last.
    fn cells(&self) -> impl Iterator<Item = &str> {
        let text = std::str::from_utf8(&self.fields[..self.fields_length])
            .expect("the decoder writes UTF-8, and the parser cuts it at ASCII characters only");
        let starts = std::iter::once(0).chain(self.ends[..self.ends_length].iter().copied());
        starts.zip(&self.ends[..self.ends_length]).map(move |(start, end)| &text[start..*end])
    }

    /// Empty lines are no records. False at the end of the file.
    fn skip_line_ends(&mut self) -> Result<bool, ListError> {
        loop {
            let rest = &self.text[self.at..];
            let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.line.pass(&rest[..empty]);
            self.at += empty;
            if self.at < self.text.len() {
                return Ok(true);
            }
            if !self.fill_text()? {
                return Ok(false);
            }
        }
    }

    fn fill_text(&mut self) -> Result<bool, ListError> {
        self.at = 0;
        let read = self.source.next_text(&mut self.text);
        for (line, remark) in self.source.take_remarks() {
            self.remarks.entry(line).or_default().add(remark);
        }
        match read {
            Ok(more) => Ok(more && !self.ended),
            Err(fault) => Err(self.locate(fault)),
        }
    }

    fn remarks_on(&mut self, lines: Lines) -> Remarks {
        let mut all = Remarks::default();
        while let Some(line) = self.remarks.first_entry().filter(|line| *line.key() <= lines.last) {
            let (at, remarks) = line.remove_entry();
            if at >= lines.first {
                all.add_all(remarks);
            }
        }
        all
    }

    /// A last line without a line end gets one. The parser then ends the record, or else is inside a quote. False the
    /// second time.
    fn end_last_line(&mut self) -> bool {
        self.text.clear();
        if !self.ended {
            self.text.push(b'\n');
        }
        !std::mem::replace(&mut self.ended, true)
    }

    fn locate(&self, fault: Fault) -> ListError {
        let (line, column) = (self.line.current(), self.ends_length + 1);
        let declared = self.source.encoding();
        match fault {
            Fault::Io(source) => ListError::Io { line, source },
            Fault::Nul => ListError::Nul { line, column },
            Fault::Undecodable(byte) => ListError::Undecodable { line, column, byte, declared, likely: self.likely },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Repair;
    use crate::table::Record;

    /// Reads the text in one chunk and byte by byte, so that every boundary is met, and expects the same of both.
    fn records(text: &str) -> Result<Vec<(u64, u64, Vec<String>)>, String> {
        let whole = records_in_chunks(text, 64 * 1024);
        assert_eq!(records_in_chunks(text, 1), whole);
        whole
    }

    fn records_in_chunks(text: &str, chunk_bytes: u64) -> Result<Vec<(u64, u64, Vec<String>)>, String> {
        let source = Source::new(text.as_bytes(), Encoding::default(), None, Repair::default()).in_chunks(chunk_bytes);
        let mut table = TextTable::new(source, Delimiter::Semicolon, Encoding::default());
        let mut batch = Batch::default();
        while table.fill(&mut batch, 2).map_err(|error| error.to_string())? {}
        let cells = |record: Record<'_>| record.cells().map(str::to_owned).collect();
        Ok(batch.records().map(|record| (record.lines.first, record.lines.last, cells(record))).collect())
    }

    fn row(first: u64, last: u64, fields: &[&str]) -> (u64, u64, Vec<String>) {
        (first, last, fields.iter().map(|field| (*field).to_owned()).collect())
    }

    #[test]
    fn counts_physical_lines_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["\u{feff}a;b", "", "1;\"two", "", "lines\"", "3;4"].join(end);
            let two_lines = format!("two{end}{end}lines");
            let expected = vec![row(1, 1, &["a", "b"]), row(3, 5, &["1", &two_lines]), row(6, 6, &["3", "4"])];
            assert_eq!(records(&text), Ok(expected.clone()), "{end:?}");
            assert_eq!(records(&format!("{text}{end}")), Ok(expected), "{end:?}");
        }
        assert_eq!(records("a\r\n\rb\n\nc"), Ok(vec![row(1, 1, &["a"]), row(3, 3, &["b"]), row(5, 5, &["c"])]));
    }

    #[test]
    fn keeps_quotes_that_are_text() {
        assert_eq!(records("Dupont \"Jo\";x\n"), Ok(vec![row(1, 1, &["Dupont \"Jo\"", "x"])]));
        assert_eq!(records("\"a \"\"b\"\"\";\"\""), Ok(vec![row(1, 1, &["a \"b\"", ""])]));
        assert_eq!(records("\"\""), Ok(vec![row(1, 1, &[""])]));
    }

    #[test]
    fn an_unclosed_quote_is_named_by_the_line_of_its_record() {
        for text in ["a\nb;\"c\nd\n", "a\n\"", "a\n\"b\"\"", "a\n;\"b"] {
            let error = records(text).expect_err(text);
            assert!(error.starts_with("line 2: in the record that begins here a quote is opened"), "{text:?}: {error}");
        }
        let long = format!("a\n\n\"{}", "x\n".repeat(600_000));
        assert!(records(&long).expect_err("too long").starts_with("line 3: the record that begins here is longer"));
    }

    #[test]
    fn the_end_mark_of_dos_is_no_text() {
        assert_eq!(records("a;b\r\n\u{1a}"), Ok(vec![row(1, 1, &["a", "b"])]));
        assert_eq!(records("a;b\u{1a}"), Ok(vec![row(1, 1, &["a", "b"])]));
        assert_eq!(records("a\u{1a};b"), Ok(vec![row(1, 1, &["a\u{1a}", "b"])]));
        assert_eq!(records(""), Ok(vec![]));
    }
}
