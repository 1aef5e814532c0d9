//! Other databases that lists are pulled from: what the engine asks of them.

use async_trait::async_trait;
use tokio::sync::mpsc;

/// Other databases, by the names that the settings give them. They are only read.
#[async_trait]
pub trait Sources: Send + Sync + 'static {
    /// Sends the rows of one query as text, the names of its columns first; NULL is empty. A receiver that is gone ends the
    /// reading. A statement that would write is refused.
    async fn rows(&self, database: &str, query: &str, into: mpsc::Sender<Vec<String>>) -> Result<(), SourceError>;
}

/// Why no rows came from another database. Tells no password and no value of a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The settings name no such database.
    #[error(
        "the settings name no database {database:?}{}: write its URL into relance.toml, as in [sources.{database}] url = \"…\"",
        if known.is_empty() { String::new() } else { format!(" (but {known})") }
    )]
    Unknown {
        /// The name.
        database: String,
        /// Those that there are.
        known: String,
    },
    /// It does not answer, or lets nobody in.
    #[error("the database {database:?} cannot be reached: {message}")]
    Away {
        /// The name.
        database: String,
        /// What stands in the way.
        message: String,
    },
    /// It does not take the query.
    #[error("the database {database:?} does not take the query: {message}")]
    Refused {
        /// The name.
        database: String,
        /// What it says.
        message: String,
    },
}

/// An engine that knows no other database.
pub(crate) struct NoSources;

#[async_trait]
impl Sources for NoSources {
    async fn rows(&self, database: &str, _: &str, _: mpsc::Sender<Vec<String>>) -> Result<(), SourceError> {
        Err(SourceError::Unknown { database: database.to_owned(), known: String::new() })
    }
}
