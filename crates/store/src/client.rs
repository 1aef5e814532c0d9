//! Clients as they are looked up, and two of them made one.

use jiff::Timestamp;
use relance_domain::zone::ZoneSource;
use relance_domain::{CampaignId, ClientId, E164, LeadId, ListId, UserId, ZoneName};
use serde::{Deserialize, Serialize};

/// A client as somebody may see them who looks a person up: numbers and names masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Client {
    /// Key.
    pub client: ClientId,
    /// Clients that became one with this one.
    pub merged: Vec<MergedClient>,
    /// The numbers, the one to be dialled first at the front.
    pub phones: Vec<PhoneShown>,
    /// The name.
    pub name: Option<String>,
    /// Postal code.
    pub postcode: Option<String>,
    /// State or region code.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2 code of the address.
    pub country: String,
    /// Time zone; none means not callable.
    #[schema(value_type = Option<String>, example = "Europe/Paris")]
    pub time_zone: Option<ZoneName>,
    /// How the zone was found.
    pub zone_source: Option<ZoneSource>,
    /// The list that the client came with.
    pub list: ListId,
    /// When.
    pub created_at: Timestamp,
    /// When everything personal was removed; the client then has neither name nor number.
    #[serde(default)]
    pub erased_at: Option<Timestamp>,
    /// How often the client was handed out, in all campaigns.
    pub hand_outs: i64,
    /// The client's leads, the oldest first.
    pub leads: Vec<LeadOfClient>,
}

/// A number of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PhoneShown {
    /// The number, masked.
    pub phone: String,
    /// The list that it came with.
    pub list: ListId,
}

/// A lead of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LeadOfClient {
    /// Key.
    pub lead: LeadId,
    /// The campaign's short name.
    pub campaign: String,
    /// The list that it came with.
    pub list: ListId,
    /// `ready`, `scheduled`, `assigned` or `closed`.
    pub state: String,
    /// Why it waits or is closed.
    pub reason: Option<String>,
    /// Leads that became one with it.
    pub merged: Vec<LeadId>,
}

/// A client that became one with another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MergedClient {
    /// The key that the client had.
    pub client: ClientId,
    /// The client that it became part of at that time.
    pub into: ClientId,
    /// When.
    pub merged_at: Timestamp,
    /// Who merged them.
    pub by: Option<String>,
}

/// Which open joins to show.
#[derive(Debug, Clone, Copy, Default)]
pub struct JoinFilter {
    /// Those of one list.
    pub list: Option<ListId>,
    /// At most so many.
    pub limit: i64,
}

/// A row of a list that said of two clients that they are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OpenJoin {
    /// The list.
    pub list: ListId,
    /// Its name.
    pub list_name: String,
    /// The line of its file.
    pub line: i64,
    /// The client that the row's first known number belongs to.
    pub client: ClientGlance,
    /// The client that another of its numbers belongs to.
    pub other: ClientGlance,
}

/// A client at a glance: the first number and the name, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ClientGlance {
    /// Key.
    pub client: ClientId,
    /// The number to be dialled first, masked.
    pub phone: String,
    /// The name, masked.
    pub name: Option<String>,
}

/// Two clients to be made one.
#[derive(Debug, Clone, Copy)]
pub struct Merge {
    /// The client that stays.
    pub keep: ClientId,
    /// The client that becomes part of it.
    pub other: ClientId,
    /// Who says so.
    pub by: Option<UserId>,
    /// Only tell what would become of them.
    pub dry_run: bool,
}

/// What making two clients one did, or would do. It is kept with the merge: no number and no name stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Merged {
    /// The client that stays.
    pub kept: ClientId,
    /// The client that became part of it.
    pub merged: ClientId,
    /// Nothing was changed.
    pub dry_run: bool,
    /// Numbers that came over.
    pub phones: i64,
    /// What the client who stays lacked and has now, by field.
    pub filled: Vec<String>,
    /// Hand-outs that came over: they count for caps.
    pub hand_outs: i64,
    /// Attempts that came over: refusals among them count for cool-downs.
    pub attempts: i64,
    /// Orders that came over.
    pub orders: i64,
    /// What became of the leads of the client that is no more.
    pub leads: Vec<LeadMerged>,
    /// Promises that were dropped, because the person has an earlier one or must not or need not be called.
    pub promises_dropped: i64,
    /// Leads closed because a number of the other client must not be called.
    pub suppressed: i64,
    /// Open joins that are settled by this.
    pub joins: i64,
}

/// What became of a lead of a client that was merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LeadMerged {
    /// The campaign.
    pub campaign: CampaignId,
    /// The lead that the person has in the campaign now.
    pub lead: LeadId,
    /// The lead that became one with it; none where only one of the two had a lead.
    pub merged: Option<LeadId>,
    /// Where the lead stands now.
    pub state: String,
    /// Why it waits or is closed.
    pub reason: Option<String>,
}

/// A client to be erased.
#[derive(Debug, Clone)]
pub struct Erase {
    /// The client.
    pub client: ClientId,
    /// Why, in words that name nobody: it is kept.
    pub reason: String,
    /// Who says so.
    pub by: Option<UserId>,
}

/// What erasing a client took away. Suppressions of their numbers stay, as hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Erased {
    /// The client: the key stays, so that attempts and orders still count.
    pub client: ClientId,
    /// When they were erased.
    pub erased_at: Timestamp,
    /// Numbers that are no longer known.
    pub phones: i64,
    /// Leads that were closed.
    pub leads_closed: i64,
    /// Promises that were dropped.
    pub promises_dropped: i64,
    /// Attempts that stay without their notes.
    pub attempts: i64,
    /// Orders that stay without what was entered in their forms.
    pub orders: i64,
    /// Rejected rows of lists that held one of the numbers and were emptied.
    pub rows_emptied: i64,
}

/// A client as a rule of retention looks at them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientForRetention {
    /// Key.
    pub client: ClientId,
    /// The number that is dialled first.
    pub phone: E164,
    /// ISO 3166-1 alpha-2 code of the address.
    pub country: String,
    /// State or region code.
    pub region: Option<String>,
    /// When the client came, last: at first, or with a later list.
    pub came_at: Timestamp,
    /// The latest try, reached or not.
    pub last_attempt_at: Option<Timestamp>,
    /// The latest try at which somebody answered.
    pub last_contact_at: Option<Timestamp>,
    /// Whether they ordered anything.
    pub has_order: bool,
    /// A list says that they have a contract with the seller.
    pub has_contract: bool,
}
