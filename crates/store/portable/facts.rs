//! What decides about calling a person, read where a lead is handed out and where somebody asks why.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::eligibility::Facts;
use relance_domain::fault::{self, Fault};
use relance_domain::rules::{LastEvents, RegisterHit, Try};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{CampaignId, ClientId};
use relance_store::Result;

use super::rows::Origin;
use super::suppression_hash::{Asked, newest};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Whom the facts are about, and the call for which they are asked.
pub(super) struct Person<'a> {
    pub(super) client: ClientId,
    /// The number dialled first.
    pub(super) phone: &'a str,
    pub(super) seller: &'a str,
    pub(super) campaign: CampaignId,
    /// What the call is about.
    pub(super) subject: &'a str,
    /// Which of the client's numbers would be dialled.
    pub(super) phone_position: i64,
}

/// What the calling rules look at, except the registers and the licence of the lead's list.
pub(super) async fn facts_of(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    person: Person<'_>,
    tries_since: Timestamp,
) -> Result<Facts> {
    let origin = Origin::new("client", person.client.0);
    let past = past(&mut *connection, &person).await?;
    let further: Vec<String> = past.further.map_or(Ok(Vec::new()), |further| origin.json("phone", &further))?;
    let phones = std::iter::once(person.phone).chain(further.iter().map(String::as_str));
    let asked = Asked::about(keys, origin, phones)?;
    let (suppressed, hits) = suppressions(&mut *connection, &asked, &person).await?;
    newest(&mut *connection, keys).await?;
    let instant = |column, ms| origin.instant_some(column, ms);
    Ok(Facts {
        suppressed,
        hits: fault::forgets(Fault::RegisterIgnored, hits),
        registers: BTreeMap::new(),
        open_elsewhere_until: fault::forgets(
            Fault::OpenElsewhereIgnored,
            instant("lease_until_ms", past.open_until_ms)?,
        ),
        tries: tries(connection, &person, tries_since).await?,
        last: LastEvents {
            refusal: fault::forgets(Fault::CoolDownForgotten, instant("refused_at_ms", past.refused_at_ms)?),
            objection: instant("objected_at_ms", past.objected_at_ms)?,
            abandoned: instant("abandoned_at_ms", past.abandoned_at_ms)?,
            conversation: instant("spoken_at_ms", past.spoken_at_ms)?,
            machine_hang_up: None,
        },
        last_handed_at: instant("handed_at_ms", past.handed_at_ms)?,
        licence_until: None,
    })
}

#[derive(sqlx::FromRow)]
struct Past {
    /// Further numbers, as JSON.
    further: Option<String>,
    open_until_ms: Option<i64>,
    handed_at_ms: Option<i64>,
    refused_at_ms: Option<i64>,
    objected_at_ms: Option<i64>,
    abandoned_at_ms: Option<i64>,
    spoken_at_ms: Option<i64>,
}

/// When things last happened between the person and the seller.
async fn past(connection: &mut Connection, person: &Person<'_>) -> Result<Past> {
    sqlx::query_as::<Engine, Past>(concat!(
        "-- facts: further numbers, open assignment, last events between the person and the seller
        SELECT
            (SELECT ",
        dialect::gathered!("phone"),
        " FROM client_phone WHERE client_id = $1) AS further,
            (SELECT lease_until_ms FROM assignment WHERE client_id = $1 AND ended_at_ms IS NULL) AS open_until_ms,
            (SELECT MAX(handed_at_ms) FROM assignment WHERE client_id = $1 AND seller = $2) AS handed_at_ms,
            MAX(CASE WHEN counts_as = 'refusal' THEN recorded_at_ms END) AS refused_at_ms,
            MAX(CASE WHEN counts_as = 'objection' THEN recorded_at_ms END) AS objected_at_ms,
            MAX(CASE WHEN counts_as = 'abandoned' THEN recorded_at_ms END) AS abandoned_at_ms,
            MAX(CASE WHEN class NOT IN ('no_answer', 'busy', 'machine', 'unreachable') AND counts_as <> 'abandoned'
                THEN recorded_at_ms END) AS spoken_at_ms
        FROM attempt WHERE client_id = $1 AND seller = $2"
    ))
    .bind(person.client.0)
    .bind(person.seller)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

/// Whether one of the numbers is suppressed for the campaign, and the registers that any stands in.
async fn suppressions(
    connection: &mut Connection,
    asked: &Asked<'_>,
    person: &Person<'_>,
) -> Result<(bool, Vec<RegisterHit>)> {
    // A file of a register that is being written counts already, but not its day.
    let rows = sqlx::query_as::<Engine, (Option<String>, Option<String>)>(concat!(
        "-- facts: what stands against the person's numbers
        SELECT register.name, CASE WHEN register.generation >= suppression.register_generation THEN register.as_of END
        FROM suppression LEFT JOIN register ON register.id = suppression.register_id
        WHERE ",
        dialect::among!("suppression.phone_hash", "$1"),
        "
            AND (suppression.seller IS NULL OR suppression.seller = $2)
            AND (suppression.campaign_id IS NULL OR suppression.campaign_id = $3)"
    ))
    .bind(asked.hashes())
    .bind(person.seller)
    .bind(person.campaign.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let suppressed = rows.iter().any(|(register, _)| register.is_none());
    let origin = Origin::new("register", person.client.0);
    let hit = |(register, as_of): (Option<String>, Option<String>)| {
        let since = origin.parse_some("as_of", as_of.as_deref());
        register.map(|register| Ok(RegisterHit { register, since: since? }))
    };
    Ok((suppressed, rows.into_iter().filter_map(hit).collect::<Result<_>>()?))
}

type TryRow = (i64, String, i64, Option<String>);

/// Hand-outs of the person for the seller that count as tries. One that was taken back counts, for nobody knows; one that was handed
/// back as not called does not, unless an outcome came in late after all.
async fn tries(connection: &mut Connection, person: &Person<'_>, since: Timestamp) -> Result<Vec<Try>> {
    let rows = sqlx::query_as::<Engine, TryRow>(
        "-- facts: tries of the person for the seller
        SELECT assignment.handed_at_ms, assignment.subject, assignment.phone_position, attempt.class
        FROM assignment LEFT JOIN attempt ON attempt.assignment_id = assignment.id
        WHERE assignment.client_id = $1 AND assignment.seller = $2 AND assignment.handed_at_ms > $3
            AND (assignment.ending IS NULL OR assignment.ending <> 'returned'
                OR EXISTS (SELECT 1 FROM late_outcome WHERE late_outcome.assignment_id = assignment.id))",
    )
    .bind(person.client.0)
    .bind(person.seller)
    .bind(since.as_millisecond())
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let origin = Origin::new("assignment", person.client.0);
    rows.into_iter()
        .filter(|(.., class)| class.is_some() || !fault::is_on(Fault::CapCountsAttempts))
        .map(|(handed_at_ms, subject, phone_position, class)| {
            Ok(Try {
                at: origin.instant("handed_at_ms", handed_at_ms)?,
                // Those of before subjects were kept count for every subject.
                same_subject: subject.is_empty() || subject == person.subject,
                same_number: phone_position == person.phone_position,
                connected: class.as_deref().map(was_connected),
            })
        })
        .collect()
}

/// Whether somebody was reached in an attempt of this class.
pub(super) fn was_connected(class: &str) -> bool {
    !matches!(class, "no_answer" | "busy" | "machine" | "unreachable")
}

/// A register as the rules look at it.
pub(super) struct Kept {
    name: String,
    seller: Option<String>,
    campaign: Option<i64>,
    as_of: Date,
}

/// The registers that have a file.
pub(super) async fn registers(connection: &mut Connection) -> Result<Vec<Kept>> {
    let rows = sqlx::query_as::<Engine, (i64, String, Option<String>, Option<i64>, String)>(
        "-- facts: the registers, by their latest files
        SELECT id, name, seller, campaign_id, as_of FROM register WHERE as_of IS NOT NULL",
    )
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    rows.into_iter()
        .map(|(id, name, seller, campaign, as_of)| {
            let as_of = Origin::new("register", id).parse("as_of", &as_of)?;
            Ok(Kept { name, seller, campaign, as_of })
        })
        .collect()
}

/// The days of the latest files that hold for a campaign of a seller.
pub(super) fn days_for(registers: &[Kept], seller: &str, campaign: CampaignId) -> BTreeMap<String, Date> {
    let mut days: BTreeMap<String, Date> = BTreeMap::new();
    let holds = |kept: &&Kept| {
        kept.seller.as_deref().is_none_or(|of| of == seller) && kept.campaign.is_none_or(|of| of == campaign.0)
    };
    for kept in registers.iter().filter(holds) {
        let day = days.entry(kept.name.clone()).or_insert(kept.as_of);
        *day = (*day).max(kept.as_of);
    }
    days
}

/// The same, read now.
pub(super) async fn days_of(
    connection: &mut Connection,
    seller: &str,
    campaign: CampaignId,
) -> Result<BTreeMap<String, Date>> {
    Ok(days_for(&registers(connection).await?, seller, campaign))
}
