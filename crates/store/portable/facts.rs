//! What decides about calling a person, read where a lead is handed out and where somebody asks why.

use jiff::Timestamp;
use relance_domain::eligibility::Facts;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{CampaignId, ClientId};
use relance_store::Result;

use super::rows::Origin;
use super::suppression_hash::{Asked, covered, standing};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Whom the facts are about.
pub(super) struct Person<'a> {
    pub(super) client: ClientId,
    pub(super) phone: &'a str,
    pub(super) seller: &'a str,
    pub(super) campaign: CampaignId,
}

/// Whether the first number is suppressed, the newest key, further numbers as JSON, and until when an assignment is open and since
/// when a refusal stands.
type FactsRow = (bool, i64, Option<String>, Option<i64>, Option<i64>);

/// What the calling rules look at, except the licence of the lead's list.
pub(super) async fn facts_of(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    person: Person<'_>,
    tries_since: Timestamp,
) -> Result<Facts> {
    let origin = Origin::new("client", person.client.0);
    let asked = Asked::about(keys, origin, [person.phone])?;
    let (suppressed, newest, further, open_until, refused_at) = sqlx::query_as::<Engine, FactsRow>(concat!(
        "-- facts: suppression of the first number, further ones, open assignment, last refusal of the seller
        SELECT
            EXISTS (SELECT 1 FROM suppression WHERE ",
        dialect::among!("phone_hash", "$1"),
        "
                AND (seller IS NULL OR seller = $2)
                AND (campaign_id IS NULL OR campaign_id = $3)),
            (SELECT COALESCE(MAX(version), 0) FROM suppression_key),
            (SELECT ",
        dialect::gathered!("phone"),
        " FROM client_phone WHERE client_id = $4),
            (SELECT lease_until_ms FROM assignment WHERE client_id = $4 AND ended_at_ms IS NULL),
            (SELECT MAX(recorded_at_ms) FROM attempt WHERE client_id = $4 AND seller = $2 AND class = 'refusal')"
    ))
    .bind(asked.hashes())
    .bind(person.seller)
    .bind(person.campaign.0)
    .bind(person.client.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    covered(keys, newest)?;
    let further: Vec<String> = further.map_or(Ok(Vec::new()), |further| origin.json("phone", &further))?;
    let suppressed = suppressed || {
        let asked = Asked::about(keys, origin, further.iter().map(String::as_str))?;
        !further.is_empty() && !standing(&mut *connection, keys, &asked, person.campaign.0).await?.is_empty()
    };
    let tries: Vec<i64> = sqlx::query_scalar::<Engine, i64>(
        "-- facts: tries of the person for the seller; an assignment taken back counts, for nobody knows
        SELECT handed_at_ms FROM assignment WHERE client_id = $1 AND seller = $2 AND handed_at_ms > $3",
    )
    .bind(person.client.0)
    .bind(person.seller)
    .bind(tries_since.as_millisecond())
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(Facts {
        suppressed,
        open_elsewhere_until: origin.instant_some("lease_until_ms", open_until)?,
        tries: tries.into_iter().map(|ms| origin.instant("handed_at_ms", ms)).collect::<Result<_>>()?,
        last_refusal: origin.instant_some("recorded_at_ms", refused_at)?,
        licence_until: None,
    })
}
