//! Questions: why, the funnel, outcomes, the report.

use std::str::FromStr;

use clap::{ArgGroup, Args, ValueEnum};
use jiff::Timestamp;
use relance_domain::{AssignmentId, AttemptId, LeadId, ListId};

use super::values;

/// Below the help of `relance verify`.
pub(crate) const VERIFY_HELP: &str =
    "Reads the ledger as of one moment, while hand-outs go on, and decides every hand-out once more by the
rules and the facts of its instant. Each row that breaks a promise is named with its table, its key
and the promise; what cannot be judged any more is counted with its reason.

Exit codes: 0 every promise holds, 5 rows break one, 1 it could not be verified.

Examples:
  relance verify
  relance --json verify | jq .violations";

/// `relance why`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  relance why +33199001234
  relance why \"01 99 00 12 34\" --country FR
  relance why lead:12
  relance why assignment:3")]
#[command(group = ArgGroup::new("whom").required(true).args(["about", "lead", "assignment", "phone"]))]
pub(crate) struct Why {
    /// A phone, lead:ID or assignment:ID
    #[arg(value_name = "PHONE|lead:ID|assignment:ID", allow_hyphen_values = true)]
    pub(crate) about: Option<About>,
    /// A lead
    #[arg(long, value_name = "ID")]
    pub(crate) lead: Option<LeadId>,
    /// An assignment
    #[arg(long, value_name = "ID")]
    pub(crate) assignment: Option<AssignmentId>,
    /// A phone, in international form or as written in --country
    #[arg(long)]
    pub(crate) phone: Option<String>,
    /// The country that a national number is read in, as in FR
    #[arg(long, value_name = "CODE", conflicts_with_all = ["lead", "assignment"])]
    pub(crate) country: Option<String>,
}

/// Whom a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum About {
    /// `lead:12`
    Lead(LeadId),
    /// `assignment:3`
    Assignment(AssignmentId),
    /// Anything else.
    Phone(String),
}

impl FromStr for About {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |what: &str, id: &str| {
            id.parse().map_err(|_| format!("{id:?} is not the number of a {what}: write {what}:12"))
        };
        match text.trim().split_once(':') {
            Some(("lead", id)) => number("lead", id).map(|id| Self::Lead(LeadId(id))),
            Some(("assignment", id)) => number("assignment", id).map(|id| Self::Assignment(AssignmentId(id))),
            Some((what, _)) => Err(format!("{what:?} is unknown: write a phone, lead:ID or assignment:ID")),
            None => Ok(Self::Phone(text.to_owned())),
        }
    }
}

/// `relance queue`
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  relance queue fibre-winback")]
pub(crate) struct Queue {
    /// The campaign
    #[arg(value_parser = values::name)]
    pub(crate) campaign: String,
}

/// `relance report`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  relance report fibre-winback\n  relance report fibre-winback --json")]
pub(crate) struct Report {
    /// The campaign
    #[arg(value_parser = values::name)]
    pub(crate) campaign: String,
}

/// `relance outcomes`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  relance outcomes --campaign fibre-winback --reason price
  relance outcomes --operator olga --since 2026-11-23T00:00:00+01:00
  relance outcomes --campaign bank-loan --format csv > outcomes.csv

Oldest first. CSV always holds every row that fits.")]
pub(crate) struct Outcomes {
    /// Of this campaign
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: Option<String>,
    /// Of this list
    #[arg(long, value_name = "ID")]
    pub(crate) list: Option<ListId>,
    /// By this operator
    #[arg(long, short, value_parser = values::name)]
    pub(crate) operator: Option<String>,
    /// With this disposition
    #[arg(long)]
    pub(crate) disposition: Option<String>,
    /// With this refusal reason
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// Where this tariff was offered, ordered or had reopened the lead
    #[arg(long)]
    pub(crate) tariff: Option<String>,
    /// Recorded at or after, as in 2026-11-23T00:00:00+01:00; a day alone begins at midnight UTC
    #[arg(long, value_name = "INSTANT", value_parser = values::instant)]
    pub(crate) since: Option<Timestamp>,
    /// Recorded before, written alike
    #[arg(long, value_name = "INSTANT", value_parser = values::instant)]
    pub(crate) until: Option<Timestamp>,
    /// How to print them; --json is short for --format json [default: table]
    #[arg(long)]
    pub(crate) format: Option<Format>,
    /// Every row that fits, not only the first page
    #[arg(long)]
    pub(crate) all: bool,
    /// Only those after this attempt: the cursor that the last page ended with
    #[arg(long, value_name = "ATTEMPT")]
    pub(crate) after: Option<AttemptId>,
    /// At most so many rows (1 to 1000) [default: 100]
    #[arg(long, value_name = "ROWS", conflicts_with = "all", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) limit: Option<u16>,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For spreadsheets; every row
    Csv,
    /// For programs
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_about_a_phone_unless_it_says_otherwise() {
        assert_eq!("lead:12".parse(), Ok(About::Lead(LeadId(12))));
        assert_eq!("assignment:3".parse(), Ok(About::Assignment(AssignmentId(3))));
        assert_eq!("+1 949-555-0122".parse(), Ok(About::Phone("+1 949-555-0122".into())));
        assert!("lead:x".parse::<About>().is_err() && "client:1".parse::<About>().is_err());
    }
}
