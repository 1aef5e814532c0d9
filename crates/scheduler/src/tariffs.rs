//! Tariffs: checked, tried against the refusals, published, retired.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use relance_domain::campaign::{Problem, SourceFile, misfits, read_tariff};
use relance_domain::definition::Definition;
use relance_domain::eligibility::Law;
use relance_domain::lead::Block;
use relance_domain::matching::{Answer, answer};
use relance_domain::tariff::{Tariff, TariffState};
use relance_domain::{CampaignId, Money, RefusalId, TariffId};
use relance_store::StoreError;
use relance_store::tariff::{RefusalPage, RefusalRow, Reopen, ReopeningStep, StepDone, StoredTariff};
use serde::{Deserialize, Serialize};

use crate::{Engine, Error, Result};

/// Refusals looked at in one step of a publication.
const STEP_REFUSALS: i64 = 500;
/// Examples in a preview.
const EXAMPLES: usize = 5;

/// A tariff as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffSummary {
    /// Short name.
    pub tariff: String,
    /// The name people read.
    pub name: String,
    /// Where it stands.
    pub state: TariffState,
    /// Its price.
    pub price: Money,
    /// What the price is per.
    pub per: String,
    /// Where it is to be had; everywhere when empty.
    pub regions: Vec<String>,
    /// Short names of the campaigns that offer it.
    pub campaigns: Vec<String>,
    /// Since when it is offered.
    pub published_at: Option<Timestamp>,
    /// Whether all refusals have been looked at since.
    pub reopening_complete: bool,
    /// Since when it is not offered any more.
    pub retired_at: Option<Timestamp>,
}

/// What publishing a tariff would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffPreview {
    /// The tariff's short name.
    pub tariff: String,
    /// Refusals of its campaigns that were looked at.
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

/// What a publication did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffPublication {
    /// The tariff's short name.
    pub tariff: String,
    /// Since when it is offered.
    pub published_at: Option<Timestamp>,
    /// Leads that this request put back in the queue. A publication that is repeated puts none back twice.
    pub reopened: u64,
}

/// The campaigns that offer a tariff, with their definitions.
type Offering = Vec<Offered>;

/// A campaign that offers a tariff, and what its calls are held to.
struct Offered {
    campaign: CampaignId,
    definition: Arc<Definition>,
    law: Law,
}

impl Engine {
    /// Reads a tariff file and holds it against its campaigns.
    pub async fn check_tariff(&self, file: &SourceFile) -> Result<Tariff> {
        let tariff = read_tariff(&file.path, &file.text).map_err(|problems| Error::Files { problems })?;
        self.offering(&file.path, &tariff).await?;
        Ok(tariff)
    }

    /// Every tariff.
    pub async fn tariffs(&self) -> Result<Vec<TariffSummary>> {
        Ok(self.store.tariffs().await?.into_iter().map(summary).collect())
    }

    /// The file of a tariff that is stored, as [`Engine::preview_tariff`] and [`Engine::publish_tariff`] take it.
    pub async fn stored_tariff(&self, tariff: &str) -> Result<Tariff> {
        Ok(self.store.tariff(tariff).await?.tariff)
    }

    /// What publishing a tariff would do. Nothing is stored.
    pub async fn preview_tariff(&self, tariff: &Tariff) -> Result<TariffPreview> {
        let now = self.now();
        may_be_published(tariff, now)?;
        self.refuse_published(&tariff.tariff).await?;
        let offering = self.offering(&tariff.tariff, tariff).await?;
        let mut preview = Preview::default();
        let mut after = RefusalId(0);
        loop {
            let rows = self.store.standing_refusals(&page(&offering, after, now, now)).await?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            for row in &rows {
                let offered = offered_by(&offering, row.campaign);
                preview.count(row, offered.map_or(Answer::NoAnswer, |by| answer(tariff, &row.standing, by, now)));
            }
        }
        Ok(preview.finish(tariff.tariff.clone()))
    }

    /// A preview of what cannot be published any more would promise what does not come.
    async fn refuse_published(&self, tariff: &str) -> Result<()> {
        match self.store.tariff(tariff).await {
            Err(StoreError::NotFound { .. }) => Ok(()),
            Ok(stored) if stored.state == TariffState::Draft => Ok(()),
            Ok(stored) => {
                let state = stored.state.as_str();
                let message = format!("tariff {tariff} is {state} already: the report says what it put back");
                Err(StoreError::Conflict(message).into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Offers a tariff from now on and puts the people back whose refusal it answers. A publication that was cut off
    /// goes on where it stood.
    pub async fn publish_tariff(&self, tariff: &Tariff) -> Result<TariffPublication> {
        let now = self.now();
        may_be_published(tariff, now)?;
        self.offering(&tariff.tariff, tariff).await?;
        let stored = self.store.save_tariff(tariff, now).await?;
        let stored = self.store.publish_tariff(stored.id, now).await?;
        let reopened = self.finish_publication(stored.id, &tariff.tariff).await?;
        tracing::info!(tariff = tariff.tariff, reopened, "tariff.published");
        let published_at = self.store.tariff(&tariff.tariff).await?.published_at;
        Ok(TariffPublication { tariff: tariff.tariff.clone(), published_at, reopened })
    }

    /// Takes the steps that a publication lacks; tells how many leads they put back.
    pub(crate) async fn finish_publication(&self, id: TariffId, tariff: &str) -> Result<u64> {
        let mut reopened = 0;
        loop {
            let stored = self.store.tariff(tariff).await?;
            let (Some(published_at), None, TariffState::Published) =
                (stored.published_at, stored.reopened_all_at, stored.state)
            else {
                return Ok(reopened);
            };
            let step = self.next_step(id, &stored, published_at).await?;
            match self.store.reopen(&step, self.now()).await? {
                StepDone::Reopened(leads) => reopened += leads,
                StepDone::DoneElsewhere => {}
            }
        }
    }

    async fn next_step(&self, id: TariffId, stored: &StoredTariff, published_at: Timestamp) -> Result<ReopeningStep> {
        let now = self.now();
        let offering = self.offering(&stored.tariff.tariff, &stored.tariff).await?;
        let rows = self.store.standing_refusals(&page(&offering, stored.reopened_to, published_at, now)).await?;
        let full = rows.len() == usize::try_from(STEP_REFUSALS).unwrap_or(usize::MAX);
        let reopen = rows.iter().filter_map(|row| {
            let offered = offered_by(&offering, row.campaign)?;
            match answer(&stored.tariff, &row.standing, offered, now) {
                Answer::Reopens { because, held } => {
                    Some(Reopen { refusal: row.id, lead: row.lead, campaign: row.campaign, because, held })
                }
                Answer::Held(_) | Answer::NoAnswer => None,
            }
        });
        Ok(ReopeningStep {
            tariff: id,
            from: stored.reopened_to,
            to: rows.last().map_or(stored.reopened_to, |row| row.id),
            reopen: reopen.collect(),
            last: !full,
        })
    }

    /// No longer offers a tariff. Leads that it put back stay.
    pub async fn retire_tariff(&self, tariff: &str) -> Result<TariffSummary> {
        let stored = self.store.tariff(tariff).await?;
        Ok(summary(self.store.retire_tariff(stored.id, self.now()).await?))
    }

    /// The campaigns that offer a tariff. One that is unknown, or whose currency or features differ, is a problem.
    async fn offering(&self, file: &str, tariff: &Tariff) -> Result<Offering> {
        let problem =
            |check: &str, message: String| Problem { check: check.into(), file: file.into(), line: None, message };
        let mut problems = Vec::new();
        let mut offering = Vec::new();
        for name in &tariff.campaigns {
            let campaign = match self.store.campaign(name).await {
                Err(StoreError::NotFound { .. }) => {
                    problems.push(problem("tariffs-belong", format!("there is no campaign {name:?}: apply it first")));
                    continue;
                }
                found => found?,
            };
            let definition = self.definition(campaign.id, campaign.version).await?;
            let found = misfits(tariff, &definition).into_iter();
            problems.extend(found.map(|misfit| problem(misfit.check, format!("{}: {}", misfit.key, misfit.message))));
            let law = self.law(&definition);
            offering.push(Offered { campaign: campaign.id, definition, law });
        }
        if problems.is_empty() { Ok(offering) } else { Err(Error::Files { problems }) }
    }
}

/// Only what is to be had today can be offered.
fn may_be_published(tariff: &Tariff, now: Timestamp) -> Result<()> {
    if tariff.valid_at(now) {
        return Ok(());
    }
    let (field, message) = match tariff.valid_until {
        Some(last) if tariff.time_zone.rules().is_ok_and(|zone| last < zone.to_datetime(now).date()) => (
            "valid_until",
            format!("the tariff was to be had until {last}: give it a later end, under a name of its own"),
        ),
        _ => ("valid_from", format!("the tariff is to be had from {} on: publish it then", tariff.valid_from)),
    };
    Err(Error::field("the tariff", field, message))
}

fn offered_by(offering: &Offering, campaign: CampaignId) -> Option<(&Definition, &Law)> {
    let found = offering.iter().find(|offered| offered.campaign == campaign)?;
    Some((found.definition.as_ref(), &found.law))
}

fn page(offering: &Offering, after: RefusalId, until: Timestamp, now: Timestamp) -> RefusalPage {
    RefusalPage {
        campaigns: offering.iter().map(|offered| offered.campaign).collect(),
        after,
        until,
        tries_since: offering.iter().map(|offered| offered.law.looks_back_to(now)).min().unwrap_or(now),
        limit: STEP_REFUSALS,
    }
}

fn summary(stored: StoredTariff) -> TariffSummary {
    TariffSummary {
        tariff: stored.tariff.tariff,
        name: stored.tariff.name,
        state: stored.state,
        price: stored.tariff.price,
        per: stored.tariff.per,
        regions: stored.tariff.regions,
        campaigns: stored.tariff.campaigns,
        published_at: stored.published_at,
        reopening_complete: stored.reopened_all_at.is_some(),
        retired_at: stored.retired_at,
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
        self.refusals += 1;
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
