//! Removing everything personal of a client. One transaction; the client is held, so that nobody is handed them meanwhile, and no
//! rows of a list are taken.
//!
//! What stays counts and names nobody: the key, hand-outs, attempts with their codes, refusals with reason and price, orders with
//! tariff and price. Suppressions stay as they are, because they hold no number: the same person on a later list is suppressed.

use jiff::Timestamp;
use relance_domain::lead::{ClosedReason, LeadEvent, LeadState};
use relance_domain::phone::tombstone;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{ClientId, E164, LeadId};
use relance_store::client::{Erase, Erased};
use relance_store::{Result, StoreError};

use super::client_merge::refuse_open_work;
use super::lead::{change_lead, drop_promise};
use super::rows::exactly_one;
use super::suppression_hash::phones_of;
use super::{client, lead_merge, lease};
use crate::connect::failed;
use crate::{Connection, dialect};

/// Digits at the end of a number by which a rejected row of a list is told to be about it: the country's code, which rows often
/// leave out, stands before them.
const TOLD_BY_DIGITS: usize = 8;

pub(super) async fn erase(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    erase: &Erase,
    now: Timestamp,
) -> Result<Erased> {
    for statement in dialect::LOAD_TURN {
        sqlx::query(*statement).execute(&mut *connection).await.map_err(failed)?;
    }
    hold(&mut *connection, erase.client).await?;
    refuse_open_work(&mut *connection, [erase.client, erase.client], "erase them").await?;
    let client = erase.client.0;
    let phones = phones_of(&mut *connection, client).await?;
    let (leads_closed, promises_dropped) = close_leads(&mut *connection, keys, client).await?;
    let rows_emptied = empty_rejected_rows(&mut *connection, &phones).await?;
    let (attempts, orders) = empty_history(&mut *connection, client).await?;
    empty_client(&mut *connection, client, now).await?;
    write_down(connection, erase, now).await?;
    Ok(Erased {
        client: erase.client,
        erased_at: now,
        phones: i64::try_from(phones.len()).unwrap_or(i64::MAX),
        leads_closed,
        promises_dropped,
        attempts,
        orders,
        rows_emptied,
    })
}

/// Holds the client for the rest of the transaction.
async fn hold(connection: &mut Connection, asked: ClientId) -> Result<()> {
    let found =
        sqlx::query(dialect::LOCK_CLIENT).bind(asked.0).fetch_optional(&mut *connection).await.map_err(failed)?;
    if found.is_some() {
        return client::refuse_erased(connection, asked).await;
    }
    let present = client::present(connection, asked).await?;
    Err(match present == asked.0 {
        true => StoreError::not_found("client", asked),
        false => StoreError::Conflict(format!("client {asked} was merged into client {present}: erase that one")),
    })
}

/// Closes the leads that somebody could still call, or a tariff bring back; tells how many, and how many promises were dropped.
async fn close_leads(connection: &mut Connection, keys: &SuppressionKeys, client: i64) -> Result<(i64, i64)> {
    let (mut closed, mut dropped) = (0, 0);
    for (lead, state) in lead_merge::states(&mut *connection, client).await? {
        let lead = LeadId(lead);
        if matches!(state, LeadState::Closed(reason) if reason != ClosedReason::Refused) {
            continue;
        }
        let reason = match lease::is_suppressed(&mut *connection, keys, lead).await? {
            true => ClosedReason::Suppressed,
            false => ClosedReason::Withdrawn,
        };
        let next = state.apply(LeadEvent::Close(reason)).map_err(|error| StoreError::Database(error.into()))?;
        change_lead(&mut *connection, lead, state, next).await?;
        dropped += i64::try_from(drop_promise(&mut *connection, lead).await?).unwrap_or(i64::MAX);
        closed += 1;
    }
    Ok((closed, dropped))
}

/// Takes the cells of rejected rows that hold one of the numbers; the row itself still counts.
async fn empty_rejected_rows(connection: &mut Connection, phones: &[E164]) -> Result<i64> {
    let mut emptied = 0;
    for phone in phones {
        let digits = phone.reveal();
        let told_by = &digits[digits.len().saturating_sub(TOLD_BY_DIGITS)..];
        let done = sqlx::query(
            "-- erasure: rejected rows with the number, however its digits are grouped
            UPDATE list_row SET raw = NULL, message = 'the person was erased' WHERE raw IS NOT NULL
                AND REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
                    raw, ' ', ''), '-', ''), '.', ''), '/', ''), '(', ''), ')', ''), $2, ''), $3, ''), $4, '')
                    LIKE '%' || $1 || '%'",
        )
        .bind(told_by)
        .bind("\u{a0}")
        .bind("\u{202f}")
        .bind("\u{2009}")
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        emptied += i64::try_from(done.rows_affected()).unwrap_or(i64::MAX);
    }
    Ok(emptied)
}

/// Takes what operators wrote and what lists said; tells of how many attempts and orders.
async fn empty_history(connection: &mut Connection, client: i64) -> Result<(i64, i64)> {
    let attempts = changed(
        &mut *connection,
        "-- erasure: notes of attempts
        UPDATE attempt SET note = NULL WHERE client_id = $1",
        client,
    );
    let attempts = attempts.await?;
    let orders = changed(
        &mut *connection,
        "-- erasure: what was entered in order forms
        UPDATE orders SET fields = '{}', appointment = NULL, account = NULL, cancel_note = NULL WHERE client_id = $1",
        client,
    );
    let orders = orders.await?;
    for statement in [
        "-- erasure: what refusals say in free words
        UPDATE refusal SET competitor = NULL, competitor_price_minor = NULL, contract_end = NULL, coverage = NULL, call_after = NULL
        WHERE attempt_id IN (SELECT id FROM attempt WHERE client_id = $1)",
        "-- erasure: notes of promises
        UPDATE callback SET note = NULL WHERE lead_id IN (SELECT id FROM lead WHERE client_id = $1)",
        "-- erasure: reports as they came
        UPDATE assignment SET report = '{}' WHERE client_id = $1 AND report IS NOT NULL",
        "-- erasure: reports that came late
        UPDATE late_outcome SET report = '{}' WHERE assignment_id IN (SELECT id FROM assignment WHERE client_id = $1)",
        "-- erasure: what was corrected in orders, and why
        UPDATE order_change SET value_before = NULL, value_after = NULL, why = NULL
        WHERE order_id IN (SELECT id FROM orders WHERE client_id = $1)",
        "-- erasure: messages that told of orders; one that waits is not sent any more
        UPDATE webhook_message SET payload = '', last_error = 'the person was erased', lease = NULL, lease_until_ms = NULL,
            state = CASE WHEN state = 'waiting' THEN 'dead' ELSE state END
        WHERE order_id IN (SELECT id FROM orders WHERE client_id = $1)",
        "-- erasure: forms that are being typed
        DELETE FROM order_draft WHERE assignment_id IN (SELECT id FROM assignment WHERE client_id = $1)",
        "-- erasure: why leads were handed back or taken
        UPDATE assignment SET ended_because = '' WHERE client_id = $1 AND ended_because IS NOT NULL",
        "-- erasure: what was written of reports that came late
        UPDATE late_outcome SET review_note = '' WHERE review_note IS NOT NULL
            AND assignment_id IN (SELECT id FROM assignment WHERE client_id = $1)",
        "-- erasure: what lists said of the person
        UPDATE lead SET facts = '{}', attributes = '{}', consent_wording = NULL WHERE client_id = $1",
        "-- erasure: what lists changed
        DELETE FROM client_change WHERE client_id = $1",
        "-- erasure: further numbers
        DELETE FROM client_phone WHERE client_id = $1",
    ] {
        changed(&mut *connection, statement, client).await?;
    }
    Ok((attempts, orders))
}

async fn changed(connection: &mut Connection, statement: &'static str, client: i64) -> Result<i64> {
    let done = sqlx::query(statement).bind(client).execute(connection).await.map_err(failed)?;
    Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
}

/// Takes name, address and number. The country and the zone tell of millions, and say in which lane the leads stood.
async fn empty_client(connection: &mut Connection, client: i64, now: Timestamp) -> Result<()> {
    let emptied = sqlx::query(
        "-- erasure: the client
        UPDATE client SET phone = $2, extension = NULL, reference = NULL, first_name = NULL, last_name = NULL, street = NULL,
            city = NULL, postcode = NULL, region = NULL, erased_at_ms = $3
        WHERE id = $1 AND erased_at_ms IS NULL",
    )
    .bind(client)
    .bind(tombstone(ClientId(client)))
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(emptied.rows_affected(), "client")
}

async fn write_down(connection: &mut Connection, erase: &Erase, now: Timestamp) -> Result<()> {
    sqlx::query(
        "-- erasure: write it down
        INSERT INTO erasure (client_id, erased_at_ms, erased_by, reason) VALUES ($1, $2, $3, $4)",
    )
    .bind(erase.client.0)
    .bind(now.as_millisecond())
    .bind(erase.by.map(|user| user.0))
    .bind(&erase.reason)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
