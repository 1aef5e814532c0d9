//! Forty nasty inputs, each as a whole file, and what must become of it.

mod encodings;
mod numbers;
mod shape;
mod whole;
mod workbook;
mod workbooks;
