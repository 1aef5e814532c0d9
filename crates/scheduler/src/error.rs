//! What a use case may answer instead of its result.

use relance_domain::LateOutcomeId;
use relance_domain::assignment::Ending;
use relance_domain::campaign::Problem;
use relance_domain::order::state::OrderRefusal;
use relance_domain::outcome::FieldProblem;
use relance_lists::{ListError, SpoolError};
use relance_store::StoreError;

use crate::sources::SourceError;

/// Shorthand for results of use cases.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a use case was refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store says no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Fields of the request are wrong.
    #[error("{what} cannot be taken as it is")]
    Invalid {
        /// What was sent.
        what: &'static str,
        /// Each field at fault.
        problems: Vec<FieldProblem>,
    },
    /// Campaign or tariff files are wrong.
    #[error("the files have {} problem{}", problems.len(), if problems.len() == 1 { "" } else { "s" })]
    Files {
        /// Each, with file and line.
        problems: Vec<Problem>,
    },
    /// A list file cannot be read.
    #[error(transparent)]
    ListFile(#[from] ListError),
    /// A list file could not be taken in.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// A list cannot be pulled from another database.
    #[error("pull {pull:?}: {error}")]
    Source {
        /// The pull's short name.
        pull: String,
        /// Why.
        error: SourceError,
    },
    /// The operator has no such assignment open, or the token is that of another. Which of the two is not told, so that nobody
    /// learns which assignments there are.
    #[error("assignment {0} is not yours, or the token is not its: ask for the lead you hold, or for the next one")]
    NotYours(relance_domain::AssignmentId),
    /// The assignment ended with another outcome.
    #[error("assignment {0} has ended with another outcome, which stands: tell your supervisor")]
    Contradicts(relance_domain::AssignmentId),
    /// The assignment had ended before the outcome came.
    #[error(
        "the assignment had ended before this outcome came: it is kept for review as late outcome {0}, and the lead is yours no more"
    )]
    Late(LateOutcomeId),
    /// The assignment has ended, so that nothing more can be done with it.
    #[error("assignment {assignment} has ended: {}; ask for the lead you hold, or for the next one", ending.in_words())]
    Ended {
        /// The assignment.
        assignment: relance_domain::AssignmentId,
        /// How it ended.
        ending: Ending,
    },
    /// The order cannot take that.
    #[error(transparent)]
    OrderRefused(#[from] OrderRefusal),
    /// The operator is disabled.
    #[error("the user is disabled")]
    Disabled,
    /// A part of the engine ended unexpectedly.
    #[error("the engine is shutting down")]
    ShuttingDown,
}

impl Error {
    /// One wrong field.
    pub fn field(what: &'static str, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { what, problems: vec![FieldProblem::new(field, message)] }
    }
}
