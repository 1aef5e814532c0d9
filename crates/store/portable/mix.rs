//! The shares of a campaign's lists in its queue.

use relance_domain::{CampaignId, ListId};
use relance_store::list::List;
use relance_store::{Result, StoreError};

use super::list;
use super::rows::exactly_one;
use crate::connect::failed;
use crate::{Connection, Engine};

pub(super) async fn set(
    connection: &mut Connection,
    campaign: CampaignId,
    shares: &[(ListId, u32)],
) -> Result<Vec<List>> {
    for (list, weight) in shares {
        let changed = sqlx::query(
            "-- mix: a list's share of the queue
            UPDATE list SET weight = $3 WHERE id = $1 AND campaign_id = $2 AND state = 'loaded'",
        )
        .bind(list.0)
        .bind(campaign.0)
        .bind(i64::from(*weight))
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::not_found("loaded list of this campaign", list));
        }
        exactly_one(changed.rows_affected(), "list")?;
    }
    let something = sqlx::query_scalar::<Engine, bool>(
        "-- mix: is anything left to be handed out?
        SELECT EXISTS (SELECT 1 FROM list WHERE campaign_id = $1 AND state = 'loaded' AND COALESCE(weight, 1) > 0)",
    )
    .bind(campaign.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    if !something {
        return Err(StoreError::Conflict(
            "the mix adds up to nothing: give at least one list of the campaign a share of 1 or more, or pause the campaign".into(),
        ));
    }
    list::all(connection, Some(campaign)).await
}
