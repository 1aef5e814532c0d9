//! Clients as a rule of retention looks at them.

use relance_domain::{ClientId, E164};
use relance_store::Result;
use relance_store::client::ClientForRetention;

use super::rows::Origin;
use crate::connect::failed;
use crate::{Connection, Engine};

#[derive(sqlx::FromRow)]
struct RetentionRow {
    id: i64,
    phone: String,
    country: String,
    region: Option<String>,
    created_at_ms: i64,
    listed_at_ms: Option<i64>,
    last_attempt_at_ms: Option<i64>,
    last_contact_at_ms: Option<i64>,
    has_order: bool,
    has_contract: bool,
}

impl RetentionRow {
    fn into_client(self) -> Result<ClientForRetention> {
        let origin = Origin::new("client", self.id);
        Ok(ClientForRetention {
            client: ClientId(self.id),
            phone: E164::parse(&self.phone).map_err(|_| origin.corrupt("phone"))?,
            country: self.country,
            region: self.region,
            came_at: origin.instant("created_at_ms", self.created_at_ms.max(self.listed_at_ms.unwrap_or(i64::MIN)))?,
            last_attempt_at: origin.instant_some("recorded_at_ms", self.last_attempt_at_ms)?,
            last_contact_at: origin.instant_some("recorded_at_ms", self.last_contact_at_ms)?,
            has_order: self.has_order,
            has_contract: self.has_contract,
        })
    }
}

/// People of a list that is being loaded are nobody's yet, and are left out.
pub(super) async fn clients(
    connection: &mut Connection,
    after: ClientId,
    limit: i64,
) -> Result<Vec<ClientForRetention>> {
    sqlx::query_as::<Engine, RetentionRow>(
        "-- retention: a page of clients
        SELECT client.id, client.phone, client.country, client.region, client.created_at_ms,
            (SELECT MAX(list.loaded_at_ms) FROM lead JOIN list ON list.id = lead.list_id
                WHERE lead.client_id = client.id AND list.state = 'loaded') AS listed_at_ms,
            (SELECT MAX(recorded_at_ms) FROM attempt WHERE attempt.client_id = client.id) AS last_attempt_at_ms,
            (SELECT MAX(recorded_at_ms) FROM attempt WHERE attempt.client_id = client.id
                AND attempt.class NOT IN ('no_answer', 'busy', 'machine', 'unreachable')) AS last_contact_at_ms,
            EXISTS (SELECT 1 FROM orders WHERE orders.client_id = client.id) AS has_order,
            EXISTS (SELECT 1 FROM lead JOIN list ON list.id = lead.list_id
                WHERE lead.client_id = client.id AND list.relationship = 'contract') AS has_contract
        FROM client
        WHERE client.id > $1 AND client.erased_at_ms IS NULL
            AND client.created_by_list_id NOT IN (SELECT id FROM list WHERE state = 'staging')
        ORDER BY client.id LIMIT $2",
    )
    .bind(after.0)
    .bind(limit)
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(RetentionRow::into_client)
    .collect()
}
