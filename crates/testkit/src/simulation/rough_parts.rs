//! The parts of the rough store that are traits of their own: previews, reopenings, orders, messages.

use async_trait::async_trait;
use jiff::Timestamp;
use relance_domain::tariff::Tariff;
use relance_domain::{AssignmentId, CampaignId, LaneId, LeadId, MessageId, OrderId, RefusalId, Span, TariffId};
use relance_store::order::{
    Change, Changed, Draft, DraftSaved, NewDraft, OrderChange, OrderFilter, Orders, StoredOrder,
};
use relance_store::preview::{AnsweredCount, Asked, CeilingCount, Ends, LateCalls, PastReopenings, Previews};
use relance_store::reopening::{ReopeningStore, StandsRefused};
use relance_store::tariff::RefusalRow;
use relance_store::webhook::{Message, MessageClaim, MessageFilter, MessageState, NotTaken, Outbox, Replay, SinkState};
use relance_store::{Result, brought, tariff};

use super::rough_store::RoughStore;

#[async_trait]
impl ReopeningStore for RoughStore {
    async fn stands_refused(&self, lead: LeadId) -> Result<Option<StandsRefused>> {
        self.weather.read(self.inner.stands_refused(lead)).await
    }

    async fn reopen(&self, step: &tariff::ReopeningStep, now: Timestamp) -> Result<tariff::StepDone> {
        self.weather.write("reopen", self.inner.reopen(step, now)).await
    }

    async fn begin_pass(&self, tariff: TariffId, last_began: Timestamp, now: Timestamp) -> Result<bool> {
        self.weather.write("begin_pass", self.inner.begin_pass(tariff, last_began, now)).await
    }

    async fn take_back(&self, tariff: TariffId, limit: i64, now: Timestamp) -> Result<tariff::TakenBack> {
        self.weather.write("take_back", self.inner.take_back(tariff, limit, now)).await
    }

    async fn campaigns_waiting_for_budget(&self) -> Result<Vec<CampaignId>> {
        self.weather.read(self.inner.campaigns_waiting_for_budget()).await
    }

    async fn release_for_budget(&self, release: &tariff::BudgetRelease, now: Timestamp) -> Result<u64> {
        self.weather.write("release_for_budget", self.inner.release_for_budget(release, now)).await
    }

    async fn release_kept(&self, now: Timestamp, limit: i64) -> Result<u64> {
        self.weather.write("release_kept", self.inner.release_kept(now, limit)).await
    }

    async fn end_hold_outs(&self, now: Timestamp, limit: i64) -> Result<u64> {
        self.weather.write("end_hold_outs", self.inner.end_hold_outs(now, limit)).await
    }

    async fn brought(&self, tariff: TariffId, within: Option<Span>) -> Result<brought::Brought> {
        self.weather.read(self.inner.brought(tariff, within)).await
    }
}

#[async_trait]
impl Orders for RoughStore {
    async fn save_order_draft(&self, draft: &NewDraft, now: Timestamp) -> Result<DraftSaved> {
        self.weather.write("save_order_draft", self.inner.save_order_draft(draft, now)).await
    }

    async fn order_draft(&self, assignment: AssignmentId) -> Result<Option<Draft>> {
        self.weather.read(self.inner.order_draft(assignment)).await
    }

    async fn orders(&self, filter: &OrderFilter) -> Result<Vec<StoredOrder>> {
        self.weather.read(self.inner.orders(filter)).await
    }

    async fn order(&self, order: OrderId) -> Result<StoredOrder> {
        self.weather.read(self.inner.order(order)).await
    }

    async fn order_history(&self, order: OrderId) -> Result<Vec<OrderChange>> {
        self.weather.read(self.inner.order_history(order)).await
    }

    async fn cancelled_order(&self, lead: LeadId) -> Result<Option<StoredOrder>> {
        self.weather.read(self.inner.cancelled_order(lead)).await
    }

    async fn change_order(&self, change: &Change, now: Timestamp) -> Result<Changed> {
        self.weather.write("change_order", self.inner.change_order(change, now)).await
    }
}

#[async_trait]
impl Outbox for RoughStore {
    async fn claim_messages(&self, claim: &MessageClaim, now: Timestamp) -> Result<Vec<Message>> {
        self.weather.write("claim_messages", self.inner.claim_messages(claim, now)).await
    }

    async fn message_taken(&self, message: MessageId, lease: &str, now: Timestamp) -> Result<bool> {
        self.weather.write("message_taken", self.inner.message_taken(message, lease, now)).await
    }

    async fn message_not_taken(&self, failure: &NotTaken, now: Timestamp) -> Result<bool> {
        self.weather.write("message_not_taken", self.inner.message_not_taken(failure, now)).await
    }

    async fn sinks(&self, now: Timestamp) -> Result<Vec<SinkState>> {
        self.weather.read(self.inner.sinks(now)).await
    }

    async fn messages(&self, filter: &MessageFilter) -> Result<Vec<MessageState>> {
        self.weather.read(self.inner.messages(filter)).await
    }

    async fn replay_messages(&self, replay: &Replay, now: Timestamp) -> Result<u64> {
        self.weather.write("replay_messages", self.inner.replay_messages(replay, now)).await
    }

    async fn forget_messages(&self, taken_before: Timestamp, limit: i64) -> Result<u64> {
        self.weather.write("forget_messages", self.inner.forget_messages(taken_before, limit)).await
    }
}

#[async_trait]
impl Previews for RoughStore {
    async fn standing_count(&self, campaigns: &[CampaignId]) -> Result<i64> {
        self.weather.read(self.inner.standing_count(campaigns)).await
    }

    async fn answered_counts(&self, asked: &Asked<'_>) -> Result<Vec<AnsweredCount>> {
        self.weather.read(self.inner.answered_counts(asked)).await
    }

    async fn to_be_looked_at(&self, asked: &Asked<'_>) -> Result<Vec<RefusalId>> {
        self.weather.read(self.inner.to_be_looked_at(asked)).await
    }

    async fn some_answered(&self, asked: &Asked<'_>, limit: i64) -> Result<Vec<RefusalId>> {
        self.weather.read(self.inner.some_answered(asked, limit)).await
    }

    async fn answered_among(&self, asked: &Asked<'_>, refusals: &[RefusalId]) -> Result<Vec<RefusalRow>> {
        self.weather.read(self.inner.answered_among(asked, refusals)).await
    }

    async fn held_out(&self, asked: &Asked<'_>) -> Result<Vec<(LaneId, i64)>> {
        self.weather.read(self.inner.held_out(asked)).await
    }

    async fn to_be_taken_back(&self, ends: &Ends) -> Result<Vec<(CampaignId, i64)>> {
        self.weather.read(self.inner.to_be_taken_back(ends)).await
    }

    async fn past_reopenings(&self, campaign: CampaignId, limit: i64) -> Result<Vec<PastReopenings>> {
        self.weather.read(self.inner.past_reopenings(campaign, limit)).await
    }

    async fn late_calls(&self, campaign: CampaignId, since: Timestamp, limit: i64) -> Result<LateCalls> {
        self.weather.read(self.inner.late_calls(campaign, since, limit)).await
    }

    async fn ceilings(&self, campaign: CampaignId, tariff: Option<&Tariff>) -> Result<Vec<CeilingCount>> {
        self.weather.read(self.inner.ceilings(campaign, tariff)).await
    }
}
