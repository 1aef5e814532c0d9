//! Tariffs: checked, tried against the refusals, published, withdrawn.

mod budgets;
mod curve;
mod preview;
mod publication;

use jiff::Timestamp;
use relance_domain::campaign::{Problem, SourceFile, cannot_follow, line_of, misfits, read_tariff};
use relance_domain::definition::Definition;
use relance_domain::eligibility::Law;
use relance_domain::matching::in_units_of;
use relance_domain::tariff::{Tariff, TariffState};
use relance_domain::{CampaignId, Money};
use relance_store::StoreError;
use relance_store::tariff::{NextVersion, OfferedBy, StoredTariff};
use serde::{Deserialize, Serialize};

pub use curve::PriceCurve;
pub use preview::shown::{
    BandCount, CallsAhead, HeldCount, HeldOutPeople, OrdersAhead, PreviewExample, PreviewShare, ReasonShare, RestsOn,
    TariffPreview,
};

use publication::Moved;

use crate::{Engine, Error, Result};

/// A tariff as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffSummary {
    /// Short name.
    pub tariff: String,
    /// The name people read.
    pub name: String,
    /// Where it stands.
    pub state: TariffState,
    /// The version that is offered or was last; a draft's latest.
    pub version: i64,
    /// A version that was saved and is not offered yet.
    pub draft_version: Option<i64>,
    /// When a version is published by itself, where that was asked for.
    pub starts_at: Option<Timestamp>,
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
    /// Short name of the tariff that took its place.
    pub replaced_by: Option<String>,
}

/// A tariff with its versions and what it cost when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffDetails {
    /// As lists show it.
    pub summary: TariffSummary,
    /// Every version, the first first.
    pub versions: Vec<TariffVersionShown>,
    /// What it cost when, the earliest first.
    pub prices: Vec<TariffPrice>,
}

/// A version of a tariff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffVersionShown {
    /// Its number, from 1.
    pub version: i64,
    /// Since when it is known.
    pub saved_at: Timestamp,
    /// What it offers.
    #[schema(value_type = Object)]
    pub tariff: Tariff,
}

/// What a version cost while it was offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffPrice {
    /// The version.
    pub version: i64,
    /// Its price.
    pub price: Money,
    /// What the price was per.
    pub per: String,
    /// Since when.
    pub from: Timestamp,
    /// Until when; absent while it is offered.
    pub until: Option<Timestamp>,
}

/// What a publication did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffPublication {
    /// The tariff's short name.
    pub tariff: String,
    /// The version that was asked for.
    pub version: i64,
    /// Since when it is offered; absent where it is not yet.
    pub published_at: Option<Timestamp>,
    /// When it is published by itself; absent where it is offered already.
    pub starts_at: Option<Timestamp>,
    /// Leads that this request put back in the queue. A publication that is repeated puts none back twice.
    pub reopened: u64,
    /// Leads that this request took back first, which an older version or the tariff that it replaces had put back and nobody had called.
    #[serde(default)]
    pub taken_back: u64,
    /// What else happens by it, in words.
    pub notes: Vec<String>,
}

/// What withdrawing a tariff did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffWithdrawal {
    /// The tariff's short name.
    pub tariff: String,
    /// Since when it is not offered any more.
    pub retired_at: Option<Timestamp>,
    /// Leads that it had put back and that nobody had called: closed by their refusal again.
    pub taken_back: u64,
}

/// The campaigns that offer a tariff, each with what its calls are held to.
pub(super) struct Offering {
    offered_by: Vec<OfferedBy>,
    laws: Vec<Law>,
}

impl Offering {
    /// The tariff with the units of its campaigns, which are the same in all.
    fn in_its_units(&self, tariff: &Tariff) -> Tariff {
        self.offered_by.first().map_or_else(|| tariff.clone(), |by| in_units_of(tariff, &by.definition))
    }

    fn of(&self, campaign: CampaignId) -> Option<(&OfferedBy, &Law)> {
        self.offered_by.iter().zip(&self.laws).find(|(by, _)| by.campaign == campaign)
    }
}

impl Engine {
    /// Reads a tariff file and holds it against its campaigns.
    pub async fn check_tariff(&self, file: &SourceFile) -> Result<Tariff> {
        let tariff = read_tariff(&file.path, &file.text).map_err(|problems| Error::Files { problems })?;
        self.offering(&file.path, &tariff, |key| line_of(file, key)).await?;
        self.succession(&tariff).await?;
        may_be_published(&tariff, self.now())?;
        if let Some(stored) =
            self.known_tariff(&tariff.tariff).await?.filter(|stored| stored.state == TariffState::Retired)
        {
            let name = &stored.tariff.tariff;
            let message = format!("tariff {name} has ended and is not offered again: give this one a name of its own");
            return Err(StoreError::Conflict(message).into());
        }
        Ok(tariff)
    }

    /// Every tariff.
    pub async fn tariffs(&self) -> Result<Vec<TariffSummary>> {
        Ok(self.store.tariffs().await?.into_iter().map(summary).collect())
    }

    /// A tariff with its versions and what it cost when.
    pub async fn tariff(&self, tariff: &str) -> Result<TariffDetails> {
        let stored = self.store.tariff(tariff).await?;
        let history = self.store.tariff_history(stored.id).await?;
        let versions = history.versions.into_iter().map(|version| TariffVersionShown {
            version: version.version,
            saved_at: version.saved_at,
            tariff: version.tariff,
        });
        let prices = history.prices.into_iter().map(|period| TariffPrice {
            version: period.version,
            price: period.price,
            per: period.per,
            from: period.from,
            until: period.until,
        });
        Ok(TariffDetails { summary: summary(stored), versions: versions.collect(), prices: prices.collect() })
    }

    /// The latest version of a tariff that is stored, as [`Engine::preview_tariff`] and [`Engine::publish_tariff`] take it.
    pub async fn stored_tariff(&self, tariff: &str) -> Result<Tariff> {
        let stored = self.store.tariff(tariff).await?;
        let latest = self.store.tariff_history(stored.id).await?.versions.pop();
        Ok(latest.map_or(stored.tariff, |version| version.tariff))
    }

    /// Offers a tariff from now on, or from its first day on, and puts the people back whose refusal it answers. A publication that
    /// was cut off goes on where it stood.
    pub async fn publish_tariff(&self, tariff: &Tariff) -> Result<TariffPublication> {
        let now = self.now();
        may_be_published(tariff, now)?;
        let tariff = &self.offering(&tariff.tariff, tariff, |_| None).await?.in_its_units(tariff);
        let notes = self.succession(tariff).await?;
        let saved = self.store.save_tariff(tariff, now).await?;
        let (version, at) = (saved.latest, tariff.starts_at());
        if at > now {
            let stored = self.store.schedule_tariff(saved.id, NextVersion { version, at }).await?;
            tracing::info!(tariff = tariff.tariff, version, %at, "tariff.scheduled");
            let (published_at, starts_at) = (stored.published_at, stored.next.map(|next| next.at));
            return Ok(TariffPublication {
                tariff: stored.tariff.tariff,
                version,
                published_at,
                starts_at,
                reopened: 0,
                taken_back: 0,
                notes,
            });
        }
        self.store.publish_tariff(saved.id, version, now).await?;
        let Moved { reopened, taken_back } = self.finish_publication(&tariff.tariff).await?;
        self.release_for_budgets().await?;
        tracing::info!(tariff = tariff.tariff, version, reopened, taken_back, "tariff.published");
        let published_at = self.store.tariff(&tariff.tariff).await?.published_at;
        let tariff = tariff.tariff.clone();
        Ok(TariffPublication { tariff, version, published_at, starts_at: None, reopened, taken_back, notes })
    }

    /// No longer offers a tariff, and takes back the leads that it put back and that nobody has called since.
    pub async fn withdraw_tariff(&self, tariff: &str) -> Result<TariffWithdrawal> {
        let stored = self.store.tariff(tariff).await?;
        let retired = self.store.retire_tariff(stored.id, self.now()).await?;
        let taken_back = self.take_back_all(&retired).await?;
        tracing::info!(tariff, taken_back, "tariff.withdrawn");
        Ok(TariffWithdrawal { tariff: tariff.to_owned(), retired_at: retired.retired_at, taken_back })
    }

    /// What a tariff's taking the place of another comes to, in words; an error where it cannot.
    async fn succession(&self, tariff: &Tariff) -> Result<Vec<String>> {
        let wrong = |message: String| Error::field("the tariff", "replaces", message);
        let known = self.store.tariffs().await?;
        let offered = known.iter().find(|other| other.tariff.tariff == tariff.tariff);
        if let Some(message) = offered.and_then(|offered| leaves_a_gap(offered, tariff)) {
            return Err(Error::field("the tariff", "valid_from", message));
        }
        for successor in known.iter().filter(|other| other.tariff.replaces.as_ref() == Some(&tariff.tariff)) {
            let counts = successor.next.is_some() || successor.state == TariffState::Published;
            if let (true, Some(message)) = (counts, cannot_follow(&successor.tariff, Some(tariff))) {
                return Err(Error::field("the tariff", "valid_from", message));
            }
        }
        let Some(name) = &tariff.replaces else { return Ok(Vec::new()) };
        let older = known.iter().find(|other| other.tariff.tariff == *name);
        if let Some(message) = cannot_follow(tariff, older.map(|older| &older.tariff)) {
            return Err(wrong(message));
        }
        let Some(older) = older else {
            return Err(wrong(format!(
                "there is no tariff {name:?} to replace: publish it first, or take `replaces` out"
            )));
        };
        if let Some(other) = older.replaced_by.as_ref().filter(|other| **other != tariff.tariff) {
            return Err(wrong(format!("{name:?} was replaced by {other:?} already: one tariff has one successor")));
        }
        Ok(ends_with(older, tariff, self.now()).into_iter().collect())
    }

    /// The campaigns that offer a tariff. One that is unknown, or whose currency or features differ, is a problem, on the line
    /// that its key has.
    async fn offering(&self, file: &str, tariff: &Tariff, line_of: impl Fn(&str) -> Option<u32>) -> Result<Offering> {
        let problem = |check: &str, key: &str, message: String| Problem {
            check: check.into(),
            file: file.into(),
            line: line_of(key),
            message,
        };
        let mut problems = Vec::new();
        let mut offering = Offering { offered_by: Vec::new(), laws: Vec::new() };
        for (index, name) in tariff.campaigns.iter().enumerate() {
            let campaign = match self.store.campaign(name).await {
                Err(StoreError::NotFound { .. }) => {
                    let message = format!("there is no campaign {name:?}: apply it first");
                    problems.push(problem("tariffs-belong", &format!("campaigns.{index}"), message));
                    continue;
                }
                found => found?,
            };
            let definition = self.definition(campaign.id, campaign.version).await?;
            let found = misfits(tariff, &definition).into_iter();
            problems.extend(
                found.map(|misfit| problem(misfit.check, &misfit.key, format!("{}: {}", misfit.key, misfit.message))),
            );
            let others = offering.offered_by.iter().map(|by| by.definition.as_ref());
            problems.extend(
                others
                    .filter_map(|other| ambiguous_unit(tariff, other, &definition))
                    .map(|(key, message)| problem("tariff-features", &key, format!("{key}: {message}"))),
            );
            let law = self.law(&definition);
            let holds_back_from = law.holds_back_from(self.now());
            offering.offered_by.push(OfferedBy { campaign: campaign.id, definition, holds_back_from });
            offering.laws.push(law);
        }
        if problems.is_empty() { Ok(offering) } else { Err(Error::Files { problems }) }
    }
}

/// What becomes of a tariff whose place another takes, in words; nothing where it ends before by itself or was never offered.
fn ends_with(older: &StoredTariff, successor: &Tariff, now: Timestamp) -> Option<String> {
    let name = &older.tariff.tariff;
    let begins = successor.valid_from.max(successor.today(now));
    if older.tariff.valid_until.is_some_and(|last| last < begins) {
        return None;
    }
    let when = match successor.starts_at() > now {
        true => format!("when {} begins, on {}", successor.tariff, successor.valid_from),
        false => format!("now, as {} begins", successor.tariff),
    };
    let clipped =
        older.tariff.valid_until.map(|last| format!(", though it was to be had until {last}")).unwrap_or_default();
    let is_offered = older.state == TariffState::Published || older.next.is_some();
    is_offered.then(|| format!("tariff {name} ends {when}{clipped}"))
}

/// An amount whose unit the tariff leaves to its campaigns, which count it differently: its key, and what would be right.
fn ambiguous_unit(tariff: &Tariff, one: &Definition, other: &Definition) -> Option<(String, String)> {
    let unwritten = tariff.features.keys().filter(|code| !tariff.units.contains_key(*code));
    unwritten.into_iter().find_map(|code| {
        let (ours, theirs) = (one.feature(code)?, other.feature(code)?);
        (ours.kind != theirs.kind).then(|| {
            let message = format!(
                "campaigns {:?} and {:?} count it in different units, so that one number cannot be meant for both: make a tariff \
                 for each",
                one.campaign, other.campaign
            );
            (format!("features.{code}"), message)
        })
    })
}

/// What has ended cannot be offered any more, nor what is converted by a rate that nobody can know.
fn may_be_published(tariff: &Tariff, now: Timestamp) -> Result<()> {
    if let Some(last) = tariff.valid_until.filter(|_| tariff.has_ended(now)) {
        let message = format!("the tariff was to be had until {last}: give it a later end");
        return Err(Error::field("the tariff", "valid_until", message));
    }
    let today = tariff.today(now);
    match tariff.rates.iter().find(|rate| rate.on > today) {
        Some(rate) => {
            let message = format!(
                "the rate into {} is of {}, and it is {today}: write the day on which it was known",
                rate.to.code(),
                rate.on
            );
            Err(Error::field("the tariff", "rates.on", message))
        }
        None => Ok(()),
    }
}

fn summary(stored: StoredTariff) -> TariffSummary {
    TariffSummary {
        tariff: stored.tariff.tariff,
        name: stored.tariff.name,
        state: stored.state,
        version: stored.version,
        draft_version: Some(stored.latest).filter(|latest| *latest != stored.version),
        starts_at: stored.next.map(|next| next.at),
        price: stored.tariff.price,
        per: stored.tariff.per,
        regions: stored.tariff.regions,
        campaigns: stored.tariff.campaigns,
        published_at: stored.published_at,
        reopening_complete: stored.reopened_all_at.is_some(),
        retired_at: stored.retired_at,
        replaced_by: stored.replaced_by,
    }
}

/// Why a version cannot follow the one that is offered: that one ends before, and a tariff that has ended does not come back.
fn leaves_a_gap(offered: &StoredTariff, next: &Tariff) -> Option<String> {
    let (last, begins) = (offered.tariff.valid_until?, next.starts_at());
    let just_before = begins.checked_sub(jiff::SignedDuration::from_secs(1)).ok()?;
    let is_gap = offered.state == TariffState::Published
        && begins > offered.published_at?
        && offered.tariff.has_ended(just_before);
    is_gap.then(|| {
        format!(
            "the version that is offered ends with {last} and this one begins later, on {} in {}: a tariff that has ended does not come \
             back, so let it begin as the other ends, or give it another name",
            next.valid_from, next.time_zone
        )
    })
}
