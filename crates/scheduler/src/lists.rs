//! Loading lists, trying that dry, and taking them back.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use relance_domain::definition::Definition;
use relance_domain::list::{Provenance, RejectCode, Row, Verdict};
use relance_domain::{ListId, Money};
use relance_lists::{ListError, ReadOptions};
use relance_store::list::{LeftOutRow, List, LoadCounts, NewLoad, Undo};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::{Engine, Error, Result};

/// Rows staged at a time: operators wait for no more than one such transaction while a list is loaded.
const CHUNK_ROWS: usize = 1_000;
/// Chunks read ahead of the database.
const CHUNKS_AHEAD: usize = 4;
/// Rejected rows shown per code.
const EXAMPLES: usize = 3;

/// A file to be loaded.
#[derive(Debug, Clone)]
pub struct ListToLoad {
    /// Short name of the campaign.
    pub campaign: String,
    /// What the list is.
    pub provenance: Provenance,
    /// How the file is to be read.
    pub options: ReadOptions,
    /// Only say what a load would do.
    pub dry_run: bool,
}

/// What a load did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoadReport {
    /// Nothing was stored.
    pub dry_run: bool,
    /// The list; none for a dry run.
    pub list: Option<ListId>,
    /// SHA-256 of the file.
    pub sha256: String,
    /// What became of the rows.
    pub counts: LoadCounts,
    /// New leads whose time zone nobody knows: they are not callable.
    pub without_time_zone: i64,
    /// What became of the columns.
    pub columns: Vec<ColumnOfFile>,
    /// The rejected rows by code, with the first examples.
    pub rejects: Vec<RejectGroup>,
}

/// A column of the file and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ColumnOfFile {
    /// Its header.
    pub header: String,
    /// The fields it feeds; none for a column that is left out.
    pub feeds: Vec<String>,
}

/// Rejected rows of one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RejectGroup {
    /// The code.
    pub code: RejectCode,
    /// How many.
    pub rows: i64,
    /// The first of them.
    pub examples: Vec<RejectExample>,
}

/// A rejected row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RejectExample {
    /// Line of the file.
    pub line: u64,
    /// The column at fault.
    pub column: Option<String>,
    /// What was wrong and what would be right.
    pub message: String,
}

/// What the thread that reads the file sends, in this order.
enum FilePart {
    Columns(Vec<ColumnOfFile>),
    Rows(Vec<Row>),
    End { sha256: String },
}

impl Engine {
    /// Loads a file, or says what loading it would do. The file is read on a thread of its own; everything becomes
    /// visible in one transaction at the end, or nothing does.
    pub async fn load_list(&self, load: ListToLoad, file: impl Read + Send + 'static) -> Result<LoadReport> {
        load.provenance.check().map_err(|error| Error::field("the list", "source", error.to_string()))?;
        let campaign = self.store.campaign(&load.campaign).await?;
        let definition = self.definition(campaign.id, campaign.version).await?;
        let cost = load.provenance.cost.as_deref().map(|text| Money::parse(text, definition.currency)).transpose();
        let cost = cost.map_err(|error| Error::field("the list", "cost", error.to_string()))?;
        let new = NewLoad {
            campaign: campaign.id,
            provenance: load.provenance.clone(),
            cost_minor: cost.map(|money| money.minor),
            ticket: format!("loading {}", self.chance.word()),
        };
        let list = self.store.begin_load(&new, self.now()).await?.list;
        match self.stage_and_commit(list, &load, definition, file).await {
            Ok(report) => Ok(report),
            Err(error) => {
                // The load's own error is the one to tell; what stays behind if this fails too is swept by a loop.
                if let Err(cleanup) = self.store.abandon_load(list).await {
                    tracing::warn!(list = list.0, error = %cleanup, "list.abandon_failed");
                }
                Err(error)
            }
        }
    }

    async fn stage_and_commit(
        &self,
        list: ListId,
        load: &ListToLoad,
        definition: Arc<Definition>,
        file: impl Read + Send + 'static,
    ) -> Result<LoadReport> {
        let (sender, mut receiver) = mpsc::channel(CHUNKS_AHEAD);
        let options = load.options.clone();
        let reader = tokio::task::spawn_blocking(move || read_file(file, &definition, &options, &sender));
        let mut tally = Tally::default();
        let mut columns = Vec::new();
        let mut hash = None;
        while let Some(read) = receiver.recv().await {
            match read {
                FilePart::Columns(found) => {
                    let header: Vec<String> = found.iter().map(|column| column.header.clone()).collect();
                    self.store.keep_header(list, &header).await?;
                    columns = found;
                }
                FilePart::Rows(rows) => {
                    tally.count(&rows);
                    self.store.stage_rows(list, &rows).await?;
                }
                FilePart::End { sha256 } => hash = Some(sha256),
            }
        }
        reader.await.map_err(|_| Error::ShuttingDown)??;
        let sha256 = hash.ok_or(Error::ShuttingDown)?;
        let counts = if load.dry_run {
            let counts = self.store.preview_load(list).await?;
            self.store.abandon_load(list).await?;
            counts
        } else {
            self.store.commit_load(list, &sha256, self.now()).await?.counts
        };
        tracing::info!(
            list = list.0,
            campaign = load.campaign,
            rows = counts.rows_read,
            leads = counts.new_leads,
            dry_run = load.dry_run,
            "list.loaded"
        );
        Ok(LoadReport {
            dry_run: load.dry_run,
            list: (!load.dry_run).then_some(list),
            sha256,
            counts,
            without_time_zone: tally.without_time_zone,
            columns,
            rejects: tally.rejects.into_values().collect(),
        })
    }

    /// Lists that were loaded, newest first.
    pub async fn lists(&self, campaign: Option<&str>) -> Result<Vec<List>> {
        let campaign = match campaign {
            Some(name) => Some(self.store.campaign(name).await?.id),
            None => None,
        };
        Ok(self.store.lists(campaign).await?)
    }

    /// One list.
    pub async fn list(&self, list: ListId) -> Result<List> {
        Ok(self.store.list(list).await?)
    }

    /// Rows of a list that made no lead, by line, at most `limit` after a line.
    pub async fn left_out_rows(&self, list: ListId, after_line: i64, limit: i64) -> Result<Vec<LeftOutRow>> {
        self.store.list(list).await?;
        Ok(self.store.left_out_rows(list, after_line, limit).await?)
    }

    /// Takes a list back, or says what that would do.
    pub async fn undo_list(&self, list: ListId, dry_run: bool) -> Result<Undo> {
        if dry_run {
            return Ok(self.store.preview_undo(list).await?);
        }
        let undo = self.store.undo_list(list, self.now()).await?;
        tracing::info!(list = list.0, removed_leads = undo.removed_leads, kept_leads = undo.kept_leads, "list.undone");
        Ok(undo)
    }
}

/// Reads the whole file and sends it on in chunks. A receiver that is gone ends the reading: its error is told there.
fn read_file(
    file: impl Read,
    definition: &Definition,
    options: &ReadOptions,
    sender: &mpsc::Sender<FilePart>,
) -> std::result::Result<(), ListError> {
    let mut rows = relance_lists::read(file, definition, options)?;
    let columns =
        rows.columns().iter().map(|column| ColumnOfFile { header: column.header.clone(), feeds: column.feeds.clone() });
    if sender.blocking_send(FilePart::Columns(columns.collect())).is_err() {
        return Ok(());
    }
    let mut chunk = Vec::with_capacity(CHUNK_ROWS);
    for row in &mut rows {
        chunk.push(row?);
        if chunk.len() == CHUNK_ROWS && sender.blocking_send(FilePart::Rows(std::mem::take(&mut chunk))).is_err() {
            return Ok(());
        }
    }
    // As above: a receiver that is gone has told its own error.
    let _ = sender.blocking_send(FilePart::Rows(chunk));
    if let Some(sha256) = rows.sha256() {
        let _ = sender.blocking_send(FilePart::End { sha256: sha256.to_owned() });
    }
    Ok(())
}

/// What the reader alone can count.
#[derive(Default)]
struct Tally {
    without_time_zone: i64,
    rejects: BTreeMap<RejectCode, RejectGroup>,
}

impl Tally {
    fn count(&mut self, rows: &[Row]) {
        for row in rows {
            match &row.verdict {
                Verdict::Accepted(client) if client.zone.is_none() => self.without_time_zone += 1,
                Verdict::Rejected { reject, .. } => {
                    let empty = || RejectGroup { code: reject.code, rows: 0, examples: Vec::new() };
                    let group = self.rejects.entry(reject.code).or_insert_with(empty);
                    group.rows += 1;
                    if group.examples.len() < EXAMPLES {
                        let (column, message) = (reject.column.clone(), reject.message.clone());
                        group.examples.push(RejectExample { line: row.line, column, message });
                    }
                }
                Verdict::Accepted(_) | Verdict::DuplicateInFile { .. } => {}
            }
        }
    }
}
