//! From the bytes of a file to its text, never with a loss.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult};
use relance_domain::list::Remark;

use super::by_line::{ByLine, Repairing};
use super::{Encoding, Table};
use crate::error::Byte;
use crate::options::Repair;

pub(crate) const CHUNK_BYTES: u64 = 64 * 1024;
/// What DOS wrote at the end of a text, sometimes until the end of a disk block.
const END_OF_DOS_TEXT: u8 = 0x1A;
const END_MARKS_MAX: usize = 1024;

/// A file being read: its text comes out in chunks of UTF-8.
pub(crate) struct Source<R> {
    input: R,
    encoding: Encoding,
    chunk_bytes: u64,
    bytes_read: u64,
    raw: Vec<u8>,
    decoding: Decoding,
    repair: Option<Repairing>,
    /// End marks of DOS that were read and are text only if text follows.
    end_marks: usize,
    ended: bool,
    fault: Option<Fault>,
}

/// Why the text does not go on. The place is known to whoever counts lines.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The file cannot be read on.
    Io(io::Error),
    /// A NUL, which no text has.
    Nul,
    /// A byte that the encoding does not know.
    Undecodable(Byte),
}

impl<R: Read> Source<R> {
    /// `other`: lines that are not UTF-8 are read in this encoding; used where `encoding` is UTF-8 only.
    pub(crate) fn new(input: R, encoding: Encoding, other: Option<Encoding>, repair: Repair) -> Self {
        let other = other.filter(|other| encoding == Encoding::UTF_8 && other.is_ascii_compatible());
        let decoding = match other {
            Some(other) => Decoding::ByLine(ByLine::new(other)),
            None => Decoding::Stream(Stream::new(encoding)),
        };
        // Text in an encoding of one byte each cannot be encoded twice: it would be UTF-8.
        let repair = (repair.encoded_twice && !encoding.is_single_byte()).then(Repairing::default);
        Self {
            input,
            encoding,
            chunk_bytes: CHUNK_BYTES,
            bytes_read: 0,
            raw: Vec::new(),
            decoding,
            repair,
            end_marks: 0,
            ended: false,
            fault: None,
        }
    }

    /// Reads chunks of another size.
    #[cfg(test)]
    pub(crate) fn in_chunks(self, chunk_bytes: u64) -> Self {
        Self { chunk_bytes, ..self }
    }

    /// Puts the next text into `text`; false at the end. Text before a fault comes out before the fault does, and
    /// nothing comes after it.
    pub(crate) fn next_text(&mut self, text: &mut Vec<u8>) -> Result<bool, Fault> {
        text.clear();
        while text.is_empty() {
            if let Some(fault) = self.fault.take() {
                self.ended = true;
                return Err(fault);
            }
            if self.ended {
                return Ok(false);
            }
            self.next_chunk()?;
            self.decode(text);
            self.hold_end_marks_back(text);
            self.find_control_characters(text);
        }
        Ok(true)
    }

    fn next_chunk(&mut self) -> Result<(), Fault> {
        self.raw.clear();
        let read = self.input.by_ref().take(self.chunk_bytes).read_to_end(&mut self.raw);
        self.bytes_read += self.raw.len() as u64;
        self.ended = self.raw.is_empty() || read.is_err();
        read.map(drop).map_err(Fault::Io)
    }

    fn decode(&mut self, text: &mut Vec<u8>) {
        text.resize(std::mem::take(&mut self.end_marks), END_OF_DOS_TEXT);
        let Some(repair) = &mut self.repair else {
            self.fault = self.decoding.decode(&self.raw, self.ended, text);
            return;
        };
        repair.decoded.clear();
        self.fault = self.decoding.decode(&self.raw, self.ended, &mut repair.decoded);
        repair.repair(self.ended || self.fault.is_some(), text);
    }

    fn hold_end_marks_back(&mut self, text: &mut Vec<u8>) {
        if self.fault.is_none() {
            let marks = text.iter().rev().take(END_MARKS_MAX).take_while(|byte| **byte == END_OF_DOS_TEXT).count();
            text.truncate(text.len() - marks);
            self.end_marks = marks;
        }
    }

    /// Cuts the text before a character that no list holds: NUL, and in single-byte encodings the control characters
    /// that the bytes 0x80 to 0x9F become where the encoding has no letter for them.
    fn find_control_characters(&mut self, text: &mut Vec<u8>) {
        let nul = text.iter().position(|byte| *byte == 0);
        let control = self.encoding.is_single_byte().then(|| c1_control(text)).flatten();
        let (at, fault) = match (nul, control) {
            (Some(nul), control) if control.is_none_or(|(at, _)| nul < at) => (nul, Fault::Nul),
            (_, Some((at, byte))) => (at, Fault::Undecodable(Byte(Some(byte)))),
            _ => return,
        };
        text.truncate(at);
        self.fault = Some(fault);
    }
}

impl<R> Source<R> {
    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How many bytes of the input were read so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The lines of the text so far, from 1, that were read in another encoding or repaired, each once and with what was
    /// done: call after each piece of text.
    pub(crate) fn take_remarks(&mut self) -> impl Iterator<Item = (u64, Remark)> {
        let in_other = match &mut self.decoding {
            Decoding::Stream(_) => Vec::new(),
            Decoding::ByLine(by_line) => std::mem::take(&mut by_line.in_other_at),
        };
        let repaired = self.repair.as_mut().map(|repair| std::mem::take(&mut repair.repaired_at)).unwrap_or_default();
        let with = |remark| move |line| (line, remark);
        in_other
            .into_iter()
            .map(with(Remark::OtherEncoding))
            .chain(repaired.into_iter().map(with(Remark::EncodedTwice)))
    }

    #[cfg(test)]
    /// How many lines were not UTF-8 and were read in the other encoding so far.
    pub(crate) fn lines_in_other_encoding(&self) -> u64 {
        match &self.decoding {
            Decoding::Stream(_) => 0,
            Decoding::ByLine(by_line) => by_line.in_other,
        }
    }

    #[cfg(test)]
    /// How many lines had been encoded twice and were repaired so far.
    pub(crate) fn lines_encoded_twice(&self) -> u64 {
        self.repair.as_ref().map_or(0, |repair| repair.count)
    }

    /// How much memory its buffers hold, in bytes.
    #[cfg(test)]
    pub(crate) fn buffered(&self) -> usize {
        let decoding = match &self.decoding {
            Decoding::Stream(_) => 0,
            Decoding::ByLine(by_line) => by_line.buffered(),
        };
        let repair = self.repair.as_ref().map_or(0, |repair| repair.buffered());
        self.raw.capacity() + decoding + repair
    }
}

/// Where the first C1 control character of a text is, and its code, which is also its byte in the encodings that have
/// it.
pub(super) fn c1_control(text: &[u8]) -> Option<(usize, u8)> {
    let at = text.windows(2).position(|pair| matches!(pair, [0xC2, 0x80..=0x9F]))?;
    Some((at, text[at + 1]))
}

enum Decoding {
    /// All in one encoding.
    Stream(Stream),
    /// Lines of UTF-8, and where one is not, in another encoding.
    ByLine(ByLine),
}

impl Decoding {
    fn decode(&mut self, raw: &[u8], last: bool, text: &mut Vec<u8>) -> Option<Fault> {
        match self {
            Self::Stream(stream) => stream.decode(raw, last, text),
            Self::ByLine(by_line) => by_line.decode(raw, last, text),
        }
    }
}

/// How many bytes before a chunk a fault can begin that is found in it.
const FAULT_BYTES_MAX: usize = 8;

/// Decodes what comes in chunks.
pub(super) struct Stream {
    table: StreamTable,
    /// The last bytes of the chunks so far.
    before: Vec<u8>,
}

enum StreamTable {
    Web(Box<Decoder>),
    Dos(super::DosPage),
}

impl Stream {
    fn new(encoding: Encoding) -> Self {
        Self::of(encoding, |web| web.new_decoder_with_bom_removal())
    }

    pub(super) fn of(encoding: Encoding, decoder: impl Fn(&'static encoding_rs::Encoding) -> Decoder) -> Self {
        let table = match encoding.0 {
            Table::Web(web) => StreamTable::Web(Box::new(decoder(web))),
            Table::Dos(page) => StreamTable::Dos(page),
        };
        Self { table, before: Vec::new() }
    }

    /// Adds the text of the bytes, as far as they are text.
    pub(super) fn decode(&mut self, raw: &[u8], last: bool, text: &mut Vec<u8>) -> Option<Fault> {
        let decoder = match &mut self.table {
            StreamTable::Web(decoder) => decoder,
            StreamTable::Dos(page) => {
                page.decode(raw, text);
                return None;
            }
        };
        let start = text.len();
        let room = decoder.max_utf8_buffer_length_without_replacement(raw.len()).unwrap_or(4 * raw.len());
        text.resize(start + room, 0);
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(raw, &mut text[start..], last);
        text.truncate(start + written);
        if let DecoderResult::Malformed(length, after) = result {
            let back = usize::from(length) + usize::from(after);
            let byte = match read.checked_sub(back) {
                Some(at) => raw.get(at),
                None => (self.before.len() + read).checked_sub(back).and_then(|at| self.before.get(at)),
            };
            return Some(Fault::Undecodable(Byte(byte.copied())));
        }
        self.before.extend_from_slice(&raw[raw.len().saturating_sub(FAULT_BYTES_MAX)..]);
        self.before.drain(..self.before.len().saturating_sub(FAULT_BYTES_MAX));
        None
    }
}
