//! Campaigns and their versions.

use jiff::Timestamp;
use relance_domain::campaign::state::{CampaignEvent, CampaignState};
use relance_domain::definition::Definition;
use relance_domain::{CampaignId, UserId};
use relance_store::campaign::{Applied, Campaign};
use relance_store::{Result, StoreError};

use super::rows::{Origin, exactly_one, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

#[derive(sqlx::FromRow)]
struct CampaignRow {
    id: i64,
    campaign: String,
    name: String,
    seller: String,
    state: String,
    version: i64,
    created_at_ms: i64,
}

impl CampaignRow {
    fn into_campaign(self) -> Result<Campaign> {
        let origin = Origin::new("campaign", self.id);
        Ok(Campaign {
            id: CampaignId(self.id),
            campaign: self.campaign,
            name: self.name,
            seller: self.seller,
            state: origin.word("state", &self.state)?,
            version: self.version,
            created_at: origin.instant("created_at_ms", self.created_at_ms)?,
        })
    }
}

pub(super) async fn apply(
    connection: &mut Connection,
    definition: &Definition,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<Applied> {
    let text = to_json(definition);
    take_turn(&mut *connection, &definition.campaign).await?;
    let row = sqlx::query_as::<Engine, CampaignRow>(
        "-- campaign: make it a draft, or lock the one that is there
        INSERT INTO campaign (campaign, name, seller, state, version, created_at_ms) VALUES ($1, $2, $3, 'draft', 0, $4)
        ON CONFLICT (campaign) DO UPDATE SET campaign = excluded.campaign
        RETURNING id, campaign, name, seller, state, version, created_at_ms",
    )
    .bind(&definition.campaign)
    .bind(&definition.name)
    .bind(&definition.seller)
    .bind(now.as_millisecond())
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    let present = row.into_campaign()?;
    if present.state == CampaignState::Finished {
        return Err(StoreError::Conflict(format!(
            "campaign {} is finished: apply it under another name",
            present.campaign
        )));
    }
    if present.version > 0 && self::definition(&mut *connection, present.id, present.version).await? == *definition {
        return Ok(Applied { campaign: present, changed: false });
    }
    if present.version > 0 && present.seller != definition.seller {
        return Err(StoreError::Conflict(format!(
            "campaign {} calls for {:?}: its seller cannot change, because caps and objections are counted per seller",
            present.campaign, present.seller
        )));
    }
    sqlx::query(
        "-- campaign: keep the new version
        INSERT INTO campaign_version (campaign_id, version, definition, applied_at_ms, applied_by) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(present.id.0)
    .bind(present.version + 1)
    .bind(text)
    .bind(now.as_millisecond())
    .bind(by.map(|user| user.0))
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let campaign = sqlx::query_as::<Engine, CampaignRow>(
        "-- campaign: the new version is the present one
        UPDATE campaign SET version = version + 1, name = $2 WHERE id = $1
        RETURNING id, campaign, name, seller, state, version, created_at_ms",
    )
    .bind(present.id.0)
    .bind(&definition.name)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?
    .into_campaign()?;
    note_change(connection, campaign.id).await?;
    Ok(Applied { campaign, changed: true })
}

/// Waits for the hand-outs that are under way, and not for those that come later.
async fn take_turn(connection: &mut Connection, campaign: &str) -> Result<()> {
    for statement in dialect::CAMPAIGN_TURN {
        sqlx::query(*statement).bind(campaign).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

/// Keeps where a campaign stands from now on, and which hand-out was the last before.
async fn note_change(connection: &mut Connection, campaign: CampaignId) -> Result<()> {
    let noted = sqlx::query(
        "-- campaign: what it is from now on, for whoever verifies hand-outs later
        INSERT INTO campaign_change (campaign_id, state, version, after_assignment_id)
        SELECT id, state, version, (SELECT COALESCE(MAX(id), 0) FROM assignment) FROM campaign WHERE id = $1",
    )
    .bind(campaign.0)
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(noted.rows_affected(), "campaign change")
}

pub(super) async fn all(connection: &mut Connection) -> Result<Vec<Campaign>> {
    sqlx::query_as::<Engine, CampaignRow>(
        "-- campaign: all
        SELECT id, campaign, name, seller, state, version, created_at_ms FROM campaign ORDER BY campaign",
    )
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(CampaignRow::into_campaign)
    .collect()
}

pub(super) async fn by_name(connection: &mut Connection, campaign: &str) -> Result<Campaign> {
    sqlx::query_as::<Engine, CampaignRow>(
        "-- campaign: by name
        SELECT id, campaign, name, seller, state, version, created_at_ms FROM campaign WHERE campaign = $1",
    )
    .bind(campaign)
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("campaign", campaign))?
    .into_campaign()
}

pub(super) async fn definition(connection: &mut Connection, campaign: CampaignId, version: i64) -> Result<Definition> {
    let text: Option<String> = sqlx::query_scalar::<Engine, String>(
        "-- campaign: one version
        SELECT definition FROM campaign_version WHERE campaign_id = $1 AND version = $2",
    )
    .bind(campaign.0)
    .bind(version)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    let text = text.ok_or_else(|| StoreError::not_found("campaign version", version))?;
    Origin::new("campaign_version", campaign.0).json("definition", &text)
}

pub(super) async fn change_state(
    connection: &mut Connection,
    campaign: CampaignId,
    event: CampaignEvent,
) -> Result<Campaign> {
    let mut present = sqlx::query_as::<Engine, CampaignRow>(
        "-- campaign: by key
        SELECT id, campaign, name, seller, state, version, created_at_ms FROM campaign WHERE id = $1",
    )
    .bind(campaign.0)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("campaign", campaign))?
    .into_campaign()?;
    let next = present.state.apply(event)?;
    take_turn(&mut *connection, &present.campaign).await?;
    let changed = sqlx::query(
        "-- campaign: change its state
        UPDATE campaign SET state = $3 WHERE id = $1 AND state = $2",
    )
    .bind(campaign.0)
    .bind(present.state.as_str())
    .bind(next.as_str())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(changed.rows_affected(), "campaign state")?;
    note_change(connection, campaign).await?;
    present.state = next;
    Ok(present)
}
