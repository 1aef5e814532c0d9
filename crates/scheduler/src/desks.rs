//! What is recorded and read at desks: outcomes, what operators see of their leads, people as the calling rules look at them, and the
//! tariffs.

use std::collections::HashMap;
use std::sync::Arc;

use relance_domain::AssignmentId;
use relance_store::claim::HandOut;
use relance_store::outcome::{Record, Recorded};
use relance_store::question::{CallInQuestion, PersonInQuestion};
use relance_store::tariff::StoredTariff;
use relance_store::{Store, StoreError};

use crate::Clock;
use crate::desk::Clerk;

/// Records outcomes. Those that come while some are being committed are committed together.
pub(crate) struct OutcomeClerk {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Clerk for OutcomeClerk {
    type Request = Record;
    type Answer = Recorded;
    const BATCH_SIZE: &'static str = "relance_outcome_batch_size";

    async fn serve(&mut self, records: &[Record]) -> Result<Vec<Recorded>, StoreError> {
        self.store.record_outcomes(records, self.clock.now()).await
    }
}

/// Looks up what operators see of their leads.
pub(crate) struct HandOutClerk {
    pub(crate) store: Arc<dyn Store>,
}

impl Clerk for HandOutClerk {
    type Request = AssignmentId;
    type Answer = Option<HandOut>;
    const BATCH_SIZE: &'static str = "relance_hand_out_batch_size";

    async fn serve(&mut self, assignments: &[AssignmentId]) -> Result<Vec<Option<HandOut>>, StoreError> {
        let found = self.store.hand_outs(assignments).await?;
        let found: HashMap<AssignmentId, HandOut> = found.into_iter().map(|one| (one.assignment, one)).collect();
        Ok(assignments.iter().map(|assignment| found.get(assignment).cloned()).collect())
    }
}

/// Looks up the tariffs as they are now.
pub(crate) struct TariffClerk {
    pub(crate) store: Arc<dyn Store>,
}

impl Clerk for TariffClerk {
    type Request = ();
    type Answer = Arc<[StoredTariff]>;
    const BATCH_SIZE: &'static str = "relance_tariff_batch_size";

    async fn serve(&mut self, asked: &[()]) -> Result<Vec<Arc<[StoredTariff]>>, StoreError> {
        let tariffs: Arc<[StoredTariff]> = self.store.tariffs().await?.into();
        Ok(vec![tariffs; asked.len()])
    }
}

/// Looks people up as the calling rules look at them.
pub(crate) struct PeopleClerk {
    pub(crate) store: Arc<dyn Store>,
}

impl Clerk for PeopleClerk {
    type Request = CallInQuestion;
    type Answer = PersonInQuestion;
    const BATCH_SIZE: &'static str = "relance_person_batch_size";

    async fn serve(&mut self, calls: &[CallInQuestion]) -> Result<Vec<PersonInQuestion>, StoreError> {
        self.store.people_in_question(calls).await
    }
}
