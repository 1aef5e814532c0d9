//! Client lists: from the bytes of a file to rows, and from rows to verdicts. No database, no async.
//!
//! [`spool`] keeps what arrives as a stream, because a list is read several times; [`open`] finds out what the file is,
//! and [`OpenList::rows`] reads its rows. On the way from bytes to verdicts stand, one module each:
//!
//! 1. `container`: text, a workbook, or an archive with one of them inside. `workbook` gives a sheet's rows.
//! 2. `encoding`: which encoding a text is in, found in one pass over the whole file, and its text as UTF-8.
//! 3. `record`: the text cut into records, with the physical lines they stand on. From here on sheets and texts are
//!    the same: a `table` of records.
//! 4. `layout`: from the first 2,000 records, what cuts the text, where the header is, how many cells a row has.
//! 5. `mapping`: from the header and the cells of the same records, which column feeds which field, and how the cells of
//!    the column are to be read. `phone` and `cell` read cells; `zone_by_number` knows the zones of numbers.
//! 6. `judge`: one record to one verdict, a pure function, on all cores.
//! 7. `rows`: chunks of rows in the order of the file, with what only earlier rows can tell: duplicates.
//!
//! Everything streams: memory holds some chunks of records and the numbers seen so far, 16 bytes each.
//!
//! A fault of the whole file is a [`ListError`] and stops the reading; a fault of one row is a verdict on that row; what
//! only a person can decide is a [`Question`] of the [`Inspection`], which names the option that answers it.

mod cell;
mod container;
mod encoding;
mod error;
mod file;
mod inspect;
mod inspection;
mod judge;
mod layout;
mod mapping;
mod options;
pub mod phone;
mod record;
mod rows;
mod spool;
mod table;
mod target;
mod text;
mod workbook;
pub mod zone_by_number;

pub use container::ContainerError;
pub use error::{Byte, ListError};
pub use file::ListFile;
pub use inspect::{OpenList, open};
pub use inspection::{ColumnUse, Format, Inspection, Known, Question, SampleRow};
pub use options::{Delimiter, Encoding, HeaderPlace, Repair, UnknownDelimiter, UnknownEncoding, Wishes};
pub use rows::Rows;
pub use spool::{Spool, SpoolError, Spooled, spool};
pub use target::Target;
