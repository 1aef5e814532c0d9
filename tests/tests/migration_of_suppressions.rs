//! A database of an older version, with numbers in clear, becomes one that holds none and has forgotten nobody.

use std::str::FromStr;

use relance_store::Store;
use relance_store::question::About;
use relance_store_postgres::PostgresStore;
use relance_store_sqlite::SqliteStore;
use relance_testkit::builders::phone;
use relance_testkit::keys::suppression_keys;
use relance_testkit::postgres::fresh_database;
use sqlx::migrate::{Migration, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

/// The last version whose suppressions were in clear.
const IN_CLEAR: i64 = 3;
/// More than are hashed in one transaction.
const PEOPLE: u32 = 2_345;

/// The migrations of that version.
fn older(all: &Migrator) -> Migrator {
    let older: Vec<Migration> = all.iter().filter(|migration| migration.version <= IN_CLEAR).cloned().collect();
    Migrator::with_migrations(older)
}

/// Everybody suppressed, as that version wrote it.
fn everybody() -> AssertSqlSafe<String> {
    let value = |person| format!("('{}', 'asked', {person})", phone(person).reveal());
    let values: Vec<String> = (0..PEOPLE).map(value).collect();
    AssertSqlSafe(format!("INSERT INTO suppression (phone, reason, created_at_ms) VALUES {}", values.join(", ")))
}

/// The rows as they are now.
const KEPT: &str =
    "SELECT COUNT(*) FROM suppression WHERE clear_phone IS NULL AND LENGTH(phone_hash) = 32 AND key_version = 1";

async fn hold(store: &dyn Store, kept: i64) {
    assert_eq!(kept, i64::from(PEOPLE));
    for person in [0, 1_000, PEOPLE - 1] {
        let told = store.suppressions(&About::Phone(phone(person))).await.expect("told");
        let since = i64::from(person);
        assert_eq!((told.len(), told[0].since.as_millisecond(), told[0].reason.as_str()), (1, since, "asked"));
    }
    assert!(store.suppressions(&About::Phone(phone(PEOPLE))).await.expect("told").is_empty());
}

#[tokio::test]
async fn on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("relance.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let mut past: SqliteConnection = options.connect().await.expect("a database");
    older(&sqlx::migrate!("../migrations/sqlite")).run(&mut past).await.expect("the older tables");
    sqlx::query(everybody()).execute(&mut past).await.expect("suppressed");
    past.close().await.expect("closed");
    let store = SqliteStore::open(&file, suppression_keys(1)).await.expect("opened");
    store.migrate().await.expect("migrated");
    let mut look: SqliteConnection = options_of(&file).connect().await.expect("a look");
    let kept = sqlx::query_scalar::<_, i64>(KEPT).fetch_one(&mut look).await.expect("counted");
    hold(&store, kept).await;
    let old = sqlx::query("SELECT 1 FROM suppression WHERE phone = '+33199000002'").execute(&mut look).await;
    assert!(old.is_err(), "an older program fails instead of finding nobody");
    look.close().await.expect("closed");
    store.close().await;
    let bytes = std::fs::read(&file).expect("the file");
    for person in [0, 1_000, PEOPLE - 1] {
        let number = phone(person);
        let number = number.reveal().as_bytes();
        assert!(!bytes.windows(number.len()).any(|window| window == number), "the file still holds a number");
    }
}

fn options_of(file: &std::path::Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file)
}

#[tokio::test]
async fn on_postgres() {
    let database = fresh_database().await;
    let options = sqlx::postgres::PgConnectOptions::from_str(&database.url).expect("a URL");
    let mut past: PgConnection = options.connect().await.expect("a database");
    older(&sqlx::migrate!("../migrations/postgres")).run(&mut past).await.expect("the older tables");
    sqlx::query(everybody()).execute(&mut past).await.expect("suppressed");
    let node = || PostgresStore::connect(&database.url, suppression_keys(1));
    let (one, other) = tokio::join!(node(), node());
    let (one, other) = (one.expect("a node"), other.expect("another"));
    // Two nodes that start at once do it together.
    let (first, second) = tokio::join!(one.migrate(), other.migrate());
    first.expect("migrated");
    second.expect("migrated");
    let kept = sqlx::query_scalar::<_, i64>(KEPT).fetch_one(&mut past).await.expect("counted");
    hold(&one, kept).await;
    hold(&other, kept).await;
    let old = sqlx::query("SELECT 1 FROM suppression WHERE phone = '+33199000002'").execute(&mut past).await;
    assert!(old.is_err(), "an older program fails instead of finding nobody");
}
