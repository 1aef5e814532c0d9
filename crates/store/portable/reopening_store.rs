//! The store's part about reopenings: each method one transaction around a function of its subject.

use async_trait::async_trait;
use jiff::Timestamp;
use relance_domain::{CampaignId, LeadId, Span, TariffId};
use relance_store::Result;
use relance_store::brought::Brought;
use relance_store::reopening::{ReopeningStore, StandsRefused};
use relance_store::tariff::{BudgetRelease, ReopeningStep, StepDone, TakenBack};

use super::transaction::{read, read_one_moment, retried, some, write, write_and_ring};
use super::{brought, budget, lane, refusal, reopening};
use crate::EngineStore;
use crate::connect::failed;

#[async_trait]
impl ReopeningStore for EngineStore {
    async fn stands_refused(&self, lead: LeadId) -> Result<Option<StandsRefused>> {
        read_one_moment!(self, refusal::that_closes(lead))
    }

    async fn reopen(&self, step: &ReopeningStep, now: Timestamp) -> Result<StepDone> {
        let brings_back = |done: &StepDone| matches!(done, StepDone::Reopened(leads) if *leads > 0);
        write_and_ring!(self, "reopen", reopening::step(step, now), brings_back)
    }

    async fn begin_pass(&self, id: TariffId, last_began: Timestamp, now: Timestamp) -> Result<bool> {
        write!(self, "begin_pass", reopening::begin_pass(id, last_began, now))
    }

    async fn take_back(&self, id: TariffId, limit: i64, now: Timestamp) -> Result<TakenBack> {
        write!(self, "take_back", reopening::take_back(id, limit, now))
    }

    async fn campaigns_waiting_for_budget(&self) -> Result<Vec<CampaignId>> {
        read!(self, budget::waiting_campaigns())
    }

    async fn release_for_budget(&self, release: &BudgetRelease, now: Timestamp) -> Result<u64> {
        write_and_ring!(self, "release_for_budget", budget::release(release, now), some)
    }

    async fn release_kept(&self, now: Timestamp, limit: i64) -> Result<u64> {
        write_and_ring!(self, "release_kept", lane::release_kept(now, limit), some)
    }

    async fn end_hold_outs(&self, now: Timestamp, limit: i64) -> Result<u64> {
        write_and_ring!(self, "end_hold_outs", budget::end_hold_outs(now, limit), some)
    }

    async fn brought(&self, of: TariffId, within: Option<Span>) -> Result<Brought> {
        read_one_moment!(self, brought::of(of, within))
    }
}
