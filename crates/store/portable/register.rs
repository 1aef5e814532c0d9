//! Do-not-call registers. A new file is written beside the present one and suppresses from its first number on; in one step it
//! then counts instead of the older one, whose numbers are swept after that. A process that dies half-way leaves too many
//! suppressions behind, never too few.

use jiff::Timestamp;
use jiff::civil::Date;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{E164, RegisterId, UserId};
use relance_store::register::{NewRegister, OpenRegister, Register};
use relance_store::{Result, StoreError};

use super::bulk::{Rows, Target};
use super::maybe_suppressed;
use super::rows::{Origin, exactly_one};
use super::suppression_hash::{new_hash, newest};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

pub(super) async fn begin(connection: &mut Connection, new: &NewRegister) -> Result<OpenRegister> {
    let campaign = new.campaign.map(|campaign| campaign.0);
    sqlx::query(
        "-- register: one that is new
        INSERT INTO register (name, seller, campaign_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(&new.register)
    .bind(&new.seller)
    .bind(campaign)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let (id, generation, present) = sqlx::query_as::<Engine, (i64, i64, Option<String>)>(
        "-- register: begin a file; one that is being written is given up
        UPDATE register SET begun_generation = begun_generation + 1, begun_numbers = 0
        WHERE name = $1 AND COALESCE(seller, '') = COALESCE($2, '') AND COALESCE(campaign_id, 0) = COALESCE($3, 0)
        RETURNING id, begun_generation, as_of",
    )
    .bind(&new.register)
    .bind(&new.seller)
    .bind(campaign)
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    let present: Option<Date> = Origin::new("register", id).parse_some("as_of", present.as_deref())?;
    match present.filter(|present| *present > new.as_of) {
        None => Ok(OpenRegister { id: RegisterId(id), generation }),
        Some(present) => Err(StoreError::Conflict(format!(
            "this file of {} is as of {}, and one as of {present} is loaded already: an older file would lift newer suppressions",
            new.register, new.as_of
        ))),
    }
}

static NUMBER: Target = Target {
    table: "suppression",
    columns: &[
        "phone_hash",
        "key_version",
        "seller",
        "campaign_id",
        "reason",
        "created_by",
        "created_at_ms",
        "register_id",
        "register_generation",
    ],
};

pub(super) async fn add(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    open: OpenRegister,
    phones: &[E164],
    by: Option<UserId>,
    now: Timestamp,
) -> Result<()> {
    let (name, seller, campaign) = sqlx::query_as::<Engine, (String, Option<String>, Option<i64>)>(
        "-- register: the file is still the one being written
        UPDATE register SET begun_numbers = begun_numbers + $3 WHERE id = $1 AND begun_generation = $2 AND generation < $2
        RETURNING name, seller, campaign_id",
    )
    .bind(open.id.0)
    .bind(open.generation)
    .bind(i64::try_from(phones.len()).unwrap_or(i64::MAX))
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?
    .ok_or_else(overtaken)?;
    let reason = format!("stands in the register {name}");
    let version = newest(&mut *connection, keys).await?;
    let hashes: Vec<String> = phones.iter().map(|phone| new_hash(keys, phone, version)).collect::<Result<_>>()?;
    let mut rows = Rows::new(&NUMBER);
    for hash in &hashes {
        rows.push([
            hash.as_str().into(),
            version.into(),
            (&seller).into(),
            campaign.into(),
            reason.as_str().into(),
            by.map(|user| user.0).into(),
            now.as_millisecond().into(),
            open.id.0.into(),
            open.generation.into(),
        ]);
    }
    dialect::insert(&mut *connection, &rows).await?;
    maybe_suppressed::owners_of(connection, phones.iter().map(E164::reveal)).await
}

fn overtaken() -> StoreError {
    StoreError::Conflict("another file of this register was begun meanwhile: that one counts".into())
}

pub(super) async fn commit(
    connection: &mut Connection,
    open: OpenRegister,
    as_of: Date,
    now: Timestamp,
) -> Result<Register> {
    let numbers = sqlx::query_scalar::<Engine, i64>(
        "-- register: from now on this file counts
        UPDATE register SET generation = $2, as_of = $3, numbers = begun_numbers, loaded_at_ms = $4
        WHERE id = $1 AND begun_generation = $2 AND generation < $2
        RETURNING numbers",
    )
    .bind(open.id.0)
    .bind(open.generation)
    .bind(as_of.to_string())
    .bind(now.as_millisecond())
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?
    .ok_or_else(overtaken)?;
    if numbers == 0 {
        return Err(StoreError::Conflict(
            "the file holds no number: it would lift every suppression of the register".into(),
        ));
    }
    let kept = sqlx::query(
        "-- register: from when on the file counts, for whoever verifies hand-outs later
        INSERT INTO register_file (register_id, generation, as_of, counts_from_ms) VALUES ($1, $2, $3, $4)",
    )
    .bind(open.id.0)
    .bind(open.generation)
    .bind(as_of.to_string())
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(kept.rows_affected(), "register file")?;
    read(connection, Some(open.id)).await?.pop().ok_or_else(|| StoreError::not_found("register", open.id))
}

pub(super) async fn abandon(connection: &mut Connection, open: OpenRegister) -> Result<()> {
    sqlx::query(
        "-- register: give an open file up
        UPDATE register SET begun_generation = begun_generation + 1, begun_numbers = 0
        WHERE id = $1 AND begun_generation = $2 AND generation < $2",
    )
    .bind(open.id.0)
    .bind(open.generation)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(super) async fn sweep(connection: &mut Connection, limit: i64) -> Result<bool> {
    let swept = sqlx::query(
        "-- register: numbers of files that count no more
        DELETE FROM suppression WHERE id IN (
            SELECT id FROM (
                SELECT suppression.id FROM register CROSS JOIN suppression
                WHERE suppression.register_id = register.id AND suppression.register_generation < register.generation
                UNION ALL
                SELECT suppression.id FROM register CROSS JOIN suppression
                WHERE suppression.register_id = register.id AND suppression.register_generation > register.generation
                    AND suppression.register_generation < register.begun_generation) AS left_over
            LIMIT $1)",
    )
    .bind(limit)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(i64::try_from(swept.rows_affected()).unwrap_or(i64::MAX) < limit)
}

pub(super) async fn all(connection: &mut Connection) -> Result<Vec<Register>> {
    read(connection, None).await
}

type RegisterRow = (i64, String, Option<String>, Option<String>, String, i64, i64);

/// Registers that have had a whole file.
async fn read(connection: &mut Connection, one: Option<RegisterId>) -> Result<Vec<Register>> {
    let rows = sqlx::query_as::<Engine, RegisterRow>(
        "-- register: those that count
        SELECT register.id, register.name, register.seller, campaign.campaign, register.as_of, register.numbers,
            register.loaded_at_ms
        FROM register LEFT JOIN campaign ON campaign.id = register.campaign_id
        WHERE register.loaded_at_ms IS NOT NULL AND ($1 IS NULL OR register.id = $1)
        ORDER BY register.name, register.id",
    )
    .bind(one.map(|register| register.0))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    rows.into_iter()
        .map(|(id, register, seller, campaign, as_of, numbers, loaded_at_ms)| {
            let origin = Origin::new("register", id);
            let (as_of, loaded_at) = (origin.parse("as_of", &as_of)?, origin.instant("loaded_at_ms", loaded_at_ms)?);
            Ok(Register { register, seller, campaign, as_of, numbers, loaded_at })
        })
        .collect()
}
