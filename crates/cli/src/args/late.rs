//! Outcomes that came late.

use clap::{Args, Subcommand};
use relance_domain::LateOutcomeId;

use super::values;

/// `relance late …`
#[derive(Debug, Subcommand)]
pub(crate) enum Late {
    /// Show those that nobody has reviewed, the newest first
    #[command(after_help = "Examples:\n  relance late list\n  relance late list --all --campaign bank-loan --limit 20")]
    List(LateList),
    /// Keep what was done about one
    #[command(after_help = "Example:\n  relance late review 3 --note \"called again and took the order\"")]
    Review(LateReview),
}

/// `relance late list`
#[derive(Debug, Args)]
pub(crate) struct LateList {
    /// Those that were reviewed, too
    #[arg(long)]
    pub(crate) all: bool,
    /// Only those of this campaign
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: Option<String>,
    /// Only those before this one: the cursor that the last page ended with
    #[arg(long, value_name = "ID")]
    pub(crate) before: Option<LateOutcomeId>,
    /// At most so many rows (1 to 1000) [default: 100]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) limit: Option<u16>,
}

/// `relance late review`
#[derive(Debug, Args)]
pub(crate) struct LateReview {
    /// The late outcome, as `relance late list` shows it
    #[arg(value_name = "ID")]
    pub(crate) late_outcome: LateOutcomeId,
    /// What was done about it
    #[arg(long)]
    pub(crate) note: String,
}
