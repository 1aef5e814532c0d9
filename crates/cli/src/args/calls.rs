//! Calling: the next lead, promises, phones that must not be called.

use clap::Args;

use super::values;

/// `relance next`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  relance next --operator olga
  relance next --operator olga --campaign bank-loan
  relance --server https://relance.example --token rl_… next

Asking again gives the same lead until its outcome is recorded.")]
pub(crate) struct Next {
    /// Who is to call; on a server, yourself unless told
    #[arg(long, short, value_parser = values::name)]
    pub(crate) operator: Option<String>,
    /// Only leads of this campaign
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: Option<String>,
}

/// `relance callbacks`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  relance callbacks\n  relance callbacks --operator olga --campaign bank-loan")]
pub(crate) struct Callbacks {
    /// Only those this operator promised, and those anybody may take
    #[arg(long, short, value_parser = values::name)]
    pub(crate) operator: Option<String>,
    /// Only those of this campaign
    #[arg(long, short, value_parser = values::name)]
    pub(crate) campaign: Option<String>,
}

/// `relance suppress`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  relance suppress +33199001234
  relance suppress \"01 99 00 12 34\" --country FR --seller \"Fibre West\" --reason \"wrote a letter\"")]
pub(crate) struct Suppress {
    /// The phone, in international form or as written in --country
    #[arg(value_name = "PHONE", allow_hyphen_values = true)]
    pub(crate) phone: String,
    /// The country that a national number is read in, as in FR
    #[arg(long, value_name = "CODE")]
    pub(crate) country: Option<String>,
    /// Only on behalf of this seller [default: every seller]
    #[arg(long)]
    pub(crate) seller: Option<String>,
    /// Why
    #[arg(long, default_value = "asked not to be called")]
    pub(crate) reason: String,
}
