//! People who sign in.

use clap::{Args, Subcommand};
use relance_domain::user::Role;

use super::values;

/// `relance operator …`
#[derive(Debug, Subcommand)]
pub(crate) enum Operator {
    /// Add somebody and print their token, which is shown only once
    #[command(after_help = "Examples:\n  relance operator add olga\n  relance operator add marc --role manager")]
    Add(OperatorAdd),
    /// Show everybody who may sign in
    List,
    /// Lock somebody out; their personal callbacks become anybody's
    #[command(after_help = "Example:\n  relance operator disable olga")]
    Disable(OperatorName),
}

/// `relance operator add`
#[derive(Debug, Args)]
pub(crate) struct OperatorAdd {
    /// The name they are known by, as in marie.dupont
    #[arg(value_parser = values::name)]
    pub(crate) name: String,
    /// What they may do: operator, manager, supervisor, analyst or admin
    #[arg(long, default_value = "operator")]
    pub(crate) role: Role,
}

/// A user.
#[derive(Debug, Args)]
pub(crate) struct OperatorName {
    /// The name they are known by
    #[arg(value_parser = values::name)]
    pub(crate) name: String,
}
