//! Handing leads out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::assignment::Ending;
use relance_domain::definition::Definition;
use relance_domain::eligibility::{Clearance, Law};
use relance_domain::lane_openings::LaneOpenings;
use relance_domain::list::ListSource;
use relance_domain::queue::QueueClass;
use relance_domain::zone::ZoneSource;
use relance_domain::{AssignmentId, CallbackId, CampaignId, E164, LeadId, ListId, Money, ReopeningId, UserId};
use serde::{Deserialize, Serialize};

/// Operators who wait, and the definitions that decide.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Who waits, the longest first.
    pub requests: Vec<Request>,
    /// The definitions of the running campaigns, as the caller knows them.
    pub campaigns: Vec<Arc<RunningCampaign>>,
    /// What was decided for their lanes and still holds: the same for every batch over these campaigns.
    pub openings: Arc<Mutex<LaneOpenings>>,
}

/// An operator who waits.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who.
    pub operator: UserId,
    /// Only leads of this campaign.
    pub campaign: Option<CampaignId>,
    /// The fencing token of the assignment to be made: a random word.
    pub token: String,
}

/// A running campaign's definition, and what its calls are held to.
#[derive(Debug, Clone)]
pub struct RunningCampaign {
    /// Key.
    pub id: CampaignId,
    /// Version of the definition.
    pub version: i64,
    /// The definition.
    pub definition: Definition,
    /// What its calls are held to.
    pub law: Law,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// One answer per request, in order.
    Served(Vec<Claimed>),
    /// The running campaigns are not those of the batch any more; nothing was done. Load them again.
    Outdated,
}

/// What an operator gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// A lead; the same as before if they had one open.
    Assignment(AssignmentId),
    /// Nobody is callable.
    Nobody,
    /// Many candidates had to be moved away and the transaction had to end. Ask again.
    AskAgain,
    /// The operator is disabled.
    Disabled,
}

/// Why this lead was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The operator had promised to call.
    PersonalCallback,
    /// Somebody had promised a call.
    AnyCallback,
    /// A tariff answers the person's refusal.
    Reopened,
    /// Never tried.
    Fresh,
    /// Tried before.
    Retry,
    /// A supervisor took it from another operator.
    HandedOver,
}

impl From<QueueClass> for Why {
    fn from(class: QueueClass) -> Self {
        match class {
            QueueClass::PersonalCallback => Self::PersonalCallback,
            QueueClass::AnyCallback => Self::AnyCallback,
            QueueClass::Reopened => Self::Reopened,
            QueueClass::Fresh => Self::Fresh,
            QueueClass::Retry => Self::Retry,
        }
    }
}

/// What a hand-out rests on; stored with the assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Decision {
    /// Why this lead.
    pub why: Why,
    /// The lead's priority in the queue.
    pub priority: i64,
    /// Version of the campaign's definition.
    pub definition_version: i64,
    /// What allowed the call.
    pub clearance: Clearance,
    /// Where the list came from.
    pub list_source: ListSource,
    /// Why its people may be called.
    pub consent_basis: Option<String>,
    /// The last day of its licence.
    #[schema(value_type = Option<String>, format = Date)]
    pub licence_until: Option<Date>,
    /// Where a tariff reopened it.
    pub reopening: Option<ReopeningDecision>,
}

/// Which tariff reopened a lead, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReopeningDecision {
    /// Key.
    pub id: ReopeningId,
    /// The tariff.
    pub tariff: String,
    /// Its price.
    pub price: Money,
    /// In words.
    pub because: String,
}

/// A number of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneOfClient {
    /// The number.
    pub phone: E164,
    /// What is dialled behind it.
    pub extension: Option<String>,
}

/// Everything about an assignment that its operator may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOut {
    /// Key.
    pub assignment: AssignmentId,
    /// The fencing token.
    pub token: String,
    /// The campaign.
    pub campaign: CampaignId,
    /// Version of its definition at hand-out.
    pub campaign_version: i64,
    /// The operator.
    pub operator: UserId,
    /// The operator's name.
    pub operator_name: String,
    /// The lead.
    pub lead: LeadId,
    /// The list it came with.
    pub list: ListId,
    /// That list's name.
    pub list_name: String,
    /// The number to call; none when the client was erased since.
    pub phone: Option<E164>,
    /// What is dialled behind it.
    pub extension: Option<String>,
    /// The client's further numbers, in the order in which they are dialled.
    pub other_phones: Vec<PhoneOfClient>,
    /// Columns of the list that feed no field, by header.
    pub attributes: BTreeMap<String, String>,
    /// Standard fields and facts of the client, by name.
    pub client: BTreeMap<String, String>,
    /// How the zone was found.
    pub zone_source: Option<ZoneSource>,
    /// When it was handed out.
    pub handed_at: Timestamp,
    /// When the lease runs out.
    pub lease_until: Timestamp,
    /// How it ended, if it has.
    pub ended_at: Option<Timestamp>,
    /// How.
    pub ending: Option<Ending>,
    /// Why it was handed back or taken, in the words of whoever did.
    pub ended_because: Option<String>,
    /// How often the lead was handed back as not called, by whomever.
    pub hand_backs: i64,
    /// What the hand-out rests on.
    pub decision: Decision,
    /// Where a supervisor took the lead from another operator to make this hand-out.
    pub taken_from: Option<TakenFrom>,
    /// The promise it keeps.
    pub callback: Option<CallbackId>,
    /// Note of that promise.
    pub callback_note: Option<String>,
    /// The tariff of which the operator is told nothing, because the person is held out of it; what they order all the same is an order.
    pub held_out_of: Option<String>,
    /// The postcode for which the person wanted the service, where the refusal that brought them back named one.
    pub wanted_at: Option<String>,
    /// Whether something was typed into the order form already.
    pub has_order_draft: bool,
    /// Earlier tries of the lead, newest first.
    pub history: Vec<EarlierTry>,
}

/// Whom a lead was taken from, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TakenFrom {
    /// The assignment that was taken.
    pub assignment: AssignmentId,
    /// The operator who had it.
    pub operator: String,
    /// Why, in the words of whoever took it.
    pub reason: String,
}

/// An earlier try of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EarlierTry {
    /// When it was recorded.
    pub at: Timestamp,
    /// By whom.
    pub operator: String,
    /// The disposition.
    pub disposition: String,
    /// A refusal's reason.
    pub reason: Option<String>,
    /// The note.
    pub note: Option<String>,
}
