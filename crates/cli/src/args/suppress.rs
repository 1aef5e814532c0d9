//! Phones that must not be called.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use relance_lists::{Delimiter, Encoding};

use super::values;

/// `relance suppress`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:
  relance suppress +33199001234
  relance suppress \"01 99 00 12 34\" --country FR --seller \"Fibre West\" --reason \"wrote a letter\"
  relance suppress +33199001234 --campaign fibre-winback
  relance suppress load bloctel.csv --register bloctel --as-of 2026-11-01 --country FR
  relance suppress registers
  relance suppress rotate-key")]
pub(crate) struct Suppress {
    /// Registers or keys instead of one phone.
    #[command(subcommand)]
    pub(crate) many: Option<Suppressions>,
    /// The phone, in international form or as written in --country
    #[arg(value_name = "PHONE", allow_hyphen_values = true, required = true)]
    pub(crate) phone: Option<String>,
    /// The country that a national number is read in, as in FR
    #[arg(long, value_name = "CODE")]
    pub(crate) country: Option<String>,
    /// Only on behalf of this seller [default: every seller]
    #[arg(long, conflicts_with = "campaign")]
    pub(crate) seller: Option<String>,
    /// Only in this campaign [default: every campaign]
    #[arg(long, short, value_name = "NAME", value_parser = values::name)]
    pub(crate) campaign: Option<String>,
    /// Why
    #[arg(long, default_value = "asked not to be called")]
    pub(crate) reason: String,
}

/// Do-not-call registers, and the key that every suppressed number is hashed with.
#[derive(Debug, Subcommand)]
pub(crate) enum Suppressions {
    /// Load a file of a do-not-call register: it replaces the register's older file
    #[command(after_help = "Examples:
  relance suppress load bloctel.csv --register bloctel --as-of 2026-11-01 --country FR
  relance suppress load objections.xlsx --register objections --as-of 2026-11-01 --campaign fibre-winback --map 'Numer=phone'

The numbers suppress from the first one on; until the file is whole, those of the older file stay.
Exits with 3 when rows held no number.")]
    Load(Box<RegisterLoad>),
    /// Show the do-not-call registers and how old they are
    Registers,
    /// Hash every suppressed number with the newest key of the key file
    #[command(
        after_help = "Append a key to the key file of every node and start them again before: `relance doctor` tells the file,
and `openssl rand -hex 32` makes a key. From the first step on, nodes without the new key refuse to look numbers up. Suppressions hold at
every moment; a rotation that was cut off goes on when it is asked for again. Old keys stay in the file."
    )]
    RotateKey,
}

/// `relance suppress load`
#[derive(Debug, Args)]
pub(crate) struct RegisterLoad {
    /// The file: CSV in any dialect and encoding, a workbook (xlsx, xls, ods), or a zip archive of one
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The register's name, as in bloctel
    #[arg(long, short, value_name = "NAME", value_parser = values::name)]
    pub(crate) register: String,
    /// The day that the file tells of, as in 2026-11-01
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    pub(crate) as_of: Date,
    /// The country national numbers are read in [default: the campaign's]
    #[arg(long, value_name = "CODE", required_unless_present = "campaign")]
    pub(crate) country: Option<String>,
    /// Only on behalf of this seller [default: every seller]
    #[arg(long, conflicts_with = "campaign")]
    pub(crate) seller: Option<String>,
    /// Only in this campaign [default: every campaign]
    #[arg(long, short, value_name = "NAME", value_parser = values::name)]
    pub(crate) campaign: Option<String>,
    /// Which column feeds which field, as in 'Numer=phone'
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = values::mapped)]
    pub(crate) map: Vec<(String, String)>,
    /// The phone column is right though few of its cells are numbers
    #[arg(long)]
    pub(crate) trust_phones: bool,
    /// The encoding of its text, as in windows-1252
    #[arg(long, help_heading = "How the file is read")]
    pub(crate) encoding: Option<Encoding>,
    /// What stands between two cells: , ; | or tab
    #[arg(long, help_heading = "How the file is read")]
    pub(crate) delimiter: Option<Delimiter>,
    /// The line of the header, or none where the first record is a number
    #[arg(long, value_name = "LINE", help_heading = "How the file is read")]
    pub(crate) header: Option<String>,
    /// The sheet of a workbook
    #[arg(long, value_name = "NAME", help_heading = "How the file is read")]
    pub(crate) sheet: Option<String>,
}
