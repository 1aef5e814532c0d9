//! Campaign folders: `campaign.toml` and `tariffs/*.toml` read into checked values, checked as a whole, and compared.
//!
//! A folder goes through [`load`], which gives its definition and tariffs or the report of every check. [`plan`] says what
//! applying a definition would change, and [`state`] what can happen to a campaign afterwards.

mod check;
mod check_campaign;
mod check_clients;
mod check_order;
mod check_pulls;
mod check_reasons;
mod check_tariffs;
#[cfg(test)]
mod order_tests;
mod plan;
mod plan_order;
#[cfg(test)]
mod pull_tests;
mod read;
mod read_calling;
mod read_order;
mod read_pull;
mod read_queue;
mod read_reason;
mod read_tariff;
pub mod state;
#[cfg(test)]
mod tests;

pub use check::{CheckReport, Folder, Loaded, NamedCheck, SourceFile, check_folder, line_of, load};
pub use check_tariffs::{Misfit, cannot_follow, misfits};
pub use plan::{Change, plan};
pub use read::read_definition;
pub use read_tariff::read_tariff;

pub use crate::toml_file::Problem;

#[cfg(test)]
pub(crate) use tests::CAMPAIGN as SMALL_CAMPAIGN;

// The names of the checks that reading a campaign's files makes beyond those of every file (see `crate::toml_file`). The
// other checks are named where they stand.
const PRICES_NOT_NEGATIVE: &str = "prices-not-negative";
const VALIDITY_IN_ORDER: &str = "validity-in-order";
