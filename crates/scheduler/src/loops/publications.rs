//! Tariffs whose time has come begin, those whose time is over end, and publications that were cut off go on where they stood.

use jiff::Timestamp;
use relance_domain::tariff::TariffState;
use relance_store::tariff::StoredTariff;

use crate::{Engine, Result};

/// What one round did.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Round {
    /// Tariffs that began or ended.
    pub(super) turned: u64,
    /// Leads put back.
    pub(super) reopened: u64,
    /// Leads taken back.
    pub(super) taken_back: u64,
}

/// One round over the tariffs.
pub(super) async fn run_once(engine: &Engine) -> Result<Round> {
    let mut round = Round::default();
    for stored in engine.store.tariffs().await? {
        let tariff = stored.tariff.tariff.clone();
        // One that cannot go on, because its campaign has changed, does not stop the others.
        if let Err(error) = turn(engine, stored, &mut round).await {
            tracing::warn!(tariff, %error, "publication.failed");
        }
    }
    Ok(round)
}

async fn turn(engine: &Engine, mut stored: StoredTariff, round: &mut Round) -> Result<()> {
    let now = engine.now();
    let before = (stored.state, stored.version);
    if let Some(next) = stored.next.filter(|next| next.at <= now) {
        stored = engine.store.publish_tariff(stored.id, next.version, now).await?;
    }
    if stored.state == TariffState::Published && stored.tariff.has_ended(now) {
        stored = engine.store.retire_tariff(stored.id, now).await?;
    }
    if before != (stored.state, stored.version) {
        tracing::info!(
            tariff = stored.tariff.tariff,
            version = stored.version,
            state = stored.state.as_str(),
            "tariff.turned"
        );
        round.turned += 1;
    }
    round.taken_back += engine.take_back_all(&stored).await?;
    if stored.state != TariffState::Published {
        return Ok(());
    }
    let goes_on = stored.reopened_all_at.is_none() || begins_anew(engine, &stored, now).await?;
    if goes_on {
        let moved = engine.finish_publication(&stored.tariff.tariff).await?;
        round.reopened += moved.reopened;
        round.taken_back += moved.taken_back;
    }
    Ok(())
}

/// Whether the refusals are to be looked at again, because a new day may have made a condition hold.
async fn begins_anew(engine: &Engine, stored: &StoredTariff, now: Timestamp) -> Result<bool> {
    let Some(last_began) = stored.pass_at else { return Ok(false) };
    if stored.tariff.today(last_began) >= stored.tariff.today(now) {
        return Ok(false);
    }
    for name in &stored.tariff.campaigns {
        let campaign = engine.store.campaign(name).await?;
        let definition = engine.definition(campaign.id, campaign.version).await?;
        let mut conditions = definition.reasons.iter().flat_map(|reason| reason.reopened_by.iter().flatten());
        if conditions.any(|condition| condition.is_timed()) {
            return Ok(engine.store.begin_pass(stored.id, last_began, now).await?);
        }
    }
    Ok(false)
}
