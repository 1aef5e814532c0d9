//! The part of the store that puts people back in the queue, holds them for a while, and counts what came of it.

use async_trait::async_trait;
use jiff::Timestamp;
use relance_domain::outcome::Refusal;
use relance_domain::{CampaignId, LeadId, Money, Span, TariffId};

use crate::{Result, brought, tariff};

/// A refusal that a lead is closed by, as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandsRefused {
    /// What was refused, why, and on which terms.
    pub refusal: Refusal,
    /// When.
    pub refused_at: Timestamp,
    /// The tariff that was on the table, by the name of that day, and what it cost then.
    pub offered: Option<(String, Money)>,
}

/// Reopenings. Each method is one transaction; every store that is a [`crate::Store`] is one of these.
#[async_trait]
pub trait ReopeningStore: Send + Sync {
    /// The refusal that a lead is closed by, if it is.
    async fn stands_refused(&self, lead: LeadId) -> Result<Option<StandsRefused>>;
    /// One bounded step of a publication: reopens these refusals and remembers how far it came. A step that another
    /// node has done already changes nothing.
    async fn reopen(&self, step: &tariff::ReopeningStep, now: Timestamp) -> Result<tariff::StepDone>;
    /// Begins a new pass over the refusals where the one that began at an instant is complete; tells whether. Of several nodes one
    /// does.
    async fn begin_pass(&self, tariff: TariffId, last_began: Timestamp, now: Timestamp) -> Result<bool>;
    /// One bounded step through at most `limit` reopenings of a tariff that ended, or of versions of it that did: leads that nobody
    /// has called since are closed by their refusal again.
    async fn take_back(&self, tariff: TariffId, limit: i64, now: Timestamp) -> Result<tariff::TakenBack>;

    /// Campaigns of which leads wait for a budget.
    async fn campaigns_waiting_for_budget(&self) -> Result<Vec<CampaignId>>;
    /// Makes the first of those who wait for a budget callable, as many as campaign and tariffs have left of their days; tells how
    /// many. However many nodes do so at once, no more than the budgets become callable in a day.
    async fn release_for_budget(&self, release: &tariff::BudgetRelease, now: Timestamp) -> Result<u64>;
    /// Makes at most `limit` leads anybody's that were kept for the operator who had the refusal, where the time for it is over or
    /// that operator is not there; tells how many.
    async fn release_kept(&self, now: Timestamp, limit: i64) -> Result<u64>;
    /// Ends at most `limit` hold-outs whose time is over: whoever was left uncalled, and still stands refused while the tariff is
    /// offered, waits in the queue like the others. Tells how many ended.
    async fn end_hold_outs(&self, now: Timestamp, limit: i64) -> Result<u64>;

    /// What a tariff brought so far; for the measurement, orders within this time of a reopening count.
    async fn brought(&self, tariff: TariffId, within: Option<Span>) -> Result<brought::Brought>;
}
