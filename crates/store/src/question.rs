//! Questions over what happened. Every metric is defined here once, in words; `portable/question.rs` holds the query
//! beside a reference to its definition.

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::campaign::state::CampaignState;
use relance_domain::definition::Features;
use relance_domain::eligibility::{Callee, Facts};
use relance_domain::lead::LeadState;
use relance_domain::rules::{Consent, Relationship, Whereabouts};
use relance_domain::{AssignmentId, AttemptId, CampaignId, ClientId, E164, LaneId, LeadId, ListId, ZoneName};
use serde::{Deserialize, Serialize};

/// Leads of a campaign that stand alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelCount {
    /// Their state; for those who wait, with the earliest due time among them.
    pub state: LeadState,
    /// Their lane.
    pub lane: LaneId,
    /// How many.
    pub leads: i64,
}

/// Which outcomes to show.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct OutcomeFilter {
    /// Of one campaign.
    pub campaign: Option<CampaignId>,
    /// Of one list.
    pub list: Option<ListId>,
    /// By one operator, by name.
    pub operator: Option<String>,
    /// With one disposition.
    pub disposition: Option<String>,
    /// With one refusal reason.
    pub reason: Option<String>,
    /// Where one tariff was offered, ordered or had reopened the lead.
    pub tariff: Option<String>,
    /// Recorded at or after.
    pub since: Option<Timestamp>,
    /// Recorded before.
    pub until: Option<Timestamp>,
    /// After this one.
    pub after: Option<AttemptId>,
    /// At most so many.
    pub limit: i64,
}

/// An outcome as analysts see it: without the person's name or number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OutcomeRow {
    /// Key; also the cursor.
    pub attempt: AttemptId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The campaign's short name.
    pub campaign: String,
    /// The list's key.
    pub list: ListId,
    /// The list's name.
    pub list_name: String,
    /// The operator's name.
    pub operator: String,
    /// The lead.
    pub lead: LeadId,
    /// The disposition.
    pub disposition: String,
    /// Its class.
    pub class: String,
    /// A refusal's reason.
    pub reason: Option<String>,
    /// The most the client would pay, in minor units.
    pub price_ceiling_minor: Option<i64>,
    /// The longest commitment the client would take, in months.
    pub max_months: Option<i64>,
    /// What was wanted, each in the unit of its day.
    #[schema(value_type = Object)]
    pub wanted_features: Features,
    /// The postcode at which it was wanted, where not at the client's address.
    pub coverage: Option<String>,
    /// Who the client stays with.
    pub competitor: Option<String>,
    /// What they take, in minor units.
    pub competitor_price_minor: Option<i64>,
    /// When the present contract ends.
    #[schema(value_type = Option<String>, format = Date)]
    pub contract_end: Option<Date>,
    /// The day on which to ask again.
    #[schema(value_type = Option<String>, format = Date)]
    pub call_after: Option<Date>,
    /// The tariff that was offered at a refusal.
    pub tariff_offered: Option<String>,
    /// What it cost then, in minor units.
    pub offered_price_minor: Option<i64>,
    /// The tariff that was ordered.
    pub tariff_ordered: Option<String>,
    /// The price it was ordered at, in minor units.
    pub order_price_minor: Option<i64>,
    /// The tariff that had reopened the lead.
    pub reopened_by: Option<String>,
    /// Currency of the amounts.
    pub currency: Option<String>,
    /// How long the call was, in seconds.
    pub duration_s: Option<i64>,
    /// The note.
    pub note: Option<String>,
}

/// The funnel of a campaign, from loaded to ordered.
pub const FUNNEL: &[(&str, &str)] = &[
    (
        "loaded",
        "leads of the campaign, however they stand now; of lists that were taken back only those that had been handed out are left",
    ),
    ("callable", "of those, leads that may still be called: not closed, and with a known time zone"),
    ("attempted", "leads with at least one recorded attempt"),
    (
        "reached",
        "leads with at least one attempt in which somebody spoke: any class but no_answer, busy, machine and unreachable",
    ),
    ("decided", "leads with at least one attempt that was an order, a refusal or a do_not_call"),
    ("ordered", "leads with at least one order"),
];

/// What the reasons of the report count.
pub const REASONS: &str = "refusals recorded in the campaign, by reason; the median price ceiling is the middle value (the lower \
     one of two) of the ceilings that were named";

/// What the list quality of the report counts.
pub const LIST_QUALITY: &str = "per vendor (or source, where nobody sold the list): rows read, leads made, leads attempted, leads \
     reached and leads ordered, over the loaded lists of the campaign; rejected and duplicate rows are those of the load";

/// What the reopenings of the report count.
pub const REOPENINGS: &str = "per tariff: refusals it reopened in the campaign, how many of those leads were then attempted, the \
     orders that stand (a cancelled one brought nothing) of attempts that followed the reopening, and the sum of their prices";

/// The numbers of a campaign's report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReportNumbers {
    /// In the order of [`FUNNEL`].
    pub funnel: [i64; 6],
    /// As [`REASONS`] says.
    pub reasons: Vec<ReasonCount>,
    /// As [`LIST_QUALITY`] says.
    pub lists: Vec<ListQuality>,
    /// As [`REOPENINGS`] says.
    pub reopenings: Vec<ReopeningYield>,
}

/// Refusals of one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReasonCount {
    /// The reason.
    pub reason: String,
    /// How many.
    pub refusals: i64,
    /// The middle ceiling, in minor units.
    pub median_price_ceiling_minor: Option<i64>,
}

/// What the lists of a vendor are worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListQuality {
    /// The vendor, or the source where nobody sold it.
    pub vendor: String,
    /// Lists.
    pub lists: i64,
    /// Rows of their files.
    pub rows_read: i64,
    /// Rows that could not be taken.
    pub rejected: i64,
    /// Rows that were there already, in the file or in the campaign.
    pub duplicates: i64,
    /// Leads.
    pub leads: i64,
    /// Leads tried.
    pub attempted: i64,
    /// Leads reached.
    pub reached: i64,
    /// Leads that ordered.
    pub ordered: i64,
}

/// What a tariff's reopenings brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReopeningYield {
    /// The tariff.
    pub tariff: String,
    /// Refusals it reopened.
    pub reopened: i64,
    /// Of those, tried since.
    pub attempted: i64,
    /// Orders of those calls that stand.
    pub ordered: i64,
    /// Sum of those orders' prices, in minor units.
    pub revenue_minor: i64,
}

/// Whom a question of "why" is about.
#[derive(Debug, Clone)]
pub enum About {
    /// One lead.
    Lead(LeadId),
    /// The lead of an assignment.
    Assignment(AssignmentId),
    /// Every lead of a phone.
    Phone(E164),
    /// Every lead of a client.
    Client(ClientId),
}

/// A call that the calling rules are asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallInQuestion {
    /// The lead.
    pub lead: LeadId,
    /// What the call is about.
    pub subject: String,
    /// How far back hand-outs count.
    pub tries_since: Timestamp,
}

impl CallInQuestion {
    /// A call of a lead about a subject.
    #[must_use]
    pub fn new(lead: LeadId, subject: &str, tries_since: Timestamp) -> Self {
        Self { lead, subject: subject.to_owned(), tries_since }
    }
}

/// Somebody as the calling rules look at them.
#[derive(Debug, Clone)]
pub struct PersonInQuestion {
    /// The number dialled first, as it is stored: that of somebody who was erased is none.
    pub number: String,
    /// ISO 3166-1 alpha-2 code of the address.
    pub country: String,
    /// State or region of the address.
    pub region: Option<String>,
    /// The zone they live in.
    pub zone: Option<ZoneName>,
    /// What they agreed to.
    pub consent: Consent,
    /// What they are to the seller.
    pub relationship: Relationship,
    /// What happened so far.
    pub facts: Facts,
}

impl PersonInQuestion {
    /// The person as the law looks at them.
    #[must_use]
    pub fn callee(&self) -> Callee<'_> {
        let (number, country, region) = (self.number.as_str(), self.country.as_str(), self.region.as_deref());
        Callee {
            whereabouts: Whereabouts { number, country, region },
            zone: self.zone.as_ref(),
            consent: self.consent,
            relationship: self.relationship,
        }
    }
}

/// A lead that a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadInQuestion {
    /// Key.
    pub lead: LeadId,
    /// The person.
    pub client: ClientId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The campaign's short name.
    pub campaign_name: String,
    /// On whose behalf the campaign calls.
    pub seller: String,
    /// Where the campaign stands.
    pub campaign_state: CampaignState,
    /// Version of the campaign's definition.
    pub campaign_version: i64,
    /// The number, masked.
    pub phone_masked: String,
    /// Where the lead stands.
    pub state: LeadState,
    /// Its place in the queue.
    pub priority: i64,
    /// Its list's share of the queue, where one was given.
    pub list_weight: Option<u32>,
    /// The only operator who receives it.
    pub reserved_for: Option<String>,
    /// The person's zone.
    pub zone: Option<ZoneName>,
    /// The list's name.
    pub list_name: String,
    /// Its last assignment.
    pub last_assignment: Option<AssignmentId>,
    /// Why a tariff reopened it, in words.
    pub reopened_because: Option<String>,
    /// The tariff.
    pub reopened_by: Option<String>,
    /// What the order among reopened leads rests on, in words.
    pub score_because: Option<String>,
    /// How many go before it, where it waits for a budget.
    pub ahead: Option<i64>,
    /// Until when it is kept for `reserved_for`; none where for good.
    pub reserved_until: Option<Timestamp>,
}
