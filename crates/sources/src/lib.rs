//! Other databases that lists are pulled from: one query, only read.
//!
//! What keeps a query from writing: PostgreSQL runs it in a READ ONLY transaction, SQLite on a connection that is opened
//! read-only; and on both it is put into a larger SELECT as a subquery, where nothing but a query can stand: no COPY, no
//! ATTACH, no VACUUM INTO, no second statement. What functions of the other database do is up to the role that the URL names:
//! give it one that may only SELECT.
//!
//! Every column comes as text, as its database writes it (`CAST … AS text`), in the order of the query; NULL is empty.

mod fault;
mod postgres;
mod sqlite;
mod statement;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use relance_scheduler::{SourceError, Sources};
use tokio::sync::mpsc;

/// How long a connection may take to stand.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How long a query may take to its last row.
const QUERY_MAX: Duration = Duration::from_secs(15 * 60);

/// Where another database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database, password included.
    Postgres(String),
}

/// The other databases, by the names that the settings give them.
#[derive(Clone, Default)]
pub struct Databases(BTreeMap<String, Address>);

impl Databases {
    /// Databases by name. Nothing is connected to yet.
    #[must_use]
    pub fn new(databases: BTreeMap<String, Address>) -> Self {
        Self(databases)
    }

    /// Whether a database of the settings answers.
    pub async fn ping(&self, database: &str) -> Result<(), SourceError> {
        // The header and the one row find room there: nobody takes them.
        let (into, _rows) = mpsc::channel(2);
        self.rows(database, "SELECT 1 AS answers", into).await
    }
}

#[async_trait]
impl Sources for Databases {
    async fn rows(&self, database: &str, query: &str, into: mpsc::Sender<Vec<String>>) -> Result<(), SourceError> {
        let Some(address) = self.0.get(database) else {
            return Err(SourceError::Unknown {
                database: database.to_owned(),
                known: self.0.keys().cloned().collect::<Vec<_>>().join(", "),
            });
        };
        let reading = async {
            match address {
                Address::Sqlite(path) => sqlite::rows(path, query, &into).await,
                Address::Postgres(url) => postgres::rows(url, query, &into).await,
            }
        };
        match tokio::time::timeout(QUERY_MAX, reading).await {
            Ok(read) => read.map_err(|fault| fault.of(database)),
            Err(_) => Err(fault::Fault::TooSlow.of(database)),
        }
    }
}
