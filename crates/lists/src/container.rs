//! What a file is, by its content and not by its name: text, a workbook, or an archive with one of them inside.

mod archive;
mod error;

use std::io::Read;

pub(crate) use self::archive::{Archive, reading};
pub use self::error::ContainerError;
pub(crate) use self::error::Names;
use crate::error::ListError;
use crate::file::ListFile;
use crate::inspection::Format;
use crate::options::Wishes;
use crate::workbook::{Ole, Sheet};

/// A file that was opened as far as to know what it is.
#[derive(Debug)]
pub(crate) struct Container {
    /// What is to be read.
    pub(crate) kind: Kind,
    /// The file inside an archive, the sheet of a workbook, or both; none for a text by itself.
    pub(crate) part: Option<String>,
    /// What is worth knowing and stops nothing.
    pub(crate) notices: Vec<String>,
}

/// What a file is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Text, as far as its first bytes tell.
    Text(ListFile),
    /// A sheet of a workbook.
    Sheet(Sheet),
}

/// Opens a file: goes into an archive that holds one list, and chooses the sheet of a workbook.
pub(crate) fn open(file: ListFile, wishes: &Wishes) -> Result<Container, ListError> {
    match identify(&file)? {
        Found::Archive(mut archive) => {
            let (name, inner) = archive.unpack_the_list(file.length())?;
            let found = match identify(&inner)? {
                Found::Archive(_) => return Err(ContainerError::NestedArchive { name }.into()),
                other => other,
            };
            let mut container = open_found(found, inner, wishes)?;
            container.part = Some(match container.part {
                Some(sheet) => format!("{name}: {sheet}"),
                None => name,
            });
            Ok(container)
        }
        found => open_found(found, file, wishes),
    }
}

enum Found {
    Text,
    Workbook(Format),
    Archive(Archive),
}

fn open_found(found: Found, file: ListFile, wishes: &Wishes) -> Result<Container, ListError> {
    let Found::Workbook(format) = found else {
        return Ok(Container { kind: Kind::Text(file), part: None, notices: Vec::new() });
    };
    let (sheet, notices) = Sheet::choose(file, format, wishes.sheet.as_deref())?;
    Ok(Container { part: Some(sheet.name().to_owned()), kind: Kind::Sheet(sheet), notices })
}

/// The bytes at a file's beginning that tell what it is.
const HEAD_BYTES: u64 = 512;

fn identify(file: &ListFile) -> Result<Found, ListError> {
    let mut head = Vec::new();
    file.from_start().take(HEAD_BYTES).read_to_end(&mut head).map_err(ContainerError::Io)?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") || head.starts_with(b"PK\x07\x08") {
        return identify_zip(file);
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0") {
        return match Ole::identify(file)? {
            Ole::Workbook => Ok(Found::Workbook(Format::Xls)),
            Ole::Encrypted => Err(ContainerError::PasswordProtected.into()),
            Ole::Other => Err(ListError::NotText { kind: "a document of an old office program, but no workbook" }),
        };
    }
    match other_kind(&head) {
        Some(kind) => Err(ListError::NotText { kind }),
        None => Ok(Found::Text),
    }
}

fn identify_zip(file: &ListFile) -> Result<Found, ListError> {
    let archive = Archive::open(file.from_start())?;
    let has = |name: &str| archive.holds(|entry| entry == name);
    if has("xl/workbook.bin") {
        Ok(Found::Workbook(Format::Xlsb))
    } else if has("xl/workbook.xml") {
        Ok(Found::Workbook(Format::Xlsx))
    } else if has("mimetype") || (has("content.xml") && has("meta-inf/manifest.xml")) {
        identify_open_document(archive)
    } else if has("word/document.xml") {
        Err(ListError::NotText { kind: "a Word document" })
    } else if has("ppt/presentation.xml") {
        Err(ListError::NotText { kind: "a presentation" })
    } else if archive.holds(|entry| entry.ends_with(".iwa")) {
        Err(ListError::NotText { kind: "a document of Apple's Numbers or Pages" })
    } else if has("[content_types].xml") && archive.holds(|entry| entry.ends_with("/workbook.xml")) {
        // Some programs put a workbook's parts into another folder.
        Ok(Found::Workbook(Format::Xlsx))
    } else {
        Ok(Found::Archive(archive))
    }
}

fn identify_open_document(mut archive: Archive) -> Result<Found, ListError> {
    let kind = archive.small_text("mimetype")?.unwrap_or_default();
    match kind.trim().strip_prefix("application/vnd.oasis.opendocument.") {
        Some(kind) if kind.starts_with("spreadsheet") => Ok(Found::Workbook(Format::Ods)),
        Some(_) => Err(ListError::NotText { kind: "an OpenDocument file, but no spreadsheet" }),
        None if kind.is_empty() => Ok(Found::Workbook(Format::Ods)),
        None if kind.trim() == "application/epub+zip" => Err(ListError::NotText { kind: "an electronic book" }),
        None => Ok(Found::Archive(archive)),
    }
}

/// What files that are not lists begin with.
const OTHER_KINDS: [(&[u8], &str); 12] = [
    (b"\x1F\x8B", "compressed with gzip"),
    (b"Rar!\x1A", "a rar archive"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
    (b"\xFD7zXZ\0", "compressed with xz"),
    (b"\x28\xB5\x2F\xFD", "compressed with zstd"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a document in rich text"),
    (b"\x89PNG", "a picture (png)"),
    (b"\xFF\xD8\xFF", "a picture (jpeg)"),
    (b"GIF87a", "a picture (gif)"),
    (b"GIF89a", "a picture (gif)"),
    (b"SQLite format 3\0", "a database (SQLite)"),
];

/// What a text that is not a list begins with. Programs write tables as web pages or as XML and name them `.xls`.
const OTHER_TEXTS: [(&str, &str); 4] = [
    ("<!doctype html", "a web page"),
    ("<html", "a web page"),
    ("<table", "a web page"),
    ("<?xml", "an XML document, perhaps a workbook saved as XML"),
];

fn other_kind(head: &[u8]) -> Option<&'static str> {
    if let Some((_, kind)) = OTHER_KINDS.iter().find(|(begin, _)| head.starts_with(begin)) {
        return Some(kind);
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let begins = |begin: &str| text.get(..begin.len()).is_some_and(|text| text.eq_ignore_ascii_case(begin.as_bytes()));
    OTHER_TEXTS.iter().find(|(begin, _)| begins(begin)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests;
