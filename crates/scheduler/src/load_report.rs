//! What a load says at its end: the same for a dry run.

use std::collections::BTreeMap;

use relance_domain::ListId;
use relance_domain::list::{RejectCode, Remark, Row, Verdict};
use relance_lists::Inspection;
use relance_store::list::{Changes, ChunkDone, Join, LoadCounts};
use serde::{Deserialize, Serialize};

/// Rejected rows shown per code, and rows shown per remark.
const EXAMPLES: usize = 3;

/// What a load did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoadReport {
    /// Nothing was stored.
    pub dry_run: bool,
    /// The list; none for a dry run.
    pub list: Option<ListId>,
    /// The load went on where an earlier one had stopped half-way.
    pub resumed: bool,
    /// SHA-256 of the file.
    pub sha256: String,
    /// What the file was found to be, and what its columns feed.
    pub inspection: Inspection,
    /// What became of the rows.
    pub counts: LoadCounts,
    /// Rows that repeat the header: not counted as rows.
    pub repeated_headers: u64,
    /// New leads whose time zone nobody knows: they are not callable.
    pub without_time_zone: i64,
    /// What the accepted rows say of consent.
    pub consent: ConsentCounts,
    /// The rejected rows by code, with the first examples.
    pub rejects: Vec<RejectGroup>,
    /// What was noticed of accepted rows.
    pub remarks: Vec<RemarkCount>,
    /// What changes about people who were known.
    pub changes: Changes,
    /// How many rows said of two clients that they are one. They stay two until somebody merges them.
    pub joins: i64,
    /// The first of them.
    pub join_examples: Vec<Join>,
}

/// What accepted rows say of consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConsentCounts {
    /// The person agreed.
    pub given: i64,
    /// The person did not.
    pub refused: i64,
    /// The row does not say.
    pub unsaid: i64,
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

/// Rows of which the same was noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RemarkCount {
    /// What.
    pub remark: Remark,
    /// How many rows.
    pub rows: i64,
    /// The first lines.
    pub lines: Vec<u64>,
}

/// What is counted while a file is read.
#[derive(Default)]
pub(crate) struct Tally {
    without_time_zone: i64,
    consent: ConsentCounts,
    rejects: BTreeMap<RejectCode, RejectGroup>,
    remarks: BTreeMap<Remark, RemarkCount>,
    pub(crate) repeated_headers: u64,
    /// What a load would do, summed over the chunks of a dry run.
    pub(crate) would: ChunkDone,
}

impl Tally {
    /// Counts what the reader alone can tell.
    pub(crate) fn count(&mut self, rows: &[Row]) {
        for row in rows {
            for remark in row.remarks.iter() {
                let empty = || RemarkCount { remark, rows: 0, lines: Vec::new() };
                let counted = self.remarks.entry(remark).or_insert_with(empty);
                counted.rows += 1;
                if counted.lines.len() < EXAMPLES {
                    counted.lines.push(row.line);
                }
            }
            match &row.verdict {
                Verdict::Accepted(client) => {
                    self.without_time_zone += i64::from(client.zone.is_none());
                    *match client.consent.given {
                        Some(true) => &mut self.consent.given,
                        Some(false) => &mut self.consent.refused,
                        None => &mut self.consent.unsaid,
                    } += 1;
                }
                Verdict::Rejected { reject, .. } => {
                    let empty = || RejectGroup { code: reject.code, rows: 0, examples: Vec::new() };
                    let group = self.rejects.entry(reject.code).or_insert_with(empty);
                    group.rows += 1;
                    if group.examples.len() < EXAMPLES {
                        let (column, message) = (reject.column.clone(), reject.message.clone());
                        group.examples.push(RejectExample { line: row.line, column, message });
                    }
                }
                Verdict::DuplicateInFile { .. } => {}
            }
        }
    }

    /// Counts rows for which there is no campaign to look into: every person is taken for new.
    pub(crate) fn count_alone(&mut self, rows: &[Row]) {
        let counts = &mut self.would.counts;
        for row in rows {
            counts.rows_read += 1;
            match &row.verdict {
                Verdict::Accepted(_) => {
                    counts.new_leads += 1;
                    counts.new_clients += 1;
                }
                Verdict::DuplicateInFile { .. } => counts.duplicates_in_file += 1,
                Verdict::Rejected { .. } => counts.rejected += 1,
            }
        }
    }

    /// The rejected rows by code.
    pub(crate) fn into_rejects(self) -> Vec<RejectGroup> {
        self.rejects.into_values().collect()
    }

    /// The report of a dry run.
    pub(crate) fn into_dry_report(mut self, joins_shown: usize) -> LoadReport {
        let would = std::mem::take(&mut self.would);
        let joins = i64::try_from(would.joins.len()).unwrap_or(i64::MAX);
        let examples = would.joins.into_iter().take(joins_shown).collect();
        self.into_report(None, false, would.counts, would.changes, examples, joins)
    }

    /// The report of a load.
    pub(crate) fn into_report(
        self,
        list: Option<ListId>,
        resumed: bool,
        counts: LoadCounts,
        changes: Changes,
        join_examples: Vec<Join>,
        joins: i64,
    ) -> LoadReport {
        LoadReport {
            dry_run: list.is_none(),
            list,
            resumed,
            sha256: String::new(),
            inspection: Inspection::default(),
            counts,
            repeated_headers: self.repeated_headers,
            without_time_zone: self.without_time_zone,
            consent: self.consent,
            rejects: self.rejects.into_values().collect(),
            remarks: self.remarks.into_values().collect(),
            changes,
            joins,
            join_examples,
        }
    }
}
