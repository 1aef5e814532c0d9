//! Text that must be looked at line by line: lines that are not UTF-8, and lines that were encoded twice.

use super::Encoding;
use super::decode::{Fault, Stream, c1_control};
use super::lines::{LineBuffer, LineNumber, lines};
use super::twice;
use crate::error::Byte;

/// Reads UTF-8, and each line that is not in another encoding.
pub(super) struct ByLine {
    lines: LineBuffer,
    other: Encoding,
    begun: bool,
    /// How many lines that were.
    pub(super) in_other: u64,
    /// Their numbers, until somebody takes them.
    pub(super) in_other_at: Vec<u64>,
    number: LineNumber,
}

pub(crate) const MARK_OF_UTF_8: &[u8] = b"\xEF\xBB\xBF";

impl ByLine {
    pub(super) fn new(other: Encoding) -> Self {
        Self {
            lines: LineBuffer::default(),
            other,
            begun: false,
            in_other: 0,
            in_other_at: Vec::new(),
            number: LineNumber::default(),
        }
    }

    /// Adds the text of the lines that are whole, as far as they are text.
    pub(super) fn decode(&mut self, raw: &[u8], last: bool, text: &mut Vec<u8>) -> Option<Fault> {
        let Self { lines: buffer, other, begun, in_other, in_other_at, number } = self;
        let mut fault = None;
        buffer.feed(raw, last, |block| {
            let mark = if std::mem::replace(begun, true) { None } else { block.strip_prefix(MARK_OF_UTF_8) };
            let block = mark.unwrap_or(block);
            if fault.is_some() {
                return;
            }
            if std::str::from_utf8(block).is_ok() {
                text.extend_from_slice(block);
                number.pass(block);
                return;
            }
            for line in lines(block) {
                let at = number.current();
                number.pass(line);
                if std::str::from_utf8(line).is_ok() {
                    text.extend_from_slice(line);
                    continue;
                }
                *in_other += 1;
                in_other_at.push(at);
                fault = decode_line(line, *other, text);
                if fault.is_some() {
                    return;
                }
            }
        });
        fault
    }

    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        self.lines.capacity()
    }
}

/// Adds the text of a line that stands alone.
fn decode_line(line: &[u8], encoding: Encoding, text: &mut Vec<u8>) -> Option<Fault> {
    let start = text.len();
    let fault = Stream::of(encoding, |web| web.new_decoder_without_bom_handling()).decode(line, true, text);
    let control = encoding.is_single_byte().then(|| c1_control(&text[start..])).flatten();
    let Some((at, byte)) = control else { return fault };
    text.truncate(start + at);
    Some(Fault::Undecodable(Byte(Some(byte))))
}

/// Undoes, line by line, that text was encoded twice.
#[derive(Default)]
pub(super) struct Repairing {
    /// The text of the last chunk, not yet repaired.
    pub(super) decoded: Vec<u8>,
    lines: LineBuffer,
    /// How many lines were repaired.
    pub(super) count: u64,
    /// Their numbers, until somebody takes them.
    pub(super) repaired_at: Vec<u64>,
    number: LineNumber,
}

impl Repairing {
    /// Adds the text of the lines that are whole.
    pub(super) fn repair(&mut self, last: bool, text: &mut Vec<u8>) {
        let Self { decoded, lines: buffer, count, repaired_at, number } = self;
        buffer.feed(decoded, last, |block| {
            if block.is_ascii() {
                text.extend_from_slice(block);
                number.pass(block);
                return;
            }
            for line in lines(block) {
                let at = number.current();
                number.pass(line);
                match std::str::from_utf8(line).ok().and_then(twice::undo) {
                    Some(repaired) => {
                        *count += 1;
                        repaired_at.push(at);
                        text.extend_from_slice(repaired.as_bytes());
                    }
                    None => text.extend_from_slice(line),
                }
            }
        });
    }

    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        self.decoded.capacity() + self.lines.capacity()
    }
}
