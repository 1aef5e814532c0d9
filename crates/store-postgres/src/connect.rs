//! Connecting, and what goes wrong with connections.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use relance_domain::suppression::SuppressionKeys;
use relance_store::bell::WorkBell;
use relance_store::{Result, StoreError};
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Executor};

use crate::listen::{CHANNEL, Listener};

pub(crate) type Engine = sqlx::Postgres;
pub(crate) type Connection = sqlx::PgConnection;
pub(crate) type Tx = sqlx::Transaction<'static, Engine>;

/// The migrations of this engine, compiled in.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// A PostgreSQL database that keeps Relance's promises.
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    /// Connections on which batches are served.
    batches: PgPool,
    words: String,
    keys: Arc<SuppressionKeys>,
    listener: Arc<Listener>,
}

/// Most connections of a node, those on which batches are served not among them.
const CONNECTIONS_MAX: u32 = 16;
/// Most connections on which batches are served: leads are handed out, outcomes recorded and hand-outs read at the same time.
const BATCHES_MAX: u32 = 4;

/// A pool of connections.
fn pool(connections_max: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(Duration::from_secs(10))
        // A `begin` that is cancelled may leave its transaction open on the pooled connection (sqlx 0.9.0); whatever
        // is open is rolled back before anybody else gets the connection. The BEGIN is there because a lone ROLLBACK
        // where nothing is open puts a warning in the server's log, every time.
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.execute("BEGIN; ROLLBACK").await?;
                Ok(true)
            })
        })
}

impl PostgresStore {
    /// Connects to the database of this URL. Tables come with [`relance_store::Store::migrate`], which also holds the keys that
    /// suppressed numbers are hashed with against those of the database.
    pub async fn connect(url: &str, keys: SuppressionKeys) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)
            .map_err(failed)?
            .application_name("relance")
            .options([("idle_in_transaction_session_timeout", "15s")]);
        let words = format!(
            "PostgreSQL database {} on {}:{}",
            options.get_database().unwrap_or("(default)"),
            options.get_host(),
            options.get_port()
        );
        // A batch finds a few rows of large tables by their keys. A plan that was made while a table was small would read it whole
        // for as long as it is kept, which is until autovacuum has looked at the table; one without such reads is right at any size.
        let by_keys = options.clone().options([("enable_seqscan", "off"), ("jit", "off")]);
        let batches = pool(BATCHES_MAX).connect_lazy_with(by_keys);
        let pool = pool(CONNECTIONS_MAX).connect_with(options.clone()).await;
        match pool {
            Ok(pool) => {
                let listener = Arc::new(Listener::new(options));
                Ok(Self { pool, batches, words, keys: Arc::new(keys), listener })
            }
            // The pool was patient, in case the server is starting, and tells only that it waited: one more attempt
            // tells what stands in the way.
            Err(error @ sqlx::Error::PoolTimedOut) => {
                Err(failed(sqlx::PgConnection::connect_with(&options).await.err().unwrap_or(error)))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Begins the transaction of a batch.
    pub(crate) async fn begin_batch(&self) -> Result<Tx> {
        self.batches.begin().await.map_err(failed)
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        self.pool.begin().await.map_err(failed)
    }

    /// A connection that only reads.
    pub(crate) async fn reader(&self) -> Result<PoolConnection<Engine>> {
        self.pool.acquire().await.map_err(failed)
    }

    /// Begins a transaction that only reads, and sees one moment throughout.
    pub(crate) async fn begin_read(&self) -> Result<Tx> {
        self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map_err(failed)
    }

    /// Commits and rings the bells of all nodes: PostgreSQL tells them at commit, and of many rings of a transaction one.
    pub(crate) async fn commit_and_ring(&self, mut transaction: Tx) -> Result<()> {
        sqlx::query("-- bell: there may be work\nSELECT pg_notify($1, '')")
            .bind(CHANNEL)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }

    /// The bell that all nodes on the database ring.
    pub(crate) fn bell(&self) -> &WorkBell {
        self.listener.bell()
    }

    /// What suppressed numbers are hashed with.
    pub(crate) fn keys(&self) -> &SuppressionKeys {
        &self.keys
    }

    /// The database in words.
    pub(crate) fn words(&self) -> String {
        self.words.clone()
    }

    pub(crate) async fn migrate(&self) -> Result<()> {
        MIGRATIONS.run(&self.pool).await.map_err(|error| StoreError::Database(error.into()))
    }

    pub(crate) async fn end_connections(&self) {
        self.listener.stop();
        self.batches.close().await;
        self.pool.close().await;
    }
}

/// What a failure of the driver means, by SQLSTATE (PostgreSQL documentation, appendix A). A unique or foreign key that
/// is violated was right when the statement before it looked: another transaction came between, and a retry looks again.
pub(crate) fn failed(error: sqlx::Error) -> StoreError {
    if let Some(database) = error.as_database_error() {
        return match database.code().as_deref() {
            Some("40001" | "40P01" | "55P03" | "23503" | "23505") => StoreError::Busy(error.into()),
            Some("53100") => StoreError::Full(error.into()),
            Some(code) if code.starts_with("08") || code.starts_with("57P") || code == "53300" => {
                StoreError::Away(error.into())
            }
            _ => StoreError::Database(error.into()),
        };
    }
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            StoreError::Away(error.into())
        }
        error => StoreError::Database(error.into()),
    }
}
