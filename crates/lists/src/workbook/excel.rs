//! Workbooks of Excel since 2007, whose cells stream: xlsx and xlsb.

use std::io::BufReader;

use calamine::{Cell, DataRef, Reader, SheetType, SheetVisible, Xlsb, XlsbError, Xlsx, XlsxError};

use super::stream::{RowSink, Stop};
use super::{Listed, cell, damaged};
use crate::container::{ContainerError, reading};
use crate::file::ListFile;

pub(super) fn list_xlsx(file: ListFile) -> Result<Vec<Listed>, ContainerError> {
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(xlsx_fault)?;
    list(worksheets(workbook.sheets_metadata()), |name| {
        let mut cells = workbook.worksheet_cells_reader(name).map_err(xlsx_fault)?;
        has_cell(|| next_xlsx(&mut || cells.next_cell()))
    })
}

pub(super) fn list_xlsb(file: ListFile) -> Result<Vec<Listed>, ContainerError> {
    let mut workbook: Xlsb<_> = Xlsb::new(BufReader::new(file)).map_err(xlsb_fault)?;
    list(worksheets(workbook.sheets_metadata()), |name| {
        let mut cells = workbook.worksheet_cells_reader(name).map_err(xlsb_fault)?;
        has_cell(|| cells.next_cell().map_err(xlsb_fault))
    })
}

pub(super) fn read_xlsx(file: ListFile, name: &str, rows: &mut RowSink) -> Result<(), Stop> {
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(xlsx_fault)?;
    let mut cells = workbook.worksheet_cells_reader(name).map_err(xlsx_fault)?;
    rows.expect_rows(u64::from(cells.dimensions().end.0) + 1);
    read(rows, || next_xlsx(&mut || cells.next_cell()))
}

pub(super) fn read_xlsb(file: ListFile, name: &str, rows: &mut RowSink) -> Result<(), Stop> {
    let mut workbook: Xlsb<_> = Xlsb::new(BufReader::new(file)).map_err(xlsb_fault)?;
    let mut cells = workbook.worksheet_cells_reader(name).map_err(xlsb_fault)?;
    rows.expect_rows(u64::from(cells.dimensions().end.0) + 1);
    read(rows, || cells.next_cell().map_err(xlsb_fault))
}

/// The worksheets of a workbook and whether they are visible: not its charts and macros.
pub(super) fn worksheets(sheets: &[calamine::Sheet]) -> Vec<(String, bool)> {
    let worksheets = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    worksheets.map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible)).collect()
}

/// Lists the sheets, looking into the visible ones.
pub(super) fn list(
    worksheets: Vec<(String, bool)>,
    mut filled: impl FnMut(&str) -> Result<bool, ContainerError>,
) -> Result<Vec<Listed>, ContainerError> {
    let listed = |(name, visible): (String, bool)| {
        let filled = visible && filled(&name)?;
        Ok(Listed { name, visible, filled })
    };
    worksheets.into_iter().map(listed).collect()
}

type NextCell<'a> = Result<Option<Cell<DataRef<'a>>>, ContainerError>;

fn has_cell<'a>(mut next: impl FnMut() -> NextCell<'a>) -> Result<bool, ContainerError> {
    let mut text = String::new();
    while let Some(found) = next()? {
        cell::write(found.get_value(), &mut text);
        if !text.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn read<'a>(rows: &mut RowSink, mut next: impl FnMut() -> NextCell<'a>) -> Result<(), Stop> {
    while let Some(found) = next()? {
        let (row, column) = found.get_position();
        rows.cell(row, column, |text| cell::write(found.get_value(), text))?;
    }
    Ok(())
}

/// The next cell. One with an error that calamine does not know (`#SPILL!`) is as empty as one with `#N/A`.
fn next_xlsx<'a>(next: &mut dyn FnMut() -> Result<Option<Cell<DataRef<'a>>>, XlsxError>) -> NextCell<'a> {
    loop {
        match next() {
            Err(XlsxError::CellError(_)) => {}
            other => return other.map_err(xlsx_fault),
        }
    }
}

fn xlsx_fault(error: XlsxError) -> ContainerError {
    match error {
        XlsxError::Io(error) => reading(error),
        XlsxError::Password => ContainerError::PasswordProtected,
        XlsxError::Xml(_) | XlsxError::XmlAttr(_) | XlsxError::XmlEof(_) => damaged("its XML is broken"),
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound | XlsxError::WorksheetNotFound(_) => {
            damaged("a part of it is missing")
        }
        XlsxError::Zip(_) => damaged("a part of it cannot be unpacked"),
        _ => damaged("it holds what no workbook holds"),
    }
}

fn xlsb_fault(error: XlsbError) -> ContainerError {
    match error {
        XlsbError::Io(error) => reading(error),
        XlsbError::Password => ContainerError::PasswordProtected,
        XlsbError::FileNotFound(_) | XlsbError::WorksheetNotFound(_) => damaged("a part of it is missing"),
        XlsbError::Zip(_) => damaged("a part of it cannot be unpacked"),
        _ => damaged("it holds what no workbook holds"),
    }
}
