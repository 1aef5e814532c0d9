//! What the parts of a zipped workbook must be before a parser may have them.

use std::io::{self, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attribute;

use super::damaged;
use super::xml_watch::{self, XmlWatch};
use crate::container::{Archive, ContainerError, reading};
use crate::file::ListFile;
use crate::inspection::Format;

/// The most of the strings that cells share, unpacked. calamine holds them all: twice as much memory for names and
/// numbers, four times as much for empty ones. A million rows with five texts of their own each stay below.
pub(super) const SHARED_STRINGS_MOST: u64 = 256 * 1024 * 1024;
/// The most of the parts that are read whole: styles, relations, the names of the sheets.
const SMALL_PART_MOST: u64 = 64 * 1024 * 1024;
/// As much of a part as tells what it is.
const HEAD_BYTES: u64 = 64 * 1024;

/// Unpacks every part once, to nowhere: none may be longer than it says, its XML must be whole and without pieces that
/// no memory should hold. The worksheets alone may be long, they stream.
pub(super) fn check(file: &ListFile, format: Format) -> Result<(), ContainerError> {
    let mut archive = Archive::open(file.from_start())?;
    archive.check_declared(file.length())?;
    if format == Format::Ods && is_encrypted(&mut archive)? {
        return Err(ContainerError::PasswordProtected);
    }
    for at in 0..archive.entries().len() {
        check_part(&mut archive, at, format)?;
    }
    Ok(())
}

fn check_part(archive: &mut Archive, at: usize, format: Format) -> Result<(), ContainerError> {
    let entry = &archive.entries()[at];
    let (length, path) = (entry.length, entry.path.clone());
    let strings = path.rsplit('/').next().is_some_and(|name| name.starts_with("sharedstrings."));
    if strings && length > SHARED_STRINGS_MOST {
        return Err(ContainerError::TooLarge { what: "the text", most: SHARED_STRINGS_MOST });
    }
    let mut reader = archive.reader(at)?;
    let mut head = Vec::new();
    reader.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(reading)?;
    // Drawings (vml) are XML by name only: Excel leaves tags open in them.
    let xml = (path.ends_with(".xml") || path.ends_with(".rels")) && is_xml(&head);
    let streams = if format == Format::Xlsb { path.ends_with(".bin") } else { xml };
    if length > SMALL_PART_MOST && (!streams || path.ends_with("styles.xml")) {
        return Err(ContainerError::TooLarge { what: "a part", most: SMALL_PART_MOST });
    }
    if strings && xml && strings_promised(&head) > (length / SHORTEST_STRING).max(STRINGS_ALWAYS) {
        return Err(damaged("it promises more strings than it has"));
    }
    let whole = Cursor::new(head).chain(reader);
    let unpacked = if xml {
        io::copy(&mut XmlWatch::new(whole, length), &mut io::sink())
    } else {
        // One byte more than it may have tells that it has too many.
        io::copy(&mut whole.take(length.saturating_add(1)), &mut io::sink())
    };
    match unpacked {
        Ok(unpacked) if unpacked > length => Err(damaged("a part is longer than it says")),
        Ok(_) => Ok(()),
        Err(error) => Err(xml_watch::fault(&error).unwrap_or_else(|| reading(error))),
    }
}

fn is_xml(head: &[u8]) -> bool {
    head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start().first() == Some(&b'<')
}

/// The length of the shortest shared string: `<si/>`.
const SHORTEST_STRING: u64 = 5;
/// So many strings may be promised wrongly.
const STRINGS_ALWAYS: u64 = 1_000_000;

/// How many strings a table of strings says it has: calamine makes room for so many before it reads the first.
fn strings_promised(head: &[u8]) -> u64 {
    let mut reader = Reader::from_reader(head);
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) if tag.local_name().as_ref() == "sst" => {
                let unique = |attribute: &Attribute<'_>| attribute.key.as_ref() == "uniqueCount";
                let count = tag.attributes().with_checks(false).flatten().find(unique);
                return count.and_then(|count| count.value.parse().ok()).unwrap_or(0);
            }
            // What hides its beginning behind a comment of this length has reason to.
            Ok(Event::Eof) | Err(_) => return u64::MAX,
            Ok(_) => buffer.clear(),
        }
    }
}

fn is_encrypted(archive: &mut Archive) -> Result<bool, ContainerError> {
    let Some(at) = archive.entries().iter().position(|entry| entry.path == "meta-inf/manifest.xml") else {
        return Ok(false);
    };
    let mut manifest = Vec::new();
    archive.reader(at)?.take(1024 * 1024).read_to_end(&mut manifest).map_err(reading)?;
    let mark = b"encryption-data";
    Ok(manifest.windows(mark.len()).any(|window| window == mark))
}
