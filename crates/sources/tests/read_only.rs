//! What is read from other databases, and that nothing is ever written there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use relance_scheduler::{SourceError, Sources};
use relance_sources::{Address, Databases};
use relance_testkit::postgres::{TestDatabase, fresh_database};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::mpsc;

const CUSTOMERS: &str = "CREATE TABLE customers (id BIGINT PRIMARY KEY, phone TEXT, bill NUMERIC);
    INSERT INTO customers VALUES (1, '+33199001201', 80.50), (2, NULL, 7)";

async fn sqlite() -> (tempfile::TempDir, PathBuf, Databases) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("crm.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let mut connection = options.connect().await.expect("the file opens");
    sqlx::raw_sql(CUSTOMERS).execute(&mut connection).await.expect("made");
    connection.close().await.expect("closed");
    let databases = Databases::new(BTreeMap::from([("crm".to_owned(), Address::Sqlite(file.clone()))]));
    (folder, file, databases)
}

async fn postgres() -> (TestDatabase, Databases) {
    let database = fresh_database().await;
    let mut connection = PgConnection::connect(&database.url).await.expect("it answers");
    sqlx::raw_sql(CUSTOMERS).execute(&mut connection).await.expect("made");
    sqlx::raw_sql(
        "CREATE FUNCTION write_one() RETURNS bigint LANGUAGE sql AS 'INSERT INTO customers VALUES (9) RETURNING id'",
    )
    .execute(&mut connection)
    .await
    .expect("made");
    connection.close().await.expect("closed");
    let address = Address::Postgres(database.url.clone());
    (database, Databases::new(BTreeMap::from([("crm".to_owned(), address)])))
}

async fn rows(databases: &Databases, query: &str) -> Result<Vec<Vec<String>>, SourceError> {
    let (into, mut rows) = mpsc::channel(100);
    databases.rows("crm", query, into).await?;
    let mut all = Vec::new();
    while let Some(row) = rows.recv().await {
        all.push(row);
    }
    Ok(all)
}

#[tokio::test]
async fn sqlite_rows_are_text_in_the_order_of_the_query() {
    let (_folder, _, databases) = sqlite().await;
    let query =
        "WITH c AS (SELECT * FROM customers) SELECT id AS \"Number\", phone, bill, 1.25, NULL AS note FROM c -- all";
    let all = rows(&databases, query).await.expect("rows");
    assert_eq!(all[0], ["Number", "phone", "bill", "1.25", "note"]);
    assert_eq!(all[1], ["1", "+33199001201", "80.5", "1.25", ""]);
    assert_eq!(all[2], ["2", "", "7", "1.25", ""]);
    let none = rows(&databases, "SELECT phone FROM customers WHERE id > 2").await.expect("no rows");
    assert_eq!(none, [["phone"]], "the header is there without rows too");
    databases.ping("crm").await.expect("it answers");
}

#[tokio::test]
async fn postgres_rows_are_text_in_the_order_of_the_query() {
    let (_database, databases) = postgres().await;
    let query = "SELECT id AS \"Number\", phone, phone, bill, true AS active, DATE '2026-11-23' AS day,
            TIMESTAMPTZ '2026-11-23 10:00+01' AS at, '00000000-0000-0000-0000-000000000001'::uuid, 0.5::float8, NULL AS note
        FROM customers ORDER BY id;";
    let all = rows(&databases, query).await.expect("rows");
    assert_eq!(all[0], ["Number", "phone", "phone", "bill", "active", "day", "at", "uuid", "float8", "note"]);
    assert_eq!(
        all[1],
        [
            "1",
            "+33199001201",
            "+33199001201",
            "80.50",
            "true",
            "2026-11-23",
            "2026-11-23 09:00:00+00",
            "00000000-0000-0000-0000-000000000001",
            "0.5",
            ""
        ]
    );
    assert_eq!((all.len(), all[2][1].as_str()), (3, ""));
    let none = rows(&databases, "SELECT phone FROM customers WHERE id > 2 -- nobody").await.expect("no rows");
    assert_eq!(none, [["phone"]]);
    databases.ping("crm").await.expect("it answers");
}

/// Statements that would change something, or the world outside.
const WRITING: &[&str] = &[
    "DELETE FROM customers",
    "INSERT INTO customers (id) VALUES (3)",
    "UPDATE customers SET bill = 0",
    "CREATE TABLE other (id BIGINT)",
    "DROP TABLE customers",
    "SELECT 1; DELETE FROM customers",
    "SELECT 1); DELETE FROM customers; SELECT * FROM (SELECT 1",
    "WITH gone AS (DELETE FROM customers RETURNING id) SELECT id FROM gone",
    "VACUUM",
];

#[tokio::test]
async fn nothing_is_written_to_sqlite() {
    let (folder, file, databases) = sqlite().await;
    let copy = folder.path().join("copy.db");
    let own = [
        format!("ATTACH '{}' AS other", copy.display()),
        format!("VACUUM INTO '{}'", copy.display()),
        format!("SELECT 1); VACUUM INTO '{}'; SELECT * FROM (SELECT 1", copy.display()),
        "PRAGMA query_only = off".to_owned(),
        "PRAGMA journal_mode = wal".to_owned(),
        "SELECT load_extension('x')".to_owned(),
    ];
    for query in WRITING.iter().copied().chain(own.iter().map(String::as_str)) {
        let refused = rows(&databases, query).await;
        assert!(matches!(refused, Err(SourceError::Refused { .. })), "{query}: {refused:?}");
    }
    assert!(!copy.exists(), "nothing is written beside it either");
    assert_eq!(customers(&file).await, 2);
}

async fn customers(file: &Path) -> i64 {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.expect("it opens");
    sqlx::query_scalar("SELECT COUNT(*) FROM customers WHERE bill > 0")
        .fetch_one(&mut connection)
        .await
        .expect("counted")
}

#[tokio::test]
async fn nothing_is_written_to_postgres() {
    let (database, databases) = postgres().await;
    let own = [
        "SELECT write_one()",
        "SELECT set_config('transaction_read_only', 'off', false), write_one()",
        "SELECT nextval(pg_get_serial_sequence('customers', 'id')), write_one()",
        "SET TRANSACTION READ WRITE",
        "COPY customers TO PROGRAM 'cat'",
        "COPY customers TO '/tmp/relance-customers.csv'",
        "COMMIT",
        "SELECT phone INTO other FROM customers",
        "SELECT phone FROM customers FOR UPDATE",
    ];
    for query in WRITING.iter().copied().chain(own) {
        let refused = rows(&databases, query).await;
        assert!(matches!(refused, Err(SourceError::Refused { .. })), "{query}: {refused:?}");
    }
    let mut connection = PgConnection::connect(&database.url).await.expect("it answers");
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM customers WHERE bill > 0")
        .fetch_one(&mut connection)
        .await
        .expect("counted");
    assert_eq!(left, 2);
}

#[tokio::test]
async fn faults_are_told_without_secrets_and_values() {
    let (_database, databases) = postgres().await;
    for (query, says, hides) in [
        ("SELECT bill FROM custommers", "custommers", "s3cret"),
        ("SELECT phone::int FROM customers", "out of range", "99001201"),
        ("SELECT CAST(phone AS date) FROM customers", "out of range", "99001201"),
    ] {
        let told = rows(&databases, query).await.expect_err(query).to_string();
        assert!(told.contains("\"crm\"") && told.contains(says) && !told.contains(hides), "{told}");
    }
    let nowhere = |address| Databases::new(BTreeMap::from([("crm".to_owned(), address)]));
    for address in [
        Address::Postgres("postgres://ann:s3cret@127.0.0.1:1/shop".into()),
        Address::Postgres("postgres://ann:s3cret@127.0.0.1:port/shop".into()),
        Address::Sqlite("no/such/file.db".into()),
    ] {
        let databases = nowhere(address);
        let told = databases.ping("crm").await.expect_err("it is not there");
        assert!(matches!(told, SourceError::Away { .. }) && !told.to_string().contains("s3cret"), "{told}");
        let unknown = databases.ping("shop").await.expect_err("it is not named").to_string();
        assert!(unknown.contains("\"shop\"") && unknown.contains("crm"), "{unknown}");
    }
}

#[tokio::test]
async fn a_reader_who_goes_away_ends_the_query() {
    let (_folder, _, databases) = sqlite().await;
    let (into, rows) = mpsc::channel(1);
    drop(rows);
    let endless = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT n FROM n";
    assert!(databases.rows("crm", endless, into).await.is_err());
}
