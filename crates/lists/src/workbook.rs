//! Workbooks: which sheet is read, and its rows.
//!
//! A sheet is read on a thread of its own ([`stream`]), because the readers borrow the workbook that they read from;
//! batches of rows come through a channel that holds a few of them. Rows of xlsx, xlsb and ods stream: memory holds
//! the strings that the cells of xlsx and xlsb share (at most [`parts::SHARED_STRINGS_MOST`]) and a few batches. The
//! format of xls has no reader that streams: it is read whole, which is why its length is bounded.
//!
//! What comes here is anybody's file. calamine may panic on one that is broken, so that all of its work is done under
//! [`guarded`]; what would make it take memory without end is looked for before ([`parts`], [`xls`]).

mod cell;
mod excel;
mod ods;
mod ole;
mod parts;
mod stream;
mod xls;
mod xml_watch;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) use self::ole::Ole;
use self::stream::{RowSink, SheetRows, Stop};
use crate::container::ContainerError;
use crate::error::ListError;
use crate::file::ListFile;
use crate::inspection::Format;
use crate::table::Table;

/// The most columns of a sheet that are read.
const COLUMNS_MOST: usize = 1_000;

/// A sheet of a workbook, chosen.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    file: ListFile,
    format: Format,
    name: String,
}

/// What a workbook says of one of its sheets.
struct Listed {
    name: String,
    visible: bool,
    /// Whether it has a cell that is not empty; looked at for visible sheets only.
    filled: bool,
}

impl Sheet {
    /// Chooses the sheet that is `wanted`, else the first visible one with a cell; with notices of those not read.
    pub(crate) fn choose(
        file: ListFile,
        format: Format,
        wanted: Option<&str>,
    ) -> Result<(Self, Vec<String>), ContainerError> {
        if matches!(format, Format::Xlsx | Format::Xlsb | Format::Ods) {
            parts::check(&file, format)?;
        }
        let listed = guarded(|| match format {
            Format::Xlsx => excel::list_xlsx(file.from_start()),
            Format::Xlsb => excel::list_xlsb(file.from_start()),
            Format::Ods => ods::list(file.from_start()),
            Format::Xls | Format::Csv => xls::list(file.from_start()),
        })?;
        let name = match wanted {
            Some(wanted) => named(&listed, wanted)?,
            None => first_filled(&listed)?,
        };
        // Who named a sheet knows of the others.
        let notices = if wanted.is_some() { Vec::new() } else { notices(&listed, &name) };
        Ok((Self { file, format, name }, notices))
    }

    /// The kind of its workbook.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// How many bytes its workbook has.
    pub(crate) fn length(&self) -> u64 {
        self.file.length()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its rows from the first. A record's lines are the row of the sheet, from 1; rows without a cell are left out.
    pub(crate) fn table(&self) -> Result<Box<dyn Table>, ListError> {
        let sheet = self.clone();
        let rows = SheetRows::start(self.file.length(), move |rows| sheet.read(rows)).map_err(ContainerError::Io)?;
        Ok(Box::new(rows))
    }

    fn read(&self, rows: &mut RowSink) -> Result<(), Stop> {
        let file = self.file.from_start();
        match self.format {
            Format::Xlsx => excel::read_xlsx(file, &self.name, rows),
            Format::Xlsb => excel::read_xlsb(file, &self.name, rows),
            Format::Ods => ods::read(file, &self.name, rows),
            Format::Xls | Format::Csv => xls::read(file, &self.name, rows),
        }
    }
}

fn named(listed: &[Listed], wanted: &str) -> Result<String, ContainerError> {
    let visible = || listed.iter().filter(|sheet| sheet.visible);
    // Who asks for a sheet by its name means it, though it is hidden.
    let found = listed.iter().find(|sheet| sheet.name == wanted);
    let close = || visible().find(|sheet| sheet.name.trim().to_lowercase() == wanted.trim().to_lowercase());
    match found.or_else(close) {
        Some(sheet) => Ok(sheet.name.clone()),
        None => Err(ContainerError::UnknownSheet {
            wanted: wanted.to_owned(),
            visible: visible().map(|sheet| sheet.name.clone()).collect(),
        }),
    }
}

fn first_filled(listed: &[Listed]) -> Result<String, ContainerError> {
    let found = listed.iter().find(|sheet| sheet.visible && sheet.filled);
    found
        .map(|sheet| sheet.name.clone())
        .ok_or_else(|| ContainerError::NoSheet { hidden: listed.iter().filter(|sheet| !sheet.visible).count() })
}

fn notices(listed: &[Listed], read: &str) -> Vec<String> {
    let others = |visible: bool| listed.iter().filter(move |sheet| sheet.visible == visible && sheet.name != read);
    let mut notices = Vec::new();
    let filled: Vec<String> = others(true).filter(|sheet| sheet.filled).map(|sheet| sheet.name.clone()).collect();
    if !filled.is_empty() {
        notices.push(format!(
            "the sheet {read:?} is read; {} also {} cells: choose with --sheet NAME",
            crate::container::Names(&filled),
            if filled.len() == 1 { "has" } else { "have" }
        ));
    }
    match others(false).count() {
        0 => {}
        1 => notices.push("1 hidden sheet is not read".to_owned()),
        hidden => notices.push(format!("{hidden} hidden sheets are not read")),
    }
    notices
}

const DAMAGED: &str = "a workbook";

/// Runs what may panic on a broken workbook.
fn guarded<T, E: From<ContainerError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(damaged("its contents contradict themselves").into()))
}

fn damaged(why: &'static str) -> ContainerError {
    ContainerError::Damaged { kind: DAMAGED, why }
}

#[cfg(test)]
mod tests;
