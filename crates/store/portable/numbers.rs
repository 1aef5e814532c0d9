//! The numbers of people, and how often each was dialled for a lead.

use std::collections::HashMap;

use relance_domain::LeadId;
use relance_domain::phone::NumberTried;
use relance_store::Result;
use serde::Serialize;

use super::rows::to_json;
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// A lead, and whose it is.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct LeadOf {
    pub(super) lead: i64,
    pub(super) client: i64,
}

/// A number of a client, and what became of it for a lead.
#[derive(Debug, Clone)]
pub(super) struct Number {
    pub(super) tried: NumberTried,
    pub(super) phone: String,
}

type NumberRow = (i64, i64, String, bool, i64);

/// How often a number was dialled for a lead that was sent: as where tries of a person are counted, a lead that was handed back as
/// not called was not, unless an outcome came in late after all.
macro_rules! tries {
    ($position:literal) => {
        concat!(
            "(SELECT COUNT(*) FROM assignment
                WHERE assignment.lead_id = CAST(sent.value ->> 'lead' AS BIGINT) AND assignment.phone_position = ",
            $position,
            " AND (assignment.ending IS NULL OR assignment.ending <> 'returned'
                    OR (SELECT MIN(late_outcome.id) FROM late_outcome WHERE late_outcome.assignment_id = assignment.id)
                        IS NOT NULL)) AS tries"
        )
    };
}

/// The numbers of the people of these leads, each person's first to be dialled first.
pub(super) async fn of(connection: &mut Connection, leads: &[LeadOf]) -> Result<HashMap<LeadId, Vec<Number>>> {
    if leads.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query_as::<Engine, NumberRow>(concat!(
        "-- numbers: those of people, and how often each was dialled for a lead
        SELECT CAST(sent.value ->> 'lead' AS BIGINT) AS lead, CAST(0 AS BIGINT) AS position, client.phone,
            client.phone_wrong_at_ms IS NOT NULL AS wrong, ",
        tries!("0"),
        " FROM ",
        dialect::sent!("$1"),
        " JOIN client ON client.id = CAST(sent.value ->> 'client' AS BIGINT)
        UNION ALL
        SELECT CAST(sent.value ->> 'lead' AS BIGINT), client_phone.position, client_phone.phone,
            client_phone.wrong_at_ms IS NOT NULL, ",
        tries!("client_phone.position"),
        " FROM ",
        dialect::sent!("$1"),
        " JOIN client_phone ON client_phone.client_id = CAST(sent.value ->> 'client' AS BIGINT)
        ORDER BY 1, 2"
    ))
    .bind(to_json(&leads))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let mut numbers: HashMap<LeadId, Vec<Number>> = HashMap::new();
    for (lead, position, phone, wrong, tries) in rows {
        let tried = NumberTried { position, wrong, tries };
        numbers.entry(LeadId(lead)).or_default().push(Number { tried, phone });
    }
    Ok(numbers)
}

/// Those of one person.
pub(super) async fn of_one(connection: &mut Connection, client: i64, lead: LeadId) -> Result<Vec<Number>> {
    let mut numbers = of(connection, &[LeadOf { lead: lead.0, client }]).await?;
    Ok(numbers.remove(&lead).unwrap_or_default())
}
