//! Which encoding a file is in: one pass over all of it, because its first accent may stand in row 40,000.

use std::io::Read;

use super::Encoding;
use super::by_line::MARK_OF_UTF_8;
use super::decode::CHUNK_BYTES;
use super::survey::{ByNuls, Counts, Survey};
use crate::error::ListError;
use crate::file::ListFile;
use crate::inspection::{Known, Question};
use crate::options::Wishes;

/// Which encoding a file is in, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EncodingFound {
    pub(crate) encoding: Encoding,
    /// What to read lines in that are not UTF-8: as declared, else as a question proposes, so that a sample can be
    /// shown.
    pub(crate) other: Option<Encoding>,
    pub(crate) known: Known,
    /// What must be decided before a load.
    pub(crate) question: Option<Question>,
    /// What is worth knowing and stops nothing.
    pub(crate) notices: Vec<String>,
}

/// Finds the encoding of a file that is text. The country is an ISO 3166-1 alpha-2 code: it decides between encodings
/// that are equally likely.
pub(crate) fn detect(file: &ListFile, country: &str, wishes: &Wishes) -> Result<EncodingFound, ListError> {
    check_other(country, wishes)?;
    let mut bytes = Chunks::new(file);
    bytes.read(1)?;
    check_kind(&bytes.chunk)?;
    let mark = encoding_rs::Encoding::for_bom(&bytes.chunk).map(|(found, _)| Encoding::of_web(found));
    if let (Some(found), Some(declared)) = (mark, wishes.encoding.filter(|declared| Some(*declared) != mark)) {
        return Err(ListError::OtherMark { found, declared });
    }
    match (wishes.encoding, mark) {
        // Only these can be refuted by the bytes before the text is read.
        (Some(declared), _) if declared.is_single_byte() => {
            let survey = survey(bytes)?;
            check_declared(declared, country, wishes, &survey.counts)
        }
        (Some(encoding), _) => Ok(found(encoding, Known::Declared, wishes)),
        (None, Some(mark)) if mark != Encoding::UTF_8 => Ok(found(mark, Known::Marked, wishes)),
        (None, mark) => judge(&survey(bytes)?, mark.is_some(), country, wishes),
    }
}

fn found(encoding: Encoding, known: Known, wishes: &Wishes) -> EncodingFound {
    let other = wishes.other_encoding.filter(|_| encoding == Encoding::UTF_8);
    let unused = wishes.other_encoding.filter(|_| other.is_none());
    let unused = unused.map(|unused| {
        format!("{unused} for lines that are not text in utf-8 is not used, as the file is read in {encoding}")
    });
    EncodingFound { encoding, other, known, question: None, notices: unused.into_iter().collect() }
}

fn check_other(country: &str, wishes: &Wishes) -> Result<(), ListError> {
    match wishes.other_encoding {
        Some(other) if !other.is_ascii_compatible() => {
            Err(ListError::OtherUnusable { other, likely: Encoding::legacy_of(country) })
        }
        _ => Ok(()),
    }
}

/// A file whose encoding nobody declared, and that is not marked as UTF-16.
fn judge(survey: &Survey, marked: bool, country: &str, wishes: &Wishes) -> Result<EncodingFound, ListError> {
    let counts = &survey.counts;
    let without_mark = |encoding: Encoding| {
        let mut found = found(encoding, Known::Assumed, wishes);
        let notice = "the file has no byte-order mark; by its NUL bytes it is";
        found.notices.push(format!("{notice} {encoding}: look at the sample (else --encoding)"));
        found
    };
    match survey.nuls.verdict() {
        ByNuls::Utf16Le => return Ok(without_mark(Encoding::UTF_16LE)),
        ByNuls::Utf16Be => return Ok(without_mark(Encoding::UTF_16BE)),
        ByNuls::Binary => return Err(ListError::NotText { kind: "binary data" }),
        ByNuls::Text => {}
    }
    if counts.other.lines == 0 {
        let known = if marked { Known::Marked } else { Known::Certain };
        return Ok(EncodingFound { question: encoded_twice(counts, wishes), ..found(Encoding::UTF_8, known, wishes) });
    }
    if wishes.other_encoding.is_some() {
        let known = if marked { Known::Marked } else { Known::Likely };
        return Ok(EncodingFound { question: encoded_twice(counts, wishes), ..found(Encoding::UTF_8, known, wishes) });
    }
    if marked || is_mixed(counts, counts.guess(country)) {
        return Ok(mixed(counts, country, wishes));
    }
    Ok(legacy(counts, country, wishes))
}

/// The share of lines of UTF-8 among all beyond ASCII, in percent, from which they are no accident. In the encodings of
/// East Asia, two bytes a character, a short name is UTF-8 by accident now and then (reckoned: 2 % of those with two
/// characters of GBK).
const UTF_8_SHARE: u64 = 1;
const UTF_8_SHARE_EAST_ASIA: u64 = 10;

fn is_mixed(counts: &Counts, guess: Encoding) -> bool {
    let share = if guess.is_single_byte() { UTF_8_SHARE } else { UTF_8_SHARE_EAST_ASIA };
    counts.utf8.lines > 0 && counts.utf8.lines * 100 >= (counts.utf8.lines + counts.other.lines) * share
}

fn mixed(counts: &Counts, country: &str, wishes: &Wishes) -> EncodingFound {
    let guess = counts.guess(country);
    let guess = counts.words.better(guess, &candidates(country)).map_or(guess, |better| better.encoding);
    let other = Some(guess).filter(|guess| guess.is_single_byte()).unwrap_or(Encoding::legacy_of(country));
    let (lines, first) = (counts.other.lines, counts.other.first);
    let are = if lines == 1 { "line is" } else { "lines are" };
    let message = format!(
        "the file is utf-8, but {lines} {are} not (the first is line {first}), as if two exports had been glued \
         together: say what such lines are written in (--other-encoding {other})"
    );
    let question = Some(Question { code: "mixed_encoding".to_owned(), message });
    EncodingFound { other: Some(other), question, ..found(Encoding::UTF_8, Known::Likely, wishes) }
}

fn legacy(counts: &Counts, country: &str, wishes: &Wishes) -> EncodingFound {
    let guess = counts.guess(country);
    let Some(better) = counts.words.better(guess, &candidates(country)) else {
        let mut found = found(guess, Known::Likely, wishes);
        if counts.utf8.lines > 0 {
            let (lines, first) = (counts.utf8.lines, counts.utf8.first);
            let notice = format!("the file is read in {guess}, though {lines} of its lines could be utf-8");
            found.notices.push(format!("{notice} (the first is line {first})"));
        }
        return found;
    };
    // An encoding of several bytes is what the detector falls back on when Windows has no letter for a byte.
    let windows = Some(guess).filter(|guess| guess.is_single_byte()).unwrap_or(Encoding::legacy_of(country));
    let (encoding, line) = (better.encoding, better.place.line);
    let macintosh = [Encoding::MACINTOSH, Encoding::MACINTOSH_CYRILLIC].contains(&encoding);
    let (system, code) = if macintosh { ("an old Macintosh", "mac_encoding") } else { ("DOS", "dos_encoding") };
    let message = format!(
        "line {line}: a word there is \"{}\" in {encoding}, which {system} wrote, and \"{}\" in {windows}: say which \
         is right (--encoding {encoding} or --encoding {windows})",
        better.place.masked(encoding),
        better.place.masked(windows),
    );
    let question = Some(Question { code: code.to_owned(), message });
    EncodingFound { question, ..found(encoding, Known::Assumed, wishes) }
}

/// What the detector does not know, the likelier first.
fn candidates(country: &str) -> Vec<Encoding> {
    let mut all = vec![Encoding::dos_of(country), Encoding::dos_of("FR"), Encoding::MACINTOSH];
    // What tells that one from Windows are letters that are not rare in Serbian and Macedonian.
    if !["BA", "ME", "MK", "RS"].iter().any(|other| country.eq_ignore_ascii_case(other)) {
        all.push(Encoding::MACINTOSH_CYRILLIC);
    }
    all
}

/// Asks about text that was encoded twice, where that is no accident of a line.
fn encoded_twice(counts: &Counts, wishes: &Wishes) -> Option<Question> {
    let (twice, all) = (counts.twice, counts.utf8.lines);
    let several = twice.lines > 1 || twice.lines == all;
    if twice.lines == 0 || !several || twice.lines * 100 < all || wishes.repair.encoded_twice {
        return None;
    }
    let (garbled, letter) = counts.twice_sample.as_ref()?;
    let lines = if twice.lines == 1 { "1 line looks".to_owned() } else { format!("{} lines look", twice.lines) };
    let message = format!(
        "{lines} as if encoded twice, the first is line {}: {garbled:?} there should be \"{letter}\"; have them repaired \
         (--repair encoded-twice), or say that they are meant so (--encoding utf-8)",
        twice.first
    );
    Some(Question { code: "encoded_twice".to_owned(), message })
}

/// A declared encoding of one byte a character takes nearly every file, but UTF-8 it would garble.
fn check_declared(
    declared: Encoding,
    country: &str,
    wishes: &Wishes,
    counts: &Counts,
) -> Result<EncodingFound, ListError> {
    if counts.utf8.lines > 0 && counts.other.lines == 0 {
        return Err(ListError::IsUtf8 { declared });
    }
    if counts.utf8.lines > counts.other.lines {
        return Ok(mixed(counts, country, wishes));
    }
    Ok(found(declared, Known::Declared, wishes))
}

fn survey(mut bytes: Chunks) -> Result<Survey, ListError> {
    let mut survey = Survey::new();
    let mut begin = if bytes.chunk.starts_with(MARK_OF_UTF_8) { MARK_OF_UTF_8.len() } else { 0 };
    while !bytes.chunk.is_empty() {
        survey.feed(&bytes.chunk[begin..], false);
        begin = 0;
        bytes.read(survey.counts.line())?;
    }
    survey.feed(b"", true);
    Ok(survey)
}

/// The bytes of a file from its beginning, a chunk at a time.
struct Chunks {
    file: ListFile,
    chunk: Vec<u8>,
}

impl Chunks {
    fn new(file: &ListFile) -> Self {
        Self { file: file.from_start(), chunk: Vec::new() }
    }

    /// Reads the next chunk; none is empty but the one after the last.
    fn read(&mut self, line: u64) -> Result<(), ListError> {
        self.chunk.clear();
        let read = (&mut self.file).take(CHUNK_BYTES).read_to_end(&mut self.chunk);
        read.map(drop).map_err(|source| ListError::Io { line, source })
    }
}

/// What files begin with that hold no list. Workbooks and archives do, and are opened before.
const OTHER_KINDS: [(&[u8], &str); 7] = [
    (b"\x1F\x8B", "compressed with gzip"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a document in rich text"),
    (b"\x89PNG", "a picture (png)"),
    (b"\xFF\xD8\xFF", "a picture (jpeg)"),
    (b"GIF87a", "a picture (gif)"),
    (b"GIF89a", "a picture (gif)"),
];

fn check_kind(head: &[u8]) -> Result<(), ListError> {
    match OTHER_KINDS.iter().find(|(begin, _)| head.starts_with(begin)) {
        Some((_, kind)) => Err(ListError::NotText { kind }),
        None => Ok(()),
    }
}
