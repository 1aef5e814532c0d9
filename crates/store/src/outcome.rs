//! Recording what happened.

use jiff::Timestamp;
use relance_domain::outcome::Outcome;
use relance_domain::{
    AssignmentId, AttemptId, CallbackId, CampaignId, Currency, E164, LateOutcomeId, LeadId, Money, TariffId, UserId,
};
use serde::{Deserialize, Serialize};

use crate::order::Placing;

/// An outcome to be recorded.
#[derive(Debug, Clone)]
pub struct Record {
    /// The assignment it ends.
    pub assignment: AssignmentId,
    /// The assignment's fencing token.
    pub token: String,
    /// Who reports.
    pub operator: UserId,
    /// The report as it came, in canonical JSON: a repeated report is recognised by it.
    pub report: String,
    /// What it says.
    pub outcome: Outcome,
    /// When the lead is tried again, if its outcome leaves it to be tried again.
    pub retry_at: Timestamp,
    /// When the promise it makes may be kept, if it makes one.
    pub callable_at: Option<CallableAt>,
    /// From when somebody who refused wants to be called again, where that alone brings them back.
    pub wanted_at: Option<Timestamp>,
    /// The campaign's currency.
    pub currency: Currency,
    /// The tariff that was offered or ordered, as of this moment.
    pub tariff: Option<TariffThen>,
    /// What is counted up and agreed, where an order is placed.
    pub placing: Option<Placing>,
}

/// When the calling rules let a promise be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallableAt {
    /// The promised instant, or the first one after it that is permitted.
    pub at: Timestamp,
    /// Why it is not the promised one.
    pub moved_because: Option<String>,
}

/// A tariff at the moment of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TariffThen {
    /// Key.
    pub id: TariffId,
    /// Short name.
    pub tariff: String,
    /// The name people read.
    pub name: String,
    /// The version that was offered.
    pub version: i64,
    /// Its price then, in the campaign's currency.
    pub price: Money,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// Recorded now.
    Done {
        /// The attempt.
        attempt: AttemptId,
        /// The lead's state afterwards, as a word.
        lead_state: String,
    },
    /// The very same report was recorded before.
    Repeated {
        /// The attempt it made.
        attempt: AttemptId,
        /// The lead's state now, as a word.
        lead_state: String,
    },
    /// Another outcome was recorded for this assignment.
    Contradicts,
    /// The assignment had ended without an outcome; the report is kept for review.
    Late {
        /// Where.
        late_outcome: LateOutcomeId,
    },
    /// The operator has no such assignment, or the token is not its token.
    NotYours,
}

/// Which promises to show.
#[derive(Debug, Clone, Copy, Default)]
pub struct CallbackFilter {
    /// Those of one operator and those of any operator.
    pub operator: Option<UserId>,
    /// Those of one campaign.
    pub campaign: Option<CampaignId>,
    /// Only those that could have been kept at this instant or before, the longest first.
    pub overdue_at: Option<Timestamp>,
    /// At most so many.
    pub limit: i64,
}

/// A promise that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Callback {
    /// Key.
    pub id: CallbackId,
    /// The campaign's short name.
    pub campaign: String,
    /// The lead.
    pub lead: LeadId,
    /// The number, masked.
    pub phone: String,
    /// Whose it is; none means any operator.
    pub operator: Option<String>,
    /// When it was promised for.
    pub due_at: Timestamp,
    /// When the calling rules allow it.
    pub callable_at: Timestamp,
    /// Why that is not when it was promised for.
    pub moved_because: Option<String>,
    /// Since when anybody may take it, though it was personal.
    pub escalated_at: Option<Timestamp>,
    /// The note.
    pub note: Option<String>,
}

/// A phone that must not be called.
#[derive(Debug, Clone)]
pub struct NewSuppression {
    /// The phone.
    pub phone: E164,
    /// For one seller; none means every seller.
    pub seller: Option<String>,
    /// For one campaign; none means every campaign of the seller.
    pub campaign: Option<CampaignId>,
    /// In words.
    pub reason: String,
    /// By whom.
    pub by: Option<UserId>,
}
