//! Reading the ledger to verify it: everything as of one moment, in parts that are judged while the next is read.

use relance_domain::ledger::{BooksAsStored, PersonRecord, Promise, ReopeningRecord, SuppressedRecord};
use tokio::sync::mpsc;

use crate::{Result, StoreError};

/// A part of the ledger. The books come first, because everything else is judged by them.
#[derive(Debug)]
pub enum Part {
    /// What decided, and how many hand-outs there are.
    Books {
        /// The books.
        books: Box<BooksAsStored>,
        /// How many people's hand-outs and reopenings will follow.
        rows: i64,
    },
    /// What the database found by itself.
    Checked(Checked),
    /// People with all their hand-outs, by key.
    People(Vec<PersonRecord>),
    /// People with leads that are closed as suppressed, or who may be suppressed and have leads that are not.
    Suppressed(Vec<SuppressedRecord>),
    /// Reopenings, by key.
    Reopenings(Vec<ReopeningRecord>),
}

/// A check that the database has made over whole tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The promise.
    pub promise: Promise,
    /// The table whose rows were checked.
    pub table: &'static str,
    /// What was checked.
    pub asked: &'static str,
    /// How many rows the table has.
    pub rows: i64,
    /// What is wrong with the rows that were found.
    pub wrong: &'static str,
    /// How many were found.
    pub broken: i64,
    /// The keys of the first of them.
    pub first: Vec<i64>,
}

/// Where the parts go. It waits while whoever judges is behind, so that no more than a few parts are in memory.
#[derive(Debug, Clone)]
pub struct Parts(mpsc::Sender<Part>);

impl Parts {
    /// So many parts may wait to be judged.
    #[must_use]
    pub fn channel(waiting: usize) -> (Self, mpsc::Receiver<Part>) {
        let (send, receive) = mpsc::channel(waiting);
        (Self(send), receive)
    }

    /// Hands a part on.
    pub async fn hand(&self, part: Part) -> Result<()> {
        self.0.send(part).await.map_err(|_| StoreError::Busy("nobody waits for the ledger any more".into()))
    }
}
