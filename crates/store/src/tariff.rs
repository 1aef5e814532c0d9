//! Tariffs as they are stored, and what they reopen.

use jiff::Timestamp;
use relance_domain::lead::Block;
use relance_domain::matching::StandingRefusal;
use relance_domain::tariff::{Tariff, TariffState};
use relance_domain::{CampaignId, LeadId, RefusalId, TariffId};

/// A tariff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTariff {
    /// Key.
    pub id: TariffId,
    /// Where it stands.
    pub state: TariffState,
    /// What it offers.
    pub tariff: Tariff,
    /// The campaigns that offer it.
    pub campaigns: Vec<CampaignId>,
    /// Since when it is offered.
    pub published_at: Option<Timestamp>,
    /// Since when it is not offered any more.
    pub retired_at: Option<Timestamp>,
    /// Refusals up to this one have been looked at.
    pub reopened_to: RefusalId,
    /// When all refusals had been looked at.
    pub reopened_all_at: Option<Timestamp>,
}

/// Which refusals to read.
#[derive(Debug, Clone)]
pub struct RefusalPage {
    /// Of these campaigns.
    pub campaigns: Vec<CampaignId>,
    /// After this one.
    pub after: RefusalId,
    /// Made at or before this instant.
    pub until: Timestamp,
    /// Tries since then decide about caps.
    pub tries_since: Timestamp,
    /// At most so many.
    pub limit: i64,
}

/// A refusal with its keys.
#[derive(Debug, Clone)]
pub struct RefusalRow {
    /// Key.
    pub id: RefusalId,
    /// The lead.
    pub lead: LeadId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The number, masked.
    pub phone_masked: String,
    /// What decides.
    pub standing: StandingRefusal,
}

/// One bounded step of a publication.
#[derive(Debug, Clone)]
pub struct ReopeningStep {
    /// The tariff.
    pub tariff: TariffId,
    /// Where the step began; a step that begins elsewhere than the tariff stands is not done.
    pub from: RefusalId,
    /// Where it ends.
    pub to: RefusalId,
    /// The refusals to be reopened.
    pub reopen: Vec<Reopen>,
    /// No refusals are left after this step.
    pub last: bool,
}

/// A refusal to be reopened.
#[derive(Debug, Clone)]
pub struct Reopen {
    /// The refusal.
    pub refusal: RefusalId,
    /// Its lead.
    pub lead: LeadId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// In words.
    pub because: String,
    /// What keeps the person from being called before an instant.
    pub held: Option<(Block, Timestamp)>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepDone {
    /// So many leads were reopened.
    Reopened(u64),
    /// The tariff stands elsewhere, is retired or complete: somebody else did the step.
    DoneElsewhere,
}
