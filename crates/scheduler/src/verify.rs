//! Does what is on record keep the promises? The ledger is read as of one moment and judged on all cores while it is read.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::sync::Arc;

use jiff::Timestamp;
use relance_domain::ledger::{
    Books, Findings, NotJudged, Promise, Violation, judge_person, judge_reopening, judge_suppressed,
};
use relance_store::StoreError;
use relance_store::ledger::{Checked, Part, Parts};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::{Engine, Result};

/// Violations that are told of each promise; all of them are counted.
const TOLD_MAX: usize = 100;
/// Parts of the ledger that wait to be judged.
const PARTS_WAITING: usize = 2;

/// How far a verification has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VerificationProgress {
    /// Hand-outs and reopenings that were judged.
    pub judged: i64,
    /// All of them; 0 while nobody has counted.
    pub of: i64,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Verification {
    /// No row on record breaks a promise.
    pub holds: bool,
    /// The moment of which it tells.
    pub as_of: Timestamp,
    /// Each promise that a ledger can show.
    pub promises: Vec<PromiseVerified>,
    /// Rows that break a promise: of each promise the first hundred, by table and key.
    pub violations: Vec<Violation>,
    /// How many such rows there are in all.
    pub violations_total: u64,
}

/// What was checked of a promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PromiseVerified {
    /// The promise.
    pub promise: Promise,
    /// The promise in words.
    pub in_words: String,
    /// What was checked.
    pub checked: Vec<CheckedRows>,
    /// How many rows break it.
    pub violations: u64,
    /// What could not be judged: it is not among what is right.
    pub not_judged: Vec<NotJudgedRows>,
}

/// Something that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CheckedRows {
    /// What, and against what.
    pub what: String,
    /// How many rows were looked at.
    pub rows: u64,
}

/// Something that could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NotJudgedRows {
    /// Why, for programs.
    pub why: NotJudged,
    /// Why, in words.
    pub because: String,
    /// How many rows.
    pub rows: u64,
}

impl Engine {
    /// Verifies the ledger from the stored facts alone, and tells how far it has come. One at a time on a node:
    /// [`StoreError::Conflict`] while another is under way. Hand-outs go on meanwhile.
    pub async fn verify(&self, progress: &watch::Sender<VerificationProgress>) -> Result<Verification> {
        let Ok(_alone) = self.verifying.try_lock() else {
            let words = "a verification is under way on this node: ask again when it has ended";
            return Err(StoreError::Conflict(words.to_owned()).into());
        };
        let as_of = self.now();
        let (parts, mut received) = Parts::channel(PARTS_WAITING);
        let store = Arc::clone(&self.store);
        let reading = tokio::spawn(async move { store.read_ledger(&parts).await });
        let mut judging = Judging::new(as_of, progress);
        while let Some(part) = received.recv().await {
            judging.take(part).await?;
        }
        reading.await.map_err(|error| StoreError::Database(error.into()))??;
        let tally = judging.finish().await?;
        let verification = tally.told(as_of);
        tracing::info!(holds = verification.holds, violations = verification.violations_total, "ledger.verified");
        Ok(verification)
    }
}

/// Parts that are being judged, as many as there are cores.
struct Judging<'a> {
    as_of: Timestamp,
    books: Option<Arc<Books>>,
    judges: JoinSet<(i64, Tally)>,
    cores: usize,
    tally: Tally,
    progress: &'a watch::Sender<VerificationProgress>,
}

impl<'a> Judging<'a> {
    fn new(as_of: Timestamp, progress: &'a watch::Sender<VerificationProgress>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { as_of, books: None, judges: JoinSet::new(), cores, tally: Tally::default(), progress }
    }

    async fn take(&mut self, part: Part) -> Result<()> {
        match part {
            Part::Books { books, rows } => {
                let (books, found) = Books::open(*books, self.as_of);
                self.tally.add(found);
                self.books = Some(Arc::new(books));
                self.progress.send_modify(|progress| progress.of = rows);
                Ok(())
            }
            Part::Checked(checked) => {
                self.tally.add_checked(&checked);
                Ok(())
            }
            Part::People(people) => {
                let rows = people.iter().map(|person| person.hand_outs.len()).sum();
                self.judge(rows, move |books| people.iter().map(|person| judge_person(person, books)).collect()).await
            }
            // Only hand-outs and reopenings are counted as progress.
            Part::Suppressed(all) => {
                self.judge(0, move |books| all.iter().map(|one| judge_suppressed(one, books)).collect()).await
            }
            Part::Reopenings(all) => {
                self.judge(all.len(), move |books| all.iter().map(|one| judge_reopening(one, books)).collect()).await
            }
        }
    }

    /// Judges a part on a core that is free.
    async fn judge(&mut self, rows: usize, judge: impl FnOnce(&Books) -> Vec<Findings> + Send + 'static) -> Result<()> {
        while self.judges.len() >= self.cores {
            self.wait_for_one().await?;
        }
        let Some(books) = self.books.clone() else { return Ok(()) };
        self.judges.spawn_blocking(move || {
            let mut all = Tally::default();
            judge(&books).into_iter().for_each(|found| all.add(found));
            (i64::try_from(rows).unwrap_or(i64::MAX), all)
        });
        Ok(())
    }

    async fn wait_for_one(&mut self) -> Result<()> {
        let Some(judged) = self.judges.join_next().await else { return Ok(()) };
        let (rows, of_part) = judged.map_err(|error| StoreError::Database(error.into()))?;
        self.tally.merge(of_part);
        self.progress.send_modify(|progress| progress.judged += rows);
        Ok(())
    }

    async fn finish(mut self) -> Result<Tally> {
        while !self.judges.is_empty() {
            self.wait_for_one().await?;
        }
        Ok(self.tally)
    }
}

/// What was found so far. Of the violations the first of each promise are kept, and all are counted.
#[derive(Default)]
struct Tally {
    checked: BTreeMap<(Promise, &'static str), u64>,
    violations: BTreeMap<Promise, (u64, BTreeSet<Violation>)>,
    not_judged: BTreeMap<(Promise, NotJudged), u64>,
}

impl Tally {
    fn add(&mut self, found: Findings) {
        let Findings { checked, violations, not_judged } = found;
        let mut of_promise: BTreeMap<Promise, (u64, BTreeSet<Violation>)> = BTreeMap::new();
        for violation in violations {
            let (rows, first) = of_promise.entry(violation.promise).or_default();
            *rows += 1;
            first.insert(violation);
        }
        self.merge(Self { checked, violations: of_promise, not_judged });
    }

    fn merge(&mut self, other: Self) {
        for (what, rows) in other.checked {
            *self.checked.entry(what).or_default() += rows;
        }
        for (why, rows) in other.not_judged {
            *self.not_judged.entry(why).or_default() += rows;
        }
        for (promise, (rows, first)) in other.violations {
            let (all, kept) = self.violations.entry(promise).or_default();
            *all += rows;
            kept.extend(first);
            while kept.len() > TOLD_MAX {
                kept.pop_last();
            }
        }
    }

    /// Counts a check that the database made.
    fn add_checked(&mut self, checked: &Checked) {
        let Checked { promise, table, asked, rows, wrong, broken, first } = checked;
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        *self.checked.entry((*promise, asked)).or_default() += count(*rows);
        if *broken == 0 {
            return;
        }
        let row = |row: &i64| Violation {
            promise: *promise,
            table: (*table).to_owned(),
            row: *row,
            what: (*wrong).to_owned(),
        };
        let violations = BTreeMap::from([(*promise, (count(*broken), first.iter().map(row).collect()))]);
        self.merge(Self { violations, ..Self::default() });
    }

    fn told(mut self, as_of: Timestamp) -> Verification {
        let promises = Promise::ALL.map(|promise| PromiseVerified {
            promise,
            in_words: promise.in_words().to_owned(),
            checked: of(&self.checked, promise, |what, rows| CheckedRows { what: (*what).to_owned(), rows }),
            violations: self.violations.get(&promise).map_or(0, |(rows, _)| *rows),
            not_judged: of(&self.not_judged, promise, |why, rows| NotJudgedRows {
                why: *why,
                because: why.in_words().to_owned(),
                rows,
            }),
        });
        let violations_total = promises.iter().map(|promise| promise.violations).sum();
        let violations = std::mem::take(&mut self.violations).into_values().flat_map(|(_, first)| first).collect();
        Verification { holds: violations_total == 0, as_of, promises: promises.into(), violations, violations_total }
    }
}

/// What is counted of a promise.
fn of<K: Ord, T>(counts: &BTreeMap<(Promise, K), u64>, promise: Promise, told: impl Fn(&K, u64) -> T) -> Vec<T> {
    counts.iter().filter(|((of, _), _)| *of == promise).map(|((_, what), rows)| told(what, *rows)).collect()
}
