//! Tariffs as they are stored, and what they reopen.

use std::sync::Arc;

use jiff::Timestamp;
use relance_domain::definition::Definition;
use relance_domain::lead::Block;
use relance_domain::matching::{Score, StandingRefusal};
use relance_domain::reopening::{Budget, HeldOutHow};
use relance_domain::tariff::{Tariff, TariffState};
use relance_domain::{CampaignId, ClientId, LaneId, LeadId, Money, RefusalId, ReopeningId, Span, TariffId};

/// A tariff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTariff {
    /// Key.
    pub id: TariffId,
    /// Where it stands.
    pub state: TariffState,
    /// The version that `tariff` is: the one that is offered or was last, or a draft's latest.
    pub version: i64,
    /// What it offers.
    pub tariff: Tariff,
    /// The latest version that was saved.
    pub latest: i64,
    /// A version whose publication was accepted for an instant to come.
    pub next: Option<NextVersion>,
    /// The campaigns that offer it.
    pub campaigns: Vec<CampaignId>,
    /// Since when this version is offered.
    pub published_at: Option<Timestamp>,
    /// Since when it is not offered any more.
    pub retired_at: Option<Timestamp>,
    /// Short name of the tariff that took its place.
    pub replaced_by: Option<String>,
    /// When the present pass over the refusals began.
    pub pass_at: Option<Timestamp>,
    /// Refusals up to this one have been looked at in this pass.
    pub reopened_to: RefusalId,
    /// When all refusals had been looked at in this pass.
    pub reopened_all_at: Option<Timestamp>,
    /// Reopenings up to this one were looked at for being taken back.
    pub taken_back_to: ReopeningId,
    /// When nothing was left to be taken back.
    pub taken_back_all_at: Option<Timestamp>,
}

/// A version that takes over at an instant to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextVersion {
    /// Which.
    pub version: i64,
    /// When.
    pub at: Timestamp,
}

/// A version of a tariff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TariffVersion {
    /// Its number, from 1.
    pub version: i64,
    /// What it offers.
    pub tariff: Tariff,
    /// Since when it is known.
    pub saved_at: Timestamp,
}

/// What a version cost while it was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricePeriod {
    /// The version.
    pub version: i64,
    /// Its price.
    pub price: Money,
    /// What the price was per.
    pub per: String,
    /// Since when.
    pub from: Timestamp,
    /// Until when; none while it is offered.
    pub until: Option<Timestamp>,
}

/// Everything a tariff was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TariffHistory {
    /// Its versions, the first first.
    pub versions: Vec<TariffVersion>,
    /// What it cost when, the earliest first.
    pub prices: Vec<PricePeriod>,
}

/// A campaign that offers a tariff.
#[derive(Debug, Clone)]
pub struct OfferedBy {
    /// The campaign.
    pub campaign: CampaignId,
    /// Its definition, whose reasons say what reopens them.
    pub definition: Arc<Definition>,
    /// What happened to a person before this instant holds nobody back ([`relance_domain::eligibility::Law::holds_back_from`]).
    pub holds_back_from: Timestamp,
}

/// Which of the standing refusals that a tariff answers to read: those whose declared conditions it meets, by reason and campaign.
#[derive(Debug, Clone)]
pub struct AnswerPage<'a> {
    /// The tariff.
    pub tariff: &'a Tariff,
    /// The campaigns that offer it.
    pub offered_by: &'a [OfferedBy],
    /// The instant at which the conditions are held against it.
    pub now: Timestamp,
    /// Refusals after this one.
    pub after: RefusalId,
    /// Refused at or before this instant, where no condition of the alternative comes to hold by the passing of time.
    pub refused_by: Timestamp,
    /// Refused at or before this instant, where one does.
    pub timed_by: Timestamp,
    /// Only where the tariff is to be had.
    pub covered_only: bool,
    /// Look at no more than so many refusals of a campaign.
    pub look_at: i64,
    /// At most so many answers.
    pub limit: i64,
}

/// A page of refusals that a tariff answers.
#[derive(Debug, Clone)]
pub struct AnsweredPage {
    /// They, by key.
    pub rows: Vec<RefusalRow>,
    /// Every refusal up to this one was looked at.
    pub to: RefusalId,
    /// No refusals are left behind it.
    pub last: bool,
}

/// A refusal that a tariff answers, with its keys.
#[derive(Debug, Clone)]
pub struct RefusalRow {
    /// Key.
    pub id: RefusalId,
    /// The lead.
    pub lead: LeadId,
    /// The person.
    pub client: ClientId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The lane of the lead.
    pub lane: LaneId,
    /// Which alternative of its reason is met, by its place in the definition; the first where several are.
    pub alternative: usize,
    /// Whether the tariff is to be had where it would have to be.
    pub covered: bool,
    /// The number, masked.
    pub phone_masked: String,
    /// What decides. Its facts are empty where nothing happened that could hold the person back.
    pub standing: StandingRefusal,
}

/// One bounded step of a publication.
#[derive(Debug, Clone)]
pub struct ReopeningStep {
    /// The tariff.
    pub tariff: TariffId,
    /// The version that is published; a step of another is not done.
    pub version: i64,
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
    /// In words.
    pub because: String,
    /// What keeps the person from being called before an instant.
    pub held: Option<(Block, Timestamp)>,
    /// The person is not reopened where they were so many times in the last [`relance_domain::matching::YEAR`].
    pub most_in_a_year: Option<u16>,
    /// How good the match is: the better goes first.
    pub score: Score,
    /// It waits in order until [`crate::reopening::ReopeningStore::release_for_budget`] lets it through.
    pub waits_for_budget: bool,
    /// For how long whoever had the refusal gets it before anybody else does.
    pub kept_for: Option<Span>,
    /// It is held out of the tariff, so, until then.
    pub held_out: Option<(HeldOutHow, Timestamp)>,
}

impl Reopen {
    /// Whether the person goes back to the queue: who is held out uncalled does not.
    #[must_use]
    pub fn is_called(&self) -> bool {
        !matches!(self.held_out, Some((HeldOutHow::Uncalled, _)))
    }
}

/// A day's budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayBudget {
    /// How many leads become callable in the day.
    pub per_day: u32,
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant of the next day.
    pub until: Timestamp,
}

impl DayBudget {
    /// A budget's day at `now`.
    #[must_use]
    pub fn of(budget: &Budget, now: Timestamp) -> Self {
        let (from, until) = budget.day(now);
        Self { per_day: budget.per_day, from, until }
    }
}

/// What may be released of the leads of a campaign that wait for a budget.
#[derive(Debug, Clone)]
pub struct BudgetRelease {
    /// The campaign.
    pub campaign: CampaignId,
    /// Its own budget, shared by all tariffs; none is no limit.
    pub budget: Option<DayBudget>,
    /// The tariffs whose leads may go, each with its own budget.
    pub tariffs: Vec<(TariffId, Option<DayBudget>)>,
    /// For how long whoever had the refusal gets a lead before anybody else does.
    pub kept_for: Option<Span>,
    /// At most so many.
    pub limit: u32,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepDone {
    /// So many leads were reopened.
    Reopened(u64),
    /// The tariff stands elsewhere, is retired or complete: somebody else did the step.
    DoneElsewhere,
}

/// What became of a step that takes back what a tariff or an earlier version of it has reopened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenBack {
    /// So many leads are closed by their refusal again.
    pub leads: u64,
    /// Nothing is left to be taken back.
    pub complete: bool,
}
