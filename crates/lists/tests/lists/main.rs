//! Whole files through the reader.

mod definition;
mod properties;
mod refusals;
mod rows;
mod whole_files;
