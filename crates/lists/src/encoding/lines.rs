//! Lines of bytes, whatever ends them, in bounded memory.

/// The longest line that is looked at as one. A longer one is no list: the reader of records refuses it.
pub(crate) const LINE_BYTES_MAX: usize = 1024 * 1024;

/// Collects bytes until lines are whole.
#[derive(Debug, Default)]
pub(crate) struct LineBuffer {
    pending: Vec<u8>,
}

impl LineBuffer {
    /// Adds bytes and hands out all lines that are whole by now, in blocks; at the end of the file also the last one. A
    /// line longer than [`LINE_BYTES_MAX`] comes in pieces, never cut inside a character of UTF-8.
    pub(crate) fn feed(&mut self, bytes: &[u8], last: bool, mut block: impl FnMut(&[u8])) {
        let whole = bytes.iter().rposition(|byte| is_line_end(*byte)).map_or(0, |at| at + 1);
        let (whole, rest) = bytes.split_at(whole);
        if !whole.is_empty() {
            self.gather(whole, &mut block);
            self.flush(&mut block);
        }
        self.gather(rest, &mut block);
        if last {
            self.flush(&mut block);
        }
    }

    /// How much memory it holds, in bytes.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.pending.capacity()
    }

    fn flush(&mut self, block: &mut impl FnMut(&[u8])) {
        if !self.pending.is_empty() {
            block(&self.pending);
            self.pending.clear();
        }
    }

    /// Adds bytes; while the line that is pending is too long, hands out pieces of it.
    fn gather(&mut self, bytes: &[u8], block: &mut impl FnMut(&[u8])) {
        // Only the first line can be too long: the others stand in one chunk, which is far shorter than a line may be.
        let first = bytes.iter().position(|byte| is_line_end(*byte)).map_or(bytes.len(), |at| at + 1);
        let (mut line, others) = bytes.split_at(first);
        while self.pending.len() + line.len() > LINE_BYTES_MAX {
            let (piece, rest) = line.split_at(LINE_BYTES_MAX - self.pending.len());
            self.pending.extend_from_slice(piece);
            let cut = character_boundary(&self.pending);
            block(&self.pending[..cut]);
            self.pending.drain(..cut);
            line = rest;
        }
        self.pending.extend_from_slice(line);
        self.pending.extend_from_slice(others);
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Where to cut so that no character of UTF-8 is cut: before the last byte that may begin one.
fn character_boundary(bytes: &[u8]) -> usize {
    let begins = |byte: &u8| !matches!(byte, 0x80..=0xBF);
    let from_end = bytes.iter().rev().take(4).position(begins);
    from_end.map_or(bytes.len(), |at| bytes.len() - at - 1)
}

/// The lines of a block, each with what ends it. The LF of a CRLF comes as a line of its own.
pub(crate) fn lines(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    block.split_inclusive(|byte| is_line_end(*byte))
}

/// The number of the physical line that is being read: CRLF, LF and CR alone each end one.
#[derive(Debug, Default)]
pub(crate) struct LineNumber {
    ends: u64,
    after_cr: bool,
}

impl LineNumber {
    /// From 1.
    pub(crate) fn current(&self) -> u64 {
        self.ends + 1
    }

    pub(crate) fn pass(&mut self, text: &[u8]) {
        for byte in text {
            self.ends += u64::from(*byte == b'\r' || (*byte == b'\n' && !self.after_cr));
            self.after_cr = *byte == b'\r';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(text: &[u8], chunk_bytes: usize) -> Vec<Vec<u8>> {
        let (mut buffer, mut all) = (LineBuffer::default(), Vec::new());
        for chunk in text.chunks(chunk_bytes) {
            buffer.feed(chunk, false, |block| all.extend(lines(block).map(<[u8]>::to_vec)));
        }
        buffer.feed(b"", true, |block| all.extend(lines(block).map(<[u8]>::to_vec)));
        all
    }

    #[test]
    fn lines_come_whole_whatever_the_chunks() {
        let text = "a\nbé\r\n\rc".as_bytes();
        let expected: Vec<Vec<u8>> =
            ["a\n", "bé\r", "\n", "\r", "c"].iter().map(|line| line.as_bytes().to_vec()).collect();
        for chunk_bytes in [1, 2, 3, 100] {
            assert_eq!(fed(text, chunk_bytes), expected, "{chunk_bytes}");
        }
    }

    #[test]
    fn a_line_without_end_comes_in_pieces_cut_between_characters() {
        let text = format!("x{}\nlast", "é".repeat(LINE_BYTES_MAX));
        let pieces = fed(text.as_bytes(), 64 * 1024);
        assert_eq!(pieces.concat(), text.as_bytes());
        assert!(pieces.iter().all(|piece| piece.len() <= LINE_BYTES_MAX && std::str::from_utf8(piece).is_ok()));
        assert_eq!(fed(text.as_bytes(), 1_000_003), pieces);
        assert_eq!(fed(text.as_bytes(), 10_000_000), pieces);
        assert_eq!(fed(&vec![0x80; 3 * LINE_BYTES_MAX], 64 * 1024).concat().len(), 3 * LINE_BYTES_MAX);
    }

    #[test]
    fn line_numbers() {
        let mut number = LineNumber::default();
        for (text, line) in [(&b"a\r"[..], 2), (b"\nb", 2), (b"\r\r", 4), (b"\n\n", 5)] {
            number.pass(text);
            assert_eq!(number.current(), line);
        }
    }
}
