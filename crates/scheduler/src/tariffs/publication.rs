//! A publication, step by step: refusals it answers go back to the queue, and what ended is taken back before.

use jiff::Timestamp;
use relance_domain::RefusalId;
use relance_domain::definition::{Definition, ReopenCondition};
use relance_domain::matching::{Answer, answer, score};
use relance_domain::tariff::TariffState;
use relance_store::StoreError;
use relance_store::tariff::{AnswerPage, RefusalRow, Reopen, ReopeningStep, StepDone, StoredTariff};

use super::Offering;
use crate::{Engine, Result};

/// Refusals of a campaign looked at in one step, at most.
const STEP_REFUSALS: i64 = 10_000;
/// Refusals reopened, or reopenings looked at for being taken back, in one step, at most: operators wait for no longer than that.
const STEP_LEADS: i64 = 500;

/// Leads that a publication moved.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moved {
    /// Those it put back.
    pub(crate) reopened: u64,
    /// Those that were taken back before, with an older version or the tariff that it replaces.
    pub(crate) taken_back: u64,
}

impl Engine {
    /// Takes the steps that a publication lacks, after what its end of another took back.
    pub(crate) async fn finish_publication(&self, tariff: &str) -> Result<Moved> {
        let mut moved = Moved::default();
        let mut taken_back_before = None;
        loop {
            let stored = self.store.tariff(tariff).await?;
            // Another version may take over between two steps.
            if taken_back_before.replace(stored.version) != Some(stored.version) {
                moved.taken_back += self.take_back_before(&stored).await?;
            }
            let (TariffState::Published, Some(published_at), Some(pass_at), None) =
                (stored.state, stored.published_at, stored.pass_at, stored.reopened_all_at)
            else {
                return Ok(moved);
            };
            // A node whose clock runs behind reopens nothing before it was published.
            let now = self.now().max(published_at);
            let step = self.next_step(&stored, (published_at, pass_at), now).await?;
            match self.store.reopen(&step, now).await? {
                StepDone::Reopened(leads) => moved.reopened += leads,
                StepDone::DoneElsewhere => {}
            }
        }
    }

    /// What has ended holds people in the queue that a version of a tariff may answer anew: they are closed again first.
    async fn take_back_before(&self, begins: &StoredTariff) -> Result<u64> {
        let leads = self.take_back_all(begins).await?;
        let Some(older) = &begins.tariff.replaces else { return Ok(leads) };
        match self.known_tariff(older).await? {
            Some(older) => Ok(leads + self.take_back_all(&older).await?),
            None => Ok(leads),
        }
    }

    /// The tariff of this name, if there is one.
    pub(super) async fn known_tariff(&self, tariff: &str) -> Result<Option<StoredTariff>> {
        match self.store.tariff(tariff).await {
            Err(StoreError::NotFound { .. }) => Ok(None),
            found => Ok(Some(found?)),
        }
    }

    async fn next_step(
        &self,
        stored: &StoredTariff,
        (published_at, pass_at): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<ReopeningStep> {
        let offering = self.offering(&stored.tariff.tariff, &stored.tariff, |_| None).await?;
        let page = AnswerPage {
            tariff: &stored.tariff,
            offered_by: &offering.offered_by,
            now,
            after: stored.reopened_to,
            refused_by: published_at,
            timed_by: pass_at,
            covered_only: true,
            look_at: STEP_REFUSALS,
            limit: STEP_LEADS,
        };
        let answered = self.store.answered_refusals(&page).await?;
        let (reopen, cut_at) = reopenings(stored, &offering, &answered.rows, now);
        Ok(ReopeningStep {
            tariff: stored.id,
            version: stored.version,
            from: stored.reopened_to,
            to: cut_at.unwrap_or(answered.to),
            reopen,
            last: answered.last && cut_at.is_none(),
        })
    }

    /// Takes back what a tariff, or an earlier version of it, has put back and nobody has called since; tells how many leads.
    pub(crate) async fn take_back_all(&self, stored: &StoredTariff) -> Result<u64> {
        let mut leads = 0;
        if stored.taken_back_all_at.is_some() || stored.state == TariffState::Draft {
            return Ok(leads);
        }
        loop {
            let taken = self.store.take_back(stored.id, STEP_LEADS, self.now()).await?;
            leads += taken.leads;
            if taken.complete {
                return Ok(leads);
            }
        }
    }
}

/// What a step puts back, and where it ends before its page does: so many reopenings a year are counted by person, and of one with
/// several leads each is counted before the next.
fn reopenings(
    stored: &StoredTariff,
    offering: &Offering,
    rows: &[RefusalRow],
    now: Timestamp,
) -> (Vec<Reopen>, Option<RefusalId>) {
    let mut counted = std::collections::HashSet::new();
    let mut reopen = Vec::new();
    for row in rows {
        let Some(one) = reopening(stored, offering, row, now) else { continue };
        let came_before = !counted.insert(row.client);
        if came_before && one.most_in_a_year.is_some() {
            return (reopen, Some(RefusalId(row.id.0 - 1)));
        }
        reopen.push(one);
    }
    (reopen, None)
}

fn reopening(stored: &StoredTariff, offering: &Offering, row: &RefusalRow, now: Timestamp) -> Option<Reopen> {
    let (by, law) = offering.of(row.campaign)?;
    let Answer::Reopens { because, held } = answer(&stored.tariff, &row.standing, (&by.definition, law), now) else {
        return None;
    };
    let (policy, tariff) = (&by.definition.reopening, &stored.tariff);
    let hold_out = tariff.hold_out.filter(|hold_out| hold_out.holds(&tariff.tariff, row.id));
    Some(Reopen {
        refusal: row.id,
        because,
        held,
        most_in_a_year: most_in_a_year(&by.definition, row),
        score: score(tariff, &row.standing, &by.definition, now),
        waits_for_budget: policy.budget.is_some() || tariff.reopened_per_day.is_some(),
        kept_for: policy.first_operator,
        held_out: hold_out.map(|hold_out| (hold_out.how, hold_out.lasts.after(now))),
    })
}

fn most_in_a_year(definition: &Definition, row: &RefusalRow) -> Option<u16> {
    let reason = definition.reason(&row.standing.refusal.reason)?;
    reason.reopened_by.get(row.alternative)?.iter().find_map(|condition| match condition {
        ReopenCondition::ReopeningsAYear(most) => Some(*most),
        _ => None,
    })
}
