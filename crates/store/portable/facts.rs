//! What decides about calling people, read where leads are handed out and where somebody asks why: one statement of each kind for all of
//! them.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::eligibility::Facts;
use relance_domain::fault::{self, Fault};
use relance_domain::rules::{LastEvents, RegisterHit, Try};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{CampaignId, ClientId};
use relance_store::Result;
use serde::Serialize;

use super::rows::{Origin, to_json};
use super::suppression_hash::{Asked, everything_against};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// The days of the latest files of registers, by name.
pub(super) type RegisterDays = BTreeMap<String, Date>;

/// Whom the facts are about, and the call for which they are asked.
pub(super) struct Person<'a> {
    pub(super) client: ClientId,
    /// The number dialled first.
    pub(super) phone: &'a str,
    pub(super) seller: &'a str,
    pub(super) campaign: CampaignId,
    /// How far back hand-outs count.
    pub(super) tries_since: Timestamp,
}

/// What the calling rules look at in a person whichever number is dialled, except the registers and the licence of the lead's list.
#[derive(Default)]
pub(super) struct Known {
    suppressed: bool,
    hits: Vec<RegisterHit>,
    further_phones: Vec<String>,
    open_until: Option<Timestamp>,
    last: LastEvents,
    last_handed_at: Option<Timestamp>,
    tries: Vec<TryOf>,
}

/// A hand-out that counts as a try.
struct TryOf {
    at: Timestamp,
    subject: String,
    phone_position: i64,
    connected: Option<bool>,
}

impl Known {
    /// Whether the person has more than one number.
    pub(super) fn has_further_phones(&self) -> bool {
        !self.further_phones.is_empty()
    }

    /// The facts of a call about a subject to one of the person's numbers.
    pub(super) fn facts(&self, subject: &str, phone_position: i64) -> Facts {
        let tries = self.tries.iter().map(|tried| Try {
            at: tried.at,
            // Those of before subjects were kept count for every subject.
            same_subject: tried.subject.is_empty() || tried.subject == subject,
            same_number: tried.phone_position == phone_position,
            connected: tried.connected,
        });
        Facts {
            suppressed: self.suppressed,
            hits: fault::forgets(Fault::RegisterIgnored, self.hits.clone()),
            registers: BTreeMap::new(),
            open_elsewhere_until: self.open_until,
            tries: tries.collect(),
            last: self.last,
            last_handed_at: self.last_handed_at,
            licence_until: None,
        }
    }
}

/// What is known of some people, in their order.
pub(super) async fn of(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    people: &[Person<'_>],
) -> Result<Vec<Known>> {
    let mut known = past(&mut *connection, people).await?;
    suppressions(&mut *connection, keys, people, &mut known).await?;
    tries(connection, people, &mut known).await?;
    Ok(known)
}

#[derive(sqlx::FromRow)]
struct PastRow {
    /// Further numbers, as JSON.
    further: Option<String>,
    open_until_ms: Option<i64>,
    handed_at_ms: Option<i64>,
    refused_at_ms: Option<i64>,
    objected_at_ms: Option<i64>,
    abandoned_at_ms: Option<i64>,
    spoken_at_ms: Option<i64>,
}

impl PastRow {
    fn into_known(self, client: ClientId) -> Result<Known> {
        let origin = Origin::new("client", client.0);
        let instant = |column, ms| origin.instant_some(column, ms);
        Ok(Known {
            further_phones: self.further.map_or(Ok(Vec::new()), |further| origin.json("phone", &further))?,
            open_until: fault::forgets(Fault::OpenElsewhereIgnored, instant("lease_until_ms", self.open_until_ms)?),
            last: LastEvents {
                refusal: fault::forgets(Fault::CoolDownForgotten, instant("refused_at_ms", self.refused_at_ms)?),
                objection: instant("objected_at_ms", self.objected_at_ms)?,
                abandoned: instant("abandoned_at_ms", self.abandoned_at_ms)?,
                conversation: instant("spoken_at_ms", self.spoken_at_ms)?,
                machine_hang_up: None,
            },
            last_handed_at: instant("handed_at_ms", self.handed_at_ms)?,
            ..Known::default()
        })
    }
}

/// A person, as a statement asks about them.
#[derive(Serialize)]
struct PersonSent<'a> {
    who: usize,
    client: ClientId,
    seller: &'a str,
    since_ms: i64,
}

fn sent<'a>((who, person): (usize, &'a Person<'a>)) -> PersonSent<'a> {
    let Person { client, seller, tries_since, .. } = *person;
    PersonSent { who, client, seller, since_ms: tries_since.as_millisecond() }
}

/// The person that a row names, who was sent with the statement.
fn whose(who: i64) -> usize {
    usize::try_from(who).unwrap_or(usize::MAX)
}

/// Further numbers, open assignments, and when things last happened between each person and the seller.
async fn past(connection: &mut Connection, people: &[Person<'_>]) -> Result<Vec<Known>> {
    let asked: Vec<PersonSent<'_>> = people.iter().enumerate().map(sent).collect();
    let rows = sqlx::query_as::<Engine, PastRow>(concat!(
        "-- facts: further numbers, open assignments, last events between people and sellers
        SELECT CAST(sent.value ->> 'who' AS BIGINT) AS who,
            (SELECT ",
        dialect::gathered!("phone"),
        " FROM client_phone WHERE client_id = CAST(sent.value ->> 'client' AS BIGINT)) AS further,
            (SELECT lease_until_ms FROM assignment
                WHERE client_id = CAST(sent.value ->> 'client' AS BIGINT) AND ended_at_ms IS NULL) AS open_until_ms,
            (SELECT MAX(handed_at_ms) FROM assignment
                WHERE client_id = CAST(sent.value ->> 'client' AS BIGINT) AND seller = sent.value ->> 'seller') AS handed_at_ms,
            MAX(CASE WHEN counts_as = 'refusal' THEN recorded_at_ms END) AS refused_at_ms,
            MAX(CASE WHEN counts_as = 'objection' THEN recorded_at_ms END) AS objected_at_ms,
            MAX(CASE WHEN counts_as = 'abandoned' THEN recorded_at_ms END) AS abandoned_at_ms,
            MAX(CASE WHEN class NOT IN ('no_answer', 'busy', 'machine', 'unreachable') AND counts_as <> 'abandoned'
                THEN recorded_at_ms END) AS spoken_at_ms
        FROM ",
        dialect::sent!("$1"),
        " LEFT JOIN attempt ON attempt.client_id = CAST(sent.value ->> 'client' AS BIGINT)
            AND attempt.seller = sent.value ->> 'seller'
        GROUP BY sent.value
        ORDER BY 1"
    ))
    .bind(to_json(&asked))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    rows.into_iter().zip(people).map(|(row, person)| row.into_known(person.client)).collect()
}

/// Whether numbers are suppressed for the campaigns, and the registers that any stands in.
async fn suppressions(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    people: &[Person<'_>],
    known: &mut [Known],
) -> Result<()> {
    let numbers = known.iter().zip(people).enumerate().flat_map(|(who, (known, person))| {
        let further = known.further_phones.iter().map(String::as_str);
        std::iter::once(person.phone).chain(further).map(move |phone| (who, phone))
    });
    let mut who_has: HashMap<&str, Vec<usize>> = HashMap::new();
    for (who, phone) in numbers {
        who_has.entry(phone).or_default().push(who);
    }
    let origin = Origin::new("client", people.first().map_or(0, |person| person.client.0));
    let asked = Asked::about(keys, origin, who_has.keys().copied())?;
    let mut found: Vec<(usize, Option<RegisterHit>)> = Vec::new();
    for standing in everything_against(connection, keys, &asked).await? {
        for who in who_has.get(standing.phone).into_iter().flatten().copied() {
            if standing.is_for(people[who].seller, people[who].campaign.0) {
                let register = standing.register.clone();
                found.push((who, register.map(|register| RegisterHit { register, since: standing.as_of })));
            }
        }
    }
    for (who, hit) in found {
        match hit {
            None => known[who].suppressed = true,
            Some(hit) => known[who].hits.push(hit),
        }
    }
    Ok(())
}

type TryRow = (i64, i64, String, i64, Option<String>);

/// Hand-outs of the people for their sellers that count as tries. One that was taken back counts, for nobody knows; one that was
/// handed back as not called does not, unless an outcome came in late after all.
async fn tries(connection: &mut Connection, people: &[Person<'_>], known: &mut [Known]) -> Result<()> {
    // Whoever was never handed out for a seller was never tried.
    let was_handed_out = |who: usize| known[who].last_handed_at.is_some();
    let asked: Vec<PersonSent<'_>> =
        people.iter().enumerate().filter(|(who, _)| was_handed_out(*who)).map(sent).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query_as::<Engine, TryRow>(concat!(
        "-- facts: tries of people for sellers
        SELECT CAST(sent.value ->> 'who' AS BIGINT), assignment.handed_at_ms, assignment.subject, assignment.phone_position,
            attempt.class
        FROM ",
        dialect::sent!("$1"),
        " JOIN assignment ON assignment.client_id = CAST(sent.value ->> 'client' AS BIGINT)
            AND assignment.seller = sent.value ->> 'seller'
            AND assignment.handed_at_ms > CAST(sent.value ->> 'since_ms' AS BIGINT)
            AND (assignment.ending IS NULL OR assignment.ending <> 'returned'
                OR (SELECT MIN(late_outcome.id) FROM late_outcome WHERE late_outcome.assignment_id = assignment.id) IS NOT NULL)
        LEFT JOIN attempt ON attempt.assignment_id = assignment.id"
    ))
    .bind(to_json(&asked))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let counts = |(.., class): &TryRow| class.is_some() || !fault::is_on(Fault::CapCountsAttempts);
    for (who, handed_at_ms, subject, phone_position, class) in rows.into_iter().filter(counts) {
        let who = whose(who);
        let (Some(known), Some(person)) = (known.get_mut(who), people.get(who)) else { continue };
        let at = Origin::new("assignment", person.client.0).instant("handed_at_ms", handed_at_ms)?;
        known.tries.push(TryOf { at, subject, phone_position, connected: class.as_deref().map(was_connected) });
    }
    Ok(())
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

/// Key, name, seller, campaign and the day of its latest file.
pub(super) type RegisterRow = (i64, String, Option<String>, Option<i64>, String);

/// The registers that have a file.
pub(super) async fn registers(connection: &mut Connection) -> Result<Vec<Kept>> {
    let rows = sqlx::query_as::<Engine, RegisterRow>(
        "-- facts: the registers, by their latest files
        SELECT id, name, seller, campaign_id, as_of FROM register WHERE as_of IS NOT NULL",
    )
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    kept(rows)
}

/// Registers as the rules look at them.
pub(super) fn kept(rows: Vec<RegisterRow>) -> Result<Vec<Kept>> {
    rows.into_iter()
        .map(|(id, name, seller, campaign, as_of)| {
            let as_of = Origin::new("register", id).parse("as_of", &as_of)?;
            Ok(Kept { name, seller, campaign, as_of })
        })
        .collect()
}

/// The days of the latest files that hold for a campaign of a seller.
pub(super) fn days_for(registers: &[Kept], seller: &str, campaign: CampaignId) -> RegisterDays {
    let mut days: RegisterDays = BTreeMap::new();
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
pub(super) async fn days_of(connection: &mut Connection, seller: &str, campaign: CampaignId) -> Result<RegisterDays> {
    Ok(days_for(&registers(connection).await?, seller, campaign))
}
