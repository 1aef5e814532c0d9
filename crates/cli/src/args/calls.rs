//! Calling: the next lead, promises.

use clap::Args;

use super::values;

/// `relance next`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  relance next --operator olga
  relance next --operator olga --campaign bank-loan
  relance next --operator olga --wait 30s
  relance --server https://relance.example --token rl_… next

Asking again gives the same lead until its outcome is recorded.")]
pub(crate) struct Next {
    /// Who is to call; on a server, yourself unless told
    #[arg(long, short, value_parser = values::name)]
    pub(crate) operator: Option<String>,
    /// Only leads of this campaign
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: Option<String>,
    /// Where nobody is callable, wait so long for somebody, at most a minute
    #[arg(long, short, value_name = "SECONDS", value_parser = values::wait_s, default_value = "0s")]
    pub(crate) wait: u32,
}

/// `relance callbacks`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  relance callbacks\n  relance callbacks --operator olga --campaign bank-loan\n  relance callbacks --overdue"
)]
pub(crate) struct Callbacks {
    /// Only those this operator promised, and those anybody may take
    #[arg(long, short, value_parser = values::name)]
    pub(crate) operator: Option<String>,
    /// Only those of this campaign
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: Option<String>,
    /// Only those that may be kept by now, the longest overdue first
    #[arg(long)]
    pub(crate) overdue: bool,
}
