//! Requests that carry an `Idempotency-Key`.

use jiff::Timestamp;
use relance_domain::UserId;

/// A request to be answered once.
#[derive(Debug, Clone)]
pub struct Request {
    /// Whose.
    pub user: UserId,
    /// Its key.
    pub key: String,
    /// SHA-256 over method, path and body.
    pub request_sha256: String,
    /// A reservation from before this instant was left by a node that died; it may be taken over.
    pub stale_before: Timestamp,
}

/// What became of the reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reservation {
    /// Go on; keep the answer afterwards.
    Yours,
    /// It was answered so.
    Answered(KeptAnswer),
    /// It is being answered.
    InProgress,
    /// The key came with another request before.
    OtherRequest,
}

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}
