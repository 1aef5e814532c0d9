//! Orders: the form while it is typed, and what becomes of it.

use async_trait::async_trait;
use jiff::Timestamp;
use relance_domain::AssignmentId;
use relance_domain::assignment::Ending;
use relance_domain::outcome::OrderReport;

use crate::Result;
use crate::assignment::Holder;

/// What the engine asks of a database about orders. A part of [`crate::Store`].
#[async_trait]
pub trait Orders: Send + Sync {
    /// Keeps what an operator has typed so far, if it rests on what is kept. The same again tells the same.
    async fn save_order_draft(&self, draft: &NewDraft, now: Timestamp) -> Result<DraftSaved>;
    /// What the operator of an assignment has typed for its lead: in this assignment, or in an earlier one of theirs that ended
    /// without an outcome.
    async fn order_draft(&self, assignment: AssignmentId) -> Result<Option<Draft>>;
}

/// What an operator has typed so far.
#[derive(Debug, Clone)]
pub struct NewDraft {
    /// The operator, with the assignment that they hold.
    pub holder: Holder,
    /// The version that it rests on; 0 where none was kept.
    pub rests_on: i64,
    /// The form.
    pub form: OrderReport,
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftSaved {
    /// It is kept, as this version.
    As(i64),
    /// Another version is kept by now; nothing was changed.
    Outdated(i64),
    /// The assignment has ended.
    Ended(Ending),
    /// The operator has no such assignment, or the token is not its token.
    NotYours,
}

/// A form that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What the next save rests on: 0 where the draft is of an earlier assignment.
    pub version: i64,
    /// The form.
    pub form: OrderReport,
    /// When it was saved.
    pub saved_at: Timestamp,
}
