//! Leads that their operators hold for longer, or hand back as not called.

use jiff::Timestamp;
use relance_domain::assignment::{AssignmentEvent, AssignmentState, Ending, held_until};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{LeadId, Span};
use relance_store::assignment::{HandedBack, Held, Holder};
use relance_store::{Result, StoreError};

use super::lease::give_back;
use super::reopening::{close_if_ended, hold_tariff_of};
use super::rows::{Origin, exactly_one};
use super::suppression::lock_client;
use crate::connect::failed;
use crate::{Connection, Engine};

#[derive(sqlx::FromRow)]
struct HeldRow {
    lead_id: i64,
    client_id: i64,
    operator_id: i64,
    token: String,
    handed_at_ms: i64,
    lease_until_ms: i64,
    ended_at_ms: Option<i64>,
    ending: Option<String>,
}

/// The assignment that somebody shows the token of, if it is theirs.
async fn shown(connection: &mut Connection, holder: &Holder) -> Result<Option<HeldRow>> {
    let row = sqlx::query_as::<Engine, HeldRow>(
        "-- assignment: the one that its operator shows
        SELECT lead_id, client_id, operator_id, token, handed_at_ms, lease_until_ms, ended_at_ms, ending
        FROM assignment WHERE id = $1",
    )
    .bind(holder.assignment.0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(row.filter(|row| row.operator_id == holder.operator.0 && row.token == holder.token))
}

pub(super) async fn hold(connection: &mut Connection, holder: &Holder, lease: Span, now: Timestamp) -> Result<Held> {
    let Some(row) = shown(&mut *connection, holder).await? else { return Ok(Held::NotYours) };
    let origin = Origin::new("assignment", holder.assignment.0);
    if let Some(ending) = &row.ending {
        return Ok(Held::Ended(origin.need("ending", Ending::parse(ending))?));
    }
    let handed_at = origin.instant("handed_at_ms", row.handed_at_ms)?;
    let open = AssignmentState::Open { lease_until: origin.instant("lease_until_ms", row.lease_until_ms)? };
    let hold = AssignmentEvent::Hold { until: held_until(handed_at, lease, now) };
    let AssignmentState::Open { lease_until } =
        open.apply(hold, now).map_err(|error| StoreError::Database(error.into()))?
    else {
        return Err(StoreError::Database("holding a lead does not end its assignment".into()));
    };
    let held = sqlx::query(
        "-- assignment: the call goes on
        UPDATE assignment SET lease_until_ms = $2 WHERE id = $1 AND ended_at_ms IS NULL AND lease_until_ms <= $2",
    )
    .bind(holder.assignment.0)
    .bind(lease_until.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    // Ended, or held for longer by another request, since it was read: the call is tried again and reads how.
    exactly_one(held.rows_affected(), "assignment")?;
    Ok(Held::Until(lease_until))
}

pub(super) async fn hand_back(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    holder: &Holder,
    reason: &str,
    now: Timestamp,
) -> Result<HandedBack> {
    let Some(row) = shown(&mut *connection, holder).await? else { return Ok(HandedBack::NotYours) };
    let origin = Origin::new("assignment", holder.assignment.0);
    let lead = LeadId(row.lead_id);
    if let Some(ending) = &row.ending {
        return match origin.need("ending", Ending::parse(ending))? {
            Ending::Returned => {
                let at = origin.need("ended_at_ms", origin.instant_some("ended_at_ms", row.ended_at_ms)?)?;
                Ok(HandedBack::Done { lead, at })
            }
            ending => Ok(HandedBack::Ended(ending)),
        };
    }
    // Not before it was handed out, should this node's clock run behind.
    let now = now.max(origin.instant("handed_at_ms", row.handed_at_ms)?);
    // Tariffs are held before people, as a step of a publication does.
    hold_tariff_of(&mut *connection, lead).await?;
    lock_client(&mut *connection, row.client_id).await?;
    let ended = sqlx::query(
        "-- assignment: handed back as not called
        UPDATE assignment SET ended_at_ms = $2, ending = 'returned', ended_because = $3
        WHERE id = $1 AND ended_at_ms IS NULL",
    )
    .bind(holder.assignment.0)
    .bind(now.as_millisecond())
    .bind(reason)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    // Ended by somebody else since it was read: the call is tried again and reads how.
    exactly_one(ended.rows_affected(), "assignment")?;
    let state = give_back(&mut *connection, keys, lead, now).await?;
    close_if_ended(connection, lead, state, now).await?;
    Ok(HandedBack::Done { lead, at: now })
}
