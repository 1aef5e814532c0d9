//! People who sign in.

use clap::{Args, Subcommand};
use relance_domain::user::Role;

use super::values;
use crate::callback_time::CallbackTime;

/// `relance operator …`
#[derive(Debug, Subcommand)]
pub(crate) enum Operator {
    /// Add somebody and print their token, which is shown only once
    #[command(after_help = "Examples:
  relance operator add olga
  relance operator add paul --skill loans --language fr --language nl
  relance operator add marc --role manager")]
    Add(OperatorAdd),
    /// Show everybody who may sign in
    List,
    /// Say anew what somebody can do: which leads they receive from now on
    #[command(after_help = "Examples:
  relance operator set olga --skill loans --skill cards
  relance operator set olga --language fr --no-skills

What is given replaces what was there; skills stay where none are given, and so do languages.")]
    Set(OperatorSet),
    /// Lock somebody out; their personal callbacks become anybody's
    #[command(after_help = "Example:\n  relance operator disable olga")]
    Disable(OperatorName),
    /// Say that somebody is away; what they promised for meanwhile is anybody's
    #[command(after_help = "Examples:
  relance operator away olga --until \"2026-12-01 09:00\"
  relance operator away olga --from +1d --until +8d

A time without a zone is of this machine's own.")]
    Away(OperatorAway),
    /// Say that somebody is back
    #[command(after_help = "Example:\n  relance operator back olga")]
    Back(OperatorName),
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
    /// A skill that campaigns ask for, as in loans. May be said again
    #[arg(long = "skill", value_name = "SKILL")]
    pub(crate) skills: Vec<String>,
    /// A language they speak, by its two letters, as in fr. May be said again
    #[arg(long = "language", value_name = "CODE")]
    pub(crate) languages: Vec<String>,
}

/// `relance operator set`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(crate) struct OperatorSet {
    /// The name they are known by
    #[arg(value_parser = values::name)]
    pub(crate) name: String,
    /// A skill that campaigns ask for, instead of those they had. May be said again
    #[arg(long = "skill", value_name = "SKILL", group = "what")]
    pub(crate) skills: Vec<String>,
    /// They have no skills
    #[arg(long, conflicts_with = "skills", group = "what")]
    pub(crate) no_skills: bool,
    /// A language they speak, instead of those they spoke. May be said again
    #[arg(long = "language", value_name = "CODE", group = "what")]
    pub(crate) languages: Vec<String>,
    /// They speak no language but that of the campaign
    #[arg(long, conflicts_with = "languages", group = "what")]
    pub(crate) no_languages: bool,
}

/// `relance operator away`
#[derive(Debug, Args)]
pub(crate) struct OperatorAway {
    /// The name they are known by
    #[arg(value_parser = values::name)]
    pub(crate) name: String,
    /// From when, as in "2026-11-24 15:00", 2026-11-24T15:00:00+01:00 or +2h [default: now]
    #[arg(long, value_name = "WHEN")]
    pub(crate) from: Option<CallbackTime>,
    /// Until when, written alike
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: CallbackTime,
}

/// A user.
#[derive(Debug, Args)]
pub(crate) struct OperatorName {
    /// The name they are known by
    #[arg(value_parser = values::name)]
    pub(crate) name: String,
}
