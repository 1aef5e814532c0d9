//! What publishing a tariff would do. Refusals are counted by the store, and those of people against whom something may stand that no
//! count tells are put to the same rule as in a publication, one by one.

mod outlook;
pub(super) mod shown;
mod tally;

use std::collections::BTreeMap;

use jiff::Timestamp;
use relance_domain::eligibility::{Facts, Law, lane_opening};
use relance_domain::forecast::{self, Trials};
use relance_domain::matching::{Answer, answer};
use relance_domain::tariff::{Tariff, TariffState};
use relance_domain::{CampaignId, LaneId, RefusalId, ReopeningId, Span};
use relance_store::StoreError;
use relance_store::preview::{Asked, Ends};
use relance_store::tariff::{OfferedBy, RefusalRow};

use self::outlook::Back;
use self::shown::{PreviewExample, TariffPreview};
use self::tally::{AGES, Fate, LaneGround, Tally, WAITS};
use super::may_be_published;
use crate::{Engine, Result};

/// Examples in a preview.
const EXAMPLES: i64 = 5;
/// Refusals that are looked at one by one, at once.
const LOOKED_AT: usize = 5_000;

/// A tariff that is held against a campaign's refusals.
struct Trial<'a> {
    tariff: &'a Tariff,
    by: &'a OfferedBy,
    law: &'a Law,
    ends: Ends,
    now: Timestamp,
}

impl<'a> Trial<'a> {
    fn asked(&self) -> Asked<'a> {
        Asked {
            tariff: self.tariff,
            by: self.by,
            ends: self.ends,
            now: self.now,
            refused_after: AGES.map(|days| Span::days(days).before(self.now)),
            free_by: WAITS.map(|days| Span::days(days).after(self.now)),
        }
    }

    fn answer(&self, row: &RefusalRow) -> Answer {
        answer(self.tariff, &row.standing, (&self.by.definition, self.law), self.now)
    }

    fn holds_out(&self, row: &RefusalRow) -> bool {
        self.tariff.hold_out.is_some_and(|hold_out| hold_out.holds(&self.tariff.tariff, row.id))
    }

    /// What was counted of it, when nothing was known of its person's past.
    fn counted(&self, row: &RefusalRow) -> Option<Fate> {
        let mut blank = row.standing.clone();
        blank.facts = Facts { licence_until: row.standing.facts.licence_until, ..Facts::default() };
        Fate::of(&answer(self.tariff, &blank, (&self.by.definition, self.law), self.now))
    }
}

impl Engine {
    /// What publishing a tariff would do. Nothing is stored.
    pub async fn preview_tariff(&self, tariff: &Tariff) -> Result<TariffPreview> {
        let now = self.now();
        may_be_published(tariff, now)?;
        let offering = self.offering(&tariff.tariff, tariff, |_| None).await?;
        let tariff = &offering.in_its_units(tariff);
        let ends = self.what_ends(tariff).await?;
        self.succession(tariff).await?;
        let mut tally = Tally::new(now);
        let (mut calls, mut orders, mut examples) = (Vec::new(), Vec::new(), Vec::new());
        for (by, law) in offering.offered_by.iter().zip(&offering.laws) {
            let trial = Trial { tariff, by, law, ends, now };
            tally.lanes = self.grounds(&trial).await?;
            let back = self.tally(&trial, &mut tally).await?;
            calls.push(self.calls_ahead(by, &back, now).await?);
            orders.extend(self.orders_ahead(by, &back).await?);
            examples.extend(self.examples(&trial).await?);
        }
        let campaigns: Vec<CampaignId> = offering.offered_by.iter().map(|by| by.campaign).collect();
        let taken_back = self.store.to_be_taken_back(&ends).await?;
        let theirs = taken_back.iter().filter(|(campaign, _)| campaigns.contains(campaign));
        let refusals = self.store.standing_count(&campaigns).await? + theirs.map(|(_, leads)| leads).sum::<i64>();
        let mut preview = tally.finish(tariff, refusals);
        preview.taken_back = taken_back.iter().map(|(_, leads)| leads).sum();
        let groups: Vec<(u64, Trials)> = orders
            .iter()
            .map(|one| {
                (u64::try_from(one.people).unwrap_or_default(), Trials { tried: one.tried, orders: one.ordered })
            })
            .collect();
        preview.orders_together = forecast::together(&groups);
        examples.truncate(EXAMPLES as usize);
        (preview.calls, preview.orders, preview.examples) = (calls, orders, examples);
        Ok(preview)
    }

    /// What the lanes of a campaign say of their people.
    async fn grounds(&self, trial: &Trial<'_>) -> Result<BTreeMap<LaneId, LaneGround>> {
        let campaign = trial.by.campaign;
        let lists = self.store.lists(Some(campaign)).await?;
        let registers = self.store.register_days(&trial.by.definition.seller, campaign).await?;
        let lanes = self.store.lanes(campaign).await?;
        let ground = |lane: &relance_store::campaign::Lane| {
            let list = lists.iter().find(|list| list.id == lane.list);
            let list = list.map_or(("", None), |list| (list.name.as_str(), list.licence_until));
            let opening = lane_opening(trial.now, trial.law, &lane.for_rules(), &registers);
            (lane.id, LaneGround::of(lane, list, opening, trial.now))
        };
        Ok(lanes.iter().map(ground).collect())
    }

    /// Counts a campaign's refusals; tells how many come back for each reason.
    async fn tally(&self, trial: &Trial<'_>, tally: &mut Tally) -> Result<Back> {
        let asked = trial.asked();
        let mut back = Back::new();
        for count in self.store.answered_counts(&asked).await? {
            let people = tally.count(&count);
            *back.entry(count.reason).or_default() += people;
        }
        for (lane, refusals) in self.store.held_out(&asked).await? {
            tally.hold_out(lane, refusals);
        }
        let suspects = self.store.to_be_looked_at(&asked).await?;
        for suspects in suspects.chunks(LOOKED_AT) {
            for row in self.store.answered_among(&asked, suspects).await? {
                let Some((counted, found)) = trial.counted(&row).zip(Fate::of(&trial.answer(&row))) else { continue };
                let people = tally.correct(&row, counted, found);
                *back.entry(row.standing.refusal.reason.clone()).or_default() += people;
                tally.held_out += if trial.holds_out(&row) { people } else { 0 };
            }
        }
        Ok(back)
    }

    async fn examples(&self, trial: &Trial<'_>) -> Result<Vec<PreviewExample>> {
        let asked = trial.asked();
        let some: Vec<RefusalId> = self.store.some_answered(&asked, EXAMPLES).await?;
        let rows = self.store.answered_among(&asked, &some).await?;
        let example = |row: &RefusalRow| match trial.answer(row) {
            Answer::Reopens { because, held } => Some(PreviewExample {
                phone: row.phone_masked.clone(),
                because,
                not_before: held.map(|(_, until)| until).filter(|until| *until < Timestamp::MAX),
            }),
            Answer::Held(_) | Answer::NoAnswer => None,
        };
        Ok(rows.iter().filter_map(example).collect())
    }

    /// What publishing the tariff ends. A preview of what cannot be published any more would promise what does not come.
    async fn what_ends(&self, tariff: &Tariff) -> Result<Ends> {
        let mut ends = Ends::default();
        if let Some(stored) = self.known_tariff(&tariff.tariff).await? {
            let is_this = stored.state == TariffState::Published && stored.tariff == *tariff;
            if stored.state == TariffState::Retired || is_this {
                let (name, state) = (&tariff.tariff, stored.state.as_str());
                let message = format!("tariff {name} is {state} already: the report says what it put back");
                return Err(StoreError::Conflict(message).into());
            }
            ends.older_versions = (stored.state == TariffState::Published).then_some(stored.id);
        }
        let Some(older) = &tariff.replaces else { return Ok(ends) };
        ends.replaced = self.known_tariff(older).await?.and_then(|older| match older.state {
            TariffState::Draft => None,
            TariffState::Published => Some((older.id, ReopeningId(0))),
            // It has ended, and what is left of taking back goes on with the publication.
            TariffState::Retired => older.taken_back_all_at.is_none().then_some((older.id, older.taken_back_to)),
        });
        Ok(ends)
    }
}
