//! The lead that an operator holds: for longer, handed back, or taken.

use clap::Args;
use relance_domain::AssignmentId;

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

/// `relance take`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  relance take 3 --reason \"olga has gone home\"
  relance take 3 --to paul --reason \"speaks the client's language\"

The lead goes where it was, or to the operator named; what the first operator reports afterwards is kept for review.")]
pub(crate) struct Take {
    /// The assignment, as `relance next` and `relance why` show it
    #[arg(value_name = "ASSIGNMENT")]
    pub(crate) assignment: AssignmentId,
    /// Hand it to this operator at once
    #[arg(long, value_name = "NAME", value_parser = values::name)]
    pub(crate) to: Option<String>,
    /// Why; whoever gets the lead reads it
    #[arg(long)]
    pub(crate) reason: String,
}
