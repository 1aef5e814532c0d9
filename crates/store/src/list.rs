//! Lists as they are stored.

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::list::{ListSource, Provenance};
use relance_domain::{CampaignId, LeadId, ListId};
use serde::{Deserialize, Serialize};

/// A load to be opened.
#[derive(Debug, Clone)]
pub struct NewLoad {
    /// The campaign it is for.
    pub campaign: CampaignId,
    /// What the list is.
    pub provenance: Provenance,
    /// What it cost, in minor units of the campaign's currency.
    pub cost_minor: Option<i64>,
    /// Distinguishes open loads until the file's hash is known: a random word.
    pub ticket: String,
}

/// An open load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// The list that is being loaded.
    pub list: ListId,
}

/// What became of the rows of a file; see [`LoadCounts::adds_up`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoadCounts {
    /// Records of the file, without its header.
    pub rows_read: i64,
    /// Leads made.
    pub new_leads: i64,
    /// Of those, for people who were not in the client base.
    pub new_clients: i64,
    /// Of those, for people who were.
    pub known_clients: i64,
    /// Rows whose number stands on an earlier line.
    pub duplicates_in_file: i64,
    /// Rows whose person is a lead of the campaign already.
    pub duplicates_in_campaign: i64,
    /// Rows whose person must not be called.
    pub suppressed: i64,
    /// Rows that could not be taken.
    pub rejected: i64,
}

impl LoadCounts {
    /// Whether every row is accounted for exactly once.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.new_leads == self.new_clients + self.known_clients
            && self.rows_read
                == self.new_leads
                    + self.duplicates_in_file
                    + self.duplicates_in_campaign
                    + self.suppressed
                    + self.rejected
    }
}

/// Where a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListState {
    /// Being loaded; nothing of it is visible.
    Staging,
    /// Loaded.
    Loaded,
    /// Taken back.
    Undone,
}

impl ListState {
    /// The state of this word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "staging" => Some(Self::Staging),
            "loaded" => Some(Self::Loaded),
            "undone" => Some(Self::Undone),
            _ => None,
        }
    }
}

/// One load of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct List {
    /// Key.
    pub id: ListId,
    /// Short name of its campaign.
    pub campaign: String,
    /// The name people read.
    pub name: String,
    /// Where it came from.
    pub source: ListSource,
    /// Who sold it.
    pub vendor: Option<String>,
    /// What it cost, in minor units of the campaign's currency.
    pub cost_minor: Option<i64>,
    /// The last day on which it may be used.
    #[schema(value_type = Option<String>, format = Date)]
    pub licence_until: Option<Date>,
    /// Why its people may be called.
    pub consent_basis: Option<String>,
    /// The header of the file.
    pub header: Vec<String>,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Where it stands.
    pub state: ListState,
    /// What became of its rows.
    pub counts: LoadCounts,
    /// When it became visible.
    pub loaded_at: Option<Timestamp>,
    /// When it was taken back.
    pub undone_at: Option<Timestamp>,
}

/// A row that made no lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LeftOutRow {
    /// Line of the file.
    pub line: i64,
    /// `rejected`, `duplicate_in_file`, `duplicate_in_campaign` or `suppressed`.
    pub verdict: String,
    /// A reject's code.
    pub code: Option<String>,
    /// The column at fault.
    pub column: Option<String>,
    /// What was wrong and what would be right.
    pub message: Option<String>,
    /// The fields of a rejected row as they stood, to be mended and loaded again.
    pub raw: Option<Vec<String>>,
}

/// What taking a list back removes and keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Undo {
    /// Leads that nobody was handed: removed.
    pub removed_leads: i64,
    /// People who came with this list, are on no other and were never handed out: removed.
    pub removed_clients: i64,
    /// Leads that were worked: they stay.
    pub kept_leads: i64,
    /// The first of those, at most twenty.
    pub kept_examples: Vec<LeadId>,
}
