//! Strict reading of TOML files that people write: campaign folders, calling rules, holidays.
//!
//! [`Document`] parses a file and knows on which line everything stands; [`read_root`] walks it key by key and collects
//! everything that is wrong, an unknown key included, instead of stopping at the first.

pub(crate) mod country;
mod document;
mod problem;
mod section;

pub(crate) use document::Document;
pub use problem::Problem;
pub(crate) use problem::{Finding, perhaps};
pub(crate) use section::{Entry, Section, read_root};

// The names of the checks that reading itself makes.
pub(crate) const TOML_SYNTAX: &str = "toml-syntax";
pub(crate) const KNOWN_KEYS: &str = "known-keys";
pub(crate) const REQUIRED_KEYS: &str = "required-keys";
pub(crate) const VALUE_TYPES: &str = "value-types";
pub(crate) const VALUES_VALID: &str = "values-valid";
pub(crate) const NAMES_WELL_FORMED: &str = "names-well-formed";
pub(crate) const CODES_UNIQUE: &str = "codes-unique";
