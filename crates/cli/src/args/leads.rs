//! Leads.

use clap::{ArgGroup, Args, Subcommand};
use relance_domain::LeadId;

use super::values;

/// `relance lead …`
#[derive(Debug, Subcommand)]
pub(crate) enum Lead {
    /// Keep a lead for one operator, from its next hand-out on
    #[command(after_help = "Examples:
  relance lead reserve 12 --operator olga
  relance lead reserve 12 --anybody")]
    Reserve(LeadReserve),
}

/// `relance lead reserve`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("whom").required(true))]
pub(crate) struct LeadReserve {
    /// The lead, as `relance next` and `relance why` show it
    #[arg(value_name = "LEAD")]
    pub(crate) lead: LeadId,
    /// The only operator who receives it
    #[arg(long, short, value_name = "NAME", value_parser = values::name, group = "whom")]
    pub(crate) operator: Option<String>,
    /// It is kept for nobody in particular any more
    #[arg(long, group = "whom")]
    pub(crate) anybody: bool,
}
