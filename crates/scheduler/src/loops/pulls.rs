//! Lists that campaigns pull by themselves, when their turn has come.

use relance_domain::campaign::state::CampaignState;
use relance_domain::pull::Pull;
use relance_store::pull::PullTurn;

use crate::{Engine, Result};

/// Pulls what is due; tells how many lists were made. A pull that fails is told, kept with the reason, and tried again when it
/// is due again. Of several nodes one takes a turn.
pub(super) async fn run_once(engine: &Engine) -> Result<u64> {
    let mut made = 0;
    for campaign in engine.store.campaigns().await? {
        if campaign.state != CampaignState::Running {
            continue;
        }
        let definition = engine.definition(campaign.id, campaign.version).await?;
        if definition.pulls.iter().all(|pull| pull.every.is_none()) {
            continue;
        }
        let turns = engine.store.pull_turns(Some(campaign.id)).await?;
        for pull in &definition.pulls {
            let Some(every) = pull.every else { continue };
            let now = engine.now();
            let due_since = every.before(now);
            if is_over(pull, &turns, due_since)
                && engine.store.begin_pull(campaign.id, &pull.name, due_since, now).await?
            {
                match engine.turn(&campaign, &definition, pull, now).await {
                    Ok(report) => made += u64::from(report.list.is_some()),
                    Err(error) => {
                        tracing::warn!(campaign = campaign.campaign, pull = pull.name, %error, "pull.failed");
                    }
                }
            }
        }
    }
    Ok(made)
}

/// Whether the latest turn lies so far back that another one is due, as far as it was looked at: the store decides.
fn is_over(pull: &Pull, turns: &[PullTurn], due_since: jiff::Timestamp) -> bool {
    turns.iter().find(|turn| turn.pull == pull.name).is_none_or(|turn| turn.pulled_at <= due_since)
}
