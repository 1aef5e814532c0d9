//! Orders: the form while it is typed, and what becomes of it.

use async_trait::async_trait;
use jiff::Timestamp;
use relance_domain::assignment::Ending;
use relance_domain::order::state::{HeldTo, OrderEvent, OrderEventKind, OrderRefusal, OrderState};
use relance_domain::order::{FieldChange, NumberForm, OrderForm};
use relance_domain::outcome::OrderReport;
use relance_domain::{AssignmentId, AttemptId, CampaignId, ClientId, LeadId, OrderId, UserId};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::assignment::Holder;
use crate::outcome::TariffThen;
use crate::webhook::ToTell;

/// What the engine asks of a database about orders. A part of [`crate::Store`].
#[async_trait]
pub trait Orders: Send + Sync {
    /// Keeps what an operator has typed so far, if it rests on what is kept. The same again tells the same.
    async fn save_order_draft(&self, draft: &NewDraft, now: Timestamp) -> Result<DraftSaved>;
    /// What the operator of an assignment has typed for its lead: in this assignment, or in an earlier one of theirs that ended
    /// without an outcome.
    async fn order_draft(&self, assignment: AssignmentId) -> Result<Option<Draft>>;
    /// Orders that fit a filter, oldest first.
    async fn orders(&self, filter: &OrderFilter) -> Result<Vec<StoredOrder>>;
    /// One order.
    async fn order(&self, order: OrderId) -> Result<StoredOrder>;
    /// Everything that happened to an order, the oldest first.
    async fn order_history(&self, order: OrderId) -> Result<Vec<OrderChange>>;
    /// The last order of a lead, if it was cancelled.
    async fn cancelled_order(&self, lead: LeadId) -> Result<Option<StoredOrder>>;
    /// Does something to an order, and writes down what, in one transaction with the messages that tell others. It rests on the version that
    /// was seen.
    async fn change_order(&self, change: &Change, now: Timestamp) -> Result<Changed>;
}

/// What an operator has typed so far.
#[derive(Debug, Clone)]
pub struct NewDraft {
    /// The operator, with the assignment that they hold.
    pub holder: Holder,
    /// The version that it rests on; 0 where none was kept.
    pub rests_on: i64,
    /// The form.
    pub form: OrderReport,
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftSaved {
    /// It is kept, as this version.
    As(i64),
    /// Another version is kept by now; nothing was changed.
    Outdated(i64),
    /// The assignment has ended.
    Ended(Ending),
    /// The operator has no such assignment, or the token is not its token.
    NotYours,
}

/// A form that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What the next save rests on: 0 where the draft is of an earlier assignment.
    pub version: i64,
    /// The form.
    pub form: OrderReport,
    /// When it was saved.
    pub saved_at: Timestamp,
}

/// What is counted up and agreed as an order is placed.
#[derive(Debug, Clone)]
pub struct Placing {
    /// The version of the campaign's definition that the order is placed under.
    pub definition_version: i64,
    /// How orders are numbered.
    pub number: NumberForm,
    /// How accounts are numbered, where they are counted up.
    pub account: Option<NumberForm>,
    /// The year where the order is placed.
    pub year: i16,
    /// What the order is held to.
    pub held_to: HeldTo,
    /// Who is told that it was placed.
    pub tell: Vec<ToTell>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// Key.
    pub id: OrderId,
    /// Its number, unique in its campaign.
    pub number: String,
    /// Counts what happened to it, from 1.
    pub version: i64,
    /// The campaign.
    pub campaign: CampaignId,
    /// The campaign's short name.
    pub campaign_name: String,
    /// The company on whose behalf it calls.
    pub seller: String,
    /// The version of the definition that it was placed under.
    pub definition_version: i64,
    /// The lead.
    pub lead: LeadId,
    /// The client.
    pub client: ClientId,
    /// The attempt that it came of.
    pub attempt: AttemptId,
    /// The tariff, as of the call.
    pub tariff: TariffThen,
    /// The form, with the account that was counted up; empty where the person was erased.
    pub form: OrderForm,
    /// Where it stands.
    pub state: OrderState,
    /// What it is held to.
    pub held_to: HeldTo,
    /// What was said as it was cancelled.
    pub cancel_note: Option<String>,
    /// When the person may be called again after it was cancelled.
    pub reopens_at: Option<Timestamp>,
    /// Who did what, by name; nobody is the local administrator.
    pub people: People,
}

/// Who did what to an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct People {
    /// The operator who called.
    pub placed_by: String,
    /// Who corrected it last.
    pub corrected_by: Option<String>,
    /// The second person.
    pub verified_by: Option<String>,
    /// The back office.
    pub fulfilled_by: Option<String>,
    /// Who cancelled it.
    pub cancelled_by: Option<String>,
}

/// Which orders to show.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Of one campaign.
    pub campaign: Option<CampaignId>,
    /// In this state, as a word.
    pub state: Option<String>,
    /// Of this tariff, by its short name.
    pub tariff: Option<String>,
    /// Placed by this operator, by name.
    pub operator: Option<String>,
    /// With this number.
    pub number: Option<String>,
    /// Placed at this instant or later.
    pub since: Option<Timestamp>,
    /// Placed before this instant.
    pub until: Option<Timestamp>,
    /// After this one.
    pub after: Option<OrderId>,
    /// At most so many.
    pub limit: i64,
}

/// Something that happens to an order.
#[derive(Debug, Clone)]
pub struct Change {
    /// The order.
    pub order: OrderId,
    /// The version that whoever does it has seen.
    pub seen: i64,
    /// What happens.
    pub event: OrderEvent,
    /// Who does it.
    pub by: Option<UserId>,
    /// Of a correction: the form afterwards, what changed, and why.
    pub correction: Option<Corrected>,
    /// Of a cancellation: what was said.
    pub note: Option<String>,
    /// Of a cancellation: when the person may be called again, unless something forbids it.
    pub reopens_at: Option<Timestamp>,
    /// Who is told of it.
    pub tell: Vec<ToTell>,
}

/// What a correction comes to.
#[derive(Debug, Clone)]
pub struct Corrected {
    /// The form afterwards.
    pub form: OrderForm,
    /// Whether the client asks on it that the service begin while they may still withdraw.
    pub begins_at_once: bool,
    /// What changed.
    pub changes: Vec<FieldChange>,
    /// Why, in words.
    pub why: String,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The order afterwards.
    Done(Box<StoredOrder>),
    /// The order cannot take it.
    Refused(OrderRefusal),
    /// Somebody else changed the order meanwhile; this is its version now.
    Outdated(i64),
}

/// Something that happened to an order, or one thing that a correction changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderChange {
    /// The order's version that it made.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// By whom; nobody is the local administrator.
    pub by: Option<String>,
    /// What happened.
    pub event: OrderEventKind,
    /// What a correction changed.
    pub change: Option<FieldChange>,
    /// Why, in words.
    pub why: Option<String>,
}
