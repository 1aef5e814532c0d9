//! A query of a PostgreSQL database, in a transaction that only reads.

use std::str::FromStr;

use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Executor, PgConnection, Row, SqlSafeStr, Statement};
use tokio::sync::mpsc;

use crate::fault::Fault;
use crate::statement::trimmed;
use crate::{CONNECT_MAX, QUERY_MAX};

/// Sends the header and every row of a query.
pub(crate) async fn rows(url: &str, query: &str, into: &mpsc::Sender<Vec<String>>) -> Result<(), Fault> {
    let options = PgConnectOptions::from_str(url)?.application_name("relance");
    let connecting = tokio::time::timeout(CONNECT_MAX, options.connect()).await;
    let mut connection = connecting.map_err(|_| Fault::no_connection())??;
    let read = read(&mut connection, query, into).await;
    // Nothing of it is to stay, and what came of the rows is known already.
    let _ = connection.close().await;
    read
}

async fn read(connection: &mut PgConnection, query: &str, into: &mpsc::Sender<Vec<String>>) -> Result<(), Fault> {
    sqlx::raw_sql("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").execute(&mut *connection).await?;
    // After a query, PostgreSQL makes no read-only transaction one that writes.
    sqlx::query(
        "-- pull: bounds of the query, and how values are written
        SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', '10s', true),
            set_config('datestyle', 'ISO', true), set_config('timezone', 'UTC', true)",
    )
    .bind(format!("{}s", QUERY_MAX.as_secs()))
    .execute(&mut *connection)
    .await?;
    let query = trimmed(query);
    let described = (&mut *connection).prepare(AssertSqlSafe(query).into_sql_str()).await?;
    let header: Vec<String> = described.columns().iter().map(|column| column.name().to_owned()).collect();
    if header.is_empty() {
        return Err(Fault::Refused("the query gives no columns: begin with SELECT".to_owned()));
    }
    // As names of our own: columns may lack a name, or share one.
    let names: Vec<String> = (1..=header.len()).map(|number| format!("c{number}")).collect();
    let texts: Vec<String> = names.iter().map(|name| format!("CAST({name} AS text)")).collect();
    let wrapped = format!("SELECT {} FROM (\n{query}\n) AS pulled ({})", texts.join(", "), names.join(", "));
    if into.send(header).await.is_err() {
        return Err(Fault::Unwanted);
    }
    // The query is the campaign's own; the transaction only reads.
    let mut rows = sqlx::query(AssertSqlSafe(wrapped)).persistent(false).fetch(&mut *connection);
    while let Some(row) = rows.try_next().await? {
        if into.send(texts_of(&row)?).await.is_err() {
            return Err(Fault::Unwanted);
        }
    }
    Ok(())
}

fn texts_of(row: &PgRow) -> Result<Vec<String>, Fault> {
    (0..row.len()).map(|at| Ok(row.try_get::<Option<String>, _>(at)?.unwrap_or_default())).collect()
}
