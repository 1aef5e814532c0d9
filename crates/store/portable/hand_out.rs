//! Everything about an assignment that its operator may see.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use relance_domain::assignment::Ending;
use relance_domain::definition::StandardField;
use relance_domain::phone::is_tombstone;
use relance_domain::{AssignmentId, CallbackId, CampaignId, E164, LeadId, ListId, UserId};
use relance_store::claim::{EarlierTry, HandOut, PhoneOfClient, TakenFrom};
use relance_store::{Result, StoreError};

use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Most earlier tries that an operator is shown.
const HISTORY_MAX: usize = 20;

#[derive(sqlx::FromRow)]
struct HandOutRow {
    id: i64,
    token: String,
    campaign_id: i64,
    campaign_version: i64,
    operator_id: i64,
    operator_name: String,
    lead_id: i64,
    list_id: i64,
    list_name: String,
    phone: String,
    reference: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    street: Option<String>,
    city: Option<String>,
    postcode: Option<String>,
    region: Option<String>,
    time_zone: Option<String>,
    zone_source: Option<String>,
    country: Option<String>,
    extension: Option<String>,
    client_id: i64,
    phone_position: i64,
    consent: Option<String>,
    consent_on: Option<String>,
    consent_wording: Option<String>,
    attributes: String,
    facts: String,
    handed_at_ms: i64,
    lease_until_ms: i64,
    ended_at_ms: Option<i64>,
    ending: Option<String>,
    ended_because: Option<String>,
    hand_backs: i64,
    taken_from_id: Option<i64>,
    taken_from: Option<String>,
    taken_because: Option<String>,
    decision: String,
    callback_id: Option<i64>,
    callback_note: Option<String>,
    has_further_phones: bool,
    was_tried: bool,
    has_order_draft: bool,
    held_out_of: Option<String>,
    wanted_at: Option<String>,
}

pub(super) async fn open(connection: &mut Connection, operator: UserId) -> Result<Option<AssignmentId>> {
    let open = sqlx::query_scalar::<Engine, i64>(
        "-- assignment: the one an operator has open
        SELECT id FROM assignment WHERE operator_id = $1 AND ending IS NULL",
    )
    .bind(operator.0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(open.map(AssignmentId))
}

pub(super) async fn one(connection: &mut Connection, assignment: AssignmentId) -> Result<HandOut> {
    let found = many(connection, &[assignment]).await?;
    found.into_iter().next().ok_or_else(|| StoreError::not_found("assignment", assignment))
}

/// Those of some assignments that there are, in no order.
pub(super) async fn many(connection: &mut Connection, assignments: &[AssignmentId]) -> Result<Vec<HandOut>> {
    // Not EXISTS: PostgreSQL may plan that as one look at all tries of all leads.
    let rows = sqlx::query_as::<Engine, HandOutRow>(concat!(
        "-- assignment: what their operators see
        SELECT assignment.id, assignment.token, assignment.campaign_id, assignment.campaign_version, assignment.operator_id,
            app_user.name AS operator_name, assignment.lead_id, assignment.list_id, list.name AS list_name, client.phone,
            client.reference, client.first_name, client.last_name, client.street, client.city, client.postcode, client.region,
            client.time_zone, client.zone_source, client.country, client.extension, lead.client_id, assignment.phone_position, lead.facts, lead.consent,
            lead.consent_on, lead.consent_wording, lead.attributes, assignment.handed_at_ms, assignment.lease_until_ms,
            assignment.ended_at_ms, assignment.ending, assignment.ended_because,
            (SELECT COUNT(CASE WHEN earlier.ending = 'returned' THEN 1 END) FROM assignment AS earlier
                WHERE earlier.lead_id = assignment.lead_id) AS hand_backs,
            assignment.taken_from_id, holder.name AS taken_from, taken.ended_because AS taken_because, assignment.decision,
            assignment.callback_id, callback.note AS callback_note,
            (SELECT MIN(client_phone.client_id) FROM client_phone WHERE client_phone.client_id = lead.client_id) IS NOT NULL
                AS has_further_phones,
            (SELECT MIN(attempt.id) FROM attempt WHERE attempt.lead_id = assignment.lead_id) IS NOT NULL AS was_tried,
            (SELECT version FROM order_draft WHERE order_draft.assignment_id = assignment.id) IS NOT NULL AS has_order_draft,
            CASE WHEN reopening.hold_out = 'without_offer' AND reopening.hold_out_until_ms > assignment.handed_at_ms
                THEN tariff.tariff END AS held_out_of,
            refusal.coverage AS wanted_at
        FROM ",
        dialect::sent!("$1"),
        " JOIN assignment ON assignment.id = CAST(sent.value AS BIGINT)
        JOIN app_user ON app_user.id = assignment.operator_id
        JOIN lead ON lead.id = assignment.lead_id
        JOIN client ON client.id = assignment.client_id
        JOIN list ON list.id = assignment.list_id
        LEFT JOIN assignment AS taken ON taken.id = assignment.taken_from_id
        LEFT JOIN app_user AS holder ON holder.id = taken.operator_id
        LEFT JOIN callback ON callback.id = assignment.callback_id
        LEFT JOIN reopening ON reopening.id = assignment.reopening_id
        LEFT JOIN tariff ON tariff.id = reopening.tariff_id
        LEFT JOIN refusal ON refusal.id = COALESCE(reopening.refusal_id, lead.refusal_id)"
    ))
    .bind(to_json(&assignments))
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut further = further_phones(&mut *connection, &rows).await?;
    let mut histories = histories(connection, &rows).await?;
    let hand_out = |row: HandOutRow| {
        let phones = phones(&row, further.remove(&row.client_id).unwrap_or_default())?;
        let history = histories.remove(&row.lead_id).unwrap_or_default();
        into_hand_out(row, phones, history)
    };
    rows.into_iter().map(hand_out).collect()
}

/// A further number: its position, the number and its extension.
type Further = (i64, String, Option<String>);

/// The further numbers of the clients who have some.
async fn further_phones(connection: &mut Connection, rows: &[HandOutRow]) -> Result<HashMap<i64, Vec<Further>>> {
    let clients: BTreeSet<i64> = rows.iter().filter(|row| row.has_further_phones).map(|row| row.client_id).collect();
    let mut further: HashMap<i64, Vec<Further>> = HashMap::new();
    if clients.is_empty() {
        return Ok(further);
    }
    let found = sqlx::query_as::<Engine, (i64, i64, String, Option<String>)>(concat!(
        "-- assignment: further numbers of the clients
        SELECT client_phone.client_id, client_phone.position, client_phone.phone, client_phone.extension FROM ",
        dialect::sent!("$1"),
        " JOIN client_phone ON client_phone.client_id = CAST(sent.value AS BIGINT)
        ORDER BY client_phone.client_id, client_phone.position, client_phone.phone"
    ))
    .bind(to_json(&clients))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    for (client, position, phone, extension) in found {
        further.entry(client).or_default().push((position, phone, extension));
    }
    Ok(further)
}

/// The client's numbers, the one that is dialled for this assignment first, then the others in their order.
fn phones(row: &HandOutRow, further: Vec<Further>) -> Result<Vec<PhoneOfClient>> {
    let origin = Origin::new("client_phone", row.client_id);
    if is_tombstone(&row.phone) {
        // Nobody is erased during a call: an assignment of somebody who was is over.
        return Ok(Vec::new());
    }
    let mut numbers = vec![(0, row.phone.clone(), row.extension.clone())];
    numbers.extend(further);
    // A number that is gone since, because its list was taken back, leaves the first.
    let dialled = numbers.iter().position(|(position, ..)| *position == row.phone_position).unwrap_or(0);
    numbers[..=dialled].rotate_right(1);
    let phone = |(_, phone, extension): Further| {
        Ok(PhoneOfClient { phone: E164::parse(&phone).map_err(|_| origin.corrupt("phone"))?, extension })
    };
    numbers.into_iter().map(phone).collect()
}

fn into_hand_out(row: HandOutRow, phones: Vec<PhoneOfClient>, history: Vec<EarlierTry>) -> Result<HandOut> {
    let origin = Origin::new("assignment", row.id);
    let mut phones = phones.into_iter();
    let dialled = phones.next();
    let mut client: BTreeMap<String, String> = Origin::new("lead", row.lead_id).json("facts", &row.facts)?;
    let standard = [
        (StandardField::Phone, dialled.as_ref().map(|dialled| dialled.phone.reveal().to_owned())),
        (StandardField::Reference, row.reference),
        (StandardField::FirstName, row.first_name),
        (StandardField::LastName, row.last_name),
        (StandardField::Street, row.street),
        (StandardField::City, row.city),
        (StandardField::Postcode, row.postcode),
        (StandardField::Region, row.region),
        (StandardField::TimeZone, row.time_zone),
        (StandardField::Country, row.country),
        (StandardField::Extension, row.extension.clone()),
        (StandardField::Consent, row.consent),
        (StandardField::ConsentDate, row.consent_on),
        (StandardField::ConsentWording, row.consent_wording),
    ];
    client.extend(standard.into_iter().filter_map(|(field, value)| Some((field.as_str().to_owned(), value?))));
    Ok(HandOut {
        assignment: AssignmentId(row.id),
        token: row.token,
        campaign: CampaignId(row.campaign_id),
        campaign_version: row.campaign_version,
        operator: UserId(row.operator_id),
        operator_name: row.operator_name,
        lead: LeadId(row.lead_id),
        list: ListId(row.list_id),
        list_name: row.list_name,
        phone: dialled.as_ref().map(|dialled| dialled.phone.clone()),
        extension: dialled.and_then(|dialled| dialled.extension),
        other_phones: phones.collect(),
        attributes: Origin::new("lead", row.lead_id).json("attributes", &row.attributes)?,
        client,
        zone_source: row.zone_source.as_deref().map(|word| origin.word("zone_source", word)).transpose()?,
        handed_at: origin.instant("handed_at_ms", row.handed_at_ms)?,
        lease_until: origin.instant("lease_until_ms", row.lease_until_ms)?,
        ended_at: origin.instant_some("ended_at_ms", row.ended_at_ms)?,
        ending: match row.ending.as_deref() {
            Some(word) => Some(origin.need("ending", Ending::parse(word))?),
            None => None,
        },
        ended_because: row.ended_because,
        hand_backs: row.hand_backs,
        decision: origin.json("decision", &row.decision)?,
        taken_from: match (row.taken_from_id, row.taken_from) {
            (Some(id), Some(operator)) => Some(TakenFrom {
                assignment: AssignmentId(id),
                operator,
                reason: origin.need("ended_because", row.taken_because)?,
            }),
            _ => None,
        },
        callback: row.callback_id.map(CallbackId),
        callback_note: row.callback_note,
        held_out_of: row.held_out_of,
        wanted_at: row.wanted_at,
        has_order_draft: row.has_order_draft,
        history,
    })
}

type HistoryRow = (i64, i64, i64, String, String, Option<String>, Option<String>);

/// Earlier tries of the leads that were tried, the newest first.
async fn histories(connection: &mut Connection, rows: &[HandOutRow]) -> Result<HashMap<i64, Vec<EarlierTry>>> {
    let leads: BTreeSet<i64> = rows.iter().filter(|row| row.was_tried).map(|row| row.lead_id).collect();
    let mut histories: HashMap<i64, Vec<EarlierTry>> = HashMap::new();
    if leads.is_empty() {
        return Ok(histories);
    }
    let rows = sqlx::query_as::<Engine, HistoryRow>(concat!(
        "-- assignment: earlier tries of the leads, the newest first
        SELECT attempt.lead_id, attempt.id, attempt.recorded_at_ms, app_user.name, attempt.disposition, refusal.reason, attempt.note
        FROM ",
        dialect::sent!("$1"),
        " JOIN attempt ON attempt.lead_id = CAST(sent.value AS BIGINT)
        JOIN app_user ON app_user.id = attempt.operator_id
        LEFT JOIN refusal ON refusal.attempt_id = attempt.id
        ORDER BY attempt.lead_id, attempt.id DESC"
    ))
    .bind(to_json(&leads))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    for (lead, id, at, operator, disposition, reason, note) in rows {
        let at = Origin::new("attempt", id).instant("recorded_at_ms", at)?;
        let history = histories.entry(lead).or_default();
        if history.len() < HISTORY_MAX {
            history.push(EarlierTry { at, operator, disposition, reason, note });
        }
    }
    Ok(histories)
}
