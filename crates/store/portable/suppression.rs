//! People who must not be called.

use jiff::Timestamp;
use relance_domain::fault::{self, Fault};
use relance_domain::phone::mask;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{CampaignId, E164, UserId};
use relance_store::Result;
use relance_store::outcome::NewSuppression;
use relance_store::question::About;
use relance_store::register::Suppression;

use super::maybe_suppressed;
use super::rows::{Origin, exactly_one};
use super::suppression_hash::{Asked, new_hash, newest, phones_of};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Waits for whoever works on this person, so that an objection and a hand-out cannot pass each other.
pub(super) async fn lock_client(connection: &mut Connection, client: i64) -> Result<()> {
    let found = sqlx::query(dialect::LOCK_CLIENT).bind(client).fetch_optional(connection).await.map_err(failed)?;
    // Merged with another since it was read: the call is tried again and finds that one.
    exactly_one(u64::from(found.is_some()), "client")
}

/// "Do not call me again": a suppression for the seller, at once, in every campaign.
pub(super) async fn object(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    client: i64,
    seller: &str,
    operator: UserId,
    now: Timestamp,
) -> Result<()> {
    let last = last_hand_out(&mut *connection, client).await?;
    for phone in phones_of(&mut *connection, client).await? {
        let suppression = NewSuppression {
            phone,
            seller: Some(seller.to_owned()),
            campaign: None,
            reason: "asked not to be called again".to_owned(),
            by: Some(operator),
        };
        insert(&mut *connection, keys, &suppression, Some(last), now).await?;
    }
    close_leads(connection, client, Some(seller), None, now).await.map(|_| ())
}

/// The last hand-out of a person who is held; 0 before the first.
async fn last_hand_out(connection: &mut Connection, client: i64) -> Result<i64> {
    sqlx::query_scalar::<Engine, i64>(
        "-- suppression: which hand-out came last before it
        SELECT COALESCE(MAX(id), 0) FROM assignment WHERE client_id = $1",
    )
    .bind(client)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

/// Closes the leads of a person who must not be called, drops the promises made to them, and takes the lead back that an operator
/// has open: their outcome will be a late one. Tells how many leads.
async fn close_leads(
    connection: &mut Connection,
    client: i64,
    seller: Option<&str>,
    campaign: Option<CampaignId>,
    now: Timestamp,
) -> Result<u64> {
    let campaign = campaign.map(|campaign| campaign.0);
    sqlx::query(
        "-- objection: take back what an operator has open
        UPDATE assignment SET ended_at_ms = CASE WHEN handed_at_ms > $4 THEN handed_at_ms ELSE $4 END, ending = 'revoked',
            ended_because = 'the person must not be called any more'
        WHERE client_id = $1 AND ended_at_ms IS NULL
            AND campaign_id IN (SELECT id FROM campaign WHERE ($2 IS NULL OR seller = $2) AND ($3 IS NULL OR id = $3))",
    )
    .bind(client)
    .bind(seller)
    .bind(campaign)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let closed = sqlx::query(
        "-- objection: close the person's leads
        UPDATE lead SET state = 'closed', closed_reason = 'suppressed', block = NULL
        WHERE client_id = $1 AND NOT (state = 'closed' AND closed_reason = 'suppressed')
            AND campaign_id IN (SELECT id FROM campaign WHERE ($2 IS NULL OR seller = $2) AND ($3 IS NULL OR id = $3))",
    )
    .bind(client)
    .bind(seller)
    .bind(campaign)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    sqlx::query(
        "-- objection: drop the promises made to the person
        UPDATE callback SET state = 'dropped' WHERE state = 'open' AND lead_id IN (
            SELECT id FROM lead WHERE client_id = $1 AND state = 'closed')",
    )
    .bind(client)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(closed.rows_affected())
}

/// Keeps the hash of a number that must not be called, and the last hand-out of whoever has it; tells the row's key.
async fn insert(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    suppression: &NewSuppression,
    last_hand_out: Option<i64>,
    now: Timestamp,
) -> Result<i64> {
    maybe_suppressed::owners_of(&mut *connection, [suppression.phone.reveal()]).await?;
    let version = newest(&mut *connection, keys).await?;
    let seller = if fault::is_on(Fault::SuppressionNotKept) { Some("") } else { suppression.seller.as_deref() };
    sqlx::query_scalar::<Engine, i64>(
        "-- suppression: a number
        INSERT INTO suppression (phone_hash, key_version, seller, campaign_id, reason, created_by, created_at_ms, after_assignment_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
    )
    .bind(new_hash(keys, &suppression.phone, version)?)
    .bind(version)
    .bind(seller)
    .bind(suppression.campaign.map(|campaign| campaign.0))
    .bind(&suppression.reason)
    .bind(suppression.by.map(|user| user.0))
    .bind(now.as_millisecond())
    .bind(last_hand_out)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

/// Whether the same person has said the very same: they were not answered, and say it again.
async fn was_said_before(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    suppression: &NewSuppression,
) -> Result<bool> {
    let version = newest(&mut *connection, keys).await?;
    let found = sqlx::query_scalar::<Engine, i64>(
        "-- suppression: the same, said before
        SELECT id FROM suppression WHERE phone_hash = $1 AND register_id IS NULL AND COALESCE(seller, '') = COALESCE($2, '')
            AND COALESCE(campaign_id, 0) = COALESCE($3, 0) AND reason = $4 AND COALESCE(created_by, 0) = COALESCE($5, 0)
        LIMIT 1",
    )
    .bind(new_hash(keys, &suppression.phone, version)?)
    .bind(&suppression.seller)
    .bind(suppression.campaign.map(|campaign| campaign.0))
    .bind(&suppression.reason)
    .bind(suppression.by.map(|user| user.0))
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(found.is_some())
}

pub(super) async fn suppress(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    suppression: &NewSuppression,
    now: Timestamp,
) -> Result<u64> {
    let inserted = match was_said_before(&mut *connection, keys, suppression).await? {
        true => None,
        false => Some(insert(&mut *connection, keys, suppression, None, now).await?),
    };
    let client: Option<i64> = sqlx::query_scalar::<Engine, i64>(
        "-- suppression: whose phone it is
        SELECT id FROM client WHERE phone = $1 UNION ALL SELECT client_id FROM client_phone WHERE phone = $1",
    )
    .bind(suppression.phone.reveal())
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let Some(client) = client else { return Ok(0) };
    lock_client(&mut *connection, client).await?;
    if let Some(inserted) = inserted {
        note_last_hand_out(&mut *connection, inserted, client).await?;
    }
    close_leads(connection, client, suppression.seller.as_deref(), suppression.campaign, now).await
}

/// Keeps which hand-out of its person came last before a suppression: only those after it are judged by it.
async fn note_last_hand_out(connection: &mut Connection, suppression: i64, client: i64) -> Result<()> {
    let last = last_hand_out(&mut *connection, client).await?;
    let noted = sqlx::query(
        "-- suppression: which hand-out of its person came last before it
        UPDATE suppression SET after_assignment_id = $2 WHERE id = $1",
    )
    .bind(suppression)
    .bind(last)
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(noted.rows_affected(), "suppression")
}

#[derive(sqlx::FromRow)]
struct SuppressionRow {
    id: i64,
    phone_hash: String,
    seller: Option<String>,
    campaign: Option<String>,
    reason: String,
    created_at_ms: i64,
    entered_by: Option<String>,
    register: Option<String>,
    as_of: Option<String>,
}

impl SuppressionRow {
    fn into_suppression(self, asked: &Asked<'_>) -> Result<Suppression> {
        let origin = Origin::new("suppression", self.id);
        Ok(Suppression {
            phone: mask(origin.need("phone_hash", asked.phone(&self.phone_hash))?),
            seller: self.seller,
            campaign: self.campaign,
            reason: self.reason,
            since: origin.instant("created_at_ms", self.created_at_ms)?,
            by: self.entered_by,
            register: self.register,
            as_of: origin.parse_some("as_of", self.as_of.as_deref())?,
        })
    }
}

/// Suppressions of a phone and of every number of whoever it belongs to, the oldest first.
pub(super) async fn against(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    about: &About,
) -> Result<Vec<Suppression>> {
    let (client, phone) = whom(&mut *connection, about).await?;
    let theirs = match client {
        Some(client) => phones_of(&mut *connection, client).await?,
        None => Vec::new(),
    };
    let origin = Origin::new("client", client.unwrap_or_default());
    let asked = Asked::about(keys, origin, theirs.iter().map(E164::reveal).chain(phone))?;
    let rows = sqlx::query_as::<Engine, SuppressionRow>(concat!(
        "-- why: what stands against a person or a phone
        SELECT suppression.id, suppression.phone_hash, suppression.seller, campaign.campaign, suppression.reason,
            suppression.created_at_ms, app_user.name AS entered_by, register.name AS register,
            CASE WHEN register.generation >= suppression.register_generation THEN register.as_of END AS as_of
        FROM suppression
        LEFT JOIN campaign ON campaign.id = suppression.campaign_id
        LEFT JOIN app_user ON app_user.id = suppression.created_by
        LEFT JOIN register ON register.id = suppression.register_id
        WHERE ",
        dialect::among!("suppression.phone_hash", "$1"),
        " ORDER BY suppression.id LIMIT 100"
    ))
    .bind(asked.hashes())
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    newest(connection, keys).await?;
    rows.into_iter().map(|row| row.into_suppression(&asked)).collect()
}

/// The person in question, if they are known, and the phone that was named.
async fn whom<'a>(connection: &mut Connection, about: &'a About) -> Result<(Option<i64>, Option<&'a str>)> {
    let (statement, id, phone) = match about {
        About::Client(client) => return Ok((Some(client.0), None)),
        About::Lead(lead) => {
            ("-- why: whose lead it is\nSELECT client_id FROM lead WHERE $2 IS NULL
                AND id IN (SELECT CAST($1 AS BIGINT) UNION ALL SELECT kept_lead_id FROM lead_merge WHERE merged_lead_id = $1)", lead.0, None)
        }
        About::Assignment(assignment) => (
            "-- why: who was handed out\nSELECT client_id FROM assignment WHERE id = $1 AND $2 IS NULL",
            assignment.0,
            None,
        ),
        About::Phone(phone) => (
            "-- why: whose phone it is
            SELECT id FROM client WHERE phone = $2 AND $1 = 0
            UNION ALL SELECT client_id FROM client_phone WHERE phone = $2 AND $1 = 0",
            0,
            Some(phone.reveal()),
        ),
    };
    let client = sqlx::query_scalar::<Engine, i64>(statement)
        .bind(id)
        .bind(phone)
        .fetch_optional(connection)
        .await
        .map_err(failed)?;
    Ok((client, phone))
}
