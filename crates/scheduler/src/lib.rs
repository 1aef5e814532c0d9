//! The engine: pulls lists, hands out leads, records outcomes, puts people back in the queue. One file per use case,
//! one file per loop.
//!
//! The world comes in through [`Engine::new`]: a store, a clock and a source of random words. Requests and answers of
//! the use cases are the API's: they are documented and serialised here, once.

mod assignments;
mod callbacks;
mod campaigns;
mod claim_desk;
mod clients;
mod definitions;
mod desk;
mod desks;
mod error;
mod in_call;
mod late;
mod lists;
mod load_pace;
mod load_progress;
mod load_report;
mod loads;
pub mod loops;
mod mix;
mod next;
mod order_form;
mod orders;
mod outcome;
mod pull_rows;
mod pulls;
mod queue;
mod registers;
mod reservation;
mod rules;
mod sources;
mod suppress;
mod tariffs;
mod users;
mod verify;
mod waiting;
mod webhooks;
mod why;
mod world;

use std::sync::Arc;

use jiff::Timestamp;
use relance_domain::definition::Definition;
use relance_domain::eligibility::Law;
use relance_domain::rules::RuleSet;
use relance_store::Store;
use tokio_util::sync::CancellationToken;

use crate::claim_desk::ClaimClerk;
use crate::desk::Desk;
use crate::desks::{HandOutClerk, OutcomeClerk, PeopleClerk, TariffClerk};

pub use assignments::{HandedBackLead, HandedTo, HeldLead, TakenLead};
pub use callbacks::OpenPromise;
pub use campaigns::{AppliedCampaign, CampaignDetails, CampaignPlan};
pub use clients::ClientCard;
pub use error::{Error, Result};
pub use load_progress::{LoadPhase, LoadUnderWay};
pub use load_report::{ConsentCounts, LoadReport, RejectExample, RejectGroup, RemarkCount};
pub use loads::{FILE_BYTES_MAX, ListToLoad};
pub use mix::{ListShare, QueueMix};
pub use next::{FieldShown, LeadAnswer, NextAnswer, NextRequest, NobodyAnswer, Offer, OtherPhone, ReasonAsked};
pub use order_form::{AppointmentAsked, OrderDraft, OrderFieldAsked, OrderTermsAsked, SavedOrderDraft, ToldAsked};
pub use orders::{OrderDetails, OrderFieldShown, OrderSummary};
pub use outcome::RecordedOutcome;
pub use pulls::PullSummary;
pub use queue::{Funnel, StandingCount};
pub use registers::{RegisterReport, RegisterShown, RegisterToLoad};
pub use relance_lists::{ColumnUse, HeaderPlace, Inspection, Known, Repair, SpoolError, Spooled, Wishes};
pub use reservation::KeptLead;
pub use rules::{CallToTest, LocalTime, RuleApplied, RuleList, RulePack, RuleShown, RulesWanted, TestedCall, ZoneFrom};
pub use sources::{SourceError, Sources};
pub use suppress::{SuppressFor, SuppressedPhone};
pub use tariffs::{
    BandCount, CallsAhead, HeldCount, HeldOutPeople, OrdersAhead, PreviewExample, PreviewShare, PriceCurve,
    ReasonShare, RestsOn, TariffDetails, TariffPreview, TariffPrice, TariffPublication, TariffSummary,
    TariffVersionShown, TariffWithdrawal,
};
pub use users::NewToken;
pub use verify::{CheckedRows, NotJudgedRows, PromiseVerified, Verification, VerificationProgress};
pub use waiting::WAIT_S_MAX;
pub use webhooks::{Delivery, NotDelivered, Sent, SinkOverview, WebhookOverview, Webhooks};
pub use why::{LastHandOut, LeadWhy, WhyAnswer, WhyQuestion};
pub use world::{Chance, Clock};

/// The engine over one store. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    desk: Desk<ClaimClerk>,
    outcomes: Desk<OutcomeClerk>,
    hand_outs: Desk<HandOutClerk>,
    people: Desk<PeopleClerk>,
    tariffs: Desk<TariffClerk>,
    definitions: definitions::Definitions,
    loads: load_progress::Loads,
    sources: Arc<dyn Sources>,
    webhooks: Arc<dyn Webhooks>,
    rules: Arc<RuleSet>,
    /// Held while a verification is under way.
    verifying: Arc<tokio::sync::Mutex<()>>,
    /// The node stops: nobody waits any more.
    ending: CancellationToken,
}

impl Engine {
    /// An engine over a store, held to the calling rules that are shipped. It must be made inside a tokio runtime: its desks
    /// run as tasks until the last clone is gone.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Self {
        Self::under(RuleSet::shipped(), store, clock, chance)
    }

    /// An engine that is held to other calling rules.
    pub fn under(rules: Arc<RuleSet>, store: Arc<dyn Store>, clock: Arc<dyn Clock>, chance: Arc<dyn Chance>) -> Self {
        let claims = ClaimClerk::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&chance), Arc::clone(&rules));
        let outcomes = OutcomeClerk { store: Arc::clone(&store), clock: Arc::clone(&clock) };
        Self {
            rules,
            desk: Desk::open(claims),
            outcomes: Desk::open(outcomes),
            hand_outs: Desk::open(HandOutClerk { store: Arc::clone(&store) }),
            people: Desk::open(PeopleClerk { store: Arc::clone(&store) }),
            tariffs: Desk::open(TariffClerk { store: Arc::clone(&store) }),
            store,
            clock,
            chance,
            definitions: definitions::Definitions::default(),
            loads: load_progress::Loads::default(),
            sources: Arc::new(sources::NoSources),
            verifying: Arc::default(),
            webhooks: Arc::new(webhooks::NoWebhooks),
            ending: CancellationToken::new(),
        }
    }

    /// The same engine with other databases to pull lists from; without them it knows none.
    #[must_use]
    pub fn with_sources(self, sources: Arc<dyn Sources>) -> Self {
        Self { sources, ..self }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The calling rules that it is held to.
    #[must_use]
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// What the calls of a campaign are held to.
    pub(crate) fn law(&self, definition: &Definition) -> Law {
        Law::of(definition, &self.rules)
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
