//! Lists as they are stored.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::client::{Changed, UpdatePolicy};
use relance_domain::list::{ListSource, Provenance, Relationship, Row};
use relance_domain::phone::mask;
use relance_domain::{CampaignId, ClientId, LeadId, ListId};
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
    /// SHA-256 of the file.
    pub sha256: String,
    /// How the file is read, in any form: a load that stopped half-way goes on only where this is the same.
    pub reading: String,
    /// The header of the file, for the file of its rejected rows.
    pub header: Vec<String>,
    /// What the list may change about people who are known.
    pub policy: UpdatePolicy,
    /// Length of the file.
    pub bytes_total: i64,
    /// A random word that tells this process's load from another's.
    pub ticket: String,
    /// A load that has written nothing since is given up for dead.
    pub dead_since: Timestamp,
}

/// What opening a load came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// It is open.
    Open {
        /// The list that is being loaded.
        list: ListId,
        /// Rows up to this line were written by a process that died; 0 for a new load.
        after_line: i64,
    },
    /// A dead load stands in the way: abandon it first.
    DeadLoad(ListId),
}

/// Which open load may be abandoned. One that is being abandoned already may be by anybody.
#[derive(Debug, Clone, Copy)]
pub enum Abandon<'a> {
    /// One that was opened with this ticket.
    Ours(&'a str),
    /// One that has written nothing since then.
    DeadSince(Timestamp),
}

/// Rows of an open load.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'a> {
    /// The list.
    pub list: ListId,
    /// The ticket the load was opened with.
    pub ticket: &'a str,
    /// The rows, in the order of the file.
    pub rows: &'a [Row],
    /// Bytes of the file read so far.
    pub bytes_read: i64,
}

/// What a chunk of rows came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChunkDone {
    /// What became of the rows.
    pub counts: LoadCounts,
    /// What changes about people who are known.
    pub changes: Changes,
    /// Rows that said of two clients that they are one.
    pub joins: Vec<Join>,
    /// Clients who were known and became leads.
    pub leads_of_known: Vec<ClientId>,
}

impl ChunkDone {
    /// Adds another chunk.
    pub fn add(&mut self, other: Self) {
        self.counts.add(&other.counts);
        self.changes.add(other.changes);
        self.joins.extend(other.joins);
        self.leads_of_known.extend(other.leads_of_known);
    }
}

/// A row that said of two clients that they are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Join {
    /// Its line.
    pub line: i64,
    /// The client that its first known number belongs to.
    pub client: ClientId,
    /// The client that another of its numbers belongs to.
    pub other: ClientId,
}

/// Examples kept of each kind of change.
const EXAMPLES_MAX: usize = 3;

/// What a list changes about people who were known, by what changes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Changes(pub BTreeMap<String, ChangeCount>);

/// Changes of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChangeCount {
    /// Gaps filled.
    pub filled: i64,
    /// Values replaced.
    pub replaced: i64,
    /// The first of them.
    pub examples: Vec<ChangeExample>,
}

/// One change, its values masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChangeExample {
    /// The person.
    pub client: ClientId,
    /// What was known.
    pub before: Option<String>,
    /// What the list says.
    pub after: String,
}

impl Changes {
    /// Counts one change.
    pub fn count(&mut self, client: ClientId, what: Changed, before: Option<&str>, after: &str) {
        // How a zone was found goes with the zone.
        if what == Changed::ZoneSource {
            return;
        }
        let counted = self.0.entry(what.as_str().to_owned()).or_default();
        *(if before.is_some() { &mut counted.replaced } else { &mut counted.filled }) += 1;
        if counted.examples.len() < EXAMPLES_MAX {
            counted.examples.push(ChangeExample { client, before: before.map(mask), after: mask(after) });
        }
    }

    fn add(&mut self, other: Self) {
        for (what, more) in other.0 {
            let counted = self.0.entry(what).or_default();
            counted.filled += more.filled;
            counted.replaced += more.replaced;
            let room = EXAMPLES_MAX.saturating_sub(counted.examples.len());
            counted.examples.extend(more.examples.into_iter().take(room));
        }
    }
}

/// How far a load has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoadProgress {
    /// The list.
    pub list: ListId,
    /// The name people read.
    pub name: String,
    /// Rows taken so far.
    pub rows: i64,
    /// Bytes of the file read so far.
    pub bytes_read: i64,
    /// Length of the file.
    pub bytes_total: i64,
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
    /// Adds the counts of further rows.
    pub fn add(&mut self, other: &Self) {
        self.rows_read += other.rows_read;
        self.new_leads += other.new_leads;
        self.new_clients += other.new_clients;
        self.known_clients += other.known_clients;
        self.duplicates_in_file += other.duplicates_in_file;
        self.duplicates_in_campaign += other.duplicates_in_campaign;
        self.suppressed += other.suppressed;
        self.rejected += other.rejected;
    }

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
    /// The day it was bought.
    #[schema(value_type = Option<String>, format = Date)]
    pub purchased_on: Option<Date>,
    /// The contract it was bought under.
    pub contract: Option<String>,
    /// What its people are to the seller besides consent.
    pub relationship: Relationship,
    /// Its share of the queue beside the campaign's other lists, where one was given; 0 is none.
    pub weight: Option<u32>,
    /// What it was allowed to change about people who were known.
    pub policy: UpdatePolicy,
    /// Rows that said of two clients that they are one.
    pub joins: i64,
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
    /// Changes of people who were known before: taken back where nothing has changed them since.
    pub reverted_changes: i64,
    /// Leads that nobody was handed: removed.
    pub removed_leads: i64,
    /// People who came with this list, are on no other and were never handed out: removed.
    pub removed_clients: i64,
    /// Leads that were worked: they stay.
    pub kept_leads: i64,
    /// The first of those, at most twenty.
    pub kept_examples: Vec<LeadId>,
}
