//! Labels, texts and whole files.

mod decoding;
mod detection;
mod labels;
mod properties;
mod questions;
