//! A look into a database past the program that owns it.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection, SqliteConnection};
use tokio::runtime::Runtime;

/// A database of either kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database.
    Postgres(String),
}

/// An open connection.
pub struct Look {
    runtime: Runtime,
    connection: Connection,
}

enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Every table of ours.
const TABLES: &[&str] = &[
    "app_user",
    "assignment",
    "attempt",
    "callback",
    "campaign",
    "campaign_version",
    "client",
    "idempotency",
    "lane",
    "late_outcome",
    "lead",
    "list",
    "list_row",
    "order_change",
    "order_draft",
    "order_number",
    "orders",
    "refusal",
    "reopening",
    "suppression",
    "tariff",
    "tariff_campaign",
    "webhook_message",
    "webhook_sink",
];

impl Database {
    /// The SQLite file `relance.db` of a folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self::Sqlite(folder.join("relance.db"))
    }

    /// As `--database` takes it.
    #[must_use]
    pub fn argument(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite:{}", file.display()),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// Connects.
    ///
    /// # Panics
    ///
    /// Where the database does not answer.
    #[must_use]
    pub fn look(&self) -> Look {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let connection = runtime.block_on(async {
            Ok::<_, sqlx::Error>(match self {
                Self::Sqlite(file) => Connection::Sqlite(SqliteConnectOptions::new().filename(file).connect().await?),
                Self::Postgres(url) => Connection::Postgres(PgConnectOptions::from_str(url)?.connect().await?),
            })
        });
        let connection = connection.unwrap_or_else(|error| panic!("cannot look into the database: {error}"));
        Look { runtime, connection }
    }

    /// Connects, and sees one moment throughout.
    #[must_use]
    pub fn moment(&self) -> Look {
        let mut look = self.look();
        look.execute(match self {
            Self::Sqlite(_) => "BEGIN",
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        });
        look
    }

    /// How many rows each table has, and where everything stands that has a state: what bad input must not change.
    #[must_use]
    pub fn shape(&self) -> Vec<String> {
        let mut moment = self.moment();
        let count = |table: &&str| format!("{table}: {}", moment.number(&format!("SELECT COUNT(*) FROM {table}")));
        let mut shape: Vec<String> = TABLES.iter().map(count).collect();
        for table in ["campaign", "list", "lead", "tariff", "callback"] {
            let query = format!("SELECT '{table} ' || id || ': ' || state FROM {table} ORDER BY id");
            shape.extend(moment.texts(&query));
        }
        shape.extend(
            moment.texts("SELECT 'open assignment ' || id FROM assignment WHERE ended_at_ms IS NULL ORDER BY id"),
        );
        shape
    }

    /// Waits until PostgreSQL has noticed that a killed server is gone, and ended what the server had begun. SQLite has
    /// nothing to notice: the server was the database.
    pub fn settle(&self) {
        let Self::Postgres(_) = self else { return };
        let mut look = self.look();
        let others =
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND backend_type = 'client backend'";
        crate::eventually("the killed server's connections end", || (look.number(others) == 0).then_some(()));
    }
}

impl Look {
    /// The numbers of a query with one column.
    ///
    /// # Panics
    ///
    /// Where the database refuses.
    pub fn numbers(&mut self, query: &str) -> Vec<i64> {
        let sql = AssertSqlSafe(query.to_owned());
        let numbers = match &mut self.connection {
            Connection::Sqlite(sqlite) => self.runtime.block_on(sqlx::query_scalar(sql).fetch_all(sqlite)),
            Connection::Postgres(postgres) => self.runtime.block_on(sqlx::query_scalar(sql).fetch_all(postgres)),
        };
        numbers.unwrap_or_else(|error| panic!("{error}: {query}"))
    }

    /// Changes rows, as time or another node would.
    ///
    /// # Panics
    ///
    /// Where the database refuses.
    pub fn change(&mut self, statement: &str) {
        let sql = AssertSqlSafe(statement.to_owned());
        let changed = match &mut self.connection {
            Connection::Sqlite(sqlite) => self.runtime.block_on(sqlx::query(sql).execute(sqlite)).map(|_| ()),
            Connection::Postgres(postgres) => self.runtime.block_on(sqlx::query(sql).execute(postgres)).map(|_| ()),
        };
        changed.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }

    /// The one number of a query.
    ///
    /// # Panics
    ///
    /// Where the query gives none, or several.
    pub fn number(&mut self, query: &str) -> i64 {
        match self.numbers(query).as_slice() {
            [number] => *number,
            numbers => panic!("{} numbers instead of one: {query}", numbers.len()),
        }
    }

    /// The texts of a query with one column.
    ///
    /// # Panics
    ///
    /// Where the database refuses.
    pub fn texts(&mut self, query: &str) -> Vec<String> {
        let sql = AssertSqlSafe(query.to_owned());
        let texts = match &mut self.connection {
            Connection::Sqlite(sqlite) => self.runtime.block_on(sqlx::query_scalar(sql).fetch_all(sqlite)),
            Connection::Postgres(postgres) => self.runtime.block_on(sqlx::query_scalar(sql).fetch_all(postgres)),
        };
        texts.unwrap_or_else(|error| panic!("{error}: {query}"))
    }

    fn execute(&mut self, statement: &'static str) {
        let done = match &mut self.connection {
            Connection::Sqlite(sqlite) => self.runtime.block_on(sqlx::query(statement).execute(sqlite)).map(|_| ()),
            Connection::Postgres(postgres) => {
                self.runtime.block_on(sqlx::query(statement).execute(postgres)).map(|_| ())
            }
        };
        done.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }
}
