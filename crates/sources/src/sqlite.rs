//! A query of a SQLite file, on a connection that only reads.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Executor, Row, SqlSafeStr, SqliteConnection, Statement};
use tokio::sync::mpsc;

use crate::CONNECT_MAX;
use crate::fault::Fault;
use crate::statement::only;

/// Steps of SQLite's machine between two looks at whether somebody still wants the rows.
const STEPS: i32 = 100_000;

/// Stops the query when nobody waits for it any more: it runs on a thread of its own.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Sends the header and every row of a query.
pub(crate) async fn rows(path: &Path, query: &str, into: &mpsc::Sender<Vec<String>>) -> Result<(), Fault> {
    let query = only(query).map_err(|why| Fault::Refused(why.to_owned()))?;
    // query_only alone would be no wall, as a statement can turn it off.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(true)
        .pragma("query_only", "on")
        .busy_timeout(CONNECT_MAX);
    let mut connection = options.connect().await?;
    let stop = StopOnDrop(Arc::default());
    let stopped = Arc::clone(&stop.0);
    connection.lock_handle().await?.set_progress_handler(STEPS, move || !stopped.load(Ordering::Relaxed));
    let read = read(&mut connection, query, into).await;
    drop(stop);
    // Nothing of it is to stay, and what came of the rows is known already.
    let _ = connection.close().await;
    read
}

async fn read(connection: &mut SqliteConnection, query: &str, into: &mpsc::Sender<Vec<String>>) -> Result<(), Fault> {
    let within = format!("SELECT * FROM (\n{query}\n)");
    let described = (&mut *connection).prepare(AssertSqlSafe(within).into_sql_str()).await?;
    let header: Vec<String> = described.columns().iter().map(|column| column.name().to_owned()).collect();
    // As names of our own: columns may lack a name, or share one.
    let names: Vec<String> = (1..=header.len()).map(|number| format!("c{number}")).collect();
    let texts: Vec<String> = names.iter().map(|name| format!("CAST({name} AS TEXT)")).collect();
    let wrapped =
        format!("WITH pulled ({}) AS (\n{query}\n) SELECT {} FROM pulled", names.join(", "), texts.join(", "));
    if into.send(header).await.is_err() {
        return Err(Fault::Unwanted);
    }
    // The query is the campaign's own; the connection only reads.
    let mut rows = sqlx::query(AssertSqlSafe(wrapped)).persistent(false).fetch(&mut *connection);
    while let Some(row) = rows.try_next().await? {
        if into.send(texts_of(&row)?).await.is_err() {
            return Err(Fault::Unwanted);
        }
    }
    Ok(())
}

fn texts_of(row: &SqliteRow) -> Result<Vec<String>, Fault> {
    (0..row.len()).map(|at| Ok(row.try_get::<Option<String>, _>(at)?.unwrap_or_default())).collect()
}
