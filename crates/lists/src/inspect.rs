//! From a file to what it is, and from there to its rows.

mod sample;

use crate::container::{self, Kind};
use crate::encoding;
use crate::error::ListError;
use crate::file::ListFile;
use crate::inspection::Inspection;
use crate::judge::Judge;
use crate::layout::{Fit, Layout, Look, delimiter, gather};
use crate::mapping;
use crate::options::Wishes;
use crate::phone::Country;
use crate::rows::Rows;
use crate::table::{Batch, Table};
use crate::target::Target;
use crate::text::Text;
use crate::workbook::Sheet;

/// A file that was looked at and can be read.
#[derive(Debug)]
pub struct OpenList {
    input: Input,
    judge: Judge,
    inspection: Inspection,
}

/// Where the records come from.
#[derive(Debug)]
enum Input {
    Text(Text),
    Sheet(Sheet),
}

/// Looks at a file: what it is, how its text is encoded and cut, where its header is, and what each column feeds.
///
/// Faults that leave nothing to read are errors. What a person must decide stands in [`Inspection::questions`]; the
/// rows can be read all the same, as far as they can be told without an answer.
pub fn open(file: ListFile, target: &Target, wishes: &Wishes) -> Result<OpenList, ListError> {
    let country: Country = target.country.parse()?;
    let target = Target { country: country.to_string(), ..target.clone() };
    let container = container::open(file, wishes)?;
    let mut inspection = blank(container.part, container.notices);
    let input = match container.kind {
        Kind::Text(file) => open_text(file, &target, wishes, &mut inspection)?,
        Kind::Sheet(sheet) => {
            inspection.format = sheet.format();
            Input::Sheet(sheet)
        }
    };
    let judge = look(&input, target, country, wishes, &mut inspection)?;
    Ok(OpenList { input, judge, inspection })
}

impl OpenList {
    /// What the file was found to be.
    #[must_use]
    pub fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// Its rows from the first on, whether or not questions are open.
    pub fn rows(self) -> Result<Rows, ListError> {
        Ok(Rows::new(self.input.table()?, self.judge, self.input.length()))
    }
}

impl Input {
    fn table(&self) -> Result<Box<dyn Table>, ListError> {
        match self {
            Self::Text(text) => Ok(text.table()),
            Self::Sheet(sheet) => sheet.table(),
        }
    }

    fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.length(),
            Self::Sheet(sheet) => sheet.length(),
        }
    }

    fn text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            Self::Sheet(_) => None,
        }
    }
}

fn blank(part: Option<String>, notices: Vec<String>) -> Inspection {
    Inspection { part, notices, ..Inspection::default() }
}

fn open_text(
    file: ListFile,
    target: &Target,
    wishes: &Wishes,
    inspection: &mut Inspection,
) -> Result<Input, ListError> {
    let found = encoding::detect(&file, &target.country, wishes)?;
    let text = Text::find(file, &found, target, wishes);
    inspection.encoding = Some(found.encoding.to_string());
    inspection.encoding_known = Some(found.known);
    inspection.delimiter = Some(text.delimiter.to_string());
    inspection.notices.extend(found.notices);
    inspection.questions.extend(found.question);
    Ok(Input::Text(text))
}

/// Reads the first records and finds out from them where the rows begin and what each column feeds.
fn look(
    input: &Input,
    target: Target,
    country: Country,
    wishes: &Wishes,
    inspection: &mut Inspection,
) -> Result<Judge, ListError> {
    let text = input.text();
    let mut table = input.table()?;
    let mut first = Batch::default();
    gather(&mut *table, &mut first)?;
    let look = Look { sample: &first, dropped: text.map_or(0, |text| text.dropped), sheet: text.is_none() };
    let layout = Layout::find(&look, &target, wishes)?;
    if let (Some(header), Some(declared)) = (&layout.header, wishes.delimiter.filter(|_| text.is_some())) {
        delimiter::check(&header.names, header.line, declared)?;
    }
    let rows = rows_of(&first, &layout);
    let names = layout.header.as_ref().map(|header| header.names.as_slice());
    let mapped = mapping::map(names, &rows, &target, wishes, text.is_none());
    let mapped = mapped.map_err(|error| with_what_was_found(error, inspection))?;
    inspection.header_line = layout.header.as_ref().map(|header| header.line);
    inspection.notices.extend(mapped.notices);
    inspection.questions.extend(mapped.questions);
    inspection.sample = sample::rows(&rows, &mut *table, inspection.encoding_known);
    inspection.columns = mapped.uses;
    Ok(Judge {
        layout,
        columns: mapped.columns,
        headers: inspection.columns.iter().map(|column| column.header.clone()).collect(),
        code: target.country.clone(),
        target,
        country,
        delimiter: text.map(|text| text.delimiter),
    })
}

/// A file without a phone column is often the wrong sheet, or read in the wrong encoding: the error says so.
fn with_what_was_found(error: ListError, inspection: &Inspection) -> ListError {
    let questions = inspection.questions.iter().map(|question| question.message.clone());
    match error {
        ListError::MappingNeeded { line, headers, suggestion, .. } => {
            let besides = inspection.notices.iter().cloned().chain(questions).collect();
            ListError::MappingNeeded { line, headers, suggestion, besides }
        }
        other => other,
    }
}

/// The rows among the first records.
fn rows_of(first: &Batch, layout: &Layout) -> Batch {
    let mut rows = Batch::default();
    for record in first.records().skip(layout.skipped) {
        if !record.is_blank() && !layout.repeats_header(&record) && layout.fit(&record) != Fit::Wrong {
            rows.push(record.lines, record.cells());
        }
    }
    rows
}
