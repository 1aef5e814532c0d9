//! Recording an outcome.

use clap::Args;
use jiff::civil::Date;
use relance_domain::AssignmentId;
use relance_domain::definition::FeatureValue;

use super::values;
use crate::callback_time::CallbackTime;
use crate::visit_day::VisitDay;

/// `relance outcome`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  relance outcome no_answer --operator olga
  relance outcome refused --operator olga --reason price --price-ceiling 30.00 --want speed_mbps=500
  relance outcome refused --operator olga --reason later --call-after 2027-05-24
  relance outcome call_back --operator olga --callback-at \"2026-11-24 15:00\" --personal
  relance outcome call_back --operator olga --callback-at +2h
  relance outcome ordered --operator olga --tariff fibre-25 --field street=\"1 Main Street\" \
      --appointment +3d --window 08:00-12:00 --told be_at_home --told identity_paper --told never_cash

The dispositions, reasons, features and order fields are the campaign's: `relance next` shows them.
An order is what `relance order draft` kept for the call that is open, with what is given here; with --assignment, what is given
here alone.")]
pub(crate) struct Outcome {
    /// What happened: a disposition of the campaign
    #[arg(value_name = "DISPOSITION")]
    pub(crate) disposition: String,
    /// Who called; on a server, yourself unless told
    #[arg(long, short, value_parser = values::name)]
    pub(crate) operator: Option<String>,
    /// The assignment [default: the one the operator holds]
    #[arg(long, value_name = "ID", requires = "assignment_token")]
    pub(crate) assignment: Option<AssignmentId>,
    /// The assignment's token, as `relance next` shows it
    #[arg(long, value_name = "TOKEN", requires = "assignment")]
    pub(crate) assignment_token: Option<String>,
    /// Anything worth knowing next time
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// How long the call was, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) duration_s: Option<u32>,
    /// Of a refusal.
    #[command(flatten)]
    pub(crate) refusal: Refusal,
    /// Of a promise.
    #[command(flatten)]
    pub(crate) callback: Promise,
    /// Of an order.
    #[command(flatten)]
    pub(crate) order: Order,
}

/// Why the client refused and what would change it.
#[derive(Debug, Args)]
#[command(next_help_heading = "For a refusal")]
pub(crate) struct Refusal {
    /// A refusal reason of the campaign
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// The most the client would pay, as in 30.00
    #[arg(long, alias = "ceiling", value_name = "AMOUNT", allow_negative_numbers = true, requires = "reason")]
    pub(crate) price_ceiling: Option<String>,
    /// The longest commitment the client would take, in months; 0 for none at all
    #[arg(long, value_name = "MONTHS", requires = "reason")]
    pub(crate) max_months: Option<u32>,
    /// A feature the client would want, as in speed_mbps=500 or tv; may be repeated
    #[arg(long, value_name = "FEATURE[=AMOUNT]", value_parser = values::wanted, requires = "reason")]
    pub(crate) want: Vec<(String, FeatureValue)>,
    /// The postcode at which the client would take it, where that is not their address
    #[arg(long, value_name = "POSTCODE", requires = "reason")]
    pub(crate) coverage: Option<String>,
    /// Who the client stays with
    #[arg(long, requires = "reason")]
    pub(crate) competitor: Option<String>,
    /// What the client pays there, as in 27.90
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true, requires = "reason")]
    pub(crate) competitor_price: Option<String>,
    /// When the client's present contract ends, as in 2027-01-31
    #[arg(long, value_name = "DATE", value_parser = values::day, requires = "reason")]
    pub(crate) contract_end: Option<Date>,
    /// The day from which the client wants to be called again, as in 2027-05-24
    #[arg(long, value_name = "DATE", value_parser = values::day, requires = "reason")]
    pub(crate) call_after: Option<Date>,
    /// The tariff that was offered
    #[arg(long, value_name = "TARIFF", requires = "reason")]
    pub(crate) tariff_offered: Option<String>,
}

/// A promise to call back.
#[derive(Debug, Args)]
#[command(next_help_heading = "For a promise to call back")]
pub(crate) struct Promise {
    /// When: in the client's own time ("2026-11-24 15:00"), RFC 3339, or from now (+2h, +1d)
    #[arg(long, value_name = "WHEN")]
    pub(crate) callback_at: Option<CallbackTime>,
    /// The same operator should call
    #[arg(long, requires = "callback_at")]
    pub(crate) personal: bool,
}

/// What the client accepted.
#[derive(Debug, Args)]
#[command(next_help_heading = "For an order")]
pub(crate) struct Order {
    /// The tariff that was ordered
    #[arg(long)]
    pub(crate) tariff: Option<String>,
    /// A field of the order form; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::field)]
    pub(crate) field: Vec<(String, String)>,
    /// The day of the visit: 2026-11-28, or +3d for three days from today
    #[arg(long, value_name = "DAY")]
    pub(crate) appointment: Option<VisitDay>,
    /// The part of that day, as in 08:00-12:00
    #[arg(long)]
    pub(crate) window: Option<String>,
    /// What the technician brings; may be repeated
    #[arg(long)]
    pub(crate) material: Vec<String>,
    /// What is paid on the spot, as in 29.00
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub(crate) amount_due: Option<String>,
    /// What the client was told, by its code; may be repeated
    #[arg(long, value_name = "CODE")]
    pub(crate) told: Vec<String>,
    /// The client's new account number
    #[arg(long, value_name = "NUMBER")]
    pub(crate) account: Option<String>,
}
