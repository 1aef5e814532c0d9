//! Outcomes that came after their assignment had ended, and what a supervisor says of them.

use jiff::Timestamp;
use relance_domain::assignment::Ending;
use relance_domain::{AssignmentId, CampaignId, LateOutcomeId, LeadId, UserId};
use serde::{Deserialize, Serialize};

/// Which late outcomes to show, the newest first.
#[derive(Debug, Clone, Copy, Default)]
pub struct LateFilter {
    /// Only those that nobody has reviewed, or only those that somebody has.
    pub open: Option<bool>,
    /// Only those of one campaign.
    pub campaign: Option<CampaignId>,
    /// Only those before this one.
    pub before: Option<LateOutcomeId>,
    /// At most so many.
    pub limit: i64,
}

/// An outcome that came after its assignment had ended. It changed nothing, but for an objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LateOutcome {
    /// Key.
    pub id: LateOutcomeId,
    /// When it came.
    pub received_at: Timestamp,
    /// Who reported it.
    pub operator: String,
    /// The assignment that had ended.
    pub assignment: AssignmentId,
    /// How that had ended.
    pub ending: Ending,
    /// When that had ended.
    pub ended_at: Timestamp,
    /// The lead.
    pub lead: LeadId,
    /// The campaign's short name.
    pub campaign: String,
    /// The number, masked.
    pub phone: String,
    /// The disposition that was reported; empty where the person was erased since.
    pub disposition: String,
    /// A refusal's reason.
    pub reason: Option<String>,
    /// When a call was promised for. Nothing reminds of it but this record.
    pub promised_for: Option<Timestamp>,
    /// The tariff that was ordered. No order was placed.
    pub tariff_ordered: Option<String>,
    /// The operator's note.
    pub note: Option<String>,
    /// What a supervisor said of it.
    pub review: Option<Review>,
}

/// What a supervisor said of a late outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Review {
    /// When.
    pub at: Timestamp,
    /// Who; none is the local administrator.
    pub by: Option<String>,
    /// What was done about it, in their words.
    pub note: String,
}

/// A review to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReview {
    /// The late outcome.
    pub late_outcome: LateOutcomeId,
    /// Who; none is the local administrator.
    pub by: Option<UserId>,
    /// What was done about it, in their words.
    pub note: String,
}
