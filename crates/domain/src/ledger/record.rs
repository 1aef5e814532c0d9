//! What is on record, as it is stored: keys and instants (UTC milliseconds) as numbers, the rest as text.

/// Everything on record of one person that decides about their hand-outs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonRecord {
    /// The client's key.
    pub client: i64,
    /// The client; none where no such row is there.
    pub record: Option<ClientRecord>,
    /// What stands against any of their numbers.
    pub suppressions: Vec<SuppressionRecord>,
    /// Every hand-out, by key.
    pub hand_outs: Vec<HandOutRecord>,
}

/// A client as they stand now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientRecord {
    /// Their numbers.
    pub phones: Vec<PhoneRecord>,
    /// Country of the address.
    pub country: String,
    /// Region of the address.
    pub region: Option<String>,
    /// Postal code of the address.
    pub postcode: Option<String>,
    /// The zone.
    pub time_zone: Option<String>,
    /// When they were erased.
    pub erased_at_ms: Option<i64>,
    /// When another client last became one with them.
    pub merged_at_ms: Option<i64>,
    /// When a list last changed their region or zone.
    pub changed_at_ms: Option<i64>,
}

/// One of a client's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneRecord {
    /// Its place; 0 is dialled first.
    pub position: i64,
    /// In E.164 form.
    pub number: String,
    /// When the list that brought it was loaded; none of the number that came with the client.
    pub since_ms: Option<i64>,
}

/// A suppression of one of the person's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionRecord {
    /// The row.
    pub id: i64,
    /// The place of the number among the person's.
    pub position: i64,
    /// Only for this seller.
    pub seller: Option<String>,
    /// Only for this campaign.
    pub campaign: Option<i64>,
    /// When it was recorded.
    pub created_at_ms: i64,
    /// The person's last hand-out before it, where that is kept.
    pub after_assignment: Option<i64>,
    /// The file of a register that the number stands in; none of a suppression proper.
    pub register: Option<InRegister>,
}

/// A file of a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InRegister {
    /// The register.
    pub register: i64,
    /// Its short name.
    pub name: String,
    /// Which file.
    pub generation: i64,
}

/// A hand-out, its end and its attempt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HandOutRecord {
    /// The assignment.
    pub id: i64,
    /// Its lead.
    pub lead: i64,
    /// Its campaign.
    pub campaign: i64,
    /// The version of the campaign's definition.
    pub campaign_version: i64,
    /// The seller.
    pub seller: String,
    /// The list.
    pub list: i64,
    /// The operator.
    pub operator: i64,
    /// Which tariff's reopening brought the lead back.
    pub reopening: Option<i64>,
    /// That reopening's lead, instant and version of a tariff, where it is there.
    pub reopened: Option<(i64, i64, VersionOfTariff)>,
    /// The person was held out of that reopening's offer, so that the decision does not tell of it.
    pub reopening_untold: bool,
    /// The decision, as JSON.
    pub decision: String,
    /// When it was handed out.
    pub handed_at_ms: i64,
    /// When its lease ends.
    pub lease_until_ms: i64,
    /// When it ended.
    pub ended_at_ms: Option<i64>,
    /// How.
    pub ending: Option<String>,
    /// It was taken back because the person must not be called any more.
    pub is_forbidden: bool,
    /// The report that ended it, as JSON.
    pub report: Option<String>,
    /// What the call was about; empty in hand-outs of before that was kept.
    pub subject: String,
    /// Which of the client's numbers was dialled.
    pub phone_position: i64,
    /// When the first report came that was too late.
    pub late_at_ms: Option<i64>,
    /// The attempt that it ended with.
    pub attempt: Option<AttemptRecord>,
    /// Its lead as it stands now, and what its list says.
    pub lead_now: Option<LeadRecord>,
}

/// One finished try.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AttemptRecord {
    /// The row.
    pub id: i64,
    /// Its client.
    pub client: i64,
    /// Its lead.
    pub lead: i64,
    /// Its campaign.
    pub campaign: i64,
    /// The seller.
    pub seller: String,
    /// The list.
    pub list: i64,
    /// The operator.
    pub operator: i64,
    /// The reopening.
    pub reopening: Option<i64>,
    /// The code that was recorded.
    pub disposition: String,
    /// Its class.
    pub class: String,
    /// What it counts as.
    pub counts_as: String,
    /// It placed an order that was cancelled since.
    pub order_cancelled: bool,
    /// When it was recorded.
    pub recorded_at_ms: i64,
    /// The refusal that it made.
    pub refusal: Option<RefusalMade>,
    /// The promise that it made.
    pub promise: Option<PromiseMade>,
}

/// The refusal of an attempt, as far as its report says the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefusalMade {
    /// The row.
    pub id: i64,
    /// The reason's code.
    pub reason: String,
    /// The most the person would pay, in minor units.
    pub price_ceiling_minor: Option<i64>,
    /// The longest commitment, in months.
    pub max_months: Option<i64>,
    /// What they would want, as JSON.
    pub wanted_features: String,
    /// The postcode at which they would want it, where that is not their address.
    pub coverage: Option<String>,
    /// What the competitor takes, in minor units.
    pub competitor_price_minor: Option<i64>,
    /// When their contract ends.
    pub contract_end: Option<String>,
    /// From which day on they asked to be called.
    pub call_after: Option<String>,
    /// ISO 4217 code of the amounts.
    pub currency: String,
}

/// The promise of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PromiseMade {
    /// The row.
    pub id: i64,
    /// Who made it.
    pub by: i64,
    /// Whose it is; anybody's where nobody is named.
    pub owner: Option<i64>,
    /// When the person was to be called.
    pub due_at_ms: i64,
    /// When they may be called, where they are to be called yet.
    pub callable_at_ms: Option<i64>,
    /// It waited too long for its owner and is anybody's since.
    pub escalated: bool,
}

/// A lead as it stands now, and the list that the hand-out names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeadRecord {
    /// Its client.
    pub client: i64,
    /// Its campaign.
    pub campaign: i64,
    /// Its list.
    pub list: i64,
    /// Where it stands.
    pub state: String,
    /// Why it waits.
    pub block: Option<String>,
    /// Until when it waits, or since when it stands in the queue.
    pub due_at_ms: i64,
    /// Why it is closed.
    pub closed_reason: Option<String>,
    /// The refusal that it remembers.
    pub refusal: Option<i64>,
    /// The refusal of the reopening that it remembers, where that was not taken back.
    pub back_for: Option<i64>,
    /// Whether the person agreed.
    pub consent: Option<String>,
    /// On which day.
    pub consent_on: Option<String>,
    /// To which words.
    pub consent_wording: Option<String>,
    /// Whether they agreed to be called outside the permitted hours.
    pub hours_waiver: Option<String>,
    /// Another lead became one with it.
    pub is_merged: bool,
    /// Why people of the list may be called.
    pub consent_basis: Option<String>,
    /// What the seller is to them.
    pub relationship: String,
    /// The last day of the list's licence.
    pub licence_until: Option<String>,
}

/// A person who is or may be suppressed, with leads of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SuppressedRecord {
    /// The person, without their hand-outs.
    pub person: PersonRecord,
    /// Leads that are closed as suppressed, or that are not and perhaps should be.
    pub leads: Vec<SuppressedLead>,
}

/// A lead of a person who is or may be suppressed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SuppressedLead {
    /// The row.
    pub id: i64,
    /// Its campaign.
    pub campaign: i64,
    /// The campaign's seller.
    pub seller: String,
    /// It is closed as suppressed.
    pub is_closed: bool,
    /// When its list was loaded.
    pub loaded_at_ms: Option<i64>,
    /// A register that holds for the campaign has had numbers that are swept by now.
    pub register_swept: bool,
}

/// A tariff's key, and which version of it.
pub type VersionOfTariff = (i64, i64);

/// A refusal that a tariff put back in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReopeningRecord {
    /// The row.
    pub id: i64,
    /// The tariff, as it was offered.
    pub tariff: VersionOfTariff,
    /// Its lead.
    pub lead: i64,
    /// Its campaign.
    pub campaign: i64,
    /// When.
    pub reopened_at_ms: i64,
    /// How often the person had been put back in the year before.
    pub reopenings_of_year: i64,
    /// The refusal; none where no such row is there.
    pub refusal: Option<RefusalRecord>,
    /// The client; none where no such row is there.
    pub client: Option<ClientRecord>,
    /// The last day of the licence of the lead's list.
    pub licence_until: Option<String>,
}

/// A refusal as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefusalRecord {
    /// The row.
    pub id: i64,
    /// Its lead.
    pub lead: i64,
    /// Its campaign.
    pub campaign: i64,
    /// The reason's code.
    pub reason: String,
    /// The most the person would pay, in minor units.
    pub price_ceiling_minor: Option<i64>,
    /// The longest commitment, in months.
    pub max_months: Option<u32>,
    /// What they would want, as JSON.
    pub wanted_features: String,
    /// The units of what they would want: feature and unit, each pair as `speed Mbit/s`.
    pub units: Vec<String>,
    /// The postcode at which they would want it, where that is not their address.
    pub coverage: Option<String>,
    /// What the competitor takes, in minor units.
    pub competitor_price_minor: Option<i64>,
    /// When their contract ends.
    pub contract_end: Option<String>,
    /// From which day on they asked to be called.
    pub call_after: Option<String>,
    /// The price of the tariff that was offered, in minor units.
    pub offered_price_minor: Option<i64>,
    /// ISO 4217 code of the amounts.
    pub currency: String,
    /// When it was recorded.
    pub refused_at_ms: i64,
}
