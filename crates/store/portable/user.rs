//! Users.

use jiff::Timestamp;
use relance_domain::UserId;
use relance_domain::abilities::Abilities;
use relance_store::user::{Away, NewUser, User};
use relance_store::{Result, StoreError};

use super::lane;
use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine};

#[derive(sqlx::FromRow)]
struct UserRow {
    id: i64,
    name: String,
    role: String,
    created_at_ms: i64,
    disabled_at_ms: Option<i64>,
    away_from_ms: Option<i64>,
    away_until_ms: Option<i64>,
    skills: String,
    languages: String,
}

impl UserRow {
    fn into_user(self) -> Result<User> {
        let origin = Origin::new("app_user", self.id);
        let away_from = origin.instant_some("away_from_ms", self.away_from_ms)?;
        let away_until = origin.instant_some("away_until_ms", self.away_until_ms)?;
        Ok(User {
            id: UserId(self.id),
            role: origin.parse("role", &self.role)?,
            name: self.name,
            created_at: origin.instant("created_at_ms", self.created_at_ms)?,
            disabled_at: origin.instant_some("disabled_at_ms", self.disabled_at_ms)?,
            away: away_from.zip(away_until).map(|(from, until)| Away { from, until }),
            skills: origin.json("skills", &self.skills)?,
            languages: origin.json("languages", &self.languages)?,
        })
    }
}

pub(super) async fn add(connection: &mut Connection, user: &NewUser, now: Timestamp) -> Result<User> {
    sqlx::query_as::<Engine, UserRow>(
        "-- user: add, unless the name is taken
        INSERT INTO app_user (name, role, token_sha256, created_at_ms, skills, languages)
        VALUES ($1, $2, $3, $4, COALESCE($5, '[]'), COALESCE($6, '[]'))
        ON CONFLICT DO NOTHING
        RETURNING id, name, role, created_at_ms, disabled_at_ms, away_from_ms, away_until_ms, skills,
            languages",
    )
    .bind(&user.name)
    .bind(user.role.as_str())
    .bind(&user.token_sha256)
    .bind(now.as_millisecond())
    .bind(user.abilities.skills.as_ref().map(to_json))
    .bind(user.abilities.languages.as_ref().map(to_json))
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::Conflict(format!("there is a user {:?} already", user.name)))?
    .into_user()
}

pub(super) async fn all(connection: &mut Connection) -> Result<Vec<User>> {
    sqlx::query_as::<Engine, UserRow>(
        "-- user: everybody
        SELECT id, name, role, created_at_ms, disabled_at_ms, away_from_ms, away_until_ms, skills,
            languages FROM app_user ORDER BY name",
    )
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(UserRow::into_user)
    .collect()
}

pub(super) async fn by_name(connection: &mut Connection, name: &str) -> Result<User> {
    sqlx::query_as::<Engine, UserRow>(
        "-- user: by name
        SELECT id, name, role, created_at_ms, disabled_at_ms, away_from_ms, away_until_ms, skills,
            languages FROM app_user WHERE name = $1",
    )
    .bind(name)
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("user", name))?
    .into_user()
}

pub(super) async fn by_token(connection: &mut Connection, token_sha256: &str) -> Result<Option<User>> {
    sqlx::query_as::<Engine, UserRow>(
        "-- user: by token, unless disabled
        SELECT id, name, role, created_at_ms, disabled_at_ms, away_from_ms, away_until_ms, skills,
            languages FROM app_user
        WHERE token_sha256 = $1 AND disabled_at_ms IS NULL",
    )
    .bind(token_sha256)
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .map(UserRow::into_user)
    .transpose()
}

pub(super) async fn set_abilities(connection: &mut Connection, name: &str, abilities: &Abilities) -> Result<User> {
    sqlx::query_as::<Engine, UserRow>(
        "-- user: what they can do; what is not said stays
        UPDATE app_user SET skills = COALESCE($2, skills), languages = COALESCE($3, languages) WHERE name = $1
        RETURNING id, name, role, created_at_ms, disabled_at_ms, away_from_ms, away_until_ms, skills,
            languages",
    )
    .bind(name)
    .bind(abilities.skills.as_ref().map(to_json))
    .bind(abilities.languages.as_ref().map(to_json))
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("user", name))?
    .into_user()
}

pub(super) async fn disable(connection: &mut Connection, name: &str, now: Timestamp) -> Result<User> {
    let user = sqlx::query_as::<Engine, UserRow>(
        "-- user: lock out; twice changes nothing
        UPDATE app_user SET disabled_at_ms = COALESCE(disabled_at_ms, $2) WHERE name = $1
        RETURNING id, name, role, created_at_ms, disabled_at_ms, away_from_ms, away_until_ms, skills,
            languages",
    )
    .bind(name)
    .bind(now.as_millisecond())
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("user", name))?
    .into_user()?;
    sqlx::query(
        "-- user: promises of somebody who is gone are anybody's
        UPDATE callback SET operator_id = NULL, escalated_at_ms = $2 WHERE operator_id = $1 AND state = 'open'",
    )
    .bind(user.id.0)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    lane::release_reserved(connection, user.id).await?;
    Ok(user)
}

pub(super) async fn set_away(connection: &mut Connection, name: &str, away: Option<Away>) -> Result<User> {
    sqlx::query_as::<Engine, UserRow>(
        "-- user: away, or back
        UPDATE app_user SET away_from_ms = $2, away_until_ms = $3 WHERE name = $1
        RETURNING id, name, role, created_at_ms, disabled_at_ms, away_from_ms, away_until_ms, skills, languages",
    )
    .bind(name)
    .bind(away.map(|away| away.from.as_millisecond()))
    .bind(away.map(|away| away.until.as_millisecond()))
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("user", name))?
    .into_user()
}
