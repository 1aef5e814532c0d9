//! The lead that an operator holds: for longer, or handed back.

use clap::Args;

use super::values;

/// `relance hold`
#[derive(Debug, Args)]
#[command(after_help = "Example:
  relance hold --operator olga

Each time extends the lease to one more from now, and to four from the hand-out at most.")]
pub(crate) struct Hold {
    /// Who holds the lead; on a server, yourself unless told
    #[arg(long, short, value_parser = values::name)]
    pub(crate) operator: Option<String>,
}

/// `relance hand-back`
#[derive(Debug, Args)]
#[command(after_help = "Example:
  relance hand-back --operator olga --reason \"I know this person\"

For a person who was not called. The lead goes where it was, and the hand-out counts as no try.")]
pub(crate) struct HandBack {
    /// Who holds the lead; on a server, yourself unless told
    #[arg(long, short, value_parser = values::name)]
    pub(crate) operator: Option<String>,
    /// Why the person was not called
    #[arg(long)]
    pub(crate) reason: String,
}
