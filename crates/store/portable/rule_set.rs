//! The calling rules in use, and where people are for them.

use jiff::Timestamp;
use relance_domain::phone::is_tombstone;
use relance_domain::rules::RuleSet;
use relance_domain::{ClientId, E164, Span};
use relance_store::Result;
use relance_store::rule_set::{Came, PlacingStep, ToPlace, Unplaced};

use super::lane;
use super::rows::{Origin, exactly_one};
use crate::connect::failed;
use crate::{Connection, Engine};

/// For how long after their last use other rules may still be those of another node.
const STILL_USED: Span = Span::minutes(10);

pub(super) async fn take_up(connection: &mut Connection, rules: &RuleSet, now: Timestamp) -> Result<Option<ClientId>> {
    begin_anew(&mut *connection, rules, now).await?;
    let [pack, holidays] = rules.texts();
    let (placed_to, placed_all) = sqlx::query_as::<Engine, (i64, Option<i64>)>(
        "-- rules: kept before the first decision rests on them
        INSERT INTO rule_set (version, name, pack, holidays, first_used_at_ms, used_at_ms) VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT (version) DO UPDATE SET used_at_ms = CASE
            WHEN rule_set.used_at_ms < EXCLUDED.used_at_ms THEN EXCLUDED.used_at_ms ELSE rule_set.used_at_ms END
        RETURNING placed_to_client_id, placed_all_at_ms",
    )
    .bind(rules.version())
    .bind(rules.name())
    .bind(pack)
    .bind(holidays)
    .bind(now.as_millisecond())
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    Ok(placed_all.is_none().then_some(ClientId(placed_to)))
}

/// Forgets that everybody was looked at by these rules where others were used since, and are not any more.
async fn begin_anew(connection: &mut Connection, rules: &RuleSet, now: Timestamp) -> Result<()> {
    let begun = sqlx::query(
        "-- rules: back to rules of before
        UPDATE rule_set SET placed_to_client_id = 0, placed_all_at_ms = NULL
        WHERE version = $1 AND placed_all_at_ms IS NOT NULL
            AND EXISTS (SELECT 1 FROM rule_set AS other WHERE other.version <> $1 AND other.used_at_ms > rule_set.placed_all_at_ms)
            AND NOT EXISTS (SELECT 1 FROM rule_set AS other WHERE other.version <> $1 AND other.used_at_ms > $2)",
    )
    .bind(rules.version())
    .bind(STILL_USED.before(now).as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    match begun.rows_affected() {
        0 => Ok(()),
        rows => exactly_one(rows, "rule set"),
    }
}

type UnplacedRow = (i64, String, String, Option<String>);

pub(super) async fn to_place(connection: &mut Connection, which: ToPlace, limit: i64) -> Result<Vec<Unplaced>> {
    let (statement, after) = match which {
        ToPlace::Unplaced => (
            "-- rules: people whose place was forgotten
            SELECT id, phone, country, region FROM client WHERE place IS NULL AND id > $1 ORDER BY id LIMIT $2",
            0,
        ),
        ToPlace::After(client) => (
            "-- rules: the next ones of everybody
            SELECT id, phone, country, region FROM client WHERE id > $1 ORDER BY id LIMIT $2",
            client.0,
        ),
    };
    let rows = sqlx::query_as::<Engine, UnplacedRow>(statement)
        .bind(after)
        .bind(limit)
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    rows.into_iter()
        .map(|(id, phone, country, region)| {
            let number = match is_tombstone(&phone) {
                true => None,
                false => Some(E164::parse(&phone).map_err(|_| Origin::new("client", id).corrupt("phone"))?),
            };
            Ok(Unplaced { client: ClientId(id), number, country, region })
        })
        .collect()
}

pub(super) async fn place(connection: &mut Connection, step: &PlacingStep<'_>, now: Timestamp) -> Result<u64> {
    if let Some(came) = step.came
        && !take_step(&mut *connection, step.rules, came, now).await?
    {
        return Ok(0);
    }
    let mut elsewhere = 0;
    for (person, place) in &step.placed {
        let moved = sqlx::query(
            "-- rules: where a person is, unless their address has changed since it was read
            UPDATE client SET place = $2 WHERE id = $1 AND (place IS NULL OR place <> $2)
                AND country = $3 AND COALESCE(region, '') = $4",
        )
        .bind(person.client.0)
        .bind(place.as_str())
        .bind(&person.country)
        .bind(person.region.as_deref().unwrap_or_default())
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        if moved.rows_affected() > 0 {
            elsewhere += 1;
            lane::settle_client(&mut *connection, person.client.0).await?;
        }
    }
    if let Some(came) = step.came {
        release(connection, came, now).await?;
    }
    Ok(elsewhere)
}

/// Takes a step through everybody, unless another node took it.
async fn take_step(connection: &mut Connection, rules: &RuleSet, came: Came, now: Timestamp) -> Result<bool> {
    let taken = sqlx::query(
        "-- rules: how far everybody was looked at anew
        UPDATE rule_set SET placed_to_client_id = $3, placed_all_at_ms = $4
        WHERE version = $1 AND placed_to_client_id = $2 AND placed_all_at_ms IS NULL",
    )
    .bind(rules.version())
    .bind(came.from.0)
    .bind(came.to.0)
    .bind(came.is_last.then(|| now.as_millisecond()))
    .execute(connection)
    .await
    .map_err(failed)?;
    match taken.rows_affected() {
        0 => Ok(false),
        rows => exactly_one(rows, "rule set").map(|()| true),
    }
}

/// What other rules held back is decided anew: leads stand in the queue from now on, or wait for the budget that has not let them
/// through, promises wait for the time that was promised.
async fn release(connection: &mut Connection, came: Came, now: Timestamp) -> Result<()> {
    sqlx::query(
        "-- rules: leads that other rules held back
        UPDATE lead SET
            state = CASE WHEN EXISTS (SELECT 1 FROM reopening WHERE reopening.id = lead.reopening_id
                AND reopening.released_at_ms IS NULL) THEN 'scheduled' ELSE 'ready' END,
            block = CASE WHEN EXISTS (SELECT 1 FROM reopening WHERE reopening.id = lead.reopening_id
                AND reopening.released_at_ms IS NULL) THEN 'budget' END,
            due_at_ms = CASE WHEN due_at_ms > $3 THEN $3 ELSE due_at_ms END
        WHERE client_id > $1 AND client_id <= $2 AND state = 'scheduled'
            AND block IN ('attempt_cap', 'cool_down', 'outside_hours', 'no_jurisdiction', 'no_time_zone', 'banned',
                'register_too_old', 'no_consent')",
    )
    .bind(came.from.0)
    .bind(came.to.0)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    for statement in [
        "-- rules: promises that other rules held back
        UPDATE callback SET callable_at_ms = due_at_ms, moved_because = NULL
        WHERE state = 'open' AND callable_at_ms > due_at_ms
            AND lead_id IN (SELECT id FROM lead WHERE client_id > $1 AND client_id <= $2 AND block = 'callback')",
        "-- rules: leads wait for their promises
        UPDATE lead SET due_at_ms = callback.callable_at_ms FROM callback
        WHERE lead.client_id > $1 AND lead.client_id <= $2 AND lead.block = 'callback' AND callback.lead_id = lead.id
            AND callback.state = 'open' AND lead.due_at_ms <> callback.callable_at_ms",
    ] {
        sqlx::query(statement).bind(came.from.0).bind(came.to.0).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}
