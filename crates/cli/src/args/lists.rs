//! Lists.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use relance_domain::ListId;
use relance_lists::{Delimiter, Encoding};

use super::values;

/// `relance list …`
#[derive(Debug, Subcommand)]
pub(crate) enum List {
    /// Say what loading a file would do; nothing is stored
    #[command(after_help = "Example:
  relance list check clients.csv --campaign bank-loan --name \"Spring\" --source existing

Exits with 3 when rows would be rejected.")]
    Check(ListFile),
    /// Load a file: all of it or nothing
    #[command(after_help = "Examples:
  relance list load clients.csv --campaign bank-loan --name \"Spring\" --source existing
  relance list load bought.csv --campaign fibre-winback --name \"Vendor 7\" --source purchased \\
      --vendor \"Data GmbH\" --cost 1200.00 --licence-until 2027-03-31 --consent-basis \"opt-in form\" \\
      --encoding windows-1252 --delimiter ';' --country FR

Exits with 3 when rows were rejected: see `relance list rejects`.")]
    Load(ListFile),
    /// Show the lists that were loaded, or one of them
    #[command(after_help = "Examples:\n  relance list show\n  relance list show 3")]
    Show(ListShow),
    /// Take a list back: its leads that were never handed out, and the clients nobody else needs
    #[command(after_help = "Examples:\n  relance list undo 3 --dry-run\n  relance list undo 3")]
    Undo(ListUndo),
    /// Write the rows that made no lead as CSV, to be mended and loaded again
    #[command(after_help = "Example:\n  relance list rejects 3 --out rejects.csv")]
    Rejects(ListRejects),
}

/// A file and what it is.
#[derive(Debug, Args)]
pub(crate) struct ListFile {
    /// The CSV file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The campaign it is for
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: String,
    /// The name people will read
    #[arg(long, short)]
    pub(crate) name: String,
    /// Where it came from
    #[arg(long, short)]
    pub(crate) source: Source,
    /// Who sold it; needed when it was purchased
    #[arg(long)]
    pub(crate) vendor: Option<String>,
    /// What it cost, in the campaign's currency, as in 1200.00
    #[arg(long)]
    pub(crate) cost: Option<String>,
    /// The last day on which it may be used, as in 2027-03-31
    #[arg(long, value_name = "DATE")]
    pub(crate) licence_until: Option<Date>,
    /// Why its people may be called; needed when it was purchased
    #[arg(long, value_name = "TEXT")]
    pub(crate) consent_basis: Option<String>,
    /// The encoding of its text, as in windows-1252 [default: utf-8]
    #[arg(long)]
    pub(crate) encoding: Option<Encoding>,
    /// What stands between two cells: , ; | or tab [default: ,]
    #[arg(long)]
    pub(crate) delimiter: Option<Delimiter>,
    /// The country national numbers and addresses are read in [default: the campaign's]
    #[arg(long, value_name = "CODE")]
    pub(crate) country: Option<String>,
}

/// Where a list came from.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Source {
    /// The seller's own clients, present or past
    Existing,
    /// Bought from a vendor
    Purchased,
    /// Named by other clients
    Referral,
    /// From a form on the web
    Web,
}

impl Source {
    /// The word the API takes.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Existing => "existing",
            Self::Purchased => "purchased",
            Self::Referral => "referral",
            Self::Web => "web",
        }
    }
}

/// `relance list show`
#[derive(Debug, Args)]
pub(crate) struct ListShow {
    /// One list
    #[arg(value_name = "ID")]
    pub(crate) list: Option<ListId>,
    /// Only lists of this campaign
    #[arg(long, short, value_parser = values::name, conflicts_with = "list")]
    pub(crate) campaign: Option<String>,
}

/// `relance list undo`
#[derive(Debug, Args)]
pub(crate) struct ListUndo {
    /// The list
    #[arg(value_name = "ID")]
    pub(crate) list: ListId,
    /// Only say what would go and what would stay
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `relance list rejects`
#[derive(Debug, Args)]
pub(crate) struct ListRejects {
    /// The list
    #[arg(value_name = "ID")]
    pub(crate) list: ListId,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
