//! The floor: one durable transaction that writes two rows, by as many callers on the same server. On PostgreSQL pgbench measures
//! it; on SQLite it is the same transaction by whoever has the one connection that writes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sqlx::postgres::PgPool;

use super::callers::{Measured, together};
use super::fill;
use crate::lab::Lab;

/// The variable that names the folder of PostgreSQL's programs; `cargo xtask bench` sets it.
const PROGRAMS_VARIABLE: &str = "RELANCE_POSTGRES_PROGRAMS";
/// How long pgbench runs.
const SECONDS: u64 = 5;
/// Transactions of the floor on SQLite.
const TRANSACTIONS: usize = 3_200;
/// Rows that the floor chooses one of to change.
const LEADS: i64 = 100_000;

const SCRIPT: &str = "\\set lead random(1, 100000)
BEGIN;
INSERT INTO floor_assignment (lead_id, operator_id, handed_at_ms) VALUES (:lead, :client_id, 1);
UPDATE floor_lead SET state = 'assigned' WHERE id = :lead;
COMMIT;
";

/// Measures the floor in the database of a lab, in tables of its own.
pub(super) async fn measure(lab: &Lab, callers: usize) -> Measured {
    for statement in [
        "DROP TABLE IF EXISTS floor_lead",
        "DROP TABLE IF EXISTS floor_assignment",
        "CREATE TABLE floor_lead (id BIGINT PRIMARY KEY, state TEXT NOT NULL)",
    ] {
        fill::run(lab, statement).await;
    }
    let key = if lab.bare.sqlite_pool().is_some() {
        "INTEGER PRIMARY KEY"
    } else {
        "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    };
    fill::run(
        lab,
        &format!("CREATE TABLE floor_assignment (id {key}, lead_id BIGINT, operator_id BIGINT, handed_at_ms BIGINT)"),
    )
    .await;
    let store = if lab.bare.sqlite_pool().is_some() { "sqlite" } else { "postgres" };
    let numbers = fill::series(store, 1, usize::try_from(LEADS).expect("it is positive"));
    fill::run(lab, &format!("INSERT INTO floor_lead (id, state) SELECT number, 'ready' FROM {numbers}")).await;
    match store {
        "sqlite" => one_writer(lab, callers).await,
        _ => pgbench(lab, callers),
    }
}

/// The two rows on SQLite.
async fn one_writer(lab: &Lab, callers: usize) -> Measured {
    let work: Vec<i64> = (0..TRANSACTIONS as i64).map(|number| 1 + (number * 7_919) % LEADS).collect();
    let pool = lab.bare.sqlite_pool().expect("a pool of SQLite").clone();
    let (measured, _) = together(callers, work, move |lead| {
        let pool = pool.clone();
        async move {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.expect("begun");
            let insert = "INSERT INTO floor_assignment (lead_id, operator_id, handed_at_ms) VALUES ($1, 1, 1)";
            sqlx::query(insert).bind(lead).execute(&mut *transaction).await.expect("inserted");
            let update = "UPDATE floor_lead SET state = 'assigned' WHERE id = $1";
            sqlx::query(update).bind(lead).execute(&mut *transaction).await.expect("changed");
            transaction.commit().await.expect("committed");
        }
    })
    .await;
    measured
}

/// The two rows on PostgreSQL. What each transaction took stands in pgbench's logs.
fn pgbench(lab: &Lab, callers: usize) -> Measured {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("floor.sql");
    fs::write(&script, SCRIPT).expect("written");
    let mut command = Command::new(program());
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    let output = command
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2", "--log"])
        .arg(format!("--client={callers}"))
        .arg(format!("--time={SECONDS}"))
        .arg("--log-prefix=floor")
        .arg("--file")
        .arg(&script)
        .args(place_of(lab.bare.postgres_pool().expect("a pool of PostgreSQL")))
        .current_dir(folder.path())
        .output()
        .unwrap_or_else(|error| panic!("cannot run pgbench ({PROGRAMS_VARIABLE} names its folder): {error}"));
    assert!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    let latencies = logged(folder.path());
    Measured { pieces: latencies.len(), time: Duration::from_secs(SECONDS), latencies }
}

/// Where the database is, as PostgreSQL's own programs are told.
fn place_of(pool: &PgPool) -> [String; 4] {
    let options = pool.connect_options();
    let host = options.get_socket().map_or(options.get_host().to_owned(), |socket| socket.display().to_string());
    [
        format!("--host={host}"),
        format!("--port={}", options.get_port()),
        format!("--username={}", options.get_username()),
        options.get_database().unwrap_or("postgres").to_owned(),
    ]
}

fn program() -> PathBuf {
    env::var_os(PROGRAMS_VARIABLE).map_or_else(|| "pgbench".into(), |folder| PathBuf::from(folder).join("pgbench"))
}

/// The third column of a log of pgbench is what the transaction took, in microseconds.
fn logged(folder: &Path) -> Vec<Duration> {
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let logs = files.filter(|path| path.extension().is_none_or(|extension| extension != "sql"));
    logs.flat_map(|log| {
        let text = fs::read_to_string(log).expect("a log");
        let column = |line: &str| line.split(' ').nth(2).and_then(|took| took.parse().ok());
        text.lines().filter_map(column).map(Duration::from_micros).collect::<Vec<_>>()
    })
    .collect()
}
