//! Where operators wait for leads.

use std::sync::{Arc, Mutex};

use relance_domain::campaign::state::CampaignState;
use relance_domain::eligibility::Law;
use relance_domain::lane_openings::LaneOpenings;
use relance_domain::rules::RuleSet;
use relance_domain::{AssignmentId, CampaignId, UserId};
use relance_store::Store;
use relance_store::StoreError;
use relance_store::claim::{Answer, Batch, Claimed, Request, RunningCampaign};

use crate::desk::{Clerk, Desk};
use crate::{Chance, Clock, Error, Result};

/// How often the campaigns are loaded again for one batch before it is given up as busy.
const RELOADS_MAX: u32 = 5;
/// How often an operator asks again by itself after a transaction that only moved candidates away.
const ROUNDS_MAX: u32 = 20;

/// Hands leads out.
pub(crate) struct ClaimClerk {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    rules: Arc<RuleSet>,
    campaigns: Vec<Arc<RunningCampaign>>,
    /// What is known of their lanes.
    openings: Arc<Mutex<LaneOpenings>>,
}

/// An operator who waits, for a lead of one campaign if they say so.
pub(crate) struct Waiting {
    operator: UserId,
    campaign: Option<CampaignId>,
}

impl ClaimClerk {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        rules: Arc<RuleSet>,
    ) -> Self {
        Self { store, clock, chance, rules, campaigns: Vec::new(), openings: Arc::default() }
    }
}

impl Desk<ClaimClerk> {
    /// Waits for a lead; `None` when nobody is callable.
    pub(crate) async fn next(&self, operator: UserId, campaign: Option<CampaignId>) -> Result<Option<AssignmentId>> {
        for _ in 0..ROUNDS_MAX {
            match self.ask(Waiting { operator, campaign }).await? {
                Claimed::Assignment(assignment) => return Ok(Some(assignment)),
                Claimed::Nobody => return Ok(None),
                Claimed::Disabled => return Err(Error::Disabled),
                Claimed::AskAgain => {}
            }
        }
        Err(busy("the queue is being sorted: ask again").into())
    }
}

fn busy(why: &'static str) -> StoreError {
    StoreError::Busy(why.into())
}

impl Clerk for ClaimClerk {
    type Request = Waiting;
    type Answer = Claimed;
    const BATCH_SIZE: &'static str = "relance_claim_batch_size";

    async fn serve(&mut self, waiting: &[Waiting]) -> std::result::Result<Vec<Claimed>, StoreError> {
        let requests: Vec<Request> = waiting
            .iter()
            .map(|w| Request { operator: w.operator, campaign: w.campaign, token: self.chance.word() })
            .collect();
        for _ in 0..RELOADS_MAX {
            let batch = Batch {
                requests: requests.clone(),
                campaigns: self.campaigns.clone(),
                openings: Arc::clone(&self.openings),
            };
            match self.store.claim(&batch, self.clock.now()).await? {
                Answer::Served(answers) => return Ok(answers),
                Answer::Outdated => {
                    // No decision rests on rules that are not kept.
                    self.store.use_rules(&self.rules, self.clock.now()).await?;
                    self.campaigns = running_campaigns(self.store.as_ref(), &self.rules).await?;
                    // Another definition is another law.
                    self.openings = Arc::default();
                }
            }
        }
        Err(busy("the campaigns keep changing: ask again"))
    }
}

/// The definitions of the running campaigns, in the order of their keys.
async fn running_campaigns(
    store: &dyn Store,
    rules: &Arc<RuleSet>,
) -> std::result::Result<Vec<Arc<RunningCampaign>>, StoreError> {
    let mut running = Vec::new();
    for campaign in store.campaigns().await? {
        if campaign.state == CampaignState::Running {
            let definition = store.definition(campaign.id, campaign.version).await?;
            let law = Law::of(&definition, rules);
            running.push(Arc::new(RunningCampaign { id: campaign.id, version: campaign.version, definition, law }));
        }
    }
    running.sort_by_key(|campaign| campaign.id);
    Ok(running)
}
