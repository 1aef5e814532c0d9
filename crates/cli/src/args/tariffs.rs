//! Tariffs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::questions::Format;
use super::values;

/// `relance tariff …`
#[derive(Debug, Subcommand)]
pub(crate) enum Tariff {
    /// Check a tariff file against its campaigns; nothing is stored
    #[command(after_help = "Example:\n  relance tariff check campaigns/fibre-winback/tariffs/fibre-25.toml")]
    Check(TariffFile),
    /// Say who would come back, who is held back until when, and what that may bring; nothing is stored
    #[command(after_help = "Examples:
  relance tariff preview campaigns/fibre-winback/tariffs/fibre-25.toml
  relance tariff preview fibre-25")]
    Preview(FileOrTariff),
    /// Show which price would bring back how many of a campaign
    #[command(after_help = "Examples:
  relance tariff curve --campaign fibre-winback
  relance tariff curve --campaign fibre-winback --tariff fibre-25 --svg curve.svg")]
    Curve(Curve),
    /// Offer a tariff from now on, or from its first day on, and put back the people whose refusal it answers
    #[command(after_help = "Examples:
  relance tariff publish campaigns/fibre-winback/tariffs/fibre-25.toml
  relance tariff publish fibre-25

Publishing again puts nobody back twice; a publication that was cut off goes on. A tariff whose valid_from is to come is
published by itself on that day, wherever `relance serve` runs.")]
    Publish(FileOrTariff),
    /// No longer offer a tariff, and take back the leads that it put back and that nobody has called
    #[command(alias = "retire", after_help = "Example:\n  relance tariff withdraw fibre-25")]
    Withdraw(TariffName),
    /// Show a tariff, its versions and what it cost when
    #[command(after_help = "Example:\n  relance tariff show fibre-25")]
    Show(TariffName),
    /// Say what a tariff brought: reopenings, outcomes, orders and revenue by reason and operator, and the difference it made
    #[command(after_help = "Examples:
  relance tariff report fibre-25
  relance tariff report fibre-25 --format csv > fibre-25.csv")]
    Report(TariffReport),
    /// Show every tariff
    List,
}

/// A tariff file.
#[derive(Debug, Args)]
pub(crate) struct TariffFile {
    /// The tariff's TOML file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// A tariff file, or a tariff that is stored.
#[derive(Debug, Args)]
pub(crate) struct FileOrTariff {
    /// The tariff's TOML file, or the short name of a stored tariff
    #[arg(value_name = "FILE|NAME", value_parser = values::name)]
    pub(crate) tariff: String,
}

/// A report on a stored tariff.
#[derive(Debug, Args)]
pub(crate) struct TariffReport {
    /// The tariff's short name
    #[arg(value_name = "NAME", value_parser = values::name)]
    pub(crate) tariff: String,
    /// How to print it
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
}

/// Whose curve, and where to.
#[derive(Debug, Args)]
pub(crate) struct Curve {
    /// The campaign's short name
    #[arg(long, value_name = "CAMPAIGN", value_parser = values::name)]
    pub(crate) campaign: String,
    /// A stored tariff whose currency, rates and places are meant; otherwise the campaign's currency, everywhere
    #[arg(long, value_name = "NAME", value_parser = values::name)]
    pub(crate) tariff: Option<String>,
    /// Write the curve as a picture to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

/// A stored tariff.
#[derive(Debug, Args)]
pub(crate) struct TariffName {
    /// The tariff's short name
    #[arg(value_name = "NAME", value_parser = values::name)]
    pub(crate) tariff: String,
}
