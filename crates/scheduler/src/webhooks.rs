//! Telling other systems of orders: the port to them, and one round of sending.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use relance_domain::order::state::OrderEventKind;
use relance_domain::webhook::next_try;
use relance_domain::{CampaignId, MessageId, Span};
use relance_store::StoreError;
use relance_store::webhook::{Message, MessageClaim, MessageFilter, MessageState, NotTaken, Replay, SinkState, ToTell};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::{Engine, Error, Result};

/// Messages that one round sends to one system at the same time.
const AT_ONCE: i64 = 8;
/// How long a system may take for one message.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(15);
/// How long whoever sends a message keeps it from the other nodes: well above the time that sending may take.
const LEASE: Span = Span::of_seconds(60);
/// How long messages that were taken are kept, to be sent again on request.
const KEPT: Span = Span::days(30);
/// Messages removed in one round.
const FORGOTTEN_AT_ONCE: i64 = 1_000;

/// The other systems, kept at the edge.
#[async_trait]
pub trait Webhooks: Send + Sync + 'static {
    /// The systems that this node has an address and a secret of, by name.
    fn sinks(&self) -> Vec<String>;
    /// Sends a message, signed, and tells whether it was taken.
    async fn send(&self, sink: &str, delivery: &Delivery) -> std::result::Result<(), NotDelivered>;
}

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What the system knows it by: the header `webhook-id`.
    pub id: String,
    /// When it is sent: the header `webhook-timestamp`.
    pub at: Timestamp,
    /// What is sent, byte for byte.
    pub payload: String,
}

/// Why a message was not taken. It holds nothing of the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDelivered {
    /// The system answered with another status than one of success.
    #[error("it answered with status {0}")]
    Status(u16),
    /// It did not answer in time.
    #[error("it did not answer within {} seconds", DELIVERY_TIMEOUT.as_secs())]
    TooSlow,
    /// It could not be reached.
    #[error("it cannot be reached: {0}")]
    Away(String),
}

impl NotDelivered {
    /// Whether the system itself is away, rather than refusing this one message.
    fn is_away(&self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 408 | 410 | 429 | 500..=599),
            Self::TooSlow | Self::Away(_) => true,
        }
    }
}

/// A node without other systems.
pub(crate) struct NoWebhooks;

#[async_trait]
impl Webhooks for NoWebhooks {
    fn sinks(&self) -> Vec<String> {
        Vec::new()
    }

    async fn send(&self, sink: &str, _: &Delivery) -> std::result::Result<(), NotDelivered> {
        Err(NotDelivered::Away(format!("this node knows no system {sink:?}")))
    }
}

/// What one round of sending did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    /// Messages that were taken.
    pub taken: u64,
    /// Messages that were not.
    pub not_taken: u64,
}

/// How the other systems stand, and the messages that wait for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WebhookOverview {
    /// The systems, by name.
    pub sinks: Vec<SinkOverview>,
    /// Messages that wait or were given up, the oldest first, without what they say.
    pub rows: Vec<MessageState>,
    /// Where the next page begins; none on the last.
    pub next: Option<MessageId>,
}

/// How a system stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SinkOverview {
    /// How it stands.
    #[serde(flatten)]
    pub state: SinkState,
    /// Whether the node that answers has its address and secret; without them messages wait for a node that has.
    pub known_here: bool,
}

impl Engine {
    /// The same engine with other systems to tell of orders; without them it knows none, and messages wait.
    #[must_use]
    pub fn with_webhooks(self, webhooks: Arc<dyn Webhooks>) -> Self {
        Self { webhooks, ..self }
    }

    /// Whom a campaign tells of something that happens to its orders. The present definition counts.
    pub(crate) async fn to_tell(&self, campaign: CampaignId, event: OrderEventKind) -> Result<Vec<ToTell>> {
        let campaigns = self.store.campaigns().await?;
        let Some(present) = campaigns.iter().find(|known| known.id == campaign) else { return Ok(Vec::new()) };
        let definition = self.definition(campaign, present.version).await?;
        let told = definition.order.webhooks.iter().filter(|webhook| webhook.on.contains(&event));
        let to_tell = told.map(|webhook| ToTell {
            sink: webhook.sink.clone(),
            message: format!("msg_{}", self.chance.word()),
            give_up_after: webhook.give_up_after,
        });
        Ok(to_tell.collect())
    }

    /// How the other systems stand, and a page of the messages that wait or were given up.
    pub async fn webhooks(&self, filter: &MessageFilter) -> Result<WebhookOverview> {
        let known = self.webhooks.sinks();
        let mut sinks = self.store.sinks(self.now()).await?;
        for sink in known.iter().filter(|sink| filter.sink.as_ref().is_none_or(|wanted| wanted == *sink)) {
            if !sinks.iter().any(|state| state.sink == *sink) {
                sinks.push(SinkState { sink: sink.clone(), ..SinkState::default() });
            }
        }
        sinks.retain(|state| filter.sink.as_ref().is_none_or(|wanted| *wanted == state.sink));
        if let (Some(wanted), true) = (&filter.sink, sinks.is_empty()) {
            return Err(StoreError::not_found("system to be told of orders", wanted).into());
        }
        sinks.sort_by(|one, other| one.sink.cmp(&other.sink));
        let mut rows = self.store.messages(&MessageFilter { limit: filter.limit + 1, ..filter.clone() }).await?;
        let more = i64::try_from(rows.len()).is_ok_and(|found| found > filter.limit);
        if more {
            rows.pop();
        }
        let next = rows.last().filter(|_| more).map(|message| message.id);
        let overview = |state: SinkState| SinkOverview { known_here: known.contains(&state.sink), state };
        Ok(WebhookOverview { sinks: sinks.into_iter().map(overview).collect(), rows, next })
    }

    /// Sends messages again that were taken or given up; tells how many.
    pub async fn replay_webhooks(&self, replay: &Replay) -> Result<u64> {
        if replay.message.is_none() && replay.since.is_none() {
            let message = "is missing: say which message, or since when messages are sent again";
            return Err(Error::field("the replay", "since", message));
        }
        Ok(self.store.replay_messages(replay, self.now()).await?)
    }

    /// One round of sending to every system that this node knows, all at the same time: one that is away holds no other up.
    pub async fn send_webhooks(&self) -> Result<Sent> {
        let mut rounds: JoinSet<Result<Sent>> = JoinSet::new();
        for sink in self.webhooks.sinks() {
            let engine = self.clone();
            rounds.spawn(async move { engine.send_to(&sink).await });
        }
        let mut all = Sent::default();
        while let Some(round) = rounds.join_next().await {
            let sent = round.map_err(|_| Error::ShuttingDown)??;
            all = Sent { taken: all.taken + sent.taken, not_taken: all.not_taken + sent.not_taken };
        }
        Ok(all)
    }

    /// Forgets messages that were taken long ago.
    pub(crate) async fn forget_messages(&self) -> Result<()> {
        while self.store.forget_messages(KEPT.before(self.now()), FORGOTTEN_AT_ONCE).await? > 0 {}
        Ok(())
    }

    /// One round of sending to one system: at most so many messages at the same time, each within its time.
    pub async fn send_to(&self, sink: &str) -> Result<Sent> {
        let now = self.now();
        let lease = self.chance.word();
        let claim = MessageClaim { sink: sink.to_owned(), lease, lease_until: LEASE.after(now), limit: AT_ONCE };
        let mut tries = JoinSet::new();
        for message in self.store.claim_messages(&claim, now).await? {
            let (engine, sink, lease) = (self.clone(), claim.sink.clone(), claim.lease.clone());
            tries.spawn(async move { engine.send_one(&sink, &lease, message).await });
        }
        let mut sent = Sent::default();
        while let Some(tried) = tries.join_next().await {
            match tried.map_err(|_| Error::ShuttingDown)?? {
                true => sent.taken += 1,
                false => sent.not_taken += 1,
            }
        }
        Ok(sent)
    }

    /// Sends one message and keeps what became of it; tells whether it was taken.
    async fn send_one(&self, sink: &str, lease: &str, message: Message) -> Result<bool> {
        let delivery = Delivery { id: message.message, at: self.now(), payload: message.payload };
        let sending = tokio::time::timeout(DELIVERY_TIMEOUT, self.webhooks.send(sink, &delivery));
        let answer = sending.await.unwrap_or(Err(NotDelivered::TooSlow));
        let outcome = if answer.is_ok() { "taken" } else { "not_taken" };
        metrics::counter!("relance_webhook_tries_total", "outcome" => outcome).increment(1);
        let Err(fault) = answer else {
            self.store.message_taken(message.id, lease, self.now()).await?;
            return Ok(true);
        };
        tracing::warn!(sink, message = message.id.0, tries = message.tries, %fault, "webhook.not_taken");
        let now = self.now();
        let failure = NotTaken {
            message: message.id,
            lease: lease.to_owned(),
            why: fault.to_string(),
            away: fault.is_away(),
            next_at: next_try(now, message.tries, self.dice()),
        };
        self.store.message_not_taken(&failure, now).await?;
        Ok(false)
    }

    /// A number from 0 to 1,000 out of a random word.
    fn dice(&self) -> u64 {
        self.chance.word().bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))) % 1_001
    }
}
