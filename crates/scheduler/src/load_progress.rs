//! How far the loads of this node have come.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Engine, Result};

/// The loads of this node, by ticket.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loads(Arc<Mutex<HashMap<String, Arc<Counters>>>>);

#[derive(Debug)]
struct Counters {
    name: String,
    bytes_total: u64,
    started_at: Timestamp,
    rows: AtomicU64,
    bytes: AtomicU64,
    commits: AtomicBool,
}

/// A load that is under way. Dropping it ends it.
pub(crate) struct Progress {
    loads: Loads,
    ticket: String,
    counters: Arc<Counters>,
}

/// How far a load has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoadUnderWay {
    /// The name people read.
    pub name: String,
    /// What it is doing.
    pub phase: LoadPhase,
    /// Of the file, what is read so far.
    pub percent: u8,
    /// Rows taken so far.
    pub rows: u64,
    /// Rows taken per second so far; none before the first second, and where another node runs the load.
    pub rows_per_second: Option<u64>,
    /// Seconds left, going on as so far.
    pub seconds_left: Option<u64>,
}

/// What a load is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadPhase {
    /// Finding out what the file is.
    Looking,
    /// Taking its rows.
    Taking,
    /// Making it visible.
    Committing,
}

impl Loads {
    /// Registers a load until the answer is dropped.
    pub(crate) fn begin(&self, ticket: &str, name: &str, bytes_total: u64, now: Timestamp) -> Progress {
        let counters = Arc::new(Counters {
            name: name.to_owned(),
            bytes_total,
            started_at: now,
            rows: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            commits: AtomicBool::new(false),
        });
        let mut loads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loads.insert(ticket.to_owned(), Arc::clone(&counters));
        Progress { loads: self.clone(), ticket: ticket.to_owned(), counters }
    }

    fn of(&self, ticket: &str) -> Option<Arc<Counters>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(ticket).cloned()
    }
}

impl Progress {
    pub(crate) fn rows(&self, more: usize) {
        self.counters.rows.fetch_add(more as u64, Ordering::Relaxed);
    }

    pub(crate) fn read_to(&self, position: u64) {
        self.counters.bytes.store(position, Ordering::Relaxed);
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.counters.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn commits(&self) {
        self.counters.commits.store(true, Ordering::Relaxed);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.loads.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.ticket);
    }
}

impl Counters {
    fn told(&self, now: Timestamp) -> LoadUnderWay {
        let (rows, bytes) = (self.rows.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed));
        let seconds = u64::try_from(now.duration_since(self.started_at).as_secs()).unwrap_or_default();
        let phase = match self.commits.load(Ordering::Relaxed) {
            true => LoadPhase::Committing,
            false if rows > 0 => LoadPhase::Taking,
            false => LoadPhase::Looking,
        };
        let left = self.bytes_total.saturating_sub(bytes);
        LoadUnderWay {
            name: self.name.clone(),
            phase,
            percent: percent(bytes, self.bytes_total),
            rows,
            rows_per_second: rows.checked_div(seconds),
            seconds_left: (seconds > 0).then(|| left.saturating_mul(seconds).checked_div(bytes)).flatten(),
        }
    }
}

fn percent(part: u64, whole: u64) -> u8 {
    u8::try_from(part.saturating_mul(100).checked_div(whole).unwrap_or(100).min(100)).unwrap_or(100)
}

impl Engine {
    /// How far the load of this ticket has come; `None` when it has ended or never began.
    pub async fn load_under_way(&self, ticket: &str) -> Result<Option<LoadUnderWay>> {
        if let Some(counters) = self.loads.of(ticket) {
            return Ok(Some(counters.told(self.now())));
        }
        let elsewhere = self.store.load_progress(ticket).await?;
        Ok(elsewhere.map(|load| {
            let positive = |number| u64::try_from(number).unwrap_or_default();
            LoadUnderWay {
                name: load.name,
                phase: LoadPhase::Taking,
                percent: percent(positive(load.bytes_read), positive(load.bytes_total)),
                rows: positive(load.rows),
                rows_per_second: None,
                seconds_left: None,
            }
        }))
    }
}
