//! How the databases would carry statements out.

use sqlx::{AssertSqlSafe, PgPool, Row as _};

use crate::world::{Database, World};

impl World {
    /// How the database would carry a statement out whose values it does not know: SQLite's steps, or PostgreSQL's plan as JSON in one
    /// text, which takes a way without a scan or a sort of whole tables wherever there is one.
    pub async fn plan(&self, statement: &str) -> Vec<String> {
        match &self.database {
            Database::Sqlite { look, .. } => {
                // Whoever inserts into a table is also told how those that refer to it would be searched, which is done only while a
                // reference dangles.
                let held = if statement.contains("INSERT INTO") { "OFF" } else { "ON" };
                let explain = AssertSqlSafe(format!("PRAGMA foreign_keys = {held}; EXPLAIN QUERY PLAN {statement}"));
                let steps = sqlx::query_as::<_, (i64, i64, i64, String)>(explain).fetch_all(look).await;
                let steps = steps.unwrap_or_else(|error| panic!("{statement}: {error}"));
                steps.into_iter().map(|(_, _, _, step)| step).collect()
            }
            Database::Postgres { look, .. } => vec![generic_plan(look, statement).await],
        }
    }
}

/// The plan of a statement for any values, where every way that reads a whole table is the last that is taken. The store tells the type
/// of each value; where the statement alone does not, it is a whole number or else a text.
async fn generic_plan(look: &PgPool, statement: &str) -> String {
    let (mut types, mut last) = (Vec::new(), 0);
    loop {
        let told = match prepared_plan(look, statement, &types).await {
            Ok(plan) => return plan,
            Err(error) => error.to_string(),
        };
        let untold = told.split("parameter $").nth(1);
        let untold = untold.and_then(|told| told.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok());
        match untold {
            Some(parameter) => {
                last = parameter - 1;
                types.resize(types.len().max(parameter), "unknown");
                types[last] = "BIGINT";
            }
            None if told.contains("operator does not exist") && types.get(last) == Some(&"BIGINT") => {
                types[last] = "TEXT"
            }
            None => panic!("{statement}: {told}"),
        }
    }
}

async fn prepared_plan(look: &PgPool, statement: &str, types: &[&str]) -> Result<String, sqlx::Error> {
    let types = if types.is_empty() { String::new() } else { format!("({})", types.join(", ")) };
    let prepare = format!(
        "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;
        SET LOCAL enable_mergejoin = off; PREPARE looked_at {types} AS {statement}"
    );
    let mut transaction = look.begin().await?;
    sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut *transaction).await?;
    let count = "SELECT COALESCE(CARDINALITY(parameter_types), 0) FROM pg_prepared_statements WHERE name = 'looked_at'";
    let count = sqlx::raw_sql(count).fetch_one(&mut *transaction).await?.try_get_unchecked::<i32, _>(0)?;
    let values = vec!["NULL"; usize::try_from(count).unwrap_or_default()].join(", ");
    let values = if values.is_empty() { values } else { format!("({values})") };
    let explain = AssertSqlSafe(format!("EXPLAIN (FORMAT JSON) EXECUTE looked_at {values}"));
    let plan = sqlx::raw_sql(explain).fetch_one(&mut *transaction).await?.try_get_unchecked(0);
    sqlx::raw_sql("DEALLOCATE looked_at").execute(&mut *transaction).await?;
    plan
}
