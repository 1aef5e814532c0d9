//! One record to one verdict. Pure, so that all cores judge at once; what earlier rows say comes after.

mod client;
mod phones;

use relance_domain::list::{Reject, RejectCode, Remarks, Row, Verdict};
use relance_domain::phone::mask;

use crate::layout::{Fit, Layout, is_left_open};
use crate::mapping::Columns;
use crate::options::Delimiter;
use crate::phone::Country;
use crate::table::Record;
use crate::target::Target;

/// What rows are judged by.
#[derive(Debug)]
pub(crate) struct Judge {
    pub(crate) layout: Layout,
    pub(crate) columns: Columns,
    /// The header of each column, `col 3` where there is none.
    pub(crate) headers: Vec<String>,
    pub(crate) target: Target,
    pub(crate) country: Country,
    /// The country's code.
    pub(crate) code: String,
    /// What cuts the text; none for a sheet.
    pub(crate) delimiter: Option<Delimiter>,
}

/// A row and the numbers that were read in it.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) row: Row,
    /// The row's numbers as digits. Whoever knows the rows before asks them first whether it is a duplicate: the rows
    /// that are refused for another cell have numbers too.
    pub(crate) numbers: Vec<u64>,
}

impl Judge {
    /// The first of these that holds: wrong field count, phone missing, phone invalid, field invalid, accepted.
    pub(crate) fn judge(&self, record: &Record<'_>) -> Judged {
        let mut remarks = record.remarks;
        let mut numbers = Vec::new();
        let verdict = self
            .examine(record, &mut remarks, &mut numbers)
            .unwrap_or_else(|reject| Verdict::Rejected { reject, raw: record.cells().map(str::to_owned).collect() });
        Judged { row: Row { line: record.lines.first, verdict, remarks }, numbers }
    }

    /// Whether a record holds rows that a quote left open has swallowed.
    pub(crate) fn swallowed_rows(&self, record: &Record<'_>) -> bool {
        self.delimiter.is_some_and(|delimiter| is_left_open(record, self.layout.width, delimiter))
    }

    fn examine(&self, record: &Record<'_>, remarks: &mut Remarks, numbers: &mut Vec<u64>) -> Result<Verdict, Reject> {
        let fit = self.layout.fit(record);
        if fit == Fit::Wrong {
            return Err(self.wrong_field_count(record));
        }
        if let Some(remark) = fit.remark() {
            remarks.add(remark);
        }
        let read = self.phones(record, remarks)?;
        numbers.extend(read.phones.iter().map(|phone| digits(phone.number.reveal())));
        let client = self.client(read, record, remarks)?;
        Ok(Verdict::Accepted(Box::new(client)))
    }

    fn wrong_field_count(&self, record: &Record<'_>) -> Reject {
        let cause = match record.lines.last {
            last if last > record.lines.first => format!("the row runs to line {last}: is a quote left open?"),
            _ => "is a delimiter missing, or one too many?".to_owned(),
        };
        let fields = if record.len() == 1 { "field" } else { "fields" };
        let expected = match self.layout.header {
            Some(_) => format!("where the header has {}", self.layout.width),
            None => format!("where most rows have {}", self.layout.width),
        };
        let message = format!("{} {fields} {expected}; {cause}", record.len());
        Reject { code: RejectCode::WrongFieldCount, column: None, message }
    }

    fn reject(&self, code: RejectCode, at: usize, message: String) -> Reject {
        Reject { code, column: self.headers.get(at).cloned(), message }
    }

    fn field_invalid(&self, at: usize, cell: &str, wrong: &str) -> Reject {
        self.reject(RejectCode::FieldInvalid, at, format!("{} {wrong}", masked(cell)))
    }
}

/// A number without its plus sign: at most 15 digits.
fn digits(number: &str) -> u64 {
    number.bytes().skip(1).fold(0, |key, digit| key * 10 + u64::from(digit - b'0'))
}

const MASKED_LENGTH_MAX: usize = 30;

/// A cell as a message may show it.
fn masked(cell: &str) -> String {
    let beginning: String = cell.trim().chars().take(MASKED_LENGTH_MAX).collect();
    format!("{:?}", mask(&beginning))
}
