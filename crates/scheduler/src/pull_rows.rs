//! The rows of a pull, as the file of a list: from the client base, or from another database.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::TimeZone;
use relance_domain::definition::{Definition, FieldKind, StandardField};
use relance_domain::pull::{self, Condition, PastRefusal, Person, Pull, PullFrom};
use relance_domain::{CampaignId, ClientId, Currency, ZoneName};
use relance_lists::Spooled;
use relance_store::campaign::Campaign;
use relance_store::pull::{ClientOfBase, ClientsPage};
use tokio::sync::mpsc;

use crate::{Engine, Error, Result};

/// People of the client base read at a time.
const PAGE_PEOPLE: i64 = 500;
/// Rows waiting to be written.
const ROWS_AHEAD: usize = 512;

/// A file of a pull's rows.
pub(crate) struct Pulled {
    /// The file: UTF-8, commas, a header.
    pub(crate) file: Spooled,
    /// Its rows, without the header.
    pub(crate) rows: u64,
}

/// The campaigns of a seller, with what they say of their fields.
type OfSeller = BTreeMap<CampaignId, (String, Arc<Definition>)>;

impl Engine {
    /// Reads the rows of a pull into a temporary file.
    pub(crate) async fn pulled_rows(
        &self,
        campaign: &Campaign,
        definition: &Definition,
        pull: &Pull,
    ) -> Result<Pulled> {
        let (into, rows) = mpsc::channel(ROWS_AHEAD);
        let counted = Arc::new(AtomicU64::new(0));
        let spooling = self.spool_list(RowsAsCsv::new(rows, Arc::clone(&counted)));
        let reading = async {
            match &pull.from {
                PullFrom::Clients(conditions) => self.people(campaign, definition, conditions, into).await,
                PullFrom::Database { database, query } => {
                    let read = self.sources.rows(database, query, into).await;
                    read.map_err(|error| Error::Source { pull: pull.name.clone(), error })
                }
            }
        };
        let (read, spooled) = tokio::join!(reading, spooling);
        // A disk that is full ends the reading too: its own error is the one to tell.
        let file = spooled?;
        read?;
        Ok(Pulled { file, rows: counted.load(Ordering::Relaxed).saturating_sub(1) })
    }

    /// Sends the people of the client base whom a filter chooses and who are no leads of the campaign.
    async fn people(
        &self,
        campaign: &Campaign,
        definition: &Definition,
        conditions: &[Condition],
        into: mpsc::Sender<Vec<String>>,
    ) -> Result<()> {
        let of_seller = self.campaigns_of(&campaign.seller).await?;
        refuse_unknown(conditions, &of_seller)?;
        let columns = pull::columns(definition);
        let header = columns.iter().map(|column| (*column).to_owned()).collect();
        let mut page = ClientsPage {
            campaign: campaign.id,
            seller: campaign.seller.clone(),
            after: ClientId(0),
            limit: PAGE_PEOPLE,
            refusals: conditions.iter().any(|condition| matches!(condition, Condition::Refused { .. })),
        };
        let mut rows = vec![header];
        loop {
            for row in rows {
                // A receiver that is gone has an error of its own to tell.
                if into.send(row).await.is_err() {
                    return Ok(());
                }
            }
            let people = self.store.clients_page(&page).await?;
            let Some(last) = people.last() else { return Ok(()) };
            page.after = last.id;
            let known = people.iter().map(|client| person(client, &of_seller, definition.currency));
            let chosen = known.filter(|person| pull::chosen(conditions, person));
            rows = chosen.map(|person| row_of(&person, &columns, definition)).collect();
        }
    }

    async fn campaigns_of(&self, seller: &str) -> Result<OfSeller> {
        let mut of_seller = OfSeller::new();
        for campaign in self.store.campaigns().await?.into_iter().filter(|campaign| campaign.seller == seller) {
            let definition = self.definition(campaign.id, campaign.version).await?;
            of_seller.insert(campaign.id, (campaign.campaign, definition));
        }
        Ok(of_seller)
    }
}

/// A field, reason or campaign that nobody knows would choose nobody, for ever and without a word.
fn refuse_unknown(conditions: &[Condition], of_seller: &OfSeller) -> Result<()> {
    let definitions = || of_seller.values().map(|(_, definition)| definition);
    for condition in conditions {
        let unknown = match condition {
            Condition::Field { field, .. } => {
                let standard = StandardField::ALL.iter().any(|standard| standard.as_str() == field);
                let own = definitions().any(|of| of.client_fields.iter().any(|own| own.name == *field));
                (!standard && !own).then(|| format!("no campaign of the seller has a field {field:?}"))
            }
            Condition::Refused { campaign: Some(campaign), .. }
                if !of_seller.values().any(|(name, _)| name == campaign) =>
            {
                Some(format!("the seller has no campaign {campaign:?}"))
            }
            Condition::Refused { reason, .. } => (!definitions().any(|of| of.reason(reason).is_some()))
                .then(|| format!("no campaign of the seller has a refusal reason {reason:?}")),
        };
        if let Some(unknown) = unknown {
            return Err(Error::field("the pull", "where", format!("{unknown}: nobody would be chosen")));
        }
    }
    Ok(())
}

/// What is known of a person: of several values of a fact the newest, and amounts of the same currency only.
fn person(client: &ClientOfBase, of_seller: &OfSeller, currency: Currency) -> Person {
    let mut fields = BTreeMap::new();
    for lead in &client.leads {
        let definition = of_seller.get(&lead.campaign).map(|(_, definition)| definition);
        let foreign = |name: &str| {
            definition.is_some_and(|of| {
                let amount = |own: &_| matches!(own, FieldKind::Money) && of.currency != currency;
                of.client_fields.iter().any(|own| own.name == name && amount(&own.kind))
            })
        };
        fields.extend(
            lead.facts.iter().filter(|(name, _)| !foreign(name)).map(|(name, value)| (name.clone(), value.clone())),
        );
    }
    fields.extend(client.fields.clone());
    // What a list said of consent belongs together: the newest that said something.
    let said = client.leads.iter().rev().find(|lead| !lead.consent.is_empty());
    fields.extend(said.map(|lead| lead.consent.clone()).unwrap_or_default());
    let zone = client.fields.get(StandardField::TimeZone.as_str()).and_then(|zone| zone.parse::<ZoneName>().ok());
    let zone = zone.and_then(|zone| zone.rules().ok()).unwrap_or(TimeZone::UTC);
    let refusals = client.refusals.iter().map(|refusal| PastRefusal {
        campaign: refusal.campaign.clone(),
        reason: refusal.reason.clone(),
        on: refusal.refused_at.to_zoned(zone.clone()).date(),
    });
    Person { fields, refusals: refusals.collect() }
}

fn row_of(person: &Person, columns: &[&str], definition: &Definition) -> Vec<String> {
    let value = |column: &&str| pull::taken(definition, column, person.fields.get(*column)?);
    columns.iter().map(|column| value(column).unwrap_or_default()).collect()
}

/// Rows as the bytes of a CSV file, for who reads them on a thread of its own.
struct RowsAsCsv {
    rows: mpsc::Receiver<Vec<String>>,
    counted: Arc<AtomicU64>,
    batch: Vec<Vec<String>>,
    bytes: Vec<u8>,
    at: usize,
}

impl RowsAsCsv {
    fn new(rows: mpsc::Receiver<Vec<String>>, counted: Arc<AtomicU64>) -> Self {
        Self { rows, counted, batch: Vec::new(), bytes: Vec::new(), at: 0 }
    }

    fn next_bytes(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        self.at = 0;
        if self.rows.blocking_recv_many(&mut self.batch, ROWS_AHEAD) == 0 {
            return Ok(false);
        }
        let mut writer = csv::Writer::from_writer(&mut self.bytes);
        for row in self.batch.drain(..) {
            writer.write_record(&row)?;
            self.counted.fetch_add(1, Ordering::Relaxed);
        }
        writer.flush()?;
        Ok(true)
    }
}

impl Read for RowsAsCsv {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.bytes.len() && !self.next_bytes()? {
            return Ok(0);
        }
        let copied = buffer.len().min(self.bytes.len() - self.at);
        buffer[..copied].copy_from_slice(&self.bytes[self.at..self.at + copied]);
        self.at += copied;
        Ok(copied)
    }
}
