//! What publishing a tariff would do, counted over sets of refusals.

use async_trait::async_trait;
use jiff::Timestamp;
use relance_domain::forecast::{CallRate, Trials};
use relance_domain::lead::ClosedReason;
use relance_domain::tariff::Tariff;
use relance_domain::{CampaignId, Currency, LaneId, RefusalId, ReopeningId, TariffId};

use crate::Result;
use crate::tariff::{OfferedBy, RefusalRow};

/// What a store counts before a tariff is published. Nothing here writes. Whomever the publication takes back before it answers
/// anybody counts as standing refused: see [`Ends`].
#[async_trait]
pub trait Previews {
    /// How many leads of these campaigns stand refused now.
    async fn standing_count(&self, campaigns: &[CampaignId]) -> Result<i64>;
    /// The latest refusals of a campaign's leads that a tariff answers, counted by all that a preview tells. What stands against one
    /// person alone is not looked at: see [`Previews::to_be_looked_at`].
    async fn answered_counts(&self, asked: &Asked<'_>) -> Result<Vec<AnsweredCount>>;
    /// Standing refusals of a campaign among which are all answered ones whose person something may hold back that no count tells:
    /// a suppression, or what happened lately. By key, each once.
    async fn to_be_looked_at(&self, asked: &Asked<'_>) -> Result<Vec<RefusalId>>;
    /// A few of the standing refusals that a tariff answers where it is to be had.
    async fn some_answered(&self, asked: &Asked<'_>, limit: i64) -> Result<Vec<RefusalId>>;
    /// Those of these standing refusals that a tariff answers, with what decides about each.
    async fn answered_among(&self, asked: &Asked<'_>, refusals: &[RefusalId]) -> Result<Vec<RefusalRow>>;
    /// Those of the standing refusals that a tariff answers, where it is to be had, which its hold-out leaves alone, counted by lane;
    /// none where it has no hold-out.
    async fn held_out(&self, asked: &Asked<'_>) -> Result<Vec<(LaneId, i64)>>;
    /// Leads that what ends has in the queue and that are taken back, counted by campaign.
    async fn to_be_taken_back(&self, ends: &Ends) -> Result<Vec<(CampaignId, i64)>>;
    /// What a campaign's reopenings brought, by reason: of those that its latest `limit` calls for reopenings were about, the ones
    /// whose calling came to an end.
    async fn past_reopenings(&self, campaign: CampaignId, limit: i64) -> Result<Vec<PastReopenings>>;
    /// A campaign's latest calls, at most `limit`, back to an instant.
    async fn late_calls(&self, campaign: CampaignId, since: Timestamp, limit: i64) -> Result<LateCalls>;
    /// The latest refusals of a campaign's leads that name a ceiling, counted by it.
    async fn ceilings(&self, campaign: CampaignId, tariff: Option<&Tariff>) -> Result<Vec<CeilingCount>>;
}

/// How many bounds divide refusals by age, and waits by length.
pub const BOUNDS: usize = 4;

/// What a publication ends. Whomever it put back and nobody has called since is taken back, by the conditions of
/// [`ReopeningStore::take_back`](crate::reopening::ReopeningStore::take_back), before refusals are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ends {
    /// The tariff itself, where it is offered and another version of it is asked about.
    pub older_versions: Option<TariffId>,
    /// The tariff whose place it takes, and the reopening up to which that one's were taken back already.
    pub replaced: Option<(TariffId, ReopeningId)>,
}

impl Ends {
    /// Whether nothing ends.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Whom of a campaign a tariff answers at an instant.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The tariff.
    pub tariff: &'a Tariff,
    /// The campaign.
    pub by: &'a OfferedBy,
    /// What its publication ends.
    pub ends: Ends,
    /// The instant.
    pub now: Timestamp,
    /// Refusals after the first are in the first band of age, those after the second in the second, and so on: falling.
    pub refused_after: [Timestamp; BOUNDS],
    /// Who is free by the first is in the first band of waits, and so on: rising.
    pub free_by: [Timestamp; BOUNDS],
}

/// Where the lead of a latest refusal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stands {
    /// Closed by the refusal, or by something else since.
    Closed(ClosedReason),
    /// A call was promised.
    Callback,
    /// It comes back by itself on the day the person named.
    AskedLater,
    /// A tariff put it back in the queue.
    Reopened,
    /// It waits in the queue for another reason.
    Waiting,
    /// An operator has it.
    Assigned,
}

impl Stands {
    /// What a stored word means.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "callback" => Self::Callback,
            "asked_later" => Self::AskedLater,
            "reopened" => Self::Reopened,
            "waiting" => Self::Waiting,
            "assigned" => Self::Assigned,
            closed => Self::Closed(ClosedReason::parse(closed)?),
        })
    }
}

/// Refusals that a tariff answers, alike in all that a preview tells of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredCount {
    /// Their reason.
    pub reason: String,
    /// The lane of their leads.
    pub lane: LaneId,
    /// Country of the address.
    pub country: String,
    /// State or region of the address.
    pub region: Option<String>,
    /// The first two characters of the postcode, where no region is known.
    pub postcode: Option<String>,
    /// Band of age, from 0; the oldest is [`BOUNDS`].
    pub age: usize,
    /// Whether the tariff is to be had where it would have to be.
    pub covered: bool,
    /// Where their leads are.
    pub stands: Stands,
    /// Band of waits, from 0; the longest is [`BOUNDS`]. 0 where nothing is waited for.
    pub wait: usize,
    /// How many.
    pub refusals: i64,
    /// When the first of them is due, where a promise or a day is waited for.
    pub first_due: Option<Timestamp>,
    /// When the last of them is.
    pub last_due: Option<Timestamp>,
}

/// What earlier reopenings for a reason brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastReopenings {
    /// The reason of the refusal.
    pub reason: String,
    /// What they brought.
    pub trials: Trials,
}

/// The calls of a campaign of late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateCalls {
    /// What they came to.
    pub rate: CallRate,
    /// When the first of them was.
    pub since: Option<Timestamp>,
}

/// Refusals of one ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CeilingCount {
    /// The currency.
    pub currency: Currency,
    /// The most they would pay, in minor units.
    pub ceiling_minor: i64,
    /// Whether they stand, and the tariff that was asked about is to be had there.
    pub is_free: bool,
    /// How many.
    pub refusals: i64,
}
