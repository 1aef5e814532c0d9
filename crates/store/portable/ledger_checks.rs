//! What the database can find by itself: rows that contradict other rows, by one statement each over whole tables.

use std::collections::HashMap;

use relance_domain::ledger::Promise;
use relance_store::Result;
use relance_store::ledger::{Checked, Part, Parts};
use sqlx::AssertSqlSafe;

use crate::connect::failed;
use crate::{Connection, Engine};

mod offers;
mod promises;
mod queue;
mod work;

/// A check over whole tables.
pub(super) struct Check {
    promise: Promise,
    /// The table whose rows are checked.
    table: &'static str,
    asked: &'static str,
    wrong: &'static str,
    /// The keys of the first rows that are wrong, each with how many there are.
    statement: &'static str,
}

/// A check from its promise, table, question, what is wrong with a row that is found, and a query for the keys of such rows.
macro_rules! check {
    ($promise:ident, $table:literal, $asked:literal, $wrong:literal, $query:literal) => {
        Check {
            promise: relance_domain::ledger::Promise::$promise,
            table: $table,
            asked: $asked,
            wrong: $wrong,
            statement: concat!(
                "-- verify: ",
                $wrong,
                "\nSELECT CAST(broken.id AS BIGINT), COUNT(*) OVER () FROM (",
                $query,
                ") AS broken ORDER BY 1 LIMIT 100"
            ),
        }
    };
}
use check;

pub(super) async fn read(connection: &mut Connection, parts: &Parts) -> Result<()> {
    let mut sizes: HashMap<&'static str, i64> = HashMap::new();
    for check in work::CHECKS.iter().chain(offers::CHECKS).chain(promises::CHECKS).chain(queue::CHECKS) {
        let rows = match sizes.get(check.table) {
            Some(rows) => *rows,
            None => {
                // Nothing in it but the name of a table, which is a constant.
                let statement = format!("-- verify: how many rows a table has\nSELECT COUNT(*) FROM {}", check.table);
                let rows = sqlx::query_scalar::<Engine, i64>(AssertSqlSafe(statement));
                rows.fetch_one(&mut *connection).await.map_err(failed)?
            }
        };
        sizes.insert(check.table, rows);
        let broken = sqlx::query_as::<Engine, (i64, i64)>(check.statement)
            .persistent(false)
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
        let Check { promise, table, asked, wrong, .. } = *check;
        let first = broken.iter().map(|(id, _)| *id).collect();
        let broken = broken.first().map_or(0, |(_, all)| *all);
        parts.hand(Part::Checked(Checked { promise, table, asked, rows, wrong, broken, first })).await?;
    }
    Ok(())
}
