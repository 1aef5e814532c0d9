//! A database of its own for every test that needs PostgreSQL.

use std::env;
use std::process;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

/// The variable that names the server; `cargo xtask test` sets it.
const SERVER_VARIABLE: &str = "RELANCE_TEST_POSTGRES";

/// PostgreSQL's code for a database whose name is taken.
const DUPLICATE_DATABASE: &str = "42P04";

/// Numbers the databases of this process.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// An empty database on the test server, gone when this value is dropped, with whoever is still connected to it.
#[derive(Debug)]
pub struct TestDatabase {
    /// Where the database is, for whoever connects.
    pub url: String,
    name: String,
    server: PgConnectOptions,
    dropped: bool,
}

/// Creates an empty database with a name of its own on the test server.
///
/// # Panics
///
/// Where there is no server: a rule that holds on one database only is not a rule, so a missing PostgreSQL fails the
/// test rather than skip it.
pub async fn fresh_database() -> TestDatabase {
    let server = server();
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("relance_test_{}_{number}", process::id());
        match execute(&server, format!("CREATE DATABASE {name}")).await {
            Ok(()) => {
                let url = server.clone().database(&name).to_url_lossy().to_string();
                return TestDatabase { url, name, server, dropped: false };
            }
            // An earlier process with our id left it on a server that outlives its runs.
            Err(error) if is_duplicate(&error) => {}
            Err(error) => panic!("cannot create the database {name} on the server of {SERVER_VARIABLE}: {error}"),
        }
    }
}

impl TestDatabase {
    /// Drops the database now, and says so when that fails.
    ///
    /// # Panics
    ///
    /// Where the server refuses.
    pub async fn drop_database(mut self) {
        self.dropped = true;
        if let Err(error) = execute(&self.server, self.drop_statement()).await {
            panic!("cannot drop the database {}: {error}", self.name);
        }
    }

    fn drop_statement(&self) -> String {
        format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)
    }
}

impl Drop for TestDatabase {
    /// Drops the database on a thread with a runtime of its own, as the test's runtime may be ending. A failure is not
    /// reported: the test has said what it had to say, and the server goes with the run.
    fn drop(&mut self) {
        if self.dropped {
            return;
        }
        let (server, statement) = (self.server.clone(), self.drop_statement());
        let dropping = thread::spawn(move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
                let _ = runtime.block_on(execute(&server, statement));
            }
        });
        let _ = dropping.join();
    }
}

fn server() -> PgConnectOptions {
    let url = match env::var(SERVER_VARIABLE) {
        Ok(url) if !url.is_empty() => url,
        _ => panic!(
            "{SERVER_VARIABLE} is not set: run `cargo xtask test`, or set it to the URL of a PostgreSQL server to create databases on"
        ),
    };
    PgConnectOptions::from_str(&url).unwrap_or_else(|error| {
        panic!("{SERVER_VARIABLE} must be a URL such as postgres://user@127.0.0.1:5432/postgres: {error}")
    })
}

async fn execute(server: &PgConnectOptions, statement: String) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect_with(server).await?;
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
    connection.close().await
}

fn is_duplicate(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == DUPLICATE_DATABASE)
}
