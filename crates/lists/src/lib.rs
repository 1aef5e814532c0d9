//! Client lists: from the bytes of a file to rows, and from rows to verdicts. No database, no async.
//!
//! [`read`] is the way in. The bytes go through four steps, one file each: `source` hashes and decodes them, `record`
//! cuts the text into records and counts physical lines, `columns` decides what each header feeds, and `rows` judges
//! every record. Everything streams: memory holds one chunk, one record and the numbers seen so far.
//!
//! A fault of the whole file is a [`ListError`] and stops the reading; a fault of one row is a verdict on that row.

mod cell;
mod columns;
mod error;
mod options;
pub mod phone;
mod record;
mod rows;
mod source;

pub use columns::ColumnUse;
pub use error::{Byte, ListError};
pub use options::{Delimiter, Encoding, ReadOptions, UnknownDelimiter, UnknownEncoding};
pub use rows::{Rows, read};
