//! Loading lists, and trying that dry.

use std::collections::HashSet;
use std::io::Read;
use std::sync::Arc;

use relance_domain::client::UpdatePolicy;
use relance_domain::definition::Definition;
use relance_domain::list::{KeptMapping, Provenance, Row, Verdict};
use relance_domain::rules::Whereabouts;
use relance_domain::{CampaignId, Currency, ListId, Money, Span};
use relance_lists::{Inspection, ListError, OpenList, Question, Spooled, Target, Wishes};
use relance_store::StoreError;
use relance_store::list::{Abandon, Begun, Chunk, List, ListState, NewLoad};
use tokio::sync::mpsc;

use crate::load_pace::Pace;
use crate::load_progress::Progress;
use crate::load_report::{LoadReport, Tally};
use crate::{Engine, Error, Result};

/// Rows looked up at a time in a dry run.
const CHUNK_ROWS: usize = 2_000;
/// Pieces of the file read ahead of the database.
const PIECES_AHEAD: usize = 1;
/// A load that has written nothing for so long belongs to a process that died. Should it be alive, its ticket no longer counts: it
/// stops and has done no harm.
const DEAD_AFTER: Span = Span::of_seconds(15);
/// Clients and leads of a dead load that are removed at a time.
const ABANDON_ROWS: i64 = 2_000;
/// The largest file of a list, in bytes: 2 GiB.
pub const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Joins shown in a report.
const JOINS_SHOWN: i64 = 20;

/// A file to be loaded.
#[derive(Debug, Clone)]
pub struct ListToLoad {
    /// Short name of the campaign. Only a dry run may do without: it then tells what the file alone says.
    pub campaign: Option<String>,
    /// What the list is.
    pub provenance: Provenance,
    /// How the file is to be read.
    pub wishes: Wishes,
    /// ISO 3166-1 alpha-2 code that national numbers and addresses are read in; the campaign's unless told.
    pub country: Option<String>,
    /// What the list may change about people who are known.
    pub policy: UpdatePolicy,
    /// Only say what a load would do.
    pub dry_run: bool,
    /// A word by which the load's progress can be asked for.
    pub ticket: Option<String>,
}

impl ListToLoad {
    /// A list for a campaign, of which nothing more is said than what it is.
    #[must_use]
    pub fn new(campaign: &str, provenance: Provenance) -> Self {
        Self {
            campaign: Some(campaign.to_owned()),
            provenance,
            wishes: Wishes::default(),
            country: None,
            policy: UpdatePolicy::default(),
            dry_run: false,
            ticket: None,
        }
    }
}

/// The campaign that a list is loaded into.
struct Destination {
    campaign: CampaignId,
    version: i64,
    definition: Arc<Definition>,
}

/// What the thread that reads the file sends.
pub(crate) struct Piece {
    pub(crate) rows: Vec<Row>,
    pub(crate) position: u64,
}

/// What that thread tells at its end.
pub(crate) struct WholeFile {
    repeated_headers: u64,
}

impl Engine {
    /// Loads a file, or says what loading it would do. The file is read on threads of its own; everything becomes visible in
    /// one transaction at the end, or nothing does.
    pub async fn load_list(&self, load: ListToLoad, file: Spooled) -> Result<LoadReport> {
        let into = self.campaign_of(&load).await?;
        let ticket = load.ticket.clone().unwrap_or_else(|| self.chance.word());
        let progress = self.loads.begin(&ticket, &load.provenance.name, file.length, self.now());
        let target = self.target(&load, into.as_ref())?;
        let mut wishes = load.wishes.clone();
        if let Some(vendor) = &load.provenance.vendor {
            wishes.kept_mappings = self.store.kept_mappings(vendor).await?;
        }
        let bytes = file.file.clone();
        let open = off_the_runtime(move || relance_lists::open(bytes, &target, &wishes)).await??;
        let inspection = open.inspection().clone();
        let mut report = match (&into, load.dry_run) {
            (Some(into), false) => self.load(&load, into, open, &file, &ticket, &progress).await?,
            (into, _) => self.check(&load, into.as_ref(), open, &progress).await?,
        };
        (report.sha256, report.inspection) = (file.sha256, inspection);
        if let (Some(_), true, Err(error)) = (&into, load.dry_run, load.provenance.check()) {
            let question = Question { code: "origin_undeclared".to_owned(), message: error.to_string() };
            report.inspection.questions.push(question);
        }
        tracing::info!(
            list = report.list.map(|list| list.0),
            campaign = load.campaign,
            rows = report.counts.rows_read,
            leads = report.counts.new_leads,
            dry_run = load.dry_run,
            "list.loaded"
        );
        Ok(report)
    }

    /// Takes in a file that comes as a stream: it is read more than once. Personal data lies in a temporary file without a name
    /// until then, and nowhere after.
    pub async fn spool_list(&self, file: impl Read + Send + 'static) -> Result<Spooled> {
        Ok(off_the_runtime(move || relance_lists::spool(file, None, FILE_BYTES_MAX)).await??)
    }

    async fn campaign_of(&self, load: &ListToLoad) -> Result<Option<Destination>> {
        if !load.dry_run {
            load.provenance.check().map_err(|error| Error::field("the list", "source", error.to_string()))?;
        }
        let Some(name) = &load.campaign else { return Ok(None) };
        let campaign = self.store.campaign(name).await?;
        let definition = self.definition(campaign.id, campaign.version).await?;
        Ok(Some(Destination { campaign: campaign.id, version: campaign.version, definition }))
    }

    fn target(&self, load: &ListToLoad, into: Option<&Destination>) -> Result<Target> {
        let today = self.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        match (into, &load.country) {
            (Some(into), country) => Ok(Target::of_campaign(&into.definition, country.as_deref(), today)),
            (None, Some(country)) => Ok(Target::standard(country, Currency::EUR, today)),
            (None, None) => Err(Error::field(
                "the list",
                "country",
                "is missing: without a campaign, say whose numbers these are, as in FR",
            )),
        }
    }

    async fn load(
        &self,
        load: &ListToLoad,
        into: &Destination,
        open: OpenList,
        file: &Spooled,
        ticket: &str,
        progress: &Progress,
    ) -> Result<LoadReport> {
        refuse_open_questions(open.inspection())?;
        let cost = load.provenance.cost.as_deref().map(|text| Money::parse(text, into.definition.currency)).transpose();
        let cost = cost.map_err(|error| Error::field("the list", "cost", error.to_string()))?;
        // A ticket that a client uses twice must not open this load to another process.
        let fence = format!("{ticket}:{}", self.chance.word());
        let new = NewLoad {
            campaign: into.campaign,
            provenance: load.provenance.clone(),
            cost_minor: cost.map(|money| money.minor),
            sha256: file.sha256.clone(),
            reading: reading(load, into),
            header: open.inspection().columns.iter().map(|column| column.header.clone()).collect(),
            policy: load.policy,
            bytes_total: i64::try_from(file.length).unwrap_or(i64::MAX),
            ticket: fence.clone(),
            dead_since: DEAD_AFTER.before(self.now()),
        };
        let (list, after_line) = self.open_load(&new).await?;
        let taken = async {
            let tally = self.take_rows(list, after_line, &fence, open, progress).await?;
            progress.commits();
            Ok((tally, self.commit_load(list, &fence).await?))
        };
        match taken.await {
            Ok((tally, stored)) => {
                let (changes, joins) = self.store.load_changes(list, JOINS_SHOWN).await?;
                self.keep_mapping(load, &new.header).await?;
                Ok(tally.into_report(Some(list), after_line > 0, stored.counts, changes, joins, stored.joins))
            }
            Err(error) => {
                self.abandon_after(list, &fence).await;
                Err(error)
            }
        }
    }

    /// Makes a load visible. Where the answer to that is lost it is asked for once more: whether it was done shows by its ticket.
    async fn commit_load(&self, list: ListId, fence: &str) -> Result<List> {
        match self.store.commit_load(list, fence, self.now()).await {
            Err(StoreError::InDoubt(_)) => {}
            told => return Ok(told?),
        }
        match self.store.commit_load(list, fence, self.now()).await {
            Err(error @ StoreError::NotFound { .. }) => {
                let list = self.store.list(list).await?;
                if list.state == ListState::Loaded { Ok(list) } else { Err(error.into()) }
            }
            told => Ok(told?),
        }
    }

    /// Opens a load. A dead load of another file that stands in the way is removed first.
    async fn open_load(&self, new: &NewLoad) -> Result<(ListId, i64)> {
        loop {
            match self.store.begin_load(new, self.now()).await? {
                Begun::Open { list, after_line } => return Ok((list, after_line)),
                Begun::DeadLoad(list) => self.abandon(list, Abandon::DeadSince(new.dead_since)).await?,
            }
        }
    }

    /// Removes an open load, in bounded steps.
    pub(crate) async fn abandon(&self, list: ListId, which: Abandon<'_>) -> Result<()> {
        while !self.store.abandon_load(list, which, ABANDON_ROWS).await? {}
        Ok(())
    }

    /// Gives every open load up for dead, so that its file may be loaded again at once: for a process that begins and is the
    /// only one on its database.
    pub async fn presume_loads_dead(&self) -> Result<()> {
        Ok(self.store.presume_loads_dead(DEAD_AFTER.before(self.now())).await?)
    }

    /// What a load that failed has written is removed, unless somebody else has taken the load over. The load's own error is the
    /// one to tell; what stays behind if this fails too is swept by a loop.
    async fn abandon_after(&self, list: ListId, fence: &str) {
        if let Err(cleanup) = self.abandon(list, Abandon::Ours(fence)).await {
            tracing::warn!(list = list.0, error = %cleanup, "list.abandon_failed");
        }
    }

    async fn take_rows(
        &self,
        list: ListId,
        after_line: i64,
        ticket: &str,
        open: OpenList,
        progress: &Progress,
    ) -> Result<Tally> {
        let (mut pieces, reader) = read_ahead(open);
        let mut tally = Tally::default();
        let mut pace = Pace::default();
        let mut waiting = Vec::new();
        loop {
            let piece = pieces.recv().await;
            let is_end = piece.is_none();
            if let Some(piece) = piece {
                tally.count(&piece.rows);
                progress.read_to(piece.position);
                let is_new = |row: &Row| i64::try_from(row.line).is_ok_and(|line| line > after_line);
                waiting.extend(piece.rows.into_iter().filter(is_new).map(|row| self.placed(row)));
            }
            while waiting.len() >= pace.rows() || (is_end && !waiting.is_empty()) {
                let rows: Vec<Row> = waiting.drain(..pace.rows().min(waiting.len())).collect();
                let bytes_read = i64::try_from(progress.bytes_read()).unwrap_or(i64::MAX);
                let begun = self.now();
                self.store.load_rows(&Chunk { list, ticket, rows: &rows, bytes_read }, begun).await?;
                pace.took(self.now().duration_since(begun));
                progress.rows(rows.len());
            }
            if is_end {
                break;
            }
        }
        let whole = reader.await.map_err(|_| Error::ShuttingDown)??;
        tally.repeated_headers = whole.repeated_headers;
        Ok(tally)
    }

    /// The row with where its person is, for the calling rules.
    fn placed(&self, mut row: Row) -> Row {
        if let Verdict::Accepted(client) = &mut row.verdict {
            let place = self.rules.place(&Whereabouts {
                number: client.phones.first().number.reveal(),
                country: &client.country,
                region: client.region.as_deref(),
            });
            client.place = Some(place.to_string());
        }
        row
    }

    /// What a load would do. Without a campaign: what the file alone says.
    async fn check(
        &self,
        load: &ListToLoad,
        into: Option<&Destination>,
        open: OpenList,
        progress: &Progress,
    ) -> Result<LoadReport> {
        let (mut pieces, reader) = read_ahead(open);
        let mut tally = Tally::default();
        let mut leads_of_known = HashSet::new();
        while let Some(piece) = pieces.recv().await {
            tally.count(&piece.rows);
            for rows in piece.rows.chunks(CHUNK_ROWS) {
                match into {
                    Some(into) => {
                        let done = self.store.check_rows(into.campaign, load.policy, rows, &leads_of_known).await?;
                        leads_of_known.extend(&done.leads_of_known);
                        tally.would.add(done);
                    }
                    None => tally.count_alone(rows),
                }
                progress.rows(rows.len());
            }
            progress.read_to(piece.position);
        }
        let whole = reader.await.map_err(|_| Error::ShuttingDown)??;
        tally.repeated_headers = whole.repeated_headers;
        Ok(tally.into_dry_report(usize::try_from(JOINS_SHOWN).unwrap_or(usize::MAX)))
    }

    /// What somebody said of this vendor's columns is kept for the next file with the same header.
    async fn keep_mapping(&self, load: &ListToLoad, header: &[String]) -> Result<()> {
        match &load.provenance.vendor {
            Some(vendor) if !load.wishes.mapping.is_empty() => {
                let kept = KeptMapping { header: header.to_vec(), mapping: load.wishes.mapping.clone() };
                Ok(self.store.keep_mapping(vendor, &kept, self.now()).await?)
            }
            _ => Ok(()),
        }
    }
}

/// A load does not guess what a person should decide.
pub(crate) fn refuse_open_questions(inspection: &Inspection) -> Result<()> {
    if inspection.questions.is_empty() {
        return Ok(());
    }
    let problems = inspection.questions.iter();
    let problems =
        problems.map(|question| relance_domain::outcome::FieldProblem::new(&question.code, &question.message));
    Err(Error::Invalid { what: "the list", problems: problems.collect() })
}

/// Everything on which the rows of a load depend besides the file: a load goes on only where all of it is the same.
fn reading(load: &ListToLoad, into: &Destination) -> String {
    let wishes = &load.wishes;
    format!("version {} {:?} {:?} {:?} {wishes:?}", into.version, load.country, load.policy, load.provenance)
}

/// Reads a file on a thread of its own, a few pieces ahead. A receiver that is gone ends the reading.
pub(crate) fn read_ahead(
    open: OpenList,
) -> (mpsc::Receiver<Piece>, tokio::task::JoinHandle<std::result::Result<WholeFile, ListError>>) {
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    let reader = tokio::task::spawn_blocking(move || {
        let mut rows = open.rows()?;
        while let Some(chunk) = rows.next_chunk()? {
            // Where the receiver is gone, its own error is told.
            if sender.blocking_send(Piece { rows: chunk, position: rows.position() }).is_err() {
                break;
            }
        }
        Ok(WholeFile { repeated_headers: rows.repeated_headers() })
    });
    (receiver, reader)
}

/// Runs what takes the processor or the disk for long beside the runtime's own threads.
pub(crate) async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::ShuttingDown)
}
