//! Workbooks of Excel before 2007 (xls), which calamine reads whole.
//!
//! It makes room for the rectangle that holds all of a sheet's cells, so that two cells in far corners of a sheet take
//! gigabytes: the records are walked before, and counted.

use std::io::{Cursor, Write};

use calamine::{Data, Range, Reader, Xls, XlsError};
use cfb::{CompoundFile, Version};

use super::excel::{self, worksheets};
use super::stream::{RowSink, Stop};
use super::{Listed, cell, damaged, ole};
use crate::container::ContainerError;
use crate::file::ListFile;

/// The most cells, used or not, of all sheets: 24 bytes each, and as much again for one sheet that is read. All rows of
/// a sheet of Excel 97 with 61 columns.
const CELLS_MOST: u64 = 4_000_000;

pub(super) fn list(file: ListFile) -> Result<Vec<Listed>, ContainerError> {
    let mut workbook = open(&file)?;
    excel::list(worksheets(workbook.sheets_metadata()), |name| {
        let range = workbook.worksheet_range(name).map_err(fault)?;
        let mut text = String::new();
        Ok(range.used_cells().any(|(_, _, value)| {
            cell::write(value, &mut text);
            !text.is_empty()
        }))
    })
}

pub(super) fn read(file: ListFile, name: &str, rows: &mut RowSink) -> Result<(), Stop> {
    let range: Range<Data> = open(&file)?.worksheet_range(name).map_err(fault)?;
    let (first_row, first_column) = range.start().unwrap_or_default();
    rows.expect_rows(range.end().map_or(0, |(row, _)| u64::from(row) + 1));
    for (row, column, value) in range.used_cells() {
        rows.cell(first_row + row as u32, first_column + column as u32, |text| cell::write(value, text))?;
    }
    Ok(())
}

fn open(file: &ListFile) -> Result<Xls<Cursor<Vec<u8>>>, ContainerError> {
    let stream = ole::workbook_stream(file)?;
    check(&stream)?;
    Xls::new(Cursor::new(contained(&stream)?)).map_err(fault)
}

/// The workbook in a container of its own: calamine follows the chain of a container's sectors though it be a circle.
/// In the older version of containers: the newer one it does not take without small streams.
fn contained(stream: &[u8]) -> Result<Vec<u8>, ContainerError> {
    let mut container = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))?;
    container.create_stream("/Workbook")?.write_all(stream)?;
    container.flush()?;
    Ok(container.into_inner().into_inner())
}

// Records of [MS-XLS] that are looked at.
const END: u16 = 0x000A;
const ENCRYPTED: u16 = 0x002F;
const SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
/// Those that begin with the row and the column of a cell: formulas, numbers, labels, errors.
const CELLS: [u16; 9] = [0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E, 0x0201];
const ROWS_MOST: u32 = 65_536;
const SHEETS_MOST: usize = 1_000;

/// Refuses a workbook for which calamine would take too much memory.
fn check(stream: &[u8]) -> Result<(), ContainerError> {
    let mut sheets = Vec::new();
    for (kind, data) in records(stream) {
        match kind {
            END => break,
            ENCRYPTED if number16(data, 0) != Some(0) => return Err(ContainerError::PasswordProtected),
            SHEET => sheets.push(number32(data, 0).ok_or(damaged("a record is too short"))?),
            _ => {}
        }
    }
    if sheets.len() > SHEETS_MOST {
        return Err(damaged("it has more than a thousand sheets"));
    }
    let mut cells = 0;
    for start in sheets {
        let sheet = stream.get(start as usize..).ok_or(damaged("a sheet is missing"))?;
        cells += area(sheet)?;
        if cells > CELLS_MOST {
            return Err(ContainerError::TooManyCells { most: CELLS_MOST });
        }
    }
    Ok(())
}

/// How many cells the rectangle has that holds all cells of a sheet.
fn area(sheet: &[u8]) -> Result<u64, ContainerError> {
    let mut bounds: Option<[u16; 4]> = None;
    let mut depth = 0_u32;
    for (kind, data) in records(sheet) {
        match kind {
            0x0809 => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            DIMENSIONS => check_dimensions(data)?,
            _ if CELLS.contains(&kind) => {
                let place = number16(data, 0).zip(number16(data, 2));
                let (row, column) = place.ok_or(damaged("a record is too short"))?;
                // A record of several cells ends with its last column.
                let last = if kind == 0x00BD { number16(data, data.len().saturating_sub(2)) } else { None };
                let [top, bottom, left, right] = bounds.unwrap_or([row, row, column, column]);
                let right = right.max(column).max(last.unwrap_or(0));
                bounds = Some([top.min(row), bottom.max(row), left.min(column), right]);
            }
            _ => {}
        }
    }
    Ok(bounds.map_or(0, |[top, bottom, left, right]| (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1)))
}

/// calamine makes room for what a sheet says its dimensions are.
fn check_dimensions(data: &[u8]) -> Result<(), ContainerError> {
    let (rows, columns) = match data.len() {
        10 => (number16(data, 2).map(u32::from), number16(data, 6)),
        _ => (number32(data, 4), number16(data, 10)),
    };
    match rows.zip(columns) {
        Some((rows, columns)) if rows <= ROWS_MOST && u64::from(rows) * u64::from(columns) <= CELLS_MOST * 8 => Ok(()),
        Some(_) => Err(ContainerError::TooManyCells { most: CELLS_MOST }),
        None => Err(damaged("a record is too short")),
    }
}

/// The records of a stream: their kinds and their data.
fn records(mut stream: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (kind, length) = number16(stream, 0).zip(number16(stream, 2))?;
        let (data, rest) = stream.get(4..)?.split_at_checked(usize::from(length))?;
        stream = rest;
        Some((kind, data))
    })
}

fn number16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

fn number32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn fault(error: XlsError) -> ContainerError {
    match error {
        XlsError::Password => ContainerError::PasswordProtected,
        XlsError::WorksheetNotFound(_) => damaged("a part of it is missing"),
        _ => damaged("it holds what no workbook holds"),
    }
}
