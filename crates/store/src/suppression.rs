//! The keys that suppressions are hashed with, and replacing one. See [`relance_domain::suppression`].

use serde::{Deserialize, Serialize};

/// A key that the database's suppressions are hashed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownKey {
    /// Its version, from 1.
    pub version: i64,
    /// Whether this node's key of that version is the same one.
    pub matches: bool,
}

/// One bounded step of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NestStep {
    /// Rows that were nested to the newest key.
    pub nested: i64,
    /// The row after which the next step begins; none when no row of an older key was left.
    pub next: Option<i64>,
}

/// What a rotation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeyRotation {
    /// The version that every suppression is hashed with now.
    pub version: i64,
    /// Suppressions that had an older one.
    pub nested: i64,
}
