//! Personal callbacks whose operator does not come are anybody's after the campaign's grace, and at once when the operator is
//! away.

use relance_domain::campaign::state::CampaignState;

use super::ROWS_MAX;
use crate::{Engine, Result};

/// One bounded round; tells how many callbacks are anybody's now.
pub(super) async fn run_once(engine: &Engine) -> Result<u64> {
    let mut escalated = 0;
    for campaign in engine.store.campaigns().await? {
        if campaign.state != CampaignState::Running {
            continue;
        }
        let policy = engine.definition(campaign.id, campaign.version).await?.callbacks;
        let overdue_since = policy.personal_grace.before(engine.now());
        escalated += engine.store.escalate_callbacks(campaign.id, overdue_since, engine.now(), ROWS_MAX).await?;
    }
    Ok(escalated)
}
