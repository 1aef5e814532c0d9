//! The parts of the trait that are about orders and messages, kept by one transaction per method.

use async_trait::async_trait;
use jiff::Timestamp;
use relance_domain::{AssignmentId, LeadId, MessageId, OrderId};
use relance_store::Result;
use relance_store::order::{
    Change, Changed, Draft, DraftSaved, NewDraft, OrderChange, OrderFilter, Orders, StoredOrder,
};
use relance_store::webhook::{Message, MessageClaim, MessageFilter, MessageState, NotTaken, Outbox, Replay, SinkState};

use super::transaction::{always, read, retried, write, write_and_ring};
use super::{order, order_draft, order_rows, webhook};
use crate::EngineStore;

#[async_trait]
impl Orders for EngineStore {
    async fn save_order_draft(&self, draft: &NewDraft, now: Timestamp) -> Result<DraftSaved> {
        write!(self, "save_order_draft", order_draft::save(draft, now))
    }

    async fn order_draft(&self, id: AssignmentId) -> Result<Option<Draft>> {
        read!(self, order_draft::of(id))
    }

    async fn orders(&self, filter: &OrderFilter) -> Result<Vec<StoredOrder>> {
        read!(self, order_rows::page(filter))
    }

    async fn order(&self, id: OrderId) -> Result<StoredOrder> {
        read!(self, order_rows::one(id))
    }

    async fn order_history(&self, id: OrderId) -> Result<Vec<OrderChange>> {
        read!(self, order_rows::history(id))
    }

    async fn cancelled_order(&self, lead: LeadId) -> Result<Option<StoredOrder>> {
        read!(self, order_rows::cancelled_of(lead))
    }

    async fn change_order(&self, change: &Change, now: Timestamp) -> Result<Changed> {
        write_and_ring!(self, "change_order", order::change(self.keys(), change, now), always)
    }
}

#[async_trait]
impl Outbox for EngineStore {
    async fn claim_messages(&self, claim: &MessageClaim, now: Timestamp) -> Result<Vec<Message>> {
        // Most of the time nothing is due, and nobody needs to wait for a transaction that finds that out.
        let due: Result<bool> = read!(self, webhook::is_due(claim, now));
        match due? {
            true => write!(self, "claim_messages", webhook::claim(claim, now)),
            false => Ok(Vec::new()),
        }
    }

    async fn message_taken(&self, message: MessageId, lease: &str, now: Timestamp) -> Result<bool> {
        write!(self, "message_taken", webhook::taken(message, lease, now))
    }

    async fn message_not_taken(&self, failure: &NotTaken, now: Timestamp) -> Result<bool> {
        write!(self, "message_not_taken", webhook::not_taken(failure, now))
    }

    async fn sinks(&self, now: Timestamp) -> Result<Vec<SinkState>> {
        read!(self, webhook::sinks(now))
    }

    async fn messages(&self, filter: &MessageFilter) -> Result<Vec<MessageState>> {
        read!(self, webhook::page(filter))
    }

    async fn replay_messages(&self, replay: &Replay, now: Timestamp) -> Result<u64> {
        write_and_ring!(self, "replay_messages", webhook::replay(replay, now), always)
    }

    async fn forget_messages(&self, taken_before: Timestamp, limit: i64) -> Result<u64> {
        write!(self, "forget_messages", webhook::forget(taken_before, limit))
    }
}
