//! What is asked of the database before any of its tables.

use relance_store::Result;

use crate::connect::{MIGRATIONS, failed};
use crate::{Connection, Engine};

/// Numbers of migrations that this program knows and the database lacks.
pub(super) async fn pending(connection: &mut Connection) -> Result<Vec<i64>> {
    // A database without the table has had no migration at all.
    let applied = sqlx::query_scalar::<Engine, i64>(
        "-- migrations that were applied
        SELECT version FROM _sqlx_migrations",
    )
    .fetch_all(connection)
    .await
    .unwrap_or_default();
    Ok(MIGRATIONS.iter().map(|migration| migration.version).filter(|version| !applied.contains(version)).collect())
}

pub(super) async fn answers(connection: &mut Connection) -> Result<()> {
    sqlx::query(
        "-- does it answer?
        SELECT 1",
    )
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
