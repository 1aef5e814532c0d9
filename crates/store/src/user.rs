//! Users as they are stored.

use jiff::Timestamp;
use relance_domain::UserId;
use relance_domain::abilities::Abilities;
use relance_domain::user::Role;
use serde::{Deserialize, Serialize};

/// A user to be added.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The name they are known by; checked.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// SHA-256 of their token, in lower-case hexadecimal. The token itself is not stored.
    pub token_sha256: String,
    /// What they can do; checked.
    pub abilities: Abilities,
}

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct User {
    /// Key.
    pub id: UserId,
    /// The name they are known by.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
    /// Locked out since.
    pub disabled_at: Option<Timestamp>,
    /// When they keep no promises.
    #[serde(default)]
    pub away: Option<Away>,
    /// Skills, as campaigns name them.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Languages they speak, by ISO 639-1 code.
    #[serde(default)]
    pub languages: Vec<String>,
}

/// From when until when somebody is away. A personal promise that may be kept meanwhile is anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Away {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant at which they are back: later than `from`.
    pub until: Timestamp,
}
