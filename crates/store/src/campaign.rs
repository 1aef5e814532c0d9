//! Campaigns as they are stored.

use jiff::Timestamp;
use relance_domain::campaign::state::CampaignState;
use relance_domain::eligibility;
use relance_domain::rules::{ConsentClass, Place, Relationship};
use relance_domain::{CampaignId, LaneId, ListId, UserId, ZoneName};
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

/// The leads of a list that open and close together, because they are alike in all that decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Key.
    pub id: LaneId,
    /// Their campaign.
    pub campaign: CampaignId,
    /// Their list.
    pub list: ListId,
    /// What the people of that list are to the seller.
    pub relationship: Relationship,
    /// That list's share of the queue, where one was given; 0 is none.
    pub weight: Option<u32>,
    /// How far that list had come in the mix when a lead was last handed out of it.
    pub mix_pass: Option<i64>,
    /// What they have in common.
    pub traits: LaneTraits,
}

impl Lane {
    /// The lane as the rules look at it.
    #[must_use]
    pub fn for_rules(&self) -> eligibility::Lane<'_> {
        eligibility::Lane {
            zone: self.traits.zone.as_ref(),
            place: &self.traits.place,
            consent: self.traits.consent,
            hours_waiver: self.traits.hours_waiver,
            relationship: self.relationship,
            weight: self.weight,
            is_reserved: self.traits.reserved_for.is_some(),
        }
    }
}

/// What the leads of a lane have in common besides their list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneTraits {
    /// The zone their people live in; none where nobody knows it.
    pub zone: Option<ZoneName>,
    /// The jurisdictions their people are in; nowhere also where nobody has looked yet.
    pub place: Place,
    /// How good their consent to be called is.
    pub consent: ConsentClass,
    /// They agreed to be called outside the permitted hours too.
    pub hours_waiver: bool,
    /// The language they speak, where it is known.
    pub language: Option<String>,
    /// The only operator who receives them.
    pub reserved_for: Option<UserId>,
}
