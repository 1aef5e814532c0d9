//! Connecting, and what goes wrong with connections.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use relance_domain::suppression::SuppressionKeys;
use relance_store::bell::WorkBell;
use relance_store::{Result, StoreError};
use sqlx::Connection as _;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use crate::log::{self, Log};

pub(crate) type Engine = sqlx::Sqlite;
pub(crate) type Connection = sqlx::SqliteConnection;
pub(crate) type Tx = sqlx::Transaction<'static, Engine>;

/// The migrations of this engine, compiled in.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// How long a transaction waits for another process that holds the file's lock.
const LOCK_MAX: Duration = Duration::from_secs(2);
/// How often a transaction is tried that another one was in the way of: each try has waited for the lock.
pub(crate) const TRIES_MAX: u32 = 2;
/// How long whoever will write waits for those of this process before them. One of them may be committing a large list.
const WRITERS_MAX: Duration = Duration::from_secs(30);

/// A SQLite file that keeps Relance's promises.
#[derive(Clone)]
pub struct SqliteStore {
    read: SqlitePool,
    write: SqlitePool,
    log: Arc<Log>,
    file: String,
    keys: Arc<SuppressionKeys>,
    bell: WorkBell,
}

impl SqliteStore {
    /// Opens the file, and creates it where it is missing. Tables come with [`relance_store::Store::migrate`], which also holds
    /// the keys that suppressed numbers are hashed with against those of the database.
    pub async fn open(file: &Path, keys: SuppressionKeys) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(LOCK_MAX)
            // A number that was hashed or erased leaves no trace on the page it stood on.
            .pragma("secure_delete", "fast")
            .pragma("cache_size", "-65536")
            .pragma("wal_autocheckpoint", log::PAGES_MAX)
            .pragma("journal_size_limit", log::LONG.to_string())
            .pragma("temp_store", "memory");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WRITERS_MAX)
            // On a full disk SQLite itself rolls back; sqlx (0.9.0) then fails to roll back once more, still counts the
            // transaction and begins no other on this connection. Nothing is open between two users: such a connection
            // is closed and another opened.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .connect_with(options.clone())
            .await
            .map_err(failed)?;
        let copier = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options.clone());
        let log = Arc::new(Log::new(file, copier, write.clone(), log::LONG));
        let read = SqlitePoolOptions::new().max_connections(4).connect_with(options).await.map_err(failed)?;
        Ok(Self { read, write, log, file: file.display().to_string(), keys: Arc::new(keys), bell: WorkBell::default() })
    }

    /// Begins a transaction that will write.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        self.write.begin_with("BEGIN IMMEDIATE").await.map_err(failed)
    }

    /// A connection that reads for a batch.
    pub(crate) async fn batch_reader(&self) -> Result<PoolConnection<Engine>> {
        self.reader().await
    }

    /// Begins the transaction of a batch.
    pub(crate) async fn begin_batch(&self) -> Result<Tx> {
        self.begin().await
    }

    /// A connection that only reads.
    pub(crate) async fn reader(&self) -> Result<PoolConnection<Engine>> {
        self.read.acquire().await.map_err(failed)
    }

    /// Begins a transaction that only reads, and sees one moment throughout.
    pub(crate) async fn begin_read(&self) -> Result<Tx> {
        self.read.begin().await.map_err(failed)
    }

    /// Commits.
    pub(crate) async fn commit(&self, transaction: Tx) -> Result<()> {
        transaction.commit().await.map_err(failed)?;
        self.log.copy_if_long();
        Ok(())
    }

    /// Commits, then rings the bell of this process.
    pub(crate) async fn commit_and_ring(&self, transaction: Tx) -> Result<()> {
        self.commit(transaction).await?;
        self.bell.ring();
        Ok(())
    }

    /// The bell of this process: of another one on the same file nobody tells.
    pub(crate) fn bell(&self) -> &WorkBell {
        &self.bell
    }

    /// What suppressed numbers are hashed with.
    pub(crate) fn keys(&self) -> &SuppressionKeys {
        &self.keys
    }

    /// The database in words.
    pub(crate) fn words(&self) -> String {
        format!("SQLite file {}", self.file)
    }

    pub(crate) async fn migrate(&self) -> Result<()> {
        MIGRATIONS.run(&self.write).await.map_err(|error| StoreError::Database(error.into()))
    }

    pub(crate) async fn end_connections(&self) {
        self.read.close().await;
        self.log.close().await;
        self.write.close().await;
    }
}

/// Runs one try of a named transaction. The file is on this machine, and a lock that another process holds is waited for by
/// SQLite itself: nothing more is to be bounded.
pub(crate) async fn in_time<T>(_: &str, transaction: impl Future<Output = Result<T>>) -> Result<T> {
    transaction.await
}

/// What a failure of the driver means.
pub(crate) fn failed(error: sqlx::Error) -> StoreError {
    if let Some(database) = error.as_database_error() {
        let code = database.code().and_then(|code| code.parse::<i64>().ok());
        // Primary result codes of sqlite3.h; extended ones keep them in their low byte.
        return match (code, code.map(|code| code & 0xff)) {
            (_, Some(5 | 6)) => StoreError::Busy(error.into()),
            (_, Some(8)) => StoreError::ReadOnly(error.into()),
            // A write that is refused though the disk has room (SQLITE_IOERR_WRITE): a quota, or a limit on files.
            (Some(778), _) | (_, Some(13)) => StoreError::Full(error.into()),
            (_, Some(10 | 14)) => StoreError::Away(error.into()),
            _ => StoreError::Database(error.into()),
        };
    }
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => StoreError::Away(error.into()),
        error => StoreError::Database(error.into()),
    }
}
