//! Lists that a campaign pulls by itself: whose turn it is, what a turn came to, and the client base in pages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use relance_domain::{CampaignId, ClientId, ListId};
use serde::{Deserialize, Serialize};

/// What stands in a pull's failure from the beginning of a turn to its end.
pub const NOT_ENDED: &str = "this turn is under way, or its process ended before it did";

/// The latest turn of a pull.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullTurn {
    /// The campaign.
    pub campaign: CampaignId,
    /// The pull's short name.
    pub pull: String,
    /// When the turn was taken.
    pub pulled_at: Timestamp,
    /// The list it made; none where it found nobody new.
    pub list: Option<ListId>,
    /// Leads it made.
    pub new_leads: i64,
    /// Why it came to nothing, or [`NOT_ENDED`].
    pub failure: Option<String>,
}

/// A page of the client base: people whom a seller knows and who are no leads of a campaign.
#[derive(Debug, Clone)]
pub struct ClientsPage {
    /// Its leads are left out.
    pub campaign: CampaignId,
    /// The seller of the campaign. Somebody known only by lists with a licence is not among its people: the licence was for
    /// those lists.
    pub seller: String,
    /// Only people after this one.
    pub after: ClientId,
    /// How many people at most.
    pub limit: i64,
    /// Whether their refusals are wanted.
    pub refusals: bool,
}

/// A person of the client base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientOfBase {
    /// Key.
    pub id: ClientId,
    /// Standard fields by name, the number in E.164 form among them. Not to be shown.
    pub fields: BTreeMap<String, String>,
    /// What the seller's campaigns noted of them, oldest first.
    pub leads: Vec<NotedFacts>,
    /// Their refusals of the seller, oldest first; none unless asked for.
    pub refusals: Vec<NotedRefusal>,
}

/// What a campaign noted of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedFacts {
    /// The campaign.
    pub campaign: CampaignId,
    /// Its facts, by name.
    pub facts: BTreeMap<String, String>,
    /// What the list said of consent, by standard field.
    pub consent: BTreeMap<String, String>,
}

/// A refusal of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotedRefusal {
    /// Short name of the campaign.
    pub campaign: String,
    /// The reason's code.
    pub reason: String,
    /// When.
    pub refused_at: Timestamp,
}
