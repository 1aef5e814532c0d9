//! Messages that tell other systems of orders. Each is written in the transaction that makes its news, and waits here until its system
//! has taken it.

use async_trait::async_trait;
use jiff::Timestamp;
use relance_domain::{MessageId, OrderId, Span};
use serde::{Deserialize, Serialize};

use crate::Result;

/// What the engine asks of a database about messages. A part of [`crate::Store`].
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes messages of a system that are due, under a lease: nobody else takes them before it is over. Of a system that is taken
    /// to be away none is taken while it is left alone, and then one.
    async fn claim_messages(&self, claim: &MessageClaim, now: Timestamp) -> Result<Vec<Message>>;
    /// The system has taken a message; tells whether the lease was still that of whoever sent it. A system that was away is back:
    /// whatever waits for it is due.
    async fn message_taken(&self, message: MessageId, lease: &str, now: Timestamp) -> Result<bool>;
    /// The system has not taken a message: it is tried again, or given up.
    async fn message_not_taken(&self, failure: &NotTaken, now: Timestamp) -> Result<bool>;
    /// Every system that has messages, by name.
    async fn sinks(&self, now: Timestamp) -> Result<Vec<SinkState>>;
    /// Messages that wait or were given up, the oldest first.
    async fn messages(&self, filter: &MessageFilter) -> Result<Vec<MessageState>>;
    /// Sends messages again that were taken or given up, as they were; tells how many.
    async fn replay_messages(&self, replay: &Replay, now: Timestamp) -> Result<u64>;
    /// Removes at most `limit` messages that were taken before an instant; tells how many.
    async fn forget_messages(&self, taken_before: Timestamp, limit: i64) -> Result<u64>;
}

/// A system to be told of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToTell {
    /// Its name in the settings.
    pub sink: String,
    /// What the system knows the message by, however often it is sent.
    pub message: String,
    /// How long it is tried before it is given up.
    pub give_up_after: Span,
}

/// Who takes messages.
#[derive(Debug, Clone)]
pub struct MessageClaim {
    /// Of which system.
    pub sink: String,
    /// What proves the lease.
    pub lease: String,
    /// How long it lasts.
    pub lease_until: Timestamp,
    /// At most so many.
    pub limit: i64,
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Key.
    pub id: MessageId,
    /// What the system knows it by.
    pub message: String,
    /// What is sent, byte for byte.
    pub payload: String,
    /// How often it was tried, this time included.
    pub tries: i64,
}

/// A try that failed.
#[derive(Debug, Clone)]
pub struct NotTaken {
    /// The message.
    pub message: MessageId,
    /// What proves the lease.
    pub lease: String,
    /// In words, without anything of the message.
    pub why: String,
    /// Whether the system itself is away, rather than refusing this one message.
    pub away: bool,
    /// When it is tried again; at the end of its span where that comes first.
    pub next_at: Timestamp,
}

/// How a system stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SinkState {
    /// Its name in the settings.
    pub sink: String,
    /// Messages that wait.
    pub waiting: i64,
    /// Since when the oldest of them does.
    pub oldest_at: Option<Timestamp>,
    /// Messages that were given up. They can be sent again.
    pub dead: i64,
    /// Messages that were taken and are still kept.
    pub taken: i64,
    /// How often in a row the system did not answer.
    pub failures: i64,
    /// Until when it is left alone.
    pub rests_until: Option<Timestamp>,
}

/// Which messages to show.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// Of one system.
    pub sink: Option<String>,
    /// After this one.
    pub after: Option<MessageId>,
    /// At most so many.
    pub limit: i64,
}

/// A message that waits or was given up, without what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MessageState {
    /// Key.
    pub id: MessageId,
    /// What the system knows it by.
    pub message: String,
    /// The system.
    pub sink: String,
    /// The order that it tells of.
    pub order: OrderId,
    /// The order's number.
    pub number: String,
    /// What happened to it.
    pub event: String,
    /// Counts what happened to the order.
    pub sequence: i64,
    /// `waiting` or `dead`.
    pub state: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub tries: i64,
    /// Why it was not taken the last time.
    pub last_error: Option<String>,
}

/// Which messages are sent again.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    /// This one.
    pub message: Option<MessageId>,
    /// Of one system.
    pub sink: Option<String>,
    /// Those that were written at this instant or later.
    pub since: Option<Timestamp>,
}
