//! OpenDocument spreadsheets (ods), as LibreOffice saves them.
//!
//! Read here and not by calamine, which holds all sheets in memory, lets a few bytes that say "repeated a million
//! times" take gigabytes of it, and does not end where the XML does.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{BufRead, BufReader};

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::stream::{ROW_BYTES_MOST, RowSink, Stop};
use super::xml_watch::{self, XmlWatch};
use super::{Listed, cell, damaged};
use crate::container::{Archive, ContainerError, reading};
use crate::file::ListFile;

/// The most rows of a sheet that LibreOffice and Excel know. Sheets end with an empty row repeated up to there.
const ROWS_MOST: u32 = 1_048_576;

/// What is done with the tables of a document.
trait Visitor {
    /// A table begins. False: its cells are not wanted.
    fn table(&mut self, name: &str, visible: bool) -> bool;
    /// A cell with text; its place from 0; it stands so many times side by side.
    fn cell(&mut self, row: u32, column: u32, times: u32, text: &str) -> Result<(), Stop>;
    /// The row of the cells just given stands once more further down.
    fn repeat_at(&mut self, row: u32) -> Result<(), Stop>;
    /// A table whose cells were wanted ends. False: nothing more is wanted.
    fn table_end(&mut self) -> bool;
}

/// The tables, and whether they have a cell.
impl Visitor for Vec<Listed> {
    fn table(&mut self, name: &str, visible: bool) -> bool {
        self.push(Listed { name: name.to_owned(), visible, filled: false });
        visible
    }

    fn cell(&mut self, _: u32, _: u32, _: u32, _: &str) -> Result<(), Stop> {
        if let Some(sheet) = self.last_mut() {
            sheet.filled = true;
        }
        Ok(())
    }

    fn repeat_at(&mut self, _: u32) -> Result<(), Stop> {
        Ok(())
    }

    fn table_end(&mut self) -> bool {
        true
    }
}

/// The rows of the first table of a name.
struct TableRows<'s> {
    name: &'s str,
    rows: &'s mut RowSink,
}

impl Visitor for TableRows<'_> {
    fn table(&mut self, name: &str, _: bool) -> bool {
        name == self.name
    }

    fn cell(&mut self, row: u32, column: u32, times: u32, text: &str) -> Result<(), Stop> {
        (0..times).try_for_each(|time| self.rows.cell(row, column.saturating_add(time), |out| out.push_str(text)))
    }

    fn repeat_at(&mut self, row: u32) -> Result<(), Stop> {
        self.rows.repeat_at(row)
    }

    fn table_end(&mut self) -> bool {
        false
    }
}

pub(super) fn list(file: ListFile) -> Result<Vec<Listed>, ContainerError> {
    let mut listed = Vec::new();
    match visit(file, &mut listed) {
        Err(Stop::Fault(error)) => Err(error),
        Ok(()) | Err(Stop::Unwanted) => Ok(listed),
    }
}

pub(super) fn read(file: ListFile, name: &str, rows: &mut RowSink) -> Result<(), Stop> {
    visit(file, &mut TableRows { name, rows })
}

fn visit(file: ListFile, visitor: &mut impl Visitor) -> Result<(), Stop> {
    let mut archive = Archive::open(file)?;
    let content = archive.entries().iter().position(|entry| entry.path == "content.xml");
    let at = content.ok_or(damaged("a part of it is missing"))?;
    let length = archive.entries()[at].length;
    let mut xml = Reader::from_reader(BufReader::with_capacity(64 * 1024, XmlWatch::new(archive.reader(at)?, length)));
    xml.config_mut().expand_empty_elements = true;
    let mut document = Document::default();
    let (mut buffer, mut skipped) = (Vec::new(), Vec::new());
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(fault)? {
            Event::Start(tag) => {
                let wanted = document.start(&tag, visitor)?;
                if !wanted {
                    let end = tag.to_end().into_owned();
                    skip(&mut xml, end.name(), &mut skipped)?;
                }
            }
            Event::End(tag) => {
                let more = document.end(tag.name().as_ref(), visitor)?;
                if !more {
                    return Ok(());
                }
            }
            Event::Text(text) => document.text(&text.xml10_content())?,
            Event::CData(text) => document.text(&text.xml10_content())?,
            Event::GeneralRef(entity) => document.entity(&entity)?,
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn skip(
    xml: &mut Reader<impl BufRead>,
    end: quick_xml::name::QName<'_>,
    buffer: &mut Vec<u8>,
) -> Result<(), ContainerError> {
    buffer.clear();
    xml.read_to_end_into(end, buffer).map(|_| ()).map_err(fault)
}

fn fault(error: quick_xml::Error) -> ContainerError {
    match error {
        quick_xml::Error::Io(error) => xml_watch::fault(&error).unwrap_or_else(|| {
            // The reader shares its errors; what kind it is is all that is needed of it.
            reading(error.kind().into())
        }),
        _ => damaged("its XML is broken"),
    }
}

/// Where the reading of a document is.
#[derive(Default)]
struct Document {
    /// The style being declared.
    style: String,
    /// The styles of tables that are not displayed.
    hidden: HashSet<String>,
    in_table: bool,
    /// The next row and the next column, from 0.
    row: u32,
    column: u32,
    row_times: u32,
    row_filled: bool,
    cell: Option<OpenCell>,
}

/// A cell being read.
struct OpenCell {
    times: u32,
    text: String,
    /// Its paragraphs are its text: it has no value besides.
    by_paragraphs: bool,
    paragraphs: u32,
    in_paragraph: bool,
}

impl Document {
    /// False: what the tag holds is to be skipped.
    fn start(&mut self, tag: &BytesStart<'_>, visitor: &mut impl Visitor) -> Result<bool, Stop> {
        match tag.name().as_ref() {
            "style:style" => self.style = attribute(tag, "style:name").unwrap_or_default(),
            "style:table-properties" if attribute(tag, "table:display").as_deref() == Some("false") => {
                self.hidden.insert(self.style.clone());
            }
            // Tables in tables, drawings, notes and what was deleted are not of the sheet.
            "table:shapes" | "table:tracked-changes" | "office:forms" | "office:annotation" => return Ok(false),
            name if name.starts_with("draw:") => return Ok(false),
            "table:table" if self.in_table => return Ok(false),
            "table:table" => {
                let name = attribute(tag, "table:name").unwrap_or_default();
                let style = attribute(tag, "table:style-name").unwrap_or_default();
                self.in_table = visitor.table(&name, !self.hidden.contains(&style));
                self.row = 0;
                return Ok(self.in_table);
            }
            "table:table-row" if self.in_table => {
                (self.column, self.row_filled) = (0, false);
                self.row_times = times(tag, "table:number-rows-repeated");
            }
            "table:table-cell" | "table:covered-table-cell" if self.in_table => self.cell = Some(OpenCell::new(tag)),
            name => {
                if let Some(cell) = &mut self.cell {
                    cell.start(name, tag);
                }
            }
        }
        Ok(true)
    }

    /// False: nothing more is wanted.
    fn end(&mut self, name: &str, visitor: &mut impl Visitor) -> Result<bool, Stop> {
        match name {
            "table:table-cell" | "table:covered-table-cell" => self.end_cell(visitor)?,
            "table:table-row" if self.in_table => self.end_row(visitor)?,
            "table:table" => {
                self.in_table = false;
                return Ok(visitor.table_end());
            }
            "text:p" | "text:h" => {
                if let Some(cell) = &mut self.cell {
                    cell.in_paragraph = false;
                }
            }
            _ => {}
        }
        Ok(true)
    }

    fn end_cell(&mut self, visitor: &mut impl Visitor) -> Result<(), Stop> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        if !cell.text.is_empty() {
            if self.row >= ROWS_MOST {
                return Err(damaged("it has more rows than a sheet can have").into());
            }
            visitor.cell(self.row, self.column, cell.times, &cell.text)?;
            self.row_filled = true;
        }
        self.column = self.column.saturating_add(cell.times);
        Ok(())
    }

    fn end_row(&mut self, visitor: &mut impl Visitor) -> Result<(), Stop> {
        let next = self.row.saturating_add(self.row_times);
        if self.row_filled {
            (self.row + 1..next.min(ROWS_MOST)).try_for_each(|row| visitor.repeat_at(row))?;
        }
        self.row = next;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Stop> {
        let Some(cell) = self.cell.as_mut().filter(|cell| cell.by_paragraphs && cell.in_paragraph) else {
            return Ok(());
        };
        cell.text.push_str(text);
        if cell.text.len() > ROW_BYTES_MOST {
            return Err(ContainerError::RowTooLong { row: u64::from(self.row) + 1 }.into());
        }
        Ok(())
    }

    fn entity(&mut self, entity: &BytesRef<'_>) -> Result<(), Stop> {
        let broken = || damaged("its XML is broken");
        match entity.resolve_char_ref().map_err(|_| broken())? {
            Some(character) => self.text(character.encode_utf8(&mut [0; 4])),
            None => self.text(resolve_predefined_entity(entity).ok_or_else(broken)?),
        }
    }
}

impl OpenCell {
    /// The value is in the attributes; that of a text may be in its paragraphs alone.
    fn new(tag: &BytesStart<'_>) -> Self {
        let value = |name| attribute(tag, name).unwrap_or_default();
        let mut text = String::new();
        let is_error = attribute(tag, "calcext:value-type").as_deref() == Some("error");
        let mut by_paragraphs = false;
        match attribute(tag, "office:value-type").as_deref() {
            _ if is_error => {}
            Some("float" | "currency" | "percentage") => {
                if let Ok(number) = value("office:value").parse() {
                    cell::write_number(number, &mut text);
                }
            }
            Some("date") => cell::write_iso_date(&value("office:date-value"), &mut text),
            Some("time") => cell::write_iso_duration(&value("office:time-value"), &mut text),
            Some("boolean") => text = value("office:boolean-value").to_lowercase(),
            _ => {
                text = value("office:string-value");
                by_paragraphs = text.is_empty();
            }
        }
        let times = times(tag, "table:number-columns-repeated");
        Self { times, text, by_paragraphs, paragraphs: 0, in_paragraph: false }
    }

    fn start(&mut self, name: &str, tag: &BytesStart<'_>) {
        let text = match name {
            "text:p" | "text:h" => {
                self.paragraphs += 1;
                self.in_paragraph = true;
                if self.paragraphs > 1 { "\n".to_owned() } else { return }
            }
            // LibreOffice writes spaces that follow a space by their number.
            "text:s" => " ".repeat(times(tag, "text:c").min(SPACES_MOST) as usize),
            "text:tab" => "\t".to_owned(),
            "text:line-break" => "\n".to_owned(),
            _ => return,
        };
        if self.by_paragraphs && self.text.len() <= ROW_BYTES_MOST {
            self.text.push_str(&text);
        }
    }
}

const SPACES_MOST: u32 = 1_000;

/// An attribute's value.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
    unescape(&found.value).ok().map(Cow::into_owned)
}

/// How many times something stands that is written once.
fn times(tag: &BytesStart<'_>, name: &str) -> u32 {
    attribute(tag, name).and_then(|times| times.parse().ok()).unwrap_or(1).max(1)
}
