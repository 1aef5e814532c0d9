//! Campaign folders: `campaign.toml` and `tariffs/*.toml` read into checked values, checked as a whole, and compared.
//!
//! A folder goes through [`load`], which gives its definition and tariffs or the report of every check. [`plan`] says what
//! applying a definition would change, and [`state`] what can happen to a campaign afterwards.

mod check;
mod check_campaign;
mod check_clients;
mod check_pulls;
mod check_tariffs;
mod country;
mod document;
mod plan;
mod problem;
#[cfg(test)]
mod pull_tests;
mod read;
mod read_calling;
mod read_pull;
mod read_queue;
mod read_tariff;
mod section;
pub mod state;
#[cfg(test)]
mod tests;

pub use check::{CheckReport, Folder, Loaded, NamedCheck, SourceFile, check_folder, load};
pub use check_tariffs::{Misfit, misfits};
pub use plan::{Change, plan};
pub use problem::Problem;
pub use read::read_definition;
pub use read_tariff::read_tariff;

// The names of the checks that reading itself makes. The other checks are named where they stand.
const TOML_SYNTAX: &str = "toml-syntax";
const KNOWN_KEYS: &str = "known-keys";
const REQUIRED_KEYS: &str = "required-keys";
const VALUE_TYPES: &str = "value-types";
const VALUES_VALID: &str = "values-valid";
const NAMES_WELL_FORMED: &str = "names-well-formed";
const CODES_UNIQUE: &str = "codes-unique";
const PRICES_NOT_NEGATIVE: &str = "prices-not-negative";
const VALIDITY_IN_ORDER: &str = "validity-in-order";
