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
    /// Skills, as campaigns name them.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Languages they speak, by ISO 639-1 code.
    #[serde(default)]
    pub languages: Vec<String>,
}
