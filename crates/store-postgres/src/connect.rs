//! Connecting, and what goes wrong with connections.

use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use relance_domain::suppression::SuppressionKeys;
use relance_store::bell::WorkBell;
use relance_store::{Result, StoreError};
use sqlx::error::DatabaseError;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Executor};
use tokio::time::timeout;

use crate::listen::{CHANNEL, Listener};

pub(crate) type Engine = sqlx::Postgres;
pub(crate) type Connection = sqlx::PgConnection;
pub(crate) type Tx = sqlx::Transaction<'static, Engine>;

/// The migrations of this engine, compiled in.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// How long whoever needs a connection waits for one: a server that is away is told of after so long.
const CONNECTION_MAX: Duration = Duration::from_secs(3);
/// How long a connection may take to become fit for the next user. One that does not answer is closed, or it would be missing in
/// the pool for as long as the network keeps silent.
const RELEASE_MAX: Duration = Duration::from_secs(5);
/// How long a transaction may take before it is given up; its connection is closed, so that a server that answers no more holds none.
const TRANSACTION_MAX: Duration = Duration::from_secs(30);
/// How often a transaction is tried that another one was in the way of.
pub(crate) const TRIES_MAX: u32 = 8;
/// Transactions that change as much as a whole list or a register holds: they take as long as they take.
const UNBOUNDED: &[&str] =
    &["commit_load", "undo_list", "mix_lists", "merge_clients", "commit_register", "apply_campaign", "add_up_counts"];

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

/// A pool of connections. It does not ask them whether they work: that is for [`working`] and [`begun`].
fn pool(connections_max: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(CONNECTION_MAX)
        .test_before_acquire(false)
        // A `begin` that is cancelled may leave its transaction open on the pooled connection (sqlx 0.9.0); whatever
        // is open is rolled back before anybody else gets the connection. The BEGIN is there because a lone ROLLBACK
        // where nothing is open puts a warning in the server's log, every time.
        .after_release(|connection, _| {
            Box::pin(async move {
                let rolled_back = timeout(RELEASE_MAX, connection.execute("BEGIN; ROLLBACK")).await;
                rolled_back.map_err(|_| sqlx::Error::PoolTimedOut)??;
                Ok(true)
            })
        })
}

/// A connection that works. Those that broke while nobody used them are passed over.
async fn working(pool: &PgPool) -> Result<PoolConnection<Engine>> {
    in_connection_time(async {
        for _ in 0..pool.size() {
            let mut connection = pool.acquire().await?;
            if connection.ping().await.is_ok() {
                return Ok(connection);
            }
            // The pool would find it broken as well, but only when it is given back.
            drop(connection.detach().close_hard().await);
        }
        pool.acquire().await
    })
    .await
}

/// A transaction. Connections that broke while nobody used them are passed over: the statement that begins it finds them, so
/// that nobody who is alone waits for one question more.
async fn begun(pool: &PgPool, statement: &'static str) -> Result<Tx> {
    in_connection_time(async {
        for _ in 0..pool.size() {
            match pool.begin_with(statement).await {
                Err(error) if is_broken(&error) => {}
                result => return result,
            }
        }
        pool.begin_with(statement).await
    })
    .await
}

/// Whether it was the connection that failed, and not that there was none. One whose last user went away in the middle of a statement
/// may have no transaction after its first `BEGIN`: what was left of the other ended it.
fn is_broken(error: &sqlx::Error) -> bool {
    let told = |error: &dyn DatabaseError| error.code().is_some_and(|code| code.starts_with("57P"));
    matches!(error, sqlx::Error::Io(_) | sqlx::Error::BeginFailed) || error.as_database_error().is_some_and(told)
}

/// Waits for a connection for as long as one does: a server that accepts them and says nothing is as good as away.
async fn in_connection_time<T>(connection: impl Future<Output = std::result::Result<T, sqlx::Error>>) -> Result<T> {
    timeout(CONNECTION_MAX, connection).await.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(failed)
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
        // for as long as it is kept, which is until autovacuum has looked at the table; one without such reads is right at any size,
        // and need not be made anew for each batch.
        let settings = [("enable_seqscan", "off"), ("jit", "off"), ("plan_cache_mode", "force_generic_plan")];
        let by_keys = options.clone().options(settings);
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
                let tried = timeout(CONNECTION_MAX, sqlx::PgConnection::connect_with(&options)).await;
                Err(failed(tried.ok().and_then(std::result::Result::err).unwrap_or(error)))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// A connection that reads for a batch.
    pub(crate) async fn batch_reader(&self) -> Result<PoolConnection<Engine>> {
        working(&self.batches).await
    }

    /// Begins the transaction of a batch.
    pub(crate) async fn begin_batch(&self) -> Result<Tx> {
        begun(&self.batches, "BEGIN").await
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&self) -> Result<Tx> {
        begun(&self.pool, "BEGIN").await
    }

    /// A connection that only reads.
    pub(crate) async fn reader(&self) -> Result<PoolConnection<Engine>> {
        working(&self.pool).await
    }

    /// Begins a transaction that only reads, and sees one moment throughout.
    pub(crate) async fn begin_read(&self) -> Result<Tx> {
        begun(&self.pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
    }

    /// Commits.
    pub(crate) async fn commit(&self, transaction: Tx) -> Result<()> {
        transaction.commit().await.map_err(commit_failed)
    }

    /// Commits and rings the bells of all nodes: PostgreSQL tells them at commit, and of many rings of a transaction one.
    pub(crate) async fn commit_and_ring(&self, mut transaction: Tx) -> Result<()> {
        sqlx::query("-- bell: there may be work\nSELECT pg_notify($1, '')")
            .bind(CHANNEL)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        self.commit(transaction).await
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

/// Runs one try of a named transaction, for at most as long as it may take.
pub(crate) async fn in_time<T>(name: &str, transaction: impl Future<Output = Result<T>>) -> Result<T> {
    if UNBOUNDED.contains(&name) {
        return transaction.await;
    }
    match timeout(TRANSACTION_MAX, transaction).await {
        Ok(result) => result,
        // It may have been waiting for the answer to its COMMIT.
        Err(_) => Err(StoreError::InDoubt(format!("{name} took longer than {} s", TRANSACTION_MAX.as_secs()).into())),
    }
}

/// What a failure of COMMIT means: a server that went away may have committed before it did.
fn commit_failed(error: sqlx::Error) -> StoreError {
    match failed(error) {
        StoreError::Away(cause) => StoreError::InDoubt(cause),
        error => error,
    }
}

/// What a failure of the driver means, by SQLSTATE (PostgreSQL documentation, appendix A). A unique or foreign key that
/// is violated was right when the statement before it looked: another transaction came between, and a retry looks again.
pub(crate) fn failed(error: sqlx::Error) -> StoreError {
    if let Some(database) = error.as_database_error() {
        return match database.code().as_deref() {
            Some("40001" | "40P01" | "55P03" | "23503" | "23505") => StoreError::Busy(error.into()),
            Some("53100") => StoreError::Full(error.into()),
            Some("25006") => StoreError::ReadOnly(error.into()),
            // 25P03: the server ended a transaction in which nothing was said for too long, and the connection with it.
            Some("53200" | "53300" | "57014" | "25P03") => StoreError::Away(error.into()),
            Some(code) if ["08", "57P", "58"].iter().any(|class| code.starts_with(class)) => {
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
