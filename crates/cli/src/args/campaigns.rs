//! Campaigns.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::values;

/// `relance campaign …`
#[derive(Debug, Subcommand)]
pub(crate) enum Campaign {
    /// Run every check over a campaign folder; nothing is stored
    #[command(
        after_help = "Example:\n  relance campaign check campaigns/fibre-winback\n\nExits with 1 when there are problems."
    )]
    Check(CampaignFolder),
    /// Show what applying a campaign folder would change
    #[command(after_help = "Example:\n  relance campaign plan campaigns/fibre-winback")]
    Plan(CampaignFolder),
    /// Make a campaign folder the present version of its campaign; its tariffs become drafts
    #[command(after_help = "Example:\n  relance campaign apply campaigns/fibre-winback")]
    Apply(CampaignFolder),
    /// Begin to call
    #[command(after_help = "Example:\n  relance campaign start fibre-winback")]
    Start(CampaignName),
    /// Stop calling for a while
    #[command(after_help = "Example:\n  relance campaign pause fibre-winback")]
    Pause(CampaignName),
    /// Go on calling
    #[command(after_help = "Example:\n  relance campaign resume fibre-winback")]
    Resume(CampaignName),
    /// End a campaign for good
    #[command(after_help = "Example:\n  relance campaign finish fibre-winback")]
    Finish(CampaignName),
    /// Show every campaign
    #[command(after_help = "Example:\n  relance campaign list --json")]
    List,
    /// Show a campaign and what it is made of
    #[command(after_help = "Example:\n  relance campaign show fibre-winback")]
    Show(CampaignName),
}

/// A campaign folder.
#[derive(Debug, Args)]
pub(crate) struct CampaignFolder {
    /// The folder that holds campaign.toml, and perhaps tariffs/*.toml and clients.csv
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

/// A campaign.
#[derive(Debug, Args)]
pub(crate) struct CampaignName {
    /// The campaign's short name
    #[arg(value_name = "CAMPAIGN", value_parser = values::name)]
    pub(crate) campaign: String,
}
