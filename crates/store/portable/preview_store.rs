//! What the store counts before a tariff is published, each in one moment of the database.

use async_trait::async_trait;
use jiff::Timestamp;
use relance_domain::tariff::Tariff;
use relance_domain::{CampaignId, LaneId, RefusalId};
use relance_store::Result;
use relance_store::preview::{AnsweredCount, Asked, CeilingCount, Ends, LateCalls, PastReopenings, Previews};
use relance_store::tariff::RefusalRow;

use super::transaction::{read, read_one_moment};
use super::{ending, preview, preview_past};
use crate::EngineStore;
use crate::connect::failed;

#[async_trait]
impl Previews for EngineStore {
    async fn standing_count(&self, campaigns: &[CampaignId]) -> Result<i64> {
        read_one_moment!(self, preview_past::standing(campaigns))
    }

    async fn answered_counts(&self, asked: &Asked<'_>) -> Result<Vec<AnsweredCount>> {
        read_one_moment!(self, preview::counts(asked))
    }

    async fn to_be_looked_at(&self, asked: &Asked<'_>) -> Result<Vec<RefusalId>> {
        read_one_moment!(self, preview::to_be_looked_at(asked))
    }

    async fn some_answered(&self, asked: &Asked<'_>, limit: i64) -> Result<Vec<RefusalId>> {
        read_one_moment!(self, preview::some(asked, limit))
    }

    async fn answered_among(&self, asked: &Asked<'_>, refusals: &[RefusalId]) -> Result<Vec<RefusalRow>> {
        read_one_moment!(self, preview::among(self.keys(), asked, refusals))
    }

    async fn held_out(&self, asked: &Asked<'_>) -> Result<Vec<(LaneId, i64)>> {
        read_one_moment!(self, preview::held_out(asked))
    }

    async fn to_be_taken_back(&self, ends: &Ends) -> Result<Vec<(CampaignId, i64)>> {
        read_one_moment!(self, ending::leads(ends))
    }

    async fn past_reopenings(&self, campaign: CampaignId, limit: i64) -> Result<Vec<PastReopenings>> {
        read!(self, preview_past::reopenings(campaign, limit))
    }

    async fn late_calls(&self, campaign: CampaignId, since: Timestamp, limit: i64) -> Result<LateCalls> {
        read!(self, preview_past::calls(campaign, since, limit))
    }

    async fn ceilings(&self, campaign: CampaignId, tariff: Option<&Tariff>) -> Result<Vec<CeilingCount>> {
        read!(self, preview_past::ceilings(campaign, tariff))
    }
}
