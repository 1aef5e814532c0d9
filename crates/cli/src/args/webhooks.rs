//! Messages that tell other systems of orders.

use clap::{ArgGroup, Args, Subcommand};
use jiff::Timestamp;
use relance_domain::MessageId;

use super::values;

/// `relance webhooks`
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  relance webhooks
  relance webhooks replay --sink provider --since 2026-11-24T00:00:00Z"
)]
pub(crate) struct Webhooks {
    /// What else to do.
    #[command(subcommand)]
    pub(crate) command: Option<WebhooksCommand>,
    /// Only of this system
    #[arg(long, value_parser = values::name)]
    pub(crate) sink: Option<String>,
    /// Only messages after this one: the cursor that the last page ended with
    #[arg(long, value_name = "ID")]
    pub(crate) after: Option<MessageId>,
    /// At most so many messages (1 to 1000) [default: 100]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) limit: Option<u16>,
}

/// `relance webhooks …`
#[derive(Debug, Subcommand)]
pub(crate) enum WebhooksCommand {
    /// Send messages again that were taken or given up, as they were
    Replay(Replay),
}

/// `relance webhooks replay`
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("which").args(["id", "since"]).required(true).multiple(true),
    after_help = "Examples:
  relance webhooks replay --id 12
  relance webhooks replay --sink provider --since 2026-11-24

Say --id or --since, or both."
)]
pub(crate) struct Replay {
    /// This message, as `relance webhooks` shows it
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<MessageId>,
    /// Those that were written at this instant or later, as in 2026-11-24T00:00:00Z; a day alone begins at midnight UTC
    #[arg(long, value_name = "INSTANT", value_parser = values::instant)]
    pub(crate) since: Option<Timestamp>,
    /// Only of this system
    #[arg(long, value_parser = values::name)]
    pub(crate) sink: Option<String>,
}
