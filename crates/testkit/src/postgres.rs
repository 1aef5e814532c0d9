//! A database of its own for every test that needs PostgreSQL.

use std::env;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::process;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use relance_store::Store;
use relance_store_postgres::PostgresStore;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::sync::OnceCell;

use crate::keys::suppression_keys;

/// The variable that names the server; `cargo xtask test` sets it.
const SERVER_VARIABLE: &str = "RELANCE_TEST_POSTGRES";

/// PostgreSQL's code for a database whose name is taken.
const DUPLICATE_DATABASE: &str = "42P04";

/// What a database with all tables has; its name follows from them.
static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// The database with all tables.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

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
    create(None).await
}

/// The same with all tables: a copy of a database that whoever comes first makes. Copying takes a part of the time that the
/// migrations do.
///
/// # Panics
///
/// Where there is no server.
pub async fn migrated_database() -> TestDatabase {
    create(Some(TEMPLATE.get_or_init(template).await)).await
}

async fn create(template: Option<&String>) -> TestDatabase {
    let server = server();
    let copied = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("relance_test_{}_{number}", process::id());
        match execute(&server, format!("CREATE DATABASE {name}{copied}")).await {
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

/// The name of a database with the tables of these migrations. It is made under another name and under a lock, so that no process finds
/// half of one, and stays for those that follow.
async fn template() -> String {
    let server = server();
    let mut hasher = DefaultHasher::new();
    MIGRATIONS.iter().for_each(|migration| migration.checksum.hash(&mut hasher));
    let name = format!("relance_template_{:016x}", hasher.finish());
    let mut lock = PgConnection::connect_with(&server).await.expect("the server answers");
    sqlx::query("SELECT pg_advisory_lock(7)").execute(&mut lock).await.expect("a lock");
    let known = sqlx::query_scalar::<_, bool>("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)");
    if !known.bind(&name).fetch_one(&mut lock).await.expect("an answer") {
        let made = format!("{name}_made");
        execute(&server, format!("DROP DATABASE IF EXISTS {made} WITH (FORCE)")).await.expect("nothing is left");
        execute(&server, format!("CREATE DATABASE {made}")).await.expect("a database");
        let url = server.clone().database(&made).to_url_lossy().to_string();
        let store = PostgresStore::connect(&url, suppression_keys(1)).await.expect("the database answers");
        store.migrate().await.expect("the tables are made");
        store.close().await;
        execute(&server, format!("ALTER DATABASE {made} RENAME TO {name}")).await.expect("renamed");
    }
    lock.close().await.expect("closed");
    name
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
