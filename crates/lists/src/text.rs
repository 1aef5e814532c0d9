//! A text file: its encoding, and its records cut at a delimiter, from the beginning as often as needed.

use crate::encoding::{EncodingFound, Source};
use crate::file::ListFile;
use crate::layout::delimiter::{self, DelimiterLine};
use crate::options::{Delimiter, Encoding, Repair, Wishes};
use crate::record::TextTable;
use crate::table::Table;
use crate::target::Target;

/// A text file that can be cut into records.
#[derive(Debug)]
pub(crate) struct Text {
    file: ListFile,
    encoding: Encoding,
    /// What lines that are not text in it are read in.
    other: Option<Encoding>,
    repair: Repair,
    /// The encoding to suggest where this one fails.
    likely: Encoding,
    /// What cuts it.
    pub(crate) delimiter: Delimiter,
    /// How many of its first records are no rows: `sep=;`.
    pub(crate) dropped: usize,
}

impl Text {
    /// Finds the delimiter of a file: the declared one, or that of a line `sep=;`, or the one that cuts it best. A text
    /// that nothing cuts is one column; it is cut at tabulators, of which it has none.
    pub(crate) fn find(file: ListFile, found: &EncodingFound, target: &Target, wishes: &Wishes) -> Self {
        let likely = match found.encoding == Encoding::default() {
            true => Encoding::legacy_of(&target.country),
            false => Encoding::default(),
        };
        let mut text = Self {
            file,
            encoding: found.encoding,
            other: found.other,
            repair: wishes.repair,
            likely,
            delimiter: Delimiter::Comma,
            dropped: 0,
        };
        let first_line = delimiter::delimiter_line(&mut *text.table());
        text.dropped = usize::from(first_line.is_some());
        text.delimiter = match (wishes.delimiter, first_line) {
            (Some(declared), _) => declared,
            (None, Some(DelimiterLine { names: Some(named) })) => named,
            _ => delimiter::find(|delimiter| text.cut_at(delimiter), target).unwrap_or(Delimiter::Tab),
        };
        text
    }

    /// Its records from the first on.
    pub(crate) fn table(&self) -> Box<dyn Table> {
        self.cut_at(self.delimiter)
    }

    fn cut_at(&self, delimiter: Delimiter) -> Box<dyn Table> {
        let source = Source::new(self.file.from_start(), self.encoding, self.other, self.repair);
        Box::new(TextTable::new(source, delimiter, self.likely))
    }

    pub(crate) fn length(&self) -> u64 {
        self.file.length()
    }
}
