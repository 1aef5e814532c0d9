//! From the bytes of a file to its text: hashed, counted and decoded, never with a loss.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult};
use sha2::{Digest, Sha256};

use crate::error::Byte;
use crate::options::Encoding;

const CHUNK_BYTES: u64 = 64 * 1024;
/// What DOS wrote at the end of a text.
const END_OF_DOS_TEXT: u8 = 0x1A;

/// A file being read: every byte of it is hashed, and its text comes out in chunks of UTF-8.
pub(crate) struct Source<R> {
    input: R,
    encoding: Encoding,
    decoder: Decoder,
    hasher: Sha256,
    sha256: Option<String>,
    bytes_read: u64,
    chunk_bytes: u64,
    raw: Vec<u8>,
    ended: bool,
    held_back: bool,
    fault: Option<Fault>,
}

/// Why the text does not go on. The place is known to whoever counts lines.
#[derive(Debug)]
pub(crate) enum Fault {
    Io(io::Error),
    NotText(&'static str),
    OtherMark(Encoding),
    IsUtf8,
    Nul,
    Undecodable(Byte),
}

impl<R: Read> Source<R> {
    pub(crate) fn new(input: R, encoding: Encoding) -> Self {
        Self::in_chunks(input, encoding, CHUNK_BYTES)
    }

    /// Chunks of another size; the first one must hold what [`check_head`] looks at.
    pub(crate) fn in_chunks(input: R, encoding: Encoding, chunk_bytes: u64) -> Self {
        Self {
            input,
            encoding,
            decoder: encoding.0.new_decoder_with_bom_removal(),
            hasher: Sha256::new(),
            sha256: None,
            bytes_read: 0,
            chunk_bytes,
            raw: Vec::new(),
            ended: false,
            held_back: false,
            fault: None,
        }
    }

    /// Puts the next text into `text`; false at the end. Text before a fault comes out before the fault does.
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
            self.find_control_characters(text);
        }
        Ok(true)
    }

    /// Reads a chunk, hashes it and looks at the very first one for what the file really is.
    fn next_chunk(&mut self) -> Result<(), Fault> {
        let first = self.bytes_read == 0;
        self.raw.clear();
        self.input.by_ref().take(self.chunk_bytes).read_to_end(&mut self.raw).map_err(Fault::Io)?;
        self.hasher.update(&self.raw);
        self.bytes_read += self.raw.len() as u64;
        if self.raw.is_empty() {
            self.ended = true;
            let digest = self.hasher.finalize_reset();
            self.sha256 = Some(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        if first { check_head(&self.raw, self.encoding) } else { Ok(()) }
    }

    fn decode(&mut self, text: &mut Vec<u8>) {
        if std::mem::take(&mut self.held_back) {
            text.push(END_OF_DOS_TEXT);
        }
        let start = text.len();
        let room =
            self.decoder.max_utf8_buffer_length_without_replacement(self.raw.len()).unwrap_or(4 * self.raw.len());
        text.resize(start + room, 0);
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(&self.raw, &mut text[start..], self.ended);
        text.truncate(start + written);
        if let DecoderResult::Malformed(length, after) = result {
            let at = read.checked_sub(usize::from(length) + usize::from(after));
            self.fault = Some(Fault::Undecodable(Byte(at.and_then(|at| self.raw.get(at).copied()))));
        }
        if text.last() == Some(&END_OF_DOS_TEXT) && self.fault.is_none() {
            text.pop();
            self.held_back = true;
        }
    }

    /// Cuts the text before a character that no list holds: NUL, and in single-byte encodings the control characters
    /// that the bytes 0x80 to 0x9F become where the encoding has no letter for them.
    fn find_control_characters(&mut self, text: &mut Vec<u8>) {
        let control = |bytes: &[u8]| matches!(bytes, [0xC2, 0x80..=0x9F]);
        let nul = text.iter().position(|byte| *byte == 0);
        let c1 = self.encoding.0.is_single_byte().then(|| text.windows(2).position(control)).flatten();
        let (at, fault) = match (nul, c1) {
            (Some(nul), c1) if c1.is_none_or(|c1| nul < c1) => (nul, Fault::Nul),
            (_, Some(c1)) => (c1, Fault::Undecodable(Byte(text.get(c1 + 1).copied()))),
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

    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    pub(crate) fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }
}

/// What files that are not lists begin with.
const OTHER_KINDS: [(&[u8], &str); 9] = [
    (b"PK\x03\x04", "a workbook (xlsx, ods) or a zip archive"),
    (b"\xD0\xCF\x11\xE0", "an old Excel workbook (xls)"),
    (b"\x1F\x8B", "compressed with gzip"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a document in rich text"),
    (b"\x89PNG", "a picture (png)"),
    (b"\xFF\xD8\xFF", "a picture (jpeg)"),
    (b"GIF87a", "a picture (gif)"),
    (b"GIF89a", "a picture (gif)"),
];

fn check_head(head: &[u8], declared: Encoding) -> Result<(), Fault> {
    if let Some((_, kind)) = OTHER_KINDS.iter().find(|(begin, _)| head.starts_with(begin)) {
        return Err(Fault::NotText(kind));
    }
    if let Some((found, _)) = encoding_rs::Encoding::for_bom(head).filter(|(found, _)| *found != declared.0) {
        return Err(Fault::OtherMark(Encoding(found)));
    }
    if declared.0.is_single_byte() && is_utf8(head) { Err(Fault::IsUtf8) } else { Ok(()) }
}

/// Whether the bytes are UTF-8 and not only ASCII. Text of a single-byte encoding is so by no likely accident: each of
/// its accented letters would have to stand next to the one other that completes it.
fn is_utf8(head: &[u8]) -> bool {
    let valid = match std::str::from_utf8(head) {
        Ok(_) => head,
        Err(error) if error.error_len().is_none() => &head[..error.valid_up_to()],
        Err(_) => return false,
    };
    !valid.is_ascii()
}
