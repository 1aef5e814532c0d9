//! Campaigns as they are stored.

use jiff::Timestamp;
use relance_domain::campaign::state::CampaignState;
use relance_domain::{CampaignId, LaneId, ZoneName};
use serde::{Deserialize, Serialize};

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Campaign {
    /// Key.
    pub id: CampaignId,
    /// Short name.
    pub campaign: String,
    /// The name people read.
    pub name: String,
    /// On whose behalf it calls.
    pub seller: String,
    /// Where it stands.
    pub state: CampaignState,
    /// The present version of its definition.
    pub version: i64,
    /// Since when.
    pub created_at: Timestamp,
}

/// What became of a definition that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The campaign afterwards.
    pub campaign: Campaign,
    /// False when the definition was the same as the present version.
    pub changed: bool,
}

/// The leads of a campaign that open and close together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Key.
    pub id: LaneId,
    /// The zone its people live in.
    pub zone: ZoneName,
}
