//! What is counted in the one pass over a file that finds its encoding.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use super::Encoding;
use super::lines::{LineBuffer, LineNumber, lines};
use super::twice;
use super::words::Words;

/// The counts over a whole file. Memory holds one line and tables of fixed size.
pub(crate) struct Survey {
    buffer: LineBuffer,
    pub(crate) counts: Counts,
    pub(crate) nuls: Nuls,
}

/// The counts over the lines of a file. Lines of ASCII tell nothing and are not counted.
pub(crate) struct Counts {
    line: LineNumber,
    /// Lines with letters beyond ASCII that are UTF-8.
    pub(crate) utf8: Tally,
    /// Lines that are not UTF-8.
    pub(crate) other: Tally,
    /// Lines of UTF-8 that were encoded twice.
    pub(crate) twice: Tally,
    /// A letter that was encoded twice, as the file has it, and as it should be.
    pub(crate) twice_sample: Option<(String, char)>,
    /// The words of the lines that are not UTF-8.
    pub(crate) words: Words,
    detector: EncodingDetector,
    /// How many bytes the detector may still look at.
    detector_rest: usize,
}

/// The detector reads 16 MB a second (measured, release build), twenty times slower than the rest of the pass. After so
/// many bytes of lines beyond ASCII, some hundred thousand rows, nothing changes its mind.
const DETECTOR_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How many lines, and the first of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) lines: u64,
    pub(crate) first: u64,
}

impl Tally {
    fn add(&mut self, line: u64) {
        if self.lines == 0 {
            self.first = line;
        }
        self.lines += 1;
    }
}

impl Survey {
    pub(crate) fn new() -> Self {
        let counts = Counts {
            line: LineNumber::default(),
            utf8: Tally::default(),
            other: Tally::default(),
            twice: Tally::default(),
            twice_sample: None,
            words: Words::default(),
            detector: EncodingDetector::new(Iso2022JpDetection::Deny),
            detector_rest: DETECTOR_BYTES_MAX,
        };
        Self { buffer: LineBuffer::default(), counts, nuls: Nuls::default() }
    }

    pub(crate) fn feed(&mut self, bytes: &[u8], last: bool) {
        let Self { buffer, counts, nuls } = self;
        nuls.count(bytes);
        buffer.feed(bytes, last, |block| counts.block(block));
        if last {
            counts.detector.feed(b"", true);
        }
    }
}

impl Counts {
    /// The line that is being read.
    pub(crate) fn line(&self) -> u64 {
        self.line.current()
    }

    /// What the lines that are not UTF-8 are most likely written in; the country decides between likes.
    pub(crate) fn guess(&self, country: &str) -> Encoding {
        let country = country.to_ascii_lowercase();
        let domain = match country.as_str() {
            "gb" => "uk",
            country => country,
        };
        // The detector takes nothing but small letters.
        let domain = domain.as_bytes();
        let domain = Some(domain).filter(|domain| domain.len() == 2 && domain.iter().all(u8::is_ascii_lowercase));
        Encoding::of_web(self.detector.guess(domain, Utf8Detection::Deny))
    }

    fn block(&mut self, block: &[u8]) {
        if block.is_ascii() {
            self.line.pass(block);
            return;
        }
        for line in lines(block) {
            if !line.is_ascii() {
                self.count(line);
            }
            self.line.pass(line);
        }
    }

    fn count(&mut self, line: &[u8]) {
        let number = self.line.current();
        let Ok(text) = std::str::from_utf8(line) else {
            self.other.add(number);
            self.words.survey(line, number);
            if let Some(rest) = self.detector_rest.checked_sub(line.len()) {
                self.detector_rest = rest;
                self.detector.feed(line, false);
            }
            return;
        };
        self.utf8.add(number);
        if let Some(repaired) = twice::undo(text) {
            self.twice.add(number);
            self.twice_sample = self.twice_sample.take().or_else(|| twice::first_letter(text, &repaired));
        }
    }
}

/// The NUL bytes and all bytes of control characters, at even and at odd places.
///
/// UTF-16 has a NUL for each character of ASCII: in a list, the digits and what stands between the cells are some in any
/// language. With the letters of most alphabets it has the byte of a control character (0x04 for Cyrillic) in the same
/// half of its pairs, so that a list with few digits is known too.
#[derive(Debug, Default)]
pub(crate) struct Nuls {
    nuls: [u64; 2],
    controls: [u64; 2],
    bytes: u64,
}

/// What the NUL bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByNuls {
    Utf16Le,
    Utf16Be,
    /// NUL bytes all over.
    Binary,
    /// Few or none.
    Text,
}

impl Nuls {
    /// The share, in percent of the places, that is not by accident.
    const SHARE: u64 = 20;
    /// UTF-16 has NUL bytes in the other half of its pairs by rare characters only.
    const ONE_SIDED: u64 = 4;

    fn count(&mut self, bytes: &[u8]) {
        if bytes.contains(&0) {
            for (at, byte) in bytes.iter().enumerate() {
                let half = usize::from((self.bytes + at as u64) % 2 == 1);
                self.nuls[half] += u64::from(*byte == 0);
                self.controls[half] += u64::from(*byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'));
            }
        }
        self.bytes += bytes.len() as u64;
    }

    pub(crate) fn verdict(&self) -> ByNuls {
        let places = [self.bytes.div_ceil(2), self.bytes / 2];
        let many = |counts: [u64; 2], half: usize| counts[half] * 100 > places[half] * Self::SHARE;
        let one_sided = |half: usize| self.nuls[half] > self.nuls[1 - half] * Self::ONE_SIDED;
        match (one_sided(0) && many(self.controls, 0), one_sided(1) && many(self.controls, 1)) {
            (_, true) => ByNuls::Utf16Le,
            (true, _) => ByNuls::Utf16Be,
            _ if many(self.nuls, 0) || many(self.nuls, 1) => ByNuls::Binary,
            _ => ByNuls::Text,
        }
    }
}
