//! Reads whole files for a test.

use jiff::civil::{Date, date};
use relance_domain::list::{ListedClient, Reject, Row, Verdict};
use relance_lists::{Inspection, ListError, ListFile, OpenList, Rows, Target, Wishes, open};

use crate::definition::definition;

/// The day on which the tests load.
pub(crate) const TODAY: Date = date(2026, 11, 24);

/// What the campaign of the tests reads a list for.
pub(crate) fn campaign() -> Target {
    Target::of_campaign(&definition(), None, TODAY)
}

/// What a list is read for where no campaign is there yet.
pub(crate) fn standard(country: &str) -> Target {
    let currency = if country == "US" { "USD" } else { "EUR" };
    Target::standard(country, currency.parse().expect("a currency"), TODAY)
}

/// A file that was read to its end.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) inspection: Inspection,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) repeated_headers: u64,
}

pub(crate) fn open_bytes(bytes: &[u8], target: &Target, wishes: &Wishes) -> Result<OpenList, ListError> {
    open(ListFile::from_bytes(bytes).expect("a temporary file"), target, wishes)
}

/// Reads a file to its end, or to its first fault.
pub(crate) fn read_whole(bytes: &[u8], target: &Target, wishes: &Wishes) -> Result<Whole, ListError> {
    let list = open_bytes(bytes, target, wishes)?;
    let inspection = list.inspection().clone();
    let mut reading = list.rows()?;
    let mut rows = Vec::new();
    while let Some(chunk) = reading.next_chunk()? {
        assert!((1..=5_000).contains(&chunk.len()), "a chunk of {} rows", chunk.len());
        rows.extend(chunk);
    }
    assert_eq!(reading.position(), reading.length(), "all of it was read");
    let (header, repeated_headers) = (reading.header().to_vec(), reading.repeated_headers());
    Ok(Whole { inspection, header, rows, repeated_headers })
}

/// Reads a text with nothing declared, for the campaign of the tests.
pub(crate) fn read(text: &str) -> Whole {
    read_whole(text.as_bytes(), &campaign(), &Wishes::default()).expect("a list")
}

/// The rows up to the first fault, and that fault.
pub(crate) fn rows_and_fault(mut reading: Rows) -> (Vec<Row>, Option<ListError>) {
    let mut rows = Vec::new();
    loop {
        match reading.next_chunk() {
            Ok(Some(chunk)) => rows.extend(chunk),
            Ok(None) => return (rows, None),
            Err(fault) => return (rows, Some(fault)),
        }
    }
}

impl Whole {
    /// The row on a line, which is accepted.
    pub(crate) fn client(&self, line: u64) -> &ListedClient {
        match &self.row(line).verdict {
            Verdict::Accepted(client) => client,
            other => panic!("line {line} is not accepted: {other:?}"),
        }
    }

    /// Why the row on a line is rejected.
    pub(crate) fn reject(&self, line: u64) -> &Reject {
        match &self.row(line).verdict {
            Verdict::Rejected { reject, .. } => reject,
            other => panic!("line {line} is not rejected: {other:?}"),
        }
    }

    pub(crate) fn row(&self, line: u64) -> &Row {
        self.rows.iter().find(|row| row.line == line).unwrap_or_else(|| panic!("no row on line {line}"))
    }

    /// The lines of the accepted rows.
    pub(crate) fn accepted(&self) -> Vec<u64> {
        let accepted = |row: &&Row| matches!(row.verdict, Verdict::Accepted(_));
        self.rows.iter().filter(accepted).map(|row| row.line).collect()
    }

    /// All numbers of the row on a line, the first first.
    pub(crate) fn numbers(&self, line: u64) -> Vec<&str> {
        self.client(line).phones.iter().map(|phone| phone.number.reveal()).collect()
    }

    /// The fields that each column feeds.
    pub(crate) fn feeds(&self) -> Vec<(&str, String)> {
        let uses = self.inspection.columns.iter();
        uses.map(|column| (column.header.as_str(), column.feeds.join("+"))).collect()
    }

    /// The codes of the open questions.
    pub(crate) fn questions(&self) -> Vec<&str> {
        self.inspection.questions.iter().map(|question| question.code.as_str()).collect()
    }
}
