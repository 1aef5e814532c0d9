//! What can go wrong in a store.

use relance_domain::campaign::state::InvalidTransition;
use relance_domain::phone::mask;

/// Shorthand for results of stores.
pub type Result<T> = std::result::Result<T, StoreError>;

/// What went wrong in a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing.
    #[error("there is no {what} {which:?}")]
    NotFound {
        /// The kind of thing.
        what: &'static str,
        /// Which one was asked for. Never a phone number.
        which: String,
    },
    /// It contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// This node cannot look suppressions up: it lacks a key, or has another one, than the database's rows are hashed with. The
    /// text says which setting is to be corrected, and no key.
    #[error("{0}")]
    WrongKey(String),
    /// The campaign cannot do that now.
    #[error(transparent)]
    Transition(#[from] InvalidTransition),
    /// Another transaction was in the way; the same call may succeed now.
    #[error("the database is busy")]
    Busy(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database does not answer.
    #[error("the database cannot be reached")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database went away, or did not answer in time, when the change was being committed: it may have been made or not. The same
    /// call again is safe: it finds what was done, or does it.
    #[error("the database went away while it was asked to commit: whether the change was made is not known")]
    InDoubt(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database may be read and not written: its file or its disk is read-only, or it is a standby.
    #[error("the database takes no writes: make its file and its folder writable, or name the server that takes them")]
    ReadOnly(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database has no room left.
    #[error("the database's disk is full: nothing was changed; make room and try again")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A stored row is not what this program can have written.
    #[error("the database holds a {table} row {row} whose {column} cannot be read")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's id.
        row: i64,
    },
    /// Anything else the database says.
    #[error("the database refused")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// From so many digits on a text may be a national number.
const PHONE_DIGITS_MIN: usize = 9;

impl StoreError {
    /// There is no such thing. Somebody may have typed a phone where a key belongs: it is masked.
    pub fn not_found(what: &'static str, which: impl ToString) -> Self {
        let which = which.to_string();
        let may_be_a_phone = which.bytes().filter(u8::is_ascii_digit).count() >= PHONE_DIGITS_MIN;
        Self::NotFound { what, which: if may_be_a_phone { mask(&which) } else { which } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_found_shows_no_phone() {
        for (which, shown) in [("12", "12"), ("fibre-winback", "fibre-winback"), ("12125550134", "121••••••34")]
        {
            assert_eq!(StoreError::not_found("client", which).to_string(), format!("there is no client {shown:?}"));
        }
    }
}
