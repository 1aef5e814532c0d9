//! Where operators wait for leads. Requests that come while a batch is being served are served together in the next;
//! one alone is served at once.

use std::sync::{Arc, Mutex};

use relance_domain::campaign::state::CampaignState;
use relance_domain::eligibility::Law;
use relance_domain::lane_openings::LaneOpenings;
use relance_domain::rules::RuleSet;
use relance_domain::{AssignmentId, CampaignId, UserId};
use relance_store::Store;
use relance_store::StoreError;
use relance_store::claim::{Answer, Batch, Claimed, Request, RunningCampaign};
use tokio::sync::{mpsc, oneshot};

use crate::{Chance, Clock, Error, Result};

/// Most operators served by one transaction.
const BATCH_MAX: usize = 64;
/// How often the campaigns are loaded again for one batch before it is given up as busy.
const RELOADS_MAX: u32 = 5;
/// How often an operator asks again by itself after a transaction that only moved candidates away.
const ROUNDS_MAX: u32 = 20;

/// A handle to the desk.
#[derive(Clone)]
pub(crate) struct ClaimDesk {
    queue: mpsc::Sender<Waiting>,
}

struct Waiting {
    operator: UserId,
    campaign: Option<CampaignId>,
    answer: oneshot::Sender<Result<Claimed>>,
}

impl ClaimDesk {
    /// Opens a desk; it closes when its last handle is gone.
    pub(crate) fn open(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        rules: Arc<RuleSet>,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(1_024);
        tokio::spawn(
            Clerk { store, clock, chance, rules, campaigns: Vec::new(), openings: Arc::default() }.work(waiting),
        );
        Self { queue }
    }

    /// Waits for a lead; `None` when nobody is callable.
    pub(crate) async fn next(&self, operator: UserId, campaign: Option<CampaignId>) -> Result<Option<AssignmentId>> {
        for _ in 0..ROUNDS_MAX {
            let (answer, answered) = oneshot::channel();
            self.queue.send(Waiting { operator, campaign, answer }).await.map_err(|_| Error::ShuttingDown)?;
            match answered.await.map_err(|_| Error::ShuttingDown)?? {
                Claimed::Assignment(assignment) => return Ok(Some(assignment)),
                Claimed::Nobody => return Ok(None),
                Claimed::Disabled => return Err(Error::Disabled),
                Claimed::AskAgain => {}
            }
        }
        Err(busy("the queue is being sorted: ask again").into())
    }
}

/// What each operator of a batch is told that met a database that was away.
fn for_each(error: &StoreError) -> StoreError {
    let cause = "the operators' batch found it away".into();
    match error {
        StoreError::InDoubt(_) => StoreError::InDoubt(cause),
        _ => StoreError::Away(cause),
    }
}

fn busy(why: &'static str) -> StoreError {
    StoreError::Busy(why.into())
}

struct Clerk {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    rules: Arc<RuleSet>,
    campaigns: Vec<Arc<RunningCampaign>>,
    /// What is known of their lanes.
    openings: Arc<Mutex<LaneOpenings>>,
}

impl Clerk {
    async fn work(mut self, mut queue: mpsc::Receiver<Waiting>) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while queue.recv_many(&mut batch, BATCH_MAX).await > 0 {
            // Whoever stopped waiting needs no lead; with a lead they would only keep it until the lease ends.
            batch.retain(|waiting: &Waiting| !waiting.answer.is_closed());
            metrics::histogram!("relance_claim_batch_size").record(batch.len() as f64);
            match self.serve(&batch).await {
                Ok(answers) => {
                    for (waiting, claimed) in batch.drain(..).zip(answers) {
                        // An operator who left meanwhile finds the lead when asking again.
                        let _ = waiting.answer.send(Ok(claimed));
                    }
                }
                // A database that is away would be away for each of them, and each would wait for it.
                Err(error @ (StoreError::Away(_) | StoreError::InDoubt(_))) => {
                    tracing::warn!(%error, operators = batch.len(), "claim.database_away");
                    for waiting in batch.drain(..) {
                        let _ = waiting.answer.send(Err(for_each(&error).into()));
                    }
                }
                Err(error) if batch.len() == 1 => {
                    if let Some(waiting) = batch.pop() {
                        let _ = waiting.answer.send(Err(error.into()));
                    }
                }
                Err(error) => self.serve_each(&mut batch, &error).await,
            }
        }
    }

    /// After a batch that failed as a whole each operator is served alone, so that one cannot spoil it for the others.
    async fn serve_each(&mut self, batch: &mut Vec<Waiting>, error: &StoreError) {
        tracing::warn!(%error, operators = batch.len(), "claim.batch_failed");
        for waiting in std::mem::take(batch) {
            let alone = [waiting];
            let result = self.serve(&alone).await;
            let [waiting] = alone;
            let result = result.map(|answers| answers.first().copied().unwrap_or(Claimed::Nobody));
            let _ = waiting.answer.send(result.map_err(Error::from));
        }
    }

    async fn serve(&mut self, waiting: &[Waiting]) -> std::result::Result<Vec<Claimed>, StoreError> {
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
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
