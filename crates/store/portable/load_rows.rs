//! Rows of a file into clients and leads, a chunk at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use relance_domain::client::{Change, Changed, KnownClient, UpdatePolicy, changes};
use relance_domain::list::{ListedClient, Row, Verdict};
use relance_domain::rules::Relationship;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{CampaignId, ClientId};
use relance_store::list::{Chunk, ChunkDone, Join};
use relance_store::{Result, StoreError};

use super::load_insert::{self, LeftOut, NewLead, Standing};
use super::rows::{Origin, to_json};
use super::suppression_hash::{Against, Asked, Found, standing};
use super::{load, load_changes, maybe_suppressed};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Takes rows of an open load.
pub(super) async fn take(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    chunk: &Chunk<'_>,
    now: Timestamp,
) -> Result<ChunkDone> {
    let held = load::hold(&mut *connection, chunk.list, chunk.ticket, now).await?;
    let campaign = CampaignId(held.campaign_id);
    let policy: UpdatePolicy = Origin::new("list", chunk.list.0).word("policy", &held.policy)?;
    for statement in dialect::LOAD_TURN {
        sqlx::query(*statement).execute(&mut *connection).await.map_err(failed)?;
    }
    // Earlier chunks are in the database.
    let sorted = sort(&mut *connection, keys, campaign, policy, chunk.rows, &HashSet::new()).await?;
    load_insert::left_out(&mut *connection, chunk.list, &sorted.left_out).await?;
    load_insert::leads(&mut *connection, (chunk.list, held.has_basis), campaign, &sorted.leads, now).await?;
    load_changes::note(&mut *connection, chunk.list, &sorted.changes).await?;
    load_insert::joins(&mut *connection, chunk.list, &sorted.done.joins).await?;
    maybe_suppressed::clients(&mut *connection, &sorted.further_suppressed()).await?;
    maybe_suppressed::owners_of(&mut *connection, sorted.suppressed.iter().copied()).await?;
    count(connection, chunk, &sorted.done).await?;
    Ok(sorted.done)
}

/// What taking rows would do.
pub(super) async fn check(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    campaign: CampaignId,
    policy: UpdatePolicy,
    rows: &[Row],
    leads_of_known: &HashSet<ClientId>,
) -> Result<ChunkDone> {
    Ok(sort(connection, keys, campaign, policy, rows, leads_of_known).await?.done)
}

async fn count(connection: &mut Connection, chunk: &Chunk<'_>, done: &ChunkDone) -> Result<()> {
    let to_line = chunk.rows.last().map_or(0, |row| i64::try_from(row.line).unwrap_or(i64::MAX));
    let counts = &done.counts;
    let counted = sqlx::query(
        "-- load: what became of the rows so far
        UPDATE list SET rows_read = rows_read + $4, new_clients = new_clients + $5, known_clients = known_clients + $6,
            new_leads = new_leads + $7, duplicates_in_file = duplicates_in_file + $8,
            duplicates_in_campaign = duplicates_in_campaign + $9, suppressed = suppressed + $10, rejected = rejected + $11,
            joins = joins + $12, read_to_line = $3, bytes_read = $13
        WHERE id = $1 AND ticket = $2 AND state = 'staging' AND read_to_line < $3",
    )
    .bind(chunk.list.0)
    .bind(chunk.ticket)
    .bind(to_line)
    .bind(counts.rows_read)
    .bind(counts.new_clients)
    .bind(counts.known_clients)
    .bind(counts.new_leads)
    .bind(counts.duplicates_in_file)
    .bind(counts.duplicates_in_campaign)
    .bind(counts.suppressed)
    .bind(counts.rejected)
    .bind(i64::try_from(done.joins.len()).unwrap_or(i64::MAX))
    .bind(chunk.bytes_read)
    .execute(connection)
    .await
    .map_err(failed)?;
    match counted.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::Conflict("these rows of the file are loaded already".into())),
    }
}

/// Rows by what becomes of them.
#[derive(Default)]
struct Sorted<'a> {
    left_out: Vec<LeftOut<'a>>,
    leads: Vec<NewLead<'a>>,
    changes: Vec<(ClientId, Change)>,
    /// Clients who were known and whom an earlier row of the chunk made leads.
    made_leads: HashSet<i64>,
    /// Numbers that are suppressed for anybody, not only for the campaign.
    suppressed: HashSet<&'a str>,
    done: ChunkDone,
}

/// Somebody who has a number.
#[derive(Debug, Clone, Copy)]
struct Owner {
    client: i64,
    is_lead: bool,
}

async fn sort<'a>(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    campaign: CampaignId,
    policy: UpdatePolicy,
    rows: &'a [Row],
    leads_of_known: &HashSet<ClientId>,
) -> Result<Sorted<'a>> {
    let phones: Vec<&str> = rows.iter().filter_map(accepted).flat_map(numbers).collect();
    let asked = Asked::about(keys, Origin::new("list_row", 0), phones.iter().copied())?;
    let Found { against, anywhere } = standing(&mut *connection, keys, &asked, campaign.0).await?;
    let phones = to_json(&phones);
    let mut owners = owners(&mut *connection, campaign, &phones).await?;
    owners.values_mut().for_each(|owner| owner.is_lead |= leads_of_known.contains(&ClientId(owner.client)));
    let known = known(&mut *connection, campaign, &owners).await?;
    let mut sorted = Sorted { suppressed: anywhere, ..Sorted::default() };
    for row in rows {
        sorted.done.counts.rows_read += 1;
        let line = i64::try_from(row.line).unwrap_or(i64::MAX);
        match &row.verdict {
            Verdict::Accepted(client) if is_suppressed(client, &against) => {
                sorted.done.counts.suppressed += 1;
                sorted.left_out.push(LeftOut::suppressed(line));
            }
            Verdict::Accepted(client) => sorted.person(line, client, &owners, &known, policy),
            Verdict::DuplicateInFile { first_line, joins, further } => {
                sorted.done.counts.duplicates_in_file += 1;
                sorted.left_out.push(LeftOut::duplicate_in_file(line, *first_line, *joins, further.len()));
            }
            Verdict::Rejected { reject, raw } => {
                sorted.done.counts.rejected += 1;
                sorted.left_out.push(LeftOut::rejected(line, reject, raw));
            }
        }
    }
    Ok(sorted)
}

impl<'a> Sorted<'a> {
    /// Known people who get a number that is suppressed for anybody.
    fn further_suppressed(&self) -> BTreeSet<i64> {
        let gets = |change: &Change| change.what == Changed::Phone && self.suppressed.contains(change.after.as_str());
        self.changes.iter().filter(|(_, change)| gets(change)).map(|(client, _)| client.0).collect()
    }

    /// A person who may be called: new or known, a lead of the campaign already or not.
    fn person(
        &mut self,
        line: i64,
        row: &'a ListedClient,
        owners: &HashMap<String, Owner>,
        known: &HashMap<i64, Known>,
        policy: UpdatePolicy,
    ) {
        let found: Vec<Owner> = numbers(row).filter_map(|number| owners.get(number).copied()).collect();
        let Some(owner) = found.first().copied() else {
            self.done.counts.new_leads += 1;
            self.done.counts.new_clients += 1;
            self.leads.push(NewLead { line, row, client: None, known: Standing::default() });
            return;
        };
        let client = ClientId(owner.client);
        if let Some(other) = found.iter().find(|other| other.client != owner.client) {
            self.done.joins.push(Join { line, client, other: ClientId(other.client) });
        }
        let new_phones: Vec<usize> =
            numbers(row).enumerate().filter(|(_, number)| !owners.contains_key(*number)).map(|(at, _)| at).collect();
        let present = known.get(&owner.client);
        if let Some(present) = present {
            for change in changes(&present.client, row, &new_phones, policy) {
                self.done.changes.count(client, change.what, change.before.as_deref(), &change.after);
                self.changes.push((client, change));
            }
        }
        if found.iter().any(|owner| owner.is_lead || self.made_leads.contains(&owner.client)) {
            self.done.counts.duplicates_in_campaign += 1;
            self.left_out.push(LeftOut::duplicate_in_campaign(line));
            return;
        }
        self.done.counts.new_leads += 1;
        self.done.counts.known_clients += 1;
        self.done.leads_of_known.push(client);
        self.made_leads.insert(owner.client);
        let known = present.map(|present| present.standing.clone()).unwrap_or_default();
        self.leads.push(NewLead { line, row, client: Some(owner.client), known });
    }
}

/// Whether the person must not be called, whatever they have agreed to since.
fn is_suppressed(client: &ListedClient, against: &HashMap<&str, Against>) -> bool {
    let agreed_on = client.consent.on.filter(|_| client.consent.given == Some(true));
    numbers(client).filter_map(|number| against.get(number)).any(|against| against.holds(agreed_on, Relationship::None))
}

fn accepted(row: &Row) -> Option<&ListedClient> {
    match &row.verdict {
        Verdict::Accepted(client) => Some(client),
        Verdict::DuplicateInFile { .. } | Verdict::Rejected { .. } => None,
    }
}

fn numbers(client: &ListedClient) -> impl Iterator<Item = &str> {
    client.phones.iter().map(|phone| phone.number.reveal())
}

// The questions below are planned anew for each chunk (not persistent): a plan that was made while the tables were empty reads
// them whole when they have become large.

async fn owners(connection: &mut Connection, campaign: CampaignId, phones: &str) -> Result<HashMap<String, Owner>> {
    let owners = sqlx::query_as::<Engine, (String, i64, bool)>(dialect::OWNERS_OF)
        .persistent(false)
        .bind(phones)
        .bind(campaign.0)
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    Ok(owners.into_iter().map(|(phone, client, is_lead)| (phone, Owner { client, is_lead })).collect())
}

#[derive(sqlx::FromRow)]
struct KnownRow {
    id: i64,
    reference: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    street: Option<String>,
    city: Option<String>,
    postcode: Option<String>,
    region: Option<String>,
    time_zone: Option<String>,
    zone_source: Option<String>,
    facts: Option<String>,
    place: Option<String>,
    language: Option<String>,
}

/// A person who is known, and what of it decides their lane, as it is stored.
struct Known {
    client: KnownClient,
    standing: Standing,
}

async fn known(
    connection: &mut Connection,
    campaign: CampaignId,
    owners: &HashMap<String, Owner>,
) -> Result<HashMap<i64, Known>> {
    if owners.is_empty() {
        return Ok(HashMap::new());
    }
    let clients: HashSet<i64> = owners.values().map(|owner| owner.client).collect();
    sqlx::query_as::<Engine, KnownRow>(dialect::KNOWN_CLIENTS)
        .persistent(false)
        .bind(to_json(&clients))
        .bind(campaign.0)
        .fetch_all(connection)
        .await
        .map_err(failed)?
        .into_iter()
        .map(|row| Ok((row.id, row.into_known()?)))
        .collect()
}

impl KnownRow {
    fn into_known(self) -> Result<Known> {
        let origin = Origin::new("client", self.id);
        let source = self.zone_source.as_deref().map(|word| origin.word("zone_source", word)).transpose()?;
        // A zone that this node's time-zone database does not know stays what it is.
        let zone = self.time_zone.as_deref().and_then(|zone| zone.parse().ok()).zip(source);
        let facts: Option<BTreeMap<String, String>> =
            self.facts.as_deref().map(|facts| origin.json("facts", facts)).transpose()?;
        let client = KnownClient {
            id: ClientId(self.id),
            reference: self.reference,
            first_name: self.first_name,
            last_name: self.last_name,
            street: self.street,
            city: self.city,
            postcode: self.postcode,
            region: self.region,
            zone,
            facts,
        };
        let standing = Standing { zone: self.time_zone, place: self.place, language: self.language };
        Ok(Known { client, standing })
    }
}
