//! Orders.

use clap::{Args, Subcommand};

use super::outcome;
use super::values;

/// `relance order …`
#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// Keep what was typed into the form so far, or show it
    #[command(after_help = "Examples:
  relance order draft --operator olga --tariff fibre-25 --field city=Lyon
  relance order draft --operator olga

What is given is added to what is kept. `relance outcome` places the order with what it is given itself.")]
    Draft(Draft),
}

/// `relance order draft`
#[derive(Debug, Args)]
pub(crate) struct Draft {
    /// Who holds the lead; on a server, yourself unless told
    #[arg(long, short, value_parser = values::name)]
    pub(crate) operator: Option<String>,
    /// What is typed.
    #[command(flatten)]
    pub(crate) order: outcome::Order,
}
