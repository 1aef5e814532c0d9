//! Order forms while they are typed.

use jiff::Timestamp;
use relance_domain::assignment::Ending;
use relance_domain::{AssignmentId, LeadId};
use relance_store::Result;
use relance_store::assignment::Holder;
use relance_store::order::{Draft, DraftSaved, NewDraft};

use super::rows::{Origin, to_json};
use super::suppression::lock_client;
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// The client, how the assignment ended, the operator and the token.
type HeldRow = (i64, Option<String>, i64, String);

async fn shown(connection: &mut Connection, holder: &Holder) -> Result<Option<HeldRow>> {
    let row = sqlx::query_as::<Engine, HeldRow>(
        "-- draft: the assignment that its operator shows
        SELECT client_id, ending, operator_id, token FROM assignment WHERE id = $1",
    )
    .bind(holder.assignment.0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(row.filter(|(_, _, operator, token)| *operator == holder.operator.0 && *token == holder.token))
}

pub(super) async fn save(connection: &mut Connection, draft: &NewDraft, now: Timestamp) -> Result<DraftSaved> {
    let Some((client, ..)) = shown(&mut *connection, &draft.holder).await? else { return Ok(DraftSaved::NotYours) };
    // An outcome that is being recorded takes the drafts away: it is waited for, so that none is left behind it.
    lock_client(&mut *connection, client).await?;
    let Some((_, ending, ..)) = shown(&mut *connection, &draft.holder).await? else { return Ok(DraftSaved::NotYours) };
    let assignment = draft.holder.assignment;
    if let Some(ending) = ending {
        let origin = Origin::new("assignment", assignment.0);
        return Ok(DraftSaved::Ended(origin.need("ending", Ending::parse(&ending))?));
    }
    let form = to_json(&draft.form);
    let statement = match draft.rests_on {
        0 => {
            "-- draft: the first save
            INSERT INTO order_draft (assignment_id, version, form, saved_at_ms) VALUES ($1, $2 + 1, $3, $4)
            ON CONFLICT (assignment_id) DO NOTHING"
        }
        _ => {
            "-- draft: a save that rests on what is kept
            UPDATE order_draft SET version = $2 + 1, form = $3, saved_at_ms = $4 WHERE assignment_id = $1 AND version = $2"
        }
    };
    let saved = sqlx::query(statement)
        .bind(assignment.0)
        .bind(draft.rests_on)
        .bind(&form)
        .bind(now.as_millisecond())
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    if saved.rows_affected() == 1 {
        return Ok(DraftSaved::As(draft.rests_on + 1));
    }
    let kept = sqlx::query_as::<Engine, (i64, String)>(
        "-- draft: the one that is kept
        SELECT version, form FROM order_draft WHERE assignment_id = $1",
    )
    .bind(assignment.0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(match kept {
        Some((version, kept)) if version == draft.rests_on + 1 && kept == form => DraftSaved::As(version),
        Some((version, _)) => DraftSaved::Outdated(version),
        None => DraftSaved::Outdated(0),
    })
}

pub(super) async fn of(connection: &mut Connection, assignment: AssignmentId) -> Result<Option<Draft>> {
    let row = sqlx::query_as::<Engine, (i64, i64, String, i64)>(
        "-- draft: what the operator of an assignment has typed for its lead, the latest first
        SELECT order_draft.assignment_id, order_draft.version, order_draft.form, order_draft.saved_at_ms
        FROM assignment
        JOIN assignment AS earlier ON earlier.lead_id = assignment.lead_id AND earlier.operator_id = assignment.operator_id
        JOIN order_draft ON order_draft.assignment_id = earlier.id
        WHERE assignment.id = $1 AND earlier.id <= assignment.id
        ORDER BY earlier.id DESC LIMIT 1",
    )
    .bind(assignment.0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    let Some((of, version, form, saved_at_ms)) = row else { return Ok(None) };
    let origin = Origin::new("order_draft", of);
    Ok(Some(Draft {
        version: if of == assignment.0 { version } else { 0 },
        form: origin.json("form", &form)?,
        saved_at: origin.instant("saved_at_ms", saved_at_ms)?,
    }))
}

/// Takes away what was typed for leads: their calls are over.
pub(super) async fn drop_of_leads(connection: &mut Connection, leads: &[LeadId]) -> Result<()> {
    sqlx::query(concat!(
        "-- draft: the calls are over
        DELETE FROM order_draft WHERE assignment_id IN (SELECT assignment.id FROM ",
        dialect::sent!("$1"),
        " JOIN assignment ON assignment.lead_id = CAST(sent.value AS BIGINT))"
    ))
    .bind(to_json(&leads))
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
