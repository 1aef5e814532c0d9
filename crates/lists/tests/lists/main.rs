//! Whole files through the reader.

mod definition;
mod forty;
mod properties;
mod reading;
mod refusals;
mod rows;
mod whole_files;
mod wishes;
