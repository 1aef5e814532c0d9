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
    #[command(after_help = "Examples:
  relance list check bought.csv --country FR
  relance list check clients.xlsx --campaign bank-loan --sheet Clients --header 3
  relance list check bought.csv --country PL --map 'Numer=phone' --map 'Miasto=city'
  relance list check old.csv --country FR --encoding cp850

Exits with 3 when rows would be rejected, or something is to be decided first.")]
    Check(Box<ListCheck>),
    /// Load a file: all of it or nothing
    #[command(after_help = "Examples:
  relance list load clients.csv --campaign bank-loan --name \"Spring\" --source existing
  relance list load bought.csv --campaign fibre-winback --name \"Vendor 7\" --source purchased \\
      --vendor \"Data GmbH\" --cost 1200.00 --licence-until 2027-03-31 --consent-basis \"opt-in form\" \\
      --country FR --map 'Numer=phone'

Exits with 3 when rows were rejected: see `relance list rejects`.")]
    Load(Box<ListLoad>),
    /// Show the lists that were loaded, or one of them
    #[command(after_help = "Examples:\n  relance list show\n  relance list show 3")]
    Show(ListShow),
    /// Take a list back: its leads that were never handed out, and the clients nobody else needs
    #[command(after_help = "Examples:\n  relance list undo 3 --dry-run\n  relance list undo 3")]
    Undo(ListUndo),
    /// Show the lists that campaigns pull by themselves
    #[command(after_help = "Examples:\n  relance list pulls\n  relance list pulls --campaign fibre-winback")]
    Pulls(ListPulls),
    /// Pull a list now that a campaign declares, from the client base or another database; nobody new makes no list
    #[command(after_help = "Examples:
  relance list pull fibre-winback left-and-paying-much --dry-run
  relance list pull fibre-winback left-and-paying-much

Exits with 3 when rows were rejected.")]
    Pull(ListPull),
    /// Say how a campaign's lists share its queue
    #[command(after_help = "Examples:
  relance list mix fibre-winback 1=70 2=30
  relance list mix fibre-winback 3=0

Shares stand to each other as the leads handed out do. A list with 0 is handed out no more; one that is not named
keeps its share, and one that never had any has 1.")]
    Mix(ListMix),
    /// Write the rows that made no lead as CSV, to be mended and loaded again
    #[command(after_help = "Example:\n  relance list rejects 3 --out rejects.csv")]
    Rejects(ListRejects),
}

/// `relance list check`
#[derive(Debug, Args)]
pub(crate) struct ListCheck {
    #[command(flatten)]
    pub(crate) file: ListFile,
    /// The campaign it is for; without one, only what the file alone tells
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: Option<String>,
    /// Where it came from
    #[arg(long, short)]
    pub(crate) source: Option<Source>,
}

/// `relance list load`
#[derive(Debug, Args)]
pub(crate) struct ListLoad {
    #[command(flatten)]
    pub(crate) file: ListFile,
    /// The campaign it is for
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: String,
    /// Where it came from
    #[arg(long, short)]
    pub(crate) source: Source,
}

/// A file, what it is, and how it is to be read: what is not said of the file is found out.
#[derive(Debug, Args)]
pub(crate) struct ListFile {
    /// The file: CSV in any dialect and encoding, a workbook (xlsx, xlsb, xls, ods), or a zip archive of one
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The name people will read [default: the file's name]
    #[arg(long, short)]
    pub(crate) name: Option<String>,
    /// Who sold it; needed when it was purchased
    #[arg(long)]
    pub(crate) vendor: Option<String>,
    /// What it cost, in the campaign's currency, as in 1200.00
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) cost: Option<String>,
    /// The day it was bought, as in 2026-11-23
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    pub(crate) purchased_on: Option<Date>,
    /// The last day on which it may be used, as in 2027-03-31
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    pub(crate) licence_until: Option<Date>,
    /// The contract it was bought under
    #[arg(long, value_name = "TEXT")]
    pub(crate) contract: Option<String>,
    /// Why its people may be called; needed when it was purchased
    #[arg(long, value_name = "TEXT")]
    pub(crate) consent_basis: Option<String>,
    /// What its people are to the seller besides consent
    #[arg(long, value_enum, default_value = "none")]
    pub(crate) relationship: Tie,
    /// What it may change about people who are known
    #[arg(long, value_enum, default_value = "fill-gaps")]
    pub(crate) update: Update,
    /// The country national numbers and addresses are read in [default: the campaign's]
    #[arg(long, value_name = "CODE")]
    pub(crate) country: Option<String>,
    /// Which column feeds which field, as in 'Numer=phone'; 'Notes=-' keeps it as it is. May be said again
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = values::mapped)]
    pub(crate) map: Vec<(String, String)>,
    /// The phone column is right though few of its cells are numbers
    #[arg(long)]
    pub(crate) trust_phones: bool,
    /// The encoding of its text, as in windows-1252
    #[arg(long, help_heading = "How the file is read")]
    pub(crate) encoding: Option<Encoding>,
    /// Rows that are not text in its encoding are read in this one
    #[arg(long, value_name = "ENCODING", help_heading = "How the file is read")]
    pub(crate) other_encoding: Option<Encoding>,
    /// What stands between two cells: , ; | or tab
    #[arg(long, help_heading = "How the file is read")]
    pub(crate) delimiter: Option<Delimiter>,
    /// The line of the header, as in 3; or `none` where the first record is a client
    #[arg(long, value_name = "LINE", help_heading = "How the file is read")]
    pub(crate) header: Option<String>,
    /// The sheet of a workbook
    #[arg(long, value_name = "NAME", help_heading = "How the file is read")]
    pub(crate) sheet: Option<String>,
    /// A mend that is not done unless asked for. May be said again
    #[arg(long, value_enum, help_heading = "How the file is read")]
    pub(crate) repair: Vec<Mend>,
}

/// What a list may change about people who are known.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Update {
    /// What is not known yet is filled in
    FillGaps,
    /// What the list says goes before what is known
    Overwrite,
    /// Nothing
    Keep,
}

impl Update {
    /// The word the API takes.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::FillGaps => "fill_gaps",
            Self::Overwrite => "overwrite",
            Self::Keep => "keep",
        }
    }
}

/// A mend that is not done unless asked for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Mend {
    /// Text that was encoded twice
    EncodedTwice,
    /// A letter O among the digits of a number
    LetterO,
}

impl Mend {
    /// The word the API takes.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::EncodedTwice => "encoded-twice",
            Self::LetterO => "letter-o",
        }
    }
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

/// What the people of a list are to the seller besides consent.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Tie {
    /// Nothing
    None,
    /// They have a contract with the seller, and what is offered relates to it
    Contract,
    /// They had one
    FormerContract,
}

impl Tie {
    /// The word the API takes.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Contract => "contract",
            Self::FormerContract => "former_contract",
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

/// `relance list pulls`
#[derive(Debug, Args)]
pub(crate) struct ListPulls {
    /// Only those of this campaign
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: Option<String>,
}

/// `relance list pull`
#[derive(Debug, Args)]
pub(crate) struct ListPull {
    /// The campaign
    #[arg(value_name = "CAMPAIGN", value_parser = values::name)]
    pub(crate) campaign: String,
    /// The pull, by its name in the campaign
    #[arg(value_name = "NAME", value_parser = values::name)]
    pub(crate) pull: String,
    /// Only say what it would do
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `relance list mix`
#[derive(Debug, Args)]
pub(crate) struct ListMix {
    /// The campaign
    #[arg(value_name = "CAMPAIGN", value_parser = values::name)]
    pub(crate) campaign: String,
    /// A list and its share, from 0 to 10000
    #[arg(value_name = "LIST=SHARE", required = true, value_parser = values::share)]
    pub(crate) shares: Vec<(ListId, u32)>,
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
