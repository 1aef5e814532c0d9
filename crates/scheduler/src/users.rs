//! Adding, listing and disabling users; who is away.

use jiff::Timestamp;
use relance_domain::abilities::Abilities;
use relance_domain::user::{Role, check_user_name};
use relance_store::user::{Away, NewUser, User};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Engine, Error, Result};

/// A new user's token. It is shown once: only its hash is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewToken {
    /// The user.
    pub user: User,
    /// What they sign in with.
    pub token: String,
}

impl Engine {
    /// Adds a user and makes their token.
    pub async fn add_user(&self, name: &str, role: Role, abilities: Abilities) -> Result<NewToken> {
        let token = format!("rl_{}", self.chance.word());
        let user = self.add_with(name, role, &token, abilities).await?;
        Ok(NewToken { user, token })
    }

    /// Adds a user with a token that is known already.
    pub async fn add_user_with_token(&self, name: &str, role: Role, token: &str) -> Result<User> {
        self.add_with(name, role, token, Abilities::default()).await
    }

    async fn add_with(&self, name: &str, role: Role, token: &str, abilities: Abilities) -> Result<User> {
        check_user_name(name).map_err(|error| Error::field("the user", "name", error.to_string()))?;
        let abilities = checked(abilities)?;
        let new = NewUser { name: name.to_owned(), role, token_sha256: sha256_of(token), abilities };
        Ok(self.store.add_user(&new, self.now()).await?)
    }

    /// The user who signs in with this token, unless disabled.
    pub async fn user_of_token(&self, token: &str) -> Result<Option<User>> {
        Ok(self.store.user_by_token(&sha256_of(token)).await?)
    }

    /// Everybody, by name.
    pub async fn users(&self) -> Result<Vec<User>> {
        Ok(self.store.users().await?)
    }

    /// Says that a user is away, from now unless told, until an instant to come.
    pub async fn set_away(&self, name: &str, from: Option<Timestamp>, until: Timestamp) -> Result<User> {
        let now = self.now();
        let away = Away { from: from.unwrap_or(now), until };
        if until <= now || until <= away.from {
            let message = format!("is {until}: name an instant after {}", away.from.max(now));
            return Err(Error::field("the absence", "until", message));
        }
        Ok(self.store.set_away(name, Some(away)).await?)
    }

    /// Says that a user is back.
    pub async fn end_away(&self, name: &str) -> Result<User> {
        Ok(self.store.set_away(name, None).await?)
    }

    /// Says anew what a user can do; what is absent stays.
    pub async fn set_abilities(&self, name: &str, abilities: Abilities) -> Result<User> {
        let abilities = checked(abilities)?;
        if abilities == Abilities::default() {
            return Err(Error::field(
                "the change",
                "skills",
                "is missing, and so is `languages`: give at least one of them",
            ));
        }
        Ok(self.store.set_abilities(name, &abilities).await?)
    }

    /// Locks a user out; their personal callbacks become anybody's.
    pub async fn disable_user(&self, name: &str) -> Result<User> {
        Ok(self.store.disable_user(name, self.now()).await?)
    }
}

fn checked(abilities: Abilities) -> Result<Abilities> {
    abilities.checked().map_err(|problems| Error::Invalid { what: "what the user can do", problems })
}

fn sha256_of(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
