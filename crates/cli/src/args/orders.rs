//! Orders.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use relance_domain::OrderId;

use super::questions::Format;
use super::{outcome, values};

/// `relance orders`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  relance orders --campaign fibre-winback --state placed
  relance orders --campaign fibre-winback --format csv --form > orders.csv

The list holds no names; `relance order show` shows an order with its form.")]
pub(crate) struct Orders {
    /// Only of this campaign
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: Option<String>,
    /// Only those that are placed, verified, fulfilled or cancelled
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Only of this tariff
    #[arg(long)]
    pub(crate) tariff: Option<String>,
    /// Only those that this operator placed
    #[arg(long, short, value_parser = values::name)]
    pub(crate) operator: Option<String>,
    /// Placed at this instant or later, as in 2026-11-24T00:00:00+01:00; a day alone begins at midnight UTC
    #[arg(long, value_name = "INSTANT", value_parser = values::instant)]
    pub(crate) since: Option<Timestamp>,
    /// Placed before this instant, written alike
    #[arg(long, value_name = "INSTANT", value_parser = values::instant)]
    pub(crate) until: Option<Timestamp>,
    /// Only those after this one: the cursor that the last page ended with
    #[arg(long, value_name = "ID")]
    pub(crate) after: Option<OrderId>,
    /// At most so many rows (1 to 1000) [default: 100]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) limit: Option<u16>,
    /// As a table, JSON, or CSV with every order [default: table, or json with --json]
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// With the forms: for CSV of one campaign
    #[arg(long, requires = "campaign")]
    pub(crate) form: bool,
}

/// `relance order …`
#[derive(Debug, Subcommand)]
pub(crate) enum Order {
    /// Keep what was typed into the form so far, or show it
    #[command(after_help = "Examples:
  relance order draft --operator olga --tariff fibre-25 --field city=Lyon
  relance order draft --operator olga

What is given is added to what is kept. `relance outcome` places the order with what it is given itself.")]
    Draft(Draft),
    /// Show an order with its form and everything that happened to it
    #[command(after_help = "Example:\n  relance order show FW-2026-000001")]
    Show(One),
    /// Say that a second person found an order right
    #[command(
        after_help = "Example:\n  relance order verify FW-2026-000001\n\nNever by whoever placed it or corrected it last."
    )]
    Verify(One),
    /// Say that the client has what they ordered
    #[command(after_help = "Example:\n  relance order fulfil FW-2026-000001")]
    Fulfil(One),
    /// Cancel an order for a reason of its campaign
    #[command(
        after_help = "Example:\n  relance order cancel FW-2026-000001 --reason changed_mind --note \"found a cheaper one\""
    )]
    Cancel(Cancel),
    /// Correct an order; what was there before is kept
    #[command(after_help = "Example:
  relance order correct FW-2026-000001 --field \"street=14 Palm Drive\" --why \"the client spelled it again\"

A verified order waits for verification again.")]
    Correct(Correct),
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

/// Which order is meant.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// The order's number, or its key as `relance orders` shows it
    #[arg(value_name = "ORDER")]
    pub(crate) order: String,
    /// The campaign, where several have an order of this number
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: Option<String>,
}

/// `relance order cancel`
#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// Which one.
    #[command(flatten)]
    pub(crate) one: One,
    /// A cancel reason of the campaign
    #[arg(long)]
    pub(crate) reason: String,
    /// Anything worth knowing for whoever calls the person next
    #[arg(long)]
    pub(crate) note: Option<String>,
}

/// `relance order correct`
#[derive(Debug, Args)]
pub(crate) struct Correct {
    /// Which one.
    #[command(flatten)]
    pub(crate) one: One,
    /// Why
    #[arg(long)]
    pub(crate) why: String,
    /// A field of the form; an empty value empties it; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::field)]
    pub(crate) field: Vec<(String, String)>,
    /// Another day of the visit: 2026-11-28, or +3d; what is not said of the visit stays
    #[arg(long, value_name = "DAY", requires = "window")]
    pub(crate) appointment: Option<crate::visit_day::VisitDay>,
    /// The part of that day
    #[arg(long, requires = "appointment")]
    pub(crate) window: Option<String>,
    /// What the technician brings; may be repeated
    #[arg(long, requires = "appointment")]
    pub(crate) material: Vec<String>,
    /// What is paid on the spot
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true, requires = "appointment")]
    pub(crate) amount_due: Option<String>,
    /// Another account number
    #[arg(long, value_name = "NUMBER")]
    pub(crate) account: Option<String>,
}
