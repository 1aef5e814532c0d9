//! From text to records, each with the physical line on which it begins.
//!
//! The state machine of the `csv` crate (`csv-core`) cuts; the buffers and the line count are ours, because the crate's
//! own reader miscounts lines after a byte-order mark and in files with CR alone, and because it lets an unclosed quote
//! swallow a whole file into memory.

use std::io::Read;

use crate::error::ListError;
use crate::options::{Delimiter, Encoding};
use crate::source::{Fault, Source};

/// The longest record. A list's rows are some hundred bytes; what is longer is an unclosed quote.
const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// The records of a file, one at a time.
pub(crate) struct Records<R> {
    source: Source<R>,
    likely: Encoding,
    parser: csv_core::Reader,
    text: Vec<u8>,
    at: usize,
    line: LineCount,
    ended: bool,
    fields: Vec<u8>,
    fields_length: usize,
    ends: Vec<usize>,
    ends_length: usize,
}

/// The physical lines that a record covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

/// The fields of one record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    text: &'a str,
    ends: &'a [usize],
}

impl<'a> Record<'a> {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The field at a position; empty where there is none.
    pub(crate) fn field(&self, at: usize) -> &'a str {
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let range = start.zip(self.ends.get(at).copied());
        range.and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &'a str> {
        let record = *self;
        (0..record.len()).map(move |at| record.field(at))
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

impl<R: Read> Records<R> {
    /// `likely` is the encoding to suggest where the declared one fails.
    pub(crate) fn new(source: Source<R>, delimiter: Delimiter, likely: Encoding) -> Self {
        Self {
            source,
            likely,
            parser: csv_core::ReaderBuilder::new().delimiter(delimiter.byte()).build(),
            text: Vec::new(),
            at: 0,
            line: LineCount::default(),
            ended: false,
            fields: vec![0; 4096],
            fields_length: 0,
            ends: vec![0; 64],
            ends_length: 0,
        }
    }

    /// Reads the next record and says on which lines it stands; [`Records::record`] is it. `None` at the end of the
    /// file.
    pub(crate) fn advance(&mut self) -> Result<Option<Lines>, ListError> {
        (self.fields_length, self.ends_length) = (0, 0);
        if !self.skip_line_ends()? {
            return Ok(None);
        }
        let first = self.line.number();
        let mut consumed = 0;
        loop {
            if self.at == self.text.len() && !self.fill()? && !self.end_last_line() {
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
            self.line.count(inside);
            let last = self.line.number();
            self.line.count(line_end);
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

    /// Empty lines are no records. False at the end of the file.
    fn skip_line_ends(&mut self) -> Result<bool, ListError> {
        loop {
            let rest = &self.text[self.at..];
            let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.line.count(&rest[..empty]);
            self.at += empty;
            if self.at < self.text.len() {
                return Ok(true);
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    fn fill(&mut self) -> Result<bool, ListError> {
        self.at = 0;
        match self.source.next_text(&mut self.text) {
            Ok(more) => Ok(more && !self.ended),
            Err(fault) => Err(self.locate(fault)),
        }
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
        let (line, column) = (self.line.number(), self.ends_length + 1);
        let declared = self.source.encoding();
        match fault {
            Fault::Io(source) => ListError::Io { line, source },
            Fault::NotText(kind) => ListError::NotText { kind },
            Fault::OtherMark(found) => ListError::OtherMark { found, declared },
            Fault::IsUtf8 => ListError::IsUtf8 { declared },
            Fault::Nul => ListError::Nul { line, column },
            Fault::Undecodable(byte) => ListError::Undecodable { line, column, byte, declared, likely: self.likely },
        }
    }
}

impl<R> Records<R> {
    /// The record that was read last.
    pub(crate) fn record(&self) -> Record<'_> {
        let text = std::str::from_utf8(&self.fields[..self.fields_length])
            .expect("the decoder writes UTF-8, and the parser cuts it at ASCII characters only");
        Record { text, ends: &self.ends[..self.ends_length] }
    }

    pub(crate) fn source(&self) -> &Source<R> {
        &self.source
    }
}

/// Counts physical lines: CRLF, LF and CR alone each end one.
#[derive(Debug, Default)]
struct LineCount {
    ends: u64,
    after_cr: bool,
}

impl LineCount {
    fn number(&self) -> u64 {
        self.ends + 1
    }

    fn count(&mut self, text: &[u8]) {
        for byte in text {
            self.ends += u64::from(*byte == b'\r' || (*byte == b'\n' && !self.after_cr));
            self.after_cr = *byte == b'\r';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the text in one chunk and byte by byte, so that every boundary is met, and expects the same of both.
    fn records(text: &str) -> Result<Vec<(u64, u64, Vec<String>)>, String> {
        let whole = records_in_chunks(text, 64 * 1024);
        assert_eq!(records_in_chunks(text, 1), whole);
        whole
    }

    fn records_in_chunks(text: &str, chunk_bytes: u64) -> Result<Vec<(u64, u64, Vec<String>)>, String> {
        let source = Source::in_chunks(text.as_bytes(), Encoding::default(), chunk_bytes);
        let mut records = Records::new(source, Delimiter::Semicolon, Encoding::default());
        let mut all = Vec::new();
        while let Some(lines) = records.advance().map_err(|error| error.to_string())? {
            all.push((lines.first, lines.last, records.record().fields().map(str::to_owned).collect()));
        }
        Ok(all)
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
