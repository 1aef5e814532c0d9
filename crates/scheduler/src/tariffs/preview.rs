//! What publishing a tariff would do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use relance_domain::RefusalId;
use relance_domain::lead::Block;
use relance_domain::matching::{Answer, answer};
use relance_domain::tariff::{Tariff, TariffState};
use relance_store::StoreError;
use relance_store::tariff::{AnswerPage, RefusalRow};
use serde::{Deserialize, Serialize};

use super::{Offering, may_be_published};
use crate::{Engine, Result};

/// Examples in a preview.
const EXAMPLES: usize = 5;
/// Refusals of a campaign looked at, and answers read, at once.
const PAGE: i64 = 10_000;

/// What publishing a tariff would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffPreview {
    /// The tariff's short name.
    pub tariff: String,
    /// Refusals of its campaigns that stand, and were looked at.
    pub refusals: i64,
    /// Those it answers whose people come back at once.
    pub reopened_now: i64,
    /// Those it answers whose people come back later, when what holds them is over.
    pub reopened_later: i64,
    /// Those it answers that do not come back.
    pub held_back: i64,
    /// The answered ones by reason.
    pub by_reason: Vec<ReasonShare>,
    /// What holds people back, for a time or for good.
    pub held_by: Vec<HeldCount>,
    /// A few of those who come back.
    pub examples: Vec<PreviewExample>,
}

/// Answered refusals of one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReasonShare {
    /// The reason.
    pub reason: String,
    /// How many come back, at once or later.
    pub refusals: i64,
}

/// Answered refusals that something holds back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HeldCount {
    /// `cool_down`, `attempt_cap`, `suppressed`, `region`, `time_zone_unknown`, `licence_expired` or `no_longer_refused`.
    pub by: String,
    /// How many.
    pub refusals: i64,
    /// When the first of them is free again; none for what holds for good.
    pub first_until: Option<Timestamp>,
    /// When the last of them is free again.
    pub last_until: Option<Timestamp>,
}

/// Somebody who comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreviewExample {
    /// The number, masked.
    pub phone: String,
    /// Why, in words.
    pub because: String,
    /// Not before; none for at once.
    pub not_before: Option<Timestamp>,
}

impl Engine {
    /// What publishing a tariff would do. Nothing is stored.
    pub async fn preview_tariff(&self, tariff: &Tariff) -> Result<TariffPreview> {
        let now = self.now();
        may_be_published(tariff, now)?;
        self.refuse_published(tariff).await?;
        let offering = self.offering(&tariff.tariff, tariff).await?;
        let mut refusals = 0;
        for by in &offering.offered_by {
            refusals += self.store.standing_refusals(by.campaign, None).await?;
        }
        let mut preview = Preview { refusals, ..Preview::default() };
        let mut after = RefusalId(0);
        loop {
            let page = self.store.answered_refusals(&page(tariff, &offering, after, now)).await?;
            for row in &page.rows {
                let answered = offering
                    .of(row.campaign)
                    .map(|(by, law)| answer(tariff, &row.standing, (&by.definition, law), now));
                preview.count(row, answered.unwrap_or(Answer::NoAnswer));
            }
            if page.last {
                return Ok(preview.finish(tariff.tariff.clone()));
            }
            after = page.to;
        }
    }

    /// A preview of what cannot be published any more would promise what does not come.
    async fn refuse_published(&self, tariff: &Tariff) -> Result<()> {
        let stored = match self.store.tariff(&tariff.tariff).await {
            Err(StoreError::NotFound { .. }) => return Ok(()),
            found => found?,
        };
        let is_this = stored.state == TariffState::Published && stored.tariff == *tariff;
        if stored.state != TariffState::Retired && !is_this {
            return Ok(());
        }
        let (name, state) = (&tariff.tariff, stored.state.as_str());
        let message = format!("tariff {name} is {state} already: the report says what it put back");
        Err(StoreError::Conflict(message).into())
    }
}

fn page<'a>(tariff: &'a Tariff, offering: &'a Offering, after: RefusalId, now: Timestamp) -> AnswerPage<'a> {
    AnswerPage {
        tariff,
        offered_by: &offering.offered_by,
        now,
        after,
        refused_by: now,
        timed_by: now,
        covered_only: false,
        look_at: PAGE,
        limit: PAGE,
    }
}

#[derive(Default)]
struct Preview {
    refusals: i64,
    now: i64,
    later: i64,
    held_back: i64,
    by_reason: BTreeMap<String, i64>,
    held_by: BTreeMap<String, (i64, Option<Timestamp>, Option<Timestamp>)>,
    examples: Vec<PreviewExample>,
}

impl Preview {
    fn count(&mut self, row: &RefusalRow, answer: Answer) {
        match answer {
            Answer::NoAnswer => {}
            Answer::Held(held) => {
                self.held_back += 1;
                let word = serde_json::to_value(held).ok().and_then(|value| value.as_str().map(str::to_owned));
                self.held_by.entry(word.unwrap_or_default()).or_default().0 += 1;
            }
            Answer::Reopens { because, held } => {
                *self.by_reason.entry(row.standing.refusal.reason.clone()).or_default() += 1;
                match held {
                    None => self.now += 1,
                    Some((block, until)) => self.count_later(block, until),
                }
                if self.examples.len() < EXAMPLES {
                    let not_before = held.map(|(_, until)| until);
                    self.examples.push(PreviewExample { phone: row.phone_masked.clone(), because, not_before });
                }
            }
        }
    }

    fn count_later(&mut self, block: Block, until: Timestamp) {
        self.later += 1;
        let (count, first, last) = self.held_by.entry(block.as_str().to_owned()).or_default();
        *count += 1;
        *first = first.iter().copied().chain([until]).min();
        *last = last.iter().copied().chain([until]).max();
    }

    fn finish(self, tariff: String) -> TariffPreview {
        let reasons = self.by_reason.into_iter().map(|(reason, refusals)| ReasonShare { reason, refusals });
        let held = self.held_by.into_iter().map(|(by, (refusals, first_until, last_until))| HeldCount {
            by,
            refusals,
            first_until,
            last_until,
        });
        TariffPreview {
            tariff,
            refusals: self.refusals,
            reopened_now: self.now,
            reopened_later: self.later,
            held_back: self.held_back,
            by_reason: reasons.collect(),
            held_by: held.collect(),
            examples: self.examples,
        }
    }
}
