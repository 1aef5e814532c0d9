//! Outcomes that came late, for review.

use relance_domain::{LateOutcomeId, UserId};
use relance_store::late::{LateFilter, LateOutcome, NewReview};

use crate::{Engine, Error, Result};

/// The longest note of a review, in characters.
const NOTE_MAX: usize = 4_000;

impl Engine {
    /// Late outcomes, the newest first: all, those that nobody has reviewed or those that somebody has.
    pub async fn late_outcomes(
        &self,
        open: Option<bool>,
        campaign: Option<&str>,
        before: Option<LateOutcomeId>,
        limit: i64,
    ) -> Result<Vec<LateOutcome>> {
        let campaign = match campaign {
            Some(name) => Some(self.store.campaign(name).await?.id),
            None => None,
        };
        Ok(self.store.late_outcomes(&LateFilter { open, campaign, before, limit }).await?)
    }

    /// Keeps what a supervisor says of a late outcome. The same note again gets the same answer, another one is refused.
    pub async fn review_late_outcome(
        &self,
        late_outcome: LateOutcomeId,
        note: &str,
        by: Option<UserId>,
    ) -> Result<LateOutcome> {
        let note = note.trim();
        let wrong = |message: String| Err(Error::field("the review", "note", message));
        match note.chars().count() {
            0 => wrong("is empty: say what was done about it".to_owned()),
            1..=NOTE_MAX => {
                let new = NewReview { late_outcome, by, note: note.to_owned() };
                Ok(self.store.review_late_outcome(&new, self.now()).await?)
            }
            length => wrong(format!("has {length} characters: {NOTE_MAX} are the most")),
        }
    }
}
