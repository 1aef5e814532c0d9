//! Clients.

use clap::{Args, Subcommand};
use relance_domain::{ClientId, ListId};

/// `relance client …`
#[derive(Debug, Subcommand)]
pub(crate) enum Client {
    /// Show a client: numbers and names masked, leads, merges, what forbids calling
    #[command(after_help = "Examples:
  relance client show 12
  relance client show +33199001234
  relance client show \"01 99 00 12 34\" --country FR")]
    Show(ClientShow),
    /// Show the rows of lists that say of two clients that they are one
    #[command(after_help = "Examples:\n  relance client joins\n  relance client joins --list 3")]
    Joins(ClientJoins),
    /// Make one client of two who are one person; this cannot be taken back
    #[command(after_help = "Examples:
  relance client merge 12 40 --dry-run
  relance client merge 12 40

Numbers, leads and history of the second become those of the first. Two leads of one campaign become one.")]
    Merge(ClientMerge),
    /// Remove everything personal of a client; this cannot be taken back
    #[command(after_help = "Example:\n  relance client erase 12 --reason \"asked by letter, case 2026-118\"

Names, numbers, address, notes and forms go; attempts, refusals and orders stay as counts. What forbids calling stays too, as a hash: the same
person on a later list is still not called. The reason is kept: name nobody in it. Copies of the database made before still hold the person.")]
    Erase(ClientErase),
}

/// `relance client show`
#[derive(Debug, Args)]
pub(crate) struct ClientShow {
    /// The client's number in the answers, or a phone: in international form, or as written in --country
    #[arg(value_name = "ID|PHONE", allow_hyphen_values = true)]
    pub(crate) client: String,
    /// The country that a national number is read in, as in FR
    #[arg(long, value_name = "CODE")]
    pub(crate) country: Option<String>,
}

/// `relance client joins`
#[derive(Debug, Args)]
pub(crate) struct ClientJoins {
    /// Only those of this list
    #[arg(long, short, value_name = "ID")]
    pub(crate) list: Option<ListId>,
    /// At most so many, up to 1000
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: i64,
}

/// `relance client merge`
#[derive(Debug, Args)]
pub(crate) struct ClientMerge {
    /// The client who stays
    #[arg(value_name = "KEEP")]
    pub(crate) keep: ClientId,
    /// The client who becomes part of them
    #[arg(value_name = "OTHER")]
    pub(crate) other: ClientId,
    /// Only say what would become of them
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `relance client erase`
#[derive(Debug, Args)]
pub(crate) struct ClientErase {
    /// The client
    #[arg(value_name = "ID")]
    pub(crate) client: ClientId,
    /// Why, in words that name nobody
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}
